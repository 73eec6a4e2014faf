"""Intake: capture kept, then mentions, then items by the order of identity.

Collection writes captures and mentions (`Intake`, called by the spiders and by `hub ingest`). Then
`resolve` gathers mentions into items, in an order that does not depend on when each was fetched.
Both may be killed and run again: what is done is not done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from hub.captures import CaptureFiles
from hub.desk import decide, list_trail
from hub.digests import Digests
from hub.gather import Gathering, Kin, to_version
from hub.identity import authority
from hub.legal.versions import NO_ARTICLES, Articles
from hub.matching import Plan, key_older, plan_again, plan_fresh
from hub.model import Action, Capture, Decision, Failure, Mention, Source
from hub.review import find_reviewed_version
from hub.store import Session, Store
from hub.store.articles import add_versions, withdraw_versions
from hub.store.bulk import chunks
from hub.store.captures import Proof, add_captures, set_validators
from hub.store.changes import is_restored
from hub.store.identity import add_merged, drop_proposals, open_proposals
from hub.store.items import (
    ItemRow,
    ItemVersionRow,
    adopt_facts,
    give_all,
    give_up,
    read_again,
)
from hub.store.mentions import (
    MentionRow,
    Said,
    Voice,
    add_mentions,
    free,
    list_said,
    list_unresolved,
    list_waiting,
    to_witness,
)
from hub.store.sources import end_failures, list_open_failures, record_failure


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, what it says, and what of it was not understood.

    `is_settled`: the answer will never change, so that asking again would mend no failure.
    `digests` are those of its mentions, when they are known already.
    """

    capture: Capture
    mentions: Sequence[Mention] = ()
    failure: Failure | None = None
    is_settled: bool = False
    digests: Sequence[Digests] = ()
    articles: Articles = NO_ARTICLES

    @property
    def is_understood(self) -> bool:
        return self.failure is None or self.is_settled


@dataclass(frozen=True, slots=True)
class Intake:
    """The door through which everything collected comes in.

    `is_replay`: what comes in was read from the captures kept here, and is not kept again.
    """

    store: Store
    files: CaptureFiles
    now: datetime
    is_replay: bool = False

    def keep_all(self, answers: Sequence[Kept]) -> list[int]:
        """Keep answers and their mentions. Returns how many mentions of each are new.

        All or nothing. Where a part was not understood the failure stays open, and no validator is
        set, so that the answer will be asked again. An answer recorded before is not recorded
        twice, nor what it says.
        """
        if not answers:
            return []
        if not self.is_replay:
            self.files.write_all({kept.capture.sha256: kept.capture.body for kept in answers})
        with self.store.write() as session:
            captures = [kept.capture for kept in answers]
            proofs = add_captures(session, captures)
            if not self.is_replay:
                pairs = zip(captures, proofs, strict=True)
                self.files.add_to_journal(capture for capture, proof in pairs if proof.is_new)
            counts = _add_mentions(session, answers, proofs)
            for kept in answers:
                _add_articles(session, kept.articles, kept.capture.fetched_at)
            set_validators(session, [kept.capture for kept in answers if kept.is_understood])
            if not self.is_replay:  # what is wrong today is not told by the past
                _settle_failures(session, answers, self.now)
        return counts

    def keep(
        self, capture: Capture, mentions: Sequence[Mention], failure: Failure | None = None
    ) -> int:
        """Keep one answer, as `keep_all` does. Returns how many mentions are new."""
        return self.keep_all([Kept(capture, mentions, failure)])[0]


def _add_articles(session: Session, articles: Articles, read_at: datetime) -> None:
    said_at = articles.said_at or read_at
    add_versions(session, articles.versions, said_at)
    withdraw_versions(session, articles.deleted, said_at)


def _add_mentions(session: Session, answers: Sequence[Kept], proofs: Sequence[Proof]) -> list[int]:
    said, owners = [], []
    for place, (kept, proof) in enumerate(zip(answers, proofs, strict=True)):
        for mention, digests in _last_words(kept):
            said.append(Said(mention, digests, proof, kept.capture.fetched_at))
            owners.append(place)
    are_new = add_mentions(session, said)
    counts = Counter(owner for owner, is_new in zip(owners, are_new, strict=True) if is_new)
    return [counts[place] for place in range(len(answers))]


