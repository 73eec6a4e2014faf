"""Feeds: what is kept, what is told, and that the quick reading agrees with the lenient one."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import EmptySource, ParseError, SourceError
from hub.model import Mention, SourceKind
from hub.sources import FeedOptions
from spiders.base import Page, Reading
from spiders.feed import (
    FEED_SIZE,
    MAX_ENTRIES,
    MAX_TAGS,
    FeedKind,
    parse_feed,
    read_leniently,
    to_mention,
)
from spiders.reading import SUMMARY_LIMIT, FeedEntry
from spiders.strictfeed import read_strictly
from tests.spiders.hostile import ANY, check_reading, holed
from tests.spiders.memory import FakeMemory, make_source
from tests.spiders.pages import PAGES

URL = "https://www.example.org/list"
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


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
    assert len(in_feed.mentions) == 1
    (told,) = in_feed.troubles
    assert re.fullmatch(r"item 1: link of \d+ bytes, too long to be kept", told)


@pytest.mark.parametrize("link", ["HTTPS://WWW.Example.org:443/a/b?z=1&b=2#c", "/a/b?b=2&z=1"])
def test_links_are_kept_in_one_form(link: str) -> None:
    in_feed = read_feed(rss(entry("", link.replace("&", "&amp;"))))
    assert [mention.url for mention in in_feed.mentions] == ["https://www.example.org/a/b?b=2&z=1"]


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


HEAD = b"<rss version='2.0'><channel>"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (HEAD + b"<item/>" * (MAX_TAGS + 1), "tags"),
        (HEAD + b"<item " + b"a='1' " * 5_000 + b"/>", "tag of more than 20 kB"),
        (HEAD + b" " * FEED_SIZE, "3 MiB"),
        (b"<!DOCTYPE r [<!ENTITY a '" + b"x" * 1_100 + b"'>]>" + HEAD + b"&a;" * 1_000, "entities"),
    ],
)
def test_what_takes_too_much_to_read_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        read_feed(body)


def test_only_the_first_entries_of_an_endless_feed_are_read() -> None:
    many = [entry("", f"https://www.example.org/{n}") for n in range(MAX_ENTRIES + 1)]
    reading = read_feed(rss(*many))
    assert len(reading.mentions) == MAX_ENTRIES
    assert reading.troubles == ("feed of 2001 items, the first 2000 read",)


def test_a_long_summary_that_is_cut_is_whole_in_the_text() -> None:
    (mention,) = read_feed(rss(entry(f"<description>{'mot ' * 2_000}fin</description>"))).mentions
    assert len(mention.summary) == SUMMARY_LIMIT
    assert mention.text.endswith(" mot fin")


def test_content_is_the_text_unless_it_says_what_the_summary_says() -> None:
    space = "xmlns:c='http://purl.org/rss/1.0/modules/content/'"
    content = f"<c:encoded {space}>&lt;p&gt;Tout&lt;/p&gt;&lt;p&gt;le texte</c:encoded>"
    (whole,) = read_feed(rss(entry(f"<description>Tout</description>{content}"))).mentions
    assert (whole.summary, whole.text) == ("Tout", "Tout\n\nle texte")
    (alone,) = read_feed(rss(entry(content))).mentions
    assert (alone.summary, alone.text) == ("Tout\n\nle texte", "")


def test_only_the_entries_that_are_wanted_are_kept_and_all_are_counted() -> None:
    body = rss(entry("<description>Énergie</description>"), entry("", "https://www.example.org/b"))
    reading = parse_feed(body, "s", URL, FeedOptions(keep="(energie|dechets?)"))
    assert [mention.summary for mention in reading.mentions] == ["Énergie"]
    assert reading.entries == 2


def test_the_charset_of_the_server_counts_when_the_feed_says_none() -> None:
    latin = rss(entry("<description>Énergie</description>")).decode().encode("iso-8859-15")
    (mention,) = parse_feed(latin, "s", URL, charset="iso-8859-15").mentions
    assert mention.summary == "Énergie"
    declared = b"<?xml version='1.0' encoding='iso-8859-15'?>" + latin
    (mention,) = parse_feed(declared, "s", URL, charset="utf-8").mentions
    assert mention.summary == "Énergie"


def test_a_feed_that_may_be_empty_says_that_it_is() -> None:
    source = make_source(SourceKind.FEED, URL, FeedOptions(), may_be_empty=True)
    kind = FeedKind(source, FakeMemory())
    assert kind.read(Page(URL, rss())) == Reading(entries=0)
    with pytest.raises(ParseError):
        kind.read(Page(URL, b"<html></html>"))
    (ask,) = kind.first_asks()
    assert (ask.url, ask.max_size) == (URL, FEED_SIZE)


def test_the_celex_of_a_european_feed_is_an_identifier() -> None:
    link = "https://eur-lex.europa.eu/legal-content/AUTO/?uri=CELEX:32026L0470"
    (mention,) = read_feed(rss(entry("", link))).mentions
    assert [str(identifier) for identifier in mention.identifiers] == ["celex:32026L0470"]


# --- JSON Feed ---------------------------------------------------------------------------------

ITEM = {
    "id": "1",
    "url": "https://www.example.org/a?utm_source=json",
    "title": "Un titre < deux",
    "content_html": "<p>Le <b>texte</b></p>",
    "summary": "Le résumé",
    "date_published": "2026-09-07T23:30:00Z",
    "tags": ["Énergie", "énergie", 3],
}


def json_feed(*items: Any, version: str = "https://jsonfeed.org/version/1.1") -> bytes:
    return json.dumps({"version": version, "title": "x", "items": list(items)}).encode()


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_a_json_feed_is_a_feed(version: str) -> None:
    body = json_feed(ITEM, version=f"https://jsonfeed.org/version/{version}")
    (mention,) = read_feed(body).mentions
    assert mention == Mention(
        source_id="s",
        key="https://www.example.org/a",
        url="https://www.example.org/a",
        title="Un titre < deux",
        summary="Le résumé",
        text="Le texte",
        published_on=date(2026, 9, 8),
        rubrique="Énergie, énergie",
    )


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"url": "", "external_url": "https://www.example.org/x"}, "https://www.example.org/x"),
        ({"url": None, "id": "https://www.example.org/y"}, "https://www.example.org/y"),
        ({"url": "/z"}, "https://www.example.org/z"),
    ],
)
def test_an_item_of_a_json_feed_has_its_link_where_it_is(fields: Any, link: str) -> None:
    assert read_feed(json_feed(ITEM | fields)).mentions[0].url == link


def test_plain_content_of_a_json_feed_is_no_markup() -> None:
    item = ITEM | {"content_html": None, "content_text": "1 < 2 &amp; 3", "summary": None}
    (mention,) = read_feed(json_feed(item)).mentions
    assert mention.summary == "1 < 2 &amp; 3"


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"a": 1}', b"[" * 100_000, b"{\xff}"])
def test_other_json_is_no_feed(body: bytes) -> None:
    with pytest.raises(ParseError, match="not a feed"):
        read_feed(body)


@given(st.lists(holed(ITEM) | ANY, max_size=3))
def test_a_json_feed_with_holes_is_read_or_told(items: list[Any]) -> None:
    with suppress(SourceError):
        check_reading(read_feed(json_feed(*items)))


# --- The quick reading -------------------------------------------------------------------------


def mentions_of(entries: Sequence[FeedEntry]) -> list[Any]:
    return [to_mention(found, "s", URL) for found in entries]


def agrees(body: bytes) -> bool:
    """Whether the quick reading accepts a feed; it must then find what the lenient one finds."""
    quick = read_strictly(body)
    if quick is None:
        return False
    assert mentions_of(quick) == mentions_of(read_leniently(body))
    return True


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry>
<title type="html">L&#39;&lt;b&gt;énergie&lt;/b&gt;</title><id>tag:1</id>
<link href="https://www.example.org/a?b=1&amp;c=2"/><link rel="self" href="https://x.example/"/>
<published>2026-09-07T23:30:00.5Z</published><updated>2026-09-09</updated>
<author><name>Moi</name></author><category term="Eau" label="l'eau"/>
<content type="html">&lt;p&gt;Le texte</content></entry></feed>""".encode()
DATED = "<pubDate>Mon, 07 Sep 2026 23:30:00 +0200</pubDate>"
FULL = (
    f"{DATED}<guid isPermaLink='false'>1</guid><category domain='d'>Eau</category>"
    "<description>&lt;p&gt;Un &amp;amp; deux</description><author>a@b.fr</author>"
)
WITHOUT_LINK = "<item><title>T</title><guid>https://www.example.org/g</guid></item>"


