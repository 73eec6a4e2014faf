"""A real mail server on loopback that keeps what it takes, and can be told to refuse."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HANG_UP = "hang up"
Answer = Callable[[str], str]
"""From a recipient to the server's reply; "" takes the message, HANG_UP drops the connection."""


def take(recipient: str) -> str:
    return ""


@dataclass
class Mailroom:
    """What arrived, as (recipients, bytes), and how to answer."""

    on_recipient: Answer = take
    on_data: Answer = take
    received: list[tuple[list[str], bytes]] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        reply = self.on_recipient(address)
        if reply == HANG_UP:
            return self._hang_up(server)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        reply = self.on_data(envelope.rcpt_tos[0])
        if reply == HANG_UP:
            return self._hang_up(server)
        if reply:
            return reply
        content = envelope.content
        assert isinstance(content, bytes)
        self.received.append((list(envelope.rcpt_tos), content))
        return "250 taken"

    def _hang_up(self, server: SMTP) -> str:
        assert server.transport is not None
        server.transport.close()
        return "421 closing"


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class MailServer:
    """Runs a mailroom in a thread. A port is found first: the controller cannot choose one."""

    def __init__(self, mailroom: Mailroom) -> None:
        self.port = find_free_port()
        self._controller = Controller(mailroom, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()
