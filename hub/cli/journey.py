"""The journey, whole or by its last steps: `init`, `run`, `publish`, `digest`."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time

import click

from hub.cli.program import Context, json_option, open_hub, playing, say, stop_if
from hub.joblock import job_lock
from hub.newsletter.prepare import plan
from hub.newsletter.send import Sent
from hub.pipeline import publish as publish_site
from hub.pipeline import refresh_index, send_letters
from hub.pipeline import run as run_journey
from hub.text import PARIS, parse_moment


@click.command()
@click.pass_obj
def init(context: Context) -> None:
    """Create the data folder and the database, or bring them up to date."""
    with context.hub() as hub:
        click.echo(f"ready: {hub.settings.database_url!r}, {len(hub.sources)} sources")


@click.command()
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


@click.command()
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


@click.command()
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
