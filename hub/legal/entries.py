"""When a published text, or a part of it, begins to apply, as it says itself. Pure.

Laws and, when they are published in the Journal officiel, administrative acts enter into force on
the day they fix, else on the day after their publication (Code civil, art. 1er).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hub.legal.echeances import find_echeances, find_uncomputable
from hub.legal.plain import plain
from hub.legal.sentences import split_sentences
from hub.legal.timing import Context, Role
from hub.model import Precision

CODE_CIVIL = "code-civil:1"
"""The rule of the day after publication."""

_ENTERS = re.compile(
    r"(?<!\w)(?:entr(?:e|ent|era|eront)\s{1,4}en\s{1,4}vigueur|prend(?:ra)?\s{1,4}effet"
    r"|prennent\s{1,4}effet)(?!\w)|^\s{0,8}entree\s{1,4}en\s{1,4}vigueur\s{0,3}:",
    re.ASCII,
)
"""The verb: « à compter de l'entrée en vigueur de … » fixes no day."""
_ACT = r"(?:decret|arrete|ordonnance|loi|texte|deliberation)"
_WHOLE = re.compile(
    rf"(?<!\w)(?:presente?s?\s{{1,4}}{_ACT}s?|(?:le|la|l')\s{{0,4}}{_ACT}(?!\s{{1,4}}(?:n|du)\W)"
    r"|(?:ses|les\s{1,4}autres)\s{1,4}dispositions)(?!\w)",
    re.ASCII,
)
_NUMBER = r"(?:[lrda]\.?\s?)?[0-9]{1,4}(?:er)?(?:-[0-9]{1,4}){0,4}(?![0-9-])"
_PART = re.compile(
    r"(?<!\w)(?P<named>(?:(?:[ivx]{1,5}|[0-9]{1,2}°)\s{1,4}(?:de\s{1,4}l'|des\s{1,4})\s{0,2})?"
    rf"articles?\s{{1,4}}{_NUMBER}(?:(?:\s?,|\s{{1,4}}et|\s{{1,4}}a)\s{{1,4}}{_NUMBER}){{0,12}})",
    re.ASCII,
)
_OTHER_TEXT = re.compile(
    r"\s{1,4}(?:de\s{1,4}la\s{1,4}loi|du\s{1,4}decret|de\s{1,4}l'ordonnance|de\s{1,4}l'arrete)\s"
    r"{1,4}(?:n\W|du\s)",
    re.ASCII,
)
_OF_THIS = re.compile(r"\s{1,4}(?:du|de\s{1,4}la|de\s{1,4}l')\s{0,4}$", re.ASCII)
_REACH = 400
"""How far before a date the clause that it ends is read."""
_EXCEPT = re.compile(r"(?<!\w)(?:a\s{1,4}l'exception|sauf|hormis)(?!\w)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """When a part of a text begins to apply: `words == text[start:end]`.

    `part` names the articles as written, "" the whole text. `on` is None where the text leaves
    the day to something that is not known. `is_deduced`: the text fixes no day, the law does.
    """

    words: str
    start: int
    end: int
    part: str = ""
    on: date | None = None
    precision: Precision = Precision.DAY
    is_certain: bool = True
    is_deduced: bool = False


def find_entries(text: str, context: Context, *, is_whole: bool) -> tuple[Entry, ...]:
    """When the text applies, in its own words; else, when the whole of it was read (`is_whole`) and
    its publication is known, what the law supplies for it or for the rest of its articles.
    """
    written = tuple(_written(text, context))
    says_whole = any(not entry.part for entry in written)
    if says_whole or not is_whole or context.published_on is None:
        return written
    if not written and _speaks_of_entry(text):
        return ()
    next_day = context.published_on + timedelta(days=1)
    return (*written, Entry("", 0, 0, on=next_day, is_deduced=True))


def _written(text: str, context: Context) -> Iterator[Entry]:
    for start, end in split_sentences(text):
        sentence = text[start:end]
        seen = plain(sentence).text
        if not _ENTERS.search(seen) or _is_quoted(text, start):
            continue
        for found in find_echeances(sentence, context):
            if found.role is Role.ENTREE_EN_VIGUEUR:
                part = _part(sentence, found.start)
                place = (found.words, start + found.start, start + found.end)
                yield Entry(*place, part, found.date, found.precision, found.is_certain)
        for unknown in find_uncomputable(sentence, context):
            part = _part(sentence, unknown.start)
            place = (unknown.words, start + unknown.start, start + unknown.end)
            yield Entry(*place, part, is_certain=False)


def _speaks_of_entry(text: str) -> bool:
    """Whether a sentence that we could not read fixes the day."""
    return any(
        _ENTERS.search(plain(line).text)
        for line in text.split("\n")
        if not line.lstrip().startswith("«")
    )


def _part(sentence: str, place: int) -> str:
    """The articles that the date at `place` is for: those named last before it, unless the text
    itself was named since. An exception opens its own clause.
    """
    clause = sentence[max(0, place - _REACH) : place]
    read = plain(clause)
    before = read.text
    parts = [p for p in _PART.finditer(before) if not _OTHER_TEXT.match(before, p.end())]
    if not parts:
        return ""
    last = parts[-1]
    subjects = [w for w in _WHOLE.finditer(before) if not _is_complement(before, w.start())]
    if any(w.start() >= last.end() for w in subjects):
        return ""
    is_apart = _EXCEPT.search(before, 0, last.start()) or _ENTERS.search(before, 0, last.start())
    if subjects and not is_apart:
        return ""
    start, end = read.span(last.start("named"), last.end())
    return " ".join(clause[start:end].split())


def _is_complement(text: str, place: int) -> bool:
    """« l'article 3 du présent décret »: the text is named, and is not the subject."""
    return _OF_THIS.search(text[max(0, place - 12) : place]) is not None


def _is_quoted(text: str, place: int) -> bool:
    """New words of another text stand between guillemets, opened again at each paragraph (Guide de
    légistique, fiche on amending articles).
    """
    start = text.rfind("\n", 0, place) + 1
    head = text[start : start + 8].lstrip()
    return head.startswith("«") and text.find("»", start, place) < 0
