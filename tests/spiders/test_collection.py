"""The real program against a real server: what each kind of trouble leaves behind."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.config import ROOT, Settings
from hub.reads import Outcome, Settled, settle
from hub.store import Store
from hub.store.mentions import MentionRow
from hub.store.migrate import migrate
from hub.store.sources import list_open_failures, list_source_states
from hub.text import parse_moment
from spiders.__main__ import main
from tests.spiders.loopback import Recordings, Reply, serve_recordings
from tests.spiders.pages import PAGES, pack

NIGHT = PAGES / "jorfsimple" / "night"
ARCHIVES = ("JORFSIMPLE_20260613-003035.tar.gz", "JORFSIMPLE_20260614-003035.tar.gz")


def feed(*items: str) -> bytes:
    return f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode()


def item(number: int, title: str = "Décret", extra: str = "") -> str:
    link = f"https://www.legifrance.gouv.fr/jorf/id/JORFTEXT00005475036{number}"
    return f"<item><title>{title}</title><link>{link}</link>{extra}</item>"


def index(*names: str) -> bytes:
    return "".join(f'<a href="{name}">{name}</a>' for name in names).encode()


def records(idweb: str) -> bytes:
    record = {"idweb": idweb, "objet": "Nettoyage de locaux", "dateparution": "2026-08-19"}
    return json.dumps({"total_count": 2, "results": [record]}).encode()


def listing(number: int, following: str = "") -> bytes:
    link = f'<a class="next" href="{following}">suite</a>' if following else ""
    return f'<ul><li><a href="/a{number}.html">Titre {number}</a></li></ul>{link}'.encode()


FEEDS: dict[str, Reply] = {
    "good": Reply(feed(item(1), item(2)), etag='"1"'),
    "forbidden": Reply(feed(item(1))),
    "robots-down": Reply(feed(item(1))),
    "robots-away": Reply(feed(item(1))),
    "robots-loop": Reply(feed(item(1))),
    "down": Reply(b"busy", 503),
    "moved": Reply(status=302, headers=(("Location", "https://elsewhere.example.com/feed"),)),
    "loop": Reply(status=302, headers=(("Location", "/feed"),)),
    "renamed": Reply(status=301, headers=(("Location", "/new"),)),
    "bomb": Reply(gzip.compress(bytes(24_000_000)), headers=(("Content-Encoding", "gzip"),)),
    "cut": Reply(feed(item(1)), missing=50),
    "html": Reply(b"<!DOCTYPE html><html><body>Un instant...</body></html>"),
    "empty": Reply(b""),
    "challenge": Reply(b"", 202),
    "entity": Reply(feed(item(1, "Arr&inconnue;t&eacute;"), item(2))),
    "bad-date": Reply(feed(item(1, extra="<pubDate>32 brumaire</pubDate>"), item(2))),
    "long-title": Reply(feed(item(1, "x" * 100_000), item(2))),
    "long-link": Reply(feed(f"<item><title>T</title><link>/{'x' * 9_000}</link></item>", item(2))),
}

REPLIES: dict[str, Reply] = {
    **{f"{name}.example.org/feed": reply for name, reply in FEEDS.items()},
    "forbidden.example.org/robots.txt": Reply(b"User-agent: *\nDisallow: /feed\n"),
    "robots-down.example.org/robots.txt": Reply(b"<html>sorry</html>", 503),
    "robots-away.example.org/robots.txt": Reply(
        status=302, headers=(("Location", "https://elsewhere.example.com/robots.txt"),)
    ),
    "robots-loop.example.org/robots.txt": Reply(status=302, headers=(("Location", "/robots.txt"),)),
    "renamed.example.org/new": Reply(feed(item(1))),
    "jo.example.org/": Reply(index(*ARCHIVES)),
    f"jo.example.org/{ARCHIVES[0]}": Reply(pack(NIGHT)),
    f"jo.example.org/{ARCHIVES[1]}": Reply(pack(NIGHT)[:-30]),
    "list.example.org/": Reply(listing(1, "/p2?b=1&amp;a=2"), etag='"1"'),
    "list.example.org/p2?b=1&a=2": Reply(listing(2, "/p3")),
    "list.example.org/p3": Reply(listing(3)),
    "paged.example.org/": Reply(listing(1, "/p2"), etag='"1"'),
    "paged.example.org/p2": Reply(b"busy", 503),
    "api.example.org/records?order_by=x&limit=1&offset=0": Reply(records("26-81222")),
    "api.example.org/records?order_by=x&limit=1&offset=1": Reply(records("26-81510")),
}

OTHERS = """
  - {id: jo, kind: dila, url: 'https://jo.example.org/', options: {since: 2026-06-01}, <<: *all}
  - id: list
    kind: listing
    url: https://list.example.org/
    options: {item: li, title: a, next: a.next, max_pages: 2}
    <<: *all
  - id: paged
    kind: listing
    url: https://paged.example.org/
    options: {item: li, title: a, next: a.next, max_pages: 2}
    <<: *all
  - id: api
    kind: json_api
    url: https://api.example.org/records
    options: {dialect: boamp, order_by: x, limit: 1, max_records: 2}
    <<: *all
