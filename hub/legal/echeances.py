"""Échéances: which dates of a text bind its reader, from when and how. Pure.

`hub.legal.dated` finds the dates, `hub.legal.delays` computes those that are told by a delay,
`hub.legal.clauses` says what the words around a date make of it; here they are put together,
sentence by sentence. No sentence changes what is read in another one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hub.legal.clauses import AROUND, LEAD, TAIL, Place, Verdict, judge, judge_delay
from hub.legal.dated import WEEKDAY, Dated, find_dates
from hub.legal.delays import Delay, find_delays, run_for, run_from
from hub.legal.prose import Prose, find_sentences, read_prose
from hub.legal.timing import Bound, Context, Found, Role, Uncomputable, Unknown
from hub.model import Echeance, Precision
from hub.text import clean

LABELS = {
    Role.ENTREE_EN_VIGUEUR: "Entrée en vigueur",
    Role.OBLIGATION: "Obligation",
    Role.DEPOT: "Dépôt",
    Role.OUVERTURE: "Ouverture",
    Role.FIN: "Fin",
    Role.ABROGATION: "Abrogation",
    Role.TRANSITION: "Transition",
}
MAX_LABEL = 120


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, by its places in the text and in the plain form."""

    prose: Prose
    context: Context
    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """A date with what was made of it."""

    day: Dated
    verdict: Verdict
    computation: str = ""
    anchor: date | None = None


def find_echeances(text: str, context: Context) -> tuple[Found, ...]:
    """The échéances of a text, in its order. Never fails, whatever the text.

    Dates of cited texts, facts, figures, events and past conditions are left out. What has to be
    looked at by a person is there with `is_certain` false.
    """
    return tuple(
        _tell(sentence, judged)
        for sentence in _sentences(text, context)
        for judged in _read(sentence)
    )


def find_uncomputable(text: str, context: Context) -> tuple[Uncomputable, ...]:
    """The delays whose date cannot be known from this text and what is known of it."""
    return tuple(
        _tell_unknown(sentence, delay)
        for sentence in _sentences(text, context)
        for delay in find_delays(sentence.prose, sentence.start, sentence.end, context)
        if delay.date is None and delay.reason is not None
    )


def to_echeance(found: Found) -> Echeance:
    """An échéance for the review form; its label holds its role and words of its sentence."""
    applies_to = clean(found.applies_to)
    label = LABELS[found.role]
    if applies_to and len(label) + len(applies_to) + 3 <= MAX_LABEL:
        label = f"{label} : {applies_to}"
    return Echeance(found.date, label, found.precision, clean(found.sentence))


# --- Sentences -----------------------------------------------------------------------------------


def _sentences(text: str, context: Context) -> Iterator[_Sentence]:
    prose = read_prose(text)
    for first, last in find_sentences(text):
        start, end = bisect_left(prose.positions, first), bisect_left(prose.positions, last)
        yield _Sentence(prose, context, first, last, start, end)


def _read(sentence: _Sentence) -> list[_Judged]:
    plain, context = sentence.prose.plain, sentence.context
    delays = find_delays(sentence.prose, sentence.start, sentence.end, context)
    days = [
        day
        for day in find_dates(sentence.prose, sentence.start, sentence.end, context.reference)
        if not any(delay.start < day.end and day.start < delay.end for delay in delays)
    ]
    places = _places(sentence, days)
    found = _judge_days(places, days)
    found += [
        judged for delay in delays if (judged := _judge_delay(sentence, delay, plain)) is not None
    ]
    found = list(_without_conditions(found, plain, context.reference))
    return sorted(found, key=lambda judged: judged.day.start)


def _places(sentence: _Sentence, days: Sequence[Dated]) -> list[Place]:
    """Each date with the words around it; a bare year is often no date, and cuts no lead."""
    places: list[Place] = []
    before = sentence.start
    for rank, day in enumerate(days):
        after = days[rank + 1].start if rank + 1 < len(days) else sentence.end
        places.append(_place(sentence, day, before, after))
        before = before if day.precision is Precision.YEAR else day.end
    return places


