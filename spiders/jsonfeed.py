"""JSON Feed 1.0 and 1.1. Pure."""

from __future__ import annotations

import json
from datetime import date, datetime
from html import escape
from typing import Any

from hub.errors import ParseError
from hub.text import PARIS, paris_day, parse_date
from spiders.reading import FeedEntry, plausible

_VERSION = "jsonfeed.org/version/1"


def looks_like_json(body: bytes) -> bool:
    return body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_json_feed(body: bytes) -> tuple[FeedEntry, ...]:
    """The entries of a JSON feed; what is not an object is no entry.

    Raises:
        ParseError: it is some other JSON, or none.
    """
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError("not a feed: JSON that cannot be read") from error
    if not isinstance(feed, dict) or _VERSION not in _words(feed.get("version")):
        raise ParseError("not a feed: JSON of another kind")
    items = feed.get("items")
    if not isinstance(items, list):
        raise ParseError("not a feed: JSON Feed without a list of items")
    return tuple(_read_item(item if isinstance(item, dict) else {}) for item in items)


def _read_item(item: dict[str, Any]) -> FeedEntry:
    content = _words(item.get("content_html")) or escape(_words(item.get("content_text")))
    tags = item.get("tags")
    link = _words(item.get("url")) or _words(item.get("external_url"))
    return FeedEntry(
        link=link or _link_in_id(item),
        title=escape(_words(item.get("title"))),
        summary=escape(_words(item.get("summary"))) or content,
        content=(content,) if content else (),
        days=tuple(
            (written, _day_of(written))
            for name in ("date_published", "date_modified")
            if (written := _words(item.get(name)))
        ),
        tags=tuple(map(_words, tags)) if isinstance(tags, list) else (),
    )


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


def _link_in_id(item: dict[str, Any]) -> str:
    written = _words(item.get("id"))
    return written if written.startswith(("http://", "https://")) else ""


def _day_of(written: str) -> date | None:
    """The day in Paris; the day that is written when there is no time that can be read."""
    try:
        moment = datetime.fromisoformat(written)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
        return plausible(paris_day(zoned))
    except (ValueError, OverflowError):
        return plausible(parse_date(written))
