"""The days of a consultation of the public, in what its page or the press says of it. Pure.

The participation of the public on a draft opens and closes on days that are made known (code de
l'environnement, art. L. 123-19-1); the last day is the échéance, never the entry into force.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from hub.legal.dated import WEEKDAY, Dated, find_dates
from hub.legal.prose import Prose, read_prose
from hub.model import Precision

LONGEST = timedelta(days=240)
"""A day whose year nobody wrote is the next one, if it comes soon; else it is not known."""

_FROM = re.compile(rf"(?:\bdu|\ba compter du|\ba partir du|\bdepuis le)\s(?:{WEEKDAY}\s)?$")
_TO = re.compile(rf"\s(?:inclus\s)?(?:au|jusqu'?\s?au)\s(?:{WEEKDAY}\s)?")
_UNTIL = re.compile(
    rf"(?:jusqu'?\s?au|\bcloture[er]?(?:e|es)?\s(?:le|au)|\bclos(?:e|es)?\sle|\bclot\sle"
    rf"|\bse\s(?:termine|terminera|cloture)\sle|\bprend(?:ra)?\sfin\sle|\bavant\sle"
    rf"|\bdate\s(?:limite|de cloture)\s?:\s?(?:le\s)?)\s?(?:{WEEKDAY}\s)?$"
)
_BEFORE = 40


def find_window(text: str, told_on: date | None) -> tuple[date | None, date | None]:
    """The first and the last day of the first consultation that the text dates; None: not said.

    A year that is not written is taken from the day the text was told, and never from far.
    """
    prose = read_prose(text)
    days = [
        day for day in find_dates(prose, 0, len(prose.plain), told_on) if _is_sure(day, told_on)
    ]
    for first, last in pairwise(days):
        gap = prose.plain[first.end : last.start]
        if _TO.fullmatch(gap) and _FROM.search(_before(prose, first)) and first.date <= last.date:
            return first.date, last.date
    return next(_first_days(prose, days), None), next(_last_days(prose, days), None)


def _is_sure(day: Dated, told_on: date | None) -> bool:
    is_near = day.has_year or not day.is_deduced or _is_near(day.date, told_on)
    return day.precision is Precision.DAY and is_near


def _is_near(day: date, told_on: date | None) -> bool:
    return told_on is not None and timedelta(0) <= day - told_on <= LONGEST


def _first_days(prose: Prose, days: Sequence[Dated]) -> Iterator[date]:
    return (
        day.date
        for day in days
        if re.search(
            rf"\bouvert[es]{{0,2}}\s(?:depuis\s)?le\s(?:{WEEKDAY}\s)?$", _before(prose, day)
        )
    )


def _last_days(prose: Prose, days: Sequence[Dated]) -> Iterator[date]:
    return (day.date for day in days if _UNTIL.search(_before(prose, day)))


def _before(prose: Prose, day: Dated) -> str:
    return prose.plain[max(0, day.start - _BEFORE) : day.start]
