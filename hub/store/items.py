"""Items: one regulatory update each, whoever mentions it, with its versions and identifiers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Row,
    UniqueConstraint,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import (
    InstrumentedAttribute,
    Mapped,
    Session,
    aliased,
    mapped_column,
    relationship,
)

from hub.model import (
    Echeance,
    Evidence,
    Identifier,
    ItemState,
    Mention,
    Niveau,
    Origin,
    Precision,
    Redaction,
    Scheme,
    Tag,
    TermKind,
    TextField,
    TextOfItem,
)
from hub.review import RULE
from hub.store.base import Base
from hub.store.bulk import chunks, insert_rows, is_in, is_one_of, read_rows
from hub.store.decisions import DecisionRow
from hub.store.mentions import MentionRow
from hub.store.texts import BearsText
from hub.text import canonical_url, comparable


class ItemRow(Base):
    """`title`, `url`, `published_on`... are those of the current version's best mention.

    `slug` never changes: it is the public address. `version` counts texts, from 1; `revision`
    counts every change an editor could see, for edits that span two requests.
    """

    __tablename__ = "item"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[ItemState] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str]
    url: Mapped[str]
    nature: Mapped[str]
    source_id: Mapped[str] = mapped_column(index=True)
    published_on: Mapped[date | None] = mapped_column(index=True)
    signed_on: Mapped[date | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    public_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it was approved for the first time: what digests go by."""
    tagged_version: Mapped[int] = mapped_column(default=0)
    """The last version the rules have read; smaller than `version` means work to do."""
    comparable_title: Mapped[str] = mapped_column(index=True)

    versions: Mapped[list[ItemVersionRow]] = relationship(
        order_by="ItemVersionRow.number", lazy="selectin"
    )
    identifiers: Mapped[list[ItemIdentifierRow]] = relationship(lazy="selectin")
    addresses: Mapped[list[ItemAddressRow]] = relationship(lazy="selectin")
    tags: Mapped[list[TagRow]] = relationship(
        order_by="TagRow.kind, TagRow.term", lazy="selectin", cascade="all, delete-orphan"
    )
    redaction: Mapped[RedactionRow | None] = relationship(lazy="selectin")

    @property
    def current(self) -> ItemVersionRow:
        return self.versions[-1]


class ItemVersionRow(BearsText, Base):
    __tablename__ = "item_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    number: Mapped[int]
    title: Mapped[str]
    summary: Mapped[str]
    rubrique: Mapped[str]
    content_hash: Mapped[str]
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    seen_at: Mapped[datetime]


_IS_CURRENT = and_(ItemVersionRow.item_id == ItemRow.id, ItemVersionRow.number == ItemRow.version)


class ItemIdentifierRow(Base):
    """An official identifier belongs to one item at most: the database itself refuses a second."""

    __tablename__ = "item_identifier"

    scheme: Mapped[Scheme] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)


class ItemAddressRow(Base):
    """A canonical address belongs to one item at most."""

    __tablename__ = "item_address"

    url: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)


class TagRow(Base):
    """`removed` keeps the memory of a tag that an editor took off, so that no rule puts it back."""

    __tablename__ = "tag"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    kind: Mapped[TermKind] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[Origin]
    score: Mapped[float]
    evidence: Mapped[list[Any]]
    removed: Mapped[bool] = mapped_column(default=False)


class RedactionRow(Base):
    """What editors wrote of an item; one row an item, its history in the decisions."""

    __tablename__ = "redaction"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    titre: Mapped[str] = mapped_column(default="")
    ce_qui_change: Mapped[str] = mapped_column(default="")
    pour_qui: Mapped[str] = mapped_column(default="")
    a_faire: Mapped[list[Any]] = mapped_column(default=list)
    niveau: Mapped[Niveau] = mapped_column(default=Niveau.CONSEILLE)
    applicable_le: Mapped[date | None]
    echeances: Mapped[list[Any]] = mapped_column(default=list)


# --- Rows to words -----------------------------------------------------------------------------


def to_tag(row: TagRow) -> Tag:
    return Tag(row.kind, row.term, row.origin, row.score, tuple(map(_to_evidence, row.evidence)))


