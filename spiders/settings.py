"""Scrapy's settings for one run. Every default of Scrapy that would be unsafe, impolite or
dishonest about a change is set here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from scrapy.settings import Settings as ScrapySettings

from hub.config import Settings
from hub.model import Source
from spiders.base import PAGE_SIZE, site_of

PRODUCT = "HDMCR"
"""The name that robots.txt files may speak to."""
AT_ONCE = 8
"""Requests at a time to our own machine; to anybody else's, one."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for one answer, with its body, and for each source beside its pace."""

    answer: float = 30
    source: float = 200

    has_pace: bool = True
    """False when recordings answer: nobody is spared."""

    def of_host(self, sources: Iterable[Source]) -> float:
        """Seconds for all the sources of one host, which share its pace."""
        return sum(
            self.source + source.budget * source.pace.longest.total_seconds() * self.has_pace
            for source in sources
        )


def by_host(sources: Iterable[Source]) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    for source in sources:
        found.setdefault(site_of(source.url), []).append(source)
    return found


def scrapy_settings(
    settings: Settings, sources: Sequence[Source] = (), patience: Patience | None = None
) -> ScrapySettings:
    """The settings of the crawler that reads all these sources."""
    patience = patience or Patience()
    values: dict[str, Any] = {
        **COMMON,
        "USER_AGENT": user_agent(settings),
        "DOWNLOAD_TIMEOUT": patience.answer,
        "ALLOW_LOOPBACK": settings.allow_loopback,
        "DOWNLOAD_SLOTS": {host: slot_of(group) for host, group in by_host(sources).items()},
    }
    if settings.recordings:
        handler = "spiders.recordings.RecordingsHandler"
        values |= {
            "RECORDINGS": settings.recordings,
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "DOWNLOAD_SLOTS": {},
            "DOWNLOAD_DELAY": 0,
        }
    return ScrapySettings(values, priority="cmdline")


def slot_of(sources: Sequence[Source]) -> dict[str, float]:
    """How a host is asked: one request at a time, at the pace of its most careful source."""
    shortest = max(source.pace.shortest for source in sources)
    longest = max(source.pace.longest for source in sources)
    if longest == timedelta():
        return {"concurrency": AT_ONCE, "delay": 0.0, "jitter": 0.0}
    middle = (shortest + longest) / 2
    jitter = (longest - middle) / middle
    return {"concurrency": 1, "delay": middle.total_seconds(), "jitter": jitter}


def user_agent(settings: Settings) -> str:
    try:
        number = version("hdmcr")
    except PackageNotFoundError:  # a checkout that was not installed
        number = "0"
    return f"{PRODUCT}/{number} (+{settings.public_url}; {settings.contact})"


COMMON: dict[str, Any] = {
    "BOT_NAME": PRODUCT,
    # Honest, polite
    "ROBOTSTXT_OBEY": False,  # our own middleware obeys it, by RFC 9309
    "ROBOTSTXT_USER_AGENT": PRODUCT,
    # No limit but one for each host: requests that wait for their host's pace count here too, and
    # one slow host would hold up all the others.
    "CONCURRENT_REQUESTS": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE,  # kept connections; each host has its own slot
    "DOWNLOAD_DELAY": 2,
    "DOWNLOAD_DELAY_JITTER": 0.2,
    "DEFAULT_REQUEST_HEADERS": {
        "Accept": "*/*",
        "Accept-Language": "fr",
    },
    "RETRY_TIMES": 1,
    "RETRY_HTTP_CODES": [408, 500, 502, 503, 504],
    # Safe
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
    # No proxy: it would resolve names by itself, behind our guard's back.
    "HTTPPROXY_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REDIRECT_MAX_TIMES": 5,
    "DOWNLOAD_MAXSIZE": PAGE_SIZE,
    "DOWNLOAD_WARNSIZE": 0,
    "DNS_TIMEOUT": 20,
    "TWISTED_DNS_RESOLVER": "spiders.resolver.GuardedResolver",
    "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None},
    # Truthful: our own validators, never a cache that answers in place of a source that is down
    "HTTPCACHE_ENABLED": False,
    "DOWNLOADER_MIDDLEWARES": {
        "spiders.middlewares.Guard": 10,
        "spiders.middlewares.Robots": 100,
        "spiders.middlewares.ConditionalRequests": 450,
        "spiders.middlewares.Waits": 560,
        "spiders.middlewares.Redirects": 600,
    },
    # Of Scrapy's own parts, these: it loads even those of its default lists that are turned off.
    "DOWNLOADER_MIDDLEWARES_BASE": {
        f"scrapy.downloadermiddlewares.{name}": place
        for name, place in (
            ("downloadtimeout.DownloadTimeoutMiddleware", 350),
            ("defaultheaders.DefaultHeadersMiddleware", 400),
            ("useragent.UserAgentMiddleware", 500),
            ("retry.RetryMiddleware", 550),
            ("httpcompression.HttpCompressionMiddleware", 590),
        )
    },
    "SPIDER_MIDDLEWARES_BASE": {"scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50},
    "EXTENSIONS_BASE": {},
    "ITEM_PIPELINES": {"spiders.pipelines.IntakePipeline": 100},
    "CONCURRENT_ITEMS": 1,  # our pipeline waits for nothing: Scrapy would make 100 tasks an answer
    # Quiet
    "LOG_LEVEL": "WARNING",
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "STATS_DUMP": False,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
}
