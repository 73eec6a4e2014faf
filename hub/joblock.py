"""One job at a time on one data folder. The lock goes with its process, however that one ends."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from hub.config import Settings
from hub.errors import Busy

POLL_SECONDS = 0.2


@contextmanager
def job_lock(settings: Settings, job: str, *, wait: float = 0) -> Iterator[None]:
    """Hold the lock of a job, after waiting for it at most `wait` seconds.

    Raises:
        Busy: another process still holds it; nothing was done.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    tries = 1 + int(wait / POLL_SECONDS)
    with (settings.data / f"{job}.lock").open("w") as file:
        while not _try_lock(file):
            tries -= 1
            if tries <= 0:
                raise Busy(job)
            time.sleep(POLL_SECONDS)
        yield


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
