"""What every spider does: ask, wrap trouble, hand over. The parsing is in the modules by kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import scrapy
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure as TwistedFailure
from w3lib.encoding import http_content_type_encoding

from hub.captures import hash_body
from hub.errors import EmptySource, FetchError, SourceError
from hub.intake import Intake
from hub.model import Capture, Failure, Mention, Source
from hub.store.captures import find_latest_capture, find_validator
from hub.store.sources import SourceStateRow
from spiders.reading import Reading, say_all

OK = 200
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Page:
    """What a parser is given. `charset` is what the server claims, "" when it claims nothing."""

    url: str
    body: bytes
    charset: str = ""


class Refused(IgnoreRequest):
    """A request that must not be made. Its text says why; it reaches the errback."""


class OffSite(Refused):
    """The request, or a redirect of it, leaves the source's own host."""


class RobotsRefused(Refused):
    """robots.txt says no, or could not be read."""


# --- What a spider hands over ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was understood, wholly or in part: `failure` says what was not.

    `is_settled`: asking again would not mend the failure.
    """

    capture: Capture
    mentions: tuple[Mention, ...]
    failure: Failure | None = None
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """An answer that was not understood."""

    capture: Capture
    failure: Failure


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The page has not moved since it was last read (304)."""

    url: str


@dataclass(slots=True)
class Tally:
    """What one source gave in this run; the only thing here that changes."""

    id: str
    requests: int = 0
    answers: int = 0
    not_modified: int = 0
    mentions: int = 0
    failures: list[Failure] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "requests": self.requests,
            "not_modified": self.not_modified,
            "mentions": self.mentions,
            "failures": [{"url": f.url, "kind": f.kind, "reason": f.reason} for f in self.failures],
        }


@dataclass(slots=True)
class Run:
    """What the spiders of one process share. `error` is the store's trouble that stopped it."""

    tallies: list[Tally]
    error: Exception | None = None


Handed = Answer | Unread | Unchanged | Failure
Reader = Callable[[Page], Reading]


class SourceSpider(scrapy.Spider):
    """Reads one source. A kind of source overrides `read`, and `follow` when pages differ."""

    handle_httpstatus_list: ClassVar[list[int]] = [NOT_MODIFIED]
    max_pages = 1

    def __init__(self, *, source: Source, intake: Intake, tally: Tally, run: Run) -> None:
        super().__init__(name=source.id)
        self.source = source
        self.intake = intake
        self.tally = tally
        self.run = run
        self._pages_asked = 0

    @property
    def first_url(self) -> str:
        return self.source.url

    def read(self, page: Page) -> Reading:
        """Parse one page.

        Raises:
            SourceError: it is not what the source usually gives.
        """
        raise NotImplementedError

    def first_requests(self) -> Iterator[Request]:
        yield self.ask(self.first_url, self.read)

    def follow(self, reading: Reading) -> Iterator[Request]:
        """The requests that a reading leads to: the next pages, up to `max_pages` in all."""
        for url in reading.follow:
            if self._pages_asked < self.max_pages:
                yield self.ask(url, self.read)

    async def start(self) -> AsyncIterator[Request]:
        for request in self.first_requests():
            yield request

    def ask(self, url: str, reader: Reader, *, is_conditional: bool = True) -> Request:
        self._pages_asked += 1
        return Request(
            url,
            callback=self.receive,
            errback=self.give_up,
            dont_filter=True,
            cb_kwargs={"reader": reader},
            meta={"asked": url, "is_conditional": is_conditional},
        )

    def receive(self, response: Response, reader: Reader) -> Iterator[Handed | Request]:
        """Hand over one answer and ask for what it leads to. Nothing a page holds can raise."""
        asked: str = response.meta["asked"]
        if response.status == NOT_MODIFIED:
            yield Unchanged(asked)
            return
        capture = self._capture(response, asked)
        try:
            reading = reader(self._page(response, asked))
        except SourceError as error:
            yield Unread(capture, self._failure(asked, error.kind, error.reason))
            return
        except Exception as error:
            self.logger.exception("parser failed source=%s url=%s", self.source.id, asked)
            reason = f"the parser failed: {type(error).__name__}: {str(error)[:200]}"
            yield Unread(capture, self._failure(asked, "parse", reason))
            return
        failure = None
        if reading.troubles:
            failure = self._failure(asked, "parse", say_all(reading.troubles))
        yield Answer(capture, reading.mentions, failure, reading.is_settled)
        yield from self.follow(reading)

    def give_up(self, failure: TwistedFailure) -> Iterator[Handed]:
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        kind, reason = explain(failure.value)
        yield self._failure(request.meta["asked"], kind, reason)

    def was_captured(self, url: str) -> bool:
        """Whether this address ever answered, understood or not."""
        with self.intake.store.read() as session:
            return find_latest_capture(session, self.source.id, url) is not None

    def validators_of(self, url: str) -> tuple[str, str]:
        """The (ETag, Last-Modified) to send back; blank when the page must be read again.

        A page read in a run that then failed, or was killed, before the source's last page is read
        again: a 304 would say nothing of the pages after it, which were never read.
        """
        with self.intake.store.read() as session:
            state = session.get(SourceStateRow, self.source.id)
            validator = find_validator(session, self.source.id, url)
        read_whole = state.last_good_read if state else None
        if validator is None or read_whole is None or validator.checked_at > read_whole:
            return "", ""
        return validator.etag, validator.last_modified

    def _page(self, response: Response, asked: str) -> Page:
        if response.status != OK:
            raise FetchError(f"unexpected HTTP {response.status}", status=response.status)
        if not response.body.strip():
            raise EmptySource("empty answer")
        content_type = response.headers.get("Content-Type") or b""
        charset = http_content_type_encoding(content_type.decode("latin-1"))
        return Page(asked, response.body, charset or "")

    def _capture(self, response: Response, asked: str) -> Capture:
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        return Capture(
            source_id=self.source.id,
            url=asked,
            fetched_at=self.intake.now,
            status=response.status,
            headers=headers,
            body=response.body,
            sha256=hash_body(response.body),
        )

    def _failure(self, url: str, kind: str, reason: str) -> Failure:
        return Failure(self.source.id, url, kind, reason)


_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadTimeoutError, "no answer in time"),
    (DownloadCancelledError, "answer larger than the limit"),
    (ResponseDataLossError, "answer cut before its end"),
    (CannotResolveHostError, "unknown host"),
    (DownloadConnectionRefusedError, "connection refused"),
)


def explain(error: BaseException | None) -> tuple[str, str]:
    """Kind and reason of a request that gave no answer."""
    if isinstance(error, HttpError):
        return "fetch", f"HTTP {error.response.status}"
    if isinstance(error, RobotsRefused):
        return "robots", str(error)
    if isinstance(error, IgnoreRequest):
        return "fetch", str(error) or "refused"
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return "fetch", words
    return "fetch", f"{type(error).__name__}: {str(error)[:200]}"
