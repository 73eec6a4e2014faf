"""Texts and articles of law that an item cites: by number, identifier or date, with their code."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from hub.analysis import stem, terms
from hub.model import Scheme, TermKind, TextField
from hub.referentiel import Ancre, Article, Referentiel
from hub.tagging.reading import Hit, Page, Phrase, Reading, is_article
from hub.text import MONTHS as MONTH_NAMES
from hub.text import fold

Target = tuple[TermKind, str]
"""The term of the référentiel that a reference points at."""

_DIGIT = re.compile(r"\d")
_NOR = re.compile(r"[a-z]{4}\d{7}[a-z]")
_JORFTEXT = re.compile(r"jorftext\d{12}")
_CELEX = re.compile(r"\d{5}[a-z]\d{4}")
_NUMBER = re.compile(r"\d{4}-\d{1,5}")
_EUROPEAN = re.compile(r"((?:19|20)\d{2})/(\d{1,4})(?:/(?:ue|ce|cee|eu|ec))?")
_NATURES = {stem(word): word for word in ("loi", "decret", "ordonnance")}
_EUROPEAN_NATURES = {
    stem("directive"): "L",
    stem("reglement"): "R",
    stem("regulation"): "R",
    stem("recommandation"): "H",
}
ARRETE = stem("arrete")
MONTHS = {stem(fold(name)): number for number, name in enumerate(MONTH_NAMES, start=1)}
"""The number of a month by its term."""
_OPENS_OBJECT = {
    stem(word)
    for word in ("relatif", "relative", "fixant", "portant", "precisant", "modifiant", "pris")
}
_CODE = stem("code")
_LINKS = {stem(word) for word in ("article", "alinea", "partie", "legislative", "reglementaire")}
_FILIERES = "l541-10-1"
_ITEM = r"\d{1,2}\s?°"
_ITEMS_BEFORE = re.compile(
    rf"((?:{_ITEM}(?:\s?,\s?|\s+et\s+|\s+ou\s+)?)+)\s+(?:de\s+l['’]\s?article\s+|du\s+)$"
)
_ITEMS_AFTER = re.compile(rf"^\s?,?\s?\(?((?:{_ITEM}(?:\s?,\s?|\s+et\s+|\s+ou\s+)?)+)")


@dataclass(frozen=True, slots=True)
class Cited:
    """A reference found and the term it points at; `hit` is None when no word of the item says it.

    `is_own` when it is the item's own identifier: true, but no explanation for a reader.
    """

    target: Target
    rule: str
    hit: Hit | None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class _Range:
    letter: str
    first: tuple[int, ...]
    last: tuple[int, ...]
    target: Target
    rule: str

    def holds(self, letter: str, number: tuple[int, ...]) -> bool:
        return letter == self.letter and self.first <= number <= self.last


@dataclass
class References:
    """Every anchor text and article of the référentiel, ready to be looked up."""

    referentiel: Referentiel
    _anchors: dict[str, set[Target]] = field(default_factory=dict, init=False)
    _dated: dict[date, list[tuple[Target, frozenset[str]]]] = field(
        default_factory=dict, init=False
    )
    _ranges: dict[str, list[_Range]] = field(default_factory=dict, init=False)
    _codes: dict[Phrase, str] = field(default_factory=dict, init=False)
    _items: dict[int, str] = field(default_factory=dict, init=False)
    _openings: frozenset[str] = field(init=False)
    """What the names of codes begin with."""
    _numbers: frozenset[str] = field(init=False)
    """The anchors as terms of a text."""
    _firsts: frozenset[int] = field(init=False)
    """What the numbers of articles begin with."""

    def __post_init__(self) -> None:
        for dispositif in self.referentiel.dispositifs.values():
            target = (TermKind.DISPOSITIF, dispositif.id)
            self._add(target, dispositif.ancres, dispositif.articles)
        for filiere in self.referentiel.filieres.values():
            self._add((TermKind.FILIERE, filiere.id), filiere.ancres, filiere.articles)
            self._items.update(dict.fromkeys(filiere.items, filiere.id))
        self._codes[terms("CCH")] = "construction et habitation"
        self._openings = frozenset((_CODE, *(phrase[0] for phrase in self._codes)))
        keys = (key.split(":", 1) for key in self._anchors)
        self._numbers = frozenset(
            value.split("-", 1)[1] if scheme == Scheme.NUMERO else value for scheme, value in keys
        )
        self._firsts = frozenset(
            first
            for ranges in self._ranges.values()
            for known in ranges
            for first in range(known.first[0], known.last[0] + 1)
        )

    def _add(self, target: Target, ancres: Sequence[Ancre], articles: Sequence[Article]) -> None:
        for ancre in ancres:
            for key in _keys(ancre):
                self._anchors.setdefault(key, set()).add(target)
            if ancre.date:
                words = frozenset(terms(ancre.objet))
                self._dated.setdefault(ancre.date, []).append((target, words))
        for article in articles:
            self._codes[terms(f"code {article.code}")] = article.code
            self._ranges.setdefault(article.code, []).append(_range(target, article))

    @property
    def dates(self) -> Collection[date]:
        """The days of the arrêtés that are anchors."""
        return self._dated.keys()

    def may_be_anchor(self, term: str) -> bool:
        """Whether a term is the number of an anchor, whatever stands before it."""
        if term in self._numbers:
            return True
        if match := _EUROPEAN.fullmatch(term):
            letters = _EUROPEAN_NATURES.values()
            return any(_celex_key(match, letter) in self._anchors for letter in letters)
        return False

    @property
    def codes(self) -> Mapping[Phrase, str]:
        """The ways to write the name of each code."""
        return self._codes

    def codes_with(self, number: tuple[int, ...]) -> Iterator[str]:
        """The codes of which an article so numbered points at a term, whatever its letter."""
        if number[0] not in self._firsts:
            return
        for code, ranges in self._ranges.items():
            if any(known.first <= number <= known.last for known in ranges):
                yield code

    def may_list_filieres(self, number: tuple[int, ...]) -> bool:
        """Whether this is the article that lists them, which may stand without its code."""
        return number == _split(_FILIERES)[1]

    def of_identifiers(self, identifiers: Sequence[tuple[Scheme, str]]) -> Iterator[Cited]:
        """What the item's own identifiers say: it is an anchor text itself."""
        for scheme, value in identifiers:
            key = f"{scheme}:{value.lower()}"
            for target in sorted(self._anchors.get(key, ())):
                yield Cited(target, f"ancre:{scheme}:{value}", None, is_own=True)

    def cited(
        self, reading: Reading, identifiers: Sequence[tuple[Scheme, str]] = ()
    ) -> Iterator[Cited]:
        """What its texts cite; its own identifiers keep the rule of `of_identifiers`."""
        own = {
            f"{scheme}:{value.lower()}": f"ancre:{scheme}:{value}" for scheme, value in identifiers
        }
        for page in reading.pages:
            codes = self._codes_of(page)
            for index, token in enumerate(page.tokens):
                if token.term == ARRETE or _DIGIT.search(token.term):
                    yield from self._anchors_at(page, index, own)
                    if is_article(token.term):
                        yield from self._article_at(page, index, codes)

    def _anchors_at(self, page: Page, index: int, own: Mapping[str, str]) -> Iterator[Cited]:
        for key, first in _keys_at(page, index):
            is_own = key in own or (page.field is TextField.TITLE and first == 0)
            for target in sorted(self._anchors.get(key, ())):
                yield Cited(target, own.get(key, f"ancre:{key}"), page.hit(first, index), is_own)
        if found := _arrete_at(page, index):
            day, last = found
            for target, words in self._dated.get(day, ()):
                if _object_agrees(page, last, words):
                    yield Cited(target, f"ancre:arrete:{day}", page.hit(index, last))

    def _article_at(
        self, page: Page, index: int, codes: Sequence[tuple[int, str]]
    ) -> Iterator[Cited]:
        term = page.tokens[index].term
        code = _code_of(page, index, codes)
        hit = page.hit(index, index)
        letter, number = _split(term)
        for known in self._ranges.get(code or "", ()):
            if known.holds(letter, number):
                yield Cited(known.target, known.rule, hit)
        if term == _FILIERES and code in (None, "environnement"):
            for item in _items_around(page.text, hit.start, hit.end):
                if filiere := self._items.get(item):
                    rule = f"article:L. 541-10-1 ({item}°)"
                    yield Cited((TermKind.FILIERE, filiere), rule, hit)

    def _codes_of(self, page: Page) -> list[tuple[int, str]]:
        """Where each code is named, in order; "" for a code the référentiel does not know."""
        found: list[tuple[int, str]] = []
        chain = tuple(token.term for token in page.tokens)
        for index in (index for index, term in enumerate(chain) if term in self._openings):
            names = [name for phrase, name in self._codes.items() if _at(chain, index, phrase)]
            if names:
                found.append((index, max(names, key=len)))
            elif chain[index] == _CODE:
                found.append((index, ""))
        return found


