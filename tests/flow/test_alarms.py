"""Incidents for real: a database, a Maildir, a mail server on loopback, the program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import event, func, select

from hub import watch as watching
from hub.cli import cli
from hub.config import Settings
from hub.health import AlarmKind, Health
from hub.model import Criticality, Failure, Pace, Source, SourceKind
from hub.store import Store
from hub.store.sources import (
    IncidentRow,
    ReadRow,
    SourceStateRow,
    acknowledge,
    check_up,
    end_failures,
    list_incidents,
    list_source_states,
    load_histories,
    record_failure,
    record_move,
    record_read,
)
from hub.watch import watch
from tests.builders import make_store
from tests.smtp import Mailroom, MailServer, find_free_port

NOW = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOSTS = ("www.ecologie.gouv.fr", "www.cre.fr", "echanges.dila.gouv.fr")


def make_source(
    source_id: str, host: str, criticality: Criticality = Criticality.IMPORTANT
) -> Source:
    return Source(
        id=source_id,
        name=f"Actualités de {source_id}",
        publisher="Ministère",
        kind=SourceKind.FEED,
        url=f"https://{host}/{source_id}.xml",
        rhythm=6 * HOUR,
        pace=Pace(HOUR, HOUR),
        licence="Licence Ouverte 2.0",
        evidence="seen",
        criticality=criticality,
    )


ECOLOGIE = tuple(make_source(f"ecologie-{number}", HOSTS[0]) for number in range(8))
CRE = make_source("cre", HOSTS[1])
JO = make_source("jo", HOSTS[2], Criticality.CRITICAL)
SOURCES = (*ECOLOGIE, CRE, JO)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = make_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path,
        public_url="https://hub.example",
        mail_from="Le hub <lettre@hub.example>",
        alarms_to="technique@hub.example",
    )


def play(
    store: Store,
    now: datetime,
    *,
    good: Iterable[Source] = (),
    failing: Iterable[Source] = (),
    kind: str = "http",
    reason: str = "HTTP 503",
    mentions: int = 1,
) -> None:
    """One run as collection leaves it."""
    with store.write() as session:
        for source in good:
            record_read(
                session, source.id, now, is_good=True, requests=1, entries=10, mentions=mentions
            )
            end_failures(session, source.id, source.url, now)
        for source in failing:
            record_read(session, source.id, now, is_good=False, requests=1)
            record_failure(session, Failure(source.id, source.url, kind, reason), now)


def letters(settings: Settings) -> list[EmailMessage]:
    files = sorted((settings.outbox / "new").glob("*"), key=lambda file: file.stat().st_mtime_ns)
    found = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    assert all(isinstance(message, EmailMessage) for message in found)
    return found


def text_of(message: EmailMessage) -> str:
    content = message.get_content()
    assert isinstance(content, str)
    return content.replace("\xa0", " ")


def states(store: Store, now: datetime) -> dict[str, Health]:
    with store.read() as session:
        return {c.source.id: c.state for c in check_up(session, SOURCES, now)}


# --- Blame -------------------------------------------------------------------------------------


def test_one_site_that_breaks_is_one_message_with_one_action(
    store: Store, settings: Settings
) -> None:
    play(store, NOW - 6 * HOUR, good=[CRE, JO], failing=ECOLOGIE)
    assert watch(store, settings, SOURCES, NOW - 6 * HOUR).told == ()
    play(store, NOW, good=[CRE, JO], failing=ECOLOGIE)
    done = watch(store, settings, SOURCES, NOW)
    assert (done.opened, done.told, done.trouble) == (8, (HOSTS[0],), None)
    (message,) = letters(settings)
    assert str(message["Subject"]).replace("\xa0", " ") == "Hub : 8 sources à regarder"
    assert message["To"] == "technique@hub.example"
    assert message["Auto-Submitted"] == "auto-generated"
    body = text_of(message)
    assert f"Site {HOSTS[0]} : 8 sources en panne depuis le 7 septembre 2026." in body
    assert body.count("À faire") == 1
    assert "https://hub.example/relecture/sources" in body
    assert "cre" not in body


def test_something_critical_is_told_at_the_very_next_watch(
    store: Store, settings: Settings
) -> None:
    play(store, NOW, good=[CRE], failing=[JO])
    assert watch(store, settings, SOURCES, NOW).told == (HOSTS[2],)


def test_when_our_network_is_down_nobody_is_blamed(store: Store, settings: Settings) -> None:
    play(store, NOW - 6 * HOUR, good=SOURCES)
    watch(store, settings, SOURCES, NOW - 6 * HOUR)
    before = states(store, NOW)
    for hour in range(3):
        now = NOW + hour * HOUR
        play(store, now, failing=SOURCES, kind="unreachable", reason="unknown host")
        done = watch(store, settings, SOURCES, now)
        assert done.outage is AlarmKind.NETWORK
        assert states(store, now) == before
    with store.read() as session:
        (incident,) = list_incidents(session)
        attempts = {row.last_attempt for row in list_source_states(session).values()}
    assert (incident.source_id, incident.kind) == ("", AlarmKind.NETWORK)
    assert attempts == {NOW - 6 * HOUR}, "every source is due again at the next run"
    (message,) = letters(settings)
    assert "Vérifiez la connexion" in text_of(message)
    play(store, NOW + 4 * HOUR, good=SOURCES)
    assert watch(store, settings, SOURCES, NOW + 4 * HOUR).outage is None
    with store.read() as session:
        assert list_incidents(session) == []


def test_an_outage_of_ours_leaves_the_incidents_of_sources_as_they_were(
    store: Store, settings: Settings
) -> None:
    play(store, NOW, good=[CRE], failing=[JO])
    watch(store, settings, SOURCES, NOW)
    with store.read() as session:
        (before,) = list_incidents(session)
    play(store, NOW + HOUR, failing=SOURCES, kind="timeout")
    assert watch(store, settings, SOURCES, NOW + HOUR).outage is AlarmKind.NETWORK
    with store.read() as session:
        assert before in list_incidents(session)


def test_two_dead_sites_read_alone_are_no_outage(store: Store, settings: Settings) -> None:
    play(store, NOW, good=ECOLOGIE, failing=[CRE, JO], kind="unreachable")
    watch(store, settings, SOURCES, NOW)
    play(store, NOW + HOUR, failing=[CRE, JO], kind="unreachable")
    assert watch(store, settings, SOURCES, NOW + HOUR).outage is None
    with store.read() as session:
        assert {incident.source_id for incident in list_incidents(session)} == {"cre", "jo"}


def test_one_host_read_alone_is_not_blamed_at_once(store: Store, settings: Settings) -> None:
    """Two reads in a row tell; a first one that ends well blames nobody."""
    play(store, NOW - HOUR, good=SOURCES)
    for hour in (0, 4):
        play(store, NOW + hour * HOUR, failing=[JO], kind="unreachable")
        assert watch(store, settings, SOURCES, NOW + hour * HOUR) == watching.Watched()
        assert watch(store, settings, SOURCES, NOW + hour * HOUR + HOUR / 2).opened == 0
        play(store, NOW + (hour + 1) * HOUR, good=[JO])
        assert watch(store, settings, SOURCES, NOW + (hour + 1) * HOUR) == watching.Watched()
    for hour, kind, told in ((8, "timeout", ()), (9, "unreachable", (HOSTS[2],))):
        play(store, NOW + hour * HOUR, failing=[JO], kind=kind)
        assert watch(store, settings, SOURCES, NOW + hour * HOUR).told == told
    assert len(letters(settings)) == 1


def test_a_host_that_answers_next_tells_that_it_is_not_us(store: Store, settings: Settings) -> None:
    play(store, NOW, failing=[JO], kind="unreachable")
    assert watch(store, settings, SOURCES, NOW).told == ()
    play(store, NOW + HOUR, good=[CRE, *ECOLOGIE])
    assert watch(store, settings, SOURCES, NOW + HOUR).told == (HOSTS[2],)


def test_a_host_that_answers_badly_is_told_even_alone(store: Store, settings: Settings) -> None:
    play(store, NOW, failing=[JO], kind="http")
    assert watch(store, settings, SOURCES, NOW).told == (HOSTS[2],)


@pytest.mark.parametrize("alone", [1, 2])
def test_an_outage_that_began_with_one_host_takes_its_reads_back(
    store: Store, settings: Settings, alone: int
) -> None:
    play(store, NOW - HOUR, good=SOURCES)
    before = states(store, NOW)
    for hour in range(alone + 1):
        failing = [JO, CRE] if hour == alone else [JO]
        play(store, NOW + hour * HOUR, failing=failing, kind="unreachable")
        done = watch(store, settings, SOURCES, NOW + hour * HOUR)
    assert done.outage is AlarmKind.NETWORK
    assert states(store, NOW) == before
    with store.read() as session:
        assert list_source_states(session)["jo"].last_attempt == NOW - HOUR


def test_a_collection_that_dies_is_ours_too(store: Store, settings: Settings) -> None:
    play(store, NOW, failing=SOURCES, kind="crash", reason="killed at its deadline")
    assert watch(store, settings, SOURCES, NOW).outage is AlarmKind.COLLECTION
    (message,) = letters(settings)
    assert "Aucune source n’est en cause" in text_of(message)


# --- What is not read --------------------------------------------------------------------------


def test_a_source_that_is_never_tried_is_told(store: Store, settings: Settings) -> None:
    """JO is read at night, on a machine that is off at night."""
    night, paused = replace(JO, hours=(2, 7)), replace(CRE, id="paused", enabled=False)
    told = []
    for day in range(4):
        play(store, NOW + day * DAY, good=[CRE])
        told.append(watch(store, settings, [CRE, night, paused], NOW + day * DAY).told)
    assert told == [(), (), (), (HOSTS[2],)]
    with store.read() as session:
        found = {name: row.known_since for name, row in list_source_states(session).items()}
    assert found == {"cre": NOW, "jo": NOW}


def test_a_first_read_that_an_outage_took_back_still_counts_from_then(
    store: Store, settings: Settings
) -> None:
    play(store, NOW, failing=[JO, CRE], kind="unreachable")
    assert watch(store, settings, SOURCES, NOW).outage is AlarmKind.NETWORK
    assert states(store, NOW + DAY)["jo"] is Health.NEVER
    assert states(store, NOW + 2 * DAY)["jo"] is Health.LATE


def test_a_source_that_lost_its_key_is_told(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, waiting = replace(CRE, credentials="PISTE"), replace(JO, credentials="OTHER")
    monkeypatch.delenv("HUB_CREDENTIALS_PISTE", raising=False)
    monkeypatch.delenv("HUB_CREDENTIALS_OTHER", raising=False)
    play(store, NOW, good=[locked])
    assert watch(store, settings, [locked, waiting], NOW + DAY).told == ()
    assert watch(store, settings, [locked, waiting], NOW + 2 * DAY).told == (HOSTS[1],)
    (message,) = letters(settings)
    assert "HUB_CREDENTIALS_PISTE" in text_of(message)
    monkeypatch.setenv("HUB_CREDENTIALS_PISTE", "secret")
    play(store, NOW + 3 * DAY, good=[locked])
    assert watch(store, settings, [locked, waiting], NOW + 3 * DAY).closed == 1


@pytest.mark.parametrize("count", [1, 200])
def test_a_watch_asks_as_little_of_the_database_for_many_sources(
    store: Store, settings: Settings, count: int
) -> None:
    sources = [make_source(f"s{number}", f"{number}.example") for number in range(count)]
    play(store, NOW, good=sources)
    watch(store, settings, sources, NOW)
    asked: list[str] = []
    event.listen(
        store.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement)
    )
    watch(store, settings, sources, NOW + HOUR)
    assert len(asked) < 20


# --- Life of an incident -----------------------------------------------------------------------


def test_what_was_seen_is_not_told_again(store: Store, settings: Settings) -> None:
    play(store, NOW, failing=[JO], good=[CRE])
    watch(store, settings, SOURCES, NOW)
    with store.write() as session:
        assert acknowledge(session, HOSTS[2], "Alex", NOW + HOUR) == 1
        assert acknowledge(session, "jo", "Alex", NOW + HOUR) == 0
    for day in range(1, 4):
        play(store, NOW + day * DAY, failing=[JO], good=[*ECOLOGIE, CRE])
        assert watch(store, settings, SOURCES, NOW + day * DAY).told == ()
    assert len(letters(settings)) == 1


def test_what_mends_itself_closes(store: Store, settings: Settings) -> None:
    play(store, NOW, failing=[JO], good=[CRE])
    watch(store, settings, SOURCES, NOW)
    play(store, NOW + HOUR, good=[JO])
    done = watch(store, settings, SOURCES, NOW + HOUR)
    assert (done.closed, done.told) == (1, ())
    play(store, NOW + 5 * HOUR, good=[JO])
    watch(store, settings, SOURCES, NOW + 5 * HOUR)
    assert [str(m["Subject"]).replace("\xa0", " ") for m in letters(settings)] == [
        "Hub : 1 source à regarder",
        "Hub : retour à la normale",
    ]


def test_a_permanent_redirect_is_proposed_until_sources_yaml_follows(
    store: Store, settings: Settings
) -> None:
    there = "https://www.cre.fr/nouveau.xml"
    for hour in range(0, 24, 6):
        now = NOW + hour * HOUR
        play(store, now, good=[CRE])
        with store.write() as session:
            record_move(session, "cre", there, now)
        watch(store, settings, [CRE], now)
    with store.read() as session:
        (incident,) = list_incidents(session)
    assert (incident.kind, incident.host, incident.since) == (AlarmKind.MOVED, HOSTS[1], NOW)
    (message,) = letters(settings)
    assert there in text_of(message)
    assert states(store, NOW + 18 * HOUR)["cre"] is Health.GOOD
    watch(store, settings, [replace(CRE, url=there)], NOW + DAY)
    with store.read() as session:
        assert list_incidents(session) == []


def test_a_move_met_in_an_outage_waits_for_its_host(store: Store, settings: Settings) -> None:
    play(store, NOW, failing=SOURCES, kind="unreachable")
    with store.write() as session:
        record_move(session, "cre", "https://www.cre.fr/nouveau.xml", NOW)
    assert watch(store, settings, SOURCES, NOW).told == ("",)
    with store.write() as session:
        assert acknowledge(session, "", "Alex", NOW) == 1


def test_a_quiet_source_is_told_once_its_rhythm_is_known(store: Store, settings: Settings) -> None:
    for day in range(8):
        play(store, NOW + day * DAY, good=[CRE])
    told = []
    for day in range(8, 14):
        play(store, NOW + day * DAY, good=[CRE], mentions=0)
        told.append(bool(watch(store, settings, [CRE], NOW + day * DAY).told))
    assert told == [False, False, True, False, False, True]
    assert "rien de nouveau depuis plus longtemps" in text_of(letters(settings)[0])


def test_one_bad_read_does_not_end_a_silence(store: Store, settings: Settings) -> None:
    for day in range(11):
        play(store, NOW + day * DAY, good=[CRE], mentions=int(day < 8))
        watch(store, settings, [CRE], NOW + day * DAY)
    play(store, NOW + 11 * DAY, failing=[CRE])
    watch(store, settings, [CRE], NOW + 11 * DAY)
    with store.read() as session:
        (incident,) = list_incidents(session)
    assert incident.kind is AlarmKind.SILENT
    play(store, NOW + 12 * DAY, good=[CRE])
    watch(store, settings, [CRE], NOW + 12 * DAY)
    with store.read() as session:
        assert list_incidents(session) == []


def test_a_demonstration_tells_only_what_really_breaks(store: Store, settings: Settings) -> None:
    settings = replace(settings, demo=True)
    play(store, NOW, good=[CRE, JO])
    assert watch(store, settings, SOURCES, NOW + 90 * DAY) == watching.Watched()
    assert not settings.outbox.exists()
    play(store, NOW + DAY, failing=[JO], good=[CRE])
    assert watch(store, settings, SOURCES, NOW + DAY).told == (HOSTS[2],)


def test_reads_are_forgotten_after_thirteen_months(store: Store, settings: Settings) -> None:
    play(store, NOW - 401 * DAY, good=[CRE])
    play(store, NOW, good=[CRE])
    watch(store, settings, [CRE], NOW)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(ReadRow)) == 1


def test_history_is_bounded_and_read_alike_on_each_database(any_store: Store) -> None:
    """A year of reads every hour: one news a month, then silence."""
    start = NOW - 300 * DAY
    with any_store.write() as session:
        session.add(SourceStateRow(source_id="cre", last_attempt=NOW))
        session.add_all(
            ReadRow(
                source_id="cre",
                at=start + hour * HOUR,
                is_good=True,
                requests=1,
                not_modified=0,
                entries=10,
                mentions=int(hour % (30 * 24) == 0 and hour < 200 * 24),
            )
            for hour in range(300 * 24)
        )
    with any_store.read() as session:
        (found,) = check_up(session, [CRE], NOW)
        past = load_histories(session, ["cre"])["cre"]
    assert found.state is Health.SILENT
    assert (found.usual_gap, found.last_new) == (30 * DAY, start + 180 * DAY)
    assert len(past.reads) < 600


# --- Mail --------------------------------------------------------------------------------------


def test_a_mail_server_that_is_down_is_a_trouble_and_the_next_watch_tells(
    store: Store, settings: Settings
) -> None:
    down = replace(settings, smtp=f"smtp://127.0.0.1:{find_free_port()}")
    play(store, NOW, failing=[JO], good=[CRE])
    done = watch(store, down, SOURCES, NOW)
    assert done.trouble is not None
    assert (done.opened, done.told) == (1, ())
    mailroom = Mailroom()
    with MailServer(mailroom) as server:
        up = replace(settings, smtp=server.url)
        assert watch(store, up, SOURCES, NOW + HOUR).told == (HOSTS[2],)
        assert watch(store, up, SOURCES, NOW + 2 * HOUR).told == ()
    assert [recipients for recipients, _ in mailroom.received] == [["technique@hub.example"]]


@pytest.mark.parametrize("smtp", [True, False])
def test_a_death_between_sending_and_recording_costs_one_repeat_at_most(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, smtp: bool
) -> None:
    mailroom = Mailroom()
    play(store, NOW, failing=[JO], good=[CRE])
    with MailServer(mailroom) as server:
        settings = replace(settings, smtp=server.url if smtp else "")
        with monkeypatch.context() as patch:
            patch.setattr(watching, "mark_told", die)
            with pytest.raises(KeyboardInterrupt):
                watch(store, settings, SOURCES, NOW)
        for hour in (1, 2, 3):
            watch(store, settings, SOURCES, NOW + hour * HOUR)
    if smtp:
        parsed = [message_from_bytes(content, policy=default) for _, content in mailroom.received]
        assert len(parsed) == 2
        assert len({message["Message-ID"] for message in parsed}) == 1
    else:
        assert len(letters(settings)) == 1


def die(*_: object) -> None:
    raise KeyboardInterrupt


def test_without_an_address_it_is_said(store: Store, settings: Settings) -> None:
    settings = replace(settings, alarms_to="", contact="https://hub.example/contact")
    play(store, NOW, failing=[JO], good=[CRE])
    assert "HUB_ALARMS_TO" in str(watch(store, settings, SOURCES, NOW).trouble)


# --- The program -------------------------------------------------------------------------------

YAML = """\
sources:
  - id: cre
    name: CRE
    publisher: CRE
    kind: feed
    url: https://www.cre.fr/cre.xml
    rhythm: 6 h
    licence: Licence Ouverte 2.0
    evidence: "verified: seen"
    criticality: {criticality}
