"""The program `hub`. Exit codes: 0 done, 1 something expected failed, 2 the call or the
configuration is wrong. With `--json`, one object on standard output; the rest is for people.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import click
from alembic.util.exc import CommandError
from sqlalchemy.exc import ArgumentError, DatabaseError

from hub import __version__
from hub import demo as demonstration
from hub.accounts import add_editor, change_password, set_active
from hub.child import watch_lifeline
from hub.classify import classify_items
from hub.collect import collect as collect_sources
from hub.config import ROOT, Settings, load_settings
from hub.errors import AccountError, Busy, ConfigError, HubError
from hub.health import Health, health_of
from hub.ingest import ingest_paths
from hub.intake import resolve
from hub.joblock import job_lock
from hub.model import SubscriberState, TermKind
from hub.newsletter.prepare import plan
from hub.newsletter.send import Sent
from hub.pipeline import Hub, Review, refresh_index, send_letters
from hub.pipeline import publish as publish_site
from hub.pipeline import run as run_journey
from hub.referentiel import load_referentiel
from hub.search import open_index, parse_query
from hub.sources import load_sources
from hub.store import Session, Store
from hub.store.items import count_items
from hub.store.migrate import migrate
from hub.store.runs import find_last_run
from hub.store.sources import list_open_failures, list_source_states
from hub.store.subscribers import count_subscribers
from hub.text import PARIS, parse_moment

Json = dict[str, Any]

MANY = 20
"""Failures told one by one; the rest is counted."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@dataclasses.dataclass(frozen=True)
class Context:
    """What the global options say; the rest is opened by the command that needs it."""

    settings: Settings
    given_now: datetime | None

    @property
    def now(self) -> datetime:
        if self.given_now:
            return self.given_now
        return demonstration.NOW if self.settings.demo else datetime.now(UTC)

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        """Open the store (migrated), the référentiel and the sources."""
        with open_hub(self.settings) as hub:
            yield hub


@contextmanager
def open_hub(settings: Settings) -> Iterator[Hub]:
    referentiel = load_referentiel()
    sources = load_sources(settings.sources, referentiel)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # addresses and passwords' hashes
    store = Store(settings.database_url)
    try:
        migrate(store)
        yield Hub(settings, store, referentiel, sources)
    finally:
        store.close()


@contextmanager
def playing(context: Context) -> Iterator[tuple[Settings, Review | None]]:
    """On a demonstration's data, its recordings answer for every source and its editors decide."""
    if not context.settings.demo:
        yield context.settings, None
        return
    with demonstration.playing(context.settings) as settings:
        yield settings, demonstration.replay


def say(report: Json, as_json: bool, sentence: str) -> None:
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else sentence)


def stop_if(failures: list[Any]) -> None:
    """Leave with 1 when something expected failed."""
    for failure in failures[:MANY]:
        words = (
            " ".join(str(v) for v in failure.values() if v)
            if isinstance(failure, dict)
            else failure
        )
        click.echo(f"failed: {words}", err=True)
    if len(failures) > MANY:
        click.echo(f"and {len(failures) - MANY} more: see --json", err=True)
    if failures:
        sys.exit(1)


class Stopped(click.ClickException):
    """An expected failure, told in one message."""

    exit_code = 1


class Misconfigured(Stopped):
    """The call, the files or the settings are wrong: trying again changes nothing."""

    exit_code = 2


class Program(click.Group):
    """Turns the errors that a technician can mend into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigError, AccountError) as error:
            raise Misconfigured(str(error)) from error
        except Busy as error:
            raise Stopped(f"{error}: try again when it has ended") from error
        except HubError as error:
            raise Stopped(str(error)) from error
        except (ArgumentError, ModuleNotFoundError, DatabaseError, CommandError) as error:
            reason = getattr(error, "orig", None) or error
            raise Misconfigured(
                f"the database cannot be used (HUB_DATABASE, HUB_DATA): {reason}"
            ) from error
        except OSError as error:
            raise Misconfigured(str(error)) from error


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hub")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder [HUB_DATA, var/].")
@click.option("--sources", type=click.Path(path_type=Path), help="[HUB_SOURCES, sources.yaml]")
@click.option("--now", "now", help="The moment to take as now, ISO (for tests and replays).")
@click.option("--verbose", is_flag=True, help="Log what happens on standard error.")
@click.pass_context
def cli(
    context: click.Context, data: Path | None, sources: Path | None, now: str | None, verbose: bool
) -> None:
    """Collect, sort, review and publish what changes for each métier."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    overrides = {"HUB_DATA": data, "HUB_SOURCES": sources}
    given = {name: str(path) for name, path in overrides.items() if path is not None}
    try:
        moment = parse_moment(now) if now else None
    except (ValueError, OverflowError):
        raise click.BadParameter(f"not an ISO moment: {now}", param_hint="--now") from None
    settings = dataclasses.replace(load_settings({**os.environ, **given}), demo=False)
    if demonstration.is_demo(settings.data):
        settings = demonstration.settings_of(settings)
    context.obj = Context(settings, moment)


