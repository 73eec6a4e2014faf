"""The queue: what waits for an editor, and everything else behind the filters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from hub.desk import Counts, Filters, Order, QueuePage, View, count, queue
from hub.model import TermKind
from hub.store.items import ItemRow, list_tags
from hub.text import clean, format_date
from hub.web import words
from hub.web.filters import read_filters, read_number, to_query
from hub.web.flash import read_flash, title_of
from hub.web.terms import Choice, label_of, list_choices
from hub.web.visits import Visit

EXTRACT = 220


@dataclass(frozen=True, slots=True)
class Card:
    """One line of the list."""

    href: str
    title: str
    extract: str
    secteurs: list[Choice]
    subjects: list[str]
    metiers: str
    facts: list[str]
    is_new_version: bool


def show_queue(visit: Visit) -> Response:
    query = visit.request.query_params
    filters = read_filters(query)
    with visit.store.read() as session:
        page = queue(session, filters, read_number(query, "page", 1))
        counts = count(session)
        context = {
            "flash": read_flash(visit.request, session),
            "cards": [_card(visit, item, page, filters) for item in page.items],
            "filters": filters,
            "heading": _heading(page, filters),
            "balance": _balance(counts),
            "tabs": _tabs(filters, counts),
            "orders": [(order.value, order is filters.order) for order in Order],
            "selects": _selects(visit, filters),
            "narrowed": _count_narrowed(filters),
            "pager": _pager(page, filters),
            "reset": to_query(Filters(view=filters.view)) or "?",
        }
        return visit.render(session, "file.html", context)


def _card(visit: Visit, item: ItemRow, page: QueuePage, filters: Filters) -> Card:
    by_kind: dict[TermKind, list[Choice]] = {kind: [] for kind in TermKind}
    for tag in list_tags(item):
        label = label_of(visit.referentiel, tag.kind, tag.term)
        by_kind[tag.kind].append(Choice(tag.term.lower(), label))
    sources = visit.sources
    source = sources.get(item.source_id)
    subjects = by_kind[TermKind.DISPOSITIF] + by_kind[TermKind.FILIERE]
    metiers = len(by_kind[TermKind.METIER])
    return Card(
        href=f"/relecture/items/{item.slug}{to_query(filters)}",
        title=title_of(item),
        extract=_shorten(item.current.summary or item.current.text),
        secteurs=by_kind[TermKind.SECTEUR],
        subjects=[choice.label for choice in subjects],
        metiers=words.plural(metiers, "métier", "métiers") if metiers else "",
        facts=[
            format_date(item.published_on) if item.published_on else "sans date",
            source.name if source else item.source_id,
            *([words.STATES[item.state]] if filters.view is View.ALL else []),
        ],
        is_new_version=item.id in page.renewed or (item.version > 1 and item.state.is_in_queue),
    )


def _shorten(text: str) -> str:
    line = clean(text)
    return line if len(line) <= EXTRACT else line[: line.rfind(" ", 0, EXTRACT)] + "…"


def _heading(page: QueuePage, filters: Filters) -> str:
    texts = words.plural(page.total, "texte", "textes")
    if filters.view is View.WAITING:
        return f"{texts} à décider"
    return f"{words.VIEWS[filters.view]}\u00a0: {texts}"


def _balance(counts: Counts) -> list[tuple[str, str, str]]:
    """Figure, what it counts, and where to see them: how much the rules spare the editors."""
    noise = counts.by_view[View.NOISE]
    waiting = counts.by_view[View.WAITING]
    one = noise < 2
    return [
        (_figures(counts.read), "texte lu" if counts.read < 2 else "textes lus", ""),
        (
            _figures(noise),
            "écarté par les règles" if one else "écartés par les règles",
            to_query(Filters(view=View.NOISE)),
        ),
        (_figures(waiting), "à décider", ""),
    ]


def _figures(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _tabs(filters: Filters, counts: Counts) -> list[dict[str, Any]]:
    return [
        {
            "href": to_query(replace(filters, view=view)) or "?",
            "label": words.VIEWS[view],
            "number": _figures(counts.by_view[view]),
            "is_current": view is filters.view,
        }
        for view in View
    ]


def _selects(visit: Visit, filters: Filters) -> list[dict[str, Any]]:
    referentiel = visit.referentiel
    sources = visit.sources
    lists = (
        ("secteur", "Secteur", list_choices(referentiel, TermKind.SECTEUR)),
        ("dispositif", "Dispositif", list_choices(referentiel, TermKind.DISPOSITIF)),
        ("filiere", "Filière REP", list_choices(referentiel, TermKind.FILIERE)),
        ("metier", "Métier", list_choices(referentiel, TermKind.METIER)),
        ("source", "Source", [Choice(source.id, source.name) for source in sources.values()]),
    )
    return [
        {"name": name, "label": label, "choices": choices, "chosen": getattr(filters, name)}
        for name, label, choices in lists
    ]


def _count_narrowed(filters: Filters) -> int:
    """How many filters are in use, besides the view and the order."""
    usual = Filters()
    names = ("secteur", "dispositif", "filiere", "metier", "source", "words")
    return sum(getattr(filters, name) != getattr(usual, name) for name in names)


def _pager(page: QueuePage, filters: Filters) -> dict[str, Any]:
    def link(number: int) -> str:
        return to_query(filters, page=number) if 1 <= number <= page.last else ""

    return {
        "number": page.number,
        "last": page.last,
        "before": link(page.number - 1),
        "after": link(page.number + 1),
    }
