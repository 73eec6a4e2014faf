"""Groups of mentions, against those that people made. Pure; conventions of the judged file.

Mentions come by batches, in orders drawn at random, through the intake (`Treat`). Only pairs of
mentions count. A pair of clusters that people hold for neighbours (`tolerated`) counts neither as
found nor as missed; a proposal counts as if the editor accepted it, with all that it brings
together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from random import Random
from typing import Any

from hub.evaluate.cases import share, text_of
from hub.legal.references import normalise, subject_identifiers
from hub.model import Identifier, Mention, Scheme
from hub.sameness.acts import list_acts

Pair = tuple[str, str]
"""Two mentions by id, in order."""


@dataclass(frozen=True, slots=True)
class IdentityCase:
    """A mention and the cluster it belongs to. `tolerated` are the neighbours of its cluster."""

    id: str
    mention: Mention
    cluster: str
    lookalike: str = ""
    tolerated: frozenset[str] = frozenset()
    is_exact: bool = True
    """Whether the title is as it was read; else it was shortened, or drawn from the address."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Pairs: `right` of those `found` are among the `wanted` ones."""

    wanted: int
    found: int
    right: int

    def to_json(self) -> dict[str, float]:
        precision, recall = share(self.right, self.found), share(self.right, self.wanted)
        f1 = 2 * precision * recall / (precision + recall) if self.right else 0.0
        return {"precision": precision, "recall": recall, "f1": f1}


@dataclass(frozen=True, slots=True)
class Clusters:
    """How many clusters were found whole, and how many of those that have several mentions."""

    n: int
    exact: int
    n_plural: int
    exact_plural: int

    def to_json(self) -> dict[str, float]:
        return {
            "n": self.n,
            "exact_rate": share(self.exact, self.n),
            "exact_rate_without_singletons": share(self.exact_plural, self.n_plural),
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """`pairs` are merged with nobody asked; `proposals` are those and the proposed ones together.

    `asked` is how many questions an editor would be asked.
    """

    pairs: Counts
    proposals: Counts
    asked: int
    lookalike_merges: int
    clusters: Clusters

    def to_json(self) -> dict[str, Any]:
        return {
            "pairs": self.pairs.to_json(),
            "proposals": self.proposals.to_json() | {"asked": self.asked},
            "lookalike_merges": self.lookalike_merges,
            "clusters": self.clusters.to_json(),
        }


@dataclass(frozen=True, slots=True)
class IdentityMeasure:
    """`order_dependent` counts the pairs that are not treated alike in every order."""

    n: int
    figures: Figures
    orders: int
    order_dependent: int
    without_identifiers: Figures
    exact_titles: Figures
    errors: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            **self.figures.to_json(),
            "orders": self.orders,
            "order_dependent": self.order_dependent,
            "without_identifiers": self.without_identifiers.to_json(),
            "exact_titles": self.exact_titles.to_json(),
            "errors": [{"a": a, "b": b, "reason": reason} for a, b, reason in self.errors],
        }


# --- Reading -----------------------------------------------------------------------------------


