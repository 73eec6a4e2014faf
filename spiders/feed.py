"""RSS, Atom, RDF and JSON feeds."""

from __future__ import annotations

import html.entities
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from hub.errors import EmptySource, ParseError
from hub.legal.references import subject_identifiers
from hub.model import Mention, Source
from hub.sources import FeedOptions
from hub.text import parse_date
from spiders.base import MIB, Ask, Kind, Memory, Page, Reading
from spiders.jsonfeed import looks_like_json, read_json_feed
from spiders.maintext import decode
from spiders.reading import (
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    FeedEntry,
    cut,
    day_of,
    is_wanted,
    link_to,
    markup_to_text,
    plain,
    plausible,
    without_repeats,
)
from spiders.strictfeed import read_strictly

FEED_SIZE = 3 * MIB
"""Sound feeds hold some tens of kB; feedparser takes seconds for what follows."""
MAX_ENTRIES = 2_000
MAX_TAGS = 40_000
MAX_EXPANSION = MIB
"""The most that the entities of a feed may add to it."""
ANY = FeedOptions()

_DATES = ("published", "updated", "created")
_CDATA_OR_COMMENT = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_ENTITY = re.compile(rb"&([A-Za-z_][\w.-]{0,60});")
_DECLARED = re.compile(rb"<!ENTITY\s+([\w.-]+)")
_ROOT = re.compile(rb"<(rss|feed|rdf:RDF|RDF)[\s>]", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]{1,200}encoding\s*=""")
_VALUED = re.compile(rb"""<!ENTITY\s+([\w.-]+)\s+(?:"([^&"]*)"|'([^&']*)')""")
"""Those made of other entities are never expanded by feedparser."""
_HUGE_TAG = re.compile(rb"<[A-Za-z][^<>]{20000}")
_KNOWN_ENTITIES = {name.rstrip(";").encode() for name in html.entities.html5} | {b"apos"}


class FeedKind(Kind):
    def __init__(self, source: Source, memory: Memory) -> None:
        super().__init__(source, memory)
        self.options = FeedOptions.model_validate(source.options)

    def first_asks(self) -> Iterator[Ask]:
        yield Ask(self.source.url, max_size=FEED_SIZE)

    def read(self, page: Page) -> Reading:
        try:
            return parse_feed(page.body, self.source.id, page.url, self.options, page.charset)
        except EmptySource:
            if self.source.may_be_empty:
                return Reading(entries=0)
            raise


def parse_feed(
    body: bytes, source_id: str, url: str, options: FeedOptions = ANY, charset: str = ""
) -> Reading:
    """Read a feed leniently: an item that can be linked to is kept, what ails it is said.

    The cleaned link is the key: guids hold dates that move when a page is updated. `charset` only
    counts when neither the feed nor its bytes say another.

    Raises:
        ParseError: not a feed.
        EmptySource: a feed without any item.
    """
    entries, troubles = _read_entries(body, charset)
    if not entries:
        raise EmptySource("; ".join(troubles[:1]) or "feed without any item")
    if len(entries) > MAX_ENTRIES:
        troubles.append(f"feed of {len(entries)} items, the first {MAX_ENTRIES} read")
        entries = entries[:MAX_ENTRIES]
    mentions: list[Mention] = []
    for number, entry in enumerate(entries, start=1):
        mention, ails = to_mention(entry, source_id, url)
        troubles += [f"item {number}: {trouble}" for trouble in ails]
        if mention is not None:
            mentions.append(mention)
    if not mentions:
        raise ParseError("; ".join(troubles[:3]))
    kept = (m for m in mentions if is_wanted(options.keep, m.title, m.summary))
    return Reading(without_repeats(kept), tuple(troubles), entries=len(entries))


def _read_entries(body: bytes, charset: str) -> tuple[tuple[FeedEntry, ...], list[str]]:
    """The entries, and what ails the feed as a whole."""
    if looks_like_json(body):
        return read_json_feed(body), []
    _check_bounds(body)
    strict = read_strictly(body)
    if strict is not None:
        return strict, []
    entries = read_leniently(_as_declared(body, charset))
    return entries, [ail for ail in (_say_unfinished(body), _say_entities(body)) if ail]


def _check_bounds(body: bytes) -> None:
    """Refuse what would take too much time or memory to read.

    Raises:
        ParseError: it is beyond what a feed is made of.
    """
    if len(body) > FEED_SIZE:
        raise ParseError(f"feed of {len(body) // MIB} MiB")
    tags = body.count(b"<")
    if tags > MAX_TAGS:
        raise ParseError(f"feed of {tags} tags")
    if _HUGE_TAG.search(body):
        raise ParseError("feed with a tag of more than 20 kB")
    if b"<!ENTITY" in body:
        used = Counter(_ENTITY.findall(body))
        sizes = {name: len(one) + len(other) for name, one, other in _VALUED.findall(body)}
        if sum(size * used[name] for name, size in sizes.items()) > MAX_EXPANSION:
            raise ParseError("feed whose entities expand without end")


