"""RSS and Atom feeds."""

from __future__ import annotations

import html.entities
import io
import re
from datetime import date
from typing import Any

import feedparser

from hub.errors import EmptySource, ParseError
from hub.legal.references import subject_identifiers
from hub.model import Mention
from hub.text import parse_date
from spiders.base import Page, SourceSpider
from spiders.reading import (
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    Reading,
    cut,
    day_of,
    link_to,
    markup_to_text,
    plain,
    plausible,
    without_repeats,
)

Entry = dict[str, Any]

_DATES = ("published", "updated", "created")
_CDATA_OR_COMMENT = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_ENTITY = re.compile(rb"&([A-Za-z_][\w.-]{0,60});")
_DECLARED = re.compile(rb"<!ENTITY\s+([\w.-]+)")
_ROOT = re.compile(rb"<(rss|feed|rdf:RDF|RDF)[\s>]", re.IGNORECASE)
_KNOWN_ENTITIES = {name.rstrip(";").encode() for name in html.entities.html5} | {b"apos"}


class FeedSpider(SourceSpider):
    def read(self, page: Page) -> Reading:
        return parse_feed(page.body, self.source.id, page.url)


def parse_feed(body: bytes, source_id: str, url: str) -> Reading:
    """Read a feed leniently: an item that can be linked to is kept, what ails it is said.

    The cleaned link is the key: guids hold dates that move when a page is updated.

    Raises:
        ParseError: not a feed.
        EmptySource: a feed without any item.
    """
    feed = _parse(body)
    if not feed.get("version"):
        raise ParseError(_say_what_it_is(body))
    if not feed.entries:
        raise EmptySource(_say_unfinished(body) or "feed without any item")
    mentions: list[Mention] = []
    troubles = [trouble for trouble in (_say_unfinished(body), _say_entities(body)) if trouble]
    for number, entry in enumerate(feed.entries, start=1):
        mention, ails = _to_mention(entry, source_id, url)
        troubles += [f"item {number}: {trouble}" for trouble in ails]
        if mention is not None:
            mentions.append(mention)
    if not mentions:
        raise ParseError("; ".join(troubles[:3]))
    return Reading(without_repeats(mentions), tuple(troubles))


def _parse(body: bytes) -> Any:
    try:
        # Bytes as such would be tried as a file's name; a blank before the declaration is refused.
        return feedparser.parse(io.BytesIO(body.lstrip()))
    except Exception as error:  # damaged declarations make feedparser itself stumble, in many ways
        raise ParseError(f"not a feed that can be read: {type(error).__name__}") from error


def _to_mention(entry: Entry, source_id: str, url: str) -> tuple[Mention | None, list[str]]:
    try:
        link = link_to(url, entry.get("link"))
    except ParseError as error:
        return None, [error.reason]
    if not link:
        return None, ["no usable link"]
    ails: list[str] = []
    summary = markup_to_text(entry.get("summary") or "")
    title = plain(markup_to_text(entry.get("title") or "")) or cut(plain(summary), 200)
    if not title:
        return None, ["neither title nor summary"]
    if len(title) > TITLE_LIMIT:
        ails.append(f"title of {len(title)} characters, cut at {TITLE_LIMIT}")
    day, ail = _day_of(entry)
    ails += [ail] if ail else []
    text = "\n\n".join(markup_to_text(part.get("value") or "") for part in entry.get("content", ()))
    mention = Mention(
        source_id=source_id,
        key=link,
        url=link,
        title=cut(title, TITLE_LIMIT),
        summary=cut(summary, SUMMARY_LIMIT),
        text=cut(text, TEXT_LIMIT) if text != summary else "",
        published_on=day,
        rubrique=cut(", ".join(_tags_of(entry)), 200),
        identifiers=subject_identifiers(cut(title, TITLE_LIMIT), link),
    )
    return mention, ails


def _tags_of(entry: Entry) -> list[str]:
    return [term for tag in entry.get("tags", ()) if (term := plain(tag.get("term")))]


def _day_of(entry: Entry) -> tuple[date | None, str]:
    """The first date that can be read; a date that is there and says nothing is a trouble."""
    written = ""
    for name in _DATES:
        raw = plain(dict.get(entry, name) or "")
        parsed = dict.get(entry, f"{name}_parsed")
        day = (day_of(parsed) if parsed else None) or plausible(parse_date(raw))
        if day:
            return day, ""
        written = written or raw
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
