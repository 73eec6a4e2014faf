"""From items to documents: what of an item can be searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from hub.config import Settings
from hub.model import ItemState, TermKind
from hub.search.protocol import Doc, SearchIndex
from hub.store import Session, Store
from hub.store.items import ItemRow, list_tags, to_redaction

MAX_TEXT = 20_000
"""Characters of the official text that are indexed: its subject is said long before."""
_BATCH = 200
_LEFT_OUT = (ItemState.NEW, ItemState.NOISE)


def to_doc(item: ItemRow) -> Doc:
    """What the index keeps of an item: the editors' words first, then the official ones."""
    redaction = to_redaction(item.redaction)
    version = item.current
    tags = list_tags(item)

    def terms(kind: TermKind) -> tuple[str, ...]:
        return tuple(tag.term for tag in tags if tag.kind is kind)

    parts = [
        redaction.ce_qui_change,
        redaction.pour_qui,
        *redaction.a_faire,
        version.summary,
        version.title if redaction.titre else "",
        version.text[:MAX_TEXT],
        " ".join(sorted(row.value for row in item.identifiers)),
    ]
    return Doc(
        id=item.slug,
        title=redaction.titre or version.title,
        text="\n\n".join(part for part in parts if part),
        url=item.url,
        date=item.published_on or item.signed_on,
        state=item.state.value,
        metiers=terms(TermKind.METIER),
        dispositifs=terms(TermKind.DISPOSITIF),
        secteurs=terms(TermKind.SECTEUR),
        filieres=terms(TermKind.FILIERE),
        public=item.state.is_public,
    )


def list_docs(session: Session) -> Iterator[Doc]:
    """A document for each item that was found relevant; noise stays in the database only."""
    query = (
        select(ItemRow)
        .where(ItemRow.state.not_in(_LEFT_OUT))
        .order_by(ItemRow.id)
        .execution_options(yield_per=_BATCH)
    )
    for item in session.scalars(query):
        yield to_doc(item)


def index_items(session: Session, index: SearchIndex) -> int:
    """Rebuild the whole index from the database. Returns the number of documents."""
    return index.rebuild(list_docs(session))


def load_docs(settings: Settings) -> Iterable[Doc]:
    """Every document, read from the database of this installation."""
    store = Store(settings.database_url)
    try:
        with store.read() as session:
            return list(list_docs(session))
    finally:
        store.close()
