"""What becomes of items when their mentions are gathered again. Pure.

An item is where the mention that gives it its text is. Free items follow their groups: they are
joined and split as the groups say. An item that readers or an editor know (`is_kept`) never loses
nor takes a mention of another such item by itself: an editor is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.sameness.clustering import Group
from hub.sameness.reading import Trace


@dataclass(frozen=True, slots=True)
class Holding:
    """An item as it stands. `giver` gives it its text; `age` orders items, the oldest first, by
    what they say and not by when they were opened."""

    id: int
    giver: Trace
    is_public: bool
    is_touched: bool
    age: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        return self.is_public or self.is_touched

    @property
    def rank(self) -> tuple[bool, bool, tuple[str, ...]]:
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
    groups: Iterable[Group], held: Mapping[Trace, int], items: Mapping[int, Holding]
) -> Settled:
    """Settle these groups; `held` is the item that holds each mention known before."""
    joined: dict[Trace, int] = {}
    opened: list[Group] = []
    merged: dict[int, int] = {}
    asked: set[tuple[int, int]] = set()
    for group in groups:
        at_home = [items[held[trace]] for trace in group if _gives(trace, held, items)]
        keeper = min(at_home, key=lambda item: item.rank, default=None)
        staying = {trace: held[trace] for trace in group if _stays(trace, keeper, held, items)}
        moving = tuple(trace for trace in group if trace not in staying)
        if keeper is None:
            opened += [moving] if moving else []
            continue
        joined.update({t: keeper.id for t in moving if held.get(t) != keeper.id})
        asked.update(_pair(keeper.id, item_id) for item_id in staying.values())
        merged.update({i.id: keeper.id for i in at_home if not i.is_kept and i is not keeper})
    return Settled(joined, tuple(opened), merged, tuple(sorted(asked)))


def _gives(trace: Trace, held: Mapping[Trace, int], items: Mapping[int, Holding]) -> bool:
    return trace in held and items[held[trace]].giver == trace


def _stays(
    trace: Trace,
    keeper: Holding | None,
    held: Mapping[Trace, int],
    items: Mapping[int, Holding],
) -> bool:
    """Whether it is held by an item that gives nothing up, and that is not the one kept."""
    item = items.get(held.get(trace, -1))
    return item is not None and item is not keeper and item.is_kept


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)
