"""What pages that are not as they should be give: mentions, or a clear reason."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from hub.errors import EmptySource, ParseError
from hub.sources import JsonApiOptions, ListingOptions
from spiders.feed import parse_feed
from spiders.json_api import page_url, parse_records
from spiders.listing import parse_listing
from spiders.reading import Reading, markup_to_text, plain, say_all

URL = "https://www.example.org/list"


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode()


def entry(body: str, link: str = "https://www.example.org/a?utm_source=rss#top") -> str:
    return f"<item><title>Titre</title><link>{link}</link>{body}</item>"


def read_feed(body: bytes) -> Reading:
    return parse_feed(body, "s", URL)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("<pubDate>Mon, 07 Sep 2026 00:00:00 +0200</pubDate>", date(2026, 9, 7)),
        ("<pubDate>Mon, 07 Sep 2026 23:30:00 GMT</pubDate>", date(2026, 9, 8)),
        ("<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2026-08-20T14:53:56Z</dc:date>",
         date(2026, 8, 20)),
        ("<pubDate>lun., 16 nov. 2026</pubDate>", date(2026, 11, 16)),
        ("<pubDate>1er juillet 2024</pubDate>", date(2024, 7, 1)),
        ("", None),
    ],
)  # fmt: skip
def test_the_day_of_an_item_is_the_day_in_paris(written: str, day: date | None) -> None:
    reading = read_feed(rss(entry(written)))
    assert reading.mentions[0].published_on == day
    assert reading.troubles == ()


@pytest.mark.parametrize(
    "written", ["32 brumaire", "Mon, 01 Jan 0001 00:00:00 +0000", "2999-01-01"]
)
def test_an_item_with_a_false_date_is_kept_without_it(written: str) -> None:
    reading = read_feed(rss(entry(f"<pubDate>{written}</pubDate>")))
    assert reading.mentions[0].published_on is None
    assert "date that cannot be read" in reading.troubles[0]


def test_the_cleaned_link_is_the_key_and_repeats_are_one() -> None:
    guids = [f"<guid isPermaLink='false'>{number}</guid>" for number in range(2)]
    reading = read_feed(rss(*map(entry, guids)))
    assert [mention.key for mention in reading.mentions] == ["https://www.example.org/a"]


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "https://[", "mailto:a@b.fr"])
def test_an_item_without_a_usable_link_is_told(link: str) -> None:
    reading = read_feed(rss(entry(""), entry("", link)))
    assert len(reading.mentions) == 1
    assert reading.troubles == ("item 2: no usable link",)


@pytest.mark.parametrize("length", [1_000, 9_000])
def test_a_link_that_no_index_holds_is_told_and_the_others_are_kept(length: int) -> None:
    long = f"https://www.example.org/{'é' * length}"  # two bytes each
    in_feed = read_feed(rss(entry("", long), entry("")))
    in_list = read_listing(f"<li><h3><a href='{long}'>Un</a></h3></li>{LINKED}")
    assert len(in_feed.mentions) == len(in_list.mentions) == 1
    for (told,) in (in_feed.troubles, in_list.troubles):
        assert re.fullmatch(r"item 1: link of \d+ bytes, too long to be kept", told)
    (notice_kept,) = read_api(notice(url_avis=f"https://www.boamp.fr/{'x' * 2 * length}")).mentions
    assert notice_kept.url == "https://www.boamp.fr/pages/avis/?q=idweb:26-81222"


def test_a_next_page_of_a_length_that_no_index_holds_is_told() -> None:
    options = LISTING.model_copy(update={"next": "a.next", "max_pages": 2})
    page = f"{LINKED}<a class=next href='/{'x' * 3_000}'>suite</a>".encode()
    reading = parse_listing(page, "s", URL, options)
    assert (len(reading.mentions), reading.follow) == (1, ())
    assert reading.troubles[0].startswith("next page: link of 3024 bytes")


@pytest.mark.parametrize("link", ["HTTPS://WWW.Example.org:443/a/b?z=1&b=2#c", "/a/b?b=2&z=1"])
def test_links_are_kept_in_one_form(link: str) -> None:
    in_feed = read_feed(rss(entry("", link.replace("&", "&amp;"))))
    in_list = read_listing(f"<li><h3><a href='{link}'>Un</a></h3></li>")
    for reading in (in_feed, in_list):
        assert [mention.url for mention in reading.mentions] == [
            "https://www.example.org/a/b?b=2&z=1"
        ]


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b"<!DOCTYPE html><html></html>", ParseError, "HTML page"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', ParseError, "not a feed"),
        (b"\x00\xff\x00", ParseError, "not a feed"),
        (b"/etc/passwd", ParseError, "not a feed"),
        (rss(), EmptySource, "without any item"),
        (rss(entry("", "")), ParseError, "no usable link"),
        (b"<rss version='2.0'><channel>", EmptySource, "cut before its end"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read_feed(body)


def test_a_cut_feed_gives_what_came_before() -> None:
    whole = rss(entry(""), entry("", "https://www.example.org/b"))
    reading = read_feed(whole[:-40])
    assert reading.mentions
    assert reading.troubles[0] == "feed cut before its end"


def test_entities_of_html_need_no_declaration_and_others_are_told() -> None:
    assert read_feed(rss(entry("<description>a&nbsp;b &amp; c & d</description>"))).troubles == ()
    told = read_feed(rss(entry("<description>&inconnue;</description>"))).troubles
    assert told == ("undeclared entity &inconnue; left as it is",)


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "' + b"&a;" * 1000 + b'">]>'
    reading = read_feed(bomb + rss(entry("<description>" + "&b;" * 1000 + "</description>")))
    assert len(reading.mentions[0].summary) <= 5_000


LISTING = ListingOptions(
    item="li", title="h3", date="time", date_pattern=r"du (\d\d/\d\d/\d{4})", key_pattern=r"-a(\d+)"
)
LINKED = "<li><h3><a href='/t-a12.html'>Un</a></h3></li>"


def read_listing(body: str) -> Reading:
    return parse_listing(body.encode(), "s", URL, LISTING)


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


API = JsonApiOptions(dialect="boamp", order_by="dateparution desc", limit=2, max_records=3)
FIRST = page_url("https://api.example.org/records", API, 0)


def read_api(*records: Any, url: str = FIRST) -> Reading:
    return parse_records(json.dumps({"results": list(records)}).encode(), "s", url, API)


def notice(**fields: Any) -> dict[str, Any]:
    return {"idweb": "26-81222", "objet": "Nettoyage", "dateparution": "2026-08-19"} | fields


def test_pages_follow_inside_their_window() -> None:
    second = read_api(notice(), notice(idweb="26-1")).follow
    assert [url.partition("?")[2] for url in second] == [
        "order_by=dateparution+desc&limit=1&offset=2"
    ]
    assert read_api(notice()).follow == ()
    assert read_api(notice(), notice(), url=second[0]).follow == ()
    assert read_api(url=second[0]) == Reading()


@pytest.mark.parametrize(
    "written", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00", "demain", None, 12, ["x"]]
)
def test_an_absurd_deadline_is_left_out(written: object) -> None:
    (mention,) = read_api(notice(datelimitereponse=written)).mentions
    assert "deadline" not in mention.extra
    assert mention.published_on == date(2026, 8, 19)


def test_a_notice_with_a_false_date_is_kept_and_told() -> None:
    reading = read_api(notice(dateparution="2026-02-31"), notice(idweb=None), notice(objet=" "))
    assert [mention.published_on for mention in reading.mentions] == [None]
    assert [trouble[:9] for trouble in reading.troubles] == ["record 1:", "record 2:", "record 3:"]


def test_what_no_database_holds_is_taken_out() -> None:
    (mention,) = read_api(notice(objet="Net\x00toyage\ud800", nomacheteur="A\u0007")).mentions
    assert (mention.title, mention.extra["buyer"]) == ("Nettoyage", "A")


@pytest.mark.parametrize(
    "address",
    ["https://evil.example.com/", "https://a:b@www.boamp.fr/", "javascript://www.boamp.fr/%0Ax()"],
)
def test_a_notice_links_to_boamp_alone(address: str) -> None:
    (mention,) = read_api(notice(url_avis=address)).mentions
    assert mention.url == "https://www.boamp.fr/pages/avis/?q=idweb:26-81222"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>", ParseError),
        (b"[" * 100_000, ParseError),
        (b'{"records": []}', ParseError),
        (b'{"results": []}', EmptySource),
    ],
)
def test_what_is_no_answer_of_the_api_is_told(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_records(body, "s", FIRST, API)


def test_markup_becomes_paragraphs() -> None:
    assert markup_to_text("<p>Un <b>mot</b>.</p><ul><li>a</li><li>b") == "Un mot.\n\na\n\nb"
    assert markup_to_text("<script>x()</script>1 &lt; 2") == "1 < 2"
    assert markup_to_text("https://www.example.org/") == "https://www.example.org/"
    assert plain(None) == plain(12) == ""


def test_many_troubles_stay_one_sentence() -> None:
    assert say_all(["a", "b"]) == "a; b"
    assert say_all(["x"] * 9).endswith("; and 4 more")
