"""How each source is, from what its reads left: one rule for readers, editors and the technician.

Pure: a source, its history and `now` in; its state and its alarms out, whatever the order of the
rows. Reasons are facts in English; the sentences for people are in `hub.alarms`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise, takewhile
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from hub.model import MODEST, Criticality, Source, SourceKind, Trouble
from hub.text import canonical_url, paris_day

GRACE = timedelta(days=1)
"""A source may miss its rhythm by this much before it is called late."""
NIGHTS = timedelta(days=2)
"""A source with hours may miss a night, on a machine that is off, before it is late."""
PATIENCE = timedelta(days=1)
"""How long a source that is not critical may fail once before it is told."""
SHORTEST_GAP = timedelta(days=1)
"""No source is expected to say something new more often than this."""
DEFAULT_GAPS = {
    Criticality.CRITICAL: timedelta(days=4),
    Criticality.IMPORTANT: timedelta(days=15),
    Criticality.USEFUL: timedelta(days=45),
}
"""What is expected of a source whose entry says nothing and whose history is too short."""
GAPS_NEEDED, GAPS_KEPT, QUANTILE = 5, 20, 0.9
USUAL_READS, SMALLEST_USUAL = 10, 4
"""Reads that tell the usual size of a source, and the size under which none is too small."""
NEW_NORM = timedelta(days=30)
"""A source that has stayed small for this long has a new usual size."""


class Health(StrEnum):
    """How a source is, in one word."""

    GOOD = "ok"
    LATE = "tard"
    """Not read when it should have been: ours to mend."""
    SILENT = "muette"
    """It answers and says nothing new, for longer than it usually does."""
    SHRUNKEN = "reduite"
    BROKEN = "ko"
    PAUSED = "pause"
    KEYLESS = "sans_cle"
    """Never read yet, for want of its credentials: nothing is lost, nobody is told."""
    NEVER = "jamais"


class AlarmKind(StrEnum):
    """What can be wrong, the worst first."""

    NETWORK = "network"
    """Nothing answered at all: our own network is down, no source is blamed."""
    COLLECTION = "collection"
    """The collection itself died: no source is blamed either."""
    FAILED = "failed"
    LAYOUT = "layout"
    MOVED = "moved"
    LATE = "late"
    SILENT = "silent"
    SHRUNKEN = "shrunken"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(AlarmKind).index(self)

    @property
    def is_ours(self) -> bool:
        return self in (AlarmKind.NETWORK, AlarmKind.COLLECTION)


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a source. `entries` is None when nothing was listed (304, no answer)."""

    at: datetime
    is_good: bool = True
    requests: int = 0
    not_modified: int = 0
    entries: int | None = None
    mentions: int = 0


