"""Avancement, décrets awaited and impact: the order of what is told does not matter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.legal.avancement import Certainty, Stage, Step, timeline, to_json
from hub.legal.entries import find_entries
from hub.legal.hearings import find_window
from hub.legal.impact import (
    Base,
    BaseKind,
    Move,
    MoveKind,
    Reading,
    impact,
    read_fiche_bases,
    to_reread,
)
from hub.legal.lineage import read_kin, same_lineage, subject_of
from hub.legal.normset import relate
from hub.legal.stages import steps_of
from hub.legal.timing import Context
from hub.model import Evidence, Mention, Precision

DAYS = st.dates(date(2025, 1, 1), date(2025, 1, 8))
STEPS = st.builds(
    Step,
    stage=st.sampled_from(Stage),
    source_id=st.sampled_from(("jorf", "aida")),
    url=st.just("https://exemple.fr"),
    evidence=st.builds(Evidence, st.sampled_from(("a", "b"))),
    on=st.none() | DAYS,
    precision=st.sampled_from((Precision.DAY, Precision.DAY, Precision.MONTH)),
    until=st.none() | DAYS,
    told_on=st.none() | DAYS,
    part=st.sampled_from(("", "", "article 3")),
    certainty=st.sampled_from(Certainty),
)
PIECES = (
    "Projet de décret",
    "Décret n° 2026-1 du 2 janvier 2026",
    "l'article 3",
    "relatif aux toits verts",
    "entre en vigueur le",
    "1er janvier 2027",
    "est abrogé",
    "jusqu'au 4 décembre",
    "du présent décret",
    "annulé par le Conseil d'État",
    "L. 541-10 du code de l'environnement",
    "à l'exception de",
    ".",
    "\n\n",
    "«",
    "e\u0301",
    "« fin »",
    "modifiant l'arrêté du 3 mars 2020",
    "\n> ",
    "\n| ",
    "{{ x }}",
    "---\n",
)
WORDS = st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join)
NORMS = st.sampled_from(
    (
        "DEC:2021-1",
        "DEC:2021-1@2021-02-03",
        "ARR@2021-02-03",
        "ART:environnement/R543-1..R543-9",
        "ART:environnement/R543-4",
        "ART:environnement/R543-9-1",
        "ART:?/L1",
        "LEGITEXT000006074220",
    )
)


@given(st.lists(STEPS, max_size=9), DAYS, st.randoms(use_true_random=False))
def test_a_timeline_does_not_depend_on_the_order(
    steps: list[Step], today: date, random: Random
) -> None:
    first = timeline(steps, today)
    mixed = [*steps, *steps[:2]]
    random.shuffle(mixed)
    assert timeline(mixed, today) == first
    assert to_json(first)["milestones"] == to_json(timeline(mixed, today))["milestones"]


@given(st.lists(STEPS, max_size=9), DAYS)
def test_no_step_is_lost_and_dated_ones_are_in_order(steps: list[Step], today: date) -> None:
    found = timeline(steps, today)
    assert {s for m in found.milestones for s in m.steps} == set(steps)
    assert sum(len(m.steps) for m in found.milestones) == len(set(steps))
    days = [m.day for m in found.milestones if m.day]
    assert days == sorted(days)
    assert (found.current is None) == (not steps)
    for milestone in found.milestones:
        assert milestone.on in {s.on for s in milestone.steps}, "a day that nobody told"


@given(WORDS, WORDS, WORDS)
@settings(max_examples=60)
def test_evidence_is_where_it_says(title: str, summary: str, text: str) -> None:
    told = Mention("jorf", "a", "", title, summary, text, date(2026, 8, 26), nature="DECRET")
    for step in steps_of(told, is_gazette=True):
        evidence = step.evidence
        if evidence.field:
            source = getattr(told, evidence.field.value)
            assert evidence.words == source[evidence.start : evidence.end]
    for entry in find_entries(text, Context(published_on=date(2026, 8, 26)), is_whole=True):
        assert entry.words == text[entry.start : entry.end]
    if subject := subject_of(title):
        assert subject.words == title[subject.start : subject.end]


@given(WORDS, WORDS)
@settings(max_examples=60)
def test_lineage_is_symmetric_and_needs_a_proof(one: str, other: str) -> None:
    first, second = (read_kin([Mention("s", t, "", t)]) for t in (one, other))
    forth, back = same_lineage(first, second), same_lineage(second, first)
    assert (forth is None) == (back is None)
    if forth:
        assert forth.words


@given(st.text(max_size=300), st.none() | DAYS)
def test_any_words_give_a_window_or_nothing(text: str, told_on: date | None) -> None:
    first, last = find_window(text, told_on)
    assert first is None or last is None or first <= last


@given(WORDS | st.text(max_size=200))
def test_bases_of_any_markdown_are_where_they_say(markdown: str) -> None:
    found = read_fiche_bases(markdown, "a.md")
    for base in found:
        assert base.words == markdown[base.start : base.end]
        assert markdown.count("\n", 0, base.start) == base.line - 1
        assert "{{" not in base.words
    assert [b.start for b in found] == sorted(b.start for b in found)


@given(NORMS, NORMS)
def test_relation_is_symmetric(one: str, other: str) -> None:
    assert relate(one, other) is relate(other, one)


@given(
    st.lists(st.tuples(NORMS, st.integers(0, 3)), max_size=5),
    st.lists(st.tuples(NORMS, st.integers(1, 4)), max_size=5),
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=4),
    st.randoms(use_true_random=False),
)
def test_marks_do_not_depend_on_the_order_and_only_readings_close_them(
    moved: list[tuple[str, int]],
    rests: list[tuple[str, int]],
    read: list[tuple[int, int]],
    random: Random,
) -> None:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    moves = [
        Move(frozenset((norm,)), MoveKind.MODIFIE, start + timedelta(days=day))
        for norm, day in moved
    ]
    bases = [
        Base(BaseKind.FICHE, f"{place}.md", norm, frozenset((norm,)), place)
        for norm, place in rests
    ]
    readings = [Reading(f"{place}.md", start + timedelta(days=day), "Ada") for place, day in read]
    touched = impact(moves, bases)
    left = to_reread(touched, readings)
    assert set(left) <= set(touched) == set(to_reread(touched, ()))
    for one in set(touched) - set(left):
        assert any(r.place == one.base.place and r.at >= one.move.seen_at for r in readings)
    for many in (moves, bases, readings):
        random.shuffle(many)
    assert to_reread(impact(moves, bases), readings) == left