def _place(sentence: _Sentence, day: Dated, before: int, after: int) -> Place:
    plain = sentence.prose.plain
    first = max(before, day.start - LEAD)
    return Place(
        day=day,
        lead=plain[first : day.start] + ("en " if day.has_edge else ""),
        tail=plain[day.end : min(after, day.end + TAIL)],
        far=plain[max(sentence.start, day.start - LEAD) : day.start],
        sentence=plain[
            max(sentence.start, day.start - AROUND) : min(sentence.end, day.end + AROUND)
        ],
        written=sentence.prose.text[slice(*sentence.prose.span(first, day.start))],
        reference=sentence.context.reference,
        nature=sentence.context.nature,
    )


# --- Dates ---------------------------------------------------------------------------------------


def _judge_days(places: Sequence[Place], days: Sequence[Dated]) -> list[_Judged]:
    found: list[_Judged] = []
    previous: Verdict | None = None
    rank = 0
    while rank < len(places):
        window = _judge_window(places, rank)
        if window is not None:
            found += window
            previous = window[-1].verdict if window else None
            rank += 2
            continue
        judged = _judge_day(places[rank], previous)
        found += judged
        previous = judged[-1].verdict if judged else None
        rank += 1
    return found


def _judge_day(place: Place, previous: Verdict | None) -> list[_Judged]:
    verdict = judge(place)
    if verdict is None and previous is not None:
        verdict = _inherit(place, previous)
    if verdict is None:
        return []
    length = run_from(place.far, place.day.date) or run_for(place.tail, place.day.date)
    if length is None or place.day.precision is not Precision.DAY:
        return [_Judged(place.day, verdict)]
    return _judge_length(place, verdict, *length)


def _judge_length(
    place: Place, verdict: Verdict, end: date, told: str, lasts: bool
) -> list[_Judged]:
    """« dans un délai d'un an à compter du »: the end of the delay; of what lasts, both ends."""
    bound, role = (Bound.UNTIL, Role.FIN) if lasts else (Bound.BY, verdict.role)
    computed = _Judged(
        replace(place.day, date=end, time=None),
        Verdict(bound, role, "delai-date", is_certain=False),
        told,
        place.day.date,
    )
    return [_Judged(place.day, verdict), computed] if lasts else [computed]


_NEXT = re.compile(r"\b(?:et|puis|ou|ensuite)\b|[,;]|\s-\s")
_TEXTS = re.compile(
    r"\b(?:loi|decret|arrete|ordonnance|directive|reglement|decision|deliberation|circulaire|avis|"
    r"article|convention|accord|lettre|version)s?\b"
)
_INHERITED = re.compile(rf"(?:\b(?:le|au|en|a|du|pour|et)|,)\s?(?:{WEEKDAY}\s)?$")


def _inherit(place: Place, previous: Verdict) -> Verdict | None:
    """« le 1er janvier 2026 pour les uns et le 1er janvier 2027 pour les autres »."""
    if (
        previous.is_condition
        or previous.rule in ("fenetre", "annee")
        or len(place.lead) >= LEAD
        or place.day.is_deduced
    ):
        return None
    if not (_NEXT.search(place.lead) and _INHERITED.search(place.lead)):
        return None
    if re.search(r"\b(?:entre|existant)\b", place.lead):
        return None
    if place.lead.rstrip().endswith("du") and (
        _TEXTS.search(place.lead) or not previous.rule.startswith("a-compter")
    ):
        return None
    is_list = re.fullmatch(r"[\s,]{1,3}(?:(?:et|puis) )?(?:le )?", place.lead)
    is_parallel = is_list or (_FOR.match(place.lead) and _FOR.match(place.tail))
    is_certain = previous.is_certain and bool(is_parallel)
    return replace(previous, rule=f"{previous.rule}-suite", is_certain=is_certain)


# --- Windows -------------------------------------------------------------------------------------

