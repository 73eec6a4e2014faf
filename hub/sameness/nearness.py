"""What an editor is asked: groups that look alike, gathered again, loosely.

The words of a group are those of all its members, so that a page which says little of a decree
still meets it through the pages that say more. Groups are joined nearest first while they are near
enough and nothing opposes two of their members: each group is thus asked about with the one family
it fits best, not with every family it resembles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heapify, heappop, heappush
from itertools import combinations, product
from math import sqrt

from hub.sameness.clustering import Bench, Doubt, Group, find_doubts
from hub.sameness.reading import TELLING
from hub.sameness.verdict import Answer, Ground, Verdict, is_one_title

NEAR = 0.2
"""The cosine from which two groups are asked about. From 0.16 to 0.24 measures alike."""
SAME_ACT = 0.3
"""What the same act named by nature and day adds: several are signed in a day, so never enough."""
DOUBT = 0.6
"""What a number, an address or a title in common is worth when it was not enough to join: more
than likeness, for numbers are miswritten less often than texts resemble each other."""
CROWD = 100
"""A term that more groups share brings none together by itself: it tells little, and costs their
number squared."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two groups that may be one. `verdict` says why; `score` orders the questions."""

    left: Group
    right: Group
    score: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Near:
    """`families` are the groups, gathered as if every proposal were accepted."""

    proposals: tuple[Proposal, ...]
    families: tuple[tuple[Group, ...], ...]


@dataclass(frozen=True, slots=True)
class _Cluster:
    groups: tuple[Group, ...]
    words: Mapping[str, float]
    length: float
    acts: frozenset[tuple[str, date]]

    @property
    def members(self) -> Group:
        return tuple(trace for group in self.groups for trace in group)


def find_near(gathered: Iterable[Group], bench: Bench | None = None) -> Near:
    """What to ask of these groups. Every proposal joins what those before it have joined."""
    bench = bench or Bench()
    groups = sorted(gathered, key=lambda group: group[0].rank)
    doubts = _index_doubts(groups, find_doubts(groups, bench))
    candidates = list(_list_candidates(groups, doubts))
    doubts = {**_index_doubts(groups, _find_one_titles(groups, candidates, bench)), **doubts}
    clusters = {place: _start(group) for place, group in enumerate(groups)}
    proposals: list[Proposal] = []
    near = [
        (-score, pair)
        for pair in candidates
        if (score := _score(clusters[pair[0]], clusters[pair[1]], doubts, bench)) >= NEAR
    ]
    heapify(near)
    neighbours: dict[int, set[int]] = defaultdict(set)
    for _, (a, b) in near:
        neighbours[a].add(b)
        neighbours[b].add(a)
    while near:
        negative, (a, b) = heappop(near)
        if a not in clusters or b not in clusters:
            continue
        left, right = clusters.pop(a), clusters.pop(b)
        proposals.append(_ask(left, right, -negative, doubts))
        fresh = len(groups) + len(proposals)
        clusters[fresh] = joined = _unite(left, right)
        for other in sorted((neighbours[a] | neighbours[b]) & clusters.keys()):
            if (score := _score(joined, clusters[other], doubts, bench)) >= NEAR:
                heappush(near, (-score, (other, fresh)))
                neighbours[other].add(fresh)
                neighbours[fresh].add(other)
    families = sorted((c.groups for c in clusters.values()), key=lambda groups: groups[0][0].rank)
    return Near(tuple(proposals), tuple(families))


# --- Candidates --------------------------------------------------------------------------------

_Doubts = Mapping[tuple[Group, Group], Doubt]


def _index_doubts(groups: Sequence[Group], doubts: Iterable[Doubt]) -> _Doubts:
    """The strongest doubt between two groups, both ways."""
    of = {trace: group for group in groups for trace in group}
    found: dict[tuple[Group, Group], Doubt] = {}
    for doubt in sorted(doubts, key=lambda d: (d.verdict.ground, d.left.rank, d.right.rank)):
        pair = of[doubt.left], of[doubt.right]
        found.setdefault(pair, doubt)
        found.setdefault((pair[1], pair[0]), doubt)
    return found


