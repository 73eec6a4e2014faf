"""What a letter says, block by block, without the links that are its subscriber's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import Message
from itertools import islice
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.text import clean, fold
from spiders.mail import readable_parts
from spiders.reading import plain


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a heading, with the links in it: their words and their addresses."""

    text: str
    is_heading: bool = False
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    blocks: tuple[Block, ...] = ()

    @property
    def text(self) -> str:
        return "\n\n".join(block.text for block in self.blocks)


def read_letter(message: Message) -> Letter:
    """The blocks of the best part that says something, in order."""
    return Letter(best_part(message)[2])


def best_part(message: Message) -> tuple[str, str, tuple[Block, ...]]:
    """The content type, text and blocks of the part to read: HTML unless it says nothing."""
    for kind, text in readable_parts(message):
        blocks = _html_blocks(text) if kind == "text/html" else _text_blocks(text)
        if found := tuple(blocks):
            return kind, text, found
    return "text/plain", "", ()


_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_HOLDERS = _HEADINGS | frozenset(("p", "div", "td", "th", "li", "blockquote", "caption"))
_BLOCKS = _HEADINGS | frozenset(
    ("p", "div", "br", "hr", "table", "caption", "tr", "td", "th", "li", "ul", "ol", "blockquote")
)


@dataclass(slots=True)
class _Pen:
    """What is being written of the current block."""

    words: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    elements: list[etree._Element] = field(default_factory=list)
    element: etree._Element | None = None
    link: str = ""
    link_words: list[str] = field(default_factory=list)
    headings: int = 0

    def write(self, text: str | None) -> None:
        if text:
            self.words.append(text)
            if self.link:
                self.link_words.append(text)

    def start_link(self, element: etree._Element) -> None:
        self.end_link()
        self.element, self.link = element, element.get("href") or ""

    def end_link(self) -> None:
        if self.link:
            self.links.append((clean(" ".join(self.link_words)), self.link))
            self.elements.append(self.element)
        self.link, self.link_words = "", []

    def end_block(self) -> _Drawn | None:
        text, links, elements = plain(" ".join(self.words)), tuple(self.links), self.elements
        self.words, self.links, self.elements = [], [], []
        return (Block(text, self.headings > 0, links), elements) if text or links else None


_Drawn = tuple[Block, list[etree._Element]]
"""A block, and the elements of its links."""


def _html_blocks(markup: str) -> Iterator[Block]:
    """Blocks in the order of reading, without the links that are the subscriber's own."""
    root = parse_html(markup)
    if root is not None:
        yield from (block for block, _ in _sort_links(root) if block.text or block.links)


def personal_links(root: etree._Element) -> list[etree._Element]:
    """The links that are the subscriber's own by their words or address, or because what they stand
    in speaks of leaving: their line, or their whole paragraph or cell when it is short.

    In a long one only the line counts, so that a letter all in one cell does not lose every link.
    """
    return [element for _, own in list(_sort_links(root)) for element in own]


def _sort_links(root: etree._Element) -> Iterator[_Drawn]:
    """Blocks with the links that anybody may follow, and the elements of the others."""
    known: dict[etree._Element, bool] = {}
    for block, elements in _draw(root):
        is_leaving = _speaks_of_leave(block.text)
        links, own = [], []
        for link, element in zip(block.links, elements, strict=True):
            if is_leaving or _is_own(link, element) or _is_among_leaving(element, known):
                own.append(element)
            else:
                links.append(link)
        yield replace(block, links=tuple(links)), own


def _is_own(link: tuple[str, str], element: etree._Element) -> bool:
    return is_personal(*link) or is_personal("".join(element.itertext()), "")


def _is_among_leaving(link: etree._Element, known: dict[etree._Element, bool]) -> bool:
    """Whether the paragraph or the cell of a link is short and speaks of leaving."""
    above = [one for one in link.iterancestors() if one.tag in _HOLDERS]
    cells = [one for one in above if one.tag in ("td", "th")]
    for holder in (*above[:1], *cells[:1]):
        if holder not in known:
            pieces = list(islice(holder.itertext(), SHORT))
            known[holder] = _is_leaving(" ".join(pieces)) or _is_leaving("".join(pieces))
        if known[holder]:
            return True
    return False


