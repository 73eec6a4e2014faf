"""A visit: an editor's request once the session and the form's token are known to be right.

Views are plain functions, run in a thread: hashing a password or reading the database never holds
the others up.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.accounts import Visitor, find_visitor
from hub.desk import View, count
from hub.messages import message
from hub.model import MODEST, Source
from hub.referentiel import Referentiel
from hub.store import Session, Store
from hub.store.identity import count_open_proposals
from hub.store.sources import list_open_failures
from hub.web.forms import read_redaction

SIGN_IN = "/relecture/connexion"
HOME = "/relecture/"
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of an editor who signed in."""

    request: Request
    visitor: Visitor
    form: FormData
    now: datetime

    @property
    def store(self) -> Store:
        store: Store = self.request.app.state.store
        return store

    @property
    def referentiel(self) -> Referentiel:
        referentiel: Referentiel = self.request.app.state.referentiel
        return referentiel

    @property
    def sources(self) -> Mapping[str, Source]:
        sources: Mapping[str, Source] = self.request.app.state.sources
        return sources

    def field(self, name: str) -> str:
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    def fields(self, name: str) -> list[str]:
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def render(
        self, session: Session, template: str, context: dict[str, Any], status_code: int = 200
    ) -> Response:
        """The page, with what every page of the review app shows in its header."""
        followed = {s.id for s in self.sources.values() if s.enabled}
        failing = followed & {
            row.source_id for row in list_open_failures(session) if row.kind not in MODEST
        }
        shared = {
            "visitor": self.visitor,
            "waiting": count(session).by_view[View.WAITING],
            "failing": len(failing),
            "same": count_open_proposals(session),
        }
        return render(self.request, template, {**shared, **context}, status_code)

    def publish(self) -> None:
        self.request.app.state.publish()


Handler = Callable[[Visit], Response]


def render(
    request: Request, template: str, context: dict[str, Any], status_code: int = 200
) -> Response:
    response: Response = request.app.state.templates.TemplateResponse(
        request, template, context, status_code=status_code
    )
    return response


def cookie_name(request: Request) -> str:
    return "__Host-hub" if is_https(request) else "hub"


def is_https(request: Request) -> bool:
    return bool(request.app.state.settings.public_url.startswith("https:"))


def visitor_of(request: Request) -> Visitor | None:
    token = request.cookies.get(cookie_name(request), "")
    if not token:
        return None
    with request.app.state.store.read() as session:
        return find_visitor(session, token, request.app.state.clock())


def is_inside(path: str) -> bool:
    """Whether a path given in a form or an address may be followed: this app's own pages only."""
    return path.startswith(HOME) and "\\" not in path and "\n" not in path and "\r" not in path


def editors_only(handler: Handler, on_stale: Handler | None = None) -> Endpoint:
    """The endpoint of a page that needs an editor; `on_stale` shows a form of another session."""

    async def endpoint(request: Request) -> Response:
        form = await read_form(request)
        return await run_in_threadpool(_enter, request, form, handler, on_stale)

    return endpoint


async def read_form(request: Request) -> FormData:
    if request.method != "POST":
        return FormData()
    return await request.form(max_files=0, max_fields=500)


def _enter(
    request: Request, form: FormData, handler: Handler, on_stale: Handler | None
) -> Response:
    visitor = visitor_of(request)
    if visitor is None:
        return _send_to_sign_in(request, form)
    visit = Visit(request, visitor, form, request.app.state.clock())
    if request.method == "POST" and not _has_token(visit):
        if on_stale is not None:
            return on_stale(visit)
        return render(request, "erreur.html", {"sentence": message("request.stale")}, 403)
    return handler(visit)


def _has_token(visit: Visit) -> bool:
    given = visit.field("jeton").encode()
    return hmac.compare_digest(given, visit.visitor.csrf_token.encode())


def _send_to_sign_in(request: Request, form: FormData) -> Response:
    """A reader is sent to sign in; someone who was writing first gets their text back."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "POST":
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'suite': here})}", 303)
    kept = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in ("jeton", "geste")
    ]
    typed = read_redaction(form) if "titre" in form else None
    return render(request, "expiree.html", {"kept": kept, "here": here, "typed": typed}, 401)
