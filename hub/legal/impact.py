"""What rests on an article or a text that moves: items, sentences of fiches, tenders. Pure.

A base is a passage and the norms it cites; a move is a text or an article that is modified,
repealed or quashed. What a move touches is « à relire » until a person has read it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from hub.legal.citations import find_citations
from hub.legal.codes import code_named
from hub.legal.linkkind import Link, LinkKind
from hub.legal.links import find_links
from hub.legal.norms import Citation, CitationKind, split_act
from hub.legal.normset import (
    Relation,
    identity_of,
    is_identity,
    norm_of_article,
    norms_of_identifiers,
    relate,
)
from hub.legal.references import normalise, numero
from hub.legal.sentences import split_sentences
from hub.legal.titles import own_citation
from hub.model import Identifier, Mention, Scheme
from hub.text import comparable, parse_date, short_hash


class BaseKind(StrEnum):
    FICHE = "fiche"
    ITEM = "item"
    PARAGRAPHE = "paragraphe"
    """Of a tender: what editors offer for a mémoire technique."""


@dataclass(frozen=True, slots=True)
class Base:
    """A passage that rests on the law: `words == text[start:end]` of its file.

    `place` is a file or a slug, `line` counts from 1 (0: not in a file). `of` are the norms of the
    text that an item tells: what it does to others is no news to it.
    """

    kind: BaseKind
    place: str
    words: str
    norms: frozenset[str]
    line: int = 0
    start: int = 0
    end: int = 0
    of: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """The same passage, wherever in its file; another once its words change."""
        return f"{self.kind}:{self.place}:{short_hash(comparable(self.words), 16)}"


class MoveKind(StrEnum):
    """The gravest first: what rests on a text that is gone says what is no longer true."""

    ABROGE = "abroge"
    ANNULE = "annule"
    MODIFIE = "modifie"
    DEPLACE = "deplace"
    """Renumbered or transferred: a citation of it leads nowhere."""


@dataclass(frozen=True, slots=True)
class Move:
    """A text or an article that moved. `norms` are all the names of it, `by` all those of the text
    that moves it. `seen_at` is when the hub learned it, `on` the day it takes effect. `told_by` is
    the slug of the item that tells it, "" outside the hub.
    """

    norms: frozenset[str]
    kind: MoveKind
    seen_at: datetime
    words: str = ""
    on: date | None = None
    by: frozenset[str] = frozenset()
    url: str = ""
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """A passage that a move touches: the norm that moved, the one it cites, and how they meet."""

    base: Base
    move: Move
    moved: str
    cited: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Reading:
    """« Relu le … »: a person read again. `key` is that of one base; "" is all those of `place`."""

    place: str
    at: datetime
    by: str
    key: str = ""


def bases_of(text: str) -> frozenset[str]:
    """The norms that a passage rests on. An article of an unnamed code is none."""
    return frozenset(c.norm for c in find_citations(text) if not c.norm.startswith("ART:?/"))


def impact(moves: Iterable[Move], bases: Iterable[Base]) -> tuple[Touched, ...]:
    """What each move touches, in the order of places and lines: each passage once for a move, by
    its strongest relation. What knows of the move is not touched by it: the item that tells it, and
    the passage that cites the moving text.
    """
    known = tuple(dict.fromkeys(bases))
    shelves = _shelve(known)
    found = [
        Touched(known[place], move, *min(meetings)[1:])
        for move in dict.fromkeys(moves)
        for place, meetings in _meet(move, shelves).items()
        if not _knows(known[place], move)
    ]
    return tuple(sorted(found, key=_order))


def to_reread(touched: Iterable[Touched], readings: Iterable[Reading]) -> tuple[Touched, ...]:
    """What is still « à relire »: a reading closes the moves that were known when it was made."""
    last: dict[tuple[str, str], datetime] = {}
    for reading in readings:
        of = (reading.place, reading.key)
        last[of] = max(last.get(of, reading.at), reading.at)
    return tuple(
        one
        for one in touched
        if not any(
            (at := last.get((one.base.place, key))) is not None and at >= one.move.seen_at
            for key in ("", one.base.key)
        )
    )


def read_fiche_bases(markdown: str, file: str) -> tuple[Base, ...]:
    """The sentences of a fiche that rest on the law, in its order. The front matter and the
    placeholders are left alone; a quoted paragraph (`>`) is one of a tender, kept whole.

    A citation is read with what stands before it: « du même code » is that of the line above.
    """
    body = _after_front(markdown)
    cited = [c for c in find_citations(markdown) if c.start >= body]
    cited = [c for c in cited if not c.norm.startswith("ART:?/")]
    return tuple(_bases(markdown, file, body, cited))


def item_base(slug: str, texts: Sequence[str], of: Iterable[str] = ()) -> Base | None:
    """A published item, by what its title and its prose cite and the text it tells (`of`)."""
    own = frozenset(of)
    norms = frozenset(norm for text in texts for norm in bases_of(text)) | own
    words = next((text for text in texts if text), "")
    return Base(BaseKind.ITEM, slug, words, norms, of=own) if norms else None


# --- What moved --------------------------------------------------------------------------------

_MOVES = {LinkKind.MODIFIE: MoveKind.MODIFIE, LinkKind.ABROGE: MoveKind.ABROGE}
_STATES = {
    "ABROGE": MoveKind.ABROGE,
    "ABROGE_DIFF": MoveKind.ABROGE,
    "PERIME": MoveKind.ABROGE,
    "ANNULE": MoveKind.ANNULE,
    "DISJOINT": MoveKind.ANNULE,
    "TRANSFERE": MoveKind.DEPLACE,
}
_NEVER = 2999


def moves_of_text(mention: Mention, seen_at: datetime) -> tuple[Move, ...]:
    """What a published text says that it modifies or repeals, each with the words that say it.

    « Le code de l’environnement est ainsi modifié » only opens the list of the articles that are:
    by itself it moves nothing. An arrêté that is named by its day alone may be another of that day.
    """
    own = own_citation(find_citations(mention.title))
    by = norms_of_identifiers(mention.identifiers) | ({own.norm} if own else set())
    return tuple(
        Move(
            norms=frozenset((link.target.norm,)),
            kind=_MOVES[link.kind],
            seen_at=seen_at,
            words=getattr(mention, link.where.value)[link.start : link.end],
            by=frozenset(by),
            url=mention.url,
        )
        for link in find_links(mention.title, mention.text, mention.summary)
        if link.kind in _MOVES and _names_some(link.target) and not _opens_list(link)
    )


def _names_some(target: Citation) -> bool:
    return is_identity(target.norm) or target.kind is CitationKind.ARRETE


def _opens_list(link: Link) -> bool:
    return link.kind is LinkKind.MODIFIE and code_named(link.target.norm) is not None


def move_of_article(mention: Mention, seen_at: datetime) -> Move | None:
    """The move of an article of a code, from its mention in LEGI; None when it names no article."""
    norm = norm_of_article(mention.title)
    if not norm:
        return None
    extra = mention.extra
    changes = [c for c in extra.get("modified_by") or () if isinstance(c, dict)]
    names = (str(extra.get("version") or ""), mention.key)
    kind = _STATES.get(str(extra.get("etat") or ""), MoveKind.MODIFIE)
    # A version that is gone went on its last day; 2999 is how DILA writes that it has none.
    days = ("date_debut",) if kind is MoveKind.MODIFIE else ("date_fin", "date_debut")
    known = [parse_date(str(extra.get(name) or "")) for name in days]
    return Move(
        norms=frozenset((norm, *(name for name in names if name.startswith("LEGIARTI")))),
        kind=kind,
        seen_at=seen_at,
        words=mention.title,
        on=next((day for day in known if day and day.year < _NEVER), None),
        by=frozenset(str(change.get("jorftext") or "") for change in changes) - {""},
        url=mention.url,
    )


def to_identifiers(norms: Iterable[str]) -> dict[str, Identifier]:
    """The official identifier of each norm that is one: by it, the other names of a text are
    found. An article, or a day without a number, has none.
    """
    found = {norm: _to_identifier(norm) for norm in norms}
    return {norm: identifier for norm, identifier in found.items() if identifier}


_NATURES = {"LOI": "loi", "LOI_ORG": "loi", "ORD": "ordonnance", "DEC": "decret"}
_SCHEMES = {"NOR": Scheme.NOR, "CELEX": Scheme.CELEX, "ELI": Scheme.ELI}


def _to_identifier(norm: str) -> Identifier | None:
    prefix, _, value = norm.partition(":")
    if prefix in _NATURES:
        return numero(_NATURES[prefix], split_act(norm)[1])
    if prefix in _SCHEMES:
        return normalise(_SCHEMES[prefix], f"/eli/{value}" if prefix == "ELI" else value)
    return normalise(Scheme.JORFTEXT, norm) or normalise(Scheme.LEGITEXT, norm)


# --- Moves and bases ---------------------------------------------------------------------------

Shelves = Mapping[str, Sequence[tuple[int, str]]]
"""The norms cited, each with the place of its base, by what can meet them."""
Meeting = tuple[int, str, str, Relation]
_STRENGTH = {relation: rank for rank, relation in enumerate(Relation)}


def _shelve(bases: Sequence[Base]) -> Shelves:
    shelves: dict[str, list[tuple[int, str]]] = {}
    for place, base in enumerate(bases):
        for cited in sorted(base.norms):
            for name in _labels(cited):
                shelves.setdefault(name, []).append((place, cited))
    return shelves


def _labels(norm: str) -> Iterator[str]:
    """Where a norm is found: under itself; an article under its code too, apart if it is a run."""
    yield identity_of(norm)
    if series := _series_of(norm):
        yield f"article {series}"
        yield f"article {_code_in(series)}"
        if ".." in norm:
            yield f"run {series}"
    elif whole := _code_of(norm):
        yield f"code {whole}"


def _meet(move: Move, shelves: Shelves) -> dict[int, list[Meeting]]:
    """How a move meets the bases, by their place: compared only with what can meet it."""
    found: dict[int, list[Meeting]] = {}
    for moved in move.norms:
        names = dict.fromkeys(_wanted(moved))
        for place, cited in dict.fromkeys(one for name in names for one in shelves.get(name, ())):
            if relation := relate(moved, cited):
                found.setdefault(place, []).append((_STRENGTH[relation], moved, cited, relation))
    return found


def _wanted(moved: str) -> Iterator[str]:
    yield identity_of(moved)
    if series := _series_of(moved):
        yield f"article {series}" if ".." in moved else f"run {series}"
        yield f"code {_code_in(series)}"
    elif whole := _code_of(moved):
        yield f"article {whole}"


def _series_of(norm: str) -> str:
    """The code and the letter of an article: `environnement/R`."""
    code, _, number = norm.removeprefix("ART:").partition("/")
    return f"{code}/{number[:1]}" if norm.startswith("ART:") else ""


def _code_in(series: str) -> str:
    return series.partition("/")[0]


def _code_of(norm: str) -> str:
    whole = code_named(norm) if norm.startswith("LEGITEXT") else None
    return whole.key if whole else ""


def _knows(base: Base, move: Move) -> bool:
    is_teller = base.kind is BaseKind.ITEM and bool(move.told_by) and base.place == move.told_by
    return is_teller or _names_one(base.of | base.norms, move.by)


def _names_one(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return any(relate(a, b) is Relation.SAME for a in ours for b in theirs if is_identity(a))


def _order(one: Touched) -> tuple[str, str, int, int, str, datetime, str, str, str]:
    base, move = one.base, one.move
    return (
        base.kind,
        base.place,
        base.line,
        base.start,
        base.words,
        move.seen_at,
        move.kind,
        one.moved,
        move.words,
    )


# --- Fiches ------------------------------------------------------------------------------------

_FRONT = re.compile(r"---[ \t]*\n(?:[^\n]*\n)*?---[ \t]*(?:\n|$)")
_LINE = re.compile(r"[^\n]+")
_MARK = re.compile(
    r"[ \t]{0,12}(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+|#{1,6}[ \t]+|>[ \t]?|\|[ \t]?){0,3}"
)
_CELL = re.compile(r"[^|]+")


def _after_front(markdown: str) -> int:
    match = _FRONT.match(markdown)
    return match.end() if match else 0


def _bases(text: str, file: str, body: int, cited: Sequence[Citation]) -> Iterator[Base]:
    at, line, counted = 0, 1, 0
    for kind, start, end in _passages(text, body):
        line += text.count("\n", counted, start)
        counted = start
        while at < len(cited) and cited[at].start < start:
            at += 1
        last = at
        while last < len(cited) and cited[last].start < end:
            last += 1
        if norms := frozenset(citation.norm for citation in cited[at:last]):
            yield Base(kind, file, text[start:end], norms, line, start, end)
        at = last


def _passages(text: str, body: int) -> Iterator[tuple[BaseKind, int, int]]:
    """Quoted paragraphs whole, cells of tables one by one, other lines by sentences."""
    for line in _LINE.finditer(text, body):
        words = line[0]
        if "{{" in words or not words.strip():
            continue
        start = line.start() + len(_MARK.match(words)[0])  # type: ignore[index]  # matches ""
        if words.lstrip().startswith(">"):
            yield BaseKind.PARAGRAPHE, start, line.end()
        elif words.lstrip().startswith("|"):
            for cell in _CELL.finditer(text, start, line.end()):
                yield from _sentences(text, cell.start(), cell.end())
        else:
            yield from _sentences(text, start, line.end())


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[BaseKind, int, int]]:
    for first, last in split_sentences(text, start, end):
        yield BaseKind.FICHE, first, last
