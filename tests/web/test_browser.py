"""The review app in a real browser: by hand, by keyboard, without script, on a small screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.model import ItemState
from hub.store import Store
from hub.store.items import to_redaction
from tests.web.conftest import NewPage
from tests.web.library import get_item

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ITEM = "/relecture/items/decret-2026-822"
PAGES = (
    "/relecture/",
    "/relecture/?etat=tous&mots=arrete",
    ITEM,
    "/relecture/sources",
    "/relecture/signaler",
)
SHOTS = os.environ.get("HUB_SHOTS", "")
"""A folder to leave captures in, for those who want to look."""


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def test_an_editor_corrects_approves_and_undoes(new_page: NewPage, library: Store) -> None:
    page = new_page()
    expect(page.get_by_role("heading", level=1)).to_have_text("3\u00a0textes à décider")
    shoot(page, "file")
    page.click("text=prime de transition énergétique")
    page.fill("#titre", "MaPrimeRénov’ : l’isolation n’est plus aidée")
    page.fill("#applicable_le", "31 février 2026")
    page.click("text=Approuver et publier")
    expect(page.locator("#applicable_le")).to_have_value("31 février 2026")
    expect(page.locator("#applicable_le-faute")).to_contain_text("n’est pas comprise")
    expect(page.locator(".r-fautes")).to_be_focused()
    shoot(page, "erreur")
    page.fill("#applicable_le", "1er septembre 2026")
    page.click("text=Approuver et publier")
    expect(page.get_by_role("status")).to_contain_text("est approuvé")
    expect(page.get_by_role("heading", level=1)).to_contain_text("diagnostic")
    assert get_item(library, "decret-2026-822").state is ItemState.APPROVED
    shoot(page, "suivant")
    page.click("text=Annuler")
    expect(page.get_by_role("status")).to_contain_text("annulée")
    expect(page.locator("#titre")).to_have_value("MaPrimeRénov’ : l’isolation n’est plus aidée")
    assert get_item(library, "decret-2026-822").state is ItemState.TO_REVIEW


def test_keys_decide_but_not_while_typing(new_page: NewPage, library: Store) -> None:
    page = new_page()
    page.goto(ITEM)
    page.focus("#pour_qui")
    page.keyboard.type("la relecture")
    assert page.url.endswith(ITEM)
    page.locator("h1").click()
    page.keyboard.press("l")
    page.keyboard.press("r")
    expect(page.locator("#motif")).not_to_be_visible()
    page.check("text=Raccourcis clavier")
    page.keyboard.press("r")
    expect(page.locator("#motif")).to_be_focused()
    shoot(page, "rejeter")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("l")
    expect(page.get_by_role("status")).to_contain_text("plus tard")
    item = get_item(library, "decret-2026-822")
    assert item.state is ItemState.LATER
    assert to_redaction(item.redaction).pour_qui == "la relecture"
    expect(page.get_by_label("Raccourcis clavier")).to_be_checked()


def test_everything_works_without_script(new_page: NewPage, library: Store) -> None:
    page = new_page(390, 844, script=False)
    page.click("text=prime de transition énergétique")
    page.fill("[name=a_faire]", "Revoyez les devis.")
    page.click("text=Ajouter une action")
    expect(page.locator("[name=a_faire]")).to_have_count(2)
    page.locator("[name=a_faire]").nth(1).fill("Prévenez vos clients.")
    page.get_by_role("button", name="Retirer Menuisier").click()
    expect(page.get_by_role("status")).to_contain_text("retirée")
    page.click("text=Rejeter…")
    page.select_option("#motif", "doublon")
    page.click("text=Rejeter ce texte")
    item = get_item(library, "decret-2026-822")
    assert item.state is ItemState.REJECTED
    assert to_redaction(item.redaction).a_faire == ("Revoyez les devis.", "Prévenez vos clients.")


@pytest.mark.parametrize("script", [True, False])
def test_a_line_is_taken_away_and_nothing_else(
    new_page: NewPage, library: Store, script: bool
) -> None:
    page = new_page(script=script)
    page.goto(ITEM)
    page.fill("#pour_qui", "Artisans")
    for number, words in enumerate(("Un", "Deux", "Trois")):
        page.locator("[name=a_faire]").nth(number).fill(words)
        page.click("text=Ajouter une action")
    page.locator("[name=echeance_label]").first.fill("Déclarer")
    page.get_by_role("button", name="Retirer l’action 2").click()
    page.get_by_role("button", name="Retirer l’action 2").click()
    page.get_by_role("button", name="Retirer l’échéance 1").click()
    page.locator(".r-enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("enregistré")
    redaction = to_redaction(get_item(library, "decret-2026-822").redaction)
    assert (redaction.pour_qui, redaction.a_faire) == ("Artisans", ("Un",))
    assert redaction.echeances == ()


def test_after_a_tag_is_removed_one_sees_the_tags_and_how_to_go_back(new_page: NewPage) -> None:
    page = new_page(height=600)
    page.goto(ITEM)
    page.get_by_role("button", name="Retirer MaPrimeRénov").click()
    expect(page.locator("#etiquettes")).to_be_in_viewport()
    expect(page.get_by_role("status")).to_be_in_viewport()
    shoot(page, "etiquette-retiree")
    expect(page.locator(".r-tags li[id]")).to_have_count(2)
    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(page.locator(".r-tags li[id]")).to_have_count(5)
    expect(page.locator("#etiquettes")).to_be_in_viewport()


def test_enter_in_a_field_saves_and_never_decides(new_page: NewPage, library: Store) -> None:
    page = new_page()
    page.goto(ITEM)
    page.fill("#applicable_le", "01/09/2026")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("enregistré")
    assert get_item(library, "decret-2026-822").state is ItemState.TO_REVIEW


def test_a_number_leads_to_its_words_and_back(new_page: NewPage) -> None:
    page = new_page()
    page.goto(ITEM)
    page.locator(".r-tags a.r-ref", has_text="2").first.click()
    assert page.url.endswith("#preuve-2")
    expect(page.locator("#preuve-2")).to_be_in_viewport()
    page.locator("#preuve-2").click()
    expect(page.locator(page.url[page.url.index("#") :])).to_contain_text(
        "rénovation des logements"
    )


def test_a_new_line_by_script_is_sent_with_the_others(new_page: NewPage, library: Store) -> None:
    page = new_page()
    page.goto(ITEM)
    for number, words in enumerate(("Un", "Deux")):
        page.locator("[name=echeance_label]").nth(number).fill(words)
        page.locator("[name=echeance_date]").nth(number).fill(f"0{number + 1}/01/2027")
        page.click("text=Ajouter une échéance")
    page.locator(".r-enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("enregistré")
    echeances = to_redaction(get_item(library, "decret-2026-822").redaction).echeances
    assert [(e.label, e.date.day) for e in echeances] == [("Un", 1), ("Deux", 2)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways_and_every_field_has_a_name(
    new_page: NewPage, width: int, scheme: str
) -> None:
    page = new_page(width, 844, scheme=scheme)
    for number, path in enumerate(PAGES):
        page.goto(path)
        shoot(page, f"page-{number}-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        nameless = page.evaluate(
            """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
               .filter(e => !e.labels?.length && !e.getAttribute('aria-label'))
               .map(e => e.outerHTML)"""
        )
        assert nameless == [], path
        assert page.locator("h1").count() == 1
        twice = page.evaluate(
            """(ids => ids.filter((id, i) => ids.indexOf(id) !== i))
               ([...document.querySelectorAll('[id]')].map(e => e.id))"""
        )
        assert twice == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_dark_enough_on_its_ground(new_page: NewPage, scheme: str) -> None:
    """WCAG AA, 4.5 to 1, computed on every piece of text that is shown."""
    page = new_page(scheme=scheme)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate(CONTRAST) == [], path


CONTRAST = """() => {
  const rgb = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const part = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), poor = [];
  for (let n; n = walker.nextNode();) {
    const e = n.parentElement;
    if (!n.data.trim() || !e.checkVisibility() || e.closest('.h-sr, option')) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(e.className + ' ' + n.data.trim().slice(0, 40));
  }
  return poor;
}"""
