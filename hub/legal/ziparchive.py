"""Read a zip from memory without trusting it: its members are limited, one that is bad is told."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from stat import S_ISLNK

from hub.errors import ParseError
from hub.legal.tararchive import MIB, Limits, Member

MAX_RATIO = 200
"""XML and JSON shrink ten to forty times: far beyond that, it is a bomb."""
_RATIO_FREE = MIB
_ENTRY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others are unpacked without any bound by the standard library."""
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,  # encrypted; NotImplementedError is one too
    ValueError,  # UnicodeDecodeError is one too
    KeyError,
)


@dataclass(frozen=True, slots=True)
class Unread:
    """A member that is not read, and why."""

    name: str
    reason: str


def zip_members(
    body: bytes, is_wanted: Callable[[str], bool], limits: Limits | None = None
) -> Iterator[Member | Unread]:
    """The wanted files of a zip, in its order; folders and links are passed over.

    A member that is encrypted, damaged, too large, or named outside its folder is given as
    refused, and the others are read. Zips inside are files like any other: never opened.

    Raises:
        ParseError: no zip, too many members, or too much once unpacked; the last two are raised
            after the files that came before.
    """
    limits = limits or Limits()
    entries = body.count(_ENTRY)
    if entries > limits.members:  # counted before the list is built: it would not fit in memory
        raise ParseError(f"zip of more than {limits.members} members")
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except _DAMAGES as error:
        raise ParseError(f"not a zip, or damaged: {_say(error)}") from error
    left = limits.total
    with archive:
        for entry in archive.infolist():
            if (
                entry.is_dir()
                or S_ISLNK(entry.external_attr >> 16)
                or not is_wanted(entry.filename)
            ):
                continue
            given = _read(archive, entry, limits)
            if isinstance(given, Member):
                left -= len(given.body)
                if left < 0:
                    raise ParseError("zip larger than the limit once unpacked")
            yield given


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> Member | Unread:
    if reason := _reason_to_refuse(entry, limits):
        return Unread(entry.filename, reason)
    try:
        with archive.open(entry) as file:
            data = file.read(limits.member + 1)
    except _DAMAGES as error:
        return Unread(entry.filename, f"damaged: {_say(error)}")
    if len(data) > limits.member:
        return Unread(entry.filename, f"more than {limits.member} bytes")
    return Member(entry.filename, data)


def _reason_to_refuse(entry: zipfile.ZipInfo, limits: Limits) -> str:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
        return "named outside its folder"
    if entry.flag_bits & 0x1:
        return "encrypted"
    if entry.compress_type not in _METHODS:
        return "compressed in a way that cannot be bounded"
    if entry.file_size > limits.member:
        return f"of {entry.file_size} bytes"
    if entry.file_size > max(_RATIO_FREE, MAX_RATIO * entry.compress_size):
        return f"of {entry.file_size} bytes packed in {entry.compress_size}"
    return ""


def _say(error: BaseException) -> str:
    return f"{type(error).__name__} {str(error)[:100]}".strip()
