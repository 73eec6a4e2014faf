"""Pages that editors reported: « signaler une page »."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from hub.store.base import Base


class ReportedPageRow(Base):
    """An address that an editor reported, to be read once. `read_at` is set when it was tried."""

    __tablename__ = "reported_page"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
