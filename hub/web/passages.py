"""The evidence of the tags inside the text that they come from. Pure.

Every passage has a number, in reading order, which stands both in the text and beside the tag.
Passages may overlap: the text is cut where any of them begins or ends, so nothing is nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hub.model import Evidence, Tag, TextField, TextOfItem

Passage = tuple[TextField, int, int]
_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `numbers` are those of the passages that end with it."""

    text: str
    is_marked: bool = False
    numbers: tuple[int, ...] = ()


Paragraph = tuple[Piece, ...]


def locate(text: TextOfItem, evidence: Evidence) -> Passage | None:
    """Where these words stand now: as recorded, or where they went if the text changed since."""
    if evidence.field is None or not evidence.words:
        return None
    whole = text.field(evidence.field)
    start = evidence.start
    if whole[start : evidence.end] != evidence.words:
        start = whole.find(evidence.words)
    return None if start < 0 else (evidence.field, start, start + len(evidence.words))


def number_passages(text: TextOfItem, tags: Iterable[Tag]) -> dict[Passage, int]:
    """A number for every passage that some tag rests on, in reading order from 1."""
    found = {locate(text, evidence) for tag in tags for evidence in tag.evidence} - {None}
    order = list(TextField)
    ranked = sorted(
        (passage for passage in found if passage),
        key=lambda passage: (order.index(passage[0]), passage[1], passage[2]),
    )
    return {passage: number for number, passage in enumerate(ranked, start=1)}


def cut(text: TextOfItem, field: TextField, passages: Mapping[Passage, int]) -> list[Paragraph]:
    """The paragraphs of one text of the item, in pieces: put together they are the text again."""
    whole = text.field(field)
    spans = [(start, end, n) for (where, start, end), n in passages.items() if where is field]
    return [
        _cut_between(whole, found.start(), found.end(), spans)
        for found in _PARAGRAPH.finditer(whole)
    ]


def _cut_between(
    whole: str, first: int, last: int, spans: Sequence[tuple[int, int, int]]
) -> Paragraph:
    here = [(max(s, first), min(e, last), e, n) for s, e, n in spans if s < last and e > first]
    edges = sorted({first, last, *(s for s, *_ in here), *(e for _, e, *_ in here)})
    return tuple(
        Piece(
            whole[start:end],
            any(s <= start and end <= e for s, e, _, _ in here),
            tuple(sorted(n for _, e, real_end, n in here if e == end == real_end)),
        )
        for start, end in pairwise(edges)
    )