def _last_words(kept: Kept) -> Iterable[tuple[Mention, Digests]]:
    """What an answer says last under each key: one that contradicts itself does so at each read."""
    digests = kept.digests or map(Digests.of, kept.mentions)
    found: dict[tuple[str, str], tuple[Mention, Digests]] = {}
    for mention, digest in zip(kept.mentions, digests, strict=True):
        voice = (mention.source_id, mention.key)
        if not mention.is_partial or voice not in found or found[voice][0].is_partial:
            found[voice] = mention, digest
    return found.values()


def _settle_failures(session: Session, answers: Sequence[Kept], now: datetime) -> None:
    """End the failures of what was read well, open those of what was not, in order."""
    has_open = {row.source_id for row in list_open_failures(session)}
    for kept in answers:
        capture = kept.capture
        if kept.is_understood and capture.source_id in has_open:
            end_failures(session, capture.source_id, capture.url, now)
        if kept.failure is not None:
            record_failure(session, kept.failure, now)
            has_open.add(kept.failure.source_id)


# --- From mentions to items --------------------------------------------------------------------

BATCH = 500
"""Mentions gathered in one transaction: a run that is killed loses at most this much work."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many items and versions each source opened; `touched` are all the items spoken of."""

    items_by_source: Counter[str] = field(default_factory=Counter)
    versions_by_source: Counter[str] = field(default_factory=Counter)
    touched: set[int] = field(default_factory=set)

    @property
    def new_items(self) -> int:
        return self.items_by_source.total()

    @property
    def new_versions(self) -> int:
        return self.versions_by_source.total()


def resolve(store: Store, now: datetime, sources: Iterable[Source] = ()) -> Resolved:
    """Give every mention its item, opening, joining, bringing together and parting items.

    Which mentions are one depends on what they say, never on which came first. Of those that came
    together the ones that prove most go first: they open the item, and give it its text. A partner
    among `sources` never gives an item its text when someone else did.
    """
    partners = list_partners(sources)
    with store.read() as session:
        waiting = list_unresolved(session)
    resolved = Resolved()
    if waiting:
        with store.write() as session:
            key_older(session)
    for some in chunks(waiting, BATCH):
        with store.write() as session:
            fresh = [(row, to_witness(row)) for row in list_waiting(session, some)]
            plan = plan_fresh(session, fresh)
            Carrying(session, now, partners, resolved).carry_out(plan, fresh)
    return resolved


def regather(
    session: Session,
    voices: Iterable[Voice],
    ruled: Decision,
    sources: Iterable[Source] = (),
) -> Resolved:
    """Let what an editor just ruled of these voices hold: `ruled` says who, when and why."""
    key_older(session)
    resolved = Resolved()
    plan = plan_again(session, frozenset(voices))
    carrying = Carrying(session, ruled.at, list_partners(sources), resolved, ruled.by, ruled.reason)
    carrying.carry_out(plan)
    return resolved


def list_partners(sources: Iterable[Source]) -> frozenset[str]:
    return frozenset(source.id for source in sources if not source.official)


@dataclass(frozen=True, slots=True)
class Carrying:
    """Writes what was planned, in the caller's transaction; `by` answers for it in the trails."""

    session: Session
    now: datetime
    partners: Set[str]
    resolved: Resolved
    by: str = "regle:identite"
    reason: str = ""

    def carry_out(self, plan: Plan, fresh: Sequence[tuple[Row[Any], Mention]] = ()) -> None:
        """`fresh` are the mentions that no item holds yet, in the order in which they go."""
        known = {row.id for row, _ in fresh}
        places = {id_: place for ids in plan.opened for place in (min(ids),) for id_ in ids}
        moved = [id_ for id_ in sorted({*places, *plan.joined}) if id_ not in known]
        moving = list_said(self.session, moved)
        self._part(moving, plan)
        for gone, keeper in sorted(plan.merged.items()):
            self._merge(gone, keeper)
        said = [*((row, to_witness(row)) for row in moving), *fresh]
        gathering = Gathering(self.session, [mention for _, mention in said])
        gathering.load(plan.joined.values())
        opened: dict[int, Kin] = {}
        for row, mention in said:
            if row.id in plan.joined:
                self._join(gathering, gathering.get(plan.joined[row.id]), row, mention)
            elif places[row.id] in opened:
                self._join(gathering, opened[places[row.id]], row, mention)
            else:
                opened[places[row.id]] = gathering.open(row, mention)
                self.resolved.items_by_source[row.source_id] += 1
        self.resolved.touched.update(gathering.write(self.now))
        open_proposals(self.session, plan.asked, self.now)

    def _join(self, gathering: Gathering, kin: Kin, row: Row[Any], mention: Mention) -> None:
        gathering.join(kin, row, mention)
        gathering.read_again(kin)
        if not _is_better(mention, kin, self.partners):
            return
        self.resolved.touched.update(gathering.write(self.now))
        if _revise(self.session, gathering, kin, row.id, self.now):
            self.resolved.versions_by_source[row.source_id] += 1

    def _part(self, moving: Sequence[Row[Any]], plan: Plan) -> None:
        """Let mentions leave the items that stay: they speak of something else."""
        left = Counter(row.item_id for row in moving if row.item_id not in plan.merged)
        free(self.session, [row.id for row in moving])
        for item_id, count in sorted(left.items()):
            give_up(self.session, item_id)
            self._decide(item_id, Action.SPLIT, {"mentions": count})

    def _merge(self, gone: int, keeper: int) -> None:
        item, into = (self.session.get_one(ItemRow, id_) for id_ in (gone, keeper))
        slug, kept_slug = item.slug, into.slug
        give_all(self.session, gone, keeper)
        drop_proposals(self.session, gone, self.now)
        add_merged(self.session, gone, keeper, self.now)
        self._decide(gone, Action.JOIN, {"into": kept_slug})
        self._decide(keeper, Action.MERGE, {"from": slug})

    def _decide(self, item_id: int, action: Action, payload: Mapping[str, Any]) -> None:
        slug = self.session.get_one(ItemRow, item_id).slug
        decide(self.session, slug, Decision(action, self.by, self.now, self.reason, payload))
        self.session.flush()
        self.session.expunge_all()
        read_again(self.session, [item_id])
        self.resolved.touched.add(item_id)


