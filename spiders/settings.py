"""Scrapy's settings for one source. Every default of Scrapy that would be unsafe, impolite or
dishonest about a change is set here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from scrapy.settings import Settings as ScrapySettings

from hub.config import Settings
from hub.model import Source, SourceKind

PRODUCT = "HDMCR"
"""The name that robots.txt files may speak to."""

MIB = 1024 * 1024
MAX_SIZE = {SourceKind.DILA: 64 * MIB}
"""The largest answers, unpacked; 10 MiB for the other kinds."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for one answer, with its body, and for all of a source.

    A source that is stopped still waits for the answer under way: both together stay under the
    deadline at which hub.collect kills the process, and every report with it.
    """

    answer: float = 60
    source: float = 200


def scrapy_settings(
    settings: Settings, source: Source | None = None, patience: Patience | None = None
) -> ScrapySettings:
    """The settings of one source, or of the process that runs them all."""
    patience = patience or Patience()
    values: dict[str, Any] = {
        **COMMON,
        "USER_AGENT": user_agent(settings),
        "DOWNLOAD_TIMEOUT": patience.answer,
        "CLOSESPIDER_TIMEOUT": patience.source,
    }
    if source is not None:
        values["DOWNLOAD_DELAY"] = source.pace.total_seconds()
        values["DOWNLOAD_MAXSIZE"] = MAX_SIZE.get(source.kind, 10 * MIB)
    if settings.recordings:
        handler = "spiders.recordings.RecordingsHandler"
        values |= {
            "RECORDINGS": settings.recordings,
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "DOWNLOAD_DELAY": 0,
            "HTTPPROXY_ENABLED": False,
        }
    # Scrapy writes the process's settings over those of each source that have no higher priority.
    return ScrapySettings(values, priority="project" if source is None else "cmdline")


def user_agent(settings: Settings) -> str:
    try:
        number = version("hdmcr")
    except PackageNotFoundError:  # a checkout that was not installed
        number = "0"
    return f"{PRODUCT}/{number} (+{settings.public_url}; {settings.contact})"


COMMON: dict[str, Any] = {
    "BOT_NAME": PRODUCT,
    # Honest, polite
    "ROBOTSTXT_OBEY": True,
    "ROBOTSTXT_USER_AGENT": PRODUCT,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY_JITTER": 0,
    "DEFAULT_REQUEST_HEADERS": {
        "Accept": "*/*",
        "Accept-Language": "fr",
    },
    "RETRY_TIMES": 1,
    "RETRY_HTTP_CODES": [408, 500, 502, 503, 504],
    "REFERRER_POLICY": "no-referrer",
    # Safe
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REDIRECT_MAX_TIMES": 5,
    "DOWNLOAD_MAXSIZE": 10 * MIB,
    "DOWNLOAD_WARNSIZE": 0,
    "DNS_TIMEOUT": 20,
    "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None},
    # Truthful: our own validators, never a cache that answers in place of a source that is down
    "HTTPCACHE_ENABLED": False,
    "URLLENGTH_LIMIT": 0,  # it drops long addresses in silence; the parsers refuse them aloud
    "DOWNLOADER_MIDDLEWARES": {
        "spiders.middlewares.HostGuard": 10,
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # it filters in silence
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "spiders.middlewares.Robots": 100,
        "spiders.middlewares.RobotsAnswers": 110,
        "spiders.middlewares.ConditionalRequests": 450,
    },
    "ITEM_PIPELINES": {"spiders.pipelines.IntakePipeline": 100},
    # Quiet
    "LOG_LEVEL": "WARNING",
    "LOGSTATS_INTERVAL": 0,
    "STATS_DUMP": False,
}
