"""Every enabled source has recorded pages, and every recorded page its expected result."""

from __future__ import annotations

import json

import pytest

from hub.config import ROOT
from hub.model import Source, SourceKind
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from tests.spiders.pages import CASES, PAGES, Case, cases_of, read_case

SOURCES = load_sources(ROOT / "sources.yaml", load_referentiel())
RECORDED = [
    pytest.param(source, case, id=f"{source.id}-{case.path.name}")
    for source in SOURCES
    for case in cases_of(source.id)
]


@pytest.mark.parametrize("source", [s for s in SOURCES if s.enabled], ids=lambda s: s.id)
def test_an_enabled_source_has_its_recorded_pages(source: Source) -> None:
    missing = set(CASES) - {case.name for case in cases_of(source.id)}
    assert not missing, f"record {missing} of {source.url} under tests/pages/{source.id}/"


def test_no_page_belongs_to_an_unknown_source() -> None:
    known = {source.id for source in SOURCES}
    assert {path.name for path in PAGES.iterdir() if path.is_dir()} <= known


@pytest.mark.parametrize(("source", "case"), RECORDED)
def test_a_recorded_page_reads_as_expected(source: Source, case: Case) -> None:
    found = read_case(source, case)
    if not case.expected.exists():
        text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        case.expected.write_text(text, encoding="utf-8")
        pytest.fail(f"{case.expected.name} was written: read it, then run again")
    assert found == json.loads(case.expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("source", "case"), RECORDED)
def test_only_a_normal_day_gives_mentions(source: Source, case: Case) -> None:
    found = read_case(source, case)
    if case.name == "refusal":
        assert found["error"]["kind"] == "refused", found
    elif case.name == "layout":
        is_told = "error" in found or found.get("troubles") or source.kind is SourceKind.PAGE
        assert is_told, f"a redesign of {source.id} would pass in silence: {found}"
    elif case.name == "normal":
        assert found.get("mentions") or found.get("follow"), found
    elif case.name == "empty":
        assert not found.get("mentions"), found
