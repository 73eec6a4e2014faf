"""The one bridge from the spiders to hub.intake. Trouble in the store stops the run.

What comes is written in batches, each in one transaction: a run that is killed loses the batch
under way, which will be asked for again because no validator of it was kept.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable

from scrapy import signals
from scrapy.crawler import Crawler

from hub.intake import Intake, Kept
from hub.model import Failure, Trouble
from hub.reads import Outcome, Settled, settle
from spiders.base import DirectKind
from spiders.crawl import Delivered, HubSpider
from spiders.errand import Answer, Errand, Finished, Unchanged, Unread

BATCH = 40
"""Answers written in one transaction."""
MENTIONS = 1_000
BYTES = 8 * 1024 * 1024
"""Of the answers that wait to be written: they are held in memory."""
PATIENCE = 1.0
"""Seconds that what came may wait to be written."""


class IntakePipeline:
    """Writes what the spider hands over, counts it, and closes the account of each source."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._waiting: list[Delivered] = []
        self._mentions = 0
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> IntakePipeline:
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.close, signal=signals.spider_closed)
        crawler.signals.connect(pipeline.count, signal=signals.request_reached_downloader)
        return pipeline

    @property
    def spider(self) -> HubSpider:
        spider = self._crawler.spider
        if not isinstance(spider, HubSpider):
            raise TypeError(f"not our spider: {spider!r}")
        return spider

    def count(self, request: object, spider: object) -> None:
        request.meta["errand"].tally.requests += 1  # type: ignore[attr-defined]

    def process_item(self, item: Delivered) -> Delivered:
        self._waiting.append(item)
        if isinstance(item.handed, (Answer, Unread)):
            self._bytes += len(item.handed.capture.body)
        if isinstance(item.handed, Answer):
            self._mentions += len(item.handed.mentions)
        if len(self._waiting) >= 2 * BATCH or self._mentions >= MENTIONS or self._bytes >= BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self.flush)
        return item

    def close(self, spider: HubSpider, reason: str) -> None:
        """Write what is left; a source that was not read to its end says so."""
        for errand in spider.errands:
            if not errand.is_over and not any(
                one.errand is errand and isinstance(one.handed, Finished) for one in self._waiting
            ):
                words = errand.stopped or f"stopped: {reason}"
                failure = errand.fail(errand.source.url, Trouble.TIMEOUT, words)
                self._waiting += [Delivered(errand, failure), Delivered(errand, Finished())]
        self.flush()

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting, self._mentions, self._bytes = self._waiting, [], 0, 0
        if waiting and self.spider.run.error is None:
            self._write(lambda: write(waiting, self.spider.intake))
            for one in waiting:
                if isinstance(one.handed, Finished) and self.spider.run.error is None:
                    self._tell(one.errand)

    def _tell(self, errand: Errand) -> None:
        """One line for each source that is over: what was read is told even if the rest hangs."""
        sys.stdout.write(json.dumps(errand.to_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def _write(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # nothing of a batch is lost in silence: the run stops aloud
            self.spider.run.error = error
            asyncio.get_running_loop().create_task(self._crawler.stop_async())


def write(waiting: list[Delivered], intake: Intake) -> None:
    """Write a batch and count it: answers first, then what was found of each source."""
    answers = [one for one in waiting if isinstance(one.handed, (Answer, Unread))]
    news = intake.keep_all([_to_kept(one.handed) for one in answers])
    for one, count in zip(answers, news, strict=True):
        one.errand.tally.mentions += count
    settled = Settled()
    for one in waiting:
        _count(one, settled)
    settle(intake.store, settled, intake.now)


def _to_kept(handed: object) -> Kept:
    if isinstance(handed, Answer):
        return Kept(
            handed.capture,
            handed.mentions,
            handed.failure,
            handed.is_settled,
            articles=handed.articles,
        )
    assert isinstance(handed, Unread)  # noqa: S101 - the two sorts of answers
    return Kept(handed.capture, (), handed.failure)


def _count(one: Delivered, settled: Settled) -> None:
    errand, tally, handed = one.errand, one.errand.tally, one.handed
    failure = handed if isinstance(handed, Failure) else getattr(handed, "failure", None)
    if failure is not None:
        tally.failures.append(failure)
    match handed:
        case Answer() | Unread():
            tally.answers += 1
        case Unchanged():
            tally.answers += 1
            tally.not_modified += 1
            settled.unchanged.append((errand.source.id, handed.url))
        case Failure(kind=Trouble.HELD):
            pass  # told, and no fault of the source
        case Failure():
            settled.failures.append(handed)
        case Finished():
            _finish(errand, settled)


def _finish(errand: Errand, settled: Settled) -> None:
    tally = errand.tally
    if not tally.answers and not tally.failures and not isinstance(errand.kind, DirectKind):
        failure = errand.fail(errand.source.url, Trouble.CRASH, "nothing was read")
        tally.failures.append(failure)
        settled.failures.append(failure)
    errand.is_over = True
    if tally.failures and all(failure.kind == Trouble.HELD for failure in tally.failures):
        settled.held[errand.source.id] = tally.not_before
        return
    settled.reads.append(
        Outcome(
            source_id=errand.source.id,
            is_good=tally.is_good,
            requests=tally.requests,
            not_modified=tally.not_modified,
            entries=tally.entries,
            mentions=tally.mentions,
            moved_to=tally.moved_to,
            not_before=tally.not_before,
        )
    )
