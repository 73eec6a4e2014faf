"""Captures and validators: what each source answered, and what to ask it next time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.model import Capture
from hub.store.base import Base


class CaptureRow(Base):
    """One answer whose body differs from the one before it at the same address.

    The body itself is a compressed file named by its `sha256` (see `hub.captures`).
    """

    __tablename__ = "capture"
    __table_args__ = (Index(None, "source_id", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    url: Mapped[str]
    fetched_at: Mapped[datetime]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    size: Mapped[int]


class ValidatorRow(Base):
    """What the server said of its page, to be sent back with the next request (RFC 9110 13.1)."""

    __tablename__ = "validator"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime]


def find_latest_capture(session: Session, source_id: str, url: str) -> CaptureRow | None:
    return session.scalar(
        select(CaptureRow)
        .where(CaptureRow.source_id == source_id, CaptureRow.url == url)
        .order_by(CaptureRow.id.desc())
        .limit(1)
    )


def add_capture(session: Session, capture: Capture) -> tuple[CaptureRow, bool]:
    """Record an answer unless it repeats the last one there. Returns (row, whether it is new)."""
    latest = find_latest_capture(session, capture.source_id, capture.url)
    if latest is not None and latest.sha256 == capture.sha256:
        return latest, False
    row = CaptureRow(
        source_id=capture.source_id,
        url=capture.url,
        fetched_at=capture.fetched_at,
        status=capture.status,
        headers=dict(capture.headers),
        sha256=capture.sha256,
        size=len(capture.body),
    )
    session.add(row)
    session.flush()
    return row, True


def find_validator(session: Session, source_id: str, url: str) -> ValidatorRow | None:
    return session.get(ValidatorRow, (source_id, url))


def set_validator(session: Session, capture: Capture) -> None:
    """Remember the validators of an answer that was read to the end and understood."""
    headers = {name.lower(): value for name, value in capture.headers.items()}
    session.merge(
        ValidatorRow(
            source_id=capture.source_id,
            url=capture.url,
            etag=headers.get("etag", ""),
            last_modified=headers.get("last-modified", ""),
            checked_at=capture.fetched_at,
        )
    )
