"""What holds for échéances of any text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.legal.echeances import find_echeances, find_uncomputable, to_echeance
from hub.legal.prose import find_sentences, read_prose
from hub.legal.timing import Context, Found

PIECES = (
    "le 1er janvier 2027", "du 2", "au 23 octobre 2026", "31 décembre", "2030", "fin 2026",
    "T1 2027", "à compter", "du", "avant le", "au plus tard", "jusqu'au", "dès", "entre le",
    "et le", "en", "six mois après", "un an à compter de", "la publication", "sa promulgation",
    "du présent décret", "le lendemain de", "le premier jour du mois suivant", "s'applique",
    "est abrogé", "déclarés", "Date limite :", "à 12h00", "«", "»", ".", ";", "\n", "\n\n", "- ",
    "II.", "À", "œuvre", "de\u0301clare\u0301s", "\xad", "\xa0", "\ufb01n",
    "2026-09-22T16:00:00Z", '"date_limite": "', "999 ans après la publication",
)  # fmt: skip
prose = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=25).map(" ".join)
days = st.dates(date(1, 1, 1), date(9999, 12, 31))
contexts = st.builds(
    Context,
    nature=st.sampled_from(["", "LOI", "DECRET", "AVIS", "AIDE"]),
    published_on=st.none() | days,
    signed_on=st.none() | days,
)


@given(prose, contexts)
def test_words_stand_where_they_are_said_to(text: str, context: Context) -> None:
    for found in find_echeances(text, context):
        assert text[found.start : found.end] == found.words != ""
        assert text[found.sentence_start : found.sentence_end] == found.sentence
        assert found.sentence_start <= found.start < found.end <= found.sentence_end
        assert found.applies_to in found.sentence
        assert bool(found.computation) == (found.anchor is not None)
        assert to_echeance(found).date == found.date
    for unknown in find_uncomputable(text, context):
        assert text[unknown.start : unknown.end] == unknown.words != ""
        assert text[unknown.sentence_start : unknown.sentence_end] == unknown.sentence


@given(st.text(), contexts)
def test_no_text_is_too_strange(text: str, context: Context) -> None:
    find_echeances(text, context)
    find_uncomputable(text, context)


@given(prose, contexts)
def test_a_sentence_without_date_changes_nothing(text: str, context: Context) -> None:
    alone = find_echeances(text, context)
    before = "Les ateliers gardent le registre.\n\n"
    after = "\n\nLes ateliers gardent le registre."
    assert find_echeances(text + after, context) == alone
    assert find_echeances(before + text, context) == tuple(
        _moved(found, len(before)) for found in alone
    )


def _moved(found: Found, by: int) -> Found:
    return replace(
        found,
        start=found.start + by,
        end=found.end + by,
        sentence_start=found.sentence_start + by,
        sentence_end=found.sentence_end + by,
    )


@given(
    st.sampled_from(
        [
            "Il entre en vigueur le lendemain de sa publication.",
            "Il entre en vigueur le premier jour du troisième mois suivant sa publication.",
            "Il s'applique le 1er janvier de l'année suivant celle de sa publication.",
            "Il prend effet au premier jour du trimestre suivant sa publication.",
            "Le bilan est remis dans un délai de sept mois à compter de sa publication.",
            "Le bilan est remis deux ans après la publication du présent décret.",
            "Le présent décret entre en vigueur le jour de sa publication.",
        ]
    ),
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.integers(0, 400),
)
def test_computed_dates_follow_the_publication(text: str, published: date, later: int) -> None:
    first, second = (
        find_echeances(text, Context("DECRET", published_on=day))[0]
        for day in (published, published + timedelta(days=later))
    )
    assert published <= first.date <= second.date


@given(prose)
def test_sentences_do_not_overlap(text: str) -> None:
    spans = list(find_sentences(text))
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@given(st.text())
def test_plain_form_keeps_places(text: str) -> None:
    plain = read_prose(text)
    assert len(plain.positions) == len(plain.plain) + 1
    assert all(one <= other for one, other in pairwise(plain.positions))


@pytest.mark.parametrize(
    "unit",
    ["1", "le ", "du 2 au ", "avant le ", "un mois à compter de la publication ", "«", "\n", ". A"],
)
def test_time_is_linear(unit: str) -> None:
    """A nested quantifier would take minutes here; the figures themselves are not measured."""
    text = unit * (200_000 // len(unit))
    assert find_echeances(text, Context()) == ()
