"""Where a text stands in its life, from all that was said of it. Pure.

A step is one thing told once by one source; a milestone gathers the steps that tell the same thing.
What is not known stays unknown, and what sources tell differently is shown, not settled in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from hub.model import Evidence, Precision


class Stage(StrEnum):
    """The stages of a text, in the order of its life."""

    PROJET = "projet"
    CONSULTATION = "consultation"
    AVIS = "avis"
    """A body that must be heard gave its opinion on the draft: CRE, CNEN, Conseil d'État…"""
    ADOPTE = "adopte"
    """Voted for good, or signed, and not published yet."""
    PUBLIE = "publie"
    DIFFERE = "differe"
    """Published, and nothing of it applies yet."""
    EN_VIGUEUR_PARTIE = "en_vigueur_partie"
    EN_VIGUEUR = "en_vigueur"
    MODIFIE = "modifie"
    """In force, in other words than its first ones."""
    CONFIRME = "confirme"
    """A court dismissed the action against it: nothing changes."""
    ABROGE = "abroge"
    ANNULE = "annule"
    """Quashed by a court: held never to have been, unless the judgment says otherwise."""

    @property
    def rank(self) -> int:
        return _RANKS[self]

    @property
    def is_draft(self) -> bool:
        """Nothing binds anybody yet."""
        return self.rank < Stage.PUBLIE.rank


_RANKS = {stage: rank for rank, stage in enumerate(Stage)}
_ONCE = (Stage.PUBLIE, Stage.EN_VIGUEUR, Stage.ABROGE, Stage.ANNULE)
"""What happens once to the whole of a text: two dates of it contradict each other."""
_ENDS = (Stage.ANNULE, Stage.ABROGE)


class Certainty(StrEnum):
    """How far a step is proved, best first."""

    CERTAIN = "certain"
    DEDUCED = "deduit"
    """Not written: it follows from a rule of law, named by the evidence."""
    TO_CHECK = "a_verifier"


_CERTAINTY = {certainty: rank for rank, certainty in enumerate(Certainty)}


@dataclass(frozen=True, slots=True)
class Step:
    """What one source tells of one stage.

    `on` is the day it happened or will happen, None when nobody said it; with a precision other
    than the day it is the first day of its period. `until` closes a consultation. `told_on` is
    the day the source spoke: it dates nothing. `part` names the articles concerned, as written;
    "" is the whole text.
    """

    stage: Stage
    source_id: str
    url: str
    evidence: Evidence
    on: date | None = None
    precision: Precision = Precision.DAY
    until: date | None = None
    told_on: date | None = None
    part: str = ""
    certainty: Certainty = Certainty.CERTAIN

    @property
    def day(self) -> date | None:
        """The day that places it among the others."""
        return self.on or self.until

    @property
    def order(self) -> tuple[Any, ...]:
        """Best proof first; no two different steps are equal."""
        told = self.told_on or date.max
        evidence = self.evidence
        place = (evidence.rule, evidence.words, evidence.field or "", evidence.start, evidence.end)
        return (_CERTAINTY[self.certainty], told, self.source_id, self.url, *place)


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing that happened to the text, and the steps that tell it, best proof first."""

    stage: Stage
    steps: tuple[Step, ...]
    on: date | None = None
    precision: Precision = Precision.DAY
    until: date | None = None
    part: str = ""

    @property
    def certainty(self) -> Certainty:
        return self.steps[0].certainty

    @property
    def day(self) -> date | None:
        """The day that places it among the others."""
        return self.on or self.until

    def is_past(self, today: date) -> bool:
        """Whether it has surely happened: what is told without a date is told as done, but for
        what is put off; a month or a year has happened when it is over.
        """
        if self.on is None:
            return self.stage is not Stage.DIFFERE
        return last_day(self.on, self.precision) <= today


class Doubt(StrEnum):
    """What does not fit in what was told."""

    DATES = "plusieurs_dates"
    BEFORE_PUBLICATION = "avant_publication"
    """Applicable, repealed or quashed before its publication; a text may look back, rarely."""
    LATE_CONSULTATION = "consultation_apres_publication"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Milestones that cannot all be true, or that a person should look at."""

    doubt: Doubt
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class Avancement:
    """The timeline of one text as it stands on a day.

    `current` is None when nothing was told. `since` is the day it has stood so, when known.
    `coming` are the milestones still ahead; `next_day` is the first known day of them, or that of
    the end of the consultation that is open.
    """

    today: date
    milestones: tuple[Milestone, ...] = ()
    current: Stage | None = None
    since: date | None = None
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def coming(self) -> tuple[Milestone, ...]:
        return tuple(m for m in self.milestones if not m.is_past(self.today))

    @property
    def next_day(self) -> date | None:
        days = [m.on for m in self.coming if m.on]
        days += [m.until for m in self.milestones if m.until and m.until >= self.today]
        return min(days, default=None)