def _find_one_titles(
    groups: Sequence[Group], candidates: Iterable[tuple[int, int]], bench: Bench
) -> Iterator[Doubt]:
    """The news that several print under one title, or nearly."""
    for place, other in candidates:
        for a, b in product(groups[place], groups[other]):
            if is_one_title(a, b) and (found := bench.compare(a, b)).answer is Answer.PROPOSE:
                yield Doubt(a, b, found)


def _list_candidates(groups: Sequence[Group], doubts: _Doubts) -> Iterator[tuple[int, int]]:
    """The pairs worth a score, each once: they share terms, an act, or a doubt."""
    place_of = {group: place for place, group in enumerate(groups)}
    pairs = {(place_of[a], place_of[b]) for a, b in doubts if place_of[a] < place_of[b]}
    terms: dict[str, list[int]] = defaultdict(list)
    acts: dict[tuple[str, date], list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        for term in frozenset[str]().union(*(trace.telling for trace in group)):
            terms[term].append(place)
        for act in frozenset[tuple[str, date]]().union(*(trace.acts for trace in group)):
            acts[act].append(place)
    for places in (*terms.values(), *acts.values()):
        if len(places) <= CROWD:
            pairs.update(combinations(places, 2))
    yield from sorted(pairs)


# --- Scores ------------------------------------------------------------------------------------


def _start(group: Group) -> _Cluster:
    words: dict[str, float] = defaultdict(float)
    for trace in group:
        length = _length(dict(trace.words)) or 1.0
        for word, weight in trace.words:
            words[word] += weight / length
    acts = frozenset[tuple[str, date]]().union(*(trace.acts for trace in group))
    return _Cluster((group,), words, _length(words), acts)


def _unite(left: _Cluster, right: _Cluster) -> _Cluster:
    words = dict(left.words)
    for word, weight in right.words.items():
        words[word] = words.get(word, 0.0) + weight
    groups = (*left.groups, *right.groups)
    return _Cluster(groups, words, _length(words), left.acts | right.acts)


def _length(words: Mapping[str, float]) -> float:
    return sqrt(sum(weight * weight for weight in words.values()))


def _score(left: _Cluster, right: _Cluster, doubts: _Doubts, bench: Bench) -> float:
    """How near two clusters are; 0 where two of their members oppose each other."""
    product = sum(
        weight * right.words[word] for word, weight in left.words.items() if word in right.words
    )
    score = product / ((left.length * right.length) or 1.0)
    if left.acts & right.acts:
        score += SAME_ACT
    if score < DOUBT and any((a, b) in doubts for a in left.groups for b in right.groups):
        score = DOUBT
    if score < NEAR or bench.oppose(left.members, right.members):
        return 0.0
    return round(score, 9)


def _ask(left: _Cluster, right: _Cluster, score: float, doubts: _Doubts) -> Proposal:
    """The question that joins two clusters: of their groups, the two that have most in common."""
    pairs = [(a, b) for a in left.groups for b in right.groups]
    doubted = [pair for pair in pairs if pair in doubts]
    if doubted:
        a, b = min(doubted, key=lambda pair: (doubts[pair].verdict.ground, _rank(pair)))
        return Proposal(a, b, score, doubts[a, b].verdict)
    a, b = min(pairs, key=lambda pair: (-len(_common(*pair)), _rank(pair)))
    return Proposal(a, b, score, Verdict(Answer.PROPOSE, Ground.ALIKE, _common(a, b)))


def _rank(pair: tuple[Group, Group]) -> tuple[object, object]:
    return pair[0][0].rank, pair[1][0].rank


def _common(left: Group, right: Group) -> tuple[str, ...]:
    """The telling terms of both, dearest first."""
    first, second = _weigh(left), _weigh(right)
    return tuple(sorted(first.keys() & second.keys(), key=lambda w: (-first[w] * second[w], w)))


def _weigh(group: Group) -> dict[str, float]:
    weights: dict[str, float] = defaultdict(float)
    for trace in group:
        for word, weight in trace.words:
            if weight >= TELLING:
                weights[word] += weight
    return weights
