"""The décrets that a law awaits, and which of them have appeared. Pure.

The Government keeps, for each law, the schedule (échéancier) of the décrets it calls for; DOLE
publishes it with the dossier législatif. A décret is said to have appeared only with a proof: the
schedule names it, or it says itself what it is taken for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from hub.legal.avancement import Certainty, last_day
from hub.legal.citations import find_citations
from hub.legal.dated import Dated, add_months, find_dates
from hub.legal.dole import parse_dossier
from hub.legal.linkkind import LinkKind
from hub.legal.links import find_links
from hub.legal.normset import identity_of, is_identity, norms_of_identifiers, relate
from hub.legal.plain import plain
from hub.legal.prose import read_prose
from hub.legal.titles import own_citation
from hub.model import Evidence, Mention, Precision

_MOOT = re.compile(
    r"(?<!\w)(?:mesure\s{1,4}deja\s{1,4}appliquee|sans\s{1,4}objet|application\s{1,4}directe|abrogee?s?"
    r"|caduc|caduque|ne\s{1,4}necessite\s{1,4}pas)(?!\w)",
    re.ASCII,
)
_OPTIONAL = re.compile(
    r"(?<!\w)(?:eventuel(?:le)?(?:ment)?|le\s{1,4}cas\s{1,4}echeant)(?!\w)", re.ASCII
)
_NUMBER = r"[0-9]{1,3}(?:er)?(?:\s(?:bis|ter|quater|quinquies))?(?![0-9])"
_ARTICLES = re.compile(
    rf"(?<!\w)articles?\s{{1,4}}({_NUMBER}(?:(?:\s?,|\s{{1,4}}et|\s{{1,4}}a)\s{{1,4}}{_NUMBER}){{0,20}})",
    re.ASCII,
)
_ONE_NUMBER = re.compile(_NUMBER, re.ASCII)
_POINT = re.compile(r"(?<![\w-])([0-9]{1,2}°|[ivx]{1,5})(?![\w-])", re.ASCII)
_SCHEDULED = ("decret", "prevue")
"""Both columns hold décrets and dates: « Publication envisagée en mars 2026 » stands in either."""


@dataclass(frozen=True, slots=True)
class Expected:
    """When a décret is expected: a period, in the words of the schedule."""

    first: date
    last: date
    precision: Precision
    words: str


@dataclass(frozen=True, slots=True)
class Attendu:
    """One line of the schedule of a law. What it does not say is empty.

    `loi` is the norm of the law, from the title of the dossier; `lois` all its norms. `article` and
    `base` are as written; `articles` are the bare numbers in `article`, `points` its parts
    (« 4° », « II »), `bases` the norms of `base`. `decrets` are the norms the schedule names.
    `is_moot`: the Government says that nothing is awaited. `is_optional`: « éventuellement ».
    """

    dossier: str
    number: int
    loi: str
    lois: frozenset[str]
    article: str
    base: str
    objet: str
    expected: Expected | None = None
    decree: str = ""
    articles: frozenset[str] = frozenset()
    points: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()
    decrets: frozenset[str] = frozenset()
    is_moot: bool = False
    is_optional: bool = False


class State(StrEnum):
    PARU = "paru"
    A_VERIFIER = "a_verifier"
    """A décret may be the one awaited: a person looks."""
    EN_RETARD = "en_retard"
    ATTENDU = "attendu"
    SANS_DATE = "sans_date"
    SANS_OBJET = "sans_objet"


@dataclass(frozen=True, slots=True)
class Tick:
    """A décret that has appeared, and the proof. `evidence` is of a field of the mention named by
    `mention_key`, or of the schedule when that is "". `published_on` is None where no gazette
    told it.
    """

    decret: str
    evidence: Evidence
    certainty: Certainty
    published_on: date | None = None
    source_id: str = ""
    mention_key: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Suivi:
    """An awaited décret as it stands on a day."""

    attendu: Attendu
    state: State
    ticks: tuple[Tick, ...] = ()


def read_attendus(body: bytes) -> tuple[Attendu, ...]:
    """The décrets awaited by the law of a dossier (one file of DOLE), in the order of its schedule.

    Raises:
        ParseError: not a `DOSSIER_LEGISLATIF`, or without its id or its title.
    """
    return attendus_of(parse_dossier(body, "dole"))


def attendus_of(dossier: Mention) -> tuple[Attendu, ...]:
    """The same, from the mention of a dossier (`hub.legal.dole`)."""
    own = own_citation(find_citations(dossier.title))
    loi = own.norm if own else ""
    texts = dossier.extra.get("texts") or ()
    norms = frozenset(filter(None, (identity_of(loi), *map(str, texts))))
    lines = dossier.extra.get("echeancier") or ()
    return tuple(
        _read_line(dossier.key, number, line, loi, norms)
        for number, line in enumerate(lines, start=1)
        if isinstance(line, Mapping)
    )


def tick(attendus: Iterable[Attendu], texts: Iterable[Mention], today: date) -> tuple[Suivi, ...]:
    """Where each awaited décret stands. `texts` are mentions of the Journal officiel; their order
    does not matter.

    Certain: the schedule names the décret, or the décret says it is taken for an article of the
    law that awaits one décret only. To be checked: several décrets are awaited by that article, or
    only the article of the code is named. A décret older than the law is none of its own.
    """
    lines = tuple(attendus)
    read = [_read_text(mention) for mention in sorted(texts, key=lambda m: (m.source_id, m.key))]
    found: dict[tuple[str, int], list[Tick]] = {}
    for line in lines:
        found[line.dossier, line.number] = list(_scheduled(line, read))
    for text in read:
        for line, proof in _claims(lines, text):
            found[line.dossier, line.number].append(proof)
    return tuple(_follow(line, found[line.dossier, line.number], today) for line in lines)


# --- The schedule ------------------------------------------------------------------------------


def _read_line(
    dossier: str, number: int, line: Mapping[str, Any], loi: str, lois: frozenset[str]
) -> Attendu:
    part = {name: str(line.get(name) or "") for name in ("article", "base", "objet", "loi")}
    said = [str(line.get(name) or "") for name in _SCHEDULED]
    folded = plain(" ".join(said)).text
    article = plain(part["article"]).text
    decrets = frozenset(
        identity_of(c.norm) for words in said for c in find_citations(words) if _is_act(c.norm)
    )
    return Attendu(
        dossier=dossier,
        number=number,
        loi=loi,
        lois=lois | {part["loi"]} if part["loi"] else lois,
        article=part["article"],
        base=part["base"],
        objet=part["objet"],
        expected=None if decrets and said[0] else _expected(said),
        decree=said[0],
        articles=frozenset(_numbers(article)),
        points=frozenset(match[1] for match in _POINT.finditer(article)),
        bases=frozenset(c.norm for c in find_citations(part["base"]) if c.norm.startswith("ART:")),
        decrets=decrets,
        is_moot=not decrets and _MOOT.search(folded) is not None,
        is_optional=_OPTIONAL.search(folded) is not None,
    )


def _is_act(norm: str) -> bool:
    return norm.startswith(("DEC", "ARR", "ORD"))


def _numbers(text: str) -> Iterator[str]:
    """The articles of a law, which have no letter: « articles 72 et 73 », « article 1er »."""
    for match in _ARTICLES.finditer(text):
        found = [n[0].removesuffix("er") for n in _ONE_NUMBER.finditer(match[1])]
        yield from found
        is_run = re.search(r"\sa\s", match[1]) and len(found) == 2 and all(map(str.isdigit, found))
        if is_run:
            yield from map(str, range(int(found[0]), min(int(found[1]), int(found[0]) + 50) + 1))


def _expected(said: Sequence[str]) -> Expected | None:
    """The date in the column of the décret, which is the later word, else in that of dates."""
    for words in said:
        prose = read_prose(words)
        for day in find_dates(prose, 0, len(prose.plain), None):
            return _period(prose.plain, day, words)
    return None


def _period(text: str, day: Dated, words: str) -> Expected:
    if "semestre" in text[day.start : day.end]:
        last = last_day(add_months(day.date, 5), Precision.MONTH)
        # No precision is that of a half-year; the year is the finest that is not false.
        return Expected(day.date, last, Precision.YEAR, words)
    return Expected(day.date, last_day(day.date, day.precision), day.precision, words)


# --- The texts ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a text says it is taken for: the law or the code, and the articles it names of it."""

    norm: str
    articles: frozenset[str]
    points: frozenset[str]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Text:
    mention: Mention
    norms: frozenset[str]
    decret: str
    claims: tuple[_Claim, ...]


