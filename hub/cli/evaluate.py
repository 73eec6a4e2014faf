"""`hub evaluate`: what the hub decides, against cases that people judged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from hub.cli.program import json_option, say
from hub.errors import ConfigError, Problem
from hub.evaluate.cases import read_cases
from hub.evaluate.changes import evaluate_changes, read_change

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


def _read(file: Path, read: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(file, 1, "", f"not UTF-8: {error.reason}")]) from error
    return read_cases(text, file, read)
