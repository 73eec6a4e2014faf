"""Watched pages, and those that editors report."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import EmptySource, ParseError, SourceError
from hub.model import SourceKind
from hub.reported import Report
from hub.sources import PageOptions
from spiders.base import Page
from spiders.page import REPORTED, PageKind, drop_site_name, find_day, parse_reported
from tests.spiders.hostile import check_reading
from tests.spiders.memory import FakeMemory, make_source
from tests.spiders.pdfs import make_pdf

URL = "https://www.example.org/politiques/dechets?utm_source=x#haut"
KEY = "https://www.example.org/politiques/dechets"
RULE = "Les entreprises du bâtiment trient sept flux de déchets sur leurs chantiers."


def html(text: str, title: str = "Déchets du bâtiment | Ministère de la Transition") -> bytes:
    body = f"<nav><a href='/'>Accueil</a></nav><main><h1>Déchets du bâtiment</h1>{text}</main>"
    page = (
        f"<html><head><title>{title}</title></head><body>{body}<footer>Pied</footer></body></html>"
    )
    return page.encode()


PAGE = html(f"<p>Publié le 12 décembre 2025</p><p>{RULE}</p><aside>Partager</aside>")


def make_kind(memory: FakeMemory | None = None, **options: object) -> PageKind:
    source = make_source(SourceKind.PAGE, URL, PageOptions.model_validate(options))
    return PageKind(source, memory or FakeMemory())


def test_a_page_is_one_mention_under_its_own_address() -> None:
    (mention,) = make_kind(nature="fiche").read(Page(URL, PAGE)).mentions
    assert (mention.key, mention.url, mention.nature) == (KEY, KEY, "fiche")
    assert mention.title == "Déchets du bâtiment"
    assert RULE in mention.text
    assert "Accueil" not in mention.text
    assert mention.is_watched
    assert not mention.is_technical


def test_an_editor_may_say_where_title_and_text_are() -> None:
    body = html(f"<h2>Le titre</h2><article><p>{RULE}</p><aside>Partager</aside></article>")
    kind = make_kind(main="article", drop=["aside"], title="h2")
    (mention,) = kind.read(Page(URL, body)).mentions
    assert (mention.title, mention.text) == ("Le titre", RULE)


@pytest.mark.parametrize("body", [html(""), b"", b"<html></html>", html("<p>Trop court</p>")])
def test_a_page_without_content_is_told(body: bytes) -> None:
    with pytest.raises(EmptySource):
        make_kind(main="main p").read(Page(URL, body))


def test_what_our_own_parser_changed_is_technical() -> None:
    def read(before: bytes) -> bool:
        memory = FakeMemory(bodies={URL: before})
        return make_kind(memory).read(Page(URL, PAGE)).mentions[0].is_technical

    assert read(PAGE)
    assert read(PAGE.replace(b"12 d", b"13 d"))  # a date of publication is dress
    assert not read(PAGE.replace(b"sept flux", b"cinq flux"))
    assert not read(b"")
    assert not read(b"%PDF-1.4 damaged")


def test_a_watched_document_is_read_too() -> None:
    (mention,) = make_kind().read(Page(URL, make_pdf([RULE]))).mentions
    assert mention.text == mention.title == RULE
    with pytest.raises(ParseError):
        make_kind().read(Page(URL, b"%PDF-1.4 damaged"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Publié le 12 décembre 2025", date(2025, 12, 12)),
        ("Publié le 12 décembre 2025\n\nMis à jour le 13/02/2026", date(2026, 2, 13)),
        ("Dernière modification : 1er juillet 2024", date(2024, 7, 1)),
        ("Vérifié par la direction. Mise à jour le 3 mars 2026 par nous", date(2026, 3, 3)),
        ("Le décret du 12 décembre 2025", None),
        ("Publié le 31 février 2026", None),
        ("x" * 2_000 + " Publié le 12 décembre 2025", None),
    ],
)
def test_the_day_of_a_page_stands_near_its_top(text: str, day: date | None) -> None:
    assert find_day(text) == day


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Déchets | Ministères Aménagement du territoire", "Déchets"),
        ("Déchets - Ministère de la Transition écologique", "Déchets"),
        ("Aides – Anah | anah.gouv.fr", "Aides"),
        ("Décret n° 2026-76 - Énergie", "Décret n° 2026-76 - Énergie"),
        ("Écoles d'ingénieurs - formation", "Écoles d'ingénieurs - formation"),
        ("Réemploi | Construction | Ministère", "Réemploi | Construction"),
        ("Ministère de la Transition", "Ministère de la Transition"),
        ("|", "|"),
        ("", ""),
    ],
)
def test_the_name_of_the_site_is_no_title(title: str, kept: str) -> None:
    assert drop_site_name(title) == kept


@given(st.text(st.sampled_from("a|-– .fr"), max_size=60))
def test_a_title_is_never_emptied(title: str) -> None:
    assert bool(drop_site_name(title).strip()) == bool(title.strip())


MARKS = ["<p>", "</p>", "<main>", "<h1>", "Le mot ", "&x;", "<!--", "<title>", "é", "<"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(MARKS), max_size=40).map("".join))
def test_random_markup_is_read_or_told(markup: str) -> None:
    for body in (markup.encode(), html(markup)):
        with suppress(SourceError):
            check_reading(make_kind(title="h1").read(Page(URL, body)))


# --- Reported pages ----------------------------------------------------------------------------

REPORT = Report(URL, "Mon titre", "À lire avant lundi", 3)


def test_a_reported_page_is_read_under_what_the_editor_said() -> None:
    (mention,) = parse_reported("s", Page(KEY, PAGE), REPORT).mentions
    assert (mention.key, mention.title, mention.summary) == (KEY, "Mon titre", "À lire avant lundi")
    assert RULE in mention.text
    assert (mention.rubrique, mention.is_partial, mention.is_watched) == (REPORTED, False, False)
    (untitled,) = parse_reported("s", Page(KEY, PAGE), Report(URL)).mentions
    assert untitled.title == "Déchets du bâtiment"


def test_a_reported_page_that_cannot_be_read_is_what_the_editor_typed() -> None:
    unread = parse_reported("s", Page(KEY, b"<html></html>"), REPORT)
    assert unread.troubles
    for reading in (unread, parse_reported("s", None, REPORT)):
        (mention,) = reading.mentions
        assert (mention.key, mention.title, mention.is_partial) == (KEY, "Mon titre", True)
    (bare,) = parse_reported("s", None, Report(URL)).mentions
    assert bare.title == KEY


def test_a_reported_document_is_read() -> None:
    (mention,) = parse_reported("s", Page(KEY, make_pdf([RULE])), Report(URL)).mentions
    assert mention.text == RULE
