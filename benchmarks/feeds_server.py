"""`python -m benchmarks.feeds_server`: the feeds on loopback, and a count of what was asked.

Prints its address on one line. Stops when its standard input closes, so that it never outlives
who started it. `/counts` answers what was asked since `/reset`, moments being monotonic seconds,
which every process of a machine shares.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from benchmarks.feeds import FEEDS, ITEMS, Feed, make_feeds

ROOT = Path(__file__).resolve().parent.parent
HEAD_END = b"\r\n\r\n"
MAX_HEAD = 64 * 1024


@dataclass(slots=True)
class Counts:
    """`requests` and `not_modified` are of feeds; `others` is anything else, as robots.txt."""

    requests: int = 0
    not_modified: int = 0
    others: int = 0
    first_at: float = 0
    last_at: float = 0

    def note(self, now: float) -> None:
        self.first_at = self.first_at or now
        self.last_at = now


class Site:
    """Says what each request is answered."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self.feeds: Mapping[str, Feed] = {feed.path: feed for feed in feeds}
        self.counts = Counts()

    def answer(self, head: bytes, now: float) -> bytes:
        request, *lines = head.decode("latin-1").split("\r\n")
        path = request.split(" ")[1] if request.count(" ") == 2 else ""
        if path in ("/counts", "/reset"):
            return self._report(path)
        self.counts.note(now)
        feed = self.feeds.get(path)
        if feed is None:
            self.counts.others += 1
            return _reply("404 Not Found", b"nothing here\n", "text/plain")
        self.counts.requests += 1
        if _is_current(feed, lines):
            self.counts.not_modified += 1
            return _reply("304 Not Modified", None, "", feed)
        return _reply("200 OK", feed.body, "application/xml", feed)

    def _report(self, path: str) -> bytes:
        body = json.dumps(asdict(self.counts)).encode()
        if path == "/reset":
            self.counts = Counts()
        return _reply("200 OK", body, "application/json")


def _is_current(feed: Feed, lines: Sequence[str]) -> bool:
    """If-None-Match decides alone where it stands (RFC 9110 13.2.2)."""
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if "if-none-match" in headers:
        return headers["if-none-match"] == feed.etag
    return headers.get("if-modified-since") == feed.last_modified


def _reply(status: str, body: bytes | None, media: str, feed: Feed | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}"]
    if body is not None:
        lines += [f"Content-Type: {media}; charset=utf-8", f"Content-Length: {len(body)}"]
    if feed is not None:
        lines += [f"ETag: {feed.etag}", f"Last-Modified: {feed.last_modified}"]
    return "\r\n".join(lines).encode("latin-1") + HEAD_END + (body or b"")


class Connection(asyncio.Protocol):
    """HTTP/1.1 kept alive; asyncio sets TCP_NODELAY itself. Requests have no body."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while HEAD_END in self.received:
            head, self.received = self.received.split(HEAD_END, 1)
            self.transport.write(self.site.answer(head, time.monotonic()))
            if b"connection: close" in head.lower():
                self.transport.close()
        if len(self.received) > MAX_HEAD:
            self.transport.abort()


async def serve(site: Site) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", 0, backlog=512)
    host, port = server.sockets[0].getsockname()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    async with server:
        with contextlib.suppress(EOFError):
            await loop.run_in_executor(None, sys.stdin.read)


@dataclass(frozen=True, slots=True)
class Server:
    """The server as who started it sees it."""

    address: str

    def reset(self) -> None:
        self._ask("/reset")

    def counts(self) -> Counts:
        return Counts(**json.loads(self._ask("/counts")))

    def _ask(self, path: str) -> bytes:
        direct = build_opener(ProxyHandler({}))
        with direct.open(self.address + path, timeout=30) as answer:
            body: bytes = answer.read()
        return body


@contextmanager
def serving_feeds(seed: int, feeds: int = FEEDS, items: int = ITEMS) -> Iterator[Server]:
    options = [
        f"--{name}={value}" for name, value in (("seed", seed), ("feeds", feeds), ("items", items))
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.feeds_server", *options],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield Server(process.stdout.readline().strip())
    finally:
        process.stdin.close()
        process.kill()
        process.wait(30)
        process.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feeds_server", description=__doc__)
    for name, default in (("seed", 1), ("feeds", FEEDS), ("items", ITEMS)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    asyncio.run(serve(Site(make_feeds(options.seed, options.feeds, options.items))))


if __name__ == "__main__":
    main()
