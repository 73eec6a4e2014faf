"""What editors type: dates as people write them, mistakes said beside the field."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model import Echeance, Niveau, Precision, Redaction, TextOfItem
from hub.web.forms import (
    EcheanceInput,
    RedactionInput,
    check_redaction,
    draft_redaction,
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
    typed = RedactionInput(titre="x" * 301, niveau="grave")
    assert set(check_redaction(typed, is_for_publication=False).errors) == {"titre", "niveau"}


def test_the_draft_is_the_sources_own_words() -> None:
    draft = draft_redaction(TextOfItem("Titre", summary="mot " * 400))
    assert draft.titre == "Titre"
    assert len(draft.ce_qui_change) <= 601
    assert draft.ce_qui_change.endswith("…")


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=20)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


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