def timeline(steps: Iterable[Step], today: date) -> Avancement:
    """Gather what was told of one text. The order in which it is told does not matter.

    A text that is annulled or repealed stays so whatever is told beside it; one that is in force
    for some of its articles only is said so, before being said modified.
    """
    milestones = _gather(set(steps))
    current, since = _current(milestones, today)
    return Avancement(
        today, _place(milestones), current, since, tuple(_find_contradictions(milestones))
    )


# --- Gathering ---------------------------------------------------------------------------------


def _gather(steps: Iterable[Step]) -> list[Milestone]:
    groups: dict[tuple[Stage, str], list[Step]] = {}
    for step in sorted(steps, key=_by_date):
        groups.setdefault((step.stage, step.part), []).append(step)
    return [milestone for group in groups.values() for milestone in _merge(group)]


def _by_date(step: Step) -> tuple[Any, ...]:
    """Dated before undated, the finest date first, so that vaguer words join it."""
    fineness = list(Precision).index(step.precision)
    until = step.until or date.max
    return (step.day is None, step.on is None, fineness, step.day or date.max, until, step.order)


def _merge(steps: Sequence[Step]) -> list[Milestone]:
    """The milestones of one stage of one part: a date is one, undated words join the only one."""
    gathered: list[list[Step]] = []
    for step in steps:
        hosts = [group for group in gathered if _is_told_by(group[0], step)]
        if len(hosts) == 1 or (hosts and step.day):
            hosts[0].append(step)
        else:
            gathered.append([step])
    return [_to_milestone(group) for group in gathered]


def _is_told_by(first: Step, step: Step) -> bool:
    """Whether a step says nothing that the first of a milestone does not say."""
    if step.until and first.until:
        return step.until == first.until and (step.on is None or step.on == first.on)
    if step.day is None:
        return True
    if step.on is None or first.on is None:
        return False
    return step.on <= first.on <= last_day(step.on, step.precision)


def last_day(day: date, precision: Precision) -> date:
    """The last day of the period that a date of this precision opens."""
    months = {Precision.MONTH: 1, Precision.QUARTER: 3, Precision.YEAR: 12}.get(precision)
    if months is None:
        return day
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _to_milestone(steps: Sequence[Step]) -> Milestone:
    first = steps[0]
    proofs = tuple(sorted(steps, key=lambda step: step.order))
    until = next((step.until for step in steps if step.until), None)
    return Milestone(first.stage, proofs, first.on, first.precision, until, first.part)


def _place(milestones: Iterable[Milestone]) -> tuple[Milestone, ...]:
    """By date; what has none stands before the first later stage, as the order of life wants."""
    ordered = sorted(milestones, key=_order)
    dated = [milestone for milestone in ordered if milestone.day]
    places = {id(milestone): (number, 1) for number, milestone in enumerate(dated)}
    for milestone in ordered:
        later = (n for n, m in enumerate(dated) if m.stage.rank > milestone.stage.rank)
        places.setdefault(id(milestone), (next(later, len(dated)), 0))
    return tuple(sorted(ordered, key=lambda m: (places[id(m)], _order(m))))


def _order(milestone: Milestone) -> tuple[Any, ...]:
    day = milestone.day or date.max
    return (day, milestone.stage.rank, milestone.part, milestone.steps[0].order)


# --- Where it stands ---------------------------------------------------------------------------


def _current(milestones: Sequence[Milestone], today: date) -> tuple[Stage | None, date | None]:
    for stage in _ENDS:
        end = _best(m for m in milestones if m.stage is stage and not m.part)
        if end and end.is_past(today):
            return stage, end.on
    told = [m for m in milestones if not m.stage.is_draft]
    is_out = any(m.is_past(today) for m in told)
    if is_out or (told and not any(m.stage is Stage.PUBLIE for m in told)):
        return _in_life(milestones, today)
    return _as_draft(milestones, today)


