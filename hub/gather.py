"""What a batch of mentions may join: the items the store knows, and those the batch opens.

All that `hub.identity` may ask of a batch is looked up in a few queries; it then decides in memory,
one mention after the other, and what was decided is written in a few statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Row

from hub.identity import MIN_TITLE_WORDS, Known, Lookup, authority, slug_of
from hub.model import Identifier, ItemState, Mention, Scheme
from hub.store import Session
from hub.store.bulk import insert_numbered, insert_rows
from hub.store.items import (
    ItemAddressRow,
    ItemIdentifierRow,
    ItemRow,
    ItemVersionRow,
    facts_of,
    find_item,
    list_currents,
    list_identifiers,
    list_items_by_addresses,
    list_items_by_identifiers,
    list_items_by_titles,
    list_taken,
    read_again,
)
from hub.store.mentions import (
    MentionRow,
    Voice,
    list_items_by_voice,
    list_voices,
    set_items,
    to_witness,
)
from hub.text import canonical_url, comparable

T = TypeVar("T")
_OPENED = 1 << 62
"""Where the ids of items not inserted yet begin: after all others, in the order of opening."""


@dataclass(slots=True)
class Kin:
    """What must be known of an item to join it: who speaks of it, and whose text it bears."""

    id: int
    title: str
    """Its comparable form."""
    published_on: date | None
    voice: Voice
    authority: tuple[bool, int]
    has_text: bool
    identifiers: set[Identifier] = field(default_factory=set)
    voices: set[Voice] = field(default_factory=set)

    def to_known(self) -> Known:
        return Known(self.id, frozenset(self.identifiers), frozenset(self.voices))


@dataclass(frozen=True, slots=True)
class _Opened:
    kin: Kin
    row: Row[Any]
    mention: Mention


class Gathering:
    """The items within reach of a batch. `find_match` reads it through `lookup`."""

    def __init__(self, session: Session, mentions: Sequence[Mention]) -> None:
        self._items: dict[int, Kin] = {}
        self._by_title: dict[str, list[Kin]] = {}
        self._opened: list[_Opened] = []
        self._identifiers: list[tuple[Identifier, Kin]] = []
        self._addresses: list[tuple[str, Kin]] = []
        self._links: list[tuple[int, Kin]] = []
        self._spoken_of: set[int] = set()
        self._load(session, mentions)

    # --- Looking up ----------------------------------------------------------------------------

    def _load(self, session: Session, mentions: Sequence[Mention]) -> None:
        voices = _distinct((mention.source_id, mention.key) for mention in mentions)
        identifiers = _distinct(i for mention in mentions for i in mention.identifiers)
        self._canonical = {mention.url: canonical_url(mention.url) for mention in mentions}
        self._comparable = {mention.title: comparable(mention.title) for mention in mentions}
        addresses = _distinct(url for url in self._canonical.values() if url)
        titles = _distinct(self._comparable[m.title] for m in mentions if m.published_on)
        long_titles = [title for title in titles if len(title.split()) >= MIN_TITLE_WORDS]
        spoken = list_items_by_voice(session, voices)
        identified = list_items_by_identifiers(session, identifiers)
        placed = list_items_by_addresses(session, addresses)
        ids = {item_id for _, item_id in spoken.values()}
        ids.update(identified.values(), placed.values())
        ids.update(list_items_by_titles(session, long_titles))
        for kin in _load_kin(session, sorted(ids)):
            self._items[kin.id] = kin
            self._by_title.setdefault(kin.title, []).append(kin)
        self._by_voice = {v: (number, self._items[id_]) for v, (number, id_) in spoken.items()}
        self._by_identifier = {i: self._items[id_] for i, id_ in identified.items()}
        self._by_address = {url: self._items[id_] for url, id_ in placed.items()}

    def lookup(self) -> Lookup:
        """What `find_match` may ask. Not kept here: the two would hold each other in memory."""
        return Lookup(
            by_voice=self._find_by_voice,
            by_identifier=lambda identifier: _known(self._by_identifier.get(identifier)),
            by_address=lambda url: _known(self._by_address.get(url)),
            by_title=self._find_by_title,
        )

    def _find_by_voice(self, source_id: str, key: str) -> Known | None:
        _, kin = self._by_voice.get((source_id, key), (0, None))
        return _known(kin)

    def _find_by_title(self, title: str, first: date, last: date) -> list[Known]:
        found = [
            kin
            for kin in self._by_title.get(title, ())
            if kin.published_on is not None and first <= kin.published_on <= last
        ]
        return [kin.to_known() for kin in sorted(found, key=lambda kin: kin.id)]

    def get(self, item_id: int) -> Kin:
        return self._items[item_id]

    # --- Deciding ------------------------------------------------------------------------------

    def open(self, row: Row[Any], mention: Mention) -> Kin:
        """The item that this mention opens."""
        kin = Kin(
            id=_OPENED + len(self._items),
            title=self._comparable[mention.title],
            published_on=mention.published_on,
            voice=(row.source_id, row.key),
            authority=authority(mention),
            has_text=bool(mention.text),
        )
        self._opened.append(_Opened(kin, row, mention))
        self._items[kin.id] = kin
        self._by_title.setdefault(kin.title, []).append(kin)
        return kin

    def join(self, kin: Kin, row: Row[Any], mention: Mention) -> None:
        """Give the item this mention and what it proves, except what belongs to another item."""
        voice = (row.source_id, row.key)
        kin.voices.add(voice)
        self._links.append((row.id, kin))
        if row.id >= self._by_voice.get(voice, (0, kin))[0]:
            self._by_voice[voice] = (row.id, kin)
        for identifier in mention.identifiers:
            if identifier not in self._by_identifier:
                self._by_identifier[identifier] = kin
                kin.identifiers.add(identifier)
                self._identifiers.append((identifier, kin))
        address = self._canonical[mention.url]
        if address and address not in self._by_address:
            self._by_address[address] = kin
            self._addresses.append((address, kin))

    def read_again(self, kin: Kin) -> None:
        """Let the rules read the item once more: others speak of it."""
        if kin.id < _OPENED:
            self._spoken_of.add(kin.id)

    # --- Writing -------------------------------------------------------------------------------

    def write(self, session: Session, now: datetime) -> set[int]:
        """Write what was decided since the last time. Returns the items spoken of."""
        self._write_opened(session, now)
        insert_rows(
            session,
            ItemIdentifierRow,
            [{"scheme": i.scheme, "value": i.value, "item_id": k.id} for i, k in self._identifiers],
        )
        insert_rows(
            session, ItemAddressRow, [{"url": url, "item_id": k.id} for url, k in self._addresses]
        )
        links = [(mention_id, kin.id) for mention_id, kin in self._links]
        set_items(session, links)
        read_again(session, sorted(self._spoken_of))
        for pending in (self._identifiers, self._addresses, self._links, self._spoken_of):
            pending.clear()
        return {item_id for _, item_id in links}

    def _write_opened(self, session: Session, now: datetime) -> None:
        slugs = _free_slugs(session, [slug_of(opened.mention) for opened in self._opened])
        rows = [
            facts_of(opened.mention, opened.kin.title) | new_item(slug, now)
            for opened, slug in zip(self._opened, slugs, strict=True)
        ]
        ids = insert_numbered(session, ItemRow, rows)
        versions = []
        for opened, item_id in zip(self._opened, ids, strict=True):
            opened.kin.id = item_id
            self._items[item_id] = opened.kin
            place = {"item_id": item_id, "number": 1, "seen_at": opened.row.seen_at}
            versions.append(place | to_version(opened.row))
        insert_rows(session, ItemVersionRow, versions)
        self._opened.clear()

    def refresh(self, kin: Kin, item: ItemRow, current: MentionRow) -> None:
        """Take over what was changed of an item outside this batch's own writing."""
        self._by_title[kin.title].remove(kin)
        kin.title, kin.published_on = item.comparable_title, item.published_on
        kin.voice, kin.authority = (current.source_id, current.key), authority(to_witness(current))
        kin.has_text = item.current.text_id is not None
        self._by_title.setdefault(kin.title, []).append(kin)


