"""What changed between two versions of a text, paragraph by paragraph, then word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|[^\s]+")
MAX_WORDS = 3_000
"""Longer paragraphs are shown whole, before then after: word by word would take too long."""

Marked = tuple[tuple[str, bool], ...]
"""Runs of text, each with whether it is what changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place that changed; an empty side means added or removed."""

    before: Marked
    after: Marked


def list_changes(before: str, after: str) -> list[Change]:
    old, new = before.split("\n\n"), after.split("\n\n")
    found: list[Change] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            found += _pair(old[i1:i2], new[j1:j2])
    return found


def _pair(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    length = max(len(old), len(new))
    padded_old = [*old, *[""] * (length - len(old))]
    padded_new = [*new, *[""] * (length - len(new))]
    return [_compare(a, b) for a, b in zip(padded_old, padded_new, strict=True)]


def _compare(before: str, after: str) -> Change:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if not old or not new or len(old) + len(new) > MAX_WORDS:
        return Change(_whole(before), _whole(after))
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        is_changed = kind != "equal"
        left.append(("".join(old[i1:i2]), is_changed))
        right.append(("".join(new[j1:j2]), is_changed))
    return Change(_drop_empty(left), _drop_empty(right))


def _whole(text: str) -> Marked:
    return ((text, True),) if text else ()


def _drop_empty(runs: Sequence[tuple[str, bool]]) -> Marked:
    return tuple(run for run in runs if run[0])