def _is_better(mention: Mention, kin: Kin, partners: Set[str]) -> bool:
    """Whether a mention gives an item its text: it is the one that did, or proves more."""
    is_same_voice = kin.voice == (mention.source_id, mention.key)
    if not is_same_voice and mention.source_id in partners:
        return False
    if not is_same_voice and authority(mention) <= kin.authority:
        return False
    # Announced again by its title alone: nothing was taken back.
    return bool(mention.text) or not kin.has_text


def _revise(
    session: Session, gathering: Gathering, kin: Kin, mention_id: int, now: datetime
) -> bool:
    """Let a mention give an item its text: as a new version, when what a source says changed.

    A public item keeps its title and address until an editor answers for the new version. A text
    that our own reading changed, or that came back, takes the place of the current version; but
    what readers were told in between makes its return news: an editor answers for it.
    """
    item = session.get_one(ItemRow, kin.id)
    row = session.get_one(MentionRow, mention_id)
    is_same_voice = kin.voice == (row.source_id, row.key)
    if not item.state.is_public:
        adopt_facts(item, row)
    content = to_version(row)
    is_changed = content["content_hash"] != item.current.content_hash
    came_back_to = _find_answered(session, item, row, content["content_hash"])
    is_quiet = row.is_technical and (not is_changed or came_back_to != item.version)
    if is_quiet and came_back_to:
        _take_back(session, item, came_back_to)
    if is_quiet or not is_changed:
        _put_in_place(item.current, content if is_quiet else {"mention_id": row.id})
    else:
        item.version += 1
        item.versions.append(ItemVersionRow(number=item.version, seen_at=row.seen_at, **content))
        item.changed_at = now
        session.flush()
        reason = "texte modifié" if is_same_voice else f"source plus complète : {row.source_id}"
        decide(session, item.slug, Decision(Action.NEW_VERSION, "regle:intake", now, reason))
    session.flush()
    gathering.refresh(kin, item, row)
    session.expunge_all()
    return is_changed and not is_quiet


def _find_answered(session: Session, item: ItemRow, row: MentionRow, content_hash: str) -> int:
    """Of a public item whose text came back to what it was: the version that an editor answered
    for, if this is that text again, or the current one if the change itself was answered for. 0
    when the coming back is nobody's business.
    """
    if not item.state.is_public or not is_restored(session, row.id):
        return 0
    number = find_reviewed_version(list_trail(session, item))
    if number == item.version:
        return number
    return number if number and item.versions[number - 1].content_hash == content_hash else 0


def _take_back(session: Session, item: ItemRow, number: int) -> None:
    """A change that was undone before anybody answered for it leaves the queue."""
    for version in item.versions[number:]:
        session.delete(version)
    item.version = number
    session.flush()
    session.expire(item, ["versions"])


def _put_in_place(version: ItemVersionRow, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        setattr(version, name, value)
