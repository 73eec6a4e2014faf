"""Dates in French prose, with their precision and their place. Pure.

Days are those of the civil calendar as French texts write them, hours those of Paris. Delays are
counted here too: « de quantième à quantième » (Code de procédure civile, art. 641).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta

from hub.legal.prose import Prose
from hub.model import Precision
from hub.text import MONTHS, PARIS, UNKNOWN_YEAR, fold


@dataclass(frozen=True, slots=True)
class Dated:
    """A date and the place of its words in the plain form of a text.

    `date` is the first day of its period. `has_year`: the year is written beside it; else it was
    taken from the sentence (`is_deduced` false) or from the context (`is_deduced` true).
    `has_edge`: its words begin with « fin », « début », « mi », and need no preposition.
    """

    start: int
    end: int
    date: date
    precision: Precision
    time: time | None = None
    has_year: bool = True
    is_deduced: bool = False
    is_iso: bool = False
    has_edge: bool = False


WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_MONTH_NUMBERS = {fold(name): number for number, name in enumerate(MONTHS, start=1)} | {
    "janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
MONTH = "(?:" + "|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?:19|20)\d\d(?![\d/]|-\d|[.,]\d)"
_ORDINALS = {
    "premier": 1, "1er": 1, "1ere": 1, "deuxieme": 2, "second": 2, "2e": 2, "2nd": 2, "2eme": 2,
    "troisieme": 3, "3e": 3, "3eme": 3, "quatrieme": 4, "dernier": 4, "4e": 4, "4eme": 4,
}  # fmt: skip
_ORDINAL = "(?:" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + ")"
_OF_YEAR = r"\s{1,4}(?:de\s|de\sl'annee\s|l'annee\s)?"
_EDGE = (
    r"(?:(?:la\s)?(?:fin|debut|mi|courant)[\s-]{1,3}"
    r"(?:du\smois\sde\s|de\s|d'|l'annee\s|annee\s){0,2})?"
)
"""« fin mars 2026 », « fin de l'année 2026 »: the precision is that of the period it names."""

_DATE = re.compile(
    rf"(?<![\w./-])(?:"
    rf"(?P<iso>(?P<iy>(?:19|20)\d\d)-(?P<im>\d\d)-(?P<id>\d\d)"
    rf"(?:[t\s](?P<clock>\d\d:\d\d)(?::\d\d(?:\.\d{{1,9}})?)?"
    rf"(?P<utc>z|\+00:?00)?)?(?![\d-]))"
    rf"|(?P<num>(?P<nd>\d{{1,2}})(?P<ns>[/.-])(?P<nm>\d{{1,2}})"
    rf"(?P=ns)(?P<ny>(?:19|20)\d\d|(?<=/)\d\d)"
    rf"(?![\d/-]|\.\d))"
    rf"|(?P<day>(?P<dd>1er|premier|[0-3]?\d)\s{{1,4}}(?P<dm>{MONTH})"
    rf"(?:\s{{0,2}},?{_OF_YEAR}(?P<dy>{_YEAR}))?(?!\w))"
    rf"|(?P<bare>(?P<bd>1er|[0-3]?\d)(?=\s(?:inclus\s)?(?:au|et|jusqu'au)\s(?:{WEEKDAY}\s)?"
    rf"(?:1er|[0-3]?\d)\s{{1,4}}{MONTH}))"
    rf"|(?P<month>{_EDGE}(?P<mm>{MONTH}){_OF_YEAR}(?P<my>{_YEAR}))"
    rf"|(?P<quarter>(?P<qo>{_ORDINAL})\s{{1,4}}trimestre(?:\scivil)?{_OF_YEAR}(?P<qy>{_YEAR}))"
    rf"|(?P<short>(?:t(?P<ta>[1-4])|(?P<tb>[1-4])t)[\s-]?(?P<ty>{_YEAR}))"
    rf"|(?P<half>(?:(?P<ho>{_ORDINAL})\s{{1,4}}semestre{_OF_YEAR}|s(?P<hs>[12])\s?)(?P<hy>{_YEAR}))"
    rf"|(?P<year>{_EDGE}(?P<yy>{_YEAR}))"
    rf")(?!\w)"
)
_UNITS = re.compile(
    r"\s?(?:m2|m3|m\b|kw|mw|gw|wh|eur|€|%|h\b|kg|km|g\b|t\b|habitant|salari|logement|tonne|lots?\b|"
    r"unite|personne|entreprise|metre|place|emploi|litre|heure|projet|structure|beneficiaire|"
    r"signataire|menage|agent|point|degre|:\d|°)"
)
_CLOCK = re.compile(
    r"\s?[,(-]?\s?(?:avant\s|jusqu'?\s?a\s|au plus tard\s)?(?:a\s)?"
    r"(?:(?P<h>[01]?\d|2[0-3])\s?(?:h|heures?|:)\s?(?P<m>[0-5]\d)?(?!\w)|(?P<noon>midi)\b)"
)
_CLOCK_BEFORE = re.compile(
    r"(?<!\d)(?P<h>[01]?\d|2[0-3])\s?(?:h|heures?)\s?(?P<m>[0-5]\d)?\s(?:\([^()]{0,30}\)\s)?"
    rf"(?:le|du|au|,)?\s?(?:{WEEKDAY}\s)?$"
)


