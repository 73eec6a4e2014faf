"""A database of an earlier version keeps all that it held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import column, insert, select, table, text

from hub.digests import hash_text
from hub.intake import resolve
from hub.model import Mention
from hub.store import Store
from hub.store.items import ItemRow, ItemVersionRow
from hub.store.mentions import MentionRow
from hub.store.migrate import FOLDER, migrate
from hub.store.texts import add_texts

NOW = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
SAID = "Un texte.\n\nDeux paragraphes."
RESPACED = "Un texte. Deux paragraphes."


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def old_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Before texts stood apart from what bears them."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hub.db'}"
    else:
        url = request.getfixturevalue("postgres_server").new_database()
    store = Store(url)
    migrate(store, "0002")
    _fill(store)
    yield store
    store.close()


def _fill(store: Store) -> None:
    moment = NOW if not store.is_sqlite else NOW.strftime("%Y-%m-%d %H:%M:%S.%f")
    with store.engine.begin() as connection:

        def add(name: str, **facts: Any) -> None:
            into = table(name, *map(column, facts))
            connection.execute(insert(into), facts)

        add("capture", source_id="cre", url="u", fetched_at=moment, status=200, headers="{}",
            sha256="0", size=1)  # fmt: skip
        add("item", slug="a", state="nouveau", version=2, revision=1, title="A", url="", nature="",
            source_id="cre", created_at=moment, changed_at=moment, tagged_version=2,
            comparable_title="a")  # fmt: skip
        for key, said, item_id in (("a", SAID, 1), ("b", SAID, 1), ("c", "", 1), ("d", SAID, None)):
            add("mention", source_id="cre", key=key, url="", title=f"Titre {key}", summary="Bref",
                text=said, nature="", rubrique="", identifiers="[]", extra="{}", content_hash=key,
                seen_at=moment, capture_id=1, item_id=item_id, is_technical=False,
                is_partial=False)  # fmt: skip
        for number, said, mention_id in ((1, SAID, 1), (2, RESPACED, 2)):
            add("item_version", item_id=1, number=number, title="A", summary="", text=said,
                rubrique="", content_hash=str(number), mention_id=mention_id,
                seen_at=moment)  # fmt: skip


def test_texts_are_written_once_and_kept(old_store: Store) -> None:
    migrate(old_store)
    with old_store.read() as session:
        mentions = session.scalars(select(MentionRow).order_by(MentionRow.id)).all()
        versions = session.scalars(select(ItemVersionRow).order_by(ItemVersionRow.id)).all()
        assert [mention.text for mention in mentions] == [SAID, SAID, "", SAID]
        assert [version.text for version in versions] == [SAID, RESPACED]
        assert versions[0].text_id == mentions[0].text_id
        found = session.execute(select(ItemVersionRow.id, ItemVersionRow.text).order_by(text("id")))
        assert [row.text for row in found] == [SAID, RESPACED]
    with old_store.write() as session:
        assert None not in add_texts(session, ["un", "deux"])


def test_what_waited_is_resolved(old_store: Store) -> None:
    migrate(old_store)
    assert resolve(old_store, NOW).new_items == 1
    with old_store.read() as session:
        item = session.scalars(select(ItemRow).order_by(ItemRow.id.desc())).first()
        assert item is not None
        assert item.current.text == SAID
        assert item.current.content_hash == hash_text(Mention("", "", "", "Titre d", "Bref", SAID))


def test_the_way_back_keeps_texts_too(old_store: Store) -> None:
    migrate(old_store)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with old_store.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        connection.commit()
    with old_store.engine.connect() as connection:
        mentions = connection.scalars(text("SELECT text FROM mention ORDER BY id")).all()
        versions = connection.scalars(text("SELECT text FROM item_version ORDER BY id")).all()
    assert (mentions, versions) == ([SAID, SAID, "", SAID], [SAID, RESPACED])
