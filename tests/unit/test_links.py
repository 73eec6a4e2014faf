"""What a text does to others: in its title, in its notice, in its articles."""

from __future__ import annotations

import pytest

from hub.legal.links import Link, LinkKind, find_links, invert
from hub.model import TextField

OWN = "Décret n° 2026-12 du 3 mars 2026"
ENVIRONNEMENT = "LEGITEXT000006074220"


def acts(title: str = "", text: str = "", notice: str = "") -> list[str]:
    """What is done, `CITE` aside, as « modifie DEC:… »."""
    links = find_links(title, text, notice)
    return [f"{link.kind} {link.target.norm}" for link in links if link.kind is not LinkKind.CITE]


def only(links: tuple[Link, ...], kind: LinkKind) -> list[Link]:
    return [link for link in links if link.kind is kind]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        (
            (
                "modifiant le décret n° 2020-26 du 14 janvier 2020 relatif à la prime et le décret "
                "n° 2021-59 du 25 janvier 2021 relatif au guichet"
            ),
            ["modifie DEC:2020-26@2020-01-14", "modifie DEC:2021-59@2021-01-25"],
        ),
        (
            "portant modification du code de l'énergie et abrogeant l'arrêté du 5 mai 2020",
            ["modifie LEGITEXT000023983208", "abroge ARR@2020-05-05"],
        ),
        (
            (
                "pris pour l'application des articles L. 1 et L. 2 du code de l'énergie et de "
                "l'article L. 3 du code de l'urbanisme"
            ),
            ["applique ART:énergie/L1", "applique ART:énergie/L2", "applique ART:urbanisme/L3"],
        ),
        (
            "relatif aux modalités d'application de l'article 5 de la loi n° 2020-105",
            ["applique LOI:2020-105"],
        ),
        (
            (
                "relatif à la transposition de la directive (UE) 2024/1619 modifiant la directive "
                "2013/36/UE en ce qui concerne les risques"
            ),
            ["transpose CELEX:32024L1619"],
        ),
        (
            (
                "ratifiant l'ordonnance n° 2023-1142 du 6 décembre 2023 et modifiant la loi "
                "n° 2020-105 du 10 février 2020"
            ),
            ["ratifie ORD:2023-1142@2023-12-06", "modifie LOI:2020-105@2020-02-10"],
        ),
        (
            "portant partie réglementaire du code de la commande publique",
            ["codifie LEGITEXT000037701019"],
        ),
        (
            (
                "modifiant l'arrêté du 9 juillet 2021 relatif aux modalités d'application de "
                "l'article L. 4111-2 du code de la santé publique"
            ),
            ["modifie ARR@2021-07-09"],
        ),
        (
            (
                "fixant le barème des dons acquis en application de l'article 58 de la loi "
                "n° 2020-105 du 10 février 2020"
            ),
            [],
        ),
        ("relatif à la prime instituée par le décret n° 2020-26 du 14 janvier 2020", []),
    ],
)
def test_what_a_title_does(title: str, found: list[str]) -> None:
    assert acts(f"{OWN} {title}") == found


def test_an_opinion_on_a_draft_does_nothing() -> None:
    assert acts("Délibération portant avis sur un projet de décret modifiant le code civil") == []


def test_the_text_itself_is_no_target() -> None:
    assert find_links(f"{OWN} relatif aux bennes", f"Le {OWN.lower()} entre en vigueur.") == ()


def test_the_notice_says_what_is_applied_and_amended() -> None:
    notice = (
        "Notice : le décret transpose la directive 2008/98/CE.\n"
        "Références : le décret est pris pour l'application de l'article L. 126-34 du code de "
        "l'énergie. Le code de l'environnement, modifié par le présent décret, peut être consulté."
    )
    assert acts(OWN, notice=notice) == [
        "transpose CELEX:32008L0098",
        "applique ART:énergie/L126-34",
        f"modifie {ENVIRONNEMENT}",
    ]


