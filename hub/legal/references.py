"""Official identifiers: recognise, bring to their normal form, give their official address.

Nothing is guessed. A number that only looks like an identifier gives None, an identifier whose
official address cannot be deduced gives "", and a mention gets only the identifiers of the text it
presents as its subject: the décret that an article modifies or cites is not its identity.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote, urlsplit

from hub.model import Identifier, Scheme
from hub.text import fold

LEGIFRANCE = "https://www.legifrance.gouv.fr"
EUROPA = "https://data.europa.eu"
EUR_LEX = "https://eur-lex.europa.eu"
BOAMP = "https://www.boamp.fr"

NUMBERED = ("loi", "ordonnance", "decret")
"""The natures whose number names one text in the whole country. Décisions and délibérations are
numbered by each authority on its own: their number alone is no identity."""

_NOR = re.compile(r"[A-Z]{4}\d{7}[A-Z]")
_JORFTEXT = re.compile(r"(JORFTEXT\d{12})(?:_\d{2}-\d{2}-\d{4})?")
_LEGITEXT = re.compile(r"(LEGITEXT\d{12})(?:_\d{2}-\d{2}-\d{4})?")
_CELEX = re.compile(r"[0-9C]\d{4}[A-Z]{1,2}\d{4}(?:\(\d{1,3}\))?")
_BOAMP = re.compile(r"(\d{2})[-_](\d{1,6})")
_NUMERO = re.compile(rf"({'|'.join(NUMBERED)})-((?:19|20)?\d{{2}}-\d{{1,5}})")
_ELI_FRENCH = re.compile(
    r"/eli/([a-z_]{1,40})/(\d{4})/(\d{1,2})/(\d{1,2})/([A-Za-z0-9-]{1,40})/jo/texte"
)
_ELI_EUROPEAN = re.compile(r"/eli/(dir|reg|dec|reco)/(\d{4})/(\d{1,6})/oj(?:/[a-z]{3})?")

_CELEX_LETTERS = {"dir": "L", "reg": "R", "reco": "H"}
_EUROPEAN_WORDS = {"directive": "L", "reglement": "R", "recommandation": "H"}


def normalise(scheme: Scheme, value: str) -> Identifier | None:
    """The identifier in its normal form, or None when `value` is not one of that scheme.

    Upper case for NOR, JORFTEXT, LEGITEXT and CELEX (a version suffix is dropped), `26-81222` for
    BOAMP, `decret-2026-822` for numbers; an ELI is a path without padding, whatever its host. The
    ELI that ends with a number is an alias of the one that ends with the NOR: it is no identifier.
    """
    normal = _NORMAL_FORMS[scheme](value.strip())
    return Identifier(scheme, normal) if normal else None


def numero(nature: str, number: str) -> Identifier | None:
    """`("DECRET", "2026-822")` -> `decret-2026-822`; None when the nature is not in `NUMBERED`.

    Organic laws are numbered with the others.
    """
    kind = fold(nature.strip()).removesuffix("_organique")
    return normalise(Scheme.NUMERO, f"{kind}-{number.strip()}")


def recognise(text: str) -> Identifier | None:
    """The identifier that the whole of `text` is, or the official address of; else None."""
    word = text.strip()
    if word.lower().startswith(("http://", "https://", "/eli/")):
        found = identifiers_of_url(word)
        return found[0] if found else None
    for scheme in (
        Scheme.JORFTEXT,
        Scheme.LEGITEXT,
        Scheme.NOR,
        Scheme.CELEX,
        Scheme.NUMERO,
        Scheme.BOAMP,
    ):
        if identifier := normalise(scheme, word):
            return identifier
    return None


def subject_identifiers(title: str, url: str = "") -> tuple[Identifier, ...]:
    """What a mention presents as its subject: the text its title opens with, and the text whose
    official page its address is. Strongest scheme first.
    """
    found = [*identifiers_of_url(url), *_identifiers_of_title(title)]
    return in_order_of_schemes(found)


def in_order_of_schemes(identifiers: Iterable[Identifier | None]) -> tuple[Identifier, ...]:
    order = list(Scheme)
    kept = {identifier for identifier in identifiers if identifier is not None}
    return tuple(sorted(kept, key=lambda i: (order.index(i.scheme), i.value)))


def identifiers_of_url(url: str) -> tuple[Identifier, ...]:
    """What an official address names: Légifrance, the ELI of France and of the Union, EUR-Lex,
    BOAMP. An ELI proves as well the NOR, the number or the CELEX that it is made of.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ()
    host, path = (parts.hostname or "").removeprefix("www."), unquote(parts.path)
    if host in ("", "legifrance.gouv.fr", "data.europa.eu") and path.startswith("/eli/"):
        return identifiers_of_eli(path)
    query = unquote(parts.query)
    found: list[Identifier | None] = []
    if match := _PAGES[host].search(f"{path}?{query}") if host in _PAGES else None:
        found = [normalise(scheme, match[1]) for scheme in _PAGE_SCHEMES[host]]
    return in_order_of_schemes(found)


