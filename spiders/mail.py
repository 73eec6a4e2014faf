"""Mail as it comes from anybody: its headers and its readable parts. Pure.

Nothing here trusts a message: headers are cut, charsets guessed, nesting bounded, and what cannot
be decoded is replaced rather than refused.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from hub.errors import ParseError
from spiders.reading import plain

HEADER_LIMIT = 10_000
DEEPEST = 20
MOST_PARTS = 200
MOST_TEXT = 2_000_000
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")


def parse_mail(raw: bytes) -> Message:
    """The structure of a message, however broken.

    Raises:
        ParseError: parts inside parts without end.
    """
    try:
        return email.message_from_bytes(raw)
    except (RecursionError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise ParseError(f"not a message: {type(error).__name__}") from error


def one_line(message: Message, name: str) -> str:
    """A header as it is written, on one line and of bearable length; "" when there is none.

    Bytes that should have been encoded are read as UTF-8, else as what Windows writes.
    """
    found = (value for header, value in message.raw_items() if header.lower() == name.lower())
    written = str(next(found, ""))[:HEADER_LIMIT]
    return plain(decode(written.encode("utf-8", "surrogateescape"), ""))


def header_of(message: Message, name: str) -> str:
    """A header in plain words. One that holds line ends, even encoded, stays on one line."""
    written = one_line(message, name)
    try:
        chunks = decode_header(written)
    except (ValueError, LookupError, TypeError):
        return written
    words = (
        decode(chunk, charset or "") if isinstance(chunk, bytes) else chunk
        for chunk, charset in chunks
    )
    return plain("".join(words))


def sender_of(message: Message) -> str:
    """The one address of the one From header. Names that look like addresses do not count."""
    written = one_line(message, "From")
    try:
        found = getaddresses([written])
    except (ValueError, TypeError, IndexError):
        return ""
    if len(message.get_all("From", [])) != 1 or len(found) != 1:
        return ""
    address = found[0][1].lower()
    is_bare = ADDRESS.fullmatch(written) is not None
    is_last = written.lower().endswith(f"<{address}>")
    return address if ADDRESS.fullmatch(address) and (is_bare or is_last) else ""


def decode(body: bytes, charset: str) -> str:
    """Bytes as text: in the charset that is claimed, else UTF-8, else what Windows writes."""
    for name in (charset, "utf-8"):
        try:
            return body.decode(name)
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def readable_parts(message: Message) -> list[tuple[str, str]]:
    """The parts that may be read, best first: HTML, then plain text."""
    found: dict[str, str] = {}
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in ("text/html", "text/plain") and kind not in found and not _is_attached(part):
            found[kind] = _text_of(part)
    return [(kind, found[kind]) for kind in ("text/html", "text/plain") if found.get(kind)]


def _parts(message: Message) -> Iterator[Message]:
    """The leaves, in order. Messages attached to the message are somebody else's letters."""
    waiting = [(message, 0)]
    count = 0
    while waiting and count < MOST_PARTS:
        part, depth = waiting.pop()
        count += 1
        inside = part.get_payload()
        if not isinstance(inside, list):
            yield part
        elif part.get_content_maintype() != "message" and depth < DEEPEST:
            waiting += [(one, depth + 1) for one in reversed(inside) if isinstance(one, Message)]


def _is_attached(part: Message) -> bool:
    return one_line(part, "Content-Disposition").lower().startswith("attachment")


def _text_of(part: Message) -> str:
    try:
        body = part.get_payload(decode=True)
        charset = part.get_content_charset() or ""
    except (ValueError, LookupError, TypeError, AssertionError):
        return ""
    return decode(body, charset)[:MOST_TEXT] if isinstance(body, bytes) else ""