def read_identity(data: dict[str, Any]) -> IdentityCase:
    """A line of the file.

    Raises:
        ValueError: it is not a case.
    """
    identifiers, tolerated = data.get("identifiers") or {}, data.get("tolerated") or []
    if not isinstance(identifiers, dict) or not all(map(_is_text, identifiers.values())):
        raise ValueError("identifiers: expected texts by scheme")
    if not isinstance(tolerated, list) or not all(map(_is_text, tolerated)):
        raise ValueError("tolerated: expected a list of clusters")
    title, url = text_of(data, "title"), text_of(data, "url", is_optional=True)
    day = text_of(data, "date", is_optional=True)
    is_signature = "signature" in text_of(data, "note", is_optional=True)
    return IdentityCase(
        id=text_of(data, "id"),
        mention=Mention(
            source_id=text_of(data, "source"),
            key=text_of(data, "id"),
            url=url,
            title=title,
            summary=text_of(data, "summary", is_optional=True),
            published_on=date.fromisoformat(day) if day and not is_signature else None,
            signed_on=date.fromisoformat(day) if day and is_signature else None,
            identifiers=(*_identifiers(identifiers, title), *subject_identifiers(title, url)),
        ),
        cluster=text_of(data, "cluster"),
        lookalike=text_of(data, "lookalike", is_optional=True),
        tolerated=frozenset(tolerated),
        is_exact=data.get("title_exact") is not False,
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_SCHEMES = {"idweb": Scheme.BOAMP}


def _identifiers(said: Mapping[str, str], title: str) -> Iterable[Identifier]:
    for name, value in said.items():
        if name == "numero":
            yield Identifier(Scheme.NUMERO, f"{_nature_of(value, title)}-{value}")
        elif identifier := normalise(_SCHEMES.get(name) or Scheme(name), value):
            yield identifier


def _nature_of(number: str, title: str) -> str:
    """The series of a number that is given alone: of a title that bears it, or by its shape."""
    for act in list_acts(title):
        if act.number == number:
            return act.nature
    if "/" in number:
        return "ue"
    return "decret" if "-" in number else "decision"


# --- Measuring ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of mentions: `groups` holds their keys, item by item; `asked` are the pairs of
    groups, by their places, of which an editor would be asked whether they are one."""

    groups: tuple[frozenset[str], ...]
    asked: tuple[tuple[int, int], ...]


Treat = Callable[[Iterable[Sequence[Mention]]], Treated]
"""Takes mentions in, batch after batch, as the hub does."""


def evaluate_identity(
    cases: Sequence[IdentityCase], random: Random, treat: Treat, orders: int = 20
) -> IdentityMeasure:
    """Let the mentions arrive in as many orders as asked, and compare with what people did."""
    seen = [_treat(_draw(cases, random), random, treat) for _ in range(max(orders, 1))]
    unsure = {
        pair
        for merged, proposed, _ in seen
        for pair in (merged ^ seen[0][0]) | (proposed ^ seen[0][1])
    }
    bare = [_without_identifiers(case) for case in cases]
    exact = [case for case in cases if case.is_exact]
    merged, proposed, asked = seen[0]
    return IdentityMeasure(
        n=len(cases),
        figures=_count(cases, merged, proposed, asked),
        orders=len(seen),
        order_dependent=len(unsure),
        without_identifiers=_count(bare, *_treat(bare, random, treat)),
        exact_titles=_count(exact, *_treat(exact, random, treat)),
        errors=tuple(_list_errors(cases, merged, proposed)),
    )


def _draw(cases: Sequence[IdentityCase], random: Random) -> list[IdentityCase]:
    return random.sample(cases, len(cases))


def _without_identifiers(case: IdentityCase) -> IdentityCase:
    return replace(case, mention=replace(case.mention, identifiers=()))


def _treat(
    cases: Sequence[IdentityCase], random: Random, treat: Treat
) -> tuple[frozenset[Pair], frozenset[Pair], int]:
    """The pairs merged, those merged or proposed, and how many questions that makes."""
    treated = treat(_deal([case.mention for case in cases], random))
    return _pairs(treated.groups), _pairs(_list_families(treated)), len(treated.asked)


LARGEST_BATCH = 60


def _deal(mentions: Sequence[Mention], random: Random) -> Iterator[Sequence[Mention]]:
    """Batches of any size, in order."""
    start = 0
    while start < len(mentions):
        size = random.randint(1, LARGEST_BATCH)
        yield mentions[start : start + size]
        start += size


def _list_families(treated: Treated) -> Iterable[frozenset[str]]:
    """The groups as they would be if the editor accepted every proposal."""
    family = {place: {place} for place in range(len(treated.groups))}
    for left, right in treated.asked:
        if family[left] is not family[right]:
            family[left] |= family[right]
            for place in family[right]:
                family[place] = family[left]
    distinct = {id(places): places for places in family.values()}.values()
    return [frozenset[str]().union(*(treated.groups[p] for p in places)) for places in distinct]


def _pairs(groups: Iterable[frozenset[str]]) -> frozenset[Pair]:
    return frozenset(pair for group in groups for pair in combinations(sorted(group), 2))


def _judge(cases: Sequence[IdentityCase]) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """The pairs that belong together, and those that do not count."""
    together, idle = set(), set()
    for a, b in combinations(sorted(cases, key=lambda case: case.id), 2):
        if a.cluster in b.tolerated or b.cluster in a.tolerated:
            idle.add((a.id, b.id))
        elif a.cluster == b.cluster:
            together.add((a.id, b.id))
    return frozenset(together), frozenset(idle)


def _count(
    cases: Sequence[IdentityCase],
    merged: frozenset[Pair],
    proposed: frozenset[Pair],
    asked: int,
) -> Figures:
    together, idle = _judge(cases)
    lookalikes = {case.id: case.lookalike for case in cases if case.lookalike}
    wrong = merged - idle - together
    return Figures(
        pairs=_compare(together, merged - idle),
        proposals=_compare(together, proposed - idle),
        asked=asked,
        lookalike_merges=sum(
            a in lookalikes and lookalikes[a] == lookalikes.get(b) for a, b in wrong
        ),
        clusters=_find_exact(cases, merged),
    )


def _compare(wanted: frozenset[Pair], found: frozenset[Pair]) -> Counts:
    return Counts(len(wanted), len(found), len(wanted & found))


def _find_exact(cases: Sequence[IdentityCase], merged: frozenset[Pair]) -> Clusters:
    members: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        members[case.cluster].add(case.id)
    group_of = {case.id: {case.id} for case in cases}
    for a, b in merged:
        group_of[a].add(b)
        group_of[b].add(a)
    exact = [group for group in members.values() if group_of[min(group)] == group]
    plural = [group for group in members.values() if len(group) > 1]
    return Clusters(len(members), len(exact), len(plural), sum(len(g) > 1 for g in exact))


def _list_errors(
    cases: Sequence[IdentityCase], merged: frozenset[Pair], proposed: frozenset[Pair]
) -> Iterable[tuple[str, str, str]]:
    together, idle = _judge(cases)
    for a, b in sorted((together | merged | proposed) - idle):
        if (a, b) in together:
            if (a, b) not in proposed:
                yield a, b, "missed"
        else:
            yield a, b, "wrongly merged" if (a, b) in merged else "wrongly proposed"
