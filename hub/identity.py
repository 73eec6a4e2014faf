"""Official identifiers: their order, what opposes two mentions, and what one proves.

Which mentions are one update is decided in `hub.sameness`.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.model import Identifier, Mention, Scheme
from hub.text import short_hash, slugify

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