def _read_text(mention: Mention) -> _Text:
    own = own_citation(find_citations(mention.title))
    number = identity_of(own.norm) if own else ""
    norms = norms_of_identifiers(mention.identifiers) | ({number} if number else set())
    claims = tuple(_read_claims(mention))
    name = own.norm if own else min(norms, default=mention.title)
    return _Text(mention, frozenset(norms), name, claims)


def _read_claims(mention: Mention) -> Iterator[_Claim]:
    for link in find_links(mention.title, mention.text, mention.summary):
        if link.kind is not LinkKind.APPLIQUE:
            continue
        source = getattr(mention, link.where.value)
        before = plain(source[link.start : link.target.start]).text
        # « des articles 72 de la loi n° … et 3 de la loi n° … »: the last article is the law's.
        articles = list(_ARTICLES.finditer(before))
        near = before[articles[-1].start() :] if articles else ""
        words = source[link.start : link.end]
        evidence = Evidence("attendu:application", words, link.where, link.start, link.end)
        points = frozenset(match[1] for match in _POINT.finditer(before))
        yield _Claim(identity_of(link.target.norm), frozenset(_numbers(near)), points, evidence)


def _scheduled(line: Attendu, texts: Sequence[_Text]) -> Iterator[Tick]:
    for decret in sorted(line.decrets):
        same = [text for text in texts if decret in text.norms and is_identity(decret)]
        evidence = Evidence("attendu:echeancier", line.decree or decret)
        if same:
            yield _tick(same[0], evidence, Certainty.CERTAIN, decret, of_schedule=True)
        else:
            yield Tick(decret, evidence, Certainty.CERTAIN)


