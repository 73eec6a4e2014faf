"""Mentions: what one source published once, and the item it was found to speak of."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Row, Select, bindparam, collate, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.changes import diff_words, is_same, to_json
from hub.digests import Digests
from hub.model import Identifier, Mention, Scheme
from hub.store.base import Base
from hub.store.bulk import (
    MANY,
    chunks,
    execute_many,
    insert_numbered,
    insert_rows,
    is_in,
    is_one_of,
    latest_of,
    read_rows,
    table_of,
)
from hub.store.captures import CaptureRow, Proof
from hub.store.changes import Nature, TextChangeRow
from hub.store.texts import BearsText, add_texts

Voice = tuple[str, str]
"""A source and its own key of a thing: under it, it speaks of that thing again."""


class MentionRow(BearsText, Base):
    """Append-only: when a source changes what it said under a key, a second row joins the first."""

    __tablename__ = "mention"
    __table_args__ = (Index(None, "source_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    key: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    published_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    nature: Mapped[str]
    rubrique: Mapped[str]
    identifiers: Mapped[list[Any]]
    extra: Mapped[dict[str, Any]]
    content_hash: Mapped[str]
    text_hash: Mapped[str] = mapped_column(default="")
    """The digest of the version it gives: no text is read again to know whether it changed."""
    seen_at: Mapped[datetime]
    capture_id: Mapped[int] = mapped_column(ForeignKey("capture.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"), index=True)
    is_technical: Mapped[bool] = mapped_column(default=False)
    """Our own parser changed, not what the source said: never announced."""
    is_partial: Mapped[bool] = mapped_column(default=False)
    """A part of it could not be had; a later read may bring the whole."""


def find_latest_mention(session: Session, source_id: str, key: str) -> MentionRow | None:
    return session.scalar(
        select(MentionRow)
        .where(MentionRow.source_id == source_id, MentionRow.key == key)
        .order_by(MentionRow.id.desc())
        .limit(1)
    )


# --- Keeping what differs ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A mention with its digests, the answer that proves it, and when it was given."""

    mention: Mention
    digests: Digests
    proof: Proof
    seen_at: datetime

    @property
    def voice(self) -> Voice:
        return self.mention.source_id, self.mention.key


@dataclass(frozen=True, slots=True)
class LastWord:
    """The last mention under one key. `id` is negative, -1 - its position, until it is inserted."""

    id: int
    content_hash: str
    text: str
    is_partial: bool
    seen_at: datetime
    capture_id: int
    sha256: str


def find_nature(said: Said, last: LastWord, older: Collection[str]) -> Nature | None:
    """How a mention differs from the last one under its key; None when nothing is to be kept.

    `older` holds the digests of all that was said under this key.
    """
    mention, content_hash = said.mention, said.digests.of_mention
    is_completed = last.is_partial and not mention.is_partial
    if mention.is_partial and not last.is_partial:
        return None  # what was read whole is not replaced by a part of it
    if content_hash == last.content_hash and not is_completed:
        return None
    if said.proof.is_replayed and said.seen_at < last.seen_at:
        return None  # an old answer, read again: the source has said something else since
    if mention.is_watched and not is_completed and is_same(last.text, mention.text):
        return None
    if mention.is_technical or said.proof.sha256 == last.sha256:
        return Nature.TECHNICAL
    is_back = content_hash != last.content_hash and content_hash in older
    return Nature.RESTORED if mention.is_watched and is_back else Nature.REAL


def add_mentions(session: Session, said: Sequence[Said]) -> list[bool]:
    """Record mentions, in order, except those that say what the source said last under the key.

    Returns which were recorded. Each difference of a watched text is recorded with its words.
    """
    return [is_kept for some in chunks(said) for is_kept in _add_some(session, some)]


