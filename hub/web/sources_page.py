"""The sources: what is wrong, site by site, the one thing to do about it, and « J'ai vu »."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from hub.alarms import (
    STAKES,
    STATES,
    Incident,
    Standing,
    action,
    cause,
    describe_age,
    describe_gap,
    list_standings,
)
from hub.config import find_keyless
from hub.health import Health, host_of
from hub.messages import message
from hub.model import Source
from hub.store.sources import acknowledge, check_up, list_incidents
from hub.text import canonical_url, format_moment
from hub.web.visits import Visit

HERE = "/relecture/sources"
OURS = "chez-nous"
"""How the form names an outage of ours, which is at no host."""


@dataclass(frozen=True, slots=True)
class Line:
    """One source. `facts` are its publisher, its licence and what it is to us."""

    name: str
    url: str
    facts: tuple[str, ...]
    sign: str
    word: str
    read: str
    read_at: str
    rhythm: str
    news: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one source. `proposed` is the line to copy into `sources.yaml`."""

    line: Line
    cause: str
    since: str
    since_at: str
    url: str
    reason: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Site:
    """What is wrong at one host, or with us. `seen` tells who said « J'ai vu » and
    when; `can_see`, whether there is something left to say it of.
    """

    host: str
    place: str
    troubles: tuple[Trouble, ...]
    action: str
    can_see: bool
    seen: tuple[str, ...]


def show_sources(visit: Visit) -> Response:
    sources = visit.sources
    with visit.store.read() as session:
        incidents = list_incidents(session)
        checkups = check_up(session, sources.values(), visit.now, find_keyless(sources.values()))
        standings = list_standings(checkups, incidents, visit.now)
        ours = [incident for incident in incidents if incident.kind.is_ours]
        fine = [standing for standing in standings if standing.incident is None]
        unread = [standing for standing in fine if standing.checkup.state is Health.NEVER]
        context: dict[str, Any] = {
            "outage": _site("", ours, (), {}, visit.now) if ours else None,
            "sites": _list_sites(standings, incidents, sources, visit.now),
            "others": _list_fine([s for s in fine if s not in unread], visit.now),
            "unread": _list_fine(unread, visit.now),
            "unread_count": len(unread),
            "tally": _count(standings),
            "said": _say(visit, sources),
        }
        return visit.render(session, "sources.html", context)


def see_incidents(visit: Visit) -> Response:
    """Someone has seen what is wrong at a site: no reminder while it lasts."""
    place = visit.field("site")
    host = "" if place == OURS else place
    with visit.store.write() as session:
        count = acknowledge(session, host, visit.visitor.name, visit.now) if place else 0
    return RedirectResponse(f"{HERE}?{urlencode({'vu': place if count else ''})}", 303)


def _say(visit: Visit, sources: Mapping[str, Source]) -> str:
    """What was just done, as the address says it; only places that exist are repeated."""
    place = visit.request.query_params.get("vu")
    if place is None:
        return ""
    if place == OURS:
        return message("acknowledged.ours")
    hosts = {host_of(source.url) for source in sources.values()}
    known = place in hosts
    return message("acknowledged", hote=place) if known else message("acknowledged.nothing")


def _count(standings: Sequence[Standing]) -> list[tuple[str, int]]:
    """How many sources are in each state, in the words of that state."""
    counts = Counter(standing.checkup.state for standing in standings)
    return [(_agreed(state, count), count) for state, count in counts.items()]


_AGREEING = (Health.SILENT, Health.SHRUNKEN, Health.NEVER)


def _agreed(state: Health, count: int) -> str:
    return STATES[state][1] + ("s" if count > 1 and state in _AGREEING else "")


# --- What is wrong -----------------------------------------------------------------------------


def _list_sites(
    standings: Iterable[Standing],
    incidents: Sequence[Incident],
    sources: Mapping[str, Source],
    now: datetime,
) -> list[Site]:
    """The sites with something wrong, the worst first, as `standings` are."""
    by_host: dict[str, list[Standing]] = {}
    for standing in standings:
        if standing.incident is not None:
            by_host.setdefault(standing.host, []).append(standing)
    return [
        _site(host, [i for i in incidents if i.host == host], wrong, sources, now)
        for host, wrong in by_host.items()
    ]


def _site(
    host: str,
    incidents: Sequence[Incident],
    wrong: Sequence[Standing],
    sources: Mapping[str, Source],
    now: datetime,
) -> Site:
    worst = [s.incident for s in wrong if s.incident is not None] or list(incidents)
    seen = {
        f"Vu par {i.acknowledged_by} le {format_moment(i.acknowledged_at)}": None
        for i in incidents
        if i.acknowledged_at is not None
    }
    return Site(
        host=host,
        place=host or OURS,
        troubles=tuple(_trouble(s, s.incident, now) for s in wrong if s.incident is not None),
        action=action(worst, sources, now),
        can_see=any(incident.acknowledged_at is None for incident in incidents),
        seen=tuple(seen),
    )


def _trouble(standing: Standing, incident: Incident, now: datetime) -> Trouble:
    proposed = incident.detail.get("proposed_url", "")
    return Trouble(
        line=_line(standing, now),
        cause=cause(incident),
        since=describe_age(incident.since, now),
        since_at=format_moment(incident.since),
        url=incident.detail.get("url", ""),
        reason=incident.reason,
        proposed=f"url: {proposed}" if proposed else "",
    )


# --- Every source ------------------------------------------------------------------------------


def _list_fine(standings: Iterable[Standing], now: datetime) -> list[tuple[str, list[Line]]]:
    """Sources with nothing wrong, by site."""
    by_host: dict[str, list[Line]] = {}
    for standing in standings:
        by_host.setdefault(standing.host, []).append(_line(standing, now))
    return list(by_host.items())


def _line(standing: Standing, now: datetime) -> Line:
    source, checkup = standing.source, standing.checkup
    sign, word = STATES[checkup.state]
    read, news = checkup.last_good, checkup.last_new
    is_followed = checkup.state is not Health.PAUSED
    return Line(
        name=source.name,
        url=source.url if canonical_url(source.url) else "",
        facts=(
            source.publisher,
            f"{'officielle' if source.official else 'partenaire'}, {STAKES[source.criticality]}",
            f"licence : {source.licence}",
        ),
        sign=sign,
        word=word,
        read=describe_age(read, now) if read else "jamais",
        read_at=format_moment(read) if read else "",
        rhythm=f"d’habitude {describe_gap(checkup.usual_gap)}" if is_followed else "",
        news=describe_age(news, now) if news else "",
    )
