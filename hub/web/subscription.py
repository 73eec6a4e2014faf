"""The public pages of the letter: subscribe, confirm, change, leave. No account, no cookie.

A GET changes nothing, since mail scanners open every link; each change is a button. Whatever is
known of an address, the page that takes it answers the same.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.config import Settings
from hub.errors import Busy, DigestError
from hub.joblock import job_lock
from hub.messages import message
from hub.model import SubscriberState, TermKind
from hub.newsletter.address import Address, AddressProblem, read_address
from hub.newsletter.render import Renderer
from hub.newsletter.send import send_prepared
from hub.newsletter.subscriptions import (
    Confirmation,
    Wish,
    check_confirmation,
    choose,
    confirm,
    find_by_token,
    leave,
    subscribe,
)
from hub.newsletter.tokens import CONFIRMATION_LIFE, Purpose
from hub.newsletter.wording import describe_choice, label_of
from hub.referentiel import Referentiel
from hub.store import Store
from hub.store.subscribers import SubscriberRow
from hub.text import format_date, paris_day
from hub.web.visits import read_form, render

log = logging.getLogger(__name__)

HOME = "/lettre/"
MAX_REQUESTS = 30
WINDOW = timedelta(minutes=10)
MAX_CLIENTS = 10_000
Handler = Callable[["Page"], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One request of the public, and what answering it needs."""

    request: Request
    form: FormData
    now: datetime

    @property
    def store(self) -> Store:
        store: Store = self.request.app.state.store
        return store

    @property
    def settings(self) -> Settings:
        settings: Settings = self.request.app.state.settings
        return settings

    @property
    def referentiel(self) -> Referentiel:
        referentiel: Referentiel = self.request.app.state.referentiel
        return referentiel

    @property
    def token(self) -> str:
        return str(self.request.path_params["token"])

    def field(self, name: str) -> str:
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    def fields(self, name: str) -> list[str]:
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def render(self, name: str, context: dict[str, Any], status_code: int = 200) -> Response:
        shared = {"is_demo": self.settings.demo}
        return render(self.request, f"lettre/{name}.html", shared | context, status_code)


@dataclass(frozen=True, slots=True)
class Choice:
    """One box to tick."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The boxes of one sector, unfolded when one of them is ticked."""

    id: str
    label: str
    choices: tuple[Choice, ...]
    is_open: bool

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)


# --- Subscribing -------------------------------------------------------------------------------


def show_form(page: Page) -> Response:
    """The form; a fiche may link here with its own métier ticked (`?metier=couturier`)."""
    query = page.request.query_params
    wish = read_wish(page.referentiel, query.getlist("metier"), query.getlist("dispositif"))
    return _form(page, wish)


def take_form(page: Page) -> Response:
    wish = read_wish(page.referentiel, page.fields("metier"), page.fields("dispositif"))
    address = read_address(page.field("email"))
    errors = find_errors(wish, address)
    if errors or isinstance(address, AddressProblem):
        return _form(page, wish, errors, 422)
    if not _throttle(page).allows(_client(page.request), page.now):
        return _form(page, wish, {"form": message("letter.too-many")}, 429)
    if page.field("site"):  # only a robot sees this field
        return RedirectResponse(f"{HOME}merci", 303)
    renderer = Renderer(page.settings, page.referentiel)
    with page.store.write() as session:
        outcome = subscribe(session, address, wish, renderer, page.now, secrets.token_urlsafe(32))
    log.info("subscription asked outcome=%s", outcome)
    task = BackgroundTask(send_answers, page.store, page.settings, page.now)
    return RedirectResponse(f"{HOME}merci", 303, background=task)


def show_thanks(page: Page) -> Response:
    return page.render("merci", {"days": CONFIRMATION_LIFE.days})


