"""What the benchmarks stand on: the feeds, the archives, the server that counts, the verdicts."""

from __future__ import annotations

import sys
import tarfile
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from benchmarks import __main__ as program
from benchmarks.archives import write_archives
from benchmarks.feeds import make_feeds
from benchmarks.feeds_server import Counts, serving_feeds
from benchmarks.measure import CommandFailedError, Measure, Part, run

PYTHON = [sys.executable, "-c"]


@pytest.mark.parametrize(
    ("measure", "is_over"),
    [
        (Measure("time", 3, "s", limit=1, peer=3), False),
        (Measure("time", 3.1, "s", limit=1, peer=3), True),
        (Measure("time", 12, "s", limit=4, peer=3), False),
        (Measure("time", 12.1, "s", limit=4, peer=3), True),
        (Measure("memory", 151, "MB", limit=150), True),
        (Measure("memory", 150, "MB", limit=150), False),
        (Measure("answers", 199, "", limit=200, is_least=True), True),
        (Measure("answers", 200, "", limit=200, is_least=True), False),
    ],
)
def test_over_is_past_the_limit_only(measure: Measure, is_over: bool) -> None:
    assert measure.is_over is is_over
    assert measure.cells()[-1] == ("over" if is_over else "ok")


def test_feeds_are_the_same_for_a_seed_and_readable() -> None:
    feeds = make_feeds(7, feeds=10, items=4)
    assert feeds == make_feeds(7, feeds=10, items=4)
    assert feeds != make_feeds(8, feeds=10, items=4)
    parsed = [feedparser.parse(feed.body) for feed in feeds]
    assert [len(one.entries) for one in parsed] == [4] * 10
    assert not any(one.bozo for one in parsed)
    assert {one.version for one in parsed} == {"rss20", "atom10"}


def test_archives_hold_the_texts_asked_for(tmp_path: Path) -> None:
    paths = write_archives(tmp_path, 100, seed=7)
    files = [_read_archive(path) for path in paths]
    assert [len(inside) for inside in files] == [1 + 80, 1 + 20]
    for summary, *texts in files:
        announced = summary.xpath("//LIEN_TXT/@idtxt")
        assert summary.tag == "JO"
        assert sorted(announced) == [text.findtext("ID") for text in texts]
        assert all(
            text.findtext("TITREFULL") and text.findtext("STRUCT/ARTICLE/NUM") for text in texts
        )


def _read_archive(path: Path) -> list[etree._Element]:
    with tarfile.open(path) as archive:
        files = [archive.extractfile(member) for member in archive]
        return [etree.fromstring(file.read()) for file in files if file]


def test_server_counts_what_has_not_changed() -> None:
    with serving_feeds(seed=7, feeds=2, items=1) as server:
        connection = HTTPConnection(urlsplit(server.address).netloc, timeout=10)
        asked: list[tuple[str, dict[str, str], int]] = [
            ("/robots.txt", {}, 404),
            ("/feeds/001.xml", {}, 200),
            ("/feeds/001.xml", {"If-None-Match": '"other"'}, 200),
        ]
        for path, headers, status in asked:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status
        validators = {
            "If-None-Match": answer.headers["ETag"],
            "If-Modified-Since": answer.headers["Last-Modified"],
        }
        for name, value in validators.items():
            connection.request("GET", "/feeds/001.xml", headers={name: value})
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (304, b"")
        connection.close()
        counts = server.counts()
        assert (counts.requests, counts.not_modified, counts.others) == (4, 2, 1)
        assert 0 < counts.first_at < counts.last_at
        server.reset()
        assert server.counts() == Counts()


def test_run_sees_the_memory_of_children(tmp_path: Path) -> None:
    child = "import time; held = bytearray(60_000_000); time.sleep(0.3)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    done = run([*PYTHON, parent], tmp_path)
    assert 60 < done.peak_one < 120
    assert done.peak_one < done.peak_all < 150
    assert 0.3 < done.seconds < 20


def test_a_failed_command_has_no_figures(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="no luck"):
        run([*PYTHON, "raise SystemExit('no luck')"], tmp_path)


def _fail() -> Part:
    raise CommandFailedError("it stopped")


GOOD = Part("good", (Measure("time", 1, "s", limit=1),))
OVER = Part("over", (Measure("time", 2, "s", limit=1),))
SKIPPED = Part("skipped", skipped="no peers")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([lambda: GOOD], 0),
        ([lambda: GOOD, lambda: OVER, lambda: SKIPPED], 1),
        ([lambda: OVER, _fail], 2),
        ([lambda: GOOD, lambda: SKIPPED], 3),
    ],
)
def test_exit_code_says_what_was_found(
    parts: list[Callable[[], Part]], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {f"part-{n}": lambda _, part=part: part() for n, part in enumerate(parts)}
    monkeypatch.setattr(program, "PARTS", named)
    assert program.main([]) == code


def test_a_part_that_does_not_exist_is_a_wrong_call() -> None:
    with pytest.raises(SystemExit, match="2"):
        program.main(["nothing"])
