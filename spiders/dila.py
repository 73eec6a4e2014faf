"""The DILA's archives: the index page of a fonds, then the deliveries not yet read.

`hub.legal` reads the law itself; here is only what to ask for, and what is news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from urllib.parse import urljoin

from hub.errors import ParseError
from hub.legal.dila import Delivery, Stamp, parse_index, parse_stamp, read_delivery
from hub.legal.dole import read_dole
from hub.legal.jorf import read_jorf
from hub.legal.legi import LegiDelivery, delivered_at, read_legi
from hub.legal.versions import NO_ARTICLES, Articles
from hub.model import Mention, Source
from hub.sources import DilaOptions
from spiders.base import ARCHIVE_SIZE, Ask, Kind, Memory, Page, Reading

OLDEST = timedelta(days=31)
"""A delivery brings back corrected texts of any age; those older than this are not news."""
RETRY_FOR = timedelta(days=31)
"""A delivery that could not be read whole is asked for again this long after its day."""
DATED = ("JORFSIMPLE", "JORF")
"""The fonds whose deliveries bring back old texts, told by their day of publication. What changes
in LEGI and DOLE is news whatever the age of the article or of the dossier."""


class DilaKind(Kind):
    def __init__(self, source: Source, memory: Memory) -> None:
        super().__init__(source, memory)
        self.options = DilaOptions.model_validate(source.options)

    def first_asks(self) -> Iterator[Ask]:
        # Always whole: an index that has not moved may still list what the last run left aside.
        yield Ask(self.source.url, is_conditional=False)

    def read(self, page: Page) -> Reading:
        """The deliveries to ask for. That none is new is a normal day, so it counts no entries.

        Raises:
            ParseError: the page lists no delivery of the fonds.
        """
        stamps = parse_index(page.body, self.options.fonds)
        return Reading(
            follow=tuple(
                Ask(url, reader="read_archive", is_conditional=False, max_size=ARCHIVE_SIZE)
                for url in self._choose(stamps)
            )
        )

    def read_archive(self, page: Page) -> Reading:
        return parse_delivery(page.body, self.source.id, page.url, self.options)

    def _choose(self, stamps: tuple[Stamp, ...]) -> list[str]:
        """Oldest first, never one that was read: they do not change once published.

        Of those that could not be read whole, the oldest is tried again, after the others: one in a
        run, as each weighs what an archive weighs.
        """
        fresh, again = [], []
        for stamp in stamps:
            if stamp.day < self.options.since or (self.options.nights_only and not stamp.is_night):
                continue
            url = urljoin(self.source.url, stamp.name)
            if self.memory.was_read(url):
                continue
            if not self.memory.was_captured(url):
                fresh.append(url)
            elif stamp.day >= self.memory.now.date() - RETRY_FOR:
                again.append(url)
        return fresh[: self.options.max_archives] + again[:1]


Reader = Callable[[bytes, str, DilaOptions], Delivery]

_READERS: dict[str, Reader] = {
    "JORFSIMPLE": lambda body, source_id, _: read_delivery(body, source_id),
    "JORF": lambda body, source_id, _: read_jorf(body, source_id),
    "LEGI": lambda body, source_id, options: read_legi(body, options.codes, source_id),
    "DOLE": lambda body, source_id, _: read_dole(body, source_id),
}


def parse_delivery(body: bytes, source_id: str, url: str, options: DilaOptions) -> Reading:
    """Read one archive. A whole one of LEGI or DOLE may have nothing for us; the others always say
    something.

    Raises:
        ParseError: nothing could be read.
    """
    delivery = _READERS[options.fonds](body, source_id, options)
    may_be_silent = delivery.is_whole and options.fonds not in DATED
    if not delivery.mentions and not may_be_silent:
        raise ParseError("; ".join(delivery.troubles) or "delivery without any text")
    mentions = delivery.mentions
    if options.fonds in DATED:
        day = _day_of(url, options.fonds)
        mentions = tuple(mention for mention in mentions if is_news(mention, day))
    return Reading(
        mentions,
        delivery.troubles,
        is_settled=delivery.is_whole,
        articles=_articles_of(delivery, url) if isinstance(delivery, LegiDelivery) else NO_ARTICLES,
    )


def _articles_of(delivery: LegiDelivery, url: str) -> Articles:
    return Articles(delivery.versions, delivery.deleted, delivered_at(url))


def is_news(mention: Mention, delivered: date | None) -> bool:
    """Whether a text is of the days before its delivery. An undated one is, to lose nothing."""
    if mention.published_on is None or delivered is None:
        return True
    return mention.published_on >= delivered - OLDEST


def _day_of(url: str, fonds: str) -> date | None:
    stamp = parse_stamp(url.rsplit("/", 1)[-1], fonds)
    return stamp.day if stamp else None
