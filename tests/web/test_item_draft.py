"""The draft on the page of an item: prefilled, explained, never saved or replaced by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from hub.model import ItemState, Niveau
from hub.store import Store
from hub.store.items import find_item, to_redaction
from tests.web.conftest import NewPage
from tests.web.library import (
    TRI,
    TRI_NOTICE,
    TRI_TEXT,
    add_item,
    add_tri,
    add_version,
    get_item,
)
from tests.web.test_browser import CONTRAST, shoot
from tests.web.test_review_app import form_of, text_of

TRI_ITEM = "/relecture/items/decret-tri"
CHANGED = (
    ("artisans et", "artisans, collectivités et"),
    ("huit familles", "neuf familles"),
    ("le 1er janvier 2027", "le 1er février 2027"),
    ("le 31 mars 2028", "le 30 juin 2028"),
)


@pytest.fixture
def tri(library: Store) -> Store:
    add_tri(library)
    return library


def change_text(store: Store) -> None:
    notice, text = TRI_NOTICE, TRI_TEXT
    for before, after in CHANGED:
        notice, text = notice.replace(before, after), text.replace(before, after)
    with store.write() as session:
        item = find_item(session, "decret-tri")
        assert item is not None
        add_version(session, item, TRI, notice, text)


# --- Prefilled ---------------------------------------------------------------------------------


def test_the_form_holds_the_sentences_of_the_text(editor: TestClient, tri: Store) -> None:
    sent = form_of(editor, TRI_ITEM)
    assert sent["ce_qui_change"].endswith(
        "trier huit familles de déchets avant de quitter le chantier."
    )
    assert sent["pour_qui"] == "Entreprises de construction, artisans et maîtres d’ouvrage."
    assert sent["applicable_le"] == "1er janvier 2027"
    assert sent["niveau"] == "obligatoire"
    assert sent["echeance_date"] == ["26 février 2027", "31 mars 2028", ""]
    text = text_of(editor.get(TRI_ITEM).text)
    assert "Brouillon tiré du texte officiel" in text
    assert "Proposé parce que le texte dit « doivent »" in text
    assert "Calcul : publication le 26 août 2026" in text


def test_every_letter_leads_to_its_sentence_and_back(editor: TestClient, tri: Store) -> None:
    page = editor.get(TRI_ITEM).text
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    places = [name for name in ids if name.startswith("tire-")]
    links = re.findall(r'class="r-ref r-ref--tire" href="#([^"]+)"', page)
    assert set(places) <= set(links) <= set(ids)
    sentence = re.search(r'<span class="r-tire" id="tire-1">(.*?)</span>', page)
    assert sentence is not None
    assert sentence[1] == "entreprises de construction, artisans et maîtres d&#39;ouvrage."


def test_reading_and_putting_off_save_nothing(editor: TestClient, tri: Store) -> None:
    editor.get(TRI_ITEM)
    assert get_item(tri, "decret-tri").redaction is None
    editor.post(TRI_ITEM, data=form_of(editor, TRI_ITEM, geste="plus_tard"))
    item = get_item(tri, "decret-tri")
    assert (item.state, item.redaction) == (ItemState.LATER, None)


def test_approving_takes_what_the_editor_left(editor: TestClient, tri: Store) -> None:
    sent = form_of(editor, TRI_ITEM, pour_qui="", geste="approuver")
    assert editor.post(TRI_ITEM, data=sent).status_code == 303
    redaction = to_redaction(get_item(tri, "decret-tri").redaction)
    assert redaction.pour_qui == ""
    assert redaction.niveau is Niveau.OBLIGATOIRE
    assert [e.date.isoformat() for e in redaction.echeances] == ["2027-02-26", "2028-03-31"]


def test_a_partner_is_not_called_official(editor: TestClient, library: Store) -> None:
    with library.write() as session:
        add_item(session, "note", "Le tri", summary="Le tri change.", source_id="veille-artisanat")
    page = text_of(editor.get("/relecture/items/note").text)
    assert "Brouillon tiré d’une source qui ne fait pas foi" in page
    assert "tiré du texte officiel" not in page


def test_a_text_that_says_nothing_leaves_the_fields_empty(
    editor: TestClient, library: Store
) -> None:
    sent = form_of(editor, "/relecture/items/arrete-pemd")
    assert (sent["ce_qui_change"], sent["pour_qui"], sent["applicable_le"]) == ("", "", "")
    page = text_of(editor.get("/relecture/items/arrete-pemd").text)
    assert "Laissez vide plutôt que de supposer" in page


# --- Dates to check ----------------------------------------------------------------------------


def take_up(editor: TestClient, what: str) -> str:
    return editor.post(TRI_ITEM, data=form_of(editor, TRI_ITEM, geste=f"reprendre:{what}")).text


def test_a_date_to_check_waits_for_a_click(editor: TestClient, tri: Store) -> None:
    page = editor.get(TRI_ITEM).text
    assert "30 avril 2027" not in form_of(editor, TRI_ITEM)["echeance_date"]
    assert re.search(r"30 avril 2027</b>.*À vérifier", page)
    what = re.search(r'value="reprendre:(echeance:\d+)"', page)
    assert what is not None
    taken = take_up(editor, what[1])
    assert re.search(r'name="echeance_date"[^>]* value="30 avril 2027"', taken)
    assert "À vérifier" in taken
    assert "data-change" in taken
    assert what[0] not in taken
    assert get_item(tri, "decret-tri").revision == 1


@pytest.mark.parametrize("what", ["", "titre", "echeance", "echeance:0", "echeance:99", "x:1"])
def test_what_is_not_offered_changes_nothing(editor: TestClient, tri: Store, what: str) -> None:
    page = take_up(editor, what)
    assert page.count('name="echeance_date"') == 3
    assert get_item(tri, "decret-tri").revision == 1


# --- A text that changes -----------------------------------------------------------------------


def test_words_of_an_editor_are_kept_when_the_text_changes(editor: TestClient, tri: Store) -> None:
    mine = {"pour_qui": "Mes mots.", "geste": "rediger"}
    editor.post(TRI_ITEM, data=form_of(editor, TRI_ITEM, **mine))
    change_text(tri)
    sent = form_of(editor, TRI_ITEM, geste="rediger")
    assert sent["pour_qui"] == "Mes mots."
    assert "huit familles" in sent["ce_qui_change"]
    assert sent["applicable_le"] == "1er janvier 2027"
    page = text_of(editor.get(TRI_ITEM).text)
    assert "Le texte a changé. Vos mots sont gardés" in page
    assert page.count("Le nouveau texte dit") == 3
    assert "artisans, collectivités et maîtres d’ouvrage" in page
    assert "Le nouveau texte ne le dit plus" in page
    assert "fait=rien" in editor.post(TRI_ITEM, data=sent).headers["location"]


def test_what_the_changed_text_says_is_added_only_on_a_click(
    editor: TestClient, tri: Store
) -> None:
    editor.post(TRI_ITEM, data=form_of(editor, TRI_ITEM, pour_qui="Mes mots.", geste="rediger"))
    change_text(tri)
    assert "Mes mots.\n\nEntreprises de construction, artisans, collectivités" in take_up(
        editor, "pour_qui"
    )
    assert 'name="applicable_le" value="1er février 2027"' in take_up(editor, "applicable_le")
    assert to_redaction(get_item(tri, "decret-tri").redaction).pour_qui == "Mes mots."


def test_a_public_text_that_did_not_change_offers_nothing(editor: TestClient, tri: Store) -> None:
    editor.post(TRI_ITEM, data=form_of(editor, TRI_ITEM, pour_qui="Moi.", geste="approuver"))
    page = editor.get(TRI_ITEM).text
    assert "reprendre:" not in page
    assert "Brouillon tiré" not in page
    change_text(tri)
    assert "reprendre:" in editor.get(TRI_ITEM).text


def test_what_was_answered_for_is_offered_no_more(editor: TestClient, tri: Store) -> None:
    editor.post(TRI_ITEM, data=form_of(editor, TRI_ITEM, pour_qui="Moi.", geste="approuver"))
    change_text(tri)
    editor.post(TRI_ITEM, data=form_of(editor, TRI_ITEM, geste="approuver"))
    page = editor.get(TRI_ITEM).text
    assert "Le nouveau texte dit" not in page
    assert to_redaction(get_item(tri, "decret-tri").redaction).pour_qui == "Moi."


# --- In a browser ------------------------------------------------------------------------------

browser = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


class TestInABrowser:
    pytestmark = browser

    def test_a_letter_shows_its_sentence_and_leads_back(
        self, new_page: NewPage, tri: Store
    ) -> None:
        page = new_page()
        page.goto(TRI_ITEM)
        page.locator("#echeances a.r-ref--tire").last.click()
        place = page.locator(page.url[page.url.index("#") :])
        expect(place).to_be_in_viewport()
        assert place.evaluate("e => e.matches(':target')")
        ground = place.evaluate("e => getComputedStyle(e).backgroundColor")
        assert ground not in ("rgba(0, 0, 0, 0)", "transparent")
        place.locator("xpath=following-sibling::a").first.click()
        assert page.url.endswith("#echeances")

    def test_a_taken_date_is_saved_with_the_others(self, new_page: NewPage, tri: Store) -> None:
        page = new_page()
        page.goto(TRI_ITEM)
        page.get_by_role("button", name="Reprendre cette date").click()
        expect(page.locator("[name=echeance_date]").nth(2)).to_have_value("30 avril 2027")
        expect(page.locator("#echeances")).to_be_in_viewport()
        page.locator(".r-enregistrer").click()
        expect(page.get_by_role("status")).to_contain_text("enregistré")
        assert len(to_redaction(get_item(tri, "decret-tri").redaction).echeances) == 3

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_both_states_are_easy_to_read_and_to_reach(
        self, new_page: NewPage, tri: Store, editor: TestClient, scheme: str
    ) -> None:
        for state in ("brouillon", "nouveau-texte"):
            if state == "nouveau-texte":
                sent = form_of(editor, TRI_ITEM, pour_qui="Mes mots.", geste="rediger")
                editor.post(TRI_ITEM, data=sent)
                change_text(tri)
            for width in (320, 360, 1280):
                page = new_page(width, 844, scheme=scheme)
                page.goto(f"{TRI_ITEM}#tire-1")
                shoot(page, f"{state}-{width}-{scheme}")
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert page.evaluate(CONTRAST) == []
                assert page.evaluate(SMALL) == []


SMALL = """() => [...document.querySelectorAll('a.r-ref--tire, .r-propose button')]
  .filter(e => { const b = e.getBoundingClientRect(); return b.width < 24 || b.height < 24; })
  .map(e => e.outerHTML)"""
"""WCAG 2.2 AA, 2.5.8: targets of at least 24 by 24."""
