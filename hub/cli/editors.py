"""`hub editor`: the editors' accounts."""

from __future__ import annotations

import click

from hub.accounts import add_editor, change_password, set_active
from hub.cli.program import Context


@click.group()
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
