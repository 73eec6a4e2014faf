"""`hub law impact`: what must be read again, and what rests on one text."""

from __future__ import annotations

from collections.abc import Iterator

import click

from hub.cli.program import Context, Json, json_option, say
from hub.errors import HubError
from hub.impact import find_article, find_rereads, find_resting, read_fiches
from hub.joblock import job_lock
from hub.law import read_law
from hub.legal.impact import Base, Touched
from hub.legal.normset import Relation, norm_of_article, norms_of_identifiers
from hub.legal.references import recognise
from hub.news import Hub
from hub.store import Session
from hub.store.articles import find_version


@click.command("impact")
@click.argument("identifier", required=False, metavar="[ID]")
@json_option
@click.pass_obj
def impact(context: Context, identifier: str | None, as_json: bool) -> None:
    """What must be read again since a text moved; with ID, all that rests on one text (NOR,
    JORFTEXT, ELI, CELEX, decret-2025-1343) or on one article (LEGIARTI, environnement/R543-290-3).
    """
    with context.hub() as hub:
        report = _show_resting(hub, identifier) if identifier else _show_rereads(hub)
    say(report, as_json, "\n".join(_lines(report)))


def _show_rereads(hub: Hub) -> Json:
    with job_lock(hub.settings, "site", wait=300):
        read_law(hub.store, hub.sources)
    fiches = read_fiches(hub.settings.fiches)
    with hub.store.read() as session:
        found = find_rereads(session, fiches, hub.referentiel)
    return {"rereads": [_reread(one) for one in found]}


def _show_resting(hub: Hub, written: str) -> Json:
    fiches = read_fiches(hub.settings.fiches)
    with hub.store.read() as session:
        norms = _norms_of(session, written.strip())
        found = find_resting(session, fiches, hub.referentiel, norms)
    return {
        "id": written,
        "norms": sorted(norms),
        "resting": [_resting(base, relation) for base, relation in found],
    }


def _norms_of(session: Session, written: str) -> frozenset[str]:
    """The names of what is asked.

    Raises:
        HubError: a version of an article that was not collected.
        BadParameter: nothing that the law numbers.
    """
    if written.upper().startswith("LEGIARTI"):
        version = find_version(session, written.upper())
        if version is None:
            raise HubError(f"no version of an article that was collected is {written}")
        return frozenset({version.id, version.article, norm_of_article(version.title)} - {""})
    identifier = recognise(written)
    norm = find_article(written)
    if identifier is None and not norm:
        raise click.BadParameter(f"no text nor article: {written}", param_hint="ID")
    return norms_of_identifiers([identifier]) if identifier else frozenset({norm})


# --- As JSON -------------------------------------------------------------------------------------


def _reread(one: Touched) -> Json:
    move = one.move
    return {
        **_resting(one.base, one.relation),
        "move": move.kind.value,
        "moved": one.moved,
        "cited": one.cited,
        "on": move.on.isoformat() if move.on else None,
        "seen_at": move.seen_at.isoformat(),
        "told_by": move.told_by,
        "says": move.words,
        "url": move.url,
    }


def _resting(base: Base, relation: Relation) -> Json:
    return {
        "kind": base.kind.value,
        "place": base.place,
        "line": base.line or None,
        "words": base.words,
        "relation": relation.value,
        "is_certain": relation.is_certain,
    }


# --- For people ----------------------------------------------------------------------------------


def _lines(report: Json) -> Iterator[str]:
    name, nothing = "rereads", "nothing to read again"
    if "resting" in report:
        name, nothing = "resting", "nothing rests on it"
    if not report[name]:
        yield nothing
    for one in report[name]:
        place = f"{one['place']}:{one['line']}" if one["line"] else one["place"]
        doubt = "" if one["is_certain"] else " (to check)"
        yield f"{place}{doubt}: {one['words']}"
        if "move" in one:
            since = f" from {one['on']}" if one["on"] else ""
            yield f"    {one['moved']} {one['move']} by {one['told_by']}{since}: {one['says']}"