_OPENING = re.compile(rf"\b(?P<word>du|de|entre|entre le|depuis le)\s?(?:{WEEKDAY}\s?)?$")
_TO = re.compile(
    r"^(?:\s(?:inclus|compris|minuit))?"
    r"(?:\s?[,(]?\s?(?:a|de|des|a partir de)?\s?\d{1,2}\s?(?:h|heures?)"
    rf"\s?\d{{0,2}}\)?)?\s?(?:au|jusqu'?au|et le|et|et jusqu'au)\s?(?:{WEEKDAY}\s?)?$"
)
_WINDOWS = re.compile(
    r"\b(?:consult\w{0,7}|observations?|public|candidat\w{0,7}|inscri\w{1,8}|depot|depos\w{0,4}|"
    r"ouver\w{1,5}|ouvr\w{1,5}|souscri\w{1,8}|teleprocedure|contrats? conclus|applicab\w{1,4}|"
    r"appliqu\w{1,5}|en vigueur|valab\w{1,4}|aides?|demandes?|guichets?|campagne|experiment\w+|"
    r"enquete|agrements?|convention|tarifs?|appel a\b|appels a\b|depose\w{0,3})\b"
)
_MOVES = re.compile(
    r"\b(?:report\w{0,4}|decal\w{1,4}|repouss\w{1,4}|differ\w{1,3}|pass\w{1,5}|avanc\w{1,3})\b"
)
"""« reportée du 1er janvier 2026 au 1er janvier 2027 »: only the second date is to come."""
_MOVED = Verdict(Bound.ON, Role.ENTREE_EN_VIGUEUR, "changement")
_CALLS = re.compile(
    r"\b(?:consultation|observations?|public|candidat\w{0,7}|inscriptions?|depot|depos\w{0,4}|offres?|"
    r"ouvert\w{0,3}|demandes?|guichets?|enquete)\b"
)
_PERIODS = re.compile(
    r"\b(?:emissions|au titre|exercice|chiffre d'affaires|activite de son|mises? en service|"
    r"comptabilis\w+|realise\w{0,2}|constate\w{0,2}|journees?|salon|formation|"
    r"se tien\w+|webinaire)\b"
)


def _judge_window(places: Sequence[Place], rank: int) -> list[_Judged] | None:
    """« du 2 au 23 octobre 2023 », both ends; () for a declared period; None when it is none."""
    if rank + 1 >= len(places):
        return None
    opening, closing = places[rank], places[rank + 1]
    word = _OPENING.search(opening.lead)
    if word is None or not _TO.search(closing.lead):
        return None
    is_between = word["word"].startswith("entre")
    if is_between != closing.lead.strip().startswith("et"):
        return None
    if _MOVES.search(opening.lead):
        return [_Judged(closing.day, replace(_MOVED, is_certain=False))]
    cue = opening.lead[-LEAD:] + " " + closing.tail[:60]
    is_head = not opening.far.strip(" -•:|").removesuffix("du").strip()
    if _PERIODS.search(cue) or not (_WINDOWS.search(cue) or is_head):
        return []
    is_rule = re.search(r"\b(?:applicab\w+|appliqu\w+|en vigueur|tarifs?)\b", cue)
    start = Role.ENTREE_EN_VIGUEUR if is_rule else Role.OUVERTURE
    is_certain = not is_between and bool(is_rule or _CALLS.search(cue))
    return [
        _Judged(opening.day, Verdict(Bound.FROM, start, "fenetre", is_certain)),
        _Judged(closing.day, Verdict(Bound.UNTIL, Role.FIN, "fenetre", is_certain)),
    ]


# --- Conditions ----------------------------------------------------------------------------------


def _without_conditions(
    found: Sequence[_Judged], plain: str, reference: date | None
) -> Iterator[_Judged]:
    """Where a clause gives its own date, what tells its populations apart is no échéance.

    It stays when it lies ahead of the text, and is then never certain.
    """
    for judged in found:
        if not judged.verdict.is_condition or not _has_main(judged, found, plain):
            yield judged
            continue
        is_ahead = (
            reference is not None
            and judged.day.date > reference
            and judged.verdict.bound is not Bound.BEFORE
        )
        if is_ahead or (reference is None and judged.verdict.bound is Bound.FROM):
            yield replace(judged, verdict=replace(judged.verdict, is_certain=False))


