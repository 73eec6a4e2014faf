"""A loopback server that answers in place of the official hosts.

`/https/host/path?query` gives the recording of `https://host/path?query`. Anything else is a 404:
the demonstration never guesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from hub.demo.recordings import Recording, find_recording


@dataclass
class Traffic:
    """What was asked of the server, for who wants to know."""

    requests: int = 0
    not_modified: int = 0
    unknown: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, status: HTTPStatus, address: str) -> None:
        with self._lock:
            self.requests += 1
            self.not_modified += status is HTTPStatus.NOT_MODIFIED
            if status is HTTPStatus.NOT_FOUND:
                self.unknown.append(address)


@contextmanager
def serve_recordings(
    recordings: Mapping[str, Recording], traffic: Traffic | None = None
) -> Iterator[str]:
    """Serve until the block ends; gives the address to set as `recordings`."""
    counted = traffic or Traffic()

    class Handler(_Handler):
        answers = recordings
        seen = counted

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: Mapping[str, Recording]
    seen: Traffic

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its parent's word
        """Say nothing: spiders tell what they read."""

    def _answer(self, *, with_body: bool) -> None:
        address = address_of(self.path)
        found = find_recording(self.answers, address)
        status = self._status(found)
        self.seen.count(status, address)
        self.send_response_only(status)  # neither Date nor Server: a recording has no clock
        body = found.body if found and status is HTTPStatus.OK else b""
        if found:
            self.send_header("Content-Type", found.content_type)
            self.send_header("ETag", found.etag)
            self.send_header("Last-Modified", found.last_modified)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _status(self, found: Recording | None) -> HTTPStatus:
        if found is None:
            return HTTPStatus.NOT_FOUND
        if is_unchanged(
            found, self.headers.get("If-None-Match", ""), self.headers.get("If-Modified-Since", "")
        ):
            return HTTPStatus.NOT_MODIFIED
        return HTTPStatus.OK


def address_of(path: str) -> str:
    """`/https/host/path?query` -> `https://host/path?query`."""
    scheme, _, rest = path.removeprefix("/").partition("/")
    return f"{scheme}://{rest}"


def is_unchanged(recording: Recording, if_none_match: str, if_modified_since: str) -> bool:
    """Whether the asker already has it. A tag, when given, is the only thing that counts."""
    if if_none_match:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return recording.etag in tags or "*" in tags
    since, modified = _parse(if_modified_since), _parse(recording.last_modified)
    return since is not None and modified is not None and modified <= since


def _parse(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
