"""Delays of the law, computed where their starting day is known. Pure.

What runs from the publication of the text that is read, or from the promulgation of the law that
is read, gets a date; what runs from anything else is told as unknown. Sources: Code civil, art. 1er
(entry into force the day after publication unless the text says otherwise); Code de procédure
civile, art. 640 to 642, and règlement (CEE, Euratom) n° 1182/71, art. 3 (delays in days, months and
years); Guide de légistique, « Entrée en vigueur des actes normatifs » (« premier jour du deuxième
mois suivant celui de la publication »).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hub.legal.dated import WEEKDAY, add_months, first_of_next, first_of_quarter
from hub.legal.prose import Prose
from hub.legal.timing import Context, Day, Unknown
from hub.text import fold, format_date, parse_date


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay and its place in the plain form; `date` is None where `reason` says why.

    `is_span`: it is a length of time (« six mois après »), not a day told from another one.
    """

    start: int
    end: int
    rule: str
    date: date | None = None
    reason: Unknown | None = None
    anchor: Day | None = None
    computation: str = ""
    is_certain: bool = True
    is_span: bool = False


_NUMBERS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7,
    "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14,
    "quinze": 15, "seize": 16, "dix-sept": 17, "dix-huit": 18, "dix-neuf": 19, "vingt": 20,
    "vingt et un": 21, "vingt-et-un": 21, "vingt-quatre": 24, "vingt-cinq": 25, "trente": 30,
    "trente-six": 36, "quarante-cinq": 45, "quarante-huit": 48, "soixante": 60,
    "quatre-vingt-dix": 90, "cent vingt": 120, "cent quatre-vingts": 180,
}  # fmt: skip
_RANKS = {
    "premier": 1, "second": 2, "deuxieme": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5,
    "sixieme": 6, "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11,
    "douzieme": 12, "quinzieme": 15, "dix-huitieme": 18, "vingtieme": 20, "vingt-quatrieme": 24,
    "trentieme": 30,
}  # fmt: skip