def _to_evidence(data: dict[str, Any]) -> Evidence:
    return Evidence(
        rule=data["rule"],
        words=data["words"],
        field=TextField(data["field"]) if data["field"] else None,
        start=data["start"],
        end=data["end"],
    )


def from_evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "rule": evidence.rule,
        "words": evidence.words,
        "field": evidence.field.value if evidence.field else None,
        "start": evidence.start,
        "end": evidence.end,
    }


def list_tags(item: ItemRow) -> list[Tag]:
    """The tags that hold, without those an editor removed."""
    return [to_tag(row) for row in item.tags if not row.removed]


def replace_rule_tags(session: Session, item: ItemRow, tags: Iterable[Tag]) -> None:
    """Put what the rules say in place of what they said. What an editor added or removed stays."""
    wanted = {(tag.kind, tag.term): tag for tag in tags}
    kept: set[tuple[TermKind, str]] = set()
    for row in list(item.tags):
        if row.origin is Origin.EDITOR or row.removed:
            kept.add((row.kind, row.term))
        elif (row.kind, row.term) not in wanted:
            item.tags.remove(row)
    rows = {(row.kind, row.term): row for row in item.tags}
    for key, tag in wanted.items():
        if key in kept:
            continue
        row = rows.get(key) or TagRow(kind=tag.kind, term=tag.term)
        row.origin, row.score = tag.origin, tag.score
        row.evidence = [from_evidence(evidence) for evidence in tag.evidence]
        if key not in rows:
            item.tags.append(row)


def to_redaction(row: RedactionRow | None) -> Redaction:
    if row is None:
        return Redaction()
    return redaction_from_json(
        {
            "titre": row.titre,
            "ce_qui_change": row.ce_qui_change,
            "pour_qui": row.pour_qui,
            "a_faire": row.a_faire,
            "niveau": row.niveau.value,
            "applicable_le": row.applicable_le.isoformat() if row.applicable_le else None,
            "echeances": row.echeances,
        }
    )


def redaction_to_json(redaction: Redaction) -> dict[str, Any]:
    return {
        "titre": redaction.titre,
        "ce_qui_change": redaction.ce_qui_change,
        "pour_qui": redaction.pour_qui,
        "a_faire": list(redaction.a_faire),
        "niveau": redaction.niveau.value,
        "applicable_le": redaction.applicable_le.isoformat() if redaction.applicable_le else None,
        "echeances": [
            {
                "date": echeance.date.isoformat(),
                "label": echeance.label,
                "precision": echeance.precision.value,
                "sentence": echeance.sentence,
            }
            for echeance in redaction.echeances
        ],
    }


def redaction_from_json(data: dict[str, Any]) -> Redaction:
    return Redaction(
        titre=data.get("titre", ""),
        ce_qui_change=data.get("ce_qui_change", ""),
        pour_qui=data.get("pour_qui", ""),
        a_faire=tuple(data.get("a_faire", ())),
        niveau=Niveau(data.get("niveau", Niveau.CONSEILLE)),
        applicable_le=(
            date.fromisoformat(data["applicable_le"]) if data.get("applicable_le") else None
        ),
        echeances=tuple(
            Echeance(
                date.fromisoformat(echeance["date"]),
                echeance["label"],
                Precision(echeance.get("precision", Precision.DAY)),
                echeance.get("sentence", ""),
            )
            for echeance in data.get("echeances", ())
        ),
    )


def set_redaction(session: Session, item: ItemRow, redaction: Redaction) -> None:
    data = redaction_to_json(redaction)
    row = item.redaction
    if row is None:
        row = RedactionRow(item_id=item.id)
        session.add(row)
        item.redaction = row
    row.titre = redaction.titre
    row.ce_qui_change = redaction.ce_qui_change
    row.pour_qui = redaction.pour_qui
    row.a_faire = data["a_faire"]
    row.niveau = redaction.niveau
    row.applicable_le = redaction.applicable_le
    row.echeances = data["echeances"]


def text_of_item(item: ItemRow, source_ids: Iterable[str] = ()) -> TextOfItem:
    version = item.current
    return TextOfItem(
        title=version.title,
        summary=version.summary,
        text=version.text,
        rubrique=version.rubrique,
        nature=item.nature,
        identifiers=tuple(sorted(Identifier(row.scheme, row.value) for row in item.identifiers)),
        source_ids=tuple(source_ids) or (item.source_id,),
    )


