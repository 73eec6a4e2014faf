"""Reading the law in what was collected: once for each text that somebody will read, then kept.

What a text does to others is asked from both ends (« modifié par »), so it is written; what only
its own page shows is read again from the text when it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from hub.legal.avancement import Stage, Step
from hub.legal.citations import canonical_url, to_identifier
from hub.legal.links import Link, find_links
from hub.legal.stages import step_of_link, steps_of
from hub.model import Mention, Source, SourceKind, TextField
from hub.store import Session, Store
from hub.store.bulk import chunks
from hub.store.items import ItemRow
from hub.store.law import (
    LawReading,
    list_unread_law,
    set_readings,
    step_to_json,
)
from hub.store.mentions import list_mentions, to_mention

RULES = 1
"""The edition of the rules that read the law: one more, and every text is read again."""
BATCH = 20
LONGEST = 400
"""Characters kept of the words that make a link."""
JOURNALS = ("JORFSIMPLE", "JORF")
"""The fonds of the DILA that are the Journal officiel: it alone publishes in law."""


def is_journal(source: Source | None) -> bool:
    """Whether what a source dates is the publication itself, and not news about it."""
    return (
        source is not None
        and source.kind is SourceKind.DILA
        and source.options.get("fonds", JOURNALS[0]) in JOURNALS
    )


def read_law(store: Store, sources: Iterable[Source], asked: Sequence[int] = ()) -> int:
    """Read the law of the items that are in the queue or public, and of those asked for, where
    something is to be read. Returns how many. May be killed and run again: each batch is whole.
    """
    journals = {source.id for source in sources if is_journal(source)}
    with store.read() as session:
        waiting = list_unread_law(session, RULES, asked)
    for some in chunks(waiting, BATCH):
        with store.read() as session:
            readings = [_read_item(session, item_id, journals) for item_id in some]
        with store.write() as session:
            set_readings(session, readings, RULES)
    return len(waiting)


def _read_item(session: Session, item_id: int, journals: set[str]) -> LawReading:
    item = session.get_one(ItemRow, item_id)
    rows = list_mentions(session, item_id)
    mentions = {row.id: to_mention(row) for row in rows}
    steps = [
        step
        for mention in mentions.values()
        for step in steps_of(mention, is_gazette=mention.source_id in journals)
    ]
    current = mentions.get(item.current.mention_id)
    links = _read_links(current, steps) if current else []
    return LawReading(item_id, max(mentions, default=0), steps, links)


def _read_links(mention: Mention, steps: Sequence[Step]) -> list[dict[str, Any]]:
    starts = [s.on for s in steps if s.stage is Stage.EN_VIGUEUR and not s.part and s.on]
    applies = starts[0] if len(set(starts)) == 1 else None
    links = find_links(mention.title, mention.text, mention.summary)
    return [_link_to_row(link, mention, applies) for link in links]


def _link_to_row(link: Link, mention: Mention, on: date | None) -> dict[str, Any]:
    identifier = to_identifier(link.target)
    step = step_of_link(link, mention, on)
    field = {
        TextField.TITLE: mention.title,
        TextField.SUMMARY: mention.summary,
        TextField.TEXT: mention.text,
    }[link.where]
    return {
        "kind": link.kind.value,
        "norm": link.target.norm,
        "identity": str(identifier) if identifier else "",
        "words": link.target.words,
        "about": link.about[:LONGEST],
        "says": field[link.start : link.end][:LONGEST],
        "url": canonical_url(link.target),
        "step": step_to_json(step) if step else None,
    }