@dataclass(frozen=True, slots=True)
class OpenFailure:
    """A trouble that no good read has ended yet. `kind` is a `Trouble`, or an older word."""

    url: str
    kind: str
    reason: str
    at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What the reads of one source left. `moved_to` is the last permanent redirect, if it stands.

    `last_attempt` and `last_good` also know of reads that `reads` does not hold. `known_since` is
    when it was first expected to be read. `is_alone`: out of reach, and no other host has answered
    since it is, so that nothing tells whether it is the source or us.
    """

    reads: tuple[Read, ...] = ()
    failures: tuple[OpenFailure, ...] = ()
    last_attempt: datetime | None = None
    last_good: datetime | None = None
    not_before: datetime | None = None
    moved_to: str = ""
    moved_at: datetime | None = None
    known_since: datetime | None = None
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing wrong with a source since a moment. `source_id` is "" for our own network."""

    source_id: str
    host: str
    kind: AlarmKind
    reason: str
    since: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that is told of one source. `alarms` are sorted, the worst first; `early`
    is a failure too young to be one; `failures` are those still open, the last seen first.
    """

    source: Source
    state: Health
    usual_gap: timedelta
    last_good: datetime | None = None
    last_new: datetime | None = None
    alarms: tuple[Alarm, ...] = ()
    early: Alarm | None = None
    failures: tuple[OpenFailure, ...] = ()

    @property
    def is_in_doubt(self) -> bool:
        """Its last read failed, too little to be told: it proves nothing, not even that what was
        wrong before has ended."""
        return self.early is not None and self.early not in self.alarms


def check(source: Source, history: History, now: datetime, *, has_key: bool = True) -> Checkup:
    """The state and the alarms of one source. One that is not read has no alarm.

    Without its key (`has_key`) a source that was never read well is not expected to be; one that
    was has lost it, and that is its one alarm. One that just was read well needs none: recordings
    ask for no key.
    """
    reads = sorted(history.reads, key=_by_time)
    grave = tuple(failure for failure in history.failures if failure.kind not in MODEST)
    history = replace(history, failures=grave)
    last_good = max(
        [*(r.at for r in reads if r.is_good), *([history.last_good] if history.last_good else [])],
        default=None,
    )
    is_fed = not grave and last_good is not None and last_good + source.rhythm + GRACE >= now
    is_keyless = not has_key and not is_fed
    alarms: tuple[Alarm, ...] = ()
    if source.enabled and is_keyless:
        alarms = (_locked_out(source, last_good, now),) if last_good is not None else ()
    elif source.enabled:
        found = (rule(source, history, reads, now) for rule in _RULES)
        alarms = tuple(alarm for alarm in found if alarm is not None)
    return Checkup(
        source=source,
        state=_state_of(source, history, reads, alarms, last_good, is_keyless=is_keyless),
        usual_gap=usual_gap(reads, source),
        last_good=last_good,
        last_new=max((read.at for read in reads if read.mentions), default=None),
        alarms=tuple(sorted(alarms, key=lambda alarm: alarm.kind.rank)),
        early=_failing(source, history, reads) if source.enabled and not is_keyless else None,
        failures=tuple(sorted(grave, key=_newest_first)),
    )


def _by_time(read: Read) -> tuple[object, ...]:
    """Two reads of the same moment are told apart by what they say, so that order never counts."""
    entries = -1 if read.entries is None else read.entries
    return read.at, not read.is_good, entries, read.mentions, read.requests, read.not_modified


def _state_of(
    source: Source,
    history: History,
    reads: Sequence[Read],
    alarms: Sequence[Alarm],
    last_good: datetime | None,
    *,
    is_keyless: bool,
) -> Health:
    """A failure is shown as soon as it is known, before anyone is written to about it."""
    if not source.enabled:
        return Health.PAUSED
    if is_keyless:
        return Health.LATE if alarms else Health.KEYLESS
    if history.failures or (reads and not reads[-1].is_good):
        return Health.BROKEN
    kinds = {alarm.kind for alarm in alarms}
    if last_good is None and AlarmKind.LATE not in kinds:
        return Health.NEVER
    for kind, state in (
        (AlarmKind.LATE, Health.LATE),
        (AlarmKind.SILENT, Health.SILENT),
        (AlarmKind.SHRUNKEN, Health.SHRUNKEN),
    ):
        if kind in kinds:
            return state
    return Health.GOOD


# --- Rhythm ------------------------------------------------------------------------------------


def usual_gap(reads: Iterable[Read], source: Source) -> timedelta:
    """How long the source usually stays without anything new.

    Learned: nine in ten of its last twenty gaps between reads that brought something new were no
    longer. Gaps within one day do not count, so that a source that speaks ten times a day is
    judged on its nights and week-ends: five gaps of a source that rests on Saturday and Sunday
    always hold one week-end, which is then its usual gap, and twice that covers the bridges of May.

    Until five gaps are known, what its entry says (`publishes`), else a default by criticality.
    Never shorter than a day, than its rhythm, nor than half of what its entry says: a busy week
    does not make a monthly source a daily one.
    """
    moments = sorted({read.at for read in reads if read.mentions})
    gaps = [
        later - earlier
        for earlier, later in pairwise(moments)
        if paris_day(earlier) != paris_day(later)
    ][-GAPS_KEPT:]
    stated = source.publishes
    if len(gaps) >= GAPS_NEEDED:
        usual = sorted(gaps)[math.ceil(QUANTILE * len(gaps)) - 1]
        return max(usual, SHORTEST_GAP, source.rhythm, (stated or timedelta()) / 2)
    return max(stated or DEFAULT_GAPS[source.criticality], SHORTEST_GAP, source.rhythm)


# --- Alarms ------------------------------------------------------------------------------------


def _failed(source: Source, history: History, reads: Sequence[Read], now: datetime) -> Alarm | None:
    """Told at once for a critical source, unless it may be us; else when it lasts, or at the second
    bad read.
    """
    alarm = _failing(source, history, reads)
    is_pressing = source.criticality is Criticality.CRITICAL and not history.is_alone
    if alarm is None or is_pressing:
        return alarm
    bad = list(takewhile(lambda read: not read.is_good, reversed(reads)))
    return alarm if len(bad) >= 2 or now - alarm.since > PATIENCE else None


def _failing(source: Source, history: History, reads: Sequence[Read]) -> Alarm | None:
    faults = [f for f in history.failures if _kind_of(source, f, reads) is AlarmKind.FAILED]
    if history.failures and not faults:
        return None
    bad = takewhile(lambda read: not read.is_good, reversed(reads))
    moments = [read.at for read in bad] + [fault.at for fault in faults]
    if not moments:
        return None
    return _from_failures(source, AlarmKind.FAILED, faults, min(moments))


def _layout(source: Source, history: History, reads: Sequence[Read], now: datetime) -> Alarm | None:
    faults = [f for f in history.failures if _kind_of(source, f, reads) is AlarmKind.LAYOUT]
    if not faults:
        return None
    return _from_failures(source, AlarmKind.LAYOUT, faults, min(fault.at for fault in faults))


def _moved(source: Source, history: History, reads: Sequence[Read], now: datetime) -> Alarm | None:
    """A redirect to another site, or a permanent one inside it that the last read still met."""
    for fault in sorted(history.failures, key=_newest_first):
        if _kind_of(source, fault, reads) is AlarmKind.MOVED:
            alarm = _from_failures(source, AlarmKind.MOVED, [fault], fault.at)
            proposed = _last_page(fault.reason)
            detail = {**alarm.detail, "proposed_url": proposed} if proposed else alarm.detail
            return replace(alarm, detail=detail)
    if not history.moved_to or history.moved_at is None or history.moved_to == source.url:
        return None
    if any(read.is_good and read.at > history.moved_at for read in reads):
        return None
    detail = {"proposed_url": history.moved_to}
    reason = f"permanent redirect to {history.moved_to}"
    return Alarm(source.id, host_of(source.url), AlarmKind.MOVED, reason, history.moved_at, detail)


def _late(source: Source, history: History, reads: Sequence[Read], now: datetime) -> Alarm | None:
    """Not even tried: the scheduler or the budget forgot it. A host may ask to be left alone."""
    if source.kind in _EXPECT_NOTHING:
        return None
    attempts = [read.at for read in reads]
    attempts += [history.last_attempt] if history.last_attempt else []
    if not attempts:
        return _never_tried(source, history, now)
    due = max(attempts) + source.rhythm
    if history.not_before is not None:
        due = max(due, history.not_before)
    if due + GRACE >= now:
        return None
    reason = f"not read since {max(attempts).isoformat(timespec='minutes')}"
    return Alarm(source.id, host_of(source.url), AlarmKind.LATE, reason, due)


def _never_tried(source: Source, history: History, now: datetime) -> Alarm | None:
    since = history.known_since
    if since is None:
        return None
    patience = source.rhythm + GRACE
    if source.hours is not None:
        patience = max(patience, NIGHTS)
    is_held = history.not_before is not None and history.not_before + GRACE >= now
    if is_held or since + patience >= now:
        return None
    reason = f"never tried, known since {since.isoformat(timespec='minutes')}"
    return Alarm(source.id, host_of(source.url), AlarmKind.LATE, reason, since)


def _locked_out(source: Source, last_good: datetime, now: datetime) -> Alarm:
    """It was read well, and cannot be any more: no other alarm could be mended before this one."""
    variable = f"HUB_CREDENTIALS_{source.credentials}"
    reason = f"key missing: {variable} is not set"
    since = min(now, last_good + source.rhythm)
    detail = {"variable": variable}
    return Alarm(source.id, host_of(source.url), AlarmKind.LATE, reason, since, detail)


def _silent(source: Source, history: History, reads: Sequence[Read], now: datetime) -> Alarm | None:
    """It answers well, and its last news is older than twice its usual gap.

    Counted up to the last read: what was not asked cannot be silent. A source that never brought
    anything is silent since its first good read.
    """
    good = [read.at for read in reads if read.is_good]
    if not good or history.failures or not reads[-1].is_good or source.kind in _EXPECT_NOTHING:
        return None
    since = max((read.at for read in reads if read.mentions), default=good[0])
    gap = usual_gap(reads, source)
    if good[-1] - since <= 2 * gap:
        return None
    reason = f"nothing since {since.isoformat(timespec='minutes')}, usual gap {_hours(gap)} h"
    detail = {"usual_gap_hours": _hours(gap)}
    return Alarm(source.id, host_of(source.url), AlarmKind.SILENT, reason, since, detail)


def _shrunken(
    source: Source, history: History, reads: Sequence[Read], now: datetime
) -> Alarm | None:
    """The last reads, two or more, each listed less than half of what the ten before them did.

    Its usual size is that of before it shrank, for `NEW_NORM`: a source does not mend itself by
    staying small.
    """
    if source.kind in _EXPECT_NOTHING:
        return None
    listed = [(r.at, r.entries) for r in reads if r.is_good and r.entries is not None]
    if not listed or 2 * listed[-1][1] >= max(size for _, size in listed):
        return None
    for start in range(1, len(listed) - 1):
        usual = median(size for _, size in listed[max(0, start - USUAL_READS) : start])
        since = listed[start][0]
        if since < now - NEW_NORM or usual < SMALLEST_USUAL:
            continue
        if all(2 * size < usual for _, size in listed[start:]):
            size = listed[-1][1]
            reason = f"{size} entries, usually {usual:g}"
            detail = {"entries": size, "usual": usual}
            return Alarm(source.id, host_of(source.url), AlarmKind.SHRUNKEN, reason, since, detail)
    return None


_RULES = (_failed, _layout, _moved, _late, _silent, _shrunken)
_EXPECT_NOTHING = (SourceKind.REPORTED,)
"""Kinds that have something to say only when an editor gives it to them."""


def _kind_of(source: Source, failure: OpenFailure, reads: Sequence[Read]) -> AlarmKind:
    """What an open failure is: a changed layout where entries used to be, a move, or a failure."""
    if failure.kind in (Trouble.EMPTY, Trouble.PARSE) and _used_to_give(reads):
        return AlarmKind.LAYOUT
    if failure.kind == Trouble.OFF_SITE and _same_page(failure.url, source.url):
        return AlarmKind.MOVED
    return AlarmKind.FAILED


def _used_to_give(reads: Sequence[Read]) -> bool:
    return any(read.entries or read.mentions for read in reads)


def _same_page(one: str, other: str) -> bool:
    """The same address but for its question: an API is asked in many ways at one address."""
    return canonical_url(one).partition("?")[0] == canonical_url(other).partition("?")[0]


def _from_failures(
    source: Source, kind: AlarmKind, faults: Sequence[OpenFailure], since: datetime
) -> Alarm:
    host = host_of(source.url)
    if not faults:
        return Alarm(source.id, host, kind, "the last read failed", since)
    worst = min(faults, key=_newest_first)
    detail = {"trouble": worst.kind, "url": worst.url}
    return Alarm(source.id, host, kind, f"{worst.kind}: {worst.reason}", since, detail)


def _newest_first(failure: OpenFailure) -> tuple[object, ...]:
    age = -failure.last_at.timestamp()
    return age, failure.at, failure.url, failure.kind, failure.reason


_ADDRESS = re.compile(r"https?://\S+$")


def _last_page(reason: str) -> str:
    """The page that a reason ends with; "" when it only names a site."""
    match = _ADDRESS.search(reason.strip())
    return match[0] if match and urlsplit(match[0]).path else ""


def _hours(gap: timedelta) -> int:
    return round(gap.total_seconds() / 3600)


def host_of(url: str) -> str:
    """The machine an address is on, port left out; "" for what is on none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


