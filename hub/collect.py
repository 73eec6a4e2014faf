"""Collection: start the spiders as one child process, read what it reports."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from hub.child import Child, run_child
from hub.config import Settings, find_credentials
from hub.errors import ReplayError
from hub.model import Failure, Source, SourceKind, Trouble
from hub.reads import Outcome, Settled, settle
from hub.reported import close_reports, has_work
from hub.spiders import send, start_spiders
from hub.store import Store
from hub.store.sources import SourceStateRow, list_source_states
from hub.text import PARIS, short_hash

SECONDS_PER_SOURCE = 300
"""After this long for each source asked for, beside its pace, the child is killed: it hangs."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source gave in this collection. `skipped` says why it was not read at all."""

    id: str
    requests: int = 0
    not_modified: int = 0
    mentions: int = 0
    entries: int | None = None
    moved_to: str = ""
    failures: tuple[Failure, ...] = ()
    skipped: str = ""

    @property
    def is_read(self) -> bool:
        """Whether something of it was read, were it in part."""
        return bool(self.not_modified or self.mentions or self.entries) or not self.failures

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "requests": self.requests,
            "not_modified": self.not_modified,
            "mentions": self.mentions,
            "entries": self.entries,
            "moved_to": self.moved_to,
            "failures": [
                {"url": f.url, "kind": str(f.kind), "reason": f.reason} for f in self.failures
            ],
            "skipped": self.skipped,
        }


GRACE = timedelta(minutes=1)
"""A tick that comes a little early does not make a source wait for the next one."""
JITTER = 0.1
"""How much sooner or later than its rhythm a source may be read, so that not all come at once."""


def due_sources(store: Store, sources: Sequence[Source], now: datetime) -> list[Source]:
    """The enabled sources that it is time to read again: their rhythm, a little spread, their
    hours, and what their host asked for (Retry-After).
    """
    with store.read() as session:
        states = list_source_states(session)
        held = _list_held(sources, states, now)
        return [
            source
            for source in sources
            if _is_due(source, states.get(source.id), now)
            and place_of(source) not in held
            and (
                source.kind is not SourceKind.REPORTED
                or has_work(session, _tried_at(states.get(source.id)), now)
            )
        ]


def _list_held(
    sources: Iterable[Source], states: Mapping[str, SourceStateRow], now: datetime
) -> dict[str, datetime]:
    """The hosts that asked to be left alone, whichever source asked them, and until when."""
    found: dict[str, datetime] = {}
    for source in sources:
        state = states.get(source.id)
        until = state.not_before if state else None
        if until is not None and until > now:
            place = place_of(source)
            found[place] = max(until, found.get(place, until))
    return found


def place_of(source: Source) -> str:
    """What shares a host's pace: its name and port, without `www.`."""
    return urlsplit(source.url).netloc.lower().removeprefix("www.")


def _tried_at(state: SourceStateRow | None) -> datetime | None:
    return state.last_attempt if state else None


def _is_due(source: Source, state: SourceStateRow | None, now: datetime) -> bool:
    if not source.enabled or not is_open(source, now):
        return False
    if state is None or state.last_attempt is None:
        return True
    wait = source.rhythm * (1 + JITTER * spread(f"{source.id} {state.last_attempt.isoformat()}"))
    return state.last_attempt + wait <= now + GRACE


def spread(text: str) -> float:
    """A number between -1 and 1 that depends on the text alone."""
    return int(short_hash(text), 16) / 0x7FFFFFFF - 1


def is_open(source: Source, now: datetime) -> bool:
    """Whether the source may be read at this hour of Paris."""
    if source.hours is None:
        return True
    (first, last), hour = source.hours, now.astimezone(PARIS).hour
    return first <= hour < last if first < last else hour >= first or hour < last


