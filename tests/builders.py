"""Valid rows for tests: each builder fills everything, the test names only what matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from hub.captures import hash_body
from hub.model import (
    Capture,
    Echeance,
    Evidence,
    Identifier,
    ItemState,
    Mention,
    Niveau,
    Origin,
    Redaction,
    Tag,
    TermKind,
    TextField,
)
from hub.store import Session, Store
from hub.store.captures import add_capture
from hub.store.items import (
    ItemIdentifierRow,
    ItemRow,
    ItemVersionRow,
    TagRow,
    from_evidence,
    set_redaction,
)
from hub.store.mentions import add_mention
from hub.store.migrate import migrate
from hub.text import comparable, short_hash, slugify

NOW = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)


def make_store(folder: Path) -> Store:
    """An empty SQLite store in `folder`, migrated."""
    store = Store(f"sqlite:///{folder / 'hub.db'}")
    migrate(store)
    return store


def make_mention(
    title: str = "Décret n° 2026-822 du 25 août 2026",
    *,
    source_id: str = "jorf",
    key: str = "",
    url: str = "",
    summary: str = "",
    text: str = "",
    published_on: date | None = date(2026, 8, 26),
    signed_on: date | None = None,
    nature: str = "DECRET",
    identifiers: tuple[Identifier, ...] = (),
) -> Mention:
    key = key or short_hash(f"{source_id} {title}")
    return Mention(
        source_id=source_id,
        key=key,
        url=url or f"https://www.legifrance.gouv.fr/jorf/id/{key}",
        title=title,
        summary=summary,
        text=text,
        published_on=published_on,
        signed_on=signed_on,
        nature=nature,
        identifiers=identifiers,
    )


def make_tag(kind: TermKind, term: str, words: str = "", *, via: str = "") -> Tag:
    """A rule's tag: the words of the title that made it fire, or the tag it comes `via`."""
    evidence = Evidence(rule=via or f"{term}:lexique")
    if words:
        evidence = Evidence(f"{term}:lexique", words, TextField.TITLE, 0, len(words))
    return Tag(kind, term, Origin.RULE, 0.9, (evidence,))


def make_redaction(
    titre: str = "MaPrimeRénov’ : les règles changent",
    *,
    ce_qui_change: str = "Vos devis et vos plans de financement doivent en tenir compte.",
    pour_qui: str = "Entreprises de rénovation énergétique.",
    a_faire: tuple[str, ...] = ("Relire les devis en cours",),
    niveau: Niveau = Niveau.OBLIGATOIRE,
    applicable_le: date | None = date(2026, 9, 1),
    echeances: tuple[Echeance, ...] = (),
) -> Redaction:
    return Redaction(titre, ce_qui_change, pour_qui, a_faire, niveau, applicable_le, echeances)


def add_item(
    session: Session,
    mentions: Mention | Sequence[Mention] | None = None,
    *,
    slug: str = "",
    state: ItemState = ItemState.APPROVED,
    tags: Iterable[Tag] = (),
    redaction: Redaction | None = None,
    version: int = 1,
    now: datetime = NOW,
) -> ItemRow:
    """Insert an item with its mentions; the first one is its text."""
    if mentions is None or isinstance(mentions, Mention):
        mentions = [mentions or make_mention()]
    rows = []
    for mention in mentions:
        body = mention.url.encode()
        capture = Capture(mention.source_id, mention.url, now, 200, {}, body, hash_body(body))
        row = add_mention(session, mention, add_capture(session, capture)[0].id, now)
        assert row is not None, "the same mention twice"
        rows.append(row)
    first = mentions[0]
    item = ItemRow(
        slug=slug or f"{slugify(first.title)}-{short_hash(first.source_id + first.key, 6)}",
        state=state,
        version=version,
        tagged_version=version,
        title=first.title,
        url=first.url,
        nature=first.nature,
        source_id=first.source_id,
        published_on=first.published_on,
        signed_on=first.signed_on,
        created_at=now,
        changed_at=now,
        public_at=now if state.is_public else None,
        comparable_title=comparable(first.title),
    )
    session.add(item)
    session.flush()
    for number in range(1, version + 1):
        item.versions.append(
            ItemVersionRow(
                number=number,
                title=first.title,
                summary=first.summary,
                text=first.text,
                rubrique=first.rubrique,
                content_hash=f"{rows[0].content_hash}-{number}",
                mention_id=rows[0].id,
                seen_at=now,
            )
        )
    for identifier in first.identifiers:
        item.identifiers.append(ItemIdentifierRow(scheme=identifier.scheme, value=identifier.value))
    for tag in tags:
        item.tags.append(
            TagRow(
                kind=tag.kind,
                term=tag.term,
                origin=tag.origin,
                score=tag.score,
                evidence=[from_evidence(evidence) for evidence in tag.evidence],
            )
        )
    for row in rows:
        row.item_id = item.id
    if redaction is not None:
        set_redaction(session, item, redaction)
    session.flush()
    return item


def make_item(
    store: Store,
    mentions: Mention | Sequence[Mention] | None = None,
    *,
    slug: str = "",
    state: ItemState = ItemState.APPROVED,
    tags: Iterable[Tag] = (),
    redaction: Redaction | None = None,
    version: int = 1,
    now: datetime = NOW,
) -> str:
    """`add_item` in its own transaction. Returns the slug."""
    with store.write() as session:
        return add_item(
            session,
            mentions,
            slug=slug,
            state=state,
            tags=tags,
            redaction=redaction,
            version=version,
            now=now,
        ).slug
