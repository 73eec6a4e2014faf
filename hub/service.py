"""The one process of `hub serve`: web app, published site and scheduler."""

from __future__ import annotations

import socket
from contextlib import suppress

import click
import uvicorn

from hub.model import Clock
from hub.news import Hub
from hub.schedule import Scheduler
from hub.web.app import create_app


def serve(
    hub: Hub, host: str, port: int, *, clock: Clock, with_schedule: bool, quiet: bool = False
) -> None:
    """Serve until interrupted. The address is printed once the port is really held (0: any), on
    standard error when `quiet`.
    """
    scheduler = Scheduler(hub.settings, clock, with_runs=with_schedule)
    app = create_app(
        hub.settings, hub.store, clock, scheduler.publish_soon, collect=scheduler.collect_soon
    )
    with socket.create_server((host, port), backlog=128) as listener:
        address = f"http://{host}:{listener.getsockname()[1]}"
        for name, path in (("site", "/"), ("review app", "/relecture/"), ("letter", "/lettre/")):
            click.echo(f"{name + ':':<12}{address}{path}", err=quiet)
        click.echo("stop with Ctrl-C", err=quiet)
        scheduler.start()
        try:
            server = uvicorn.Server(
                uvicorn.Config(app, log_level="warning", server_header=False, lifespan="off")
            )
            with suppress(KeyboardInterrupt):
                server.run(sockets=[listener])
        finally:
            scheduler.stop()
