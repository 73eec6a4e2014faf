"""Bring a database to the current schema."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, DatabaseError

from hub.store.base import Store

FOLDER = Path(__file__).parent / "migrations"
HEAD = max(path.name.split("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
"""The newest revision: they are numbered in order."""


def migrate(store: Store, revision: str = "head") -> None:
    """Apply the migrations that are missing; nothing happens when there are none.

    Raises:
        ArgumentError: the database comes from a newer version of the hub, or from something else.
    """
    if revision == "head" and _is_current(store):
        return
    from alembic import command  # not loaded by the many commands that find nothing to do
    from alembic.config import Config
    from alembic.util.exc import CommandError

    if store.is_sqlite and store.url.database:
        Path(store.url.database).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with store.engine.connect() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise ArgumentError(str(error)) from error
        connection.commit()


def _is_current(store: Store) -> bool:
    if store.is_sqlite and not Path(store.url.database or "").is_file():
        return False
    try:
        with store.read() as session:
            found = session.scalar(text("SELECT version_num FROM alembic_version"))
    except DatabaseError:  # no such table: a new database
        return False
    return bool(found == HEAD)
