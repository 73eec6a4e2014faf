"""What the DILA's fonds share: index page, stamps, XML read without trust, markup as text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.legal.jorfsimple import Delivery, Stamp, parse_index, parse_stamp, read_delivery
from hub.legal.safexml import parse_xml
from hub.legal.tararchive import MIB, Limits, Member, members_of
from hub.text import clean, clean_paragraphs

__all__ = [
    "IMAGE",
    "LIMITS",
    "Delivery",
    "Stamp",
    "content_of",
    "content_of_markup",
    "flatten",
    "parse_index",
    "parse_stamp",
    "parse_xml",
    "read_delivery",
    "read_members",
    "value_of",
]

LIMITS = Limits(total=1024 * MIB, members=400_000)
"""Of a delivery that is read one file at a time: files are small and many."""

IMAGE = "[image]"
"""What stands for a picture where its place counts."""

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = _HEADINGS | frozenset(
    ("p", "div", "br", "hr", "tr", "li", "ul", "ol", "table", "caption", "blockquote")
)
_CELLS = frozenset(("td", "th"))


def read_members(
    body: bytes, troubles: list[str], limits: Limits | None = None
) -> Iterator[Member]:
    """The files of an archive, one at a time. A cut or broken archive ends the series, and says so
    in `troubles`.
    """
    try:
        yield from members_of(body, limits or LIMITS)
    except ParseError as error:
        troubles.append(error.reason)


def value_of(node: etree._Element, path: str) -> str:
    """The text at a path, on one line; "" when there is no such element."""
    child = node.find(path)
    return clean("".join(child.itertext())) if child is not None else ""


def content_of(node: etree._Element, path: str, image: str = "") -> str:
    """The paragraphs at a path. HTML that was escaped or put in CDATA is read as HTML.

    `image` is what stands for each picture.
    """
    child = node.find(path)
    if child is None:
        return ""
    text = clean_paragraphs(flatten(child, image))
    is_escaped = len(child) == 0 and re.search(r"</?[a-zA-Z]", text)
    return content_of_markup(text, image) if is_escaped else text


def content_of_markup(markup: str, image: str = "") -> str:
    """The paragraphs of a fragment of HTML, as `content_of` gives those of XML."""
    if not markup.strip():
        return ""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return clean_paragraphs(markup)
    return clean_paragraphs(flatten(root, image)) if root is not None else ""


def flatten(node: etree._Element, image: str = "") -> str:
    """Mixed content as lines: a block opens a line, a table row is one line, cells are parted."""
    parts: list[str] = []
    cells = 0
    for event, element in etree.iterwalk(node, events=("start", "end")):
        tag = element.tag.lower() if isinstance(element.tag, str) else ""
        if event == "end":
            cells -= tag in _CELLS
            if tag in _CELLS and element.getnext() is not None:
                parts.append(" | ")
            elif tag in _BLOCKS:
                parts.append(" " if cells else "\n")
            parts.append(_spaced(element.tail) if element is not node else "")
            continue
        if tag in _BLOCKS:
            parts.append(" " if cells else "\n")
        cells += tag in _CELLS
        parts.append(f" {image} " if tag == "img" and image else "")
        parts.append(_spaced(element.text))
    return "".join(parts)


def _spaced(text: str | None) -> str:
    """Line ends inside the XML are layout, not paragraphs."""
    return re.sub(r"\s+", " ", text) if text else ""
