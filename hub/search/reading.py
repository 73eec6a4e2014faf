"""A query held against one text, with no index: what the editors' lists look through.

It reads as the index does (accents, case and plurals do not count), and sees at once what was
just written. Fast enough for a list that a person narrows: most texts are refused by one pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hub.analysis import terms
from hub.search.protocol import Query
from hub.text import comparable, fold

Test = Callable[[str], bool]
_PREFIX = 4
"""Letters that a term and every word that gives it have in common."""
_ACCENTED = {
    "oe": "(?:oe|œ)",
    "a": "[aàâä]",
    "c": "[cç]",
    "e": "[eéèêë]",
    "i": "[iîï]",
    "o": "[oôö]",
    "u": "[uùûü]",
}
_LETTER = re.compile("|".join(_ACCENTED))
_DIGITS = re.compile(r"\d+")


def compile_query(asked: Query) -> Test:
    """Whether a text has all that is asked, and nothing of what is excluded."""
    wanted = [_has_words(word) for word in asked.words]
    wanted += [_has_phrase(phrase) for phrase in asked.phrases]
    refused = [_has_phrase(words) for words in asked.excluded if terms(words)]
    return lambda text: (
        all(test(text) for test in wanted) and not any(test(text) for test in refused)
    )


def _has_words(words: str) -> Test:
    tests = [
        _has_reference(term) if _DIGITS.search(term) else _has_term(term, words)
        for term in terms(words)
    ]
    return lambda text: all(test(text) for test in tests)


def _has_phrase(phrase: str) -> Test:
    has_words, plain = _has_words(phrase), comparable(phrase)
    if " " not in plain:
        return has_words
    return lambda text: has_words(text) and f" {plain} " in f" {comparable(text)} "


def _has_term(term: str, word: str) -> Test:
    starts = "|".join(sorted({_spell(term), _spell(fold(word))}))
    pattern = re.compile(rf"(?<![^\W_])(?:bio|[eé]co|auto)?(?:{starts})[^\W_]*", re.IGNORECASE)
    return lambda text: any(term in terms(found[0]) for found in pattern.finditer(text))


def _spell(term: str) -> str:
    """A pattern for how the term begins, with any accents."""
    return _LETTER.sub(lambda found: _ACCENTED[found[0]], re.escape(term[:_PREFIX]))


def _has_reference(term: str) -> Test:
    digits = max(_DIGITS.findall(term), key=len)
    return lambda text: digits in text and term in terms(text)
