from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.config import ROOT
from hub.errors import ConfigError
from hub.model import Confidence, Criticality, Pace, Source, SourceKind
from hub.referentiel import load_referentiel
from hub.sources import is_private_host, load_sources, parse_duration


@dataclass(frozen=True)
class Terms:
    dispositifs: frozenset[str] = frozenset({"AGEC", "PPE"})
    secteurs: frozenset[str] = frozenset({"BAT"})


GOOD = """\
sources:
  - id: jo-1
    name: Journal officiel
    publisher: DILA
    kind: dila
    url: https://echanges.dila.gouv.fr/OPENDATA/JORFSIMPLE/
    rhythm: 6 h
    licence: Licence Ouverte
    evidence: seen
    criticality: critical
    dispositifs: [AGEC]
    options: {since: 2026-09-01}
"""


def load(tmp_path: Path, text: str) -> tuple[Source, ...]:
    path = tmp_path / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return load_sources(path, Terms())


def mistakes(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return [(problem.line, problem.path) for problem in caught.value.problems]


def test_an_entry_becomes_a_source(tmp_path: Path) -> None:
    (source,) = load(tmp_path, GOOD)
    assert source.kind is SourceKind.DILA
    assert source.criticality is Criticality.CRITICAL
    assert source.rhythm == timedelta(hours=6)
    assert source.pace == Pace(timedelta(seconds=1.6), timedelta(seconds=2.4))
    assert source.dispositifs == ("AGEC",)
    assert source.options["since"] == date(2026, 9, 1)
    assert source.enabled
    assert not source.auto


def test_every_mistake_is_told_in_one_go(tmp_path: Path) -> None:
    text = """\
sources:
  - id: Not An Id
    name: x
    publisher: y
    kind: feed
    url: http://localhost/feed
    rhythm: every now and then
    licence: z
    evidence: w
    colour: blue
    dispositifs: [AGEC, NOPE]
    secteurs: [ZZZ]
  - id: twice
    name: x
    publisher: y
    kind: listing
    url: ftp://example.org/
    rhythm: 1 min
    licence: z
    evidence: w
    enabled: false
    options:
      item: "div["
      date_pattern: "no group"
      wrong: 1
  - id: twice
    kind: robot
"""
    assert mistakes(tmp_path, text) == [
        (2, "sources.0.id"),
        (6, "sources.0.url"),
        (7, "sources.0.rhythm"),
        (10, "sources.0.colour"),
        (11, "sources.0.dispositifs.1"),
        (12, "sources.0.secteurs.0"),
        (17, "sources.1.url"),
        (18, "sources.1.rhythm"),
        (21, "sources.1.enabled"),
        (22, "sources.1.options.title"),
        (23, "sources.1.options.item"),
        (24, "sources.1.options.date_pattern"),
        (25, "sources.1.options.wrong"),
        (26, "sources.2.id"),
        (27, "sources.2.kind"),
    ]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("options: {since: 2026-09-01}", "options: {}"),
        ("options: {since: 2026-09-01}", "options: {since: 2026-09-01, item: a}"),
        ("name: Journal officiel", "name: ''"),
        ("rhythm: 6 h", "rhythm: 6"),
        ("https://echanges.dila.gouv.fr/", "https://me:secret@echanges.dila.gouv.fr/"),
        ("https://echanges.dila.gouv.fr/", "https://echanges.dila.gouv.fr:99999/"),
        ("https://echanges.dila.gouv.fr/", "https://[/"),
    ],
)
def test_a_wrong_value_is_refused(tmp_path: Path, line: str, instead: str) -> None:
    assert mistakes(tmp_path, GOOD.replace(line, instead))


def test_an_unknown_kind_is_told_where_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources\.0\.kind: expected one of feed, .*'dyla'"):
        load(tmp_path, GOOD.replace("kind: dila", "kind: dyla"))
    assert mistakes(tmp_path, GOOD.replace("    kind: dila\n", "")) == [(2, "sources.0.kind")]


