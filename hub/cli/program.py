"""What every command of the program shares: settings, the opened hub, and how it speaks."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from hub import demo as demonstration
from hub.config import Settings

if TYPE_CHECKING:
    from hub.news import Hub, Review

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
    from hub.news import Hub  # loaded here: `collect` starts its spiders before
    from hub.referentiel import load_referentiel
    from hub.sources import load_sources
    from hub.store import Store
    from hub.store.migrate import migrate

    referentiel = load_referentiel()
    sources = load_sources(settings.sources, referentiel, allow_loopback=settings.allow_loopback)
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
    from hub.demo.replay import replay

    with demonstration.playing(context.settings) as settings:
        yield settings, replay


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