def _add_some(session: Session, said: Sequence[Said]) -> list[bool]:
    last = _list_last_words(session, said)
    older = _list_older(session, [one.voice for one in said if one.mention.is_watched], last)
    rows: list[dict[str, Any]] = []
    texts: list[str] = []
    differences: list[tuple[LastWord, int, Said, Nature]] = []
    is_kept = [False] * len(said)
    for place, one in enumerate(said):
        before = last.get(one.voice)
        nature: Nature | None = Nature.REAL
        if before is not None:
            nature = find_nature(one, before, older.get(one.voice, ()))
        if nature is None:
            continue
        is_kept[place] = True
        if before is not None and one.mention.is_watched:
            differences.append((before, len(rows), one, nature))
        last[one.voice] = _to_last_word(one, -1 - len(rows))
        older.setdefault(one.voice, set()).add(one.digests.of_mention)
        rows.append(_to_row(one, nature))
        texts.append(one.mention.text)
    for row, text_id in zip(rows, add_texts(session, texts), strict=True):
        row["text_id"] = text_id
    if differences:
        _add_changes(session, differences, insert_numbered(session, MentionRow, rows))
    else:
        insert_rows(session, MentionRow, rows)
    return is_kept


def _add_changes(
    session: Session,
    differences: Iterable[tuple[LastWord, int, Said, Nature]],
    ids: Sequence[int],
) -> None:
    rows = []
    for before, position, after, nature in differences:
        segments = diff_words(before.text, after.mention.text)
        if not segments:
            continue  # a part that could not be had came, and said nothing more
        rows.append(
            {
                "source_id": after.mention.source_id,
                "key": after.mention.key,
                "nature": nature.value,
                "at": after.seen_at,
                "before_mention_id": before.id if before.id > 0 else ids[-1 - before.id],
                "after_mention_id": ids[position],
                "before_capture_id": before.capture_id,
                "after_capture_id": after.proof.id,
                "segments": to_json(segments),
            }
        )
    insert_rows(session, TextChangeRow, rows)


_OF_LAST_WORD = (
    MentionRow.id, MentionRow.source_id, MentionRow.key, MentionRow.content_hash,
    MentionRow.is_partial, MentionRow.capture_id, MentionRow.seen_at,
)  # fmt: skip


def _list_last_words(session: Session, said: Sequence[Said]) -> dict[Voice, LastWord]:
    """What was said last under these keys. Texts are read only where something may differ."""
    voices = list(dict.fromkeys(one.voice for one in said))
    query = select(*_OF_LAST_WORD).where(
        latest_of(session, MentionRow, MentionRow.source_id, MentionRow.key, voices)
    )
    found = {(row.source_id, row.key): row for row in read_rows(session, query)}
    differing = {
        one.voice
        for one in said
        if (row := found.get(one.voice))
        and (row.content_hash != one.digests.of_mention or row.is_partial != one.mention.is_partial)
    }
    texts = _list_texts(session, [found[voice].id for voice in differing])
    return {
        voice: LastWord(
            id=row.id,
            content_hash=row.content_hash,
            text=texts.get(row.id, ("", ""))[0],
            is_partial=row.is_partial,
            seen_at=row.seen_at,
            capture_id=row.capture_id,
            sha256=texts.get(row.id, ("", ""))[1],
        )
        for voice, row in found.items()
    }


