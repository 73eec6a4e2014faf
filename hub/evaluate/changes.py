"""What `hub.changes` sees of pages, against what people judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.changes import diff_words, headline, meaning
from hub.evaluate.cases import share, text_of


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


def read_change(data: dict[str, Any]) -> ChangeCase:
    """A line of the file. A capture between two others is not read: only the ends are compared.

    Raises:
        ValueError: it is not a case.
    """
    what = data.get("what") or {}
    if not isinstance(what, dict):
        raise ValueError("what: expected an object or null")
    if not isinstance(data.get("changed"), bool):
        raise ValueError("changed: expected true or false")
    return ChangeCase(
        id=text_of(data, "id"),
        old=text_of(data, "old"),
        new=text_of(data, "new"),
        changed=data["changed"],
        before=text_of(what, "before", is_optional=True),
        after=text_of(what, "after", is_optional=True),
    )


def evaluate_changes(cases: Sequence[ChangeCase]) -> ChangesMeasure:
    """Compare what `hub.changes` sees with what people judged."""
    judged = [(case, _judge(case)) for case in cases]
    reasons = [reason for _, reason in judged]
    missed, false_alerts = reasons.count(MISSED), reasons.count(FALSE_ALERT)
    changed = sum(case.changed for case in cases)
    not_shown = missed + reasons.count(NOT_SHOWN)
    return ChangesMeasure(
        n=len(cases),
        accuracy=share(len(cases) - missed - false_alerts, len(cases)),
        recall=share(changed - missed, changed),
        false_alerts=false_alerts,
        missed=missed,
        shown=share(changed - not_shown, changed),
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
