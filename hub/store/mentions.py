"""Mentions: what one source published once, and the item it was found to speak of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.model import Identifier, Mention, Scheme
from hub.store.base import Base


class MentionRow(Base):
    """Append-only: when a source changes what it said under a key, a second row joins the first."""

    __tablename__ = "mention"
    __table_args__ = (Index(None, "source_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    key: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    text: Mapped[str]
    published_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    nature: Mapped[str]
    rubrique: Mapped[str]
    identifiers: Mapped[list[Any]]
    extra: Mapped[dict[str, Any]]
    content_hash: Mapped[str]
    seen_at: Mapped[datetime]
    capture_id: Mapped[int] = mapped_column(ForeignKey("capture.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"), index=True)


def hash_mention(mention: Mention) -> str:
    """A digest of what people would read: equal when nothing changed for a reader."""
    facts = [
        mention.title,
        mention.summary,
        mention.text,
        mention.published_on.isoformat() if mention.published_on else "",
        mention.nature,
        mention.rubrique,
        mention.url,
        dict(mention.extra),
        sorted(str(identifier) for identifier in mention.identifiers),
    ]
    return hashlib.sha256(
        json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    ).hexdigest()


def find_latest_mention(session: Session, source_id: str, key: str) -> MentionRow | None:
    return session.scalar(
        select(MentionRow)
        .where(MentionRow.source_id == source_id, MentionRow.key == key)
        .order_by(MentionRow.id.desc())
        .limit(1)
    )


def add_mention(
    session: Session, mention: Mention, capture_id: int, seen_at: datetime
) -> MentionRow | None:
    """Record a mention; None if the source's last word under this key is the same."""
    content_hash = hash_mention(mention)
    latest = find_latest_mention(session, mention.source_id, mention.key)
    if latest is not None and latest.content_hash == content_hash:
        return None
    row = MentionRow(
        source_id=mention.source_id,
        key=mention.key,
        url=mention.url,
        title=mention.title,
        summary=mention.summary,
        text=mention.text,
        published_on=mention.published_on,
        signed_on=mention.signed_on,
        nature=mention.nature,
        rubrique=mention.rubrique,
        identifiers=[[i.scheme.value, i.value] for i in mention.identifiers],
        extra=dict(mention.extra),
        content_hash=content_hash,
        seen_at=seen_at,
        capture_id=capture_id,
    )
    session.add(row)
    session.flush()
    return row


def to_mention(row: MentionRow) -> Mention:
    return Mention(
        source_id=row.source_id,
        key=row.key,
        url=row.url,
        title=row.title,
        summary=row.summary,
        text=row.text,
        published_on=row.published_on,
        signed_on=row.signed_on,
        nature=row.nature,
        rubrique=row.rubrique,
        identifiers=tuple(Identifier(Scheme(scheme), value) for scheme, value in row.identifiers),
        extra=row.extra,
    )


def list_unresolved(session: Session) -> list[int]:
    """Mentions that no item holds yet, in an order that does not depend on when they were fetched:
    those that prove most first.
    """
    rows = session.execute(
        select(
            MentionRow.id,
            MentionRow.seen_at,
            MentionRow.identifiers,
            MentionRow.published_on,
            MentionRow.source_id,
            MentionRow.key,
        ).where(MentionRow.item_id.is_(None))
    ).all()
    return [
        row.id
        for row in sorted(
            rows,
            key=lambda row: (
                row.seen_at,
                -len(row.identifiers),
                row.published_on or date.max,
                row.source_id,
                row.key,
                row.id,
            ),
        )
    ]


def find_item_by_voice(session: Session, source_id: str, key: str) -> int | None:
    """The item of which this source last spoke under this key."""
    return session.scalar(
        select(MentionRow.item_id)
        .where(
            MentionRow.source_id == source_id,
            MentionRow.key == key,
            MentionRow.item_id.is_not(None),
        )
        .order_by(MentionRow.id.desc())
        .limit(1)
    )


def list_voices(session: Session, item_id: int) -> list[tuple[str, str]]:
    """The (source, key) pairs that speak of an item."""
    rows = session.execute(
        select(MentionRow.source_id, MentionRow.key).where(MentionRow.item_id == item_id)
    )
    return [(row[0], row[1]) for row in rows]


def list_mentions(session: Session, item_id: int) -> Sequence[MentionRow]:
    """The mentions of an item, oldest first."""
    return session.scalars(
        select(MentionRow)
        .where(MentionRow.item_id == item_id)
        .order_by(MentionRow.published_on, MentionRow.id)
    ).all()
