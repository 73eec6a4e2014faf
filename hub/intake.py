"""Intake: capture kept, then mentions, then items by the order of identity.

Collection writes captures and mentions (`Intake`, called by the spiders and by `hub ingest`). Then
`resolve` gathers mentions into items, in an order that does not depend on when each was fetched.
Both may be killed and run again: what is done is not done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.captures import CaptureFiles
from hub.model import Capture, Failure, Mention
from hub.store import Store
from hub.store.captures import add_capture, find_validator, set_validator
from hub.store.mentions import add_mention
from hub.store.sources import end_failures, record_failure, record_read


@dataclass(frozen=True, slots=True)
class Intake:
    """The door through which everything collected comes in."""

    store: Store
    files: CaptureFiles
    now: datetime

    def keep(self, capture: Capture, mentions: Sequence[Mention]) -> int:
        """Keep an answer that was understood, and its mentions. Returns how many say something new."""
        self.files.write(capture.body)
        with self.store.write() as session:
            row, _ = add_capture(session, capture)
            kept = [
                add_mention(session, mention, row.id, capture.fetched_at) for mention in mentions
            ]
            set_validator(session, capture)
            end_failures(session, capture.source_id, capture.url, self.now)
        return sum(row is not None for row in kept)

    def keep_unread(self, capture: Capture, failure: Failure) -> None:
        """Keep an answer that could not be understood. No validator is set: it will be asked again."""
        self.files.write(capture.body)
        with self.store.write() as session:
            add_capture(session, capture)
            record_failure(session, failure, self.now)

    def fail(self, failure: Failure) -> None:
        with self.store.write() as session:
            record_failure(session, failure, self.now)

    def unchanged(self, source_id: str, url: str) -> None:
        """The source answered that its page has not moved (304)."""
        with self.store.write() as session:
            end_failures(session, source_id, url, self.now)

    def done(self, source_id: str, is_good: bool) -> None:
        """A source was read to its end; `is_good` when nothing failed on the way."""
        with self.store.write() as session:
            record_read(session, source_id, self.now, is_good=is_good)

    def validator(self, source_id: str, url: str) -> tuple[str, str] | None:
        """The (ETag, Last-Modified) to send back, or None if this address was never read well."""
        with self.store.read() as session:
            row = find_validator(session, source_id, url)
            return (row.etag, row.last_modified) if row else None
