"""The draft in the form: French typography, round trip, taking up."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hub.legal.draft import Draft, draft
from hub.legal.drawn import Drawn
from hub.model import Niveau, Redaction, TextField, TextOfItem
from hub.web.drafting import draft_redaction, draft_text, join_sentences, take_up
from hub.web.forms import RedactionInput, check_redaction, show_redaction
from hub.web.item_draft import to_letter


def test_sentences_that_follow_each_other_make_a_paragraph() -> None:
    text = "l'aide cesse. Une autre commence.\n\nElle est ouverte."
    sentences = [
        Drawn(text[start:end], TextField.TEXT, start, end)
        for start, end in ((0, 13), (14, 33), (35, 53))
    ]
    assert join_sentences(sentences) == "L’aide cesse. Une autre commence.\n\nElle est ouverte."
    assert join_sentences([Drawn("x" * 4_001, TextField.TEXT, 0, 4_001)]) == ""


def test_a_long_title_is_cut_between_words_and_can_be_saved() -> None:
    found = draft_redaction("Arrêté du ministre " * 30, Draft())
    assert found.titre.endswith((" du…", "Arrêté…", "ministre…"))
    assert check_redaction(show_redaction(found), is_for_publication=False).errors == {}


def test_the_draft_of_a_consultation_is_a_project() -> None:
    assert draft_text(TextOfItem("Titre", nature="CONSULTATION")).niveau is Niveau.PROJET
    assert draft_text(TextOfItem("Titre", nature="DECRET")).niveau is Niveau.CONSEILLE


def test_a_date_already_past_when_the_text_appears_is_left_out() -> None:
    text = TextOfItem("Décret", text="Le bilan est remis au plus tard le 31 mars 2026.")
    assert draft_text(text, date(2026, 1, 1)).echeances != ()
    assert draft_text(text, date(2026, 9, 1)).echeances == ()


def test_taking_up_adds_and_replaces_no_text() -> None:
    drawn = draft("Projet de décret", "Le tri change.", "")
    typed = RedactionInput(titre="Mon titre", ce_qui_change="Mes mots.", pour_qui="Tous")
    assert take_up(typed, drawn, "ce_qui_change").ce_qui_change == "Mes mots.\n\nLe tri change."
    assert take_up(typed, drawn, "pour_qui").pour_qui == "Tous"
    assert take_up(typed, drawn, "niveau").niveau == "projet"
    assert take_up(typed, drawn, "applicable_le") == typed
    assert take_up(typed, drawn, "titre") == typed


def test_letters_go_on_after_z() -> None:
    assert [to_letter(n) for n in (1, 26, 27, 52, 53, 703)] == ["a", "z", "aa", "az", "ba", "aaa"]


SHARDS = ["Publics concernés : ", "Objet : ", "Notice : ", "Entrée en vigueur : ", "\n\n", "\n"]
SHARDS += ["Article 1", "l'artisan doit trier. ", "1° Un ;", " :", "le 1er mars 2027. ", "\u00a0"]
SHARDS += ["Le bilan est remis au plus tard le 3 mai 2028. ", "en mars 2029", "\r", "\u200b"]
pieces = st.lists(st.sampled_from(SHARDS) | st.text(max_size=5), max_size=20).map("".join)


@given(pieces, pieces, pieces)
def test_an_untouched_draft_comes_back_from_the_form_as_it_went(
    title: str, summary: str, text: str
) -> None:
    """So that a draft that nobody took up is known, and not kept."""
    drawn = draft_text(TextOfItem(title, summary, text, nature="DECRET"), date(2026, 9, 1))
    redaction = draft_redaction(title, drawn)
    checked = check_redaction(show_redaction(redaction), is_for_publication=False)
    assert checked.errors == {}
    assert checked.redaction == redaction
    assert isinstance(redaction, Redaction)
