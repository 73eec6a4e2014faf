"""What is known of each source between two runs: reads, failures and incidents."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Index,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    union,
    union_all,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from hub.alarms import Incident, closing_of
from hub.health import (
    ANSWERS,
    OURS,
    AlarmKind,
    Attempt,
    Checkup,
    History,
    OpenFailure,
    Read,
    attempt_of,
    check,
    find_silence,
    host_of,
    is_alone,
)
from hub.model import Failure, Source
from hub.store.base import Base


class SourceStateRow(Base):
    """`last_good_read` is the last time every address of the source answered and was understood.

    `not_before` is when the host asked to be left alone until (Retry-After). `known_since` is when
    a watch first saw it enabled: one that is never tried is late from there.
    """

    __tablename__ = "source_state"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    last_attempt: Mapped[datetime | None]
    last_good_read: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    known_since: Mapped[datetime | None]


class ReadRow(Base):
    """One read of one source: the history from which its usual rhythm and size are learned.

    `entries` counts what the answers listed, known or new; None when nothing was listed, because
    nothing moved (304) or nothing answered. `mentions` counts what was new to the store.
    """

    __tablename__ = "source_read"
    __table_args__ = (Index(None, "source_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    at: Mapped[datetime]
    is_good: Mapped[bool]
    requests: Mapped[int]
    not_modified: Mapped[int]
    entries: Mapped[int | None]
    mentions: Mapped[int]


class IncidentRow(Base):
    """One alarm: what is wrong with a source, until it is closed by a good read.

    `source_id` is "" when our own network is down. `told_at` is the last message about it; a
    message comes back until someone acknowledges it. `detail` holds the facts of its kind, such as
    the `proposed_url` of a source that moved.
    """

    __tablename__ = "incident"
    __table_args__ = (Index(None, "source_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    host: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    detail: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(default="")


class FailureRow(Base):
    """One trouble of a source. `ended_at` is set when the same address is read well again."""

    __tablename__ = "failure"
    __table_args__ = (Index(None, "source_id", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    url: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


KEPT = timedelta(days=400)
"""Reads older than this are forgotten: a year of rhythm, and a month for those who compare."""


def record_read(
    session: Session,
    source_id: str,
    at: datetime,
    *,
    is_good: bool,
    requests: int = 0,
    not_modified: int = 0,
    entries: int | None = None,
    mentions: int = 0,
) -> None:
    """Remember that a source was read to its end, and what that gave."""
    row = session.get(SourceStateRow, source_id) or SourceStateRow(source_id=source_id)
    row.last_attempt = at
    if is_good:
        row.last_good_read = at
    read = ReadRow(
        source_id=source_id,
        at=at,
        is_good=is_good,
        requests=requests,
        not_modified=not_modified,
        entries=entries,
        mentions=mentions,
    )
    session.add_all([row, read])


def prune_reads(session: Session, now: datetime) -> None:
    """Forget the reads of more than `KEPT` ago."""
    known = select(SourceStateRow.source_id)  # the index begins with the source
    session.execute(delete(ReadRow).where(ReadRow.source_id.in_(known), ReadRow.at < now - KEPT))


def record_move(session: Session, source_id: str, proposed_url: str, at: datetime) -> None:
    """Remember that a permanent redirect was met: opens or prolongs the incident that says so."""
    row = session.scalar(
        select(IncidentRow).where(
            IncidentRow.source_id == source_id,
            IncidentRow.kind == AlarmKind.MOVED,
            IncidentRow.closed_at.is_(None),
        )
    )
    if row is None:
        row = IncidentRow(
            source_id=source_id, host="", kind=AlarmKind.MOVED, opened_at=at, acknowledged_by=""
        )
        session.add(row)
    row.reason = f"permanent redirect to {proposed_url}"
    row.detail = {**(row.detail or {}), "proposed_url": proposed_url, "met_at": at.isoformat()}
    row.last_seen_at = at


def record_failure(session: Session, failure: Failure, at: datetime) -> None:
    """Open a failure, or prolong the open one of the same address and kind."""
    row = session.scalar(
        select(FailureRow).where(
            FailureRow.source_id == failure.source_id,
            FailureRow.url == failure.url,
            FailureRow.kind == failure.kind,
            FailureRow.ended_at.is_(None),
        )
    )
    if row is None:
        row = FailureRow(
            source_id=failure.source_id, url=failure.url, kind=failure.kind, reason="", at=at
        )
        session.add(row)
    row.reason = failure.reason
    row.last_at = at


def end_failures(session: Session, source_id: str, url: str, at: datetime) -> None:
    for row in list_open_failures(session, source_id):
        if row.url == url:
            row.ended_at = at


def list_open_failures(session: Session, source_id: str | None = None) -> Sequence[FailureRow]:
    query = select(FailureRow).where(FailureRow.ended_at.is_(None))
    if source_id is not None:
        query = query.where(FailureRow.source_id == source_id)
    return session.scalars(query.order_by(FailureRow.source_id, FailureRow.id)).all()


def list_source_states(session: Session) -> dict[str, SourceStateRow]:
    return {row.source_id: row for row in session.scalars(select(SourceStateRow))}


def greet(session: Session, sources: Iterable[Source], now: datetime) -> None:
    """Remember when each enabled source was first seen, whether or not it is ever read."""
    query = select(SourceStateRow.source_id, SourceStateRow.known_since)
    known = {row.source_id: row.known_since for row in session.execute(query)}
    enabled = [source.id for source in sources if source.enabled]
    strangers = [name for name in enabled if name not in known]
    unsure = [name for name in enabled if name in known and known[name] is None]
    if strangers:
        session.execute(
            insert(SourceStateRow), [{"source_id": n, "known_since": now} for n in strangers]
        )
    if unsure:
        session.execute(
            update(SourceStateRow)
            .where(SourceStateRow.source_id.in_(unsure))
            .values(known_since=now)
        )


# --- History -----------------------------------------------------------------------------------

RECENT, SIZED, NEWS = 60, 60, 400
"""Reads of each sort that the rules look at, for one source: the last ones, those that listed
something, those that brought something new."""


def load_histories(session: Session, source_ids: Collection[str]) -> dict[str, History]:
    """What the rules need to know of each source: bounded, however long it has been read."""
    states = list_source_states(session)
    failures = _open_failures(session)
    moves = _load_moves(session)
    reads = _load_reads(session)
    found = {}
    for name in source_ids:
        state = states.get(name)
        moved_to, moved_at = moves.get(name, ("", None))
        found[name] = History(
            reads=tuple(reads.get(name, ())),
            failures=tuple(failures.get(name, ())),
            last_attempt=state.last_attempt if state else None,
            last_good=state.last_good_read if state else None,
            not_before=state.not_before if state else None,
            moved_to=moved_to,
            moved_at=moved_at,
            known_since=state.known_since if state else None,
        )
    return found


def _load_moves(session: Session) -> dict[str, tuple[str, datetime]]:
    """Where permanent redirects lead, and when they were last met."""
    query = select(IncidentRow.source_id, IncidentRow.detail).where(
        IncidentRow.kind == AlarmKind.MOVED, IncidentRow.closed_at.is_(None)
    )
    return {
        name: (detail["proposed_url"], datetime.fromisoformat(detail["met_at"]))
        for name, detail in session.execute(query)
        if "met_at" in detail
    }


_OWN = aliased(ReadRow)
_COLUMNS = (
    ReadRow.at,
    ReadRow.is_good,
    ReadRow.requests,
    ReadRow.not_modified,
    ReadRow.entries,
    ReadRow.mentions,
)


def _kept_reads(*, is_once: bool) -> CompoundSelect[Any]:
    """The ids of the reads of one source that the rules look at, each sort through the index."""
    mine = select(_OWN.id).where(_OWN.source_id == SourceStateRow.source_id)
    mine = mine.correlate(SourceStateRow)
    newest = mine.order_by(_OWN.at.desc(), _OWN.id.desc())
    parts = (
        newest.limit(RECENT),
        newest.where(_OWN.is_good, _OWN.entries.is_not(None)).limit(SIZED),
        newest.where(_OWN.mentions > 0).limit(NEWS),
        mine.order_by(_OWN.at, _OWN.id).where(_OWN.is_good).limit(1),
    )
    merge = union if is_once else union_all
    return merge(*(select(part.subquery()) for part in parts))


def _load_reads(session: Session) -> dict[str, list[Read]]:
    """One query for all the sources, that reads no more rows than are kept."""
    query = select(SourceStateRow.source_id, *_COLUMNS).select_from(SourceStateRow)
    if session.get_bind().dialect.name == "sqlite":
        query = query.join(ReadRow, ReadRow.id.in_(_kept_reads(is_once=False)))
    else:
        kept = _kept_reads(is_once=True).lateral()
        query = query.join(kept, true()).join(ReadRow, ReadRow.id == kept.c.id)
    found: dict[str, list[Read]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(Read(*row[1:]))
    return found


def check_up(
    session: Session, sources: Iterable[Source], now: datetime, keyless: Container[str] = ()
) -> list[Checkup]:
    """How each source is at `now`. `keyless`: the ids of those whose credentials are not set."""
    sources = list(sources)
    histories = load_histories(session, [source.id for source in sources])
    for name in find_alone(session, sources):
        histories[name] = replace(histories[name], is_alone=True)
    return [
        check(source, histories[source.id], now, has_key=source.id not in keyless)
        for source in sources
    ]


def find_alone(session: Session, sources: Iterable[Source]) -> dict[str, datetime]:
    """The sources that are out of reach while no other host answered, and since when: nothing
    tells yet whether it is they or we."""
    failures = _open_failures(session)
    silent = {name: find_silence(some) for name, some in failures.items()}
    if not any(silent.values()):
        return {}
    hosts = {source.id: host_of(source.url) for source in sources}
    answers = _last_answers(session, hosts, failures)
    return {
        name: at
        for name, at in silent.items()
        if at is not None and name in hosts and is_alone(hosts[name], at, answers)
    }


def _last_answers(
    session: Session,
    hosts: Mapping[str, str],
    failures: Mapping[str, Sequence[OpenFailure]],
) -> dict[str, datetime]:
    """When each host last answered, well or badly."""
    last = (
        select(ReadRow.at)
        .where(ReadRow.source_id == SourceStateRow.source_id, ReadRow.is_good, ReadRow.requests > 0)
        .order_by(ReadRow.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    answers: dict[str, datetime] = {}
    found = [(name, at) for name, at in session.execute(select(SourceStateRow.source_id, last))]
    found += [(n, f.last_at) for n, some in failures.items() for f in some if f.kind in ANSWERS]
    for name, at in found:
        if at is not None and name in hosts:
            answers[hosts[name]] = max(at, answers.get(hosts[name], at))
    return answers


def _open_failures(session: Session) -> dict[str, list[OpenFailure]]:
    found: dict[str, list[OpenFailure]] = {}
    for row in list_open_failures(session):
        failure = OpenFailure(row.url, row.kind, row.reason, row.at, row.last_at)
        found.setdefault(row.source_id, []).append(failure)
    return found


def list_attempts(session: Session, sources: Iterable[Source], at: datetime) -> list[Attempt]:
    """What the run of this moment met on the host of each source that it tried.

    A host that was out of reach before, while another answered, says nothing of us: two dead sites
    that are read alone are no outage of ours.
    """
    sources = list(sources)
    alone = find_alone(session, sources)
    reads: dict[str, list[Read]] = {}
    for row in _list_reads_at(session, [source.id for source in sources], at):
        read = Read(row.at, row.is_good, row.requests, row.not_modified, row.entries, row.mentions)
        reads.setdefault(row.source_id, []).append(read)
    kinds: dict[str, list[str]] = {}
    for failure in list_open_failures(session):
        is_fresh = failure.at == at or failure.source_id in alone
        if failure.last_at == at and (is_fresh or failure.kind not in OURS):
            kinds.setdefault(failure.source_id, []).append(failure.kind)
    return [
        attempt_of(host_of(source.url), reads.get(source.id, ()), kinds.get(source.id, ()))
        for source in sources
        if source.id in reads or source.id in kinds
    ]


def _list_reads_at(
    session: Session, source_ids: Collection[str], at: datetime
) -> Sequence[ReadRow]:
    query = select(ReadRow).where(ReadRow.source_id.in_(source_ids), ReadRow.at == at)
    return session.scalars(query).all()


def forget_reads(session: Session, since: Mapping[str, datetime], now: datetime) -> None:
    """Take back what was read of these sources, each since its moment, in runs that were cut off by
    us: it says nothing of any source.

    Failures that began in them end, and each source is due again as it was before.
    """
    for row in list_open_failures(session):
        if row.source_id in since and row.at >= since[row.source_id] and row.kind in OURS:
            row.ended_at = now
    query = select(ReadRow).where(
        ReadRow.source_id.in_(since), ReadRow.at >= min(since.values(), default=now)
    )
    for read in session.scalars(query):
        if read.at >= since[read.source_id]:
            session.delete(read)
    session.flush()
    for state in session.scalars(select(SourceStateRow).where(SourceStateRow.source_id.in_(since))):
        if state.last_attempt is not None and state.last_attempt >= since[state.source_id]:
            state.last_attempt = session.scalar(
                select(func.max(ReadRow.at)).where(ReadRow.source_id == state.source_id)
            )


# --- Incidents ---------------------------------------------------------------------------------


def list_incidents(session: Session, closed_since: datetime | None = None) -> list[Incident]:
    """Those that are open, and those that were closed since a moment."""
    wanted: list[ColumnElement[bool]] = [IncidentRow.closed_at.is_(None)]
    if closed_since is not None:
        wanted.append(IncidentRow.closed_at >= closed_since)
    rows = session.scalars(select(IncidentRow).where(or_(*wanted)).order_by(IncidentRow.id))
    return [
        Incident(
            id=row.id,
            source_id=row.source_id,
            host=row.host,
            kind=AlarmKind(row.kind),
            reason=row.reason,
            opened_at=row.opened_at,
            last_seen_at=row.last_seen_at,
            detail=row.detail,
            closed_at=row.closed_at,
            told_at=row.told_at,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=row.acknowledged_by,
        )
        for row in rows
    ]


def save_incidents(session: Session, incidents: Iterable[Incident]) -> None:
    """Write incidents as the rules changed them; those of id 0 are added."""
    for incident in incidents:
        row = session.get(IncidentRow, incident.id) if incident.id else None
        if row is None:
            row = IncidentRow(source_id=incident.source_id, kind=incident.kind.value)
            session.add(row)
        row.host = incident.host
        row.reason = incident.reason
        row.detail = dict(incident.detail)
        row.opened_at = incident.opened_at
        row.last_seen_at = incident.last_seen_at
        row.closed_at = incident.closed_at
        row.told_at = incident.told_at
        row.acknowledged_at = incident.acknowledged_at
        row.acknowledged_by = incident.acknowledged_by
    session.flush()


def mark_told(session: Session, incidents: Iterable[Incident]) -> None:
    """Remember a message that left; what was acknowledged or closed meanwhile stays so."""
    for incident in incidents:
        row = session.get_one(IncidentRow, incident.id)
        row.told_at = incident.told_at
        row.detail = {**row.detail, **closing_of(incident)}


def acknowledge(session: Session, place: str, by: str, now: datetime) -> int:
    """Someone has seen what is wrong at a host, or with a source (its id): no reminder while it
    lasts. Returns how many incidents were not acknowledged yet. "" is our own network.
    """
    places = [IncidentRow.source_id == place, *([IncidentRow.host == place] if place else [])]
    waiting = session.scalars(
        select(IncidentRow).where(
            or_(*places),
            IncidentRow.closed_at.is_(None),
            IncidentRow.acknowledged_at.is_(None),
        )
    ).all()
    for row in waiting:
        row.acknowledged_at = now
        row.acknowledged_by = by
    return len(waiting)
