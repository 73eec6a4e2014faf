"""Mentions written into items: those they open, and those they join.

What a batch opens and links is decided in memory and written in a few statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row

from hub.identity import authority, slug_of
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
    list_items_by_addresses,
    list_items_by_identifiers,
    list_taken,
    read_again,
)
from hub.store.mentions import MentionRow, Voice, set_items, to_witness
from hub.text import canonical_url, comparable

T = TypeVar("T")
_OPENED = 1 << 62
"""Where the ids of items not inserted yet begin: after all others, in the order of opening."""


@dataclass(slots=True)
class Kin:
    """An item that mentions join, and whose text it bears."""

    id: int
    voice: Voice
    authority: tuple[bool, int]
    has_text: bool


@dataclass(frozen=True, slots=True)
class _Opened:
    kin: Kin
    row: Row[Any]
    mention: Mention


class Gathering:
    """What these mentions open and join: they are all that will be written."""

    def __init__(self, session: Session, mentions: Sequence[Mention]) -> None:
        self._session = session
        self._items: dict[int, Kin] = {}
        self._opened: list[_Opened] = []
        self._count = 0
        self._identifiers: list[tuple[Identifier, Kin]] = []
        self._addresses: list[tuple[str, Kin]] = []
        self._links: list[tuple[int, Kin]] = []
        self._spoken_of: set[int] = set()
        identifiers = _distinct(i for mention in mentions for i in mention.identifiers)
        self._canonical = {mention.url: canonical_url(mention.url) for mention in mentions}
        addresses = _distinct(url for url in self._canonical.values() if url)
        self._taken: set[Identifier | str] = {
            *list_items_by_identifiers(session, identifiers),
            *list_items_by_addresses(session, addresses),
        }

    def load(self, item_ids: Iterable[int]) -> None:
        """Make these items known, to be joined."""
        for kin in _load_kin(self._session, sorted(set(item_ids))):
            self._items[kin.id] = kin

    def get(self, item_id: int) -> Kin:
        return self._items[item_id]

    # --- Deciding ------------------------------------------------------------------------------

    def open(self, row: Row[Any], mention: Mention) -> Kin:
        """The item that this mention opens."""
        kin = Kin(
            id=_OPENED + self._count,
            voice=(row.source_id, row.key),
            authority=authority(mention),
            has_text=bool(mention.text),
        )
        self._count += 1
        self._opened.append(_Opened(kin, row, mention))
        self.join(kin, row, mention)
        return kin

    def join(self, kin: Kin, row: Row[Any], mention: Mention) -> None:
        """Give the item this mention and what it proves, except what belongs to another item."""
        self._links.append((row.id, kin))
        for identifier in mention.identifiers:
            if identifier not in self._taken:
                self._taken.add(identifier)
                self._identifiers.append((identifier, kin))
        address = self._canonical[mention.url]
        if address and address not in self._taken:
            self._taken.add(address)
            self._addresses.append((address, kin))

    def read_again(self, kin: Kin) -> None:
        """Let the rules read the item once more: others speak of it."""
        if kin.id < _OPENED:
            self._spoken_of.add(kin.id)

    # --- Writing -------------------------------------------------------------------------------

    def write(self, now: datetime) -> set[int]:
        """Write what was decided since the last time. Returns the items spoken of."""
        session = self._session
        self._write_opened(now)
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

    def _write_opened(self, now: datetime) -> None:
        session = self._session
        slugs = _free_slugs(session, [slug_of(opened.mention) for opened in self._opened])
        rows = [
            facts_of(opened.mention, comparable(opened.mention.title)) | new_item(slug, now)
            for opened, slug in zip(self._opened, slugs, strict=True)
        ]
        ids = insert_numbered(session, ItemRow, rows)
        versions = []
        for opened, item_id in zip(self._opened, ids, strict=True):
            opened.kin.id = item_id
            place = {"item_id": item_id, "number": 1, "seen_at": opened.row.seen_at}
            versions.append(place | to_version(opened.row))
        insert_rows(session, ItemVersionRow, versions)
        self._opened.clear()

    @staticmethod
    def refresh(kin: Kin, item: ItemRow, current: MentionRow) -> None:
        """Take over what was changed of an item outside this batch's own writing."""
        kin.voice, kin.authority = (current.source_id, current.key), authority(to_witness(current))
        kin.has_text = item.current.text_id is not None


def _distinct(values: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(values))


def _load_kin(session: Session, ids: Sequence[int]) -> list[Kin]:
    return [
        Kin(
            id=row.id,
            voice=(row.source_id, row.key),
            authority=authority(_to_proof(row)),
            has_text=row.own_text_id is not None,
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
