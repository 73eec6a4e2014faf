"""The bodies of captures: compressed files named by the SHA-256 of what they hold.

The same bytes are kept once. A file appears whole or not at all, so a process killed while writing
leaves nothing half-made under a final name.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


def hash_body(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class CaptureFiles:
    root: Path

    def path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / f"{sha256}.gz"

    def write(self, body: bytes) -> str:
        """Keep a body and return its SHA-256. Writing the same body twice changes nothing."""
        sha256 = hash_body(body)
        path = self.path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
        with os.fdopen(handle, "wb") as file:
            file.write(gzip.compress(body, compresslevel=6, mtime=0))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The body, verified.

        Raises:
            FileNotFoundError: it was never kept, or was lost.
            ValueError: the file is damaged.
        """
        body = gzip.decompress(self.path(sha256).read_bytes())
        if hash_body(body) != sha256:
            raise ValueError(f"damaged capture sha256={sha256}")
        return body
