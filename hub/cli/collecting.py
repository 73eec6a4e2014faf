"""Reading sources, files at hand, or what was captured: `collect`, `ingest`, `classify`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.program import Context, json_option, open_hub, playing, say, stop_if
from hub.joblock import job_lock
from hub.model import Source
from hub.spiders import start_spiders

if TYPE_CHECKING:
    from hub.collect import SourceReport
    from hub.ingest import Ingested
    from hub.news import Hub


@click.command()
@click.argument("source_ids", nargs=-1, metavar="[SOURCE]...")
@json_option
@click.pass_obj
def collect(context: Context, source_ids: tuple[str, ...], as_json: bool) -> None:
    """Read these sources (all the enabled ones by default) and gather what they say."""
    now = context.now
    with playing(context) as (settings, _), start_spiders(settings, now) as spiders:
        from hub.collect import collect as collect_sources  # loaded while the spiders load
        from hub.news import ReadAhead, take_in
        from hub.watch import watch

        with open_hub(settings) as hub, job_lock(settings, "run"):
            wanted = _named(hub, source_ids) or [s for s in hub.sources if s.enabled]
            tagger = ReadAhead(hub)
            found = collect_sources(settings, hub.store, wanted, now, spiders, tagger.read)
            watched = watch(hub.store, settings, hub.sources, now)
            resolved = take_in(hub, now, tagger)
    reports = [report.to_json() for report in found]
    for report in reports:
        report["new_items"] = resolved.items_by_source[report["id"]]
        report["new_versions"] = resolved.versions_by_source[report["id"]]
    counted = ("requests", "not_modified", "mentions", "new_items", "new_versions")
    totals = {name: sum(report[name] for report in reports) for name in counted}
    failures = [{"source": r["id"], **failure} for r in reports for failure in r["failures"]]
    if watched.trouble:
        failures.append({"source": "", "url": "", "kind": "step", "reason": str(watched.trouble)})
    say(
        {"sources": reports, **totals, "failures": failures},
        as_json,
        _sum_up(found, totals),
    )
    stop_if(failures)


def _sum_up(found: Sequence[SourceReport], totals: dict[str, int]) -> str:
    """How many sources were really read: one that failed or was left out is not."""
    read = sum(not report.skipped and report.is_read for report in found)
    lines = [f"not read: {report.id}: {report.skipped}" for report in found if report.skipped]
    sentence = (
        f"{read} of {len(found)} sources read, {totals['mentions']} mentions, "
        f"{totals['new_items']} new items"
    )
    return "\n".join([*lines, sentence])


@click.command()
@click.argument("names", nargs=-1, metavar="PATH...|[SOURCE]...")
@click.option(
    "--from-captures", is_flag=True, help="Read again what was captured of these sources (all)."
)
@json_option
@click.pass_obj
def ingest(context: Context, names: tuple[str, ...], from_captures: bool, as_json: bool) -> None:
    """Read files already at hand: JORFSIMPLE archives (tar.gz) and their XML, articles of codes
    (archives of LEGI, XML, answers of the API Légifrance), or whole folders.

    With --from-captures nothing is asked of anybody: everything downstream is made again from what
    the sources answered in the past, with today's parsers. What that changes is technical, and
    never announced.
    """
    now = context.now
    if not from_captures:
        from hub.readers import load_early

        load_early(map(Path, names))
    with context.hub() as hub, job_lock(hub.settings, "run"):
        done = _replay(hub, now, names) if from_captures else _ingest(hub, now, names)
        from hub.search.documents import index_later

        index_later(hub.settings, done.touched)
    report = done.to_json()
    say(
        report,
        as_json,
        f"{report['files']} files, {report['texts']} texts, "
        f"{report['articles']} versions of articles, {report['new_items']} new items",
    )
    stop_if(report["failures"])


def _ingest(hub: Hub, now: datetime, names: tuple[str, ...]) -> Ingested:
    from hub.ahead import Ahead
    from hub.ingest import ingest_paths
    from hub.news import gather

    ahead, paths = Ahead(hub.referentiel, hub.sources), _existing(names)
    return ingest_paths(
        hub.store,
        hub.settings,
        paths,
        now,
        lambda: gather(hub, now, ahead.tagger),
        ahead,
        codes=_codes(hub),
    )


def _codes(hub: Hub) -> frozenset[str]:
    """The codes that the sources follow."""
    return frozenset(code for source in hub.sources for code in source.options.get("codes", ()))


def _existing(names: tuple[str, ...]) -> list[Path]:
    if not names:
        raise click.UsageError("name files or folders, or say --from-captures")
    missing = [name for name in names if not Path(name).exists()]
    if missing:
        raise click.BadParameter(f"no such file or folder: {', '.join(missing)}", param_hint="PATH")
    return [Path(name) for name in names]


def _replay(hub: Hub, now: datetime, names: tuple[str, ...]) -> Ingested:
    from hub.collect import replay
    from hub.ingest import reingest
    from hub.news import gather

    sources = _named(hub, names) or [source for source in hub.sources if not names]
    done = reingest(hub.store, hub.settings, {source.id for source in sources})
    for report in replay(hub.settings, sources, now) if sources else ():
        done.files += report.captures
        done.mentions += report.mentions
        done.failures += [(failure.url, failure.reason) for failure in report.failures]
    done.add(gather(hub, now))
    return done


def _named(hub: Hub, names: tuple[str, ...]) -> list[Source]:
    by_id = {source.id: source for source in hub.sources}
    if unknown := [name for name in names if name not in by_id]:
        raise click.BadParameter(f"unknown source: {', '.join(unknown)}", param_hint="SOURCE")
    return [by_id[name] for name in dict.fromkeys(names)]


@click.command()
@click.option("--all", "everything", is_flag=True, help="Every item, not only what is new.")
@json_option
@click.pass_obj
def classify(context: Context, everything: bool, as_json: bool) -> None:
    """Tag items with the rules of the référentiel; what editors decided stays."""
    from hub.classify import classify_items

    with context.hub() as hub:
        done = classify_items(
            hub.store, hub.referentiel, hub.sources, context.now, everything=everything
        )
    say(
        dataclasses.asdict(done),
        as_json,
        f"{done.read} read, {done.to_review} to review, {done.set_aside} set aside",
    )
