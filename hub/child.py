"""Child processes that never outlive their parent.

The parent keeps the writing end of the child's standard input open. When the parent dies, even by
SIGKILL, the kernel closes that end and the child, which watches it, stops.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import IO

LIFELINE = "HUB_LIFELINE"
KILLED_WITHIN = 5.0
"""Seconds for the last words of a child that was killed."""


class Child:
    """A Python module that runs beside this process. See `start_child`."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: IO[bytes], stdout: IO[bytes]):
        self._process = process
        self._stdin = stdin
        self._said: SimpleQueue[bytes | None] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, args=(stdout,), daemon=True)
        self._reader.start()

    def _read(self, stdout: IO[bytes]) -> None:
        for line in stdout:
            self._said.put(line)
        self._said.put(None)

    def tell(self, words: bytes) -> None:
        """Give the child what it waits for on its standard input; its end stays open. What a child
        does not take is lost without an error: `wait` says how it ended.
        """

        def write() -> None:
            with suppress(OSError):
                self._stdin.write(words)
                self._stdin.flush()

        threading.Thread(target=write, daemon=True).start()

    def listen(self, timeout: float) -> Iterator[bytes]:
        """What it says, in whole lines, as it comes, until it closes its standard output.

        Raises:
            subprocess.TimeoutExpired: it still spoke after `timeout` seconds; it was killed. All
                that it had said was given.
        """
        deadline = time.monotonic() + timeout
        is_late = False
        while True:
            left = KILLED_WITHIN if is_late else max(0.0, deadline - time.monotonic())
            try:
                lines = self._drain(left)
            except Empty:
                if is_late:
                    break
                is_late = True
                self.end()
                continue
            if not lines:
                break
            yield lines
        if is_late:
            raise subprocess.TimeoutExpired(self._process.args, timeout)

    def _drain(self, timeout: float) -> bytes:
        """The lines that wait, at least one; none at the end.

        Raises:
            Empty: there was none in time.
        """
        lines = bytearray()
        line = self._said.get(timeout=timeout)
        while line is not None:
            lines += line
            try:
                line = self._said.get_nowait()
            except Empty:
                return bytes(lines)
        self._said.put(None)  # the end is said again to whoever asks again
        return bytes(lines)

    def wait(self, timeout: float) -> subprocess.CompletedProcess[bytes]:
        """Let it run to its end, or kill it after `timeout` seconds. Gives its standard output.

        Raises:
            subprocess.TimeoutExpired: the deadline passed; `output` holds what it had said.
        """
        output = bytearray()
        try:
            for line in self.listen(timeout):
                output += line
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise subprocess.TimeoutExpired(error.cmd, timeout, bytes(output)) from None
        return subprocess.CompletedProcess(self._process.args, code, bytes(output))

    def end(self) -> int:
        """Kill the child if it still runs. Gives its exit code."""
        if self._process.poll() is None:
            self._process.kill()
        code = self._process.wait()
        self._reader.join(KILLED_WITHIN)
        return code


@contextmanager
def start_child(
    arguments: Sequence[str], environment: Mapping[str, str], stderr: int | None = None
) -> Iterator[Child]:
    """Start a Python module (`arguments` follow `python -m`); it is killed if it still runs at the
    end of the block.

    Standard error passes through, unless `subprocess.STDOUT` joins it to the output.
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
    child = Child(process, stdin, stdout)
    try:
        yield child
    finally:
        child.end()
        with suppress(OSError):  # what it was told and did not take
            stdin.close()
        stdout.close()


def run_child(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    timeout: float,
    stderr: int | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a Python module to its end, or kill it at the deadline (see `start_child`).

    Raises:
        subprocess.TimeoutExpired: the deadline passed; the child was killed, and `output` holds
            what it had said.
    """
    with start_child(arguments, environment, stderr) as child:
        return child.wait(timeout)


def watch_lifeline() -> None:
    """In a child of this module: stop at once when the parent is gone. Elsewhere, do nothing."""
    if os.environ.get(LIFELINE) != "1":
        return

    def wait_for_end() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=wait_for_end, daemon=True).start()
