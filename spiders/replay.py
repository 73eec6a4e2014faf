"""Read again what was captured, with today's parsers: nothing is asked of anybody.

The past runs of a source are played in order. At each moment in which something of it was captured,
its kind asks what it would have asked then, and is given what had been answered by then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hub.captures import CaptureFiles, JournalEntry
from hub.errors import SourceError
from hub.intake import Intake, Kept
from hub.model import Capture, Failure, Source, Trouble
from hub.reported import Report
from spiders.base import Ask, DirectKind, Kind, Page, Reading
from spiders.explain import refusal_of
from spiders.reading import say_all

BATCH = 40
TOKEN = b'{"access_token": "replayed", "token": "replayed", "expires_in": 3600}'
"""What stands for the answers that are never kept."""
SECRET = "replayed:replayed"  # noqa: S105 - the form of a secret, for kinds that look at it
START = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class PastMemory:
    """What a source remembered at a moment of its past; moved forward by the replay."""

    files: CaptureFiles
    answers: Mapping[str, Sequence[JournalEntry]]
    now: datetime = START
    read: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def was_read(self, url: str) -> bool:
        return url in self.read

    def last_read(self, url: str) -> datetime | None:
        """None also for what answered in this very run: that it was asked for then is known."""
        entry = self.find(url)
        is_past = url in self.read and entry is not None and entry.fetched_at < self.now
        return entry.fetched_at if entry is not None and is_past else None

    def was_captured(self, url: str) -> bool:
        """Not what answered in this very run, as if it had been asked for the first time."""
        entry = self.find(url)
        return entry is not None and entry.fetched_at < self.now

    def latest_body(self, url: str) -> bytes | None:
        before = [entry for entry in self.answers.get(url, ()) if entry.fetched_at < self.now]
        return self.body(before[-1]) if before else None

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        return self.keys & set(keys)

    def credentials(self) -> str:
        return SECRET

    def reports(self) -> list[Report]:
        return []

    def find(self, url: str) -> JournalEntry | None:
        """What this address had answered last by now."""
        entries = self.answers.get(url, ())
        place = bisect_right(entries, self.now, key=lambda entry: entry.fetched_at)
        return entries[place - 1] if place else None

    def body(self, entry: JournalEntry) -> bytes | None:
        try:
            return self.files.read(entry.sha256)
        except (OSError, ValueError):
            return None


def replay_source(
    source: Source, kind_type: type[Kind], entries: Sequence[JournalEntry], files: CaptureFiles
) -> Iterator[Kept]:
    """All that the captures of one source say, in the order of the runs that brought them.

    A capture that is lost or damaged is passed over; `replay` counts it.
    """
    by_url: dict[str, list[JournalEntry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.fetched_at):
        by_url.setdefault(entry.url, []).append(entry)
    memory = PastMemory(files, by_url)
    for moment in sorted({entry.fetched_at for entry in entries}):
        memory.now = moment
        yield from _replay_run(kind_type(source, memory), memory)


def _replay_run(kind: Kind, memory: PastMemory) -> Iterator[Kept]:
    waiting: deque[tuple[Ask, Capture | None]] = deque((ask, None) for ask in _first(kind, memory))
    while waiting:
        ask, origin = waiting.popleft()
        name = ask.name or ask.url
        entry = memory.find(name)
        if ask.is_private:
            token = _read(kind, ask, Page(ask.url, TOKEN))
            waiting += [(step, None) for step in token.follow] if isinstance(token, Reading) else []
            continue
        body = memory.body(entry) if entry else None
        if entry is None or body is None:
            if origin is not None and (known := kind.lost(ask).mentions):
                yield _kept(memory, Kept(origin, known))
            continue
        capture = entry.with_body(body)
        page = Page(ask.url, body, "", entry.status, entry.headers, ask.about)
        reading = _read(kind, ask, page)
        if isinstance(reading, str):
            if entry.fetched_at == memory.now:
                yield Kept(capture, failure=_failure(kind, name, reading))
            continue
        if reading.mentions or entry.fetched_at == memory.now:
            failure = _failure(kind, name, say_all(reading.troubles)) if reading.troubles else None
            kept = Kept(
                capture,
                reading.mentions,
                failure,
                reading.is_settled,
                articles=reading.articles,
            )
            yield _kept(memory, kept)
        if reading.is_settled:
            memory.read.add(name)
        waiting += [(step, capture) for step in reading.follow]


def _first(kind: Kind, memory: PastMemory) -> list[Ask]:
    """What a run begins with: of kinds that bring their answers themselves, what came then."""
    if isinstance(kind, DirectKind):
        return [
            Ask(url)
            for url, entries in memory.answers.items()
            if any(entry.fetched_at == memory.now for entry in entries) and _is_direct(url)
        ]
    return list(kind.first_asks())


def _is_direct(url: str) -> bool:
    return not url.startswith(("http:", "https:"))


def _read(kind: Kind, ask: Ask, page: Page) -> Reading | str:
    """What a kind makes of an answer now, or why it makes nothing of it."""
    if refusal := refusal_of(page, ask):
        return refusal[1]
    try:
        reading: Reading = getattr(kind, ask.reader)(page)
    except SourceError as error:
        return error.reason
    except Exception as error:  # as in a crawl: one answer that breaks a parser stops nothing
        return f"the parser failed: {type(error).__name__}: {str(error)[:200]}"
    return reading


def _failure(kind: Kind, name: str, reason: str) -> Failure:
    return Failure(kind.source.id, name, Trouble.PARSE, reason)


def _kept(memory: PastMemory, kept: Kept) -> Kept:
    memory.keys |= {mention.key for mention in kept.mentions if not mention.is_partial}
    return kept


@dataclass(slots=True)
class Replayed:
    """What a replay found in the captures of one source."""

    id: str
    captures: int = 0
    mentions: int = 0
    failures: list[Failure] = field(default_factory=list)


def replay(
    source: Source,
    kind_type: type[Kind],
    entries: Sequence[JournalEntry],
    intake: Intake,
) -> Replayed:
    """Play the past of one source into the store. Nothing changes the second time."""
    done = Replayed(source.id, captures=len(entries))
    for entry in entries:
        try:
            intake.files.read(entry.sha256)
        except (OSError, ValueError) as error:
            reason = f"capture lost or damaged: {error}"
            done.failures.append(Failure(source.id, entry.url, Trouble.CRASH, reason))
    waiting: list[Kept] = []
    for kept in replay_source(source, kind_type, entries, intake.files):
        waiting.append(kept)
        if len(waiting) >= BATCH:
            done.mentions += sum(intake.keep_all(waiting))
            waiting.clear()
    done.mentions += sum(intake.keep_all(waiting))
    return done
