"""What the rules say of mentions, worked out before items are made of them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.digests import Digests
from hub.model import Classification, Mention
from hub.referentiel import Referentiel
from hub.tagging.rules import Heard, Tagger


def heard(mention: Mention, digests: Digests) -> Heard:
    return mention.source_id, mention.key, digests.of_mention


class Foreseen(Tagger):
    """A tagger that also knows the answers to what most new items will ask of it."""

    def __init__(self, referentiel: Referentiel) -> None:
        super().__init__(referentiel)
        self._known: dict[Heard, Classification] = {}

    def recall(self, said: Heard) -> Classification | None:
        return self._known.get(said)

    def learn(self, known: Mapping[Heard, Classification]) -> None:
        self._known.update(known)

    def forget(self) -> None:
        """What was learnt is held in memory until it was asked."""
        self._known.clear()
