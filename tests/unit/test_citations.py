"""Texts of law that a text cites: their one form, their place, where they lead."""

from __future__ import annotations

import pytest

from hub.legal.citations import canonical_url, find_citations, to_identifier
from hub.legal.codes import CODES, code_named
from hub.legal.norms import Citation, CitationKind

ENERGIE = code_named("énergie")


def norms(text: str) -> list[str]:
    return [citation.norm for citation in find_citations(text)]


def cited(kind: CitationKind, norm: str) -> Citation:
    return Citation(0, 1, kind, norm, "x")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("la loi n° 2020-105 du 10 février 2020", ["LOI:2020-105@2020-02-10"]),
        ("LOI N°2020-105 DU 10 FEVRIER 2020 (1)", ["LOI:2020-105@2020-02-10"]),
        ("la loi n\u00a0°\u202f78-17 modifiée du 6 janvier 1978", ["LOI:78-17@1978-01-06"]),
        ("la loi du 17 août 2015 n° 2015-992", ["LOI:2015-992@2015-08-17"]),
        ("la loi du 19 juillet 1976", ["LOI@1976-07-19"]),
        ("la loi n° 78-17 du 6 janvier", ["LOI:78-17"]),
        ("la loi organique n° 2001-692 du 1er août 2001", ["LOI_ORG:2001-692@2001-08-01"]),
        ("la loi AGEC (n° 2020-105 du 10 février 2020)", ["LOI:2020-105@2020-02-10"]),
        ("la loi « eaux vives » n° 2021-11 du 22 août 2021", ["LOI:2021-11@2021-08-22"]),
        ("l’ordonnance no 2016-65 du 29 janvier 2016", ["ORD:2016-65@2016-01-29"]),
        ("du décret 2021-821", ["DEC:2021-821"]),
        ("son décret d'application n° 2016-86 du 1er février 2016", ["DEC:2016-86@2016-02-01"]),
        ("les décrets du 31 mai 1990 et du 5 juin 2006", ["DEC@1990-05-31", "DEC@2006-06-05"]),
        (
            "les décrets n° 2021-821 et 2021-822 du 25 juin 2021",
            ["DEC:2021-821@2021-06-25", "DEC:2021-822@2021-06-25"],
        ),
        (
            (
                "décrets n° 2021-821 du 25 juin 2021 relatif aux bâtiments et n° 2021-1941 du 31 "
                "décembre 2021 relatif aux produits"
            ),
            ["DEC:2021-821@2021-06-25", "DEC:2021-1941@2021-12-31"],
        ),
        (
            "arrêtés des 14 janvier 2020, 3 et 5 mai 2021",
            ["ARR@2020-01-14", "ARR@2021-05-03", "ARR@2021-05-05"],
        ),
        ("l'arrêté S21 modifié du 06/10/2021", ["ARR@2021-10-06"]),
        ("arrêté préfectoral n° 13-2020-05 du 3 mars 2020", ["ARR@2020-03-03"]),
        ("Par arrêté de la ministre du logement en date du 18 mars 2026,", ["ARR@2026-03-18"]),
        (
            "la circulaire n° INTE1911312C du 10 mai 2019",
            ["CIRC@2019-05-10", "NOR:INTE1911312C"],
        ),
        ("arre\u0302te\u0301 du 1er\u00a0janvier\u202f2024", ["ARR@2024-01-01"]),
    ],
)
def test_french_acts(text: str, found: list[str]) -> None:
    assert norms(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "le présent arrêté entre en vigueur le 1er janvier 2024",
        "l'arrêté publié au Journal officiel du 5 mai 2021",
        "un arrêté applicable à compter du 1er janvier 2024",
        "le projet de loi du 3 mars 2026",
        "par une ordonnance du 3 mars 2021, le juge des référés a rejeté",
        "un décret pris après l'avis n° 2021-12 du 3 mars 2021",
        "l'arrêté du 31 février 2020",
        "l'appel d'offres n° 2023-12",
        "la loi de finances pour 2026",
        "salon organisé du 19 au 21 mai 2026",
        "la délibération n° 2019-093 de la CNIL",
        "la délibération du conseil municipal du 3 mars 2020",
        "la décision 2021/12 du directeur",
        "l'autoroute A 7, la D 941-2, 5 mm × L 12, M. D. 12, le rayon R 20",
        "transmis à 224 personnes, il y a 12 ans",
    ],
)
def test_what_only_looks_like_a_citation(text: str) -> None:
    assert norms(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("la directive 2008/98/CE", ["CELEX:32008L0098"]),
        ("la directive (UE) 2018/851", ["CELEX:32018L0851"]),
        ("la directive 85/337/CEE", ["CELEX:31985L0337"]),
        ("directives 2009/28/CE et 2012/27/UE", ["CELEX:32009L0028", "CELEX:32012L0027"]),
        ("règlement (UE) n° 1303/2013", ["CELEX:32013R1303"]),
        ("le règlement (CE) n° 2073/2005", ["CELEX:32005R2073"]),
        ("le règlement (CEE) n° 2092/91", ["CELEX:31991R2092"]),
        ("le règlement (UE) 2019/2014", ["CELEX:32019R2014"]),
        ("le règlement (UE) n° 2016/679", ["CELEX:32016R0679"]),
        ("le règlement d'exécution (UE) n° 668/2014", ["CELEX:32014R0668"]),
        ("décision n° 284/2010/UE", ["CELEX:32010D0284"]),
        ("la décision d'exécution (UE) 2018/1147", ["CELEX:32018D1147"]),
        (
            "les règlements (UE) n° 1303/2013 et (UE) n° 1305/2013",
            ["CELEX:32013R1303", "CELEX:32013R1305"],
        ),
    ],
)
def test_acts_of_the_union(text: str, found: list[str]) -> None:
    assert norms(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("article L. 541-10-1 du code de l'environnement", ["ART:environnement/L541-10-1"]),
        (
            "R126-8 du Code de la construction\net de l’habitation",
            ["ART:construction-et-de-l-habitation/R126-8"],
        ),
        ("article R.*123-1 du code de l'urbanisme", ["ART:urbanisme/R123-1"]),
        ("article L.O. 141 du code électoral", ["ART:électoral/LO141"]),
        (
            "l'article L. 16 B du livre des procédures fiscales",
            ["ART:livre-des-procédures-fiscales/L16-B"],
        ),
        ("R. 126-8 CCH", ["ART:construction-et-de-l-habitation/R126-8"]),
        (
            "articles L. 1, L. 2 et R. 3 à R. 5 du code de l'énergie",
            ["ART:énergie/L1", "ART:énergie/L2", "ART:énergie/R3..R5"],
        ),
        (
            "articles L. 541-1 à 541-5 du code de l'environnement",
            ["ART:environnement/L541-1..L541-5"],
        ),
        (
            "articles L. 562-2 et suivants du code monétaire et financier",
            ["ART:monétaire-et-financier/L562-2"],
        ),
        ("Code du travail : articles R6232-1 à R6232-3", ["ART:travail/R6232-1..R6232-3"]),
        (
            "Vu le code de l'environnement, notamment ses articles L. 541-10 (12°) et R. 543-290 ;",
            ["ART:environnement/L541-10", "ART:environnement/R543-290"],
        ),
        (
            "l'article L. 1 du code de l'énergie et l'article L. 2 du même code",
            ["ART:énergie/L1", "ART:énergie/L2"],
        ),
        (
            "l'article L. 512-10 du code de l'environnement, comme à l'article L. 5 du code civil",
            ["ART:environnement/L512-10", "ART:civil/L5"],
        ),
        ("l'article L. 160-13 du présent code", ["ART:?/L160-13"]),
        ("l'article L. 5 dudit code", ["ART:?/L5"]),
        ("l'article L. 233-2 s'applique", ["ART:?/L233-2"]),
        ("R. 543-214 à 224 du code de l'environnement", ["ART:environnement/R543-214"]),
        (
            "[article L. 541-10](https://exemple.fr/a) du [code de l'environnement](https://exemple.fr/b)",
            ["ART:environnement/L541-10"],
        ),
    ],
)
def test_articles_of_codes(text: str, found: list[str]) -> None:
    assert norms(text) == found


