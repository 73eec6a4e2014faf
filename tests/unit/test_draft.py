"""The draft: sentences of the text, each with its place; what the text does not say stays empty."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.legal.draft import Draft, draft
from hub.legal.drawn import Drawn
from hub.legal.echeances import find_echeances
from hub.legal.timing import Context, Found
from hub.model import Niveau, TextField

TITLE = "Décret n° 2026-900 relatif au tri sur les petits chantiers"
NOTICE = (
    "Publics concernés : artisans et entreprises du bâtiment.\n\n"
    "Objet : tri sur les petits chantiers.\n\n"
    "Entrée en vigueur : le décret entre en vigueur le 1er janvier 2027.\n\n"
    "Notice : le décret étend le tri. Les entreprises doivent tenir un registre.\n\n"
    "Références : le décret peut être consulté sur Légifrance."
)
BODY = (
    "Le Premier ministre,\n\nVu le code de l'environnement ;\n\nDécrète :\n\n"
    "Article 1\n\nI. - Le tri est étendu aux chantiers de moins de cent mètres carrés.\n\n"
    "Article 2\n\nLe présent décret s'applique aux entreprises de moins de vingt salariés.\n\n"
    "Article 3\n\nLe présent décret entre en vigueur le 1er mars 2027.\n\n"
    "Article 4\n\nLe ministre chargé de l'écologie est chargé de l'exécution du présent décret."
)
CONTEXT = Context("DECRET", TITLE, date(2026, 9, 2), None)


def read(summary: str = "", text: str = "", title: str = TITLE, nature: str = "DECRET") -> Draft:
    found: list[tuple[TextField, Found]] = [
        (TextField.TEXT, one) for one in find_echeances(text, CONTEXT)
    ]
    return draft(title, summary, text, found, nature)


def words_of(drawn: tuple[Drawn, ...]) -> list[str]:
    return [one.words for one in drawn]


# --- What changes, for whom --------------------------------------------------------------------


def test_the_notice_gives_what_changes_and_for_whom() -> None:
    found = read(NOTICE, f"{NOTICE}\n\n{BODY}")
    assert words_of(found.ce_qui_change) == [
        "tri sur les petits chantiers.",
        "le décret étend le tri.",
        "Les entreprises doivent tenir un registre.",
    ]
    assert words_of(found.pour_qui) == ["artisans et entreprises du bâtiment."]
    assert {one.field for one in found.ce_qui_change} == {TextField.SUMMARY}


def test_a_notice_that_only_opens_the_text_is_read_there() -> None:
    found = read("", f"{NOTICE}\n\n{BODY}")
    assert found.ce_qui_change[0].field is TextField.TEXT
    assert len(found.ce_qui_change) == 3


def test_without_notice_the_articles_speak() -> None:
    found = read("", BODY)
    assert words_of(found.ce_qui_change) == [
        "Le tri est étendu aux chantiers de moins de cent mètres carrés.",
        "Le présent décret s'applique aux entreprises de moins de vingt salariés.",
    ]
    assert words_of(found.pour_qui) == [
        "Le présent décret s'applique aux entreprises de moins de vingt salariés."
    ]


def test_without_notice_the_summary_of_the_source_comes_first() -> None:
    found = read("La collecte change. Elle devient gratuite.", BODY)
    assert words_of(found.ce_qui_change) == ["La collecte change.", "Elle devient gratuite."]
    assert read(TITLE, BODY).ce_qui_change == read("", BODY).ce_qui_change


def test_it_is_shortened_by_whole_sentences() -> None:
    sentence = "Cette phrase compte pour une part du résumé de la source. "
    found = read(sentence * 40)
    assert 0 < len(found.ce_qui_change) < 40
    assert set(words_of(found.ce_qui_change)) == {sentence.strip()}
    assert words_of(read("mot " * 400).ce_qui_change) == [("mot " * 400).strip()]
    assert read("mot " * 4_000).ce_qui_change == ()


def test_a_list_belongs_to_the_sentence_that_opens_it() -> None:
    listed = "Sont soumis au tri :\n\n1° Les chantiers ;\n\n2° Les ateliers."
    found = read("", f"Article 1\n\n{listed}\n\nArticle 2\n\nRien.")
    assert words_of(found.ce_qui_change)[0] == listed
    assert words_of(found.pour_qui) == [listed]


@pytest.mark.parametrize(
    "scope",
    [
        "Le présent arrêté s'applique aux contrats conclus à compter du 1er janvier 2027.",
        "Le présent arrêté est applicable à Mayotte et en Nouvelle-Calédonie.",
        "Les indemnités versées à ce titre sont soumises à la contribution.",
        "L'article est ainsi rédigé : « Il s'applique aux communes. »",
    ],
)
def test_when_and_where_is_not_for_whom(scope: str) -> None:
    assert read("", f"Article 1\n\n{scope}").pour_qui == ()


def test_what_says_nothing_gives_nothing() -> None:
    found = read("", "Une page sans article.", title="Actualité", nature="")
    assert found == Draft()


# --- From when ---------------------------------------------------------------------------------


def test_a_certain_date_of_entry_is_given() -> None:
    found = read(NOTICE, f"{NOTICE}\n\n{BODY}")
    assert words_of(found.a_partir_de_quand) == ["le décret entre en vigueur le 1er janvier 2027."]
    assert found.applicable_le == date(2027, 1, 1)


def test_without_notice_the_article_of_entry_gives_it() -> None:
    found = read("", BODY)
    assert words_of(found.a_partir_de_quand) == [
        "Le présent décret entre en vigueur le 1er mars 2027."
    ]
    assert found.applicable_le == date(2027, 3, 1)


def test_a_counted_date_of_entry_says_how() -> None:
    body = BODY.replace("le 1er mars 2027", "le lendemain de sa publication")
    found = read("", body)
    assert found.applicable_le == date(2026, 9, 3)
    assert "2\u00a0septembre\u00a02026" in found.computation


@pytest.mark.parametrize(
    "entry",
    [
        "le 1er mars 2027, à l'exception de l'article 2",
        "le 1er mars 2027 pour les uns et le 1er mars 2028 pour les autres",
        "au plus tard le 1er mars 2027",
        "à une date fixée par arrêté",
        "en mars 2027",
    ],
)
def test_a_date_that_is_not_certain_is_not_given(entry: str) -> None:
    found = read("", BODY.replace("le 1er mars 2027", entry))
    assert found.a_partir_de_quand
    assert found.applicable_le is None


def test_the_entry_of_one_article_is_not_that_of_the_text() -> None:
    one = "Article 1\n\nLe présent article entre en vigueur le 1er mars 2027."
    found = read("", one)
    assert words_of(found.a_partir_de_quand) == [
        "Le présent article entre en vigueur le 1er mars 2027."
    ]
    assert found.applicable_le is None
    assert [e.found.date for e in found.echeances] == [date(2027, 3, 1)]
    many = "\n\n".join(one.replace("1", str(n), 1) for n in range(1, 6))
    assert read("", many).a_partir_de_quand == ()


def test_the_wording_of_another_text_is_not_its_entry() -> None:
    quoted = "Article 1\n\nIl est ajouté : « Le décret entre en vigueur le 1er mars 2027. »"
    assert read("", quoted).a_partir_de_quand == ()


# --- Level -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "summary", "nature", "niveau", "words"),
    [
        (TITLE, NOTICE, "DECRET", Niveau.OBLIGATOIRE, "doivent"),
        (TITLE, NOTICE, "", Niveau.OBLIGATOIRE, "doivent"),
        ("Projet de décret sur le tri", NOTICE, "", Niveau.PROJET, "Projet"),
        ("Le tri des chantiers", NOTICE, "CONSULTATION", Niveau.PROJET, ""),
        ("Arrêté relatif à la prime de rénovation", NOTICE, "ARRETE", Niveau.AIDE, "prime"),
        ("Le tri expliqué", NOTICE, "", Niveau.CONSEILLE, ""),
        (TITLE, "Le tri est facultatif.", "DECRET", Niveau.CONSEILLE, ""),
    ],
)
def test_the_level_is_proposed_with_its_words(
    title: str, summary: str, nature: str, niveau: Niveau, words: str
) -> None:
    found = draft(title, summary, "", nature=nature)
    assert (found.niveau, found.niveau_words) == (niveau, words)
    assert (found.niveau_from is not None and words in found.niveau_from.words) is bool(words)


def test_a_duty_of_the_visas_obliges_nobody() -> None:
    visas = "Vu les règles que doivent suivre les communes ;\n\nArrête :\n\n"
    text = f"{visas}Article 1\n\nLe tri est libre."
    assert draft("Arrêté du 3 mars", "", text, nature="ARRETE").niveau is Niveau.CONSEILLE
    ordered = text.replace("est libre", "est obligatoire")
    assert draft("Arrêté du 3 mars", "", ordered, nature="ARRETE").niveau is Niveau.OBLIGATOIRE


# --- Échéances ---------------------------------------------------------------------------------


def test_each_date_is_there_once_with_its_place_where_it_is_first_read() -> None:
    body = BODY.replace(
        "Article 4", "Elles transmettent leur bilan au plus tard le 31 mars 2028.\n\nArticle 4"
    )
    notice = NOTICE.replace("étend le tri.", "impose un bilan au plus tard le 31 mars 2028.")
    found = read(notice, f"{notice}\n\n{body}")
    assert [(one.found.date, one.drawn.field) for one in found.echeances] == [
        (date(2027, 3, 1), TextField.TEXT),
        (date(2028, 3, 31), TextField.SUMMARY),
    ]
    assert (
        found.echeances[1].drawn.words == "le décret impose un bilan au plus tard le 31 mars 2028."
    )


# --- Whatever the text -------------------------------------------------------------------------

SHARDS = ["Publics concernés : ", "Objet : ", "Notice : ", "Entrée en vigueur : ", "Article 1"]
SHARDS += ["\n\n", "s'applique aux ", "« ", " »", "Ils doivent trier. ", " :", " ;", ". ", "II. - "]
SHARDS += ["prime ", "au plus tard le 3 mai 2028", "Le décret entre en vigueur le 1er mars 2027."]
pieces = st.lists(st.sampled_from(SHARDS) | st.text(max_size=5), max_size=25).map("".join)


@given(pieces, pieces, pieces)
def test_every_sentence_stands_in_the_text(title: str, summary: str, text: str) -> None:
    fields = {TextField.TITLE: title, TextField.SUMMARY: summary, TextField.TEXT: text}
    dates = [(TextField.TEXT, one) for one in find_echeances(text, CONTEXT)]
    dates += [(TextField.SUMMARY, one) for one in find_echeances(summary, CONTEXT)]
    found = draft(title, summary, text, dates, "DECRET")
    drawn = [*found.ce_qui_change, *found.pour_qui, *found.a_partir_de_quand]
    drawn += [one.drawn for one in found.echeances]
    drawn += [found.niveau_from] if found.niveau_from else []
    for one in drawn:
        assert one.words == fields[one.field][one.start : one.end] != ""
    assert found == draft(title, summary, text, dates, "DECRET")


def test_a_hostile_text_takes_no_time() -> None:
    for hostile in ("sont soumis " * 20_000, "entre en vigueur :\n" * 20_000, "« " * 100_000):
        draft(TITLE, "", f"Article 1\n\n{hostile}", nature="DECRET")
