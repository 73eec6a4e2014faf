"""Sending what is prepared: to a folder of letters (Maildir) by default, or to a mail server.

Each message is committed as sent as soon as it has been taken, one by one, so that a run that is
killed goes on where it stopped. With the Maildir this is exact: the name of the file comes from
the delivery, and a file that is there is never written again. With SMTP one window remains: between
the server's « 250 » and our commit (or when the connection falls while we wait for that « 250 »)
the message may be given a second time. It is then the very same message with the same Message-ID,
which lets the receiving side drop it.
"""

from __future__ import annotations

import logging
import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from hub.config import Settings
from hub.errors import DigestError, RecipientRefused
from hub.model import DeliveryKind, DeliveryState, SubscriberState
from hub.newsletter.subscriptions import end_unreachable
from hub.store import Session, Store
from hub.store.subscribers import (
    ADDRESS_REFUSED,
    DeliveryRow,
    SubscriberRow,
    find_next_delivery,
    forget_delivery,
    tells_withdrawn_item,
)
from hub.text import short_hash

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30
PATIENCE = timedelta(days=5)
"""How long a message that the server keeps putting off is tried again."""
PERMANENT = 500
CLOSING = 421
MAX_REASON = 300
_POLICY = re.compile(r"\b5\.7\.\d")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message ready to leave. `key` is unique and says nothing of the address."""

    delivery_id: int
    key: str
    recipient: str
    message: str
    prepared_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """What one run did. `trouble` stopped it before the end."""

    sent: int = 0
    refused: int = 0
    waiting: int = 0
    trouble: DigestError | None = None


class Carrier(Protocol):
    """Takes messages one by one.

    `carry` raises RecipientRefused when this message is not taken (its code says whether to try
    again), DigestError when nothing more can be sent now.
    """

    def carry(self, parcel: Parcel) -> None: ...

    def close(self) -> None: ...


def send_prepared(
    store: Store, settings: Settings, now: datetime, *, only_service: bool = False
) -> int:
    """Send everything that waits, answers to people first. Returns how many messages left.

    Raises:
        DigestError: the server is out of reach or hung up twice. What had left is recorded, the
            rest stays prepared for the next run.
    """
    done = send_waiting(store, settings, now, only_service=only_service)
    if done.trouble is not None:
        raise DigestError(f"{done.trouble} sent={done.sent}") from done.trouble
    return done.sent


def send_waiting(
    store: Store, settings: Settings, now: datetime, *, only_service: bool = False
) -> Sent:
    """Like `send_prepared`, with trouble returned and the refusals counted."""
    counts = {DeliveryState.SENT: 0, DeliveryState.REFUSED: 0, DeliveryState.PREPARED: 0}
    trouble: DigestError | None = None
    try:
        with closing(open_carrier(settings)) as carrier:
            for parcel in _list_waiting(store, now, only_service=only_service):
                counts[_send_one(store, carrier, parcel, now)] += 1
    except DigestError as error:
        trouble = error
    except OSError as error:  # a full disk, a folder that is not ours
        trouble = DigestError(f"outbox cannot be written reason={error.strerror}")
    if trouble is not None:
        log.error("sending stopped %s", trouble)
    if counts[DeliveryState.REFUSED]:
        with store.write() as session:
            end_unreachable(session, now)
    sent, refused, waiting = counts.values()
    return Sent(sent, refused, waiting, trouble)


def _send_one(store: Store, carrier: Carrier, parcel: Parcel, now: datetime) -> DeliveryState:
    state, reason = DeliveryState.SENT, ""
    try:
        carrier.carry(parcel)
    except RecipientRefused as error:
        reason = _without_address(_describe(error), parcel.recipient)
        is_over = error.code >= PERMANENT or now - parcel.prepared_at > PATIENCE
        state = DeliveryState.REFUSED if is_over else DeliveryState.PREPARED
        log.warning("message not taken delivery=%d code=%d", parcel.delivery_id, error.code)
    except DigestError as error:
        reason = _without_address(str(error), parcel.recipient)
        _record(store, parcel.delivery_id, DeliveryState.PREPARED, now, reason)
        raise
    _record(store, parcel.delivery_id, state, now, reason)
    return state


def _describe(error: RecipientRefused) -> str:
    """A permanent refusal of the address is marked: two in a row end the subscription.

    A refusal of the message is not one, nor is a matter of policy (5.7: a blocked sender).
    """
    said = f"{error.code} {error.reason}"
    is_for_good = isinstance(error, _AddressRefused) and error.code >= PERMANENT
    return f"{ADDRESS_REFUSED}{said}" if is_for_good and not _POLICY.search(said) else said


def _list_waiting(store: Store, now: datetime, *, only_service: bool) -> Iterator[Parcel]:
    """Each prepared message once. Answers go first, even those that come while letters leave."""
    last = {False: 0, True: 0}
    while True:
        with store.write() as session:
            row = find_next_delivery(session, letters=False, after=last[False])
            if row is None and not only_service:
                row = find_next_delivery(session, letters=True, after=last[True])
                last[True] = row.id if row else 0
            elif row is not None:
                last[False] = row.id
            if row is None:
                return
            parcel = _make_parcel(session, row, now)
        if parcel is not None:
            yield parcel


def _make_parcel(session: Session, row: DeliveryRow, now: datetime) -> Parcel | None:
    """The message to send. There is none for someone who has left meanwhile, which is recorded, nor
    when an editor has withdrawn one of its items: the next run writes the letter again without it.
    """
    if row.kind is DeliveryKind.LETTER and tells_withdrawn_item(session, row.id):
        forget_delivery(session, row)
        return None
    subscriber = session.get_one(SubscriberRow, row.subscriber_id)
    if subscriber.state is SubscriberState.LEFT or subscriber.email is None:
        _close_row(row, DeliveryState.REFUSED, now, "unsubscribed")
        return None
    key = f"{row.issue}.{row.subscriber_id}.{short_hash(row.message, 16)}"
    return Parcel(row.id, key, subscriber.email, row.message, row.prepared_at)


def _record(
    store: Store, delivery_id: int, state: DeliveryState, now: datetime, reason: str
) -> None:
    with store.write() as session:
        _close_row(session.get_one(DeliveryRow, delivery_id), state, now, reason)


def _close_row(row: DeliveryRow, state: DeliveryState, now: datetime, reason: str) -> None:
    """A message that has left, or never will, is not kept: it holds an address."""
    row.state = state
    row.reason = reason[:MAX_REASON]
    if state is DeliveryState.SENT:
        row.sent_at = now
    if state is not DeliveryState.PREPARED:
        row.message = ""


def _without_address(reason: str, recipient: str) -> str:
    """Servers repeat the address in their refusals; it must not outlive the subscription."""
    return re.sub(re.escape(recipient), "…", reason, flags=re.IGNORECASE)


# --- Carriers ----------------------------------------------------------------------------------


def open_carrier(settings: Settings) -> Carrier:
    if not settings.smtp:
        return MaildirCarrier(settings.outbox)
    return SmtpCarrier(parse_server(settings.smtp), parseaddr(settings.mail_from)[1])


class MaildirCarrier:
    """A folder any mail program can open. A letter appears in `new` whole, once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def carry(self, parcel: Parcel) -> None:
        final = self._folder / "new" / parcel.key
        is_read = any((self._folder / "cur").glob(f"{parcel.key}*"))
        if final.exists() or is_read:
            return
        temporary = self._folder / "tmp" / parcel.key
        with temporary.open("wb") as file:
            file.write(parcel.message.replace("\r\n", "\n").encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(final)
        _sync_folder(final.parent)

    def close(self) -> None:
        """A folder has nothing to close."""


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut: the database forgets the message right after."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. Its password is not shown when this is printed or logged."""

    host: str
    port: int
    user: str
    password: str
    is_tls: bool
    starttls: bool

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"


def parse_server(url: str) -> Server:
    """Read `smtp://user:password@host:port?starttls=1` or `smtps://…`.

    Raises:
        DigestError: the address is not one of these; it is not repeated, since it may hold a
            password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise DigestError("HUB_SMTP cannot be read") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or options.keys() - {"starttls"}:
        raise DigestError("HUB_SMTP must be smtp://[user:password@]host[:port][?starttls=1]")
    is_tls = parts.scheme == "smtps"
    return Server(
        host=parts.hostname,
        port=port or (465 if is_tls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=is_tls,
        starttls=options.get("starttls", ["0"])[-1] == "1",
    )


class SmtpCarrier:
    """One connection for the whole run, one recipient a message."""

    def __init__(self, server: Server, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._connection: smtplib.SMTP | None = None

    def carry(self, parcel: Parcel) -> None:
        """Give the message; when the connection falls, open another one and try once more."""
        try:
            self._give(parcel)
        except (_HungUp, OSError):
            self._drop()
            try:
                self._give(parcel)
            except (_HungUp, OSError) as error:
                raise DigestError(f"mail server out of reach reason={error}") from error

    def close(self) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except OSError:
                self._drop()
        self._connection = None

    def _give(self, parcel: Parcel) -> None:
        connection = self._connected()
        try:
            connection.sendmail(self._sender, [parcel.recipient], parcel.message.encode("ascii"))
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = error.recipients[parcel.recipient]
            raise _refusal(code, reason, _AddressRefused) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code == CLOSING:
                raise _HungUp("421") from error
            raise DigestError(f"sender refused {_facts(error)}") from error

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        name = self._sender.rpartition("@")[2]
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        try:
            if server.is_tls:
                connection = smtplib.SMTP_SSL(
                    server.host, server.port, name, timeout=TIMEOUT_SECONDS, context=context
                )
            else:
                connection = smtplib.SMTP(server.host, server.port, name, timeout=TIMEOUT_SECONDS)
            if server.starttls:
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise DigestError(f"mail server refused the account reason={error}") from error
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class _HungUp(Exception):
    """The server said it was closing (421)."""


class _AddressRefused(RecipientRefused):
    """Refused at RCPT, before the message was seen."""


def _refusal(
    code: int, reason: bytes | str, kind: type[RecipientRefused] = RecipientRefused
) -> Exception:
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return _HungUp(text) if code == CLOSING else kind(code, " ".join(text.split()))


def _facts(error: smtplib.SMTPResponseException) -> str:
    reason = error.smtp_error
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return f"code={error.smtp_code} reason={' '.join(text.split())}"
