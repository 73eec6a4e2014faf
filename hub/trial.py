"""The intake on trial: mentions taken in for real, in a database that is then thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from hub.captures import CaptureFiles, hash_body
from hub.evaluate.identity import Treated
from hub.intake import Intake, Kept, resolve
from hub.model import Capture, Mention
from hub.questions import find_questions
from hub.store import Base, Session, Store
from hub.store.mentions import MentionRow

_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
"""When they arrive says nothing of what they are."""


def take_in(batches: Iterable[Sequence[Mention]]) -> Treated:
    """Let mentions arrive batch after batch, as `hub.evaluate.identity.Treat`."""
    with TemporaryDirectory() as name:
        store = Store(f"sqlite:///{name}/hub.db")
        try:
            Base.metadata.create_all(store.engine)
            for number, batch in enumerate(batches):
                now = _BEGIN + timedelta(hours=number)
                intake = Intake(store, CaptureFiles(Path(name) / "captures"), now)
                intake.keep_all([_answer(mention, now) for mention in batch])
                resolve(store, now)
            with store.read() as session:
                return _read(session)
        finally:
            store.close()


def _answer(mention: Mention, now: datetime) -> Kept:
    body = mention.key.encode()
    return Kept(
        Capture(mention.source_id, mention.url, now, 200, {}, body, hash_body(body)), [mention]
    )


def _read(session: Session) -> Treated:
    groups: dict[int, set[str]] = {}
    for row in session.execute(select(MentionRow.item_id, MentionRow.key)):
        if row.item_id is not None:
            groups.setdefault(row.item_id, set()).add(row.key)
    places = {item_id: place for place, item_id in enumerate(groups)}
    questions = find_questions(session, list(groups))
    return Treated(
        groups=tuple(map(frozenset, groups.values())),
        asked=tuple((places[q.left_item_id], places[q.right_item_id]) for q in questions),
    )
