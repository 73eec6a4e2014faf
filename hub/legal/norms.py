"""What a citation of a text of law is, and the one form in which each is written.

`NOR:TREP2118454D` · `JORFTEXT…`, `LEGIARTI…` · `ELI:decret/2017/11/24/2017-1605/jo/texte` ·
`LOI:2020-105@2020-02-10`, `LOI@1976-07-19`, `DEC:2016-308` · `ARR@2022-12-22` ·
`CELEX:32013R0812` · `ART:environnement/R543-290-3`, `ART:travail/R4624-17..R4624-21`,
`ART:?/L233-2` when nothing says of which code · `CRE:2025-77@2025-03-13`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hub.legal.plain import Plain


class CitationKind(StrEnum):
    NOR = "nor"
    JORFTEXT = "jorftext"
    JORFARTI = "jorfarti"
    JORFCONT = "jorfcont"
    LEGITEXT = "legitext"
    LEGIARTI = "legiarti"
    LEGISCTA = "legiscta"
    ELI = "eli"
    CELEX = "celex"
    LOI = "loi"
    LOI_ORGANIQUE = "loi_organique"
    ORDONNANCE = "ordonnance"
    DECRET = "decret"
    ARRETE = "arrete"
    CIRCULAIRE = "circulaire"
    ARTICLE = "article_code"
    CRE = "cre"
    CRE_CONSULTATION = "cre_consultation"


PREFIXES = {
    CitationKind.LOI: "LOI",
    CitationKind.LOI_ORGANIQUE: "LOI_ORG",
    CitationKind.ORDONNANCE: "ORD",
    CitationKind.DECRET: "DEC",
    CitationKind.ARRETE: "ARR",
    CitationKind.CIRCULAIRE: "CIRC",
    CitationKind.CRE: "CRE",
    CitationKind.CRE_CONSULTATION: "CRE_CONSULT",
}
UNKNOWN_CODE = "?"


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A text that a text cites, and the words that do: `words == text[start:end]`.

    An arrêté or a circulaire has no number of its own: several may have one `norm`.
    """

    start: int
    end: int
    kind: CitationKind
    norm: str
    words: str


def cite(text: Plain, start: int, end: int, kind: CitationKind, norm: str) -> Citation:
    """A citation found at a place of the plain text, placed in the source."""
    first, last = text.span(start, end)
    return Citation(first, last, kind, norm, text.source[first:last])


def norm_of_act(kind: CitationKind, number: str, day: date | None) -> str:
    """`LOI:2020-105@2020-02-10`; without number or without day when one is unknown."""
    numbered = f":{number}" if number else ""
    return f"{PREFIXES[kind]}{numbered}{f'@{day}' if day else ''}"


def split_act(norm: str) -> tuple[str, str, date | None]:
    """`LOI:2020-105@2020-02-10` -> ("LOI", "2020-105", 10 February 2020); "" and None: not said."""
    name, _, day = norm.partition("@")
    prefix, _, number = name.partition(":")
    return prefix, number, date.fromisoformat(day) if day else None
