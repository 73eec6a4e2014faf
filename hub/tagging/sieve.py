"""Tell at little cost the texts in which nothing can be found.

A text is cut at blanks and each piece is analysed once, however many texts hold it. No token runs
over a blank but the number of an article (« L. 541-10 »), so the terms of the pieces, end to end,
hold every expression that the analysis of the whole text would find. The sieve may let through a
text that says nothing; it never stops one that says something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import filterfalse

import ahocorasick

from hub.analysis import analyse
from hub.tagging.reading import Phrase, is_article
from hub.tagging.references import ARRETE, MONTHS, References

MAX_PIECES = 40_000
"""Pieces remembered; past that they are forgotten and learnt again, so that memory stays flat."""

_SEPARATORS = ",;:«»"
"""No token holds them: « déchets » and « déchets, » are one piece."""
_DIGIT = re.compile(r"\d")
_HYPHEN = "[-\u2010\u2011]"
_NUMBER = re.compile(rf"\d+(?:{_HYPHEN}\d+)*")
_CUT_ARTICLE = re.compile(
    rf"(?<!\w)(?:LO|[LRDA])\s?\.?\s?\*?\s?\d{{1,4}}(?:{_HYPHEN}\d+)*(?:/|{_HYPHEN}[A-Z])",
    re.IGNORECASE,
)
"""An article and what would read otherwise without its « L. »: « L. 541-10/UE »."""
_MONTH_TERMS = {number: term for term, number in MONTHS.items()}

# Beside its terms a piece may leave marks, which « § », never in a term, tells from them.
_MARK = re.compile(r" §(\S+)")
_ALWAYS = "always"
_UNSURE = "unsure"


class Pieces:
    """What each piece of text says, for the sieves to share."""

    def __init__(
        self, phrases: Iterable[Phrase], acronyms: Iterable[str], references: References
    ) -> None:
        self._articles = frozenset(_articles_of(phrases))
        self._acronyms = frozenset(acronyms)
        self._references = references
        self._known = _Memory(self._learn)
        self.read = lru_cache(maxsize=4)(self._read)
        """The terms of a text in one chain, and its marks. Several sieves look at one text."""

    def _read(self, text: str) -> tuple[str, frozenset[str]]:
        for separator in _SEPARATORS:
            text = text.replace(separator, " ")
        chain = f" {' '.join(filter(None, map(self._known.__getitem__, text.split())))} "
        if "§" not in chain:
            return chain, frozenset()
        marks = set(_MARK.findall(chain))
        if _UNSURE in marks and _CUT_ARTICLE.search(text):
            marks.add(_ALWAYS)
        return _MARK.sub("", chain), frozenset(marks)

    def _learn(self, piece: str) -> str:
        tokens = analyse(piece)
        found = [token.term for token in tokens]
        raws = [piece[token.start : token.end].replace(".", "") for token in tokens]
        marks = {_of_acronym(raw) for raw in raws if raw in self._acronyms}
        if _DIGIT.search(f"{piece} {found}"):
            marks.update(self._marks_of_number(piece, found))
        return " ".join((*found, *(f"§{mark}" for mark in sorted(marks))))

    def _marks_of_number(self, piece: str, found: Collection[str]) -> Iterator[str]:
        if not piece.isascii() and any(c.isdecimal() and not c.isascii() for c in piece):
            yield _ALWAYS  # the digits of another script are too rare to be worth a thought
        if any(map(self._references.may_be_anchor, found)):
            yield _ALWAYS
        if _CUT_ARTICLE.search(f"L {piece}"):
            yield _UNSURE
        numbers = {_numbers_of(term) for term in found if is_article(term)}
        for match in _NUMBER.finditer(piece):
            number = _numbers_of(match[0])
            numbers.update(number[:length] for length in range(1, len(number) + 1))
        for number in numbers:
            if self._references.may_list_filieres(number):
                yield _ALWAYS
            if number in self._articles:
                yield _of_article(number)
            yield from map(_of_code, self._references.codes_with(number))


class Sieve:
    """The expressions, acronyms and references to look for, built once."""

    def __init__(
        self,
        pieces: Pieces,
        phrases: Iterable[Phrase],
        acronyms: Iterable[str] = (),
        references: References | None = None,
    ) -> None:
        self._pieces = pieces
        phrases = set(phrases)
        articles = map(_of_article, _articles_of(phrases))
        self._marks = frozenset((*map(_of_acronym, acronyms), *articles))
        self._phrases = frozenset(map(_as_chain, filterfalse(_has_article, phrases)))
        self._codes: dict[str, str] = {}
        self._months: frozenset[str] = frozenset()
        self._dates = re.compile(r"(?!)")
        if references:
            self._codes = {_as_chain(name): _of_code(c) for name, c in references.codes.items()}
            self._months = frozenset(_as_chain(_month_of(day)) for day in references.dates)
            self._dates = re.compile("|".join(map(_arrete_of, references.dates)) or r"(?!)")
        self._automaton = ahocorasick.Automaton()
        for chain in sorted({*self._phrases, *self._codes, *self._months}):
            self._automaton.add_word(chain, chain)
        self._automaton.make_automaton()

    def may_hold(self, text: str, count: int = 1) -> bool:
        """Whether a reference, or `count` different expressions and acronyms, may be found."""
        if not text:
            return False
        chain, marks = self._pieces.read(text)
        found = {form for _, form in self._automaton.iter(chain)} if self._automaton else set()
        return (
            _ALWAYS in marks
            or len(found & self._phrases) + len(marks & self._marks) >= count
            or any(self._codes.get(form) in marks for form in found)
            or (not found.isdisjoint(self._months) and self._dates.search(chain) is not None)
        )


class _Memory(dict[str, str]):
    def __init__(self, learn: Callable[[str], str]) -> None:
        self._learn = learn

    def __missing__(self, piece: str) -> str:
        if len(self) >= MAX_PIECES:
            self.clear()
        said = self._learn(piece)
        if len(piece) <= 50:  # no word is longer
            self[piece] = said
        return said


def _as_chain(phrase: Phrase) -> str:
    return f" {' '.join(phrase)} "


def _month_of(day: date) -> Phrase:
    return (_MONTH_TERMS[day.month], str(day.year))


def _arrete_of(day: date) -> str:
    return rf" {ARRETE} 0*{day.day}(?:er)?{_as_chain(_month_of(day))}"


def _numbers_of(term: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", term))


def _of_acronym(acronym: str) -> str:
    return f"sigle:{acronym}"


def _of_code(code: str) -> str:
    return f"code:{code.replace(' ', '_')}"


def _of_article(number: tuple[int, ...]) -> str:
    return f"article:{'-'.join(map(str, number))}"


def _has_article(phrase: Phrase) -> bool:
    return any(map(is_article, phrase))


def _articles_of(phrases: Iterable[Phrase]) -> Iterator[tuple[int, ...]]:
    """The articles by which to know the phrases that hold one: pieces do not tell their place."""
    for phrase in filter(_has_article, phrases):
        yield _numbers_of(next(filter(is_article, phrase)))
