"""`make bench`: the hub beside its peers and its limits, in one table.

`python -m benchmarks [collect|backfill|legi|service]...` runs some parts only. Exit codes: 0 within
every limit; 1 a limit is passed; 2 the call is wrong or a command failed; 3 within the limits, but
something could not be measured.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from benchmarks import backfill, collect, legi, service
from benchmarks.measure import CommandFailedError, Part, print_table, say

PARTS: Mapping[str, Callable[[argparse.Namespace], Part]] = {
    "collect": lambda options: collect.measure(options.rounds or collect.ROUNDS),
    "backfill": lambda options: backfill.measure(options.texts, options.rounds),
    "legi": lambda options: legi.measure(),
    "service": lambda options: service.measure(),
}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_arguments(arguments)
    found, has_failed = [], False
    for name in options.parts or PARTS:
        try:
            found.append(PARTS[name](options))
        except CommandFailedError as error:
            has_failed = True
            say(f"{name} could not be measured: {error}")
    for part in found:
        print("\n".join([*part.notes, ""]))
    if found:
        print_table(found)
    for part in found:
        if part.skipped:
            print(f"\nskipped: {part.title}: {part.skipped}")
    if has_failed:
        return 2
    if any(measure.is_over for part in found for measure in part.measures):
        return 1
    return 3 if any(part.skipped for part in found) else 0


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)"
    )
    parser.add_argument("--rounds", type=int, help="how often each contender runs")
    parser.add_argument("--texts", type=int, default=backfill.TEXTS, help="texts of the backfill")
    options = parser.parse_args(arguments)
    if unknown := [part for part in options.parts if part not in PARTS]:  # `choices` refuses none
        parser.error(f"unknown part: {', '.join(unknown)}")
    return options


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is then killed too
    sys.exit(main())
