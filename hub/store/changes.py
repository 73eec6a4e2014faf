"""What changed between two captures of the same thing, word by word."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.store.base import Base


class Nature(StrEnum):
    """Why what a source says under one key differs; only the first is announced."""

    REAL = "reel"
    TECHNICAL = "technique"
    """Our reading changed, not what was read."""
    RESTORED = "retabli"
    """The text came back to what it was before."""


class TextChangeRow(Base):
    """One change of the text a source gives under one key, with both captures.

    `nature` is a `Nature`. `segments` is the word-level diff of `hub.changes`, as JSON.
    """

    __tablename__ = "text_change"
    __table_args__ = (Index(None, "source_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    key: Mapped[str]
    nature: Mapped[str]
    at: Mapped[datetime]
    before_mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    after_mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), index=True)
    before_capture_id: Mapped[int] = mapped_column(ForeignKey("capture.id"))
    after_capture_id: Mapped[int] = mapped_column(ForeignKey("capture.id"))
    segments: Mapped[list[Any]]


def is_restored(session: Session, mention_id: int) -> bool:
    """Whether a mention brought a text back to what it was before."""
    return (
        session.scalar(
            select(TextChangeRow.id).where(
                TextChangeRow.after_mention_id == mention_id,
                TextChangeRow.nature == Nature.RESTORED,
            )
        )
        is not None
    )
