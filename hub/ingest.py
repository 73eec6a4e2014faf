"""Files already at hand: JORFSIMPLE archives, their loose XML, the index pages saved with them; and
the articles of codes: archives of LEGI, loose XML, answers of the API Légifrance, tables.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Container as Holder
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from hub.ahead import Ahead, read_here
from hub.captures import CaptureFiles, JournalEntry, hash_body
from hub.config import Settings
from hub.digests import Digests
from hub.errors import ParseError
from hub.intake import Intake, Kept, Resolved
from hub.lawfiles import list_files, read_law_files
from hub.legal.jorfsimple import (
    SOURCE_ID,
    Container,
    Delivery,
    announce,
    iter_deliveries,
    parse_container,
    parse_index,
    parse_text,
)
from hub.legal.versions import Articles
from hub.model import Capture
from hub.store import Store

LARGE = 64 * 1024 * 1024
"""A larger archive (a full dump) is read in parts, and is not copied among the captures."""
MAX_FILE = 8 * 1024 * 1024
"""The largest file that is no archive."""
MENTIONS = 1_000
BYTES = 16 * 1024 * 1024
"""What is read before it is written."""
NEWS = 2_000
"""Mentions after which they are gathered and tagged, so that none of the steps holds them all."""

Gather = Callable[[], Resolved]
_Loaded: TypeAlias = Capture | OSError


def do_nothing() -> Resolved:
    return Resolved()


@dataclass(slots=True)
class Ingested:
    """What the files held. `texts` counts full texts, `mentions` what was new to the store."""

    files: int = 0
    texts: int = 0
    containers: int = 0
    mentions: int = 0
    new_items: int = 0
    new_versions: int = 0
    articles: int = 0
    """Versions of articles that were read."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """Files that were understood and hold nothing to keep."""
    failures: list[tuple[str, str]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    """The items spoken of, which the index has not seen yet."""

    def to_json(self) -> dict[str, Any]:
        report = asdict(self) | {
            "items": len(self.touched),
            "notes": [{"file": file, "note": note} for file, note in self.notes],
            "failures": [{"file": file, "reason": reason} for file, reason in self.failures],
        }
        del report["touched"]
        return report

    def add(self, resolved: Resolved) -> None:
        self.touched |= resolved.touched
        self.new_items += resolved.new_items
        self.new_versions += resolved.new_versions


def ingest_paths(
    store: Store,
    settings: Settings,
    paths: Iterable[Path],
    now: datetime,
    gather: Gather = do_nothing,
    ahead: Ahead | None = None,
    codes: Collection[str] = (),
) -> Ingested:
    """Read files and whole folders. A file that cannot be read is told with its reason and is not
    kept: what a person gave by mistake says nothing of the Journal officiel.

    Summaries are read before texts, wherever they stand, so that each text knows its rubrique.
    `gather` is called from time to time, and at the end. With `ahead` archives are read by other
    processes, and its tagger, given to `gather`, knows what the rules say of their texts. Of the
    archives of LEGI only the articles of `codes` are read.
    """
    intake = Intake(store, CaptureFiles(settings.captures), now)
    with _collecting_rarely():
        return _read(_Desk(intake, gather, ahead=ahead, codes=codes), paths)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Rows and mentions make no cycles: to look for some takes a sixth of the time. What makes
    some is let go each time mentions were gathered.
    """
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def reingest(store: Store, settings: Settings, source_ids: Holder[str]) -> Ingested:
    """Read once more the files at hand that were captured, as they were ingested then."""
    files = CaptureFiles(settings.captures)
    total = Ingested()
    if SOURCE_ID not in source_ids:
        return total
    by_moment: dict[datetime, list[JournalEntry]] = {}
    for entry in files.read_journal():
        if entry.url.startswith("file:") and "#" not in entry.url:
            by_moment.setdefault(entry.fetched_at, []).append(entry)
    for moment, entries in by_moment.items():
        desk = _Desk(Intake(store, files, moment, is_replay=True), do_nothing, total)
        with TemporaryDirectory() as folder:
            _read(desk, [path for entry in entries if (path := _lay(entry, files, Path(folder)))])
    return total


