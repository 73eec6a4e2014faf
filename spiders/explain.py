"""Why a request gave nothing, in a stable kind and a few words. Pure."""

from __future__ import annotations

from http import HTTPStatus

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from hub.model import Trouble
from spiders.base import PAGE_SIZE, Ask, Page
from spiders.refusals import find_refusal

GZIP = b"\x1f\x8b"
TURNED_AWAY = (401, 403, 407, 429, 451)


class Refused(IgnoreRequest):
    """A request that must not be made. Its text says why; it reaches the errback."""

    kind = Trouble.HTTP


class OffSite(Refused):
    """The request, or a redirect of it, leaves the source's own hosts."""

    kind = Trouble.OFF_SITE


class PrivateAddress(Refused):
    """The host is, or answers from, an address that only has a meaning inside a network."""

    kind = Trouble.PRIVATE


class RobotsRefused(Refused):
    """robots.txt says no, or could not be read."""

    kind = Trouble.ROBOTS


class Held(Refused):
    """The host asked to be left alone for a while (Retry-After)."""

    kind = Trouble.HELD


class Spent(Refused):
    """The errand has sent all the requests of a run, retries and redirects included."""

    kind = Trouble.BUDGET


class Stopped(Refused):
    """The errand may not ask for more."""

    kind = Trouble.TIMEOUT


_WORDS: tuple[tuple[type[BaseException], Trouble, str], ...] = (
    (DownloadTimeoutError, Trouble.TIMEOUT, "no answer in time"),
    (DownloadCancelledError, Trouble.TOO_LARGE, "answer larger than the limit"),
    (ResponseDataLossError, Trouble.CUT, "answer cut before its end"),
    (CannotResolveHostError, Trouble.UNREACHABLE, "unknown host"),
    (DownloadConnectionRefusedError, Trouble.UNREACHABLE, "connection refused"),
    (UnsupportedURLSchemeError, Trouble.OFF_SITE, "redirected to something that is no web page"),
)


def explain(error: BaseException | None) -> tuple[Trouble, str]:
    """Kind and reason of a request that gave no answer."""
    for found in _causes(error):
        if isinstance(found, Refused):
            return found.kind, str(found)
    for kind, trouble, words in _WORDS:
        if isinstance(error, kind):
            return trouble, words
    said = str(error)
    if isinstance(error, IgnoreRequest):
        if "max redirections" in said:
            return Trouble.REDIRECTS, "redirected without end"
        if "DOWNLOAD_MAXSIZE" in said:
            return Trouble.TOO_LARGE, "answer larger than the limit once unpacked"
        return Trouble.HTTP, said[:200] or "refused"
    if isinstance(error, DownloadFailedError):
        return Trouble.UNREACHABLE, f"connection failed: {said[:200]}"
    return Trouble.HTTP, f"{type(error).__name__}: {said[:200]}"


def _causes(error: BaseException | None) -> list[BaseException]:
    """An error and what it came from: the resolver's refusal is wrapped by the downloader."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def refusal_of(page: Page, ask: Ask) -> tuple[Trouble, str] | None:
    """Why an answer that came is none, or None when a kind may read it."""
    if page.status in ask.expects and page.status != HTTPStatus.OK:
        return None
    if page.status in TURNED_AWAY or (page.status == 503 and "retry-after" in page.headers):
        return Trouble.REFUSED, f"HTTP {page.status}{_wait_of(page)}"
    if page.status >= 500:
        return Trouble.HTTP, f"HTTP {page.status}"
    if challenge := find_refusal(page):
        return Trouble.REFUSED, challenge
    if page.status != HTTPStatus.OK:
        return Trouble.HTTP, f"HTTP {page.status}"
    if encoding := page.headers.get("content-encoding"):
        return Trouble.PARSE, f"content encoding that cannot be undone: {encoding[:40]}"
    if page.body.startswith(GZIP) and ask.max_size <= PAGE_SIZE and not ask.url.endswith(".gz"):
        return Trouble.PARSE, "gzip inside gzip, or an archive in place of a page"
    if not page.body.strip():
        return Trouble.EMPTY, "empty answer"
    return None


def _wait_of(page: Page) -> str:
    wait = page.headers.get("retry-after", "").strip()
    return f", asks to wait {wait[:40]}" if wait else ""
