"""The recordings of the demonstration: true, stable, well formed, and read by the real spiders."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from xml.etree import ElementTree

import feedparser
import pytest
from bs4 import BeautifulSoup

from hub import demo
from hub.captures import CaptureFiles, hash_body
from hub.classify import classify_items
from hub.config import ROOT, Settings
from hub.demo.facts import (
    FACTS,
    load_articles,
    load_datasets,
    load_feeds,
    load_issues,
    load_pages,
)
from hub.demo.jorf import BASE, build_archives
from hub.demo.recordings import Recording, build_recordings, find_recording
from hub.demo.replay import EDITOR_EMAIL, load_decisions, load_subscribers, replay
from hub.demo.server import Traffic, serve_recordings
from hub.desk import decide
from hub.errors import ConfigError
from hub.intake import Intake, resolve
from hub.legal.jorfsimple import read_delivery
from hub.model import (
    Action,
    Capture,
    Decision,
    Identifier,
    ItemState,
    Mention,
    Scheme,
    SubscriberState,
    TermKind,
)
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from hub.store import Base, Session, Store
from hub.store.decisions import DecisionRow, list_decisions
from hub.store.editors import find_editor
from hub.store.items import (
    ItemRow,
    count_items,
    find_item_by_identifier,
    list_public_items,
    list_tags,
)
from hub.store.mentions import list_mentions
from hub.store.subscribers import SubscriberRow, list_active_subscribers
from spiders.feed import parse_feed

IDENTIFIER = re.compile(
    r"JORF(?:TEXT|CONT)\d{12}"
    r"|(?<![A-Z])[A-Z]{4}\d{7}[ADLRX](?![0-9A-Z])"
    r"|CELEX:\d{5}[A-Z]\d{4}"
    r'|\b\d{2}-\d{6}\b(?=")'
    r"|/eli/[a-z]+/[\w./-]+"
)
RECORDED = {
    "approch",
    "boamp-13",
    "consultations-publiques",
    "cour-des-comptes",
    "cre",
    "ecologie-actualites",
    "economie-actualites",
    "jorfsimple",
    "legi",
    "service-public-particuliers",
    "service-public-pro",
    "veille-artisanat",
}
"""The sources that the demonstration plays."""
ECOLOGIE = "https://www.ecologie.gouv.fr/rss-actualites.xml"
BOAMP = "https://boamp-datadila.opendatasoft.com/api/explore/v2.1/catalog/datasets/boamp/records"


@pytest.fixture(scope="module")
def recordings() -> dict[str, Recording]:
    return build_recordings()


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'hub.db'}")
    Base.metadata.create_all(store.engine)
    yield store
    store.close()


def texts_of(recording: Recording) -> Iterator[str]:
    if recording.content_type == "application/x-gzip":
        with tarfile.open(fileobj=io.BytesIO(recording.body)) as archive:
            for member in archive:
                body = archive.extractfile(member)
                assert body is not None
                yield f"{member.name}\n{body.read().decode()}"
    else:
        charset = "iso-8859-1" if "8859" in recording.content_type else "utf-8"
        yield recording.body.decode(charset)


# --- True --------------------------------------------------------------------------------------


def test_every_identifier_is_on_the_list_of_facts(recordings: dict[str, Recording]) -> None:
    with (FACTS / "identifiants.csv").open(encoding="utf-8", newline="") as file:
        known = {row["identifiant"]: row["preuve"] for row in csv.DictReader(file)}
    shown = {
        found.rstrip("./")
        for recording in recordings.values()
        for text in texts_of(recording)
        for found in IDENTIFIER.findall(text)
    }
    assert shown - set(known) == set()
    assert all(known.values())


def test_every_fact_says_where_it_was_seen() -> None:
    pages = load_pages()
    items: list[Any] = [
        *(item for feed in load_feeds() for item in feed.items),
        *(item for page in pages.consultations.pages for item in page),
        *pages.cre.items,
        *pages.artisanat.items,
        *load_datasets(),
        *load_issues(),
        *load_articles(),
    ]
    assert all(item.evidence for item in items)


def test_no_title_is_marked_as_shortened_or_names_a_person() -> None:
    titles = [text.title for issue in load_issues() for text in issue.texts]
    assert not [title for title in titles if "[abr" in title or re.search(r" - (M\.|Mme) ", title)]


def test_notices_of_the_13_are_of_the_13(recordings: dict[str, Recording]) -> None:
    rows = json.loads(recordings[BOAMP].body)["results"]
    assert rows
    assert all("13" in row["code_departement"] for row in rows)


# --- Stable ------------------------------------------------------------------------------------


def test_the_same_bytes_are_built_each_time(recordings: dict[str, Recording]) -> None:
    for cached in (load_articles, load_issues, load_feeds, load_pages, load_datasets):
        cached.cache_clear()
    assert build_recordings() == recordings


def test_archives_hold_no_date_but_their_stamp() -> None:
    body = build_archives(load_issues())["JORFSIMPLE_20260819-003035.tar.gz"]
    assert gzip.GzipFile(fileobj=io.BytesIO(body)).read(1)
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        moments = {member.mtime for member in archive}
    assert len(moments) == 1


# --- Well formed -------------------------------------------------------------------------------


def test_feeds_are_well_formed_except_the_one_that_is_not_meant_to_be(
    recordings: dict[str, Recording],
) -> None:
    for feed in load_feeds():
        body = recordings[feed.address].body
        parsed = feedparser.parse(io.BytesIO(body))
        assert len(parsed.entries) == len(feed.items), feed.address
        assert bool(parsed.bozo) is (feed.address == ECOLOGIE), feed.address
    body = recordings[ECOLOGIE].body
    assert body.startswith(b"\xef\xbb\xbf")
    assert b"&nbsp;" in body
    assert b" & " in body


def test_feed_titles_come_out_as_they_were_written(recordings: dict[str, Recording]) -> None:
    for feed in load_feeds():
        reading = parse_feed(recordings[feed.address].body, "x", feed.address)
        assert reading.troubles == ()
        assert [m.title for m in reading.mentions] == [item.title for item in feed.items]
        assert [m.published_on for m in reading.mentions] == [item.date for item in feed.items]


def test_service_public_dates_are_only_in_dublin_core(recordings: dict[str, Recording]) -> None:
    body = recordings[load_feeds()[0].address].body
    assert b"<dc:date>" in body
    assert b"<pubDate>" not in body
    assert b"xtor=RSS-111" in body


def test_archives_are_read_whole(recordings: dict[str, Recording]) -> None:
    for issue in load_issues():
        body = recordings[f"{BASE}JORFSIMPLE_{issue.delivered}.tar.gz"].body
        delivery = read_delivery(body, "jorfsimple")
        assert delivery.is_whole
        assert delivery.troubles == ()
        assert [m.title for m in delivery.mentions] == [text.title for text in issue.texts]
        assert {m.published_on for m in delivery.mentions} == {issue.date}


def test_archive_members_are_xml_with_links_and_levels_mixed(
    recordings: dict[str, Recording],
) -> None:
    body = recordings[f"{BASE}JORFSIMPLE_20260819-003035.tar.gz"].body
    folder = "20260819-003035/jorf/simple/JORF/CONT/00/00/54/70/68/JORFCONT000054706874/"
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        name = f"{folder}JORFCONT000054706874.xml"
        assert all(path.startswith(folder) for path in files)
        summary = ElementTree.parse(files[name] or "").getroot()  # noqa: S314 - our own bytes
    laws = summary.find(".//TM[TITRE_TM='LOIS']")
    assert laws is not None
    assert [element.tag for element in laws] == ["TITRE_TM"] + ["LIEN_TXT"] * 5 + ["TM"]


def test_evening_delivery_tells_nothing_new(recordings: dict[str, Recording]) -> None:
    told = {
        mention.key: mention
        for issue in load_issues()
        for mention in read_delivery(
            recordings[f"{BASE}JORFSIMPLE_{issue.delivered}.tar.gz"].body, "x"
        ).mentions
    }
    evening = read_delivery(recordings[f"{BASE}JORFSIMPLE_20260827-213518.tar.gz"].body, "x")
    assert len(evening.mentions) == 156
    assert all(told[mention.key] == mention for mention in evening.mentions)


def test_index_is_latin_1_and_lists_what_is_not_an_archive_of_the_day(
    recordings: dict[str, Recording],
) -> None:
    body = recordings[BASE].body
    assert "Données".encode("iso-8859-1") in body
    names = {
        a["href"] for a in BeautifulSoup(body, "lxml").select("a[href$='.gz'],a[href$='.pdf']")
    }
    assert {str(name).split("_")[0] for name in names} == {"JORFSIMPLE", "Freemium", "DILA"}
    assert sum("20260827" in str(name) for name in names) == 2


def test_dataset_pages_obey_limit_and_offset(recordings: dict[str, Recording]) -> None:
    asked = find_recording(recordings, f"{BOAMP}?where=x&order_by=y&limit=100&offset=0")
    beyond = find_recording(recordings, f"{BOAMP}?limit=100&offset=100")
    assert asked is not None
    assert beyond is not None
    assert len(json.loads(asked.body)["results"]) == 1
    assert json.loads(beyond.body) == {"total_count": 1, "results": []}


def test_every_recording_belongs_to_an_enabled_source(recordings: dict[str, Recording]) -> None:
    sources = load_sources(ROOT / "sources.yaml", load_referentiel())
    recorded = {s.id for s in sources if s.enabled and find_recording(recordings, s.url)}
    assert recorded >= RECORDED
    hosts = {address.split("/")[2] for address in recordings}
    assert all(f"https://{host}/robots.txt" in recordings for host in hosts)


# --- Served ------------------------------------------------------------------------------------


def ask(base: str, address: str, method: str = "GET", **headers: str) -> tuple[int, bytes, Any]:
    request = Request(
        f"{base}/{address.replace('://', '/', 1)}",
        method=method,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def test_server_answers_recordings_and_nothing_else(recordings: dict[str, Recording]) -> None:
    traffic = Traffic()
    feed = recordings[ECOLOGIE]
    with serve_recordings(recordings, traffic) as base:
        assert base.startswith("http://127.0.0.1:")
        status, body, headers = ask(base, ECOLOGIE)
        assert (status, body, headers["ETag"]) == (200, feed.body, feed.etag)
        assert ask(base, ECOLOGIE, "HEAD")[:2] == (200, b"")
        assert ask(base, ECOLOGIE, If_None_Match=feed.etag)[:2] == (304, b"")
        assert ask(base, ECOLOGIE, If_None_Match='"other"')[0] == 200
        assert ask(base, ECOLOGIE, If_Modified_Since=feed.last_modified)[0] == 304
        assert ask(base, ECOLOGIE, If_Modified_Since="Mon, 07 Sep 2020 04:00:00 GMT")[0] == 200
        assert ask(base, "https://www.example.org/")[0] == 404
    assert (traffic.requests, traffic.not_modified) == (7, 2)
    assert traffic.unknown == ["https://www.example.org/"]


def test_order_of_parameters_does_not_matter(recordings: dict[str, Recording]) -> None:
    site = "https://www.consultations-publiques.developpement-durable.gouv.fr/spip.php"
    pages = [
        find_recording(recordings, f"{site}?{query}")
        for query in (
            "page=liste-consultations&lang=fr&debut_listearticles=11",
            "debut_listearticles=11&page=liste-consultations",
        )
    ]
    assert pages[0] is not None
    assert pages[0] == pages[1]
    assert pages[0] != find_recording(recordings, f"{site}?page=liste-consultations&lang=fr")


# --- The data folder ---------------------------------------------------------------------------


def test_mark_keeps_all_in_one_folder(tmp_path: Path) -> None:
    given = Settings(data=tmp_path / "d", database="postgresql://x/y", smtp="smtp://mail")
    settings = demo.mark(given)
    assert demo.is_demo(settings.data)
    assert settings.site.is_relative_to(settings.data)
    assert settings.database_url.database == str(settings.data / "hub.db")
    assert (settings.smtp, settings.demo) == ("", True)
    assert demo.mark(settings) == settings


def test_mark_leaves_the_default_folder_to_real_work(tmp_path: Path) -> None:
    assert demo.mark(Settings(), default_data=tmp_path / "demo").data == tmp_path / "demo"


def test_mark_refuses_a_folder_of_real_work(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_bytes(b"")
    with pytest.raises(ConfigError):
        demo.mark(Settings(data=tmp_path))
    assert not demo.is_demo(tmp_path)


def test_playing_reads_the_projects_own_sources(tmp_path: Path) -> None:
    settings = demo.mark(Settings(data=tmp_path / "d"))
    with demo.playing(settings) as played:
        assert played.demo
        assert ask(played.recordings, ECOLOGIE)[0] == 200
        mine = load_sources(played.sources, load_referentiel())
    real = load_sources(ROOT / "sources.yaml", load_referentiel())
    assert [(s.id, s.url) for s in mine] == [(s.id, s.url) for s in real]
    assert {s.id for s in mine if s.enabled} == RECORDED
    played_as_they_are = [
        s.id for s, other in zip(mine, real, strict=True) if s.enabled and s != other
    ]
    assert played_as_they_are == ["jorfsimple", "legi"]


# --- Read by the real spiders ------------------------------------------------------------------


def run_spiders(settings: Settings, *names: str) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "spiders", "--now", demo.NOW.isoformat(), *names],
        env=os.environ | settings.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["id"]: line for line in lines if "id" in line}


def test_spiders_read_the_recorded_sources_and_ask_again_politely(tmp_path: Path) -> None:
    with demo.playing(demo.mark(Settings(data=tmp_path / "d"))) as settings:
        first = run_spiders(settings)
        again = run_spiders(settings, *first)
    assert set(first) == RECORDED
    assert [source["failures"] for source in first.values()] == [[]] * len(first)
    assert sum(source["mentions"] for source in first.values()) >= 120
    assert first["jorfsimple"]["mentions"] == sum(len(issue.texts) for issue in load_issues())
    assert first["legi"]["mentions"] == len(load_articles())
    assert sum(source["mentions"] for source in again.values()) == 0
    unmoved = {name for name, source in again.items() if source["not_modified"]}
    assert unmoved >= {"service-public-particuliers", "ecologie-actualites", "cre", "boamp-13"}


# --- Decisions ---------------------------------------------------------------------------------


def collect_into(store: Store, folder: Path, recordings: dict[str, Recording]) -> None:
    intake = Intake(store, CaptureFiles(folder / "captures"), demo.NOW)

    def keep(source_id: str, address: str, mentions: Sequence[Mention]) -> None:
        body = recordings[address].body
        capture = Capture(source_id, address, demo.NOW, 200, {}, body, hash_body(body))
        intake.keep(capture, mentions)

    for issue in load_issues():
        address = f"{BASE}JORFSIMPLE_{issue.delivered}.tar.gz"
        delivery = read_delivery(recordings[address].body, "jorfsimple")
        keep("jorfsimple", address, delivery.mentions)
    for feed in load_feeds():
        host = feed.address.split("/")[2]
        reading = parse_feed(recordings[feed.address].body, host, feed.address)
        keep(host, feed.address, reading.mentions)
    resolve(store, demo.NOW)
    referentiel = load_referentiel()
    sources = load_sources(ROOT / "sources.yaml", referentiel)
    classify_items(store, referentiel, sources, demo.NOW)


@pytest.fixture(scope="module")
def collected_file(
    tmp_path_factory: pytest.TempPathFactory, recordings: dict[str, Recording]
) -> Path:
    """The Journal officiel and the feeds, gathered and tagged once for all."""
    folder = tmp_path_factory.mktemp("collected")
    store = Store(f"sqlite:///{folder / 'hub.db'}")
    Base.metadata.create_all(store.engine)
    collect_into(store, folder, recordings)
    store.close()
    return folder / "hub.db"


@pytest.fixture
def collected(collected_file: Path, tmp_path: Path) -> Iterator[Store]:
    copy = shutil.copy(collected_file, tmp_path / "collected.db")
    store = Store(f"sqlite:///{copy}")
    yield store
    store.close()


def test_decisions_are_made_once(collected: Store) -> None:
    recorded = [d for d in load_decisions() if not d.item.startswith("boamp:")]
    verdicts = [d for d in recorded if d.action is not Action.ADD_TAG]  # a rule may tag by itself
    assert len(verdicts) <= replay(collected, demo.NOW) <= len(recorded)
    with collected.read() as session:
        counts = count_items(session)
        trail = session.query(DecisionRow).count()
    assert 15 <= counts[ItemState.APPROVED] <= 22
    assert counts[ItemState.REJECTED] >= 3
    assert counts[ItemState.LATER] == 1
    assert counts[ItemState.TO_REVIEW] >= 5
    assert counts[ItemState.NOISE] > counts[ItemState.APPROVED] + counts[ItemState.TO_REVIEW]
    assert replay(collected, demo.NOW) == 0
    with collected.read() as session:
        assert session.query(DecisionRow).count() == trail


def test_a_decision_is_not_made_before_its_moment(collected: Store) -> None:
    at = min(decision.at for decision in load_decisions())
    assert replay(collected, at - timedelta(minutes=1)) == 0
    assert replay(collected, at) == 1


def test_a_decision_that_was_undone_stays_undone(collected: Store) -> None:
    replay(collected, demo.NOW)
    with collected.write() as session:
        item = find(session, "JORFTEXT000054750363")
        decide(session, item.slug, Decision(Action.UNDO, "Quelqu’un", demo.NOW))
    assert replay(collected, demo.NOW) == 0
    with collected.read() as session:
        assert find(session, "JORFTEXT000054750363").state is ItemState.TO_REVIEW


def find(session: Session, jorftext: str) -> ItemRow:
    item_id = find_item_by_identifier(session, Identifier(Scheme.JORFTEXT, jorftext))
    assert item_id is not None
    item = session.get(ItemRow, item_id)
    assert item is not None
    return item


def test_several_sources_speak_of_one_decree(collected: Store) -> None:
    with collected.read() as session:
        item = find(session, "JORFTEXT000054750363")
        voices = {mention.source_id for mention in list_mentions(session, item.id)}
    assert voices == {"jorfsimple", "www.ecologie.gouv.fr", "www.service-public.gouv.fr"}
    assert item.source_id == "jorfsimple"


def test_what_is_public_covers_the_five_dispositifs_and_is_written(collected: Store) -> None:
    replay(collected, demo.NOW)
    with collected.read() as session:
        items = list_public_items(session)
        terms = {tag.term for i in items for tag in list_tags(i) if tag.kind is TermKind.DISPOSITIF}
        assert {"AGEC", "REP", "PEMD", "PPE", "MAPRIMERENOV"} <= terms
        for item in items:
            assert item.redaction is not None
            assert item.redaction.ce_qui_change
            assert item.redaction.a_faire
            assert any(tag.kind is TermKind.METIER for tag in list_tags(item)), item.title
            assert list_decisions(session, item.id)
        pemd = [item for item in items if "diagnostic portant sur la gestion" in item.title]
    assert len(pemd) == 2


def test_what_readers_see_is_set_in_french() -> None:
    for decision in load_decisions():
        written = [decision.reason]
        if decision.redaction:
            data = decision.redaction
            written += [data.titre, data.ce_qui_change, data.pour_qui, *data.a_faire]
            written += [text for e in data.echeances for text in (e.label, e.sentence)]
        for text in written:
            assert "'" not in text, text
            assert not re.search(r" [:;!?»%€]|« | {2}", text), text


def test_decisions_are_dated_before_the_play_begins() -> None:
    moments = [decision.at for decision in load_decisions()]
    assert moments == sorted(moments)
    assert moments[0].isoformat() >= "2026-08-24"
    assert moments[-1] < demo.NOW


# --- People ------------------------------------------------------------------------------------


def test_accounts_are_prepared_once(tables: Store) -> None:
    demo.prepare_accounts(tables, demo.NOW)
    demo.prepare_accounts(tables, demo.NOW)
    with tables.write() as session:
        assert find_editor(session, EDITOR_EMAIL) is not None
        people = list_active_subscribers(session)
        assert len(people) == 3
        people[0].email, people[0].state = None, SubscriberState.LEFT
    demo.prepare_accounts(tables, demo.NOW)
    with tables.read() as session:
        assert session.query(SubscriberRow).count() == 3


def test_subscribers_follow_terms_that_exist() -> None:
    referentiel = load_referentiel()
    for person in load_subscribers():
        assert person.email.endswith("@example.org")
        assert all(referentiel.has(TermKind.METIER, term) for term in person.metiers)
        assert all(referentiel.has(TermKind.DISPOSITIF, term) for term in person.dispositifs)
        assert person.metiers or person.dispositifs
