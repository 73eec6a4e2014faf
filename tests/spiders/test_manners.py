"""How hosts are asked: validators, robots.txt, Retry-After, pace, budget, moves. A real crawl of
loopback, which is allowed by the explicit setting.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.collect import collect, due_sources
from hub.config import ROOT, Settings
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from hub.store import Store
from hub.store.sources import IncidentRow, SourceStateRow
from hub.text import parse_moment
from tests.spiders.rude import Rude, Talk, be_rude, say, say_once, send_to

MORNING = "2026-06-14T04:00:00+00:00"
NOON = "2026-06-14T10:00:00+00:00"
LATER = "2026-06-16T10:00:00+00:00"


def feed(*titles: str) -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://www.example.org/{title}</link></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()


def entry(rude: Rude, name: str, path: str = "", **keys: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": "n",
        "publisher": "p",
        "kind": "feed",
        "url": f"{rude.address}{path or '/' + name}",
        "rhythm": "1 h",
        "licence": "l",
        "evidence": "e",
        **keys,
    }


@dataclass(frozen=True)
class Place:
    settings: Settings

    def collect(self, entries: list[dict[str, Any]], now: str = MORNING) -> dict[str, Any]:
        """The report of each source, by id."""
        text = json.dumps({"sources": entries})  # YAML is a superset
        self.settings.sources.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "spiders", "--now", now]
            + ["--answer-within", "3", "--source-within", "20"]
            + [entry["id"] for entry in entries],
            env={**os.environ, **self.settings.environment()},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return {line["id"]: line for line in lines if "id" in line}

    def store(self) -> Store:
        return Store(self.settings.database_url)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    settings = Settings(
        data=tmp_path / "data", sources=tmp_path / "sources.yaml", allow_loopback=True
    )
    return Place(settings)


@pytest.fixture
def rude() -> Iterator[Rude]:
    with be_rude() as server:
        yield server


def reasons(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(failure["kind"], failure["reason"]) for failure in report["failures"]]


def test_every_repeat_is_answered_not_modified_where_there_is_a_validator(
    place: Place, rude: Rude
) -> None:
    moved = "Sat, 13 Jun 2026 04:00:00 GMT"
    rude.manners = {
        "/etag": say_once(feed("a")),
        "/weak": say_once(feed("b"), etag='W/"1"'),
        "/moved": say_once(feed("c"), etag="", moved=moved),
        "/both": say_once(feed("d"), moved=moved),
        "/troubled": say_once(feed("e", "") + b"<!-- &oubli; -->"),
        "/none": say(feed("f")),
    }
    entries = [entry(rude, path[1:]) for path in rude.manners]
    first = place.collect(entries)
    assert [first[name]["mentions"] for name in ("etag", "weak", "moved", "both")] == [1] * 4
    second = place.collect(entries, NOON)
    assert {name: report["not_modified"] for name, report in second.items()} == {
        "etag": 1,
        "weak": 1,
        "moved": 1,
        "both": 1,
        "troubled": 1,
        "none": 0,
    }
    assert all(report["mentions"] == 0 for report in second.values())


def test_robots_txt_is_asked_once_a_day_for_all_the_sources_of_a_host(
    place: Place, rude: Rude
) -> None:
    robots = b"User-agent: HDMCR\nDisallow: /b\n\nUser-agent: *\nDisallow: /\n"
    rude.manners = {"/robots.txt": say(robots), "/a": say(feed("a")), "/b": say(feed("b"))}
    entries = [entry(rude, "a"), entry(rude, "b")]
    report = place.collect(entries)
    assert reasons(report["b"]) == [("robots", "forbidden by robots.txt")]
    assert report["a"]["mentions"] == 1
    assert rude.paths.count("/robots.txt") == 1
    assert "/b" not in rude.paths
    place.collect(entries, NOON)
    assert rude.paths.count("/robots.txt") == 1
    rude.manners["/robots.txt"] = say(b"")
    assert reasons(place.collect(entries, LATER)["b"]) == []


def test_a_host_that_says_wait_is_left_alone_by_all_its_sources(place: Place, rude: Rude) -> None:
    rude.manners = {
        "/a": say(b"", "429 Too Many Requests", "Retry-After: 7200"),
        "/b": say(feed("b")),
    }
    entries = [entry(rude, "a", pace="1 s"), entry(rude, "b", pace="1 s")]
    report = place.collect(entries)
    assert rude.paths.count("/a") == 1, "a host that says wait is not tried again at once"
    assert reasons(report["a"]) == [("refused", "HTTP 429, asks to wait 7200")]
    store = place.store()
    with store.read() as session:
        until = session.get_one(SourceStateRow, "a").not_before
    store.close()
    assert until is not None
    assert until.isoformat() == "2026-06-14T06:00:00+00:00"


def test_every_source_of_a_held_host_waits_also_in_the_next_runs(place: Place, rude: Rude) -> None:
    rude.manners = {
        "/a": say(b"", "429 Too Many Requests", "Retry-After: 7200"),
        "/b": say(feed("b")),
    }
    place.collect([entry(rude, "a", pace="1 s"), entry(rude, "b", pace="1 s")])
    sources = load_sources(place.settings.sources, load_referentiel(), allow_loopback=True)
    store = place.store()
    early, late = parse_moment("2026-06-14T05:30:00+00:00"), parse_moment(NOON)
    assert due_sources(store, sources, early) == []
    assert {source.id for source in due_sources(store, sources, late)} == {"a", "b"}
    rude.seen.clear()
    skipped = collect(place.settings, store, sources, early)
    store.close()
    assert all("asks to be left alone until" in report.skipped for report in skipped)
    assert rude.seen == []


def test_a_server_that_always_says_not_modified_was_not_read(place: Place, rude: Rude) -> None:
    rude.manners = {"/a": say(b"", "304 Not Modified", 'ETag: "1"')}
    report = place.collect([entry(rude, "a")])["a"]
    assert reasons(report) == [("http", "HTTP 304")]
    assert report["not_modified"] == 0


def test_retries_count_in_the_budget(place: Place, rude: Rude) -> None:
    rude.manners = {"/a": say(b"", "500 Internal Server Error")}
    report = place.collect([entry(rude, "a", budget=1)])["a"]
    assert rude.paths.count("/a") == 1
    assert [kind for kind, _ in reasons(report)] == ["budget"]


def test_what_goes_with_a_request_stays_on_the_host_that_was_asked(
    place: Place, rude: Rude, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kind may ask two hosts; neither may send the other what is for it alone."""
    monkeypatch.setenv("HUB_CREDENTIALS_PISTE", "client:secret")
    with be_rude() as other:
        other.manners["/token"] = say(b'{"access_token": "t", "expires_in": 3600}')
        other.manners["/stolen"] = say(b"{}")
        rude.manners["/api/consult/lastNJo"] = send_to(f"{other.address}/stolen", "307 Temporary")
        options = {"token_url": f"{other.address}/token", "journaux": 1}
        api = entry(
            rude, "api", "/api", kind="legifrance", options=options, credentials="PISTE", pace="1 s"
        )
        report = place.collect([api])["api"]
        assert "/stolen" not in other.paths
    assert reasons(report)[0][0] in ("off-site", "private-address")


