"""Read a tar or tar.gz without trusting it: its size and its members are limited."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, cast

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
        last = self.name.rpartition("/")[2]
        return PurePosixPath(self.name).name if last in ("", ".") else last


@dataclass(slots=True)
class Allowance:
    """What may still be unpacked. Whoever reads an archive in parts renews it for each."""

    limits: Limits
    total: int = field(init=False)
    members: int = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.total, self.members = self.limits.total, self.limits.members


class _Bounded(io.RawIOBase):
    """What is inside the compression, up to a total. `tail` is the last block that was read."""

    def __init__(self, source: BinaryIO, allowance: Allowance) -> None:
        self._source = source
        self._allowance = allowance
        self.tail = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        most = self._allowance.total + 1
        data = self._source.read(min(size, most) if size >= 0 else most)
        self._allowance.total -= len(data)
        self.tail = (self.tail + data[-tarfile.BLOCKSIZE :])[-tarfile.BLOCKSIZE :]
        if self._allowance.total < 0:
            raise ParseError("archive larger than the limit once unpacked")
        return data


def members_of(body: bytes, limits: Limits) -> Iterator[Member]:
    """The regular files of an archive, in its order. Links, devices and folders are passed over.

    Raises:
        ParseError: cut, damaged, beyond a limit, or with a name that climbs out of its folder;
            raised after the files that came before.
    """
    return stream_members(io.BytesIO(body), Allowance(limits))


def stream_members(file: BinaryIO, allowance: Allowance) -> Iterator[Member]:
    """Like `members_of`, from an open file that is read as far as needed and can be rewound."""
    try:
        is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        source = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_gzip else file
        stream = _Bounded(source, allowance)
        yield from _read_all(stream, allowance)
        if not is_gzip and stream.tail.strip(b"\0"):  # gzip knows its own end
            raise ParseError("archive cut before its end")
    except (EOFError, zlib.error, tarfile.TarError, OSError, ValueError) as error:
        raise ParseError(f"archive cut or damaged: {error}") from error


def _read_all(stream: _Bounded, allowance: Allowance) -> Iterator[Member]:
    limits = allowance.limits
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        while entry := archive.next():
            allowance.members -= 1
            if allowance.members < 0:
                raise ParseError(f"archive of more than {limits.members} members")
            archive.members.clear()  # type: ignore[attr-defined]  # else every header is kept
            if entry.isreg():
                yield _read_member(archive, entry, limits)
    while stream.read(MIB):  # to the end, where gzip keeps its checksum
        pass


def _read_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, limits: Limits) -> Member:
    if entry.name.startswith("/") or ".." in entry.name.split("/"):
        raise ParseError(f"archive with a member outside its folder: {entry.name[:80]!r}")
    if entry.size > limits.member:
        raise ParseError(f"archive with a member of {entry.size} bytes: {entry.name[:80]!r}")
    file = archive.extractfile(entry)
    data = file.read() if file else b""
    if len(data) != entry.size:
        raise ParseError(f"archive cut inside {entry.name[:80]!r}")
    return Member(entry.name, data)
