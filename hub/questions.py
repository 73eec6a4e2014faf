"""« Même texte ? »: what editors are asked of the items they work on, and nothing of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from hub.sameness.clustering import Bench, Group, Ruling
from hub.sameness.nearness import find_near
from hub.sameness.reading import Trace, read_trace
from hub.store import Session, Store
from hub.store.bulk import chunks
from hub.store.identity import (
    Question,
    has_rulings,
    is_to_ask,
    list_asked_items,
    list_rulings,
    save_proposals,
)
from hub.store.items import list_relevant
from hub.store.mentions import list_ids_of_items, list_said, to_witness

RECENT = timedelta(days=60)
"""How long an item is compared with what comes: nine tenths comment a text within a month."""


def ask(store: Store, now: datetime) -> int:
    """Ask of the items in the queue or on the site that came out lately, and go on asking of those
    asked about before. Nothing is looked at when nothing came in since.

    Returns how many questions are new.
    """
    with store.write() as session:
        if not is_to_ask(session):
            return 0
        item_ids = list_relevant(session, (now - RECENT).date(), list_asked_items(session))
        return save_proposals(session, find_questions(session, item_ids), now)


def find_questions(session: Session, item_ids: Collection[int]) -> list[Question]:
    """What to ask of these items."""
    groups = _list_groups(session, item_ids)
    traces = [trace for group in groups.values() for trace in group]
    bench = Bench(_list_rulings(session, traces) if has_rulings(session) else ())
    owner = {group: item_id for item_id, group in groups.items()}
    return [
        Question(owner[p.left], owner[p.right], p.verdict.ground, p.verdict.evidence, p.score)
        for p in find_near(owner, bench).proposals
    ]


def _list_groups(session: Session, item_ids: Collection[int]) -> dict[int, Group]:
    """What is said of each item. A trace that two items share is that of the first."""
    found: dict[int, set[Trace]] = defaultdict(set)
    seen: set[Trace] = set()
    for some in chunks(list_ids_of_items(session, sorted(item_ids))):
        for row in list_said(session, some):
            trace = read_trace(to_witness(row))
            if trace not in seen:
                seen.add(trace)
                found[row.item_id].add(trace)
    return {
        item_id: tuple(sorted(traces, key=lambda trace: trace.rank))
        for item_id, traces in found.items()
    }


def _list_rulings(session: Session, traces: Sequence[Trace]) -> list[Ruling]:
    voices = sorted({trace.voice for trace in traces})
    return [ruling for some in chunks(voices) for ruling in list_rulings(session, some)]