def _keys(ancre: Ancre) -> Iterator[str]:
    for scheme in (Scheme.NOR, Scheme.JORFTEXT, Scheme.CELEX, Scheme.NUMERO):
        if value := getattr(ancre, scheme.value):
            yield f"{scheme}:{value.lower()}"


def _keys_at(page: Page, index: int) -> Iterator[tuple[str, int]]:
    """The identifiers written at a token, each with the token its words begin at."""
    term = page.tokens[index].term
    for scheme, pattern in (
        (Scheme.NOR, _NOR),
        (Scheme.JORFTEXT, _JORFTEXT),
        (Scheme.CELEX, _CELEX),
    ):
        if pattern.fullmatch(term):
            yield f"{scheme}:{term}", index
    if _NUMBER.fullmatch(term):
        for before in _before(page, index, 2):
            if nature := _NATURES.get(page.tokens[before].term):
                yield f"{Scheme.NUMERO}:{nature}-{term}", before
                return
    if match := _EUROPEAN.fullmatch(term):
        for before in _before(page, index, 4):
            if letter := _EUROPEAN_NATURES.get(page.tokens[before].term):
                yield _celex_key(match, letter), before
                return


def _celex_key(match: re.Match[str], letter: str) -> str:
    return f"{Scheme.CELEX}:3{match[1]}{letter.lower()}{int(match[2]):04d}"