@cli.command()
@click.pass_obj
def init(context: Context) -> None:
    """Create the data folder and the database, or bring them up to date."""
    with context.hub() as hub:
        click.echo(f"ready: {hub.settings.database_url!r}, {len(hub.sources)} sources")


@cli.command()
@click.option("--due", is_flag=True, help="Only the sources whose rhythm says it is time.")
@json_option
@click.pass_obj
def run(context: Context, due: bool, as_json: bool) -> None:
    """The whole journey once: collect, gather, tag, index, publish, send."""
    now = context.now
    with (
        playing(context) as (settings, review),
        open_hub(settings) as hub,
        job_lock(settings, "run"),
    ):
        report = run_journey(hub, now, only_due=due, review=review).to_json()
    say(
        report,
        as_json,
        f"{report['new_items']} new items, {report['new_versions']} new versions, "
        f"{report['published']} pages published, {report['messages']} messages",
    )
    stop_if(report["failures"])


@cli.command()
@click.argument("source_ids", nargs=-1, metavar="[SOURCE]...")
@json_option
@click.pass_obj
def collect(context: Context, source_ids: tuple[str, ...], as_json: bool) -> None:
    """Read these sources (all the enabled ones by default) and gather what they say."""
    now = context.now
    with playing(context) as (settings, _), open_hub(settings) as hub:
        by_id = {source.id: source for source in hub.sources}
        if unknown := [name for name in source_ids if name not in by_id]:
            raise click.BadParameter(f"unknown source: {', '.join(unknown)}", param_hint="SOURCE")
        wanted = [by_id[name] for name in source_ids] or [s for s in hub.sources if s.enabled]
        with job_lock(settings, "run"):
            reports = [
                report.to_json() for report in collect_sources(settings, hub.store, wanted, now)
            ]
            resolved = resolve(hub.store, now, hub.sources)
            classify_items(hub.store, hub.referentiel, hub.sources, now)
            refresh_index(hub)
    for report in reports:
        report["new_items"] = resolved.items_by_source[report["id"]]
        report["new_versions"] = resolved.versions_by_source[report["id"]]
    counted = ("requests", "not_modified", "mentions", "new_items", "new_versions")
    totals = {name: sum(report[name] for report in reports) for name in counted}
    failures = [{"source": r["id"], **failure} for r in reports for failure in r["failures"]]
    say(
        {"sources": reports, **totals, "failures": failures},
        as_json,
        f"{len(reports)} sources read, {totals['mentions']} mentions, "
        f"{totals['new_items']} new items",
    )
    stop_if(failures)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@json_option
@click.pass_obj
def ingest(context: Context, paths: tuple[Path, ...], as_json: bool) -> None:
    """Read files already at hand: JORFSIMPLE archives (tar.gz) and their XML, or whole folders."""
    now = context.now
    with context.hub() as hub, job_lock(hub.settings, "run"):
        report = ingest_paths(hub.store, hub.settings, paths, now).to_json()
        classify_items(hub.store, hub.referentiel, hub.sources, now)
        refresh_index(hub)
    say(
        report,
        as_json,
        f"{report['files']} files, {report['texts']} texts, {report['new_items']} new items",
    )
    stop_if(report["failures"])


@cli.command()
@click.option("--all", "everything", is_flag=True, help="Every item, not only what is new.")
@json_option
@click.pass_obj
def classify(context: Context, everything: bool, as_json: bool) -> None:
    """Tag items with the rules of the référentiel; what editors decided stays."""
    with context.hub() as hub:
        done = classify_items(
            hub.store, hub.referentiel, hub.sources, context.now, everything=everything
        )
    say(
        dataclasses.asdict(done),
        as_json,
        f"{done.read} read, {done.to_review} to review, {done.set_aside} set aside",
    )


@cli.command()
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


@cli.command()
@json_option
@click.pass_obj
def publish(context: Context, as_json: bool) -> None:
    """Build the site beside the old one, then put it in its place in one move."""
    with context.hub() as hub:
        report = publish_site(hub, context.now)
        refresh_index(hub)
    say(
        dataclasses.asdict(report),
        as_json,
        f"{report.pages} pages, {report.built} built, {report.removed} removed, "
        f"{report.seconds:.1f} s",
    )


@cli.command()
@click.option("--dry-run", is_flag=True, help="Show what would be sent; write nothing.")
@click.option("--at", "at", help="The day (8:00 in Paris) or moment of the issue, ISO.")
@json_option
@click.pass_obj
def digest(context: Context, dry_run: bool, at: str | None, as_json: bool) -> None:
    """Write and send this week's letter to those who have not had it."""
    now = _issue_moment(at) if at else context.now
    with context.hub() as hub:
        messages = plan(hub.store, hub.settings, hub.referentiel, now)
        done = Sent() if dry_run else send_letters(hub, now)
    report = {"messages": [message.to_json() for message in messages], "sent": done.sent}
    say(report, as_json, f"{len(messages)} letters planned, {done.sent} messages sent")
    stop_if([done.trouble] if done.trouble else [])


