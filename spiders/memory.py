"""What a source may know of its earlier reads, from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from hub.captures import CaptureFiles
from hub.config import find_credentials
from hub.model import Source
from hub.reported import Report, list_waiting
from hub.store import Store
from hub.store.captures import ValidatorRow, find_latest_capture
from hub.store.mentions import list_known_keys
from hub.store.robots import RobotsRow
from hub.store.sources import list_source_states

ROBOTS_AGE = timedelta(hours=24)
"""RFC 9309 2.4: a robots.txt is not used longer than that."""


@dataclass(frozen=True, slots=True)
class Validator:
    """What a server said of its page, last read well at `read_at`.

    `is_current`: its source was read whole since.
    """

    etag: str
    last_modified: str
    is_current: bool
    read_at: datetime


@dataclass(frozen=True, slots=True)
class StoredMemory:
    """The memory of one source (see `spiders.base.Memory`); `known` are its validators by url."""

    store: Store
    files: CaptureFiles
    source: Source
    now: datetime
    known: Mapping[str, Validator]

    def was_read(self, url: str) -> bool:
        return url in self.known

    def last_read(self, url: str) -> datetime | None:
        found = self.known.get(url)
        return found.read_at if found else None

    def was_captured(self, url: str) -> bool:
        with self.store.read() as session:
            return find_latest_capture(session, self.source.id, url) is not None

    def latest_body(self, url: str) -> bytes | None:
        with self.store.read() as session:
            row = find_latest_capture(session, self.source.id, url)
        if row is None:
            return None
        try:
            return self.files.read(row.sha256)
        except (OSError, ValueError):  # lost or damaged: as if it had never been kept
            return None

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        with self.store.read() as session:
            return list_known_keys(session, self.source.id, keys)

    def credentials(self) -> str:
        return find_credentials(self.source.credentials) if self.source.credentials else ""

    def reports(self) -> list[Report]:
        with self.store.read() as session:
            return list_waiting(session)

    def validators(self, url: str) -> tuple[str, str]:
        """The (ETag, Last-Modified) to send back; blank when the page must be read again.

        A page read in a run that then failed, or was killed, before the source's last page is read
        again: a 304 would say nothing of the pages after it, which were never read.
        """
        found = self.known.get(url)
        return (found.etag, found.last_modified) if found and found.is_current else ("", "")


def load_memories(
    store: Store, files: CaptureFiles, sources: Sequence[Source], now: datetime
) -> dict[str, StoredMemory]:
    """The memories of these sources, by id; one look at the store for all their validators."""
    known: dict[str, dict[str, Validator]] = {source.id: {} for source in sources}
    with store.read() as session:
        states = list_source_states(session)
        for row in session.scalars(select(ValidatorRow).execution_options(yield_per=1_000)):
            if row.source_id in known:
                state = states.get(row.source_id)
                whole = state.last_good_read if state else None
                is_current = whole is not None and row.checked_at <= whole
                known[row.source_id][row.url] = Validator(
                    row.etag, row.last_modified, is_current, row.checked_at
                )
    return {
        source.id: StoredMemory(store, files, source, now, known[source.id]) for source in sources
    }


@dataclass(frozen=True, slots=True)
class StoredRobots:
    """What robots.txt said, by origin, for a day."""

    store: Store
    now: datetime

    def find(self, origin: str) -> str | None:
        with self.store.read() as session:
            row = session.get(RobotsRow, origin)
        return row.body if row and self.now - ROBOTS_AGE <= row.fetched_at <= self.now else None

    def keep(self, origin: str, body: str) -> None:
        with self.store.write() as session:
            session.merge(RobotsRow(origin=origin, fetched_at=self.now, body=body))