def _list_texts(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The text of these mentions and the digest of the answers that prove them."""
    if not ids:
        return {}
    query = (
        select(MentionRow.id, MentionRow.text, CaptureRow.sha256)
        .join(CaptureRow, CaptureRow.id == MentionRow.capture_id)
        .where(MentionRow.id.in_(ids))
    )
    return {row.id: (row.text, row.sha256) for row in session.execute(query)}


def _list_older(
    session: Session, voices: Sequence[Voice], known: Container[Voice]
) -> dict[Voice, set[str]]:
    """The digests of all that was said under these keys."""
    found: dict[Voice, set[str]] = {voice: set() for voice in voices if voice in known}
    if found:
        query = select(MentionRow.source_id, MentionRow.key, MentionRow.content_hash).where(
            is_one_of(session, MentionRow.source_id, MentionRow.key, list(found))
        )
        for row in session.execute(query):
            found[row.source_id, row.key].add(row.content_hash)
    return found


def _to_last_word(said: Said, place: int) -> LastWord:
    return LastWord(
        id=place,
        content_hash=said.digests.of_mention,
        text=said.mention.text,
        is_partial=said.mention.is_partial,
        seen_at=said.seen_at,
        capture_id=said.proof.id,
        sha256=said.proof.sha256,
    )


def _to_row(said: Said, nature: Nature) -> dict[str, Any]:
    mention = said.mention
    return {
        "source_id": mention.source_id,
        "key": mention.key,
        "url": mention.url,
        "title": mention.title,
        "summary": mention.summary,
        "published_on": mention.published_on,
        "signed_on": mention.signed_on,
        "nature": mention.nature,
        "rubrique": mention.rubrique,
        "identifiers": [[i.scheme.value, i.value] for i in mention.identifiers],
        "extra": dict(mention.extra),
        "content_hash": said.digests.of_mention,
        "text_hash": said.digests.of_text,
        "seen_at": said.seen_at,
        "capture_id": said.proof.id,
        "is_technical": nature is not Nature.REAL,
        "is_partial": mention.is_partial,
    }


def add_mention(
    session: Session, mention: Mention, capture_id: int, seen_at: datetime
) -> MentionRow | None:
    """Record a mention; None if the source's last word under this key is the same."""
    sha256 = session.scalar(select(CaptureRow.sha256).where(CaptureRow.id == capture_id))
    said = Said(mention, Digests.of(mention), Proof(capture_id, sha256 or ""), seen_at)
    (is_kept,) = add_mentions(session, [said])
    return find_latest_mention(session, *said.voice) if is_kept else None


# --- Reading -----------------------------------------------------------------------------------


def to_mention(row: MentionRow | Row[Any]) -> Mention:
    return replace(
        to_witness(row),
        text=row.text,
        extra=row.extra,
        is_technical=row.is_technical,
        is_partial=row.is_partial,
    )


def to_witness(row: MentionRow | Row[Any]) -> Mention:
    """A mention as `hub.identity` hears it: that there is a text, not which."""
    return Mention(
        source_id=row.source_id,
        key=row.key,
        url=row.url,
        title=row.title,
        summary=row.summary,
        text="" if row.text_id is None else "…",
        published_on=row.published_on,
        signed_on=row.signed_on,
        nature=row.nature,
        rubrique=row.rubrique,
        identifiers=tuple(Identifier(Scheme(scheme), value) for scheme, value in row.identifiers),
    )


def list_unresolved(session: Session) -> list[int]:
    """Mentions that no item holds yet, in an order that does not depend on when they were fetched:
    those that prove most first.
    """
    by_bytes = "C" if session.get_bind().dialect.name == "postgresql" else "BINARY"
    query = (
        select(MentionRow.id)
        .where(MentionRow.item_id.is_(None))
        .order_by(
            MentionRow.seen_at,
            func.json_array_length(MentionRow.identifiers).desc(),
            MentionRow.published_on.is_(None),
            MentionRow.published_on,
            collate(MentionRow.source_id, by_bytes),
            collate(MentionRow.key, by_bytes),
            MentionRow.id,
        )
    )
    return list(session.scalars(query))


_OF_MENTION = (
    MentionRow.id, MentionRow.source_id, MentionRow.key, MentionRow.url, MentionRow.title,
    MentionRow.summary, MentionRow.text_id, MentionRow.published_on, MentionRow.signed_on,
    MentionRow.nature, MentionRow.rubrique, MentionRow.identifiers, MentionRow.text_hash,
    MentionRow.seen_at, MentionRow.is_technical, MentionRow.item_id,
)  # fmt: skip


_OF_WHOLE = (
    MentionRow.text.label("text"), MentionRow.extra, MentionRow.content_hash,
    MentionRow.is_partial,
)  # fmt: skip


def list_waiting(session: Session, ids: Sequence[int]) -> list[Row[Any]]:
    """These mentions, in this order, without those now resolved. Their texts are not read."""
    return _list_waiting(session, select(*_OF_MENTION), ids)


def list_waiting_whole(session: Session, ids: Sequence[int]) -> list[Row[Any]]:
    """These mentions, in this order, without those now resolved, with their texts."""
    return _list_waiting(session, select(*_OF_MENTION, *_OF_WHOLE), ids)


def _list_waiting(
    session: Session, query: Select[*tuple[Any, ...]], ids: Sequence[int]
) -> list[Row[Any]]:
    query = query.where(is_in(session, MentionRow.id, ids), MentionRow.item_id.is_(None))
    rows = {row.id: row for row in read_rows(session, query)}
    return [rows[id_] for id_ in ids if id_ in rows]


def list_said(session: Session, ids: Sequence[int]) -> list[Row[Any]]:
    """These mentions, in this order, with the item that holds each. Their texts are not read."""
    rows = {
        row.id: row
        for some in chunks(ids)
        for row in read_rows(
            session,
            select(*_OF_MENTION).where(is_in(session, MentionRow.id, some)),
        )
    }
    return [rows[id_] for id_ in ids]


def list_resolved(session: Session) -> Iterator[Sequence[Row[Any]]]:
    """All the mentions that items hold, some at a time."""
    last = 0
    query = select(*_OF_MENTION).where(MentionRow.item_id.is_not(None)).order_by(MentionRow.id)
    while rows := read_rows(session, query.where(MentionRow.id > last).limit(MANY)):
        last = rows[-1].id
        yield rows


def list_ids_by_voice(session: Session, voices: Sequence[Voice]) -> dict[Voice, list[int]]:
    """The mentions of each of these voices that an item holds; a voice without any is left out."""
    query = select(MentionRow.source_id, MentionRow.key, MentionRow.id).where(
        is_one_of(session, MentionRow.source_id, MentionRow.key, voices),
        MentionRow.item_id.is_not(None),
    )
    found: dict[Voice, list[int]] = {}
    for source_id, key, id_ in read_rows(session, query):
        found.setdefault((source_id, key), []).append(id_)
    return found


def list_spoken(session: Session, voices: Sequence[Voice]) -> list[int]:
    """All the mentions of these voices that an item holds."""
    found = [list_ids_by_voice(session, some) for some in chunks(voices)]
    return sorted(id_ for by_voice in found for ids in by_voice.values() for id_ in ids)


def list_ids_of_items(session: Session, item_ids: Sequence[int]) -> list[int]:
    """The mentions of these items, in order."""
    return sorted(
        id_
        for some in chunks(item_ids)
        for id_ in session.scalars(
            select(MentionRow.id).where(is_in(session, MentionRow.item_id, some))
        )
    )


def set_items(session: Session, links: Sequence[tuple[int, int]]) -> None:
    """Say which item each mention speaks of: (mention, item) pairs."""
    table = table_of(MentionRow)
    query = (
        update(table).where(table.c.id == bindparam("mention")).values(item_id=bindparam("item"))
    )
    rows = [{"mention": mention, "item": item} for mention, item in links]
    execute_many(session, query, rows)


def free(session: Session, ids: Sequence[int]) -> None:
    """Let no item hold these mentions, until another does."""
    for some in chunks(ids):
        session.execute(
            update(MentionRow)
            .where(is_in(session, MentionRow.id, some))
            .values(item_id=None)
            .execution_options(synchronize_session=False)
        )


def list_known_keys(session: Session, source_id: str, keys: Iterable[str]) -> set[str]:
    """Those of these keys under which the source was once read whole."""
    return {
        key
        for some in chunks(list(keys))
        for key in session.scalars(
            select(MentionRow.key).where(
                MentionRow.source_id == source_id,
                MentionRow.key.in_(some),
                MentionRow.is_partial.is_(False),
            )
        )
    }


def list_mentions(session: Session, item_id: int) -> Sequence[MentionRow]:
    """The mentions of an item, oldest first."""
    return session.scalars(
        select(MentionRow)
        .where(MentionRow.item_id == item_id)
        .order_by(MentionRow.published_on, MentionRow.id)
    ).all()
