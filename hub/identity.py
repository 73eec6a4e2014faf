"""Which item a mention speaks of: one function owns the order.

0. the same voice: a source's own key, under which it spoke before;
1. an official identifier, strongest scheme first;
2. the canonical address;
3. the same title in the form where accents, case and punctuation do not count.

Two texts that carry different values of one scheme are never the same, whatever their titles: the
PEMD décrets 2021-821 and 2021-822 share title and date. A title alone joins only long titles of
the same days told by different sources, because the same source shows the same thing once and
« Arrêté du 25 août 2026 » names three texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hub.model import Identifier, Mention, Scheme
from hub.text import canonical_url, comparable, short_hash, slugify

MIN_TITLE_WORDS = 8
FEW_DAYS = timedelta(days=5)
"""How far apart two sources may tell the same thing under the same title."""


@dataclass(frozen=True, slots=True)
class Known:
    """What identity needs of an item. `voices` are the (source, key) pairs of its mentions."""

    item_id: int
    identifiers: frozenset[Identifier] = frozenset()
    voices: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Lookup:
    """How to find candidates, each best first. Any may answer with nothing."""

    by_voice: Callable[[str, str], Known | None]
    by_identifier: Callable[[Identifier], Known | None]
    by_address: Callable[[str], Known | None]
    by_title: Callable[[str, date, date], Sequence[Known]]
    """Comparable title, first and last day of publication."""


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
    for known in _candidates(mention, lookup):
        if known and not contradict(mention.identifiers, tuple(known.identifiers)):
            return known.item_id
    return None


def _candidates(mention: Mention, lookup: Lookup) -> Iterator[Known | None]:
    """Best first; each is looked for only when those before it did not do."""
    yield lookup.by_voice(mention.source_id, mention.key)
    for identifier in in_order(mention.identifiers):
        yield lookup.by_identifier(identifier)
    if address := canonical_url(mention.url):
        yield lookup.by_address(address)
    title = comparable(mention.title)
    if mention.published_on is not None and len(title.split()) >= MIN_TITLE_WORDS:
        first, last = mention.published_on - FEW_DAYS, mention.published_on + FEW_DAYS
        for known in lookup.by_title(title, first, last):
            if not any(source == mention.source_id for source, _ in known.voices):
                yield known


def slug_of(mention: Mention) -> str:
    """The public address of the item this mention opens: readable, unique by its identity."""
    identity = [str(i) for i in in_order(mention.identifiers)] + [mention.source_id, mention.key]
    return f"{slugify(mention.title)}-{short_hash(' '.join(identity))}"


def authority(mention: Mention) -> tuple[bool, int]:
    """How much a mention proves: the one that proves most gives an item its title and text.

    A number alone (« décret n° … ») proves nothing: whoever speaks of a text quotes it.
    """
    proofs = {i.scheme for i in mention.identifiers} - {Scheme.NUMERO}
    return bool(mention.text), len(proofs)