@pytest.mark.parametrize(
    "body",
    [
        ATOM,
        rss(entry(FULL), entry(DATED, "https://www.example.org/b?x=1&amp;y=2")),
        rss(WITHOUT_LINK),
        rss(entry("<description>DÃ©chets</description>")),
        rss(entry("<description><![CDATA[<p>a</p>]]> b <!-- c --> d</description>")),
        rss(entry("<pubDate>Mon, 7 Sep 2026 08:00:00 GMT</pubDate>")),
        rss(),
    ],
    ids=["atom", "rss", "guid", "mojibake", "cdata", "gmt", "empty"],
)
def test_plain_feeds_are_read_quickly(body: bytes) -> None:
    assert agrees(body)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + rss(entry(DATED)),
        rss(entry("<description>a&nbsp;b</description>")),
        rss(entry("<description>a <b>b</b></description>")),
        rss(entry("<title>Deux</title>")),
        rss(entry("<pubDate>lun., 16 nov. 2026</pubDate>")),
        rss(entry("<pubDate>Mon, 31 Feb 2026 08:00:00 GMT</pubDate>")),
        rss(entry("", "/relatif")),
        rss(entry("<source url='https://x.example/'>x</source>")),
        rss(entry("<description>&#150;</description>")),
        rss(entry(DATED)).replace(b"<channel>", b"<channel xml:base='https://x.example/'>"),
        rss(entry(DATED)).replace(b"2.0", b"0.92"),
        rss(entry(DATED)).decode().encode("utf-16"),
        b"<?xml version='1.0' encoding='iso-8859-1'?>" + rss(entry(DATED)),
        ATOM.replace(b'type="html">&lt;', b'type="xhtml">&lt;'),
        ATOM.replace(b"</entry>", b"<source><title>x</title></source></entry>"),
        rss(entry(DATED))[:-20],
    ],
)
def test_anything_else_is_left_to_the_lenient_reading(body: bytes) -> None:
    assert read_strictly(body) is None


