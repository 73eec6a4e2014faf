"""Délibérations and consultations of the Commission de régulation de l'énergie."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.legal.acts import MARK
from hub.legal.dates import Day, read_days
from hub.legal.norms import Citation, CitationKind, cite, norm_of_act
from hub.legal.plain import Plain

_CRE = r"(?:cre|commission\s{1,4}de\s{1,4}regulation\s{1,4}de\s{1,4}l'energie)(?![\w-])"
_OF_CRE = rf"\s{{1,4}}(?:\(|de\s{{1,4}}la\s{{1,4}})?{_CRE}\)?"
_NUMBER = rf"\s{{0,4}}[,(]?\s{{0,4}}(?:{MARK})?(20[0-9]{{2}}-[0-9]{{1,3}})(?![\w-])\)?"
_HEAD = re.compile(r"(?<![\w-])deliberation(s?)(?![\w-])", re.ASCII)
_AUTHORITY = re.compile(_OF_CRE, re.ASCII)
_NUMBERED = re.compile(_NUMBER, re.ASCII)
_NEXT = re.compile(r"\s{0,4}(?:,|et|ainsi\s{1,4}que)\s{0,4}(?=n\s?[°o]|20[0-9]{2}-)", re.ASCII)
_CONSULTATION = re.compile(
    rf"(?<![\w-])consultation\s{{1,4}}publique(?:{_OF_CRE})?\s{{0,4}}"
    rf"(?:{MARK})(?P<number>20[0-9]{{2}}-[0-9]{{1,3}})(?![\w-])",
    re.ASCII,
)
_OTHERS = re.compile(
    r"(?<![\w-])(?:cnil|arcep|arcom|csa|acpr|hatvp|asn|asnr|cada|commission\s{1,4}nationale"
    r"|conseils?\s{1,4}(?:municipa|regiona|departementa|communautaire|metropolitain|d'|de\s{1,4})"
    r"|autorite|haute?\s{1,4}|metropole|assemblee|comite|jury)",
    re.ASCII,
)
"""Other bodies that deliberate: near them, a bare number is not said to be the CRE's."""
_SENTENCE = 150


def find_cre(text: Plain) -> Iterator[Citation]:
    """Délibérations said to be the CRE's, and those of a number and no other body near."""
    for head in _HEAD.finditer(text.text):
        yield from _deliberations(text, head)
    for match in _CONSULTATION.finditer(text.text):
        norm = norm_of_act(CitationKind.CRE_CONSULTATION, match["number"], None)
        yield cite(text, match.start(), match.end(), CitationKind.CRE_CONSULTATION, norm)


def _deliberations(text: Plain, head: re.Match[str]) -> Iterator[Citation]:
    plain, several = text.text, bool(head[1])
    start, place = head.start(), head.end()
    is_cre, place = _skip_authority(plain, place)
    numbers: list[tuple[str, int, int]] = []
    while number := _NUMBERED.match(plain, place):
        numbers.append((number[1], start, number.end(1)))
        following = _NEXT.match(plain, number.end())
        place = start = following.end() if following else number.end()
        if not following:
            break
    is_named, place = _skip_authority(plain, place)
    days = read_days(plain, place, several=several and not numbers)
    is_cre = is_cre or is_named or _skip_authority(plain, days[-1].end if days else place)[0]
    if not is_cre and (not numbers or _is_of_others(plain, head)):
        return
    yield from _cite_all(text, head.start(), numbers, days)


def _cite_all(
    text: Plain, start: int, numbers: list[tuple[str, int, int]], days: tuple[Day, ...]
) -> Iterator[Citation]:
    """Several numbers share the day; without a number each day is one délibération."""
    kind = CitationKind.CRE
    if not numbers:
        for index, day in enumerate(days):
            first = day.start if index else start
            yield cite(text, first, day.end, kind, norm_of_act(kind, "", day.value))
        return
    shared = days[0] if days else None
    for index, (number, first, end) in enumerate(numbers):
        last = shared.end if shared and index == len(numbers) - 1 else end
        norm = norm_of_act(kind, number, shared.value if shared else None)
        yield cite(text, first, last, kind, norm)


def _skip_authority(text: str, place: int) -> tuple[bool, int]:
    match = _AUTHORITY.match(text, place)
    return (True, match.end()) if match else (False, place)


def _is_of_others(text: str, head: re.Match[str]) -> bool:
    around = text[max(0, head.start() - _SENTENCE) : head.end() + _SENTENCE]
    return bool(_OTHERS.search(around))
