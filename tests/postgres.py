"""A throw-away PostgreSQL server, started in half a second, also for root."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote


def find_programs() -> Path | None:
    """The folder that holds `initdb`, `pg_ctl` and `postgres`, newest version first."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).parent)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


class PostgresServer:
    """Listens on a Unix socket only. `initdb` refuses root, so root runs it as `nobody`."""

    def __enter__(self) -> PostgresServer:
        programs = find_programs()
        assert programs is not None
        self._programs = programs
        self._names = itertools.count(1)
        self.folder = Path(tempfile.mkdtemp(prefix="hubpg"))
        self._identity: dict[str, Any] = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._identity = {
                "user": nobody.pw_uid,
                "group": nobody.pw_gid,
                "extra_groups": [],
            }
        self._call("initdb", "--no-sync", "--auth=trust", "-U", "hub", "-E", "UTF8",
                   "--locale=C.UTF-8", "-D", str(self.folder / "data"))  # fmt: skip
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off"
        self._call("pg_ctl", "-w", "-D", str(self.folder / "data"), "-l",
                   str(self.folder / "log"), "-o", options, "start")  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"hub{next(self._names)}"
        self._call("psql", "-h", str(self.folder), "-U", "hub", "-d", "postgres", "-qc",
                   f"CREATE DATABASE {name}")  # fmt: skip
        return f"postgresql://hub@/{name}?host={quote(str(self.folder))}"

    def _call(self, program: str, *arguments: str) -> None:
        path = self._programs / program
        subprocess.run(
            [str(path if path.exists() else shutil.which(program)), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **self._identity,
        )
