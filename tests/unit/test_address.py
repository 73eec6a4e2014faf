"""Addresses as people type them, and the sentence each mistake gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.messages import message
from hub.newsletter.address import Address, AddressProblem, read_address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ana@atelier.fr", "ana@atelier.fr"),
        ("  Ana.Diaz+lettre@Atelier.FR ", "ana.diaz+lettre@atelier.fr"),
        ("contact@recyclerie-été.fr", "contact@xn--recyclerie-t-lebb.fr"),
        ("o'neil@a.b.example", "o'neil@a.b.example"),
    ],
)
def test_a_good_address_has_one_normal_form(typed: str, address: str) -> None:
    assert read_address(typed) == Address(address)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", AddressProblem.EMPTY),
        ("   ", AddressProblem.EMPTY),
        ("ana", AddressProblem.NO_AT),
        ("ana@", AddressProblem.NOTHING_AFTER),
        ("@atelier.fr", AddressProblem.NOTHING_BEFORE),
        ("ana@atelier", AddressProblem.NO_END),
        ("ana@atelier.", AddressProblem.NO_END),
        ("ana@atelier.fr.", AddressProblem.WRONG),
        ("ana diaz@atelier.fr", AddressProblem.SPACE),
        ("ana@atelier.fr\r\nBcc: x@y.fr", AddressProblem.SPACE),
        ("ana@atelier.fr\u00a0", AddressProblem.SPACE),
        ("ana@a@atelier.fr", AddressProblem.TWO_ATS),
        ("éva@atelier.fr", AddressProblem.ACCENT),
        ("ana@-atelier.fr", AddressProblem.WRONG),
        ("ana@192.168.0.1", AddressProblem.WRONG),
        ("ana@[192.168.0.1]", AddressProblem.WRONG),
        ("ana..diaz@atelier.fr", AddressProblem.WRONG),
        ('"ana"@atelier.fr', AddressProblem.WRONG),
        ("ana\x00@atelier.fr", AddressProblem.WRONG),
        ("a" * 65 + "@atelier.fr", AddressProblem.TOO_LONG),
        ("a@" + "b." * 200 + "fr", AddressProblem.TOO_LONG),
        ("a" * 5_000, AddressProblem.TOO_LONG),
    ],
)
def test_a_wrong_address_is_told_what_is_wrong(typed: str, problem: AddressProblem) -> None:
    assert read_address(typed) is problem


def test_every_problem_has_its_sentence() -> None:
    assert message(AddressProblem.NOTHING_AFTER) == (
        "L’adresse n’est pas complète\u00a0: il manque ce qui suit l’arobase."
    )
    assert all(message(problem) for problem in AddressProblem)


@given(st.text(max_size=40) | st.from_regex(r"\A[^@]{1,9}@[^@]{1,9}\.[a-zé]{2,4}\Z"))
def test_whatever_is_typed_nothing_can_be_smuggled_into_a_header(typed: str) -> None:
    found = read_address(typed)
    if isinstance(found, Address):
        assert found.value.isascii()
        assert found.value.isprintable()
        assert not set(found.value) & set(' ,;:<>"()[]\\')
        assert read_address(found.value) == found


def test_a_page_shows_an_address_masked() -> None:
    assert Address("nadia@atelier.fr").masked == "n…@atelier.fr"
