"""What is remembered of identity: keys to look mentions up by, proposals, what editors ruled."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from hub.model import ItemState
from hub.sameness.clustering import CROWD, Ruling
from hub.sameness.reading import Voice
from hub.sameness.verdict import Ground
from hub.store.base import Base
from hub.store.bulk import chunks, insert_rows, is_in, is_one_of, read_rows
from hub.store.items import ItemRow
from hub.store.mentions import MentionRow


class MentionKeyRow(Base):
    """One key of `hub.sameness.clustering.list_keys`, hashed: two mentions that share neither one
    nor their voice are never the same. May be made again from the mentions."""

    __tablename__ = "mention_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), primary_key=True)


class MergedItemRow(Base):
    """An item that is no more by itself: what it was is told where it went. Its slug leads there,
    and never to another that went further."""

    __tablename__ = "merged_item"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    into_item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    at: Mapped[datetime]


class RulingRow(Base):
    """What an editor said of two voices. Append-only: of one pair, the last row holds."""

    __tablename__ = "identity_ruling"
    __table_args__ = (
        Index(None, "left_source_id", "left_key"),
        Index(None, "right_source_id", "right_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    left_source_id: Mapped[str]
    left_key: Mapped[str]
    right_source_id: Mapped[str]
    right_key: Mapped[str]
    is_same: Mapped[bool]
    by: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")


class ProposalState(StrEnum):
    OPEN = "ouverte"
    ACCEPTED = "acceptee"
    REFUSED = "refusee"
    LAPSED = "caduque"
    """Nothing asks it any more: the two were joined, or what they say changed."""


class ProposalRow(Base):
    """« Même texte ? »: two items that may be one, in the order of their ids.

    `ground` is the name of a `Ground`, `evidence` what both have. A refused one is never asked
    again.
    """

    __tablename__ = "identity_proposal"
    __table_args__ = (UniqueConstraint("left_item_id", "right_item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    left_item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    right_item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    ground: Mapped[str]
    evidence: Mapped[list[Any]]
    score: Mapped[float]
    state: Mapped[ProposalState] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(default="")


class AskedUntilRow(Base):
    """The last mention that was taken in when editors were last asked: one row, or none."""

    __tablename__ = "asked_until"

    id: Mapped[int] = mapped_column(primary_key=True)
    mention_id: Mapped[int]


# --- Keys --------------------------------------------------------------------------------------


def hash_key(key: str) -> int:
    """A key as it is kept: 63 bits, so that a chance meeting costs one comparison in an age."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def add_keys(session: Session, keys: Iterable[tuple[int, Collection[int]]]) -> None:
    """Make mentions findable: (mention, its keys hashed)."""
    insert_rows(
        session,
        MentionKeyRow,
        [
            {"key": key, "mention_id": mention_id}
            for mention_id, its_keys in keys
            for key in its_keys
        ],
    )


def list_known_keys(session: Session, hashes: Sequence[int]) -> dict[int, list[str]]:
    """Of these keys, those that some mention has, each with the sources that gave it."""
    found: dict[int, list[str]] = {}
    for some in chunks(hashes, _MANY):
        query = (
            select(MentionKeyRow.key, MentionRow.source_id)
            .join(MentionRow, MentionRow.id == MentionKeyRow.mention_id)
            .where(is_in(session, MentionKeyRow.key, some))
            .distinct()
        )
        for key, source_id in read_rows(session, query):
            found.setdefault(key, []).append(source_id)
    return found


def list_mentions_by_keys(session: Session, hashes: Sequence[int]) -> list[int]:
    """The mentions that have any of these keys, in order; a key that a crowd has finds none."""
    found: set[int] = set()
    for some in chunks(hashes, _MANY):
        counts = select(MentionKeyRow.key).where(is_in(session, MentionKeyRow.key, some))
        counts = counts.group_by(MentionKeyRow.key).having(func.count() <= CROWD)
        keys = list(session.connection().scalars(counts))
        query = select(MentionKeyRow.mention_id).where(is_in(session, MentionKeyRow.key, keys))
        found.update(session.connection().scalars(query))
    return sorted(found)


_MANY = 5_000


def has_keys(session: Session) -> bool:
    return session.scalar(select(MentionKeyRow.key).limit(1)) is not None


# --- Items that went ---------------------------------------------------------------------------


def add_merged(session: Session, item_id: int, into: int, at: datetime) -> None:
    """Remember where an item went, and all that had gone into it before."""
    session.execute(
        update(MergedItemRow).where(MergedItemRow.into_item_id == item_id).values(into_item_id=into)
    )
    session.add(MergedItemRow(item_id=item_id, into_item_id=into, at=at))
    session.flush()


def find_where_merged(session: Session, item_id: int) -> int | None:
    """The item that one which went is part of."""
    query = select(MergedItemRow.into_item_id).where(MergedItemRow.item_id == item_id)
    return session.scalar(query)


def list_moved(session: Session) -> list[tuple[str, str]]:
    """The slugs of items that were public and went, each with that of the public one they are part
    of."""
    old, kept = aliased(ItemRow), aliased(ItemRow)
    query = (
        select(old.slug, kept.slug)
        .join(MergedItemRow, MergedItemRow.item_id == old.id)
        .join(kept, kept.id == MergedItemRow.into_item_id)
        .where(old.public_at.is_not(None), kept.state == ItemState.APPROVED)
    )
    return [(row[0], row[1]) for row in session.execute(query.order_by(old.slug))]


