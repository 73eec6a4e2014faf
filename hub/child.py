"""Child processes that never outlive their parent.

The parent keeps the writing end of the child's standard input open and writes nothing. When the
parent dies, even by SIGKILL, the kernel closes that end and the child, which watches it, stops.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

LIFELINE = "HUB_LIFELINE"


def run_child(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    timeout: float,
    stderr: int | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a Python module (`arguments` follow `python -m`) to its end, or kill it at the deadline.

    Standard output is returned. Standard error passes through, unless `subprocess.STDOUT` joins it
    to the output.

    Raises:
        subprocess.TimeoutExpired: the deadline passed; the child was killed.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, **environment, LIFELINE: "1"},
    )
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None and stdout is not None  # noqa: S101, PT018
    output = bytearray()
    reader = threading.Thread(target=lambda: output.extend(stdout.read()), daemon=True)
    reader.start()
    try:
        process.wait(timeout)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        stdin.close()
        reader.join(5)
        stdout.close()
    return subprocess.CompletedProcess(arguments, process.returncode, bytes(output))


def watch_lifeline() -> None:
    """In a child of `run_child`: stop at once when the parent is gone. Elsewhere, do nothing."""
    if os.environ.get(LIFELINE) != "1":
        return

    def wait_for_end() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=wait_for_end, daemon=True).start()
