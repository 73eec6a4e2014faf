"""Between the spiders and the network: which hosts, what robots.txt says, what has not moved."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.robotstxt import RobotParser

from spiders.base import OffSite, RobotsRefused, SourceSpider, explain


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Middleware:
        return cls(crawler)

    @property
    def spider(self) -> SourceSpider:
        spider = self.crawler.spider
        if not isinstance(spider, SourceSpider):
            raise TypeError(f"not one of our spiders: {spider!r}")
        return spider


class HostGuard(_Middleware):
    """First of all, and whatever the flags of the request: Scrapy's own filter lets redirects of
    retried requests through, and drops the others without a word.
    """

    def process_request(self, request: Request) -> None:
        home, asked = urlsplit(self.spider.source.url), urlsplit(request.url)
        if _bare(asked.hostname) != _bare(home.hostname) or asked.port != home.port:
            raise OffSite(f"redirected off site, to {asked.scheme}://{asked.netloc}")
        if asked.scheme != home.scheme and asked.scheme != "https":
            raise OffSite(f"redirected to an unprotected address, {asked.scheme}://{asked.netloc}")

    def process_response(self, request: Request, response: Response) -> Response:
        if response.ip_address is not None and not response.ip_address.is_global:
            raise OffSite(f"the host answers from a private address, {response.ip_address}")
        return response


def _bare(host: str | None) -> str:
    return (host or "").removeprefix("www.")


class Robots(RobotsTxtMiddleware):
    """Scrapy's own, whose refusal can be told from others, and which stays closed in doubt."""

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        try:
            await super().process_request(request)
        except RobotsRefused:
            raise
        except IgnoreRequest as error:
            raise RobotsRefused(self._say_why(request)) from error

    async def robot_parser(self, request: Request) -> RobotParser:
        parser = await super().robot_parser(request)
        if parser is None:  # refused by a guard, or redirected for ever: Scrapy would allow all
            raise RobotsRefused("robots.txt could not be read: no answer that may be used")
        return parser

    def _say_why(self, request: Request) -> str:
        answers = self.crawler.get_downloader_middleware(RobotsAnswers)
        unread = answers.unread.get(urlsplit(request.url).netloc) if answers else None
        return f"robots.txt could not be read: {unread}" if unread else "forbidden by robots.txt"


class RobotsAnswers(_Middleware):
    """RFC 9309: no robots.txt (4xx) allows all; one that cannot be read forbids all, also one
    that is redirected off site. Scrapy would read an error page as a file without rules.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.unread: dict[str, str] = {}

    def process_response(self, request: Request, response: Response) -> Response:
        if not _is_robots(request) or response.status < 300:
            return response
        if 400 <= response.status < 500:
            return response.replace(body=b"")
        return self._close(request, f"HTTP {response.status}")

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        if not _is_robots(request):
            return None
        return self._close(request, explain(exception)[1])

    def _close(self, request: Request, reason: str) -> Response:
        first: str = request.meta.get("redirect_urls", [request.url])[0]
        self.unread[urlsplit(first).netloc] = reason
        return TextResponse(request.url, body=b"User-agent: *\nDisallow: /\n", request=request)


def _is_robots(request: Request) -> bool:
    return bool(request.meta.get("dont_obey_robotstxt"))


class ConditionalRequests(_Middleware):
    """Sends back what the server said of its page when its source was last read whole. A 304 then
    reaches the spider as it is.
    """

    def process_request(self, request: Request) -> None:
        asked = request.meta.get("asked")
        if not asked or not request.meta.get("is_conditional"):
            return
        etag, moved = self.spider.validators_of(asked)
        if etag:
            request.headers["If-None-Match"] = etag
        if moved:
            request.headers["If-Modified-Since"] = moved
