"""The one French analysis, shared by the index, the queries and the tagger.

`analyse` gives what a text says without how it is written: accents, case, plurals, elisions,
inclusive forms and hyphens do not count, references (`L. 541-10-1`, `2026-822`, a NOR) stay whole.
Accents are dropped before stemming, so that « RENOVATION ENERGETIQUE » in capitals reads as
« rénovation énergétique » does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import Stemmer  # type: ignore[import-not-found]

from hub.text import fold

_STOP = """
a ai ainsi alors apres as au aucun aucune aujourd'hui aussi autre autres aux avaient avait avant
avec avez avoir avons c ce cela celle celles celui ces cet cette ceux chaque ci comme comment d
dans de depuis des deux donc dont du elle elles en encore entre es est et etaient etait etant
ete etre eu eux furent fut il ils j je jusqu jusque l la laquelle le lequel les lesquelles
lesquels leur leurs lorsqu lorsque lui m mais me meme memes mes moi mon n ne ni nos notre nous
on ont or ou par parce pas peu peut peuvent plus pour pourquoi puis puisqu puisque qu quand que
quel quelle quelles quels qui quoi s sa se sera seront ses si soit son sont sous sur t ta te tel
telle telles tels tes toi ton tous tout toute toutes tres tu un une vers vos votre vous y of and
or to
"""
STOP_WORDS = frozenset(_STOP.split())
"""Folded. « contre » and « sans » are not here: they turn the meaning of phrases."""

_IRREGULAR = {
    "travaux": "travail",
    "baux": "bail",
    "emaux": "email",
    "vitraux": "vitrail",
    "yeux": "oeil",
    **dict.fromkeys(("collectif", "collectifs", "collective", "collectives"), "collectif"),
}
"""What Snowball gets wrong: plurals, and « collective » taken for « collecte »."""
_FEMININE = re.compile(r"e{2,}s?$")
_JOINED = re.compile(
    r"(bio|eco|auto)(?=dechet|organisme|contribution|conception|modulation|consomm|participation)"
)
_INCLUSIVE = (
    r"(?:[·•‧⋅∙]\w+(?:[·•‧⋅∙]\w+)?"
    r"|\.(?:e|ne|le|rice|trice|euse|ere|ère|iere|ière|fe|se)(?:\.?s)?(?![\w.])"
    r"|\((?:e|s|es|ne|nes|le|les|rice|trice|euse|ère|ière)\)s?)"
)
_HYPHEN = "[-\u2010\u2011]"
_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060"
_TOKEN = re.compile(
    rf"""
    (?P<article>(?<!\w)(?:LO|[LRDA])\s?\.?\s?\*?\s?\d{{1,4}}(?:{_HYPHEN}\d+)+(?:{_HYPHEN}[A-Z](?!\w))?(?!\w))
  | (?P<short_article>(?<!\w)(?:LO|[LRDA])\.\s?\*?\s?\d{{1,4}}(?!\w))
  | (?P<number>\d+(?:(?:{_HYPHEN}|/)\d+)+(?:/(?:UE|CE|CEE|EU|EC))?(?!\w))
  | (?P<dotted>(?<![\w.])(?:[A-Z]\.){{2,}}[A-Z]?(?!\w))
  | (?P<elision>(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu)['’ʼ](?=\w))
  | (?P<word>(?:aujourd['’ʼ]hui|[^\W_][^\W_{_MARKS}]*(?:[{_MARKS}]+[^\W_]*)*))
    (?P<inclusive>{_INCLUSIVE})?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PIECE = re.compile(r"\S+")
_OVER_BLANK = re.compile(r"[LRDAlrda](?<!\w.)(?:(?<=[Ll])[Oo])?(?=\S{0,2}\s)\s?\.?\s?\*?\s?\d")
"""Where the number of an article begins after a blank. Written without IGNORECASE to be fast."""
_DIGIT = re.compile(r"\d")
_NOT_REFERENCE = re.compile(r"[^a-z0-9/-]")

_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060]")

_stemmer = Stemmer.Stemmer("french", 0)
_stemming = Lock()  # one PyStemmer object cannot serve two threads at once


class Token(NamedTuple):
    """One term that counts; `start` and `end` are places in the text as it was given."""

    term: str
    start: int
    end: int


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The term of a folded word. Words that hold a digit are references and stay as they are."""
    if len(word) < 3 or _DIGIT.search(word):
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    with _stemming:
        return str(_stemmer.stemWord(_FEMININE.sub("e", word)))


def analyse(text: str) -> list[Token]:
    """The terms of a text, in order, stop words out."""
    tokens: list[Token] = []
    done = 0
    for start, end in _runs_over_blanks(text):
        _add_pieces(tokens, text, done, start)
        tokens += _read(text, start, end)
        done = end
    _add_pieces(tokens, text, done, len(text))
    return tokens


def _runs_over_blanks(text: str) -> Iterator[tuple[int, int]]:
    """Where pieces are read together: of all tokens, only an article holds blanks."""
    first = last = 0
    for match in _OVER_BLANK.finditer(text):
        start, end = match.span()
        while start > last and not text[start - 1].isspace():
            start -= 1
        while end < len(text) and not text[end].isspace():
            end += 1
        if start > last:
            yield first, last
            first = start
        last = end
    yield first, last


def _add_pieces(tokens: list[Token], text: str, start: int, end: int) -> None:
    for match in _PIECE.finditer(text, start, end):
        place = match.start()
        for term, first, last in _read_piece(match[0]):
            tokens.append(Token(term, place + first, place + last))


@lru_cache(maxsize=32_768)
def _read_piece(piece: str) -> tuple[Token, ...]:
    """The tokens of what stands between two blanks, which are the same wherever it stands."""
    if piece.isalpha() and "\u02bc" not in piece:  # one word: that apostrophe passes for a letter
        tokens: list[Token] = []
        _add_word(tokens, piece, 0, len(piece))
        return tuple(tokens)
    return tuple(_read(piece, 0, len(piece)))


def _read(text: str, start: int, end: int) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text, start, end):
        kind = match.lastgroup
        if kind == "elision":
            continue
        if kind in ("word", "inclusive"):
            _add_word(tokens, match["word"], match.start(), match.end())
        else:
            tokens.append(Token(_reference(match[0]), match.start(), match.end()))
    return tokens


def terms(text: str) -> tuple[str, ...]:
    """Only the terms, for a phrase to look for."""
    return tuple(token.term for token in analyse(text))


def highlight(text: str, terms: Collection[str]) -> list[tuple[int, int]]:
    """Where words of `text` have one of these terms (as `analyse` gives them), in order."""
    wanted = frozenset(terms)
    return [(token.start, token.end) for token in analyse(text) if token.term in wanted]


def _add_word(tokens: list[Token], word: str, start: int, end: int) -> None:
    folded = _fold_word(word)
    if folded in STOP_WORDS or not folded:
        return
    if joined := _JOINED.match(folded):
        cut = start + _length_of(word, joined.end())
        tokens.append(Token(folded[: joined.end()], start, cut))
        tokens.append(Token(stem(folded[joined.end() :]), cut, end))
    else:
        tokens.append(Token(stem(folded), start, end))


@lru_cache(maxsize=65_536)
def _fold_word(word: str) -> str:
    return _INVISIBLE.sub("", fold(word))


def _length_of(word: str, folded_length: int) -> int:
    """How many characters of `word` give the first `folded_length` ones of its folded form."""
    for length in range(1, len(word) + 1):
        if len(_fold_word(word[:length])) >= folded_length:
            break
    while length < len(word) and not _fold_word(word[length]):  # an accent written apart
        length += 1
    return length


def _reference(text: str) -> str:
    plain = fold(text.replace("\u2010", "-").replace("\u2011", "-"))
    return _NOT_REFERENCE.sub("", plain)
