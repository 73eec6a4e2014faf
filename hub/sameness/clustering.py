"""Groups of mentions that speak of one update: a function of the set, not of its order.

Groups are made ground by ground, strongest first. On one ground, what would bring together two
mentions that oppose each other brings nobody together: whose press page is it, when two décrets
bear its title? An editor says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from hub.sameness.reading import Trace, Voice
from hub.sameness.verdict import FEW_DAYS, MIN_TITLE_WORDS, Answer, Ground, Verdict, compare

Group = tuple[Trace, ...]
"""In the order of `Trace.rank`."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an editor said of two voices. It outweighs everything but a later ruling."""

    left: Voice
    right: Voice
    is_same: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two mentions of two groups that something joins, but not surely."""

    left: Trace
    right: Trace
    verdict: Verdict


@dataclass(slots=True)
class Bench:
    """Compares traces, each pair once, rulings of editors first (the last of a pair holds)."""

    rulings: Iterable[Ruling] = ()
    _ruled: dict[frozenset[Voice], bool] = field(init=False)
    _verdicts: dict[tuple[Trace, Trace], Verdict] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ruled = {frozenset((r.left, r.right)): r.is_same for r in self.rulings}

    @property
    def ruled(self) -> Mapping[frozenset[Voice], bool]:
        return self._ruled

    def compare(self, left: Trace, right: Trace) -> Verdict:
        key = (left, right) if left.rank <= right.rank else (right, left)
        if key not in self._verdicts:
            self._verdicts[key] = self._compare(*key)
        return self._verdicts[key]

    def _compare(self, left: Trace, right: Trace) -> Verdict:
        is_same = self._ruled.get(frozenset((left.voice, right.voice)))
        if is_same is None or left.voice == right.voice:
            return compare(left, right)
        return Verdict(Answer.SAME if is_same else Answer.DIFFERENT, Ground.EDITOR)

    def list_ruled_keys(self, trace: Trace) -> frozenset[str]:
        """The keys of the voices that an editor said to speak of the same update."""
        return frozenset(
            _voice_key(voice)
            for pair, is_same in self._ruled.items()
            if is_same and trace.voice in pair
            for voice in pair
        )

    def oppose(self, left: Group, right: Group) -> bool:
        """Whether any two members are two updates, and no editor said that the groups are one."""
        answers = {self.compare(a, b) for a in left for b in right}
        if any(v.answer is Answer.DIFFERENT and v.ground is Ground.EDITOR for v in answers):
            return True
        if any(v.answer is Answer.SAME and v.ground is Ground.EDITOR for v in answers):
            return False
        return any(v.answer is Answer.DIFFERENT for v in answers)


# --- Keys --------------------------------------------------------------------------------------


def list_keys(trace: Trace) -> frozenset[str]:
    """What a mention must share with another to be the same: nothing else need be looked up."""
    keys = {_voice_key(trace.voice)}
    keys.update(f"id {identifier}" for identifier in trace.proofs)
    keys.update(f"number {number}" for number in trace.numbers)
    if trace.address:
        keys.add(f"address {trace.address}")
    if trace.own and trace.own.signed_on:
        keys.add(f"act {trace.own.nature} {trace.own.signed_on}")
    if trace.day and len(trace.title.split()) >= MIN_TITLE_WORDS:
        week = trace.day.toordinal() // (FEW_DAYS.days + 1)
        keys.update(f"title {week + next_} {trace.title}" for next_ in (0, 1))
    return frozenset(keys)


def _voice_key(voice: Voice) -> str:
    return f"voice {voice[0]} {voice[1]}"


def list_pairs(traces: Sequence[Trace]) -> Iterator[tuple[int, int]]:
    """The pairs that share a key, each once, as positions."""
    buckets: dict[str, list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        for key in list_keys(trace):
            buckets[key].append(place)
    seen: set[tuple[int, int]] = set()
    for places in buckets.values():
        for pair in combinations(places, 2):
            if pair not in seen:
                seen.add(pair)
                yield pair


# --- Groups ------------------------------------------------------------------------------------


def gather(traces: Iterable[Trace], bench: Bench | None = None) -> tuple[Group, ...]:
    """Gather mentions into groups: every mention is in one, alone if nothing joins it."""
    bench = bench or Bench()
    ordered = sorted(set(traces), key=lambda trace: trace.rank)
    edges: dict[Ground, list[tuple[int, int]]] = defaultdict(list)
    for left, right in (*list_pairs(ordered), *_list_ruled(ordered, bench)):
        verdict = bench.compare(ordered[left], ordered[right])
        if verdict.answer is Answer.SAME:
            edges[verdict.ground].append((left, right))
    roots = list(range(len(ordered)))
    for ground in sorted(edges):
        roots = _join(ordered, roots, edges[ground], bench)
    groups: dict[int, list[Trace]] = defaultdict(list)
    for place, root in enumerate(roots):
        groups[root].append(ordered[place])
    return tuple(map(tuple, groups.values()))


def find_doubts(groups: Iterable[Group], bench: Bench) -> list[Doubt]:
    """What joins mentions of two groups, but not surely enough for them to be one."""
    owners = {trace: number for number, group in enumerate(groups) for trace in group}
    ordered = sorted(owners, key=lambda trace: trace.rank)
    doubts = []
    for a, b in sorted(list_pairs(ordered)):
        left, right = ordered[a], ordered[b]
        if owners[left] != owners[right]:
            verdict = bench.compare(left, right)
            if verdict.answer in (Answer.SAME, Answer.PROPOSE):
                doubts.append(Doubt(left, right, verdict))
    return doubts


Find = Callable[[Collection[str]], Iterable[Trace]]
"""The mentions known under any of some keys (`list_keys`)."""


def reach(fresh: Iterable[Trace], find: Find, bench: Bench | None = None) -> set[Trace]:
    """All the mentions whose groups may change when these come.

    To gather them gives for each what gathering the whole archive would: groups are made along
    what surely joins two mentions, so that nothing else can touch them.
    """
    bench = bench or Bench()
    within = set(fresh)
    frontier, asked = set(within), set[str]()
    pool: dict[str, set[Trace]] = defaultdict(set)
    while frontier:
        keys = {trace: list_keys(trace) | bench.list_ruled_keys(trace) for trace in frontier}
        wanted = frozenset[str]().union(*keys.values()) - asked
        asked |= wanted
        for found in find(wanted):
            for key in list_keys(found):
                pool[key].add(found)
        frontier = {
            other
            for trace, its_keys in keys.items()
            for key in its_keys
            for other in pool[key] - within
            if bench.compare(trace, other).answer is Answer.SAME
        }
        within |= frontier
    return within


def _list_ruled(ordered: Sequence[Trace], bench: Bench) -> Iterator[tuple[int, int]]:
    places: dict[Voice, int] = {}
    for place, trace in enumerate(ordered):
        places.setdefault(trace.voice, place)
    for pair, is_same in bench.ruled.items():
        found = sorted(places[voice] for voice in pair if voice in places)
        if is_same and len(found) == 2:
            yield found[0], found[1]


def _join(
    ordered: Sequence[Trace], roots: list[int], edges: Sequence[tuple[int, int]], bench: Bench
) -> list[int]:
    """Join the groups that these edges bring together, but none that would hold an opposition."""
    members: dict[int, list[Trace]] = defaultdict(list)
    for place, root in enumerate(roots):
        members[root].append(ordered[place])
    links: dict[int, set[int]] = defaultdict(set)
    for a, b in edges:
        if roots[a] != roots[b]:
            links[roots[a]].add(roots[b])
            links[roots[b]].add(roots[a])

    def opposed(a: int, b: int) -> bool:
        return bench.oppose(tuple(members[a]), tuple(members[b]))

    sure: dict[int, set[int]] = defaultdict(set)
    for a, others in links.items():
        rivals = {b for b, c in combinations(sorted(others | {a}), 2) if opposed(b, c)}
        rivals |= {c for b, c in combinations(sorted(others | {a}), 2) if opposed(b, c)}
        sure[a] = others - rivals if a not in rivals else set()
    becomes = {root: root for root in members}
    for component in _components({a: {b for b in bs if a in sure[b]} for a, bs in sure.items()}):
        if not any(opposed(a, b) for a, b in combinations(component, 2)):
            becomes.update(dict.fromkeys(component, component[0]))
    return [becomes[root] for root in roots]


def _components(links: Mapping[int, set[int]]) -> Iterator[list[int]]:
    """The connected parts of a graph, each in order."""
    seen: set[int] = set()
    for start in sorted(links):
        if start in seen:
            continue
        part, waiting = [], [start]
        seen.add(start)
        while waiting:
            node = waiting.pop()
            part.append(node)
            fresh = links.get(node, set()) - seen
            seen |= fresh
            waiting += sorted(fresh)
        yield sorted(part)