def find_dates(prose: Prose, start: int, end: int, reference: date | None) -> tuple[Dated, ...]:
    """The dates written between two places of the plain form, in order.

    A day without a year takes that of the next date when it is near, else of the one before, else
    the first that is not before `reference` (the day of the text). Days that do not exist and
    DILA's unknown 2999-01-01 are left out, as are numbers that count something.
    """
    found = list(_written(prose.plain, start, end))
    return tuple(_with_years(found, reference))


def _written(plain: str, start: int, end: int) -> Iterator[Dated]:
    for match in _DATE.finditer(plain, start, end):
        shape = next(name for name in _READERS if match[name])
        if shape == "year" and _UNITS.match(plain, match.end()):
            continue
        day = _READERS[shape](match)
        if day is not None and day.date.year < UNKNOWN_YEAR:
            yield _with_clock(day, match, plain, start, end)


def _with_clock(day: Dated, match: re.Match[str], plain: str, start: int, end: int) -> Dated:
    """The hour written after the day (« à 15h00 ») or before it (« 12 h le »)."""
    if day.precision is not Precision.DAY:
        return day
    if clock := match["clock"]:
        return _at(day, _time(*clock.split(":")), is_utc=bool(match["utc"]))
    after = _CLOCK.match(plain, day.end, min(end, day.end + 40))
    before = _CLOCK_BEFORE.search(plain, max(start, day.start - 50), day.start)
    if after and after["noon"]:
        return replace(day, time=time(12))
    found = after or before
    return replace(day, time=_time(found["h"], found["m"])) if found else day


def _at(day: Dated, clock: time | None, *, is_utc: bool) -> Dated:
    """What is written in UTC is told in Paris time; any other offset is that of a local hour.

    Notices write « +01:00 » in summer too: the hour is right, the offset is not.
    """
    if clock is None or not is_utc:
        return replace(day, time=clock)
    local = datetime.combine(day.date, clock, UTC).astimezone(PARIS)
    return replace(day, date=local.date(), time=local.time())


def _time(hour: str, minute: str | None) -> time | None:
    return time(int(hour), int(minute or 0)) if int(hour) < 24 and int(minute or 0) < 60 else None


def _day(match: re.Match[str], year: str | int, month: int, day: str) -> Dated | None:
    try:
        written = date(int(year), month, 1 if day in ("1er", "premier") else int(day))
    except ValueError:
        return None
    return Dated(match.start(), match.end(), written, Precision.DAY)


def _period(match: re.Match[str], year: str, month: int, precision: Precision) -> Dated:
    has_edge = match[0].startswith(("fin", "debut", "mi-", "mi ", "courant"))
    day = date(int(year), month, 1)
    return Dated(match.start(), match.end(), day, precision, has_edge=has_edge)


def _read_iso(match: re.Match[str]) -> Dated | None:
    day = _day(match, match["iy"], int(match["im"]), match["id"])
    return day and replace(day, is_iso=True)


def _read_numbers(match: re.Match[str]) -> Dated | None:
    year = match["ny"] if len(match["ny"]) == 4 else f"20{match['ny']}"
    return _day(match, year, int(match["nm"]), match["nd"])


_LEAP = 2000
"""The year of a day whose year is not known yet: the 29th of February exists."""


