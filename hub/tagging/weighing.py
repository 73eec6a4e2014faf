"""How clues add up: each has a weight, they join as independent chances, one half is a tag."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hub.model import Evidence, Origin, Tag, TermKind, TextField
from hub.tagging.reading import Hit, Zone

THRESHOLD = 0.5
MAX_EVIDENCE = 8

ANCHOR = 0.95
ARTICLE = 0.9
STRONG = 0.9
ACRONYM = 0.7
MEDIUM = 0.35
WEAK_ACRONYM = 0.3
CONTEXT = 0.3
HINT = 0.3

FACTORS = {
    Zone.TITLE: 1.0,
    Zone.SUMMARY: 0.9,
    Zone.NOTICE: 0.85,
    Zone.VISAS: 0.25,
    Zone.BODY: 0.25,
}
"""What words are worth by where they stand. In the body, three strong ones make a tag."""

CITED_FACTORS = FACTORS | {Zone.VISAS: 0.85}
"""Visas are where a text names what it stands on: references count there, words do not."""

FEWEST_IN_BODY = 2
"""Fewer expressions or acronyms than that in the body, where nothing else speaks, are no tag, even
with the hint of the source."""


class Clue(NamedTuple):
    """One reason to give a term, with its weight; no `hit` when no word of the item says it.

    `names_item` when its words are only the item's own number: it counts, and is shown last.
    """

    rule: str
    weight: float
    hit: Hit | None = None
    names_item: bool = False

    @property
    def evidence(self) -> Evidence:
        if self.hit is None:
            return Evidence(self.rule)
        return Evidence(self.rule, self.hit.words, self.hit.field, self.hit.start, self.hit.end)


def tag_from(kind: TermKind, term: str, clues: Iterable[Clue]) -> Tag | None:
    """The tag these clues make together, or None when they are too weak.

    The result does not depend on their order.
    """
    ordered = sorted(set(clues), key=lambda clue: (clue.names_item, _rank(clue)))
    doubt = 1.0
    for clue in ordered:
        doubt *= 1 - clue.weight
    score = round(min(1 - doubt, 0.99), 3)
    if score < THRESHOLD:
        return None
    evidence = tuple(clue.evidence for clue in ordered[:MAX_EVIDENCE])
    return Tag(kind, term, Origin.RULE, score, evidence)


_FIELDS = {name: rank for rank, name in enumerate(TextField)}


def _rank(clue: Clue) -> tuple[float, int, int, int, str]:
    hit = clue.hit
    place = (len(_FIELDS), 0, 0) if hit is None else (_FIELDS[hit.field], hit.start, -hit.end)
    return (-clue.weight, *place, clue.rule)


def best_clues(clues: Iterable[Clue]) -> list[Clue]:
    """Keep the best clue of each rule; of words that overlap, the strongest, then the longest."""
    kept: list[Clue] = []
    rules: set[str] = set()
    for clue in sorted(set(clues), key=_strength):
        hit = clue.hit
        if clue.rule in rules:
            continue
        if hit is not None and any(other.hit and hit.overlaps(other.hit) for other in kept):
            continue
        rules.add(clue.rule)
        kept.append(clue)
    return kept


def _strength(clue: Clue) -> tuple[float, int, tuple[float, int, int, int, str]]:
    length = clue.hit.end - clue.hit.start if clue.hit else 0
    return (-clue.weight, -length, _rank(clue))