def test_both_readings_agree_on_the_recorded_feeds() -> None:
    for path in PAGES.rglob("normal*.xml"):
        agrees(path.read_bytes())


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
@pytest.mark.parametrize("name", ["feedparser", "feedvalidator"])
def test_both_readings_agree_on_hostile_feeds(name: str) -> None:
    files = sorted(path for path in (CORPUS / "hostile" / name).rglob("*") if path.is_file())
    assert sum(agrees(path.read_bytes()) for path in files) > 20


PIECES = st.sampled_from(
    [
        *("<title>", "</title>", "<link>", "</link>", "<description>", "</description>"),
        *("<item>", "</item>", "<guid>", "</guid>", "<pubDate>", "</pubDate>", "<![CDATA[", "]]>"),
        *("https://www.example.org/a", "<p>", "</p>", "&lt;p&gt;", "&amp;", "&nbsp;", "&x;", "é"),
        *("Mon, 07 Sep 2026 08:00:00 GMT", "a", " ", "<!--", "-->", "<category>", "</category>"),
        *(
            "<link href='https://www.example.org/b'/>",
            "<entry>",
            "</entry>",
            "Ã©",
            "\x85",
            "&#150;",
        ),
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_random_markup_is_read_or_told(markup: str) -> None:
    for body in (rss(markup), rss(f"<item>{markup}</item>"), ATOM.replace(b"Moi", markup.encode())):
        with suppress(SourceError):
            check_reading(read_feed(body))


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("<>&é"), max_size=20
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["title", "description", "category", "author", "comments", "guid"]),
            TEXTS,
        ),
        max_size=5,
    )
)
def test_both_readings_agree_on_well_formed_feeds(fields: list[tuple[str, str]]) -> None:
    agrees(rss(entry("".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields))))