# --- Rulings -----------------------------------------------------------------------------------


def add_rulings(
    session: Session, rulings: Iterable[Ruling], by: str, at: datetime, reason: str = ""
) -> None:
    """Remember what an editor says of pairs of voices, as what holds from now on."""
    insert_rows(
        session,
        RulingRow,
        [
            {
                "left_source_id": left[0],
                "left_key": left[1],
                "right_source_id": right[0],
                "right_key": right[1],
                "is_same": ruling.is_same,
                "by": by,
                "at": at,
                "reason": reason,
            }
            for ruling in rulings
            for left, right in [sorted((ruling.left, ruling.right))]
        ],
    )


def has_rulings(session: Session) -> bool:
    return session.scalar(select(RulingRow.id).limit(1)) is not None


def list_rulings(session: Session, voices: Sequence[Voice]) -> list[Ruling]:
    """What editors said of any of these voices, oldest first."""
    query = select(RulingRow).where(
        or_(
            is_one_of(session, RulingRow.left_source_id, RulingRow.left_key, voices),
            is_one_of(session, RulingRow.right_source_id, RulingRow.right_key, voices),
        )
    )
    return [
        Ruling(
            (row.left_source_id, row.left_key), (row.right_source_id, row.right_key), row.is_same
        )
        for row in session.scalars(query.order_by(RulingRow.id))
    ]


# --- Proposals ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask of two items."""

    left_item_id: int
    right_item_id: int
    ground: Ground
    evidence: tuple[str, ...]
    score: float

    @property
    def pair(self) -> tuple[int, int]:
        first, second = sorted((self.left_item_id, self.right_item_id))
        return first, second


def save_proposals(session: Session, questions: Iterable[Question], now: datetime) -> int:
    """Ask these questions, and no other: those open that are not among them lapse.

    Returns how many are new. What an editor answered is not asked again.
    """
    known = {(row.left_item_id, row.right_item_id): row for row in session.scalars(_ALL)}
    asked = {question.pair: question for question in questions}
    for pair, row in known.items():
        if row.state is ProposalState.OPEN and pair not in asked:
            close_proposal(row, ProposalState.LAPSED, "", now)
    count = 0
    for pair, question in sorted(asked.items()):
        row = known.get(pair) or ProposalRow(left_item_id=pair[0], right_item_id=pair[1])
        if row.state in (ProposalState.ACCEPTED, ProposalState.REFUSED):
            continue
        if row.state is not ProposalState.OPEN:
            row.state, row.opened_at, row.closed_at = ProposalState.OPEN, now, None
            count += 1
        row.ground, row.score = question.ground.name, question.score
        row.evidence = list(question.evidence)
        session.add(row)
    session.flush()
    return count


_ALL = select(ProposalRow)


def open_proposals(session: Session, pairs: Iterable[tuple[int, int]], now: datetime) -> None:
    """Ask about these pairs of items until all is asked again, which says on what ground."""
    for left, right in pairs:
        found = _ALL.filter_by(left_item_id=left, right_item_id=right)
        row = session.scalar(found) or ProposalRow(left_item_id=left, right_item_id=right)
        if row.state in (None, ProposalState.LAPSED):
            row.state, row.opened_at, row.closed_at = ProposalState.OPEN, now, None
            row.ground, row.score, row.evidence = Ground.ALIKE.name, 1.0, []
            session.add(row)
    session.flush()


def is_to_ask(session: Session) -> bool:
    """Whether anything was taken in since editors were last asked. Notes that they are now."""
    last = session.scalar(select(func.max(MentionRow.id)).where(MentionRow.item_id.is_not(None)))
    row = session.get(AskedUntilRow, 1)
    if last is None or (row is not None and row.mention_id >= last):
        return False
    session.merge(AskedUntilRow(id=1, mention_id=last))
    return True


def list_open_proposals(session: Session, limit: int = 50) -> Sequence[ProposalRow]:
    """The open ones, surest first."""
    query = _ALL.where(ProposalRow.state == ProposalState.OPEN)
    return session.scalars(
        query.order_by(ProposalRow.score.desc(), ProposalRow.id).limit(limit)
    ).all()


def list_asked_items(session: Session) -> set[int]:
    """The items about which something is asked."""
    query = select(ProposalRow.left_item_id, ProposalRow.right_item_id)
    rows = session.execute(query.where(ProposalRow.state == ProposalState.OPEN))
    return {item_id for row in rows for item_id in row}


def count_open_proposals(session: Session) -> int:
    query = select(func.count()).select_from(ProposalRow)
    return session.scalar(query.where(ProposalRow.state == ProposalState.OPEN)) or 0


def drop_proposals(session: Session, item_id: int, now: datetime) -> None:
    """Nothing is asked any more of an item that went: the one that took it in is asked about."""
    query = _ALL.where(
        ProposalRow.state == ProposalState.OPEN,
        or_(ProposalRow.left_item_id == item_id, ProposalRow.right_item_id == item_id),
    )
    for row in session.scalars(query):
        close_proposal(row, ProposalState.LAPSED, "", now)


def close_proposal(row: ProposalRow, state: ProposalState, by: str, now: datetime) -> None:
    row.state, row.closed_by, row.closed_at = state, by, now
