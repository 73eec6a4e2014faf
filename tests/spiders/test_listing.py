"""HTML lists and the pages of their items."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import EmptySource, ParseError, SourceError
from hub.model import SourceKind
from hub.sources import DetailOptions, ListingOptions
from spiders.base import Ask, Page, Reading
from spiders.listing import ListingKind, parse_listing
from tests.spiders.hostile import check_reading
from tests.spiders.memory import FakeMemory, make_source
from tests.spiders.pdfs import make_pdf

URL = "https://www.example.org/list"
LISTING = ListingOptions(
    item="li", title="h3", date="time", date_pattern=r"du (\d\d/\d\d/\d{4})", key_pattern=r"-a(\d+)"
)
LINKED = "<li><h3><a href='/t-a12.html'>Un</a></h3></li>"


def read_listing(body: str) -> Reading:
    return parse_listing(body.encode(), "s", URL, LISTING)


def test_a_next_page_of_a_length_that_no_index_holds_is_told() -> None:
    options = LISTING.model_copy(update={"next": "a.next", "max_pages": 2})
    page = f"{LINKED}<a class=next href='/{'x' * 3_000}'>suite</a>".encode()
    reading = parse_listing(page, "s", URL, options)
    assert (len(reading.mentions), reading.follow) == (1, ())
    assert reading.troubles[0].startswith("next page: link of 3024 bytes")


def test_a_list_keeps_what_it_can_and_tells_the_rest() -> None:
    reading = read_listing(
        "<li><h3><a href='/t-a12.html?lang=fr'>Un</a></h3><time>du 13/02/2026 au 1/3</time></li>"
        "<li><h3>Deux</h3><a href='b.html'>lire</a><time>bientôt</time></li>"
        "<li><h3>Trois</h3></li>"
    )
    first, second = reading.mentions
    assert (first.key, first.published_on) == ("12", date(2026, 2, 13))
    assert first.url == "https://www.example.org/t-a12.html"
    assert (second.url, second.published_on) == ("https://www.example.org/b.html", None)
    assert reading.troubles == (
        "item 2: date that cannot be read: 'bientôt'",
        "item 3: no usable link",
    )


def test_a_list_without_items_is_empty_not_silent() -> None:
    with pytest.raises(EmptySource, match="no item found by 'li'"):
        read_listing("<p>Un instant...</p>")
    with pytest.raises(ParseError, match="no title"):
        read_listing("<li></li>")


def test_a_list_is_read_in_the_charset_of_the_server() -> None:
    body = "<li><h3><a href='/a'>Énergie</a></h3></li>".encode("iso-8859-1")
    reading = parse_listing(body, "s", URL, LISTING, "iso-8859-1")
    assert reading.mentions[0].title == "Énergie"


@pytest.mark.parametrize("length", [1_000, 9_000])
def test_a_link_that_no_index_holds_is_told_and_the_others_are_kept(length: int) -> None:
    long = f"https://www.example.org/{'é' * length}"  # two bytes each
    reading = read_listing(f"<li><h3><a href='{long}'>Un</a></h3></li>{LINKED}")
    assert len(reading.mentions) == 1
    assert re.fullmatch(r"item 1: link of \d+ bytes, too long to be kept", reading.troubles[0])


@pytest.mark.parametrize("link", ["HTTPS://WWW.Example.org:443/a/b?z=1&b=2#c", "/a/b?b=2&z=1"])
def test_links_are_kept_in_one_form(link: str) -> None:
    reading = read_listing(f"<li><h3><a href='{link}'>Un</a></h3></li>")
    assert [mention.url for mention in reading.mentions] == ["https://www.example.org/a/b?b=2&z=1"]


def test_a_list_of_which_little_can_be_read_is_told() -> None:
    reading = read_listing(LINKED + "<li>sans titre</li>" * 2)
    assert len(reading.mentions) == 1
    assert reading.troubles[0] == "only 1 of 3 items read: changed layout?"
    assert reading.entries == 3


# --- Empty pages and next pages ----------------------------------------------------------------


def make_kind(
    memory: FakeMemory | None = None, may_be_empty: bool = False, **more: Any
) -> ListingKind:
    options = LISTING.model_copy(update={"date_pattern": None} | more)
    source = make_source(SourceKind.LISTING, URL, options, may_be_empty=may_be_empty)
    return ListingKind(source, memory or FakeMemory())


def page(body: str, ask: Ask | None = None) -> Page:
    return Page(ask.url if ask else URL, body.encode(), about=ask.about if ask else None)


def test_a_day_without_any_item_is_no_failure_where_the_page_says_so() -> None:
    kind = make_kind(nothing="p.aucun")
    assert kind.read(page("<p class=aucun>Aucune consultation</p>")) == Reading(entries=0)
    with pytest.raises(EmptySource):
        kind.read(page("<p>Site en travaux</p>"))
    assert make_kind(may_be_empty=True).read(page("<p>Rien</p>")) == Reading(entries=0)


def test_pages_follow_until_the_most_that_is_wanted() -> None:
    kind = make_kind(next="a.next", max_pages=2)
    shown = page(f"{LINKED}<a class=next href='?debut=11&amp;lang=fr'>suite</a>")
    (ask,) = kind.read(shown).follow
    assert ask.url == f"{URL}?debut=11&lang=fr"
    assert kind.read(replace(shown, about=ask.about)).follow == ()


def test_an_empty_page_that_was_announced_is_incomplete_not_the_end() -> None:
    kind = make_kind(next="a.next", max_pages=3, nothing="p.aucun")
    (ask,) = kind.read(page(f"{LINKED}<a class=next href='/p2'>suite</a>")).follow
    reading = kind.read(page("<p class=aucun>Aucun résultat</p>", ask))
    assert reading == Reading(troubles=("page 2 without any item: incomplete",), entries=0)


# --- Detail pages ------------------------------------------------------------------------------

DETAIL = DetailOptions(text="article", date=".date", attachment="a.pdf", max_attachments=2)
BODY = "Le décret fixe les règles de tri des déchets de chantier."
ARTICLE = f"<article><p>{BODY}</p></article><p class=date>Publié le 3 mars 2026</p>"


def test_a_known_item_is_neither_asked_for_nor_stripped_of_its_text() -> None:
    kind = make_kind(FakeMemory(keys={"12"}), detail=DETAIL)
    listed = page(f"{LINKED}<li><h3><a href='/t-a13.html'>Deux</a></h3></li>")
    reading = kind.read(listed)
    assert reading.mentions == ()
    assert reading.entries == 2
    assert [(ask.url, ask.reader, ask.is_conditional) for ask in reading.follow] == [
        ("https://www.example.org/t-a13.html", "read_detail", False)
    ]


def ask_detail(kind: ListingKind, link: str = "/t-a12.html") -> Ask:
    (ask,) = kind.read(page(f"<li><h3><a href='{link}'>Un</a></h3></li>")).follow
    return ask


def answer(kind: ListingKind, ask: Ask, body: bytes) -> Reading:
    reading = getattr(kind, ask.reader)(Page(ask.url, body, about=ask.about))
    assert isinstance(reading, Reading)
    return reading


def test_a_new_item_comes_with_the_text_of_its_page() -> None:
    kind = make_kind(detail=DETAIL)
    (mention,) = answer(kind, ask_detail(kind), ARTICLE.encode()).mentions
    assert (mention.key, mention.title, mention.text) == ("12", "Un", BODY)
    assert mention.published_on == date(2026, 3, 3)
    assert not mention.is_partial


def test_an_item_whose_page_is_lost_or_empty_is_kept_in_part() -> None:
    kind = make_kind(detail=DETAIL)
    ask = ask_detail(kind)
    empty = answer(kind, ask, b"<article></article>")
    assert "page without text" in empty.troubles[0]
    for reading in (kind.lost(ask), empty):
        (mention,) = reading.mentions
        assert (mention.title, mention.is_partial) == ("Un", True)
    assert kind.lost(Ask(URL)) == Reading()


def test_items_on_another_site_stay_without_their_page_and_it_is_said_once() -> None:
    kind = make_kind(detail=DETAIL)
    items = [f"<li><h3><a href='https://autre.example/{n}'>{n}</a></h3></li>" for n in range(3)]
    reading = kind.read(page(LINKED + "".join(items)))
    assert [mention.is_partial for mention in reading.mentions] == [True] * 3
    assert len(reading.follow) == 1
    assert reading.troubles == ("3 items on another site, kept without their page",)


def test_attachments_are_read_one_after_the_other_under_their_names() -> None:
    kind = make_kind(detail=DETAIL)
    links = "".join(f"<a class=pdf href='/d{n}.pdf'>Avis n° {n}</a>" for n in (1, 2, 3))
    reading = answer(kind, ask_detail(kind), (ARTICLE + links).encode())
    for number in (1, 2):
        assert reading.mentions == ()
        (ask,) = reading.follow
        assert ask.url == f"https://www.example.org/d{number}.pdf"
        reading = answer(kind, ask, make_pdf([f"Contenu {number}."]))
    (mention,) = reading.mentions
    assert mention.text == "\n\n".join([BODY, "Avis n° 1", "Contenu 1.", "Avis n° 2", "Contenu 2."])
    assert not mention.is_partial


def test_an_attachment_that_cannot_be_read_costs_the_item_nothing_else() -> None:
    kind = make_kind(detail=DETAIL)
    linked = ARTICLE + "<a class=pdf href='/d.pdf'>Avis</a>"
    (ask,) = answer(kind, ask_detail(kind), linked.encode()).follow
    broken = answer(kind, ask, b"<html>introuvable</html>")
    assert broken.troubles == ("attachment https://www.example.org/d.pdf: not a PDF",)
    for reading in (broken, kind.lost(ask)):
        (mention,) = reading.mentions
        assert (mention.text, mention.is_partial) == (BODY, True)


def test_an_attachment_on_another_site_is_left_out() -> None:
    kind = make_kind(detail=DETAIL)
    linked = ARTICLE + "<a class=pdf href='https://autre.example/d.pdf'>Avis</a>"
    reading = answer(kind, ask_detail(kind), linked.encode())
    assert reading.follow == ()
    assert "on another site" in reading.troubles[0]


@pytest.mark.parametrize("link", ["/t-a12.pdf", "/telecharger/12"])
def test_an_item_may_be_a_document(link: str) -> None:
    kind = make_kind(detail=DETAIL)
    (mention,) = answer(kind, ask_detail(kind, link), make_pdf(["Recueil des actes."])).mentions
    assert mention.text.endswith("Recueil des actes.")


MARKS = [
    "<li>", "</li>", "<h3>", "</h3>", "<a>", "</a>", "<time>", "</time>", "Un", "<article>",
    "</article>", "<base>", "&", "&x;", "<!--", "<a\thref='/t-a12.html'>",
    "<a\thref='https://['>", "<a\tclass=next\thref='/x'>", "13/02/2026",
]  # fmt: skip
PIECES = st.sampled_from(MARKS)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_random_markup_is_read_or_told(markup: str) -> None:
    kind = make_kind(detail=DETAIL, next="a.next", max_pages=2)
    with suppress(SourceError):
        check_reading(kind.read(page(markup)))
    ask = ask_detail(kind)
    with suppress(SourceError):
        check_reading(answer(kind, ask, markup.encode()))
