"""From items to documents: what of an item can be searched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from sqlalchemy import select

from hub.config import Settings
from hub.model import ItemState, TermKind
from hub.search.protocol import Doc, SearchIndex
from hub.store import Session, Store
from hub.store.bulk import chunks
from hub.store.items import ItemRow, list_tags, to_redaction

MAX_TEXT = 20_000
"""Characters of the official text that are indexed: its subject is said long before."""
_BATCH = 200
_LEFT_OUT = (ItemState.NEW, ItemState.NOISE, ItemState.MERGED)


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


def index_later(settings: Settings, item_ids: Collection[int]) -> None:
    """Remember that these items moved: whoever searches next brings the index up to date."""
    if item_ids:
        with _waiting(settings).open("a", encoding="ascii") as file:
            file.write("".join(f"{item_id}\n" for item_id in sorted(item_ids)))


def index_waiting(store: Store, settings: Settings) -> None:
    """Bring the index up to date for the items that moved since it was."""
    taken = _waiting(settings).with_suffix(".taken")
    try:
        _waiting(settings).replace(taken)
    except FileNotFoundError:
        return
    lines = taken.read_text(encoding="ascii").split()
    index_some(store, settings, {int(line) for line in lines if line.isdigit()})
    taken.unlink(missing_ok=True)


def forget_waiting(settings: Settings) -> None:
    """The index was made again: nothing waits."""
    _waiting(settings).unlink(missing_ok=True)


def _waiting(settings: Settings) -> Path:
    return settings.data / "index.waiting"


FEW = 400
"""More items than this are indexed faster by making the index again."""


def index_some(store: Store, settings: Settings, item_ids: Collection[int]) -> None:
    """Bring the index up to date for these items: those that are noise leave it.

    When nothing is left to do, the engine is not even loaded.
    """
    with store.read() as session:
        relevant, others = _sort_out(session, item_ids)
        if not relevant and not others:
            return
        from hub.search import open_index

        index = open_index(settings)
        if len(relevant) > FEW or len(others) > FEW * 10 or not index.stats().is_built:
            index_items(session, index)
            return
        items = [
            item
            for some in chunks(relevant)
            for item in session.scalars(select(ItemRow).where(ItemRow.id.in_(some)))
        ]
        index.delete(others)
        index.upsert(to_doc(item) for item in items)


def _sort_out(session: Session, item_ids: Collection[int]) -> tuple[list[int], list[str]]:
    """The ids of the relevant items, and the slugs of the others."""
    relevant: list[int] = []
    others: list[str] = []
    for some in chunks(sorted(item_ids)):
        rows = session.execute(
            select(ItemRow.id, ItemRow.slug, ItemRow.state).where(ItemRow.id.in_(some))
        )
        for item_id, slug, state in rows:
            if state in _LEFT_OUT:
                others.append(slug)
            else:
                relevant.append(item_id)
    return relevant, others


def load_docs(settings: Settings) -> Iterable[Doc]:
    """Every document, read from the database of this installation."""
    store = Store(settings.database_url)
    try:
        with store.read() as session:
            return list(list_docs(session))
    finally:
        store.close()
