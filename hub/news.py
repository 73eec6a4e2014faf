"""From what was just read to the review queue: gather, tag, index, and watch over the sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hub.classify import classify_items
from hub.config import Settings
from hub.intake import Resolved, resolve
from hub.model import Source
from hub.questions import ask
from hub.referentiel import Referentiel
from hub.search.documents import index_later
from hub.store import Session, Store
from hub.store.bulk import MANY
from hub.store.mentions import MentionRow, list_waiting_whole, to_mention
from hub.tagging.foreseen import Foreseen
from hub.tagging.rules import Tagger
from hub.tagging.voices import foresee

AHEAD = 10_000_000
"""Characters of the texts that may be read ahead: they are held in memory until they are asked."""
LEAST = 1_000
"""What a text costs to hold, however short, in characters."""

Review = Callable[[Store, datetime], int]
"""Replays recorded decisions between tagging and publishing: the demonstration's editors."""


@dataclass(frozen=True, slots=True)
class Hub:
    """Everything a command needs, opened once."""

    settings: Settings
    store: Store
    referentiel: Referentiel
    sources: tuple[Source, ...]


class ReadAhead(Foreseen):
    """A tagger that reads what sources say while others are still being read.

    It gives what any tagger gives: what most new items will ask of it, it has only worked out
    before. Nothing else is done ahead, for items depend on all that a collection brought.
    """

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub.referentiel)
        self._store = hub.store
        self._sources = {source.id: source for source in hub.sources}
        self._last = 0
        self._room = AHEAD

    def read(self) -> None:
        """Read what came since the last time, or some of it."""
        if self._room <= 0:
            return
        with self._store.read() as session:
            rows = list_waiting_whole(session, _list_after(session, self._last))
        for row in rows:
            self._last = row.id
            question = foresee(to_mention(row), self._sources)
            self.learn({(row.source_id, row.key, row.content_hash): self.classify(*question)})
            self._room -= LEAST + len(row.text)


def _list_after(session: Session, mention_id: int) -> Sequence[int]:
    query = select(MentionRow.id).where(MentionRow.id > mention_id, MentionRow.item_id.is_(None))
    return session.scalars(query.order_by(MentionRow.id).limit(MANY)).all()


def take_in(hub: Hub, now: datetime, tagger: Tagger | None = None) -> Resolved:
    """Gather mentions into items and let the rules read what is new; the next search indexes it."""
    resolved = gather(hub, now, tagger)
    index_later(hub.settings, resolved.touched)
    return resolved


def gather(hub: Hub, now: datetime, tagger: Tagger | None = None) -> Resolved:
    """Gather mentions into items, let the rules read what is new, then see what to ask editors."""
    resolved = resolve(hub.store, now, hub.sources)
    classify_items(hub.store, hub.referentiel, hub.sources, now, tagger=tagger)
    ask(hub.store, now)
    return resolved