def _read_day(match: re.Match[str]) -> Dated | None:
    month = _MONTH_NUMBERS[match["dm"].rstrip(".")]
    if match["dy"]:
        return _day(match, match["dy"], month, match["dd"])
    day = _day(match, _LEAP, month, match["dd"])
    return day and replace(day, has_year=False)


def _read_bare(match: re.Match[str]) -> Dated | None:
    """« du 2 » before « au 23 octobre 2023 »: the month is that of the next date."""
    day = _day(match, _LEAP, 1, match["bd"])
    return day and replace(day, has_year=False, is_deduced=True)


def _read_month(match: re.Match[str]) -> Dated | None:
    return _period(match, match["my"], _MONTH_NUMBERS[match["mm"].rstrip(".")], Precision.MONTH)


def _read_quarter(match: re.Match[str]) -> Dated | None:
    return _period(match, match["qy"], 3 * _ORDINALS[match["qo"]] - 2, Precision.QUARTER)


def _read_short_quarter(match: re.Match[str]) -> Dated | None:
    return _period(match, match["ty"], 3 * int(match["ta"] or match["tb"]) - 2, Precision.QUARTER)


def _read_half(match: re.Match[str]) -> Dated | None:
    """A half-year is told by its first month: there is no precision between quarter and year."""
    rank = int(match["hs"]) if match["hs"] else min(_ORDINALS[match["ho"]], 2)
    return _period(match, match["hy"], 6 * rank - 5, Precision.MONTH)


def _read_year(match: re.Match[str]) -> Dated | None:
    return _period(match, match["yy"], 1, Precision.YEAR)


_READERS: dict[str, Callable[[re.Match[str]], Dated | None]] = {
    "iso": _read_iso,
    "num": _read_numbers,
    "day": _read_day,
    "bare": _read_bare,
    "month": _read_month,
    "quarter": _read_quarter,
    "short": _read_short_quarter,
    "half": _read_half,
    "year": _read_year,
}

NEAR = 40
"""How far apart two dates may stand for one to lend its year to the other."""


def _with_years(found: list[Dated], reference: date | None) -> Iterator[Dated]:
    """Give each day its year, from the last to the first; what stays unknown is left out."""
    settled: list[Dated] = []
    following: Dated | None = None
    for place in range(len(found) - 1, -1, -1):
        day: Dated | None = found[place]
        if not found[place].has_year:
            day = _settle(found[place], following, found[place - 1] if place else None, reference)
        if day:
            following = day
            settled.append(day)
    return reversed(settled)


def _settle(
    day: Dated, after: Dated | None, before: Dated | None, reference: date | None
) -> Dated | None:
    if day.is_deduced:  # a bare number, which only the next date gives a month
        moved = _moved(day, after.date.year, after.date.month) if after else None
        return moved and replace(moved, is_deduced=after is not None and after.is_deduced)
    if after and after.start - day.end < NEAR:
        moved = _moved(day, after.date.year)
        return _moved(day, after.date.year - 1) if moved and moved.date > after.date else moved
    if before and before.has_year and day.start - before.end < NEAR:
        moved = _moved(day, before.date.year)
        return _moved(day, before.date.year + 1) if moved and moved.date < before.date else moved
    if reference is None:
        return None
    moved = _moved(day, reference.year)
    if moved is None or moved.date < reference:
        moved = _moved(day, reference.year + 1) or moved
    return moved and replace(moved, is_deduced=True)


def _moved(day: Dated, year: int, month: int | None = None) -> Dated | None:
    try:
        return replace(day, date=day.date.replace(year=year, month=month or day.date.month))
    except ValueError:
        return None


# --- Delays --------------------------------------------------------------------------------------


def add_months(day: date, months: int) -> date:
    """« De quantième à quantième »; the last day of the month where there is no such day.

    Code de procédure civile, art. 641, second paragraph.

    Raises:
        OverflowError: no calendar goes that far.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year < MAXYEAR:
        raise OverflowError("date value out of range")
    next_month = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (next_month - timedelta(days=1)).day))


def first_of_next(day: date, months: int) -> date:
    """The first day of the `months`-th month after that of `day`: 12 February, 3 -> 1st of May."""
    return add_months(day.replace(day=1), months)


def first_of_quarter(day: date, quarters: int) -> date:
    """The first day of the `quarters`-th civil quarter after that of `day`."""
    return add_months(date(day.year, day.month - (day.month - 1) % 3, 1), 3 * quarters)
