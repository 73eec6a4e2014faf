"""A text in the form that rules of law read, from which one comes back to the source's places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_DROPPED = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]")
"""Accents written apart from their letter, soft hyphens, invisible marks."""
_MARKS = {
    **dict.fromkeys("’‘ʼ′‛`´", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "º": "°",
    "ª": "a",
}
_LETTERS_END = 0x2000
"""Beyond it no letter of French is written; only marks and spaces are brought to one form."""


@dataclass(frozen=True, slots=True)
class Plain:
    """No accent, no capital, straight apostrophes and hyphens, blanks for all spaces but line ends.

    `places[i]` is where the character `i` stands in the source; None when nothing was dropped.
    """

    text: str
    source: str
    places: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The places in the source of what stands from `start` to `end` (not empty)."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def plain(source: str) -> Plain:
    """Fold a text, one character for one character: what is found in it is found in the source."""
    places = visible_places(source)
    if places is None:
        return Plain(source.translate(_TABLE), source)
    text = "".join(source[place] for place in places).translate(_TABLE)
    return Plain(text, source, places)


def visible_places(source: str) -> Sequence[int] | None:
    """Where stand the characters that are no mark apart; None when all are such."""
    if not _DROPPED.search(source):
        return None
    return tuple(place for place, c in enumerate(source) if not _DROPPED.match(c))


class _Table(dict[int, str]):
    """Computed as letters are met, and kept for those of Europe."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if code < _LETTERS_END:
            self[code] = folded
        return folded


def _fold(character: str) -> str:
    if character in _MARKS:
        return _MARKS[character]
    category = unicodedata.category(character)
    if category == "Zs" or character in "\t\v\f\x1c\x1d\x1e\x1f":
        return " "
    if character in "\r\x85\u2028\u2029":
        return "\n"
    if not category.startswith("L"):
        return character
    letters = "".join(
        c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)
    ).lower()
    return letters if len(letters) == 1 else character


_TABLE = _Table()
