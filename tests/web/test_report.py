"""« Signaler une page »: the form, what it refuses, what it keeps, and the bookmarklet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from hub.messages import message
from hub.model import SourceKind
from hub.reported import MAX_NOTE, MAX_TITLE, Report, find_mistake, keep_report
from hub.store import Store
from hub.store.reported import ReportedPageRow
from hub.web.report import bookmarklet
from tests.spiders.rude import Rude, be_rude, say
from tests.web.conftest import EMAIL, PASSWORD, NewPage, sign_in
from tests.web.library import NOW, add_item
from tests.web.test_browser import CONTRAST, shoot
from tests.web.test_review_app import hidden, text_of
from tests.web.test_sources_page import make_source

PAGE = "/relecture/signaler"
URL = "https://www.example.org/aides"
REPORTED = make_source("signalements", "Pages signalées", "", kind=SourceKind.REPORTED)
OTHERS = (
    make_source("pause", "Pages en pause", "", kind=SourceKind.REPORTED, enabled=False),
    make_source("jo", "Journal officiel", "https://www.example.org/jo"),
)


@pytest.fixture
def collected(app: Starlette) -> list[list[str]]:
    """What collections were asked for."""
    calls: list[list[str]] = []

    def collect(source_ids: Sequence[str]) -> None:
        calls.append(list(source_ids))

    app.state.collect = collect
    app.state.sources = {source.id: source for source in (REPORTED, *OTHERS)}
    return calls


def reports(store: Store) -> list[ReportedPageRow]:
    with store.read() as session:
        return list(session.scalars(select(ReportedPageRow).order_by(ReportedPageRow.id)))


def send(client: TestClient, **typed: str) -> Any:
    jeton = hidden(client.get(PAGE).text, "jeton")
    return client.post(PAGE, data={"jeton": jeton, "url": URL, **typed})


def field_of(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]* id="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def note_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    return unescape(found[1])


# --- The form ----------------------------------------------------------------------------------


def test_the_form_is_one_click_away(editor: TestClient, collected: list[list[str]]) -> None:
    assert f'<a href="{PAGE}">Signaler</a>' in editor.get("/relecture/").text
    page = editor.get(PAGE)
    assert page.status_code == 200
    assert (field_of(page.text, "url"), field_of(page.text, "intitule")) == ("", "")
    assert "Derniers signalements" not in page.text
    assert 'role="alert"' not in page.text
    assert 'role="status"' not in page.text


def test_an_address_fills_the_form_and_changes_nothing(
    editor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    query = urlencode({"url": f"{URL}?a=1&b=é", "titre": "Aides : l’état « neuf »"})
    page = editor.get(f"{PAGE}?{query}").text
    assert field_of(page, "url") == f"{URL}?a=1&b=é"
    assert field_of(page, "intitule") == "Aides : l’état « neuf »"
    assert reports(library) == []
    assert collected == []


def test_a_report_is_kept_and_read_at_once(
    editor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    url = f" {URL}?utm_source=x#bas "
    answer = send(editor, url=url, intitule=" Les  aides ", note=" Lire.\nVite ")
    assert answer.status_code == 303
    (row,) = reports(library)
    assert (row.url, row.title, row.note) == (URL, "Les aides", "Lire.\nVite")
    assert (row.by, row.at, row.read_at) == ("Éditrice de test", NOW, None)
    assert collected == [["signalements"]], "only the enabled source of reported pages"
    shown = text_of(editor.get(answer.headers["location"]).text)
    assert "C’est noté." in shown
    assert "Les aidesEn attente de lecture · Éditrice de test, le 7 septembre 2026" in shown


def test_a_page_that_waits_is_not_asked_for_twice(
    editor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    send(editor)
    answer = send(editor, url=f"{URL}?utm_medium=mail", intitule="Autrement dit")
    assert len(reports(library)) == 1
    assert collected == [["signalements"]]
    shown = text_of(editor.get(answer.headers["location"]).text)
    assert "déjà signalée" in shown
    assert "C’est noté" not in shown


def test_a_page_that_was_read_may_be_reported_again(library: Store) -> None:
    with library.write() as session:
        first, _ = keep_report(session, Report(URL), "A", NOW)
        first.read_at = NOW
        again, is_new = keep_report(session, Report(URL), "B", NOW)
        assert is_new
        assert again.id != first.id


def test_an_address_of_an_item_leads_to_it(
    editor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    with library.write() as session:
        add_item(session, "deja-la", "Déjà là", url=URL)
    answer = send(editor, url=f"{URL}?xtor=RSS-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/relecture/items/deja-la")
    assert reports(library) == []
    assert collected == []


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("", "report.address"),
        ("aides 2026", "report.address"),
        ("www.example.org/aides", "report.address"),
        ("javascript:alert(document.cookie)", "report.address"),
        ("data:text/html,<script>alert(1)</script>", "report.address"),
        ("file:///etc/passwd", "report.address"),
        ("ftp://ftp.example.org/", "report.address"),
        ("https:///aides", "report.address"),
        ("https://exa mple.org/", "report.address"),
        ("https://a..example.org/", "report.address"),
        ("https://[::1]/", "report.private"),
        ("https://www.example.org:99999/", "report.address"),
        ("https://www.example.org/" + "a" * 3_000, "report.too-long"),
        ("https://intranet/aides", "report.private"),
        ("http://localhost:8000/", "report.private"),
        ("http://127.0.0.1/", "report.private"),
        ("http://2130706433/", "report.private"),
        ("http://192.168.1.1/", "report.private"),
        ("http://imprimante.local/", "report.private"),
        ("https://user:password@www.example.org/", "report.secret"),
        ("https://user@www.example.org/", "report.secret"),
        ("https://www.example.org\\@10.0.0.1/", "report.secret"),
    ],
)
def test_an_address_that_will_not_do_is_said_beside_its_field(
    editor: TestClient, library: Store, collected: list[list[str]], url: str, key: str
) -> None:
    answer = send(editor, url=url, intitule="Mon titre", note="Ma note <b>")
    assert answer.status_code == 422
    page = answer.text
    error = re.search(r'aria-invalid="true" aria-describedby="(.*?)">\s*<p[^>]* id="\1"', page)
    assert error, "the sentence follows the field that names it"
    assert text_of(message(key)) in text_of(page)
    assert (field_of(page, "url"), field_of(page, "intitule")) == (url, "Mon titre")
    assert note_of(page) == "Ma note <b>"
    assert reports(library) == []
    assert collected == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "HTTPS://WWW.Example.ORG:8443/Aides?b=2&a=1",
        "https://déchets.example.fr/é",
        "https://xn--dchets-bva.example.fr/",
        "https://a_b.example.org/",
        "https://8.8.8.8/",
    ],
)
def test_an_address_that_will_do(url: str) -> None:
    assert find_mistake(url) == ""


def test_this_machine_may_be_read_when_the_settings_say_so() -> None:
    for url in ("http://127.0.0.1:8000/", "http://localhost/"):
        assert find_mistake(url) == "report.private"
        assert find_mistake(url, allow_loopback=True) == ""
    assert find_mistake("http://10.0.0.1/", allow_loopback=True) == "report.private"


def test_an_address_in_letters_of_ours_is_the_one_that_machines_ask_for(library: Store) -> None:
    with library.write() as session:
        row, _ = keep_report(session, Report("https://déchets.example.fr/"), "A", NOW)
        _, is_new = keep_report(session, Report("https://xn--dchets-bva.example.fr"), "A", NOW)
    assert row.url == "https://xn--dchets-bva.example.fr/"
    assert not is_new


def test_what_is_too_long_is_cut(
    editor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    send(editor, intitule="é" * 900, note="n" * 9_000)
    (row,) = reports(library)
    assert (len(row.title), len(row.note)) == (MAX_TITLE, MAX_NOTE)


def test_markup_is_shown_and_never_obeyed(
    editor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    evil = "\"><script>alert('1')</script><img src=x>"
    query = urlencode({"url": f"https://example.org/{evil}", "titre": evil})
    pages = [editor.get(f"{PAGE}?{query}").text]
    pages.append(send(editor, url=evil, intitule=evil, note=f"</textarea>{evil}").text)
    sent = send(editor, url=f"{URL}?{evil}", intitule=evil, note=f"</textarea>{evil}")
    pages.append(editor.get(sent.headers["location"]).text)
    for page in pages:
        assert "<script>" not in page
        assert "<img" not in page
        assert page.count("</textarea>") == 1
    assert len(reports(library)) == 1


def test_without_a_source_of_reported_pages_it_is_said(app: Starlette, editor: TestClient) -> None:
    app.state.sources = {source.id: source for source in OTHERS}
    assert "ne serait lu par personne" in editor.get(PAGE).text


def test_each_report_says_where_it_is(
    editor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    outcomes = {"lue": "Lue", "en partie": "seul le signalement est dans la file"}
    with library.write() as session:
        add_item(session, "relue", "Relue", url="https://www.example.org/relue")
        for outcome in (*outcomes, "abandonnee", "", "relue"):
            url = f"https://www.example.org/{outcome.replace(' ', '-') or 'attend'}"
            row, _ = keep_report(session, Report(url), "Éditrice de test", NOW)
            if outcome and outcome != "relue":
                row.read_at, row.outcome = NOW, outcome
    page = editor.get(PAGE).text
    shown = text_of(page)
    for words in (*outcomes.values(), "Abandonnée", "En attente de lecture", "le hub réessaie"):
        assert words in shown
    assert '<a href="/relecture/items/relue">https://www.example.org/relue</a>' in page


# --- Who may -----------------------------------------------------------------------------------


def test_the_bookmarklet_survives_signing_in(visitor: TestClient) -> None:
    query = urlencode({"url": f"{URL}?a=1&b=2", "titre": "Aides & co"})
    answer = visitor.get(f"{PAGE}?{query}")
    assert answer.status_code == 303
    suite = hidden(visitor.get(answer.headers["location"]).text, "suite")
    sent = {"adresse": EMAIL, "mot_de_passe": PASSWORD, "suite": suite}
    back = visitor.post("/relecture/connexion", data=sent).headers["location"]
    page = visitor.get(back).text
    assert field_of(page, "url") == f"{URL}?a=1&b=2"
    assert field_of(page, "intitule") == "Aides & co"


def test_a_report_after_the_session_ended_is_not_lost(
    visitor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    answer = visitor.post(PAGE, data={"url": URL, "intitule": "Titre", "note": "Note"})
    assert answer.status_code == 401
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert kept == {"url": URL, "intitule": "Titre", "note": "Note"}
    assert sign_in(visitor) == 303
    page = visitor.post(PAGE, data=kept)
    assert page.status_code == 403
    assert "rien n’a été fait" in page.text
    assert (field_of(page.text, "url"), note_of(page.text)) == (URL, "Note")
    assert reports(library) == []
    kept["jeton"] = hidden(page.text, "jeton")
    assert visitor.post(PAGE, data=kept).status_code == 303
    assert len(reports(library)) == 1


@pytest.mark.parametrize("jeton", ["", "faux"])
def test_a_report_without_its_token_is_refused(
    editor: TestClient, library: Store, collected: list[list[str]], jeton: str
) -> None:
    assert editor.post(PAGE, data={"jeton": jeton, "url": URL}).status_code == 403
    assert reports(library) == []
    assert collected == []


def test_another_site_cannot_report(
    editor: TestClient, library: Store, collected: list[list[str]]
) -> None:
    jeton = hidden(editor.get(PAGE).text, "jeton")
    headers = {"sec-fetch-site": "cross-site"}
    answer = editor.post(PAGE, data={"jeton": jeton, "url": URL}, headers=headers)
    assert answer.status_code == 403
    assert reports(library) == []


def test_the_page_has_no_script_nor_style_of_its_own(editor: TestClient) -> None:
    page = editor.get(PAGE).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", page)
    assert page.count("javascript:") == 2, "the bookmarklet, to drag and to copy"


# --- A real browser ----------------------------------------------------------------------------


@pytest.fixture
def elsewhere() -> Iterator[Rude]:
    with be_rude() as server:
        markup = "<!doctype html><title>Aides &amp; « primes » 50 %</title><p>Ici"
        kind = "Content-Type: text/html; charset=utf-8"
        server.manners["/page?a=1&b=%C3%A9"] = say(markup.encode(), "200 OK", kind)
        yield server


@pytest.fixture
def here(app: Starlette, address: str, collected: list[list[str]]) -> str:
    """The review app at an address that it knows, as in production."""
    app.state.settings = replace(app.state.settings, public_url=address)
    return address


def open_bookmark(page: Page, address: str, elsewhere: Rude) -> Page:
    """What a browser does with a bookmark that is a script: it runs on the page one looks at."""
    page.goto(PAGE)
    href = page.get_by_role("link", name="Signaler au hub").get_attribute("href")
    assert href == bookmarklet(address)
    assert page.locator("#favori-adresse").input_value() == href
    page.goto(f"{elsewhere.address}/page?a=1&b=é#bas")
    with page.context.expect_page() as opened:
        page.evaluate(href.removeprefix("javascript:"))
    opened.value.wait_for_load_state()
    return opened.value


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_bookmarklet_opens_the_form_filled(
    new_page: NewPage, here: str, elsewhere: Rude
) -> None:
    form = open_bookmark(new_page(), here, elsewhere)
    expect(form.locator("#url")).to_have_value(f"{elsewhere.address}/page?a=1&b=%C3%A9#bas")
    expect(form.locator("#intitule")).to_have_value("Aides & « primes » 50 %")
    form.fill("#url", URL)
    form.get_by_role("button", name="Signaler cette page").click()
    expect(form.get_by_role("status")).to_contain_text("C’est noté")
    expect(form.locator(".r-signalements li")).to_have_count(1)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_page_is_reported_without_script(
    new_page: NewPage, library: Store, here: str, collected: list[list[str]]
) -> None:
    page = new_page(390, 844, script=False)
    page.click("text=Signaler")
    page.fill("#url", "http://192.168.1.1/")
    page.fill("#note", "Lire avant lundi")
    page.get_by_role("button", name="Signaler cette page").click()
    expect(page.locator("#url-erreur")).to_contain_text("réseau privé")
    expect(page.locator("#note")).to_have_value("Lire avant lundi")
    page.fill("#url", URL)
    page.get_by_role("button", name="Signaler cette page").click()
    expect(page.get_by_role("status")).to_contain_text("C’est noté")
    (row,) = reports(library)
    assert (row.url, row.note) == (URL, "Lire avant lundi")
    assert collected == [["signalements"]]


LONG = "https://www.example.org/" + "une-adresse-sans-fin-" * 12


def fill(page: Page, **typed: str) -> None:
    page.goto(f"{PAGE}?{urlencode(typed)}")
    with page.expect_navigation():
        page.get_by_role("button", name="Signaler cette page").click()


def open_advice(page: Page) -> None:
    page.goto(PAGE)
    page.click("summary")


STATES: dict[str, Callable[[Page], object]] = {
    "vide": lambda page: page.goto(PAGE),
    "faute": lambda page: fill(page, url="http://localhost/", titre="Mon titre"),
    "fait": lambda page: fill(page, url=LONG, titre="Titre" * 50),
    "deja": lambda page: fill(page, url=LONG),
    "favori": open_advice,
}
SMALL_TARGETS = """() => [...document.querySelectorAll(
  'header a, header button, main button, main input:not([type=hidden]), main summary')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24)
  .map(e => e.outerHTML)"""


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_every_state_holds_in_its_screen_and_can_be_read(
    new_page: NewPage, library: Store, here: str, width: int, scheme: str
) -> None:
    with library.write() as session:
        add_item(session, "lue", "Lue", url="https://www.example.org/lue")
        for url, title in (("https://www.example.org/lue", "Une page : lue"), (LONG + "1", "")):
            keep_report(session, Report(url, title, "x"), "Éditrice de test", NOW)
    page = new_page(width, 1_500, scheme=scheme)
    for state, reach in STATES.items():
        reach(page)
        shoot(page, f"signaler-{state}-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state
        assert page.evaluate(HIDDEN_MENU) == 0, state
        assert page.evaluate(CONTRAST) == [], state
        assert page.evaluate(SMALL_TARGETS) == [], state


HIDDEN_MENU = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('header ul'))"
"""How much of the menu is out of the screen."""
