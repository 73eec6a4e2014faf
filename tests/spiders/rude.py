"""A server on loopback that misbehaves as it is told: raw bytes, slowly, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Manner = Callable[["Talk"], None]


@dataclass(slots=True)
class Talk:
    """One connection: the path asked, its headers (lower-case names), and where to answer."""

    path: str
    headers: dict[str, str]
    connection: socket.socket
    closing: threading.Event
    method: str = "GET"
    body: bytes = b""

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def reply(self, body: bytes = b"", status: str = "200 OK", *headers: str) -> None:
        """A whole, honest answer, after which the connection stays open."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


@dataclass(slots=True)
class Rude:
    """`manners` by path; anything else is 404. `seen` are requests, one connection number each."""

    port: int
    manners: dict[str, Manner] = field(default_factory=dict)
    seen: list[tuple[str, int]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.seen]


@contextmanager
def be_rude() -> Iterator[Rude]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        rude = Rude(listener.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(listener, rude), daemon=True)
        thread.start()
        try:
            yield rude
        finally:
            rude.closing.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _accept(listener: socket.socket, rude: Rude) -> None:
    number = 0
    while not rude.closing.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        number += 1
        threading.Thread(target=_talk, args=(connection, rude, number), daemon=True).start()


def _talk(connection: socket.socket, rude: Rude, number: int) -> None:
    with connection, suppress(OSError), connection.makefile("rb") as file:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while line := file.readline():
            method, path, _ = line.decode("latin-1").split(" ", 2)
            headers: dict[str, str] = {}
            while header := file.readline().strip():
                name, _, value = header.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            body = file.read(int(headers.get("content-length", "0")))
            rude.seen.append((path, number))
            rude.headers.append(headers)
            manner = rude.manners.get(path, say(b"", "404 Not Found"))
            manner(Talk(path, headers, connection, rude.closing, method, body))
            if headers.get("connection", "").lower() == "close":
                return


# --- Manners -------------------------------------------------------------------------------------


def say(body: bytes, status: str = "200 OK", *headers: str) -> Manner:
    return lambda talk: talk.reply(body, status, *headers)


def say_once(body: bytes, etag: str = '"1"', moved: str = "") -> Manner:
    """An answer that is « not modified » for who sends its validators back."""

    def manner(talk: Talk) -> None:
        known = talk.headers.get("if-none-match") == etag if etag else False
        known = known or (bool(moved) and talk.headers.get("if-modified-since") == moved)
        validators = [f"ETag: {etag}"] if etag else []
        validators += [f"Last-Modified: {moved}"] if moved else []
        if known:
            talk.reply(b"", "304 Not Modified", *validators)
        else:
            talk.reply(body, "200 OK", *validators)

    return manner


def drip(body: bytes, pause: float) -> Manner:
    """One byte at a time, slowly, for ever."""

    def manner(talk: Talk) -> None:
        talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for byte in body * 1_000:
            if talk.closing.wait(pause):
                return
            talk.send(b"1\r\n" + bytes([byte]) + b"\r\n")

    return manner


def half_close(body: bytes) -> Manner:
    """Says it is done after half of what it announced."""

    def manner(talk: Talk) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        talk.send(head + body[: len(body) // 2])
        talk.connection.shutdown(socket.SHUT_WR)
        talk.closing.wait(0.2)

    return manner


def cut_off(data: bytes) -> Manner:
    """These bytes, whatever they promise, then the end."""

    def manner(talk: Talk) -> None:
        talk.send(data)
        hang_up(talk)

    return manner


def send_to(address: str, status: str = "302 Found") -> Manner:
    return lambda talk: talk.reply(b"", status, f"Location: {address}")


def wait_for_ever(talk: Talk) -> None:
    talk.closing.wait(60)


def hang_up(talk: Talk) -> None:
    talk.connection.shutdown(socket.SHUT_RDWR)