def _draw(root: etree._Element) -> Iterator[_Drawn]:
    """Blocks in the order of reading. A link around several blocks belongs to the last one."""
    pen = _Pen()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in SILENT:
            pen.write(element.tail if event == "end" else "")
            continue
        if tag in _BLOCKS and not pen.link and (block := pen.end_block()):
            yield block
        if event == "start":
            if tag == "a":
                pen.start_link(element)
            pen.headings += tag in _HEADINGS
            pen.write(element.text if tag != "img" else element.get("alt"))
            continue
        pen.headings -= tag in _HEADINGS
        if tag == "a":
            pen.end_link()
        pen.write(element.tail if element is not root else "")
    pen.end_link()
    if block := pen.end_block():
        yield block


_PARAGRAPHS = re.compile(r"\n\s*\n")
_BARE_LINK = re.compile(r"<?(https?://[^\s<>\"]{4,2000})>?")


def _text_blocks(text: str) -> Iterator[Block]:
    """Paragraphs of plain text, without their personal lines. The words of a link are those before
    it in its paragraph.
    """
    for paragraph in _PARAGRAPHS.split(kept_text(text)):
        links, start = [], 0
        for match in _BARE_LINK.finditer(paragraph):
            links.append((plain(paragraph[start : match.start()]).rstrip(" :(["), match[1]))
            start = match.end()
        words = plain(_BARE_LINK.sub(" ", paragraph))
        if words or links:
            yield Block(words, links=tuple(links))


def kept_text(text: str) -> str:
    """Plain text without its personal lines, paragraph by paragraph."""
    paragraphs = _PARAGRAPHS.split("\n".join(text.splitlines()))
    return "\n\n".join("\n".join(_kept_lines(paragraph)) for paragraph in paragraphs)


def _kept_lines(paragraph: str) -> Iterator[str]:
    is_leaving = _is_leaving(paragraph)
    for line in paragraph.splitlines():
        is_link = _BARE_LINK.search(line) is not None
        if not is_personal(line, line) and not (is_link and (is_leaving or _speaks_of_leave(line))):
            yield line


_LEAVE = re.compile(
    r"desinscri|desabonn|unsubscri|se desinscrire|gerer (?:mes|vos|ses) (?:abonnement|preference)|"
    r"(?:mes|vos) preferences|preference.?cent|mettre a jour (?:mes|vos)|ne plus recevoir|"
    r"opt-?out|manage.?subscription|list-manage\.com/(?:unsub|profile)"
)
_LEAVE_AROUND = re.compile(r"ne (?:souhaitez|voulez|desirez) plus|desinscri|desabonn|unsubscri")
"""Words beside a link that make it one to leave; fewer than those that it says itself."""
SHORT = 500
"""Characters of a paragraph or cell that is about one thing."""
_ONLINE = re.compile(
    r"version (?:en ligne|web|navigateur)|voir (?:dans|dans votre) (?:le )?navig|"
    r"view (?:this email )?in|visualiser|s'affiche (?:mal|pas)|miroir"
)


def is_personal(words: str, href: str) -> bool:
    """Whether a link is the subscriber's own: to leave, to choose, to see the letter on line."""
    said, address = fold(words[:5_000]), fold(unquote(href[:5_000]))
    return any(_LEAVE.search(text) for text in (said, address)) or bool(_ONLINE.search(said))


def _speaks_of_leave(text: str) -> bool:
    return _LEAVE_AROUND.search(fold(clean(text[:5_000]))) is not None


def _is_leaving(paragraph: str) -> bool:
    """Whether a paragraph is short and speaks of leaving: all its links are then personal."""
    return len(clean(paragraph[: 10 * SHORT])) <= SHORT and _speaks_of_leave(paragraph)


SILENT = frozenset(
    ("script", "style", "head", "meta", "link", "title", "noscript", "template", "iframe", "object")
)


def parse_html(markup: str) -> etree._Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    storable = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "", markup)
    try:
        return etree.fromstring(storable.encode(), parser) if storable.strip() else None
    except etree.XMLSyntaxError:
        return None
