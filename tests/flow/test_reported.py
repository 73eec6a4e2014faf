"""A page that an editor reports is read once, by the real spiders, and becomes an item."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import hub.schedule
from hub.collect import due_sources
from hub.config import ROOT, Settings
from hub.model import ItemState, Source
from hub.referentiel import load_referentiel
from hub.reported import (
    AGAIN,
    GIVEN_UP,
    PARTIAL,
    PATIENCE,
    READ,
    Report,
    close_reports,
    find_mistake,
    keep_report,
)
from hub.schedule import ATTEMPTS, Scheduler
from hub.sources import load_sources
from hub.store import Store
from hub.store.items import ItemRow
from hub.store.mentions import MentionRow
from hub.store.migrate import migrate
from hub.store.reported import ReportedPageRow
from hub.store.sources import ReadRow, list_open_failures, record_read
from spiders.page import REPORTED
from tests.conftest import NOW
from tests.spiders.pdfs import make_pdf
from tests.spiders.rude import Rude, be_rude, say, send_to

ENTRY = {
    "id": "signalements",
    "name": "Pages signalées par l’équipe",
    "publisher": "CRESS PACA",
    "kind": "reported",
    "rhythm": "5 min",
    "licence": "selon la page",
    "evidence": "the pages that editors report",
    "may_be_empty": True,
    "official": False,
}
TEXT = "L’aide à la rénovation énergétique des logements est de {} euros dès le 1er septembre 2026."
FORBIDDEN = say(b"<h1>Interdit</h1>", "403 Forbidden")


def page(title: str = "Une aide à la rénovation", amount: int = 1_000) -> bytes:
    markup = f"<title>{title}</title><main><h1>{title}</h1><p>{TEXT.format(amount)}</main>"
    return f"<!doctype html><meta charset=utf-8>{markup}".encode()


@pytest.fixture
def new_site() -> Iterator[Callable[[bytes], Rude]]:
    """Makes servers, each a host of its own, so that none waits for another's pace."""
    with ExitStack() as stack:

        def make(body: bytes = b"") -> Rude:
            rude = stack.enter_context(be_rude())
            if body:
                rude.manners["/page"] = say(body)
            return rude

        yield make


