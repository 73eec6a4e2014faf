"""The editors' desk: apply a move to an item inside the caller's transaction; read the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from hub.errors import AlreadyReviewed, ReviewError
from hub.model import Action, Decision, ItemState, Origin, TermKind
from hub.review import (
    Before,
    Mark,
    Move,
    Past,
    Place,
    Standing,
    TermKey,
    find_reviewed_version,
    move,
    remember,
    undo,
)
from hub.store import Session
from hub.store.decisions import DecisionRow, add_decision, list_decisions
from hub.store.items import (
    ItemIdentifierRow,
    ItemRow,
    ItemVersionRow,
    TagRow,
    count_items,
    from_evidence,
    redaction_from_json,
    redaction_to_json,
    set_redaction,
    to_redaction,
    to_tag,
)
from hub.text import comparable

PAGE_SIZE = 30


# --- Deciding ----------------------------------------------------------------------------------


def decide(
    session: Session, slug: str, decision: Decision, *, expected_revision: int | None = None
) -> ItemRow:
    """Apply one move of an editor or of a rule, and add it to the trail.

    The item is held until the caller's transaction ends, so two editors cannot both be first.

    Raises:
        AlreadyReviewed: the item is no longer at `expected_revision`.
        ReviewError: there is no such item, or its state does not allow the move.
    """
    item = _hold(session, slug)
    if expected_revision is not None and item.revision != expected_revision:
        raise AlreadyReviewed(slug, expected_revision, item.revision)
    trail = list_trail(session, item)
    before = standing_of(item, trail)
    payload = dict(decision.payload)
    if decision.action is Action.UNDO:
        after, undone = undo(before, trail)
        payload |= {"undoes": undone.id, "action": undone.action.value}
    else:
        after = move(before, _to_move(decision))
    payload["before"] = _before_to_json(remember(before, after))
    _apply(session, item, before, after)
    item.revision += 1
    session.flush()
    add_decision(session, item.id, item.version, replace(decision, payload=payload))
    return item


def _hold(session: Session, slug: str) -> ItemRow:
    item = session.scalar(
        select(ItemRow)
        .where(ItemRow.slug == slug)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if item is None:
        raise ReviewError(f"no such item slug={slug}")
    return item


def list_trail(session: Session, item: ItemRow) -> list[Past]:
    """What was done to the item, oldest first, as the pure moves read it."""
    return [to_past(row) for row in list_decisions(session, item.id)]


def to_past(row: DecisionRow) -> Past:
    return Past(
        id=row.id,
        action=row.action,
        by=row.by,
        version=row.item_version,
        before=_before_from_json(row.payload.get("before", {})),
        undoes=row.payload.get("undoes"),
    )


def standing_of(item: ItemRow, trail: Sequence[Past]) -> Standing:
    return Standing(
        state=item.state,
        version=item.version,
        reviewed_version=find_reviewed_version(trail),
        public_at=item.public_at,
        redaction=to_redaction(item.redaction),
        tags={(row.kind, row.term): Mark(to_tag(row), row.removed) for row in item.tags},
    )


def _to_move(decision: Decision) -> Move:
    payload = decision.payload
    return Move(
        action=decision.action,
        by=decision.by,
        at=decision.at,
        redaction=(redaction_from_json(payload["redaction"]) if payload.get("redaction") else None),
        term=(TermKind(payload["kind"]), payload["term"]) if "term" in payload else None,
    )


def _apply(session: Session, item: ItemRow, before: Standing, after: Standing) -> None:
    item.state = after.state
    item.public_at = after.public_at
    if after.redaction != before.redaction:
        set_redaction(session, item, after.redaction)
    for key in {**before.tags, **after.tags}:
        if before.tags.get(key) != after.tags.get(key):
            _apply_mark(item, key, after.tags.get(key))


def _apply_mark(item: ItemRow, key: TermKey, mark: Mark | None) -> None:
    row = next((row for row in item.tags if (row.kind, row.term) == key), None)
    if mark is None:
        if row is not None:
            item.tags.remove(row)
        return
    if row is None:
        row = TagRow(kind=key[0], term=key[1])
        item.tags.append(row)
    row.origin, row.score = mark.tag.origin, mark.tag.score
    row.evidence = [from_evidence(evidence) for evidence in mark.tag.evidence]
    row.removed = mark.is_removed


# --- The queue ---------------------------------------------------------------------------------


class View(StrEnum):
    """What an editor asks to see. `WAITING` is the queue itself."""

    WAITING = "a_relire"
    LATER = "plus_tard"
    NOISE = "ecarte"
    APPROVED = "approuve"
    REJECTED = "rejete"
    ALL = "tous"


class Order(StrEnum):
    DATE = "date"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show of the items; empty means any. `words` must all be found in the item."""

    view: View = View.WAITING
    secteur: str = ""
    dispositif: str = ""
    filiere: str = ""
    metier: str = ""
    source: str = ""
    words: str = ""
    order: Order = Order.DATE


