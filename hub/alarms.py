"""Incidents: what opens and closes them, when a person is told, and in which words. Pure.

A person is told once for each host, at once when something new is wrong there, then again after a
period that depends on what is at stake, until someone says « J'ai vu » or until it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hub.health import Alarm, AlarmKind, Checkup, Health, host_of
from hub.messages import list_keys, message, placeholders, typeset
from hub.model import Criticality, Source, Trouble
from hub.text import format_date, paris_day

PERIODS = {
    Criticality.CRITICAL: timedelta(days=1),
    Criticality.IMPORTANT: timedelta(days=3),
    Criticality.USEFUL: timedelta(days=7),
}
"""How long a host that is still wrong stays untold again."""
CALM = timedelta(hours=3)
"""How long what ended must stay so before it is told: what comes back meanwhile never ended."""
STALE = timedelta(days=30)
"""After this long the end of an incident is no news."""
MANY = 8
"""Sources named one by one in a group; the rest is counted."""
_CLOSING_TOLD = "closing_told"
_KEPT = (_CLOSING_TOLD, "met_at")
"""What the detail of an incident remembers, beside the facts of its last alarm."""
_RANKS = {criticality: rank for rank, criticality in enumerate(Criticality)}


@dataclass(frozen=True, slots=True)
class Incident:
    """An alarm as it is remembered. `id` is 0 until it is stored."""

    id: int
    source_id: str
    host: str
    kind: AlarmKind
    reason: str
    opened_at: datetime
    last_seen_at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)
    closed_at: datetime | None = None
    told_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def since(self) -> datetime:
        """When it began, which is before it was an alarm."""
        since = self.detail.get("since")
        return datetime.fromisoformat(since) if since else self.opened_at

    @property
    def is_closing_told(self) -> bool:
        told = self.detail.get(_CLOSING_TOLD)
        if not told or self.told_at is None:
            return False
        return datetime.fromisoformat(told) >= self.told_at


# --- Opening, prolonging, closing --------------------------------------------------------------


def advance(
    known: Iterable[Incident],
    alarms: Iterable[Alarm],
    sources: Mapping[str, Source],
    now: datetime,
) -> list[Incident]:
    """The incidents that these alarms open, prolong or close; the others are left as they are.

    One that comes back before its end was told, and within its period, is the same one: a source
    that fails every other hour does not write every other hour.
    """
    latest = {(i.source_id, i.kind): i for i in sorted(known, key=lambda i: (i.opened_at, i.id))}
    wanted = {(alarm.source_id, alarm.kind): alarm for alarm in alarms}
    changed = [
        _prolong(latest.get(key), alarm, sources, now) for key, alarm in sorted(wanted.items())
    ]
    closed = [
        _close(incident, sources, now)
        for key, incident in sorted(latest.items())
        if incident.is_open and key not in wanted
    ]
    return changed + closed


def _close(incident: Incident, sources: Mapping[str, Source], now: datetime) -> Incident:
    """What ends because its source is not watched any more is no good news: it is not told."""
    source = sources.get(incident.source_id)
    is_watched = incident.kind.is_ours or (source is not None and source.enabled)
    told = {} if is_watched else {_CLOSING_TOLD: now.isoformat()}
    return replace(incident, closed_at=now, detail={**incident.detail, **told})


def _prolong(
    last: Incident | None, alarm: Alarm, sources: Mapping[str, Source], now: datetime
) -> Incident:
    since = min(alarm.since, last.since) if last is not None and last.is_open else alarm.since
    detail = {**alarm.detail, "since": since.isoformat()}
    if last is None or not (last.is_open or _comes_back(last, sources, now)):
        return Incident(0, alarm.source_id, alarm.host, alarm.kind, alarm.reason, now, now, detail)
    detail |= {name: last.detail[name] for name in _KEPT if name in last.detail}
    seen = replace(last, host=alarm.host, reason=alarm.reason, last_seen_at=now, detail=detail)
    if last.is_open:
        return seen
    return replace(seen, closed_at=None, acknowledged_at=None, acknowledged_by="")


def _comes_back(last: Incident, sources: Mapping[str, Source], now: datetime) -> bool:
    period = PERIODS[criticality_of([last], sources)]
    return last.told_at is not None and not last.is_closing_told and now - last.told_at < period


# --- Groups ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """The incidents of one host, the worst first: one message, one action."""

    host: str
    criticality: Criticality
    incidents: tuple[Incident, ...]

    @property
    def worst(self) -> Incident:
        return self.incidents[0]

    @property
    def source_ids(self) -> list[str]:
        return list(dict.fromkeys(incident.source_id for incident in self.incidents))

    @property
    def since(self) -> datetime:
        return min(incident.since for incident in self.incidents)

    @property
    def is_acknowledged(self) -> bool:
        return all(incident.acknowledged_at is not None for incident in self.incidents)


def criticality_of(incidents: Iterable[Incident], sources: Mapping[str, Source]) -> Criticality:
    """The highest at stake. Without a network, everything is."""
    found = [
        Criticality.CRITICAL if incident.kind.is_ours else sources[incident.source_id].criticality
        for incident in incidents
        if incident.kind.is_ours or incident.source_id in sources
    ]
    return min(found, key=_RANKS.__getitem__, default=Criticality.USEFUL)


def group_incidents(incidents: Iterable[Incident], sources: Mapping[str, Source]) -> list[Group]:
    """By host; the worst first, in the groups and among them. A move that no watch has placed on
    its host yet is in none.
    """
    by_host: dict[str, list[Incident]] = {}
    for incident in incidents:
        if incident.host or incident.kind.is_ours:
            by_host.setdefault(incident.host, []).append(incident)
    groups = [
        Group(
            host,
            criticality_of(found, sources),
            tuple(sorted(found, key=lambda incident: _order(incident, sources))),
        )
        for host, found in by_host.items()
    ]
    return sorted(groups, key=lambda g: (_RANKS[g.criticality], g.worst.kind.rank, g.host))


def _order(incident: Incident, sources: Mapping[str, Source]) -> tuple[object, ...]:
    stake = _RANKS[criticality_of([incident], sources)]
    return incident.kind.rank, stake, incident.source_id, incident.opened_at, incident.id


# --- Where each source stands ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """A source, how it is, and the worst of what is wrong with it, written as an incident or not
    yet. `action` is the one thing to do, "" when there is none.
    """

    checkup: Checkup
    incident: Incident | None = None
    action: str = ""

    @property
    def source(self) -> Source:
        return self.checkup.source

    @property
    def host(self) -> str:
        return host_of(self.source.url)

    @property
    def rank(self) -> tuple[object, ...]:
        """The worst first."""
        state = _STATES.index(self.checkup.state)
        stake = _RANKS[self.source.criticality]
        return state, self.incident is None, stake, self.source.name

    @property
    def is_serious(self) -> bool:
        """Something that matters is not read, or not as it should."""
        matters = self.source.criticality is not Criticality.USEFUL
        return matters and self.checkup.state in TROUBLED


TROUBLED = (Health.BROKEN, Health.LATE, Health.SILENT, Health.SHRUNKEN)
_STATES = (*TROUBLED, Health.KEYLESS, Health.NEVER, Health.GOOD, Health.PAUSED)


def list_standings(
    checkups: Iterable[Checkup], incidents: Iterable[Incident], now: datetime
) -> list[Standing]:
    """Every source with its worst open incident, else with what the next watch would write."""
    checkups = list(checkups)
    sources = {checkup.source.id: checkup.source for checkup in checkups}
    known: dict[str, list[Incident]] = {}
    for incident in incidents:
        if incident.is_open:
            known.setdefault(incident.source_id, []).append(incident)
    found = [_standing(c, known.get(c.source.id, []), sources, now) for c in checkups]
    return sorted(found, key=lambda standing: standing.rank)


def _standing(
    checkup: Checkup, known: Sequence[Incident], sources: Mapping[str, Source], now: datetime
) -> Standing:
    worst = min(known, key=lambda i: _order(i, sources), default=None)
    worst = worst or _foresee(checkup, now)
    if worst is None or checkup.state is Health.PAUSED:
        return Standing(checkup)
    return Standing(checkup, worst, action([worst], sources, now))


def _foresee(checkup: Checkup, now: datetime) -> Incident | None:
    """What the next watch would write; a failure too young for it is shown as one."""
    alarm = next(iter(checkup.alarms), checkup.early)
    return _prolong(None, alarm, {}, now) if alarm else None


# --- Telling -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """What one message says: the hosts to look at, then those that are well again."""

    groups: tuple[Group, ...]
    closed: tuple[Group, ...] = ()


def choose(
    incidents: Iterable[Incident], sources: Mapping[str, Source], now: datetime
) -> Notice | None:
    """What to tell now, or None. What was acknowledged is not told again while it lasts.

    The end of what was told rides along; alone, it leaves only when something critical is back.
    """
    known = list(incidents)
    groups = group_incidents((i for i in known if i.is_open), sources)
    due = []
    for group in groups:
        waiting = [i for i in group.incidents if i.acknowledged_at is None]
        if waiting and _is_due(waiting, group.incidents, sources, now):
            due.append(Group(group.host, criticality_of(waiting, sources), tuple(waiting)))
    due.sort(key=lambda g: (_RANKS[g.criticality], g.worst.kind.rank, g.host))
    closed = _list_closed(known, sources, now)
    if not due and all(group.criticality is not Criticality.CRITICAL for group in closed):
        return None
    return Notice(tuple(due), tuple(closed))


def _is_due(
    waiting: Sequence[Incident],
    everything: Sequence[Incident],
    sources: Mapping[str, Source],
    now: datetime,
) -> bool:
    """Something new is wrong there, or the period since the last telling is over."""
    told = [incident for incident in everything if incident.told_at is not None]
    for incident in waiting:
        known = [other for other in told if other.source_id == incident.source_id]
        if incident.told_at is None and all(incident.kind.rank < o.kind.rank for o in known):
            return True
    last = max((i.told_at for i in waiting if i.told_at is not None), default=None)
    return last is not None and now - last >= PERIODS[criticality_of(waiting, sources)]


def _list_closed(
    known: Sequence[Incident], sources: Mapping[str, Source], now: datetime
) -> list[Group]:
    """The hosts where all that was told has ended, calmly, and nobody was told so."""
    still_open = {incident.host for incident in known if incident.is_open}
    ended = [
        incident
        for incident in known
        if incident.closed_at is not None
        and incident.told_at is not None
        and not incident.is_closing_told
        and incident.host not in still_open
        and now - incident.closed_at < STALE
    ]
    return [
        group
        for group in group_incidents(ended, sources)
        if all(i.closed_at is not None and now - i.closed_at >= CALM for i in group.incidents)
    ]


def mark_told(notice: Notice, now: datetime) -> list[Incident]:
    """The incidents of a message that has left, as they are to be remembered."""
    told = [replace(i, told_at=now) for group in notice.groups for i in group.incidents]
    ended = [
        replace(i, detail={**i.detail, _CLOSING_TOLD: now.isoformat()})
        for group in notice.closed
        for i in group.incidents
    ]
    return told + ended


def closing_of(incident: Incident) -> dict[str, Any]:
    """The part of its detail that says that its end was told."""
    return {name: incident.detail[name] for name in (_CLOSING_TOLD,) if name in incident.detail}


# --- Words -------------------------------------------------------------------------------------


def subject_of(notice: Notice) -> str:
    count = len({i.source_id for group in notice.groups for i in group.incidents})
    ours = [group.worst.kind for group in notice.groups if group.worst.kind.is_ours]
    if ours:
        return message(f"alarm.subject-{ours[0]}")
    if count > 1:
        return message("alarm.subject-many", nombre=count)
    return message("alarm.subject") if count else message("alarm.subject-closed")


def body_of(notice: Notice, sources: Mapping[str, Source], screen: str, now: datetime) -> str:
    """The message, in plain French text. The same facts on the same day give the same words."""
    parts = [_describe_group(group, sources, now) for group in notice.groups]
    if notice.closed:
        ended = [_describe_closed(group, sources) for group in notice.closed]
        parts.append("\n".join([message("alarm.closed-head"), *ended]))
    parts.append(message("alarm.foot", ecran=screen))
    return "\n\n".join(parts) + "\n"


def _describe_group(group: Group, sources: Mapping[str, Source], now: datetime) -> str:
    lines = [headline(group, sources)]
    if len(group.source_ids) > 1:
        lines += [f"- {line}" for line in _list_causes(group, sources)]
    elif not group.worst.kind.is_ours:
        lines.append(cause(group.worst))
    lines.append(message("alarm.action", geste=action(group.incidents, sources, now)))
    return "\n".join(lines)


def _list_causes(group: Group, sources: Mapping[str, Source]) -> list[str]:
    worst = {incident.source_id: incident for incident in reversed(group.incidents)}
    shown = [
        typeset(f"{name_of(name, sources)} : ") + cause(worst[name])
        for name in group.source_ids[:MANY]
    ]
    more = len(group.source_ids) - MANY
    return shown + ([message("alarm.more", nombre=more)] if more > 0 else [])


def headline(group: Group, sources: Mapping[str, Source]) -> str:
    """« www.ecologie.gouv.fr : 8 sources en panne depuis le 4 septembre 2026. »"""
    jour = format_date(paris_day(group.since))
    kinds = {incident.kind for incident in group.incidents}
    if group.worst.kind.is_ours:
        return message(f"alarm.head-{group.worst.kind}", jour=jour)
    count = len(group.source_ids)
    if count == 1:
        word = describe_kind(group.worst.kind)
        name = name_of(group.source_ids[0], sources)
        return message("alarm.head", nom=name, etat=word, jour=jour)
    word = describe_kind(group.worst.kind, many=True) if len(kinds) == 1 else "à regarder"
    return message("alarm.head-many", hote=group.host, nombre=count, etat=word, jour=jour)


def _describe_closed(group: Group, sources: Mapping[str, Source]) -> str:
    if group.worst.kind.is_ours:
        return f"- {message(f'alarm.closed-{group.worst.kind}')}"
    if len(group.source_ids) == 1:
        return f"- {name_of(group.source_ids[0], sources)}"
    return "- " + message("alarm.closed-many", hote=group.host, nombre=len(group.source_ids))


def describe_kind(kind: AlarmKind, *, many: bool = False) -> str:
    """« en panne », « illisibles »: what sources are, before « depuis le ». Not for our outages."""
    one, several = {
        AlarmKind.FAILED: ("en panne", "en panne"),
        AlarmKind.LAYOUT: ("illisible", "illisibles"),
        AlarmKind.MOVED: ("déménagée", "déménagées"),
        AlarmKind.LATE: ("en retard", "en retard"),
        AlarmKind.SILENT: ("sans nouveauté", "sans nouveauté"),
        AlarmKind.SHRUNKEN: ("réduite", "réduites"),
    }[kind]
    return several if many else one


def cause(incident: Incident) -> str:
    """What happens, in a French sentence that blames nobody."""
    if _is_locked_out(incident):
        return message("cause.key")
    key = f"trouble.{incident.detail.get('trouble', '')}"
    if incident.kind in (AlarmKind.FAILED, AlarmKind.LAYOUT) and key in _KEYS:
        return message(key)
    if incident.kind is AlarmKind.MOVED and incident.detail.get("proposed_url"):
        return message("cause.moved-to", propose=incident.detail["proposed_url"])
    return message(f"cause.{incident.kind}")


def action(incidents: Sequence[Incident], sources: Mapping[str, Source], now: datetime) -> str:
    """The one thing to do about a host, or about a source: what its worst incident asks."""
    worst = min(incidents, key=lambda incident: _order(incident, sources))
    if _is_locked_out(worst):
        return message("action.key", variable=worst.detail["variable"])
    source = sources.get(worst.source_id)
    count = len({incident.source_id for incident in incidents})
    key = _action_key(worst, now)
    facts: dict[str, object] = {
        "id": worst.source_id,
        "adresse": worst.detail.get("url") or (source.url if source else worst.host),
        "propose": worst.detail.get("proposed_url", ""),
        "hote": worst.host,
        "nombre": count,
    }
    if key == "action.address" and count > 1:
        key = "action.host"
    return message(key, **{name: facts[name] for name in placeholders(key)})


def _is_locked_out(incident: Incident) -> bool:
    return "variable" in incident.detail


RETRIED = timedelta(days=2)
"""A host that does not answer is left to the next reads for this long."""


def _action_key(worst: Incident, now: datetime) -> str:
    if worst.kind is AlarmKind.MOVED:
        has_proposal = bool(worst.detail.get("proposed_url"))
        return "action.moved" if has_proposal else "action.moved-unknown"
    if worst.kind is not AlarmKind.FAILED:
        return f"action.{worst.kind}"
    trouble = worst.detail.get("trouble", "")
    if trouble in _PASSING:
        return "action.wait" if now - worst.since < RETRIED else "action.address"
    return {
        Trouble.REFUSED: "action.refused",
        Trouble.ROBOTS: "action.robots",
        Trouble.BUDGET: "action.budget",
        Trouble.CRASH: "action.crash",
        Trouble.TOO_LARGE: "action.crash",
        Trouble.PARSE: "action.layout",
        Trouble.EMPTY: "action.layout",
    }.get(trouble, "action.address")


_PASSING = (Trouble.UNREACHABLE, Trouble.TIMEOUT, Trouble.CUT)


STATES = {
    Health.GOOD: ("ok", "À jour"),
    Health.LATE: ("tard", "En retard"),
    Health.SILENT: ("tard", "Silencieuse"),
    Health.SHRUNKEN: ("tard", "Incomplète"),
    Health.BROKEN: ("ko", "En panne"),
    Health.PAUSED: ("pause", "En pause"),
    Health.KEYLESS: ("pause", "En attente d’un accès"),
    Health.NEVER: ("jamais", "Pas encore lue"),
}
"""The sign and the words of each state, the same on the site and on the editors' screens."""
STAKES = {
    Criticality.CRITICAL: "essentielle",
    Criticality.IMPORTANT: "importante",
    Criticality.USEFUL: "utile",
}


def name_of(source_id: str, sources: Mapping[str, Source]) -> str:
    """The name of a source; its id once it has left `sources.yaml`."""
    return sources[source_id].name if source_id in sources else source_id


def describe_gap(gap: timedelta) -> str:
    """« chaque jour », « tous les 4 jours », « toutes les 3 semaines », « tous les 2 mois »."""
    days = round(gap / timedelta(days=1))
    if days <= 1:
        return "chaque jour"
    if days < 14:
        return f"tous les {days}\u00a0jours"
    if days < 60:
        return f"toutes les {round(days / 7)}\u00a0semaines"
    return f"tous les {round(days / 30)}\u00a0mois"


def describe_age(moment: datetime, now: datetime) -> str:
    """« il y a 3 jours »; counted in whole hours, then in days."""
    minutes = max(0, round((now - moment).total_seconds() / 60))
    if minutes < 60:
        return "il y a moins d’une heure"
    hours = minutes // 60
    if hours < 48:
        return f"il y a {hours}\u00a0heure{'s' if hours > 1 else ''}"
    days = hours // 24
    return f"il y a {days}\u00a0jours"


_KEYS = frozenset(list_keys())
