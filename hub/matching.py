"""Which items the mentions of a batch open, join, bring together or part.

`hub.sameness` decides on what is looked up here. Nearly all that comes meets nothing known: that is
seen from its keys, and its words are not even read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from hub.model import Mention
from hub.sameness.clustering import Bench, gather, joins_one_source, keys_of, reach
from hub.sameness.reading import Trace, Voice, read_trace
from hub.sameness.settling import Holding, Settled, settle
from hub.store import Session
from hub.store.identity import (
    add_keys,
    has_keys,
    has_rulings,
    hash_key,
    list_known_keys,
    list_mentions_by_keys,
    list_rulings,
)
from hub.store.items import list_standings
from hub.store.mentions import (
    list_ids_by_voice,
    list_resolved,
    list_said,
    list_spoken,
    to_witness,
)

Rows = Mapping[int, Row[Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """By mention ids: `opened` are those of each new item, `joined` gives others the item that
    takes them; some of both leave another item. `merged` and `asked` are by item ids."""

    opened: tuple[tuple[int, ...], ...] = ()
    joined: Mapping[int, int] = field(default_factory=dict)
    merged: Mapping[int, int] = field(default_factory=dict)
    asked: tuple[tuple[int, int], ...] = ()


def plan_fresh(session: Session, waiting: Sequence[tuple[Row[Any], Mention]]) -> Plan:
    """What becomes of mentions that no item holds, and of what they meet. Makes them findable."""
    rows = [row for row, _ in waiting]
    keys = [{hash_key(key): key for key in keys_of(mention)} for _, mention in waiting]
    known = list_known_keys(session, list({key for its_keys in keys for key in its_keys}))
    add_keys(session, zip((row.id for row in rows), keys, strict=True))
    for row, its_keys in zip(rows, keys, strict=True):
        for key in its_keys:
            known.setdefault(key, []).append(row.source_id)
    heard = _list_heard(session, rows)

    def meets(row: Row[Any], hashed: int, key: str) -> bool:
        others = known[hashed]
        return len(others) > 1 and (joins_one_source(key) or set(others) != {row.source_id})

    fresh = [
        row
        for row, its_keys in zip(rows, keys, strict=True)
        if (row.source_id, row.key) in heard or any(meets(row, *one) for one in its_keys.items())
    ]
    ids = {row.id for row in fresh}
    alone = tuple((row.id,) for row in rows if row.id not in ids)
    return _plan(session, Archive(session, fresh), alone) if fresh else Plan(alone)


def plan_again(session: Session, voices: Collection[Voice]) -> Plan:
    """What becomes of what these voices say, and of what it meets, now that editors ruled."""
    ids = list_spoken(session, list(voices))
    return _plan(session, Archive(session, list_said(session, ids)))


def key_older(session: Session) -> None:
    """Make the mentions of a database from before there were keys findable."""
    if has_keys(session):
        return
    for some in list_resolved(session):
        mentions = [(row.id, to_witness(row)) for row in some]
        add_keys(session, [(id_, {hash_key(k) for k in keys_of(m)}) for id_, m in mentions])


def _list_heard(session: Session, rows: Sequence[Row[Any]]) -> set[Voice]:
    """The voices that spoke before, twice now, or of which an editor said something."""
    counts = Counter((row.source_id, row.key) for row in rows)
    voices = list(counts)
    heard = {voice for voice, count in counts.items() if count > 1}
    heard.update(list_ids_by_voice(session, voices))
    if has_rulings(session):
        for ruling in list_rulings(session, voices):
            heard.update((ruling.left, ruling.right))
    return heard


# --- Looking up --------------------------------------------------------------------------------


class Archive:
    """Mentions as traces, each read once. `fresh` are where it begins."""

    def __init__(self, session: Session, fresh: Sequence[Row[Any]]) -> None:
        self._session = session
        self._traces: dict[int, Trace] = {}
        self._ids: dict[Trace, list[int]] = defaultdict(list)
        self._by_voice: dict[Voice, set[Trace]] = defaultdict(set)
        self.held: dict[Trace, int] = {}
        self.holders: dict[int, int | None] = {}
        self._add(fresh)
        self.fresh = frozenset(self._ids)

    def _add(self, rows: Iterable[Row[Any]]) -> None:
        for row in rows:
            trace = read_trace(to_witness(row))
            self._traces[row.id] = trace
            self._ids[trace].append(row.id)
            self._by_voice[trace.voice].add(trace)
            self.holders[row.id] = row.item_id
            if row.item_id is not None:
                self.held[trace] = row.item_id

    def _read(self, ids: Iterable[int]) -> set[Trace]:
        wanted = sorted(set(ids))
        self._add(list_said(self._session, [id_ for id_ in wanted if id_ not in self._traces]))
        return {self._traces[id_] for id_ in wanted}

    def find(self, keys: Collection[str], voices: Collection[Voice]) -> set[Trace]:
        """As `hub.sameness.clustering.Find`."""
        ids = list_mentions_by_keys(self._session, sorted(map(hash_key, keys)))
        found = self._read([*ids, *list_spoken(self._session, sorted(voices))])
        return found.union(*(self._by_voice[voice] for voice in voices))

    def list_ids(self, trace: Trace) -> list[int]:
        """The mentions that left this trace, oldest first."""
        return sorted(self._ids[trace])

    def list_holdings(self) -> dict[int, Holding]:
        """The items that hold what was read so far."""
        standings = list_standings(self._session, sorted(set(self.held.values())))
        self._read(standing.mention_id for standing in standings)
        found = {}
        for one in standings:
            giver = self._traces[one.mention_id]
            age = (-len(giver.proofs), str(giver.day or "9999"), *giver.voice, giver.digest)
            found[one.id] = Holding(one.id, giver, one.state.is_public, one.is_touched, age)
        return found


def _plan(session: Session, archive: Archive, alone: tuple[tuple[int, ...], ...] = ()) -> Plan:
    bench, reached = _reach(session, archive)
    held = {trace: archive.held[trace] for trace in reached if trace in archive.held}
    holdings = archive.list_holdings()
    settled = settle(gather(reached, bench), held, holdings, bench)
    joined = {
        id_: item_id
        for trace, item_id in _list_homes(reached, held, settled).items()
        for id_ in archive.list_ids(trace)
        if archive.holders[id_] != item_id
    }
    opened = tuple(
        tuple(sorted(id_ for trace in group for id_ in archive.list_ids(trace)))
        for group in settled.opened
    )
    return Plan((*alone, *opened), joined, settled.merged, settled.asked)


def _reach(session: Session, archive: Archive) -> tuple[Bench, set[Trace]]:
    """What is within reach, and the bench that knows all that editors said of it."""
    bench, voices = Bench(), {trace.voice for trace in archive.fresh}
    is_ruled = has_rulings(session)
    while True:
        if is_ruled:
            bench = Bench(list_rulings(session, sorted(voices)))
        reached = reach(archive.fresh, archive.find, bench)
        more = {trace.voice for trace in reached} - voices
        if not is_ruled or not more:
            return bench, reached
        voices |= more


def _list_homes(
    reached: Iterable[Trace], held: Mapping[Trace, int], settled: Settled
) -> dict[Trace, int]:
    """The item of each mention that does not open one."""
    leaving = {trace for group in settled.opened for trace in group}
    homes = {trace: held[trace] for trace in reached if trace in held and trace not in leaving}
    return {**homes, **settled.joined}
