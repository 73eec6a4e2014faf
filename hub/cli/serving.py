"""What runs until it is stopped: `serve`, and `demo` which ends by serving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import click

from hub import demo as demonstration
from hub.cli.program import Context, Json, json_option, open_hub, playing, say, stop_if
from hub.config import ROOT
from hub.joblock import job_lock
from hub.pipeline import run as run_journey
from hub.service import serve as serve_hub


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--no-schedule", is_flag=True, help="Serve only; `hub run` is started elsewhere.")
@click.pass_obj
def serve(context: Context, host: str, port: int, no_schedule: bool) -> None:
    """The editors' app, the published site, the subscription pages and the scheduler."""
    with context.hub() as hub:
        serve_hub(hub, host, port, clock=running_clock(context), with_schedule=not no_schedule)


def running_clock(context: Context) -> Callable[[], datetime]:
    """The real clock, or one that starts at the given moment and runs."""
    if context.given_now is None and not context.settings.demo:
        return lambda: datetime.now(UTC)
    offset = context.now - datetime.now(UTC)
    return lambda: datetime.now(UTC) + offset


@click.command()
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