def _claims(lines: Sequence[Attendu], text: _Text) -> Iterator[tuple[Attendu, Tick]]:
    """The lines that a text says it is taken for, unless the schedule gives them to another."""
    for claim in text.claims:
        matched = [line for line in lines if _answers(line, claim) and _is_later(line, text)]
        exact = [line for line in matched if line.points & claim.points] or matched
        open_lines = [line for line in exact if not line.decrets]
        for line in open_lines:
            is_of_law = bool(claim.articles & line.articles)
            is_sure = is_of_law and len(exact) == 1
            certainty = Certainty.CERTAIN if is_sure else Certainty.TO_CHECK
            yield line, _tick(text, claim.evidence, certainty, text.decret)


def _answers(line: Attendu, claim: _Claim) -> bool:
    if claim.norm in line.lois:
        return bool(claim.articles & line.articles)
    return any(relate(claim.norm, base) for base in line.bases)


def _is_later(line: Attendu, text: _Text) -> bool:
    of_law = re.search(r"@(\d{4}-\d{2}-\d{2})$", line.loi)
    day = text.mention.published_on
    return of_law is None or day is None or day.isoformat() >= of_law[1]


def _tick(
    text: _Text, evidence: Evidence, certainty: Certainty, decret: str, *, of_schedule: bool = False
) -> Tick:
    mention = text.mention
    key = "" if of_schedule else mention.key
    return Tick(
        decret, evidence, certainty, mention.published_on, mention.source_id, key, mention.url
    )


# --- Where it stands ---------------------------------------------------------------------------


def _follow(line: Attendu, ticks: Iterable[Tick], today: date) -> Suivi:
    kept = tuple(sorted(set(ticks), key=_order))
    if any(tick.certainty is Certainty.CERTAIN for tick in kept):
        return Suivi(line, State.PARU, kept)
    if kept:
        return Suivi(line, State.A_VERIFIER, kept)
    if line.is_moot:
        return Suivi(line, State.SANS_OBJET)
    if line.expected is None:
        return Suivi(line, State.SANS_DATE)
    return Suivi(line, State.EN_RETARD if line.expected.last < today else State.ATTENDU)


def _order(tick: Tick) -> tuple[bool, date, str, str, str, int]:
    is_sure = tick.certainty is Certainty.CERTAIN
    day = tick.published_on or date.max
    evidence = tick.evidence
    return (not is_sure, day, tick.decret, tick.mention_key, evidence.words, evidence.start)
