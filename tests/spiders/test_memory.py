from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hub.captures import CaptureFiles, JournalEntry, hash_body
from hub.intake import Intake, Kept
from hub.model import Capture, Failure
from hub.store import Store
from hub.store.migrate import migrate
from spiders.memory import load_memories
from spiders.replay import PastMemory
from tests.spiders.memory import NOW, make_source

URL = "https://www.example.org/1"
LATER = NOW + timedelta(days=1)
AFTER = NOW + timedelta(days=2)


def capture(body: bytes, day: int) -> Capture:
    at = NOW + timedelta(days=day)
    return Capture("s", URL, at, 200, {}, body, hash_body(body))


def test_the_last_read_is_the_last_answer_that_was_read_well(tmp_path: Path) -> None:
    store, files = Store(f"sqlite:///{tmp_path / 'hub.db'}"), CaptureFiles(tmp_path / "captures")
    migrate(store)
    intake = Intake(store, files, NOW)
    unread = Kept(capture(b"c", 2), (), Failure("s", URL, "parse", "broken"))
    for answer, read_at in (
        (None, None),
        (Kept(capture(b"a", 0)), NOW),
        (Kept(capture(b"a", 1)), LATER),  # read again, though nothing of it moved
        (unread, LATER),
    ):
        intake.keep_all([answer] if answer else [])
        memory = load_memories(store, files, [make_source()], AFTER)["s"]
        assert memory.last_read(URL) == read_at
        assert memory.was_read(URL) == (read_at is not None)


def test_what_answered_in_a_past_run_is_due_in_it(tmp_path: Path) -> None:
    entries = [
        JournalEntry("s", URL, NOW + timedelta(days=day), 200, {}, hash_body(b"%d" % day), 1)
        for day in (0, 2)
    ]
    memory = PastMemory(CaptureFiles(tmp_path), {URL: entries}, read={URL})
    seen = []
    for moment in (NOW - timedelta(days=1), NOW, LATER, AFTER, AFTER + timedelta(days=1)):
        memory.now = moment
        seen.append((memory.last_read(URL), memory.was_captured(URL)))
    assert seen == [(None, False), (None, False), (NOW, True), (None, False), (AFTER, True)]
    memory.read.clear()
    assert (memory.last_read(URL), memory.was_captured(URL)) == (None, True)
