"""Norms compared: when two of them name one text, one article, or an article among others. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from hub.legal.citations import find_citations
from hub.legal.codes import code_named
from hub.legal.norms import UNKNOWN_CODE, split_act
from hub.model import Identifier, Scheme

_PREFIXES = {"loi": "LOI", "ordonnance": "ORD", "decret": "DEC"}
_ARTICLE = re.compile(
    r"ART:([^/]{1,80})/([A-Z]{1,2})([0-9]+(?:-[0-9]+)*)(?:\.\.[A-Z]{0,2}([0-9-]+))?"
)


class Relation(StrEnum):
    """How what moved bears on what is rested on, strongest first."""

    SAME = "meme"
    IN_RANGE = "dans_la_plage"
    """One is an article among those that the other names (« R. 543-1 à R. 543-9 »)."""
    CODE = "code"
    """One is a whole code, the other an article of it."""
    SAME_DAY = "meme_jour"
    """Two arrêtés of one day: perhaps the same, which a person has to check."""

    @property
    def is_certain(self) -> bool:
        return self is not Relation.SAME_DAY


def norms_of_identifiers(identifiers: Iterable[Identifier]) -> frozenset[str]:
    """The norms of a text, from its official identifiers; a BOAMP number is none."""
    return frozenset(norm for one in identifiers if (norm := _norm_of(one)))


def _norm_of(identifier: Identifier) -> str:
    scheme, value = identifier.scheme, identifier.value
    if scheme is Scheme.NUMERO:
        nature, _, number = value.partition("-")
        return f"{_PREFIXES[nature]}:{number}"
    if scheme in (Scheme.JORFTEXT, Scheme.LEGITEXT):
        return value
    if scheme is Scheme.ELI:
        return f"ELI:{value.removeprefix('/eli/')}"
    return f"{scheme.value.upper()}:{value}" if scheme is not Scheme.BOAMP else ""


def norm_of_article(title: str) -> str:
    """« Code de l'environnement, article R. 543-290 » -> its norm; "" when it names no article."""
    found = [citation.norm for citation in find_citations(title)]
    return next((norm for norm in found if norm.startswith("ART:")), "")


def identity_of(norm: str) -> str:
    """A numbered text without its day, which not everybody writes; other norms as they are.

    An arrêté or a circulaire keeps its day and is still no identity: several share one.
    """
    if norm.startswith(("ART:", "ELI:", "NOR:", "CELEX:")) or "@" not in norm:
        return norm
    prefix, number, _ = split_act(norm)
    return f"{prefix}:{number}" if number else norm


def is_identity(norm: str) -> bool:
    """Whether the norm names one text, and not each of those of its day, nor an unnamed code."""
    is_of_a_day = ":" not in norm and "@" in norm
    return not is_of_a_day and not norm.startswith(f"ART:{UNKNOWN_CODE}/")


@lru_cache(maxsize=16_384)
def relate(moved: str, rests: str) -> Relation | None:
    """How what moved bears on what is rested on; None when it does not. Symmetric.

    An article of an unnamed code is that of no code: nothing is guessed.
    """
    one, other = identity_of(moved), identity_of(rests)
    if one == other:
        if is_identity(one):
            return Relation.SAME
        return None if one.startswith("ART:") else Relation.SAME_DAY
    ours, theirs = _articles(one), _articles(other)
    if ours and theirs:
        return Relation.IN_RANGE if ours.meets(theirs) else None
    for article, text in ((ours, other), (theirs, one)):
        code = code_named(text) if article and text.startswith("LEGITEXT") else None
        if article and code and code.key == article.code:
            return Relation.CODE
    return None


# --- Articles ----------------------------------------------------------------------------------


class _Articles:
    """One article or a run of them: the code, the letter, the first and last number."""

    __slots__ = ("code", "first", "last", "letter")

    def __init__(self, match: re.Match[str]) -> None:
        self.code, self.letter = match[1], match[2]
        self.first = _numbers(match[3])
        self.last = _numbers(match[4]) if match[4] else self.first

    def meets(self, other: _Articles) -> bool:
        return (
            (self.code, self.letter) == (other.code, other.letter)
            and self.code != UNKNOWN_CODE
            and self.first <= other.last
            and other.first <= self.last
        )


def _articles(norm: str) -> _Articles | None:
    match = _ARTICLE.fullmatch(norm)
    return _Articles(match) if match else None


def _numbers(written: str) -> tuple[int, ...]:
    """`543-290-3` -> (543, 290, 3): R. 543-290-3 stands after R. 543-290 and before R. 543-291."""
    return tuple(int(part) for part in written.split("-") if part)
