"""The shared French analysis, on the spellings that real texts mix."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.analysis import Token, analyse, highlight, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("l'agrément", "l’agrément"),
        ("RÉNOVATIONS ÉNERGÉTIQUES", "renovation energetique"),
        ("œuvre", "oeuvres"),
        ("bio-déchets", "biodéchets"),
        ("éco-organismes", "écoorganisme"),
        ("autoconsommation", "auto-consommation"),
        ("logements rénovés", "logement rénové"),
        ("une maison rénovée", "maisons rénovées"),
        ("les travaux", "le travail"),
        ("chargé·e d'affaires", "chargé d’affaires"),
        ("technicien·ne", "techniciens"),
        ("technicien(ne)s", "technicien"),
        ("salarié.e.s", "salariés"),
        ("conducteur·trice de travaux", "conducteur de travaux"),
        ("chauffeur·euse-livreur·euse", "chauffeur-livreur"),
        ("jusqu'à l'État", "jusqu’à l'Etat"),
        ("L. 541-10-1", "L541-10-1"),
        ("L.541-10-1", "L. 541\u201110\u20111"),
        ("R.\u00a0126-8", "R126-8"),
        ("R. *111-1", "R. 111-1"),
        ("A.G.E.C.", "AGEC"),
        ("responsabilité élargie du producteur", "responsabilité élargie des producteurs"),
        (unicodedata.normalize("NFD", "rénovation"), unicodedata.normalize("NFC", "rénovation")),
    ],
)
def test_two_spellings_are_one(one: str, other: str) -> None:
    assert terms(one) == terms(other) != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("convention collective", "convention de collecte"),
        ("L. 541-10", "L. 541-10-1"),
        ("2026-822", "2026-82"),
        ("sans conditionnement", "avec conditionnement"),
    ],
)
def test_different_things_stay_different(one: str, other: str) -> None:
    assert terms(one) != terms(other)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("le décret n° 2026-822 du 25 août", "2026-822"),
        ("NOR : TREP1902395L", "trep1902395l"),
        ("voir JORFTEXT000041553759.", "jorftext000041553759"),
        ("règlement (UE) 2024/1781", "2024/1781"),
        ("CELEX 32024R1781", "32024r1781"),
        ("l'article L. 37 du code électoral", "l37"),
        ("article 3332-17-1", "3332-17-1"),
    ],
)
def test_references_stay_whole(text: str, term: str) -> None:
    assert term in terms(text)


def test_offsets_are_those_of_the_original_text() -> None:
    text = "D’après l’éco-organisme, les bio-déchets et l'article L. 541-10-1"
    shown = {token.term: text[token.start : token.end] for token in analyse(text)}
    assert shown["l541-10-1"] == "L. 541-10-1"
    assert shown["eco"] == "éco"
    assert shown["dechet"] == "déchets"


def test_a_word_cut_in_two_keeps_its_places_even_with_accents_apart() -> None:
    text = unicodedata.normalize("NFD", "écocontribution")
    first, second = analyse(text)
    assert text[first.start : first.end] == unicodedata.normalize("NFD", "éco")
    assert second == Token(terms("contribution")[0], first.end, len(text))


def test_stop_words_and_elisions_leave_nothing() -> None:
    assert terms("jusqu'à ce qu’il n'y ait d'aujourd'hui") == ("ait",)
    assert terms("") == terms(" ' ’ … « » -") == ()


def test_highlight_marks_every_form_of_the_words() -> None:
    text = "Les éco-organismes et l’éco-organisme"
    assert [text[a:b] for a, b in highlight(text, terms("organisme"))] == [
        "organismes",
        "organisme",
    ]


def test_stemming_from_several_threads_gives_the_same_terms() -> None:
    words = [f"rénovation{n}s collectes{'x' * (n % 7)}" for n in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(terms, words)) == [terms(word) for word in words]
