"""The links of a letter: each names a subscriber and one purpose, signed with the row's secret.

A link to leave does not open the choices, and a confirmation dies after seven days. Nothing is
stored: who holds the address holds the link.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

CONFIRMATION_LIFE = timedelta(days=7)


class Purpose(StrEnum):
    """The value is the word of the public address: `/lettre/quitter/<token>`."""

    CONFIRM = "confirmer"
    LEAVE = "quitter"
    CHOOSE = "choix"


def make_token(
    subscriber_id: int, secret: str, purpose: Purpose, expires_at: datetime | None = None
) -> str:
    expiry = int(expires_at.timestamp()) if expires_at else 0
    return f"{subscriber_id}.{expiry}.{_sign(subscriber_id, secret, purpose, expiry)}"


def read_token(
    token: str, purpose: Purpose, find_secret: Callable[[int], str | None]
) -> tuple[int, datetime | None] | None:
    """Whose token it is and until when it holds, or None for anything this hub did not sign.

    The caller compares the expiry with its own clock, so that it can say « trop tard ».
    """
    subscriber, _, rest = token.partition(".")
    expiry, _, signature = rest.partition(".")
    if not _is_number(subscriber, 9) or not _is_number(expiry, 11):
        return None
    secret = find_secret(int(subscriber))
    if secret is None:
        return None
    expected = _sign(int(subscriber), secret, purpose, int(expiry))
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    return int(subscriber), _moment(int(expiry))


def _is_number(text: str, max_digits: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= max_digits


def _moment(expiry: int) -> datetime | None:
    return datetime.fromtimestamp(expiry, UTC) if expiry else None


def _sign(subscriber_id: int, secret: str, purpose: Purpose, expiry: int) -> str:
    facts = f"{purpose}:{subscriber_id}:{expiry}".encode()
    digest = hmac.digest(secret.encode(), facts, hashlib.sha256)
    return digest[:16].hex()  # hexadecimal: mail programs cut links before a final « - »
