"""The page of one item: the official text and its evidence, what will be published, the verdict."""

from __future__ import annotations

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.desk import decide, find_next
from hub.errors import AlreadyReviewed, ReviewError
from hub.messages import explain, message
from hub.model import Action, Decision, ItemState, Redaction, TermKind
from hub.review import VERDICTS
from hub.store import Session
from hub.store.items import (
    ItemRow,
    find_item,
    redaction_to_json,
    text_of_item,
    to_redaction,
)
from hub.web.filters import read_filters, to_query
from hub.web.flash import read_flash, say
from hub.web.forms import (
    Checked,
    EcheanceInput,
    RedactionInput,
    check_redaction,
    draft_redaction,
    read_redaction,
    show_redaction,
)
from hub.web.item_page import Shown, build_page
from hub.web.terms import parse_term
from hub.web.visits import HOME, Visit
from hub.web.words import REASONS

_TEXTS = ("titre", "ce_qui_change", "pour_qui", "applicable_le", "niveau")
_COLUMNS = ("echeance_date", "echeance_label", "echeance_precision", "echeance_sentence")


# --- Showing -----------------------------------------------------------------------------------


def show_item(visit: Visit) -> Response:
    with visit.store.read() as session:
        item = _get_item(session, visit)
        typed = show_redaction(_written_or_draft(item))
        shown = Shown(typed, flash=read_flash(visit.request, session))
        return _show(visit, session, item, shown)


def show_stale(visit: Visit) -> Response:
    """A form of another session: nothing is done, what was typed is shown with a fresh token."""
    with visit.store.read() as session:
        item = _get_item(session, visit)
        kept = show_redaction(_written_or_draft(item))
        typed = _typed(visit) if "titre" in visit.form else kept
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


def _written_or_draft(item: ItemRow) -> Redaction:
    written = to_redaction(item.redaction)
    return draft_redaction(text_of_item(item)) if written == Redaction() else written


# --- Deciding ----------------------------------------------------------------------------------


def act_on_item(visit: Visit) -> Response:
    """Save what was typed and make the move of the button that was pressed, both or neither."""
    typed = _typed(visit)
    gesture, _, value = visit.field("geste").partition(":")
    if gesture == "ligne":
        return _show_again(visit, _with_blank(typed, value), Checked(Redaction()))
    action = Action(gesture) if gesture in set(Action) else Action.WRITE
    checked = check_redaction(typed, is_for_publication=action is Action.APPROVE)
    term = _term(visit, action, value)
    if term is None and action in (Action.ADD_TAG, Action.REMOVE_TAG):
        checked.errors["etiquette"] = message("field.term")
    if checked.errors:
        return _show_again(visit, typed, checked, 422)
    try:
        return _decide(visit, action, checked.redaction, term)
    except ReviewError as error:
        return _show_conflict(visit, typed, action, error)


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
        moves: list[Action] = [Action.WRITE] if _is_to_write(item, redaction, action) else []
        if action is not Action.WRITE:
            moves.append(action)
        for move in moves:
            decision = _decision(visit, move, redaction, term)
            item = decide(session, item.slug, decision, expected_revision=item.revision)
        is_public = item.state.is_public
    if moves and (was_public or is_public):
        visit.publish()
    words = say(action if moves else None, item.slug, item.revision)
    if action not in VERDICTS:
        return _go(f"/relecture/items/{item.slug}{to_query(filters, **words)}")
    place = f"items/{following}" if following else ""
    return _go(f"{HOME}{place}{to_query(filters, **words)}")


def _is_to_write(item: ItemRow, redaction: Redaction, action: Action) -> bool:
    """Whether the text differs from what is kept. A draft that nobody took up is not kept."""
    if redaction == to_redaction(item.redaction):
        return False
    is_untouched = redaction == _written_or_draft(item)
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


def _go(path: str) -> Response:
    return RedirectResponse(path, 303)


def _revision(visit: Visit) -> int:
    value = visit.field("revision")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


# --- Showing again what was typed --------------------------------------------------------------


def _typed(visit: Visit) -> RedactionInput:
    return read_redaction(
        {name: visit.field(name).replace("\r\n", "\n") for name in _TEXTS},
        [line for line in visit.fields("a_faire") if line.strip()],
        [visit.fields(name) for name in _COLUMNS],
    )


def _with_blank(typed: RedactionInput, what: str) -> RedactionInput:
    """One more empty line, for those who have no script."""
    if what == "echeance":
        return replace(typed, echeances=(*typed.echeances, EcheanceInput()))
    return replace(typed, a_faire=(*typed.a_faire, ""))


def _show_again(
    visit: Visit, typed: RedactionInput, checked: Checked, status_code: int = 200
) -> Response:
    """The page as it was, with what was typed; the revision of the form stays what it was."""
    with visit.store.read() as session:
        item = _get_item(session, visit)
        shown = Shown(typed, errors=checked.errors, revision=_revision(visit))
        return _show(visit, session, item, shown, status_code)


def _show_conflict(
    visit: Visit, typed: RedactionInput, action: Action, error: ReviewError
) -> Response:
    """Someone decided first: both sides are shown, nothing was replaced."""
    with visit.store.read() as session:
        item = _get_item(session, visit)
        page = build_page(visit, session, item, Shown(show_redaction(_written_or_draft(item))))
        context = {**page, "sentence": explain(error), "mine": typed, "wanted": action}
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
    except ReviewError as error:
        with visit.store.read() as session:
            item = _get_item(session, visit)
        return _show_conflict(visit, show_redaction(_written_or_draft(item)), Action.UNDO, error)
    if was_public or item.state.is_public:
        visit.publish()
    words = say(Action.UNDO, slug, item.revision)
    return _go(f"/relecture/items/{slug}{to_query(filters, **words)}")
