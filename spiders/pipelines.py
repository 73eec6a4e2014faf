"""The one bridge from the spiders to hub.intake. Trouble in the store stops the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from scrapy import signals
from scrapy.crawler import Crawler
from sqlalchemy.exc import SQLAlchemyError

from hub.intake import Intake
from hub.model import Failure
from spiders.base import Answer, Handed, SourceSpider, Tally, Unchanged, Unread


class IntakePipeline:
    """Writes what one spider hands over, counts it, and closes the account of its source."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> IntakePipeline:
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.close, signal=signals.spider_closed)
        return pipeline

    def process_item(self, item: Handed) -> Handed:
        self._write(lambda intake, tally: record(item, intake, tally))
        return item

    def close(self, spider: SourceSpider, reason: str) -> None:
        stats = self._crawler.stats
        sent = stats.get_value("downloader/request_count", 0) if stats else 0
        spider.tally.requests = int(sent)
        words = self._say_end(reason, spider.tally)
        self._write(lambda intake, tally: finish(spider.source.url, words, intake, tally))

    def _say_end(self, reason: str, tally: Tally) -> str:
        """Why a source was not read to its end; "" when it was."""
        if reason == "finished":
            return "" if tally.answers or tally.failures else "nothing was read"
        if reason == "closespider_timeout":
            return f"not finished after {self._crawler.settings['CLOSESPIDER_TIMEOUT']:g} s"
        return f"stopped: {reason}"

    def _write(self, action: Callable[[Intake, Tally], None]) -> None:
        spider = self._crawler.spider
        if not isinstance(spider, SourceSpider) or spider.run.error is not None:
            return
        try:
            action(spider.intake, spider.tally)
        except (SQLAlchemyError, OSError) as error:
            spider.run.error = error
            asyncio.get_running_loop().create_task(self._crawler.stop_async())


def record(item: Handed, intake: Intake, tally: Tally) -> None:
    """One thing that a spider handed over, written and counted."""
    failure = item if isinstance(item, Failure) else getattr(item, "failure", None)
    match item:
        case Answer(is_settled=True):
            tally.mentions += intake.keep(item.capture, item.mentions)
            if failure:
                intake.fail(failure)
        case Answer():
            tally.mentions += intake.keep(item.capture, item.mentions, failure)
        case Unread():
            intake.keep_unread(item.capture, item.failure)
        case Unchanged():
            intake.unchanged(tally.id, item.url)
            tally.not_modified += 1
        case Failure():
            intake.fail(item)
    tally.answers += not isinstance(item, Failure)
    if failure:
        tally.failures.append(failure)


def finish(url: str, trouble: str, intake: Intake, tally: Tally) -> None:
    """A source was read to its end, or was stopped before it by a trouble."""
    if trouble:
        failure = Failure(tally.id, url, "fetch", trouble)
        intake.fail(failure)
        tally.failures.append(failure)
    intake.done(tally.id, is_good=not tally.failures)
