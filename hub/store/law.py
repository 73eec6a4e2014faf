"""What was read of the law in the texts of items: the steps they tell, their links, their moves.

All can be made again from the texts at any time. Links are kept in rows because they are also
asked from the other end: which items modify this text? What people read again is kept beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.legal.avancement import Certainty, Stage, Step
from hub.legal.impact import Move, MoveKind, Reading
from hub.model import Action, Evidence, ItemState, Precision, TextField
from hub.store.base import Base
from hub.store.bulk import chunks, insert_rows
from hub.store.decisions import DecisionRow
from hub.store.items import ItemRow
from hub.store.mentions import MentionRow

LONGEST = 400
"""Characters kept of the words that prove a step."""
FOLLOWED = (ItemState.TO_REVIEW, ItemState.LATER, ItemState.APPROVED)
"""The states of the items whose law is read: those that somebody reads or will read."""


class LawReadingRow(Base):
    """How far an item was read: how many of its mentions, by which edition of our rules.

    `steps` are those its mentions tell (`hub.law`), as JSON.
    """

    __tablename__ = "law_reading"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    mentions: Mapped[int]
    rules: Mapped[int]
    steps: Mapped[list[Any]]


class LawLinkRow(Base):
    """What an item's text does to another. `norm` is the target as `hub.legal.norms` writes it,
    `identity` its official identifier (`numero:decret-2026-822`), "" when it has none; `url` its
    official address, or "". `words` name the target, `says` what is done to it. `step` is the step
    of the target's life that this makes, if it makes one.
    """

    __tablename__ = "law_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    kind: Mapped[str]
    norm: Mapped[str] = mapped_column(index=True)
    identity: Mapped[str] = mapped_column(index=True)
    words: Mapped[str]
    about: Mapped[str]
    says: Mapped[str]
    url: Mapped[str]
    step: Mapped[dict[str, Any] | None]


class LawMoveRow(Base):
    """What an item's text moves (`hub.legal.impact.Move`). `seen_at` is when it was first said."""

    __tablename__ = "law_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    kind: Mapped[str]
    norms: Mapped[list[Any]]
    by: Mapped[list[Any]]
    on: Mapped[date | None]
    words: Mapped[str]
    url: Mapped[str]
    seen_at: Mapped[datetime]


class RereadingRow(Base):
    """« Relu, rien à changer » : append-only. `place` and `key` are those of a base, `by` is a
    person. `until` is the newest of the moves that were on the screen: what came since stays open.
    """

    __tablename__ = "rereading"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(index=True)
    key: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class LawReading:
    """What one item says. `links` are the columns of `LawLinkRow`, but for its keys."""

    item_id: int
    mentions: int
    steps: Sequence[Step] = ()
    links: Sequence[Mapping[str, Any]] = ()
    moves: Sequence[Move] = ()


def list_unread_law(session: Session, rules: int, asked: Sequence[int] = ()) -> Sequence[int]:
    """Of the followed items and of those asked for, the ones that gained a mention since they were
    read, or that were read by other rules.
    """
    said = select(func.count()).where(MentionRow.item_id == ItemRow.id).scalar_subquery()
    query = (
        select(ItemRow.id)
        .outerjoin(LawReadingRow, LawReadingRow.item_id == ItemRow.id)
        .where(
            or_(ItemRow.state.in_(FOLLOWED), ItemRow.id.in_(asked)),
            or_(
                LawReadingRow.item_id.is_(None),
                LawReadingRow.rules != rules,
                LawReadingRow.mentions != said,
            ),
        )
    )
    return session.scalars(query.order_by(ItemRow.id)).all()


def set_readings(session: Session, readings: Sequence[LawReading], rules: int) -> None:
    """Put these readings in place of those of the same items."""
    ids = [reading.item_id for reading in readings]
    forget_law(session, ids)
    insert_rows(
        session,
        LawReadingRow,
        [
            {
                "item_id": reading.item_id,
                "mentions": reading.mentions,
                "rules": rules,
                "steps": [step_to_json(step) for step in reading.steps],
            }
            for reading in readings
        ],
    )
    insert_rows(
        session,
        LawLinkRow,
        [{"item_id": one.item_id, **link} for one in readings for link in one.links],
    )
    insert_rows(
        session,
        LawMoveRow,
        [_move_to_row(one.item_id, move) for one in readings for move in one.moves],
    )


def forget_law(session: Session, item_ids: Sequence[int]) -> None:
    for some in chunks(item_ids):
        for table in (LawReadingRow, LawLinkRow, LawMoveRow):
            session.query(table).where(table.item_id.in_(some)).delete(synchronize_session=False)


def list_steps(session: Session, item_ids: Sequence[int]) -> dict[int, list[Step]]:
    """The steps that the mentions of each item tell."""
    return {
        item_id: [step_from_json(step) for step in steps]
        for some in chunks(item_ids)
        for item_id, steps in session.execute(
            select(LawReadingRow.item_id, LawReadingRow.steps).where(
                LawReadingRow.item_id.in_(some)
            )
        )
    }


