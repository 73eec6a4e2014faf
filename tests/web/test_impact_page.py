"""« À revoir »: what moved under a fiche or a published item, and « Relu, rien à changer »."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from starlette.testclient import TestClient

from hub.config import Settings
from hub.law import read_law
from hub.legal.dole import parse_dossier
from hub.legal.impact import MoveKind
from hub.model import Identifier, ItemState, Scheme
from hub.publish.awaited import name_of
from hub.store import Store
from hub.store.items import find_item
from hub.store.law import LawMoveRow, RereadingRow
from hub.store.mentions import MentionRow
from hub.web.impact import MOVES
from tests.builders import make_item
from tests.flow.test_awaited import APPLIES, LINES, make_law
from tests.flow.test_awaited import make_decret as make_applying
from tests.flow.test_impact import METIER, SOURCES
from tests.flow.test_law import NEW, OLD
from tests.unit.test_attendus import dossier
from tests.web.conftest import FakeClock, NewPage
from tests.web.library import NOW, add_item
from tests.web.test_browser import CONTRAST, shoot
from tests.web.test_sources_page import words_of

PAGE = "/relecture/a-relire"
PLACE = "metiers/couturier.md"
GONE = "Arrêté du 4 septembre 2026 abrogeant le décret n° 2021-960 du 20 juillet 2021"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    fiche = tmp_path / "fiches_synthese" / PLACE
    fiche.parent.mkdir(parents=True)
    more = "3. Le [dépôt](https://exemple.fr/depot) se note : décret n° 2021-960."
    fiche.write_text(f"{METIER}\n{more}\n", encoding="utf-8")
    return replace(settings, fiches=tmp_path / "fiches_synthese")


@pytest.fixture
def moved(library: Store) -> Store:
    """A published décret that another has modified, and one repealed."""
    with library.write() as session:
        for slug, title, number, state in (
            ("vieux", OLD, "decret-2021-950", ItemState.APPROVED),
            ("neuf", NEW, "decret-2026-700", ItemState.TO_REVIEW),
            ("fin", GONE, "", ItemState.TO_REVIEW),
        ):
            known = (Identifier(Scheme.NUMERO, number),) if number else ()
            identifiers = known or (Identifier(Scheme.JORFTEXT, "JORFTEXT000054399113"),)
            item = add_item(
                session,
                slug,
                title,
                state=state,
                identifiers=identifiers,
                published_on=date(2026, 9, 5),
                source_id="jo",
            )
            if item.public_at:
                item.public_at = NOW - timedelta(days=20)
            mention = item.current.mention_id
            session.flush()
            session.get_one(MentionRow, mention).identifiers = [
                [i.scheme.value, i.value] for i in identifiers
            ]
    read_law(library, SOURCES)
    return library


def forms(page: str) -> list[dict[str, list[str]]]:
    """What each form of the page would send."""
    found = []
    for form in re.findall(
        r'(?s)<form method="post" action="/relecture/a-relire">.*?</form>', page
    ):
        sent: dict[str, list[str]] = {}
        for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
            sent.setdefault(name, []).append(value)
        found.append(sent)
    return found


def test_nothing_to_read_again_is_said(editor: TestClient) -> None:
    page = editor.get(PAGE).text
    assert "Aucune page n’est à relire" in words_of(page)
    assert forms(page) == []
    assert "r-n" not in page.split(">À revoir")[1].split("</a>")[0]


def test_the_page_says_what_moved_the_gravest_first(editor: TestClient, moved: Store) -> None:
    page = editor.get(PAGE).text
    words = words_of(page)
    assert "3 passages à revoir" in words
    assert words.index("Abrogation") < words.index("Modification")
    assert "fiches_synthese/metiers/couturier.md" in words
    assert "Phrase de la fiche, ligne 14" in words
    assert "Le dépôt se note : décret n° 2021-960." in words
    assert "Triez (décret n° 2021-950 du 16 juillet 2021)." in words
    assert "Décret n° 2021-950 du 16 juillet 2021 Modification Texte publié le 5 septembre" in words
    assert 'href="/relecture/items/neuf"' in page
    assert 'href="/metiers/couturier/"' in page
    assert 'href="/relecture/items/vieux"' in page


def test_the_header_counts_on_every_page(editor: TestClient, moved: Store) -> None:
    for path in ("/relecture/", "/relecture/sources", "/relecture/items/neuf"):
        assert "À revoir 3 à revoir depuis" in words_of(editor.get(path).text)


def test_someone_has_read_a_passage_again(
    editor: TestClient, moved: Store, clock: FakeClock
) -> None:
    clock.advance(hours=2)
    page = editor.get(PAGE).text
    sent = next(form for form in forms(page) if form["passage"] != [""])
    answer = editor.post(PAGE, data=sent)
    assert answer.status_code == 303
    again = words_of(editor.get(answer.headers["location"]).text)
    assert "C’est noté" in again
    assert "2 passages à revoir" in again
    with moved.read() as session:
        (row,) = session.scalars(select(RereadingRow))
    assert (row.place, row.by, row.at) == (
        PLACE,
        "Éditrice de test",
        NOW + timedelta(hours=2),
    )
    assert row.until == NOW
    twice = editor.post(PAGE, data=sent)
    assert "rien à noter" in words_of(editor.get(twice.headers["location"]).text)


def test_a_whole_page_is_read_at_once(editor: TestClient, moved: Store) -> None:
    page = editor.get(PAGE).text
    (sent,) = [form for form in forms(page) if form["passage"] == [""]]
    editor.post(PAGE, data=sent)
    words = words_of(editor.get(PAGE).text)
    assert "1 passage à revoir" in words
    assert "couturier" not in words


def test_what_came_after_the_page_was_opened_stays_open(editor: TestClient, moved: Store) -> None:
    page = editor.get(PAGE).text
    (sent,) = [form for form in forms(page) if form["passage"] == [""]]
    with moved.write() as session:
        item = find_item(session, "neuf")
        assert item is not None
        session.add(
            LawMoveRow(
                item_id=item.id,
                kind="abroge",
                norms=["DEC:2021-950"],
                by=["DEC:2026-999"],
                on=None,
                words="abroge le décret",
                url="",
                seen_at=NOW + timedelta(minutes=1),
            )
        )
    editor.post(PAGE, data=sent)
    words = words_of(editor.get(PAGE).text)
    assert "Triez" in words
    assert "Le dépôt" not in words


def test_reading_needs_the_token_of_the_session(editor: TestClient, moved: Store) -> None:
    sent = forms(editor.get(PAGE).text)[0]
    assert editor.post(PAGE, data={**sent, "jeton": "faux"}).status_code == 403
    with moved.read() as session:
        assert session.scalars(select(RereadingRow)).all() == []


def test_a_visitor_sees_and_does_nothing(visitor: TestClient, moved: Store) -> None:
    assert visitor.get(PAGE).status_code == 303
    assert visitor.post(PAGE, data={"place": PLACE, "passage": ""}).status_code == 401


def test_the_page_of_a_published_item_says_it(editor: TestClient, moved: Store) -> None:
    page = words_of(editor.get("/relecture/items/vieux").text)
    assert "Un texte sur lequel ce changement repose a bougé" in page
    assert "repose a bougé" not in words_of(editor.get("/relecture/items/neuf").text)


def test_an_address_repeats_nothing(editor: TestClient) -> None:
    page = editor.get(f"{PAGE}?fait=%3Cb%3Emauvais").text
    assert "mauvais" not in page


@pytest.mark.parametrize(
    ("norm", "name"),
    [
        ("ART:environnement/R543-290-3", "article R. 543-290-3, Code de l'environnement"),
        ("ART:travail/R4624-17..R4624-21", "articles R. 4624-17 à R. 4624-21, Code du travail"),
        ("DEC:2021-950@2021-07-16", "décret n° 2021-950 du 16 juillet 2021"),
        ("LOI:2020-105", "loi n° 2020-105"),
        ("ARR@2021-05-31", "arrêté du 31 mai 2021"),
        ("JORFTEXT000054399113", "JORFTEXT000054399113"),
        ("ELI:decret/2017/11/24/2017-1605/jo/texte", "ELI:decret/2017/11/24/2017-1605/jo/texte"),
        ("CELEX:32013R0812", "CELEX:32013R0812"),
    ],
)
def test_how_a_norm_is_called(norm: str, name: str) -> None:
    assert name_of(norm).replace("\xa0", " ") == name


def test_every_move_has_its_word() -> None:
    assert set(MOVES) == set(MoveKind)


def test_the_page_of_a_law_shows_the_decrets_it_awaits(editor: TestClient, library: Store) -> None:
    make_item(library, parse_dossier(dossier(*LINES), "dole"), state=ItemState.NOISE)
    slug = make_item(library, make_law(), state=ItemState.TO_REVIEW)
    decret = make_item(library, make_applying(APPLIES, "2026-900"), state=ItemState.TO_REVIEW)
    read_law(library, SOURCES)
    page = editor.get(f"/relecture/items/{slug}").text
    words = words_of(page)
    assert "Décrets attendus" in words
    assert "Toits : paru le 2 septembre 2026, décret n° 2026-900" in words
    assert "Toits : attendu en mars 2026, pas paru" in words
    assert f'href="/relecture/items/{decret}"' in page


# --- A real browser ----------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_fits(new_page: NewPage, moved: Store, width: int, scheme: str) -> None:
    page = new_page(width, 844, scheme=scheme)
    for name, path in (("a-relire", PAGE), ("a-relire-item", "/relecture/items/vieux")):
        page.goto(path)
        shoot(page, f"{name}-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) == []


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_without_script_and_by_keyboard(new_page: NewPage, moved: Store) -> None:
    page = new_page(390, 844, script=False)
    page.goto(PAGE)
    button = page.get_by_role("button", name=re.compile("^Relu, rien à changer")).first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("C’est noté")
    expect(page.get_by_role("heading", level=1)).to_have_text("2\u00a0passages à revoir")