def _before(page: Page, index: int, distance: int) -> range:
    return range(index - 1, max(-1, index - 1 - distance), -1)


def _arrete_at(page: Page, index: int) -> tuple[date, int] | None:
    """« arrêté du 14 janvier 2020 » at this token: the day, and the last token."""
    tokens = page.tokens
    if tokens[index].term != ARRETE or index + 3 >= len(tokens):
        return None
    day, month, year = (token.term for token in tokens[index + 1 : index + 4])
    number = MONTHS.get(month)
    day = day.removesuffix("er")
    if number is None or not day.isdigit() or not re.fullmatch(r"\d{4}", year):
        return None
    try:
        return date(int(year), number, int(day)), index + 3
    except ValueError:
        return None


def _object_agrees(page: Page, last: int, words: frozenset[str]) -> bool:
    """Many arrêtés are signed the same day: what follows the date must not be another subject."""
    sentence = page.sentences[last]
    after = [
        token.term
        for token, number in zip(
            page.tokens[last + 1 : last + 16], page.sentences[last + 1 : last + 16], strict=True
        )
        if number == sentence
    ]
    return not after or after[0] not in _OPENS_OBJECT or bool(words.intersection(after))


def _at(chain: Sequence[str], index: int, phrase: Phrase) -> bool:
    return chain[index : index + len(phrase)] == phrase


def _code_of(page: Page, index: int, codes: Sequence[tuple[int, str]]) -> str | None:
    """The code an article belongs to: the next one named right after it, or else the last before.

    « Vu le code de l'environnement, notamment ses articles L. 541-10 et R. 543-290 » names it
    first; « articles L. 541-10 et R. 543-290 du code de l'environnement » names it last.
    """
    sentence = page.sentences[index]
    near = [(place, name) for place, name in codes if page.sentences[place] == sentence]
    after = next(((place, name) for place, name in near if place > index), None)
    before = next(((place, name) for place, name in reversed(near) if place < index), None)
    if after and _is_list(page, index, after[0]):
        return after[1]
    if before:
        return before[1]
    return after[1] if after else None


def _is_list(page: Page, first: int, last: int) -> bool:
    """Whether only articles and link words stand between two tokens, but for three words."""
    others = [
        token.term
        for token in page.tokens[first + 1 : last]
        if not is_article(token.term) and token.term not in _LINKS and not token.term.isdigit()
    ]
    return len(others) <= 3


def _split(term: str) -> tuple[str, tuple[int, ...]]:
    """`l541-10-1` -> ("l", (541, 10, 1)); a letter after the number is dropped."""
    letter = re.split(r"\d", term, maxsplit=1)[0]
    return letter, tuple(int(number) for number in re.findall(r"\d+", term))


def _range(target: Target, article: Article) -> _Range:
    letter, first = _split(fold(article.de).replace(". ", ""))
    last = _split(fold(article.a).replace(". ", ""))[1] if article.a else first
    name = f"{article.de} à {article.a}" if article.a else article.de
    return _Range(letter, first, last, target, f"article:{name} ({article.code})")


def _items_around(text: str, start: int, end: int) -> list[int]:
    """The numbers of « 4° et 5° de l'article L. 541-10-1 » or « L. 541-10-1 (4°) »."""
    found = _ITEMS_BEFORE.search(text[max(0, start - 60) : start]) or _ITEMS_AFTER.search(
        text[end : end + 40]
    )
    return [int(number) for number in re.findall(r"\d+", found[1])] if found else []
