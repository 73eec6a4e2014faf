"""The evidence of the tags, and what a draft was drawn from, inside the text. Pure.

Every passage has a number, in reading order, which stands both in the text and beside the tag.
Passages may overlap: the text is cut where any of them begins or ends, so nothing is nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from hub.model import Evidence, Tag, TextField, TextOfItem

Passage = tuple[TextField, int, int]
_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `numbers` are those of the passages that end with it; `place` is that of the
    draft which holds it (0: none), which it may open and close.
    """

    text: str
    is_marked: bool = False
    numbers: tuple[int, ...] = ()
    place: int = 0
    opens: bool = False
    closes: bool = False


Paragraph = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """The pieces that follow each other in one place of the draft, or in none."""

    pieces: Paragraph

    @property
    def place(self) -> int:
        return self.pieces[0].place

    @property
    def opens(self) -> bool:
        return self.pieces[0].opens

    @property
    def closes(self) -> bool:
        return self.pieces[-1].closes


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


def number_places(places: Iterable[Passage]) -> dict[Passage, int]:
    """A number for each place of a draft, in reading order from 1; those that overlap share it."""
    order = list(TextField)
    numbers: dict[Passage, int] = {}
    number, end, field = 0, 0, None
    for place in sorted(set(places), key=lambda place: (order.index(place[0]), *place[1:])):
        if place[0] is not field or place[1] >= end:
            number, end, field = number + 1, 0, place[0]
        end = max(end, place[2])
        numbers[place] = number
    return numbers


def cut(
    text: TextOfItem,
    field: TextField,
    passages: Mapping[Passage, int],
    places: Mapping[Passage, int] | None = None,
) -> list[Paragraph]:
    """The paragraphs of one text of the item, in pieces: put together they are the text again.

    `places` are those of the draft, as `number_places` numbers them.
    """
    whole = text.field(field)
    spans = [(start, end, n) for (where, start, end), n in passages.items() if where is field]
    drawn = _merge(
        (start, end, n) for (where, start, end), n in (places or {}).items() if where is field
    )
    return [
        _cut_between(whole, found.start(), found.end(), spans, drawn)
        for found in _PARAGRAPH.finditer(whole)
    ]


def list_runs(paragraph: Paragraph) -> list[Run]:
    return [Run(tuple(pieces)) for _, pieces in groupby(paragraph, lambda piece: piece.place)]


Numbered = tuple[int, int, int]


def _merge(places: Iterable[Numbered]) -> list[Numbered]:
    """The places that share a number as one."""
    merged: dict[int, Numbered] = {}
    for start, end, number in places:
        first, last, _ = merged.get(number, (start, end, number))
        merged[number] = (min(first, start), max(last, end), number)
    return list(merged.values())


def _cut_between(
    whole: str, first: int, last: int, spans: Sequence[Numbered], places: Sequence[Numbered]
) -> Paragraph:
    here = [(max(s, first), min(e, last), e, n) for s, e, n in spans if s < last and e > first]
    drawn = [place for place in places if place[0] < last and place[1] > first]
    inside = (edge for s, e, _ in drawn for edge in (max(s, first), min(e, last)))
    edges = sorted({first, last, *(s for s, *_ in here), *(e for _, e, *_ in here), *inside})
    return tuple(_piece(whole, start, end, here, drawn) for start, end in pairwise(edges))


def _piece(
    whole: str,
    start: int,
    end: int,
    here: Sequence[tuple[int, int, int, int]],
    drawn: Sequence[Numbered],
) -> Piece:
    place = next((d for d in drawn if d[0] <= start and end <= d[1]), (-1, -1, 0))
    return Piece(
        whole[start:end],
        any(s <= start and end <= e for s, e, _, _ in here),
        tuple(sorted(n for _, e, real_end, n in here if e == end == real_end)),
        place[2],
        place[0] == start,
        place[1] == end,
    )
