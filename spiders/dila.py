"""JORFSIMPLE: the index page, then the deliveries not yet read. hub.legal reads the law itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin

from scrapy import Request

from hub.errors import ParseError
from hub.legal.jorfsimple import Stamp, parse_index, parse_stamp, read_delivery
from hub.model import Mention
from hub.sources import DilaOptions
from spiders.base import Page, SourceSpider
from spiders.reading import Reading

OLDEST = timedelta(days=31)
"""A delivery brings back corrected texts of any age; those older than this are not news."""
RETRY_FOR = timedelta(days=4)
"""A delivery that could not be read whole is asked for again this long after its day."""


class DilaSpider(SourceSpider):
    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.options = DilaOptions.model_validate(self.source.options)

    def first_requests(self) -> Iterator[Request]:
        # Always whole: an index that has not moved may still list what the last run left aside.
        yield self.ask(self.source.url, self.read, is_conditional=False)

    def read(self, page: Page) -> Reading:
        stamps = parse_index(page.body, self.options.prefix)
        return Reading(follow=tuple(self._choose(stamps)))

    def follow(self, reading: Reading) -> Iterator[Request]:
        for url in reading.follow:
            yield self.ask(url, self.read_archive)

    def read_archive(self, page: Page) -> Reading:
        delivery = read_delivery(page.body, self.source.id)
        if not delivery.mentions:
            raise ParseError("; ".join(delivery.troubles) or "delivery without any text")
        recent = tuple(m for m in delivery.mentions if is_news(m, _day_of(page.url)))
        return Reading(recent, delivery.troubles, is_settled=delivery.is_whole)

    def _choose(self, stamps: tuple[Stamp, ...]) -> list[str]:
        """Oldest first, never one that was read: they do not change once published."""
        fresh, again = [], []
        for stamp in stamps:
            if stamp.day < self.options.since or (self.options.nights_only and not stamp.is_night):
                continue
            url = urljoin(self.source.url, stamp.name)
            if self.intake.validator(self.source.id, url) is not None:
                continue
            if not self.was_captured(url):
                fresh.append(url)
            elif stamp.day >= self.intake.now.date() - RETRY_FOR:
                again.append(url)
        return fresh[: self.options.max_archives] + again[-1:]


def is_news(mention: Mention, delivered: date | None) -> bool:
    """Whether a text is of the days before its delivery. An undated one is, to lose nothing."""
    if mention.published_on is None or delivered is None:
        return True
    return mention.published_on >= delivered - OLDEST


def _day_of(url: str) -> date | None:
    stamp = parse_stamp(url.rsplit("/", 1)[-1])
    return stamp.day if stamp else None
