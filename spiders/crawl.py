"""The one Scrapy spider: it makes the requests that every source of a run asks for.

One crawler for all sources, so that two sources on one host share its pace, its robots.txt and its
refusals. What a source is stays in its kind (`spiders.base.Kind`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any

import scrapy
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure
from w3lib.encoding import http_content_type_encoding

from hub.captures import hash_body
from hub.errors import SourceError
from hub.intake import Intake
from hub.model import Capture, Failure, Source, Trouble
from spiders.base import Ask, DirectKind, Page, Reading, site_of
from spiders.errand import Answer, Errand, Finished, Handed, Run, Unchanged, Unread
from spiders.explain import Stopped, explain, refusal_of
from spiders.memory import StoredMemory, StoredRobots
from spiders.reading import say_all

NOT_MODIFIED = 304
KEPT_HEADERS = ("content-type", "date", "etag", "last-modified")
"""What is kept of an answer beside its body: what reading it again needs, and no cookie."""
LONG = 1024 * 1024
"""Bytes of an answer that takes a while to read."""
ANSWERS = frozenset(range(200, 600)) - {301, 302, 303, 307, 308}
"""Every status reaches the spider, but for the redirects that are followed."""
Given = Handed | Request


class HubSpider(scrapy.Spider):
    name = "hub"

    def __init__(
        self,
        *,
        errands: Sequence[Errand],
        run: Run,
        limits: Mapping[str, float],
        intake: Intake,
        robots: StoredRobots,
    ) -> None:
        """`limits` are the seconds that each host may take."""
        super().__init__()
        self.intake = intake
        self.robots = robots
        self.errands = errands
        self.run = run
        self.limits = limits

    def validators(self, errand: Errand, ask: Ask) -> tuple[str, str]:
        """What to send back so that the server may answer « not modified »."""
        memory = errand.kind.memory
        return memory.validators(_name(ask)) if isinstance(memory, StoredMemory) else ("", "")

    async def start(self) -> AsyncIterator[Any]:
        loop = asyncio.get_running_loop()
        for host, seconds in self.limits.items():
            loop.call_later(seconds, self._stop, host, f"not finished after {seconds:g} s")
        for errand in self.errands:
            for given in self._begin(errand):
                yield given
        for errand in self.errands:
            if isinstance(errand.kind, DirectKind):
                for given in await asyncio.to_thread(list, self._fetch(errand)):
                    yield self._of(errand, given)
                if not errand.waiting:
                    yield self._of(errand, Finished())

    def _stop(self, host: str, reason: str) -> None:
        """A host that takes too long is asked for nothing more; the others are not concerned."""
        for errand in self.errands:
            if errand.host == host:
                errand.stopped = reason
        engine = self.crawler.engine
        slot = engine.downloader.slots.get(host) if engine else None
        while slot is not None and slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(Stopped(reason))

    def _begin(self, errand: Errand) -> Iterator[Any]:
        asks: Iterable[Ask] = ()
        try:
            asks = list(errand.kind.first_asks())
        except SourceError as error:
            yield self._of(errand, errand.fail(errand.source.url, error.kind, error.reason))
        except Exception as error:
            self.logger.exception("kind failed source=%s", errand.source.id)
            yield self._of(errand, errand.fail(errand.source.url, Trouble.CRASH, _say(error)))
        yield from self._ask_all(errand, asks)
        if not errand.waiting and not isinstance(errand.kind, DirectKind):
            yield self._of(errand, Finished())

    def _fetch(self, errand: Errand) -> Iterator[Given]:
        """What a kind that does not speak HTTP brings. Runs in a thread."""
        assert isinstance(errand.kind, DirectKind)  # noqa: S101 - the caller asked for it
        try:
            for page in errand.kind.fetch():
                yield from self._read(errand, Ask(page.url), page, self._capture_page(errand, page))
        except SourceError as error:
            yield errand.fail(errand.source.url, error.kind, error.reason)
        except Exception as error:
            self.logger.exception("kind failed source=%s", errand.source.id)
            yield errand.fail(errand.source.url, Trouble.CRASH, _say(error))

    # --- Asking ----------------------------------------------------------------------------------

    def _ask_all(
        self, errand: Errand, asks: Iterable[Ask], origin: Capture | None = None
    ) -> Iterator[Any]:
        """Requests within the budget of the source; past it, what is known without asking."""
        refused = 0
        for ask in asks:
            if errand.asked < errand.budget:
                yield self._request(errand, ask, origin)
                continue
            refused += 1
            if origin is not None:
                yield from self._of_all(errand, self._without(errand, ask, origin))
        if refused:
            reason = f"{refused} requests left out: {errand.budget} is the budget of a run"
            yield self._of(errand, errand.fail(errand.source.url, Trouble.BUDGET, reason))

    def _request(self, errand: Errand, ask: Ask, origin: Capture | None) -> Request:
        errand.asked += 1
        errand.waiting += 1
        headers = {**ask.headers, **manners_of(errand.source)}
        return Request(
            ask.url,
            method=ask.method,
            headers=headers,
            body=ask.body,
            callback=self.receive,
            errback=self.give_up,
            dont_filter=True,
            cb_kwargs={"errand": errand, "ask": ask, "origin": origin},
            meta={
                "errand": errand,
                "ask": ask,
                "download_slot": site_of(ask.url),
                "download_maxsize": ask.max_size,
                "handle_httpstatus_list": ANSWERS,
            },
        )

    # --- Receiving -------------------------------------------------------------------------------

    async def receive(
        self, response: Response, errand: Errand, ask: Ask, origin: Capture | None
    ) -> AsyncIterator[Any]:
        """Hand over one answer and ask for what it leads to. Nothing a page holds can raise."""
        self._note_move(response, errand, ask)
        if response.status == NOT_MODIFIED and was_conditional(response):
            yield self._of(errand, Unchanged(_name(ask)))
        else:
            page = _page_of(response, ask)
            capture = self._capture(errand, ask, response.status, page.headers, response.body)
            for given in await self._read_all(errand, ask, page, capture, origin):
                yield self._of(errand, given)
        for given in self._leave(errand):
            yield given

    async def _read_all(self, *arguments: Any) -> list[Given]:
        """Read an answer; a long one in a thread, so that the other hosts are not kept waiting."""
        page: Page = arguments[2]
        if len(page.body) < LONG:
            return list(self._read(*arguments))
        return await asyncio.to_thread(list, self._read(*arguments))

    def give_up(self, failure: TwistedFailure) -> Iterator[Any]:
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        given: dict[str, Any] = request.cb_kwargs
        errand, ask, origin = given["errand"], given["ask"], given["origin"]
        kind, reason = explain(failure.value)
        yield self._of(errand, errand.fail(_name(ask), kind, reason))
        if origin is not None:
            yield from self._of_all(errand, self._without(errand, ask, origin))
        yield from self._leave(errand)

    def _leave(self, errand: Errand) -> Iterator[Any]:
        errand.waiting -= 1
        if not errand.waiting:
            yield self._of(errand, Finished())

    def _read(
        self,
        errand: Errand,
        ask: Ask,
        page: Page,
        capture: Capture,
        origin: Capture | None = None,
    ) -> Iterator[Given]:
        name = _name(ask)
        if refusal := refusal_of(page, ask):
            yield self._refuse(ask, capture, errand.fail(name, *refusal))
            yield from self._without(errand, ask, origin)
            return
        try:
            reading: Reading = getattr(errand.kind, ask.reader)(page)
        except SourceError as error:
            yield self._refuse(ask, capture, errand.fail(name, error.kind, error.reason))
            yield from self._without(errand, ask, origin)
            return
        except Exception as error:
            self.logger.exception("parser failed source=%s url=%s", errand.source.id, name)
            failure = errand.fail(name, Trouble.PARSE, f"the parser failed: {_say(error)}")
            yield self._refuse(ask, capture, failure)
            yield from self._without(errand, ask, origin)
            return
        if not ask.is_private:
            yield _answer(errand, name, capture, reading)
        if reading.entries is not None:
            errand.tally.entries = (errand.tally.entries or 0) + reading.entries
        yield from self._ask_all(errand, reading.follow, capture)

    def _refuse(self, ask: Ask, capture: Capture, failure: Failure) -> Handed:
        """Answers that say nothing of the source's own are not kept: they move at each request."""
        is_own = capture.status == 200 and failure.kind in (Trouble.PARSE, Trouble.EMPTY)
        return Unread(capture, failure) if is_own and not ask.is_private else failure

    def _without(self, errand: Errand, ask: Ask, origin: Capture | None) -> Iterator[Handed]:
        """What the page that led to this request already said of what it asked for."""
        if origin is None:
            return
        known = errand.kind.lost(ask)
        if known.mentions:
            yield Answer(origin, known.mentions, is_settled=True)

    # --- Small parts -----------------------------------------------------------------------------

    def _note_move(self, response: Response, errand: Errand, ask: Ask) -> None:
        moved = permanent_target(response.meta, response.url)
        if moved and ask.url == errand.source.url:
            errand.tally.moved_to = moved

    def _capture(self, errand: Errand, ask: Ask, status: int, headers: Any, body: bytes) -> Capture:
        return Capture(
            source_id=errand.source.id,
            url=_name(ask),
            fetched_at=self.run.now,
            status=status,
            headers={name: value for name, value in headers.items() if name in KEPT_HEADERS},
            body=body,
            sha256=hash_body(body),
        )

    def _capture_page(self, errand: Errand, page: Page) -> Capture:
        return self._capture(errand, Ask(page.url), page.status, page.headers, page.body)

    def _of_all(self, errand: Errand, given: Iterable[Given]) -> Iterator[Any]:
        for one in given:
            yield self._of(errand, one)

    def _of(self, errand: Errand, handed: Any) -> Any:
        """What the pipeline receives: the errand with each thing handed over."""
        return handed if isinstance(handed, (Request, Delivered)) else Delivered(errand, handed)


