"""The whole sentences of a part of a text, each with the list that it opens. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from hub.legal.prose import find_sentences

Span = tuple[int, int]

_GOES_ON = (":", ";", ",", "; et", "; ou", ", et", ", ou")
_ENDS = '.!?…»”)]"'
WINDOW = 6_000
"""How far a sentence is read from where it begins."""


def split_sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """The places of the sentences between two places, in order, without the blanks around them.

    A line that ends with a colon, a semicolon or a comma goes on in the next one: the items of a
    list belong to the sentence that opens it. What `find_sentences` cuts for its length is whole
    here.
    """
    part = text[start:end]
    opened = last = 0
    for first, after in find_sentences(part):
        words = part[first:after]
        head, tail = after - len(words.lstrip()), first + len(words.rstrip())
        if last and not _goes_on(part, last, head):
            yield start + opened, start + last
            last = 0
        opened, last = opened if last else head, tail
    if last:
        yield start + opened, start + last


def _goes_on(text: str, last: int, head: int) -> bool:
    is_cut = "\n" not in text[last:head] and text[last - 1] not in _ENDS
    return is_cut or text[max(0, last - 5) : last].endswith(_GOES_ON)


def sentence_around(text: str, position: int) -> Span | None:
    """The sentence that holds this place, if its line begins, and it ends, within the window."""
    first = text.rfind("\n", max(0, position - WINDOW), position) + 1
    if first == 0 and position > WINDOW:
        return None
    stop = position + WINDOW
    for start, end in split_sentences(text, first, stop):
        if start <= position < end:
            return (start, end) if end < stop or stop >= len(text) else None
    return None
