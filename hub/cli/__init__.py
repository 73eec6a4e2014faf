"""The program `hub`. Exit codes: 0 done, 1 something expected failed, 2 the call or the
configuration is wrong. With `--json`, one object on standard output; the rest is for people.

Each command is loaded when it is called: what the web app or the search engine need costs the
others nothing.
"""

from __future__ import annotations

import dataclasses
import gc
import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from hub import __version__
from hub import demo as demonstration
from hub.child import watch_lifeline
from hub.cli.program import Context
from hub.config import load_settings
from hub.errors import AccountError, Busy, ConfigError, HubError
from hub.text import parse_moment

COMMANDS = {
    "init": "journey",
    "run": "journey",
    "publish": "journey",
    "digest": "journey",
    "collect": "collecting",
    "ingest": "collecting",
    "classify": "collecting",
    "search": "looks",
    "status": "looks",
    "law": "law",
    "evaluate": "evaluate",
    "sources": "sources",
    "editor": "editors",
    "serve": "serving",
    "demo": "serving",
}
"""Command -> the module of this package that holds it, under its own name."""


class Stopped(click.ClickException):
    """An expected failure, told in one message."""

    exit_code = 1


class Misconfigured(Stopped):
    """The call, the files or the settings are wrong: trying again changes nothing."""

    exit_code = 2


class Program(click.Group):
    """Turns the errors that a technician can mend into one message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"hub.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigError, AccountError) as error:
            raise Misconfigured(str(error)) from error
        except Busy as error:
            raise Stopped(f"{error}: try again when it has ended") from error
        except HubError as error:
            raise Stopped(str(error)) from error
        except _database_errors() as error:
            reason = getattr(error, "orig", None) or error
            raise Misconfigured(
                f"the database cannot be used (HUB_DATABASE, HUB_DATA): {reason}"
            ) from error
        except OSError as error:
            raise Misconfigured(str(error)) from error


def _database_errors() -> tuple[type[Exception], ...]:
    """Those of a database that cannot be used. SQLAlchemy raises none before it is loaded."""
    if "sqlalchemy" not in sys.modules:
        return (ModuleNotFoundError,)
    from sqlalchemy.exc import ArgumentError, DatabaseError

    return (ModuleNotFoundError, ArgumentError, DatabaseError)


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


def main() -> None:
    """Run the program."""
    watch_lifeline()
    gc.set_threshold(10_000, 10, 50)  # loading makes many objects and no garbage
    try:
        cli()
    finally:
        gc.freeze()  # all goes with the process: the last collections have nothing to look for
