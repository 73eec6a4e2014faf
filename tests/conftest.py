"""What every test shares: no network but loopback, a fixed moment, a store on each database."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.store import Store
from hub.store.migrate import migrate
from tests.postgres import PostgresServer, find_programs

NOW = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)


def _refuse_the_world(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if not isinstance(address, tuple):
        return
    host = str(address[0])
    try:
        is_local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = host == "localhost"
    if not is_local:
        raise RuntimeError(f"a test tried to reach {host}")


sys.addaudithook(_refuse_the_world)


def skip_or_fail(reason: str) -> None:
    """A part of the system is missing: said on a user's machine, an error in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have this: {reason}")
    pytest.skip(reason)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A migrated SQLite database of its own."""
    store = Store(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(store)
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server for this worker, on a socket in a folder of its own."""
    if find_programs() is None:
        skip_or_fail("no PostgreSQL server programs (initdb, pg_ctl) were found")
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """The same test on each database the hub supports."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hub.db'}"
    else:
        url = request.getfixturevalue("postgres_server").new_database()
    store = Store(url)
    migrate(store)
    yield store
    store.close()
