"""What must be read again since a text of law moved, page by page, and « Relu, rien à changer »."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.impact import Rereads, note_rereading
from hub.legal.impact import Base, BaseKind, MoveKind, Touched
from hub.messages import message, typeset
from hub.model import TermKind
from hub.publish.awaited import name_of
from hub.referentiel import Referentiel
from hub.store import Session
from hub.store.bulk import chunks
from hub.store.items import ItemRow
from hub.text import clean, format_date
from hub.web.visits import Visit

HERE = "/relecture/a-relire"
ITEMS = "/relecture/items/"
MOST_MARKS = 400
"""Fields of a form: what is beyond stays open for another click."""
LONGEST = 600
"""Characters shown of a passage or of the words that move a text."""

Titles = Mapping[str, tuple[str, date | None]]
"""The title and the day of publication of items, by slug."""

MOVES = {
    MoveKind.ABROGE: "Abrogation",
    MoveKind.ANNULE: "Annulation",
    MoveKind.MODIFIE: "Modification",
    MoveKind.DEPLACE: "Changement de numéro",
}
GRAVE = (MoveKind.ABROGE, MoveKind.ANNULE)
KINDS = {
    BaseKind.FICHE: "Phrase de la fiche",
    BaseKind.PARAGRAPHE: "Paragraphe pour un mémoire technique",
    BaseKind.ITEM: "Changement publié",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to what a passage cites. `told` and `path` are the item that says it, `says`
    its words where its title does not hold them.
    """

    word: str
    sign: str
    cited: str
    when: str
    told: str
    path: str
    says: str
    doubt: str