# --- Our own outages ---------------------------------------------------------------------------

_UNREACHED = tuple(kind for kind in Trouble if kind.is_network)
ANSWERS = frozenset(Trouble) - {
    *(*_UNREACHED, Trouble.CRASH),
    *(Trouble.ROBOTS, Trouble.PRIVATE, Trouble.BUDGET, Trouble.HELD),
}
"""The troubles that prove that a host answered. The last ones that are left out prove nothing."""
OURS = (*_UNREACHED, Trouble.CRASH)
"""The troubles that may be our own."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one run met on one host. All false: nothing there was tried."""

    host: str
    answered: bool = False
    unreached: bool = False
    crashed: bool = False


def attempt_of(host: str, reads: Iterable[Read], failures: Iterable[str]) -> Attempt:
    """From the reads of one source and the kinds of its failures in one run.

    What asked for nothing met nothing: a mailbox on disk, a host that is being left alone.
    """
    kinds = set(failures)
    asked = [read for read in reads if read.requests]
    is_good = any(read.is_good for read in asked)
    return Attempt(
        host,
        answered=bool(asked) and (is_good or not kinds.isdisjoint(ANSWERS)),
        unreached=not kinds.isdisjoint(_UNREACHED),
        crashed=Trouble.CRASH in kinds,
    )