"""


class Runner:
    """`hub` in this process, at a given moment."""

    def __init__(self, folder: Path, criticality: str) -> None:
        self.folder = folder
        self.file = folder / "sources.yaml"
        self.file.write_text(YAML.format(criticality=criticality), "utf-8")

    def __call__(self, *arguments: str, now: datetime = NOW) -> Result:
        options = ["--data", str(self.folder), "--sources", str(self.file), "--now"]
        return CliRunner().invoke(cli, [*options, now.isoformat(), *arguments])


@pytest.mark.parametrize(("criticality", "code"), [("important", 1), ("useful", 0)])
def test_health_is_told_by_the_program(
    store: Store, settings: Settings, tmp_path: Path, criticality: str, code: int
) -> None:
    hub = Runner(tmp_path, criticality)
    play(store, NOW - DAY, good=[CRE])
    assert hub("sources", "health").exit_code == 0
    play(store, NOW - HOUR, failing=[CRE])
    play(store, NOW, failing=[CRE])
    watch(store, settings, [CRE], NOW)
    result = hub("sources", "health", "--json")
    assert result.exit_code == code
    report = json.loads(result.stdout)
    (row,) = report["sources"]
    assert row["id"] == "cre"
    assert (row["host"], row["criticality"], row["state"]) == (HOSTS[1], criticality, "broken")
    assert row["last_good_read"] == row["last_new"] == (NOW - DAY).isoformat()
    assert row["expected_gap_hours"] in (15 * 24, 45 * 24)
    assert row["incident"]["kind"] == "failed"
    assert row["incident"]["reason"] == "http: HTTP 503"
    assert row["incident"]["since"] == (NOW - HOUR).isoformat()
    assert row["incident"]["acknowledged"] is False
    assert "sources.yaml" in row["incident"]["action"]
    (group,) = report["incidents"]
    assert (group["host"], group["sources"]) == (HOSTS[1], ["cre"])
    assert "broken" in hub("sources", "health").stdout
    assert hub("sources", "acknowledge", HOSTS[1], "--by", "Alex").exit_code == 0
    report = json.loads(hub("sources", "health", "--json").stdout)
    assert report["sources"][0]["incident"]["acknowledged"] is True
    with store.read() as session:
        assert session.scalars(select(IncidentRow.acknowledged_by)).all() == ["Alex"]
    assert hub("sources", "acknowledge", "inconnue", "--by", "Alex").exit_code == 2


def test_a_scheduler_that_stopped_is_seen_without_any_watch(store: Store, tmp_path: Path) -> None:
    hub = Runner(tmp_path, "important")
    play(store, NOW, good=[CRE])
    result = hub("sources", "health", "--json", now=NOW + 3 * DAY)
    assert result.exit_code == 1
    (row,) = json.loads(result.stdout)["sources"]
    assert (row["state"], row["incident"]["kind"]) == ("late", "late")
    assert json.loads(hub("status", "--json", now=NOW + 3 * DAY).stdout)["sources"]["late"] == 1
