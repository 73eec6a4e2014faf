"""Search over relevant items: one small protocol, whatever the engine behind it.

The index is a copy of the database, rebuilt by one call, and never the only place of anything. A
query is data (`Query`), never an engine's own language: what people type cannot break it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

FACETS = ("metiers", "dispositifs", "secteurs", "filieres")
"""The fields that are counted and filtered on. `state` may be filtered on too."""

Sort = Literal["pertinence", "date"]


@dataclass(frozen=True, slots=True)
class Doc:
    """What the index knows of one item; `id` is its slug."""

    id: str
    title: str
    text: str
    url: str
    date: date | None
    state: str
    metiers: tuple[str, ...] = ()
    dispositifs: tuple[str, ...] = ()
    secteurs: tuple[str, ...] = ()
    filieres: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All `words` and `phrases`, none of `excluded`; one value at least of each filter.

    `filters` goes from a field (`FACETS` or `state`) to the values that are accepted; a field
    without values filters nothing. Pages count from 1.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    public_only: bool = False
    sort: Sort = "pertinence"
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """One item found. `extract` is plain text; `marks` are the places in it of the words asked."""

    id: str
    title: str
    url: str
    date: date | None
    score: float
    extract: str
    marks: tuple[tuple[int, int], ...]
    metiers: tuple[str, ...]
    dispositifs: tuple[str, ...]
    secteurs: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "url": self.url,
            "date": self.date.isoformat() if self.date else None,
            "score": self.score,
            "extract": self.extract,
            "metiers": list(self.metiers),
            "dispositifs": list(self.dispositifs),
            "secteurs": list(self.secteurs),
        }


@dataclass(frozen=True, slots=True)
class Page:
    """`total` and `facets` count everything that matches, not only this page."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Stats:
    documents: int
    bytes: int
    is_built: bool


class SearchIndex(Protocol):
    """What every engine does. Results of a query never depend on the engine but for scores."""

    def upsert(self, docs: Iterable[Doc]) -> None:
        """Add these documents, in place of those of the same id."""

    def delete(self, ids: Iterable[str]) -> None:
        """Forget these documents; unknown ids are ignored."""

    def search(self, query: Query) -> Page: ...

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Words of the titles that begin so, the most used first, accents kept."""

    def rebuild(self, docs: Iterable[Doc]) -> int:
        """Put exactly these documents in a new index, then swap. Returns how many."""

    def stats(self) -> Stats: ...


_PART = re.compile(
    r'(?P<minus>(?<!\S)-)?(?:["“”«]\s*(?P<phrase>[^"“”«»]*?)\s*["“”»]|(?P<word>\S+))'
)
_QUOTES = str.maketrans(dict.fromkeys('"“”«»', " "))


def parse_query(text: str) -> Query:
    """Read what a person typed: words, « phrases » in any quotes, -excluded words or phrases.

    Never fails: a quote left open, colons, stars or brackets are ordinary marks between words.
    """
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    for match in _PART.finditer(text):
        if match["phrase"] is not None:
            target, value = phrases, match["phrase"]
        else:
            target, value = words, match["word"].translate(_QUOTES).strip()
        if match["minus"]:
            target = excluded
        if any(c.isalnum() for c in value):
            target.append(value)
    return Query(tuple(words), tuple(phrases), tuple(excluded))
