"""Run a command, see its time and its memory; say a measure beside its peer and its limit."""

from __future__ import annotations

import os
import select
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HUB = [str(Path(sys.executable).with_name("hub"))]
"""The command that people type, from the same installation as this interpreter."""
MEGABYTE = 1024 * 1024
STEP = 0.02
"""Seconds between two looks at the memory of the processes."""


# --- What is said ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """One judged line. With a `peer` the limit is of the ratio to it, else of the value itself."""

    name: str
    value: float
    unit: str
    limit: float
    peer: float | None = None
    peer_name: str = ""
    is_least: bool = False
    """The limit is the least that is wanted, not the most."""

    @property
    def ratio(self) -> float:
        return self.value / (self.limit if self.peer is None else self.peer)

    @property
    def is_over(self) -> bool:
        judged = self.value if self.peer is None else self.ratio
        return judged < self.limit if self.is_least else judged > self.limit

    def cells(self) -> tuple[str, ...]:
        peer = "" if self.peer is None else f"{_short(self.peer)} {self.unit} {self.peer_name}"
        unit = f" {self.unit}" if self.peer is None else ""
        bound = f"{'at least ' if self.is_least else ''}{self.limit:g}{unit}"
        value, verdict = f"{_short(self.value)} {self.unit}", "over" if self.is_over else "ok"
        return (self.name, value, peer, f"{self.ratio:.2f}", bound, verdict)


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the benchmarks found. `notes` are lines that nothing judges."""

    title: str
    measures: tuple[Measure, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: str = ""
    """Why something could not be measured; empty when everything was."""


def print_table(parts: Sequence[Part]) -> None:
    rows: list[tuple[str, ...]] = [("", "hub", "compared to", "ratio", "limit", "")]
    rows += [measure.cells() for part in parts for measure in part.measures]
    widths = column_widths(rows)
    print("\n".join(line_up(rows[:1], widths)))
    for part in parts:
        print(f"\n{part.title}")
        print("\n".join(line_up([m.cells() for m in part.measures], widths)))


def column_widths(rows: Sequence[tuple[str, ...]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def line_up(rows: Iterable[tuple[str, ...]], widths: Sequence[int]) -> Iterator[str]:
    """The first column to the left, numbers to the right."""
    for first, *others in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([f"{first:<{widths[0]}}", *cells]).rstrip()


def _short(number: float) -> str:
    return f"{number:.0f}" if number == int(number) else f"{number:.2f}"


# --- What is run -------------------------------------------------------------------------------


class CommandFailedError(Exception):
    """A command of the benchmark did not do its work: nothing can be said of its speed."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command that ended. Moments are monotonic seconds, sizes are MB.

    `peak_one` is the most that one process held; `peak_all` the most that the process and all its
    descendants held together, pages that they share being counted once for each.
    """

    started_at: float
    ended_at: float
    peak_one: float
    peak_all: float
    output: str

    @property
    def seconds(self) -> float:
        return self.ended_at - self.started_at


def run(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None
) -> Run:
    """Run to the end, keeping its output in `folder`; whatever it started is killed.

    Raises:
        CommandFailedError: its exit code is not 0.
    """
    with (folder / "stdout").open("w+") as out, (folder / "stderr").open("w+") as errors:
        started_at = time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env={**quiet_environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            start_new_session=True,
        )
        with killed_at_the_end(process):
            one, everyone = _watch(process.pid)
            ended_at = time.monotonic()
            code = process.wait()
        out.seek(0)
        errors.seek(0)
        if code:
            said = errors.read() or out.read()
            raise CommandFailedError(
                f"exit code {code}: {' '.join(map(str, command[:4]))}\n{_ends(said)}"
            )
        return Run(started_at, ended_at, one / MEGABYTE, everyone / MEGABYTE, out.read())


def _ends(text: str, length: int = 1000) -> str:
    """The beginning, where a child says its trouble, and the end, where its parent does."""
    is_long = len(text) > 2 * length
    return f"{text[:length]}\n[...]\n{text[-length:]}" if is_long else text


def quiet_environment() -> dict[str, str]:
    """Ours, without proxies (all is on loopback) and without settings of the hub."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith("HUB_")
    }


@contextmanager
def killed_at_the_end(process: subprocess.Popen[Any]) -> Iterator[None]:
    """For a process that leads its own session."""
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _watch(pid: int) -> tuple[int, int]:
    """Bytes: the peak of one process, the peak of all together, until the first one ends."""
    one = everyone = 0
    end = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(end, select.POLLIN)
        while not poll.poll(STEP * 1000):
            # A set: until it runs its own program, a child that was just started is its parent's
            # memory, with the very same sizes.
            sizes = {memory(member) for member in family(pid)}
            one = max([one, *(peak for peak, _ in sizes)])
            everyone = max(everyone, sum(now for _, now in sizes))
    finally:
        os.close(end)
    return one, everyone


def family(pid: int) -> list[int]:
    """A process and its descendants, whichever of its threads started them."""
    members = [pid]
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children = (thread / "children").read_text().split()
            members += [member for child in children for member in family(int(child))]
    return members


def memory(pid: int) -> tuple[int, int]:
    """Bytes resident: the most since its program started, and now. Nothing once it is gone."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        sizes = {
            name: int(value.split()[0]) * 1024
            for name, _, value in (line.partition(":") for line in lines)
            if name in ("VmHWM", "VmRSS")
        }
        return sizes.get("VmHWM", 0), sizes.get("VmRSS", 0)
    return 0, 0


def median(runs: Iterable[Run], value: Callable[[Run], float]) -> float:
    return statistics.median(value(run) for run in runs)


def say(text: str) -> None:
    """Progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)
