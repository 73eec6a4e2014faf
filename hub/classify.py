"""Classification: read what is new with the rules, and send it to the queue or set it aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select

from hub.desk import FirstMove, decide, decide_new, list_trail, standing_of
from hub.model import (
    Action,
    Classification,
    Decision,
    ItemState,
    Source,
    SourceKind,
    Tag,
    TextOfItem,
)
from hub.referentiel import Referentiel
from hub.review import RULE, allows
from hub.store import Session, Store
from hub.store.bulk import MANY, chunks
from hub.store.items import (
    Fresh,
    ItemRow,
    add_tags,
    list_fresh,
    list_unread,
    mark_read,
    replace_rule_tags,
    text_of_item,
)
from hub.store.mentions import list_mentions
from hub.tagging.rules import Tagger
from hub.tagging.voices import hear

ASKED_FOR = "signale"
"""The rule that keeps in the queue what an editor reported, whatever the terms recognise."""
BATCH = 20
"""Items read again in one transaction: few, because the write lock is held while they are."""
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
    tagger: Tagger | None = None,
) -> Classified:
    """Tag the items that have a version the rules have not read (or all of them).

    An editor's tags and decisions are kept, and so are the tags of what is public: a change of
    the rules never moves a published item. Running it twice changes nothing the second time.
    `tagger` is the one of this référentiel, with what it worked out before.
    """
    by_id = {source.id: source for source in sources}
    query = select(ItemRow.id).order_by(ItemRow.id)
    if not everything:
        query = query.where(ItemRow.tagged_version < ItemRow.version)
    with store.read() as session:
        waiting = session.scalars(query).all()
    if not waiting:
        return Classified()
    rules = _Rules(tagger or Tagger(referentiel), by_id, now)
    moves: Counter[Action | None] = Counter()
    for some in chunks(waiting, MANY):
        moves += rules.classify_some(store, some)
    return Classified(len(waiting), moves[Action.PROPOSE], moves[Action.SET_ASIDE])


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules and what they read by."""

    tagger: Tagger
    sources: Mapping[str, Source]
    now: datetime

    def classify_some(self, store: Store, item_ids: Sequence[int]) -> Counter[Action | None]:
        """Items that just arrived are read without a lock and written together, the others one by
        one.
        """
        with store.read() as session:
            fresh = list_fresh(session, item_ids)
            found = self._recall(fresh)
            unread = list_unread(session, [item.id for item in fresh if item.id not in found])
        for one in unread:
            found[one.id] = self._read(one.text, one.source_id, one.voices)
        firsts = [
            FirstMove(item.id, item.version, decision)
            for item in fresh
            if (decision := self._decision(ItemState.NEW, item.source_id, found[item.id]))
        ]
        with store.write() as session:
            moved = decide_new(session, firsts)
            mark_read(session, sorted(moved))
            add_tags(session, _list_tags(found, moved))
        moves: Counter[Action | None] = Counter()
        moves.update(one.decision.action for one in firsts if one.item_id in moved)
        others = [item_id for item_id in item_ids if item_id not in moved]
        for few in chunks(others, BATCH):
            with store.write() as session:
                moves.update(self._classify_one(session, item_id) for item_id in few)
        return moves

    def _recall(self, fresh: Iterable[Fresh]) -> dict[int, Classification]:
        """What was foreseen of these items."""
        recall = self.tagger.recall
        return {item.id: known for item in fresh if item.said and (known := recall(item.said))}

    def _classify_one(self, session: Session, item_id: int) -> Action | None:
        item = session.get_one(ItemRow, item_id, with_for_update=True)
        voices = [m.source_id for m in list_mentions(session, item.id)]
        classification = self._read(text_of_item(item), item.source_id, voices)
        item.tagged_version = item.version
        if not item.state.is_public:  # what readers see was answered for by an editor
            replace_rule_tags(session, item, classification.tags)
        session.flush()
        decision = self._decision(item.state, item.source_id, classification)
        standing = standing_of(item, list_trail(session, item))
        if decision is None or not allows(standing, decision.action, decision.by):
            return None
        decide(session, item.slug, decision)
        return decision.action

    def _read(self, text: TextOfItem, source_id: str, speakers: Sequence[str]) -> Classification:
        return self.tagger.classify(*hear(text, source_id, speakers, self.sources))

    def _decision(
        self, state: ItemState, source_id: str, classification: Classification
    ) -> Decision | None:
        source = self.sources.get(source_id)
        if source is not None and source.kind is SourceKind.REPORTED:
            is_new = state is ItemState.NEW
            return _decision_of(Action.PROPOSE, ASKED_FOR, self.now) if is_new else None
        action = next_action(state, classification, is_auto=source is not None and source.auto)
        return _decision_of(action, _rule_of(classification), self.now) if action else None


@lru_cache(maxsize=64)
def _decision_of(action: Action, rule: str, now: datetime) -> Decision:
    return Decision(action, f"{RULE}{rule}", now)


def _list_tags(
    found: Mapping[int, Classification], item_ids: Collection[int]
) -> Iterator[tuple[int, Tag]]:
    for item_id, classification in found.items():
        if item_id in item_ids:
            yield from ((item_id, tag) for tag in classification.tags)


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
