"""A real HTTP server on loopback that answers in place of every source (HUB_RECORDINGS)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. With `etag`, a request that sends it back is answered 304."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    etag: str = ""
    missing: int = 0
    """Bytes announced and never sent."""
    pause: float = 0
    """Seconds before the answer."""
    is_endless: bool = False
    """A body that goes on, slowly, until the other side leaves."""


@dataclass(slots=True)
class Recordings:
    """`replies` by real address, without its scheme; anything else is 404. `seen` are requests."""

    address: str
    replies: dict[str, Reply] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serve_recordings() -> Iterator[Recordings]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    recordings = Recordings(f"http://127.0.0.1:{server.server_address[1]}")
    server.recordings = recordings  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield recordings
    finally:
        recordings.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        recordings: Recordings = self.server.recordings  # type: ignore[attr-defined]
        asked = self.path.removeprefix("/https/")
        recordings.seen.append(asked)
        reply = recordings.replies.get(asked, Reply(b"nothing here", 404))
        recordings.closing.wait(reply.pause)
        if reply.etag and self.headers.get("If-None-Match") == reply.etag:
            reply = Reply(status=304, etag=reply.etag)
        with suppress(ConnectionError):  # the other side did not wait
            self._send(reply, recordings.closing)

    def _send(self, reply: Reply, closing: threading.Event) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.etag:
            self.send_header("ETag", reply.etag)
        if not reply.is_endless:
            self.send_header("Content-Length", str(len(reply.body) + reply.missing))
        self.end_headers()
        self.wfile.write(reply.body)
        while reply.is_endless and not closing.wait(0.1):
            self.wfile.write(b" ")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base says so
        pass
