"""After each collection: what the reads mean becomes incidents, and a person is told.

Safe to run again, and to be killed anywhere: incidents are written first; a message is remembered
once it has left, so that a death in between costs at most one repeat, with the same Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.alarms import STALE, Incident, Notice, advance, body_of, choose, mark_told, subject_of
from hub.config import Settings, find_keyless
from hub.errors import DigestError
from hub.health import Alarm, AlarmKind, Checkup, find_outage
from hub.model import Source
from hub.store import Session, Store
from hub.store import sources as rows

log = logging.getLogger(__name__)

SCREEN = "/relecture/sources"
NEED_A_LIVING_WORLD = (AlarmKind.LATE, AlarmKind.SILENT, AlarmKind.SHRUNKEN)
"""Alarms that recordings would raise by staying the same: a demonstration has none of them."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What one watch did. `outage`: the trouble was ours, no source is blamed. `told`: the hosts
    of the message that left; `trouble` is what kept it from leaving.
    """

    outage: AlarmKind | None = None
    opened: int = 0
    closed: int = 0
    told: tuple[str, ...] = ()
    trouble: DigestError | None = None


def watch(store: Store, settings: Settings, sources: Sequence[Source], now: datetime) -> Watched:
    """Open, prolong and close incidents after a collection at `now`, then tell what is due.

    `sources` are all those of `sources.yaml`, not only those that were just read: an incident of a
    source that is not among them is closed.
    """
    by_id = {source.id: source for source in sources}
    with store.write() as session:
        rows.greet(session, sources, now)
        outage = _find_outage(session, sources, now)
        changed = _write_incidents(session, settings, by_id, outage, now)
        rows.prune_reads(session, now)
        known = rows.list_incidents(session, now - STALE)
    notice = choose(known, by_id, now)
    trouble = _tell(store, settings, by_id, notice, now) if notice else None
    told = [group.host for group in notice.groups] if notice and not trouble else []
    return Watched(
        outage=outage,
        opened=sum(incident.is_open and incident.opened_at == now for incident in changed),
        closed=sum(not incident.is_open for incident in changed),
        told=tuple(told),
        trouble=trouble,
    )


def _find_outage(session: Session, sources: Sequence[Source], now: datetime) -> AlarmKind | None:
    """Whether this run was cut off by us. Its reads are then taken back, and those that nothing had
    explained yet: they blame nobody.
    """
    ours = [i.kind for i in rows.list_incidents(session) if i.kind.is_ours]
    outage = find_outage(rows.list_attempts(session, sources, now), next(iter(ours), None))
    if outage is not None:
        cut = {source.id: now for source in sources}
        if outage is AlarmKind.NETWORK:
            cut |= rows.find_alone(session, sources)
        rows.forget_reads(session, cut, now)
    return outage


def _write_incidents(
    session: Session,
    settings: Settings,
    sources: Mapping[str, Source],
    outage: AlarmKind | None,
    now: datetime,
) -> list[Incident]:
    """In an outage of ours no incident of a source moves, nor do those of a source in doubt."""
    known = rows.list_incidents(session, now - STALE)
    if outage is not None:
        alarms = [Alarm("", "", outage, "no host answered, or nothing was read", now)]
        known = [incident for incident in known if incident.kind.is_ours]
    else:
        watched = list(sources.values())
        checkups = rows.check_up(session, watched, now, find_keyless(watched))
        doubtful = {checkup.source.id for checkup in checkups if checkup.is_in_doubt}
        known = [incident for incident in known if incident.source_id not in doubtful]
        alarms = _list_alarms(checkups, doubtful, is_demo=settings.demo)
    changed = advance(known, alarms, sources, now)
    rows.save_incidents(session, changed)
    return changed


def _list_alarms(
    checkups: Iterable[Checkup], doubtful: Container[str], *, is_demo: bool
) -> list[Alarm]:
    return [
        alarm
        for checkup in checkups
        for alarm in checkup.alarms
        if checkup.source.id not in doubtful and not (is_demo and alarm.kind in NEED_A_LIVING_WORLD)
    ]


def _tell(
    store: Store,
    settings: Settings,
    sources: Mapping[str, Source],
    notice: Notice,
    now: datetime,
) -> DigestError | None:
    from hub.newsletter.operator import tell_operator  # loaded when there is something to tell

    screen = f"{settings.public_url}{SCREEN}"
    try:
        tell_operator(settings, subject_of(notice), body_of(notice, sources, screen, now), now)
    except DigestError as error:
        log.error("incidents not told %s", error)
        return error
    with store.write() as session:
        rows.mark_told(session, mark_told(notice, now))
    return None
