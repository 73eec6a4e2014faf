"""Measures of our decisions against cases that people judged. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.changes import diff_words, headline, meaning
from hub.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class ChangeCase:
    """Two readings of a page, whether what it says changed, and the words that then changed."""

    id: str
    old: str
    new: str
    changed: bool
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ChangesMeasure:
    """`shown` is the share of the changes whose shown sentence holds the words that changed."""

    n: int
    accuracy: float
    recall: float
    false_alerts: int
    missed: int
    shown: float
    errors: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "recall": self.recall,
            "false_alerts": self.false_alerts,
            "missed": self.missed,
            "shown": self.shown,
            "errors": [{"id": id_, "reason": reason} for id_, reason in self.errors],
        }


MISSED, FALSE_ALERT, NOT_SHOWN = "missed", "false alert", "shown without the words that changed"


def read_change_cases(text: str, file: Path) -> tuple[ChangeCase, ...]:
    """One JSON object a line. A capture between two others is not read: only the ends are compared.

    Raises:
        ConfigError: every line that is not a case, or a file without any.
    """
    cases: list[ChangeCase] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            cases.append(_read_case(json.loads(line)))
        except (ValueError, RecursionError) as error:
            problems.append(Problem(file, number, "", f"not a case: {error}"))
    if not cases and not problems:
        problems.append(Problem(file, 1, "", "no case in this file"))
    if problems:
        raise ConfigError(problems)
    return tuple(cases)


def _read_case(data: object) -> ChangeCase:
    if not isinstance(data, dict):
        raise ValueError("expected an object")
    what = data.get("what") or {}
    if not isinstance(what, dict):
        raise ValueError("what: expected an object or null")
    if not isinstance(data.get("changed"), bool):
        raise ValueError("changed: expected true or false")
    return ChangeCase(
        id=_text(data, "id"),
        old=_text(data, "old"),
        new=_text(data, "new"),
        changed=data["changed"],
        before=_text(what, "before", is_optional=True),
        after=_text(what, "after", is_optional=True),
    )


def _text(data: dict[str, Any], name: str, *, is_optional: bool = False) -> str:
    value = data.get(name)
    if value is None and is_optional:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected a text")
    return value


def evaluate_changes(cases: Sequence[ChangeCase]) -> ChangesMeasure:
    """Compare what `hub.changes` sees with what people judged."""
    judged = [(case, _judge(case)) for case in cases]
    reasons = [reason for _, reason in judged]
    missed, false_alerts = reasons.count(MISSED), reasons.count(FALSE_ALERT)
    changed = sum(case.changed for case in cases)
    not_shown = missed + reasons.count(NOT_SHOWN)
    return ChangesMeasure(
        n=len(cases),
        accuracy=_share(len(cases) - missed - false_alerts, len(cases)),
        recall=_share(changed - missed, changed),
        false_alerts=false_alerts,
        missed=missed,
        shown=_share(changed - not_shown, changed),
        errors=tuple((case.id, reason) for case, reason in judged if reason),
    )


def _judge(case: ChangeCase) -> str:
    """What is wrong with our answer; "" when nothing is."""
    segments = diff_words(case.old, case.new)
    if bool(segments) is not case.changed:
        return MISSED if case.changed else FALSE_ALERT
    wanted = case.after or case.before
    return NOT_SHOWN if wanted and not _holds(headline(segments), wanted) else ""


def _holds(sentence: str, words: str) -> bool:
    return _flat(words) in _flat(sentence)


def _flat(text: str) -> str:
    return f" {' '.join(meaning(text))} "


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
