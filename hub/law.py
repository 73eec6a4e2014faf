"""Reading the law in what was collected: once for each text that somebody will read, then kept.

What a text does to others is asked from both ends (« modifié par », « à relire »), so it is
written; what only its own page shows is read again from the text when it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from hub.legal.avancement import Stage, Step
from hub.legal.citations import canonical_url, to_identifier
from hub.legal.impact import Move, move_of_article, moves_of_text
from hub.legal.links import Link, find_links
from hub.legal.normset import norms_of_identifiers
from hub.legal.stages import step_of_link, steps_of
from hub.model import Mention, Source, SourceKind, TextField
from hub.review import is_draft
from hub.store import Session, Store
from hub.store.bulk import chunks
from hub.store.items import ItemRow
from hub.store.known_law import ARTICLE
from hub.store.law import (
    LawReading,
    list_unread_law,
    set_readings,
    step_to_json,
)
from hub.store.mentions import list_mentions, to_mention
from hub.text import paris_day

RULES = 2
"""The edition of the rules that read the law: one more, and every text is read again."""
BATCH = 20
LONGEST = 400
"""Characters kept of the words that make a link."""
JOURNALS = ("JORFSIMPLE", "JORF")
"""The fonds of the DILA that are the Journal officiel: it alone publishes in law."""
NEWS = timedelta(days=366)
"""A change older than this when the hub first reads of it comes from an archive: what was written
since took it into account.
"""


@dataclass(frozen=True, slots=True)
class Voices:
    """The ids of the sources whose word counts: what dates a publication, what is official."""

    journals: Collection[str]
    official: Collection[str]


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
    known = tuple(sources)
    journals = {source.id for source in known if is_journal(source)}
    voices = Voices(journals, {source.id for source in known if source.official})
    with store.read() as session:
        waiting = list_unread_law(session, RULES, asked)
    for some in chunks(waiting, BATCH):
        with store.read() as session:
            readings = [_read_item(session, item_id, voices) for item_id in some]
        with store.write() as session:
            set_readings(session, readings, RULES)
    return len(waiting)


def _read_item(session: Session, item_id: int, voices: Voices) -> LawReading:
    item = session.get_one(ItemRow, item_id)
    rows = list_mentions(session, item_id)
    mentions = {row.id: to_mention(row) for row in rows}
    told = (
        step
        for mention in mentions.values()
        for step in steps_of(mention, is_gazette=mention.source_id in voices.journals)
    )
    # In an order of their own: who arrived first must not show.
    steps = sorted(told, key=lambda step: (step.stage.rank, step.part, step.order))
    current = mentions.get(item.current.mention_id)
    applies = _applies_on(steps)
    links = _read_links(current, applies) if current else []
    moves = _read_moves(item, mentions, voices, applies)
    return LawReading(item_id, len(mentions), steps, links, moves)


def _applies_on(steps: Sequence[Step]) -> date | None:
    """The day a whole text enters into force, when it is one."""
    starts = [s.on for s in steps if s.stage is Stage.EN_VIGUEUR and not s.part and s.on]
    return starts[0] if len(set(starts)) == 1 else None


def _read_links(mention: Mention, applies: date | None) -> list[dict[str, Any]]:
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


# --- Moves -------------------------------------------------------------------------------------


def _read_moves(
    item: ItemRow, mentions: Mapping[int, Mention], voices: Voices, applies: date | None
) -> list[Move]:
    """What the current version moves, since the first version that said so: a text that is only
    corrected moves nothing again.
    """
    moves: list[Move] = []
    first: dict[object, datetime] = {}
    for version in item.versions:
        mention = mentions.get(version.mention_id)
        is_heard = mention is not None and mention.source_id in voices.official
        moves = list(_moves_of(mention, version.seen_at, applies)) if mention and is_heard else []
        for move in moves:
            first.setdefault((move.kind, move.norms), move.seen_at)
    return [replace(move, seen_at=first[move.kind, move.norms]) for move in moves]


def _moves_of(mention: Mention, seen_at: datetime, applies: date | None) -> Iterable[Move]:
    if mention.nature == ARTICLE:
        move = move_of_article(mention, seen_at)
        return [move] if move and _is_news(move.on, seen_at) else []
    is_law = norms_of_identifiers(mention.identifiers) and not is_draft(
        mention.nature, mention.title
    )
    if not is_law or not _is_news(mention.published_on, seen_at):
        return []
    return [replace(move, on=applies) for move in moves_of_text(mention, seen_at)]


def _is_news(day: date | None, seen_at: datetime) -> bool:
    return day is None or paris_day(seen_at) - day <= NEWS