def test_a_code_nobody_knows_is_not_the_one_named_before() -> None:
    text = (
        "code de l'énergie ; l'article L. 5 du code de la mer intérieure, l'article 6 du même code"
    )
    assert norms(text) == ["ART:?/L5"]


def test_the_code_being_amended_rules_what_follows() -> None:
    text = (
        "Article 1\nLe code de l'énergie est ainsi modifié :\n"
        "1° L'article L. 100-4 est abrogé ;\n"
        "2° À l'article L. 5 du code civil, « l'article L. 7 du présent code ».\n"
        "Article 2\nL'article L. 6 est abrogé."
    )
    assert norms(text) == ["ART:énergie/L100-4", "ART:civil/L5", "ART:énergie/L7", "ART:?/L6"]


def test_the_context_says_the_code_where_nothing_else_does() -> None:
    text = "Les articles L. 1 et R. 2 ; l'article L. 3 du code civil"
    found = [citation.norm for citation in find_citations(text, ENERGIE)]
    assert found == ["ART:énergie/L1", "ART:énergie/R2", "ART:civil/L3"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "https://www.legifrance.gouv.fr/affichTexte.do;jsessionid=A1?cidTexte=JORFTEXT000036086007&idJO=JORFCONT000036085510",
            ["JORFTEXT000036086007", "JORFCONT000036085510"],
        ),
        (
            "https://www.legifrance.gouv.fr/codes/section_lc/LEGITEXT000006074220/LEGISCTA000006159247/",
            ["LEGITEXT000006074220", "LEGISCTA000006159247"],
        ),
        ("/loda/id/jorftext000041400291_01-01-2024", ["JORFTEXT000041400291"]),
        ("/codes/article_lc/LEGIARTI000044978323/2018-12-02/", ["LEGIARTI000044978323"]),
        (
            "https://www.legifrance.gouv.fr/eli/decret/2017/08/04/ssah1720799d/jo/texte",
            ["ELI:decret/2017/8/4/SSAH1720799D/jo/texte", "NOR:SSAH1720799D"],
        ),
        ("https://www.legifrance.gouv.fr/eli/jo/2017/11/26", ["ELI:jo/2017/11/26"]),
        ("http://data.europa.eu/eli/dir/2023/970/oj/fra", ["CELEX:32023L0970"]),
        (
            "https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX%3A32013R0812",
            ["CELEX:32013R0812"],
        ),
        ("https://exemple.fr/decret-du-5-mai-2020?q=article+L.+5", []),
        ("JORFTEXT0000360860071", []),
    ],
)
def test_identifiers_and_addresses(text: str, found: list[str]) -> None:
    assert norms(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("la délibération n° 2025-77 de la CRE du 13 mars 2025", ["CRE:2025-77@2025-03-13"]),
        ("Délibération de la CRE du 13 mars 2025", ["CRE@2025-03-13"]),
        (
            "délibération de la Commission de régulation de l'énergie du 14 mai 2025",
            ["CRE@2025-05-14"],
        ),
        (
            "les délibérations n° 2025-77 et n° 2025-78 de la CRE du 13 mars 2025",
            ["CRE:2025-77@2025-03-13", "CRE:2025-78@2025-03-13"],
        ),
        ("la consultation publique n° 2025-11", ["CRE_CONSULT:2025-11"]),
    ],
)
def test_the_cre(text: str, found: list[str]) -> None:
    assert norms(text) == found


