"""Subscribers and what was sent to each: the only personal data of the public side.

Kept of a subscriber: address, choices, dates of request, confirmation, change of choice and
leaving. Leaving blanks the address, and so does a mailbox that refuses two letters in a row;
`erase_subscriber` removes the row and its deliveries.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.model import DeliveryKind, DeliveryState, ItemState, SubscriberState
from hub.store.base import Base
from hub.store.items import ItemRow

ADDRESS_REFUSED = "address refused: "
"""How the reason of a delivery begins when the server refused its address for good."""


class SubscriberRow(Base):
    """`secret` is random and signs the links of this person's letters; it appears nowhere else.

    `chosen_at` says since when a term is followed, as `metier:couturier` -> ISO moment, for those
    chosen after the confirmation only.
    """

    __tablename__ = "subscriber"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[SubscriberState] = mapped_column(index=True)
    secret: Mapped[str] = mapped_column(unique=True)
    metiers: Mapped[list[Any]]
    dispositifs: Mapped[list[Any]]
    chosen_at: Mapped[dict[str, Any]] = mapped_column(default=dict)
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """One message to one subscriber. The pair (issue, subscriber) is unique: never twice the same.

    `issue` names a letter by its week, as `2026-W37`, and any other message by its kind and moment.
    `message` is the whole message as sent, kept until it has left (then blanked), so that a run
    that was killed sends the very same bytes.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("issue", "subscriber_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue: Mapped[str] = mapped_column(index=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), index=True)
    kind: Mapped[DeliveryKind] = mapped_column(default=DeliveryKind.LETTER)
    state: Mapped[DeliveryState] = mapped_column(index=True)
    subject: Mapped[str]
    message: Mapped[str]
    prepared_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")


class DeliveredItemRow(Base):
    """Which items a subscriber has been told of: each once, whatever the cut into digests."""

    __tablename__ = "delivered_item"

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)


def find_subscriber_by_email(session: Session, email: str) -> SubscriberRow | None:
    return session.scalar(select(SubscriberRow).where(SubscriberRow.email == email))


def list_active_subscribers(session: Session) -> Sequence[SubscriberRow]:
    return session.scalars(
        select(SubscriberRow)
        .where(SubscriberRow.state == SubscriberState.ACTIVE)
        .order_by(SubscriberRow.id)
    ).all()


def count_subscribers(session: Session) -> dict[str, int]:
    """Number of subscribers by state; every state is present."""
    rows = session.execute(
        select(SubscriberRow.state, func.count()).group_by(SubscriberRow.state)
    ).all()
    found = {row[0]: row[1] for row in rows}
    return {state.value: found.get(state, 0) for state in SubscriberState}


def find_next_delivery(session: Session, *, letters: bool, after: int) -> DeliveryRow | None:
    """The first prepared message with a greater id, among letters or among all the rest."""
    is_letter = DeliveryRow.kind == DeliveryKind.LETTER
    return session.scalar(
        select(DeliveryRow)
        .where(
            DeliveryRow.state == DeliveryState.PREPARED,
            DeliveryRow.id > after,
            is_letter if letters else ~is_letter,
        )
        .order_by(DeliveryRow.id)
        .limit(1)
    )


def list_service_moments(session: Session, subscriber_id: int, since: datetime) -> list[datetime]:
    """When messages other than letters were written to this subscriber, after `since`."""
    return list(
        session.scalars(
            select(DeliveryRow.prepared_at).where(
                DeliveryRow.subscriber_id == subscriber_id,
                DeliveryRow.kind != DeliveryKind.LETTER,
                DeliveryRow.prepared_at > since,
            )
        )
    )


def list_waiting_subscribers(session: Session, issue: str) -> Sequence[int]:
    """Active subscribers who have no message under this issue, sent or not."""
    has_it = (
        select(DeliveryRow.id)
        .where(DeliveryRow.issue == issue, DeliveryRow.subscriber_id == SubscriberRow.id)
        .exists()
    )
    return session.scalars(
        select(SubscriberRow.id)
        .where(SubscriberRow.state == SubscriberState.ACTIVE, ~has_it)
        .order_by(SubscriberRow.id)
    ).all()


def has_delivery(session: Session, issue: str, subscriber_id: int) -> bool:
    query = select(DeliveryRow.id).where(
        DeliveryRow.issue == issue, DeliveryRow.subscriber_id == subscriber_id
    )
    return session.scalar(query) is not None


def list_delivered_items(session: Session, subscriber_id: int) -> frozenset[int]:
    return frozenset(
        session.scalars(
            select(DeliveredItemRow.item_id).where(DeliveredItemRow.subscriber_id == subscriber_id)
        )
    )


def list_unreachable(session: Session) -> list[SubscriberRow]:
    """Active subscribers whose address was refused for good at their last two letters.

    Only when somebody else received the last one: a server that refuses everyone says nothing
    about any address.
    """
    suspects = select(DeliveryRow.subscriber_id).where(
        DeliveryRow.reason.startswith(ADDRESS_REFUSED)
    )
    rows = session.scalars(
        select(SubscriberRow)
        .where(SubscriberRow.state == SubscriberState.ACTIVE, SubscriberRow.id.in_(suspects))
        .order_by(SubscriberRow.id)
    )
    return [row for row in rows if _is_unreachable(session, row.id)]


def _is_unreachable(session: Session, subscriber_id: int) -> bool:
    letters = select(DeliveryRow).where(DeliveryRow.kind == DeliveryKind.LETTER)
    last = session.scalars(
        letters.where(
            DeliveryRow.subscriber_id == subscriber_id,
            DeliveryRow.state != DeliveryState.PREPARED,
        )
        .order_by(DeliveryRow.id.desc())
        .limit(2)
    ).all()
    if len(last) < 2 or not all(row.reason.startswith(ADDRESS_REFUSED) for row in last):
        return False
    sent = letters.where(
        DeliveryRow.issue == last[0].issue, DeliveryRow.state == DeliveryState.SENT
    )
    return session.scalar(sent.limit(1)) is not None


def tells_withdrawn_item(session: Session, delivery_id: int) -> bool:
    """Whether an item of this letter has stopped being public since the letter was written."""
    withdrawn = (
        select(DeliveredItemRow.item_id)
        .join(ItemRow)
        .where(DeliveredItemRow.delivery_id == delivery_id, ItemRow.state != ItemState.APPROVED)
    )
    return session.scalar(withdrawn.limit(1)) is not None


def forget_delivery(session: Session, delivery: DeliveryRow) -> None:
    """As if the letter had never been written: its items are told by the next one."""
    told = select(DeliveredItemRow).where(DeliveredItemRow.delivery_id == delivery.id)
    for row in session.scalars(told):
        session.delete(row)
    session.flush()
    session.delete(delivery)


def erase_subscriber(session: Session, subscriber: SubscriberRow) -> None:
    for table in (DeliveredItemRow, DeliveryRow):
        for row in session.scalars(select(table).where(table.subscriber_id == subscriber.id)):
            session.delete(row)
        session.flush()
    session.delete(subscriber)
