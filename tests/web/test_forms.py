"""What editors type: dates as people write them, mistakes said beside the field."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model import Echeance, Niveau, Precision, Redaction
from hub.web.forms import (
    EcheanceInput,
    RedactionInput,
    check_redaction,
    show_redaction,
)


@pytest.mark.parametrize(
    "typed",
    [
        "1er septembre 2026",
        "le 1er septembre 2026",
        "mardi 1 septembre 2026",
        "01/09/2026",
        "1/9/2026",
        "2026-09-01",
        " 1er\u00a0sept. 2026 ",
    ],
)
def test_dates_as_people_write_them(typed: str) -> None:
    checked = check_redaction(RedactionInput(applicable_le=typed), is_for_publication=False)
    assert checked.redaction.applicable_le == date(2026, 9, 1)
    assert checked.errors == {}


@pytest.mark.parametrize(
    "typed",
    ["31 février 2026", "bientôt", "1er septembre 2026 ou 1er mars 2027", "32/01/2026", "2026"],
)
def test_what_is_not_one_date_is_said(typed: str) -> None:
    checked = check_redaction(RedactionInput(applicable_le=typed), is_for_publication=False)
    assert typed in checked.errors["applicable_le"]


def test_publication_needs_a_title_and_what_changes() -> None:
    empty = RedactionInput()
    assert check_redaction(empty, is_for_publication=False).errors == {}
    assert set(check_redaction(empty, is_for_publication=True).errors) == {
        "titre",
        "ce_qui_change",
    }


def test_an_echeance_needs_its_date_and_its_words() -> None:
    typed = RedactionInput(
        echeances=(EcheanceInput("", "Déclarer"), EcheanceInput("01/01/2027", ""), EcheanceInput())
    )
    errors = check_redaction(typed, is_for_publication=False).errors
    assert set(errors) == {"echeance-0-date", "echeance-1-label"}


def test_limits_and_unknown_values_are_said() -> None:
    line = EcheanceInput("01/01/2027", "x" * 201)
    typed = RedactionInput(
        titre="x" * 201,
        ce_qui_change="x" * 4_001,
        pour_qui="x" * 4_001,
        niveau="grave",
        a_faire=("bref", "x" * 301),
        echeances=(line,),
    )
    errors = check_redaction(typed, is_for_publication=False).errors
    assert set(errors) == {
        "titre",
        "ce_qui_change",
        "pour_qui",
        "niveau",
        "a_faire",
        "echeance-0-label",
    }
    assert "L’action 2" in errors["a_faire"]


def test_what_is_just_short_enough_is_taken() -> None:
    line = EcheanceInput("31/12/2100", "x" * 200)
    typed = RedactionInput(
        titre="x" * 200,
        ce_qui_change="x" * 4_000,
        pour_qui="x" * 4_000,
        applicable_le="01/01/1990",
        a_faire=("x" * 300,) * 20,
        echeances=(line,) * 20,
    )
    assert check_redaction(typed, is_for_publication=True).errors == {}


def test_more_than_twenty_lines_are_too_many() -> None:
    line = EcheanceInput("01/01/2027", "Déclarer")
    typed = RedactionInput(a_faire=("Déclarez.",) * 21, echeances=(line,) * 21)
    errors = check_redaction(typed, is_for_publication=False).errors
    assert set(errors) == {"a_faire", "echeances"}


@pytest.mark.parametrize("typed", ["01/01/1989", "1er janvier 2101", "0026-09-01"])
def test_a_year_that_cannot_be_is_said(typed: str) -> None:
    line = EcheanceInput(typed, "Déclarer")
    form = RedactionInput(applicable_le=typed, echeances=(line,))
    errors = check_redaction(form, is_for_publication=False).errors
    assert set(errors) == {"applicable_le", "echeance-0-date"}
    assert "entre 1990 et 2100" in errors["applicable_le"]


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=20)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(
    st.builds(
        Redaction,
        titre=words,
        ce_qui_change=words,
        pour_qui=words,
        a_faire=st.lists(words.filter(bool), max_size=3).map(tuple),
        niveau=st.sampled_from(Niveau),
        applicable_le=st.none() | days,
        echeances=st.lists(
            st.builds(Echeance, days, words.filter(bool), st.sampled_from(Precision), words),
            max_size=3,
        ).map(tuple),
    )
)
def test_what_is_shown_reads_back_the_same(redaction: Redaction) -> None:
    once = check_redaction(show_redaction(redaction), is_for_publication=False).redaction
    again = check_redaction(show_redaction(once), is_for_publication=False)
    assert again.redaction == once
    assert again.errors == {}
    assert once.applicable_le == redaction.applicable_le
    assert [e.date for e in once.echeances] == [e.date for e in redaction.echeances]