def find_silence(failures: Iterable[OpenFailure]) -> datetime | None:
    """Since when a source is out of reach, and nothing else is wrong with it; None when it is not.

    It is not blamed alone: nothing answered it, and what did not is perhaps our own network.
    """
    grave = [failure for failure in failures if failure.kind not in MODEST]
    if any(failure.kind not in _UNREACHED for failure in grave):
        return None
    return min((failure.at for failure in grave), default=None)


def is_alone(host: str, since: datetime, answers: Mapping[str, datetime]) -> bool:
    """Whether no other host has answered since then. `answers`: when each host last did."""
    return all(at < since for other, at in answers.items() if other not in ("", host))


def find_outage(attempts: Iterable[Attempt], current: AlarmKind | None = None) -> AlarmKind | None:
    """Whether it is us: nothing answered where two hosts or more were tried. One host is enough
    for an outage to last, and a run that tried nothing leaves things as they were.
    """
    tried = [attempt for attempt in attempts if attempt.host]
    if any(attempt.answered for attempt in tried):
        return None
    enough = 1 if current else 2
    if len({attempt.host for attempt in tried if attempt.unreached}) >= enough:
        return AlarmKind.NETWORK
    if len({attempt.host for attempt in tried if attempt.crashed}) >= enough:
        return AlarmKind.COLLECTION
    return current
