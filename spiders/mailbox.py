"""A mailbox that receives a partner's newsletter, by IMAP or in a Maildir.

A sender is believed on its word: the From header can be forged. That is bearable only because what
comes from here is read by editors before anybody else; a mailbox is never a source with `auto`.

Of a message are kept its sender, subject, date, id and readable part, without images, without the
addresses and full names it was sent to, plain or encoded, and without the links that say they are
to unsubscribe (`spiders.letters.keep_letter` says exactly what). A first name that the letter
greets may stay. So may, in the link of a click counter, a number that only the sender can tie to
the subscriber: without it the link leads nowhere, and only following it would tell where it leads,
and count us as a reader. Mail from anybody else is never kept, nor even fetched whole.

The mailbox is opened read only: nothing is moved, deleted or marked as read.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hub.errors import FetchError, ParseError
from hub.model import Mention, Source, Trouble
from hub.sources import MailboxOptions, is_loopback_host
from spiders.base import MIB, DirectKind, Memory, Page, Reading
from spiders.letters import Link, links_of
from spiders.mail import parse_mail
from spiders.mailblocks import read_letter
from spiders.mailkeep import Head, head_of, keep_letter
from spiders.reading import SUMMARY_LIMIT, TEXT_LIMIT, TITLE_LIMIT, cut, without_repeats
from spiders.recipients import RECIPIENT_HEADERS

LARGEST = 5 * MIB
RECENT = timedelta(days=30)
TIMEOUT = 30.0
HEADERS_AT_ONCE = 50
MOST_LOOKED_AT = 2_000
"""Messages whose headers are read in one run, newest first."""
EXPECTED = "expected imaps://user:password@host/INBOX or maildir:///path"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Refused(FetchError):
    """The mailbox is not named or not opened as it should; a person must look."""

    kind = Trouble.REFUSED


class Unreachable(FetchError):
    kind = Trouble.UNREACHABLE


class Late(FetchError):
    kind = Trouble.TIMEOUT


class MailboxKind(DirectKind):
    """`timeout` bounds each wait; `tls` replaces the certificates that are trusted."""

    timeout: float = TIMEOUT
    tls: ssl.SSLContext | None = None

    def __init__(self, source: Source, memory: Memory) -> None:
        super().__init__(source, memory)
        self.options = MailboxOptions.model_validate(source.options)

    def fetch(self) -> Iterator[Page]:
        """The letters not yet read well, oldest first, as `letters.keep_letter` leaves them.

        One that could not be read is brought again as long as it is among the recent ones.

        Raises:
            SourceError: the place is wrongly named, or could not be read. No secret is repeated.
        """
        place = parse_place(self.memory.credentials())
        choice = Choice(
            self.options.senders,
            self.options.max_messages,
            self.memory.now - RECENT,
            self.memory.was_read,
        )
        if place.scheme == "maildir":
            yield from read_maildir(place, choice)
        else:
            yield from read_imap(place, choice, self.timeout, self.tls)

    def read(self, page: Page) -> Reading:
        if isinstance(page.about, str):
            return Reading(troubles=(page.about,), is_settled=True)
        return parse_letter(page.body, self.source.id, page.url, self.options)


# --- Where ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is. What it holds is secret: it is in no repr."""

    scheme: str
    host: str = field(default="", repr=False)
    port: int = field(default=0, repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    folder: str = field(default="", repr=False)


def parse_place(credentials: str) -> Place:
    """Read the secret of a mailbox; user and password are percent-encoded where they must be.

    Raises:
        SourceError: another form, or IMAP without TLS to another machine than this one.
    """
    try:
        parts = urlsplit(credentials.strip())
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise Refused(f"credentials of the mailbox: {EXPECTED}") from None
    scheme, path = parts.scheme.lower(), unquote(parts.path)
    if scheme == "maildir" and not host and path.startswith("/") and "\0" not in path:
        return Place(scheme, folder=path)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = path.strip("/") or "INBOX"
    if scheme not in ("imap", "imaps") or not (host and user and password):
        raise Refused(f"credentials of the mailbox: {EXPECTED}")
    if scheme == "imap" and not is_loopback_host(host):
        raise Refused("IMAP without TLS is for this very machine only: use imaps://")
    if not all(re.fullmatch(r"[\x20-\x7e]+", word) for word in (user, password, folder)):
        raise Refused("user, password and folder of the mailbox: ASCII, no control character")
    return Place(scheme, host, port or (993 if scheme == "imaps" else 143), user, password, folder)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages are wanted: from these senders, since that moment, not read well yet."""

    senders: Sequence[str]
    most: int
    since: datetime
    is_known: Callable[[str], bool]

    def takes(self, head: Head) -> bool:
        return is_from(head.sender, self.senders) and not self.is_known(head.url)


def is_from(sender: str, senders: Sequence[str]) -> bool:
    """Whether an address is one of these, or of one of these `@domain` (not of its subdomains)."""
    address = sender.lower()
    domain = f"@{address.rpartition('@')[2]}"
    return bool(address) and any(
        wanted.lower() in (address, domain) if "@" in wanted else False for wanted in senders
    )


def _page(head: Head, raw: bytes) -> Page:
    return Page(head.url, keep_letter(raw), "", 200, {"content-type": "message/rfc822"})


def _too_large(head: Head, size: int) -> Page:
    """A letter of which only the head is kept: it is not looked at again."""
    reason = f"message of {size} bytes, more than {LARGEST}: only its head was kept"
    return Page(head.url, head.to_bytes(), "", 200, {"content-type": "message/rfc822"}, reason)


# --- IMAP ----------------------------------------------------------------------------------------


class _Limits:
    """A server may announce a literal of any size: none that we ask for is larger than a letter."""

    def read(self, size: int) -> bytes:
        if size > LARGEST + MIB:
            raise imaplib.IMAP4.abort("literal too large")
        data: bytes = super().read(size)  # type: ignore[misc]  # imaplib's own, mixed in
        return data


class _Plain(_Limits, imaplib.IMAP4):
    pass


class _Tls(_Limits, imaplib.IMAP4_SSL):
    pass


def read_imap(
    place: Place, choice: Choice, timeout: float, tls: ssl.SSLContext | None = None
) -> Iterator[Page]:
    """Read a folder by IMAP, over TLS with verified certificates.

    Raises:
        SourceError: no answer in time, certificate refused, login refused, no such folder.
    """
    try:
        client = _connect(place, timeout, tls)
        try:
            _open(client, place)
            yield from _letters(client, choice)
            with suppress(imaplib.IMAP4.error):
                client.logout()
        finally:
            with suppress(OSError):  # closed already
                client.shutdown()
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(f"certificate refused: {error.verify_message}") from None
    except TimeoutError:
        raise Late(f"no answer of the mailbox in {timeout:g} s", is_transient=True) from None
    except (OSError, imaplib.IMAP4.error) as error:
        reason = f"mailbox unreadable: {type(error).__name__}"
        raise Unreachable(reason, is_transient=True) from None


def _connect(place: Place, timeout: float, tls: ssl.SSLContext | None) -> imaplib.IMAP4:
    if place.scheme == "imap":
        return _Plain(place.host, place.port, timeout)
    context = tls or ssl.create_default_context()
    return _Tls(place.host, place.port, ssl_context=context, timeout=timeout)


def _open(client: imaplib.IMAP4, place: Place) -> None:
    """Log in and open the folder read only. What the server says of a refusal is not repeated."""
    try:
        client.login(_quoted(place.user), place.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise Refused("login refused by the mailbox: check the user and the password") from None
    status, _ = client.select(_quoted(place.folder), readonly=True)
    if status != "OK":
        raise Refused("the mailbox has no such folder")


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _letters(client: imaplib.IMAP4, choice: Choice) -> Iterator[Page]:
    wanted: list[tuple[bytes, Head, int]] = []
    uids = _search(client, choice)
    for start in range(0, len(uids), HEADERS_AT_ONCE):
        if len(wanted) >= choice.most:
            break
        for uid, head, size in _heads(client, uids[start : start + HEADERS_AT_ONCE]):
            if choice.takes(head) and all(head.url != known.url for _, known, _ in wanted):
                wanted.append((uid, head, size))
    for uid, head, size in reversed(wanted[: choice.most]):
        if size > LARGEST:
            yield _too_large(head, size)
        elif (raw := _body(client, uid)) and is_from(
            head_of(parse_mail(raw)).sender, choice.senders
        ):
            yield _page(head, raw)


def _search(client: imaplib.IMAP4, choice: Choice) -> list[bytes]:
    """The messages that may be wanted, newest first. The server's match of senders is loose."""
    day = choice.since.date()
    since = f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"
    asked = " ".join(f"FROM {_quoted(sender)}" for sender in choice.senders[-1:])
    for sender in reversed(choice.senders[:-1]):
        asked = f"OR FROM {_quoted(sender)} {asked}"
    status, data = client.uid("SEARCH", f"SINCE {since} {asked}")
    if status != "OK":
        raise Refused("the mailbox cannot be searched")
    found = [uid for line in data if isinstance(line, bytes) for uid in line.split()]
    numbers = {int(uid) for uid in found if uid.isdigit()}
    return [b"%d" % uid for uid in sorted(numbers, reverse=True)[:MOST_LOOKED_AT]]


def _heads(client: imaplib.IMAP4, uids: Sequence[bytes]) -> Iterator[tuple[bytes, Head, int]]:
    """The heads of some messages, newest first."""
    names = " ".join(("From", "Date", "Subject", "Message-ID", *RECIPIENT_HEADERS)).upper()
    parts = f"(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({names})])"
    status, data = client.uid("FETCH", b",".join(uids).decode(), parts)
    if status != "OK":
        raise Refused("the mailbox does not give its messages")
    found = []
    for uid, told, raw in _fetched(data):
        size = re.search(rb"RFC822\.SIZE (\d+)", told)
        found.append((uid, head_of(parse_mail(raw)), int(size[1]) if size else 0))
    yield from sorted(found, key=lambda one: int(one[0]), reverse=True)


def _body(client: imaplib.IMAP4, uid: bytes) -> bytes:
    status, data = client.uid("FETCH", uid.decode(), "(UID BODY.PEEK[])")
    return next((raw for _, _, raw in _fetched(data)), b"") if status == "OK" else b""


def _fetched(data: Sequence[object]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The uid, what was told around the literal, and the literal, of each message answered."""
    for index, part in enumerate(data):
        if not isinstance(part, tuple) or len(part) < 2:
            continue
        after = data[index + 1] if index + 1 < len(data) else b""
        told = part[0] + (after if isinstance(after, bytes) else b"")
        if uid := re.search(rb"UID (\d+)", told):
            yield uid[1], told, part[1]


# --- Maildir -------------------------------------------------------------------------------------


def read_maildir(place: Place, choice: Choice) -> Iterator[Page]:
    """Read a Maildir, in which nothing is moved.

    Raises:
        SourceError: there is none.
    """
    folder = Path(place.folder)
    if not (folder / "cur").is_dir() or not (folder / "new").is_dir():
        raise Refused("the Maildir has no folders cur and new")
    try:
        paths = _recent(folder, choice.since)
        wanted: list[tuple[Path, Head, int]] = []
        for path, size in paths[:MOST_LOOKED_AT]:
            if len(wanted) >= choice.most:
                break
            head = head_of(parse_mail(_read(path, LARGEST if size <= LARGEST else 64 * 1024)))
            if choice.takes(head) and all(head.url != known.url for _, known, _ in wanted):
                wanted.append((path, head, size))
        for path, head, size in reversed(wanted):
            if size > LARGEST:
                yield _too_large(head, size)
            else:
                yield _page(head, _read(path, LARGEST))
    except OSError as error:
        raise Unreachable(f"Maildir unreadable: {type(error).__name__}") from None


def _recent(folder: Path, since: datetime) -> list[tuple[Path, int]]:
    """Files and sizes, newest first by the time of delivery, which is that of the file."""
    found = []
    for name in ("new", "cur"):
        for path in (folder / name).iterdir():
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                told = path.stat()
                if told.st_mtime >= since.timestamp():
                    found.append((told.st_mtime, path.name, path, told.st_size))
    return [(path, size) for _, _, path, size in sorted(found, reverse=True)]


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


# --- What a letter says --------------------------------------------------------------------------


def parse_letter(body: bytes, source_id: str, url: str, options: MailboxOptions) -> Reading:
    """The links of a letter, or with `whole` the letter itself. Works on a message as received and
    as kept.

    Raises:
        ParseError: nothing in it can be read, or nothing to tell.
    """
    message = parse_mail(body)
    head = head_of(message)
    letter = read_letter(message)
    if not letter.blocks:
        raise ParseError("message without readable text")
    if options.whole:
        mentions: tuple[Mention, ...] = (_whole(head, letter.text, source_id, url),)
    else:
        found = (_mention(link, head, source_id) for link in links_of(letter, options.min_words))
        mentions = without_repeats(found)
    if not mentions:
        raise ParseError("message without any link that says what it leads to")
    return Reading(mentions, is_settled=True)


def _whole(head: Head, text: str, source_id: str, url: str) -> Mention:
    return Mention(
        source_id=source_id,
        key=url,
        url=url,
        title=cut(head.subject, TITLE_LIMIT) or "(sans objet)",
        summary=cut(text, SUMMARY_LIMIT),
        text=cut(text, TEXT_LIMIT),
        published_on=head.day,
        rubrique=cut(head.subject, TITLE_LIMIT),
    )


def _mention(link: Link, head: Head, source_id: str) -> Mention:
    return Mention(
        source_id=source_id,
        key=link.url,
        url=link.url,
        title=cut(link.title, TITLE_LIMIT),
        summary=cut(link.summary, SUMMARY_LIMIT),
        published_on=head.day,
        rubrique=cut(head.subject, TITLE_LIMIT),
    )
