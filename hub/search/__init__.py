"""Search over relevant items: one small protocol, and the engine of this installation."""

from hub.config import Settings
from hub.search.documents import load_docs
from hub.search.protocol import (
    FACETS,
    Doc,
    Hit,
    Page,
    Query,
    SearchIndex,
    Sort,
    Stats,
    parse_query,
)


def open_index(settings: Settings) -> SearchIndex:
    """The index of this installation. It need not exist yet: it is then empty."""
    from hub.search.whoosh_index import WhooshIndex  # loaded by those who search, or have news

    return WhooshIndex(settings.index, repair=lambda: load_docs(settings))


__all__ = [
    "FACETS",
    "Doc",
    "Hit",
    "Page",
    "Query",
    "SearchIndex",
    "Sort",
    "Stats",
    "open_index",
    "parse_query",
]
