"""Versions of articles of law: one row each, whatever told them; and the texts that made them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.legal.pairs import Pair, pairs_by
from hub.legal.versions import ArticleVersion, Link, Sibling, group, merge, read_state
from hub.store.base import Base
from hub.store.bulk import chunks, insert_rows

STEPS = 8
"""Lists of versions that are followed from one to the next: a chain of lists is never that long."""


class ArticleVersionRow(Base):
    """`said_at` is when the delivery was made, or the answer given, that said it last."""

    __tablename__ = "article_version"

    id: Mapped[str] = mapped_column(primary_key=True)
    article: Mapped[str] = mapped_column(index=True)
    code: Mapped[str]
    code_name: Mapped[str]
    number: Mapped[str]
    state: Mapped[str]
    begins_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    text: Mapped[list[Any]]
    nota: Mapped[list[Any]]
    changed_by: Mapped[list[Any]]
    others: Mapped[list[Any]]
    notes: Mapped[list[Any]]
    said_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    """When a delivery took it away: it is kept, and shown no more unless it comes back."""


class ArticleLinkRow(Base):
    """A text that made or unmade a version, under one of its names (`Link.names`)."""

    __tablename__ = "article_link"

    version_id: Mapped[str] = mapped_column(ForeignKey("article_version.id"), primary_key=True)
    text: Mapped[str] = mapped_column(primary_key=True, index=True)


# --- Keeping -----------------------------------------------------------------------------------


def add_versions(
    session: Session, versions: Iterable[ArticleVersion], said_at: datetime
) -> list[str]:
    """Keep versions, and give the ids of those that are new or say something else than before.

    What was said last wins, in whatever order deliveries are read; what it leaves blank is kept.
    Of two readings of one moment the second wins.
    """
    news: dict[str, ArticleVersion] = {}
    for version in versions:
        held = news.get(version.id)
        news[version.id] = merge(held, version) if held else version
    touched: list[str] = []
    for some in chunks(list(news)):
        touched += _keep(session, {name: news[name] for name in some}, said_at)
    return touched


def withdraw_versions(session: Session, ids: Sequence[str], said_at: datetime) -> list[str]:
    """Put aside the versions that a delivery takes away, and give their ids. One that was told
    since stays.
    """
    gone: list[str] = []
    for some in chunks(ids):
        query = select(ArticleVersionRow.id).where(
            ArticleVersionRow.id.in_(some),
            ArticleVersionRow.said_at <= said_at,
            ArticleVersionRow.withdrawn_at.is_(None),
        )
        found = list(session.scalars(query))
        session.execute(
            update(ArticleVersionRow)
            .where(ArticleVersionRow.id.in_(found))
            .values(withdrawn_at=said_at)
            .execution_options(synchronize_session=False)
        )
        gone += found
    session.expire_all()
    return gone


def _keep(session: Session, news: Mapping[str, ArticleVersion], said_at: datetime) -> list[str]:
    rows = session.scalars(select(ArticleVersionRow).where(ArticleVersionRow.id.in_(news)))
    known = {row.id: row for row in rows}
    fresh = [version for name, version in news.items() if name not in known]
    insert_rows(session, ArticleVersionRow, [_to_columns(one, said_at) for one in fresh])
    changed = [row for row in known.values() if _update(row, news[row.id], said_at)]
    _link(session, {row.id: _to_version(row) for row in changed}, fresh)
    return [*(version.id for version in fresh), *(row.id for row in changed)]


def _update(row: ArticleVersionRow, version: ArticleVersion, said_at: datetime) -> bool:
    held = _to_version(row)
    is_late = said_at < row.said_at
    merged = merge(version, held) if is_late else merge(held, version)
    comes_back = row.withdrawn_at is not None and row.withdrawn_at < said_at
    for name, value in _to_columns(merged, max(said_at, row.said_at)).items():
        if name != "withdrawn_at" or comes_back:
            setattr(row, name, value)
    return merged != held or comes_back


def _link(
    session: Session, changed: Mapping[str, ArticleVersion], fresh: Iterable[ArticleVersion]
) -> None:
    """The links are those of the versions as they are now kept."""
    session.flush()
    for some in chunks(list(changed)):
        session.execute(delete(ArticleLinkRow).where(ArticleLinkRow.version_id.in_(some)))
    pairs = {
        (version.id, name): None
        for version in (*changed.values(), *fresh)
        for link in version.changed_by
        for name in sorted(link.names)
    }
    insert_rows(session, ArticleLinkRow, [{"version_id": a, "text": b} for a, b in pairs])


# --- Finding -----------------------------------------------------------------------------------


def find_version(session: Session, version_id: str) -> ArticleVersion | None:
    """The version of this id, withdrawn or not."""
    row = session.get(ArticleVersionRow, version_id)
    return _to_version(row) if row else None


def list_versions(session: Session, article: str) -> list[ArticleVersion]:
    """The versions of an article, oldest first, from its identity or the id of any of them.

    Two sources may know one article by two identities: their lists of versions join them.
    """
    return _closure(session, {article})


def list_changed_by(session: Session, texts: Collection[str]) -> list[ArticleVersion]:
    """The versions that texts so named opened or closed, by article then date."""
    found: dict[str, ArticleVersion] = {}
    for pair in list_pairs_by(session, texts):
        found.update({one.id: one for one in (pair.before, pair.after) if one})
    return list(found.values())


def list_pairs_by(session: Session, texts: Collection[str]) -> list[Pair]:
    """What texts so named changed, one pair for each article and day, by code and number."""
    ids = [
        name
        for some in chunks(list(texts))
        for name in session.scalars(
            select(ArticleLinkRow.version_id).where(ArticleLinkRow.text.in_(some))
        )
    ]
    articles = group(_closure(session, set(ids)))
    pairs = [pair for versions in articles for pair in pairs_by(versions, texts)]
    return sorted(pairs, key=_place_of)


def _place_of(pair: Pair) -> tuple[str, str, date]:
    version = pair.after or pair.before
    return (version.code, version.number, pair.on) if version else ("", "", pair.on)


def _closure(session: Session, names: set[str]) -> list[ArticleVersion]:
    """The versions that have these ids or identities, and those that their lists lead to. What was
    withdrawn is left out of the lists too.
    """
    found: dict[str, ArticleVersion] = {}
    gone: set[str] = set()
    waiting, asked = set(names), set[str]()
    for _ in range(STEPS):
        asked |= waiting
        for row in _list_rows(session, sorted(waiting)):
            if row.withdrawn_at is None:
                found[row.id] = _to_version(row)
            else:
                gone.add(row.id)
        told = {one.id for version in found.values() for one in version.others}
        waiting = (told | {version.article for version in found.values()}) - asked - found.keys()
        if not waiting:
            break
    kept = [
        replace(version, others=tuple(one for one in version.others if one.id not in gone))
        for version in found.values()
    ]
    return sorted(kept, key=lambda one: (one.start or date.max, one.id))


def _list_rows(session: Session, names: Sequence[str]) -> Iterator[ArticleVersionRow]:
    for some in chunks(names):
        is_named = or_(ArticleVersionRow.id.in_(some), ArticleVersionRow.article.in_(some))
        yield from session.scalars(select(ArticleVersionRow).where(is_named))


# --- Rows --------------------------------------------------------------------------------------


def _to_columns(version: ArticleVersion, said_at: datetime) -> dict[str, Any]:
    return {
        "id": version.id,
        "article": version.article,
        "code": version.code,
        "code_name": version.code_name,
        "number": version.number,
        "state": str(version.state),
        "begins_on": version.start,
        "ends_on": version.end,
        "text": list(version.text),
        "nota": list(version.nota),
        "changed_by": [_plain(asdict(link)) for link in version.changed_by],
        "others": [_plain(asdict(one)) for one in version.others],
        "notes": [str(note) for note in version.notes],
        "said_at": said_at,
        "withdrawn_at": None,
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Days as ISO, states as words, blanks left out."""
    return {
        name: value.isoformat() if isinstance(value, date) else str(value)
        for name, value in values.items()
        if value not in ("", None)
    }


def _to_version(row: ArticleVersionRow) -> ArticleVersion:
    return ArticleVersion(
        id=row.id,
        article=row.article,
        code=row.code,
        code_name=row.code_name,
        number=row.number,
        state=read_state(row.state),
        start=row.begins_on,
        end=row.ends_on,
        text=tuple(row.text),
        nota=tuple(row.nota),
        changed_by=tuple(_to_link(link) for link in row.changed_by),
        others=tuple(_to_sibling(one) for one in row.others),
        notes=tuple(row.notes),
    )


def _to_link(stored: Mapping[str, str]) -> Link:
    signed = stored.get("signed_on")
    words = {name: value for name, value in stored.items() if name != "signed_on"}
    return Link(**words, signed_on=date.fromisoformat(signed) if signed else None)


def _to_sibling(stored: Mapping[str, str]) -> Sibling:
    start, end = (
        date.fromisoformat(stored[key]) if key in stored else None for key in ("start", "end")
    )
    return Sibling(stored["id"], read_state(stored.get("state", "")), start, end)
