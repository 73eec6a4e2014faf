"""What changed in a watched page, on the screen of its item: seen, said, and harmless."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from hub.changes import Op, Segment, diff_words, to_json
from hub.store import Store
from hub.store.captures import CaptureRow
from hub.store.changes import Nature, TextChangeRow
from hub.store.items import find_item
from hub.store.mentions import MentionRow
from hub.web.diff import Piece, split_paragraphs
from tests.web.conftest import NewPage
from tests.web.library import NOW, add_item, add_version
from tests.web.test_browser import CONTRAST

SLUG = "bonus-reparation"
ITEM = f"/relecture/items/{SLUG}"
TITLE = "Bonus réparation : montants et ateliers concernés"
BEFORE = """Bonus réparation

Le bonus est de 45 € pour un lave-linge et de 1 801,80 € au plus par foyer. Il est versé par \
l’éco-organisme dans un délai de deux mois.

L’atelier doit être labellisé avant le 31 décembre 2026.

Les appareils de moins de deux ans n’y ont pas droit.

Pour toute question, écrivez au guichet de la réparation."""
AFTER = """Bonus réparation

Le bonus est de 60 € pour un lave-linge et de 1 823,03 € au plus par foyer. Il est versé par \
l’éco-organisme dans un délai de deux mois.

L’atelier doit être labellisé avant le 31 mars 2027.

Le demandeur garde la facture <script>alert("x")</script> trois ans.

Pour toute question, écrivez au guichet de la réparation."""
SHOTS = os.environ.get("HUB_SHOTS", "")


def watch(library: Store, *texts: str, nature: Nature = Nature.REAL) -> None:
    """An item whose page said these texts, one a day."""
    with library.write() as session:
        item = add_item(session, SLUG, TITLE, text=texts[0], source_id="ecologie")
        for before, after in pairwise(texts):
            add_version(session, item, TITLE, "", after)
            old, new = item.versions[-2].mention_id, item.versions[-1].mention_id
            mentions = [session.get_one(MentionRow, id_) for id_ in (old, new)]
            capture = session.get_one(CaptureRow, mentions[1].capture_id)
            capture.fetched_at = NOW + timedelta(days=item.version - 1)
            session.add(
                TextChangeRow(
                    source_id=item.source_id,
                    key=SLUG,
                    nature=nature,
                    at=NOW,
                    before_mention_id=old,
                    after_mention_id=new,
                    before_capture_id=mentions[0].capture_id,
                    after_capture_id=mentions[1].capture_id,
                    segments=to_json(diff_words(before, after)),
                )
            )


def test_the_change_is_shown_with_both_readings(library: Store, editor: TestClient) -> None:
    watch(library, BEFORE, AFTER)
    page = editor.get(ITEM).text
    assert "Ce qui a changé" in page
    assert "7\u00a0septembre\u00a02026 à 6\u00a0h\u00a040" in page
    assert "8\u00a0septembre\u00a02026 à 6\u00a0h\u00a040" in page
    assert "ajouté\u00a0: </span>60\u00a0€</ins>" in page
    assert "retiré\u00a0: </span>45\u00a0€</del>" in page
    assert "Ce qui a changé dans ce texte" not in page


def test_the_words_of_a_page_are_never_markup(library: Store, editor: TestClient) -> None:
    watch(library, BEFORE, AFTER)
    page = editor.get(ITEM).text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") == 2  # the text itself, and the change


def test_only_our_own_reading_changed_shows_no_change(library: Store, editor: TestClient) -> None:
    watch(library, BEFORE, AFTER, nature=Nature.TECHNICAL)
    assert "r-diff" not in editor.get(ITEM).text


def test_a_text_that_came_back_says_so(library: Store, editor: TestClient) -> None:
    watch(library, BEFORE, AFTER, nature=Nature.RESTORED)
    assert "revenu à ce qu’il était" in editor.get(ITEM).text


def test_an_item_without_a_watched_page_shows_none(editor: TestClient) -> None:
    assert "r-diff" not in editor.get("/relecture/items/decret-2026-822").text


def test_segments_are_cut_at_paragraphs_and_spaces_are_kept_apart() -> None:
    segments = [
        Segment(Op.EGAL, "[…]\n\nAvant "),
        Segment(Op.RETRAIT, "deux "),
        Segment(Op.AJOUT, "trois\n\nUn autre\n\n"),
        Segment(Op.EGAL, "[…]"),
    ]
    assert [[(p.op, p.text) for p in paragraph] for paragraph in split_paragraphs(segments)] == [
        [("egal", "[…]")],
        [("egal", "Avant"), ("retrait", "deux"), ("ajout", "trois")],
        [("ajout", "Un autre")],
        [("egal", "[…]")],
    ]
    (_, paragraph, _, _) = split_paragraphs(segments)
    assert paragraph[1] == Piece("retrait", "", "deux", " ")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
)
def test_the_change_can_be_read_everywhere(
    new_page: NewPage, library: Store, width: int, scheme: str
) -> None:
    watch(library, BEFORE, AFTER)
    with library.read() as session:
        assert find_item(session, SLUG) is not None
    page = new_page(width, 900, scheme=scheme)
    page.goto(ITEM)
    expect(page.get_by_role("heading", name="Ce qui a changé", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    lines = "e => getComputedStyle(e).textDecorationLine"
    assert page.locator(".r-diff__texte ins").first.evaluate(lines) == "underline"
    assert page.locator(".r-diff__texte del").first.evaluate(lines) == "line-through"
    if SHOTS:
        page.locator(".r-diff").screenshot(path=str(Path(SHOTS) / f"diff-{width}-{scheme}.png"))
        page.screenshot(path=str(Path(SHOTS) / f"item-{width}-{scheme}.png"))
        page.emulate_media(media="print")
        page.locator(".r-diff").screenshot(path=str(Path(SHOTS) / f"diff-{width}-print.png"))
