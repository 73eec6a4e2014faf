"""One source in one run: what it may ask for, and what it gave so far.

An `Errand` and the `Run` it belongs to are the only things here that change while a crawl goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hub.legal.versions import NO_ARTICLES, Articles
from hub.model import MODEST, Capture, Failure, Mention, Source, Trouble
from spiders.base import Kind, site_of

# --- What a crawl hands over ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was understood, wholly or in part: `failure` says what was not."""

    capture: Capture
    mentions: tuple[Mention, ...]
    failure: Failure | None = None
    is_settled: bool = False
    articles: Articles = NO_ARTICLES


@dataclass(frozen=True, slots=True)
class Unread:
    """An answer that was not understood."""

    capture: Capture
    failure: Failure


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The page has not moved since it was last read (304)."""

    url: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing more will come of this errand."""


Handed = Answer | Unread | Unchanged | Failure | Finished


# --- The errand ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What one source gave in this run. `entries` counts what its lists showed, known or not."""

    requests: int = 0
    answers: int = 0
    not_modified: int = 0
    mentions: int = 0
    entries: int | None = None
    moved_to: str = ""
    not_before: datetime | None = None
    failures: list[Failure] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return all(failure.kind in MODEST for failure in self.failures)


@dataclass(slots=True, eq=False)
class Errand:
    """`waiting` counts its requests that are not answered yet; at zero it is over."""

    source: Source
    kind: Kind
    tally: Tally = field(default_factory=Tally)
    asked: int = 0
    waiting: int = 0
    stopped: str = ""
    """Why nothing more may be asked, in words; "" while it may."""
    is_over: bool = False
    budget: int = 0
    """The most requests of this run; less than its source allows when its host is slow."""

    def __post_init__(self) -> None:
        self.budget = self.source.budget

    @property
    def host(self) -> str:
        """The host that shares its pace with all the sources on it."""
        return site_of(self.source.url)

    def fail(self, url: str, kind: str, reason: str) -> Failure:
        is_of_page = self.kind.fails_by_page and kind != Trouble.CRASH
        return Failure(self.source.id, url, Trouble.PARTIAL if is_of_page else kind, reason)

    def to_json(self) -> dict[str, Any]:
        tally = self.tally
        return {
            "id": self.source.id,
            "requests": tally.requests,
            "not_modified": tally.not_modified,
            "mentions": tally.mentions,
            "entries": tally.entries,
            "moved_to": tally.moved_to,
            "failures": [
                {"url": f.url, "kind": str(f.kind), "reason": f.reason} for f in tally.failures
            ],
        }


@dataclass(slots=True)
class Run:
    """What all the errands of one process share. `error` is the store's trouble that stopped it."""

    now: datetime
    error: Exception | None = None
    holds: dict[str, datetime] = field(default_factory=dict)
    """Hosts that asked to be left alone, and until when."""

    def hold(self, host: str, wait: timedelta) -> datetime:
        until = self.now + wait
        self.holds[host] = max(until, self.holds.get(host, until))
        return self.holds[host]
