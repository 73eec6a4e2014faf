"""Classification: read what is new with the rules, and send it to the queue or set it aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hub.desk import decide, list_trail, standing_of
from hub.model import Action, Classification, Decision, ItemState, Source
from hub.referentiel import Referentiel
from hub.review import RULE, allows
from hub.store import Session, Store
from hub.store.items import ItemRow, replace_rule_tags, text_of_item
from hub.store.mentions import list_mentions
from hub.tagging.rules import Hints, Tagger

BATCH = 20
"""Items in one transaction: few, because the write lock is held while the rules read."""
NO_SUBJECT = "sans-sujet"
"""The rule that sets aside what no term of the référentiel recognises."""


@dataclass(frozen=True, slots=True)
class Classified:
    read: int = 0
    to_review: int = 0
    set_aside: int = 0


def classify_items(
    store: Store,
    referentiel: Referentiel,
    sources: Sequence[Source],
    now: datetime,
    *,
    everything: bool = False,
) -> Classified:
    """Tag the items that have a version the rules have not read (or all of them).

    An editor's tags and decisions are kept, and so are the tags of what is public: a change of
    the rules never moves a published item. Running it twice changes nothing the second time.
    """
    tagger = Tagger(referentiel)
    by_id = {source.id: source for source in sources}
    query = select(ItemRow.id).order_by(ItemRow.id)
    if not everything:
        query = query.where(ItemRow.tagged_version < ItemRow.version)
    with store.read() as session:
        waiting = session.scalars(query).all()
    moves = []
    for start in range(0, len(waiting), BATCH):
        with store.write() as session:
            for item_id in waiting[start : start + BATCH]:
                item = session.get_one(ItemRow, item_id, with_for_update=True)
                moves.append(_classify_one(session, tagger, by_id, item, now))
    return Classified(len(waiting), moves.count(Action.PROPOSE), moves.count(Action.SET_ASIDE))


def _classify_one(
    session: Session, tagger: Tagger, sources: Mapping[str, Source], item: ItemRow, now: datetime
) -> Action | None:
    voices = [
        sources[m.source_id] for m in list_mentions(session, item.id) if m.source_id in sources
    ]
    text = text_of_item(item, [source.id for source in voices])
    classification = tagger.classify(text, _hints(voices))
    item.tagged_version = item.version
    if not item.state.is_public:  # what readers see was answered for by an editor
        replace_rule_tags(session, item, classification.tags)
    session.flush()
    source = sources.get(item.source_id)
    action = next_action(item.state, classification, is_auto=source is not None and source.auto)
    by = f"{RULE}{_rule_of(classification)}"
    if action is None or not allows(standing_of(item, list_trail(session, item)), action, by):
        return None
    decide(session, item.slug, Decision(action, by, now))
    return action


def next_action(
    state: ItemState, classification: Classification, *, is_auto: bool
) -> Action | None:
    """What the rules would do with an item in this state; `hub.review.allows` has the last word."""
    if classification.is_relevant:
        if state not in (ItemState.NEW, ItemState.NOISE):
            return None
        return Action.APPROVE if is_auto else Action.PROPOSE
    return Action.SET_ASIDE if state in (ItemState.NEW, ItemState.TO_REVIEW) else None


def _rule_of(classification: Classification) -> str:
    if classification.is_relevant:
        return "pertinent"
    return classification.noise[0].rule if classification.noise else NO_SUBJECT


def _hints(voices: Sequence[Source]) -> Hints:
    return Hints(
        dispositifs=tuple(sorted({d for source in voices for d in source.dispositifs})),
        secteurs=tuple(sorted({s for source in voices for s in source.secteurs})),
    )
