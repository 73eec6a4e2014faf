"""Everything downstream can be made again from the captures, also after a change of parser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.captures import CaptureFiles, hash_body
from hub.config import ROOT, Settings
from hub.intake import Intake, Kept
from hub.model import Capture, Failure, SourceKind
from hub.sources import DilaOptions
from hub.store import Store
from hub.store.items import ItemRow, ItemVersionRow
from hub.store.mentions import MentionRow
from hub.store.migrate import migrate
from hub.store.sources import list_open_failures
from hub.text import parse_moment
from spiders.base import Page, Reading
from spiders.dila import DilaKind
from spiders.feed import FeedKind
from spiders.memory import load_memories
from spiders.replay import replay
from tests.spiders.memory import make_source
from tests.spiders.pages import PAGES, pack
from tests.spiders.rude import Rude, be_rude, say

MOMENTS = ("2026-06-14T04:00:00+00:00", "2026-06-15T04:00:00+00:00", "2026-06-16T04:00:00+00:00")
NIGHT = pack(PAGES / "jorfsimple" / "night")
PAGE = "<main><h1>Aide</h1><p>Le montant de l’aide est de {} euros pour chaque logement.</main>"


@pytest.fixture
def rude() -> Iterator[Rude]:
    with be_rude() as server:
        yield server


def feed(*titles: str) -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://www.example.org/{number}</link></item>"
        for number, title in enumerate(titles)
    )
    return f"<rss version='2.0'><channel>{items}</channel></rss>".encode()


def write_sources(path: Path, rude: Rude) -> None:
    common = {"name": "n", "publisher": "p", "rhythm": "1 h", "licence": "l", "evidence": "e"}
    listing = {"item": "li", "title": "a", "detail": {"text": "main"}}
    entries = [
        {"id": "feed", "kind": "feed", "url": f"{rude.address}/feed", **common},
        {"id": "page", "kind": "page", "url": f"{rude.address}/page", **common},
        {"id": "list", "kind": "listing", "url": f"{rude.address}/list", "options": listing}
        | common,
    ]
    path.write_text(json.dumps({"sources": entries}), encoding="utf-8")


def hub(settings: Settings, now: str, *command: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "hub", "--now", now, *command, "--json"],
        env={**settings.environment(), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def live_through(settings: Settings, rude: Rude) -> None:
    """Three days: a page that changes, a feed that grows, a list whose item has its own page."""
    rude.manners["/one"] = say("<main><p>Le texte du premier, assez long pour être lu.".encode())
    rude.manners["/two"] = say("<main><p>Le texte du second, assez long pour être lu.".encode())
    for day, moment in enumerate(MOMENTS):
        rude.manners["/feed"] = say(feed("Un décret", "Un arrêté", f"Jour {day}"))
        rude.manners["/page"] = say(PAGE.format(1_000 + 100 * (day // 2)).encode())
        items = "<li><a href=/one>Premier</a></li>" + "<li><a href=/two>Second</a></li>" * (day > 0)
        rude.manners["/list"] = say(items.encode())
        assert hub(settings, moment, "collect")["failures"] == []


def downstream(settings: Settings) -> dict[str, list[Any]]:
    """All that was made of the captures, without the numbers of rows."""
    store = Store(settings.database_url)
    with store.read() as session:
        mentions = session.scalars(select(MentionRow)).all()
        items = session.scalars(select(ItemRow)).all()
        versions = session.scalars(select(ItemVersionRow)).all()
        found: dict[str, list[Any]] = {
            "mentions": sorted((m.key, m.title, m.text, str(m.seen_at)) for m in mentions),
            "items": sorted((i.slug, i.version, i.title, i.state.value) for i in items),
            "versions": sorted((v.number, v.title, v.text, str(v.seen_at)) for v in versions),
        }
    store.close()
    return found


def test_an_empty_database_is_made_again_from_the_captures_alone(
    tmp_path: Path, rude: Rude
) -> None:
    lived = Settings(
        data=tmp_path / "lived", sources=tmp_path / "sources.yaml", allow_loopback=True
    )
    write_sources(lived.sources, rude)
    live_through(lived, rude)
    expected = downstream(lived)
    assert len(expected["versions"]) > len(expected["items"]), "the page has two versions"
    again = Settings(data=tmp_path / "again", sources=lived.sources, allow_loopback=True)
    shutil.copytree(lived.captures, again.captures)
    asked = len(rude.seen)
    report = hub(again, MOMENTS[-1], "ingest", "--from-captures")
    assert report["failures"] == []
    assert len(rude.seen) == asked, "a replay asks nobody"
    assert downstream(again) == expected
    second = hub(again, MOMENTS[-1], "ingest", "--from-captures")
    assert (second["mentions"], second["new_items"], second["new_versions"]) == (0, 0, 0)
    assert downstream(again) == expected


def test_a_change_of_parser_is_technical_and_moves_nothing(tmp_path: Path, rude: Rude) -> None:
    settings = Settings(
        data=tmp_path / "data", sources=tmp_path / "sources.yaml", allow_loopback=True
    )
    write_sources(settings.sources, rude)
    live_through(settings, rude)
    before = downstream(settings)
    sources = json.loads(settings.sources.read_text())
    sources["sources"][1]["options"] = {"main": "p"}  # without the heading
    settings.sources.write_text(json.dumps(sources))
    report = hub(settings, MOMENTS[-1], "ingest", "--from-captures")
    assert report["mentions"] == 1
    assert (report["new_items"], report["new_versions"]) == (0, 0)
    after = downstream(settings)
    assert after["items"] == before["items"] or [i[:2] for i in after["items"]] == [
        i[:2] for i in before["items"]
    ]
    texts = [text for _, _, text, _ in after["versions"]]
    assert "Le montant de l’aide est de 1100 euros pour chaque logement." in texts


def test_a_lost_capture_is_told_and_the_rest_is_read(tmp_path: Path, rude: Rude) -> None:
    settings = Settings(
        data=tmp_path / "data", sources=tmp_path / "sources.yaml", allow_loopback=True
    )
    write_sources(settings.sources, rude)
    live_through(settings, rude)
    lost = next(path for path in settings.captures.rglob("*.gz"))
    lost.unlink()
    report = hub(settings, MOMENTS[-1], "ingest", "--from-captures")
    assert "lost or damaged" in report["failures"][0]["reason"]


def test_what_was_cut_or_breaks_a_parser_is_still_to_be_read(tmp_path: Path) -> None:
    """A replay says nothing of today: no failure ends, no broken answer counts as read."""
    store = Store(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(store)
    files = CaptureFiles(tmp_path / "captures")
    source = make_source(
        SourceKind.DILA,
        "https://echanges.dila.gouv.fr/OPENDATA/JORFSIMPLE/",
        DilaOptions(since=date(2026, 6, 1)),
    )
    name = f"{source.url}JORFSIMPLE_20260613-003035.tar.gz"
    index = f'<a href="{name}">{name}</a>'.replace(source.url, "").encode()
    moment = parse_moment(MOMENTS[0])
    failure = Failure(source.id, name, "parse", "archive cut or damaged")
    kept = [
        Kept(Capture(source.id, source.url, moment, 200, {}, index, hash_body(index))),
        Kept(
            Capture(source.id, name, moment, 200, {}, NIGHT[:-30], hash_body(NIGHT[:-30])),
            (),
            failure,
        ),
    ]
    Intake(store, files, moment).keep_all(kept)
    replay(source, DilaKind, list(files.read_journal()), Intake(store, files, moment, True))
    memory = load_memories(store, files, [source], moment)[source.id]
    assert not memory.was_read(name)
    with store.read() as session:
        assert [row.url for row in list_open_failures(session)] == [name]
    store.close()


def test_a_parser_that_breaks_on_one_answer_stops_nothing(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(store)
    files = CaptureFiles(tmp_path / "captures")
    source = make_source()
    for number, body in enumerate((feed("Un décret"), b"<broken/>", feed("Un décret", "Un autre"))):
        moment = parse_moment(MOMENTS[number])
        capture = Capture(source.id, source.url, moment, 200, {}, body, hash_body(body))
        Intake(store, files, moment).keep_all([Kept(capture, (), None)])
    replayed = replay(
        source, Breaking, list(files.read_journal()), Intake(store, files, moment, True)
    )
    store.close()
    assert replayed.mentions == 2


class Breaking(FeedKind):
    def read(self, page: Page) -> Reading:
        if b"broken" in page.body:
            raise ZeroDivisionError
        return super().read(page)