def send_answers(store: Store, settings: Settings, now: datetime) -> None:
    """Send what people wait for at once. Busy or broken, the next run of the hub does it."""
    try:
        with job_lock(settings, "letters"):
            send_prepared(store, settings, now, only_service=True)
    except Busy:
        log.info("answers left to the job that is running")
    except DigestError as error:
        log.warning("answers not sent yet %s", error)


# --- Confirming --------------------------------------------------------------------------------


def show_confirmation(page: Page) -> Response:
    with page.store.read() as session:
        row, verdict = check_confirmation(session, page.token, page.now)
    return _confirmation(page, row, verdict, is_done=False)


def take_confirmation(page: Page) -> Response:
    with page.store.write() as session:
        verdict = confirm(session, page.token, page.now)
        row, _ = check_confirmation(session, page.token, page.now)
    return _confirmation(page, row, verdict, is_done=True)


def _confirmation(
    page: Page, row: SubscriberRow | None, verdict: Confirmation, *, is_done: bool
) -> Response:
    if row is None or verdict in (Confirmation.UNKNOWN, Confirmation.EXPIRED):
        return _dead_link(page)
    if is_done or verdict is Confirmation.ALREADY:
        return page.render("confirme", _describe(page, row))
    until = format_date(paris_day(row.requested_at + CONFIRMATION_LIFE))
    return page.render("confirmer", _describe(page, row) | {"until": until})


# --- Changing and leaving ----------------------------------------------------------------------


def show_choices(page: Page) -> Response:
    with page.store.read() as session:
        row = find_by_token(session, page.token, Purpose.CHOOSE)
    if row is None:
        return _dead_link(page)
    if row.state is not SubscriberState.ACTIVE:
        return page.render("quitte", {})
    wish = read_wish(page.referentiel, row.metiers, row.dispositifs)
    return _choices(page, row, wish)


def take_choices(page: Page) -> Response:
    wish = read_wish(page.referentiel, page.fields("metier"), page.fields("dispositif"))
    errors = find_errors(wish)
    with page.store.write() as session:
        row = find_by_token(session, page.token, Purpose.CHOOSE)
        if row is None:
            return _dead_link(page)
        if row.state is not SubscriberState.ACTIVE:
            return page.render("quitte", {})
        if not errors:
            choose(session, row, wish, page.now)
    return _choices(page, row, wish, errors, is_saved=not errors)


def show_leaving(page: Page) -> Response:
    with page.store.read() as session:
        row = find_by_token(session, page.token, Purpose.LEAVE)
    if row is None:
        return _dead_link(page)
    if row.state is SubscriberState.LEFT:
        return page.render("quitte", {})
    return page.render("quitter", _describe(page, row))


def take_leaving(page: Page) -> Response:
    """One click, from our page or from the button of a mail service (RFC 8058): no cookie, no
    question, and no redirection, which the RFC forbids."""
    with page.store.write() as session:
        is_ours = leave(session, page.token, page.now)
    return page.render("quitte", {}) if is_ours else _dead_link(page)


# --- Reading what was typed --------------------------------------------------------------------


def read_wish(
    referentiel: Referentiel, metiers: Collection[str], dispositifs: Collection[str]
) -> Wish:
    """The terms that exist, each once, in the order of the référentiel."""
    return Wish(
        tuple(term for term in referentiel.metiers if term in metiers),
        tuple(term for term in referentiel.dispositifs if term in dispositifs),
    )


def find_errors(wish: Wish, address: Address | AddressProblem | None = None) -> dict[str, str]:
    """A sentence for each field that is to be mended."""
    errors = {}
    if not wish.metiers and not wish.dispositifs:
        errors["choix"] = message("letter.no-choice")
    if isinstance(address, AddressProblem):
        errors["email"] = message(address.value)
    return errors


