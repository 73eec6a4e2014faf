"""Articles of the codes: « L. 541-10-1 », « R. 4624-17 à R. 4624-21 », and the code each is of.

An article is nothing without its code: L. 314-1 is in several. The code is that which an
enumeration ends with, or that which introduces it, or the one being amended; where none of these
is said the article keeps an unknown code, for a reader who knows the context.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.legal.codes import ANY, NAMED, Code, code_named
from hub.legal.norms import UNKNOWN_CODE, Citation, CitationKind, cite
from hub.legal.plain import Plain

_ARTICLE = re.compile(
    r"(?<!\w)(?<!\w-)(?:\*\s?)?(?P<letter>l\.?\s?o|[lrda])(?P<dot>\s?\*?\s?\.?\s?\*?)\s{0,3}"
    r"(?P<number>[0-9]{1,4}(?:-\n?[0-9]{1,4}){0,7})"
    r"(?:\s(?P<suffix>bis|ter|quater|quinquies|[a-z]{1,2}(?=\s{1,4}(?:du|et)\s|\s?[,;)]))(?!\w))?"
    r"(?![\w°/]|\s°|-[a-z0-9]|,[0-9])",
    re.ASCII,
)
_SAID = re.compile(r"(?<!\w)art(?:icle)?s?\.?\s{1,4}(?:n\s?°\s{0,2})?$", re.ASCII)
_SAID_ROOM = 16
_RANGE = re.compile(r"\s{1,4}a\s{1,4}(?:l'\s?article\s{1,4}|les\s{1,4}articles\s{1,4})?", re.ASCII)
_LETTERLESS_END = re.compile(
    r"\s{1,4}a\s{1,4}(?P<number>[0-9]{1,4}(?:-[0-9]{1,4}){1,7})(?![\w°/-])", re.ASCII
)
_WORD = re.compile(r"[a-z0-9]+|[:;]|\.\s|\n", re.ASCII)
LINKS = frozenset(
    re.findall(
        r"\w+",
        """
        a ainsi al alinea alineas annexe annexes art article articles au audit aux avec b bis c ce
        d de des dudit ledit present
        dernier derniere derniers dernieres deuxieme deuxiemes disposition dispositions du e en er
        et f g l la le les leur leurs mais n notamment o ou paragraphe partie phrase phrases
        particulier premier premiere premieres premiers quater quatrieme que respectivement s sa
        second seconde section ses soit son sous suivant suivants tableau ter troisieme troisiemes
        cinquieme sixieme septieme huitieme neuvieme dixieme reglementaire legislative
        i ii iii iv v vi vii viii ix x xi xii
        conditions combine combines combinaison application sens dans par exception
        cite cites fixe fixee fixees fixes mentionne mentionnee mentionnees mentionnes modifie
        modifies precite precites prevu prevue prevues prevus susvise susvises vise visee visees
        vises
        """,
    )
)
"""What may stand between two articles of one enumeration, or before the code it is of."""
_STOPS = frozenset((";", ":", "\n", ". "))
_MOST_OTHERS = 1
_REACH = 300
"""How far, in characters, a code may stand from the enumeration it is the code of."""
_SAME = re.compile(
    r"(?:du\s{1,4}meme|dudit|audit|ledit|de\s{1,4}ce|du\s{1,4}meme)\s{1,4}$", re.ASCII
)
_PRESENT = re.compile(r"(?:du|le|au)\s{1,4}present\s{1,4}$", re.ASCII)
_OPENINGS = ' \n[*_«"'
"""What may stand before the name of a code, in Markdown above all."""
_COMPLEMENT = re.compile(r"(?<!\w)(?:du|au|\(|,|-|c\.)\s{0,4}$", re.ASCII)
_AMENDED = re.compile(
    r"\s{1,4}(?:\([^()\n]{1,60}\)\s{1,4})?(?:est|sont)\s{1,4}(?:ainsi\s{1,4})?"
    r"(?:modifiee?s?|completee?s?)(?:\s{1,4}(?:ainsi\s{1,4}qu'il\s{1,4}suit|comme\s{1,4}suit))?"
    r"\s{0,2}:",
    re.ASCII,
)
_HEADING = re.compile(r"^\s{0,4}art(?:icle)?\.?\s{1,4}(?:[0-9]{1,3}|1er|unique)\b", re.ASCII | re.M)
_OTHER_AMENDED = re.compile(
    r"(?:loi|ordonnance|decret|arrete)[^.;:\n]{0,200}?\s(?:est|sont)\s{1,4}(?:ainsi\s{1,4})?modifie",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class _Article:
    start: int
    end: int
    letter: str
    number: str
    last: str = ""
    """The number that ends a range."""

    def norm(self, code: str) -> str:
        last = f"..{self.letter}{self.last}" if self.last else ""
        return f"ART:{code}/{self.letter}{self.number}{last}"


@dataclass(frozen=True, slots=True)
class _Said:
    """A code named from `start` to `end`; `code` is None when nobody knows which it is."""

    start: int
    end: int
    code: Code | None
    is_present: bool = False


@dataclass(frozen=True, slots=True)
class _Region:
    """Where every article is of the code being amended, unless another is said."""

    start: int
    end: int
    code: Code


def find_articles(text: Plain, context: Code | None = None) -> Iterator[Citation]:
    """The articles of codes cited, in order, with the key of their code or `?`.

    `context` is the code of what is read, for the articles of which nothing says the code.
    """
    articles = list(_articles(text))
    if not articles:
        return
    said = _codes(text)
    regions = _regions(text.text, said)
    for chain in _chains(text.text, articles):
        code = _code_of(text.text, chain, said, regions, context)
        for article in chain:
            norm = article.norm(code.key if code else UNKNOWN_CODE)
            yield cite(text, article.start, article.end, CitationKind.ARTICLE, norm)


def find_whole_codes(text: Plain, articles: Sequence[Citation]) -> Iterator[Citation]:
    """The codes named for themselves: « le code … », « le livre V du code … », and not « l'article
    L. 1 du code … »; those of which DILA's identifier is known.

    `articles`: the citations of the same text, by place.
    """
    ends = [citation.end for citation in articles if citation.kind is CitationKind.ARTICLE]
    for match in NAMED.finditer(text.text):
        code = code_named(match[0])
        if not code or not code.legitext or not match[0].startswith(("code", "livre")):
            continue
        index = bisect_right(ends, match.start()) - 1
        between = text.text[ends[index] : match.start()] if index >= 0 else ";"
        if not (_is_introduced(between) and is_link(between, _MOST_OTHERS)):
            yield cite(text, *match.span(), CitationKind.LEGITEXT, code.legitext)


# --- Articles and their enumerations -----------------------------------------------------------


def _articles(text: Plain) -> Iterator[_Article]:
    previous: _Article | None = None
    for match in _ARTICLE.finditer(text.text):
        if previous and match.start() < previous.end:
            continue
        is_listed = previous is not None and is_link(text.text[previous.end : match.start()])
        if not (_has_letter(text, match) and (is_listed or _is_article(text, match))):
            continue
        if previous:
            article = _joined(text.text, previous, match)
            if article is None:
                yield previous
        else:
            article = None
        previous = article or _with_end(text.text, _read(match))
    if previous:
        yield previous


def _has_letter(text: Plain, match: re.Match[str]) -> bool:
    """« à 224 » and « a 12 places » have none; a careless « l. 541-10 » has one."""
    written = _letter_of(text, match)
    return written.isupper() if match["letter"] in "ad" else written.isascii()


def _letter_of(text: Plain, match: re.Match[str]) -> str:
    return text.source[text.span(match.start("letter"), match.end("letter"))[0]]


def _is_article(text: Plain, match: re.Match[str]) -> bool:
    """Said to be one, or written as only articles are: « L. 541-10 », « R6232-1 »."""
    if _SAID.search(text.text[max(0, match.start() - _SAID_ROOM) : match.start()]):
        return True
    if not _letter_of(text, match).isupper():
        return False
    is_long = len(match["number"].split("-")[0]) >= 3
    if match["letter"].endswith("o"):
        return is_long
    if "." in match["dot"]:
        return is_long or "-" in match["number"]
    return is_long and "-" in match["number"] and match["letter"] in "lr"


def _read(match: re.Match[str]) -> _Article:
    letter = re.sub(r"[^a-z]", "", match["letter"]).upper()
    suffix = match["suffix"] or ""
    number = match["number"].replace("\n", "")
    if suffix:
        number += f"-{suffix if len(suffix) > 2 else suffix.upper()}"
    return _Article(match.start("letter"), match.end(), letter, number)


def _with_end(text: str, article: _Article) -> _Article:
    """« L. 541-1 à 541-5 »: the letter of the last is that of the first."""
    match = _LETTERLESS_END.match(text, article.end)
    if match is None:
        return article
    return _Article(article.start, match.end(), article.letter, article.number, match["number"])


def _joined(text: str, first: _Article, match: re.Match[str]) -> _Article | None:
    """The range from an article to the one just met, when « à » joins them."""
    last = _read(match)
    between = _RANGE.fullmatch(text, first.end, last.start)
    if not between or first.last or first.letter != last.letter:
        return None
    return _Article(first.start, last.end, first.letter, first.number, last.number)


def _chains(text: str, articles: Sequence[_Article]) -> Iterator[list[_Article]]:
    """Enumerations: between their articles stand only words that join or place."""
    chain = [articles[0]]
    for article in articles[1:]:
        if not is_link(text[chain[-1].end : article.start]):
            yield chain
            chain = []
        chain.append(article)
    yield chain


def is_link(between: str, most_others: int = 0, stops: frozenset[str] = _STOPS) -> bool:
    """Whether only words that join or place stand here, but for `most_others`."""
    if len(between) > _REACH:
        return False
    words = _WORD.findall(between)
    others = [word for word in words if word not in LINKS and not word.isdigit()]
    return not any(word in stops for word in others) and len(others) <= most_others


def joins(between: str) -> bool:
    """Whether only words that join, and the codes that end an enumeration, stand here."""
    return len(between) <= _REACH and is_link(NAMED.sub(" ", between))


# --- Codes -------------------------------------------------------------------------------------


def _codes(text: Plain) -> list[_Said]:
    """Every place where a code is said, in order, « du même code » with what it stands for."""
    named = {match.start(): match for match in NAMED.finditer(text.text) if _is_meant(text, match)}
    places = sorted({*named, *(match.start() for match in ANY.finditer(text.text))})
    said: list[_Said] = []
    last: Code | None = None
    for place in places:
        before = text.text[max(0, place - 20) : place]
        if match := named.get(place):
            last = code_named(match[0])
            said.append(_Said(place, match.end(), last))
        elif _PRESENT.search(before):
            said.append(_Said(place, place + 4, None, is_present=True))
        else:
            last = last if _SAME.search(before) else None
            said.append(_Said(place, place + 4, last))
    return said


def _is_meant(text: Plain, match: re.Match[str]) -> bool:
    """Initials are capitals: « CSS » is a code, « css » is not."""
    if match[0].startswith(("code", "livre")):
        return True
    first, last = text.span(*match.span())
    return text.source[first:last].isupper()


def _code_of(
    text: str,
    chain: Sequence[_Article],
    said: Sequence[_Said],
    regions: Sequence[_Region],
    context: Code | None,
) -> Code | None:
    start, end = chain[0].start, chain[-1].end
    after = _said_after(text, end, said)
    amended = _amended_at(start, regions)
    if after and not after.is_present:
        return after.code
    if not after and (before := _said_before(text, start, said)) and not before.is_present:
        return before.code
    return amended or context


def _said_after(text: str, end: int, said: Sequence[_Said]) -> _Said | None:
    """« … du code du travail » right after the enumeration."""
    index = bisect_left(said, end, key=lambda code: code.start)
    if index == len(said):
        return None
    code = said[index]
    between = text[end : code.start]
    if len(between) > _REACH:
        return None
    is_complement = not between.strip() or _is_introduced(between)
    return code if is_complement and is_link(between, _MOST_OTHERS) else None


def _is_introduced(between: str) -> bool:
    words = between.rstrip(_OPENINGS) + " "
    return any(pattern.search(words) for pattern in (_COMPLEMENT, _SAME, _PRESENT))


def _said_before(text: str, start: int, said: Sequence[_Said]) -> _Said | None:
    """« Vu le code de l'environnement, notamment ses articles … », « Code du travail : … »."""
    index = bisect_right(said, start, key=lambda code: code.end) - 1
    if index < 0:
        return None
    code = said[index]
    between = text[code.end : start]
    stops = frozenset((";", "\n", ". "))
    is_near = is_link(between.replace(":", " "), 0, stops)
    return code if is_near else None


# --- The code being amended --------------------------------------------------------------------


def _regions(text: str, said: Sequence[_Said]) -> list[_Region]:
    """« Le code de l'énergie est ainsi modifié : » rules all that follows, up to the next article
    of the amending text or the next text amended (Guide de légistique, fiche 3.4.1,
    « Modifications et insertions »).
    """
    opened = [
        (said_code, said_code.code)
        for said_code in said
        if said_code.code and _AMENDED.match(text, said_code.end)
    ]
    if not opened:
        return []
    closings = sorted(
        match.start() for pattern in (_HEADING, _OTHER_AMENDED) for match in pattern.finditer(text)
    )
    regions = []
    for index, (place, code) in enumerate(opened):
        following = opened[index + 1][0].start if index + 1 < len(opened) else len(text)
        closing = bisect_right(closings, place.end)
        end = min(following, closings[closing] if closing < len(closings) else len(text))
        regions.append(_Region(place.end, end, code))
    return regions


def _amended_at(place: int, regions: Sequence[_Region]) -> Code | None:
    index = bisect_right(regions, place, key=lambda region: region.start) - 1
    is_inside = index >= 0 and place < regions[index].end
    return regions[index].code if is_inside else None
