"""`hub sources`: what is watched, whether it is well described, and how it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import click

from hub.alarms import Group, Standing, action, group_incidents, list_standings
from hub.cli.program import Context, Json, json_option, say
from hub.config import find_keyless
from hub.errors import ConfigError
from hub.health import host_of
from hub.model import Source
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from hub.store.sources import acknowledge, check_up, list_incidents


@click.group()
def sources() -> None:
    """The sources that are watched."""


@sources.command("list")
@json_option
@click.pass_obj
def list_sources(context: Context, as_json: bool) -> None:
    """Every source, with its kind and whether it is enabled."""
    with context.hub() as hub:
        rows = [
            {"id": s.id, "kind": s.kind.value, "enabled": s.enabled, "name": s.name, "url": s.url}
            for s in hub.sources
        ]
    lines = [
        f"{r['id']:<28} {r['kind']:<9} {'on ' if r['enabled'] else 'off'} {r['url']}" for r in rows
    ]
    say({"sources": rows}, as_json, "\n".join(lines))


@sources.command("check")
@json_option
@click.pass_obj
def check_sources(context: Context, as_json: bool) -> None:
    """Validate sources.yaml whole: every mistake with its line and what was expected."""
    try:
        found = load_sources(
            context.settings.sources,
            load_referentiel(),
            allow_loopback=context.settings.allow_loopback,
        )
        errors: list[Json] = []
    except ConfigError as error:
        found = ()
        errors = [{"line": p.line, "path": p.path, "message": p.message} for p in error.problems]
    report = {
        "sources": len(found),
        "enabled": sum(source.enabled for source in found),
        "errors": errors,
    }
    lines = [f"{context.settings.sources}:{e['line']}: {e['path']}: {e['message']}" for e in errors]
    say(report, as_json, "\n".join(lines) or f"{report['sources']} sources, no mistake")
    if errors:
        sys.exit(2)


@sources.command("health")
@json_option
@click.pass_obj
def show_health(context: Context, as_json: bool) -> None:
    """How each source is, the worst first; ends with 1 when one that matters is wrong."""
    now = context.now
    with context.hub() as hub, hub.store.read() as session:
        checkups = check_up(session, hub.sources, now, find_keyless(hub.sources))
        incidents = list_incidents(session)
    by_id = {source.id: source for source in hub.sources}
    standings = list_standings(checkups, incidents, now)
    groups = group_incidents(incidents, by_id)
    rows = [_health_row(standing) for standing in standings]
    report = {"sources": rows, "incidents": [_group_row(group, by_id, now) for group in groups]}
    say(report, as_json, "\n".join(_health_lines(report)))
    is_cut_off = any(group.worst.kind.is_ours for group in groups)
    if is_cut_off or any(standing.is_serious for standing in standings):
        sys.exit(1)


def _health_row(standing: Standing) -> Json:
    checkup, incident = standing.checkup, standing.incident
    return {
        "id": standing.source.id,
        "name": standing.source.name,
        "host": standing.host,
        "criticality": standing.source.criticality.value,
        "state": checkup.state.name.lower(),
        "last_good_read": checkup.last_good.isoformat() if checkup.last_good else None,
        "expected_gap_hours": round(checkup.usual_gap / timedelta(hours=1), 1),
        "last_new": checkup.last_new.isoformat() if checkup.last_new else None,
        "incident": incident
        and {
            "kind": incident.kind.value,
            "reason": incident.reason,
            "since": incident.since.isoformat(),
            "acknowledged": incident.acknowledged_at is not None,
            "action": standing.action,
        },
    }


def _group_row(group: Group, sources: dict[str, Source], now: datetime) -> Json:
    return {
        "host": group.host,
        "criticality": group.criticality.value,
        "kind": group.worst.kind.value,
        "sources": [name for name in group.source_ids if name],
        "since": group.since.isoformat(),
        "acknowledged": group.is_acknowledged,
        "action": action(group.incidents, sources, now),
    }


def _health_lines(report: Json) -> Iterator[str]:
    rows = report["sources"]
    width = max((len(row["id"]) for row in rows), default=0)
    yield f"{'SOURCE':<{width}}  {'STATE':<8}  {'MATTERS':<9}  {'READ WELL':<16}  {'NEWS':<16}  GAP"
    for row in rows:
        read, news = ((row[name] or "never")[:16] for name in ("last_good_read", "last_new"))
        yield (
            f"{row['id']:<{width}}  {row['state']:<8}  {row['criticality']:<9}  "
            f"{read:<16}  {news:<16}  {row['expected_gap_hours'] / 24:.1f} d"
        )
        if row["incident"]:
            seen = ", acknowledged" if row["incident"]["acknowledged"] else ""
            yield f"  {row['incident']['kind']}{seen}: {row['incident']['reason']}"
            yield f"  {row['incident']['action']}"
    for group in report["incidents"]:
        if not group["sources"]:
            yield f"{group['kind']} is down on our side: no source is blamed"


@sources.command("acknowledge")
@click.argument("place", metavar="HOST|ID")
@click.option("--by", required=True, help="Who has seen it, as the screen will show.")
@click.pass_obj
def acknowledge_source(context: Context, place: str, by: str) -> None:
    """Stop the reminders about a host or a source until its incidents end.

    "ours" is our own connection, or the collection itself.
    """
    with context.hub() as hub, hub.store.write() as session:
        hosts = {host_of(source.url) for source in hub.sources}
        known = {"ours", *hosts, *(source.id for source in hub.sources)}
        if place not in known:
            raise click.BadParameter(f"unknown host or source: {place}", param_hint="HOST|ID")
        count = acknowledge(session, "" if place == "ours" else place, by, context.now)
    click.echo(f"{count} incidents acknowledged: {place}")
