"""The sources: when each was last read well, and what goes wrong now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from hub.health import Health, health_of
from hub.messages import message
from hub.model import Source
from hub.store.sources import (
    FailureRow,
    SourceStateRow,
    list_open_failures,
    list_source_states,
)
from hub.text import canonical_url, format_moment
from hub.web.visits import Visit

_TROUBLES = {"fetch": "FetchError", "parse": "ParseError", "empty": "EmptySource"}
_ORDER = (Health.BROKEN, Health.LATE, Health.NEVER, Health.GOOD, Health.PAUSED)


@dataclass(frozen=True, slots=True)
class Trouble:
    sentence: str
    url: str
    since: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    name: str
    publisher: str
    url: str
    state: Health
    word: str
    last_read: str
    troubles: list[Trouble]


_WORDS = {
    Health.GOOD: "À jour",
    Health.LATE: "En retard",
    Health.BROKEN: "En panne",
    Health.PAUSED: "En pause",
    Health.NEVER: "Pas encore lue",
}


def show_sources(visit: Visit) -> Response:
    sources: dict[str, Source] = visit.request.app.state.sources
    with visit.store.read() as session:
        states = list_source_states(session)
        failures: dict[str, list[FailureRow]] = {}
        for row in list_open_failures(session):
            failures.setdefault(row.source_id, []).append(row)
        lines = [
            _line(source, states.get(source.id), failures.get(source.id, []), visit.now)
            for source in sources.values()
        ]
        lines.sort(key=lambda line: (_ORDER.index(line.state), line.name))
        context: dict[str, Any] = {
            "lines": lines,
            "tally": [
                (state, _WORDS[state], sum(line.state == state for line in lines))
                for state in _ORDER
            ],
        }
        return visit.render(session, "sources.html", context)


def _line(
    source: Source, row: SourceStateRow | None, failures: list[FailureRow], now: datetime
) -> SourceLine:
    last = row.last_good_read if row else None
    state = health_of(source, last, failures[0].at if failures else None, now)
    return SourceLine(
        name=source.name,
        publisher=source.publisher,
        url=source.url if canonical_url(source.url) else "",
        state=state,
        word=_WORDS[state],
        last_read=format_moment(last) if last else "",
        troubles=[
            Trouble(
                message(_TROUBLES.get(failure.kind, "SourceError")),
                failure.url,
                format_moment(failure.at),
            )
            for failure in failures
        ],
    )
