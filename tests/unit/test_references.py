from __future__ import annotations

import pytest

from hub.identity import contradict
from hub.legal.references import (
    identifiers_of_eli,
    identifiers_of_url,
    normalise,
    numero,
    official_url,
    recognise,
    subject_identifiers,
)
from hub.model import Identifier, Scheme


@pytest.mark.parametrize(
    ("scheme", "written", "normal"),
    [
        (Scheme.NOR, " trer2006667d ", "TRER2006667D"),
        (Scheme.NOR, "TRER2006667", None),
        (Scheme.JORFTEXT, "JORFTEXT000042665307_01-01-2999", "JORFTEXT000042665307"),
        (Scheme.JORFTEXT, "JORFTEXT42665307", None),
        (Scheme.LEGITEXT, "legitext000006074220", "LEGITEXT000006074220"),
        (Scheme.LEGITEXT, "LEGIARTI000006833119", None),
        (Scheme.CELEX, "32022l2464", "32022L2464"),
        (Scheme.BOAMP, "26_81222", "26-81222"),
        (Scheme.NUMERO, "Décret-2026-822", "decret-2026-822"),
        (Scheme.NUMERO, "decision-2026-262", None),
        (
            Scheme.ELI,
            "https://www.legifrance.gouv.fr/eli/loi/2020/02/10/trep1902395l/jo/texte",
            "/eli/loi/2020/2/10/TREP1902395L/jo/texte",
        ),
        (Scheme.ELI, "http://data.europa.eu/eli/dir/2026/470/oj/fra", "/eli/dir/2026/470/oj"),
        (Scheme.ELI, "/eli/decret/2026/8/25/2026-822/jo/texte", None),
        (Scheme.ELI, f"/eli/dir/2026/{'9' * 5_000}/oj", None),
        (Scheme.CELEX, f"32022L2464({'1' * 3_000})", None),
        (Scheme.ELI, "/eli/arrete/2026/1/19/INTE2601369A/jo/article_1", None),
    ],
)
def test_an_identifier_has_one_normal_form(
    scheme: Scheme, written: str, normal: str | None
) -> None:
    found = normalise(scheme, written)
    assert found == (Identifier(scheme, normal) if normal else None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("JORFTEXT000054708473", "jorftext:JORFTEXT000054708473"),
        ("ecor2514212d", "nor:ECOR2514212D"),
        ("loi-2020-105", "numero:loi-2020-105"),
        ("26-81222", "boamp:26-81222"),
        ("https://www.legifrance.gouv.fr/loda/id/LEGITEXT000006053798/", "legitext:"),
        ("https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX:32026L0470", "celex:"),
        ("bonjour", "None"),
        ("", "None"),
    ],
)
def test_a_lone_identifier_or_address_is_recognised(text: str, found: str) -> None:
    assert str(recognise(text)).startswith(found)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Décret n° 2026-496 du 12 juin 2026 modifiant le décret n° 2025-748", ["decret-2026-496"]),
        (
            "LOI n° 2020-105 du 10 février 2020 relative à l'économie circulaire (1)",
            ["loi-2020-105"],
        ),
        ("Énergie : publication du décret n°2023-1287 du 26 décembre 2023", ["decret-2023-1287"]),
        ("La loi n° 2023-973 du 23 octobre 2023 relative à l’industrie verte", ["loi-2023-973"]),
        ("Directive (UE) 2026/470 du 24 février 2026", ["32026L0470"]),
        ("Règlement (UE) 2025/40 du 19 décembre 2024", ["32025R0040"]),
        # What is cited, amended, applied or only drafted is not the subject.
        ("Arrêté du 3 juillet 2024 pris pour l'application du décret n° 2020-26", []),
        ("Avis sur le projet de décret modifiant le décret n° 2020-26", []),
        ("Directive 2008/98/CE relative aux déchets", []),
        ("Décision n° 2026-262 du 3 juin 2026", []),
    ],
)
def test_only_the_subject_of_a_title_is_an_identity(title: str, found: list[str]) -> None:
    assert [i.value for i in subject_identifiers(title)] == found


def test_an_eli_proves_what_it_is_made_of() -> None:
    nor = identifiers_of_url(
        "https://www.legifrance.gouv.fr/eli/decret/2026/2/12/ECOR2514212D/jo/texte"
    )
    alias = identifiers_of_url(
        "https://www.legifrance.gouv.fr/eli/loi/2020/12/14/2020-1576/jo/texte"
    )
    union = identifiers_of_url("https://data.europa.eu/eli/reco/2025/1710/oj")
    assert [str(i) for i in nor] == [
        "nor:ECOR2514212D",
        "eli:/eli/decret/2026/2/12/ECOR2514212D/jo/texte",
    ]
    assert [str(i) for i in alias] == ["numero:loi-2020-1576"]
    assert "celex:32025H1710" in map(str, union)


def test_the_alias_of_a_text_does_not_contradict_it() -> None:
    eli = identifiers_of_eli("/eli/decret/2021/6/25/TREL2027932D/jo/texte")
    alias = identifiers_of_eli("/eli/decret/2021/06/25/2021-822/jo/texte")
    title = subject_identifiers("Décret n° 2021-822 du 25 juin 2021 relatif au diagnostic")
    assert {i.scheme for i in eli} == {Scheme.ELI, Scheme.NOR}
    assert alias == title
    assert not contradict(alias, (*eli, *title))
    assert identifiers_of_eli("/eli/loi_organique/2021/12/28/2021-1836/jo/texte") == (
        Identifier(Scheme.NUMERO, "loi-2021-1836"),
    )


@pytest.mark.parametrize(
    "url",
    ["", "https://example.org/jorf/id/JORFTEXT000042665307", "https://[", "mailto:a@b.fr"],
)
def test_other_addresses_name_nothing(url: str) -> None:
    assert identifiers_of_url(url) == ()


@pytest.mark.parametrize(
    ("identifier", "url"),
    [
        (
            Identifier(Scheme.JORFTEXT, "JORFTEXT000054708473"),
            "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000054708473",
        ),
        (
            Identifier(Scheme.ELI, "/eli/loi/2020/2/10/TREP1902395L/jo/texte"),
            "https://www.legifrance.gouv.fr/eli/loi/2020/2/10/TREP1902395L/jo/texte",
        ),
        (
            Identifier(Scheme.ELI, "/eli/dir/2026/470/oj"),
            "https://data.europa.eu/eli/dir/2026/470/oj",
        ),
        (
            Identifier(Scheme.CELEX, "32022L2464"),
            "https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX:32022L2464",
        ),
        (
            Identifier(Scheme.BOAMP, "26-81222"),
            "https://www.boamp.fr/pages/avis/?q=idweb:26-81222",
        ),
        (Identifier(Scheme.NOR, "ECOR2514212D"), ""),
        (Identifier(Scheme.NUMERO, "loi-2020-105"), ""),
    ],
)
def test_an_official_address_is_deduced_or_absent(identifier: Identifier, url: str) -> None:
    assert official_url(identifier) == url
    if url:
        assert identifier in identifiers_of_url(url)


def test_a_nature_without_national_numbering_gives_no_number() -> None:
    assert numero("DECRET", "2026-822") == Identifier(Scheme.NUMERO, "decret-2026-822")
    assert numero("DELIBERATION", "2025-78") is None
    assert numero("ARRETE", "") is None
