"""What is remembered of identity: keys to look mentions up by, proposals, what editors ruled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.sameness.clustering import Ruling
from hub.sameness.reading import Voice
from hub.sameness.verdict import Ground
from hub.store.base import Base
from hub.store.bulk import chunks, insert_rows, is_one_of
from hub.text import short_hash


class MentionKeyRow(Base):
    """One key of `hub.sameness.clustering.list_keys`, shortened: two mentions that share none are
    never the same. May be made again from the mentions."""

    __tablename__ = "mention_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), primary_key=True)


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


# --- Keys --------------------------------------------------------------------------------------

_KEY_LENGTH = 20


def add_keys(session: Session, keys: Iterable[tuple[int, Collection[str]]]) -> None:
    """Make mentions findable: (mention, its keys)."""
    insert_rows(
        session,
        MentionKeyRow,
        [
            {"key": key, "mention_id": mention_id}
            for mention_id, its_keys in keys
            for key in sorted({short_hash(key, _KEY_LENGTH) for key in its_keys})
        ],
    )


def list_mentions_by_keys(session: Session, keys: Collection[str]) -> list[int]:
    """The mentions that have any of these keys, in order."""
    hashes = sorted({short_hash(key, _KEY_LENGTH) for key in keys})
    found: set[int] = set()
    for some in chunks(hashes):
        query = select(MentionKeyRow.mention_id).where(MentionKeyRow.key.in_(some))
        found.update(session.scalars(query))
    return sorted(found)


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


def list_open_proposals(session: Session, limit: int = 50) -> Sequence[ProposalRow]:
    """The open ones, surest first."""
    query = _ALL.where(ProposalRow.state == ProposalState.OPEN)
    return session.scalars(
        query.order_by(ProposalRow.score.desc(), ProposalRow.id).limit(limit)
    ).all()


def close_proposal(row: ProposalRow, state: ProposalState, by: str, now: datetime) -> None:
    row.state, row.closed_by, row.closed_at = state, by, now
