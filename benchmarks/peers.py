"""The peers' own environment: pinned packages in a venv of the cache, never in ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from benchmarks.measure import ROOT, say

PINNED = Path(__file__).with_name("peers.txt")
CACHE = ROOT / ".cache" / "bench"


def install_peers() -> Path | None:
    """The Python that has them, or None when they cannot be fetched."""
    text = PINNED.read_bytes() + sys.version.encode()
    folder = CACHE / f"peers-{sha256(text).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if done.exists():
        return python
    say(f"installing the peers of {PINNED.name} in {folder.relative_to(ROOT)}")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--requirement", PINNED], check=True, timeout=600)
    except (subprocess.SubprocessError, OSError):
        return None
    done.touch()
    return python
