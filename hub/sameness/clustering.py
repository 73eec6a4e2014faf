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

from hub.model import Identifier, Mention
from hub.sameness.acts import NUMBERED, Act, find_own
from hub.sameness.reading import Trace, Voice, address_of, numbers_of, proofs_of, shown_title
from hub.sameness.verdict import MIN_TITLE_WORDS, Answer, Ground, Verdict, compare

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

    def list_ruled_same(self, voice: Voice) -> frozenset[Voice]:
        """The voices that an editor said to speak of the same update as this one."""
        pairs = (pair for pair, is_same in self._ruled.items() if is_same and voice in pair)
        return frozenset[Voice]().union(*pairs) - {voice}

    def is_ruled(self, left: Voice, right: Voice) -> bool | None:
        """What an editor said of these two: the same update (True), or another."""
        return self._ruled.get(frozenset((left, right)))

    def oppose(self, left: Group, right: Group) -> bool:
        """Whether any two members are two updates, and no editor said that the groups are one."""
        answers = {self.compare(a, b) for a in left for b in right}
        if any(v.answer is Answer.DIFFERENT and v.ground is Ground.EDITOR for v in answers):
            return True
        if any(v.answer is Answer.SAME and v.ground is Ground.EDITOR for v in answers):
            return False
        return any(v.answer is Answer.DIFFERENT for v in answers)


# --- Keys --------------------------------------------------------------------------------------


def keys_of(mention: Mention) -> frozenset[str]:
    """What a mention must share with another, if not its voice, for the two to be the same: nothing
    else need be looked up. Its words are not read: nearly all that comes meets nothing.
    """
    own, object_ = find_own(shown_title(mention))
    numbers = numbers_of(mention.identifiers, own)
    return _make_keys(proofs_of(mention), numbers, address_of(mention), own, object_)


def list_keys(trace: Trace) -> frozenset[str]:
    """The keys of the mention that left this trace."""
    return _make_keys(trace.proofs, trace.numbers, trace.address, trace.own, trace.about)


def joins_one_source(key: str) -> bool:
    """Whether two mentions of one source that share this key may be the same: else it shows two
    things."""
    return key.startswith("id ")


CROWD = 200
"""A key that more mentions have brings none together: a source that writes one number everywhere
must not have each compared with all."""


def _make_keys(
    proofs: Iterable[Identifier],
    numbers: Iterable[str],
    address: str,
    own: Act | None,
    object_: str,
) -> frozenset[str]:
    keys = {f"id {identifier}" for identifier in proofs}
    keys.update(f"number {number}" for number in numbers)
    if address:
        keys.add(f"address {address}")
    is_told = len(object_.split()) >= MIN_TITLE_WORDS
    if own and own.signed_on and own.nature not in NUMBERED and is_told:
        keys.add(f"act {own.nature} {own.signed_on} {object_}")
    return frozenset(keys)


def _list_pairs(traces: Sequence[Trace]) -> Iterator[tuple[int, int]]:
    """The pairs that share a key, or their voice, each once, as positions."""
    buckets: dict[str | Voice, list[int]] = defaultdict(list)
    for place, trace in enumerate(traces):
        buckets[trace.voice].append(place)
        for key in list_keys(trace):
            buckets[key].append(place)
    seen: set[tuple[int, int]] = set()
    for shared, places in buckets.items():
        if isinstance(shared, str) and len(places) > CROWD:
            continue
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
    for left, right in (*_list_pairs(ordered), *_list_ruled(ordered, bench)):
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
    for a, b in sorted(_list_pairs(ordered)):
        left, right = ordered[a], ordered[b]
        if owners[left] != owners[right]:
            verdict = bench.compare(left, right)
            if verdict.answer in (Answer.SAME, Answer.PROPOSE):
                doubts.append(Doubt(left, right, verdict))
    return doubts


Find = Callable[[Collection[str], Collection[Voice]], Iterable[Trace]]
"""The mentions known under any of some keys (`list_keys`) or voices."""


def reach(fresh: Iterable[Trace], find: Find, bench: Bench | None = None) -> set[Trace]:
    """All the mentions whose groups may change when these come.

    To gather them gives for each what gathering the whole archive would: groups are made along
    what surely joins two mentions, so that nothing else can touch them.
    """
    bench = bench or Bench()
    within = set(fresh)
    frontier, asked = set(within), set[str | Voice]()
    pool: dict[str | Voice, set[Trace]] = defaultdict(set)
    while frontier:
        wanted = {trace: _list_wanted(trace, bench) for trace in frontier}
        unasked = set[str | Voice]().union(*wanted.values()) - asked
        asked |= unasked
        keys = [key for key in unasked if isinstance(key, str)]
        for found in find(keys, [key for key in unasked if not isinstance(key, str)]):
            pool[found.voice].add(found)
            for key in list_keys(found):
                pool[key].add(found)
        frontier = {
            other
            for trace, its_keys in wanted.items()
            for key in its_keys
            if not isinstance(key, str) or len(pool[key]) <= CROWD
            for other in pool[key] - within
            if bench.compare(trace, other).answer is Answer.SAME
        }
        within |= frontier
    return within


def _list_wanted(trace: Trace, bench: Bench) -> set[str | Voice]:
    return {trace.voice, *list_keys(trace), *bench.list_ruled_same(trace.voice)}


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

    becomes = {root: root for root in members}
    for whole in _components(links):
        against = {pair for pair in combinations(whole, 2) if opposed(*pair)}
        parts = _components(_drop_rivals(whole, links, against)) if against else [whole]
        for part in parts:
            if against.isdisjoint(combinations(part, 2)):
                becomes.update(dict.fromkeys(part, part[0]))
    return [becomes[root] for root in roots]


def _drop_rivals(
    whole: Iterable[int], links: Mapping[int, set[int]], against: Collection[tuple[int, int]]
) -> dict[int, set[int]]:
    """The links that are left when none leads from a group to one of two that oppose each other,
    itself among them."""
    sure: dict[int, set[int]] = {}
    for group in whole:
        around = links[group] | {group}
        rivals = {one for pair in against if around.issuperset(pair) for one in pair}
        sure[group] = links[group] - rivals if group not in rivals else set()
    return {a: {b for b in others if a in sure[b]} for a, others in sure.items()}


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
