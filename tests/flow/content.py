"""The content of an installation, without what may differ between two runs that say the same:
surrogate keys, and the record of the runs themselves.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase

from hub.store import Base, Session, Store

NOT_CONTENT = {"source_read", "incident", "run", "editor_session", "sign_in_attempt", "asked_until"}
NOT_FACTS = {"password_hash"}
"""Salted: never the same twice."""


def database_content(store: Store) -> dict[str, list[str]]:
    """Every row of every table, foreign keys replaced by the natural identity of what they name."""
    with store.read() as session:
        names = _names(session)
        return {
            mapper.class_.__tablename__: sorted(
                _row(row, names) for row in session.scalars(select(mapper.class_))
            )
            for mapper in Base.registry.mappers
            if mapper.class_.__tablename__ not in NOT_CONTENT
        }


def _names(session: Session) -> dict[tuple[str, int], str]:
    """(table, id) -> a name that does not depend on the order of inserts."""
    from hub.store.captures import CaptureRow
    from hub.store.items import ItemRow
    from hub.store.mentions import MentionRow
    from hub.store.subscribers import SubscriberRow
    from hub.store.texts import TextRow

    names: dict[tuple[str, int], str] = {}
    for capture in session.scalars(select(CaptureRow)):
        names["capture", capture.id] = f"{capture.source_id} {capture.url} {capture.sha256}"
    for item in session.scalars(select(ItemRow)):
        names["item", item.id] = item.slug
    for mention in session.scalars(select(MentionRow)):
        capture_name = names["capture", mention.capture_id]
        names["mention", mention.id] = f"{capture_name} {mention.key}"
    for kept in session.scalars(select(TextRow)):
        names["text", kept.id] = kept.text
    for subscriber in session.scalars(select(SubscriberRow)):
        names["subscriber", subscriber.id] = subscriber.secret
    return names


def _row(row: DeclarativeBase, names: dict[tuple[str, int], str]) -> str:
    facts: dict[str, Any] = {}
    for column in row.__table__.columns:
        value = getattr(row, column.key)
        for key in column.foreign_keys:
            value = names.get((key.column.table.name, value))
        if column.name not in NOT_FACTS and not (column.primary_key and column.name == "id"):
            facts[column.name] = value
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)


def folder_content(folder: Path) -> dict[str, str]:
    """Relative path -> SHA-256, for every file under a folder (links followed)."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
