"""Every enabled source has a recorded page, and every recorded page its expected result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.config import ROOT
from hub.model import Source
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from tests.spiders.pages import PAGES, cases_of, read_case

SOURCES = load_sources(ROOT / "sources.yaml", load_referentiel())
CASES = [
    pytest.param(source, path, id=f"{source.id}-{path.stem}")
    for source in SOURCES
    for path in cases_of(source.id)
]


@pytest.mark.parametrize("source", [s for s in SOURCES if s.enabled], ids=lambda s: s.id)
def test_an_enabled_source_has_a_recorded_page(source: Source) -> None:
    assert cases_of(source.id), f"record one answer of {source.url} under tests/pages/{source.id}/"


def test_no_page_belongs_to_an_unknown_source() -> None:
    known = {source.id for source in SOURCES}
    assert {path.name for path in PAGES.iterdir() if path.is_dir()} <= known


@pytest.mark.parametrize(("source", "path"), CASES)
def test_a_recorded_page_reads_as_expected(source: Source, path: Path) -> None:
    found = read_case(source, path)
    expected = path.with_name(f"{path.stem}.expected.json")
    if not expected.exists():
        text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        expected.write_text(text, encoding="utf-8")
        pytest.fail(f"{expected.name} was written: read it, then run again")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
