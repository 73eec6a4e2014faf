"""The demonstration from nothing, then with nothing new; the idle service; the packages."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.measure import (
    HUB,
    MEGABYTE,
    ROOT,
    Measure,
    Part,
    family,
    killed_at_the_end,
    memory,
    quiet_environment,
    run,
    say,
)


def measure() -> Part:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"HUB_DATA": f"{folder}/data", "HUB_SITE": f"{folder}/site"}
        first, second = (
            run([*HUB, "demo", "--no-serve", "--json"], folder, environment).seconds
            for _ in range(2)
        )
        say(f"demo: {first:.1f} s, then {second:.1f} s")
        idle = measure_idle(environment)
    return Part(
        "The whole, on the demonstration",
        (
            Measure("demo, already installed", first, "s", 60),
            Measure("demo again, nothing new", second, "s", 60),
            Measure("whole service idle, resident", idle, "MB", 300),
            Measure("packages the demo needs", size_of_packages(), "MB", 350),
        ),
        (f"Demonstration: second run over first {second / first:.2f}",),
    )


def measure_idle(environment: dict[str, str]) -> float:
    """Resident memory of the service and its children, in MB, after it answered and rested."""
    direct = build_opener(ProxyHandler({}))
    with serving(environment) as (process, address):
        for path in ("/", "/lettre/", "/relecture/connexion"):
            direct.open(address + path, timeout=30).read()
        time.sleep(3)
        return sum(now for _, now in map(memory, family(process.pid))) / MEGABYTE


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*HUB, "serve", "--port", "0"],
        env={**quiet_environment(), **environment, "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with killed_at_the_end(process), process.stdout:
        line = next(line for line in process.stdout if line.startswith("site:"))
        yield process, line.split()[1].rstrip("/")
        process.terminate()
        process.wait(30)


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
