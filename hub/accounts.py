"""Editors' accounts: passwords, sign-in, sessions.

A password is checked outside of any transaction, since a good hash takes its time. An attempt is
counted before the password is looked at, so that many at once do not slip through.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select

from hub.errors import AccountError
from hub.review import RULE
from hub.store import Session, Store
from hub.store.editors import EditorRow, EditorSessionRow, SignInAttemptRow, find_editor
from hub.text import clean

SESSION_LIFE = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
MAX_ATTEMPTS = 5
"""Failed attempts allowed in `WINDOW` on one account from one network address."""
MAX_OF_ADDRESS = 20
"""The same, whatever the accounts: offices share an address, so it is more than one person's."""
KEEP_ATTEMPTS = timedelta(hours=1)
MAX_OF_ACCOUNT = 50
"""Failed attempts allowed in `KEEP_ATTEMPTS` on one account, from wherever they come."""
MIN_PASSWORD = 12


class Passwords:
    """Hashes and checks passwords with argon2id. The costs can be lowered for tests."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def check(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password. It takes as long when there is no account."""
        try:
            is_right = self._hasher.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return is_right and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        return self._hasher.check_needs_rehash(password_hash)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a session belongs to, and the token that their forms must carry."""

    editor_id: int
    name: str
    email: str
    csrf_token: str


class Refusal(StrEnum):
    """Why a sign-in was refused. `WRONG` never says whether the account exists."""

    WRONG = "wrong"
    TOO_MANY = "too-many"


# --- Accounts ----------------------------------------------------------------------------------


def add_editor(
    session: Session,
    email: str,
    name: str,
    password: str,
    now: datetime,
    *,
    passwords: Passwords | None = None,
) -> EditorRow:
    """Open an account.

    Raises:
        AccountError: the address, the name or the password will not do, or the address is taken.
    """
    email, name = email.strip().lower(), clean(name)
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email:
        raise AccountError("bad-email", email)
    if not name or name.startswith(RULE):
        raise AccountError("bad-name", email)
    if find_editor(session, email) is not None:
        raise AccountError("email-taken", email)
    row = EditorRow(
        email=email,
        name=name,
        password_hash=_hash_new(password, email, passwords),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def change_password(
    session: Session, email: str, password: str, *, passwords: Passwords | None = None
) -> None:
    """Give an editor a new password and end their sessions.

    Raises:
        AccountError: there is no such account, or the password will not do.
    """
    row = _get_editor(session, email)
    row.password_hash = _hash_new(password, row.email, passwords)
    _end_sessions_of(session, row)


def set_active(session: Session, email: str, is_active: bool) -> None:
    """Close or reopen an account; what the editor decided stays. Closing takes effect at once.

    Raises:
        AccountError: there is no such account.
    """
    row = _get_editor(session, email)
    row.is_active = is_active
    if not is_active:
        _end_sessions_of(session, row)


def _hash_new(password: str, email: str, passwords: Passwords | None) -> str:
    if len(password) < MIN_PASSWORD:
        raise AccountError("short-password", email)
    return (passwords or Passwords()).hash(password)


def _get_editor(session: Session, email: str) -> EditorRow:
    row = find_editor(session, email)
    if row is None:
        raise AccountError("no-account", email)
    return row


def _end_sessions_of(session: Session, row: EditorRow) -> None:
    session.execute(delete(EditorSessionRow).where(EditorSessionRow.editor_id == row.id))


# --- Signing in --------------------------------------------------------------------------------


def sign_in(
    store: Store, passwords: Passwords, email: str, password: str, address: str, now: datetime
) -> str | Refusal:
    """Check a password and open a session. Returns the cookie's value, kept nowhere else.

    Slow on purpose: to be called from a thread. Right or wrong, known account or not, it does the
    same work.
    """
    limits = _limits(email.strip().lower(), address)
    charged = _charge(store, limits, now)
    if not charged:
        return Refusal.TOO_MANY
    with store.read() as session:
        row = find_editor(session, email)
        password_hash = row.password_hash if row and row.is_active else None
    if not passwords.check(password_hash, password) or row is None:
        return Refusal.WRONG
    renewed = passwords.hash(password) if passwords.is_outdated(row.password_hash) else None
    with store.write() as session:
        if renewed:
            session.get_one(EditorRow, row.id).password_hash = renewed
        forgiven = (SignInAttemptRow.who == limits[0].who) | SignInAttemptRow.id.in_(charged)
        session.execute(delete(SignInAttemptRow).where(forgiven))
        return _open_session(session, row.id, now)


@dataclass(frozen=True, slots=True)
class _Limit:
    who: str
    most: int
    window: timedelta


def _limits(email: str, address: str) -> tuple[_Limit, ...]:
    """The first is the person's own. A stranger cannot use it up: it goes by address too."""
    return (
        _Limit(_hash_who("pair", f"{address} {email}"), MAX_ATTEMPTS, WINDOW),
        _Limit(_hash_who("address", address), MAX_OF_ADDRESS, WINDOW),
        _Limit(_hash_who("account", email), MAX_OF_ACCOUNT, KEEP_ATTEMPTS),
    )


def _charge(store: Store, limits: Sequence[_Limit], now: datetime) -> list[int]:
    """Count one attempt for each limit, unless one of them is reached: then nothing."""
    with store.write() as session:
        session.execute(delete(SignInAttemptRow).where(SignInAttemptRow.at < now - KEEP_ATTEMPTS))
        if any(_count(session, limit, now) >= limit.most for limit in limits):
            return []
        rows = [SignInAttemptRow(who=limit.who, at=now) for limit in limits]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def _count(session: Session, limit: _Limit, now: datetime) -> int:
    recent = select(func.count()).where(
        SignInAttemptRow.who == limit.who, SignInAttemptRow.at > now - limit.window
    )
    return session.scalar(recent) or 0


def _hash_who(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


# --- Sessions ----------------------------------------------------------------------------------


def _open_session(session: Session, editor_id: int, now: datetime) -> str:
    session.execute(delete(EditorSessionRow).where(EditorSessionRow.expires_at <= now))
    token = secrets.token_urlsafe(32)
    session.add(
        EditorSessionRow(
            token_hash=_hash_token(token),
            editor_id=editor_id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    return token


def find_visitor(session: Session, token: str, now: datetime) -> Visitor | None:
    """Who this cookie belongs to, or None when it is unknown, expired or of a closed account."""
    row = session.execute(
        select(EditorRow, EditorSessionRow)
        .join(EditorSessionRow, EditorSessionRow.editor_id == EditorRow.id)
        .where(
            EditorSessionRow.token_hash == _hash_token(token),
            EditorSessionRow.expires_at > now,
            EditorRow.is_active,
        )
    ).one_or_none()
    if row is None:
        return None
    editor, opened = row[0], row[1]
    return Visitor(editor.id, editor.name, editor.email, opened.csrf_token)


def sign_out(session: Session, token: str) -> None:
    session.execute(
        delete(EditorSessionRow).where(EditorSessionRow.token_hash == _hash_token(token))
    )


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
