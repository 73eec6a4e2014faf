"""Captures and validators: what each source answered, and what to ask it next time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.model import Capture
from hub.store.base import Base
from hub.store.bulk import chunks, insert_numbered, insert_rows, is_one_of, latest_of

Place = tuple[str, str]
"""A source and an address."""
Moment = tuple[str, str, str, datetime]
"""A source, an address, what it answered and when."""


class CaptureRow(Base):
    """One answer whose body differs from the one before it at the same address.

    The body itself is a compressed file named by its `sha256` (see `hub.captures`).
    """

    __tablename__ = "capture"
    __table_args__ = (Index(None, "source_id", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    url: Mapped[str]
    fetched_at: Mapped[datetime]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    size: Mapped[int]


class ValidatorRow(Base):
    """What the server said of its page, to be sent back with the next request (RFC 9110 13.1)."""

    __tablename__ = "validator"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime]


def find_latest_capture(session: Session, source_id: str, url: str) -> CaptureRow | None:
    return session.scalar(
        select(CaptureRow)
        .where(CaptureRow.source_id == source_id, CaptureRow.url == url)
        .order_by(CaptureRow.id.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """The row that keeps an answer. `is_replayed`: this very answer had been recorded before."""

    id: int
    sha256: str
    is_new: bool = False
    is_replayed: bool = False


def add_captures(session: Session, captures: Sequence[Capture]) -> list[Proof]:
    """Record answers, except one that repeats the last answer of its address, or that is the very
    same answer given again (a replay).
    """
    latest = _list_latest(session, captures)
    replayed = _list_replayed(session, captures, latest)
    last: dict[Place, tuple[str, Proof | int]] = {
        place: (proof.sha256, proof) for place, (proof, _) in latest.items()
    }
    rows: list[dict[str, Any]] = []
    found: list[Proof | int] = []
    for capture in captures:
        place = (capture.source_id, capture.url)
        sha256, kept = last.get(place, ("", 0))
        if proof := replayed.get(_moment_of(capture)):
            kept = proof
        elif sha256 != capture.sha256:
            kept = len(rows)
            last[place] = (capture.sha256, kept)
            rows.append(_to_row(capture))
        found.append(kept)
    ids = insert_numbered(session, CaptureRow, rows)
    return _number(found, [Proof(id_, row["sha256"]) for id_, row in zip(ids, rows, strict=True)])


def _number(found: Sequence[Proof | int], inserted: Sequence[Proof]) -> list[Proof]:
    """Proofs in place of the positions of inserted rows; the first to name one made it."""
    seen: set[int] = set()
    proofs = []
    for kept in found:
        if isinstance(kept, Proof):
            proofs.append(kept)
        else:
            proofs.append(replace(inserted[kept], is_new=kept not in seen))
            seen.add(kept)
    return proofs


def _list_latest(
    session: Session, captures: Sequence[Capture]
) -> dict[Place, tuple[Proof, datetime]]:
    """The last answer of each address, and its moment."""
    places = list({(capture.source_id, capture.url): None for capture in captures})
    return {
        (row.source_id, row.url): (Proof(row.id, row.sha256), row.fetched_at)
        for some in chunks(places)
        for row in session.execute(
            select(CaptureRow.id, *_MOMENT).where(
                latest_of(session, CaptureRow, CaptureRow.source_id, CaptureRow.url, some)
            )
        )
    }


def _list_replayed(
    session: Session, captures: Sequence[Capture], latest: Mapping[Place, tuple[Proof, datetime]]
) -> dict[Moment, Proof]:
    """The answers that are recorded already. One that came after the last cannot be."""
    wanted = {
        _moment_of(capture): (capture.source_id, capture.url)
        for capture in captures
        if (last := latest.get((capture.source_id, capture.url))) and capture.fetched_at <= last[1]
    }
    found = {}
    for moments in chunks(list(wanted)):
        query = select(CaptureRow.id, *_MOMENT).where(
            is_one_of(session, CaptureRow.source_id, CaptureRow.url, [wanted[m] for m in moments]),
            CaptureRow.sha256.in_([sha256 for _, _, sha256, _ in moments]),
        )
        for row in session.execute(query.order_by(CaptureRow.id.desc())):
            moment = (row.source_id, row.url, row.sha256, row.fetched_at)
            found[moment] = Proof(row.id, row.sha256, is_replayed=True)
    return {moment: proof for moment, proof in found.items() if moment in wanted}


_MOMENT = (CaptureRow.source_id, CaptureRow.url, CaptureRow.sha256, CaptureRow.fetched_at)


def _moment_of(capture: Capture) -> Moment:
    return capture.source_id, capture.url, capture.sha256, capture.fetched_at


def _to_row(capture: Capture) -> dict[str, Any]:
    return {
        "source_id": capture.source_id,
        "url": capture.url,
        "fetched_at": capture.fetched_at,
        "status": capture.status,
        "headers": dict(capture.headers),
        "sha256": capture.sha256,
        "size": len(capture.body),
    }


def add_capture(session: Session, capture: Capture) -> tuple[CaptureRow, bool]:
    """Record an answer unless it repeats the last one there. Returns (row, whether it is new)."""
    (proof,) = add_captures(session, [capture])
    return session.get_one(CaptureRow, proof.id), proof.is_new


def find_validator(session: Session, source_id: str, url: str) -> ValidatorRow | None:
    return session.get(ValidatorRow, (source_id, url))


def set_validators(session: Session, captures: Iterable[Capture]) -> None:
    """Remember the validators of answers that were read to the end and understood."""
    rows = {(capture.source_id, capture.url): _to_validator(capture) for capture in captures}
    for places in chunks(list(rows)):
        session.execute(
            delete(ValidatorRow)
            .where(is_one_of(session, ValidatorRow.source_id, ValidatorRow.url, places))
            .execution_options(synchronize_session=False)
        )
    insert_rows(session, ValidatorRow, list(rows.values()))


def _to_validator(capture: Capture) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in capture.headers.items()}
    return {
        "source_id": capture.source_id,
        "url": capture.url,
        "etag": headers.get("etag", ""),
        "last_modified": headers.get("last-modified", ""),
        "checked_at": capture.fetched_at,
    }