@dataclass
class Desk:
    """A hub that has no other source than reported pages."""

    settings: Settings
    store: Store

    def report(self, address: str, title: str = "", note: str = "", at: datetime = NOW) -> None:
        assert find_mistake(address, allow_loopback=True) == ""
        with self.store.write() as session:
            keep_report(session, Report(address, title, note), "Éditrice", at)

    def hub(self, now: datetime, *command: str) -> dict[str, Any]:
        done = self.call("hub", "--now", now.isoformat(), *command, "--json")
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def collect(self, now: datetime = NOW) -> dict[str, str]:
        """The reasons of what failed in a collection, by address."""
        failures = self.hub(now, "collect", "signalements")["failures"]
        return {failure["url"]: failure["reason"] for failure in failures}

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env={**self.settings.environment(), "PATH": "/usr/bin:/bin"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.stdout, done.stderr
        return done

    def items(self) -> dict[str, ItemRow]:
        with self.store.read() as session:
            return {item.url: item for item in session.scalars(select(ItemRow))}

    def latest(self, address: str) -> MentionRow:
        with self.store.read() as session:
            rows = session.scalars(select(MentionRow).where(MentionRow.key == address)).all()
            return rows[-1]

    def count_mentions(self) -> int:
        with self.store.read() as session:
            return len(session.scalars(select(MentionRow.id)).all())

    def outcomes(self) -> dict[str, str]:
        with self.store.read() as session:
            rows = session.scalars(select(ReportedPageRow)).all()
            return {row.url: row.outcome for row in rows}

    def is_due(self, now: datetime) -> bool:
        return bool(due_sources(self.store, self.sources(), now))

    def sources(self) -> tuple[Source, ...]:
        return load_sources(self.settings.sources, load_referentiel())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(
        data=tmp_path / "data", sources=tmp_path / "sources.yaml", allow_loopback=True
    )
    settings.data.mkdir()
    settings.sources.write_text(json.dumps({"sources": [ENTRY]}), encoding="utf-8")
    store = Store(settings.database_url)
    migrate(store)
    yield Desk(settings, store)
    store.close()


# --- Reading -----------------------------------------------------------------------------------


def test_reported_pages_become_items_whatever_they_answer(
    desk: Desk, new_site: Callable[..., Rude]
) -> None:
    whole, titled = new_site(page()), new_site(page("Le titre de la page"))
    document = new_site(make_pdf([TEXT.format(500)] * 2))
    refusing, closed, leading, empty = (new_site(b"<p>Rien") for _ in range(4))
    refusing.manners["/page"] = FORBIDDEN
    closed.manners["/robots.txt"] = say(b"User-agent: *\nDisallow: /")
    leading.manners["/page"] = send_to("http://10.0.0.1/secret")
    for site in (whole, document, leading, empty):
        desk.report(f"{site.address}/page")
    desk.report(f"{titled.address}/page", "Le titre de l’éditrice | ADEME", "À lire avant lundi")
    desk.report(f"{refusing.address}/page", "Page qui refuse", "Elle parle d’aides")
    desk.report(f"{closed.address}/page", "Page fermée aux robots")
    assert desk.is_due(NOW)

    failures = desk.collect()

    assert failures == {
        f"{refusing.address}/page": "HTTP 403",
        f"{closed.address}/page": "forbidden by robots.txt",
        f"{leading.address}/page": "a private address, http://10.0.0.1",
        f"{empty.address}/page": "page with 4 characters of text",
    }
    assert closed.paths == ["/robots.txt"]
    assert {item.state for item in desk.items().values()} == {ItemState.TO_REVIEW}
    with desk.store.read() as session:
        (read,) = session.scalars(select(ReadRow)).all()
    assert read.is_good, "a page that refuses says nothing of the other pages"
    for site in (whole, titled, document):
        mention = desk.latest(f"{site.address}/page")
        assert TEXT.format(1_000)[:60] in mention.text or TEXT.format(500)[:60] in mention.text
        assert (mention.rubrique, mention.is_partial) == (REPORTED, False)
        assert desk.outcomes()[f"{site.address}/page"] == READ
    for site in (refusing, closed, leading, empty):
        mention = desk.latest(f"{site.address}/page")
        assert (mention.text, mention.rubrique, mention.is_partial) == ("", REPORTED, True)
        assert desk.outcomes()[f"{site.address}/page"] == ""
    items = desk.items()
    assert len(items) == 7
    assert items[f"{whole.address}/page"].title == "Une aide à la rénovation"
    assert items[f"{titled.address}/page"].title == "Le titre de l’éditrice"
    assert desk.latest(f"{titled.address}/page").summary == "À lire avant lundi"
    assert items[f"{refusing.address}/page"].title == "Page qui refuse"
    assert desk.latest(f"{refusing.address}/page").summary == "Elle parle d’aides"
    assert items[f"{leading.address}/page"].title == f"{leading.address}/page"


def test_a_page_that_refused_is_asked_again_and_read_whole(
    desk: Desk, new_site: Callable[..., Rude], tmp_path: Path
) -> None:
    late, never = new_site(), new_site()
    late.manners["/page"] = never.manners["/page"] = FORBIDDEN
    for site in (late, never):
        desk.report(f"{site.address}/page", "Mon titre", "Ma note")
    assert len(desk.collect()) == 2
    assert not desk.is_due(NOW + AGAIN / 2), "a page that refuses is left alone for a while"
    late.manners["/page"] = say(page())
    assert desk.is_due(NOW + AGAIN)
    assert list(desk.collect(NOW + AGAIN)) == [f"{never.address}/page"]
    mention = desk.latest(f"{late.address}/page")
    assert (mention.is_partial, mention.title, mention.summary) == (False, "Mon titre", "Ma note")
    assert TEXT.format(1_000) in mention.text
    item = desk.items()[f"{late.address}/page"]
    assert item.version == 2, "what could not be read came"
    assert desk.outcomes() == {f"{late.address}/page": READ, f"{never.address}/page": ""}

    desk.collect(NOW + PATIENCE)
    assert desk.outcomes()[f"{never.address}/page"] == PARTIAL
    assert late.paths.count("/page") == 2, "a page that was read is not asked for again"
    assert not desk.is_due(NOW + 2 * PATIENCE)
    with desk.store.read() as session:
        assert list_open_failures(session) == []
    assert len(desk.items()) == 2
    asked = len(late.seen) + len(never.seen)
    check_replay(desk, tmp_path / "again", [f"{site.address}/page" for site in (late, never)])
    assert len(late.seen) + len(never.seen) == asked, "a replay asks nobody"


def test_a_collection_killed_before_its_end_is_done_again_and_changes_nothing(
    desk: Desk, new_site: Callable[..., Rude]
) -> None:
    site = new_site(page())
    desk.report(f"{site.address}/page", "Mon titre")
    desk.call("spiders", "--now", NOW.isoformat(), "signalements")
    assert desk.outcomes() == {f"{site.address}/page": ""}, "read, and not closed"
    assert desk.count_mentions() == 1
    later = NOW + timedelta(minutes=15)
    assert desk.collect(later) == {}
    assert desk.outcomes() == {f"{site.address}/page": READ}
    assert desk.count_mentions() == 1
    assert [item.version for item in desk.items().values()] == [1]


def check_replay(desk: Desk, folder: Path, addresses: list[str]) -> None:
    """The captures alone give the same items back."""
    settings = Settings(data=folder, sources=desk.settings.sources, allow_loopback=True)
    shutil.copytree(desk.settings.captures, settings.captures)
    again = Desk(settings, Store(settings.database_url))
    report = again.hub(NOW + PATIENCE, "ingest", "--from-captures")
    assert (report["failures"], report["new_items"]) == ([], len(addresses))
    for address in addresses:
        old, new = desk.latest(address), again.latest(address)
        for field in ("title", "summary", "text", "rubrique", "is_partial", "seen_at"):
            assert getattr(new, field) == getattr(old, field), field
        before, after = desk.items()[address], again.items()[address]
        assert (after.slug, after.version) == (before.slug, before.version)
    again.store.close()


# --- When --------------------------------------------------------------------------------------


def test_nothing_is_due_when_nothing_waits(desk: Desk) -> None:
    assert not desk.is_due(NOW)
    desk.report("https://www.example.org/", at=NOW)
    assert desk.is_due(NOW)
    with desk.store.write() as session:
        record_read(session, "signalements", NOW, is_good=False)
    assert not desk.is_due(NOW + AGAIN - timedelta(minutes=1))
    assert desk.is_due(NOW + AGAIN)
    later = NOW + timedelta(hours=1)
    desk.report("https://www.example.org/autre", at=later)
    assert desk.is_due(later), "a page that was never tried does not wait for those that were"


def test_a_page_of_which_nothing_is_known_is_given_up(desk: Desk) -> None:
    desk.report("https://www.example.org/", at=NOW)
    close_reports(desk.store, "signalements", NOW + PATIENCE - timedelta(seconds=1))
    assert desk.outcomes() == {"https://www.example.org/": ""}
    close_reports(desk.store, "signalements", NOW + PATIENCE)
    assert desk.outcomes() == {"https://www.example.org/": GIVEN_UP}
    assert not desk.is_due(NOW + PATIENCE)


@pytest.mark.parametrize(
    ("output", "times"),
    [(b'{"failures": [{"reason": "HTTP 403"}]}', 1), (b"", ATTEMPTS)],
    ids=["a page refused", "another job held the lock"],
)
def test_a_collection_is_tried_again_only_when_it_did_not_take_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, output: bytes, times: int
) -> None:
    calls: list[list[str]] = []

    def run_child(arguments: list[str], *_: object, **__: object) -> object:
        calls.append(arguments)
        return subprocess.CompletedProcess(arguments, 1, output)

    monkeypatch.setattr(hub.schedule, "run_child", run_child)
    monkeypatch.setattr(hub.schedule, "TRY_AGAIN", timedelta(milliseconds=1))
    scheduler = Scheduler(desk.settings, lambda: NOW, with_runs=False)
    scheduler.collect_soon(["signalements"])
    scheduler.collect_soon([])  # nothing to read: no child
    scheduler._asked.put(())  # the end
    scheduler._collect_when_asked()
    command = ["hub", "--now", NOW.isoformat(), "collect", "signalements", "--json"]
    assert calls == [command] * times