def test_a_fresh_connection_is_opened_for_each_request_where_it_is_asked(
    place: Place, rude: Rude
) -> None:
    rude.manners = {"/a": say(feed("a")), "/b": say(feed("b"))}
    place.collect([entry(rude, "a", pace="1 s"), entry(rude, "b", pace="1 s")])
    kept = {number for _, number in rude.seen}
    assert len(kept) < len(rude.seen), "connections are kept by default"
    rude.seen.clear()
    fresh: dict[str, Any] = {"pace": "1 s", "fresh_connection": True}
    place.collect([entry(rude, "a", **fresh), entry(rude, "b", **fresh)], LATER)
    assert len({number for _, number in rude.seen}) == len(rude.seen)


def test_a_permanent_redirect_is_followed_and_proposed(place: Place, rude: Rude) -> None:
    rude.manners = {
        "/old": send_to("/new", "301 Moved Permanently"),
        "/new": say(feed("a")),
        "/today": send_to("/new", "302 Found"),
    }
    report = place.collect([entry(rude, "old"), entry(rude, "today")])
    assert report["old"]["mentions"] == 1
    assert report["old"]["moved_to"] == f"{rude.address}/new"
    assert report["today"]["moved_to"] == ""
    store = place.store()
    with store.read() as session:
        (incident,) = session.query(IncidentRow).all()
    store.close()
    assert (incident.source_id, incident.kind) == ("old", "moved")
    assert incident.detail["proposed_url"] == f"{rude.address}/new"


