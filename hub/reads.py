"""What a run found of each source, beside what the source said: written in one go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from hub.model import Failure, Trouble
from hub.store import Session, Store
from hub.store.sources import FailureRow, ReadRow, SourceStateRow, record_failure, record_move


@dataclass(frozen=True, slots=True)
class Outcome:
    """One read of one source, over. `moved_to` is where permanent redirects lead, "" if none do."""

    source_id: str
    is_good: bool
    requests: int = 0
    not_modified: int = 0
    entries: int | None = None
    mentions: int = 0
    moved_to: str = ""
    not_before: datetime | None = None


@dataclass(slots=True)
class Settled:
    """A batch: pages that have not moved, failures, sources that are over, and those that were not
    read because their host wants to be left alone until then.
    """

    unchanged: list[tuple[str, str]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    reads: list[Outcome] = field(default_factory=list)
    held: dict[str, datetime | None] = field(default_factory=dict)


def settle(store: Store, settled: Settled, now: datetime) -> None:
    """Write a batch in one transaction. Running it twice for the same moment changes nothing more
    than the number of reads.

    A page that has not moved ends its failures but for those of parts (it still has them); a good
    read ends the others of its source, also of addresses that are not asked for any more.
    """
    with store.write() as session:
        open_failures = _list_open(session, settled)
        for row in open_failures:
            if row.kind != Trouble.PARTIAL and (row.source_id, row.url) in settled.unchanged:
                row.ended_at = now
        for failure in settled.failures:
            record_failure(session, failure, now)
        good = {read.source_id for read in settled.reads if read.is_good}
        for row in open_failures:
            if row.source_id in good and row.kind != Trouble.PARTIAL:
                row.ended_at = now
        _write_reads(session, settled.reads, now)
        for source_id, until in settled.held.items():
            state = session.get(SourceStateRow, source_id) or SourceStateRow(source_id=source_id)
            state.not_before = until
            session.add(state)


def _list_open(session: Session, settled: Settled) -> list[FailureRow]:
    ids = {source_id for source_id, _ in settled.unchanged}
    ids |= {read.source_id for read in settled.reads}
    found = session.scalars(select(FailureRow).where(FailureRow.ended_at.is_(None))).all()
    return [row for row in found if row.source_id in ids]


def _write_reads(session: Session, reads: list[Outcome], now: datetime) -> None:
    ids = [read.source_id for read in reads]
    states = {
        row.source_id: row
        for row in session.scalars(select(SourceStateRow))
        if row.source_id in set(ids)
    }
    for read in reads:
        row = states.get(read.source_id)
        if row is None:
            row = states[read.source_id] = SourceStateRow(source_id=read.source_id)
            session.add(row)
        row.last_attempt = now
        row.not_before = read.not_before
        if read.is_good:
            row.last_good_read = now
        if read.moved_to:
            record_move(session, read.source_id, read.moved_to, now)
    session.add_all(
        ReadRow(
            source_id=read.source_id,
            at=now,
            is_good=read.is_good,
            requests=read.requests,
            not_modified=read.not_modified,
            entries=read.entries,
            mentions=read.mentions,
        )
        for read in reads
    )
