"""Between the spider and the network: which hosts, what robots.txt says, when to wait, what has
not moved.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from hub.model import Trouble
from hub.sources import is_loopback_host, is_private_host
from spiders import resolver
from spiders.base import site_of
from spiders.crawl import HubSpider, manners_of, permanent_target
from spiders.errand import Errand
from spiders.explain import (
    Held,
    OffSite,
    PrivateAddress,
    RobotsRefused,
    Spent,
    Stopped,
    explain,
)

ROBOTS_LIMIT = 500 * 1024
"""RFC 9309 2.5: at least this much of a robots.txt is read; here, no more."""
ROBOTS_ANSWERS = frozenset((*range(200, 300), *range(400, 600)))
LONGEST_CRAWL_DELAY = 60.0
LONGEST_HOLD = timedelta(days=2)
DEFAULT_HOLD = timedelta(hours=1)
"""When a host says 429 and not for how long."""


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Middleware:
        return cls(crawler)

    @property
    def spider(self) -> HubSpider:
        spider = self.crawler.spider
        if not isinstance(spider, HubSpider):
            raise TypeError(f"not our spider: {spider!r}")
        return spider


def _errand_of(request: Request) -> Errand:
    errand = request.meta["errand"]
    assert isinstance(errand, Errand)  # noqa: S101 - every request of the hub has one
    return errand


class Guard(_Middleware):
    """First of all, and whatever the flags of the request: Scrapy's own filter lets redirects of
    retried requests through, and drops the others without a word.
    """

    def process_request(self, request: Request) -> None:
        errand = _errand_of(request)
        if errand.stopped:
            raise Stopped(errand.stopped)
        self._check_place(request, errand)
        if request.meta.get("is_robots"):
            return
        if errand.tally.requests > errand.budget:
            raise Spent(f"{errand.budget} requests are the budget of a run")
        until = self.spider.run.holds.get(site_of(request.url))
        if until is not None:
            raise Held(f"the host asks to be left alone until {until:%Y-%m-%d %H:%M} UTC")

    def _check_place(self, request: Request, errand: Errand) -> None:
        asked = urlsplit(request.url)
        place = f"{asked.scheme}://{asked.netloc}"
        first: str = request.meta.get("redirect_urls", [request.url])[0]
        home = urlsplit(first)
        # A redirect stays on the host that was asked, also where a kind may ask several: what goes
        # with a request (a token) is for that host alone.
        host = site_of(request.url)
        is_home = host in errand.kind.hosts and host == site_of(first)
        if asked.hostname and is_private_host(asked.hostname):
            is_ours = self.crawler.settings.getbool("ALLOW_LOOPBACK")
            if not (is_home and is_ours and is_loopback_host(asked.hostname)):
                raise PrivateAddress(f"a private address, {place}")
        if not is_home:
            where = permanent_target(request.meta, request.url)
            words = f"moved for good, to {where}" if where == request.url else f"to {place}"
            raise OffSite(f"redirected off site, {words}")
        if asked.scheme != home.scheme and asked.scheme != "https":
            raise OffSite(f"redirected to an unprotected address, {place}")

    def process_response(self, request: Request, response: Response) -> Response:
        found = response.ip_address
        is_ours = self.crawler.settings.getbool("ALLOW_LOOPBACK")
        if found is None or resolver.is_public(str(found)) or (is_ours and found.is_loopback):
            return response
        raise PrivateAddress(f"the host answers from a private address, {found}")


class Redirects(RedirectMiddleware):
    """Scrapy's, without its search for the middleware that would say where the request came from:
    nobody is told.
    """

    def handle_referer(self, request: Request, response: Response) -> None:
        pass

    def _engine_started(self) -> None:
        pass


class Waits(_Middleware):
    """Nearest to the network: the private names that the resolver refused, and Retry-After.

    A host that says how long to wait is not asked again in this run, nor in the next ones before
    that time, whichever source asks.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status not in (429, 503):
            return response
        said = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait = self._read_wait(said) or (DEFAULT_HOLD if response.status == 429 else None)
        if wait is None:
            return response
        run = self.spider.run
        host = site_of(request.url)
        until = run.hold(host, min(wait, LONGEST_HOLD))
        _errand_of(request).tally.not_before = until
        for errand in self.spider.errands:
            if errand.host == host:
                errand.tally.not_before = until
        request.meta["dont_retry"] = True
        return response

    def _read_wait(self, said: str) -> timedelta | None:
        if said.strip().isdigit():
            return timedelta(seconds=min(int(said.strip()[:9]), LONGEST_HOLD.total_seconds()))
        try:
            return max(parsedate_to_datetime(said) - self.spider.run.now, timedelta())
        except (ValueError, TypeError):
            return None

    def process_exception(self, request: Request, exception: Exception) -> None:
        host = urlsplit(request.url).hostname or ""
        if isinstance(exception, CannotResolveHostError) and host in resolver.refused:
            raise PrivateAddress(f"{host} leads to a private address, {resolver.refused[host]}")


