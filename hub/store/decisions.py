"""Decisions: append-only, the audit trail of every item and the training set of the tagger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.model import Action, Decision
from hub.store.base import Base
from hub.store.bulk import insert_rows


class DecisionRow(Base):
    """`payload` holds what is needed to show and to undo the move: state before, values before."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    item_version: Mapped[int]
    action: Mapped[Action]
    by: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    reason: Mapped[str]
    payload: Mapped[dict[str, Any]]


def add_decision(session: Session, item_id: int, version: int, decision: Decision) -> DecisionRow:
    row = DecisionRow(**_to_row(item_id, version, decision))
    session.add(row)
    session.flush()
    return row


def add_decisions(session: Session, decisions: Iterable[tuple[int, int, Decision]]) -> None:
    """Add one decision to the trail of each item: (item, version, decision)."""
    insert_rows(session, DecisionRow, [_to_row(*one) for one in decisions])


def _to_row(item_id: int, version: int, decision: Decision) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "item_version": version,
        "action": decision.action,
        "by": decision.by,
        "at": decision.at,
        "reason": decision.reason,
        "payload": dict(decision.payload),
    }


def list_decisions(session: Session, item_id: int) -> Sequence[DecisionRow]:
    """The trail of an item, oldest first."""
    return session.scalars(
        select(DecisionRow).where(DecisionRow.item_id == item_id).order_by(DecisionRow.id)
    ).all()