@dataclass(frozen=True, slots=True)
class Fresh:
    """An item that just arrived: no rule or editor has tagged or decided anything.

    `said` is what its only mention says: source, key, digest. None when others speak of it.
    """

    id: int
    version: int
    source_id: str
    said: tuple[str, str, str] | None


def list_fresh(session: Session, item_ids: Sequence[int]) -> list[Fresh]:
    """Those of these items that just arrived, in this order. Their texts are not read."""
    is_only = and_(
        ItemRow.version == 1,
        _count(MentionRow.item_id) == 1,
        _count(ItemIdentifierRow.item_id) == func.json_array_length(MentionRow.identifiers),
    )
    query = (
        select(
            ItemRow.id,
            ItemRow.version,
            ItemRow.source_id,
            MentionRow.source_id.label("speaker"),
            MentionRow.key,
            MentionRow.content_hash,
            is_only.label("is_only"),
        )
        .join(ItemVersionRow, _IS_CURRENT)
        .join(MentionRow, MentionRow.id == ItemVersionRow.mention_id)
        .where(
            is_in(session, ItemRow.id, item_ids),
            ItemRow.state == ItemState.NEW,
            not_(exists().where(DecisionRow.item_id == ItemRow.id)),
            not_(exists().where(TagRow.item_id == ItemRow.id)),
        )
    )
    rows = {row.id: row for row in read_rows(session, query)}
    return [
        Fresh(
            row.id,
            row.version,
            row.source_id,
            (row.speaker, row.key, row.content_hash) if row.is_only else None,
        )
        for row in (rows[item_id] for item_id in item_ids if item_id in rows)
    ]