class Delivered:
    """One thing handed over, and by which errand."""

    __slots__ = ("errand", "handed")

    def __init__(self, errand: Errand, handed: Handed) -> None:
        self.errand = errand
        self.handed = handed


def was_conditional(response: Response) -> bool:
    """Whether « not modified » answers what was asked: a server may say it to anybody."""
    sent = response.request.headers if response.request else {}
    return b"If-None-Match" in sent or b"If-Modified-Since" in sent


def manners_of(source: Source) -> dict[str, str]:
    """Headers of every request of a source."""
    return {"Connection": "close"} if source.fresh_connection else {}


def permanent_target(meta: Any, url: str) -> str:
    """Where permanent redirects (301, 308) lead, before any temporary one; "" when none did."""
    reasons: list[Any] = meta.get("redirect_reasons", [])
    stops = [*meta.get("redirect_urls", []), url]
    target = ""
    for reason, stop in zip(reasons, stops[1:], strict=False):
        if reason not in (301, 308):
            break
        target = stop
    return target


def _answer(errand: Errand, name: str, capture: Capture, reading: Reading) -> Answer:
    failure = None
    if reading.troubles:
        kind = Trouble.PARTIAL if reading.is_settled else Trouble.PARSE
        failure = errand.fail(name, kind, say_all(reading.troubles))
    return Answer(capture, reading.mentions, failure, reading.is_settled, reading.articles)


def _page_of(response: Response, ask: Ask) -> Page:
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    charset = http_content_type_encoding(headers.get("content-type", ""))
    return Page(ask.url, response.body, charset or "", response.status, headers, ask.about)


def _name(ask: Ask) -> str:
    return ask.name or ask.url


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
