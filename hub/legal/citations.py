"""Every text of law that a text cites, each in its one form, and where that form leads.

Pure, and linear in the length of the text: what comes from the network may be a megabyte long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from hub.legal.acts import find_acts
from hub.legal.articles import find_articles
from hub.legal.codes import Code
from hub.legal.cre import find_cre
from hub.legal.norms import Citation, CitationKind, cite, split_act
from hub.legal.plain import Plain, plain
from hub.legal.references import LEGIFRANCE, normalise, numero, official_url
from hub.legal.union import find_union_acts
from hub.model import Identifier, Scheme

_ADDRESS = re.compile(r"https?://[^\s<>\"'«»\[\]{}|\\^`]{1,2000}", re.ASCII | re.IGNORECASE)
_DILA = re.compile(
    r"(?:(?<![a-z0-9])|(?<=%3d))(jorftext|jorfarti|jorfcont|legitext|legiarti|legiscta)"
    r"([0-9]{12})(?![0-9])",
    re.ASCII,
)
_NOR = re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}[0-9]{7}[A-Z](?![A-Za-z0-9])")
_ELI = re.compile(r"(?<![a-z0-9])eli/([a-z_]{2,40}/[0-9]{4}/[a-z0-9_/-]{1,120})", re.ASCII)
_ELI_EUROPEAN = re.compile(r"(dir|reg|dec|reco)(?:_impl|_del)?/([0-9]{4})/([0-9]{1,4})(?=/|$)")
_CELEX_LETTERS = {"dir": "L", "reg": "R", "dec": "D", "reco": "H"}
_ELI_DAY = re.compile(r"([a-z_]+)/([0-9]{4})/0*([0-9]{1,2})/0*([0-9]{1,2})(?=/|$)(.*)")
_ELI_NOR = re.compile(r"(?<=/)[a-z]{4}[0-9]{7}[a-z](?=/|$)")
_CELEX = re.compile(
    r"(?<![a-z0-9])(?:celex(?:\s?(?:n\s?°|:|%3a))?\s{0,4})?(?P<bare>3(?:19|20)[0-9]{2}[lrdh][0-9]{4})"
    r"(?![a-z0-9])"
    r"|celex(?:\s?:|%3a)\s{0,4}(?P<any>[0-9c][0-9]{4}[a-z]{1,2}[0-9]{4}(?:\([0-9]{1,3}\)|-[0-9]{8})?)"
    r"(?![a-z0-9])",
    re.ASCII,
)


def find_citations(text: str, context: Code | None = None) -> tuple[Citation, ...]:
    """What `text` cites, in the order of its places; a text cited twice is found twice.

    Each citation carries its place (`words == text[start:end]`). Nothing is guessed: an article
    of an unnamed code is `ART:?/…`, unless `context` says which code is being read.
    """
    whole = plain(text)
    prose = Plain(_without_addresses(whole.text), whole.source, whole.places)
    found = [
        *_official(whole),
        *find_acts(prose),
        *find_union_acts(prose),
        *find_cre(prose),
        *find_articles(prose, context),
    ]
    return tuple(sorted(set(found)))


def canonical_url(citation: Citation) -> str:
    """The official address of what is cited; "" where the citation alone gives none.

    An article named by its number has none: Légifrance knows versions, each with its LEGIARTI.
    The ELI of a loi, an ordonnance or a décret is made of its number and its day; texts have
    one since 6 November 2014.
    """
    kind, norm = citation.kind, citation.norm
    if kind is CitationKind.JORFARTI:
        return f"{LEGIFRANCE}/jorf/article_jo/{norm}"
    if kind is CitationKind.LEGIARTI:
        return f"{LEGIFRANCE}/codes/article_lc/{norm}"
    if kind in _ELI_TYPES:
        return _eli_of_act(kind, norm)
    if identifier := to_identifier(citation):
        return official_url(identifier)
    return f"{LEGIFRANCE}/eli/{norm.removeprefix('ELI:')}" if kind is CitationKind.ELI else ""


def to_identifier(citation: Citation) -> Identifier | None:
    """The identity of the text cited, or None: an arrêté's or a circulaire's day is none, nor is
    an article, a number without nature, or a part of a text.
    """
    kind, norm = citation.kind, citation.norm
    if kind in _NATURES:
        return numero(_NATURES[kind], split_act(norm)[1])
    if kind not in _SCHEMES:
        return None
    value = norm.partition(":")[2] or norm
    return normalise(_SCHEMES[kind], f"/eli/{value}" if kind is CitationKind.ELI else value)


_NATURES = {
    CitationKind.LOI: "loi",
    CitationKind.LOI_ORGANIQUE: "loi",
    CitationKind.ORDONNANCE: "ordonnance",
    CitationKind.DECRET: "decret",
}
_SCHEMES = {
    CitationKind.NOR: Scheme.NOR,
    CitationKind.JORFTEXT: Scheme.JORFTEXT,
    CitationKind.LEGITEXT: Scheme.LEGITEXT,
    CitationKind.ELI: Scheme.ELI,
    CitationKind.CELEX: Scheme.CELEX,
}
_ELI_TYPES = (CitationKind.LOI, CitationKind.ORDONNANCE, CitationKind.DECRET)
_FIRST_ELI = date(2014, 11, 6)


def _eli_of_act(kind: CitationKind, norm: str) -> str:
    _, number, day = split_act(norm)
    if not number or day is None or day < _FIRST_ELI:
        return ""
    path = f"{_NATURES[kind]}/{day.year}/{day.month}/{day.day}/{number}/jo/texte"
    return f"{LEGIFRANCE}/eli/{path}"


# --- Identifiers and addresses -----------------------------------------------------------------


def _without_addresses(text: str) -> str:
    """The words of an address are no prose; its place is kept, so that offsets stay."""
    return _ADDRESS.sub(lambda match: " " * len(match[0]), text)


def _official(text: Plain) -> Iterator[Citation]:
    for match in _DILA.finditer(text.text):
        kind = CitationKind(match[1])
        yield cite(text, match.start(), match.end(), kind, match[0].upper())
    for match in _NOR.finditer(text.source):
        yield Citation(*match.span(), CitationKind.NOR, f"NOR:{match[0]}", match[0])
    for match in _ELI.finditer(text.text):
        yield from _elis(text, match)
    for match in _CELEX.finditer(text.text):
        name = "bare" if match["bare"] else "any"
        norm = f"CELEX:{match[name].upper()}"
        yield cite(text, *match.span(name), CitationKind.CELEX, norm)


def _elis(text: Plain, match: re.Match[str]) -> Iterator[Citation]:
    """The path without its padding, and the NOR it may be made of. Acts of the Union have one
    norm, their CELEX, that their ELI is made of.
    """
    path = match[1].rstrip("/-_")
    start, end = match.start(1), match.start(1) + len(path)
    if act := _ELI_EUROPEAN.match(path):
        norm = f"CELEX:3{act[2]}{_CELEX_LETTERS[act[1]]}{int(act[3]):04d}"
        yield cite(text, start, end, CitationKind.CELEX, norm)
        return
    if day := _ELI_DAY.fullmatch(path):
        path = f"{day[1]}/{day[2]}/{day[3]}/{day[4]}{day[5]}"
    path = _ELI_NOR.sub(lambda nor: nor[0].upper(), path)
    yield cite(text, start, end, CitationKind.ELI, f"ELI:{path}")
    if nor := _ELI_NOR.search(text.text, start, end):
        yield cite(text, *nor.span(), CitationKind.NOR, f"NOR:{nor[0].upper()}")
