"""The service's clock: what is asked during a build gets a build of its own."""

from __future__ import annotations

import threading
from pathlib import Path

from hub.config import Settings
from hub.schedule import Scheduler
from tests.conftest import NOW


class SlowScheduler(Scheduler):
    """Builds that last until they are let go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Settings(data=folder), lambda: NOW, with_runs=False)
        self.built: list[tuple[str, ...]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)

    def _do(self, *command: str) -> bool:
        self.begun.release()
        assert self.may_end.acquire(timeout=10)
        self.built.append(command)
        return True


def test_a_request_during_a_build_is_not_lost(tmp_path: Path) -> None:
    scheduler = SlowScheduler(tmp_path)
    scheduler.start()
    try:
        scheduler.publish_soon()
        assert scheduler.begun.acquire(timeout=10)
        for _ in range(5):
            scheduler.publish_soon()
        scheduler.may_end.release()
        assert scheduler.begun.acquire(timeout=10), "the build asked meanwhile never began"
        scheduler.may_end.release()
        assert not scheduler.begun.acquire(timeout=0.3), "five requests made more than one build"
    finally:
        scheduler.stop()
    assert scheduler.built == [("publish",), ("publish",)]
