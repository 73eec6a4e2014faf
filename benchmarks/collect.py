"""Reading 200 loopback feeds twice: the hub, reader and urlwatch, side by side.

The contenders take turns, each in a folder of its own, so that a slow minute of the machine is
shared by all. The first pass keeps everything, the second finds nothing changed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from benchmarks.feeds import FEEDS, ITEMS, PATH
from benchmarks.feeds_server import Counts, Server, serving_feeds
from benchmarks.measure import HUB, Measure, Part, Run, column_widths, line_up, run, say
from benchmarks.peers import install_peers

SEED = 20260907
ROUNDS = 5
MAX_MEMORY = 150
"""MB, for the hub and its children together."""
TITLE = f"Collection of {FEEDS} feeds of {ITEMS} items"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pass:
    """One contender reading every feed once. `start` is what comes before the reading itself."""

    whole: float
    start: float
    reading: float
    items: int
    requests: int
    not_modified: int
    peak_one: float
    peak_all: float


Passes = Mapping[str, tuple[Sequence[Pass], Sequence[Pass]]]
"""Contender -> its first passes, its second passes."""


# --- Contenders --------------------------------------------------------------------------------


class Contender(Protocol):
    """Writes what it needs in a folder, then reads every feed each time it is asked."""

    @property
    def name(self) -> str: ...
    def prepare(self, folder: Path, addresses: Sequence[str]) -> None: ...
    def read(self, folder: Path) -> Run: ...
    def seconds_and_items(self, folder: Path, done: Run, counts: Counts) -> tuple[float, int]: ...


@dataclass(frozen=True, slots=True)
class Hub:
    """`hub collect`: its reading runs from the first request that the server got to its end, so
    intake, tagging and index are inside, the start of two interpreters is not."""

    name: str = "hub"

    def prepare(self, folder: Path, addresses: Sequence[str]) -> None:
        entries = "".join(map(_entry, range(1, len(addresses) + 1), addresses))
        (folder / "sources.yaml").write_text(f"sources:\n{entries}")

    def read(self, folder: Path) -> Run:
        options = ["--sources", str(folder / "sources.yaml"), "--data", str(folder / "var")]
        return run([*HUB, *options, "collect", "--json"], folder, {"HUB_ALLOW_LOOPBACK": "1"})

    def seconds_and_items(self, folder: Path, done: Run, counts: Counts) -> tuple[float, int]:
        return done.ended_at - counts.first_at, json.loads(done.output)["mentions"]


def _entry(number: int, address: str) -> str:
    return (
        f"  - id: feed-{number:03d}\n    name: Site {number:03d}\n    publisher: Site\n"
        f"    kind: feed\n    url: {address}\n    rhythm: 1 h\n    licence: none\n"
        f'    evidence: "verified: served by the benchmark"\n'
    )


@dataclass(frozen=True, slots=True)
class Reader:
    python: Path
    workers: int

    @property
    def name(self) -> str:
        return f"reader, {self.workers} worker{'s' if self.workers > 1 else ''}"

    def prepare(self, folder: Path, addresses: Sequence[str]) -> None:
        self._run(folder, "prepare", folder / "reader.db", *addresses)

    def read(self, folder: Path) -> Run:
        return self._run(folder, "pass", folder / "reader.db", self.workers)

    def _run(self, folder: Path, *words: str | Path | int) -> Run:
        return run([self.python, HERE / "peer_reader.py", *map(str, words)], folder)

    def seconds_and_items(self, folder: Path, done: Run, counts: Counts) -> tuple[float, int]:
        found = json.loads(done.output)
        return found["seconds"], found["items"]


@dataclass(frozen=True, slots=True)
class Urlwatch:
    """It watches whole pages: its items are the feeds."""

    python: Path
    name: str = "urlwatch"

    def prepare(self, folder: Path, addresses: Sequence[str]) -> None:
        self._run(folder, "prepare", folder, *addresses)

    def read(self, folder: Path) -> Run:
        return self._run(folder, "pass", folder)

    def _run(self, folder: Path, *words: str | Path) -> Run:
        return run([self.python, HERE / "peer_urlwatch.py", *words], folder, {"HOME": str(folder)})

    def seconds_and_items(self, folder: Path, done: Run, counts: Counts) -> tuple[float, int]:
        found: dict[str, Any] = json.loads((folder / "pass.json").read_text())
        return found["seconds"], found["items"]


# --- Measuring ---------------------------------------------------------------------------------


def measure(rounds: int = ROUNDS) -> Part:
    python = install_peers()
    contenders: list[Contender] = [Hub()]
    if python:
        contenders += [Reader(python, 1), Reader(python, 10), Urlwatch(python)]
    with serving_feeds(SEED) as server:
        passes = _take_turns(contenders, server, rounds)
    return Part(
        TITLE,
        tuple(_judge(passes)),
        tuple(_details(passes)),
        "" if python else "the peers are not installed and could not be fetched: no comparison",
    )


def _take_turns(contenders: Sequence[Contender], server: Server, rounds: int) -> Passes:
    passes: dict[str, tuple[list[Pass], list[Pass]]] = {one.name: ([], []) for one in contenders}
    for turn in range(rounds):
        first = turn % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            with tempfile.TemporaryDirectory() as folder:
                _read_twice(contender, server, Path(folder), passes[contender.name])
        whole = ", ".join(f"{name} {first[-1].whole:.1f} s" for name, (first, _) in passes.items())
        say(f"collection, round {turn + 1} of {rounds}: {whole}")
    return passes


def _read_twice(
    contender: Contender, server: Server, folder: Path, kept: tuple[list[Pass], list[Pass]]
) -> None:
    contender.prepare(folder, [server.address + PATH.format(n) for n in range(1, FEEDS + 1)])
    for passes in kept:
        server.reset()
        done = contender.read(folder)
        counts = server.counts()
        reading, items = contender.seconds_and_items(folder, done, counts)
        passes.append(
            Pass(
                whole=done.seconds,
                start=done.seconds - reading,
                reading=reading,
                items=items,
                requests=counts.requests,
                not_modified=counts.not_modified,
                peak_one=done.peak_one,
                peak_all=done.peak_all,
            )
        )


# --- Saying ------------------------------------------------------------------------------------


def _judge(passes: Passes) -> Iterator[Measure]:
    first, second = passes["hub"]
    readers = {name: ones for name, (ones, _) in passes.items() if name.startswith("reader")}
    for what, label in (("whole", "whole command"), ("reading", "reading alone")):
        if readers:
            best = min(readers, key=lambda name: _middle(readers[name], what))
            peer = _middle(readers[best], what)
            yield Measure(f"first pass, {label}", _middle(first, what), "s", 1, peer, best)
    for what, label in (("whole", "whole command"), ("reading", "reading alone")):
        if "urlwatch" in passes:
            peer = _middle(passes["urlwatch"][1], what)
            yield Measure(f"second pass, {label}", _middle(second, what), "s", 1, peer, "urlwatch")
    yield Measure(
        "first pass, items kept", _least(first, "items"), "", FEEDS * ITEMS, is_least=True
    )
    not_modified = _least(second, "not_modified")
    yield Measure("second pass, answered 304", not_modified, "", FEEDS, is_least=True)
    for what, label in (("peak_one", "in one process"), ("peak_all", "in all its processes")):
        peak = max(_middle(first, what), _middle(second, what))
        yield Measure(f"peak memory, {label}", peak, "MB", MAX_MEMORY)


def _details(passes: Passes) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [("", *COLUMNS)]
    for name, both in passes.items():
        for order, ones in zip(("first", "second"), both, strict=True):
            reading = _middle(ones, "reading")
            rows.append(
                (
                    f"{name}, {order} pass",
                    *(f"{_middle(ones, what):.2f}" for what in ("whole", "start", "reading")),
                    f"{FEEDS / reading:.0f}",
                    *(f"{_middle(ones, what):.0f}" for what in COUNTED),
                )
            )
    yield f"{TITLE}: medians of {len(passes['hub'][0])} rounds"
    yield from line_up(rows, column_widths(rows))


COLUMNS = (
    "whole s", "start s", "reading s", "feeds/s", "items", "requests", "304", "one MB", "all MB",
)  # fmt: skip
COUNTED = ("items", "requests", "not_modified", "peak_one", "peak_all")


def _middle(passes: Sequence[Pass], what: str) -> float:
    return float(median(getattr(one, what) for one in passes))


def _least(passes: Sequence[Pass], what: str) -> float:
    return float(min(getattr(one, what) for one in passes))
