"""What changed in a watched text, as the review app shows it: paragraphs of words with a fate."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from hub.changes import Op, Segment, from_json
from hub.store import Session
from hub.store.captures import CaptureRow
from hub.store.changes import Nature, TextChangeRow
from hub.text import format_moment


@dataclass(frozen=True, slots=True)
class Piece:
    """Words with one fate; the spaces around them are kept apart, for no one marks a space."""

    op: str
    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownDiff:
    """One change, with the moments at which both texts were read."""

    read_before: str
    read_after: str
    is_restored: bool
    paragraphs: tuple[tuple[Piece, ...], ...]


def list_diffs(session: Session, mention_ids: Collection[int]) -> list[ShownDiff]:
    """The changes that led to these mentions, last first. What is only technical is no change."""
    before, after = aliased(CaptureRow), aliased(CaptureRow)
    rows = session.execute(
        select(TextChangeRow, before.fetched_at, after.fetched_at)
        .join(before, before.id == TextChangeRow.before_capture_id)
        .join(after, after.id == TextChangeRow.after_capture_id)
        .where(TextChangeRow.after_mention_id.in_(mention_ids))
        .where(TextChangeRow.nature != Nature.TECHNICAL)
        .order_by(TextChangeRow.id.desc())
    )
    return [
        ShownDiff(
            read_before=format_moment(read_before),
            read_after=format_moment(read_after),
            is_restored=row.nature == Nature.RESTORED,
            paragraphs=tuple(split_paragraphs(from_json(row.segments))),
        )
        for row, read_before, read_after in rows
    ]


def split_paragraphs(segments: Collection[Segment]) -> Iterator[tuple[Piece, ...]]:
    """Segments run over paragraphs; a screen shows paragraphs. The empty ones are left out."""
    paragraph: list[Piece] = []
    for segment in segments:
        first, *others = segment.text.split("\n\n")
        paragraph += _to_pieces(segment.op, first)
        for text in others:
            if paragraph:
                yield tuple(paragraph)
            paragraph = [*_to_pieces(segment.op, text)]
    if paragraph:
        yield tuple(paragraph)


def _to_pieces(op: Op, text: str) -> list[Piece]:
    words = text.strip()
    if not words:
        return [Piece(Op.EGAL, "", "", text)] if text else []
    start = text.index(words)
    return [Piece(op.value, text[:start], words, text[start + len(words) :])]