def test_a_file_without_any_source_is_a_mistake(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "sources: []\n") == [(1, "sources")]


def test_a_file_that_is_no_yaml_or_no_list_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "sources: [") != []
    assert mistakes(tmp_path, "sources: 3\n") == [(1, "sources")]
    with pytest.raises(ConfigError):
        load_sources(tmp_path / "absent.yaml", Terms())


@pytest.mark.parametrize(
    ("text", "seconds"), [("15 min", 900), ("6h", 21600), ("1 d", 86400), (" 2 s ", 2)]
)
def test_a_duration_has_one_grammar(text: str, seconds: int) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "0 h", "1.5 h", "15 minutes", "h", "-1 h", 15, None])
def test_other_durations_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected a number and a unit"):
        parse_duration(text)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "10.0.0.8",
        "::1",
        "169.254.169.254",
        "intranet",
        "a.local",
    ],
)
def test_private_hosts_are_told(host: str) -> None:
    assert is_private_host(host)
    assert not is_private_host("www.legifrance.gouv.fr")


def test_the_file_of_the_project_is_right() -> None:
    sources = load_sources(ROOT / "sources.yaml", load_referentiel())
    assert {source.id for source in sources} >= {
        "jorfsimple",
        "consultations-publiques",
        "boamp-13",
    }
    assert not any(source.auto for source in sources)
    for source in sources:
        assert source.enabled or source.reason
    assert len(sources) >= 45
    assert sum(source.enabled for source in sources) >= 25
    likely = [s.id for s in sources if s.enabled and s.confidence is Confidence.LIKELY]
    assert likely
    for source in sources:
        assert source.evidence.startswith(
            ("verified", "likely", "unverified", "the pages that editors")
        ), f"{source.id}: how sure is its address?"


LOOPBACK = GOOD.replace("https://echanges.dila.gouv.fr", "http://127.0.0.1:8080")


def load_loopback(tmp_path: Path, text: str) -> Source:
    path = tmp_path / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return load_sources(path, Terms(), allow_loopback=True)[0]


def test_this_machine_is_read_only_by_an_explicit_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="HUB_ALLOW_LOOPBACK=1 allows it"):
        load(tmp_path, LOOPBACK)
    assert load_loopback(tmp_path, LOOPBACK).pace == Pace(timedelta(), timedelta())
    inside = GOOD.replace("https://echanges.dila.gouv.fr", "http://10.0.0.1")
    with pytest.raises(ConfigError, match=r"this one is private$"):
        load_loopback(tmp_path, inside)


@pytest.mark.parametrize(
    ("pace", "shortest", "longest"), [("15-22 s", 15, 22), ("10 s", 8, 12), ("1 min", 48, 72)]
)
def test_a_pace_is_a_range(tmp_path: Path, pace: str, shortest: float, longest: float) -> None:
    (source,) = load(tmp_path, GOOD + f"    pace: {pace}\n")
    assert source.pace == Pace(timedelta(seconds=shortest), timedelta(seconds=longest))


@pytest.mark.parametrize(
    "line",
    [
        "pace: 22-15 s",
        "pace: 0 s",
        "pace: 5 min",
        "hours: 22",
        "hours: 25-3",
        "confidence: unverified",
        "confidence: sure",
        "budget: 0",
        "publishes: often",
        "credentials: lower",
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, line: str) -> None:
    assert mistakes(tmp_path, GOOD + f"    {line}\n")


def test_a_source_that_needs_a_secret_says_which(tmp_path: Path) -> None:
    text = """\
sources:
  - {id: a, name: n, publisher: p, kind: legifrance, url: 'https://api.piste.gouv.fr/x',
     rhythm: 6 h, licence: l, evidence: e}
"""
    assert mistakes(tmp_path, text) == [(2, "sources.0.credentials")]