"""

COMMON = (
    "&all {name: n, publisher: p, rhythm: 1 h, licence: l, evidence: e}"  # merged into each entry
)


def write_sources(path: Path, names: Sequence[str] = tuple(FEEDS), others: str = OTHERS) -> None:
    first, *names = names
    lines = [f"  - id: {first}\n    kind: feed\n    url: https://{first}.example.org/feed"]
    lines.append(f"    <<: {COMMON}")
    lines += [
        f"  - {{id: {name}, kind: feed, url: 'https://{name}.example.org/feed', <<: *all}}"
        for name in names
    ]
    path.write_text("sources:\n" + "\n".join(lines) + others, encoding="utf-8")


@dataclass(frozen=True)
class Installation:
    settings: Settings
    recordings: Recordings

    def start(self, now: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "spiders", "--now", now, *arguments],
            env={**self.settings.environment(), "PATH": "/usr/bin:/bin"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def collect(self, now: str, *arguments: str) -> dict[str, dict[str, Any]]:
        done = self.start(now, *arguments)
        assert done.returncode == 0, done.stderr
        *lines, end = map(json.loads, done.stdout.splitlines())
        assert end == {"end": len(lines)}
        return {source["id"]: source for source in lines}

    def store(self) -> Store:
        return Store(self.settings.database_url)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    write_sources(tmp_path / "sources.yaml")
    with serve_recordings() as recordings:
        recordings.replies.update(REPLIES)
        settings = Settings(
            data=tmp_path / "data",
            sources=tmp_path / "sources.yaml",
            recordings=recordings.address,
        )
        yield Installation(settings, recordings)


EXPECTED = {
    # source: (new mentions, kind, words of the reason)
    "good": (2, "", ""),
    "forbidden": (0, "robots", "forbidden by robots.txt"),
    "robots-down": (0, "robots", "robots.txt could not be read: HTTP 503"),
    "robots-away": (
        0,
        "robots",
        "robots.txt could not be read: redirected off site, to https://elsewhere.example.com",
    ),
    "robots-loop": (0, "robots", "robots.txt could not be read: redirected without end"),
    "down": (0, "http", "HTTP 503"),
    "moved": (0, "off-site", "redirected off site, to https://elsewhere.example.com"),
    "loop": (0, "redirects", "redirected without end"),
    "renamed": (1, "", ""),
    "bomb": (0, "too-large", "answer larger than the limit once unpacked"),
    "cut": (0, "cut", "answer cut before its end"),
    "html": (0, "parse", "an HTML page instead of a feed"),
    "empty": (0, "empty", "empty answer"),
    "challenge": (0, "refused", "HTTP 202"),
    "entity": (2, "partial", "undeclared entity &inconnue;"),
    "bad-date": (2, "partial", "item 1: date that cannot be read: '32 brumaire'"),
    "long-title": (2, "partial", "item 1: title of 100000 characters"),
    "long-link": (1, "partial", "item 1: link of 9030 bytes, too long to be kept"),
    "jo": (5, "parse", "archive cut or damaged"),
    "list": (2, "", ""),
    "paged": (1, "http", "HTTP 503"),
    "api": (2, "", ""),
}


def test_every_trouble_is_told_and_the_rest_is_kept(installation: Installation) -> None:
    report = installation.collect("2026-06-14T04:00:00+00:00")
    told = {name: (source["mentions"], *_first_failure(source)) for name, source in report.items()}
    assert {name: row[:2] for name, row in told.items()} == {
        name: row[:2] for name, row in EXPECTED.items()
    }
    for name, (_, _, reason) in told.items():
        assert reason.startswith(EXPECTED[name][2])
    seen = installation.recordings.seen
    assert not any("elsewhere" in asked for asked in seen)
    assert not [
        name
        for name in EXPECTED
        if told[name][1] == "robots" and f"{name}.example.org/feed" in seen
    ]
    _check_store(installation.store())
    _check_second_run(installation)


def _first_failure(source: dict[str, Any]) -> tuple[str, str]:
    failures = source["failures"]
    return (failures[0]["kind"], failures[0]["reason"]) if failures else ("", "")


def _check_store(store: Store) -> None:
    with store.read() as session:
        states = list_source_states(session)
        good = {name for name, row in states.items() if row.last_good_read}
        failing = {row.source_id for row in list_open_failures(session)}
        titles = [len(title) for title in session.scalars(select(MentionRow.title))]
    store.close()
    partly = {name for name, (_, kind, _) in EXPECTED.items() if kind == "partial"}
    assert good == {"good", "renamed", "list", "api"} | partly
    assert failing == EXPECTED.keys() - good | partly
    assert max(titles) == 1_000


def _check_second_run(installation: Installation) -> None:
    """Nothing moved but the archive, now whole, and the source that is back."""
    recordings = installation.recordings
    recordings.seen.clear()
    recordings.replies[f"jo.example.org/{ARCHIVES[1]}"] = Reply(pack(NIGHT))
    recordings.replies["down.example.org/feed"] = Reply(feed(item(1)))
    recordings.replies["paged.example.org/p2"] = Reply(listing(2))
    names = ("good", "jo", "down", "bad-date", "list", "paged")
    report = installation.collect("2026-06-14T06:00:00+00:00", *names)
    for name in ("good", "list"):
        assert (report[name]["not_modified"], report[name]["mentions"]) == (1, 0)
    assert (report["paged"]["not_modified"], report["paged"]["mentions"]) == (0, 1)
    assert report["paged"]["failures"] == []
    assert report["jo"]["failures"] == []
    assert report["jo"]["mentions"] == 0
    assert f"jo.example.org/{ARCHIVES[0]}" not in recordings.seen
    assert f"jo.example.org/{ARCHIVES[1]}" in recordings.seen
    assert report["down"]["mentions"] == 1
    assert report["bad-date"]["failures"], "a part that is still not understood stays told"
    store = installation.store()
    with store.read() as session:
        failing = {row.source_id for row in list_open_failures(session)}
    store.close()
    assert "bad-date" in failing
    assert failing.isdisjoint({"good", "jo", "down", "paged"})


HANGING = {
    "good": Reply(feed(item(1), item(2))),
    "silent": Reply(feed(item(1)), pause=60),
    "endless": Reply(feed(item(1))[:-20], is_endless=True),
    "silent-robots": Reply(feed(item(1))),
}
SLOW = """
  - id: slow
    kind: listing
    url: https://slow.example.org/p0
    options: {item: li, title: a, next: a.next, max_pages: 20}
    <<: *all
