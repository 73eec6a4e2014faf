"""What becomes of items when their mentions are gathered again. Pure.

An item is where the mention that gives it its text is. Free items follow their groups: they are
joined and split as the groups say, and a source that speaks again does so where it did. An item
that readers or an editor know (`is_kept`) never loses nor takes a mention of another such item by
itself: an editor is asked, and obeyed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from hub.sameness.clustering import Bench, Group
from hub.sameness.reading import Trace, Voice


@dataclass(frozen=True, slots=True)
class Holding:
    """An item as it stands. `giver` gives it its text; `age` orders items, those that prove most
    first, then the oldest, by what they say and not by when they were opened."""

    id: int
    giver: Trace
    is_public: bool
    is_touched: bool
    age: tuple[int | str, ...]

    @property
    def is_kept(self) -> bool:
        return self.is_public or self.is_touched

    @property
    def rank(self) -> tuple[bool, bool, tuple[int | str, ...]]:
        return not self.is_public, not self.is_touched, self.age


@dataclass(frozen=True, slots=True)
class Settled:
    """`joined` gives each mention that moves or comes its item, `opened` are those of new items,
    `merged` the items that go, each into which; `asked` are the pairs of items to ask about."""

    joined: Mapping[Trace, int]
    opened: tuple[Group, ...]
    merged: Mapping[int, int]
    asked: tuple[tuple[int, int], ...]


def settle(
    groups: Iterable[Group],
    held: Mapping[Trace, int],
    items: Mapping[int, Holding],
    bench: Bench | None = None,
) -> Settled:
    """Settle these groups; `held` is the item that holds each mention known before."""
    bench = bench or Bench()
    joined: dict[Trace, int] = {}
    opened: list[Group] = []
    merged: dict[int, int] = {}
    asked: set[tuple[int, int]] = set()
    for group in groups:
        at_home = [items[held[trace]] for trace in group if _gives(trace, held, items)]
        keeper = min(at_home, key=lambda item: item.rank, default=None)
        going = _list_going(keeper, at_home, group, held, bench)
        staying = {
            trace: held[trace]
            for trace in group
            if (item := items.get(held.get(trace, -1)))
            and item is not keeper
            and item.id not in going
            and item.is_kept
            and bench.is_ruled(trace.voice, item.giver.voice) is not False
        }
        homes = {trace.voice: item_id for trace, item_id in staying.items()}
        again = {t: homes[t.voice] for t in group if t not in held and t.voice in homes}
        joined.update(again)
        moving = tuple(trace for trace in group if trace not in staying and trace not in again)
        if keeper is None:
            opened += [moving] if moving else []
            continue
        joined.update({t: keeper.id for t in moving if held.get(t) != keeper.id})
        asked.update(_pair(keeper.id, item_id) for item_id in staying.values())
        merged.update(dict.fromkeys(going, keeper.id))
    return Settled(joined, tuple(opened), merged, tuple(sorted(asked)))


def _gives(trace: Trace, held: Mapping[Trace, int], items: Mapping[int, Holding]) -> bool:
    return trace in held and items[held[trace]].giver == trace


def _list_going(
    keeper: Holding | None,
    at_home: Iterable[Holding],
    group: Group,
    held: Mapping[Trace, int],
    bench: Bench,
) -> list[int]:
    """The items that the one kept takes in: those that are free, or that an editor said it is."""
    voices: dict[int, set[Voice]] = defaultdict(set)
    for trace in group:
        voices[held.get(trace, -1)].add(trace.voice)

    def is_ruled(item: Holding, keeper: Holding) -> bool:
        pairs = product(voices[item.id], voices[keeper.id])
        return any(bench.is_ruled(one, other) for one, other in pairs)

    return [
        item.id
        for item in at_home
        if keeper and item is not keeper and (not item.is_kept or is_ruled(item, keeper))
    ]


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)