def _in_life(milestones: Sequence[Milestone], today: date) -> tuple[Stage, date | None]:
    published = [m for m in milestones if m.stage is Stage.PUBLIE and m.is_past(today)]
    entries = _entries(milestones)
    deferred = [m for m in milestones if m.stage is Stage.DIFFERE and m.part not in entries]
    started = [m for m in entries.values() if m.is_past(today)]
    if deferred or len(started) < len(entries):
        if started:
            return Stage.EN_VIGUEUR_PARTIE, _first_day(started)
        return Stage.DIFFERE, _first_day(published)
    if started and "" not in entries:
        return Stage.EN_VIGUEUR_PARTIE, _first_day(started)
    changes = [m for m in milestones if m.stage is Stage.MODIFIE and m.is_past(today)]
    if changes:
        return Stage.MODIFIE, max((m.on for m in changes if m.on), default=None)
    if started:
        return Stage.EN_VIGUEUR, _first_day(started)
    return Stage.PUBLIE, _first_day(published)


def _entries(milestones: Sequence[Milestone]) -> dict[str, Milestone]:
    """When each part of the text applies, "" being the whole: of several dates, the best proved."""
    found = [m for m in milestones if m.stage is Stage.EN_VIGUEUR]
    best = {part: _best(m for m in found if m.part == part) for part in {m.part for m in found}}
    return {part: milestone for part, milestone in best.items() if milestone}


def _as_draft(milestones: Sequence[Milestone], today: date) -> tuple[Stage | None, date | None]:
    """Adopted, else the consultation that is open, else the furthest that was told."""
    past = [m for m in milestones if m.stage.is_draft and m.is_past(today)]
    rank = {m: (m.stage is Stage.ADOPTE, _is_open(m, today), m.stage.rank) for m in past}
    best = max(past, key=lambda m: (rank[m], m.day or date.min, *_order(m)[2:]), default=None)
    if best is None:
        planned = min(milestones, key=_order, default=None)
        return (Stage.PROJET, None) if planned else (None, None)
    return best.stage, best.on


def _is_open(milestone: Milestone, today: date) -> bool:
    return (
        milestone.stage is Stage.CONSULTATION
        and milestone.until is not None
        and today <= milestone.until
    )


def _best(milestones: Iterable[Milestone]) -> Milestone | None:
    """Of several dates of one thing: dated, best proved, told by most sources, then the first."""

    def proof(milestone: Milestone) -> tuple[Any, ...]:
        sources = {step.source_id for step in milestone.steps}
        certainty = _CERTAINTY[milestone.certainty]
        return (milestone.on is None, certainty, -len(sources), _order(milestone))

    return min(milestones, key=proof, default=None)


def _first_day(milestones: Iterable[Milestone]) -> date | None:
    return min((m.on for m in milestones if m.on), default=None)


# --- Contradictions ----------------------------------------------------------------------------


def _find_contradictions(milestones: Sequence[Milestone]) -> Iterable[Contradiction]:
    for stage in _ONCE:
        dated = [m for m in milestones if m.stage is stage and not m.part and m.on]
        if len(dated) > 1:
            yield Contradiction(Doubt.DATES, tuple(sorted(dated, key=_order)))
    published = _best(m for m in milestones if m.stage is Stage.PUBLIE)
    if published is None or published.on is None:
        return
    for milestone in sorted(milestones, key=_order):
        if milestone.stage is Stage.CONSULTATION:
            if milestone.until and milestone.until > published.on:
                yield Contradiction(Doubt.LATE_CONSULTATION, (milestone, published))
        elif (
            milestone.stage.rank > Stage.PUBLIE.rank
            and milestone.on
            and last_day(milestone.on, milestone.precision) < published.on
        ):
            yield Contradiction(Doubt.BEFORE_PUBLICATION, (published, milestone))


# --- JSON --------------------------------------------------------------------------------------


def to_json(avancement: Avancement) -> dict[str, Any]:
    """What `hub law show` prints; days are ISO, what is unknown is null."""
    return {
        "current": avancement.current,
        "since": _iso(avancement.since),
        "next": _iso(avancement.next_day),
        "milestones": [_milestone_to_json(m, avancement.today) for m in avancement.milestones],
        "contradictions": [
            {"doubt": c.doubt, "stages": [m.stage for m in c.milestones],
             "dates": [_iso(m.day) for m in c.milestones]}
            for c in avancement.contradictions
        ],
    }  # fmt: skip


def _milestone_to_json(milestone: Milestone, today: date) -> dict[str, Any]:
    return {
        "stage": milestone.stage,
        "on": _iso(milestone.on),
        "precision": milestone.precision,
        "until": _iso(milestone.until),
        "part": milestone.part,
        "certainty": milestone.certainty,
        "is_coming": not milestone.is_past(today),
        "proofs": [
            {
                "source": s.source_id,
                "url": s.url,
                "words": s.evidence.words,
                "told": _iso(s.told_on),
            }
            for s in milestone.steps
        ],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
