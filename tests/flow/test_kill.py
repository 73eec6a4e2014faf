"""`hub run` killed at random moments, then run once more, gives what an undisturbed run gives."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from hub import demo
from hub.config import Settings
from hub.store import Store
from hub.store.migrate import migrate
from tests.flow.content import database_content, folder_content
from tests.flow.program import Program

KILLS = 10
pytestmark = pytest.mark.xdist_group("kill")


def prepared(folder: Path) -> Program:
    """The demonstration's data folder with its accounts, before anything was read."""
    program = Program(folder)
    settings = demo.mark(Settings(data=program.data))
    store = Store(settings.database_url)
    migrate(store)
    demo.prepare_accounts(store, demo.NOW)
    store.close()
    return program


def contents(program: Program) -> tuple[dict[str, list[str]], dict[str, str], list[str]]:
    store = Store(Settings(data=program.data).database_url)
    try:
        database = database_content(store)
    finally:
        store.close()
    letters = sorted(folder_content(program.outbox / "new").values())
    return database, folder_content(program.site), letters


def test_ten_kills_change_nothing(tmp_path: Path) -> None:
    undisturbed = prepared(tmp_path / "a")
    start = time.monotonic()
    undisturbed.json("run")
    seconds = time.monotonic() - start

    killed = prepared(tmp_path / "b")
    moments = random.Random(20260907)
    survivors = 0
    for _ in range(KILLS):
        process = killed.start("run")
        time.sleep(moments.uniform(0.2, seconds))
        survivors += process.poll() is not None
        process.kill()
        process.communicate()
    killed.json("run")

    assert survivors < KILLS, "no run was killed before its end"
    database, site, letters = contents(killed)
    expected_database, expected_site, expected_letters = contents(undisturbed)
    for table, rows in expected_database.items():
        assert database[table] == rows, table
    assert site == expected_site
    assert len(site) > 50
    assert letters == expected_letters
    assert len(letters) >= 2