def test_the_words_are_those_of_the_text() -> None:
    text = (
        "Vu les décrets n°\u00a02021-821 et n° 2021-822 du 25 juin 2021 et l'article L.\u00ad541‑10"
    )
    found = find_citations(text)
    assert [citation.words for citation in found] == [
        "décrets n°\u00a02021-821",
        "n° 2021-822 du 25 juin 2021",
        "L.\u00ad541‑10",
    ]
    assert all(text[c.start : c.end] == c.words for c in found)


LEGIFRANCE = "https://www.legifrance.gouv.fr"


@pytest.mark.parametrize(
    ("kind", "norm", "url"),
    [
        (
            CitationKind.JORFTEXT,
            "JORFTEXT000041400291",
            f"{LEGIFRANCE}/jorf/id/JORFTEXT000041400291",
        ),
        (
            CitationKind.JORFARTI,
            "JORFARTI000051168019",
            f"{LEGIFRANCE}/jorf/article_jo/JORFARTI000051168019",
        ),
        (
            CitationKind.LEGIARTI,
            "LEGIARTI000044978323",
            f"{LEGIFRANCE}/codes/article_lc/LEGIARTI000044978323",
        ),
        (CitationKind.ELI, "ELI:jo/2017/11/26", f"{LEGIFRANCE}/eli/jo/2017/11/26"),
        (
            CitationKind.LOI,
            "LOI:2020-105@2020-02-10",
            f"{LEGIFRANCE}/eli/loi/2020/2/10/2020-105/jo/texte",
        ),
        (
            CitationKind.CELEX,
            "CELEX:32013R0812",
            "https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX:32013R0812",
        ),
        (CitationKind.LOI, "LOI:78-17@1978-01-06", ""),
        (CitationKind.LOI, "LOI:2020-105", ""),
        (CitationKind.DECRET, "DEC@2020-02-10", ""),
        (CitationKind.ARRETE, "ARR@2020-02-10", ""),
        (CitationKind.ARTICLE, "ART:environnement/L541-10", ""),
        (CitationKind.NOR, "NOR:SSAH1720799D", ""),
        (CitationKind.LEGISCTA, "LEGISCTA000006159247", ""),
        (CitationKind.CRE, "CRE:2025-77", ""),
    ],
)
def test_an_address_is_official_or_none(kind: CitationKind, norm: str, url: str) -> None:
    assert canonical_url(cited(kind, norm)) == url