def test_visas_only_cite() -> None:
    links = find_links(OWN, "Vu la loi n° 2020-105 du 10 février 2020, notamment son article 5 ;")
    assert [(link.kind, link.target.norm) for link in links] == [
        (LinkKind.CITE, "LOI:2020-105@2020-02-10")
    ]


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("L'article R. 1 est ainsi modifié :", ["modifie ART:environnement/R1"]),
        (
            "1° Les articles R. 1 à R. 3 et R. 5 sont abrogés ;",
            ["abroge ART:environnement/R1..R3", "abroge ART:environnement/R5"],
        ),
        ("Le II de l'article R. 1 est abrogé.", ["modifie ART:environnement/R1"]),
        (
            "Au I de l'article R. 1, les mots : « de l'article R. 2 » sont supprimés ;",
            ["modifie ART:environnement/R1"],
        ),
        ("À l'article R. 1, est ajouté un alinéa ainsi rédigé :", ["modifie ART:environnement/R1"]),
        (
            "a) Après l'article R. 1, il est inséré un article R. 1-1 ainsi rédigé :",
            ["crée ART:environnement/R1-1"],
        ),
        (
            "Après le 3° de l'article R. 1, il est inséré un 4° ainsi rédigé :",
            ["modifie ART:environnement/R1"],
        ),
        ("L'article R. 1 est rétabli dans la rédaction suivante :", ["crée ART:environnement/R1"]),
        (
            (
                "La section 3 est complétée par une sous-section 4 ainsi rédigée :\n"
                "« Sous-section 4\n« Art. R. 300. – L'article L. 7 s'applique. »"
            ),
            ["crée ART:environnement/R300"],
        ),
        (
            "La section 3 est remplacée par les dispositions suivantes :\n« Art. R. 300. – Rien. »",
            ["modifie ART:environnement/R300"],
        ),
        ("Si l'autorisation de l'article R. 1 est modifiée, le préfet est informé.", []),
        ("Au titre de l'article R. 1, l'aide est modifiée chaque année.", []),
        ("L'article R. 1, qui prévoit que le plan est modifié, s'applique.", []),
    ],
)
def test_what_a_clause_does_to_articles(clause: str, found: list[str]) -> None:
    text = f"Article 1\nLe code de l'environnement est ainsi modifié :\n{clause}"
    assert acts(OWN, text) == [f"modifie {ENVIRONNEMENT}", *found]


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("L'arrêté du 5 mai 2020 susvisé est abrogé.", ["abroge ARR@2020-05-05"]),
        ("L'article 3 de l'arrêté du 5 mai 2020 est abrogé.", ["modifie ARR@2020-05-05"]),
        (
            "L'ordonnance n° 2023-1142 du 6 décembre 2023 est ratifiée.",
            ["ratifie ORD:2023-1142@2023-12-06"],
        ),
        (
            "Le présent décret est pris en application de l'article L. 1 du code civil.",
            ["applique ART:civil/L1"],
        ),
        (
            (
                "Sont abrogés :\n1° L'arrêté du 8 août 2018 relatif aux bennes ;\n"
                "2° L'article 4 de l'arrêté du 9 août 2018 ;\n3° L'article R. 1 du code civil."
            ),
            ["abroge ARR@2018-08-08", "modifie ARR@2018-08-09", "abroge ART:civil/R1"],
        ),
        (
            "L'article L. 1 du code civil et l'article L. 4 du code de l'énergie sont modifiés.",
            ["modifie ART:civil/L1", "modifie ART:énergie/L4"],
        ),
    ],
)
def test_what_a_clause_does_to_texts(clause: str, found: list[str]) -> None:
    assert acts(OWN, f"Article 2\n{clause}") == found


VISAS = """Vu le décret n° 2020-26 du 14 janvier 2020 relatif à la prime ;
Vu l'arrêté du 5 mai 2020 relatif aux formulaires ;
Vu l'arrêté du 6 juin 2021 fixant des seuils ;
Vu l'arrêté du 6 juin 2021 fixant des taux,
Décrète :
"""


def test_susvise_is_the_text_of_the_visas() -> None:
    text = (
        f"{VISAS}L'annexe de l'arrêté du 5 mai 2020 susvisé est remplacée. "
        "L'article 3 du décret du 14 janvier 2020 susvisé est abrogé."
    )
    found = only(find_links(OWN, text), LinkKind.MODIFIE)
    assert [(link.target.norm, link.about) for link in found] == [
        ("ARR@2020-05-05", "relatif aux formulaires"),
        ("DEC:2020-26@2020-01-14", "relatif à la prime"),
    ]


def test_susvise_says_nothing_of_two_texts_of_one_day() -> None:
    text = f"{VISAS}L'annexe de l'arrêté du 6 juin 2021 susvisé est remplacée."
    (link,) = only(find_links(OWN, text), LinkKind.MODIFIE)
    assert (link.target.norm, link.about) == ("ARR@2021-06-06", "")


def test_each_link_has_its_place_whatever_the_marks() -> None:
    title = f"{OWN} modifiant l'arre\u0302te\u0301 du 5 mai\u00a02020"
    text = "Article 1\nL’arti\u00adcle R. 1 du code de l’énergie est abrogé."
    (amended, repealed) = find_links(title, text)
    assert (amended.where, repealed.where) == (TextField.TITLE, TextField.TEXT)
    assert title[amended.start : amended.end] == "modifiant l'arre\u0302te\u0301 du 5 mai\u00a02020"
    assert text[repealed.target.start : repealed.target.end] == repealed.target.words == "R. 1"
    assert text[repealed.start : repealed.end].startswith("L’arti\u00adcle R. 1")


def test_a_link_reads_both_ways() -> None:
    assert {invert(kind) for kind in LinkKind} >= {"modifié par", "transposé par"}
    assert len({invert(kind) for kind in LinkKind}) == len(LinkKind)
