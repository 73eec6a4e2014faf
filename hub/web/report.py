"""« Signaler une page »: an address that an editor pastes, or sends with the bookmarklet."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from hub.messages import message, typeset
from hub.model import SourceKind
from hub.reported import (
    GIVEN_UP,
    PARTIAL,
    READ,
    Report,
    address_of,
    find_mistake,
    keep_report,
    list_reports,
)
from hub.store import Session
from hub.store.items import ItemRow, find_item_by_address
from hub.store.reported import ReportedPageRow
from hub.text import format_moment
from hub.web.visits import Visit

PAGE = "/relecture/signaler"


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report as it is shown: `slug` leads to its item, "" while there is none."""

    title: str
    url: str
    by: str
    at: str
    word: str
    slug: str


def show_report(visit: Visit) -> Response:
    """The form. The bookmarklet fills it through the address; only the button changes anything."""
    asked = visit.request.query_params
    report = Report(asked.get("url", "")[:4_000], asked.get("titre", "")[:600])
    said = next((key for mark, key in _SAID.items() if mark in asked), "")
    return _render(visit, report, said=message(said) if said else "")


def take_report(visit: Visit) -> Response:
    report = _typed(visit)
    allow_loopback = visit.request.app.state.settings.allow_loopback
    if mistake := find_mistake(report.url, allow_loopback=allow_loopback):
        return _render(visit, report, mistake=message(mistake), status=422)
    with visit.store.write() as session:
        known = find_item_by_address(session, address_of(report.url))
        if known is not None:
            slug = session.get_one(ItemRow, known).slug
            return RedirectResponse(f"/relecture/items/{slug}", 303)
        _, is_new = keep_report(session, report, visit.visitor.name, visit.now)
    if is_new:
        visit.request.app.state.collect(_source_ids(visit))
    return RedirectResponse(f"{PAGE}?{urlencode({'fait' if is_new else 'deja': 1})}", 303)


def show_stale_report(visit: Visit) -> Response:
    """A form of another session: nothing is done, what was typed is shown with a fresh token."""
    return _render(visit, _typed(visit), stale=message("request.stale"), status=403)


def _typed(visit: Visit) -> Report:
    return Report(visit.field("url").strip(), visit.field("intitule"), visit.field("note"))


def _source_ids(visit: Visit) -> list[str]:
    sources = visit.sources.values()
    return [s.id for s in sources if s.enabled and s.kind is SourceKind.REPORTED]


def _render(
    visit: Visit,
    report: Report,
    *,
    mistake: str = "",
    said: str = "",
    stale: str = "",
    status: int = 200,
) -> Response:
    with visit.store.read() as session:
        lines = [_line(session, row) for row in list_reports(session)]
        context = {
            "report": report,
            "mistake": mistake,
            "said": said,
            "stale": stale,
            "lines": lines,
            "bookmarklet": bookmarklet(visit.request.app.state.settings.public_url),
            "is_possible": bool(_source_ids(visit)),
        }
        return visit.render(session, "signaler.html", context, status)


def bookmarklet(public_url: str) -> str:
    """The address to keep among one's bookmarks: it opens the form for the page one looks at."""
    return (
        f"javascript:void(open('{public_url}{PAGE}?url='+encodeURIComponent(location.href)"
        "+'&titre='+encodeURIComponent(document.title)))"
    )


def _line(session: Session, row: ReportedPageRow) -> ReportLine:
    item_id = find_item_by_address(session, row.url)
    item = session.get(ItemRow, item_id) if item_id is not None else None
    waiting = "report.retrying" if item else "report.waiting"
    return ReportLine(
        title=typeset(row.title) or row.url,
        url=row.url,
        by=row.by,
        at=format_moment(row.at),
        word=message(_KEYS[row.outcome] if row.read_at else waiting),
        slug=item.slug if item else "",
    )


_SAID = {"fait": "report.done", "deja": "report.again"}
_KEYS = {READ: "report.read", PARTIAL: "report.partial", GIVEN_UP: "report.lost"}
