"""Read a tar or tar.gz from memory without trusting it: its size and its members are limited."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from hub.errors import ParseError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`total` counts everything unpacked, headers included: it is what stops a bomb."""

    total: int = 256 * MIB
    member: int = 24 * MIB
    members: int = 50_000


@dataclass(frozen=True, slots=True)
class Member:
    """One regular file of an archive."""

    name: str
    body: bytes

    @property
    def basename(self) -> str:
        return PurePosixPath(self.name).name


class _Bounded(io.RawIOBase):
    """What is inside the compression, up to a total. `tail` is the last block that was read."""

    def __init__(self, source: io.BufferedIOBase, total: int) -> None:
        self._source = source
        self._left = total
        self.tail = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        self.tail = (self.tail + data[-tarfile.BLOCKSIZE :])[-tarfile.BLOCKSIZE :]
        if self._left < 0:
            raise ParseError("archive larger than the limit once unpacked")
        return data


def members_of(body: bytes, limits: Limits) -> Iterator[Member]:
    """The regular files of an archive, in its order. Links, devices and folders are passed over.

    Raises:
        ParseError: cut, damaged, beyond a limit, or with a name that climbs out of its folder;
            raised after the files that came before.
    """
    raw = io.BytesIO(body)
    is_gzip = body[:2] == b"\x1f\x8b"
    source: io.BufferedIOBase = gzip.GzipFile(fileobj=raw) if is_gzip else raw
    stream = _Bounded(source, limits.total)
    try:
        yield from _read_all(stream, limits)
        if not is_gzip and stream.tail.strip(b"\0"):  # gzip knows its own end
            raise ParseError("archive cut before its end")
    except (EOFError, zlib.error, tarfile.TarError, OSError, ValueError) as error:
        raise ParseError(f"archive cut or damaged: {error}") from error


def _read_all(stream: _Bounded, limits: Limits) -> Iterator[Member]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        count = 0
        while entry := archive.next():
            count += 1
            if count > limits.members:
                raise ParseError(f"archive of more than {limits.members} members")
            archive.members.clear()  # type: ignore[attr-defined]  # else every header is kept
            if entry.isreg():
                yield _read_member(archive, entry, limits)
    while stream.read(MIB):  # to the end, where gzip keeps its checksum
        pass


def _read_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, limits: Limits) -> Member:
    path = PurePosixPath(entry.name)
    if path.is_absolute() or ".." in path.parts:
        raise ParseError(f"archive with a member outside its folder: {entry.name[:80]!r}")
    if entry.size > limits.member:
        raise ParseError(f"archive with a member of {entry.size} bytes: {entry.name[:80]!r}")
    file = archive.extractfile(entry)
    data = file.read() if file else b""
    if len(data) != entry.size:
        raise ParseError(f"archive cut inside {entry.name[:80]!r}")
    return Member(entry.name, data)
