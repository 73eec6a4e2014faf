"""Whatever the order of the rows, the cut of time into runs and the outages of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hub.alarms import PERIODS, Group, Incident, advance, choose, mark_told
from hub.health import (
    DEFAULT_GAPS,
    Alarm,
    AlarmKind,
    Attempt,
    Health,
    History,
    OpenFailure,
    Read,
    check,
    find_outage,
    usual_gap,
)
from hub.model import Criticality, Pace, Source, SourceKind, Trouble

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://example.org/flux"
KINDS = [kind for kind in AlarmKind if not kind.is_ours]

moments = st.integers(0, 60 * 24).map(lambda hour: START + hour * HOUR)
reads = st.builds(
    Read,
    at=moments,
    is_good=st.booleans(),
    requests=st.integers(0, 3),
    not_modified=st.integers(0, 3),
    entries=st.none() | st.integers(0, 30),
    mentions=st.integers(0, 2),
)
failures = st.builds(
    OpenFailure,
    url=st.sampled_from([URL, f"{URL}/2"]),
    kind=st.sampled_from([*Trouble, "fetch"]),
    reason=st.sampled_from(["HTTP 503", "redirected to https://example.net/flux"]),
    at=moments,
    last_at=moments,
)


def make_source(
    source_id: str = "a",
    criticality: Criticality = Criticality.IMPORTANT,
    host: str = "example.org",
    rhythm: timedelta = 6 * HOUR,
) -> Source:
    return Source(
        id=source_id,
        name=source_id,
        publisher="x",
        kind=SourceKind.FEED,
        url=f"https://{host}/flux",
        rhythm=rhythm,
        pace=Pace(HOUR, HOUR),
        licence="x",
        evidence="x",
        criticality=criticality,
    )


@given(st.lists(reads, max_size=40), st.lists(failures, max_size=4), st.randoms(), moments)
def test_the_order_of_rows_does_not_count(
    past: list[Read], open_failures: list[OpenFailure], shuffler: Random, now: datetime
) -> None:
    shuffled, mixed = list(past), list(open_failures)
    shuffler.shuffle(shuffled)
    shuffler.shuffle(mixed)
    source = make_source()
    one = check(source, History(tuple(past), tuple(open_failures)), now)
    assert check(source, History(tuple(shuffled), tuple(mixed)), now) == one


@given(
    gap=st.integers(1, 40 * 24).map(lambda hours: hours * HOUR),
    count=st.integers(1, 30),
    wait=st.floats(0, 2),
    rhythm=st.integers(1, 48).map(lambda hours: hours * HOUR),
)
def test_a_steady_source_is_never_silent_before_twice_its_gap(
    gap: timedelta, count: int, wait: float, rhythm: timedelta
) -> None:
    """Its gap is known once six days have had news; before that, what is expected of it rules."""
    spoken = [START + number * gap for number in range(count)]
    now = spoken[-1] + wait * gap
    history = History((*(Read(moment, mentions=1) for moment in spoken), Read(now)))
    found = check(make_source(rhythm=rhythm), history, now)
    if AlarmKind.SILENT in [alarm.kind for alarm in found.alarms]:
        assert len({moment.date() for moment in spoken}) <= 6
        assert now - spoken[-1] > 2 * DEFAULT_GAPS[Criticality.IMPORTANT]


@given(st.lists(reads, max_size=60))
def test_the_usual_gap_is_never_shorter_than_a_day_nor_than_the_rhythm(past: list[Read]) -> None:
    assert usual_gap(past, make_source(rhythm=HOUR)) >= DAY
    assert usual_gap(past, make_source(rhythm=9 * DAY)) >= 9 * DAY


@given(st.lists(reads, max_size=20), st.lists(failures, max_size=3), moments, moments)
def test_only_what_was_never_read_well_waits_for_its_key_in_silence(
    past: list[Read], open_failures: list[OpenFailure], known: datetime, now: datetime
) -> None:
    history = History(tuple(past), tuple(open_failures), known_since=known)
    found = check(make_source(), history, now, has_key=False)
    was_read = any(read.is_good for read in past)
    assert (found.state is Health.KEYLESS) is not was_read
    if not was_read:
        assert (found.alarms, found.early) == ((), None)
    assert all(alarm.since <= now for alarm in found.alarms if "variable" in alarm.detail)


@given(st.lists(reads, max_size=20), st.lists(failures, max_size=3), moments)
def test_a_doubt_only_ever_keeps_a_failure_back(
    past: list[Read], open_failures: list[OpenFailure], now: datetime
) -> None:
    source = make_source(criticality=Criticality.CRITICAL)
    history = History(tuple(past), tuple(open_failures))
    sure, unsure = check(source, history, now), check(source, replace(history, is_alone=True), now)
    kept_back = [alarm for alarm in sure.alarms if alarm not in unsure.alarms]
    assert all(alarm in sure.alarms for alarm in unsure.alarms)
    assert {alarm.kind for alarm in kept_back} <= {AlarmKind.FAILED}
    assert unsure.is_in_doubt is bool(kept_back)


# --- Telling -----------------------------------------------------------------------------------

SOURCES = {
    source.id: source
    for source in (
        make_source("a", Criticality.CRITICAL, "one.example"),
        make_source("b", Criticality.IMPORTANT, "two.example"),
        make_source("c", Criticality.USEFUL, "two.example"),
        make_source("d", Criticality.USEFUL, "three.example"),
    )
}
alarm_sets = st.frozensets(st.tuples(st.sampled_from(sorted(SOURCES)), st.sampled_from(KINDS)))
steps = st.lists(
    st.tuples(st.integers(1, 60), alarm_sets, st.sampled_from(["", "", "", "seen", "lost"])),
    max_size=25,
)


def make_alarm(source_id: str, kind: AlarmKind, now: datetime) -> Alarm:
    host = SOURCES[source_id].url.split("/")[2]
    return Alarm(source_id, host, kind, "x", now)


class World:
    """The incidents as the store would keep them."""

    def __init__(self) -> None:
        self.known: dict[int, Incident] = {}
        self.now = START

    def keep(self, changed: Iterable[Incident]) -> None:
        for incident in changed:
            number = incident.id or len(self.known) + 1
            self.known[number] = replace(incident, id=number)

    def run(self, alarms: Iterable[tuple[str, AlarmKind]], *, is_lost: bool = False) -> list[Group]:
        """One watch; `is_lost`: the message could not leave."""
        found = [make_alarm(name, kind, self.now) for name, kind in alarms]
        self.keep(advance(self.known.values(), found, SOURCES, self.now))
        notice = choose(self.known.values(), SOURCES, self.now)
        if notice is None or is_lost:
            return []
        self.keep(mark_told(notice, self.now))
        return list(notice.groups)

    def see(self) -> None:
        self.keep(replace(i, acknowledged_at=self.now) for i in self.known.values() if i.is_open)


@given(steps)
def test_nothing_is_told_twice_within_its_period_nor_once_seen(
    played: list[tuple[int, frozenset[tuple[str, AlarmKind]], str]],
) -> None:
    """Unless something new is wrong on the same host."""
    world = World()
    last: dict[int, datetime] = {}
    for hours, alarms, event in played:
        world.now += hours * HOUR
        if event == "seen":
            world.see()
        seen = {i.id for i in world.known.values() if i.is_open and i.acknowledged_at}
        closed = {i.id for i in world.known.values() if not i.is_open}
        for group in world.run(alarms, is_lost=event == "lost"):
            told = {incident.id for incident in group.incidents}
            assert not told & (seen - closed)
            again = [world.now - last[number] for number in told if number in last]
            if len(again) == len(told):
                assert min(again) >= PERIODS[group.criticality]
            last |= dict.fromkeys(told, world.now)


@given(steps)
def test_what_lasts_unseen_is_told_in_each_period(
    played: list[tuple[int, frozenset[tuple[str, AlarmKind]], str]],
) -> None:
    """Whatever happened before: an alarm that holds is told within its period, and again after."""
    world = World()
    for hours, alarms, event in played:
        world.now += hours * HOUR
        world.run(alarms, is_lost=event == "lost")
    lasting = [("d", AlarmKind.FAILED)]
    world.now += HOUR
    told = [bool(world.run(lasting))]
    for _ in range(2 * 7):
        world.now += DAY
        told.append(bool(world.run(lasting)))
    assert any(told[:8])
    assert any(told[8:])


@given(steps, st.randoms())
def test_the_order_of_incidents_and_alarms_does_not_count(
    played: list[tuple[int, frozenset[tuple[str, AlarmKind]], str]], shuffler: Random
) -> None:
    world = World()
    for hours, alarms, event in played:
        world.now += hours * HOUR
        known = list(world.known.values())
        found = [make_alarm(name, kind, world.now) for name, kind in sorted(alarms)]
        expected = advance(known, found, SOURCES, world.now)
        shuffler.shuffle(known)
        shuffler.shuffle(found)
        assert advance(known, found, SOURCES, world.now) == expected
        assert choose(known, SOURCES, world.now) == choose(
            sorted(known, key=lambda i: i.id), SOURCES, world.now
        )
        world.run(alarms, is_lost=event == "lost")


# --- Our own outages ---------------------------------------------------------------------------

attempts = st.builds(
    Attempt,
    host=st.sampled_from(["", "one", "two", "three"]),
    answered=st.booleans(),
    unreached=st.booleans(),
    crashed=st.booleans(),
)


@given(st.lists(attempts, max_size=8), st.sampled_from([None, AlarmKind.NETWORK]))
def test_one_answer_is_enough_to_say_that_it_is_not_us(
    met: list[Attempt], current: AlarmKind | None
) -> None:
    assert find_outage([*met, Attempt("four", answered=True)], current) is None


@given(st.sets(st.sampled_from(["one", "two", "three", "four"])))
def test_without_any_answer_two_hosts_are_needed(hosts: set[str]) -> None:
    outage = find_outage([Attempt(host, unreached=True) for host in hosts])
    assert outage is (AlarmKind.NETWORK if len(hosts) >= 2 else None)
