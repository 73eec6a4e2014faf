"""What protects every request: where it comes from, how big it is, what the answer forbids.

The session itself, and the token that forms carry, are checked in `hub.web.visits`.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.messages import message

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_TO_ALL = ("/lettre/quitter/",)
"""One-click unsubscription (RFC 8058): mail services post there, the address holds the secret."""
PRIVATE = ("/relecture/", "/lettre/")
ASSETS = "/relecture/static/"
MAX_BODY = 1_000_000

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""The same everywhere: no page of ours has a script or a style of its own, none is framed."""


class Provenance:
    """Refuses requests that change something and that another site made.

    Browsers say where a request comes from (`Sec-Fetch-Site`, or `Origin` for the older ones).
    When neither is there the view decides: it asks for a token, or for nothing if there is
    nothing to protect.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_origin = _origin_of(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_foreign(scope):
            await _refuse(403, "request.foreign")(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS or scope["path"].startswith(OPEN_TO_ALL):
            return False
        return says_where_it_comes_from(Headers(scope=scope), self.public_origin) is False


def says_where_it_comes_from(headers: Headers, public_origin: str = "") -> bool | None:
    """True: from here. False: from elsewhere. None: the client does not say."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return None
    host = headers.get("host", "")
    return origin in {public_origin, f"http://{host}", f"https://{host}"} - {""}


def is_from_here(request: Request) -> bool:
    public_origin = _origin_of(request.app.state.settings.public_url)
    return says_where_it_comes_from(request.headers, public_origin) is True


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class BodyLimit:
    """Refuses bodies longer than `MAX_BODY`, declared or not, before anything reads them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        chunks = await _read(receive, Headers(scope=scope))
        if chunks is None:
            await _refuse(413, "request.too-big")(scope, receive, send)
        else:
            await self.app(scope, _replay(chunks, receive), send)


async def _read(receive: Receive, headers: Headers) -> list[Message] | None:
    declared = headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > MAX_BODY:
        return None
    messages: list[Message] = []
    size = 0
    while True:
        part = await receive()
        messages.append(part)
        size += len(part.get("body", b""))
        if size > MAX_BODY:
            return None
        if not part.get("more_body", False):
            return messages


def _replay(messages: Iterable[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def again() -> Message:
        for part in waiting:
            return part
        return await receive()

    return again


def _refuse(status: int, key: str) -> PlainTextResponse:
    return PlainTextResponse(message(key), status_code=status)


class SafeHeaders:
    """Puts on every answer what browsers must not do with it."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(part: Message) -> None:
            if part["type"] == "http.response.start":
                self._protect(MutableHeaders(scope=part), scope["path"])
            await send(part)

        await self.app(scope, receive, send_safely if scope["type"] == "http" else send)

    def _protect(self, headers: MutableHeaders, path: str) -> None:
        is_private = path.startswith(PRIVATE) or path.rstrip("/") + "/" in PRIVATE
        headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if self.is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if path.startswith(ASSETS):
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif is_private:
            headers["Cache-Control"] = "no-store"
