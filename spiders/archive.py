"""A zip of files: the fiches of service-public.gouv.fr, the dossiers of the Assemblée nationale."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import EmptySource, ParseError
from hub.legal.safexml import Element, parse_xml
from hub.legal.tararchive import MIB, Limits, Member
from hub.legal.ziparchive import zip_members
from hub.model import Mention
from hub.sources import ArchiveOptions
from hub.text import canonical_url, clean_paragraphs, fold, format_date, paris_day, parse_date
from spiders.base import ARCHIVE_SIZE, Ask, Kind, Page, Reading
from spiders.reading import (
    LINK_LIMIT,
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    cut,
    plain,
    plausible,
    without_repeats,
)

LIMITS = Limits(total=1024 * MIB, member=8 * MIB)
"""Members are read one after the other: their sum may be large without filling the memory."""
LABEL_LIMIT = 200
LIST_LIMIT = 50


class Archive(Kind):
    def first_asks(self) -> Iterator[Ask]:
        yield Ask(self.source.url, max_size=ARCHIVE_SIZE)

    def read(self, page: Page) -> Reading:
        options = ArchiveOptions.model_validate(self.source.options)
        return parse_archive(page.body, self.source.id, options, paris_day(self.memory.now))


def parse_archive(
    body: bytes,
    source_id: str,
    options: ArchiveOptions,
    today: date,
    limits: Limits = LIMITS,
) -> Reading:
    """Read the members whose names match. One that is bad is told, and the others are kept.

    Raises:
        ParseError: no zip, or no member of it could be read.
        EmptySource: no member has such a name.
    """
    mentions: list[Mention] = []
    troubles: list[str] = []
    entries = read = 0
    try:
        for given in zip_members(body, _namer(options.members), limits):
            entries += 1
            try:
                if not isinstance(given, Member):
                    raise ParseError(given.reason)
                mention = _READERS[options.dialect](given.body, source_id, options, today)
            except ParseError as error:
                troubles.append(f"{cut(plain(given.name), 120)!r}: {error.reason}")
                continue
            read += 1
            if mention is not None:
                mentions.append(mention)
    except ParseError as error:  # the archive itself: what came before is kept
        if not read:
            raise
        troubles.append(error.reason)
    if not entries:
        raise EmptySource(f"no member of the zip is named like {options.members!r}")
    if not read:
        raise ParseError("; ".join(troubles[:3]))
    return Reading(without_repeats(mentions), tuple(troubles), entries=entries)


def _namer(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda name: compiled.search(name) is not None


def _is_kept(keep: str | None, title: str, summary: str) -> bool:
    """Whether the pattern is found in what a reader would see first, accents and case aside."""
    return not keep or bool(re.search(keep, fold(f"{title}\n{summary}")))


# --- Service-public ----------------------------------------------------------------------------

DC = "{http://purl.org/dc/elements/1.1/}"
FICHE_HOSTS = ("service-public.gouv.fr", "service-public.fr")

_CONTENT = ("Avertissement", "Introduction", "Texte", "ListeSituations", "Chapitre", "BlocCas")
"""What a fiche says; the rest of it leads elsewhere (menus, forms, related fiches, glossary)."""
_LEFT_OUT = frozenset(
    ("Image", "ServiceEnLigne", "OuSAdresser", "PourEnSavoirPlus", "RefActualite")
)
_INLINE = frozenset(
    (
        "MiseEnEvidence",
        "Expression",
        "Exposant",
        "Indice",
        "Valeur",
        "LienInterne",
        "LienExterne",
        "LienExterneCommente",
        "LienIntra",
        "Citation",
    )
)
"""Every other element opens a paragraph."""


def parse_fiche(body: bytes, source_id: str, keep: str | None = None) -> Mention | None:
    """Read one fiche as a page that is watched; None when `keep` is not found in its title or its
    summary. The legal basis closes its text.

    Raises:
        ParseError: not a fiche, or without its id, its title or its own address.
    """
    root = parse_xml(body, "Publication")
    key, title = plain(root.get("ID")), _text_at(root, f"{DC}title")
    address = _fiche_url(plain(root.get("spUrl")))
    if not re.fullmatch(r"[A-Z]\d{1,9}", key) or not title or not address:
        missing = "title" if key and address else "spUrl" if key else "ID"
        raise ParseError(f"fiche without a usable {missing}")
    title = cut(title, TITLE_LIMIT)
    summary = cut(_text_at(root, f"{DC}description"), SUMMARY_LIMIT)
    if not _is_kept(keep, title, summary):
        return None
    references = [(said, plain(node.get("URL"))) for node, said in _references_of(root)]
    written = [_paragraphs(node) for node in root if node.tag in _CONTENT]
    basis = [said for said, _ in references]
    return Mention(
        source_id=source_id,
        key=key,
        url=address,
        title=title,
        summary=summary,
        text=cut("\n\n".join(part for part in (*written, *basis) if part), TEXT_LIMIT),
        published_on=plausible(parse_date(_text_at(root, f"{DC}date"))),
        nature=cut(_text_at(root, "SurTitre") or _text_at(root, f"{DC}type"), LABEL_LIMIT),
        rubrique=cut(_text_at(root, "Theme/Titre"), LABEL_LIMIT),
        extra=_without_blanks(
            publics=[said for node in root.findall("Audience") if (said := _flat(node))],
            references=[link for _, link in references if canonical_url(link)][:LIST_LIMIT],
        ),
        is_watched=True,
    )


def _fiche_url(written: str) -> str:
    link = canonical_url(written)
    host = urlsplit(link).hostname or ""
    is_own = any(host == name or host.endswith(f".{name}") for name in FICHE_HOSTS)
    return link if is_own and len(link.encode()) <= LINK_LIMIT else ""


def _references_of(root: Element) -> Iterator[tuple[Element, str]]:
    """The texts of the legal basis, and how each is named: « Code du travail : article L1 »."""
    for node in root.findall("Reference")[:LIST_LIMIT]:
        title, more = _text_at(node, "Titre"), _text_at(node, "Complement")
        if title:
            yield node, cut(f"{title} ({more})" if more else title, TITLE_LIMIT)


def _text_at(node: Element, path: str) -> str:
    found = node.find(path)
    return _flat(found) if found is not None else ""


def _flat(node: Element) -> str:
    return plain("".join(node.itertext()))


def _paragraphs(node: Element) -> str:
    """The text in order: a block is a paragraph, a row of a table is one, its cells are parted."""
    parts: list[str] = []
    cells = 0
    walk = etree.iterwalk(node, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        is_cell, is_start = tag == "Cellule", event == "start"
        cells += (1 if is_start else -1) if is_cell else 0
        edge = "" if tag in _INLINE else " " if cells or is_cell else "\n"
        if is_start and tag in _LEFT_OUT:
            walk.skip_subtree()
        elif is_start:
            parts += (edge, _one_line(element.text))
        else:
            is_parted = is_cell and element.getnext() is not None
            parts += (" | " if is_parted else edge, _one_line(_tail(element, node)))
    return clean_paragraphs("".join(parts))


def _tail(element: Element, root: Element) -> str | None:
    tail: str | None = element.tail if element is not root else None
    return tail


def _one_line(text: str | None) -> str:
    """Line ends inside the XML are layout, not paragraphs."""
    return re.sub(r"\s+", " ", text) if text else ""


# --- Assemblée nationale -----------------------------------------------------------------------

DOSSIERS = "https://www.assemblee-nationale.fr/dyn/{legislature}/dossiers/{name}"
ACTS_LIMIT = 2_000


def parse_dossier(
    body: bytes, source_id: str, options: ArchiveOptions, today: date
) -> Mention | None:
    """Read one dossier législatif; None when it has not moved since `options.since`, or when
    `options.keep` is not found in its title. An act that is only planned is no move.

    Raises:
        ParseError: not a dossier, or without its uid or its title.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON: {type(error).__name__}") from error
    dossier = _at(data, "dossierParlementaire") or data
    key = plain(_at(dossier, "uid"))
    title = plain(_at(dossier, "titreDossier", "titre"))
    if not re.fullmatch(r"[A-Za-z0-9]{1,40}", key) or not title:
        raise ParseError(f"dossier without {'titre' if not title else 'uid'}")
    procedure = cut(plain(_at(dossier, "procedureParlementaire", "libelle")), LABEL_LIMIT)
    if not _is_kept(options.keep, title, procedure):
        return None
    acts = sorted({act for act in _acts_of(dossier) if act[0] <= today})
    moved_on = acts[-1][0] if acts else None
    if options.since and (moved_on is None or moved_on < options.since):
        return None
    steps = [f"{format_date(day)}\u00a0: {label}" for day, label in acts]
    return Mention(
        source_id=source_id,
        key=key,
        url=_dossier_url(dossier, key),
        title=cut(title, TITLE_LIMIT),
        summary=procedure,
        text=cut("\n\n".join(steps), TEXT_LIMIT),
        published_on=moved_on,
        nature="DOSSIER_LEGISLATIF",
        rubrique=procedure,
        extra=_without_blanks(
            derniere_etape=acts[-1][1] if acts else "",
            senat=_senate_url(plain(_at(dossier, "titreDossier", "senatChemin"))),
        ),
    )


