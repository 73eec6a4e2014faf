"""The real program, run as a user would, on a data folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Program:
    """`hub` with everything it writes under `folder`."""

    folder: Path
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def site(self) -> Path:
        """Where a demonstration builds its site."""
        return self.data / "site"

    @property
    def outbox(self) -> Path:
        return self.data / "outbox"

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        return {**clean, **dict(self.extra)}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "hub", "--data", str(self.data), *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The object that a command prints; fails when it ends with another exit code."""
        done = self.call(*arguments, "--json")
        assert done.returncode == code, f"exit code {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)
