from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.errors import ParseError
from hub.legal.attendus import Attendu, State, Suivi, attendus_of, read_attendus, tick
from hub.legal.avancement import Certainty
from hub.legal.dole import parse_dossier
from hub.model import Identifier, Mention, Precision, Scheme

TODAY = date(2026, 9, 7)
LAW = "JORFTEXT000041553759"


def line(article: str = "", base: str = "", prevue: str = "", decret: str = "") -> str:
    parts = {"ARTICLE": article, "BASE_LEGALE": base, "DATE_PREVUE": prevue, "DECRET": decret}
    inside = "".join(f"<{tag}>{words}</{tag}>" for tag, words in parts.items())
    return f"<LIGNE>{inside}<CID_LOI_CIBLE>{LAW}</CID_LOI_CIBLE><OBJET>Toits</OBJET></LIGNE>"


def dossier(*lines: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<DOSSIER_LEGISLATIF><META><META_COMMUN><ID>JORFDOLE000047533100</ID></META_COMMUN>
<META_DOSSIER_LEGISLATIF><TITRE>LOI n° 2020-105 du 10 février 2020 relative aux toits</TITRE>
<ID_TEXTE_1>{LAW}</ID_TEXTE_1></META_DOSSIER_LEGISLATIF></META>
<CONTENU><ECHEANCIER>{"".join(lines)}</ECHEANCIER></CONTENU></DOSSIER_LEGISLATIF>""".encode()


def one(**parts: str) -> Attendu:
    (found,) = read_attendus(dossier(line(**parts)))
    return found


def decree(title: str, summary: str = "", text: str = "", number: str = "2026-900") -> Mention:
    return Mention(
        source_id="jorf",
        key=f"JORFTEXT00005400{number[-4:].replace('-', '0')}",
        url="https://exemple.fr/jo",
        title=f"Décret n° {number} du 1er septembre 2026 {title}",
        summary=summary,
        text=text,
        published_on=date(2026, 9, 2),
        nature="DECRET",
        identifiers=(Identifier(Scheme.NUMERO, f"decret-{number}"),),
    )


def follow(line_: Attendu, *texts: Mention) -> Suivi:
    (found,) = tick([line_], texts, TODAY)
    return found


def test_a_line_of_the_schedule() -> None:
    found = one(
        article="Article 72, II, 4°",
        base="Article L. 541-10-23, code de l'environnement",
        prevue="Juin 2026",
    )
    assert (found.dossier, found.number, found.objet) == ("JORFDOLE000047533100", 1, "Toits")
    assert found.loi == "LOI:2020-105@2020-02-10"
    assert found.lois == {"LOI:2020-105", LAW}
    assert found.articles == {"72"}
    assert found.points == {"4°", "ii"}
    assert found.bases == {"ART:environnement/L541-10-23"}
    assert found.expected is not None
    assert (found.expected.first, found.expected.last, found.expected.precision) == (
        date(2026, 6, 1),
        date(2026, 6, 30),
        Precision.MONTH,
    )


@pytest.mark.parametrize(
    ("words", "first", "last", "precision"),
    [
        ("Publication envisagée en mars 2026", (2026, 3, 1), (2026, 3, 31), Precision.MONTH),
        ("31/12/2026", (2026, 12, 31), (2026, 12, 31), Precision.DAY),
        ("2e trimestre 2026", (2026, 4, 1), (2026, 6, 30), Precision.QUARTER),
        ("Second semestre 2026", (2026, 7, 1), (2026, 12, 31), Precision.YEAR),
        ("2027", (2027, 1, 1), (2027, 12, 31), Precision.YEAR),
    ],
)
def test_when_it_is_expected(
    words: str, first: tuple[int, int, int], last: tuple[int, int, int], precision: Precision
) -> None:
    for parts in ({"prevue": words}, {"decret": words}):
        expected = one(article="Article 3", **parts).expected
        assert expected is not None
        assert (expected.first, expected.last) == (date(*first), date(*last))
        assert (expected.precision, expected.words) == (precision, words)


def test_a_line_that_says_little() -> None:
    found = one(decret="Mesure déjà appliquée")
    assert (found.is_moot, found.expected, found.articles) == (True, None, frozenset())
    assert follow(found).state is State.SANS_OBJET
    optional = one(prevue="Publication éventuellement envisagée en mars 2026")
    assert (optional.is_optional, optional.is_moot) == (True, False)
    assert follow(one(article="Article 3")).state is State.SANS_DATE
    assert read_attendus(dossier()) == ()


def test_a_dossier_without_schedule_or_of_another_shape_awaits_nothing() -> None:
    mention = parse_dossier(dossier(line()), "dole")
    for extra in ({}, {"echeancier": ["?"]}, {"echeancier": None, "texts": None}):
        assert attendus_of(replace(mention, extra=extra)) == ()
    with pytest.raises(ParseError):
        read_attendus(b"<TEXTE/>")


def test_overdue_is_told() -> None:
    assert follow(one(article="Article 3", prevue="Août 2026")).state is State.EN_RETARD
    assert follow(one(article="Article 3", prevue="Septembre 2026")).state is State.ATTENDU
    assert follow(one(article="Article 3", prevue="31/12/2026")).state is State.ATTENDU


def test_the_schedule_names_the_decret() -> None:
    found = one(article="Article 3", prevue="Juin 2026", decret="Décret n° 2026-900 du 01/09/2026")
    alone = follow(found)
    assert (alone.state, alone.ticks[0].published_on) == (State.PARU, None)
    (proof,) = follow(found, decree("relatif aux toits")).ticks
    assert (proof.decret, proof.certainty) == ("DEC:2026-900", Certainty.CERTAIN)
    assert (proof.published_on, proof.evidence.words) == (
        date(2026, 9, 2),
        "Décret n° 2026-900 du 01/09/2026",
    )


@pytest.mark.parametrize(
    "place",
    [
        {
            "title": "pris pour l'application de l'article 72 de la loi n° 2020-105 du 10 février "
            "2020"
        },
        {
            "title": "relatif aux toits",
            "summary": "Application : le décret est pris pour l'application des articles 71 et 72 "
            "de la loi n° 2020-105 du 10 février 2020 relative aux toits.",
        },
    ],
)
def test_a_decret_says_what_it_is_taken_for(place: dict[str, str]) -> None:
    text = decree(**place)
    found = follow(one(article="Article 72, 4°", prevue="Juin 2026"), text)
    (proof,) = found.ticks
    assert (found.state, proof.certainty, proof.mention_key) == (
        State.PARU,
        Certainty.CERTAIN,
        text.key,
    )
    evidence = proof.evidence
    assert evidence.field is not None
    source = getattr(text, evidence.field.value)
    assert evidence.words == source[evidence.start : evidence.end]
    assert "loi n° 2020-105" in evidence.words


def test_an_article_that_awaits_several_decrets_is_to_be_checked() -> None:
    lines = read_attendus(
        dossier(line("Article 72, 1°"), line("Article 72, 4°"), line("Article 8"))
    )
    of = "de la loi n° 2020-105 du 10 février 2020"
    vague = tick(lines, [decree(f"pris pour l'application de l'article 72 {of}")], TODAY)
    assert [f.state for f in vague] == [State.A_VERIFIER, State.A_VERIFIER, State.SANS_DATE]
    exact = tick(lines, [decree(f"pris pour l'application du 4° de l'article 72 {of}")], TODAY)
    assert [f.state for f in exact] == [State.SANS_DATE, State.PARU, State.SANS_DATE]


def test_an_article_of_a_code_is_no_certain_proof() -> None:
    found = one(article="Article 72", base="Article L. 541-10-23, code de l'environnement")
    title = "pris pour l'application de l'article L. 541-10-23 du code de l'environnement"
    assert follow(found, decree(title)).state is State.A_VERIFIER
    older = replace(decree(title), published_on=date(2019, 5, 1))
    assert follow(found, older).ticks == ()


@pytest.mark.parametrize(
    "title",
    [
        "pris pour l'application de l'article 73 de la loi n° 2020-105 du 10 février 2020",
        "pris pour l'application de l'article 72 de la loi n° 2020-106 du 10 février 2020",
        "pris pour l'application de la loi n° 2020-105 du 10 février 2020",
        "modifiant l'article 72 de la loi n° 2020-105 du 10 février 2020",
        "pris pour l'application de l'article L. 72 du code de l'environnement",
        "relatif aux toits",
    ],
)
def test_another_decret_ticks_nothing(title: str) -> None:
    assert follow(one(article="Article 72"), decree(title)).ticks == ()


def test_visas_are_no_proof() -> None:
    text = "Vu la loi n° 2020-105 du 10 février 2020 relative aux toits, notamment son article 72 ;"
    assert follow(one(article="Article 72"), decree("relatif aux toits", text=text)).ticks == ()
