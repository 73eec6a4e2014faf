"""HTML lists, read with the selectors of `sources.yaml`, and the pages of their new items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from hub.errors import EmptySource, ParseError, SourceError
from hub.legal.references import subject_identifiers
from hub.model import Mention, Source
from hub.sources import DetailOptions, ListingOptions
from hub.text import parse_date
from spiders.base import Ask, Kind, Memory, Page, Reading
from spiders.maintext import main_text
from spiders.pdf import is_pdf, pdf_text
from spiders.reading import (
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    base_of,
    check_length,
    cut,
    is_same_site,
    link_to,
    make_soup,
    plain,
    plausible,
    without_repeats,
)

SHORTEST_TEXT = 40
"""In characters: less is a page without content."""
DEFAULT_DETAIL = DetailOptions()


@dataclass(frozen=True, slots=True)
class Attached:
    """A mention that waits for the text of its attachments, and those still to read."""

    mention: Mention
    name: str
    links: tuple[tuple[str, str], ...] = ()
    """Address and name of each one after this one."""


class ListingKind(Kind):
    def __init__(self, source: Source, memory: Memory) -> None:
        super().__init__(source, memory)
        self.options = ListingOptions.model_validate(source.options)
        self.detail = self.options.detail or DEFAULT_DETAIL

    def read(self, page: Page) -> Reading:
        number = page.about if isinstance(page.about, int) else 1
        try:
            reading = parse_listing(
                page.body, self.source.id, page.url, self.options, page.charset, number
            )
        except EmptySource:
            if self.source.may_be_empty:
                return Reading(entries=0)
            raise
        return self._ask_details(reading, page.url) if self.options.detail else reading

    def _ask_details(self, reading: Reading, list_url: str) -> Reading:
        """Ask for the page of each new item. What is known whole is not handed over again: the
        list says less of it than was kept.
        """
        known = self.memory.known_keys([mention.key for mention in reading.mentions])
        unknown = [mention for mention in reading.mentions if mention.key not in known]
        on_site = [mention for mention in unknown if is_same_site(mention.url, list_url)]
        off_site = [mention for mention in unknown if not is_same_site(mention.url, list_url)]
        asks = (_ask_detail(mention) for mention in on_site)
        trouble = f"{len(off_site)} items on another site, kept without their page"
        return replace(
            reading,
            mentions=tuple(replace(mention, is_partial=True) for mention in off_site),
            troubles=reading.troubles + ((trouble,) if off_site else ()),
            follow=(*reading.follow, *asks),  # the budget goes to the lists first
        )

    def read_detail(self, page: Page) -> Reading:
        """The page of one item, or the document that its link leads to."""
        mention: Mention = page.about
        if is_pdf(page.body):
            return _hand_over(replace(mention, text=cut(pdf_text(page.body), TEXT_LIMIT)))
        detailed, links, troubles = parse_detail(page, mention, self.detail)
        return _ask_attachment(detailed, links, troubles)

    def read_attachment(self, page: Page) -> Reading:
        """A document attached to an item; one that cannot be read costs the item nothing else."""
        attached: Attached = page.about
        troubles: tuple[str, ...] = ()
        mention = attached.mention
        try:
            mention = _add_text(mention, attached.name, pdf_text(page.body))
        except SourceError as error:
            troubles = (f"attachment {page.url}: {error.reason}",)
            mention = replace(mention, is_partial=True)
        return _ask_attachment(mention, attached.links, troubles)

    def lost(self, ask: Ask) -> Reading:
        about = ask.about.mention if isinstance(ask.about, Attached) else ask.about
        if not isinstance(about, Mention):
            return Reading()
        return Reading((replace(about, is_partial=True),))


# --- The list ----------------------------------------------------------------------------------


def parse_listing(
    body: bytes,
    source_id: str,
    url: str,
    options: ListingOptions,
    charset: str = "",
    number: int = 1,
) -> Reading:
    """Read one page of a list, the `number`th. `follow` holds the next one when there is one.

    A later page without any item is a trouble and not the end: the one before announced it.

    Raises:
        EmptySource: the page answered and holds no item: it was redesigned, or is a challenge.
        ParseError: no item of it could be read.
    """
    soup = make_soup(body, charset)
    items = soup.select(options.item)
    if not items:
        return _read_empty(soup, options, number)
    base = base_of(soup, url)
    mentions: list[Mention] = []
    troubles: list[str] = []
    for rank, item in enumerate(items, start=1):
        mention, ails = _to_mention(item, source_id, base, options)
        troubles += [f"item {rank}: {trouble}" for trouble in ails]
        if mention is not None:
            mentions.append(mention)
    if not mentions:
        raise ParseError("; ".join(troubles[:3]))
    if len(mentions) * 2 < len(items):
        troubles.insert(0, f"only {len(mentions)} of {len(items)} items read: changed layout?")
    try:
        follow = _next_page(soup, base, options, number)
    except ParseError as error:
        follow = ()
        troubles.append(f"next page: {error.reason}")
    return Reading(without_repeats(mentions), tuple(troubles), follow, entries=len(items))


def _read_empty(soup: BeautifulSoup, options: ListingOptions, number: int) -> Reading:
    if number > 1:
        return Reading(troubles=(f"page {number} without any item: incomplete",), entries=0)
    if options.nothing and soup.select_one(options.nothing):
        return Reading(entries=0)
    raise EmptySource(f"no item found by {options.item!r}")


def _to_mention(
    item: Tag, source_id: str, base: str, options: ListingOptions
) -> tuple[Mention | None, list[str]]:
    heading = _find(item, options.title)
    title = _part_of(_text_of(heading), options.title_pattern)
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
    return _text_of(_find(item, selector)) if selector else ""


def _find(item: Tag, selector: str) -> Tag | None:
    """The first element of an item; `:scope` is the item itself, which a search inside misses."""
    return item if selector == ":scope" else item.select_one(selector)


def _part_of(written: str, pattern: str | None) -> str:
    """What the pattern picks, the whole when it finds nothing."""
    match = re.search(pattern, written) if pattern else None
    return match[1].strip() if match and match[1] else written


def _link_of(item: Tag, heading: Tag | None, base: str, options: ListingOptions) -> str:
    if options.link:
        element = _find(item, options.link)
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
    written = _written_date(_find(item, options.date))
    day = _day_in(written, options.date_pattern)
    deadline = _day_in(written, options.deadline_pattern) if options.deadline_pattern else None
    is_unread = bool(written) and day is None
    return day, deadline, f"date that cannot be read: {cut(written, 60)!r}" if is_unread else ""


def _written_date(element: Tag | None) -> str:
    """What an element shows, else its attribute `datetime`."""
    if element is None:
        return ""
    return _text_of(element) or plain(element.get("datetime"))


def _day_in(written: str, pattern: str | None) -> date | None:
    if pattern:
        match = re.search(pattern, written)
        written = (match[1] or "") if match else ""
    return plausible(parse_date(written))


def _next_page(
    soup: BeautifulSoup, base: str, options: ListingOptions, number: int
) -> tuple[Ask, ...]:
    if not options.next or number >= options.max_pages:
        return ()
    element = soup.select_one(options.next)
    href = element.get("href") if element is not None else None
    if not isinstance(href, str) or not link_to(base, href):
        return ()
    # as it is written: the site's own parameters matter
    return (Ask(check_length(urljoin(base, href.strip())), about=number + 1),)


# --- The page of an item -----------------------------------------------------------------------


def _ask_detail(mention: Mention) -> Ask:
    """Never conditional: « not modified » would leave the item without its text."""
    if _is_document(mention.url):
        attached = Attached(mention, _name_of(mention.url))
        return Ask(mention.url, reader="read_attachment", is_conditional=False, about=attached)
    return Ask(mention.url, reader="read_detail", is_conditional=False, about=mention)


def parse_detail(
    page: Page, mention: Mention, options: DetailOptions
) -> tuple[Mention, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The item with the text of its page; its attachments (address, name); what ails the page.

    A page without text gives the item as the list showed it, partial.
    """
    troubles: list[str] = []
    try:
        _, text = main_text(page.body, page.charset, main=options.text, drop=options.drop)
    except EmptySource as error:
        text = ""
        troubles.append(f"{error.reason}: {page.url}")
    soup = make_soup(page.body, page.charset)
    links = tuple(_attachments_of(soup, page.url, options, troubles))
    is_empty = len(text) < SHORTEST_TEXT
    if is_empty and not links and not troubles:
        troubles.append(f"page without text: {page.url}")
    day = None
    if options.date:
        day = _day_in(_written_date(soup.select_one(options.date)), options.date_pattern)
    detailed = replace(
        mention,
        text=cut(text, TEXT_LIMIT),
        published_on=day or mention.published_on,
        is_partial=is_empty and not links,
    )
    return detailed, links, tuple(troubles)


