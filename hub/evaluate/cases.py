"""Files of judged cases: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from hub.errors import ConfigError, Problem

T = TypeVar("T")


def read_cases(text: str, file: Path, read: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
    """The cases of a file; `read` makes one of an object and raises ValueError where it is none.

    Raises:
        ConfigError: every line that is not a case, or a file without any.
    """
    cases: list[T] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            cases.append(_read(line, read))
        except (ValueError, RecursionError) as error:
            problems.append(Problem(file, number, "", f"not a case: {error}"))
    if not cases and not problems:
        problems.append(Problem(file, 1, "", "no case in this file"))
    if problems:
        raise ConfigError(problems)
    return tuple(cases)


def _read(line: str, read: Callable[[dict[str, Any]], T]) -> T:
    data = json.loads(line)
    if not isinstance(data, dict):
        raise ValueError("expected an object")
    return read(data)


def text_of(data: dict[str, Any], name: str, *, is_optional: bool = False) -> str:
    value = data.get(name)
    if value is None and is_optional:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected a text")
    return value


def share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
