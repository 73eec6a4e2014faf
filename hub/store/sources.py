"""What is known of each source between two runs: last reads and failures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.model import Failure
from hub.store.base import Base


class SourceStateRow(Base):
    """`last_good_read` is the last time every address of the source answered and was understood."""

    __tablename__ = "source_state"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    last_attempt: Mapped[datetime | None]
    last_good_read: Mapped[datetime | None]


class FailureRow(Base):
    """One trouble of a source. `ended_at` is set when the same address is read well again."""

    __tablename__ = "failure"
    __table_args__ = (Index(None, "source_id", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    url: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def record_read(session: Session, source_id: str, at: datetime, *, is_good: bool) -> None:
    row = session.get(SourceStateRow, source_id) or SourceStateRow(source_id=source_id)
    row.last_attempt = at
    if is_good:
        row.last_good_read = at
    session.add(row)


def record_failure(session: Session, failure: Failure, at: datetime) -> None:
    """Open a failure, or prolong the open one of the same address and kind."""
    row = session.scalar(
        select(FailureRow).where(
            FailureRow.source_id == failure.source_id,
            FailureRow.url == failure.url,
            FailureRow.kind == failure.kind,
            FailureRow.ended_at.is_(None),
        )
    )
    if row is None:
        row = FailureRow(
            source_id=failure.source_id, url=failure.url, kind=failure.kind, reason="", at=at
        )
        session.add(row)
    row.reason = failure.reason
    row.last_at = at


def end_failures(session: Session, source_id: str, url: str, at: datetime) -> None:
    for row in list_open_failures(session, source_id):
        if row.url == url:
            row.ended_at = at


def list_open_failures(session: Session, source_id: str | None = None) -> Sequence[FailureRow]:
    query = select(FailureRow).where(FailureRow.ended_at.is_(None))
    if source_id is not None:
        query = query.where(FailureRow.source_id == source_id)
    return session.scalars(query.order_by(FailureRow.source_id, FailureRow.id)).all()


def list_source_states(session: Session) -> dict[str, SourceStateRow]:
    return {row.source_id: row for row in session.scalars(select(SourceStateRow))}
