"""Laws, ordonnances, décrets, arrêtés, circulaires cited by number, by date, or by both.

A text is cited by its nature, its number and its date; the nature of several is said once, in the
plural. Arrêtés and circulaires have no number of their own in the Journal officiel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hub.legal.dates import Day, read_days
from hub.legal.norms import Citation, CitationKind, cite, norm_of_act
from hub.legal.plain import Plain

_KINDS = {
    "loi": CitationKind.LOI,
    "ordonnance": CitationKind.ORDONNANCE,
    "decret": CitationKind.DECRET,
    "arrete": CitationKind.ARRETE,
    "circulaire": CitationKind.CIRCULAIRE,
}
_NUMBERED = (CitationKind.LOI, CitationKind.ORDONNANCE, CitationKind.DECRET)
"""The natures numbered for the whole country; the number of an arrêté is its authority's own."""

HEAD = re.compile(
    r"(?<![\w-])(?P<nature>loi|ordonnance|decret|arrete|circulaire)(?P<plural>s?)"
    r"(?:-programmes?|-cadres?)?(?![\w-])",
    re.ASCII,
)
_ORGANIC = re.compile(r"\s{1,4}organiques?(?!\w)", re.ASCII)
MARK = r"(?:n\s?°\s?s?|n\s?os?(?=[\s0-9])|numeros?)\s{0,4}"
_NUMBER = r"(?P<number>(?:1[89]|20)?[0-9]{2}\s?-\s?[0-9]{1,5})(?![\w]|-[0-9a-z]|/[0-9])"
_MARKED = re.compile(rf"\s{{0,4}}[(,]?\s{{0,4}}(?P<said>{MARK}{_NUMBER})", re.ASCII)
_BARE = re.compile(rf"\s{{0,4}}(?P<said>{_NUMBER.replace(chr(92) + 's?', '')})", re.ASCII)
_FAR = re.compile(rf"(?P<gap>[^.;:\n]{{0,80}}?)[\s(]{MARK}{_NUMBER}", re.ASCII)
_OWN_NUMBER = re.compile(rf"\s{{0,4}}\(?{MARK}[\w./-]{{1,40}}\)?", re.ASCII)
_NEXT = re.compile(
    r"\s{0,4}(?:,|et|ou|ainsi\s{1,4}que)\s{0,4}(?:(?:du|de\s{1,4}la|de|des|les?|la)\s{1,4})?",
    re.ASCII,
)
_LATER = re.compile(
    rf"[^.;\n]{{0,300}}?(?:,|\bet)\s{{1,4}}(?P<said>{MARK}{_NUMBER})(?=\s{{1,4}}du\s)", re.ASCII
)
_AMENDED = re.compile(
    r"\s{0,4}\)?\s{0,4}(?:(?:modifie|susvise|precite)e?s?\s{1,4})?(?=\(?)", re.ASCII
)
_QUALIFIER = re.compile(
    r"\s{1,4}(?:(?P<phrase>de\s{1,4}(?:finances|programmation|programme|financement|transition)"
    r"(?:\s{1,4}rectificative)?)(?!\w)"
    r"|(?P<word>[a-z0-9][\w'/-]{0,30})(?:\s?:)?(?=\s)"
    r"|(?P<said>«[^«»\n]{1,80}»|\"[^\"\n]{1,80}\"|\([^()\n]{1,40}\)))",
    re.ASCII,
)
_QUALIFIERS = re.compile(
    r"(?:organique|constitutionnelle|(?:inter-?)?ministeriel(?:le)?|(?:inter-?)?prefectoral"
    r"|municipal|conjoint|modifiee?|susvisee?|precitee?|dite?|type|cadre|tarifaire|technique"
    r"|interdepartemental|royal|beylical)s?",
    re.ASCII,
)
_LAST_QUALIFIER = 6
_IN_DATE = re.compile(r"[^.;\n]{0,300}?\sen\s{1,4}date\s{1,4}(?=du\s|des\s)", re.ASCII)
_OTHER_PAPER = re.compile(
    r"(?<![\w-])(?:avis|lettre|courrier|courriel|demande|decision|jugement|arret|convention|rapport"
    r"|deliberation|requete|marche|amendement|proposition|dossier|question|annexe|directive"
    r"|reglement|accord|avenant|proces-verbal|norme|facture|note|instruction)s?(?![\w-])",
    re.ASCII,
)
"""A number or a date after one of these is that paper's."""
_DRAFT = re.compile(r"(?:projets?|propositions?)\s{1,4}(?:de\s{1,4}|d')(?:la\s{1,4})?$", re.ASCII)
_COURT = re.compile(
    r"(?<![\w-])(?:tribunal|tribunaux|cour|juges?|referes?|requete|magistrat|vice-president"
    r"|non-lieu|renvoi)(?![\w-])",
    re.ASCII,
)
_SENTENCE_END = re.compile(r"[;\n]|\.\s", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Act:
    """A text as cited from `start` to `end`, its day included where it is said."""

    number: str
    start: int
    end: int
    day: Day | None


def find_acts(text: Plain) -> Iterator[Citation]:
    """The texts cited by nature, in order; nothing where the nature stands alone."""
    heads = list(HEAD.finditer(text.text))
    for index, head in enumerate(heads):
        limit = heads[index + 1].start() if index + 1 < len(heads) else len(text.text)
        kind = _kind(text.text, head)
        for act in _acts_after(text, head, kind, limit):
            norm = norm_of_act(kind, act.number, act.day.value if act.day else None)
            yield cite(text, act.start, act.end, kind, norm)


def _kind(text: str, head: re.Match[str]) -> CitationKind:
    kind = _KINDS[head["nature"]]
    is_organic = kind is CitationKind.LOI and _ORGANIC.match(text, head.end())
    return CitationKind.LOI_ORGANIQUE if is_organic else kind


def _acts_after(text: Plain, head: re.Match[str], kind: CitationKind, limit: int) -> list[_Act]:
    """`limit`: where the next nature is written, beyond which nothing belongs to this one."""
    if _DRAFT.search(text.text[max(0, head.start() - 25) : head.start()]):
        return []
    place = _after_qualifiers(text, head.end())
    if kind in (*_NUMBERED, CitationKind.LOI_ORGANIQUE):
        if first := _first_number(text.text, head, place, limit):
            return _numbered(text.text, head, first, limit)
    else:
        place = _after_own_number(text, place)
    return _dated(text.text, head, kind, place, limit)


def _after_qualifiers(text: Plain, place: int) -> int:
    for _ in range(_LAST_QUALIFIER):
        match = _QUALIFIER.match(text.text, place)
        if match is None or (match["word"] and not _is_qualifier(text, match)):
            break
        place = match.end()
    return place


def _is_qualifier(text: Plain, match: re.Match[str]) -> bool:
    """An adjective, or what names the text among others: « S21 », « DGPR/SRT », « AGEC »."""
    word = match["word"]
    if _QUALIFIERS.fullmatch(word):
        return True
    first, last = text.span(*match.span("word"))
    written = text.source[first:last]
    return len(word) > 1 and written == written.upper() and not re.match(r"[0-9]{1,2}$", word)


def _after_own_number(text: Plain, place: int) -> int:
    match = _OWN_NUMBER.match(text.text, place)
    return _after_qualifiers(text, match.end()) if match else place


# --- Numbers -----------------------------------------------------------------------------------


def _first_number(text: str, head: re.Match[str], place: int, limit: int) -> re.Match[str] | None:
    """The number of a text, next to its nature or after what it is called."""
    if match := _MARKED.match(text, place) or _BARE.match(text, place):
        return match
    match = _FAR.match(text, head.end(), limit)
    is_other = match and (_OTHER_PAPER.search(match["gap"]) or read_days(text, head.end()))
    return None if is_other else match


def _numbered(text: str, head: re.Match[str], first: re.Match[str], limit: int) -> list[_Act]:
    acts = [_act(text, head.start(), first)]
    while following := _following_number(text, acts[-1].end, limit, bool(head["plural"])):
        acts.append(_act(text, following.start("said"), following))
    return _share_day(text, acts) if head["plural"] else acts


def _act(text: str, start: int, match: re.Match[str]) -> _Act:
    end = match.end("number")
    number = re.sub(r"\s", "", match["number"])
    amended = _AMENDED.match(text, end)
    days = read_days(text, amended.end() if amended else end)
    return _Act(number, start, days[0].end if days else end, days[0] if days else None)


def _following_number(text: str, place: int, limit: int, is_plural: bool) -> re.Match[str] | None:
    """« … et n° 2 du … »: the nature is not said again. Titles may stand between after a plural."""
    if separator := _NEXT.match(text, place):
        marked = _MARKED.match(text, separator.end(), limit)
        if marked or not is_plural:
            return marked
        if bare := _BARE.match(text, separator.end(), limit):
            return bare
    return _LATER.match(text, place, limit) if is_plural else None


def _share_day(text: str, acts: list[_Act]) -> list[_Act]:
    """« décrets n° 1 et n° 2 du 25 juin 2021 »: the day is that of both."""
    shared: list[_Act] = []
    for act in reversed(acts):
        follows = shared[-1] if shared else None
        if follows and act.day is None and _is_next(text, act.end, follows.start):
            act = _Act(act.number, act.start, act.end, follows.day)
        shared.append(act)
    return shared[::-1]


def _is_next(text: str, end: int, start: int) -> bool:
    separator = _NEXT.match(text, end)
    return bool(separator and start - separator.end() <= 8)


# --- Dates -------------------------------------------------------------------------------------


def _dated(
    text: str, head: re.Match[str], kind: CitationKind, place: int, limit: int
) -> list[_Act]:
    days = read_days(text, place, several=bool(head["plural"]))
    if not days:
        days = _days_in_date(text, head, limit)
    if not days or (kind is CitationKind.ORDONNANCE and _is_of_a_court(text, head)):
        return []
    if kind in _NUMBERED and len(days) == 1 and (number := _MARKED.match(text, days[0].end)):
        return [_Act(number["number"], head.start(), number.end("number"), days[0])]
    starts = [head.start(), *(day.start for day in days[1:])]
    return [_Act("", start, day.end, day) for start, day in zip(starts, days, strict=True)]


def _days_in_date(text: str, head: re.Match[str], limit: int) -> tuple[Day, ...]:
    """« Par arrêté du ministre chargé de … en date du 18 mars 2026 », as the JO writes it."""
    match = _IN_DATE.match(text, head.end(), limit)
    if match is None or _OTHER_PAPER.search(match[0]):
        return ()
    return read_days(text, match.end(), several=bool(head["plural"]))


def _is_of_a_court(text: str, head: re.Match[str]) -> bool:
    """Judges give ordonnances as well, which are no texts of law."""
    before = text[max(0, head.start() - 150) : head.start()]
    after = text[head.end() : head.end() + 150]
    sentence = _SENTENCE_END.split(before)[-1] + _SENTENCE_END.split(after)[0]
    return bool(_COURT.search(sentence))