def _issue_moment(text: str) -> datetime:
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(8), PARIS).astimezone(UTC)
        return parse_moment(text)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"not an ISO day or moment: {text}", param_hint="--at") from None


@cli.command()
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
    states, broken = list_source_states(session), {}
    for row in reversed(list_open_failures(session)):
        broken[row.source_id] = row.at
    counts = Counter(
        health_of(
            source,
            states[source.id].last_good_read if source.id in states else None,
            broken.get(source.id),
            now,
        )
        for source in hub.sources
    )
    return {health.name.lower(): counts[health] for health in Health}


@cli.group()
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
        found = load_sources(context.settings.sources, load_referentiel())
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


@cli.group()
def editor() -> None:
    """The editors' accounts."""


@editor.command("add")
@click.argument("email")
@click.option("--name", required=True, help="As it is shown in the audit trail.")
@click.password_option(help="Twelve characters or more; asked for when not given.")
@click.pass_obj
def editor_add(context: Context, email: str, name: str, password: str) -> None:
    """Open an account for an editor."""
    with context.hub() as hub, hub.store.write() as session:
        add_editor(session, email, name, password, context.now)
    click.echo(f"account ready: {email}")


@editor.command("password")
@click.argument("email")
@click.password_option(help="Twelve characters or more; asked for when not given.")
@click.pass_obj
def editor_password(context: Context, email: str, password: str) -> None:
    """Change a password; every open session of the account ends."""
    with context.hub() as hub, hub.store.write() as session:
        change_password(session, email, password)
    click.echo(f"password changed: {email}")


@editor.command("close")
@click.argument("email")
@click.pass_obj
def editor_close(context: Context, email: str) -> None:
    """Close an account: it cannot sign in any more, its decisions stay in the trail."""
    with context.hub() as hub, hub.store.write() as session:
        set_active(session, email, is_active=False)
    click.echo(f"account closed: {email}")


@editor.command("reopen")
@click.argument("email")
@click.pass_obj
def editor_reopen(context: Context, email: str) -> None:
    """Let a closed account sign in again."""
    with context.hub() as hub, hub.store.write() as session:
        set_active(session, email, is_active=True)
    click.echo(f"account open: {email}")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--no-schedule", is_flag=True, help="Serve only; `hub run` is started elsewhere.")
@click.pass_obj
def serve(context: Context, host: str, port: int, no_schedule: bool) -> None:
    """The editors' app, the published site, the subscription pages and the scheduler."""
    from hub.service import serve as serve_hub

    with context.hub() as hub:
        serve_hub(hub, host, port, clock=running_clock(context), with_schedule=not no_schedule)


def running_clock(context: Context) -> Callable[[], datetime]:
    """The real clock, or one that starts at the given moment and runs."""
    if context.given_now is None and not context.settings.demo:
        return lambda: datetime.now(UTC)
    offset = context.now - datetime.now(UTC)
    return lambda: datetime.now(UTC) + offset


@cli.command()
@click.option(
    "--no-serve", is_flag=True, help="Stop once the site is built and the letters written."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@json_option
@click.pass_obj
def demo(context: Context, no_serve: bool, port: int, as_json: bool) -> None:
    """Play the whole journey on recorded sources, without any network, and open the result."""
    settings = demonstration.mark(
        context.settings, ROOT / "var" / "demo", f"http://127.0.0.1:{port}"
    )
    context = Context(settings, context.given_now or demonstration.NOW)
    with playing(context) as (played, review), open_hub(played) as hub, job_lock(played, "run"):
        demonstration.prepare_accounts(hub.store, context.now)
        report = run_journey(hub, context.now, review=review).to_json()
    report |= {"site": str(settings.site), "outbox": str(settings.outbox)}
    say(report, as_json, _describe_demo(report))
    if no_serve:
        stop_if(report["failures"])
        return
    from hub.service import serve as serve_hub

    with context.hub() as hub:
        click.echo(demonstration.describe_account(), err=as_json)
        serve_hub(
            hub, "127.0.0.1", port, clock=running_clock(context), with_schedule=True, quiet=as_json
        )


def _describe_demo(report: Json) -> str:
    collected = report["collect"]
    return (
        f"{collected['mentions']} mentions from {len(collected['sources'])} sources, "
        f"{report['new_items']} items, {report['published']} pages, {report['messages']} letters\n"
        f"site:    {report['site']}\n"
        f"letters: {report['outbox']}"
    )


def main() -> None:
    """Run the program."""
    watch_lifeline()
    cli()
