"""Sitemaps: which pages are new or moved."""

from __future__ import annotations

import gzip
import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import EmptySource, ParseError, SourceError
from hub.model import SourceKind
from hub.sources import SitemapOptions
from spiders.base import PAGE_SIZE, Page, Reading
from spiders.sitemap import MAX_ADDRESSES, MAX_SITEMAPS, SitemapKind, parse_sitemap
from tests.spiders.hostile import check_reading
from tests.spiders.memory import NOW, FakeMemory, make_source

SITE = "https://www.example.org"
URL = f"{SITE}/sitemap.xml"
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def urlset(*places: tuple[str, str]) -> bytes:
    rows = (
        f"<url><loc>{url}</loc>{f'<lastmod>{moved}</lastmod>' if moved else ''}</url>"
        for url, moved in places
    )
    return f"<?xml version='1.0'?><urlset xmlns='{SPACE}'>{''.join(rows)}</urlset>".encode()


def index(*urls: str) -> bytes:
    rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"<sitemapindex xmlns='{SPACE}'>{rows}</sitemapindex>".encode()


def make_kind(memory: FakeMemory | None = None, **options: Any) -> SitemapKind:
    chosen = SitemapOptions.model_validate({"include": "(/aides/)"} | options)
    return SitemapKind(make_source(SourceKind.SITEMAP, URL, chosen), memory or FakeMemory())


def asked(reading: Reading) -> list[str]:
    return [ask.url.removeprefix(SITE) for ask in reading.follow]


AIDES = urlset(
    (f"{SITE}/aides/vieille", "2024-01-01"),
    (f"{SITE}/aides/sans-date", ""),
    (f"{SITE}/aides/neuve", "2026-09-06T23:30:00Z"),
    (f"{SITE}/contact", "2026-09-07"),
    (f"{SITE}/aides/neuve", "2026-09-06"),
    ("javascript:alert(1)", "2026-09-06"),
)


def test_wanted_pages_are_asked_for_newest_first() -> None:
    reading = make_kind().read(Page(URL, AIDES))
    assert asked(reading) == ["/aides/neuve", "/aides/vieille", "/aides/sans-date"]
    assert {ask.reader for ask in reading.follow} == {"read_page"}
    assert (reading.mentions, reading.entries) == ((), 3)


def test_a_page_that_was_read_is_read_again_only_when_it_moved() -> None:
    names = ("neuve", "vieille", "sans-date")
    memory = FakeMemory(bodies={f"{SITE}/aides/{name}": b"x" for name in names})
    assert asked(make_kind(memory).read(Page(URL, AIDES))) == ["/aides/neuve"]


@pytest.mark.parametrize(("day", "is_due"), [(5, True), (6, True), (7, True), (8, False)])
def test_a_page_is_due_when_it_moved_since_the_day_of_its_last_read(day: int, is_due: bool) -> None:
    url = f"{SITE}/aides/neuve"
    read_at = {url: datetime(2026, 9, day, 12, tzinfo=UTC)}
    memory = FakeMemory(NOW + timedelta(days=40), bodies={url: b"x"}, read_at=read_at)
    body = urlset((url, "2026-09-07"), (f"{SITE}/aides/autre", ""))
    assert asked(make_kind(memory).read(Page(URL, body))) == ["/aides/autre"] + (
        ["/aides/neuve"] * is_due
    )


def test_when_too_many_pages_move_each_has_its_turn() -> None:
    """Every page moves every day, and most do not change: each is read every second day."""
    memory = FakeMemory()
    runs = []
    for day in range(4):
        memory.now = NOW + timedelta(days=day)
        moved = memory.now.date().isoformat()
        body = urlset(*((f"{SITE}/aides/{n:02}", moved) for n in range(30)))
        (first,) = make_kind(memory, max_pages=15).first_asks()
        assert not first.is_conditional
        reading = make_kind(memory, max_pages=15).read(Page(URL, body))
        assert (reading.troubles, reading.is_settled) == (("15 pages left for the next run",), True)
        assert not any(ask.is_conditional for ask in reading.follow)
        memory.bodies |= {URL: body} | {ask.url: b"x" for ask in reading.follow}
        memory.read_at |= {ask.url: memory.now for ask in reading.follow}
        runs.append(asked(reading))
    assert runs[0] == [f"/aides/{n:02}" for n in range(15)]
    assert runs[1] == [f"/aides/{n:02}" for n in range(15, 30)]
    assert runs[2:] == runs[:2]


def test_never_read_come_first_then_those_read_longest_ago() -> None:
    names = ("lundi", "mardi", "aussi-mardi", "jamais", "jamais-neuve")
    urls = {name: f"{SITE}/aides/{name}" for name in names}
    days = {"lundi": 1, "mardi": 2, "aussi-mardi": 2}
    read_at = {urls[name]: datetime(2026, 9, day, tzinfo=UTC) for name, day in days.items()}
    memory = FakeMemory(bodies=dict.fromkeys(read_at, b"x"), read_at=read_at)
    moved = ("2026-09-05", "2026-09-05", "2026-09-06", "2025-01-01", "2026-09-04")
    body = urlset(*zip(urls.values(), moved, strict=True))
    assert asked(make_kind(memory).read(Page(URL, body))) == [
        f"/aides/{name}" for name in ("jamais-neuve", "jamais", "lundi", "aussi-mardi", "mardi")
    ]


def test_what_has_not_moved_since_a_day_is_left_out() -> None:
    assert asked(make_kind(since=date(2026, 1, 1)).read(Page(URL, AIDES))) == ["/aides/neuve"]


