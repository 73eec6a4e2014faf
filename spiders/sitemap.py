"""Sitemaps: which pages of a site are new or moved, each then read as a watched page."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import EmptySource, ParseError, SourceError
from hub.model import Source
from hub.sources import SitemapOptions
from hub.text import PARIS, paris_day, parse_date
from spiders.base import PAGE_SIZE, Ask, Kind, Memory, Page, Reading
from spiders.page import Watched, mark_technical, read_watched
from spiders.reading import is_same_site, link_to, plausible

MAX_ADDRESSES = 50_000
"""The most that one sitemap may hold, by its own rules."""
MAX_SITEMAPS = 20
"""The most of an index that is read in one run."""
NEVER = datetime.min.replace(tzinfo=UTC)
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Place:
    """An address of a sitemap, and the day it last moved, when it says so."""

    url: str
    moved_on: date | None = None


class SitemapKind(Kind):
    def __init__(self, source: Source, memory: Memory) -> None:
        super().__init__(source, memory)
        self.options = SitemapOptions.model_validate(source.options)
        self.watched = Watched(self.options.main, self.options.drop, nature=self.options.nature)
        self.left = self.options.max_pages

    def first_asks(self) -> Iterator[Ask]:
        yield self._ask_sitemap(self.source.url)

    def _ask_sitemap(self, url: str, about: int | None = None) -> Ask:
        """Not conditional while pages it lists are due, nor for an index: « not modified » would
        leave them."""
        return Ask(url, is_conditional=not self._has_more(url), about=about)

    def _has_more(self, url: str) -> bool:
        try:
            is_index, places = parse_sitemap(self.memory.latest_body(url) or b"", url)
        except SourceError:
            return True
        return is_index or bool(self._due(self._wanted(places), url))

    def _wanted(self, places: Iterable[Place]) -> list[Place]:
        return [place for place in places if re.search(self.options.include, place.url)]

    def read(self, page: Page) -> Reading:
        is_index, places = parse_sitemap(page.body, page.url)
        if is_index and page.about is None:
            return self._ask_sitemaps(page, places)
        if is_index:
            raise ParseError("index inside an index of sitemaps")
        wanted = self._wanted(places)
        if places and not wanted and page.about is None and not self.source.may_be_empty:
            raise EmptySource(f"none of {len(places)} addresses is of {self.options.include!r}")
        due = self._due(wanted, page.url)
        chosen = due[: self.left]
        self.left -= len(chosen)
        left_out = len(due) - len(chosen)
        return Reading(
            troubles=(f"{left_out} pages left for the next run",) if left_out else (),
            follow=tuple(self._ask_page(place) for place in chosen),
            entries=len(wanted),
        )

    def _ask_sitemaps(self, page: Page, places: Iterable[Place]) -> Reading:
        ours = [place for place in newest_first(places) if is_same_site(place.url, page.url)]
        if not ours:
            raise EmptySource("index without any sitemap of its own site")
        left_out = len(ours) - MAX_SITEMAPS
        troubles = (f"{left_out} sitemaps left out",) if left_out > 0 else ()
        asks = (self._ask_sitemap(place.url, about=1) for place in ours[:MAX_SITEMAPS])
        return Reading(troubles=troubles, follow=tuple(asks))

    @staticmethod
    def _ask_page(place: Place) -> Ask:
        # Whole: « not modified » would not count as a read, and the page would stay due.
        return Ask(place.url, reader="read_page", is_conditional=False)

    def _due(self, places: Iterable[Place], sitemap: str) -> list[Place]:
        """The pages to read, in turn: those never read, then those read longest ago; of pages read
        in the same run, those that moved last come first.
        """
        due = (place for place in newest_first(places) if self._is_due(place))
        ours = [place for place in due if is_same_site(place.url, sitemap)]
        return sorted(ours, key=lambda place: self.memory.last_read(place.url) or NEVER)

    def _is_due(self, place: Place) -> bool:
        """Never read, or moved since; on the very day of the last read, it may have moved after."""
        if not self._is_recent(place, self.options.since):
            return False
        read_at = self.memory.last_read(place.url)
        if read_at is None:
            return True
        return place.moved_on is not None and place.moved_on >= paris_day(read_at)

    @staticmethod
    def _is_recent(place: Place, since: date | None) -> bool:
        return since is None or (place.moved_on is not None and place.moved_on >= since)

    def read_page(self, page: Page) -> Reading:
        mention = read_watched(page, self.source.id, self.watched)
        return Reading((mark_technical(mention, page, self.memory, self.watched),))


def newest_first(places: Iterable[Place]) -> list[Place]:
    """Those without a day come last, in their order."""
    return sorted(places, key=lambda place: place.moved_on or date.min, reverse=True)


def parse_sitemap(body: bytes, url: str) -> tuple[bool, tuple[Place, ...]]:
    """Whether it is an index, and its addresses, once each; the whole may be gzipped.

    A sitemap that is cut gives what came before.

    Raises:
        ParseError: no sitemap, or too large.
        EmptySource: a sitemap without any address.
    """
    root, places = _walk(_unpack(body), url)
    if root not in ("urlset", "sitemapindex"):
        raise ParseError("not a sitemap")
    if not places:
        raise EmptySource("sitemap without any address")
    return root == "sitemapindex", tuple(places.values())


def _walk(body: bytes, url: str) -> tuple[str, dict[str, Place]]:
    """The name of the root and the addresses, in one pass that keeps nothing else."""
    places: dict[str, Place] = {}
    events = etree.iterparse(
        io.BytesIO(body.lstrip()),
        tag=("{*}url", "{*}sitemap"),
        resolve_entities=False,
        no_network=True,
        recover=True,
        huge_tree=False,
    )
    root = ""
    try:
        for _, element in events:
            root = root or _local(element.getroottree().getroot())
            _keep(places, element, url)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
            if len(places) >= MAX_ADDRESSES:
                break
        root = root or _local(events.root)
    except etree.XMLSyntaxError:
        pass  # cut: what came before stands
    return root, places


def _keep(places: dict[str, Place], element: etree._Element, url: str) -> None:
    found = {_local(child): (child.text or "").strip() for child in element}
    try:
        link = link_to(url, found.get("loc"))
    except ParseError:
        return
    if link:
        places.setdefault(link, Place(link, _day_of(found.get("lastmod", ""))))


def _local(element: etree._Element | None) -> str:
    tag = element.tag if element is not None else ""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _day_of(written: str) -> date | None:
    """The day in Paris of a W3C date; its day alone when it has no time."""
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
        return plausible(paris_day(moment if moment.tzinfo else moment.replace(tzinfo=PARIS)))
    except (ValueError, OverflowError):
        return plausible(parse_date(written))


def _unpack(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    stream = zlib.decompressobj(wbits=31)
    try:
        unpacked = stream.decompress(body, PAGE_SIZE)
    except zlib.error as error:
        raise ParseError("damaged gzip") from error
    if stream.unconsumed_tail:
        raise ParseError("gzip too large once unpacked")
    return unpacked
