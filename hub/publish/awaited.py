"""The décrets that a law awaits, in words: appeared, expected, overdue. Pure.

Readers are told that a décret appeared only when the Government's own schedule names it or when its
item is published; that it did not, only when nothing looks like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hub.legal.attendus import Expected, State, Tick
from hub.legal.codes import CODES
from hub.legal.norms import split_act
from hub.messages import typeset
from hub.model import Precision
from hub.store.awaited import Awaited
from hub.store.items import ItemRow
from hub.text import MONTHS, canonical_url, format_date


@dataclass(frozen=True, slots=True)
class AwaitedLine:
    """One line: `article` and `objet` as the schedule writes them, `says` how it stands.

    `decret` is what appeared, or may have; `slug` is its item, `url` its official page. `is_late`:
    its day has passed. `is_public`: readers may be told.
    """

    article: str
    objet: str
    says: str
    state: State
    decret: str = ""
    slug: str = ""
    url: str = ""
    is_late: bool = False
    is_public: bool = True


def awaited_lines(awaited: Iterable[Awaited]) -> tuple[AwaitedLine, ...]:
    """Every line of the schedule, as editors see it."""
    return tuple(map(_line, awaited))


def public_awaited(awaited: Iterable[Awaited]) -> tuple[AwaitedLine, ...]:
    """The lines that readers are shown: none that is moot, nor what no editor approved."""
    return tuple(_public(awaited))


def _line(one: Awaited) -> AwaitedLine:
    line, state = one.suivi.attendu, one.suivi.state
    pairs = list(zip(one.suivi.ticks, one.items, strict=True))
    expected = expected_words(line.expected)
    if pairs:
        tick, item = pairs[0]
        says = _appeared(tick, state)
        return _ticked(line.article or line.base, line.objet, says, state, tick, item)
    says = {
        State.EN_RETARD: f"attendu {expected}, pas paru",
        State.ATTENDU: f"attendu {expected}",
        State.SANS_DATE: "attendu, sans date annoncée",
        State.SANS_OBJET: "plus attendu, d’après l’échéancier",
    }[state]
    says = f"{says} (éventuel)" if line.is_optional and state is not State.SANS_OBJET else says
    is_late = state is State.EN_RETARD
    return AwaitedLine(line.article or line.base, line.objet, says, state, is_late=is_late)


def _ticked(
    article: str, objet: str, says: str, state: State, tick: Tick, item: ItemRow | None
) -> AwaitedLine:
    is_scheduled = not tick.mention_key
    return AwaitedLine(
        article,
        objet,
        says,
        state,
        decret=typeset(name_of(tick.decret)),
        slug=item.slug if item else "",
        url=tick.url if canonical_url(tick.url) else "",
        is_public=is_scheduled or (item is not None and item.state.is_public),
    )


def _appeared(tick: Tick, state: State) -> str:
    when = f" le {format_date(tick.published_on)}" if tick.published_on else ""
    return f"paru{when}" if state is State.PARU else f"peut-être paru{when}, à vérifier"


def _public(awaited: Iterable[Awaited]) -> Iterator[AwaitedLine]:
    for one in awaited:
        line = _line(one)
        if line.state is State.SANS_OBJET:
            continue
        if line.state is State.PARU and line.is_public:
            is_open = bool(one.items and one.items[0] and one.items[0].state.is_public)
            yield line if is_open else _without_item(line)
        elif line.decret:
            yield _undecided(one)
        else:
            yield line


def _without_item(line: AwaitedLine) -> AwaitedLine:
    return AwaitedLine(line.article, line.objet, line.says, line.state, line.decret, "", line.url)


def _undecided(one: Awaited) -> AwaitedLine:
    """Something may have appeared, that no editor has approved: only what was expected is said."""
    line = one.suivi.attendu
    expected = expected_words(line.expected)
    says = f"attendu {expected}" if expected else "attendu"
    return AwaitedLine(line.article or line.base, line.objet, says, State.A_VERIFIER)


def expected_words(expected: Expected | None) -> str:
    """« en mars 2026 », « au 2e trimestre 2026 », « au second semestre 2026 », « en 2027 »."""
    if expected is None:
        return ""
    if expected.precision is Precision.YEAR and expected.last.month - expected.first.month == 5:
        half = "premier" if expected.first.month == 1 else "second"
        return f"au {half} semestre {expected.first.year}"
    first = expected.first
    if expected.precision is Precision.QUARTER:
        quarter = (first.month - 1) // 3 + 1
        return f"au {quarter}{'er' if quarter == 1 else 'e'} trimestre {first.year}"
    if expected.precision is Precision.YEAR:
        return f"en {first.year}"
    if expected.precision is Precision.MONTH:
        return f"en {MONTHS[first.month - 1]}\xa0{first.year}"
    return f"le {format_date(first)}"


# --- How texts are called ------------------------------------------------------------------------

_ACTS = {
    "LOI": "loi",
    "LOI_ORG": "loi organique",
    "ORD": "ordonnance",
    "DEC": "décret",
    "ARR": "arrêté",
    "CIRC": "circulaire",
}
_CODE_NAMES = {code.key: code.name for code in CODES}
_ARTICLE = re.compile(
    r"ART:([^/]{1,80})/([A-Z]{1,2})([0-9-]{1,60})(?:\.\.([A-Z]{1,2})([0-9-]{1,60}))?"
)


def name_of(norm: str) -> str:
    """A norm as people write it: « article R. 543-4, Code de l’environnement »."""
    if match := _ARTICLE.fullmatch(norm):
        code, letter, number, last_letter, last = match.groups()
        until = f" à {last_letter}. {last}" if last else ""
        many = "articles" if last else "article"
        return f"{many} {letter}. {number}{until}, {_CODE_NAMES.get(code, code)}"
    prefix = re.split("[:@]", norm, maxsplit=1)[0]
    if prefix not in _ACTS:
        return norm
    _, number, day = split_act(norm)
    numbered = f" n° {number}" if number else ""
    return f"{_ACTS[prefix]}{numbered}{f' du {format_date(day)}' if day else ''}"