def test_no_more_is_asked_than_the_budget_of_a_run(place: Place, rude: Rude) -> None:
    for number in range(6):
        link = f'<a class=next href="/p{number + 1}">suite</a>'
        rude.manners[f"/p{number}"] = say(
            f"<li><a href=/i{number}>T{number}</a></li>{link}".encode()
        )
    options = {"item": "li", "title": "a", "next": "a.next", "max_pages": 6}
    listing = entry(rude, "list", "/p0", kind="listing", options=options, budget=3)
    report = place.collect([listing])["list"]
    assert [path for path in rude.paths if path.startswith("/p")] == ["/p0", "/p1", "/p2"]
    assert [kind for kind, _ in reasons(report)] == ["budget"]
    assert report["mentions"] == 3


def test_the_hub_says_who_it_is(place: Place, rude: Rude) -> None:
    rude.manners = {"/a": say(feed("a"))}
    place.collect([entry(rude, "a")])
    for headers in rude.headers:
        assert headers["user-agent"].startswith("HDMCR/")
        assert "contact@example.org" in headers["user-agent"]
        assert "cookie" not in headers
        assert "referer" not in headers


def test_an_item_whose_own_page_is_lost_is_kept_in_part_then_whole(
    place: Place, rude: Rude
) -> None:
    items = "<li><a href=/one>Premier</a></li><li><a href=/two>Second</a></li>"
    rude.manners = {
        "/list": say_once(items.encode()),
        "/one": say(
            "<main><p>Le texte du premier, assez long pour que l’on voie que c’en est un.".encode()
        ),
    }
    options = {"item": "li", "title": "a", "detail": {"text": "main"}}
    listing = entry(rude, "list", kind="listing", options=options)
    first = place.collect([listing])["list"]
    assert first["mentions"] == 2
    assert reasons(first) == [("http", "HTTP 404")]
    rude.manners["/two"] = say(
        "<main><p>Le texte du second, assez long pour que l’on voie que c’en est un.".encode()
    )
    second = place.collect([listing], NOON)["list"]
    assert (second["mentions"], second["failures"]) == (1, [])
    rude.seen.clear()
    third = place.collect([listing], LATER)["list"]
    assert third["not_modified"] == 1
    assert not {"/one", "/two"} & set(rude.paths)


def test_a_token_is_asked_where_the_source_says_and_nowhere_else(
    place: Place, rude: Rude, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_CREDENTIALS_PISTE", "client:secret")
    with be_rude() as other:
        other.manners["/token"] = say(b'{"access_token": "t", "expires_in": 3600}')
        rude.manners["/api/consult/lastNJo"] = say(b'{"containers": []}')
        options = {"token_url": f"{other.address}/token", "journaux": 1}
        api = entry(
            rude, "api", "/api", kind="legifrance", options=options, credentials="PISTE", pace="1 s"
        )
        place.collect([api])
        assert "/token" in other.paths
    assert "/api/consult/lastNJo" in rude.paths


def test_a_post_is_never_sent_to_another_site(
    place: Place, rude: Rude, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_CREDENTIALS_PISTE", "client:secret")
    seen: list[Talk] = []
    with be_rude() as other:
        other.manners["/token"] = lambda talk: seen.append(talk)
        rude.manners["/token"] = send_to(f"{other.address}/token", "307 Temporary Redirect")
        options = {"token_url": f"{rude.address}/token"}
        api = entry(
            rude, "api", kind="legifrance", options=options, credentials="PISTE", pace="1 s"
        )
        report = place.collect([api])["api"]
    assert report["failures"]
    assert seen == []
