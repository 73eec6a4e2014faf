"""Plain RSS 2.0 and Atom 1.0, read quickly. Pure.

Most feeds are well-formed and hold nothing but the usual elements. Whatever is not exactly that is
declined and left to feedparser, which takes ten times longer: here nothing is repaired or guessed,
and what is accepted reads as feedparser reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.text import paris_day
from spiders.reading import FeedEntry, plausible

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"

_RSS_PARTS = {
    "title": "title",
    "link": "link",
    "description": "summary",
    _CONTENT: "content",
    "pubDate": "published",
    f"{_DC}date": "updated",
    "guid": "guid",
}
_RSS_SILENT = {
    "author",
    "comments",
    "enclosure",
    f"{_DC}creator",
    f"{_DC}language",
    f"{_DC}format",
    "{http://purl.org/rss/1.0/modules/slash/}comments",
    "{http://wellformedweb.org/CommentAPI/}commentRss",
}
_ATOM_PARTS = {f"{_ATOM}{name}": name for name in ("title", "summary", "content")} | {
    f"{_ATOM}published": "published",
    f"{_ATOM}updated": "updated",
}
_ATOM_PERSON = {f"{_ATOM}{name}" for name in ("name", "uri", "email")}
_FEED_FURNITURE = {"image", "textInput", "skipHours", "skipDays", f"{_ATOM}author"}

_WINDOWS = re.compile(rb"\xc2[\x80-\x9f]")
_WINDOWS_REFERENCE = re.compile(rb"&#(?:0*1[2-5]\d|x0*[89][\da-f]);", re.IGNORECASE)
"""Characters of Windows, which feedparser mends."""
_WEB = re.compile(r"https?://[^/\s;\\][^\s;\\]*", re.ASCII)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MAIL_DATE = re.compile(
    rf"(?:[A-Z][a-z]{{2}}, )?(?P<day>\d{{1,2}}) (?P<month>{'|'.join(_MONTHS)}) (?P<year>\d{{4}})"
    r" (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r" (?:GMT|UTC|(?P<zone>[+-](?:0\d|1[0-4])[0-5]\d))",
    re.ASCII,
)
_ISO_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.\d{1,9})?"
    r"(?:Z|(?P<zone>[+-](?:0\d|1[0-4]):[0-5]\d)))?",
    re.ASCII,
)
_MOMENT = ("year", "month", "day", "hour", "minute", "second")


class _Unusual(Exception):
    """Something else than plain RSS 2.0 or Atom 1.0."""


def read_strictly(body: bytes) -> tuple[FeedEntry, ...] | None:
    """The entries of a plain feed in UTF-8; None when it is anything else."""
    if _has_traps(body):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if (root.getroottree().docinfo.encoding or "UTF-8").upper() != "UTF-8":
        return None
    try:
        if root.tag == "rss":
            return tuple(_read_rss_item(item) for item in _rss_items(root))
        if root.tag == f"{_ATOM}feed":
            return tuple(_read_atom_entry(entry) for entry in _members(root, f"{_ATOM}entry"))
    except _Unusual:
        pass
    return None


def _has_traps(body: bytes) -> bool:
    """Entities, a base that moves, characters to mend, or an encoding that hides them."""
    return (
        b"\x00" in body[:100]
        or b"<!DOCTYPE" in body
        or b"xml:base" in body
        or _WINDOWS.search(body) is not None
        or (b"&#" in body and _WINDOWS_REFERENCE.search(body) is not None)
    )


def _rss_items(root: etree._Element) -> Iterator[etree._Element]:
    if dict(root.attrib) != {"version": "2.0"} or [child.tag for child in root] != ["channel"]:
        raise _Unusual
    return _members(root[0], "item")


def _members(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag == tag:
            yield child
        elif len(child) and child.tag not in _FEED_FURNITURE:
            raise _Unusual


def _read_rss_item(item: etree._Element) -> FeedEntry:
    parts: dict[str, str] = {}
    tags: list[str] = []
    is_permanent = False
    for child in item:
        name = child.tag
        if len(child):
            raise _Unusual
        if part := _RSS_PARTS.get(name):
            if part in parts or (child.attrib and part != "guid"):
                raise _Unusual
            parts[part] = _text_of(child)
            if part == "guid":
                is_permanent = _is_permanent(child)
        elif name in ("category", f"{_DC}subject"):
            tags.append(_rss_tag(child))
        elif name not in _RSS_SILENT:
            raise _Unusual
    link = parts.get("link") or (parts.get("guid", "") if is_permanent else "")
    if parts.get("link") == "":
        raise _Unusual
    return _make_entry(link, parts, tags)


def _is_permanent(guid: etree._Element) -> bool:
    if not set(guid.attrib) <= {"isPermaLink"}:
        raise _Unusual
    return bool(guid.get("isPermaLink", "true") == "true")


def _rss_tag(element: etree._Element) -> str:
    if not set(element.attrib) <= {"domain"}:
        raise _Unusual
    return _text_of(element)


def _read_atom_entry(entry: etree._Element) -> FeedEntry:
    parts: dict[str, str] = {}
    tags: list[str] = []
    links: list[str] = []
    for child in entry:
        name = child.tag
        if part := _ATOM_PARTS.get(name):
            if part in parts or len(child) or not _is_simple(child):
                raise _Unusual
            parts[part] = _text_of(child)
        elif name == f"{_ATOM}link":
            links += _page_link(child)
        elif name == f"{_ATOM}category" and not len(child) and not _text_of(child):
            tags.append(_mend(child.get("term", "")))
        elif name == f"{_ATOM}author":
            if not {person.tag for person in child} <= _ATOM_PERSON:
                raise _Unusual
        elif name != f"{_ATOM}id" or len(child):
            raise _Unusual
    if len(links) != 1:
        raise _Unusual
    return _make_entry(links[0], parts, tags)


def _is_simple(element: etree._Element) -> bool:
    kind: str | None = element.get("type")
    return set(element.attrib) <= {"type"} and kind in (None, "text", "html")


def _page_link(element: etree._Element) -> list[str]:
    if len(element) or _text_of(element):
        raise _Unusual
    is_alternate = element.get("rel", "alternate") == "alternate"
    is_page = is_alternate and element.get("type") in (None, "text/html")
    return [element.get("href", "")] if is_page else []


def _make_entry(link: str, parts: dict[str, str], tags: Iterable[str]) -> FeedEntry:
    if not _WEB.fullmatch(link):
        raise _Unusual
    content = parts.get("content", "")
    return FeedEntry(
        link=link,
        title=parts.get("title", ""),
        summary=parts.get("summary", content),
        content=(content,) if content else (),
        days=tuple((parts[name], _day_of(parts[name])) for name in _DAYS if name in parts),
        tags=tuple(tag for tag in tags if tag),
    )


_DAYS = ("published", "updated")


def _text_of(element: etree._Element) -> str:
    return _mend((element.text or "").strip())


def _mend(text: str) -> str:
    """« Ã© » -> « é »: text in UTF-8 that was taken for Latin-1 and encoded once more."""
    if text.isascii():
        return text
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text


def _day_of(written: str) -> date:
    match = _MAIL_DATE.fullmatch(written) or _ISO_DATE.fullmatch(written)
    if match is None:
        raise _Unusual
    year, month, day, hour, minute, second = match.group(*_MOMENT)
    number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    try:
        moment = datetime(int(year), number, int(day), *clock, tzinfo=UTC)
        found = plausible(paris_day(moment - _offset(match["zone"])))
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise _Unusual
    return found


def _offset(zone: str | None) -> timedelta:
    if not zone:
        return timedelta()
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -ahead if zone[0] == "-" else ahead
