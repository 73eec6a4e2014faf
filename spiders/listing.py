"""HTML lists, read with the selectors of `sources.yaml`."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from hub.errors import EmptySource, ParseError
from hub.legal.references import subject_identifiers
from hub.model import Mention
from hub.sources import ListingOptions
from hub.text import parse_date
from spiders.base import Page, SourceSpider
from spiders.reading import (
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    Reading,
    check_length,
    cut,
    link_to,
    make_soup,
    plain,
    plausible,
    without_repeats,
)


class ListingSpider(SourceSpider):
    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.options = ListingOptions.model_validate(self.source.options)
        self.max_pages = self.options.max_pages

    def read(self, page: Page) -> Reading:
        return parse_listing(page.body, self.source.id, page.url, self.options, page.charset)


def parse_listing(
    body: bytes, source_id: str, url: str, options: ListingOptions, charset: str = ""
) -> Reading:
    """Read a list. `follow` holds the next page when there is one.

    Raises:
        EmptySource: the page answered and holds no item: it was redesigned, or is a challenge.
        ParseError: no item of it could be read.
    """
    soup = make_soup(body, charset)
    items = soup.select(options.item)
    if not items:
        raise EmptySource(f"no item found by {options.item!r}")
    base = _base_of(soup, url)
    mentions: list[Mention] = []
    troubles: list[str] = []
    for number, item in enumerate(items, start=1):
        mention, ails = _to_mention(item, source_id, base, options)
        troubles += [f"item {number}: {trouble}" for trouble in ails]
        if mention is not None:
            mentions.append(mention)
    if not mentions:
        raise ParseError("; ".join(troubles[:3]))
    try:
        following = _next_page(soup, base, options)
    except ParseError as error:
        following = ""
        troubles.append(f"next page: {error.reason}")
    return Reading(without_repeats(mentions), tuple(troubles), (following,) if following else ())


def _to_mention(
    item: Tag, source_id: str, base: str, options: ListingOptions
) -> tuple[Mention | None, list[str]]:
    heading = item.select_one(options.title)
    title = _text_of(heading)
    try:
        link = _link_of(item, heading, base, options)
    except ParseError as error:
        return None, [error.reason]
    if not title or not link:
        return None, [f"no {'title' if not title else 'usable link'}"]
    ails = []
    if len(title) > TITLE_LIMIT:
        ails.append(f"title of {len(title)} characters, cut at {TITLE_LIMIT}")
    day, deadline, ail = _days_of(item, options)
    ails += [ail] if ail else []
    mention = Mention(
        source_id=source_id,
        key=_key_of(link, options.key_pattern),
        url=link,
        title=cut(title, TITLE_LIMIT),
        summary=cut(_text_at(item, options.summary), SUMMARY_LIMIT),
        published_on=day,
        nature=options.nature,
        rubrique=cut(_text_at(item, options.rubrique), 200),
        identifiers=subject_identifiers(cut(title, TITLE_LIMIT), link),
        extra={"deadline": deadline.isoformat()} if deadline else {},
    )
    return mention, ails


def _text_of(element: Tag | None) -> str:
    return plain(element.get_text(" ")) if element is not None else ""


def _text_at(item: Tag, selector: str | None) -> str:
    return _text_of(item.select_one(selector)) if selector else ""


def _link_of(item: Tag, heading: Tag | None, base: str, options: ListingOptions) -> str:
    if options.link:
        element = item.select_one(options.link)
    elif heading is None or heading.get("href"):
        element = heading
    else:
        element = heading.select_one("a[href]") or item.select_one("a[href]")
    return link_to(base, element.get("href") if element is not None else None)


def _key_of(link: str, pattern: str | None) -> str:
    match = re.search(pattern, link) if pattern else None
    return match[1] if match and match[1] else link


def _days_of(item: Tag, options: ListingOptions) -> tuple[date | None, date | None, str]:
    if not options.date:
        return None, None, ""
    element = item.select_one(options.date)
    written = _text_of(element)
    if element is not None and not written:
        written = plain(element.get("datetime"))
    day = _day_in(written, options.date_pattern)
    deadline = _day_in(written, options.deadline_pattern) if options.deadline_pattern else None
    is_unread = bool(written) and day is None
    return day, deadline, f"date that cannot be read: {cut(written, 60)!r}" if is_unread else ""


def _day_in(written: str, pattern: str | None) -> date | None:
    if pattern:
        match = re.search(pattern, written)
        written = (match[1] or "") if match else ""
    return plausible(parse_date(written))


def _base_of(soup: BeautifulSoup, url: str) -> str:
    element = soup.select_one("base[href]")
    href = element.get("href") if element is not None else None
    try:
        return urljoin(url, href) if isinstance(href, str) else url
    except ValueError:
        return url


def _next_page(soup: BeautifulSoup, base: str, options: ListingOptions) -> str:
    element = soup.select_one(options.next) if options.next else None
    href = element.get("href") if element is not None else None
    if not isinstance(href, str) or not link_to(base, href):
        return ""
    # as it is written: the site's own parameters matter
    return check_length(urljoin(base, href.strip()))
