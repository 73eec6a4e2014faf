"""What robots.txt said, remembered between runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from hub.store.base import Base


class RobotsRow(Base):
    """What an origin (`https://host[:port]`) answered for robots.txt, kept a day (RFC 9309 2.4)."""

    __tablename__ = "robots"

    origin: Mapped[str] = mapped_column(primary_key=True)
    fetched_at: Mapped[datetime]
    body: Mapped[str]
