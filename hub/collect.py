"""Collection: start the spiders as one child process, read what it reports."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.captures import CaptureFiles
from hub.child import run_child
from hub.config import Settings
from hub.intake import Intake
from hub.model import Failure, Source
from hub.store import Store
from hub.store.sources import list_source_states

SECONDS_PER_SOURCE = 300
"""After this long for each source asked for, the child is killed: something in it hangs."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source gave in this collection."""

    id: str
    requests: int = 0
    not_modified: int = 0
    mentions: int = 0
    failures: tuple[Failure, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "requests": self.requests,
            "not_modified": self.not_modified,
            "mentions": self.mentions,
            "failures": [{"url": f.url, "kind": f.kind, "reason": f.reason} for f in self.failures],
        }


GRACE = timedelta(minutes=1)
"""A tick that comes a little early does not make a source wait for the next one."""


def due_sources(store: Store, sources: Sequence[Source], now: datetime) -> list[Source]:
    """The enabled sources whose rhythm says that it is time to read them again."""
    with store.read() as session:
        states = list_source_states(session)
    due = []
    for source in sources:
        state = states.get(source.id)
        last = state.last_attempt if state else None
        if source.enabled and (last is None or last + source.rhythm <= now + GRACE):
            due.append(source)
    return due


def collect(
    settings: Settings, store: Store, sources: Sequence[Source], now: datetime
) -> list[SourceReport]:
    """Read these sources now. A child that dies or hangs is a failure of each, not an exception."""
    if not sources:
        return []
    ids = [source.id for source in sources]
    try:
        child = run_child(
            ["spiders", "--now", now.isoformat(), *ids],
            settings.environment(),
            timeout=SECONDS_PER_SOURCE * len(ids),
        )
        report = json.loads(child.stdout)
        return [_to_report(data) for data in report["sources"]]
    except subprocess.TimeoutExpired:
        reason = "collection was killed at its deadline"
    except (ValueError, KeyError):
        reason = f"collection stopped without a report, exit code {child.returncode}"
    intake = Intake(store, CaptureFiles(settings.captures), now)
    failures = [Failure(source.id, source.url, "crash", reason) for source in sources]
    for failure in failures:
        intake.fail(failure)
        intake.done(failure.source_id, is_good=False)
    return [SourceReport(failure.source_id, failures=(failure,)) for failure in failures]


def _to_report(data: dict[str, Any]) -> SourceReport:
    return SourceReport(
        id=data["id"],
        requests=data["requests"],
        not_modified=data["not_modified"],
        mentions=data["mentions"],
        failures=tuple(
            Failure(data["id"], failure["url"], failure["kind"], failure["reason"])
            for failure in data["failures"]
        ),
    )