"""


def test_a_source_that_hangs_says_so_and_costs_the_others_nothing(
    installation: Installation,
) -> None:
    write_sources(installation.settings.sources, tuple(HANGING), SLOW)
    replies = installation.recordings.replies
    replies |= {f"{name}.example.org/feed": reply for name, reply in HANGING.items()}
    replies["silent-robots.example.org/robots.txt"] = Reply(pause=60)
    for number in range(20):
        page = Reply(listing(number, f"/p{number + 1}"), pause=0.4)
        replies[f"slow.example.org/p{number}"] = page
    report = installation.collect(
        "2026-06-14T04:00:00+00:00", "--answer-within", "1.5", "--source-within", "3"
    )
    assert {name: _first_failure(source) for name, source in report.items()} == {
        "good": ("", ""),
        "silent": ("timeout", "no answer in time"),
        "endless": ("timeout", "no answer in time"),
        "silent-robots": ("timeout", "robots.txt could not be read: no answer in time"),
        "slow": ("timeout", "not finished after 3 s"),
    }
    assert report["good"]["mentions"] == 2
    assert report["slow"]["mentions"] > 0


@pytest.fixture
def in_this_process(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """For calls that end before anything is asked: the program without a child process."""
    for name, value in installation.settings.environment().items():
        monkeypatch.setenv(name, value)
    return installation


def test_nothing_is_asked_before_its_time(
    in_this_process: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = in_this_process.settings
    write_sources(settings.sources, ["good"], others="")
    settings.data.mkdir()
    store = in_this_process.store()
    migrate(store)
    now = parse_moment("2026-06-14T04:00:00+00:00")
    settle(store, Settled(reads=[Outcome("good", is_good=True)]), now)
    store.close()
    assert main(["--now", "2026-06-14T04:30:00+00:00"]) == 0
    assert json.loads(capsys.readouterr().out) == {"end": 0}
    assert in_this_process.recordings.seen == []


def test_a_wrong_call_or_file_is_refused(
    in_this_process: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--now", "2026-06-14T04:00:00+00:00", "nobody"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "unknown source: nobody" in said.err
    in_this_process.settings.sources.write_text("sources:\n  - {id: A}\n", encoding="utf-8")
    assert main(["--now", "2026-06-14T04:00:00+00:00"]) == 2
    assert "sources.yaml:2:" in capsys.readouterr().err


def test_trouble_in_the_store_stops_the_run(installation: Installation) -> None:
    installation.settings.data.mkdir()
    installation.settings.captures.write_text("a file where a folder is needed", encoding="utf-8")
    done = installation.start("2026-06-14T04:00:00+00:00", "good")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the store failed" in done.stderr


def test_trouble_that_nobody_foresaw_stops_the_run_too(installation: Installation) -> None:
    """A batch that cannot be written is never taken for one that was."""
    broken = (
        "import spiders.pipelines as p\n\n"
        "def write(*a): raise UnicodeError('surrogate')\n"
        "p.write = write\n"
    )
    run = "import sys, spiders.__main__ as m\nsys.exit(m.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", broken + run, "--now", "2026-06-14T04:00:00+00:00", "good"],
        env={**installation.settings.environment(), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "surrogate" in done.stderr
