"""Looking, without changing anything: `search`, `status`."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import click

from hub import __version__
from hub.cli.program import Context, Json, json_option, say
from hub.config import find_keyless
from hub.health import Health
from hub.model import SubscriberState, TermKind
from hub.news import Hub
from hub.referentiel import load_referentiel
from hub.search import open_index, parse_query
from hub.search.documents import index_waiting
from hub.store import Session
from hub.store.items import count_items
from hub.store.runs import find_last_run
from hub.store.sources import check_up, list_open_failures
from hub.store.subscribers import count_subscribers


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--metier", multiple=True, help="Only this métier (may be repeated).")
@click.option("--dispositif", multiple=True, help="Only this dispositif (may be repeated).")
@click.option("--secteur", multiple=True, help="Only this sector (may be repeated).")
@json_option
@click.pass_obj
def search(
    context: Context,
    words: tuple[str, ...],
    metier: tuple[str, ...],
    dispositif: tuple[str, ...],
    secteur: tuple[str, ...],
    as_json: bool,
) -> None:
    """Find items by their words, in French: accents, plurals and elisions do not matter.

    Items that the rules set aside are not searched. `-word` excludes: write `--` before it.
    """
    filters = {
        "metiers": _known(TermKind.METIER, metier),
        "dispositifs": _known(TermKind.DISPOSITIF, dispositif),
        "secteurs": _known(TermKind.SECTEUR, secteur),
    }
    query = dataclasses.replace(parse_query(" ".join(words)), filters=filters)
    with context.hub() as hub:
        index_waiting(hub.store, hub.settings)
    page = open_index(context.settings).search(query)
    hits = [hit.to_json() for hit in page.hits]
    lines = [f"{page.total} found"] + [
        f"{hit['date'] or '          '}  {hit['title']}\n  {hit['url']}" for hit in hits
    ]
    say({"total": page.total, "hits": hits, "facets": page.facets}, as_json, "\n".join(lines))


def _known(kind: TermKind, terms: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of these terms, whatever their case."""
    found = tuple(term.lower() if kind is TermKind.METIER else term.upper() for term in terms)
    for term in found:
        if not load_referentiel().has(kind, term):
            raise click.BadParameter(f"unknown {kind.value}: {term}")
    return found


@click.command()
@json_option
@click.pass_obj
def status(context: Context, as_json: bool) -> None:
    """How many items in each state, sources and subscribers, and the last run."""
    with context.hub() as hub, hub.store.read() as session:
        last = find_last_run(session)
        failures = last.report.get("failures", []) if last else []
        report = {
            "items": count_items(session),
            "sources": _count_sources(hub, session, context.now),
            "failing": [
                {"id": row.source_id, "since": row.at.isoformat(), "reason": row.reason}
                for row in list_open_failures(session)
            ],
            "subscribers": count_subscribers(session)[SubscriberState.ACTIVE.value],
            "last_run": last.ended_at.isoformat() if last and last.ended_at else None,
            "last_failures": [f"{f['source']} {f['reason']}".strip() for f in failures],
            "versions": {"hub": __version__},
        }
    say(report, as_json, "\n".join(_status_lines(report)))


def _status_lines(report: Json) -> Iterator[str]:
    for name, value in report.items():
        if isinstance(value, dict):
            yield f"{name:<14}" + ", ".join(f"{count} {state}" for state, count in value.items())
        elif isinstance(value, list):
            lines = [" ".join(v.values()) if isinstance(v, dict) else v for v in value]
            yield f"{name:<14}" + ("\n" + " " * 14).join(lines or ["none"])
        else:
            yield f"{name:<14}{value}"


def _count_sources(hub: Hub, session: Session, now: datetime) -> Json:
    found = check_up(session, hub.sources, now, find_keyless(hub.sources))
    counts = Counter(checkup.state for checkup in found)
    return {health.name.lower(): counts[health] for health in Health}
