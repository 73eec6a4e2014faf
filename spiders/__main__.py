"""`python -m spiders --now MOMENT [SOURCE...]`: read sources once, report on standard output.

Without a source, every enabled one whose rhythm says it is time. Exit codes: 0 done, whatever the
sources answered (it is in the report); 1 the store failed; 2 the call or a file is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from hub.captures import CaptureFiles
from hub.child import watch_lifeline
from hub.collect import due_sources
from hub.config import Settings, load_settings
from hub.errors import ConfigError
from hub.intake import Intake
from hub.model import Source, SourceKind
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from hub.store import Store
from hub.store.migrate import migrate
from hub.text import parse_moment
from spiders.base import Run, SourceSpider, Tally
from spiders.dila import DilaSpider
from spiders.feed import FeedSpider
from spiders.json_api import JsonApiSpider
from spiders.listing import ListingSpider
from spiders.settings import Patience, scrapy_settings

SPIDERS: dict[SourceKind, type[SourceSpider]] = {
    SourceKind.FEED: FeedSpider,
    SourceKind.LISTING: ListingSpider,
    SourceKind.DILA: DilaSpider,
    SourceKind.JSON_API: JsonApiSpider,
}


def main(arguments: Sequence[str] | None = None) -> int:
    watch_lifeline()
    options = _read_arguments(arguments)
    settings = load_settings()
    try:
        sources = load_sources(settings.sources, load_referentiel())
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    by_id = {source.id: source for source in sources}
    if unknown := [name for name in options.sources if name not in by_id]:
        sys.stderr.write(f"unknown source: {', '.join(unknown)} file={settings.sources}\n")
        return 2
    store = Store(settings.database_url)
    try:
        migrate(store)
        named = [by_id[name] for name in dict.fromkeys(options.sources)]
        wanted = named or due_sources(store, sources, options.now)
        patience = Patience(options.answer_within, options.source_within)
        run = crawl(settings, store, wanted, options.now, patience)
    finally:
        store.close()
    if run.error is not None:
        sys.stderr.write(f"the store failed: {run.error}\n")
        return 1
    report = {"sources": [tally.to_json() for tally in run.tallies]}
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 0


def crawl(
    settings: Settings, store: Store, sources: Sequence[Source], now: datetime, patience: Patience
) -> Run:
    """Read all these sources in one process, each at its own pace."""
    run = Run([Tally(source.id) for source in sources])
    if not sources:
        return run
    intake = Intake(store, CaptureFiles(settings.captures), now)
    process = AsyncCrawlerProcess(scrapy_settings(settings))
    for source, tally in zip(sources, run.tallies, strict=True):
        crawler = Crawler(SPIDERS[source.kind], scrapy_settings(settings, source, patience))
        process.crawl(crawler, source=source, intake=intake, tally=tally, run=run)
    process.start()
    return run


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m spiders", description=__doc__)
    parser.add_argument("--now", type=parse_moment, required=True, metavar="MOMENT")
    for name, seconds in asdict(Patience()).items():
        words = f"how long to wait for one {name} (default {seconds} s)"
        parser.add_argument(
            f"--{name}-within", type=float, default=seconds, metavar="SECONDS", help=words
        )
    parser.add_argument("sources", nargs="*", metavar="SOURCE")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
