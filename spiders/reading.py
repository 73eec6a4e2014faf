"""The plain forms that all parsers share. Pure."""

from __future__ import annotations

import re
import warnings
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import struct_time
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.model import Mention
from hub.text import canonical_url, clean, clean_paragraphs, fold, paris_day
from spiders.maintext import decode

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

TITLE_LIMIT = 1_000
SUMMARY_LIMIT = 5_000
TEXT_LIMIT = 500_000
LINK_LIMIT = 2_000
"""In bytes. Links and keys are looked up, and no index of a database takes much more than that."""
TROUBLES_SAID = 5
TAGS_LIMIT = 100_000
CROWDED = 600
"""In characters: less holds no crowd of attributes."""

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CROWDED = re.compile(r"(<[a-zA-Z][\w:-]{0,40})(?:[^<>\s\"'=/]*[\s\"'=/]){600}[^<>]*")
_ABSOLUTE = re.compile(r"https?://[^/?#]")
_BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote")
_UNSPOKEN = ("script", "style", "template", "rt", "rp")
"""Elements whose text is not part of what is read: code, and the reading aids of East Asia."""
_HTML = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry as its feed writes it: markup is still in `title`, `summary` and `content`.

    `days` are the dates in the order in which they count, each as written and as understood.
    """

    link: str
    title: str
    summary: str
    content: tuple[str, ...] = ()
    days: tuple[tuple[str, date | None], ...] = ()
    tags: tuple[str, ...] = ()


def say_all(troubles: Iterable[str]) -> str:
    """Several troubles as one sentence of bearable length."""
    said = [cut(trouble, 300) for trouble in troubles]
    more = len(said) - TROUBLES_SAID
    return "; ".join(said[:TROUBLES_SAID]) + (f"; and {more} more" if more > 0 else "")


def without_repeats(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """A page that shows the same thing twice says it once: the first of each key stays."""
    kept: dict[str, Mention] = {}
    for mention in mentions:
        kept.setdefault(mention.key, mention)
    return tuple(kept.values())


def is_wanted(pattern: str | None, *texts: str) -> bool:
    """Whether a `keep` pattern is found in one of these texts, accents and case left out."""
    return pattern is None or any(re.search(pattern, fold(text)) for text in texts)


def plain(text: object) -> str:
    """One clean line that any database can hold; what is not text gives ""."""
    return clean(_UNSTORABLE.sub("", text)) if isinstance(text, str) else ""


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


# --- Links ---------------------------------------------------------------------------------------


def link_to(base: str, written: object) -> str:
    """The canonical address of a link as a page writes it; "" when it leads to no web page.

    Raises:
        ParseError: the address is too long to be kept.
    """
    address = _UNSTORABLE.sub("", written).strip() if isinstance(written, str) else ""
    if not address:
        return ""
    try:
        absolute = address if _ABSOLUTE.match(address) else urljoin(base, address)
        return check_length(canonical_url(absolute))
    except ValueError:
        return ""


def check_length(link: str) -> str:
    """Give back a link that can be kept.

    Raises:
        ParseError: it is too long.
    """
    size = len(link.encode())
    if size > LINK_LIMIT:
        raise ParseError(f"link of {size} bytes, too long to be kept")
    return link


def is_same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one host, `www.` or not, and of one port."""
    return bool(_site_of(one)) and _site_of(one) == _site_of(other)


def _site_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    is_usual = port is None or port == {"http": 80, "https": 443}[parts.scheme]
    return parts.hostname.rstrip(".").removeprefix("www.") + ("" if is_usual else f":{port}")


# --- Markup --------------------------------------------------------------------------------------


def make_soup(page: bytes, charset: str = "") -> BeautifulSoup:
    """Read HTML as browsers do; that it looks like an address or like XML is no news here.

    Raises:
        ParseError: more tags than a page is made of.
    """
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning  # slow

    markup = decode(page, charset)
    tags = markup.count("<")
    if tags > TAGS_LIMIT:
        raise ParseError(f"page of {tags} tags")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(_uncrowd(markup), "lxml")


def _uncrowd(markup: str) -> str:
    """A tag with hundreds of attributes loses them: parsers take the square of their number."""
    return _CROWDED.sub(r"\1", markup) if len(markup) > CROWDED else markup


def base_of(soup: BeautifulSoup, url: str) -> str:
    """What the relative links of a page start from."""
    element = soup.select_one("base[href]")
    href = element.get("href") if element is not None else None
    try:
        return urljoin(url, href) if isinstance(href, str) else url
    except ValueError:
        return url


def markup_to_text(markup: str) -> str:
    """The paragraphs of a piece of HTML. Text without any markup passes through."""
    storable = _UNSTORABLE.sub("", markup)
    if "<" not in storable and "&" not in storable:
        return clean_paragraphs(storable)
    try:
        root = etree.fromstring(_uncrowd(storable).encode(), _HTML)
    except etree.XMLSyntaxError:  # nothing but a comment
        return ""
    if root is None:
        return ""
    for element in root.iter(*_UNSPOKEN):
        etree.strip_elements(element, "*", with_tail=False)
        element.text = None
    for element in root.iter(*_BLOCKS):
        element.tail = "\n" + (element.tail or "")
    return clean_paragraphs(etree.tostring(root, method="text", encoding="unicode"))


# --- Days ----------------------------------------------------------------------------------------


def plausible(day: date | None) -> date | None:
    """Absurd years are mistakes of typing or of format: no date is better than a false one."""
    return day if day is not None and day.year in _YEARS else None


def day_of(moment: struct_time) -> date | None:
    """The day it was in Paris, from a UTC time as feedparser gives them."""
    try:
        return plausible(paris_day(datetime.fromtimestamp(timegm(moment), UTC)))
    except (ValueError, OverflowError, OSError):
        return None
