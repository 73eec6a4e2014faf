"""Files of law already at hand: archives of LEGI, loose XML, answers of the API, tables.

What they hold is read part by part, so that a year of deliveries weighs what one part weighs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hub.errors import ParseError
from hub.legal.legi import delivered_at, iter_legi
from hub.legal.versions import ArticleVersion
from hub.legal.versions_files import read_versions

MAX_FILE = 64 * 1024 * 1024
"""The largest file that is no archive: the tree of a whole code."""


@dataclass(frozen=True, slots=True)
class LawPart:
    """Some of the versions of a file. `said_at` is when a delivery was made, None for other files.

    `deleted` are the versions that a delivery takes away. A file may come in several parts, or in
    one that holds only troubles.
    """

    path: Path
    versions: tuple[ArticleVersion, ...] = ()
    troubles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    said_at: datetime | None = None

    @property
    def is_archive(self) -> bool:
        return is_archive(self.path)


def is_archive(path: Path) -> bool:
    return path.name.endswith((".tar.gz", ".tgz", ".tar"))


def read_law_files(paths: Iterable[Path], codes: Collection[str]) -> Iterator[LawPart]:
    """Read files and whole folders, in the order of their names: that of their stamps.

    Of archives only the articles of `codes` are read. Never raises: trouble is in the parts.
    """
    for path in list_files(paths):
        try:
            if is_archive(path):
                yield from _read_archive(path, codes)
            else:
                yield _read_loose(path)
        except OSError as error:
            yield LawPart(path, troubles=(str(error),))


def list_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        else:
            yield path


def _read_archive(path: Path, codes: Collection[str]) -> Iterator[LawPart]:
    said_at = delivered_at(path.name)
    with path.open("rb") as file:
        for part in iter_legi(file, codes):
            yield LawPart(path, part.versions, part.troubles, (), part.deleted, said_at)


def _read_loose(path: Path) -> LawPart:
    if path.stat().st_size > MAX_FILE:
        return LawPart(path, troubles=(f"larger than {MAX_FILE} bytes",))
    try:
        found = read_versions(path.name, path.read_bytes())
    except ParseError as error:
        return LawPart(path, troubles=(error.reason,))
    return LawPart(path, found.versions, found.troubles, found.notes)
