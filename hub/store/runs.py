"""Runs of the journey, for `hub status` and the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.store.base import Base


class RunRow(Base):
    """One `hub run`. `ended_at` empty while none is running means that it was killed."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any]]


def find_last_run(session: Session) -> RunRow | None:
    return session.scalar(
        select(RunRow).where(RunRow.ended_at.is_not(None)).order_by(RunRow.id.desc()).limit(1)
    )
