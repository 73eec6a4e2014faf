"""The service's clock: what runs when, each job a child process that may safely run twice."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from queue import SimpleQueue
from threading import Event, Thread

from apscheduler.schedulers.background import BackgroundScheduler

from hub.child import run_child
from hub.config import Settings
from hub.model import Clock

log = logging.getLogger(__name__)

RUN_EVERY = timedelta(minutes=15)
DEADLINE = timedelta(hours=2)
TRY_AGAIN = timedelta(seconds=30)
ATTEMPTS = 3


class Scheduler:
    """Runs the due part of the journey every quarter of an hour, and a rebuild when asked.

    One process of one installation starts it. A second one would be harmless: the jobs take a
    lock, and a job that finds it taken does nothing. Without `with_runs`, only rebuilds are done.
    """

    def __init__(self, settings: Settings, clock: Clock, *, with_runs: bool) -> None:
        self._settings = settings
        self._clock = clock
        self._wanted = Event()
        self._stopped = Event()
        self._builder = Thread(target=self._build_when_asked, daemon=True)
        self._asked: SimpleQueue[tuple[str, ...]] = SimpleQueue()
        self._collector = Thread(target=self._collect_when_asked, daemon=True)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
        )
        if with_runs:
            self._scheduler.add_job(
                lambda: self._do("run", "--due"),
                "interval",
                seconds=RUN_EVERY.total_seconds(),
                id="run",
            )

    def start(self) -> None:
        self._scheduler.start()
        self._builder.start()
        self._collector.start()

    def stop(self) -> None:
        self._stopped.set()
        self._wanted.set()
        self._asked.put(())
        self._scheduler.shutdown(wait=False)

    def publish_soon(self) -> None:
        """Rebuild the site in a moment. What is asked during a build gets a build of its own."""
        self._wanted.set()

    def collect_soon(self, source_ids: Sequence[str]) -> None:
        """Read these sources in a moment, one request after the other."""
        if source_ids:
            self._asked.put(tuple(source_ids))

    def _collect_when_asked(self) -> None:
        while (source_ids := self._asked.get()) and not self._stopped.is_set():
            for _ in range(ATTEMPTS):
                if self._do("collect", *source_ids) or self._stopped.wait(
                    TRY_AGAIN.total_seconds()
                ):
                    break

    def _build_when_asked(self) -> None:
        while self._wanted.wait() and not self._stopped.is_set():
            self._wanted.clear()
            for _ in range(ATTEMPTS):
                if self._do("publish") or self._stopped.wait(TRY_AGAIN.total_seconds()):
                    break

    def _do(self, *command: str) -> bool:
        """Run `hub command` to its end; false when it should be tried again.

        A job that printed its report was done, whatever failed in it.
        """
        now = self._clock().isoformat()
        try:
            child = run_child(
                ["hub", "--now", now, *command, "--json"],
                self._settings.environment(),
                timeout=DEADLINE.total_seconds(),
            )
        except subprocess.TimeoutExpired:
            log.error("job killed at its deadline job=%s", command[0])
            return False
        if child.returncode:
            log.warning("job ended badly job=%s code=%s", command[0], child.returncode)
        return child.returncode != 1 or bool(child.stdout.strip())