_PAGES = {
    "legifrance.gouv.fr": re.compile(r"^/(?:jorf|loda)/id/([A-Z]{8}\d{12})(?![\w-])"),
    "eur-lex.europa.eu": re.compile(r"[?&]uri=CELEX:([^&]+)", re.IGNORECASE),
    "boamp.fr": re.compile(r"(?:idweb:|^/avis/detail/)(\d{2}[-_]\d+)(?![\w-])"),
}
_PAGE_SCHEMES = {
    "legifrance.gouv.fr": (Scheme.JORFTEXT, Scheme.LEGITEXT),
    "eur-lex.europa.eu": (Scheme.CELEX,),
    "boamp.fr": (Scheme.BOAMP,),
}


def identifiers_of_eli(eli: str) -> tuple[Identifier, ...]:
    """The ELI of a whole text, with what it is made of. An article's ELI gives nothing, and an
    alias gives only the number: one text never has two ELI, which would tell it from itself.
    """
    path = _path_of_eli(eli)
    found = [normalise(Scheme.ELI, path)]
    if match := _ELI_FRENCH.fullmatch(path):
        found += [normalise(Scheme.NOR, match[5]), numero(match[1], match[5])]
    elif match := _ELI_EUROPEAN.fullmatch(path):
        found.append(_celex(match[2], _CELEX_LETTERS.get(match[1], ""), match[3]))
    return in_order_of_schemes(found)


def official_url(identifier: Identifier) -> str:
    """The address of the text on its publisher's site; "" where the identifier alone gives none."""
    value = identifier.value
    if identifier.scheme is Scheme.ELI:
        return f"{EUROPA if _ELI_EUROPEAN.fullmatch(value) else LEGIFRANCE}{value}"
    return {
        Scheme.JORFTEXT: f"{LEGIFRANCE}/jorf/id/{value}",
        Scheme.CELEX: f"{EUR_LEX}/legal-content/FR/TXT/?uri=CELEX:{value}",
        Scheme.BOAMP: f"{BOAMP}/pages/avis/?q=idweb:{value}",
    }.get(identifier.scheme, "")


# --- Normal forms ------------------------------------------------------------------------------


def _whole(pattern: re.Pattern[str], group: int = 0) -> Callable[[str], str]:
    def normal(value: str) -> str:
        match = pattern.fullmatch(value.upper())
        return match[group] if match else ""

    return normal


def _normal_boamp(value: str) -> str:
    match = _BOAMP.fullmatch(value)
    return f"{match[1]}-{match[2]}" if match else ""


def _normal_numero(value: str) -> str:
    match = _NUMERO.fullmatch(fold(value))
    return match[0] if match else ""


def _path_of_eli(value: str) -> str:
    return re.sub(r"^https?://[^/]+", "", value.strip()).split("?")[0].split("#")[0].rstrip("/")


def _normal_eli(value: str) -> str:
    path = _path_of_eli(value)
    if match := _ELI_FRENCH.fullmatch(path):
        kind, year, month, day, name = match.groups()
        path = f"/eli/{kind}/{year}/{int(month)}/{int(day)}/{name.upper()}/jo/texte"
        return path if _NOR.fullmatch(name.upper()) else ""
    if match := _ELI_EUROPEAN.fullmatch(path):
        return f"/eli/{match[1]}/{match[2]}/{match[3]}/oj"
    return ""


_NORMAL_FORMS: dict[Scheme, Callable[[str], str]] = {
    Scheme.NOR: _whole(_NOR),
    Scheme.JORFTEXT: _whole(_JORFTEXT, 1),
    Scheme.LEGITEXT: _whole(_LEGITEXT, 1),
    Scheme.CELEX: _whole(_CELEX),
    Scheme.BOAMP: _normal_boamp,
    Scheme.NUMERO: _normal_numero,
    Scheme.ELI: _normal_eli,
}


def _celex(year: str, letter: str, number: str) -> Identifier | None:
    return normalise(Scheme.CELEX, f"3{year}{letter}{int(number):04d}")


# --- Titles ------------------------------------------------------------------------------------

_OPENING = (
    r"(?:^|[:|–—]\s*)"
    r"(?:(?:publication|parution)\s+(?:au\s+(?:jo|journal officiel)\s+)?)?"
    r"(?:de\s+la\s+|du\s+|de\s+l'\s?|la\s+|le\s+|l'\s?)?"
)
"""What may stand before the text that a title speaks of: nothing, an article, « Énergie : »."""

_FRENCH_TITLE = re.compile(
    rf"{_OPENING}({'|'.join(NUMBERED)})\s+(?:organique\s+)?n\s*[°ºo]?\s*((?:19|20)?\d{{2}}-\d{{1,5}})\b"
)
_EUROPEAN_TITLE = re.compile(
    rf"{_OPENING}({'|'.join(_EUROPEAN_WORDS)})\s+"
    r"(?:deleguee?\s+|d'execution\s+)?\((?:ue|eu)\)\s+(20(?:1[5-9]|[2-9]\d))/(\d{1,4})\b"
)
"""Since 2015 the Union writes year/number for every act; older acts are left alone."""


def _identifiers_of_title(title: str) -> list[Identifier | None]:
    plain = fold(" ".join(title.split()))
    if match := _FRENCH_TITLE.search(plain):
        return [numero(match[1], match[2])]
    if match := _EUROPEAN_TITLE.search(plain):
        return [_celex(match[2], _EUROPEAN_WORDS[match[1]], match[3])]
    return []