_BREAK = re.compile(r"[;.]\s|\s-\s")


def _has_main(judged: _Judged, found: Sequence[_Judged], plain: str) -> bool:
    """Whether another date of the same clause is a rule's own; the end of a window is not."""
    return any(
        not other.verdict.is_condition
        and other.verdict.bound is not Bound.UNTIL
        and not _BREAK.search(plain[slice(*sorted((judged.day.end, other.day.start)))])
        for other in found
    )


# --- Delays --------------------------------------------------------------------------------------


def _judge_delay(sentence: _Sentence, delay: Delay, plain: str) -> _Judged | None:
    if delay.date is None:
        return None
    day = Dated(delay.start, delay.end, delay.date, Precision.DAY)
    place = _place(sentence, day, sentence.start, sentence.end)
    verdict = judge_delay(place, delay.rule, delay.is_certain)
    if verdict is None:
        return None
    return _Judged(day, verdict, delay.computation, delay.anchor)


# --- Telling -------------------------------------------------------------------------------------

_FOR = re.compile(
    r"^[ ,]{0,2}(?P<who>(?:pour|aux|chez|s'agissant d\w{1,2}|dans)\s(?!cette|la mesure|un delai)"
    r"[^.;:,()]{3,110})"
)
_FOR_BEFORE = re.compile(
    r"(?:^|[.;:,-]\s{0,2})"
    r"(?P<who>(?:pour|s'agissant d\w{1,2}|en ce qui concerne)\s[^.;:,()]{3,110}),"
)
_WHO = re.compile(
    r"(?:^|[-.»«]\s?)(?P<who>(?:le|la|les|l'|du|cet?t?e?|ces)\s?[^.;:,()]{2,90}?)\s"
    r"(?:entr\w{1,7} en vigueur|s'appliqu\w{1,5}|(?:est|sont) applicab\w{1,4}|prend effet|"
    r"(?:est|sont) abrog\w{1,4})"
)


def _applies_to(sentence: _Sentence, day: Dated) -> str:
    """Who or what the date is for, in the words of the sentence; "" when it does not say."""
    plain = sentence.prose.plain
    after = _FOR.search(plain[day.end : min(sentence.end, day.end + 160)])
    if after:
        return _original(sentence, day.end, after)
    first = max(sentence.start, day.start - 2 * LEAD)
    lead = plain[first : day.start]
    before = _FOR_BEFORE.search(lead) or _WHO.search(lead)
    return _original(sentence, first, before) if before else ""


def _original(sentence: _Sentence, offset: int, match: re.Match[str]) -> str:
    start, end = sentence.prose.span(offset + match.start("who"), offset + match.end("who"))
    return sentence.prose.text[start:end].strip()


def _tell(sentence: _Sentence, judged: _Judged) -> Found:
    start, end = sentence.prose.span(judged.day.start, judged.day.end)
    text = sentence.prose.text
    return Found(
        date=judged.day.date,
        precision=judged.day.precision,
        role=judged.verdict.role,
        bound=judged.verdict.bound,
        words=text[start:end],
        start=start,
        end=end,
        sentence=text[sentence.first : sentence.last],
        sentence_start=sentence.first,
        sentence_end=sentence.last,
        rule=judged.verdict.rule,
        time=judged.day.time,
        applies_to=_applies_to(sentence, judged.day),
        computation=judged.computation,
        anchor=judged.anchor,
        is_certain=judged.verdict.is_certain,
    )


def _tell_unknown(sentence: _Sentence, delay: Delay) -> Uncomputable:
    start, end = sentence.prose.span(delay.start, delay.end)
    text = sentence.prose.text
    return Uncomputable(
        text[start:end],
        start,
        end,
        text[sentence.first : sentence.last],
        sentence.first,
        sentence.last,
        delay.reason or Unknown.EVENT,
    )