def _any_of(words: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_NUMBER = rf"(?:{_any_of(_NUMBERS)}|\d{{1,3}})"
_RANK = rf"(?:{_any_of(_RANKS)}|\d{{1,2}}(?:er|nd|e|eme))"
_LENGTH = (
    rf"(?P<n>{_NUMBER})\s(?:\(\d{{1,3}}\)\s)?(?P<unit>jours?|semaines?|mois|trimestres?|ans?|annees?)"
    r"(?P<working>\s(?:ouvrables?|ouvres?|francs?))?(?:\scalendaires?)?"
)
_RUNS = (
    r"(?:,?\s(?:au\splus\stard\s|au\smoins\s|maximum\s)?"
    r"(?:a\scompter|a\spartir|a\sdater|apres|suivant|qui\ssui(?:t|vent)|suivants|des|de))"
    r"(?:\s(?:de|du|celui\sde|celle\sde))?"
)
_ANCHOR = (
    r"(?:\s(?:de\s)?(?:l'|la|sa|le|leur|cette|du|de\sl'|de\sla|de\ssa))?"
    r"(?:\s?(?:date|jour|mois|trimestre|annee|celui|celle)(?:\scivil)?\s(?:de|d'|du)"
    r"(?:\s?(?:la|sa|l'|cette))?)?"
    r"(?:\s(?P<own>sa|la|cette))?\s?"
    r"(?P<anchor>publication|parution|promulgation|entree\sen\svigueur)"
)
_LENDEMAIN = rf"\blendemain\s(?:du\sjour\s)?(?:de|du|d'){_ANCHOR}\b"
_FIRST_DAY = (
    rf"\b(?:(?:premier|1er)\sjour|(?:premier|1er))\sdu\s(?:(?P<rank>{_RANK})\s)?"
    rf"(?P<period>mois|trimestre)(?:\scivil)?(?:{_RUNS}|\splein\ssuivant){_ANCHOR}\b"
)
_JANUARY = (
    rf"\b(?:1er|premier)\s(?P<month>janvier|juillet)\s(?:de\sl'annee\s)?"
    rf"(?:suivant|qui\ssuit)(?:\s(?:celle\sde|celui\sde))?{_ANCHOR}\b"
)
_NTH_DAY = rf"\b(?P<rank>{_RANK})\sjour(?P<working>\s(?:ouvrable|franc|ouvre))?{_RUNS}{_ANCHOR}\b"
_SHAPES = (
    ("lendemain", re.compile(_LENDEMAIN)),
    ("premier-jour-du-mois", re.compile(_FIRST_DAY)),
    ("premier-janvier", re.compile(_JANUARY)),
    ("jour-suivant", re.compile(_NTH_DAY)),
    ("delai", re.compile(rf"\b{_LENGTH}{_RUNS}{_ANCHOR}\b")),
    ("jour-meme", re.compile(rf"\b(?:jour|date|compter|des|partir){_ANCHOR}\b")),
)
_JOURNAL = (
    r"(?:\s(?:au|dans\sle|du)\s(?:journal\sofficiel|jorf|jo|joue|bulletin\sofficiel)\b"
    r"(?:\sde\s(?:la\srepublique(?:\sfrancaise)?|l'union\seuropeenne))?)?"
)
_OWN_TEXT = re.compile(
    rf"{_JOURNAL}(?:\s(?:du|de\sla|de\sl'|de\sce|de\scet|de\scette)\s?(?P<present>presente?\s)?"
    rf"(?P<text>decret|arrete|loi|ordonnance|deliberation|decision|avis|reglement|directive|texte|"
    rf"article)?)?{_JOURNAL}"
)
_ELSEWHERE = re.compile(
    r"\s?(?:n°|n\s°|\d|prevue?|mentionnee?|qui\b|pris\b|prise\b|vise|relati|fixant|portant|susvis|"
    r"definissant|d'application|precit|autoris|d'approbation|en\sconseil)"
)
_OTHER = re.compile(rf"\d|\bd[eu]s?\b|\bd'|{WEEKDAY}")
_LEFT_TO_TEXT = re.compile(
    r"\b(?:date|calendrier|delai)\s(?:d'entree\sen\svigueur\s)?(?:(?:qui\s)?(?:est|sera)\s)?"
    r"(?:fixee?s?|precisee?s?|prevue?s?|definie?s?|determinee?s?|arretee?s?)\s(?:par|dans|en)\b"
    r"(?:\s[\w']{1,15}){0,2}?\s?(?:decret|arrete|voie reglementaire|ordonnance|deliberation|"
    r"convention|ministre|autorite|decision|consistance|conseil)?"
)
_RUNS_FROM_EVENT = re.compile(
    rf"\b{_LENGTH}(?:\s(?:au\splus\stard|maximum|au\smoins|suivants?))?\s"
    r"(?:a\scompter|a\spartir|a\sdater|apres|avant|suivant|qui\ssui(?:t|vent))\b(?!\s(?:le|du)\s(?:\d|premier))"
)


def find_delays(prose: Prose, start: int, end: int, context: Context) -> tuple[Delay, ...]:
    """The delays of a passage of the plain form, in order, none inside another."""
    found: list[Delay] = []
    for rule, shape in _SHAPES:
        for match in shape.finditer(prose.plain, start, end):
            if not _overlaps(found, match.start(), match.end()):
                found.append(_read(rule, match, prose.plain[match.end() : end][:120], context))
    for match, reason in _others(prose.plain, start, end):
        if not _overlaps(found, match.start(), match.end()):
            found.append(Delay(match.start(), match.end(), "inconnu", reason=reason))
    return tuple(sorted(found, key=lambda delay: delay.start))


def _others(plain: str, start: int, end: int) -> Iterator[tuple[re.Match[str], Unknown]]:
    yield from ((m, Unknown.OTHER_TEXT) for m in _LEFT_TO_TEXT.finditer(plain, start, end))
    yield from ((m, Unknown.EVENT) for m in _RUNS_FROM_EVENT.finditer(plain, start, end))


def _overlaps(found: list[Delay], start: int, end: int) -> bool:
    return any(delay.start < end and start < delay.end for delay in found)


def _read(rule: str, match: re.Match[str], tail: str, context: Context) -> Delay:
    start, end = match.span()
    own = _is_own(match, tail, context)
    law = _OF_LAW.match(tail) if match["anchor"] == "promulgation" else None
    if law and (day := parse_date(law["day"])):
        return _count(rule, match, day, is_certain=True)
    anchor, reason = _anchor(match["anchor"], own, context)
    if anchor is None:
        return Delay(start, end, rule, reason=reason)
    is_certain = own == "present" or not (rule == "jour-meme" or (match["own"] == "sa" and not own))
    return _count(rule, match, anchor, is_certain=is_certain)


_OF_LAW = re.compile(
    r"\sde\sla\sloi(?:\sn°\s?[\d-]{4,12})?\sdu\s(?P<day>\d{1,2}(?:er)?\s[a-z]{3,9}\s\d{4})\b"
)
"""A law is dated of its promulgation (Constitution, art. 10): that of a cited law is known."""


def _count(rule: str, match: re.Match[str], anchor: date, *, is_certain: bool) -> Delay:
    start, end = match.span()
    if (match.groupdict().get("working") or "").strip().startswith("ouvr"):
        return Delay(start, end, rule, reason=Unknown.EVENT)  # the calendar of holidays is not ours
    try:
        day, how = _compute(rule, match, anchor)
    except OverflowError:
        return Delay(start, end, rule, reason=Unknown.EVENT)
    told = f"{match['anchor']} le {format_date(anchor)}, {how} : {format_date(day)}"
    return Delay(start, end, rule, day, None, anchor, told, is_certain, rule == "delai")


def _is_own(match: re.Match[str], tail: str, context: Context) -> str:
    """Whose publication it is: "present", "own" (of this text as far as one reads), or ""."""
    own = _OWN_TEXT.match(tail)
    rest = tail[own.end() :] if own else tail
    text = own and own["text"]
    if own and own["present"]:
        return "present"
    if text:
        same = fold(context.nature).startswith(text) or text == "texte"
        return "own" if same and not _ELSEWHERE.match(rest) else ""
    spaced = rest.lstrip()
    if spaced.startswith(("du ", "de ", "des ", "d'")):
        return ""
    return "own"


def _anchor(word: str, own: str, context: Context) -> tuple[date | None, Unknown | None]:
    if not own or word.startswith("entree"):
        return None, Unknown.OTHER_TEXT
    if word == "promulgation":
        is_law = fold(context.nature).startswith("loi")
        return (context.signed_on if is_law else None), Unknown.PROMULGATION
    return context.published_on, Unknown.PUBLICATION


def _compute(rule: str, match: re.Match[str], anchor: date) -> tuple[date, str]:
    """The day and how it was counted.

    Raises:
        OverflowError: no calendar goes that far.
    """
    if rule == "lendemain":
        return anchor + timedelta(days=1), "lendemain"
    if rule == "jour-meme":
        return anchor, "le jour même"
    if rule == "jour-suivant":
        days = _rank(match["rank"])
        return anchor + timedelta(days=days), f"{_ordinal(days)} jour suivant"
    if rule == "premier-janvier":
        month = 1 if match["month"] == "janvier" else 7
        year = anchor.year + 1 if "annee" in match[0] or (anchor.month >= month) else anchor.year
        return date(year, month, 1), f"premier {match['month']} suivant"
    if rule == "premier-jour-du-mois":
        return _first_day(match, anchor)
    return _after(match, anchor)


def _first_day(match: re.Match[str], anchor: date) -> tuple[date, str]:
    count = _rank(match["rank"]) if match["rank"] else 1
    rank = f"{_ordinal(count)} " if match["rank"] else ""
    first = first_of_quarter if match["period"] == "trimestre" else first_of_next
    return first(anchor, count), f"premier jour du {rank}{match['period']} suivant"


def _after(match: re.Match[str], anchor: date) -> tuple[date, str]:
    count = _NUMBERS.get(match["n"]) or int(match["n"] if match["n"].isdigit() else 0)
    unit = match["unit"]
    told = f"délai de {count} {unit.replace('annee', 'année')}"
    if unit.startswith("jour"):
        return anchor + timedelta(days=count), told
    if unit.startswith("semaine"):
        return anchor + timedelta(days=7 * count), told
    months = {"m": 1, "t": 3, "a": 12}[unit[0]]
    return add_months(anchor, months * count), told


def _rank(word: str) -> int:
    return _RANKS.get(word) or int(re.sub(r"\D", "", word) or 1)


def _ordinal(number: int) -> str:
    words = {value: word for word, value in _RANKS.items() if word != "second"}
    return words.get(number, f"{number}e").replace("ieme", "ième")


_LENGTH_FROM = re.compile(
    rf"(?P<lead>[^.;]{{0,60}})\b{_LENGTH}(?:\s(?:au\splus\stard|maximum|renouvelables?))?,?\s"
    r"(?:a\scompter\sdu|a\spartir\sdu|a\sdater\sdu|apres\sle|suivant\sle|des\sle)\s?$"
)
_LASTING = re.compile(r"\b(?:duree|pendant|periode|durant)\b")


def run_from(lead: str, day: date) -> tuple[date, str, bool] | None:
    """The end of the length of time that runs from the day written after `lead`.

    With how it was counted, and whether something lasts all that time (« pour une durée de »).
    """
    match = _LENGTH_FROM.search(lead)
    return match and _run(match, day, lasts=bool(_LASTING.search(match["lead"])))


_LENGTH_FOR = re.compile(
    rf",?\s(?:et\s)?(?:pour|pendant)\s(?:une\s\w{{4,8}}\s(?:\w{{4,12}}\s)?de\s)?{_LENGTH}"
)


def run_for(tail: str, day: date) -> tuple[date, str, bool] | None:
    """The same for the length of time written after the day (« , pour une durée de »)."""
    match = _LENGTH_FOR.match(tail)
    return match and _run(match, day, lasts=True)


def _run(match: re.Match[str], day: date, *, lasts: bool) -> tuple[date, str, bool] | None:
    """What lasts from a day ends on the eve of the same day; a delay ends on it."""
    if match["working"]:
        return None
    try:
        end, told = _after(match, day)
    except OverflowError:
        return None
    end -= timedelta(days=lasts)
    return end, f"{format_date(day)}, {told} : {format_date(end)}", lasts
