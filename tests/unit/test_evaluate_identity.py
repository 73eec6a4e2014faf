"""The measure of identity: what it counts, and what it says of a wrong file."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.errors import ConfigError
from hub.evaluate.cases import read_cases
from hub.evaluate.identity import IdentityMeasure, evaluate_identity, read_identity
from hub.model import Identifier, Scheme
from hub.trial import take_in

GOLD = Path(__file__).resolve().parents[3] / "shared" / "gold" / "identity_dev.jsonl"
PLACE = Path("cases.jsonl")
TRI = "Décret n° 2025-210 du 10 mars 2025 relatif au tri des déchets de chantier"


def line(id_: str, title: str, cluster: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": id_, "source": f"source {id_}", "url": None, "title": title, "title_exact": True,
        "date": "2025-03-12", "summary": None, "identifiers": {}, "cites": [], "kind": "décret",
        "cluster": cluster, "lineage": None, "lookalike": None, "tolerated": [], "note": None,
    } | facts  # fmt: skip


LINES = [
    line("a", TRI, "c1", identifiers={"numero": "2025-210", "nor": "TREP2500001D"}),
    line("b", "Tri des déchets de chantier : le décret", "c1", identifiers={"numero": "2025-210"}),
    line("c", "Déchets de chantier : tri du nouveau", "c1", date=None),
    line("d", TRI.replace("210", "211"), "c2", lookalike="s1"),
    line("e", "Le gaz baisse", "c3", note="date de signature"),
    line("f", "Tri des déchets de chantier, commentaire", "c4", tolerated=["c1"]),
]


def measure(lines: list[dict[str, Any]], orders: int = 4) -> IdentityMeasure:
    cases = [read_identity(one) for one in lines]
    return evaluate_identity(cases, Random(0), take_in, orders)


def test_pairs_are_counted_but_those_that_are_tolerated() -> None:
    found = measure(LINES)
    assert (found.figures.pairs.wanted, found.figures.pairs.right) == (3, 1)
    assert found.figures.pairs.found == 1
    assert found.figures.proposals.right == 3
    assert found.figures.proposals.found == 3, "with the neighbour or without"
    assert (found.orders, found.order_dependent) == (4, 0)
    assert found.errors == ()


def test_a_wrong_merge_is_told_apart_among_look_alikes() -> None:
    same = line("x", TRI, "c9", lookalike="s1", identifiers={"numero": "2025-210"})
    found = measure([LINES[0] | {"lookalike": "s1"}, same])
    assert found.figures.lookalike_merges == 1
    assert found.figures.pairs.to_json()["precision"] == 0
    assert found.errors == (("a", "x", "wrongly merged"),)
    assert found.figures.clusters.to_json()["exact_rate"] == 0


def test_identifiers_are_taken_away_to_see_what_they_are_worth() -> None:
    found = measure(LINES)
    assert found.without_identifiers.pairs.right == 0
    assert found.figures.clusters.n == 4


def test_a_line_is_read_as_the_mention_of_a_source() -> None:
    case = read_identity(
        line(
            "a",
            "Règlement (UE) 2024/1781 sur les produits",
            "c1",
            identifiers={"numero": "2024/1781", "idweb": "26-71", "nor": "nope"},
            note="date de signature",
            title_exact=False,
        )
    )
    assert Identifier(Scheme.NUMERO, "ue-2024/1781") in case.mention.identifiers
    assert Identifier(Scheme.BOAMP, "26-71") in case.mention.identifiers
    assert case.mention.published_on is None
    assert case.mention.signed_on is not None
    assert not case.is_exact


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": None},
        {"cluster": 3},
        {"date": "demain"},
        {"identifiers": ["nor"]},
        {"identifiers": {"nor": 3}},
        {"identifiers": {"isbn": "x"}},
        {"tolerated": "c1"},
    ],
)
def test_a_wrong_line_is_told_with_its_number(wrong: dict[str, Any]) -> None:
    text = json.dumps(line("a", TRI, "c1") | wrong)
    with pytest.raises(ConfigError, match=r"cases\.jsonl:1: not a case"):
        read_cases(text, PLACE, read_identity)


def test_the_command_prints_one_object_or_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    call = ["evaluate", "identity", str(file), "--orders", "3"]
    printed = json.loads(CliRunner().invoke(cli, [*call, "--json"]).stdout)
    assert set(printed) == {
        "n", "pairs", "proposals", "lookalike_merges", "clusters", "orders", "order_dependent",
        "without_identifiers", "exact_titles", "errors",
    }  # fmt: skip
    assert set(printed["pairs"]) == {"precision", "recall", "f1"}
    assert (printed["orders"], printed["order_dependent"]) == (3, 0)
    assert CliRunner().invoke(cli, call).stdout.startswith("6 mentions: merged with precision")


@pytest.mark.skipif(not GOLD.exists(), reason="the judged cases are not here")
def test_no_look_alike_is_merged_and_most_of_the_rest_is_proposed() -> None:
    cases = read_cases(GOLD.read_text(encoding="utf-8"), GOLD, read_identity)
    figures = evaluate_identity(cases, Random(0), take_in, orders=3)
    pairs, proposals = figures.figures.pairs.to_json(), figures.figures.proposals.to_json()
    assert pairs["precision"] >= 0.99
    assert figures.figures.lookalike_merges == figures.order_dependent == 0
    assert proposals["recall"] >= 0.85
    assert proposals["precision"] >= 0.75
