"""Where the processes that read archives come from. Light: it is asked before all is loaded."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable
from itertools import islice
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

FEW = 20
"""Archives that are read sooner than other processes are started."""
MODULE = "hub.ahead"


def are_worth_it(archives: int, few: int = FEW) -> bool:
    return archives > few and len(os.sched_getaffinity(0)) > 1


def reading_context() -> ForkServerContext:
    """Processes that begin with what they need to read loaded, and nothing of who asks."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([MODULE])
    return context


def load_early(paths: Iterable[Path]) -> None:
    """Let what readers need load while the rest of the program does, if they will be needed."""
    found = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*.t*")))
    if are_worth_it(len(list(islice(found, FEW + 1)))):
        reading_context()
        forkserver.ensure_running()
