"""A memory that remembers what a test tells it, and a source to go with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from hub.model import Pace, Source, SourceKind
from hub.reported import Report

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)


@dataclass(slots=True)
class FakeMemory:
    """`bodies` is what each address answered last (it was then read well), `keys` what is known.

    `read_at` is when, if it was not just now.
    """

    now: datetime = NOW
    bodies: dict[str, bytes] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    secret: str = ""
    reported: list[Report] = field(default_factory=list)
    read_at: dict[str, datetime] = field(default_factory=dict)

    def was_read(self, url: str) -> bool:
        return url in self.bodies

    def last_read(self, url: str) -> datetime | None:
        return self.read_at.get(url, self.now) if url in self.bodies else None

    def was_captured(self, url: str) -> bool:
        return url in self.bodies

    def latest_body(self, url: str) -> bytes | None:
        return self.bodies.get(url)

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        return self.keys & set(keys)

    def credentials(self) -> str:
        return self.secret

    def reports(self) -> list[Report]:
        return self.reported


def make_pace(shortest: float, longest: float) -> Pace:
    """In seconds."""
    return Pace(timedelta(seconds=shortest), timedelta(seconds=longest))


def make_source(
    kind: SourceKind = SourceKind.FEED,
    url: str = "https://www.example.org/",
    options: BaseModel | None = None,
    **fields: Any,
) -> Source:
    """A source of that kind as `sources.yaml` would give it."""
    named: dict[str, Any] = {
        "id": "s",
        "name": "Une source",
        "publisher": "Un éditeur",
        "rhythm": timedelta(days=1),
        "pace": make_pace(0, 0),
        "licence": "libre",
        "evidence": "test",
    }
    return Source(
        kind=kind, url=url, options=options.model_dump() if options else {}, **(named | fields)
    )
