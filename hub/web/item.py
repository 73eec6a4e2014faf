"""The page of one item: the official text and its evidence, what will be published, the verdict."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.desk import decide, find_next
from hub.errors import AlreadyReviewed, ReviewError
from hub.messages import explain, message
from hub.model import Action, Decision, ItemState, Niveau, Redaction, TermKind
from hub.review import VERDICTS, is_draft
from hub.store import Session
from hub.store.decisions import list_decisions
from hub.store.identity import find_where_merged
from hub.store.items import (
    ItemRow,
    find_item,
    redaction_to_json,
    to_redaction,
)
from hub.web import words
from hub.web.drafting import draft_item, draft_redaction, take_up
from hub.web.filters import read_filters, to_query
from hub.web.flash import read_flash, say
from hub.web.forms import (
    RedactionInput,
    check_redaction,
    read_redaction,
    show_redaction,
    with_blank,
    without_line,
)
from hub.web.item_page import ASIDES, Shown, build_page
from hub.web.terms import label_of, parse_term
from hub.web.visits import HOME, Visit
from hub.web.words import REASONS

# --- Showing -----------------------------------------------------------------------------------


def show_item(visit: Visit) -> Response:
    with visit.store.read() as session:
        item = _get_item(session, visit)
        if into := find_where_merged(session, item.id):
            return _go(f"/relecture/items/{session.get_one(ItemRow, into).slug}")
        typed = show_redaction(_written_or_draft(visit, item))
        shown = Shown(typed, flash=read_flash(visit.request, session))
        return _show(visit, session, item, shown)


def show_stale(visit: Visit) -> Response:
    """A form of another session: nothing is done, what was typed is shown with a fresh token."""
    with visit.store.read() as session:
        item = _get_item(session, visit)
        kept = show_redaction(_written_or_draft(visit, item))
        typed = read_redaction(visit.form) if "titre" in visit.form else kept
        return _show(visit, session, item, Shown(typed, note=message("request.stale")), 403)


def _show(
    visit: Visit, session: Session, item: ItemRow, shown: Shown, status_code: int = 200
) -> Response:
    context = build_page(visit, session, item, shown)
    return visit.render(session, "item.html", context, status_code)


def _get_item(session: Session, visit: Visit) -> ItemRow:
    item = find_item(session, visit.request.path_params["slug"])
    if item is None:
        raise HTTPException(404)
    return item


def _written_or_draft(visit: Visit, item: ItemRow) -> Redaction:
    written = to_redaction(item.redaction)
    if written != Redaction():
        return written
    return draft_redaction(item.current.title, draft_item(item, visit.sources))


# --- Deciding ----------------------------------------------------------------------------------


def act_on_item(visit: Visit) -> Response:
    """Save what was typed and make the move of the button that was pressed, both or neither."""
    typed = read_redaction(visit.form)
    gesture, _, value = visit.field("geste").partition(":")
    if gesture in ("ligne", "retirer", "reprendre"):
        return _show_again(visit, _relined(visit, typed, gesture, value), {})
    action = Action(gesture) if gesture in set(Action) else Action.WRITE
    checked = check_redaction(typed, is_for_publication=action is Action.APPROVE)
    term = _term(visit, action, value)
    errors = {**checked.errors, **_check_gesture(visit, action, checked.redaction, term)}
    if errors:
        return _show_again(visit, typed, errors, 422)
    try:
        return _decide(visit, action, checked.redaction, term)
    except ReviewError as error:
        return _show_conflict(visit, typed, action, error, term)


def _relined(visit: Visit, typed: RedactionInput, gesture: str, value: str) -> RedactionInput:
    """Something more or less in the form: nothing is saved."""
    if gesture == "reprendre":
        with visit.store.read() as session:
            return take_up(typed, draft_item(_get_item(session, visit), visit.sources), value)
    what, _, number = value.partition(":")
    if gesture == "ligne":
        return with_blank(typed, what)
    return without_line(typed, visit.form, what, int(number) if number.isdecimal() else 0)


def _check_gesture(
    visit: Visit, action: Action, redaction: Redaction, term: tuple[TermKind, str] | None
) -> dict[str, str]:
    """What is wrong with this move, besides the fields."""
    if term is None and action in (Action.ADD_TAG, Action.REMOVE_TAG):
        return {"etiquette": message("field.term")}
    with visit.store.read() as session:
        item = _get_item(session, visit)
    is_to_be_public = action is Action.APPROVE or (
        item.state.is_public and action not in (Action.REJECT, Action.REOPEN)
    )
    is_sure = "droit" in visit.form or not is_draft(item.nature, item.current.title)
    was_chosen = item.state.is_public and redaction.niveau is _written_or_draft(visit, item).niveau
    if is_to_be_public and redaction.niveau is not Niveau.PROJET and not (is_sure or was_chosen):
        return {"niveau": message("field.draft")}
    return {}


def _decide(
    visit: Visit, action: Action, redaction: Redaction, term: tuple[TermKind, str] | None
) -> Response:
    filters = read_filters(visit.request.query_params)
    revision = _revision(visit)
    with visit.store.write() as session:
        item = _get_item(session, visit)
        was_public = item.state.is_public
        following = find_next(session, filters, item.slug) if action in VERDICTS else None
        if item.revision != revision:
            raise AlreadyReviewed(item.slug, revision, item.revision)
        moves: list[Action] = [Action.WRITE] if _is_to_write(visit, item, redaction, action) else []
        if action is not Action.WRITE:
            moves.append(action)
        for move in moves:
            decision = _decision(visit, move, redaction, term)
            item = decide(session, item.slug, decision, expected_revision=item.revision)
        is_public = item.state.is_public
    if moves and (was_public or is_public):
        visit.publish()
    said = say(action if moves else None, item.slug, item.revision)
    if action not in VERDICTS:
        return _go(f"/relecture/items/{item.slug}{to_query(filters, **said)}{_anchor(action)}")
    place = f"items/{following}" if following else ""
    return _go(f"{HOME}{place}{to_query(filters, **said)}")


def _is_to_write(visit: Visit, item: ItemRow, redaction: Redaction, action: Action) -> bool:
    """Whether the text differs from what is kept. A draft that nobody took up is not kept."""
    if redaction == to_redaction(item.redaction):
        return False
    is_untouched = redaction == _written_or_draft(visit, item)
    return not is_untouched or action in (Action.APPROVE, Action.WRITE)


def _decision(
    visit: Visit, action: Action, redaction: Redaction, term: tuple[TermKind, str] | None
) -> Decision:
    payload: dict[str, object] = {}
    if action is Action.WRITE:
        payload = {"redaction": redaction_to_json(redaction)}
    elif action in (Action.ADD_TAG, Action.REMOVE_TAG) and term is not None:
        payload = {"kind": term[0].value, "term": term[1]}
    reason = _reason(visit) if action is Action.REJECT else ""
    return Decision(action, visit.visitor.name, visit.now, reason, payload)


def _reason(visit: Visit) -> str:
    choice = REASONS.get(visit.field("motif"), "")
    detail = " ".join(visit.field("precision").split())[:500]
    return "\u00a0: ".join(part for part in (choice, detail) if part)


def _term(visit: Visit, action: Action, value: str) -> tuple[TermKind, str] | None:
    if action is Action.ADD_TAG:
        return parse_term(visit.referentiel, value or visit.field("etiquette"))
    if action is Action.REMOVE_TAG:
        kind, _, term = value.partition(":")
        known = {name.value for name in TermKind}
        return (TermKind(kind), term) if kind in known and term else None
    return None


def _anchor(action: Action) -> str:
    """Those who change tags are put back at the tags."""
    return "#etiquettes" if action in (Action.ADD_TAG, Action.REMOVE_TAG) else ""


def _go(path: str) -> Response:
    return RedirectResponse(path, 303)


def _revision(visit: Visit) -> int:
    value = visit.field("revision")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


# --- Showing again what was typed --------------------------------------------------------------


def _show_again(
    visit: Visit, typed: RedactionInput, errors: Mapping[str, str], status_code: int = 200
) -> Response:
    """The page as it was, with what was typed; the revision of the form stays what it was."""
    with visit.store.read() as session:
        item = _get_item(session, visit)
        shown = Shown(typed, errors, revision=_revision(visit), asides=_asides(visit))
        return _show(visit, session, item, shown, status_code)


def _asides(visit: Visit) -> dict[str, str]:
    return {name: visit.field(name) for name in ASIDES}


def _show_conflict(
    visit: Visit,
    typed: RedactionInput,
    action: Action,
    error: ReviewError,
    term: tuple[TermKind, str] | None = None,
) -> Response:
    """Someone decided first: both sides are shown, nothing was replaced."""
    about = label_of(visit.referentiel, *term) if term else ""
    with visit.store.read() as session:
        item = _get_item(session, visit)
        page = build_page(
            visit, session, item, Shown(show_redaction(_written_or_draft(visit, item)))
        )
        context = {
            **page,
            "sentence": explain(error),
            "mine": typed,
            "wanted": action,
            "wished": words.done(action, about),
            "asides": _asides(visit),
        }
        return visit.render(session, "conflit.html", context, 409)


# --- Undoing -----------------------------------------------------------------------------------


def undo_on_item(visit: Visit) -> Response:
    """Take back the last decision on the item, unless something happened since."""
    filters = read_filters(visit.request.query_params)
    decision = Decision(Action.UNDO, visit.visitor.name, visit.now)
    slug = visit.request.path_params["slug"]
    try:
        with visit.store.write() as session:
            was_public = _get_item(session, visit).state is ItemState.APPROVED
            item = decide(session, slug, decision, expected_revision=_revision(visit))
            undone = Action(list_decisions(session, item.id)[-1].payload["action"])
    except ReviewError as error:
        with visit.store.read() as session:
            item = _get_item(session, visit)
        return _show_conflict(
            visit, show_redaction(_written_or_draft(visit, item)), Action.UNDO, error
        )
    if was_public or item.state.is_public:
        visit.publish()
    said = say(Action.UNDO, slug, item.revision)
    return _go(f"/relecture/items/{slug}{to_query(filters, **said)}{_anchor(undone)}")
