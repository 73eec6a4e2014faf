"""What stands in an item's texts: known expressions, acronyms, numbers, sentences and zones.

One automaton (Aho-Corasick) holds every expression of the référentiel as a chain of terms; each
text is read once. A sentence end breaks the chain, so that no expression runs across it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import ahocorasick

from hub.analysis import Token, analyse, terms
from hub.model import TextField, TextOfItem

Phrase = tuple[str, ...]
"""An expression as its terms: two wordings with the same terms are one phrase."""

BREAK = "\n"
_SENTENCE_END = re.compile(
    r"[.!?;\s](?:(?<=[.!?;])(?<!\b[nMp].)(?<!\bart.)(?<!\bal.)(?<!\bcf.)(?=\s|$)"
    r"|(?<=\n)|(?<=\s)[|•]\s)"
)
HEAD = (TextField.TITLE, TextField.SUMMARY)
_PAUSE = re.compile(r"[,:()«»]")
"""« la santé, du travail » is not « santé au travail »; a long expression may hold a comma."""
_ARTICLE = re.compile(r"^(lo|[lrd])\d")


class Zone(Enum):
    """Where in an item words stand: the further down, the less they say of its subject."""

    TITLE = "title"
    SUMMARY = "summary"
    NOTICE = "notice"
    """The editor's own summary at the head of a décret (« Objet : », « Notice : »)."""
    VISAS = "visas"
    BODY = "body"


class Hit(NamedTuple):
    """Words found: `text[start:end]` of `field`, in its sentence number `sentence`."""

    field: TextField
    zone: Zone
    start: int
    end: int
    sentence: int
    words: str

    def overlaps(self, other: Hit) -> bool:
        return self.field is other.field and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Page:
    """One field of an item, cut into tokens; `sentences[i]` is the sentence of `tokens[i]`."""

    field: TextField
    text: str
    tokens: tuple[Token, ...]
    sentences: tuple[int, ...]
    zones: tuple[tuple[int, Zone], ...]
    """Where each zone begins, in order."""

    def hit(self, first: int, last: int) -> Hit:
        """The words from token `first` to token `last`, both in."""
        start, end = self.tokens[first].start, self.tokens[last].end
        return Hit(
            self.field,
            self.zone_at(start),
            start,
            end,
            self.sentences[first],
            self.text[start:end],
        )

    def zone_at(self, place: int) -> Zone:
        for start, zone in reversed(self.zones):
            if start <= place:
                return zone
        raise ValueError(place)

    def raw(self, index: int) -> str:
        token = self.tokens[index]
        return self.text[token.start : token.end]


@dataclass(frozen=True)
class Reading:
    """Everything found in one item."""

    pages: tuple[Page, ...]
    phrases: Mapping[Phrase, tuple[Hit, ...]]
    acronyms: Mapping[str, tuple[Hit, ...]]

    def find(self, phrase: Phrase) -> tuple[Hit, ...]:
        return self.phrases.get(phrase, ())

    def find_any(self, phrases: Iterable[Phrase]) -> Iterator[Hit]:
        for phrase in filter(self.phrases.__contains__, phrases):
            yield from self.phrases[phrase]


def phrases_of(expressions: Iterable[str]) -> tuple[Phrase, ...]:
    """The phrases of some expressions, each once, in a fixed order."""
    return tuple(sorted({terms(expression) for expression in expressions} - {()}))


