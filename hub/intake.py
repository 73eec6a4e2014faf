"""Intake: capture kept, then mentions, then items by the order of identity.

Collection writes captures and mentions (`Intake`, called by the spiders and by `hub ingest`). Then
`resolve` gathers mentions into items, in an order that does not depend on when each was fetched.
Both may be killed and run again: what is done is not done twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime

from hub.captures import CaptureFiles
from hub.desk import decide
from hub.identity import Known, Lookup, authority, find_match, slug_of
from hub.model import (
    Action,
    Capture,
    Decision,
    Failure,
    Identifier,
    ItemState,
    Mention,
    Source,
)
from hub.store import Session, Store
from hub.store.captures import add_capture, find_validator, set_validator
from hub.store.items import (
    ItemAddressRow,
    ItemIdentifierRow,
    ItemRow,
    ItemVersionRow,
    adopt_facts,
    find_item,
    find_item_by_address,
    find_item_by_identifier,
    list_items_by_title,
)
from hub.store.mentions import (
    MentionRow,
    add_mention,
    find_item_by_voice,
    list_unresolved,
    list_voices,
    to_mention,
)
from hub.store.sources import end_failures, list_open_failures, record_failure, record_read
from hub.text import canonical_url, clean


@dataclass(frozen=True, slots=True)
class Intake:
    """The door through which everything collected comes in."""

    store: Store
    files: CaptureFiles
    now: datetime

    def keep(
        self, capture: Capture, mentions: Sequence[Mention], failure: Failure | None = None
    ) -> int:
        """Keep an answer that was understood, and its mentions. Returns how many are new.

        With `failure`, a part was not understood: it stays open, and no validator is set, so that
        the answer will be asked again.
        """
        self.files.write(capture.body)
        with self.store.write() as session:
            row, _ = add_capture(session, capture)
            kept = [
                add_mention(session, mention, row.id, capture.fetched_at) for mention in mentions
            ]
            if failure is None:
                set_validator(session, capture)
                end_failures(session, capture.source_id, capture.url, self.now)
            else:
                record_failure(session, failure, self.now)
        return sum(row is not None for row in kept)

    def keep_unread(self, capture: Capture, failure: Failure) -> None:
        """Keep an answer that was not understood. No validator is set: it will be asked again."""
        self.files.write(capture.body)
        with self.store.write() as session:
            add_capture(session, capture)
            record_failure(session, failure, self.now)

    def fail(self, failure: Failure) -> None:
        with self.store.write() as session:
            record_failure(session, failure, self.now)

    def unchanged(self, source_id: str, url: str) -> None:
        """The source answered that its page has not moved (304)."""
        with self.store.write() as session:
            end_failures(session, source_id, url, self.now)

    def done(self, source_id: str, is_good: bool) -> None:
        """A source was read to its end; `is_good` when nothing failed on the way.

        A good read ends every failure, also of addresses that are not asked for any more.
        """
        with self.store.write() as session:
            record_read(session, source_id, self.now, is_good=is_good)
            for row in list_open_failures(session, source_id) if is_good else ():
                row.ended_at = self.now

    def validator(self, source_id: str, url: str) -> tuple[str, str] | None:
        """The (ETag, Last-Modified) to send back, or None if this address was never read well."""
        with self.store.read() as session:
            row = find_validator(session, source_id, url)
            return (row.etag, row.last_modified) if row else None


# --- From mentions to items --------------------------------------------------------------------

BATCH = 200
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
    """Give every mention its item, opening items and versions as needed.

    Mentions that prove most go first, so that the text of the Journal officiel opens the item and
    the press release joins it, whichever was fetched first. A partner among `sources` never gives
    an item its text when someone else did.
    """
    partners = frozenset(source.id for source in sources if not source.official)
    with store.read() as session:
        waiting = list_unresolved(session)
    resolved = Resolved()
    for start in range(0, len(waiting), BATCH):
        with store.write() as session:
            for mention_id in waiting[start : start + BATCH]:
                row = session.get_one(MentionRow, mention_id)
                _resolve_one(session, row, now, partners, resolved)
    return resolved


def _resolve_one(
    session: Session, row: MentionRow, now: datetime, partners: Set[str], resolved: Resolved
) -> None:
    mention = to_mention(row)
    item_id = find_match(mention, _lookup(session))
    if item_id is None:
        item = _open_item(session, row, mention, now)
        resolved.items_by_source[row.source_id] += 1
    else:
        item = session.get_one(ItemRow, item_id)
    row.item_id = item.id
    resolved.touched.add(item.id)
    _add_identities(session, item, mention)
    if item_id is not None:
        item.tagged_version = min(item.tagged_version, item.version - 1)
        if _revise(session, item, row, now, partners):
            resolved.versions_by_source[row.source_id] += 1
    session.flush()


def _lookup(session: Session) -> Lookup:
    def known(item_id: int | None) -> Known | None:
        if item_id is None:
            return None
        item = session.get_one(ItemRow, item_id)
        return Known(
            item_id=item.id,
            identifiers=frozenset(Identifier(i.scheme, i.value) for i in item.identifiers),
            voices=frozenset(list_voices(session, item.id)),
        )

    def by_title(title: str, first: date, last: date) -> list[Known]:
        found = list_items_by_title(session, title, first, last)
        return [item for item_id in found if (item := known(item_id))]

    return Lookup(
        by_voice=lambda source_id, key: known(find_item_by_voice(session, source_id, key)),
        by_identifier=lambda identifier: known(find_item_by_identifier(session, identifier)),
        by_address=lambda url: known(find_item_by_address(session, url)),
        by_title=by_title,
    )


def _open_item(session: Session, row: MentionRow, mention: Mention, now: datetime) -> ItemRow:
    slug = slug_of(mention)
    # A source that contradicts what it said under the same key speaks of something else.
    number = 2
    while find_item(session, slug) is not None:
        slug, number = f"{slug_of(mention)}-{number}", number + 1
    item = ItemRow(slug=slug, state=ItemState.NEW, version=0, created_at=now, changed_at=now)
    adopt_facts(item, row)
    session.add(item)
    session.flush()
    _add_version(item, row, mention)
    return item


def _add_identities(session: Session, item: ItemRow, mention: Mention) -> None:
    """Give the item what this mention proves, except what already belongs to another item."""
    for identifier in mention.identifiers:
        if find_item_by_identifier(session, identifier) is None:
            item.identifiers.append(
                ItemIdentifierRow(scheme=identifier.scheme, value=identifier.value)
            )
            session.flush()
    address = canonical_url(mention.url)
    if address and find_item_by_address(session, address) is None:
        item.addresses.append(ItemAddressRow(url=address))


def _revise(
    session: Session, item: ItemRow, row: MentionRow, now: datetime, partners: Set[str]
) -> bool:
    """Open a new version if the text changed where it was read, or if a better proof arrived.

    A public item keeps its title and address until an editor answers for the new version.
    """
    current, mention = session.get_one(MentionRow, item.current.mention_id), to_mention(row)
    is_same_voice = (current.source_id, current.key) == (row.source_id, row.key)
    is_better = authority(mention) > authority(to_mention(current))
    if not is_same_voice and (not is_better or row.source_id in partners):
        return False
    if item.current.text and not mention.text:
        return False  # announced again by its title alone: nothing was taken back
    if not item.state.is_public:
        adopt_facts(item, row)
    if _hash_text(mention) == item.current.content_hash:
        item.current.mention_id = row.id
        return False
    _add_version(item, row, mention)
    item.changed_at = now
    session.flush()
    reason = "texte modifié" if is_same_voice else f"source plus complète : {row.source_id}"
    decide(session, item.slug, Decision(Action.NEW_VERSION, "regle:intake", now, reason))
    return True


def _add_version(item: ItemRow, row: MentionRow, mention: Mention) -> None:
    item.version += 1
    item.versions.append(
        ItemVersionRow(
            number=item.version,
            title=mention.title,
            summary=mention.summary,
            text=mention.text,
            rubrique=mention.rubrique,
            content_hash=_hash_text(mention),
            mention_id=row.id,
            seen_at=row.seen_at,
        )
    )


def _hash_text(mention: Mention) -> str:
    text = "\n".join(clean(part) for part in (mention.title, mention.summary, mention.text))
    return hashlib.sha256(text.encode()).hexdigest()
