"""What the rules are asked of an item: its texts, and what the sources that speak of it tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hub.model import Mention, Source, TextOfItem
from hub.tagging.rules import Hints

Question = tuple[TextOfItem, Hints]


def hear(
    text: TextOfItem, source_id: str, speakers: Sequence[str], sources: Mapping[str, Source]
) -> Question:
    """The item stands under one source; `speakers` are all that speak of it, oldest first."""
    voices = [sources[speaker] for speaker in speakers if speaker in sources]
    source_ids = tuple(source.id for source in voices) or (source_id,)
    return replace(text, source_ids=source_ids), _hints(voices)


def foresee(mention: Mention, sources: Mapping[str, Source]) -> Question:
    """What will be asked of the item that this mention opens, if nobody else speaks of it."""
    text = TextOfItem(
        title=mention.title,
        summary=mention.summary,
        text=mention.text,
        rubrique=mention.rubrique,
        nature=mention.nature,
        identifiers=tuple(sorted(set(mention.identifiers))),
    )
    return hear(text, mention.source_id, (mention.source_id,), sources)


def _hints(voices: Sequence[Source]) -> Hints:
    return Hints(
        dispositifs=tuple(sorted({d for source in voices for d in source.dispositifs})),
        secteurs=tuple(sorted({s for source in voices for s in source.secteurs})),
    )
