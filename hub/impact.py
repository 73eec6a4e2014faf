"""What must be read again: the fiches and the published items that rest on a text that moved.

What moved is kept (`hub.store.law`); what rests on it is read again each time, from the files and
the items as they are now.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

from hub.errors import ConfigError
from hub.legal.citations import find_citations
from hub.legal.codes import CODES
from hub.legal.impact import (
    Base,
    BaseKind,
    Move,
    MoveKind,
    Reading,
    Touched,
    impact,
    item_base,
    read_fiche_bases,
    to_identifiers,
    to_reread,
)
from hub.legal.normset import Relation, norm_of_article, norms_of_identifiers, relate
from hub.legal.titles import own_citation
from hub.model import Identifier, Redaction, TermKind
from hub.publish.fiches import Fiche, parse_fiche
from hub.referentiel import Referentiel
from hub.referentiel.model import Ancre, Article
from hub.store import Session
from hub.store.items import (
    ItemRow,
    list_identifiers,
    list_items_by_identifiers,
    list_public_items,
    to_redaction,
)
from hub.store.known_law import ARTICLE
from hub.store.law import (
    add_rereading,
    list_approvals,
    list_moves,
    list_rereadings,
    stamp_moves,
)
from hub.text import PARIS, comparable

log = logging.getLogger(__name__)

GRAVITY = tuple(MoveKind)


@dataclass(frozen=True, slots=True)
class FicheFile:
    """A fiche as it is now. `fiche` is None when its front matter is broken: its prose is read all
    the same. `path` is relative to the folder of the fiches.
    """

    path: str
    text: str
    fiche: Fiche | None


def read_fiches(folder: Path) -> list[FicheFile]:
    """Every fiche, in the order of their paths; one that cannot be read is told in the log."""
    found: list[FicheFile] = []
    for file in sorted(folder.rglob("*.md")):
        path = file.relative_to(folder).as_posix()
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            log.warning("fiche not read path=%s error=%s", path, error)
            continue
        found.append(FicheFile(path, text, _parse(text, file, folder)))
    return found


def _parse(text: str, file: Path, folder: Path) -> Fiche | None:
    try:
        return parse_fiche(text, file, folder)
    except ConfigError:  # told by the publication, with its line
        return None


# --- What rests on the law -----------------------------------------------------------------------


def list_bases(
    session: Session, fiches: Iterable[FicheFile], referentiel: Referentiel
) -> list[Base]:
    """The passages of the fiches, and the published items."""
    bases = [base for file in fiches for base in bases_of_fiche(file, referentiel)]
    items = (base_of_item(item) for item in list_public_items(session))
    return [*bases, *(base for base in items if base)]


def bases_of_fiche(file: FicheFile, referentiel: Referentiel) -> Iterator[Base]:
    """Its sentences, then one base for what the référentiel says that its term rests on."""
    yield from read_fiche_bases(file.text, file.path)
    if file.fiche is None or file.fiche.front.type.kind is not TermKind.DISPOSITIF:
        return
    term = referentiel.dispositifs.get(file.fiche.front.id)
    norms = frozenset(_norms_of(term.ancres, term.articles)) if term else frozenset()
    if norms:
        yield Base(BaseKind.FICHE, file.path, file.fiche.front.titre, norms)


def base_of_item(item: ItemRow) -> Base | None:
    """An item, by all that readers see of it; what its own text cites is not its prose."""
    identifiers = {Identifier(row.scheme, row.value) for row in item.identifiers}
    own = own_citation(find_citations(item.title))
    of = norms_of_identifiers(identifiers) | ({own.norm} if own else set())
    if item.nature == ARTICLE:
        of |= {norm_of_article(item.title)} - {""}
    redaction = to_redaction(item.redaction)
    return item_base(item.slug, [redaction.titre or item.title, *_prose_of(redaction)], of)


def _prose_of(redaction: Redaction) -> Iterator[str]:
    yield redaction.ce_qui_change
    yield redaction.pour_qui
    yield from redaction.a_faire
    for echeance in redaction.echeances:
        yield echeance.label
        yield echeance.sentence


def _norms_of(ancres: Iterable[Ancre], articles: Iterable[Article]) -> Iterator[str]:
    for ancre in ancres:
        named = (f"NOR:{ancre.nor}" if ancre.nor else "", ancre.jorftext or "")
        yield from filter(None, (*named, f"CELEX:{ancre.celex}" if ancre.celex else ""))
        own = own_citation(find_citations(ancre.titre))
        if own:
            yield own.norm
    for article in articles:
        if code := _CODES.get(_words_of(article.code)):
            last = f"..{_number(article.a)}" if article.a else ""
            yield f"ART:{code.key}/{_number(article.de)}{last}"


_SMALL = frozenset(("de", "la", "l", "le", "les", "du", "des", "et"))


def _words_of(code: str) -> tuple[str, ...]:
    """« construction et habitation » names the code de la construction et de l’habitation."""
    return tuple(word for word in comparable(code).split() if word not in _SMALL)


_CODES = {_words_of(code.key): code for code in CODES}


def _number(written: str) -> str:
    """« L. 541-10-1 » -> `L541-10-1`."""
    return written.replace(". ", "")


_ASKED = re.compile(r"([^/]{1,80})/([LRDA]|LO)\.?\s?\*?(\d{1,6}(?:-\d{1,4}){0,8})")


def find_article(written: str) -> str:
    """The norm of an article asked as `environnement/R543-290-3`; "" when it is none."""
    match = _ASKED.fullmatch(written.strip())
    code = _CODES.get(_words_of(match[1])) if match else None
    return f"ART:{code.key}/{match[2]}{match[3]}" if match and code else ""


# --- What moved ----------------------------------------------------------------------------------


def list_known_moves(session: Session) -> list[Move]:
    """The moves of the followed items, each with every name the hub knows of the texts it tells."""
    moves = list_moves(session)
    names = _list_names(session, {norm for move in moves for norm in (*move.norms, *move.by)})
    return [
        replace(move, norms=_widen(move.norms, names), by=_widen(move.by, names)) for move in moves
    ]


def _widen(norms: Iterable[str], names: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(name for norm in norms for name in (norm, *names.get(norm, ())))


def _list_names(session: Session, norms: Iterable[str]) -> dict[str, frozenset[str]]:
    """The other names of each norm whose text was collected."""
    identifiers = to_identifiers(norms)
    items = list_items_by_identifiers(session, sorted(set(identifiers.values())))
    known = list_identifiers(session, sorted(set(items.values())))
    return {
        norm: norms_of_identifiers(known.get(items[identifier], ()))
        for norm, identifier in identifiers.items()
        if identifier in items
    }


# --- What must be read again ---------------------------------------------------------------------


def find_rereads(
    session: Session, fiches: Sequence[FicheFile], referentiel: Referentiel
) -> tuple[Touched, ...]:
    """All that is to be read again, the gravest first; each passage once for one change."""
    touched = impact(list_known_moves(session), list_bases(session, fiches, referentiel))
    readings = [*list_rereadings(session), *list_approvals(session), *_readings_of(fiches)]
    return tuple(sorted(_once(to_reread(touched, readings)), key=_by_gravity))


def gravity(one: Touched) -> tuple[int, bool]:
    """The gravest first, then what is certain."""
    return GRAVITY.index(one.move.kind), not one.relation.is_certain


def _by_gravity(one: Touched) -> tuple[Any, ...]:
    base = one.base
    return *gravity(one), base.kind, base.place, base.line, base.start, one.move.seen_at


def find_resting(
    session: Session, fiches: Iterable[FicheFile], referentiel: Referentiel, norms: Iterable[str]
) -> list[tuple[Base, Relation]]:
    """What rests on one text or one article, whatever moved: the file and the lines, in order."""
    wanted = set(norms)
    wanted |= {name for names in _list_names(session, wanted).values() for name in names}
    return [
        (base, min(found, key=tuple(Relation).index))
        for base in list_bases(session, fiches, referentiel)
        if (found := [r for norm in wanted for cited in base.norms if (r := relate(norm, cited))])
    ]


def note_rereading(
    session: Session, rereads: Iterable[Touched], place: str, key: str, by: str, at: datetime
) -> bool:
    """Someone has read a passage again, or all those of a place (`key` ""), among those that were
    on their screen; False when there was nothing to close.
    """
    shown = [t for t in rereads if t.base.place == place and key in ("", t.base.key)]
    if not shown:
        return False
    add_rereading(session, place, key, by, at, max(touched.move.seen_at for touched in shown))
    return True


def _readings_of(fiches: Iterable[FicheFile]) -> Iterator[Reading]:
    """`relu_le` says that the whole fiche was read: before what came later that day."""
    for file in fiches:
        day = file.fiche.front.relu_le if file.fiche else None
        if day:
            yield Reading(file.path, datetime.combine(day, time.min, PARIS), "")


def _once(touched: Iterable[Touched]) -> Iterator[Touched]:
    """Without what says twice one change: an article told by its text and by its new version, a
    fiche told by its sentence and by what its term rests on.
    """
    found = list(touched)
    sentences = {(t.base.place, *_change(t)) for t in found if t.base.line}
    seen: set[tuple[Any, ...]] = set()
    for one in sorted(found, key=lambda t: t.move.on is None):
        is_of_term = one.base.kind is not BaseKind.ITEM and not one.base.line
        if is_of_term and (one.base.place, *_change(one)) in sentences:
            continue
        changes = {(one.base, one.cited, one.move.kind, name) for name in one.move.by}
        if not changes & seen:
            yield one
        seen |= changes


def _change(one: Touched) -> tuple[Any, ...]:
    return one.move.kind, one.move.told_by, one.moved


class Rereads:
    """What must be read again, worked out once until something of it changes: every page counts
    it.
    """

    def __init__(self, folder: Path, referentiel: Referentiel) -> None:
        self._folder = folder
        self._referentiel = referentiel
        self._held: tuple[tuple[Any, ...], tuple[Touched, ...]] | None = None

    def find(self, session: Session) -> tuple[Touched, ...]:
        """The gravest first, as `find_rereads`."""
        stamp = (*self._stamp_files(), *stamp_moves(session))
        held = self._held
        if held is None or held[0] != stamp:
            found = find_rereads(session, read_fiches(self._folder), self._referentiel)
            self._held = held = (stamp, found)
        return held[1]

    def _stamp_files(self) -> Iterator[tuple[str, int, int]]:
        for file in sorted(self._folder.rglob("*.md")):
            known = file.stat()
            yield str(file), known.st_mtime_ns, known.st_size
