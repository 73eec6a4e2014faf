"""The notice of the Journal officiel: the plain words that open a décret, part by part. Pure.

The circulaire of 7 July 2011 on the quality of law (NOR PRMX1118705C) asks of each décret that sets
rules a notice for those whom it concerns, in labelled parts: « Publics concernés », « Objet »,
« Entrée en vigueur », « Notice », « Références ». « Application » (the article that the décret is
taken for) came later in the place of the last two. The notice is no part of the law.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """The parts of a notice, under the name of the group that finds them."""

    PUBLICS = "publics"
    OBJET = "objet"
    ENTREE_EN_VIGUEUR = "entree_en_vigueur"
    NOTICE = "notice"
    APPLICATION = "application"
    REFERENCES = "references"


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of one part, label and blanks aside: `words == text[start:end]`."""

    label: Label
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The parts that a notice has, in the order of the text; they do not overlap."""

    parts: tuple[Passage, ...]

    def part(self, label: Label) -> Passage | None:
        return next((part for part in self.parts if part.label is label), None)


def read_notice(text: str) -> Notice | None:
    """The notice at the head of a text, or None.

    It stops where the text of law begins (authority, visas, first article). A label counts at the
    head of a line, or in a line after the end of a sentence when the lines were lost; the second
    time it is a word like another. One label alone makes no notice, as letters too have an
    « Objet »; « Publics concernés » does.
    """
    stop = _find_body(text)
    labels = list(_find_labels(text, stop))
    ends = [*(start for _, start, _ in labels[1:]), stop]
    cut = [
        _passage(text, label, start, end)
        for (label, _, start), end in zip(labels, ends, strict=False)
    ]
    parts = tuple(part for part in cut if part.words)
    is_notice = len(parts) > 1 or any(part.label is Label.PUBLICS for part in parts)
    return Notice(parts) if is_notice else None


def _passage(text: str, label: Label, start: int, end: int) -> Passage:
    words = text[start:end].strip()
    first = text.index(words, start)
    return Passage(label, first, first + len(words), words)


# --- Labels ------------------------------------------------------------------------------------

_BLANK = "[ \t\u00a0\u202f]"
_NAMES = {
    Label.PUBLICS: rf"publics?(?:\(s\))?{_BLANK}{{1,3}}concern[ée]s?(?:\(s\))?",
    Label.OBJET: r"objets?",
    Label.ENTREE_EN_VIGUEUR: (
        rf"(?:dates?{_BLANK}{{1,3}}d['’])?entr[ée]es?{_BLANK}{{1,3}}en{_BLANK}{{1,3}}vigueur"
    ),
    Label.NOTICE: rf"notice(?:{_BLANK}{{1,3}}explicative)?",
    Label.APPLICATION: r"application",
    Label.REFERENCES: r"r[ée]f[ée]rences?",
}
_LABEL = re.compile(
    rf"(?:^{_BLANK}{{0,8}}(?:[-–—•*·]{_BLANK}{{0,3}})?|(?<=[.;!?…»)]){_BLANK}{{0,4}})"
    rf"(?:{'|'.join(f'(?P<{label}>{name})' for label, name in _NAMES.items())})"
    rf"{_BLANK}{{0,3}}:",
    re.IGNORECASE | re.MULTILINE,
)


def _find_labels(text: str, stop: int) -> Iterator[tuple[Label, int, int]]:
    """Each label once: where it stands, where its words begin."""
    seen: set[Label] = set()
    for found in _LABEL.finditer(text, 0, stop):
        label = Label(found.lastgroup or "")
        name = found[label]
        is_first = found.start() == 0 or text[found.start() - 1] == "\n"
        if label not in seen and (is_first or name[0].isupper()):
            seen.add(label)
            yield label, found.start(), found.end()


# --- Where the law begins ----------------------------------------------------------------------

_LINE = re.compile(r"[^\n]+")
_AUTHORITY = re.compile(
    r"(?:(?:Le|La|Les) (?:Premi|ministre|garde|président|préf|secrétaire d|Conseil)"
    r"|L['’](?:Assemblée|Autorité|administrat))",
    re.IGNORECASE,
)
_FORMULA = re.compile(
    r"Vu (?:l[ea]s? |l['’]|son |ses |sa )|Sur (?:le rapport|(?:la )?proposition) d"
    r"|(?:Décrète|Arrêtent?|Ordonne|Décide|Délibère)\b[^\n]{0,40}$",
    re.MULTILINE,
)
_HEADING = re.compile(
    r"(?:Article (?:1er|premier|unique|[LRDA]\.|\d)|(?:Titre|Chapitre|Section) (?:Ier|I\b|1\b))",
    re.IGNORECASE,
)
_GLUED = re.compile(r",\s?(?:Sur le rapport|Vu l[ea]s? |Vu l['’])")
HEADING_LENGTH = 120
AUTHORITY_LENGTH = 2_000


def _find_body(text: str) -> int:
    """Where the first line stands that is no longer a notice; the end of the text when none is."""
    for line in _LINE.finditer(text):
        if _opens_law(line[0].strip()):
            return line.start()
    return len(text)


def _opens_law(line: str) -> bool:
    """An authority is named on a line that ends with a comma; visas may have been glued to it."""
    if _AUTHORITY.match(line):
        return line.endswith(",") or _GLUED.search(line[:AUTHORITY_LENGTH]) is not None
    if _HEADING.match(line):
        return len(line) < HEADING_LENGTH and not line.endswith((".", ";"))
    return _FORMULA.match(line) is not None
