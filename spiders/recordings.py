"""Answers from a recordings server in place of every source, for the demonstration and the tests.

A download handler rather than a middleware: every other part, robots.txt, redirects and retries
included, keeps the real addresses, and nothing can leave the machine.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response


class RecordingsHandler(HTTP11DownloadHandler):
    """Sends `https://host/path?query` to `{recordings}/https/host/path?query`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._recordings = str(crawler.settings["RECORDINGS"]).rstrip("/")

    async def download_request(self, request: Request) -> Response:
        scheme, rest = request.url.split("://", 1)
        recorded = request.replace(url=f"{self._recordings}/{scheme}/{rest}")
        response = await super().download_request(recorded)
        return response.replace(url=request.url, ip_address=None)
