"""What moved is indexed by whoever searches next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from hub.config import Settings
from hub.model import ItemState
from hub.search import open_index, parse_query
from hub.search.documents import forget_waiting, index_later, index_waiting
from hub.store.items import ItemRow
from tests.builders import make_item, make_mention, make_store


def test_what_moved_is_found_and_what_became_noise_is_not(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    settings = replace(Settings(), data=tmp_path)
    slug = make_item(
        store, make_mention("Décret relatif aux biodéchets"), state=ItemState.TO_REVIEW
    )
    with store.read() as session:
        item_id = session.scalars(select(ItemRow.id)).one()

    def found() -> list[str]:
        index_waiting(store, settings)
        return [hit.id for hit in open_index(settings).search(parse_query("biodéchets")).hits]

    index_later(settings, {item_id})
    index_later(settings, {item_id})
    assert found() == [slug]
    with store.write() as session:
        session.get_one(ItemRow, item_id).state = ItemState.NOISE
    assert found() == [slug], "nothing says that it moved"
    index_later(settings, {item_id})
    assert found() == []
    index_later(settings, {item_id})
    forget_waiting(settings)
    assert list(tmp_path.glob("index.*")) == []
    store.close()