def read_leniently(body: bytes) -> tuple[FeedEntry, ...]:
    """The entries of whatever feedparser takes for a feed.

    Raises:
        ParseError: it takes it for none.
    """
    import feedparser  # slow, and of no use for the feeds that are as they should be

    try:
        # Bytes as such would be tried as a file's name; a blank before the declaration is refused.
        feed = feedparser.parse(
            io.BytesIO(body.lstrip()), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # damaged declarations make feedparser itself stumble, in many ways
        raise ParseError(f"not a feed that can be read: {type(error).__name__}") from error
    if not feed.get("version"):
        raise ParseError(_say_what_it_is(body))
    return tuple(_to_entry(entry) for entry in feed.entries)


def _as_declared(body: bytes, charset: str) -> bytes:
    """In UTF-8 when only the server says in which charset a feed is written."""
    if not charset or _ENCODING.search(body[:1000]):
        return body
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return decode(body, charset).encode()
    return body


def _to_entry(entry: dict[str, Any]) -> FeedEntry:
    content = (part.get("value") for part in entry.get("content", ()))
    return FeedEntry(
        link=_words(entry.get("link")),
        title=_words(entry.get("title")),
        summary=_words(entry.get("summary")),
        content=tuple(map(_words, content)),
        days=tuple(_days_of(entry)),
        tags=tuple(_words(tag.get("term")) for tag in entry.get("tags", ())),
    )


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


def _days_of(entry: dict[str, Any]) -> Iterator[tuple[str, date | None]]:
    for name in _DATES:
        raw = plain(dict.get(entry, name) or "")
        parsed = dict.get(entry, f"{name}_parsed")
        if raw or parsed:
            yield raw, (day_of(parsed) if parsed else None) or plausible(parse_date(raw))


# --- One entry ---------------------------------------------------------------------------------


def to_mention(entry: FeedEntry, source_id: str, url: str) -> tuple[Mention | None, list[str]]:
    try:
        link = link_to(url, entry.link)
    except ParseError as error:
        return None, [error.reason]
    if not link:
        return None, ["no usable link"]
    ails: list[str] = []
    summary = markup_to_text(entry.summary)
    whole_title = plain(markup_to_text(entry.title)) or cut(plain(summary), 200)
    if not whole_title:
        return None, ["neither title nor summary"]
    if len(whole_title) > TITLE_LIMIT:
        ails.append(f"title of {len(whole_title)} characters, cut at {TITLE_LIMIT}")
    title = cut(whole_title, TITLE_LIMIT)
    day, ail = _day_of(entry)
    ails += [ail] if ail else []
    mention = Mention(
        source_id=source_id,
        key=link,
        url=link,
        title=title,
        summary=cut(summary, SUMMARY_LIMIT),
        text=_text_of(entry, summary),
        published_on=day,
        rubrique=cut(", ".join(dict.fromkeys(filter(None, map(plain, entry.tags)))), 200),
        identifiers=subject_identifiers(title, link),
    )
    return mention, ails


def _text_of(entry: FeedEntry, summary: str) -> str:
    """The content, unless it says what the summary says."""
    if entry.content in ((), (entry.summary,)):
        return "" if len(summary) <= SUMMARY_LIMIT else cut(summary, TEXT_LIMIT)
    text = "\n\n".join(map(markup_to_text, entry.content))
    return cut(text, TEXT_LIMIT) if text != summary else ""


def _day_of(entry: FeedEntry) -> tuple[date | None, str]:
    """The first date that can be read; a date that is there and says nothing is a trouble."""
    for _, day in entry.days:
        if day:
            return day, ""
    written = next((raw for raw, _ in entry.days if raw), "")
    return None, f"date that cannot be read: {cut(written, 60)!r}" if written else ""


# --- What is wrong with a whole feed -----------------------------------------------------------


def _say_what_it_is(body: bytes) -> str:
    start = body.lstrip()[:2000].lower()
    if b"<!doctype html" in start or b"<html" in start:
        return "an HTML page instead of a feed"
    return "not a feed"


def _say_unfinished(body: bytes) -> str:
    root = _ROOT.search(body[:5000])
    if root is None or re.search(rb"</" + re.escape(root[1]), body[-2000:], re.IGNORECASE):
        return ""
    return "feed cut before its end"


def _say_entities(body: bytes) -> str:
    """HTML's own entities are understood without a DTD, as many sites expect; others are not."""
    if b"&" not in body:
        return ""
    declared = set(_DECLARED.findall(body[:20_000]))
    used = set(_ENTITY.findall(_CDATA_OR_COMMENT.sub(b"", body)))
    unknown = sorted(used - declared - _KNOWN_ENTITIES)
    if not unknown:
        return ""
    return f"undeclared entity &{unknown[0].decode('ascii', 'replace')}; left as it is"
