"""The spiders, started by name: one child process that reads all the sources of a run.

They take as long to load as the rest of the hub does: who knows that there will be sources to read
starts them first, and says which later.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from hub.child import Child, start_child
from hub.config import Settings
from hub.model import Source

TOLD = "--told"
"""The option of the spiders that wait on their standard input for the sources to read."""


@contextmanager
def start_spiders(settings: Settings, now: datetime) -> Iterator[Child]:
    """Spiders that load and then wait for `send`. Told nothing, they read nothing; the store must
    be migrated before they are told.
    """
    arguments = ["spiders", "--now", now.isoformat(), TOLD]
    with start_child(arguments, settings.environment()) as child:
        yield child


def send(spiders: Child, sources: Sequence[Source]) -> None:
    """Say which sources to read. They were checked already: the spiders take them as they are."""
    spiders.tell(pickle.dumps(list(sources)))


def receive() -> list[Source]:
    """In the spiders: wait for the sources to read.

    Raises:
        EOFError: the parent is gone.
    """
    try:
        sources: list[Source] = pickle.load(sys.stdin.buffer)  # noqa: S301 - our parent speaks
    except pickle.UnpicklingError as error:
        raise EOFError("cut short") from error
    return sources
