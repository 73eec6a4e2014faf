"""How sources are told to be: their rhythm, their alarms, whom a trouble is blamed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.alarms import (
    CALM,
    PERIODS,
    Incident,
    Notice,
    action,
    advance,
    body_of,
    cause,
    choose,
    describe_age,
    describe_gap,
    list_standings,
    mark_told,
    subject_of,
)
from hub.health import (
    Alarm,
    AlarmKind,
    Attempt,
    Health,
    History,
    OpenFailure,
    Read,
    attempt_of,
    check,
    find_outage,
    find_silence,
    host_of,
    is_alone,
    usual_gap,
)
from hub.messages import list_keys
from hub.model import Criticality, Pace, Source, SourceKind, Trouble

NOW = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://www.cre.fr/actualites/toute-lactualite.html"


def make_source(
    source_id: str = "cre",
    *,
    url: str = URL,
    criticality: Criticality = Criticality.IMPORTANT,
    rhythm: timedelta = 6 * HOUR,
    publishes: timedelta | None = None,
    kind: SourceKind = SourceKind.LISTING,
    enabled: bool = True,
) -> Source:
    return Source(
        id=source_id,
        name=f"Source {source_id}",
        publisher="Commission",
        kind=kind,
        url=url,
        rhythm=rhythm,
        pace=Pace(timedelta(seconds=2), timedelta(seconds=2)),
        licence="Licence Ouverte 2.0",
        evidence="seen",
        criticality=criticality,
        publishes=publishes,
        enabled=enabled,
    )


def news(*moments: datetime) -> list[Read]:
    return [Read(moment, requests=1, entries=10, mentions=1) for moment in moments]


def quiet(*moments: datetime, entries: int | None = 10) -> list[Read]:
    return [Read(moment, requests=1, entries=entries) for moment in moments]


def bad(*moments: datetime) -> list[Read]:
    return [Read(moment, is_good=False, requests=1) for moment in moments]


def failure(kind: str, at: datetime, reason: str = "HTTP 503", url: str = URL) -> OpenFailure:
    return OpenFailure(url, kind, reason, at, NOW)


def history(reads: Iterable[Read], *failures: OpenFailure) -> History:
    return History(reads=tuple(reads), failures=failures)


def kinds(source: Source, past: History, now: datetime = NOW) -> list[AlarmKind]:
    return [alarm.kind for alarm in check(source, past, now).alarms]


def working_days(first: datetime, count: int) -> list[datetime]:
    days = [first + number * DAY for number in range(2 * count)]
    return [day for day in days if day.weekday() < 5][:count]


# --- Rhythm ------------------------------------------------------------------------------------


def test_the_usual_gap_is_learned_from_five_gaps() -> None:
    every_other_day = news(*(NOW - 2 * DAY * number for number in range(6)))
    source = make_source(publishes=DAY)
    assert usual_gap(every_other_day, source) == 2 * DAY
    assert usual_gap(every_other_day[:5], source) == DAY


def test_one_long_absence_does_not_change_the_rhythm() -> None:
    moments = [NOW - DAY * number for number in range(20)]
    assert usual_gap(news(*moments, NOW - 90 * DAY), make_source()) == DAY


def test_without_history_nor_entry_what_matters_most_is_expected_soonest() -> None:
    gaps = [usual_gap((), make_source(criticality=criticality)) for criticality in Criticality]
    assert gaps == [4 * DAY, 15 * DAY, 45 * DAY]


def test_the_gap_has_a_floor() -> None:
    every_hour = news(*(NOW - HOUR * number for number in range(200)))
    assert usual_gap(every_hour, make_source(rhythm=HOUR)) == DAY
    assert usual_gap(every_hour, make_source(rhythm=7 * DAY)) == 7 * DAY
    busy_week = news(*(NOW - DAY * number for number in range(8)))
    assert usual_gap(busy_week, make_source(publishes=30 * DAY)) == 15 * DAY


@pytest.mark.parametrize("count", range(7, 60))
def test_a_source_of_working_days_expects_its_week_ends(count: int) -> None:
    first = datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert usual_gap(news(*working_days(first, count)), make_source()) == 3 * DAY


@pytest.mark.parametrize("times", [1, 6])
def test_week_ends_and_bridges_do_not_cry(times: int) -> None:
    """Read every hour for three months; nothing from the eve of Ascension 2026 to Monday."""
    days = [d for d in working_days(datetime(2026, 3, 2, 8, tzinfo=UTC), 80) if d.date().day != 15]
    spoken = [day + 2 * HOUR * number for day in days for number in range(times)]
    spoken = [moment for moment in spoken if moment.date().isoformat() not in ("2026-05-14",)]
    first, source = spoken[0], make_source(rhythm=HOUR)
    for step in range(30 * 24, 60 * 24, 5):
        now = first + step * HOUR
        heard = news(*(moment for moment in spoken if moment <= now))
        assert kinds(source, history([*heard, *quiet(now)]), now) == []


# --- Alarms ------------------------------------------------------------------------------------


def test_a_blip_is_shown_and_tells_nobody() -> None:
    past = history([*news(NOW - DAY), *bad(NOW)], failure("http", NOW))
    found = check(make_source(), past, NOW)
    assert (found.state, found.alarms) == (Health.BROKEN, ())
    assert found.early is not None
    assert found.early.reason == "http: HTTP 503"


def test_a_critical_source_is_told_at_once() -> None:
    past = history([*news(NOW - DAY), *bad(NOW)], failure("http", NOW))
    assert kinds(make_source(criticality=Criticality.CRITICAL), past) == [AlarmKind.FAILED]


def test_a_critical_source_that_may_be_cut_off_by_us_waits_for_a_second_read() -> None:
    source = make_source(criticality=Criticality.CRITICAL)
    fault = failure("unreachable", NOW)
    past = replace(history([*news(NOW - DAY), *bad(NOW)], fault), is_alone=True)
    found = check(source, past, NOW)
    assert (found.state, found.alarms) == (Health.BROKEN, ())
    assert found.is_in_doubt
    twice = replace(past, reads=(*past.reads, *bad(NOW + HOUR)))
    assert kinds(source, twice, NOW + HOUR) == [AlarmKind.FAILED]


@pytest.mark.parametrize(
    ("troubles", "expected"),
    [
        ([], None),
        ([("timeout", NOW - HOUR), ("unreachable", NOW)], NOW - HOUR),
        ([("timeout", NOW), ("partial", NOW - DAY)], NOW),
        ([("timeout", NOW), ("http", NOW)], None),
        ([("crash", NOW)], None),
    ],
)
def test_since_when_a_source_is_out_of_reach(
    troubles: list[tuple[str, datetime]], expected: datetime | None
) -> None:
    assert find_silence(failure(kind, at) for kind, at in troubles) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, True),
        ({"a": NOW + HOUR, "": NOW + HOUR}, True),
        ({"b": NOW - HOUR}, True),
        ({"b": NOW}, False),
        ({"b": NOW - HOUR, "c": NOW + HOUR}, False),
    ],
)
def test_another_host_that_answers_says_that_it_is_not_us(
    answers: dict[str, datetime], expected: bool
) -> None:
    assert is_alone("a", NOW, answers) is expected


@pytest.mark.parametrize(
    "past",
    [
        history([*news(NOW - DAY), *bad(NOW - HOUR, NOW)]),
        history([*news(NOW - 3 * DAY), *bad(NOW)], failure("timeout", NOW - DAY - HOUR)),
    ],
    ids=["twice in a row", "for more than a day"],
)
def test_what_lasts_is_told(past: History) -> None:
    assert kinds(make_source(), past) == [AlarmKind.FAILED]


def test_silence_is_told_after_twice_the_usual_gap() -> None:
    spoken = news(*(NOW - 2 * DAY * number for number in range(10)))
    for hours, expected in ((95, []), (97, [AlarmKind.SILENT])):
        now = NOW + hours * HOUR
        found = check(make_source(), history([*spoken, *quiet(now)]), now)
        assert [alarm.kind for alarm in found.alarms] == expected
    assert found.state is Health.SILENT
    assert found.last_new == found.alarms[0].since == NOW


def test_a_source_that_fails_is_not_called_silent() -> None:
    heard = [*news(NOW - 90 * DAY), *quiet(NOW - 2 * HOUR)]
    source = make_source(publishes=DAY)
    assert kinds(source, history(heard)) == [AlarmKind.SILENT]
    past = history([*heard, *bad(NOW - HOUR, NOW)], failure("http", NOW - HOUR))
    assert kinds(source, past) == [AlarmKind.FAILED]


def test_a_source_that_never_said_anything_is_silent_in_the_end() -> None:
    source = make_source(publishes=2 * DAY)
    assert kinds(source, history(quiet(NOW - 4 * DAY, NOW))) == []
    assert kinds(source, history(quiet(NOW - 5 * DAY, NOW))) == [AlarmKind.SILENT]
    reported = make_source(publishes=2 * DAY, kind=SourceKind.REPORTED)
    assert kinds(reported, history(quiet(NOW - 5 * DAY, NOW))) == []


def test_a_source_that_is_not_asked_is_late_not_silent() -> None:
    spoken = history(news(*(NOW - DAY * number for number in range(8, 20))))
    assert kinds(make_source(), spoken) == [AlarmKind.LATE]
    assert check(make_source(), spoken, NOW).state is Health.LATE
    held = replace(spoken, not_before=NOW)
    assert kinds(make_source(), held) == []
    assert check(make_source(), History(), NOW).state is Health.NEVER


@pytest.mark.parametrize(
    ("rhythm", "hours", "patience"),
    [(6 * HOUR, None, 30 * HOUR), (6 * HOUR, (2, 7), 2 * DAY), (7 * DAY, (2, 7), 8 * DAY)],
)
def test_a_source_that_is_never_tried_is_late_in_the_end(
    rhythm: timedelta, hours: tuple[int, int] | None, patience: timedelta
) -> None:
    source = replace(make_source(rhythm=rhythm), hours=hours)
    fresh = check(source, History(known_since=NOW - patience), NOW)
    assert (fresh.state, fresh.alarms) == (Health.NEVER, ())
    found = check(source, History(known_since=NOW - patience - HOUR), NOW)
    assert (found.state, [alarm.kind for alarm in found.alarms]) == (Health.LATE, [AlarmKind.LATE])
    assert found.alarms[0].since == NOW - patience - HOUR
    held = History(known_since=NOW - 90 * DAY, not_before=NOW - HOUR)
    assert kinds(source, held) == []
    reported = replace(source, kind=SourceKind.REPORTED)
    assert kinds(reported, History(known_since=NOW - 90 * DAY)) == []


def test_an_attempt_counts_more_than_when_a_source_was_first_seen() -> None:
    past = replace(history(news(NOW - HOUR)), known_since=NOW - 90 * DAY)
    assert kinds(make_source(), past) == []


def sized(*sizes: int | None) -> list[Read]:
    start = NOW - len(sizes) * HOUR
    return [
        Read(start + HOUR * (number + 1), requests=1, entries=size, mentions=number == 0)
        for number, size in enumerate(sizes)
    ]


@pytest.mark.parametrize(
    ("sizes", "is_told"),
    [
        ([20] * 10 + [9], False),
        ([20] * 10 + [9, 9], True),
        ([20] * 10 + [10, 10], False),
        ([20] * 10 + [9, 20, 9], False),
        ([20] * 10 + [9, None, None, 9], True),
        ([20] * 10 + [0, 0], True),
        ([20] * 10 + [9] * 40, True),
        ([3] * 10 + [1, 1], False),
    ],
)
def test_a_source_that_lists_half_of_what_it_did_is_told(
    sizes: list[int | None], is_told: bool
) -> None:
    assert (
        AlarmKind.SHRUNKEN in kinds(make_source(rhythm=HOUR), history(sized(*sizes)))
    ) is is_told


@pytest.mark.parametrize(("days", "is_told"), [(20, True), (30, False)])
def test_after_a_month_the_new_size_is_the_usual_one(days: int, is_told: bool) -> None:
    reads = sized(*[20] * 10, *[9] * 40)
    found = kinds(make_source(), history(reads), NOW + days * DAY)
    assert (AlarmKind.SHRUNKEN in found) is is_told


@pytest.mark.parametrize("kind", ["empty", "parse"])
def test_nothing_where_entries_are_expected_is_told_at_once(kind: str) -> None:
    past = history([*news(NOW - DAY), *bad(NOW)], failure(kind, NOW))
    found = check(make_source(), past, NOW)
    assert [alarm.kind for alarm in found.alarms] == [AlarmKind.LAYOUT]
    assert found.state is Health.BROKEN
    never_gave = history(bad(NOW), failure(kind, NOW))
    assert kinds(make_source(), never_gave) == []


def test_a_redirect_off_site_proposes_the_address() -> None:
    there = "https://www.cre.fr/actualites.html"
    reason = f"redirected off site, moved for good, to {there}"
    past = history([*news(NOW - DAY), *bad(NOW)], failure("off-site", NOW, reason))
    (alarm,) = check(make_source(), past, NOW).alarms
    assert (alarm.kind, alarm.detail["proposed_url"]) == (AlarmKind.MOVED, there)
    elsewhere = failure("off-site", NOW, reason, "https://www.cre.fr/une-page.html")
    past = history([*news(NOW - DAY), *bad(NOW - HOUR, NOW)], elsewhere)
    assert kinds(make_source(), past) == [AlarmKind.FAILED]


def test_a_bare_site_is_no_proposal() -> None:
    fault = failure("off-site", NOW, "redirected off site, to https://maintenance.example")
    (alarm,) = check(make_source(), history(bad(NOW), fault), NOW).alarms
    assert "proposed_url" not in alarm.detail


def test_a_move_stands_until_it_is_not_met_any_more() -> None:
    past = replace(history(news(NOW)), moved_to="https://www.cre.fr/ici", moved_at=NOW)
    assert kinds(make_source(), past) == [AlarmKind.MOVED]
    assert check(make_source(), past, NOW).state is Health.GOOD
    assert kinds(make_source(url="https://www.cre.fr/ici"), past) == []
    later = NOW + HOUR
    assert kinds(make_source(), replace(past, reads=tuple(news(NOW, later))), later) == []


def test_a_part_that_could_not_be_read_leaves_a_source_well() -> None:
    past = history(news(NOW - DAY, NOW), failure("partial", NOW - 3 * DAY))
    found = check(make_source(), past, NOW)
    assert (found.state, found.alarms, found.failures) == (Health.GOOD, (), ())


def test_what_is_not_read_has_no_alarm() -> None:
    past = history(
        [*news(NOW - 90 * DAY), *bad(NOW - 9 * DAY, NOW)], failure("http", NOW - 9 * DAY)
    )
    paused = check(make_source(enabled=False), past, NOW)
    assert (paused.state, paused.alarms) == (Health.PAUSED, ())


def test_a_source_that_waits_for_its_first_key_has_no_alarm() -> None:
    never = replace(history(bad(NOW - 9 * DAY, NOW)), known_since=NOW - 90 * DAY)
    for past in (never, History(known_since=NOW - 90 * DAY)):
        found = check(make_source(), past, NOW, has_key=False)
        assert (found.state, found.alarms, found.early) == (Health.KEYLESS, (), None)


@pytest.mark.parametrize(
    "past",
    [
        history(news(NOW - 90 * DAY)),
        History(last_good=NOW - 90 * DAY),
        history([*news(NOW - 90 * DAY), *bad(NOW)], failure("refused", NOW)),
    ],
    ids=["its reads stopped", "its reads are forgotten", "refused at last"],
)
def test_a_source_that_lost_its_key_says_so(past: History) -> None:
    source = replace(make_source(), credentials="PISTE")
    found = check(source, past, NOW, has_key=False)
    (alarm,) = found.alarms
    assert (found.state, alarm.kind) == (Health.LATE, AlarmKind.LATE)
    assert alarm.reason == "key missing: HUB_CREDENTIALS_PISTE is not set"
    assert alarm.since == NOW - 90 * DAY + 6 * HOUR
    (standing,) = list_standings([found], [], NOW)
    assert standing.is_serious
    assert standing.incident is not None
    assert "HUB_CREDENTIALS_PISTE" in standing.action
    assert "clé" in cause(standing.incident)


def test_what_was_just_read_well_needs_no_key() -> None:
    assert check(make_source(), history(news(NOW)), NOW, has_key=False).state is Health.GOOD


def test_hosts() -> None:
    assert host_of("https://www.Ecologie.gouv.fr:443/rss") == "www.ecologie.gouv.fr"
    assert (host_of("maildir:veille"), host_of("http://[::bad")) == ("", "")


# --- Our own outages ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "current", "expected"),
    [
        ([Attempt("a", unreached=True), Attempt("b", unreached=True)], None, AlarmKind.NETWORK),
        ([Attempt("a", unreached=True), Attempt("a", unreached=True)], None, None),
        ([Attempt("a", unreached=True), Attempt("b", answered=True)], None, None),
        ([Attempt("a", unreached=True)], AlarmKind.NETWORK, AlarmKind.NETWORK),
        ([Attempt("a", answered=True)], AlarmKind.NETWORK, None),
        ([], AlarmKind.NETWORK, AlarmKind.NETWORK),
        ([Attempt("a", crashed=True), Attempt("b", crashed=True)], None, AlarmKind.COLLECTION),
        ([Attempt("a", unreached=True), Attempt("b"), Attempt("", answered=True)], None, None),
    ],
)
def test_an_outage_is_ours_when_nothing_answered_anywhere(
    attempts: Sequence[Attempt], current: AlarmKind | None, expected: AlarmKind | None
) -> None:
    assert find_outage(attempts, current) is expected


@pytest.mark.parametrize(
    ("reads", "failures", "expected"),
    [
        (bad(NOW), ["http"], Attempt("a", answered=True)),
        (bad(NOW), ["timeout"], Attempt("a", unreached=True)),
        (bad(NOW), ["http", "timeout"], Attempt("a", answered=True, unreached=True)),
        (quiet(NOW), [], Attempt("a", answered=True)),
        ([Read(NOW)], [], Attempt("a")),
        ([Read(NOW, is_good=False)], ["refused"], Attempt("a")),
        (bad(NOW), ["robots"], Attempt("a")),
        (bad(NOW), ["held"], Attempt("a")),
        (bad(NOW), ["crash"], Attempt("a", crashed=True)),
    ],
)
def test_what_a_run_met(reads: list[Read], failures: list[str], expected: Attempt) -> None:
    assert attempt_of("a", reads, failures) == expected


# --- Incidents and messages --------------------------------------------------------------------


def make_alarm(
    source_id: str = "cre",
    kind: AlarmKind = AlarmKind.FAILED,
    *,
    host: str = "www.cre.fr",
    trouble: str = "http",
) -> Alarm:
    detail = {"trouble": trouble, "url": URL}
    return Alarm(source_id, host, kind, f"{trouble}: no", NOW - 2 * HOUR, detail)


class Watcher:
    """Plays what the flow does, without a database: advance, choose, mark."""

    def __init__(self, *sources: Source) -> None:
        self.sources = {source.id: source for source in sources}
        self.known: dict[int, Incident] = {}

    def __call__(self, now: datetime, *alarms: Alarm) -> Notice | None:
        self._keep(advance(self.known.values(), alarms, self.sources, now))
        notice = choose(self.known.values(), self.sources, now)
        if notice is not None:
            self._keep(mark_told(notice, now))
        return notice

    def _keep(self, changed: Iterable[Incident]) -> None:
        for incident in changed:
            number = incident.id or len(self.known) + 1
            self.known[number] = replace(incident, id=number)

    def acknowledge(self, now: datetime) -> None:
        self._keep([replace(i, acknowledged_at=now) for i in self.known.values() if i.is_open])


def told(notice: Notice | None) -> list[str]:
    return [group.host for group in notice.groups] if notice else []


@pytest.mark.parametrize("criticality", Criticality)
def test_a_reminder_comes_back_after_its_period(criticality: Criticality) -> None:
    watcher = Watcher(make_source(criticality=criticality))
    period = PERIODS[criticality]
    assert told(watcher(NOW, make_alarm())) == ["www.cre.fr"]
    assert told(watcher(NOW + period - HOUR, make_alarm())) == []
    assert told(watcher(NOW + period, make_alarm())) == ["www.cre.fr"]


def test_what_was_seen_is_not_told_again_until_it_ends() -> None:
    watcher = Watcher(make_source())
    watcher(NOW, make_alarm())
    watcher.acknowledge(NOW + HOUR)
    for days in range(1, 40):
        assert watcher(NOW + days * DAY, make_alarm()) is None
    watcher(NOW + 40 * DAY)
    assert told(watcher(NOW + 41 * DAY, make_alarm())) == ["www.cre.fr"]


def test_a_worse_kind_or_a_new_source_tells_again() -> None:
    watcher = Watcher(make_source(), make_source("cre-2"))
    late, failed = make_alarm(kind=AlarmKind.LATE), make_alarm()
    watcher(NOW, late)
    assert told(watcher(NOW + HOUR, late, failed)) == ["www.cre.fr"]
    milder = make_alarm(kind=AlarmKind.SHRUNKEN)
    assert told(watcher(NOW + 2 * HOUR, late, failed, milder)) == []
    other = make_alarm("cre-2", AlarmKind.LATE)
    assert told(watcher(NOW + 3 * HOUR, late, failed, milder, other)) == ["www.cre.fr"]


def test_what_comes_back_before_its_end_was_told_never_ended() -> None:
    watcher = Watcher(make_source(criticality=Criticality.CRITICAL))
    tellings = 0
    for hour in range(24):
        alarms = [make_alarm()] if hour % 2 == 0 else []
        tellings += watcher(NOW + hour * HOUR, *alarms) is not None
    assert tellings == 1
    assert len(watcher.known) == 1


def test_the_end_of_something_critical_is_told_by_itself() -> None:
    watcher = Watcher(make_source(criticality=Criticality.CRITICAL))
    watcher(NOW, make_alarm())
    assert watcher(NOW + HOUR) is None
    notice = watcher(NOW + HOUR + CALM)
    assert notice is not None
    assert subject_of(notice).endswith("retour à la normale")
    assert "- Source cre" in body_of(notice, watcher.sources, "https://hub/x", NOW)
    assert watcher(NOW + 2 * DAY) is None


def test_the_end_of_the_rest_rides_with_the_next_message() -> None:
    other = make_source("boamp", url="https://boamp.fr/x")
    watcher = Watcher(make_source(), other)
    watcher(NOW, make_alarm())
    assert watcher(NOW + HOUR) is None
    assert watcher(NOW + DAY) is None
    notice = watcher(NOW + 2 * DAY, make_alarm("boamp", host="boamp.fr"))
    assert notice is not None
    assert [group.host for group in notice.closed] == ["www.cre.fr"]
    assert "Retour à la normale" in body_of(notice, watcher.sources, "https://hub/x", NOW)


def test_a_source_that_is_put_in_pause_is_no_good_news() -> None:
    watcher = Watcher(make_source(criticality=Criticality.CRITICAL))
    watcher(NOW, make_alarm())
    watcher.sources["cre"] = make_source(criticality=Criticality.CRITICAL, enabled=False)
    assert watcher(NOW + HOUR) is None
    assert watcher(NOW + 2 * DAY) is None
    assert not any(incident.is_open for incident in watcher.known.values())


def test_eight_pages_of_one_site_are_one_line_and_one_action() -> None:
    host = "www.ecologie.gouv.fr"
    pages = [make_source(f"ecologie-{n}", url=f"https://{host}/{n}") for n in range(10)]
    watcher = Watcher(*pages, make_source("jo", criticality=Criticality.CRITICAL))
    alarms = [make_alarm(page.id, host=host) for page in pages]
    notice = watcher(NOW, *alarms, make_alarm("jo", host="echanges.dila.gouv.fr"))
    assert notice is not None
    body = body_of(notice, watcher.sources, "https://hub.example/relecture/sources", NOW)
    assert told(notice) == ["echanges.dila.gouv.fr", host]
    assert subject_of(notice) == "Hub\u00a0: 11 sources à regarder"
    assert f"Site {host}\u00a0: 10 sources en panne depuis le 7\u00a0septembre\u00a02026." in body
    assert body.count("À faire") == 2
    assert "Et 2 de plus." in body
    assert "Ouvrez www.ecologie.gouv.fr dans un navigateur" in body


def test_the_same_facts_make_the_same_words_all_day() -> None:
    watcher = Watcher(make_source())
    notice = watcher(NOW, make_alarm())
    assert notice is not None
    bodies = {body_of(notice, watcher.sources, "x", NOW + hour * HOUR) for hour in range(12)}
    assert len(bodies) == 1


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_a_cause_and_an_action(trouble: Trouble) -> None:
    source = make_source()
    for kind in AlarmKind:
        detail = {"trouble": trouble.value, "url": URL}
        incident = Incident(1, "cre", "www.cre.fr", kind, "x", NOW, NOW, detail)
        assert cause(incident)
        for age in (HOUR, 9 * DAY):
            assert action([incident], {"cre": source}, NOW + age)
    assert f"trouble.{trouble}" in list_keys()


def test_a_move_says_what_to_write() -> None:
    detail = {"proposed_url": "https://www.cre.fr/ici"}
    incident = Incident(1, "cre", "www.cre.fr", AlarmKind.MOVED, "x", NOW, NOW, detail)
    assert action([incident], {"cre": make_source()}, NOW).endswith("https://www.cre.fr/ici")


def test_a_site_that_does_not_answer_is_left_to_the_next_reads_for_two_days() -> None:
    detail = {"trouble": "timeout", "url": URL}
    incident = Incident(1, "cre", "www.cre.fr", AlarmKind.FAILED, "x", NOW, NOW, detail)
    sources = {"cre": make_source()}
    assert action([incident], sources, NOW + DAY).startswith("Attendez")
    assert action([incident], sources, NOW + 3 * DAY).startswith("Vérifiez l’adresse")


def test_standings_show_what_the_next_watch_would_write() -> None:
    source = make_source()
    blip = check(source, history(bad(NOW), failure("timeout", NOW)), NOW)
    (standing,) = list_standings([blip], [], NOW)
    assert standing.incident is not None
    assert (standing.incident.id, standing.incident.kind) == (0, AlarmKind.FAILED)
    well = check(make_source("b"), history(news(NOW)), NOW)
    assert [s.source.id for s in list_standings([well, blip], [], NOW)] == ["cre", "b"]


@pytest.mark.parametrize(
    ("gap", "words"),
    [(HOUR, "chaque jour"), (4 * DAY, "tous les 4 jours"), (20 * DAY, "toutes les 3 semaines")],
)
def test_gaps_in_words(gap: timedelta, words: str) -> None:
    assert describe_gap(gap).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(), "il y a moins d’une heure"),
        (HOUR, "il y a 1 heure"),
        (47 * HOUR, "il y a 47 heures"),
        (3 * DAY, "il y a 3 jours"),
    ],
)
def test_ages_in_words(age: timedelta, words: str) -> None:
    assert describe_age(NOW - age, NOW).replace("\u00a0", " ") == words


def test_reported_pages_are_neither_late_nor_silent() -> None:
    source = make_source(kind=SourceKind.REPORTED)
    assert kinds(source, history(quiet(NOW - 90 * DAY))) == []
