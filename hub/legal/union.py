"""Acts of the European Union cited by their number, brought to their CELEX.

Every act is (UE) year/number since 1 January 2015. Before, the kind of act decided which came
first, and « n° » was written where the number did (Code de rédaction interinstitutionnel, 1.2.2,
« Numérotation des actes »); years had two digits until 1998.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.legal.norms import Citation, CitationKind, cite
from hub.legal.plain import Plain

_LETTERS = {"directive": "L", "reglement": "R", "decision": "D", "recommandation": "H"}
_HEAD = re.compile(
    r"(?<![\w-])(?P<nature>directive|reglement|decision|recommandation)(?P<plural>s?)"
    r"(?:-cadres?)?(?![\w-])",
    re.ASCII,
)
_WORDS = re.compile(
    r"(?:\s{1,4}(?:deleguee?s?|d'execution|europeenn?e?s?|communautaires?|modifiee?s?|susvisee?s?"
    r"|precitee?s?|de\s{1,4}la\s{1,4}commission|du\s{1,4}conseil"
    r"|du\s{1,4}parlement\s{1,4}europeen(?:\s{1,4}et\s{1,4}du\s{1,4}conseil)?"
    r"|\"[^\"\n]{1,60}\"|«[^«»\n]{1,60}»|\([a-z][a-z ]{0,40}\)(?=\s{1,4}\()"
    r"|[a-z0-9]{3,12}(?=\s{1,4}\(?(?:n\s?°|[0-9(]))))",
    re.ASCII,
)
_BODY = r"(?:ue|ce|cee|eu|ec|euratom|jai|ceca)"
_ACT = re.compile(
    rf"\s{{0,4}}(?P<marks>(?:\(?{_BODY}(?:\s?,\s?{_BODY})?\)?\s{{0,4}})?(?:,?\s?n\s?[°o]\s{{0,4}})?"
    r"\(?)(?P<first>[0-9]{1,4})\s?/\s?(?P<second>[0-9]{1,4})"
    rf"(?:\s?/\s?(?P<body>{_BODY})(?!\w)|(?![\w/]))(?:\s?\({_BODY}\))?",
    re.ASCII,
)
_FAR = re.compile(
    rf"[^.;\n]{{0,90}}?\s(?=\((?:{_BODY})\)\s{{0,4}}(?:n\s?°\s{{0,4}})?[0-9])", re.ASCII
)
_NEXT = re.compile(
    r"\s{0,4}(?:,|et|ou|ainsi\s{1,4}que)\s{0,4}(?:(?:du|de\s{1,4}la|de|des|les?|la)\s{1,4})?",
    re.ASCII,
)
_MOST_WORDS = 4
_FIRST_YEAR, _LAST_YEAR, _YEAR_FIRST = 1952, 2099, 2015


def find_union_acts(text: Plain) -> Iterator[Citation]:
    """Directives, règlements, décisions and recommandations of the Union, each as its CELEX.

    Without the Union's mark, « (UE) » or « /CE », a décision or a recommandation is someone
    else's. A number that could be read both ways is not read.
    """
    heads = list(_HEAD.finditer(text.text))
    for index, head in enumerate(heads):
        limit = heads[index + 1].start() if index + 1 < len(heads) else len(text.text)
        start, place = head.start(), _after_words(text.text, head.end(), limit)
        while act := _ACT.match(text.text, place):
            if norm := _celex(head["nature"], act):
                yield cite(text, start, act.end(), CitationKind.CELEX, norm)
            separator = _NEXT.match(text.text, act.end())
            if separator is None:
                break
            start = place = separator.end()


def _after_words(text: str, place: int, limit: int) -> int:
    for _ in range(_MOST_WORDS):
        if _ACT.match(text, place):
            return place
        match = _WORDS.match(text, place)
        if match is None:
            break
        place = match.end()
    far = None if _ACT.match(text, place) else _FAR.match(text, place, limit)
    return far.end() if far else place


def _celex(nature: str, act: re.Match[str]) -> str:
    is_marked = bool(act["body"]) or bool(re.search(_BODY, act["marks"]))
    if nature in ("decision", "recommandation") and not is_marked:
        return ""
    pair = _year_and_number(nature, act)
    if pair is None:
        return ""
    year, number = pair
    return f"CELEX:3{year}{_LETTERS[nature]}{number:04d}"


def _year_and_number(nature: str, act: re.Match[str]) -> tuple[int, int] | None:
    """The year of « n° 2073/2005 » and « 2016/679 »: after « n° » the last, else the first.

    French texts often write « n° » where the Union does not: what cannot be a year decides.
    """
    first, last = act["first"], act["second"]
    pairs = [(_year(first), int(last)), (_year(last, old=True), int(first))]
    if "n" in act["marks"] and nature not in ("directive", "recommandation"):
        pairs.reverse()
    return next(((year, number) for year, number in pairs if year), None)


def _year(digits: str, *, old: bool = False) -> int | None:
    """`old`: written after the number, as none is since 2015."""
    year = int(digits)
    if len(digits) == 2 and 52 <= year <= 99:
        return 1900 + year
    last = _YEAR_FIRST - 1 if old else _LAST_YEAR
    return year if len(digits) == 4 and _FIRST_YEAR <= year <= last else None
