"""The few lines of a text that show why it was found."""

from __future__ import annotations

import re
from collections.abc import Collection

from hub.analysis import highlight

LENGTH = 240
READ = 12_000
"""How far into a text the words are looked for; past that, its beginning is shown."""
_CHUNK = 1_500
_SPACE = re.compile(r"\s+")

Mark = tuple[int, int]


def extract(text: str, terms: Collection[str]) -> tuple[str, tuple[Mark, ...]]:
    """About `LENGTH` characters around the first of these terms, on one line, with their places."""
    plain = _SPACE.sub(" ", text[:READ]).strip()
    first = _first_place(plain, terms)
    start = _word_start(plain, max(0, first - LENGTH // 3))
    end = _word_end(plain, start + LENGTH)
    shown = f"{'… ' if start else ''}{plain[start:end]}{' …' if end < len(plain) else ''}"
    return shown, tuple(highlight(shown, terms))


def _first_place(text: str, terms: Collection[str]) -> int:
    if terms:
        for start in range(0, len(text), _CHUNK):
            if marks := highlight(text[start : start + _CHUNK + 60], terms):
                return start + marks[0][0]
    return 0


def _word_start(text: str, place: int) -> int:
    return text.find(" ", place) + 1 if place and " " in text[place:] else place


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    return max(text.rfind(" ", 0, place), 0) or place