def _lay(entry: JournalEntry, files: CaptureFiles, folder: Path) -> Path | None:
    """A captured file under the name it had; None when it is lost."""
    path = folder / PurePosixPath(entry.url.removeprefix("file:")).name
    try:
        path.write_bytes(files.read(entry.sha256))
    except (OSError, ValueError):
        return None
    return path


def _read(desk: _Desk, paths: Iterable[Path]) -> Ingested:
    kinds: dict[str, list[Path]] = {kind: [] for kind in _KINDS}
    for path in list_files(paths):
        kinds[_kind_of(path)].append(path)
    containers = [found for path in kinds["summary"] if (found := desk.read_summary(path))]
    rubriques = {key: value for c, _ in containers for key, value in c.rubriques.items()}
    known = {key for path in kinds["text"] if (key := desk.read_text(path, rubriques))}
    for container, capture in containers:
        desk.keep_announced(container, capture, known)
    for are_large, some in groupby(kinds["archive"], _is_large):
        if are_large:
            for path in some:
                desk.read_parts(path)
        else:
            desk.read_archives(some)
    for path in kinds["law"]:
        desk.read_law(path)
    for path in kinds["other"]:
        desk.read_other(path)
    desk.finish()
    return desk.report


_KINDS = ("summary", "text", "archive", "law", "other")


def _kind_of(path: Path) -> str:
    name = path.name
    if name.startswith("LEGI_") or path.suffix in (".json", ".csv"):
        return "law"
    if name.endswith(".xml") and name.startswith(("LEGIARTI", "JORFARTI")):
        return "law"
    if name.endswith(".xml") and name.startswith(("JORFCONT", "JORFTEXT")):
        return "summary" if name.startswith("JORFCONT") else "text"
    return "archive" if name.endswith((".tar.gz", ".tgz", ".tar")) else "other"


def _is_large(path: Path) -> bool:
    try:
        return path.stat().st_size > LARGE
    except OSError:
        return False