@dataclass(frozen=True, slots=True)
class Passage:
    """`where` is its line, "" for a whole page. `key` names it in the form, `marks` what is shown
    of it.
    """

    key: str
    kind: str
    where: str
    words: str
    changes: tuple[Change, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A fiche or a published item. `path` is where it is read, `file` the fiche's, "" for items."""

    name: str
    title: str
    file: str
    path: str
    passages: tuple[Passage, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(mark for passage in self.passages for mark in passage.marks)[:MOST_MARKS]


def show_rereads(visit: Visit) -> Response:
    with visit.store.read() as session:
        found = _rereads(visit.request).find(session)
        titles = _list_titles(session, _slugs(found))
        context: dict[str, Any] = {
            "places": _list_places(visit, found, titles),
            "count": _count(found),
            "said": _say(visit),
        }
        return visit.render(session, "a_relire.html", context)


def close_reread(visit: Visit) -> Response:
    """Someone has read a passage again, or a whole page, and there is nothing to change."""
    place, key = visit.field("place"), visit.field("passage")
    with visit.store.write() as session:
        found = _rereads(visit.request).find(session)
        shown = [one for one in found if _mark(one) in visit.fields("vu")]
        done = note_rereading(session, shown, place, key, visit.visitor.name, visit.now)
    return RedirectResponse(f"{HERE}?{urlencode({'fait': 'relu' if done else 'rien'})}", 303)


def _say(visit: Visit) -> str:
    """What was just done, as the address says it."""
    done = visit.request.query_params.get("fait", "")
    return message(f"reread.{done}") if done in ("relu", "rien") else ""


# --- For the other pages -------------------------------------------------------------------------


def count_rereads(request: Request) -> int:
    """How many passages are to be read again: every page of the review app tells it."""
    with request.app.state.store.read() as session:
        return _count(_rereads(request).find(session))


def list_item_changes(request: Request, slug: str) -> tuple[Change, ...]:
    """What happened to what a published item rests on, since it was last read."""
    with request.app.state.store.read() as session:
        found = [
            one
            for one in _rereads(request).find(session)
            if one.base.kind is BaseKind.ITEM and one.base.place == slug
        ]
        titles = _list_titles(session, _slugs(found))
    return tuple(_change(one, titles) for one in found)


def _rereads(request: Request) -> Rereads:
    rereads: Rereads = request.app.state.rereads
    return rereads


def _count(found: Iterable[Touched]) -> int:
    return len({(one.base.place, one.base.key) for one in found})


# --- What is shown -------------------------------------------------------------------------------


def _slugs(found: Iterable[Touched]) -> list[str]:
    """The items that tell a change, and those that rest on what changed."""
    items = {one.base.place for one in found if one.base.kind is BaseKind.ITEM}
    return sorted(items | {one.move.told_by for one in found})


def _list_titles(session: Session, slugs: Sequence[str]) -> Titles:
    columns = (ItemRow.slug, ItemRow.title, ItemRow.published_on)
    return {
        row.slug: (row.title, row.published_on)
        for some in chunks(slugs)
        for row in session.execute(select(*columns).where(ItemRow.slug.in_(some)))
    }


def _list_places(visit: Visit, found: Iterable[Touched], titles: Titles) -> list[Place]:
    """Each page, the gravest first."""
    by_place: dict[str, list[Touched]] = {}
    for one in found:
        by_place.setdefault(one.base.place, []).append(one)
    return [_place(visit, touched, titles) for touched in by_place.values()]


def _place(visit: Visit, touched: Sequence[Touched], titles: Titles) -> Place:
    by_key: dict[str, list[Touched]] = {}
    for one in touched:
        by_key.setdefault(one.base.key, []).append(one)
    name = touched[0].base.place
    passages = tuple(_passage(of_one, titles) for of_one in by_key.values())
    if touched[0].base.kind is BaseKind.ITEM:
        return Place(name, titles.get(name, (name, None))[0], "", f"{ITEMS}{name}", passages)
    folder = visit.request.app.state.settings.fiches.name
    page = name.removesuffix(".md").removesuffix("index").strip("/")
    title = _title_of(name, visit.referentiel)
    return Place(name, title, f"{folder}/{name}", f"/{page}/" if page else "/", passages)


def _title_of(path: str, referentiel: Referentiel) -> str:
    """`metiers/couturier.md` -> the name of the métier; the path of a page about no term."""
    folder, _, name = path.removesuffix(".md").partition("/")
    kind = next((kind for kind in TermKind if f"{kind}s" == folder), None)
    term = referentiel.find(kind, name) if kind else None
    return referentiel.label(kind, term) if kind and term else path


def _passage(touched: Sequence[Touched], titles: Titles) -> Passage:
    base = touched[0].base
    return Passage(
        key=base.key,
        kind=_kind_of(base),
        where=f"ligne {base.line}" if base.line else "",
        words=_shorten(_without_marks(base.words)),
        changes=tuple(_change(one, titles) for one in touched),
        marks=tuple(map(_mark, touched))[:MOST_MARKS],
    )


def _kind_of(base: Base) -> str:
    is_of_term = base.kind is BaseKind.FICHE and not base.line
    return "Textes sur lesquels toute la fiche repose" if is_of_term else KINDS[base.kind]


def _change(one: Touched, titles: Titles) -> Change:
    move = one.move
    told, published_on = titles.get(move.told_by, (move.told_by, None))
    says = clean(move.words)
    return Change(
        word=MOVES[move.kind],
        sign="ko" if move.kind in GRAVE else "tard",
        cited=_capitalise(typeset(name_of(one.cited))),
        when=_when(move.on, published_on),
        told=told,
        path=f"{ITEMS}{move.told_by}" if move.told_by else "",
        says="" if says in clean(told) else _shorten(says),
        doubt="" if one.relation.is_certain else message("reread.same-day"),
    )


def _when(on: date | None, published_on: date | None) -> str:
    if on:
        return f"À partir du {format_date(on)}"
    return f"Texte publié le {format_date(published_on)}" if published_on else ""


def _capitalise(words: str) -> str:
    return words[:1].upper() + words[1:]


def _mark(one: Touched) -> str:
    """What a form says that it showed: what came since is not closed with it."""
    return f"{one.base.key} {one.move.told_by} {one.move.seen_at.isoformat()} {one.move.kind}"


_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\([^()\n]{1,2000}\)")


def _without_marks(words: str) -> str:
    """A passage of a fiche without its Markdown: bold, links."""
    return clean(_LINK.sub(r"\1", words).replace("**", ""))


def _shorten(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rsplit(' ', 1)[0]}…"