@dataclass(frozen=True, slots=True)
class QueuePage:
    items: Sequence[ItemRow]
    total: int
    number: int
    renewed: frozenset[int]
    """Public items whose text changed since it was approved."""

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was read, how much of it the rules set aside, and what is left to people."""

    read: int
    by_view: Mapping[View, int]


def queue(session: Session, filters: Filters, number: int = 1) -> QueuePage:
    """One page of the items that the filters let through; a number past the end gives the last."""
    renewed = list_renewed(session)
    query = _select(filters, renewed)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    number = min(max(1, number), max(1, -(-total // PAGE_SIZE)))
    items = session.scalars(
        _in_order(query, filters.order).offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    ).all()
    return QueuePage(items, total, number, renewed)


def find_next(session: Session, filters: Filters, slug: str) -> str | None:
    """The item after this one for these filters, or the first, or None. Ask before moving."""
    query = _in_order(_select(filters, list_renewed(session)), filters.order)
    slugs = session.scalars(query.with_only_columns(ItemRow.slug)).all()
    place = slugs.index(slug) if slug in slugs else -1
    others = [*slugs[place + 1 :], *slugs[: max(place, 0)]]
    return others[0] if others else None


def count(session: Session) -> Counts:
    states = count_items(session)
    renewed = len(list_renewed(session))
    by_view = {view: states.get(view.value, 0) for view in View}
    by_view[View.WAITING] += renewed
    by_view[View.ALL] = sum(states.values())
    return Counts(read=by_view[View.ALL], by_view=by_view)


def list_renewed(session: Session) -> frozenset[int]:
    """Public items whose text changed since someone answered for it."""
    candidates = select(ItemRow.id).where(ItemRow.state == ItemState.APPROVED, ItemRow.version > 1)
    versions = {
        row[0]: row[1]
        for row in session.execute(
            select(ItemRow.id, ItemRow.version).where(ItemRow.id.in_(candidates))
        )
    }
    trails: dict[int, list[Past]] = {}
    for row in session.scalars(
        select(DecisionRow).where(DecisionRow.item_id.in_(candidates)).order_by(DecisionRow.id)
    ):
        trails.setdefault(row.item_id, []).append(to_past(row))
    return frozenset(
        item_id
        for item_id, trail in trails.items()
        if 0 < find_reviewed_version(trail) < versions[item_id]
    )


def _select(filters: Filters, renewed: frozenset[int]) -> Select[ItemRow]:
    query = select(ItemRow)
    if filters.view is View.WAITING:
        query = query.where(or_(ItemRow.state == ItemState.TO_REVIEW, ItemRow.id.in_(renewed)))
    elif filters.view is not View.ALL:
        query = query.where(ItemRow.state == ItemState(filters.view.value))
    if filters.source:
        query = query.where(ItemRow.source_id == filters.source)
    terms = {
        TermKind.SECTEUR: filters.secteur,
        TermKind.DISPOSITIF: filters.dispositif,
        TermKind.FILIERE: filters.filiere,
        TermKind.METIER: filters.metier,
    }
    conditions = [_has_term(kind, term) for kind, term in terms.items() if term]
    conditions += [_has_word(word) for word in filters.words.split()]
    return query.where(*conditions)


def _has_term(kind: TermKind, term: str) -> ColumnElement[bool]:
    return ItemRow.tags.any(
        and_(TagRow.kind == kind, TagRow.term == term, TagRow.removed.is_(False))
    )


def _has_word(word: str) -> ColumnElement[bool]:
    """In the title whatever the accents, in the current text as written, or as an identifier."""
    plain = comparable(word) or word
    current = and_(
        ItemVersionRow.number == ItemRow.version,
        or_(
            ItemVersionRow.text.icontains(word, autoescape=True),
            ItemVersionRow.summary.icontains(word, autoescape=True),
        ),
    )
    return or_(
        ItemRow.comparable_title.contains(plain, autoescape=True),
        ItemRow.versions.any(current),
        ItemRow.identifiers.any(ItemIdentifierRow.value.icontains(word, autoescape=True)),
    )


def _in_order(query: Select[ItemRow], order: Order) -> Select[ItemRow]:
    by_date = (ItemRow.published_on.desc().nulls_last(), ItemRow.slug)
    if order is Order.DATE:
        return query.order_by(*by_date)
    best = (
        select(func.max(TagRow.score))
        .where(TagRow.item_id == ItemRow.id, TagRow.removed.is_(False))
        .scalar_subquery()
    )
    return query.order_by(best.desc().nulls_last(), *by_date)


# --- What undo needs, in the decision's payload ------------------------------------------------


def _before_to_json(before: Before) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if before.place is not None:
        at = before.place.public_at
        data["place"] = {
            "state": before.place.state.value,
            "public_at": at.isoformat() if at else None,
        }
    if before.redaction is not None:
        data["redaction"] = redaction_to_json(before.redaction)
    if before.term is not None:
        data["tag"] = {"kind": before.term[0].value, "term": before.term[1], "was": None}
        if before.mark is not None:
            tag = before.mark.tag
            data["tag"]["was"] = {
                "origin": tag.origin.value,
                "score": tag.score,
                "evidence": [from_evidence(evidence) for evidence in tag.evidence],
                "removed": before.mark.is_removed,
            }
    return data


def _before_from_json(data: Mapping[str, Any]) -> Before:
    place, redaction, tag = data.get("place"), data.get("redaction"), data.get("tag")
    return Before(
        place=_place_from_json(place) if place else None,
        redaction=redaction_from_json(redaction) if redaction is not None else None,
        term=(TermKind(tag["kind"]), tag["term"]) if tag else None,
        mark=_mark_from_json(tag) if tag and tag["was"] else None,
    )


def _place_from_json(data: Mapping[str, Any]) -> Place:
    at = data["public_at"]
    return Place(ItemState(data["state"]), datetime.fromisoformat(at) if at else None)


def _mark_from_json(data: Mapping[str, Any]) -> Mark:
    was = data["was"]
    row = TagRow(
        kind=TermKind(data["kind"]),
        term=data["term"],
        origin=Origin(was["origin"]),
        score=was["score"],
        evidence=was["evidence"],
    )
    return Mark(to_tag(row), was["removed"])