def list_links(session: Session, item_ids: Sequence[int]) -> dict[int, list[LawLinkRow]]:
    """The links of each item, in the order of its text."""
    found: dict[int, list[LawLinkRow]] = {}
    for some in chunks(item_ids):
        query = select(LawLinkRow).where(LawLinkRow.item_id.in_(some)).order_by(LawLinkRow.id)
        for row in session.scalars(query):
            found.setdefault(row.item_id, []).append(row)
    return found


def list_links_to(session: Session, identities: Iterable[str]) -> dict[str, list[LawLinkRow]]:
    """The links that bear on each of these official identifiers."""
    found: dict[str, list[LawLinkRow]] = {}
    for some in chunks(sorted(set(identities))):
        query = select(LawLinkRow).where(LawLinkRow.identity.in_(some)).order_by(LawLinkRow.id)
        for row in session.scalars(query):
            found.setdefault(row.identity, []).append(row)
    return found


# --- Moves -------------------------------------------------------------------------------------


def _move_to_row(item_id: int, move: Move) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "kind": move.kind.value,
        "norms": sorted(move.norms),
        "by": sorted(move.by),
        "on": move.on,
        "words": move.words[:LONGEST],
        "url": move.url,
        "seen_at": move.seen_at,
    }


def list_moves(session: Session) -> list[Move]:
    """What the followed items move, in the order it was read."""
    query = (
        select(LawMoveRow, ItemRow.slug)
        .join(ItemRow, ItemRow.id == LawMoveRow.item_id)
        .where(ItemRow.state.in_(FOLLOWED))
        .order_by(LawMoveRow.id)
    )
    return [
        Move(
            norms=frozenset(row.norms),
            kind=MoveKind(row.kind),
            seen_at=row.seen_at,
            words=row.words,
            on=row.on,
            by=frozenset(row.by),
            url=row.url,
            told_by=slug,
        )
        for row, slug in session.execute(query)
    ]


def add_rereading(
    session: Session, place: str, key: str, by: str, at: datetime, until: datetime
) -> None:
    """Write that a person read a passage again (`key` "": all those of `place`)."""
    session.add(RereadingRow(place=place, key=key, by=by, at=at, until=until))


def list_rereadings(session: Session) -> list[Reading]:
    """Each closes the moves that were on the screen when it was made."""
    rows = session.scalars(select(RereadingRow).order_by(RereadingRow.id))
    return [Reading(row.place, row.until, row.by, row.key) for row in rows]


def list_approvals(session: Session) -> list[Reading]:
    """The last time that each published item was approved: it was read then, as the law stood."""
    last = func.max(DecisionRow.at).label("last")
    query = (
        select(ItemRow.slug, ItemRow.public_at, last)
        .outerjoin(
            DecisionRow,
            and_(DecisionRow.item_id == ItemRow.id, DecisionRow.action == Action.APPROVE),
        )
        .where(ItemRow.state == ItemState.APPROVED)
        .group_by(ItemRow.id, ItemRow.slug, ItemRow.public_at)
    )
    return [
        Reading(slug, max(moments), "")
        for slug, public_at, approved_at in session.execute(query)
        if (moments := [moment for moment in (public_at, approved_at) if moment])
    ]


def stamp_moves(session: Session) -> tuple[Any, ...]:
    """Another one as soon as a move, a followed item or a rereading is: for what is worked out of
    them all.
    """
    moves = select(func.count(), func.max(LawMoveRow.id), func.max(LawMoveRow.seen_at))
    readings = select(func.sum(LawReadingRow.mentions), func.max(LawReadingRow.rules))
    items = select(ItemRow.state, func.count(), func.sum(ItemRow.revision)).group_by(ItemRow.state)
    return (
        *session.execute(moves.select_from(LawMoveRow)).one(),
        *session.execute(readings).one(),
        session.scalar(select(func.max(RereadingRow.id))),
        *sorted(map(tuple, session.execute(items.where(ItemRow.state.in_(FOLLOWED))))),
    )


# --- Steps as JSON -----------------------------------------------------------------------------


def step_to_json(step: Step) -> dict[str, Any]:
    evidence = step.evidence
    return {
        "stage": step.stage.value,
        "source": step.source_id,
        "url": step.url,
        "on": step.on.isoformat() if step.on else None,
        "precision": step.precision.value,
        "until": step.until.isoformat() if step.until else None,
        "told_on": step.told_on.isoformat() if step.told_on else None,
        "part": step.part,
        "certainty": step.certainty.value,
        "rule": evidence.rule,
        "words": evidence.words[:LONGEST],
        "field": evidence.field.value if evidence.field else None,
        "start": evidence.start,
        "end": evidence.end,
    }


def step_from_json(data: Mapping[str, Any]) -> Step:
    return Step(
        stage=Stage(data["stage"]),
        source_id=data["source"],
        url=data["url"],
        evidence=Evidence(
            rule=data["rule"],
            words=data["words"],
            field=TextField(data["field"]) if data["field"] else None,
            start=data["start"],
            end=data["end"],
        ),
        on=_day(data["on"]),
        precision=Precision(data["precision"]),
        until=_day(data["until"]),
        told_on=_day(data["told_on"]),
        part=data["part"],
        certainty=Certainty(data["certainty"]),
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
