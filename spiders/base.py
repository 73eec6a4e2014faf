"""What a kind of source is: what it asks for, and how it reads the answers.

A kind knows nothing of the network. `spiders.crawl` makes the requests that it asks for, with the
manners of `spiders.middlewares`, and gives it back what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from hub.legal.versions import NO_ARTICLES, Articles
from hub.model import Mention, Source

if TYPE_CHECKING:
    from hub.reported import Report

MIB = 1024 * 1024
PAGE_SIZE = 20 * MIB
"""The largest answer, unpacked, of all kinds but those of archives."""
ARCHIVE_SIZE = 64 * MIB


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to make. `reader` names the method of the kind that reads the answer.

    `about` is what that method needs to remember; it comes back as `Page.about`. An answer to a
    `is_conditional` request may be « not modified ». `is_private` answers (tokens) are never kept.
    `name` is what the request is called in captures and validators when its address alone does not
    say what was asked (a POST). `expects` are the statuses that the reader tells apart itself.

    Headers, body and `about` may hold secrets: they are in no repr.
    """

    url: str
    reader: str = "read"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    name: str = ""
    expects: tuple[int, ...] = (200,)
    is_conditional: bool = True
    is_private: bool = False
    max_size: int = PAGE_SIZE
    about: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """What a kind is given. `charset` is what the server claims, "" when it claims nothing.

    `url` is the address that was asked, `headers` have lower-case names.
    """

    url: str
    body: bytes = field(repr=False)
    charset: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    about: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer said.

    `troubles` are the parts that could not be read, in words. `follow` are the requests it leads
    to. `entries` counts what the answer listed, known or not; None when it is no list (a detail
    page, a token). `is_settled` is false when asking again may bring what is missing: an archive
    that was cut, a list that stopped short.
    """

    mentions: tuple[Mention, ...] = ()
    troubles: tuple[str, ...] = ()
    follow: tuple[Ask, ...] = ()
    entries: int | None = None
    is_settled: bool = True
    articles: Articles = NO_ARTICLES


def site_of(url: str) -> str:
    """Host and port of an address, `www.` left out: `example.org`, `127.0.0.1:8080`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}:{port}" if port else host


class Memory(Protocol):
    """What a kind may know of earlier reads of its own source."""

    @property
    def now(self) -> datetime: ...

    def was_read(self, url: str) -> bool:
        """Whether this address was read well once."""

    def last_read(self, url: str) -> datetime | None:
        """When this address last gave an answer that was read well, None when it never did.

        « Not modified » is no such answer: it does not move this moment.
        """

    def was_captured(self, url: str) -> bool:
        """Whether this address ever answered, understood or not."""

    def latest_body(self, url: str) -> bytes | None:
        """What this address answered last, None when it never did."""

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        """Those of these keys under which the source spoke before, wholly (not in part)."""

    def credentials(self) -> str:
        """The secret that the source names."""

    def reports(self) -> list[Report]:
        """The pages that editors reported and that wait to be read."""


class Kind:
    """One kind of source, for one source. Everything but `memory` is pure.

    `fails_by_page`: a page that does not answer says nothing of the source itself.
    """

    fails_by_page = False

    def __init__(self, source: Source, memory: Memory) -> None:
        self.source = source
        self.memory = memory

    @property
    def hosts(self) -> frozenset[str]:
        """The only hosts it may ask (see `site_of`): its own, with or without `www.`."""
        return frozenset((site_of(self.source.url),))

    def first_asks(self) -> Iterator[Ask]:
        yield Ask(self.source.url)

    def read(self, page: Page) -> Reading:
        """Parse one answer (status 200, not empty, not a challenge page: these are told before).

        Raises:
            SourceError: it is not what the source usually gives.
        """
        raise NotImplementedError

    def lost(self, ask: Ask) -> Reading:
        """What is still known when a request gave nothing: an item without its detail page."""
        return Reading()


class DirectKind(Kind):
    """A kind that does not speak HTTP: it brings its answers itself, in a thread."""

    def first_asks(self) -> Iterator[Ask]:
        return iter(())

    def fetch(self) -> Iterator[Page]:
        """Bring the answers, oldest first. Blocking; every wait in it has a limit.

        Raises:
            SourceError: the place could not be read.
        """
        raise NotImplementedError