def _count(item_id: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """How many rows of a table name an item."""
    table = aliased(item_id.class_)
    column = getattr(table, item_id.key)
    return select(func.count()).where(column == ItemRow.id).correlate(ItemRow).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Unread:
    """An item with its text, and the sources that speak of it, oldest first."""

    id: int
    source_id: str
    text: TextOfItem
    voices: tuple[str, ...]


def list_unread(session: Session, item_ids: Sequence[int]) -> list[Unread]:
    """What the rules need to read these items, in this order."""
    if not item_ids:
        return []
    query = (
        select(
            ItemRow.id,
            ItemRow.source_id,
            ItemRow.nature,
            ItemVersionRow.title,
            ItemVersionRow.summary,
            ItemVersionRow.text.label("text"),
            ItemVersionRow.rubrique,
        )
        .join(ItemVersionRow, _IS_CURRENT)
        .where(ItemRow.id.in_(item_ids))
    )
    rows = {row.id: row for row in read_rows(session, query)}
    identifiers, voices = list_identifiers(session, item_ids), _list_speakers(session, item_ids)
    return [
        Unread(
            id=row.id,
            source_id=row.source_id,
            text=TextOfItem(
                title=row.title,
                summary=row.summary,
                text=row.text,
                rubrique=row.rubrique,
                nature=row.nature,
                identifiers=tuple(sorted(identifiers.get(row.id, ()))),
                source_ids=(row.source_id,),
            ),
            voices=tuple(voices.get(row.id, ())),
        )
        for row in (rows[item_id] for item_id in item_ids if item_id in rows)
    ]


def _list_speakers(session: Session, item_ids: Sequence[int]) -> dict[int, list[str]]:
    """The source of each mention of these items, oldest first."""
    found: dict[int, list[str]] = {}
    query = (
        select(MentionRow.item_id, MentionRow.source_id)
        .where(MentionRow.item_id.in_(item_ids))
        .order_by(MentionRow.published_on, MentionRow.id)
    )
    for item_id, source_id in read_rows(session, query):
        if item_id is not None:
            found.setdefault(item_id, []).append(source_id)
    return found


def add_tags(session: Session, tags: Iterable[tuple[int, Tag]]) -> None:
    """Give items that have no tags yet theirs: (item, tag) pairs."""
    insert_rows(
        session,
        TagRow,
        [
            {
                "item_id": item_id,
                "kind": tag.kind,
                "term": tag.term,
                "origin": tag.origin,
                "score": tag.score,
                "evidence": [from_evidence(evidence) for evidence in tag.evidence],
                "removed": False,
            }
            for item_id, tag in tags
        ],
    )


def mark_read(session: Session, item_ids: Sequence[int]) -> None:
    """The rules have read the current version of these items."""
    for some in chunks(item_ids):
        session.execute(
            update(ItemRow)
            .where(is_in(session, ItemRow.id, some))
            .values(tagged_version=ItemRow.version)
            .execution_options(synchronize_session=False)
        )


# --- Queries -----------------------------------------------------------------------------------


def find_item(session: Session, slug: str) -> ItemRow | None:
    return session.scalar(select(ItemRow).where(ItemRow.slug == slug))


def find_item_by_identifier(session: Session, identifier: Identifier) -> int | None:
    return session.scalar(
        select(ItemIdentifierRow.item_id).where(
            ItemIdentifierRow.scheme == identifier.scheme,
            ItemIdentifierRow.value == identifier.value,
        )
    )


def find_item_by_address(session: Session, url: str) -> int | None:
    return session.scalar(select(ItemAddressRow.item_id).where(ItemAddressRow.url == url))


def list_items_by_identifiers(
    session: Session, identifiers: Sequence[Identifier]
) -> dict[Identifier, int]:
    """The item of each of these official identifiers, where there is one."""
    columns = (ItemIdentifierRow.scheme, ItemIdentifierRow.value)
    return {
        Identifier(row.scheme, row.value): row.item_id
        for some in chunks(identifiers)
        for row in session.execute(
            select(*columns, ItemIdentifierRow.item_id).where(
                is_one_of(session, *columns, [(i.scheme.value, i.value) for i in some])
            )
        )
    }


def list_items_by_addresses(session: Session, urls: Sequence[str]) -> dict[str, int]:
    """The item of each of these canonical addresses, where there is one."""
    return {
        row.url: row.item_id
        for some in chunks(urls)
        for row in session.execute(
            select(ItemAddressRow.url, ItemAddressRow.item_id).where(
                is_in(session, ItemAddressRow.url, some)
            )
        )
    }


def list_taken(session: Session, slugs: Sequence[str]) -> set[str]:
    """Those of these slugs that an item bears."""
    return {
        slug
        for some in chunks(slugs)
        for slug in session.scalars(select(ItemRow.slug).where(is_in(session, ItemRow.slug, some)))
    }


def list_identifiers(session: Session, item_ids: Sequence[int]) -> dict[int, set[Identifier]]:
    """The official identifiers of these items; an item without any is left out."""
    found: dict[int, set[Identifier]] = {}
    for some in chunks(item_ids):
        columns = (ItemIdentifierRow.item_id, ItemIdentifierRow.scheme, ItemIdentifierRow.value)
        for item_id, scheme, value in read_rows(
            session, select(*columns).where(ItemIdentifierRow.item_id.in_(some))
        ):
            found.setdefault(item_id, set()).add(Identifier(scheme, value))
    return found


@dataclass(frozen=True, slots=True)
class HeldBy:
    """An item as identity needs it. `mention_id` gave it its text; `is_touched`: an editor decided
    something of it, or wrote."""

    id: int
    state: ItemState
    mention_id: int
    is_touched: bool


def list_standings(session: Session, item_ids: Sequence[int]) -> list[HeldBy]:
    """Where these items stand."""
    decided = exists().where(
        DecisionRow.item_id == ItemRow.id, not_(DecisionRow.by.startswith(RULE))
    )
    written = exists().where(RedactionRow.item_id == ItemRow.id)
    query = select(
        ItemRow.id, ItemRow.state, ItemVersionRow.mention_id, or_(decided, written).label("touched")
    ).join(ItemVersionRow, _IS_CURRENT)
    return [
        HeldBy(row.id, row.state, row.mention_id, bool(row.touched))
        for some in chunks(item_ids)
        for row in session.execute(query.where(is_in(session, ItemRow.id, some)))
    ]


def list_currents(session: Session, item_ids: Sequence[int]) -> list[Row[Any]]:
    """Of these items: id, the voice and the identifiers of the mention that gave the current text,
    its `text_id` and the item's (`own_text_id`).
    """
    query = (
        select(
            ItemRow.id,
            MentionRow.source_id,
            MentionRow.key,
            MentionRow.identifiers,
            MentionRow.text_id,
            ItemVersionRow.text_id.label("own_text_id"),
        )
        .join(ItemVersionRow, _IS_CURRENT)
        .join(MentionRow, MentionRow.id == ItemVersionRow.mention_id)
    )
    return [
        row
        for some in chunks(item_ids)
        for row in session.execute(query.where(ItemRow.id.in_(some)))
    ]


def list_relevant(session: Session, since: date, others: Collection[int] = ()) -> list[int]:
    """The items in the queue or on the site that came out since, and those of the others."""
    states = [state for state in ItemState if state.is_public or state.is_in_queue]
    day = func.coalesce(ItemRow.published_on, ItemRow.signed_on)
    query = select(ItemRow.id).where(
        ItemRow.state.in_(states),
        or_(
            day >= since,
            and_(day.is_(None), ItemRow.created_at >= datetime.combine(since, time(), UTC)),
            is_in(session, ItemRow.id, sorted(others)),
        ),
    )
    return list(session.scalars(query.order_by(ItemRow.id)))


def give_all(session: Session, item_id: int, to: int) -> None:
    """Let another item hold all that this one does: mentions, identifiers and addresses."""
    for column in (MentionRow.item_id, ItemIdentifierRow.item_id, ItemAddressRow.item_id):
        session.execute(
            update(column.class_)
            .where(column == item_id)
            .values(item_id=to)
            .execution_options(synchronize_session=False)
        )


def give_up(session: Session, item_id: int) -> None:
    """Let an item keep of its identifiers and addresses only what its mentions bear."""
    identifiers: set[tuple[str, str]] = set()
    urls: set[str] = set()
    query = select(MentionRow.identifiers, MentionRow.url).where(MentionRow.item_id == item_id)
    for row in session.execute(query):
        identifiers.update((scheme, value) for scheme, value in row.identifiers)
        urls.add(canonical_url(row.url))
    for one in session.scalars(select(ItemIdentifierRow).filter_by(item_id=item_id)):
        if (one.scheme.value, one.value) not in identifiers:
            session.delete(one)
    for place in session.scalars(select(ItemAddressRow).filter_by(item_id=item_id)):
        if place.url not in urls:
            session.delete(place)
    session.flush()


def read_again(session: Session, item_ids: Sequence[int]) -> None:
    """Let the rules read these items once more."""
    for some in chunks(item_ids):
        session.execute(
            update(ItemRow)
            .where(ItemRow.id.in_(some), ItemRow.tagged_version >= ItemRow.version)
            .values(tagged_version=ItemRow.version - 1)
            .execution_options(synchronize_session=False)
        )


def adopt_facts(item: ItemRow, mention: MentionRow) -> None:
    """Let this mention say what the item is called, where it stands and when it came out."""
    for name, value in facts_of(mention, comparable(mention.title)).items():
        setattr(item, name, value)


def facts_of(mention: MentionRow | Mention, comparable_title: str) -> dict[str, Any]:
    """The columns of an item that its best mention gives."""
    return {
        "title": mention.title,
        "url": mention.url,
        "nature": mention.nature,
        "source_id": mention.source_id,
        "published_on": mention.published_on,
        "signed_on": mention.signed_on,
        "comparable_title": comparable_title,
    }


def list_items(session: Session, *states: ItemState) -> Sequence[ItemRow]:
    """Items in these states (all when none is given), newest publication first."""
    query = select(ItemRow).order_by(ItemRow.published_on.desc(), ItemRow.slug)
    if states:
        query = query.where(ItemRow.state.in_(states))
    return session.scalars(query).all()


def list_public_items(session: Session) -> Sequence[ItemRow]:
    """What readers may see, newest publication first."""
    return list_items(session, ItemState.APPROVED)


def count_items(session: Session) -> dict[str, int]:
    """Number of items by state; every state is present."""
    rows = session.execute(select(ItemRow.state, func.count()).group_by(ItemRow.state)).all()
    found = {row[0]: row[1] for row in rows}
    return {state.value: found.get(state, 0) for state in ItemState}
