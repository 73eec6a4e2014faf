"""`make bench`: what the whole costs, as a ratio of the limit we set ourselves (1.00 is the limit).

Runs the real program in a folder of its own: the demonstration from nothing, the same again with
nothing new, then the idle service. Exit code 1 when a limit is passed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HUB = [sys.executable, "-m", "hub"]
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Measure:
    name: str
    value: float
    limit: float
    unit: str

    @property
    def ratio(self) -> float:
        return self.value / self.limit

    def __str__(self) -> str:
        return (
            f"{self.name:<44}{self.value:>9.1f} {self.unit:<3} of {self.limit:>5.0f}"
            f"   ratio {self.ratio:.2f}"
        )


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "HUB_DATA": f"{folder}/data",
            "HUB_SITE": f"{folder}/site",
        }
        first = time_demo(environment)
        second = time_demo(environment)
        idle = measure_idle(environment)
    measures = [
        Measure("demo, already installed", first, 60, "s"),
        Measure("demo again, nothing new", second, 60, "s"),
        Measure("whole service idle, resident", idle, 300, "MB"),
        Measure("packages the demo needs", size_of_packages(), 350, "MB"),
    ]
    for measure in measures:
        print(measure)
    print(f"second run over first{'':<24}{second / first:>8.2f}")
    return int(any(measure.ratio > 1 for measure in measures))


def time_demo(environment: dict[str, str]) -> float:
    start = time.monotonic()
    subprocess.run(
        [*HUB, "demo", "--no-serve", "--json"],
        env=environment,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.monotonic() - start


def measure_idle(environment: dict[str, str]) -> float:
    """Resident memory of the service and its children, in MB, after it answered and rested."""
    with serving(environment) as (process, address):
        for path in ("/", "/lettre/", "/relecture/connexion"):
            urlopen(address + path, timeout=30).read()  # noqa: S310
        time.sleep(3)
        return sum(resident(pid) for pid in family(process.pid)) / MEGABYTE


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*HUB, "serve", "--port", "0"],
        env={**environment, "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("site:"))
        yield process, line.split()[1].rstrip("/")
    finally:
        process.terminate()
        process.wait(30)


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [member for child in children for member in family(int(child))]


def resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def size_of_packages() -> float:
    """Bytes, in MB, of the files of every distribution in the running lock."""
    from importlib.metadata import PackageNotFoundError, distribution

    total = 0
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if not line or line.startswith((" ", "#")):
            continue
        requirement = Requirement(line.split("\\")[0].split("--hash")[0].strip())
        if requirement.marker and not requirement.marker.evaluate():
            continue
        try:
            files = distribution(canonicalize_name(requirement.name)).files or []
        except PackageNotFoundError:
            continue
        total += sum(
            path.stat().st_size for f in files if (path := Path(str(f.locate()))).is_file()
        )
    return total / MEGABYTE


if __name__ == "__main__":
    sys.exit(main())
