"""Who a message was sent to, taken out of what is kept of it. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import getaddresses
from urllib.parse import quote, quote_plus, unquote

from spiders.mail import ADDRESS, HEADER_LIMIT, header_of, one_line, sender_of
from spiders.reading import plain

RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc", "Bcc")
MOST_RECIPIENTS = 20
MASK = "…"


def recipients_of(message: Message) -> tuple[str, ...]:
    """The addresses that a message was sent to and the names written beside them, longest first;
    the first `MOST_RECIPIENTS` of them, those that received it before those it was written to.
    """
    found: dict[str, None] = {}
    for name in RECIPIENT_HEADERS:
        for written in message.get_all(name, []):
            line = plain(str(written)[:HEADER_LIMIT])
            addresses = [address.lower() for address in ADDRESS.findall(line)]
            found |= dict.fromkeys((*addresses, *sorted(_names_in(line))))
    # Some letters are sent to themselves.
    senders = {sender_of(message), *_names_in(one_line(message, "From"))}
    kept = [word for word in found if word not in senders][:MOST_RECIPIENTS]
    return tuple(sorted(kept, key=lambda word: (-len(word), word)))


def _names_in(line: str) -> set[str]:
    """Full names, of two words at least: a single word is too common to be taken away."""
    try:
        pairs = getaddresses([line])
    except (ValueError, TypeError, IndexError):
        return set()
    names = {_decoded(name).lower() for name, _ in pairs}
    return {name for name in names if len(name.split()) >= 2 and len(name) >= 5}


def _decoded(written: str) -> str:
    carrier = Message()
    carrier["X"] = plain(written)
    return header_of(carrier, "X")


def without_recipient(text: str, recipients: tuple[str, ...]) -> str:
    """A text where the addresses and names of recipients are masked, in any case.

    Also with `=` for `@`, as bounces are addressed, and where they are percent-encoded (up to
    `MOST_LAYERS` times) or inside base64 (of either alphabet, padded or not) or hexadecimal: what
    was encoded is then masked whole. Not where they are encrypted, compressed or digested.
    """
    forms = sorted(_forms_of(recipients), key=lambda form: (-len(form), form))
    if not forms:
        return text
    pattern = "|".join(re.escape(form) for form in forms)
    plainly = re.sub(pattern, MASK, text, flags=re.IGNORECASE)
    return _WORD.sub(lambda match: MASK if _hides(match[0], forms) else match[0], plainly)


def _forms_of(recipients: tuple[str, ...]) -> set[str]:
    return {
        form.lower() for word in recipients for form in (*_quoted(word), word.replace("@", "="))
    }


def _quoted(word: str) -> tuple[str, ...]:
    return word, quote(word, safe=""), quote(word), quote_plus(word)


MOST_LAYERS = 3
_WORD = re.compile(r"[^\s/?&#=;:<>\"']{6,}=*")
"""What stands between the marks of an address. In base64 no address holds one, unless it has a `?`
in it."""
_ENCODED = re.compile(r"[A-Za-z0-9+_-]{6,}")
_HEX = re.compile(r"[0-9A-Fa-f]{6,}")


def _hides(word: str, forms: list[str]) -> bool:
    """Whether a word holds one of these, longest first, in another writing: never a shorter one."""
    for _ in range(MOST_LAYERS):
        if len(word) < len(forms[-1]):
            return False
        if any(form in said for said in _decodings(word) for form in forms):
            return True
        word, before = unquote(word), word
        if word == before:
            return False
    return any(form in word.lower() for form in forms)


def _decodings(word: str) -> Iterator[str]:
    """All that a word may say. Where the encoding began is not known: each start is tried."""
    yield word.lower()
    for run in _ENCODED.findall(word):
        for start in range(4):
            digits = run[start:]
            whole = digits[: len(digits) - (len(digits) % 4 == 1)]  # one digit more says nothing
            yield _said(base64.urlsafe_b64decode(whole.replace("+", "-") + "=" * (-len(whole) % 4)))
    for run in _HEX.findall(word):
        for start in range(2):
            yield _said(bytes.fromhex(run[start : len(run) - (len(run) - start) % 2]))


def _said(body: bytes) -> str:
    return body.decode("utf-8", "replace").lower()
