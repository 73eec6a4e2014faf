"""Subscribing, confirming, changing one's mind and leaving. Each is one transaction of the caller.

Double opt-in: an address receives one message and nothing else until its owner presses a button.
Whatever the state of an address, the page that takes it gives the same answer; the difference is
told by mail, to its owner alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hub.model import DeliveryKind, DeliveryState, SubscriberState, TermKind
from hub.newsletter.address import Address
from hub.newsletter.render import Recipient, Renderer, to_wire
from hub.newsletter.tokens import CONFIRMATION_LIFE, Purpose, read_token
from hub.store import Session
from hub.store.subscribers import (
    DeliveryRow,
    SubscriberRow,
    erase_subscriber,
    find_subscriber_by_email,
    list_service_moments,
    list_unreachable,
)

log = logging.getLogger(__name__)

QUIET_TIME = timedelta(minutes=10)
"""Between two service messages to the same address."""
MAX_PER_DAY = 5
DAY = timedelta(days=1)


class Outcome(StrEnum):
    """What a request did. Never shown to who asked: see the module."""

    ASKED = "confirmation-asked"
    REMINDED = "already-subscribed"
    TOO_SOON = "too-soon"


class Confirmation(StrEnum):
    DONE = "confirmed"
    ALREADY = "already-confirmed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for: terms of the référentiel, already checked."""

    metiers: tuple[str, ...]
    dispositifs: tuple[str, ...]


# --- Asking and confirming ---------------------------------------------------------------------


def subscribe(
    session: Session,
    address: Address,
    wish: Wish,
    renderer: Renderer,
    now: datetime,
    secret: str,
) -> Outcome:
    """Ask an address to confirm. `secret` is used when the address is new.

    An active address keeps its choices, whatever was asked: only its owner may change them. A
    pending one takes the last wish; the page to confirm shows it. At most one message every ten
    minutes and five a day go to an address, so that nobody can use the form to pester.
    """
    row = find_subscriber_by_email(session, address.value)
    if row is None:
        row = _add_pending(session, address, wish, now, secret)
    if row.state is SubscriberState.PENDING:
        row.metiers, row.dispositifs = list(wish.metiers), list(wish.dispositifs)
    if _is_too_soon(session, row, now):
        return Outcome.TOO_SOON
    if row.state is SubscriberState.ACTIVE:
        _queue(session, row, renderer, DeliveryKind.REMINDER, now)
        return Outcome.REMINDED
    row.requested_at = now
    _queue(session, row, renderer, DeliveryKind.CONFIRMATION, now)
    return Outcome.ASKED


def confirm(session: Session, token: str, now: datetime) -> Confirmation:
    """Make a pending subscriber active. Pressing the button twice is harmless."""
    row, verdict = check_confirmation(session, token, now)
    if row is not None and verdict is Confirmation.DONE:
        row.state = SubscriberState.ACTIVE
        row.confirmed_at = now
        log.info("subscription confirmed subscriber=%d", row.id)
    return verdict


def check_confirmation(
    session: Session, token: str, now: datetime
) -> tuple[SubscriberRow | None, Confirmation]:
    """Whose link it is and what `confirm` would answer. Mail scanners open links: this only
    looks."""
    row, expires_at = _find(session, token, Purpose.CONFIRM)
    if row is None or row.state is SubscriberState.LEFT:
        return None, Confirmation.UNKNOWN
    if row.state is SubscriberState.ACTIVE:
        return row, Confirmation.ALREADY
    is_late = expires_at is None or now > expires_at
    return row, Confirmation.EXPIRED if is_late else Confirmation.DONE


# --- Changing and leaving ----------------------------------------------------------------------


def choose(session: Session, row: SubscriberRow, wish: Wish, now: datetime) -> None:
    """Replace the choices. A term kept keeps its starting point; a new one starts now.

    Items already received are not announced again, and adding a métier years later does not bring
    years of items.
    """
    kept = set(_keys(row.metiers, row.dispositifs))
    chosen = {key: at for key, at in row.chosen_at.items() if key in kept}
    row.metiers, row.dispositifs = list(wish.metiers), list(wish.dispositifs)
    wanted = _keys(wish.metiers, wish.dispositifs)
    chosen |= {key: now.isoformat() for key in wanted if key not in kept}
    row.chosen_at = {key: chosen[key] for key in wanted if key in chosen}


