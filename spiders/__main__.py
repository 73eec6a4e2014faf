"""`python -m spiders --now MOMENT [SOURCE...]`: read sources once, report on standard output.
With `--from-captures`, what these sources answered in the past is read again instead.

One line of JSON for each source that is over, then `{"end": ...}`. Without a source, every enabled
one whose rhythm says it is time. Exit codes: 0 done, whatever the sources answered (it is in the
report); 1 the store failed; 2 the call or a file is wrong.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from importlib import import_module

# Scrapy looks for its deprecated classes' module in every module loaded so far: here they are few.
import scrapy.core.downloader.handlers.http11  # noqa: F401
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from hub.captures import CaptureFiles, JournalEntry
from hub.child import watch_lifeline
from hub.collect import due_sources
from hub.config import Settings, load_settings
from hub.errors import ConfigError
from hub.intake import Intake
from hub.model import Source, SourceKind
from hub.spiders import TOLD, receive
from hub.store import Store
from hub.store.migrate import migrate
from hub.text import parse_moment
from spiders.base import Kind
from spiders.crawl import HubSpider
from spiders.errand import Errand, Run
from spiders.memory import StoredRobots, load_memories
from spiders.replay import replay
from spiders.settings import Patience, by_host, scrapy_settings

KINDS: dict[SourceKind, tuple[str, str]] = {
    SourceKind.FEED: ("spiders.feed", "FeedKind"),
    SourceKind.LISTING: ("spiders.listing", "ListingKind"),
    SourceKind.PAGE: ("spiders.page", "PageKind"),
    SourceKind.SITEMAP: ("spiders.sitemap", "SitemapKind"),
    SourceKind.DILA: ("spiders.dila", "DilaKind"),
    SourceKind.LEGIFRANCE: ("spiders.legifrance", "LegifranceKind"),
    SourceKind.JSON_API: ("spiders.json_api", "JsonApi"),
    SourceKind.SPARQL: ("spiders.sparql", "Sparql"),
    SourceKind.ARCHIVE: ("spiders.archive", "Archive"),
    SourceKind.MAILBOX: ("spiders.mailbox", "MailboxKind"),
    SourceKind.REPORTED: ("spiders.reported", "ReportedKind"),
}
"""Module and class of each kind: only those that a run needs are loaded."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_arguments(arguments)
    settings = load_settings()
    if options.told:
        try:
            sources = receive()
        except EOFError:  # who started us is gone, and with it whoever would hear why
            return 1
        watch_lifeline()
        with closing(Store(settings.database_url)) as store:
            return _report(settings, store, sources, options)
    watch_lifeline()
    return _read_named(settings, options)


def _read_named(settings: Settings, options: argparse.Namespace) -> int:
    """Read the sources of the call, which are in `sources.yaml`."""
    from hub.referentiel import load_referentiel  # a hub that tells has checked its sources already
    from hub.sources import load_sources

    try:
        sources = load_sources(
            settings.sources, load_referentiel(), allow_loopback=settings.allow_loopback
        )
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    by_id = {source.id: source for source in sources}
    if unknown := [name for name in options.sources if name not in by_id]:
        sys.stderr.write(f"unknown source: {', '.join(unknown)} file={settings.sources}\n")
        return 2
    named = [by_id[name] for name in dict.fromkeys(options.sources)]
    with closing(Store(settings.database_url)) as store:
        migrate(store)
        if options.from_captures:
            return replay_all(settings, store, named, options.now)
        wanted = named or due_sources(store, sources, options.now)
        return _report(settings, store, wanted, options)


def _report(
    settings: Settings, store: Store, wanted: Sequence[Source], options: argparse.Namespace
) -> int:
    patience = Patience(
        options.answer_within, options.source_within, has_pace=not settings.recordings
    )
    run = crawl(settings, store, wanted, options.now, patience)
    if run.error is not None:
        sys.stderr.write(f"the store failed: {run.error}\n")
        return 1
    sys.stdout.write(json.dumps({"end": len(wanted)}) + "\n")
    return 0


def replay_all(settings: Settings, store: Store, sources: Sequence[Source], now: datetime) -> int:
    """Read the captures of these sources again, and tell of each as a crawl does."""
    files = CaptureFiles(settings.captures)
    intake = Intake(store, files, now, is_replay=True)
    entries: dict[str, list[JournalEntry]] = {source.id: [] for source in sources}
    for entry in files.read_journal():
        if entry.source_id in entries and not entry.url.startswith("file:"):
            entries[entry.source_id].append(entry)
    for source in sources:
        done = replay(source, find_kind(source.kind), entries[source.id], intake)
        line = {
            "id": done.id,
            "captures": done.captures,
            "mentions": done.mentions,
            "failures": [asdict(failure) for failure in done.failures],
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    sys.stdout.write(json.dumps({"end": len(sources)}) + "\n")
    return 0


def crawl(
    settings: Settings, store: Store, sources: Sequence[Source], now: datetime, patience: Patience
) -> Run:
    """Read all these sources with one crawler, each host at its own pace."""
    run = Run(now)
    if not sources:
        return run
    files = CaptureFiles(settings.captures)
    memories = load_memories(store, files, sources, now)
    errands = [
        Errand(source, find_kind(source.kind)(source, memories[source.id])) for source in sources
    ]
    limits = {host: patience.of_host(group) for host, group in by_host(sources).items()}
    values = scrapy_settings(settings, sources, patience)
    process = AsyncCrawlerProcess(values)
    logging.getLogger("scrapy").setLevel(values["LOG_LEVEL"])  # it writes of each request
    process.crawl(
        Crawler(HubSpider, values),
        errands=errands,
        run=run,
        limits=limits,
        intake=Intake(store, files, now),
        robots=StoredRobots(store, now),
    )
    process.start()
    return run


def find_kind(kind: SourceKind) -> type[Kind]:
    module, name = KINDS[kind]
    found: type[Kind] = getattr(import_module(module), name)
    return found


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m spiders", description=__doc__)
    parser.add_argument("--now", type=parse_moment, required=True, metavar="MOMENT")
    for name in ("answer", "source"):
        seconds: float = getattr(Patience(), name)
        words = f"how long to wait for one {name} (default {seconds} s)"
        parser.add_argument(
            f"--{name}-within", type=float, default=seconds, metavar="SECONDS", help=words
        )
    parser.add_argument(
        TOLD, action="store_true", help="the sources come on standard input, from the hub"
    )
    parser.add_argument(
        "--from-captures", action="store_true", help="ask nobody: read what was kept once more"
    )
    parser.add_argument("sources", nargs="*", metavar="SOURCE")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    code = main()
    gc.freeze()  # all goes with the process: the last collections have nothing to look for
    sys.exit(code)
