"""The bodies of captures, and the journal that says what each one was.

Bodies are compressed files named by the SHA-256 of what they hold: the same bytes are kept once. A
file appears whole or not at all, so a process killed while writing leaves nothing half-made under a
final name. The journal has a line for each answer recorded: with the bodies, it is enough to make
the database again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from hub.model import Capture

LEVEL = 3
PACKED = b"\x1f\x8b"
"""How a body begins that is compressed already, as an archive is: more would gain nothing."""
WRITERS = 8
"""Files written at a time: what takes long is to wait for the disk."""
BLOCK = 1 << 20


def hash_body(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An answer without its body, which is the file of its `sha256`."""

    source_id: str
    url: str
    fetched_at: datetime
    status: int
    headers: Mapping[str, str]
    sha256: str
    size: int

    def with_body(self, body: bytes) -> Capture:
        return Capture(
            self.source_id, self.url, self.fetched_at, self.status, self.headers, body, self.sha256
        )


@dataclass(frozen=True, slots=True)
class CaptureFiles:
    root: Path

    def path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / f"{sha256}.gz"

    def write(self, body: bytes) -> str:
        """Keep a body and return its SHA-256. Writing the same body twice changes nothing."""
        sha256 = hash_body(body)
        self.write_all({sha256: body})
        return sha256

    def write_all(self, bodies: Mapping[str, bytes]) -> None:
        """Keep bodies by their SHA-256. A file found damaged is written again."""
        missing = [
            (self.path(sha256), body)
            for sha256, body in bodies.items()
            if not _holds(self.path(sha256), body)
        ]
        for folder in {path.parent for path, _ in missing}:
            folder.mkdir(parents=True, exist_ok=True)
        if len(missing) < 2:
            for path, body in missing:
                _write_whole(path, body)
            return
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(_write_whole, *zip(*missing, strict=True)))

    def read(self, sha256: str) -> bytes:
        """The body, verified.

        Raises:
            FileNotFoundError: it was never kept, or was lost.
            ValueError: the file is damaged.
        """
        packed = self.path(sha256).read_bytes()
        try:
            body = gzip.decompress(packed)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"damaged capture sha256={sha256}") from error
        if hash_body(body) != sha256:
            raise ValueError(f"damaged capture sha256={sha256}")
        return body

    # --- The journal ---------------------------------------------------------------------------

    def add_to_journal(self, captures: Iterable[Capture]) -> None:
        """Add a line for each answer, on the disk when this returns."""
        lines: dict[Path, list[str]] = {}
        for capture in captures:
            month = capture.fetched_at.astimezone(UTC).strftime("%Y-%m")
            lines.setdefault(self.root / f"journal-{month}.jsonl", []).append(_to_line(capture))
        for path, added in lines.items():
            self.root.mkdir(parents=True, exist_ok=True)
            with path.open("ab+") as file:
                start = b"" if _is_at_line_start(file) else b"\n"
                file.write(start + "".join(added).encode())
                file.flush()
                os.fsync(file.fileno())

    def read_journal(self) -> Iterator[JournalEntry]:
        """Every answer recorded until now, each once, in the order they were recorded.

        A line cut short by a power cut is left out: its answer was not recorded.
        """
        seen: set[bytes] = set()
        paths = sorted(self.root.glob("journal-*.jsonl"))
        for path, size in [(path, path.stat().st_size) for path in paths]:
            for line in _read_lines(path, size):
                digest = hashlib.blake2b(line, digest_size=12).digest()
                entry = _to_entry(line)
                if entry is not None and digest not in seen:
                    seen.add(digest)
                    yield entry


def _holds(path: Path, body: bytes) -> bool:
    """Whether a file is there and holds just this body."""
    place = 0
    try:
        with gzip.open(path) as file:
            while block := file.read(BLOCK):
                if body[place : place + len(block)] != block:
                    return False
                place += len(block)
    except (OSError, EOFError, zlib.error):
        return False
    return place == len(body)


def _write_whole(path: Path, body: bytes) -> None:
    level = 0 if body.startswith(PACKED) else LEVEL
    packed = gzip.compress(body, compresslevel=level, mtime=0)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def _is_at_line_start(file: IO[bytes]) -> bool:
    """Whether nothing was left half-written at the end."""
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _read_lines(path: Path, size: int) -> Iterator[bytes]:
    """The lines of the first `size` bytes: what is added while reading is not read."""
    with path.open("rb") as file:
        while file.tell() < size and (line := file.readline()):
            yield line.rstrip(b"\n")


def _to_line(capture: Capture) -> str:
    facts = {
        "source_id": capture.source_id,
        "url": capture.url,
        "fetched_at": capture.fetched_at.astimezone(UTC).isoformat(),
        "status": capture.status,
        "headers": dict(capture.headers),
        "sha256": capture.sha256,
        "size": len(capture.body),
    }
    return json.dumps(facts) + "\n"


def _to_entry(line: bytes) -> JournalEntry | None:
    try:
        facts: dict[str, Any] = json.loads(line)
        return JournalEntry(**facts | {"fetched_at": datetime.fromisoformat(facts["fetched_at"])})
    except (ValueError, TypeError, KeyError):
        return None