def leave(session: Session, token: str, now: datetime) -> bool:
    """Stop everything and blank the address. True for a token of ours, used before or not."""
    row = find_by_token(session, token, Purpose.LEAVE)
    if row is None:
        return False
    if row.state is not SubscriberState.LEFT:
        _end(session, row, now)
        log.info("subscription left subscriber=%d", row.id)
    return True


def end_unreachable(session: Session, now: datetime) -> int:
    """End the subscriptions whose address keeps being refused. Returns how many."""
    rows = list_unreachable(session)
    for row in rows:
        _end(session, row, now)
        log.warning("subscription ended, address refused twice subscriber=%d", row.id)
    return len(rows)


def find_by_token(session: Session, token: str, purpose: Purpose) -> SubscriberRow | None:
    return _find(session, token, purpose)[0]


def forget_unconfirmed(session: Session, now: datetime) -> int:
    """Erase the addresses that never confirmed, once their link has died. Returns how many."""
    query = select(SubscriberRow).where(
        SubscriberRow.state == SubscriberState.PENDING,
        SubscriberRow.requested_at < now - CONFIRMATION_LIFE,
    )
    rows = session.scalars(query).all()
    for row in rows:
        erase_subscriber(session, row)
    return len(rows)


def to_recipient(row: SubscriberRow) -> Recipient:
    """Raises ValueError for someone who has left: there is no address any more."""
    if row.email is None:
        raise ValueError(f"no address subscriber={row.id}")
    return Recipient(row.id, row.email, row.secret, tuple(row.metiers), tuple(row.dispositifs))


# --- Parts -------------------------------------------------------------------------------------


def _add_pending(
    session: Session, address: Address, wish: Wish, now: datetime, secret: str
) -> SubscriberRow:
    row = SubscriberRow(
        email=address.value,
        state=SubscriberState.PENDING,
        secret=secret,
        metiers=list(wish.metiers),
        dispositifs=list(wish.dispositifs),
        requested_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same form was sent twice at once
        found = find_subscriber_by_email(session, address.value)
        if found is None:
            raise
        return found
    return row


def _is_too_soon(session: Session, row: SubscriberRow, now: datetime) -> bool:
    moments = list_service_moments(session, row.id, now - DAY)
    return len(moments) >= MAX_PER_DAY or any(moment > now - QUIET_TIME for moment in moments)


def _queue(
    session: Session, row: SubscriberRow, renderer: Renderer, kind: DeliveryKind, now: datetime
) -> None:
    """Keep the message to send with what it speaks of: neither exists without the other."""
    issue = f"{kind}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    recipient = to_recipient(row)
    if kind is DeliveryKind.CONFIRMATION:
        message = renderer.confirmation(recipient, issue, now, now + CONFIRMATION_LIFE)
    else:
        message = renderer.reminder(recipient, issue, now)
    session.add(
        DeliveryRow(
            issue=issue,
            subscriber_id=row.id,
            kind=kind,
            state=DeliveryState.PREPARED,
            subject=str(message["Subject"]),
            message=to_wire(message),
            prepared_at=now,
        )
    )
    session.flush()


def _find(
    session: Session, token: str, purpose: Purpose
) -> tuple[SubscriberRow | None, datetime | None]:
    def find_secret(subscriber_id: int) -> str | None:
        row = session.get(SubscriberRow, subscriber_id)
        return row.secret if row else None

    read = read_token(token, purpose, find_secret)
    if read is None:
        return None, None
    return session.get(SubscriberRow, read[0]), read[1]


def _keys(metiers: Sequence[str], dispositifs: Sequence[str]) -> list[str]:
    return [f"{TermKind.METIER}:{term}" for term in metiers] + [
        f"{TermKind.DISPOSITIF}:{term}" for term in dispositifs
    ]


def _end(session: Session, row: SubscriberRow, now: datetime) -> None:
    row.state = SubscriberState.LEFT
    row.left_at = now
    row.email = None
    _withdraw(session, row)


def _withdraw(session: Session, row: SubscriberRow) -> None:
    """Nothing that waits for someone who has left may leave, nor keep their address."""
    waiting = session.scalars(
        select(DeliveryRow).where(
            DeliveryRow.subscriber_id == row.id, DeliveryRow.state == DeliveryState.PREPARED
        )
    )
    for delivery in waiting:
        delivery.state = DeliveryState.REFUSED
        delivery.reason = "unsubscribed"
        delivery.message = ""
