"""`hub evaluate`: what the hub decides, against cases that people judged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import click

from hub.cli.program import json_option, say
from hub.errors import ConfigError, Problem
from hub.evaluate.cases import read_cases
from hub.evaluate.changes import evaluate_changes, read_change
from hub.evaluate.echeances import evaluate_echeances, read_echeance
from hub.evaluate.identity import evaluate_identity, read_identity
from hub.evaluate.references import evaluate_references, read_references
from hub.trial import take_in

T = TypeVar("T")

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def evaluate() -> None:
    """Measure what the hub decides against cases that people judged."""


@evaluate.command("changes")
@file_argument
@json_option
def changes(file: Path, as_json: bool) -> None:
    """Changes of pages: FILE holds one JSON object a line (old, new, changed, what)."""
    measure = evaluate_changes(_read(file, read_change))
    say(
        measure.to_json(),
        as_json,
        f"{measure.n} cases: recall {measure.recall:.1%}, {measure.missed} missed, "
        f"{measure.false_alerts} false alerts, {measure.shown:.1%} shown in their sentence",
    )


@evaluate.command("references")
@file_argument
@json_option
def references(file: Path, as_json: bool) -> None:
    """Texts of law that a text cites: FILE holds one JSON object a line (text, refs)."""
    measure = evaluate_references(_read(file, read_references))
    say(
        measure.to_json(),
        as_json,
        f"{measure.n} cases: precision {measure.precision:.1%}, recall {measure.recall:.1%}, "
        f"F1 {measure.f1:.3f}, {len(measure.errors)} read otherwise",
    )


@evaluate.command("identity")
@file_argument
@click.option("--orders", type=click.IntRange(1), default=20, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the orders of arrival.")
@json_option
def identity(file: Path, orders: int, seed: int, as_json: bool) -> None:
    """Mentions of one update: FILE holds one JSON object a line (source, title, cluster...)."""
    random = Random(seed)  # noqa: S311 - orders of arrival, not secrets
    measure = evaluate_identity(_read(file, read_identity), random, take_in, orders)
    pairs, proposals = measure.figures.pairs.to_json(), measure.figures.proposals.to_json()
    say(
        measure.to_json(),
        as_json,
        f"{measure.n} mentions: merged with precision {pairs['precision']:.1%} and recall "
        f"{pairs['recall']:.1%}, {measure.figures.lookalike_merges} look-alikes merged; with what "
        f"is proposed {proposals['precision']:.1%} and {proposals['recall']:.1%}; "
        f"{measure.order_dependent} pairs depend on the order of arrival",
    )


@evaluate.command("echeances")
@file_argument
@json_option
def echeances(file: Path, as_json: bool) -> None:
    """Échéances of sentences: FILE holds one JSON object a line (text, context, gold)."""
    measure = evaluate_echeances(_read(file, read_echeance))
    total = measure.total
    say(
        measure.to_json(),
        as_json,
        f"{total.n} cases: precision {total.precision:.1%}, recall {total.recall:.1%}, "
        f"F1 {total.f1:.3f}, {total.wrong_and_certain} wrong and certain, "
        f"{total.share_certain:.1%} of the dates given as certain",
    )


def _read(file: Path, read: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(file, 1, "", f"not UTF-8: {error.reason}")]) from error
    return read_cases(text, file, read)