def test_a_run_reads_no_more_pages_than_it_may_over_all_sitemaps() -> None:
    kind = make_kind(max_pages=2)
    assert asked(kind.read(Page(URL, AIDES))) == ["/aides/neuve", "/aides/vieille"]
    assert asked(kind.read(Page(URL, AIDES, about=1))) == []


def test_a_sitemap_is_asked_whole_while_pages_are_left_to_read() -> None:
    names = ("neuve", "vieille", "sans-date")
    known = {f"{SITE}/aides/{name}": b"x" for name in names}
    after = {url: NOW + timedelta(days=1) for url in known}
    for bodies, read_at, is_conditional in (
        ({}, {}, False),
        ({URL: AIDES}, {}, False),
        (known | {URL: AIDES}, {}, False),
        (known | {URL: AIDES}, after, True),
        (known | {URL: index(URL)}, after, False),
    ):
        (ask,) = make_kind(FakeMemory(bodies=bodies, read_at=read_at)).first_asks()
        assert ask.is_conditional is is_conditional


def test_the_address_of_another_site_is_never_asked_for() -> None:
    body = urlset(("https://autre.example/aides/1", ""), (f"{SITE}/aides/1", ""))
    assert asked(make_kind().read(Page(URL, body))) == ["/aides/1"]


def test_an_index_leads_to_the_sitemaps_of_its_own_site() -> None:
    kind = make_kind()
    body = index(f"{SITE}/a.xml", "https://autre.example/b.xml", "https://example.org/c.xml.gz")
    reading = kind.read(Page(URL, body))
    assert [ask.url for ask in reading.follow] == [
        f"{SITE}/a.xml",
        "https://example.org/c.xml.gz",
    ]
    (first, _) = reading.follow
    assert asked(kind.read(Page(first.url, AIDES, about=first.about)))[0] == "/aides/neuve"
    with pytest.raises(ParseError, match="inside an index"):
        kind.read(Page(first.url, body, about=first.about))
    with pytest.raises(EmptySource):
        kind.read(Page(URL, index("https://autre.example/b.xml")))


def test_an_endless_index_is_cut_and_told() -> None:
    reading = make_kind().read(Page(URL, index(*(f"{SITE}/{n}.xml" for n in range(30)))))
    assert len(reading.follow) == MAX_SITEMAPS
    assert reading.troubles == ("10 sitemaps left out",)


def test_a_sitemap_may_be_gzipped() -> None:
    assert parse_sitemap(gzip.compress(AIDES), URL) == parse_sitemap(AIDES, URL)
    for body, words in (
        (gzip.compress(b"x" * (PAGE_SIZE + 1)), "too large"),
        (b"\x1f\x8bxx", "damaged gzip"),
    ):
        with pytest.raises(ParseError, match=words):
            parse_sitemap(body, URL)


def test_a_cut_sitemap_gives_what_came_before() -> None:
    _, places = parse_sitemap(AIDES[:-60], URL)
    assert [place.url for place in places][:2] == [
        f"{SITE}/aides/vieille",
        f"{SITE}/aides/sans-date",
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html><body>Un instant</body></html>", ParseError),
        (b"", ParseError),
        (b"\x00", ParseError),
        (b"<rss/>", ParseError),
        (urlset(), EmptySource),
        (urlset((f"{SITE}/contact", "")), EmptySource),
    ],
)
def test_what_is_no_sitemap_or_holds_nothing_is_told(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        make_kind().read(Page(URL, body))


def test_entities_are_not_expanded() -> None:
    bomb = b"<!DOCTYPE u [<!ENTITY a 'xxxxxxxxxx'><!ENTITY b '" + b"&a;" * 1000 + b"'>]>"
    with suppress(SourceError):
        _, places = parse_sitemap(bomb + b"<urlset><url><loc>&b;</loc></url></urlset>", URL)
        assert all(len(place.url) < 2_000 for place in places)


def test_fifty_thousand_addresses_cost_little() -> None:
    many = urlset(*((f"{SITE}/aides/{n}", "2026-09-01") for n in range(MAX_ADDRESSES + 10)))
    started = time.process_time()
    reading = make_kind().read(Page(URL, many))
    assert time.process_time() - started < 10
    assert (len(reading.follow), reading.entries) == (20, MAX_ADDRESSES)


def test_a_page_of_a_sitemap_is_watched() -> None:
    kind = make_kind(nature="aide", main="main")
    text = "Une aide pour les entreprises qui réemploient leurs matériaux."
    body = f"<main><h1>Aide</h1><p>{text}</p></main>".encode()
    (mention,) = kind.read_page(Page(f"{SITE}/aides/1", body)).mentions
    assert (mention.key, mention.nature, mention.is_watched) == (f"{SITE}/aides/1", "aide", True)
    assert text in mention.text


MARKS = [
    "<url>", "</url>", "<loc>", "</loc>", f"{SITE}/aides/1", "<lastmod>", "</lastmod>", "é",
    "2026-09-07", "<sitemap>", "</sitemap>", "&amp;", "&x;", "<!--", "-->", "<![CDATA[", "]]>", "<",
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(MARKS), max_size=30).map("".join), st.booleans())
def test_random_markup_is_read_or_told(markup: str, is_index: bool) -> None:
    root = "sitemapindex" if is_index else "urlset"
    with suppress(SourceError):
        check_reading(make_kind().read(Page(URL, f"<{root}>{markup}</{root}>".encode())))
