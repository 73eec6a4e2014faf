"""RSS as three kinds of sites write it, faults included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from xml.sax.saxutils import escape

from hub.demo.facts import Feed, FeedItem
from hub.text import PARIS


def render_feed(feed: Feed) -> bytes:
    """The bytes of a feed in the style of its site."""
    styles = {"service-public": _service_public, "drupal": _drupal, "plain": _plain}
    return styles[feed.style](feed)


def _moment(day: date) -> datetime:
    """Nine in the morning in Paris: the hour is not known, and nobody shows it."""
    return datetime.combine(day, time(9), PARIS)


def _service_public(feed: Feed) -> bytes:
    """`dc:date` only, a tracking parameter in the links, a `guid` that changes with the page."""
    items = "\n".join(_service_public_item(item) for item in feed.items)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{escape(feed.title)}</title>
<link>{escape(feed.site)}</link>
<description>{escape(feed.title)}</description>
<language>fr</language>
<ttl>60</ttl>
{items}
</channel>
</rss>
""".encode()


def _service_public_item(item: FeedItem) -> str:
    day = item.date.isoformat() if item.date else ""
    stamp = (
        f"<dc:date>{_moment(item.date).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</dc:date>"
        if (item.date)
        else ""
    )
    return f"""<item>
<title>{escape(item.title)}</title>
<link>{escape(item.link)}?xtor=RSS-111</link>
<description>{escape(item.text)}</description>
<guid isPermaLink="false">{escape(item.link)}#{day}</guid>
{stamp}
</item>"""


def _drupal(feed: Feed) -> bytes:
    """A mark before the declaration, HTML entities that XML does not know, a stray ampersand."""
    items = "\n".join(_drupal_item(rank, item) for rank, item in enumerate(feed.items, start=1))
    return f"""\ufeff<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xml:base="{escape(feed.site)}" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{escape(feed.title)} & communiqués</title>
<link>{escape(feed.site)}</link>
<description/>
<language>fr</language>
{items}
</channel>
</rss>
""".encode()


def _drupal_item(rank: int, item: FeedItem) -> str:
    html = escape(f"<p>{escape(item.text)}</p>") if item.text else ""
    stamp = f"<pubDate>{format_datetime(_moment(item.date))}</pubDate>" if item.date else ""
    title = escape(item.title).replace(" :", "&nbsp;:")
    return f"""<item>
<title>{title}</title>
<link>{escape(item.link)}</link>
<description>{html}</description>
{stamp}
<dc:creator>webmestre</dc:creator>
<guid isPermaLink="false">{rank} at {escape(item.link)}</guid>
</item>"""


def _plain(feed: Feed) -> bytes:
    items = "\n".join(_plain_item(item) for item in feed.items)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel>
<title>{escape(feed.title)}</title>
<link>{escape(feed.site)}</link>
<description>{escape(feed.title)}</description>
{items}
</channel></rss>
""".encode()


def _plain_item(item: FeedItem) -> str:
    stamp = f"<pubDate>{format_datetime(_moment(item.date))}</pubDate>" if item.date else ""
    return f"""<item>
<title>{escape(item.title)}</title>
<link>{escape(item.link)}</link>
<description>{escape(item.text)}</description>
{stamp}
<guid isPermaLink="true">{escape(item.link)}</guid>
</item>"""
