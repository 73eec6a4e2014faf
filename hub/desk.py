"""The editors' desk: apply a move to an item inside the caller's transaction; read the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

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
from hub.search.protocol import parse_query
from hub.search.reading import compile_query
from hub.store import Session
from hub.store.bulk import chunks, is_in
from hub.store.decisions import DecisionRow, add_decision, add_decisions, list_decisions
from hub.store.items import (
    ItemIdentifierRow,
    ItemRow,
    ItemVersionRow,
    RedactionRow,
    TagRow,
    adopt_facts,
    count_items,
    from_evidence,
    redaction_from_json,
    redaction_to_json,
    set_redaction,
    to_redaction,
    to_tag,
)
from hub.store.mentions import MentionRow

PAGE_SIZE = 30
BATCH = 500


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
    if item.state.is_public:
        _show_as_reviewed(session, item, after.reviewed_version)
    item.revision += 1
    session.flush()
    add_decision(session, item.id, item.version, replace(decision, payload=payload))
    return item


@dataclass(frozen=True, slots=True)
class FirstMove:
    """The first decision on an item that just arrived, for the text of that version."""

    item_id: int
    version: int
    decision: Decision


def decide_new(session: Session, moves: Sequence[FirstMove]) -> set[int]:
    """Make the first move on many items, as `decide` would on each.

    An item on which anything was decided, or whose text changed meanwhile, is left alone. Returns
    the items that were moved; the others are to be read again.

    Raises:
        ReviewError: the move is not one that an item that just arrived allows.
    """
    held = _hold_new(session, moves)
    led: dict[tuple[int, int], tuple[Standing, Decision]] = {}
    made = []
    for one in moves:
        if one.item_id in held:
            key = (one.version, id(one.decision))  # many items share one decision
            led[key] = led.get(key) or _first_move(one)
            made.append((one, *led[key]))
    by_place: dict[tuple[ItemState, datetime | None], list[int]] = {}
    for one, after, _ in made:
        by_place.setdefault((after.state, after.public_at), []).append(one.item_id)
    for (state, public_at), item_ids in by_place.items():
        for some in chunks(item_ids):
            session.execute(
                update(ItemRow)
                .where(is_in(session, ItemRow.id, some))
                .values(state=state, public_at=public_at, revision=ItemRow.revision + 1)
                .execution_options(synchronize_session=False)
            )
    add_decisions(session, [(one.item_id, one.version, decision) for one, _, decision in made])
    return held


def _hold_new(session: Session, moves: Sequence[FirstMove]) -> set[int]:
    """Those of the items that are still as they arrived, held until the transaction ends."""
    versions = {one.item_id: one.version for one in moves}
    found = set()
    for some in chunks(list(versions)):
        decided = set(
            session.scalars(
                select(DecisionRow.item_id).where(is_in(session, DecisionRow.item_id, some))
            )
        )
        query = select(ItemRow.id, ItemRow.state, ItemRow.version).where(
            is_in(session, ItemRow.id, some)
        )
        for row in session.execute(query.order_by(ItemRow.id).with_for_update()):
            is_new = row.state is ItemState.NEW and row.version == versions[row.id]
            if is_new and row.id not in decided:
                found.add(row.id)
    return found


def _first_move(one: FirstMove) -> tuple[Standing, Decision]:
    """Where the move leads, and the decision with what undo needs. A new item already bears the
    title, address and dates of its one text: there is nothing to show otherwise.
    """
    before = Standing(ItemState.NEW, version=one.version)
    after = move(before, _to_move(one.decision))
    payload = {**one.decision.payload, "before": _before_to_json(remember(before, after))}
    return after, replace(one.decision, payload=payload)


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


def _show_as_reviewed(session: Session, item: ItemRow, number: int) -> None:
    """A public item bears the title, address and dates of the version that was answered for."""
    version = item.versions[number - 1] if number else item.current
    adopt_facts(item, session.get_one(MentionRow, version.mention_id))


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
    """What to show of the items; empty means any. `words` is read as `hub.search` reads it."""

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
    found = [item_id for item_id, _ in _list_found(session, filters, renewed)]
    number = min(max(1, number), max(1, -(-len(found) // PAGE_SIZE)))
    ids = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    rows = {row.id: row for row in session.scalars(select(ItemRow).where(ItemRow.id.in_(ids)))}
    return QueuePage([rows[item_id] for item_id in ids], len(found), number, renewed)


def find_next(session: Session, filters: Filters, slug: str) -> str | None:
    """The item after this one for these filters, or the first, or None. Ask before moving."""
    slugs = [found for _, found in _list_found(session, filters, list_renewed(session))]
    place = slugs.index(slug) if slug in slugs else -1
    others = [*slugs[place + 1 :], *slugs[: max(place, 0)]]
    return others[0] if others else None


def count(session: Session) -> Counts:
    states = count_items(session)
    renewed = len(list_renewed(session))
    by_view = {view: states.get(view.value, 0) for view in View}
    by_view[View.WAITING] += renewed
    by_view[View.ALL] = sum(states.values()) - states.get(ItemState.MERGED.value, 0)
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


def _list_found(
    session: Session, filters: Filters, renewed: frozenset[int]
) -> list[tuple[int, str]]:
    """Id and slug of every item that the filters let through, in order."""
    query = _in_order(_select(filters, renewed), filters.order)
    if filters.words:
        return _search(session, query, filters.words)
    rows = session.execute(query.with_only_columns(ItemRow.id, ItemRow.slug))
    return [(row[0], row[1]) for row in rows]


def _search(session: Session, query: Select[ItemRow], words: str) -> list[tuple[int, str]]:
    """The items that say these words, in their official text or in the editors' own.

    Read from the database, not from the search index: the index leaves out what the rules set
    aside, and does not know what an editor wrote a minute ago.
    """
    asked = parse_query(words)
    if not (asked.words or asked.phrases or asked.excluded):
        return []
    has_it = compile_query(asked)
    numbered = set(session.scalars(_select_numbered(words)))
    rows = session.execute(_with_texts(query))
    return [
        (row[0], row[1])
        for row in rows
        if row[0] in numbered or has_it("\n".join(map(_plain, row[2:])))
    ]


def _select_numbered(words: str) -> Select[int]:
    """The items that have this in an official identifier."""
    return select(ItemIdentifierRow.item_id).where(
        ItemIdentifierRow.value.icontains(words.strip(), autoescape=True)
    )


def _with_texts(query: Select[ItemRow]) -> Select[*tuple[Any, ...]]:
    """Id and slug, then all that can be searched in an item."""
    current = and_(ItemVersionRow.item_id == ItemRow.id, ItemVersionRow.number == ItemRow.version)
    return (
        query.with_only_columns(
            ItemRow.id,
            ItemRow.slug,
            ItemRow.title,
            ItemVersionRow.title,
            ItemVersionRow.summary,
            ItemVersionRow.text,
            RedactionRow.titre,
            RedactionRow.ce_qui_change,
            RedactionRow.pour_qui,
            RedactionRow.a_faire,
        )
        .join(ItemVersionRow, current)
        .outerjoin(RedactionRow, RedactionRow.item_id == ItemRow.id)
        .execution_options(yield_per=BATCH)
    )


def _plain(value: str | list[str] | None) -> str:
    return "\n".join(value) if isinstance(value, list) else value or ""


def _select(filters: Filters, renewed: frozenset[int]) -> Select[ItemRow]:
    query = select(ItemRow).where(ItemRow.state != ItemState.MERGED)
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
    return query.where(*conditions)


def _has_term(kind: TermKind, term: str) -> ColumnElement[bool]:
    return ItemRow.tags.any(
        and_(TagRow.kind == kind, TagRow.term == term, TagRow.removed.is_(False))
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
    if before.marks:
        data["tags"] = [_mark_to_json(key, mark) for key, mark in before.marks.items()]
    return data


def _mark_to_json(key: TermKey, mark: Mark | None) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": key[0].value, "term": key[1], "was": None}
    if mark is not None:
        data["was"] = {
            "origin": mark.tag.origin.value,
            "score": mark.tag.score,
            "evidence": [from_evidence(evidence) for evidence in mark.tag.evidence],
            "removed": mark.is_removed,
        }
    return data


def _before_from_json(data: Mapping[str, Any]) -> Before:
    place, redaction = data.get("place"), data.get("redaction")
    return Before(
        place=_place_from_json(place) if place else None,
        redaction=redaction_from_json(redaction) if redaction is not None else None,
        marks={
            (TermKind(tag["kind"]), tag["term"]): _mark_from_json(tag)
            for tag in data.get("tags", ())
        },
    )


def _place_from_json(data: Mapping[str, Any]) -> Place:
    at = data["public_at"]
    return Place(ItemState(data["state"]), datetime.fromisoformat(at) if at else None)


def _mark_from_json(data: Mapping[str, Any]) -> Mark | None:
    was = data["was"]
    if was is None:
        return None
    row = TagRow(
        kind=TermKind(data["kind"]),
        term=data["term"],
        origin=Origin(was["origin"]),
        score=was["score"],
        evidence=was["evidence"],
    )
    return Mark(to_tag(row), was["removed"])
