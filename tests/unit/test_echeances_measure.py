"""The measure of échéances: what it counts, and what it says of a wrong file."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.errors import ConfigError
from hub.evaluate.cases import read_cases
from hub.evaluate.echeances import (
    EcheanceCase,
    Expected,
    evaluate_echeances,
    read_echeance,
    read_period,
)
from hub.legal.timing import Context
from hub.model import Precision

GOLD = Path(__file__).resolve().parents[3] / "shared" / "gold" / "echeances_dev.jsonl"
PLACE = Path("cases.jsonl")
MAY = Expected(date(2027, 5, 3), Precision.DAY, "entree_en_vigueur", "on")
TEXT = "Le présent arrêté entre en vigueur le 3 mai 2027."


def make_case(id_: str = "e1", text: str = TEXT, **changes: Any) -> EcheanceCase:
    return EcheanceCase(id_, text, Context(), **({"expected": (MAY,)} | changes))


def test_right_answers_have_no_error() -> None:
    measure = evaluate_echeances([make_case(), make_case("e2", "Rien ici.", expected=())])
    total = measure.total
    assert (total.n, total.precision, total.recall, total.f1) == (2, 1, 1, 1)
    assert (measure.role, measure.bound, measure.errors) == (1, 1, ())
    assert total.wrong_and_certain == 0


def test_each_kind_of_error_is_counted_and_named() -> None:
    measure = evaluate_echeances(
        [
            make_case("missed", "Rien ici."),
            make_case("certain", expected=()),
            make_case("doubtful", "La plateforme ouvrira fin 2027.", expected=()),
            make_case("precision", expected=(Expected(date(2027, 5, 1), Precision.MONTH),)),
        ]
    )
    total = measure.total
    assert (total.right, total.found, total.expected) == (0, 3, 2)
    assert (total.wrong_and_certain, total.f1) == (2, 0)
    assert total.to_json()["wrong_and_certain_rate"] == 0.5
    assert [id_ for id_, _ in measure.errors] == [
        "missed",
        "certain",
        "doubtful",
        "precision",
        "precision",
    ]


def test_tolerance_is_that_of_the_case() -> None:
    near = (Expected(date(2027, 5, 4), Precision.DAY),)
    assert evaluate_echeances([make_case(expected=near)]).total.f1 == 0
    tolerant = make_case(expected=near, tolerance=timedelta(days=1))
    assert evaluate_echeances([tolerant]).total.f1 == 1


def test_an_expected_date_is_met_once() -> None:
    text = "L'aide est versée jusqu'au 3 mai 2027, et au plus tard jusqu'au 3 mai 2027."
    total = evaluate_echeances([make_case(text=text)]).total
    assert (total.right, total.found) == (1, 1)


def test_categories_are_counted_apart() -> None:
    measure = evaluate_echeances([make_case(category="a"), make_case("e2", "Rien.", category="b")])
    by_category = measure.to_json()["by_category"]
    assert (by_category["a"]["f1"], by_category["b"]["f1"]) == (1, 0)


def test_periods() -> None:
    assert read_period("2027") == (date(2027, 1, 1), Precision.YEAR)
    assert read_period("2027-Q3") == (date(2027, 7, 1), Precision.QUARTER)
    assert read_period("2027-04") == (date(2027, 4, 1), Precision.MONTH)
    assert read_period("2027-04-05") == (date(2027, 4, 5), Precision.DAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"text": 3},
        {"context": "loi"},
        {"context": {"date_publication": "hier"}},
        {"gold": {"date": "2027"}},
        {"gold": ["2027"]},
        {"gold": [{"date": "2027-Q9"}]},
        {"distractors": ["jamais"]},
    ],
)
def test_wrong_lines_are_refused(wrong: dict[str, Any]) -> None:
    line = {"id": "e1", "text": "x"} | wrong if wrong else {}
    with pytest.raises(ConfigError, match="not a case"):
        read_cases(json.dumps(line), PLACE, read_echeance)


def test_command_prints_the_measure(tmp_path: Path) -> None:
    gold = [{"date": "2027-05-03", "precision": "jour", "role": "entree_en_vigueur", "bound": "on"}]
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps({"id": "e1", "text": TEXT, "context": None, "gold": gold}))
    result = CliRunner().invoke(cli, ["evaluate", "echeances", str(file), "--json"])
    assert result.exit_code == 0, result.output
    measure = json.loads(result.output)
    assert measure["n"] == measure["f1"] == 1
    assert {"precision", "recall", "wrong_and_certain", "by_category", "errors"} <= set(measure)


@pytest.mark.skipif(not GOLD.exists(), reason="the judged cases are not here")
def test_judged_cases() -> None:
    total = evaluate_echeances(read_cases(GOLD.read_text(), GOLD, read_echeance)).total
    assert total.f1 >= 0.95
    assert total.wrong_and_certain <= 0.01 * total.n
    assert total.share_certain >= 0.75
