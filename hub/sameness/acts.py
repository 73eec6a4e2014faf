"""The acts that a title names: nature, number, day of signature, and in what part.

French acts are quoted by nature, number and day of signature (« décret n° 2021-1004 du 29 juillet
2021 », guide de légistique, fiche 3.1.2). Lois, ordonnances and décrets of a year share one series
of numbers; arrêtés have none. An act that a title amends, applies or transposes is not what the
title speaks of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from hub.text import comparable, fold


class Part(Enum):
    """In what part a title names an act."""

    OWN = "own"
    """The title opens with it: it is the act's own, or that of a page about it."""
    NAMED = "named"
    CITED = "cited"
    """Amended, applied, transposed: another act than what the title speaks of."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act named in a title. `number` is "" and `signed_on` None where they are not said."""

    nature: str
    number: str
    signed_on: date | None
    part: Part

    @property
    def is_dated(self) -> bool:
        """Whether it is more than a word: « le décret » names nothing."""
        return bool(self.number or self.signed_on)


_NATURES = {
    "loi": "loi",
    "lois": "loi",
    "ordonnance": "ordonnance",
    "decret": "decret",
    "decrets": "decret",
    "arrete": "arrete",
    "arretes": "arrete",
    "decision": "decision",
    "deliberation": "deliberation",
    "circulaire": "circulaire",
    "directive": "ue",
    "reglement": "ue",
}
NUMBERED = frozenset(("loi", "ordonnance", "decret"))
_MONTHS = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
    "|janv|fevr|avr|juil|sept|oct|nov|dec"
)
_NUMBERS = dict(zip(_MONTHS.split("|"), (*range(1, 13), 1, 2, 4, 7, 9, 10, 11, 12), strict=True))
_DAY = rf"(?:\d{{1,2}}(?:er)? (?:{_MONTHS})\.? \d{{4}}|\d{{1,2}}/\d{{1,2}}/\d{{2,4}})"
_ACT = re.compile(
    rf"\b(?<!economie )(?P<nature>{'|'.join(_NATURES)})\b"
    r"(?:,? (?:organique|ministeriel|interministeriel|conjoint|deleguee?|d'execution|qpc))?"
    r"(?: [a-z]{3,9}(?= n ?[°o]| (?:19|20)\d\d-))?"
    r"(?: ?\((?:ue|eu|ce)\))?"
    r"(?: ?n ?[°ºo]s? ?| )?"
    r"(?P<number>(?:19|20)\d{2}[-/]\d{1,5}\b)?"
    rf"(?:,? ?(?:qpc )?(?:du |en date du )?(?P<day>{_DAY}))?"
)
_VAGUE = frozenset(("decision", "deliberation", "circulaire", "ue"))
"""Words of everyday language too: they name an act only with its number or its day."""
_CITING = re.compile(
    r"\b(?:modifi|abrog|complet|rectifi|prorog|transpos|ratifi|annul)[a-z]{1,7}\b"
    r"|\bapplication\b|\brelati(?:f|fs|ve|ves) a l'$|\bprevue?s? (?:a|par)\b"
)
_REACH = 90
"""How far before an act, in characters, the word that makes it a cited one may stand."""
_OPENING = re.compile(
    r"[^a-z0-9]{0,6}(?:[a-z0-9' ]{0,24} ?[:|–—-] )?"
    r"(?:(?:publication|parution) (?:au journal officiel )?d[eu] )?(?:la |le |l')?"
)
"""What may stand before a title's own act: nothing, an article, « RE2020 – »."""


def list_acts(title: str) -> list[Act]:
    """The acts a title names, in order."""
    text = plain(title)
    found = [_to_act(text, match) for match in _ACT.finditer(text)]
    return [act for act in found if act.is_dated or act.nature not in _VAGUE]


def find_own(title: str) -> tuple[Act | None, str]:
    """The act that a title opens with, if it says which: the first of `list_acts` that it owns.

    With it comes its object if it has no number, in a form where accents, case and the writing of
    days do not count.
    """
    text = plain(title)
    for match in _ACT.finditer(text):
        if match.start() > _REACH:
            break
        act = _to_act(text, match)
        if act.part is Part.OWN and act.is_dated:
            return act, "" if act.nature in NUMBERED else _to_object(text[match.end() :])
    return None, ""


def _to_object(text: str) -> str:
    return comparable(write_days(text) if "/" in text else text)


def _to_act(text: str, match: re.Match[str]) -> Act:
    nature = _NATURES[match["nature"]]
    return Act(
        nature=nature,
        number=_number_of(match["number"] or "", nature),
        signed_on=_day_of(match["day"] or ""),
        part=_part_of(text, match.start()),
    )


def plain(title: str) -> str:
    return " ".join(fold(title).split())


def write_days(text: str) -> str:
    """Write each day of a plain text in one way: « 04/12/24 » is « 4 décembre 2024 »."""
    return _WRITTEN_DAY.sub(lambda match: str(_day_of(match[0]) or match[0]), text)


_WRITTEN_DAY = re.compile(rf"(?<![\w/]){_DAY}(?![\w/])")


def _number_of(words: str, nature: str) -> str:
    return words if nature == "ue" else words.replace("/", "-")


_PARTS = re.compile(
    rf"(\d{{1,2}})(?:er)? ({_MONTHS})\.? (\d{{4}})|(\d{{1,2}})/(\d{{1,2}})/(\d{{4}}|\d\d)"
)


def _day_of(words: str) -> date | None:
    parts = _PARTS.fullmatch(words)
    if parts is None:
        return None
    day, month, year = (part for part in parts.groups() if part)
    number = int(month) if month.isdecimal() else _NUMBERS[month]
    try:
        return date(int(year) if len(year) > 2 else 2000 + int(year), number, int(day))
    except ValueError:
        return None


def _part_of(text: str, start: int) -> Part:
    if start == 0 or (start <= _REACH and _OPENING.fullmatch(text, 0, start)):
        return Part.OWN
    return Part.CITED if _CITING.search(text, max(0, start - _REACH), start) else Part.NAMED
