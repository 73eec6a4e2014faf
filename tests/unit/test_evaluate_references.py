"""The measure of the references found: what it counts, and that it is reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.evaluate.cases import read_cases
from hub.evaluate.references import (
    ReferencesCase,
    evaluate_references,
    read_references,
)

GOLD = Path(__file__).resolve().parents[3] / "shared" / "gold" / "references_dev.jsonl"


def test_what_is_missing_and_what_is_wrong_are_counted() -> None:
    measure = evaluate_references(
        [
            ReferencesCase("right", "la loi n° 2020-105", frozenset({"LOI:2020-105"})),
            ReferencesCase("missed", "rien", frozenset({"DEC:2021-821"})),
            ReferencesCase("wrong", "l'arrêté du 3 mars 2020", frozenset()),
        ]
    )
    assert (measure.n, measure.precision, measure.recall, measure.f1) == (3, 0.5, 0.5, 0.5)
    assert measure.to_json()["errors"] == [
        {"id": "missed", "missing": ["DEC:2021-821"], "wrong": []},
        {"id": "wrong", "missing": [], "wrong": ["ARR@2020-03-03"]},
    ]


def test_nothing_to_find_and_nothing_found_is_right() -> None:
    measure = evaluate_references([ReferencesCase("empty", "rien", frozenset())])
    assert (measure.precision, measure.recall, measure.f1, measure.errors) == (1, 1, 1, ())


@pytest.mark.parametrize(
    "line", [{"id": "a", "text": "b"}, {"id": "a", "text": "b", "refs": ["LOI"]}, {"refs": []}]
)
def test_a_line_that_is_no_case_is_refused(line: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_references(line)


def test_the_command_says_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    refs = [{"norm": "LOI:2020-105", "kind": "loi"}]
    file.write_text(json.dumps({"id": "a", "text": "la loi n° 2020-105", "refs": refs}))
    result = CliRunner().invoke(cli, ["evaluate", "references", str(file), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "n": 1,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "errors": [],
    }


@pytest.mark.skipif(not GOLD.exists(), reason="the judged cases are not here")
def test_the_target_is_reached() -> None:
    cases = read_cases(GOLD.read_text(encoding="utf-8"), GOLD, read_references)
    assert evaluate_references(cases).f1 >= 0.97