def group_choices(referentiel: Referentiel, wish: Wish) -> tuple[Group, ...]:
    """The métiers by sector; the first group is open when nothing is ticked."""
    groups: list[Group] = []
    for secteur in referentiel.secteurs.values():
        choices = tuple(
            Choice(term, label_of((TermKind.METIER, term), referentiel), term in wish.metiers)
            for term, metier in referentiel.metiers.items()
            if metier.secteur == secteur.id
        )
        is_open = any(c.is_chosen for c in choices) or not (groups or wish.metiers)
        groups.append(Group(secteur.id.lower(), secteur.label, choices, is_open))
    return tuple(groups)


def list_subjects(referentiel: Referentiel, wish: Wish) -> Sequence[Choice]:
    return [
        Choice(term, label_of((TermKind.DISPOSITIF, term), referentiel), term in wish.dispositifs)
        for term in referentiel.dispositifs
    ]


class Throttle:
    """Counts requests by client in memory, lightly: a robot is slowed, an office is not."""

    def __init__(self) -> None:
        self._seen: dict[str, list[datetime]] = {}

    def allows(self, client: str, now: datetime) -> bool:
        if len(self._seen) > MAX_CLIENTS:
            self._seen.clear()
        recent = [at for at in self._seen.get(client, ()) if at > now - WINDOW]
        self._seen[client] = [*recent, now][-MAX_REQUESTS:]
        return len(recent) < MAX_REQUESTS


# --- Parts -------------------------------------------------------------------------------------


def _form(
    page: Page, wish: Wish, errors: dict[str, str] | None = None, status_code: int = 200
) -> Response:
    context = _fields(page, wish, errors or {}) | {"typed": page.field("email")}
    return page.render("formulaire", context, status_code)


def _choices(
    page: Page,
    row: SubscriberRow,
    wish: Wish,
    errors: dict[str, str] | None = None,
    *,
    is_saved: bool = False,
) -> Response:
    context = _fields(page, wish, errors or {}) | _describe(page, row) | {"is_saved": is_saved}
    return page.render("choix", context, 422 if errors else 200)


def _fields(page: Page, wish: Wish, errors: dict[str, str]) -> dict[str, Any]:
    return {
        "groups": group_choices(page.referentiel, wish),
        "subjects": list_subjects(page.referentiel, wish),
        "errors": errors,
    }


def _describe(page: Page, row: SubscriberRow) -> dict[str, Any]:
    """What a page may show to whoever holds the link: choices, and the address masked."""
    known = read_wish(page.referentiel, row.metiers, row.dispositifs)
    return {
        "address": Address(row.email or "").masked,
        "metiers": describe_choice(known.metiers, (), page.referentiel),
        "sujets": describe_choice((), known.dispositifs, page.referentiel),
    }


def _dead_link(page: Page) -> Response:
    return page.render("lien", {}, 404)


def _throttle(page: Page) -> Throttle:
    state = page.request.app.state
    if getattr(state, "letter_throttle", None) is None:
        state.letter_throttle = Throttle()
    throttle: Throttle = state.letter_throttle
    return throttle


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _page(handler: Handler, *, reads_form: bool = True) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        form = await read_form(request) if reads_form else FormData()
        page = Page(request, form, request.app.state.clock())
        return await run_in_threadpool(handler, page)

    return endpoint


def _pair(
    path: str, name: str, show: Handler, take: Handler, *, reads_form: bool = True
) -> list[Route]:
    return [
        Route(path, _page(show), methods=["GET"], name=f"{name}-show"),
        Route(path, _page(take, reads_form=reads_form), methods=["POST"], name=f"{name}-take"),
    ]


routes = [
    *_pair("/", "lettre", show_form, take_form),
    Route("/merci", _page(show_thanks), methods=["GET"], name="lettre-merci"),
    *_pair("/confirmer/{token}", "confirmer", show_confirmation, take_confirmation),
    *_pair("/choix/{token}", "choix", show_choices, take_choices),
    *_pair("/quitter/{token}", "quitter", show_leaving, take_leaving, reads_form=False),
]
"""Mounted under `/lettre`."""
