"""Children: they speak while they run, and never outlive the block that started them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub.child import run_child, start_child
from hub.spiders import TOLD

ECHO = """
import sys
print("ready", flush=True)
for line in sys.stdin:
    print("heard", line.strip(), flush=True)
    if line == "end\\n":
        sys.exit(3)
"""
MUTE = """
import time
print("last words", flush=True)
time.sleep(60)
"""


def module(folder: Path, text: str) -> tuple[list[str], dict[str, str]]:
    """A module that `python -m` finds: its name as arguments, and the environment for it."""
    (folder / "played.py").write_text(text)
    return ["played"], {"PYTHONPATH": str(folder)}


def test_what_a_child_says_is_heard_while_it_runs(tmp_path: Path) -> None:
    with start_child(*module(tmp_path, ECHO)) as child:
        said = child.listen(30)
        assert next(said) == b"ready\n"
        child.tell(b"one\n")
        assert next(said) == b"heard one\n"
        child.tell(b"end\n")
        assert b"".join(said) == b"heard end\n"
        assert child.end() == 3


def test_a_child_that_lasts_is_killed_and_what_it_said_is_kept(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        run_child(*module(tmp_path, MUTE), timeout=2)
    assert caught.value.output == b"last words\n"


def test_a_child_does_not_outlive_its_block(tmp_path: Path) -> None:
    start = time.monotonic()
    with start_child(*module(tmp_path, MUTE)) as child:
        assert next(child.listen(30)) == b"last words\n"
    assert child.end() == -9
    assert time.monotonic() - start < 30


def test_what_a_dead_child_is_told_is_lost_without_noise(tmp_path: Path) -> None:
    with start_child(*module(tmp_path, "raise SystemExit(4)")) as child:
        assert child.wait(30).returncode == 4
        child.tell(b"anybody there?" * 10_000)


def test_spiders_that_nobody_tells_anything_stop_in_silence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spiders", "--now", "2026-09-07T06:00:00+00:00", TOLD]
    done = subprocess.run(command, input=b"", capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
