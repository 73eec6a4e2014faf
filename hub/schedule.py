"""The service's clock: what runs when, each job a child process that may safely run twice."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from hub.child import run_child
from hub.config import Settings
from hub.model import Clock

log = logging.getLogger(__name__)

RUN_EVERY = timedelta(minutes=15)
DEADLINE = timedelta(hours=2)


class Scheduler:
    """Runs the due part of the journey every quarter of an hour, and a rebuild when asked.

    One process of one installation starts it. A second one would be harmless: the jobs take a
    lock, and a job that finds it taken does nothing. Without `with_runs`, only rebuilds are done.
    """

    def __init__(self, settings: Settings, clock: Clock, *, with_runs: bool) -> None:
        self._settings = settings
        self._clock = clock
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
        )
        if with_runs:
            self._scheduler.add_job(
                self._job("run", "--due"), "interval", seconds=RUN_EVERY.total_seconds(), id="run"
            )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def publish_soon(self) -> None:
        """Rebuild the site in a moment; several requests in a row make one rebuild."""
        self._scheduler.add_job(
            self._job("publish"), id="publish", replace_existing=True, max_instances=1
        )

    def _job(self, *command: str) -> Callable[[], None]:
        def job() -> None:
            now = self._clock().isoformat()
            try:
                child = run_child(
                    ["hub", "--now", now, *command, "--json"],
                    self._settings.environment(),
                    timeout=DEADLINE.total_seconds(),
                )
            except subprocess.TimeoutExpired:
                log.error("job killed at its deadline job=%s", command[0])
                return
            if child.returncode:
                log.warning("job ended badly job=%s code=%s", command[0], child.returncode)

        return job
