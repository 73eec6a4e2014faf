"""The feeds that every contender reads: seeded, French, RSS 2.0 with an Atom one in five."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from hashlib import sha256
from random import Random
from xml.sax.saxutils import escape

from benchmarks.french import Writer

FEEDS = 200
ITEMS = 20
ITEM_LENGTH = 690
"""Characters of an item's own text, for about 1.1 kB with its title, its links and its tags."""
OURS = 0.05
"""The share of the items about the hub's subjects."""
PATH = "/feeds/{:03d}.xml"


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed and the validators that its server gives with it."""

    path: str
    body: bytes
    etag: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class _Item:
    link: str
    title: str
    text: str
    at: datetime


def make_feeds(seed: int, feeds: int = FEEDS, items: int = ITEMS) -> tuple[Feed, ...]:
    writer = Writer(Random(seed))  # noqa: S311 - seeded words, no secret
    return tuple(_make_feed(writer, number, items) for number in range(1, feeds + 1))


def _make_feed(writer: Writer, number: int, count: int) -> Feed:
    site = f"https://site-{number:03d}.example.org/"
    items = [_make_item(writer, site, rank) for rank in range(1, count + 1)]
    render = _atom if number % 5 == 0 else _rss
    body = render(site, f"Actualités du site {number:03d}", items).encode()
    newest = max(item.at for item in items)
    return Feed(
        path=PATH.format(number),
        body=body,
        etag=f'"{sha256(body).hexdigest()[:20]}"',
        last_modified=format_datetime(newest, usegmt=True),
    )


def _make_item(writer: Writer, site: str, rank: int) -> _Item:
    title, first = writer.title(), writer.sentence()
    if writer.random.random() < OURS:
        title, first = writer.our_subject()
    rest = " ".join(writer.sentences(ITEM_LENGTH - len(first)))
    moment = datetime.combine(_near(writer), time(writer.number(0, 23)), UTC)
    return _Item(f"{site}actualites/{rank:02d}", title, f"{first} {rest}", moment)


def _near(writer: Writer) -> date:
    return date(2026, 9, writer.number(1, 30))


def _rss(site: str, title: str, items: list[_Item]) -> str:
    entries = "\n".join(
        f"<item><title>{escape(item.title)}</title><link>{item.link}</link>"
        f"<description>{escape(f'<p>{escape(item.text)}</p>')}</description>"
        f"<pubDate>{format_datetime(item.at)}</pubDate>"
        f'<guid isPermaLink="true">{item.link}</guid></item>'
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>\n'
        f"<title>{title}</title><link>{site}</link><description>{title}</description>\n"
        f"<language>fr</language>\n{entries}\n</channel></rss>\n"
    )


def _atom(site: str, title: str, items: list[_Item]) -> str:
    entries = "\n".join(
        f'<entry><title>{escape(item.title)}</title><link href="{item.link}"/>'
        f"<id>{item.link}</id><updated>{item.at.isoformat()}</updated>"
        f'<content type="html">{escape(f"<p>{escape(item.text)}</p>")}</content></entry>'
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f'<title>{title}</title><link href="{site}"/><id>{site}</id>\n'
        f"<updated>{items[0].at.isoformat()}</updated>\n"
        f"<author><name>Rédaction</name></author>\n{entries}\n</feed>\n"
    )
