"""`hub ingest` on files in the documented shapes, and on the real ones when at hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.config import Settings
from hub.demo.facts import load_articles
from hub.demo.legi import build_archives
from hub.ingest import ingest_paths
from hub.intake import resolve
from hub.store import Store
from hub.store.articles import list_pairs_by
from hub.store.captures import CaptureRow
from hub.store.items import list_items
from hub.store.sources import list_open_failures

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dila-jorfsimple"
SUMMARY = """<?xml version="1.0" encoding="UTF-8"?>
<JO><ID>JORFCONT000054706874</ID><TITRE>JORF n°0192 du 19 août 2026</TITRE>
<DATE_PUBLI>2026-08-19</DATE_PUBLI><STRUCTURE_TXT><TM niv="1"><TITRE_TM>Journal officiel</TITRE_TM>
<TM niv="2"><TITRE_TM>Décrets, arrêtés, circulaires</TITRE_TM>
<LIEN_TXT idtxt="JORFTEXT000054708473" titretxt="Arrêté du 29 juillet 2026 modifiant l'arrêté du
 2 juillet 2026"/><LIEN_TXT idtxt="JORFTEXT000054708438" titretxt="Un autre texte"/>
</TM></TM></STRUCTURE_TXT></JO>"""
TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<TEXTE><ID>JORFTEXT000054708473</ID><NATURE>ARRETE</NATURE><DATE_PUBLI>2026-08-19</DATE_PUBLI>
<DATE_TEXTE>2026-07-29</DATE_TEXTE><TITREFULL>Arrêté du 29 juillet 2026 modifiant l'arrêté du
 2 juillet 2026</TITREFULL><STRUCT><ARTICLE><NUM>1</NUM><BLOC_TEXTUEL><CONTENU><p>Un.</p></CONTENU>
</BLOC_TEXTUEL></ARTICLE></STRUCT></TEXTE>"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


def test_texts_know_where_the_summary_filed_them(
    store: Store, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "jo"
    folder.mkdir()
    (folder / "JORFTEXT000054708473.xml").write_text(TEXT, "utf-8")
    (folder / "JORFCONT000054706874.xml").write_text(SUMMARY, "utf-8")
    report = ingest_paths(store, settings, [folder], now, lambda: resolve(store, now))
    counts = report.to_json()
    assert (counts["files"], counts["texts"], counts["new_items"]) == (2, 1, 2)
    assert counts["failures"] == []
    with store.read() as session:
        items = {item.title: item for item in list_items(session)}
    text = items["Arrêté du 29 juillet 2026 modifiant l'arrêté du 2 juillet 2026"]
    assert text.current.rubrique == "Décrets, arrêtés, circulaires"
    assert "Un." in text.current.text
    assert items["Un autre texte"].current.text == ""


def test_again_changes_nothing_and_bad_files_are_named(
    store: Store, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    good = tmp_path / "JORFTEXT000054708473.xml"
    good.write_text(TEXT, "utf-8")
    bad = tmp_path / "JORFTEXT000054708438.xml"
    bad.write_text('<!DOCTYPE a [<!ENTITY b "c">]><TEXTE>&b;', "utf-8")
    cut = tmp_path / "JORFSIMPLE_20260819-003035.tar.gz"
    cut.write_bytes(b"\x1f\x8b\x08 cut")
    stranger = tmp_path / "notes.txt"
    stranger.write_text("bonjour")
    for expected in (1, 0):
        counts = ingest_paths(
            store, settings, [good, bad, cut, stranger], now, lambda: resolve(store, now)
        ).to_json()
        assert counts["new_items"] == expected
        assert [failure["file"] for failure in counts["failures"]] == [
            bad.name,
            cut.name,
            stranger.name,
        ]
        assert all(failure["reason"] for failure in counts["failures"])
    with store.read() as session:
        assert list_open_failures(session) == [], "a wrong file says nothing of the source"
        assert {row.url for row in session.scalars(select(CaptureRow))} == {f"file:{good.name}"}


@pytest.mark.skipif(not CORPUS.exists(), reason="the real files are not at hand")
def test_every_real_text_and_summary_is_read(
    store: Store, settings: Settings, now: datetime
) -> None:
    counts = ingest_paths(store, settings, [CORPUS], now, lambda: resolve(store, now)).to_json()
    assert counts["failures"] == []
    assert (counts["texts"], counts["containers"]) == (3, 1)
    assert counts["items"] > 80


# --- Articles ----------------------------------------------------------------------------------


def test_articles_come_from_archives_of_legi_and_from_loose_files(
    store: Store, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "legi"
    folder.mkdir()
    changes = load_articles()
    for name, body in build_archives(changes).items():
        (folder / name).write_bytes(body)
    (folder / "empty.json").write_text('{"liste": []}')
    expected = {change.code for change in changes}
    for _ in range(2):
        report = ingest_paths(store, settings, [folder], now, codes=expected).to_json()
        assert (report["articles"], report["mentions"]) == (2 * len(changes) - 2, 0)
    with store.read() as session:
        (pair,) = list_pairs_by(session, ["decret-2025-1343"])
        assert pair.is_whole
    assert ingest_paths(store, settings, [folder], now, codes=()).articles == 0


def test_what_is_no_file_of_law_is_told_with_its_reason(
    store: Store, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "law"
    folder.mkdir()
    bodies = {
        "a.json": "{",
        "LEGI_20260101-210000.tar.gz": "no archive",
        "b.html": "<p>Bonjour</p>",
    }
    for name, body in bodies.items():
        (folder / name).write_text(body)
    report = ingest_paths(store, settings, [folder], now, codes=("LEGITEXT000006074220",))
    assert {file for file, reason in report.failures if reason} <= set(bodies)
    assert {"a.json", "LEGI_20260101-210000.tar.gz"} <= {file for file, _ in report.failures}
    assert {file for file, _ in report.notes} <= {"b.html"}


@pytest.mark.skipif(not CORPUS.exists(), reason="the real files are not at hand")
@pytest.mark.parametrize("name", ["dila-jorf", "dila-csv", "piste", "legifrance-html"])
def test_every_real_file_of_law_goes_through(
    store: Store, settings: Settings, now: datetime, name: str
) -> None:
    report = ingest_paths(store, settings, [CORPUS.parent / name], now)
    assert report.failures == []
    assert report.articles > 0
