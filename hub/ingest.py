"""Files already at hand: JORFSIMPLE archives, their loose XML, the index pages saved with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.captures import CaptureFiles, hash_body
from hub.config import Settings
from hub.errors import ParseError
from hub.intake import Intake, Resolved, resolve
from hub.legal.jorfsimple import (
    SOURCE_ID,
    Container,
    announce,
    parse_container,
    parse_index,
    parse_text,
    read_delivery,
)
from hub.model import Capture, Failure, Mention
from hub.store import Store

MAX_FILE = 512 * 1024 * 1024


@dataclass(slots=True)
class Ingested:
    """What the files held. `texts` counts full texts, `mentions` what was new to the store."""

    files: int = 0
    texts: int = 0
    containers: int = 0
    mentions: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    resolved: Resolved | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "texts": self.texts,
            "containers": self.containers,
            "mentions": self.mentions,
            "items": len(self.resolved.touched) if self.resolved else 0,
            "new_items": self.resolved.new_items if self.resolved else 0,
            "new_versions": self.resolved.new_versions if self.resolved else 0,
            "failures": [{"file": file, "reason": reason} for file, reason in self.failures],
        }


def ingest_paths(
    store: Store, settings: Settings, paths: Iterable[Path], now: datetime
) -> Ingested:
    """Read files and whole folders; every file that cannot be read is a failure with its reason.

    Summaries are read before texts, wherever they stand, so that each text knows its rubrique.
    """
    desk = _Desk(Intake(store, CaptureFiles(settings.captures), now), now)
    kinds: dict[str, list[Path]] = {kind: [] for kind in ("summary", "text", "archive", "other")}
    for path in _files(paths):
        kinds[_kind_of(path)].append(path)
    containers = [found for path in kinds["summary"] if (found := desk.read_summary(path))]
    rubriques = {key: value for c, _ in containers for key, value in c.rubriques.items()}
    known = {key for path in kinds["text"] if (key := desk.read_text(path, rubriques))}
    for container, capture in containers:
        desk.keep_announced(container, capture, known)
    for path in kinds["archive"]:
        desk.read_archive(path)
    for path in kinds["other"]:
        desk.read_other(path)
    desk.report.resolved = resolve(store, now)
    return desk.report


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        else:
            yield path


def _kind_of(path: Path) -> str:
    name = path.name
    if name.endswith(".xml") and name.startswith(("JORFCONT", "JORFTEXT")):
        return "summary" if name.startswith("JORFCONT") else "text"
    return "archive" if name.endswith((".tar.gz", ".tgz", ".tar")) else "other"


class _Desk:
    """Reads one file at a time and keeps the count."""

    def __init__(self, intake: Intake, now: datetime) -> None:
        self.intake = intake
        self.now = now
        self.report = Ingested()

    def read_summary(self, path: Path) -> tuple[Container, Capture] | None:
        capture = self._capture(path)
        if capture is None:
            return None
        try:
            container = parse_container(capture.body)
        except ParseError as error:
            self._refuse(path, capture, error.reason)
            return None
        self.report.containers += 1
        return container, capture

    def keep_announced(self, container: Container, capture: Capture, known: set[str]) -> None:
        """A text that the summary names and no file holds is known by its title."""
        missing = [text_id for text_id in container.titles if text_id not in known]
        self._keep(capture, [announce(container, text_id) for text_id in missing])

    def read_text(self, path: Path, rubriques: Mapping[str, tuple[str, ...]]) -> str | None:
        capture = self._capture(path)
        if capture is None:
            return None
        try:
            mention = parse_text(capture.body, rubriques)
        except ParseError as error:
            self._refuse(path, capture, error.reason)
            return None
        self.report.texts += 1
        self._keep(capture, [mention])
        return mention.key

    def read_archive(self, path: Path) -> None:
        capture = self._capture(path)
        if capture is None:
            return
        delivery = read_delivery(capture.body)
        self.report.texts += delivery.texts
        self._keep(capture, delivery.mentions)
        for trouble in delivery.troubles:
            self.report.failures.append((path.name, trouble))
            self.intake.fail(Failure(SOURCE_ID, capture.url, "parse", trouble))

    def read_other(self, path: Path) -> None:
        """An index page saved beside the archives says nothing of its own; the rest is refused."""
        capture = self._capture(path)
        if capture is None:
            return
        try:
            parse_index(capture.body)
        except ParseError:
            self._refuse(path, capture, "not a JORFSIMPLE archive, summary, text or index page")

    def _keep(self, capture: Capture, mentions: Sequence[Mention]) -> None:
        self.report.mentions += self.intake.keep(capture, mentions)

    def _capture(self, path: Path) -> Capture | None:
        self.report.files += 1
        try:
            if path.stat().st_size > MAX_FILE:
                raise OSError(f"larger than {MAX_FILE} bytes")
            body = path.read_bytes()
        except OSError as error:
            self.report.failures.append((path.name, str(error)))
            return None
        url = f"file:{path.name}"
        return Capture(SOURCE_ID, url, self.now, 200, {}, body, hash_body(body))

    def _refuse(self, path: Path, capture: Capture, reason: str) -> None:
        self.report.failures.append((path.name, reason))
        self.intake.keep_unread(capture, Failure(SOURCE_ID, capture.url, "parse", reason))
