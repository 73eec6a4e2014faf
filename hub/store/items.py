"""Items: one regulatory update each, whoever mentions it, with its versions and identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub.model import (
    Echeance,
    Evidence,
    Identifier,
    ItemState,
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
from hub.store.base import Base
from hub.store.mentions import MentionRow
from hub.text import comparable


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


class ItemVersionRow(Base):
    __tablename__ = "item_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    number: Mapped[int]
    title: Mapped[str]
    summary: Mapped[str]
    text: Mapped[str]
    rubrique: Mapped[str]
    content_hash: Mapped[str]
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    seen_at: Mapped[datetime]


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


def list_items_by_title(
    session: Session, comparable_title: str, first: date, last: date
) -> Sequence[int]:
    """Items of this title published between two days, both included."""
    return session.scalars(
        select(ItemRow.id)
        .where(
            ItemRow.comparable_title == comparable_title,
            ItemRow.published_on.between(first, last),
        )
        .order_by(ItemRow.id)
    ).all()


def adopt_facts(item: ItemRow, mention: MentionRow) -> None:
    """Let this mention say what the item is called, where it stands and when it came out."""
    item.title = mention.title
    item.url = mention.url
    item.nature = mention.nature
    item.source_id = mention.source_id
    item.published_on = mention.published_on
    item.signed_on = mention.signed_on
    item.comparable_title = comparable(mention.title)


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
