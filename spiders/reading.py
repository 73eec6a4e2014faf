"""What every parser answers, and the plain forms they share. Pure."""

from __future__ import annotations

import re
import warnings
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import struct_time
from urllib.parse import urljoin

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning

from hub.errors import ParseError
from hub.model import Mention
from hub.text import canonical_url, clean, clean_paragraphs, paris_day

TITLE_LIMIT = 1_000
SUMMARY_LIMIT = 5_000
TEXT_LIMIT = 500_000
LINK_LIMIT = 2_000
"""In bytes. Links and keys are looked up, and no index of a database takes much more than that."""
TROUBLES_SAID = 5

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote")
_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer said.

    `troubles` are the parts that could not be read, in words. `follow` are addresses to read next.
    `is_settled` says that the answer will never change, so that asking again mends no trouble.
    """

    mentions: tuple[Mention, ...] = ()
    troubles: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()
    is_settled: bool = False


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


def plain(text: object) -> str:
    """One clean line that any database can hold; what is not text gives ""."""
    return clean(_UNSTORABLE.sub("", text)) if isinstance(text, str) else ""


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def link_to(base: str, written: object) -> str:
    """The canonical address of a link as a page writes it; "" when it leads to no web page.

    Raises:
        ParseError: the address is too long to be kept.
    """
    address = _UNSTORABLE.sub("", written).strip() if isinstance(written, str) else ""
    try:
        return check_length(canonical_url(urljoin(base, address))) if address else ""
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


def make_soup(markup: bytes | str, charset: str = "") -> BeautifulSoup:
    """Read HTML as browsers do; that it looks like an address or like XML is no news here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(markup, "lxml", from_encoding=charset or None)


def markup_to_text(markup: str) -> str:
    """The paragraphs of a piece of HTML. Text without any markup passes through."""
    storable = _UNSTORABLE.sub("", markup)
    if "<" not in storable and "&" not in storable:
        return clean_paragraphs(storable)
    soup = make_soup(storable)
    for element in soup(("script", "style")):
        element.decompose()
    for element in soup(_BLOCKS):
        element.insert_after("\n")
    return clean_paragraphs(soup.get_text())


def plausible(day: date | None) -> date | None:
    """Absurd years are mistakes of typing or of format: no date is better than a false one."""
    return day if day is not None and day.year in _YEARS else None


def day_of(moment: struct_time) -> date | None:
    """The day it was in Paris, from a UTC time as feedparser gives them."""
    try:
        return plausible(paris_day(datetime.fromtimestamp(timegm(moment), UTC)))
    except (ValueError, OverflowError, OSError):
        return None