class Robots(_Middleware):
    """RFC 9309: no robots.txt (4xx) allows all; one that cannot be read (5xx, no answer, sent off
    site) forbids all for this run. One question for each origin, whatever the number of sources.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[Protego | RobotsRefused]] = {}
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_robots"):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            found = self._rules[origin] = asyncio.get_running_loop().create_future()
            try:
                found.set_result(await self._find(origin, request))
            except Exception as error:  # those who wait for the answer must not wait for ever
                found.set_result(unread(f"{type(error).__name__}: {error}", Trouble.CRASH))
        rules = await self._rules[origin]
        if isinstance(rules, RobotsRefused):
            raise rules
        if not rules.can_fetch(request.url, self._agent):
            raise RobotsRefused("forbidden by robots.txt")
        self._slow_down(request, rules)

    async def _find(self, origin: str, request: Request) -> Protego | RobotsRefused:
        """The rules of an origin, or why they could not be read. A host that cannot be reached is
        not one that says no.
        """
        known = self.spider.robots.find(origin)
        if known is not None:
            return Protego.parse(known)
        asked = Request(
            f"{origin}/robots.txt",
            headers=manners_of(_errand_of(request).source),
            meta={
                "errand": _errand_of(request),
                "is_robots": True,
                "handle_httpstatus_list": ROBOTS_ANSWERS,
                "download_slot": request.meta["download_slot"],
            },
            priority=1000,
        )
        engine = self.crawler.engine
        assert engine is not None  # noqa: S101 - requests are only made while it runs
        try:
            response = await engine.download_async(asked)
        except Exception as error:
            kind, reason = explain(error)
            return unread(reason, kind if kind.is_network else Trouble.ROBOTS)
        if response.status >= 500:
            return unread(f"HTTP {response.status}")
        body = response.body[:ROBOTS_LIMIT] if response.status == 200 else b""
        text = body.decode("utf-8", "replace").replace("\x00", "")
        self.spider.robots.keep(origin, text)
        return Protego.parse(text)

    def _slow_down(self, request: Request, rules: Protego) -> None:
        """A site may ask for more time between two requests than `sources.yaml` leaves it."""
        delay = rules.crawl_delay(self._agent)
        engine = self.crawler.engine
        if not delay or engine is None or self.crawler.settings.get("RECORDINGS"):
            return
        slot = engine.downloader.slots.get(request.meta["download_slot"])
        wanted = min(float(delay), LONGEST_CRAWL_DELAY)
        if slot is None or slot.delay >= wanted:
            return
        slot.delay = wanted
        self._ask_less(_errand_of(request).host, wanted)

    def _ask_less(self, host: str, delay: float) -> None:
        """A slower host is asked for less in the time that it is given."""
        errands = [errand for errand in self.spider.errands if errand.host == host]
        seconds = self.spider.limits.get(host, 0) / max(1, len(errands))
        for errand in errands:
            errand.budget = min(errand.budget, max(1, int(seconds / delay)))


def unread(reason: str, kind: Trouble = Trouble.ROBOTS) -> RobotsRefused:
    refused = RobotsRefused(f"robots.txt could not be read: {reason}")
    refused.kind = kind
    return refused


class ConditionalRequests(_Middleware):
    """Sends back what the server said of its page when its source was last read whole. A 304 then
    reaches the spider as it is.
    """

    def process_request(self, request: Request) -> None:
        ask = request.meta.get("ask")
        if ask is None or not ask.is_conditional:
            return
        etag, moved = self.spider.validators(_errand_of(request), ask)
        if etag:
            request.headers["If-None-Match"] = etag
        if moved:
            request.headers["If-Modified-Since"] = moved
