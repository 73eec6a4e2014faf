"""French prose in the form that rules read: plain letters, and its sentences. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SPECIAL = {
    "œ": "e",
    "Œ": "e",
    "’": "'",
    "ʼ": "'",
    "‘": "'",
    "–": "-",
    "—": "-",
    "‑": "-",
    "…": ".",
}
"""One sign for one: « œuvre » reads « euvre ». Marks of Markdown read as spaces."""
_SPACES = "*\\"
_END = re.compile(
    r"[.!?…][\"»”)\]]{0,2}\s{1,4}(?=[\"«“(\[]?\s?[A-ZÀ-ÖØ-Þ0-9])"
    r"|\s?\n\s{0,20}\n\s{0,20}"
    r"|(?<=[.;:!?,])\s?\n\s{0,20}"
    r"|\n\s{0,20}(?=[A-ZÀ-ÖØ-Þ«•*\-–—])"
)
_ABBREVIATED = re.compile(
    r"(?:^|[^\w])(?:\w{1,2}|[IVXL]{1,6}|art|cf|etc|env|max|min|tel|réf|ref|al|sq|chap|tit|"
    r"janv|févr|fev|avr|juil|sept|oct|nov|déc)$",
    re.IGNORECASE,
)
LONGEST = 2000
"""Where prose has no full stop, a sentence is cut here: rules only look so far."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A text and its plain form: lower case, no accents, straight apostrophes.

    `positions[i]` is where the i-th plain sign stands in `text`; there is one more, for the end.
    """

    text: str
    plain: str
    positions: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the signs `plain[start:end]` stand in the text."""
        return self.positions[start], self.positions[end - 1] + 1 if end > start else start


def read_prose(text: str) -> Prose:
    """Make the plain form; accents written apart from their letter and invisible marks go."""
    table = {ord(c): _plain_sign(c) for c in set(text)}
    if all(len(plain) == 1 for plain in table.values()):
        return Prose(text, text.translate(table), range(len(text) + 1))
    signs = [(sign, place) for place, c in enumerate(text) for sign in table[ord(c)]]
    positions = [place for _, place in signs]
    return Prose(text, "".join(sign for sign, _ in signs), [*positions, len(text)])


def _plain_sign(sign: str) -> str:
    """The plain form of a sign: mostly one, none for a mark that is not seen."""
    if sign in _SPECIAL:
        return _SPECIAL[sign]
    if sign in _SPACES or (sign.isspace() and sign != "\n"):
        return " "
    if unicodedata.combining(sign) or unicodedata.category(sign) == "Cf":
        return ""
    letters = unicodedata.normalize("NFKD", sign).lower()
    return "".join(c for c in letters if not unicodedata.combining(c))


def find_sentences(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the sentences, in order, none longer than `LONGEST`.

    A sentence ends at a full stop before a capital, at a blank line, and at a line end before a
    list mark or a capital; the blanks around it are no part of it. The points of « art. »,
    « L. 541-1 » and « II. - » end nothing.
    """
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "." and _ABBREVIATED.search(
            text, max(start, match.start() - 12), match.start()
        ):
            continue
        yield from _cut(text, start, match.start() + len(match[0].rstrip()))
        start = match.end()
    yield from _cut(text, start, len(text))


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        space = text.rfind(" ", start + 1, start + LONGEST)
        middle = space if space > 0 else start + LONGEST
        yield from _cut(text, start, middle)
        start = middle
    words = text[start:end]
    if words.strip():
        yield start + len(words) - len(words.lstrip()), start + len(words.rstrip())
