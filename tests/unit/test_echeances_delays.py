"""Delays: computed where their starting day is known, told as unknown elsewhere."""

from __future__ import annotations

from datetime import date

import pytest

from hub.legal.dated import add_months, first_of_next, first_of_quarter
from hub.legal.echeances import find_echeances, find_uncomputable
from hub.legal.timing import Bound, Context, Role, Unknown

DECREE = Context("DECRET", published_on=date(2026, 2, 12), signed_on=date(2026, 2, 10))
LAW = Context("LOI", published_on=date(2026, 2, 12), signed_on=date(2026, 2, 10))
UNPUBLISHED = Context("DECRET", signed_on=date(2026, 2, 10))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Il entre en vigueur le lendemain de sa publication.", date(2026, 2, 13)),
        ("Entrée en vigueur : lendemain de la publication.", date(2026, 2, 13)),
        (
            "Il entre en vigueur le premier jour du troisième mois suivant sa publication.",
            date(2026, 5, 1),
        ),
        (
            "Il entre en vigueur le 1er jour du mois suivant celui de sa publication.",
            date(2026, 3, 1),
        ),
        (
            "Il prend effet au premier jour du trimestre civil suivant sa publication.",
            date(2026, 4, 1),
        ),
        (
            "Il s'applique le 1er janvier de l'année suivant celle de sa publication.",
            date(2027, 1, 1),
        ),
        (
            "Il entre en vigueur le vingtième jour suivant celui de sa publication.",
            date(2026, 3, 4),
        ),
        ("L'article 3 entre en vigueur six mois après la publication.", date(2026, 8, 12)),
        (
            "Il est dû un an après la date de publication du présent décret au Journal officiel.",
            date(2027, 2, 12),
        ),
        ("Le bilan est remis 45 jours après la publication du décret.", date(2026, 3, 29)),
        ("Le présent décret entre en vigueur à la date de sa publication.", date(2026, 2, 12)),
    ],
)
def test_delays_from_the_publication(text: str, day: date) -> None:
    (found,) = find_echeances(text, DECREE)
    assert (found.date, found.anchor, found.is_certain) == (day, date(2026, 2, 12), True)
    assert "publication le 12\u00a0février\u00a02026" in found.computation
    assert find_uncomputable(text, DECREE) == ()

    assert find_echeances(text, UNPUBLISHED) == ()
    (unknown,) = find_uncomputable(text, UNPUBLISHED)
    assert unknown.reason is Unknown.PUBLICATION
    assert text[unknown.start : unknown.end] == unknown.words == found.words


def test_computation_is_told_in_french() -> None:
    text = "Il entre en vigueur le premier jour du troisième mois suivant sa publication."
    (found,) = find_echeances(text, DECREE)
    assert found.computation.replace("\u00a0", " ") == (
        "publication le 12 février 2026, premier jour du troisième mois suivant : 1er mai 2026"
    )


def test_promulgation_is_the_date_of_the_law() -> None:
    text = "Le rapport est remis dans un délai de six mois à compter de la promulgation de la loi."
    (found,) = find_echeances(text, LAW)
    assert (found.date, found.bound) == (date(2026, 8, 10), Bound.BY)
    assert find_echeances(text, DECREE) == ()
    assert find_uncomputable(text, Context("LOI"))[0].reason is Unknown.PROMULGATION


def test_promulgation_of_a_cited_law_is_in_its_title() -> None:
    text = (
        "L'article est applicable aux demandes formulées après l'expiration d'un délai de six mois "
        "à compter de la promulgation de la loi n° 2020-105 du 10 février 2020."
    )
    (found,) = find_echeances(text, DECREE)
    assert (found.date, found.anchor) == (date(2020, 8, 10), date(2020, 2, 10))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Il prend effet un mois après la publication de l'arrêté prévu à l'article 3.",
         Unknown.OTHER_TEXT),
        ("Il s'applique six mois après l'entrée en vigueur du présent décret.",
         Unknown.OTHER_TEXT),
        ("Il entre en vigueur à une date fixée par décret.", Unknown.OTHER_TEXT),
        ("Le titulaire répond dans un délai de deux mois à compter de la demande.",
         Unknown.EVENT),
        ("Le registre est gardé pendant cinq ans à compter de la livraison.", Unknown.EVENT),
        ("Le bilan est remis dix jours ouvrables après la publication du présent décret.",
         Unknown.EVENT),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_told(text: str, reason: Unknown) -> None:
    assert find_echeances(text, DECREE) == ()
    assert [unknown.reason for unknown in find_uncomputable(text, DECREE)] == [reason]


def test_last_date_stands_beside_what_is_left_to_a_decree() -> None:
    text = "Le I entre en vigueur à une date fixée par décret, et au plus tard le 3 mai 2027."
    (found,) = find_echeances(text, LAW)
    assert (found.date, found.bound, found.is_certain) == (date(2027, 5, 3), Bound.BY, True)
    assert [unknown.reason for unknown in find_uncomputable(text, LAW)] == [Unknown.OTHER_TEXT]


def test_what_lasts_ends_on_the_eve() -> None:
    text = "Le tarif s'applique à compter du 1er juillet 2027, pour une durée de quatre ans."
    start, end = find_echeances(text, DECREE)
    assert (start.date, end.date) == (date(2027, 7, 1), date(2031, 6, 30))
    assert (end.role, end.bound, end.is_certain) == (Role.FIN, Bound.UNTIL, False)


def test_delay_from_a_written_date() -> None:
    text = "Les travaux sont achevés dans un délai de deux ans à compter du 1er juillet 2027."
    (found,) = find_echeances(text, DECREE)
    assert (found.date, found.anchor) == (date(2029, 7, 1), date(2027, 7, 1))
    assert not found.is_certain


def test_experiment_of_a_law_ends() -> None:
    text = (
        "À titre expérimental et pour une durée de trois ans à compter de la publication de la loi"
    )
    (found,) = find_echeances(text, LAW)
    assert (found.date, found.role) == (date(2029, 2, 12), Role.FIN)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_months_run_from_day_to_day(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_first_days() -> None:
    assert first_of_next(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert first_of_quarter(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert first_of_quarter(date(2026, 1, 1), 1) == date(2026, 4, 1)


def test_calendar_has_an_end() -> None:
    with pytest.raises(OverflowError):
        add_months(date(9990, 1, 1), 999)