def _known(found: Kin | None) -> Known | None:
    return found.to_known() if found else None


def _distinct(values: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(values))


def _load_kin(session: Session, ids: Sequence[int]) -> list[Kin]:
    identifiers, voices = list_identifiers(session, ids), list_voices(session, ids)
    return [
        Kin(
            id=row.id,
            title=row.comparable_title,
            published_on=row.published_on,
            voice=(row.source_id, row.key),
            authority=authority(_to_proof(row)),
            has_text=row.own_text_id is not None,
            identifiers=identifiers.get(row.id, set()),
            voices=voices.get(row.id, set()),
        )
        for row in list_currents(session, ids)
    ]


def _to_proof(row: Row[Any]) -> Mention:
    """As much of a mention as its authority depends on: that there is a text, not which."""
    identifiers = tuple(Identifier(Scheme(scheme), value) for scheme, value in row.identifiers)
    text = "" if row.text_id is None else "…"
    return Mention(row.source_id, row.key, "", "", text=text, identifiers=identifiers)


def _free_slugs(session: Session, slugs: Sequence[str]) -> list[str]:
    """Slugs that no item bears, in order, each as it is or with a number.

    A source that contradicts what it said under the same key speaks of something else.
    """
    taken = list_taken(session, slugs)
    free = []
    for slug in slugs:
        found, number = slug, 2
        while found in taken or (found != slug and find_item(session, found)):
            found, number = f"{slug}-{number}", number + 1
        taken.add(found)
        free.append(found)
    return free


# --- Rows --------------------------------------------------------------------------------------


def new_item(slug: str, now: datetime) -> dict[str, Any]:
    """What an item just opened does not take from its mention."""
    return {
        "slug": slug,
        "state": ItemState.NEW,
        "version": 1,
        "revision": 1,
        "tagged_version": 0,
        "created_at": now,
        "changed_at": now,
        "public_at": None,
    }


def to_version(row: MentionRow | Row[Any]) -> dict[str, Any]:
    """What a version keeps of the mention that gives its text."""
    return {
        "title": row.title,
        "summary": row.summary,
        "text_id": row.text_id,
        "rubrique": row.rubrique,
        "content_hash": row.text_hash,
        "mention_id": row.id,
    }