def collect(
    settings: Settings,
    store: Store,
    sources: Sequence[Source],
    now: datetime,
    spiders: Child | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> list[SourceReport]:
    """Read these sources now. A child that dies or hangs is a failure of those it had not
    finished, not an exception. A source without the secret it needs is left out, and so is one
    whose host asks to be left alone; its rhythm and its hours are not looked at.

    `spiders` are those of `start_spiders`, already under way. `meanwhile` is called now and then
    while they read others, when some sources are over: it should not last.
    """
    skipped = [
        SourceReport(source.id, skipped=f"HUB_CREDENTIALS_{source.credentials} is not set")
        for source in sources
        if source.credentials and not find_credentials(source.credentials)
    ]
    with store.read() as session:
        held = _list_held(sources, list_source_states(session), now)
    skipped += [
        SourceReport(source.id, skipped=f"its host asks to be left alone until {until.isoformat()}")
        for source in sources
        if (until := held.get(place_of(source)))
    ]
    left_out = {report.id for report in skipped}
    asked = [source for source in sources if source.id not in left_out]
    if not asked:
        return skipped
    with nullcontext(spiders) if spiders else start_spiders(settings, now) as child:
        return [*_read(child, store, asked, now, meanwhile), *skipped]


def _read(
    spiders: Child,
    store: Store,
    sources: Sequence[Source],
    now: datetime,
    meanwhile: Callable[[], None],
) -> list[SourceReport]:
    output = bytearray()
    send(spiders, sources)
    try:
        for lines in spiders.listen(_deadline(sources)):
            output += lines
            meanwhile()
        reason = f"collection stopped without a report, exit code {spiders.end()}"
    except subprocess.TimeoutExpired:
        reason = "collection was killed at its deadline"
    reports = {report.id: report for report in _read_lines(output)}
    lost = [source for source in sources if source.id not in reports]
    for source in lost:
        failure = Failure(source.id, source.url, Trouble.CRASH, reason)
        reports[source.id] = SourceReport(source.id, failures=(failure,))
    if lost:
        settle(store, _crashed(reports, lost), now)
    for source in sources:
        if source.kind is SourceKind.REPORTED:
            close_reports(store, source.id, now)
    return [reports[source.id] for source in sources]


REPLAY_DEADLINE = 6 * 3600
"""Seconds. A replay asks nobody, but may have years to read."""


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What the captures of one source gave when they were read again."""

    id: str
    captures: int
    mentions: int
    failures: tuple[Failure, ...] = ()


def replay(settings: Settings, sources: Sequence[Source], now: datetime) -> list[ReplayReport]:
    """Read the captures of these sources again, with today's parsers; nothing is asked of anybody.

    Raises:
        ReplayError: it stopped before its end; what was read before is kept.
    """
    try:
        child = run_child(
            ["spiders", "--now", now.isoformat(), "--from-captures", *(s.id for s in sources)],
            settings.environment(),
            timeout=REPLAY_DEADLINE,
        )
    except subprocess.TimeoutExpired as error:
        raise ReplayError("killed at its deadline") from error
    lines = [json.loads(line) for line in child.stdout.splitlines()] if not child.returncode else []
    if not lines or "end" not in lines[-1]:
        raise ReplayError(f"stopped without a report, exit code {child.returncode}")
    return [
        ReplayReport(
            line["id"],
            line["captures"],
            line["mentions"],
            tuple(Failure(**failure) for failure in line["failures"]),
        )
        for line in lines[:-1]
    ]


def _deadline(sources: Sequence[Source]) -> float:
    """Seconds. Hosts are read side by side, the sources of one host one after the other."""
    by_host: Counter[str] = Counter()
    for source in sources:
        by_host[place_of(source)] += SECONDS_PER_SOURCE + int(
            source.budget * source.pace.longest.total_seconds()
        )
    return max(by_host.values())


def _crashed(reports: Mapping[str, SourceReport], lost: Sequence[Source]) -> Settled:
    return Settled(
        failures=[failure for source in lost for failure in reports[source.id].failures],
        reads=[Outcome(source.id, is_good=False) for source in lost],
    )


def _read_lines(output: bytes | bytearray) -> Iterator[SourceReport]:
    """The sources that a child told of, one a line; the last line may be cut."""
    for line in output.splitlines():
        try:
            yield _to_report(json.loads(line))
        except (ValueError, KeyError, TypeError):
            continue


def _to_report(data: dict[str, Any]) -> SourceReport:
    return SourceReport(
        id=data["id"],
        requests=data["requests"],
        not_modified=data["not_modified"],
        mentions=data["mentions"],
        entries=data["entries"],
        moved_to=data["moved_to"],
        failures=tuple(
            Failure(data["id"], failure["url"], failure["kind"], failure["reason"])
            for failure in data["failures"]
        ),
    )
