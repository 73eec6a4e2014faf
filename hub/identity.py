"""Which item a mention speaks of: one function owns the order.

1. an official identifier, strongest scheme first;
2. the canonical address;
3. the same title in the form where accents, case and punctuation do not count.

Two texts that carry different values of one scheme are never the same, whatever their titles: the
PEMD décrets 2021-821 and 2021-822 share title and date. A title alone joins only long titles of
the same days told by different sources, because the same source shows the same thing once and
« Arrêté du 25 août 2026 » names three texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from hub.model import Identifier, Mention, Scheme
from hub.text import canonical_url, comparable, short_hash, slugify

MIN_TITLE_WORDS = 8
MAX_DAYS_APART = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What identity needs of an item. `voices` are the (source, key) pairs of its mentions."""

    item_id: int
    identifiers: frozenset[Identifier] = frozenset()
    comparable_title: str = ""
    published_on: date | None = None
    voices: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Lookup:
    """How to find candidates, each best first. Any may answer with nothing."""

    by_identifier: Callable[[Identifier], Known | None]
    by_address: Callable[[str], Known | None]
    by_title: Callable[[str], Sequence[Known]]


_STRENGTH = {scheme: rank for rank, scheme in enumerate(Scheme)}


def in_order(identifiers: Sequence[Identifier]) -> list[Identifier]:
    """Strongest scheme first; the order does not depend on how they were listed."""
    return sorted(set(identifiers), key=lambda i: (_STRENGTH[i.scheme], i.value))


def contradict(left: Sequence[Identifier], right: Sequence[Identifier]) -> bool:
    """True when both name a value of one scheme and share none of that scheme. Symmetric."""
    for scheme in {i.scheme for i in left} & {i.scheme for i in right}:
        if not {i for i in left if i.scheme == scheme} & {i for i in right if i.scheme == scheme}:
            return True
    return False


def find_match(mention: Mention, lookup: Lookup) -> int | None:
    """The item this mention speaks of, or None when it is a new one."""
    for identifier in in_order(mention.identifiers):
        known = lookup.by_identifier(identifier)
        if known and not contradict(mention.identifiers, tuple(known.identifiers)):
            return known.item_id
    if address := canonical_url(mention.url):
        known = lookup.by_address(address)
        if known and not contradict(mention.identifiers, tuple(known.identifiers)):
            return known.item_id
    title = comparable(mention.title)
    for known in lookup.by_title(title):
        if is_same_title(mention, title, known):
            return known.item_id
    return None


def is_same_title(mention: Mention, title: str, known: Known) -> bool:
    """The third rule alone."""
    if len(title.split()) < MIN_TITLE_WORDS or title != known.comparable_title:
        return False
    if mention.published_on is None or known.published_on is None:
        return False
    if abs((mention.published_on - known.published_on).days) > MAX_DAYS_APART:
        return False
    if any(source == mention.source_id for source, _ in known.voices):
        return False
    return not contradict(mention.identifiers, tuple(known.identifiers))


def slug_of(mention: Mention) -> str:
    """The public address of the item this mention opens: readable, unique by its identity."""
    identifiers = in_order(mention.identifiers)
    identity = str(identifiers[0]) if identifiers else f"{mention.source_id} {mention.key}"
    return f"{slugify(mention.title)}-{short_hash(identity)}"


def authority(mention: Mention) -> tuple[int, bool]:
    """How much a mention proves: the one that proves most gives an item its title and text."""
    return len(set(mention.identifiers)), bool(mention.text)