@pytest.mark.parametrize(
    ("kind", "norm", "identifier"),
    [
        (CitationKind.NOR, "NOR:SSAH1720799D", "nor:SSAH1720799D"),
        (CitationKind.LOI_ORGANIQUE, "LOI_ORG:2001-692@2001-08-01", "numero:loi-2001-692"),
        (CitationKind.DECRET, "DEC:2021-821", "numero:decret-2021-821"),
        (CitationKind.LEGITEXT, "LEGITEXT000006074220", "legitext:LEGITEXT000006074220"),
        (
            CitationKind.ELI,
            "ELI:decret/2017/8/4/SSAH1720799D/jo/texte",
            "eli:/eli/decret/2017/8/4/SSAH1720799D/jo/texte",
        ),
        (CitationKind.CELEX, "CELEX:32013R0812", "celex:32013R0812"),
        (CitationKind.DECRET, "DEC@1990-05-31", "None"),
        (CitationKind.ARRETE, "ARR@2020-02-10", "None"),
        (CitationKind.CIRCULAIRE, "CIRC@2019-05-10", "None"),
        (CitationKind.ARTICLE, "ART:environnement/L541-10", "None"),
        (CitationKind.ELI, "ELI:decret/2017/8/4/2017-1605/jo/texte", "None"),
        (CitationKind.CRE, "CRE:2025-77@2025-03-13", "None"),
    ],
)
def test_only_what_names_one_text_is_an_identity(
    kind: CitationKind, norm: str, identifier: str
) -> None:
    assert str(to_identifier(cited(kind, norm))) == identifier


def test_each_code_answers_to_its_names() -> None:
    for code in CODES:
        assert code_named(code.name.upper()) == code
        assert code_named(code.key) == code
        assert not code.legitext or code_named(code.legitext) == code
    assert code_named("CCH") == code_named("Code de la construction et de l’habitation")
    assert code_named("code énergie") == code_named("Code de l'énergie")
    assert code_named("code de la mer intérieure") is None