def _dossier_url(dossier: Any, key: str) -> str:
    """The site answers to the name of a dossier, and to its uid where it has no name."""
    name = plain(_at(dossier, "titreDossier", "titreChemin"))
    legislature = plain(_at(dossier, "legislature"))
    found = re.search(r"L(\d{2})N", key)
    if not re.fullmatch(r"\d{1,2}", legislature):
        legislature = found[1] if found else "17"
    is_name = re.fullmatch(r"\w[\w.-]{0,200}", name, re.ASCII)
    return DOSSIERS.format(legislature=legislature, name=name if is_name else key)


def _senate_url(written: str) -> str:
    link = canonical_url(written)
    return link if urlsplit(link).hostname in ("www.senat.fr", "senat.fr") else ""


def _acts_of(dossier: Any) -> Iterator[tuple[date, str]]:
    """The dated acts, at any depth: an act holds others, one alone or several in a list."""
    waiting = _several(_at(dossier, "actesLegislatifs", "acteLegislatif"))
    for _ in range(ACTS_LIMIT):
        if not waiting:
            return
        act = waiting.pop()
        waiting += _several(_at(act, "actesLegislatifs", "acteLegislatif"))
        day = plausible(parse_date(plain(_at(act, "dateActe"))))
        label = plain(_at(act, "libelleActe", "nomCanonique")) or plain(_at(act, "codeActe"))
        if day and label:
            yield day, cut(label, LABEL_LIMIT)


def _several(value: Any) -> list[Any]:
    return list(value[:ACTS_LIMIT]) if isinstance(value, list) else [value] if value else []


def _at(value: Any, *names: str) -> Any:
    """What is at the end of a path of objects; of several objects, the first. None if nothing."""
    for name in names:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


# --- Both --------------------------------------------------------------------------------------

Reader = Callable[[bytes, str, ArchiveOptions, date], Mention | None]
_READERS: dict[str, Reader] = {
    "service_public": lambda body, source_id, options, _today: parse_fiche(
        body, source_id, options.keep
    ),
    "assemblee": parse_dossier,
}


def _without_blanks(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}
