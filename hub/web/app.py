"""The web application: review app under /relecture/, letter under /lettre/, the site everywhere
else. Everything it needs is given to `create_app`; nothing is looked up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from hub import __version__
from hub.accounts import Passwords
from hub.config import Settings
from hub.errors import ConfigError, HubError
from hub.impact import Rereads
from hub.messages import explain, message
from hub.model import Clock, Source
from hub.referentiel import Referentiel, load_referentiel
from hub.sources import load_sources
from hub.store import Store
from hub.web import identity, subscription
from hub.web.impact import close_reread, count_rereads, list_item_changes, show_rereads
from hub.web.item import act_on_item, show_item, show_stale, undo_on_item
from hub.web.queue import show_queue
from hub.web.report import show_report, show_stale_report, take_report
from hub.web.security import BodyLimit, Provenance, SafeHeaders
from hub.web.sign_in import leave, sign_in_page
from hub.web.site import Site
from hub.web.sources_page import see_incidents, show_sources
from hub.web.templating import STATIC, THEME, asset, make_templates
from hub.web.visits import HOME, Handler, editors_only, render

log = logging.getLogger(__name__)
LETTER = "/lettre/"


def do_nothing() -> None:
    """What happens after a publication when nobody builds a site."""


def collect_later(source_ids: Sequence[str]) -> None:
    """What happens after a report when nobody collects at once: the next run reads it."""


def create_app(
    settings: Settings,
    store: Store,
    clock: Clock,
    publish: Callable[[], None] = do_nothing,
    *,
    collect: Callable[[Sequence[str]], None] = collect_later,
    passwords: Passwords | None = None,
) -> Starlette:
    """The whole web side. `publish` asks for a rebuild of the site, `collect` for a read of these
    sources; both return at once.
    """
    is_https = settings.public_url.startswith("https:")
    app = Starlette(
        routes=_routes(settings),
        middleware=[
            Middleware(SafeHeaders, is_https=is_https),
            Middleware(Provenance, public_url=settings.public_url),
            Middleware(BodyLimit),
        ],
        exception_handlers={HTTPException: _say_http, HubError: _say_error, 500: _say_broken},
    )
    app.state.settings = settings
    app.state.store = store
    app.state.clock = clock
    app.state.publish = publish
    app.state.collect = collect
    app.state.referentiel = load_referentiel()
    app.state.sources = _sources_by_id(settings, app.state.referentiel)
    app.state.rereads = Rereads(settings.fiches, app.state.referentiel)
    app.state.templates = make_templates()
    app.state.templates.env.globals.update(
        count_rereads=count_rereads, list_item_changes=list_item_changes
    )
    app.state.passwords = passwords or Passwords()
    return app


def _routes(settings: Settings) -> list[Route | Mount]:
    return [
        Route("/sante", show_health),
        Route("/favicon.ico", _show_icon),
        Route("/relecture", _add_slash),
        Route("/lettre", _add_slash),
        Mount("/relecture", routes=_review_routes()),
        Mount("/lettre", routes=subscription.routes),
        Mount("/", Site(settings.site)),
    ]


def _review_routes() -> list[Route | Mount]:
    def page(path: str, handler: Handler) -> Route:
        return Route(path, editors_only(handler), methods=["GET"])

    def form(path: str, handler: Handler, on_stale: Handler | None = None) -> Route:
        return Route(path, editors_only(handler, on_stale), methods=["POST"])

    return [
        Mount("/static/theme", StaticFiles(directory=THEME)),
        Mount("/static", StaticFiles(directory=STATIC)),
        Route("/connexion", sign_in_page, methods=["GET", "POST"]),
        form("/deconnexion", leave),
        page("/", show_queue),
        page("/sources", show_sources),
        form("/sources/vu", see_incidents),
        page("/a-relire", show_rereads),
        form("/a-relire", close_reread),
        page("/signaler", show_report),
        form("/signaler", take_report, show_stale_report),
        page("/items/{slug}", show_item),
        form("/items/{slug}", act_on_item, show_stale),
        form("/items/{slug}/annuler", undo_on_item, show_stale),
        *identity.routes,
    ]


def _sources_by_id(settings: Settings, referentiel: Referentiel) -> dict[str, Source]:
    """The sources by id; without their file, screens show their ids alone."""
    try:
        sources = load_sources(
            settings.sources, referentiel, allow_loopback=settings.allow_loopback
        )
        return {source.id: source for source in sources}
    except ConfigError as error:
        log.warning("sources not read: %s", error)
        return {}


async def _add_slash(request: Request) -> Response:
    return RedirectResponse(f"{request.url.path}/", 308)


async def _show_icon(request: Request) -> Response:
    """What browsers ask for by themselves, whatever the page says."""
    return RedirectResponse(asset("theme/images/favicon.svg"), 307)


async def show_health(request: Request) -> Response:
    """Whether the service can do its work, for a watchdog. Nothing about people."""
    is_well = await run_in_threadpool(_can_read, request.app.state.store)
    body = {"etat": "ok" if is_well else "en panne", "version": __version__}
    return JSONResponse(body, 200 if is_well else 503, {"Cache-Control": "no-store"})


def _can_read(store: Store) -> bool:
    try:
        with store.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        log.exception("database unreachable")
        return False
    return True


# --- Errors ------------------------------------------------------------------------------------

_KEYS = {400: "request.unread", 403: "request.foreign", 413: "request.too-big", 503: "site.missing"}


def _say_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    not_found = request.app.state.settings.site / "404.html"
    if status == 404 and not request.url.path.startswith(HOME) and not_found.is_file():
        return FileResponse(not_found, 404)
    sentence = message(_KEYS.get(status, "page.missing" if status < 500 else "page.broken"))
    response = render(request, "erreur.html", {"sentence": sentence}, status)
    response.headers.update(headers)
    return response


def _say_error(request: Request, error: Exception) -> Response:
    sentence = explain(error) if isinstance(error, HubError) else message("page.broken")
    log.warning("request refused path=%s error=%s", _loggable(request.url.path), error)
    return render(request, "erreur.html", {"sentence": sentence}, 409)


def _loggable(path: str) -> str:
    """The path, but for those of the letter: they hold the secret of a subscriber."""
    return f"{LETTER}…" if path.startswith(LETTER) else path


def _say_broken(request: Request, error: Exception) -> Response:
    return render(request, "erreur.html", {"sentence": message("page.broken")}, 500)
