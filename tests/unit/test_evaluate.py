"""The measure of change detection: what it counts, and what it says of a wrong file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.errors import ConfigError
from hub.evaluate.cases import read_cases
from hub.evaluate.changes import ChangeCase, evaluate_changes, read_change

GOLD = Path(__file__).resolve().parents[3] / "shared" / "gold" / "changes_dev.jsonl"
PLACE = Path("cases.jsonl")


def make_case(
    id_: str = "v1",
    *,
    old: str = "Six mois.",
    new: str = "Six mois.",
    changed: bool = False,
    before: str = "",
    after: str = "",
) -> ChangeCase:
    return ChangeCase(id_, old, new, changed, before, after)


def test_right_answers_have_no_error() -> None:
    measure = evaluate_changes(
        [
            make_case(new="SIX MOIS\nMis à jour le 3 mars 2026"),
            make_case(new="Neuf mois.", changed=True, before="six", after="neuf mois"),
            make_case(new="", changed=True, before="Six mois"),
        ]
    )
    assert (measure.n, measure.accuracy, measure.recall, measure.shown) == (3, 1, 1, 1)
    assert measure.errors == ()


def test_each_kind_of_error_is_counted_and_named() -> None:
    measure = evaluate_changes(
        [
            make_case("missed", changed=True),
            make_case("alert", new="Neuf mois."),
            make_case("unshown", new="Neuf mois.", changed=True, after="douze mois"),
            make_case("right"),
        ]
    )
    assert (measure.missed, measure.false_alerts) == (1, 1)
    assert (measure.accuracy, measure.recall, measure.shown) == (0.5, 0.5, 0)
    assert [error["id"] for error in measure.to_json()["errors"]] == ["missed", "alert", "unshown"]


def test_part_of_a_word_is_not_shown() -> None:
    case = make_case(old="Un an", new="Un anneau", changed=True, after="an")
    assert evaluate_changes([case]).shown == 0


LINE = '{"id": "v1", "old": "a", "new": "b", "changed": true, "what": null, "between": null}'


def test_lines_are_read_whatever_else_they_hold() -> None:
    (case,) = read_cases(f"\n{LINE}\n\n", PLACE, read_change)
    assert case == ChangeCase("v1", "a", "b", True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nope", "Expecting value"),
        ("[1]", "expected an object"),
        ("[" * 100_000, ""),
        ('{"id": "v1", "old": "a", "new": "b"}', "changed"),
        ('{"id": "v1", "old": "a", "new": "b", "changed": 1}', "changed"),
        ('{"id": "v1", "old": null, "new": "b", "changed": true}', "old"),
        ('{"id": 3, "old": "a", "new": "b", "changed": true}', "id"),
        ('{"id": "v1", "old": "a", "new": "b", "changed": true, "what": "x"}', "what"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(line: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=r"cases\.jsonl:2: not a case") as caught:
        read_cases(f"{LINE}\n{line}\n{LINE}", PLACE, read_change)
    assert [problem.line for problem in caught.value.problems] == [2]
    assert reason in str(caught.value)


def test_an_empty_file_measures_nothing() -> None:
    with pytest.raises(ConfigError, match="no case"):
        read_cases("\n", PLACE, read_change)


def run(path: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["evaluate", "changes", str(path), *options])


def test_the_command_prints_one_object_or_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(LINE, encoding="utf-8")
    printed = json.loads(run(file, "--json").stdout)
    assert printed == {
        "n": 1,
        "accuracy": 1.0,
        "recall": 1.0,
        "false_alerts": 0,
        "missed": 0,
        "shown": 1.0,
        "errors": [],
    }
    assert run(file).stdout.startswith("1 cases: recall 100.0%")


@pytest.mark.parametrize("content", [b"nope", b"\xff\xfe\x00", b""])
def test_a_wrong_file_ends_with_2(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_bytes(content)
    done = run(file, "--json")
    assert done.exit_code == 2
    assert "cases.jsonl:1:" in done.stderr


@pytest.mark.skipif(not GOLD.exists(), reason="the judged cases are not here")
def test_no_judged_change_is_missed_and_nothing_else_alerts() -> None:
    measure = evaluate_changes(read_cases(GOLD.read_text(encoding="utf-8"), GOLD, read_change))
    assert (measure.recall, measure.false_alerts) == (1, 0)
    assert measure.shown >= 0.95
