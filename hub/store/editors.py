"""Editors, their sessions and their failed attempts to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.store.base import Base


class EditorRow(Base):
    __tablename__ = "editor"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class EditorSessionRow(Base):
    """`token_hash` is the SHA-256 of the cookie's random value; the value itself is not kept."""

    __tablename__ = "editor_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("editor.id"), index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInAttemptRow(Base):
    """A failed attempt, kept one hour, to slow down guessing. `who` is a hash of address or IP."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)


def find_editor(session: Session, email: str) -> EditorRow | None:
    return session.scalar(select(EditorRow).where(EditorRow.email == email.strip().lower()))
