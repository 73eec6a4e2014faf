"""Years of JORFSIMPLE archives through `hub ingest`, against the least that anyone could do.

The least is to unpack in memory and to parse each file with lxml, keeping nothing. The hub parses,
keeps every capture, resolves items, tags them and rebuilds its index.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.archives import write_archives
from benchmarks.measure import (
    HUB,
    CommandFailedError,
    Measure,
    Part,
    Run,
    column_widths,
    line_up,
    run,
    say,
)

SEED = 20240102
TEXTS = 8_000
ROUNDS = 3
LONG = 20_000
"""Beyond so many texts one round is enough: what differs from one to another is small."""
MAX_RATIO = 4
MAX_GROWTH = 1.1
"""How much more memory all the texts may take than a quarter of them."""
SHARES = (0.25, 0.5, 1.0)
BARE = [sys.executable, str(Path(__file__).with_name("bare_parse.py"))]


@dataclass(frozen=True, slots=True)
class _Timed:
    """`start` is the same command on an empty folder: interpreter, imports, empty database."""

    whole: float
    start: float

    @property
    def work(self) -> float:
        return self.whole - self.start


def measure(texts: int = TEXTS, rounds: int | None = None) -> Part:
    rounds = rounds or (ROUNDS if texts <= LONG else 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archives = folder / "all"
        for path in (archives, folder / "none"):
            path.mkdir()
        say(f"backfill: writing {texts} texts")
        paths = write_archives(archives, texts, SEED)
        peaks = {share: _peak(folder, paths, share, texts) for share in SHARES[:-1]}
        bares, hubs = _take_turns(folder, texts, rounds)
        peaks[SHARES[-1]] = median(done.peak_all for done in hubs)
        bare = _timed(folder, bares, _parse_bare)
        hub = _timed(folder, hubs, _ingest)
    title = f"Backfill of {texts} texts of JORFSIMPLE"
    return Part(title, tuple(_judge(hub, bare, peaks)), tuple(_details(title, hub, bare, peaks)))


def _take_turns(folder: Path, texts: int, rounds: int) -> tuple[list[Run], list[Run]]:
    bares: list[Run] = []
    hubs: list[Run] = []
    for turn in range(1, rounds + 1):
        bares += _parse_bare_twice(folder)
        hubs.append(_checked(_ingest(folder, folder / "all"), texts))
        bares += _parse_bare_twice(folder)
        times = f"bare {bares[-1].seconds:.1f} s, hub {hubs[-1].seconds:.1f} s"
        say(f"backfill, round {turn} of {rounds}: {times}")
    return bares, hubs


def _parse_bare_twice(folder: Path) -> list[Run]:
    """Before and after the hub: it is so short that a busy second would double it."""
    return [_parse_bare(folder, folder / "all") for _ in range(2)]


def _timed(folder: Path, runs: Sequence[Run], once: Callable[[Path, Path], Run]) -> _Timed:
    starts = [once(folder, folder / "none").seconds for _ in range(3)]
    return _Timed(median(done.seconds for done in runs), median(starts))


def _peak(folder: Path, paths: Sequence[Path], share: float, texts: int) -> float:
    """MB held at most while reading the first archives."""
    count = round(len(paths) * share)
    some = folder / f"first-{count}"
    some.mkdir()
    for path in paths[:count]:
        (some / path.name).symlink_to(path)
    done = _ingest(folder, some)
    say(f"backfill: {share:.0%} of the texts, {done.peak_all:.0f} MB")
    return done.peak_all


def _parse_bare(folder: Path, archives: Path) -> Run:
    return run([*BARE, str(archives)], folder)


def _ingest(folder: Path, archives: Path) -> Run:
    data = folder / "var"
    shutil.rmtree(data, ignore_errors=True)
    return run([*HUB, "--data", str(data), "ingest", str(archives), "--json"], folder)


def _checked(done: Run, texts: int) -> Run:
    report = json.loads(done.output)
    if report["texts"] != texts or report["failures"]:
        raise CommandFailedError(
            f"{report['texts']} texts read of {texts}: {report['failures'][:3]}"
        )
    return done


def _judge(hub: _Timed, bare: _Timed, peaks: dict[float, float]) -> Iterator[Measure]:
    peer = "bare lxml"
    yield Measure("whole command", hub.whole, "s", MAX_RATIO, bare.whole, peer)
    yield Measure("reading alone", hub.work, "s", MAX_RATIO, bare.work, peer)
    first, *others = SHARES
    for share in others:
        name, quarter = f"peak memory, {share:.0%} of the texts", f"for {first:.0%}"
        yield Measure(name, peaks[share], "MB", MAX_GROWTH, peaks[first], quarter)


def _details(title: str, hub: _Timed, bare: _Timed, peaks: dict[float, float]) -> Iterator[str]:
    yield f"{title}: medians"
    rows = [("", "whole s", "start s", "reading s")]
    rows += [
        (name, f"{timed.whole:.2f}", f"{timed.start:.2f}", f"{timed.work:.2f}")
        for name, timed in (("hub", hub), ("bare lxml", bare))
    ]
    yield from line_up(rows, column_widths(rows))
    yield "hub, peak MB: " + ", ".join(f"{share:.0%} {peak:.0f}" for share, peak in peaks.items())
