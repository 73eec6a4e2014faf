"""What can be read in the words of a text: the day it was signed, a sentence it really holds. Pure.

Nothing is guessed: a date that the title gives to another text is not its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from hub.text import clean, clean_paragraphs, fold, parse_date

_NATURES = (
    "loi|ordonnance|decret|arrete|decision|deliberation|circulaire|instruction"
    "|directive|reglement|recommandation"
)
_QUALITIES = (
    "organique|ministeriel|interministeriel|prefectoral|interprefectoral|deleguee?|d'execution"
)
_SIGNED = re.compile(
    rf"(?:{_NATURES})(?: (?:{_QUALITIES}))?"
    r"(?: \([a-z, ]+\))?"
    r"(?:(?: n ?[°o]?)? ?\d[\w./-]*)?"
    r"(?: du parlement europeen et du conseil| de la commission| du conseil)?"
    r" du (\d{1,2}(?:er)? [a-z]+ \d{4})\b"
)
"""« Loi n° 2026-602 du 8 juillet 2026 », « Arrêté du… », « Directive (UE) 2026/470 du… »."""


def signed_in_title(title: str) -> date | None:
    """The day that follows the nature and number which open an official title."""
    match = _SIGNED.match(fold(clean(title)))
    return parse_date(match[1]) if match else None


def is_quoted(sentence: str, texts: Iterable[str]) -> bool:
    """Whether the words of a sentence stand, whole and in their order, in one of the texts.

    Spaces, case, the shape of apostrophes and the mark that ends the sentence do not count.
    """
    words = _plain(sentence).strip('«»" .…;:,!?')
    if not words:
        return False
    found = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    return any(found.search(_plain(text)) for text in texts)


def _plain(text: str) -> str:
    return clean(text).replace("’", "'").casefold()


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of what an editor wrote; they end at line ends."""
    return clean_paragraphs(text).split("\n\n")
