"""When a page is asked for only if it has moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hub.captures import CaptureFiles, hash_body
from hub.intake import Intake, Kept
from hub.model import Capture
from hub.reads import Outcome, Settled, settle
from hub.store import Store
from spiders.memory import load_memories
from tests.spiders.memory import make_source

SOURCE = make_source()
HOUR = timedelta(hours=1)


@pytest.fixture
def files(tmp_path: Path) -> CaptureFiles:
    return CaptureFiles(tmp_path / "captures")


def keep_page(intake: Intake, etag: str) -> None:
    body = etag.encode()
    capture = Capture(SOURCE.id, SOURCE.url, intake.now, 200, {"etag": etag}, body, hash_body(body))
    intake.keep_all([Kept(capture)])


def finish(intake: Intake, is_good: bool) -> None:
    settle(intake.store, Settled(reads=[Outcome(SOURCE.id, is_good)]), intake.now)


def etag_sent(intake: Intake) -> str:
    memories = load_memories(intake.store, intake.files, [SOURCE], intake.now)
    return memories[SOURCE.id].validators(SOURCE.url)[0]


def test_a_page_is_asked_for_conditionally_once_its_source_was_read_whole(
    store: Store, files: CaptureFiles, now: datetime
) -> None:
    first, second = Intake(store, files, now), Intake(store, files, now + HOUR)
    assert etag_sent(first) == ""
    keep_page(first, '"1"')
    finish(first, is_good=True)
    assert etag_sent(second) == '"1"'
    finish(second, is_good=True)  # it answered 304
    assert etag_sent(second) == '"1"'


@pytest.mark.parametrize("is_killed", [True, False])
def test_after_a_run_that_stopped_between_two_pages_the_first_is_read_again(
    store: Store, files: CaptureFiles, now: datetime, is_killed: bool
) -> None:
    first, second = Intake(store, files, now), Intake(store, files, now + HOUR)
    keep_page(first, '"1"')
    finish(first, is_good=True)
    keep_page(second, '"2"')
    if not is_killed:
        finish(second, is_good=False)  # its second page failed
    third = Intake(store, files, now + 2 * HOUR)
    assert etag_sent(third) == ""
    keep_page(third, '"2"')
    finish(third, is_good=True)
    assert etag_sent(third) == '"2"'
