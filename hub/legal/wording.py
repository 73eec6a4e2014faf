"""The wording of an alinéa as words, and what differs between two, in readable chunks. Pure.

What a reader takes as one thing is one word: a number with its unit, a date, the number of an
article. Case, kinds of apostrophes, quotes and dashes make no difference, nor does the punctuation
that ends an alinéa: it depends on its place in a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from hub.changes import Op
from hub.text import MONTHS, clean

KEPT = 0.2
"""Share of words that must stay for a changed alinéa to be shown word by word."""
EFFORT = 3_000_000_000
"""Pairs of words that may be compared, a machine word at a time; past it all is one replacement."""

_MONTHS = "|".join(MONTHS)
_LETTER = r"[^\W\d_]"
_UNIT = (
    r"(?:%|‰|€|°C|[kMGT]?W(?:c|h)?|[kMGT]?Wh?|[kM]?VA|V|m²|m2|m³|m3|km|cm|mm|m|kg|g|t|dB|L|l|"
    r"euros?|centimes?|francs?|F|tonnes?|kilogrammes?|hectares?|ha|mètres?|ans?|années?|mois|semaines?|"
    r"jours?|heures?|minutes?|habitants?|salariés?|logements?|pour cent)"
)
_AMOUNT = r"\d{1,3}(?:[ ]\d{3}){1,4}(?!\d)(?:,\d+)?|\d+(?:[.,]\d+)?"
_TOKEN = re.compile(
    rf"""(
      \d{{1,2}}(?:er)?[ ](?:{_MONTHS})(?:[ ]\d{{4}})?(?!\w)
    | (?:{_MONTHS})[ ]\d{{4}}(?!\w)
    | (?:LO|[LRDA])\.[ ]?\*{{0,2}}[ ]?\d+(?:-\d+)*
    | n[°º][ ]?\d+(?:-\d+)*
    | \d+(?:-\d+)+
    | \d+[°º]
    | (?:{_AMOUNT})[ ]?{_UNIT}(?!\w)
    | (?:{_AMOUNT})
    | {_LETTER}+['’]
    | {_LETTER}[\w]*(?:-{_LETTER}+)*
    | \w+
    | \S
    )([ ]?)""",
    re.VERBOSE | re.IGNORECASE,
)
"""A word and the space after it. What a reader takes as one thing is one word."""

_NUMBERING = re.compile(
    r"(?:[IVXLC]{1,7}(?: ?(?:bis|ter|quater|quinquies|sexies|[A-Z]))?\. ?[-–—]? "
    r"|\d{1,3} ?°(?: ?(?:bis|ter|quater|quinquies|sexies))?(?: [A-Z]\.?(?= \D))? ?"
    r"|[a-z]{1,2}(?: ?(?:bis|ter|quater))?\) "
    r"|\d{1,3}[.)] "
    r"|[-–—•] )(?=\S)"
)
"""What numbers an alinéa: « I. - », « 2° bis », « a) » (guide de légistique, fiche 3.1.2)."""

_KEYS = str.maketrans(
    {
        **dict.fromkeys("‘’‛ʼ′`´", "'"),
        **dict.fromkeys("«»“”„‟", '"'),
        **dict.fromkeys("‐‑‒–—−", "-"),
        "œ": "oe",
        "º": "°",
        " ": "",
    }
)
_ENDS = frozenset(".;,:")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words with one fate, spaces included."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """`key` is a number: the same for two writings that are equal."""

    key: int
    shown: str
    is_word: bool


@dataclass(frozen=True, slots=True)
class Line:
    """An alinéa: the words that number it, those that say something, and what ends it."""

    number: tuple[Word, ...]
    words: tuple[Word, ...]
    tail: str
    keys: tuple[int, ...]

    @property
    def text(self) -> str:
        return show((*self.number, *self.words)) + self.tail


class Reader:
    """Reads alinéas; each alinéa, and each writing of a word, is looked at once per comparison."""

    def __init__(self) -> None:
        self._keys: dict[str, int] = {}
        self._words: dict[tuple[str, str], Word] = {}
        self._lines: dict[str, Line] = {}

    def read(self, text: str) -> Line:
        line = self._lines.get(text)
        if line is None:
            line = self._lines[text] = self._read(clean(text))
        return line

    def _read(self, line: str) -> Line:
        mark = _NUMBERING.match(line)
        start = mark.end() if mark else 0
        words = self._split(line[start:])
        end = len(words)
        while end and words[end - 1].shown.rstrip() in _ENDS:
            end -= 1
        tail = show(words[end:])
        if end and words[end - 1].shown.endswith(" "):  # « mot ; »: the space is before the end
            last = words[end - 1]
            words[end - 1] = Word(last.key, last.shown.rstrip(" "), last.is_word)
            tail = f" {tail}"
        body = tuple(words[:end])
        return Line(tuple(self._split(line[:start])), body, tail, tuple(word.key for word in body))

    def _split(self, text: str) -> list[Word]:
        return [self._word(found) for found in _TOKEN.findall(text)]

    def _word(self, found: tuple[str, str]) -> Word:
        word = self._words.get(found)
        if word is None:
            shown, space = found
            plain = shown.casefold().translate(_KEYS)
            key = self._keys.setdefault(plain, len(self._keys))
            inside = shown.replace(" ", "\u00a0")
            word = Word(key, inside + space, any(sign.isalnum() for sign in shown))
            self._words[found] = word
        return word


def is_too_long(old: Sequence[int], new: Sequence[int]) -> bool:
    """Whether comparing them word by word would take too long."""
    return len(old) * len(new) > EFFORT


def show(words: Iterable[Word]) -> str:
    return "".join([word.shown for word in words])


# --- What differs ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A run of words that is the same in both, or not."""

    is_equal: bool
    gone: tuple[Word, ...]
    come: tuple[Word, ...]

    @property
    def size(self) -> int:
        return max(_count(self.gone), _count(self.come))

    def joined(self, other: _Chunk) -> _Chunk:
        return _Chunk(False, self.gone + other.gone, self.come + other.come)


