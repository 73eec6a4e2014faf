"""Sentences drawn from the texts of an item, each with its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from hub.legal.notice import Label, Notice, Passage, read_notice
from hub.legal.sentences import WINDOW, Span, sentence_around, split_sentences
from hub.model import TextField

MAX_PLACES = 200
"""Words that stand in more places than that are read no further."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sentence, or a few words, and its place: `words == field[start:end]`."""

    words: str
    field: TextField
    start: int
    end: int


class Texts:
    """The texts of an item, and the notice that one of them has."""

    def __init__(self, title: str, summary: str, text: str) -> None:
        self.by_field = {
            TextField.TITLE: title,
            TextField.SUMMARY: summary,
            TextField.TEXT: text,
        }
        self.notice: Notice | None = None
        self.notice_field = TextField.SUMMARY
        for field in (TextField.SUMMARY, TextField.TEXT):
            self.notice = read_notice(self.by_field[field])
            self.notice_field = field
            if self.notice is not None:
                break

    def draw(self, field: TextField, span: Span) -> Drawn:
        return Drawn(self.by_field[field][span[0] : span[1]], field, *span)

    def sentences(
        self, field: TextField, start: int = 0, end: int | None = None
    ) -> Iterator[Drawn]:
        for span in split_sentences(self.by_field[field], start, end):
            yield self.draw(field, span)

    def around(self, words: Drawn) -> Drawn:
        """The sentence that holds these words; the whole title for those of the title."""
        whole = self.by_field[words.field]
        if words.field is TextField.TITLE:
            return self.draw(words.field, (0, len(whole)))
        return self.draw(
            words.field, sentence_around(whole, words.start) or (words.start, words.end)
        )

    def part(self, label: Label) -> Iterator[Drawn]:
        """The sentences of one part of the notice."""
        found = self.notice.part(label) if self.notice else None
        if found is not None:
            yield from self.sentences(self.notice_field, found.start, found.end)

    def part_at(self, field: TextField, position: int) -> Passage | None:
        """The part of the notice that holds this place; its label is no part of a sentence."""
        parts = self.notice.parts if self.notice and field is self.notice_field else ()
        return next((part for part in parts if part.start <= position < part.end), None)

    def find(self, wanted: re.Pattern[str]) -> Iterator[Drawn]:
        """The sentences, in law's own voice, that hold such words: in the text, then the summary.

        What stands between « » is the wording of another text.
        """
        for field in (TextField.TEXT, TextField.SUMMARY):
            whole = self.by_field[field]
            last = 0
            for match in islice(wanted.finditer(whole), MAX_PLACES):
                if match.start() < last:
                    continue
                span = sentence_around(whole, match.start())
                if span is not None:
                    last = span[1]
                    if not _is_quoted(whole, match.start()):
                        yield self.draw(field, span)


def _is_quoted(text: str, position: int) -> bool:
    first = text.rfind("\n", max(0, position - WINDOW), position) + 1
    line = text[first or max(0, position - WINDOW) : position]
    return line.count("«") > line.count("»")