@dataclass
class Reader:
    """Built once from all the phrases and acronyms to look for."""

    phrases: Iterable[Phrase]
    acronyms: frozenset[str]
    _automaton: ahocorasick.Automaton = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._automaton = ahocorasick.Automaton()
        for phrase in sorted(set(self.phrases)):
            self._automaton.add_word(f" {' '.join(phrase)} ", phrase)
        self._automaton.make_automaton()

    def read(self, item: TextOfItem, fields: Iterable[TextField] = TextField) -> Reading:
        pages = tuple(read_page(name, item.field(name)) for name in fields)
        phrases: dict[Phrase, list[Hit]] = {}
        acronyms: dict[str, list[Hit]] = {}
        for page in pages:
            for phrase, hit in self._find_phrases(page):
                phrases.setdefault(phrase, []).append(hit)
            for acronym, hit in self._find_acronyms(page):
                acronyms.setdefault(acronym, []).append(hit)
        return Reading(
            pages,
            {phrase: tuple(hits) for phrase, hits in phrases.items()},
            {acronym: tuple(hits) for acronym, hits in acronyms.items()},
        )

    def _find_phrases(self, page: Page) -> Iterator[tuple[Phrase, Hit]]:
        if not page.tokens or not len(self._automaton):
            return
        chain, at = _chain(page)
        for end, phrase in self._automaton.iter(chain):
            first = at[end - len(" ".join(phrase))]
            hit = page.hit(first, first + len(phrase) - 1)
            if len(phrase) > 2 or not _PAUSE.search(hit.words):
                yield phrase, hit

    def _find_acronyms(self, page: Page) -> Iterator[tuple[str, Hit]]:
        found = [
            (raw, index)
            for index, token in enumerate(page.tokens)
            if (raw := page.text[token.start : token.end].replace(".", "")) in self.acronyms
        ]
        if found and not _is_shouting(page.text):  # there, nothing tells an acronym from a word
            for raw, index in found:
                yield raw, page.hit(index, index)


def read_page(name: TextField, text: str) -> Page:
    if not text:  # most summaries
        return Page(name, text, (), (), tuple(_zones(name, text)))
    tokens = tuple(analyse(text))
    ends = [match.start() for match in _SENTENCE_END.finditer(text)]
    sentences: list[int] = []
    number = place = 0
    for token in tokens:
        passed = place
        while place < len(ends) and ends[place] < token.start:
            place += 1
        number += place > passed
        sentences.append(number)
        while place < len(ends) and ends[place] < token.end:
            place += 1  # the point of « L. 541-10 » ends nothing
    return Page(name, text, tokens, tuple(sentences), tuple(_zones(name, text)))


_NOTICES = ("Objet", "Notice", "Publics concernés")
_NOTICE = re.compile(rf"^(?:{'|'.join(_NOTICES)})\s*:", re.MULTILINE)
_VISAS = re.compile(r"^Vu\b", re.MULTILINE)
_BODY = re.compile(
    r"^(?:Références\s*:|Arrêtent?\b|Décrète\b|Ordonne\b|Article\s+(?:1er|1|premier|unique)\b)",
    re.MULTILINE | re.IGNORECASE,
)


def _zones(name: TextField, text: str) -> Iterator[tuple[int, Zone]]:
    """A text begins in its body unless it opens as the Journal officiel's own do."""
    if name is TextField.TITLE:
        yield 0, Zone.TITLE
    elif name is TextField.SUMMARY:
        yield 0, Zone.SUMMARY
    else:
        marks = [(0, Zone.BODY)]
        marks += [(m.start(), Zone.BODY) for m in _BODY.finditer(text)]
        marks += [(m.start(), Zone.VISAS) for m in _VISAS.finditer(text)]
        marks += [(m.start(), Zone.NOTICE) for m in _NOTICE.finditer(text)]
        yield from sorted(marks, key=lambda mark: mark[0])


def has_notice(text: str) -> bool:
    """Whether the text of an item has a notice, where words weigh more than in its body."""
    return any(word in text for word in _NOTICES) and _NOTICE.search(text) is not None


def _chain(page: Page) -> tuple[str, dict[int, int]]:
    """The terms joined by single blanks, and which token starts at each place of that chain."""
    parts: list[str] = []
    at: dict[int, int] = {}
    place = 1
    sentence = page.sentences[0]
    for index, token in enumerate(page.tokens):
        if page.sentences[index] != sentence:
            sentence = page.sentences[index]
            parts.append(BREAK)
            place += len(BREAK) + 1
        at[place] = index
        parts.append(token.term)
        place += len(token.term) + 1
    return f" {' '.join(parts)} ", at


def _is_shouting(text: str) -> bool:
    letters = [c for c in text[:400] if c.isalpha()]
    return len(letters) > 12 and sum(c.isupper() for c in letters) > 0.6 * len(letters)


def is_article(term: str) -> bool:
    """Whether a term is the number of an article, as `l541-10-1`."""
    return _ARTICLE.match(term) is not None
