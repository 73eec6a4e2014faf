"""What a title says its text does to others: « modifiant le décret n° … », « pris pour
l'application de … ».

A title opens with the text's own nature, number and date, and says what the text does before it
says what the texts it names are about: « modifiant » after the name of another text is that
other's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hub.legal.articles import is_link, joins
from hub.legal.linkkind import LinkKind
from hub.legal.norms import Citation, CitationKind

_TO = r"(?:portant|relatifs?\s{1,4}a|relatives?\s{1,4}a)"
_FORMULAS = {
    LinkKind.MODIFIE: (
        r"modifiant|completant|rectifiant|prorogeant"
        rf"|{_TO}(?:\s{{1,4}}la)?\s{{1,4}}(?:diverses\s{{1,4}})?modifications?"
    ),
    LinkKind.ABROGE: rf"abrogeant|{_TO}(?:\s{{1,4}}l')?\s{{0,4}}abrogation",
    LinkKind.RATIFIE: rf"ratifiant|{_TO}(?:\s{{1,4}}la)?\s{{1,4}}ratification",
    LinkKind.TRANSPOSE: (
        rf"transposant|(?:{_TO}|assurant|pour)(?:\s{{1,4}}la)?\s{{1,4}}transposition"
    ),
    LinkKind.CODIFIE: (
        rf"{_TO}\s{{1,4}}codification|{_TO}(?:\s{{1,4}}(?:la|aux|les))?"
        r"(?:\s{1,4}(?:partie|dispositions))?\s{1,4}(?:legislative|reglementaire)s?"
    ),
    LinkKind.APPLIQUE: (
        r"(?:prise?s?\s{1,4})?(?:pour\s{1,4}l'|en\s{1,4})\s{0,4}application"
        r"|prise?s?\s{1,4}sur\s{1,4}le\s{1,4}fondement"
        rf"|{_TO}(?:\s{{1,4}}l')?\s{{0,4}}application"
        r"|(?:modalites|conditions|mesures)\s{1,4}d'\s?application"
    ),
}
FORMULAS = tuple(
    (kind, re.compile(rf"(?<![\w-])(?:{words})(?!\w)", re.ASCII))
    for kind, words in _FORMULAS.items()
)
_SOME = frozenset(
    ("diverses", "certaines", "titre", "livre", "chapitre", "liste", "cahier", "charges")
)
_BARE_APPLICATION = re.compile(r"(?:en|pour\s{1,4}l')\s{0,4}application", re.ASCII)
_PARTICIPLE = re.compile(r"(?:é|ée|és|ées|ise?s?|ue?s?|ite?s?)\s{1,4}$")
"""« Des dons acquis en application de … »: the dons are, not the text."""
_ON_A_DRAFT = re.compile(
    r"(?<!\w)avis\s{1,4}(?:sur|relatifs?\s{1,4}au|concernant)\s(?:[^.;\n]{0,60}?)projets?(?!\w)",
    re.ASCII,
)
_DIRECT = re.compile(r"(?:^|\s)(?:le|la|les|l'|aux?|plusieurs|deux|trois|certains?)\s{0,4}$")
_AND_DIRECT = re.compile(r"(?:,|\bet|\bainsi\s{1,4}que)\s{1,4}(?:le|la|les|l')\s{0,4}$")
_AND = re.compile(r"(?:,|\bet)\s{0,4}$")
_REACH = 80
_OBJECT_REACH = 400
"""What a text is about is no longer said in so many characters."""
_WORD = 20
_OPENING = 60
"""Where in a title the text itself may be named: « LOI n° … », « Publication du décret n° … »."""


def own_citation(citations: Sequence[Citation]) -> Citation | None:
    """The text itself, as its title names it first."""
    acts = [c for c in citations if c.kind is not CitationKind.ARTICLE and c.start < _OPENING]
    return acts[0] if acts else None


def find_in_title(
    title: str, written: str, citations: Sequence[Citation]
) -> Iterator[tuple[LinkKind, Citation, int]]:
    """What the title says is done, with the place where its formula begins.

    `title` is plain, one character for one of `written`; the text itself is not in `citations`.
    An opinion on a draft does nothing of what the draft would.
    """
    if _ON_A_DRAFT.search(title):
        return
    formulas = sorted(
        (match.start(), match.end(), kind)
        for kind, pattern in FORMULAS
        for match in pattern.finditer(title)
        if not (_BARE_APPLICATION.match(match[0]) and _follows(_PARTICIPLE, written, match.start()))
    )
    last = -1
    for start, end, kind in formulas:
        if start < last or not _is_own(title, start, citations):
            continue
        last = end
        following = [start for start, _, _ in formulas if start >= end]
        stop = next((s for s in following if _follows(_AND, title, s)), len(title))
        for target in targets(title, end, stop, citations):
            yield kind, target, start


def _follows(words: re.Pattern[str], text: str, place: int) -> bool:
    """Whether `words`, which ends with `$`, stands right before a place."""
    return bool(words.search(text[max(0, place - _WORD) : place]))


def _is_own(title: str, start: int, citations: Sequence[Citation]) -> bool:
    """Whether a formula speaks of the titled text: no other was named, or « et » takes it up right
    after one.
    """
    before = [c for c in citations if c.end <= start]
    if not before:
        return True
    gap = title[before[-1].end : start]
    return bool(_AND.search(gap)) and is_link(gap)


def targets(text: str, place: int, stop: int, citations: Sequence[Citation]) -> Iterator[Citation]:
    """The citations a formula governs: the first after it, those listed with it, and those that
    « et le », « et l' » adds after what the first is about.
    """
    end, is_direct, first = place, False, True
    for citation in citations:
        if citation.start < place or citation.start >= stop:
            continue
        gap = text[end : citation.start]
        if len(gap) > _OBJECT_REACH:
            return
        if first:
            if len(gap) > _REACH or not _leads(gap):
                return
            is_direct = bool(_DIRECT.search(gap))
        elif not (joins(gap) or (is_direct and _AND_DIRECT.search(gap))):
            if is_direct:
                continue
            return
        yield citation
        end, first = citation.end, False


def _leads(gap: str) -> bool:
    words = [word for word in re.findall(r"[a-z]+", gap) if word not in _SOME]
    return is_link(" ".join(words))