def diff_words(old: Sequence[Word], new: Sequence[Word]) -> list[Piece]:
    """The words of both, in chunks that can be read. The space after a change is outside it."""
    return list(_pieces(_readable(_chunks(tuple(old), tuple(new)))))


def _chunks(old: tuple[Word, ...], new: tuple[Word, ...]) -> list[_Chunk]:
    a, b = [word.key for word in old], [word.key for word in new]
    if is_too_long(a, b):
        return [_Chunk(False, old, new)]
    chunks: list[_Chunk] = []
    for code in Levenshtein.opcodes(a, b):
        chunk = _Chunk(
            code.tag == "equal",
            old[code.src_start : code.src_end],
            new[code.dest_start : code.dest_end],
        )
        if chunks and not chunk.is_equal and not chunks[-1].is_equal:
            chunks[-1] = chunks[-1].joined(chunk)
        else:
            chunks.append(chunk)
    return chunks


def _readable(chunks: Sequence[_Chunk]) -> list[_Chunk]:
    """Join the changes that too few words keep apart. When hardly any stays, all is replaced."""
    out: list[_Chunk] = []
    for chunk, follows in zip(chunks, [*chunks[1:], None], strict=True):
        is_change = not chunk.is_equal or (
            bool(out) and follows is not None and _is_slight(chunk, out[-1], follows)
        )
        if out and is_change and not out[-1].is_equal:
            out[-1] = out[-1].joined(chunk)
        else:
            out.append(chunk)
    stays = sum(_count(chunk.come) for chunk in out if chunk.is_equal)
    most = max(sum(_count(c.gone) for c in out), sum(_count(c.come) for c in out))
    if len(out) > 2 and stays < KEPT * most:
        whole = out[0]
        for chunk in out[1:]:
            whole = whole.joined(chunk)
        return [whole]
    return out


def _is_slight(equal: _Chunk, before: _Chunk, after: _Chunk) -> bool:
    """One word; or a few, no more than what changes on either side."""
    count = _count(equal.come)
    return count <= 1 or count <= min(4, before.size, after.size)


def _count(words: Sequence[Word]) -> int:
    return sum(word.is_word for word in words)


def _pieces(chunks: Sequence[_Chunk]) -> Iterator[Piece]:
    """A space around a change is not part of it, unless only one of the wordings has it."""
    carried = before_gone = before_come = ""
    for chunk, follows in zip(chunks, [*chunks[1:], None], strict=True):
        gone, come = show(chunk.gone), show(chunk.come)
        if chunk.is_equal:
            before_gone, before_come = (" " if text.endswith(" ") else "" for text in (gone, come))
            is_shared = before_gone == before_come or follows is None
            yield Piece(Op.EGAL, carried + (come if is_shared else come.rstrip(" ")))
            if is_shared:
                before_gone = before_come = ""
            carried = ""
            continue
        ends = {text.endswith(" ") for text in (gone, come) if text}
        if len(ends) == 1:
            gone, come = gone.rstrip(" "), come.rstrip(" ")
        carried = " " if ends == {True} or (before_come and not come) else ""
        yield Piece(Op.RETRAIT, before_gone + gone if gone else "")
        yield Piece(Op.AJOUT, before_come + come if come else "")
