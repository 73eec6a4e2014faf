"""Days written after the name of a text: « du 10 février 2020 », « des 3 et 5 mai 2021 »."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from hub.text import MONTHS, fold

_MONTHS = {fold(name): number for number, name in enumerate(MONTHS, start=1)}
_OF = re.compile(
    r"\s{0,4},?\s{0,4}(?:en\s{1,4}date\s{1,4})?(?:du|des)\s{1,4}(?:le\s{1,4})?", re.ASCII
)
_DAY = re.compile(
    r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s{1,4})?"
    rf"(?:(?P<day>[0-9]{{1,2}})(?:\s?er)?(?:\s{{1,4}}(?P<month>{'|'.join(_MONTHS)})"
    r"(?:\s{1,4}(?P<year>[0-9]{4}))?)?(?![\w°/])"
    r"|(?P<numbers>[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})(?![\w/]))",
    re.ASCII,
)
_AND = re.compile(
    r"\s{0,4}(?:,|et|ainsi\s{1,4}que)\s{0,4}(?:(?:celui\s{1,4}|ceux\s{1,4})?(?:du|des)\s{1,4})?"
    r"(?=[0-9])",
    re.ASCII,
)
_MOST = 20
"""Days in one enumeration: no French text cites more arrêtés in a breath."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written from `start` to `end`."""

    value: date
    start: int
    end: int


def read_days(text: str, place: int, *, several: bool = False) -> tuple[Day, ...]:
    """The days that « du » or « des » introduces at `place` of a plain text; () when none.

    In an enumeration, a day without month or year takes those of the day that follows it.
    A day that does not exist is no day.
    """
    opening = _OF.match(text, place)
    if opening is None:
        return ()
    found: list[re.Match[str]] = []
    at: int | None = opening.end()
    while at is not None and len(found) < _MOST:
        day = _DAY.match(text, at)
        if day is None:
            break
        found.append(day)
        following = _AND.match(text, day.end()) if several else None
        at = following.end() if following else None
    return _complete(found)


def _complete(found: list[re.Match[str]]) -> tuple[Day, ...]:
    days: list[Day] = []
    month = year = 0
    for match in reversed(found):
        if match["numbers"]:
            number, month, year = map(int, match["numbers"].split("/"))
        else:
            number = int(match["day"])
            if match["month"]:
                month = _MONTHS[match["month"]]
                year = int(match["year"]) if match["year"] else year
        if value := _date(year, month, number):
            days.append(Day(value, match.start(), match.end()))
    return tuple(reversed(days))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year else None
    except ValueError:
        return None