def _attachments_of(
    soup: BeautifulSoup, url: str, options: DetailOptions, troubles: list[str]
) -> Iterator[tuple[str, str]]:
    if not options.attachment:
        return
    base = base_of(soup, url)
    found: dict[str, str] = {}
    for element in soup.select(options.attachment):
        try:
            link = link_to(base, element.get("href"))
        except ParseError as error:
            troubles.append(f"attachment: {error.reason}")
            continue
        if link and not is_same_site(link, url):
            troubles.append(f"attachment on another site, left out: {cut(link, 100)}")
        elif link:
            found.setdefault(link, cut(_text_of(element), 200) or _name_of(link))
    yield from list(found.items())[: options.max_attachments]


def _ask_attachment(
    mention: Mention, links: Sequence[tuple[str, str]], troubles: Iterable[str]
) -> Reading:
    """Ask for the next attachment; the mention is handed over after the last one."""
    if not links:
        return Reading((mention,), tuple(troubles))
    (url, name), *rest = links
    attached = Attached(mention, name, tuple(rest))
    ask = Ask(url, reader="read_attachment", is_conditional=False, about=attached)
    return Reading(troubles=tuple(troubles), follow=(ask,))


def _add_text(mention: Mention, name: str, text: str) -> Mention:
    """The text of a document, under a line with its name."""
    return replace(
        mention, text=cut("\n\n".join(filter(None, (mention.text, name, text))), TEXT_LIMIT)
    )


def _hand_over(mention: Mention) -> Reading:
    return Reading((mention,))


def _is_document(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(".pdf")


def _name_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]