class _Desk:
    """Reads one file at a time, writes by batches, and keeps the count."""

    def __init__(
        self,
        intake: Intake,
        gather: Gather,
        report: Ingested | None = None,
        ahead: Ahead | None = None,
        codes: Collection[str] = (),
    ) -> None:
        self.intake = intake
        self.codes = codes
        self.report = report or Ingested()
        self._gather = gather
        self._ahead = ahead
        self._waiting: list[Kept] = []
        self._ungathered = 0

    def read_summary(self, path: Path) -> tuple[Container, Capture] | None:
        capture = self._capture(path)
        if capture is None:
            return None
        try:
            container = parse_container(capture.body)
        except ParseError as error:
            self._tell(path, error.reason)
            return None
        self.report.containers += 1
        return container, capture

    def keep_announced(self, container: Container, capture: Capture, known: set[str]) -> None:
        """A text that the summary names and no file holds is known by its title."""
        missing = [text_id for text_id in container.titles if text_id not in known]
        self._keep(Kept(capture, [announce(container, text_id) for text_id in missing]))

    def read_text(self, path: Path, rubriques: Mapping[str, tuple[str, ...]]) -> str | None:
        capture = self._capture(path)
        if capture is None:
            return None
        try:
            mention = parse_text(capture.body, rubriques)
        except ParseError as error:
            if self._keep_law(path, capture):  # nor of the fonds JORF, whose articles are apart
                self._tell(path, error.reason)
            return None
        self.report.texts += 1
        self._keep(Kept(capture, [mention]))
        return mention.key

    def read_archives(self, paths: Iterable[Path]) -> None:
        read = self._ahead.read if self._ahead else read_here
        loaded = ((path, self._load(path, LARGE)) for path in paths)
        bodies = ((one, one[1].body if isinstance(one[1], Capture) else b"") for one in loaded)
        for (path, found), (delivery, digests) in read(bodies):
            if (capture := self._received(path, found)) is not None:
                self._keep_delivery(path, capture, delivery, digests)

    def read_parts(self, path: Path) -> None:
        """A full dump: what proves each part is the name and size of the dump."""
        self.report.files += 1
        with path.open("rb") as file:
            for number, delivery in enumerate(iter_deliveries(file)):
                facts = {"archive": path.name, "size": path.stat().st_size, "part": number}
                body = json.dumps(facts).encode()
                self._keep_delivery(path, self._to_capture(f"{path.name}#{number}", body), delivery)

    def _keep_delivery(
        self, path: Path, capture: Capture, delivery: Delivery, digests: Sequence[Digests] = ()
    ) -> None:
        self.report.texts += delivery.texts
        for trouble in delivery.troubles:
            self._tell(path, trouble)
        if delivery.mentions:
            kept = Kept(capture, delivery.mentions, None, delivery.is_whole, digests)
            self._keep(kept)

    def read_other(self, path: Path) -> None:
        """An index page saved beside the archives says nothing of its own; the rest is refused."""
        capture = self._capture(path)
        if capture is None:
            return
        try:
            parse_index(capture.body)
        except ParseError:
            if self._keep_law(path, capture):
                self._tell(path, "not a JORFSIMPLE archive, summary, text or index page")

    def read_law(self, path: Path) -> None:
        """Articles. What proves those of a file too large to be kept is its name and its size."""
        if _is_large(path):
            self.report.files += 1
            facts = {"archive": path.name, "size": path.stat().st_size}
            capture: Capture | None = self._to_capture(path.name, json.dumps(facts).encode())
        else:
            capture = self._received(path, self._load(path, LARGE))
        if capture is not None and (reason := self._keep_law(path, capture)):
            self._tell(path, reason)

    def _keep_law(self, path: Path, capture: Capture) -> str:
        """Keep the articles of a file; why it is no file of law, if it is none."""
        for part in read_law_files([path], self.codes):
            if not part.versions and part.troubles and not part.is_archive:
                return part.troubles[0]
            self.report.articles += len(part.versions)
            self.report.notes += [(path.name, note) for note in part.notes]
            for trouble in part.troubles:
                self._tell(path, trouble)
            articles = Articles(part.versions, part.deleted, part.said_at)
            self._keep(Kept(capture, articles=articles))
        return ""

    def finish(self) -> None:
        self._flush()
        self._take_in()

    def _keep(self, kept: Kept) -> None:
        self._waiting.append(kept)
        mentions = sum(len(one.mentions) for one in self._waiting)
        size = sum(len(one.capture.body) for one in self._waiting)
        if mentions >= MENTIONS or size >= BYTES:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        news = sum(self.intake.keep_all(waiting))
        self.report.mentions += news
        self._ungathered += news
        if self._ungathered >= NEWS:
            self._ungathered = 0
            self._take_in()

    def _take_in(self) -> None:
        self.report.add(self._gather())
        if self._ahead:
            self._ahead.tagger.forget()
        gc.collect()

    def _capture(self, path: Path) -> Capture | None:
        return self._received(path, self._load(path, MAX_FILE))

    def _received(self, path: Path, loaded: _Loaded) -> Capture | None:
        self.report.files += 1
        if isinstance(loaded, OSError):
            self._tell(path, str(loaded))
            return None
        return loaded

    def _load(self, path: Path, limit: int) -> _Loaded:
        try:
            if path.stat().st_size > limit:
                raise OSError(f"larger than {limit} bytes")
            body = path.read_bytes()
        except OSError as error:
            return error
        return self._to_capture(path.name, body)

    def _to_capture(self, name: str, body: bytes) -> Capture:
        moment = self.intake.now
        return Capture(SOURCE_ID, f"file:{name}", moment, 200, {}, body, hash_body(body))

    def _tell(self, path: Path, reason: str) -> None:
        self.report.failures.append((path.name, reason))
