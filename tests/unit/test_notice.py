"""The notice of a décret: its parts, wherever their labels stand, and nothing where none is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.legal.notice import Label, Notice, read_notice

FULL = (
    "Publics concernés : artisans et entreprises du bâtiment.\n\n"
    "Objet : règles de tri sur les petits chantiers.\n\n"
    "Entrée en vigueur : le texte entre en vigueur le lendemain de sa publication.\n\n"
    "Notice : le décret étend le tri.\n\nIl fixe aussi le contenu du bilan.\n\n"
    "Références : le décret est pris pour l'application de l'article 3 de la loi."
)
VISAS = (
    "\n\nLe Premier ministre,\n\nSur le rapport de la ministre chargée du logement,\n\n"
    "Vu le code de l'environnement ;\n\nDécrète :\n\nArticle 1\n\nObjet : une lettre type.\n\n"
    "Références : dossier n° 3."
)


def parts_of(text: str) -> dict[Label, str]:
    notice = read_notice(text)
    return {part.label: part.words for part in notice.parts} if notice else {}


def test_the_parts_of_a_full_notice() -> None:
    assert parts_of(FULL) == {
        Label.PUBLICS: "artisans et entreprises du bâtiment.",
        Label.OBJET: "règles de tri sur les petits chantiers.",
        Label.ENTREE_EN_VIGUEUR: "le texte entre en vigueur le lendemain de sa publication.",
        Label.NOTICE: "le décret étend le tri.\n\nIl fixe aussi le contenu du bilan.",
        Label.REFERENCES: "le décret est pris pour l'application de l'article 3 de la loi.",
    }


def test_it_stops_where_the_law_begins() -> None:
    assert parts_of(FULL + VISAS) == parts_of(FULL)


def test_authority_and_visas_glued_on_one_line_are_law_too() -> None:
    glued = (
        "\nLe Premier ministre,Sur le rapport du ministre chargé de l'énergie,Vu le code,Décrète :"
    )
    assert parts_of(FULL + glued) == parts_of(FULL)


def test_a_minister_inside_the_notice_does_not_end_it() -> None:
    text = FULL.replace("Il fixe aussi", "Le ministre chargé de l'écologie fixe")
    assert parts_of(text)[Label.NOTICE].endswith("fixe le contenu du bilan.")


def test_the_form_with_application() -> None:
    text = (
        "Publics concernés : exploitants.\n\nObjet : contrôle des installations.\n\n"
        "Entrée en vigueur : le 1er mars 2027.\n\n"
        "Application : le présent décret est pris pour l'application de l'article 12 de la loi."
    )
    assert parts_of(text)[Label.APPLICATION].startswith("le présent décret est pris")
    assert parts_of(text)[Label.ENTREE_EN_VIGUEUR] == "le 1er mars 2027."


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Public concerné : artisans", Label.PUBLICS),
        ("Public(s) concerné(s) : artisans", Label.PUBLICS),
        ("PUBLICS CONCERNÉS : artisans", Label.PUBLICS),
        ("Publics concernes:artisans", Label.PUBLICS),
        ("Publics\u00a0concernés\u00a0: artisans", Label.PUBLICS),
        ("- Publics concernés : artisans", Label.PUBLICS),
        ("Date d’entrée en vigueur : artisans", Label.ENTREE_EN_VIGUEUR),
        ("Notice explicative : artisans", Label.NOTICE),
        ("Référence : artisans", Label.REFERENCES),
    ],
)
def test_labels_are_written_in_many_ways(written: str, label: Label) -> None:
    assert parts_of(f"{written}\n\nObjet : le tri.")[label] == "artisans"


def test_the_order_of_the_parts_is_free_and_parts_may_miss() -> None:
    text = "Objet : le tri.\n\nPublics concernés : artisans.\n\nNotice :\n\n"
    assert list(parts_of(text)) == [Label.OBJET, Label.PUBLICS]


def test_labels_are_found_when_the_lines_were_lost() -> None:
    text = FULL.replace("\n\n", " ")
    assert parts_of(text)[Label.OBJET] == "règles de tri sur les petits chantiers."
    assert len(parts_of(text)) == 5
    assert len(parts_of(FULL.replace("\n\n", ""))) == 5


def test_a_word_of_a_sentence_is_no_label() -> None:
    text = FULL.replace(
        "étend le tri.", "étend le tri. C'est son objet : aider. L'application : rien."
    )
    assert parts_of(text)[Label.OBJET] == "règles de tri sur les petits chantiers."
    assert Label.APPLICATION not in parts_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Objet : votre demande du 3 mars.",
        "Entrée en vigueur : demain.",
        f"Le ministre chargé de l'énergie,{VISAS}",
        "L'Assemblée nationale et le Sénat ont adopté,\n\nArticle 1\n\nObjet : a.\n\nNotice : b.",
        "Vu le code de l'énergie ;\n\nArrête :\n\nArticle 1er\n\nLe tri est étendu.",
    ],
)
def test_what_has_no_notice_gets_none(text: str) -> None:
    assert read_notice(text) is None


SHARDS = ["Publics concernés :", "Objet :", "Notice:", "Références : ", "Entrée en vigueur :", "\n"]
SHARDS += ["Application :", " ", ". ", "le tri", "\n\n", "Le Premier ministre,", "Vu le code", "«"]
pieces = st.lists(st.sampled_from(SHARDS) | st.text(max_size=5), max_size=30).map("".join)


@given(pieces)
def test_whatever_the_text_parts_are_exact_and_apart(text: str) -> None:
    notice = read_notice(text)
    last = 0
    for part in (notice or Notice(())).parts:
        assert part.words == text[part.start : part.end] == part.words.strip() != ""
        assert last <= part.start
        last = part.end
    labels = [part.label for part in notice.parts] if notice else []
    assert len(labels) == len(set(labels))


def test_a_hostile_text_takes_no_time() -> None:
    for hostile in (
        " " * 300_000,
        "Objet " * 50_000,
        ". Publics " * 30_000,
        "Le ministre" * 30_000,
    ):
        assert read_notice(hostile) is None
