"""The demonstration, through the real program: everything once, then nothing new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.captures import CaptureFiles
from hub.demo.facts import load_articles
from hub.demo.legi import MARK, UNREAL, build_archives, versions_of
from hub.store import Store
from hub.store.mentions import MentionRow
from tests.flow.program import Program

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, Any]:
    program = Program(tmp_path_factory.mktemp("demo"))
    return program, program.json("demo", "--no-serve")


def test_the_journey_reaches_its_end(played: tuple[Program, Any]) -> None:
    program, report = played
    assert report["failures"] == []
    assert len(report["collect"]["sources"]) >= 8
    assert report["collect"]["mentions"] >= 120
    assert report["new_items"] > 100
    assert report["published"] > 50
    assert report["messages"] >= 2
    assert Path(report["site"]) == program.site
    assert Path(report["outbox"]) == program.outbox
    assert len(list((program.outbox / "new").iterdir())) == report["messages"]


def test_most_of_it_is_noise_and_was_set_aside(played: tuple[Program, Any]) -> None:
    program, report = played
    items = program.json("status")["items"]
    assert sum(items.values()) == report["new_items"]
    assert items["ecarte"] > report["new_items"] / 2
    assert items["approuve"] >= 10
    assert items["a_relire"] >= 1
    assert items["rejete"] >= 1
    assert items["nouveau"] == 0


def test_every_page_says_that_it_is_a_demonstration(played: tuple[Program, Any]) -> None:
    program, _ = played
    pages = list(program.site.rglob("*.html"))
    assert len(pages) > 50
    assert [page for page in pages if "Démonstration" not in page.read_text("utf-8")] == []


def test_a_search_finds_what_was_published(played: tuple[Program, Any]) -> None:
    program, _ = played
    found = program.json("search", "prime de transition énergétique")
    assert found["total"] >= 1
    hit = found["hits"][0]
    assert {"id", "title", "url", "date", "score", "extract"} <= set(hit)
    assert "MAPRIMERENOV" in hit["dispositifs"]


@pytest.fixture(scope="module")
def articles(played: tuple[Program, Any]) -> dict[str, MentionRow]:
    """By version: what was stored of the codes."""
    program, _ = played
    store = Store(f"sqlite:///{program.data / 'hub.db'}")
    with store.read() as session:
        rows = session.scalars(select(MentionRow).where(MentionRow.source_id == "legi")).all()
    store.close()
    return {row.extra["version"]: row for row in rows}


def test_articles_that_changed_are_stored_in_words_marked_as_ours(
    articles: dict[str, MentionRow],
) -> None:
    current = {versions_of(change)[-1].id: change for change in load_articles()}
    assert articles.keys() == current.keys()
    for version, change in current.items():
        row = articles[version]
        assert row.text.split("\n\n") == [MARK, *change.after.alineas]
        assert row.extra["date_debut"] == change.after.since.isoformat()
        listed = [one["id"] for one in row.extra["versions"]]
        assert listed == [one.id for one in versions_of(change)]


def test_what_was_said_before_is_in_the_captures(played: tuple[Program, Any]) -> None:
    program, _ = played
    captures = CaptureFiles(program.data / "captures")
    kept = {entry.url.rsplit("/", 1)[-1]: entry.sha256 for entry in captures.read_journal()}
    for name, body in build_archives(load_articles()).items():
        assert captures.read(kept[name]) == body


def test_no_reader_is_sent_to_a_number_that_names_nothing(played: tuple[Program, Any]) -> None:
    program, _ = played
    files = [path for path in program.site.rglob("*") if path.is_file()]
    files += (program.outbox / "new").iterdir()
    assert len(files) > 50
    assert [path for path in files if UNREAL.encode() in path.read_bytes()] == []


def test_the_contracts_of_the_reports(played: tuple[Program, Any]) -> None:
    program, report = played
    keys = {"collect", "new_items", "new_versions", "published", "messages", "failures"}
    assert keys | {"site", "outbox"} <= set(report)
    source = report["collect"]["sources"][0]
    assert {"id", "requests", "not_modified", "mentions", "failures"} <= set(source)
    assert {"items", "sources", "subscribers", "last_run", "versions"} <= set(
        program.json("status")
    )
    checked = program.json("sources", "check")
    assert checked["errors"] == []
    assert checked["enabled"] >= 8
    planned = program.json("digest", "--dry-run", "--at", "2026-09-14")
    assert isinstance(planned["messages"], list)
    classified = program.json("classify", "--all")
    assert classified["read"] == report["new_items"]


def test_a_second_run_finds_nothing_new(played: tuple[Program, Any]) -> None:
    program, report = played
    again = program.json("run")
    assert (again["new_items"], again["new_versions"], again["messages"]) == (0, 0, 0)
    assert again["published"] == 0
    assert again["failures"] == []
    assert again["collect"]["not_modified"] > 0
    once_more = program.json("demo", "--no-serve")
    assert (once_more["new_items"], once_more["new_versions"], once_more["messages"]) == (0, 0, 0)
    letters = list((program.outbox / "new").iterdir())
    assert len(letters) == report["messages"]
