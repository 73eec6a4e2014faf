"""`sources.yaml`: what is watched. A source is configuration; a new KIND of source is a new spider.

Durations (`rhythm`, `publishes`) are written `<number> <unit>`, the unit being `s`, `min`, `h` or
`d`: `15 min`, `6 h`, `1 d`. A `pace` may be a range: `15-22 s`. Nothing else is understood.
"""

from hub.sources.loading import load_sources
from hub.sources.options import (
    MAX_ODS_WINDOW,
    ArchiveOptions,
    DetailOptions,
    DilaOptions,
    FeedOptions,
    JsonApiOptions,
    LegifranceOptions,
    ListingOptions,
    MailboxOptions,
    PageOptions,
    ReportedOptions,
    SitemapOptions,
    SparqlOptions,
)
from hub.sources.values import is_loopback_host, is_private_host, parse_duration

__all__ = [
    "MAX_ODS_WINDOW",
    "ArchiveOptions",
    "DetailOptions",
    "DilaOptions",
    "FeedOptions",
    "JsonApiOptions",
    "LegifranceOptions",
    "ListingOptions",
    "MailboxOptions",
    "PageOptions",
    "ReportedOptions",
    "SitemapOptions",
    "SparqlOptions",
    "is_loopback_host",
    "is_private_host",
    "load_sources",
    "parse_duration",
]
