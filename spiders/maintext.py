"""The meaningful text of an HTML page, as plain paragraphs.

What surrounds it (menus, banners, share links, scripts, what is hidden) is left out; `hub.changes`
then leaves out what dresses the text itself. A page is read in one pass without recursion, and
markup that would take too much time or memory is refused before it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types
from lxml.cssselect import CSSSelector, SelectorError  # type: ignore[import-untyped]

from hub.errors import EmptySource, ParseError
from hub.text import clean

MARKUP_LIMIT = 8_000_000
TAGS_LIMIT = 100_000
TAGS_SIZE_LIMIT = 2_500_000
"""In bytes, all the tags together: attributes weigh most in a tree."""
LONG_TAG = 4_000
"""In bytes. Past it a tag loses its attributes: the parser's time grows with their square."""
LEAST_TEXT = 40
"""In characters: an element with less does not hold the text of the page."""


def main_text(
    body: bytes, charset: str = "", *, main: str | None = None, drop: Sequence[str] = ()
) -> tuple[str, str]:
    """The title and the text of a page: paragraphs with one blank line between them.

    Headings and list items are paragraphs, and so are rows of tables, their cells joined by « | ».
    `main` is the CSS selector of what holds the text; without it, the usual places are tried, then
    the body without what surrounds it. `drop` selects what to leave out besides.

    Raises:
        EmptySource: nothing on the page matches `main`: its layout changed.
        ParseError: the markup is beyond what a page is made of, or a selector is not understood.
    """
    root = _parse(decode(body, charset))
    if root is None:
        if main:
            raise EmptySource(f"no element found by {main!r}")
        return "", ""
    dropped = {element for selector in drop for element in _select(root, selector)}
    parts, text = _choose(root, main, dropped)
    return _title_of(root, parts), text


# --- Bytes to a tree -----------------------------------------------------------------------------

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_WEB_CHARSET = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|(?:us-)?ascii|(?:iso-?|latin-?)(?:8859-?)?\d{1,2}|macintosh"
    r"|(?:windows-?|cp-?)(?:125\d|874)|koi8-[ru]|big5|gbk|gb2312|gb18030|shift[-_]jis|euc-(?:jp|kr)",
    re.IGNORECASE,
)
"""Python knows other codecs, some of which take a time that grows with the square of the text."""
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LATIN = re.compile(r"iso-?8859-?1|latin-?1|(?:us-)?ascii", re.IGNORECASE)


def decode(body: bytes, charset: str) -> str:
    """As browsers do: the mark at the head, what the server says, what the page says, then UTF-8.

    What is said to be Latin-1 is read as Windows-1252, and what cannot be read becomes �.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    declared = _META.search(body[:4096])
    for said in (charset, declared[1].decode("ascii", "replace") if declared else ""):
        if _WEB_CHARSET.fullmatch(said.strip()):
            name = "windows-1252" if _LATIN.fullmatch(said.strip()) else said.strip()
            try:
                return body.decode(name, "replace")
            except LookupError:
                continue
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("windows-1252", "replace")


_TAG = re.compile(r"<[a-zA-Z][^<>]*")
_LONG_TAGS = re.compile(rf"(<[a-zA-Z][\w:-]{{0,40}})[^<>]{{{LONG_TAG},}}")


def _parse(markup: str) -> etree._Element | None:
    if len(markup) > MARKUP_LIMIT:
        raise ParseError(f"page of {len(markup)} characters")
    markup = _LONG_TAGS.sub(r"\1", _UNSTORABLE.sub("", markup))
    if markup.count("<") > TAGS_LIMIT:
        raise ParseError(f"page of {markup.count('<')} tags")
    size = sum(match.end() - match.start() for match in _TAG.finditer(markup))
    if size > TAGS_SIZE_LIMIT:
        raise ParseError(f"page with {size} characters of tags")
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(markup.encode(), parser)
    except etree.XMLSyntaxError:  # nothing in it but a comment, or nothing at all
        root = None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise ParseError("page nested too deep, or with a text too long")  # the rest would be lost
    return root


def _select(root: etree._Element, selector: str) -> list[etree._Element]:
    try:
        found: list[etree._Element] = CSSSelector(selector, translator="html")(root)
    except (SelectorError, etree.XPathError) as error:
        raise ParseError(f"selector not understood: {selector!r}") from error
    return found


# --- Where the text is ---------------------------------------------------------------------------

_PLACES = ("main", "[role=main]", "article", "#content", "#contenu", "#main")


def _choose(
    root: etree._Element, main: str | None, dropped: set[etree._Element]
) -> tuple[list[etree._Element], str]:
    if main:
        parts = _outermost(_select(root, main))
        if not parts:
            raise EmptySource(f"no element found by {main!r}")
        return parts, _read(parts, dropped, is_body=False)
    for place in _PLACES:
        parts = _outermost(_select(root, place))
        if len(parts) != 1:  # several articles are a list of teasers: the text is around them
            continue
        text = _read(parts, dropped, is_body=False)
        if len(text) >= LEAST_TEXT:
            return parts, text
    parts = [root]
    return parts, _read(parts, dropped, is_body=True)


def _outermost(elements: Sequence[etree._Element]) -> list[etree._Element]:
    """In document order, without those inside another."""
    known = set(elements)
    return [e for e in elements if not any(parent in known for parent in e.iterancestors())]


def _title_of(root: etree._Element, parts: Sequence[etree._Element]) -> str:
    for place in (*parts, root):
        for heading in place.iter("h1"):
            if title := clean("".join(heading.itertext())):
                return title
    title = root.find(".//title")
    return clean("".join(title.itertext())) if title is not None else ""


# --- What is read --------------------------------------------------------------------------------

_SILENT = frozenset(
    {"head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed"}
    | {"select", "textarea", "input", "datalist", "audio", "video", "canvas", "map", "dialog"}
)
_AROUND = frozenset({"header", "footer", "aside"})
_ROLES = frozenset({"navigation", "search", "dialog", "alertdialog"})
_ROLES_AROUND = frozenset({"banner", "contentinfo", "complementary"})
_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
    }
    | {"dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2"}
    | {
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
    }
    | {"p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt")
_FURNITURE = re.compile(
    r"(?:[a-z]{1,5}[-_]{1,2})?"
    r"(?:breadcrumbs?|fil-?d?-?ariane|ariane"
    r"|skip-?links?|evitement"
    r"|cookies?|tarteaucitron\w*|orejime|didomi|axeptio|consent"
    r"|shares?|sharing|social-?(?:share|sharing|links?|media|networks?)|partage[rz]?"
    r"|reseaux-sociaux|addtoany\w*|addthis\w*|follow)"
    r"(?:[-_]{1,2}(?:banner|bar|block|box|buttons?|container|group|inner|items?|links?|list|manager"
    r"|modal|nav|notice|page|placeholder|popup|section|title|tools?|wrapper))*",
    re.IGNORECASE,
)
"""Whole words of a class or an id: « partage-de-la-valeur » is a subject, not a share button."""
_FURNITURE_LENGTH = 1_500
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _read(parts: Sequence[etree._Element], dropped: set[etree._Element], *, is_body: bool) -> str:
    paragraphs = (text for part in parts for text in _paragraphs(part, dropped, is_body))
    return "\n\n".join(text for text in paragraphs if text)


def _paragraphs(part: etree._Element, dropped: set[etree._Element], is_body: bool) -> Iterator[str]:
    """Walk one element; each block, line break and row of a table ends a paragraph."""
    words: list[str] = []
    walker = etree.iterwalk(part, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "end":
            if tag in _BLOCKS:
                yield _take(words)
            if element is not part:
                words.append(element.tail or "")
            continue
        if element is not part and (element in dropped or _is_around(element, is_body)):
            walker.skip_subtree()
            if tag in _BLOCKS:
                yield _take(words)
            continue
        if tag in _BLOCKS:
            yield _take(words)
        if tag == "tr" and (cells := _cells_of(element)):
            yield _row(cells, dropped, is_body)
            walker.skip_subtree()
        else:
            words.append(_spoken(element, words))


def _take(words: list[str]) -> str:
    text = clean("".join(words))
    words.clear()
    return text


def _spoken(element: etree._Element, words: Sequence[str]) -> str:
    """The first words of an element. A raised number stays one: 10² is not 102."""
    text = element.text or ""
    if element.tag == "sup" and text.strip().isdecimal() and words and words[-1][-1:].isdecimal():
        return text.translate(_RAISED)
    return text


_INNER_BLOCKS = ("table", "h1", "h2", "h3", "h4", "article", "section", "main", "form")


def _cells_of(row: etree._Element) -> list[etree._Element]:
    """The cells of a row of data; none for a table that only lays out a page."""
    if next(row.iter(*_INNER_BLOCKS), None) is not None:
        return []
    return [cell for cell in row if cell.tag in ("td", "th")]


def _row(cells: Sequence[etree._Element], dropped: set[etree._Element], is_body: bool) -> str:
    texts = (" ".join(filter(None, _paragraphs(cell, dropped, is_body))) for cell in cells)
    return " | ".join(text for text in texts if text)


def _is_around(element: etree._Element, is_body: bool) -> bool:
    """Whether an element is no part of what the page says."""
    tag, attributes = element.tag, element.attrib
    if tag in _SILENT or _is_hidden(attributes):
        return True
    role = attributes.get("role", "")
    if tag == "nav" or role in _ROLES:
        return True
    if is_body and (tag in _AROUND or role in _ROLES_AROUND):
        return True
    if tag == "button":  # the headings of folding sections are buttons
        return not any(parent.tag in _HEADINGS for parent in element.iterancestors())
    if tag == "form":  # some sites wrap the whole page in one
        return next(element.iter("h1", "h2", "main", "article"), None) is None
    return _is_furniture(element) or (tag == "aside" and _is_link_list(element))


def _is_hidden(attributes: etree._Attrib) -> bool:
    return (
        attributes.get("aria-hidden", "").lower() == "true"
        or attributes.get("hidden", "until-found").lower() != "until-found"
        or bool(_HIDDEN_STYLE.search(attributes.get("style", "")))
    )


def _is_furniture(element: etree._Element) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}".split()
    if not any(_FURNITURE.fullmatch(name) for name in names):
        return False
    return _length(element.itertext()) < _FURNITURE_LENGTH


def _is_link_list(element: etree._Element) -> bool:
    """« À lire aussi »: an aside made of links leads elsewhere."""
    linked = _length(text for link in islice(element.iter("a"), 200) for text in link.itertext())
    return linked * 10 > _length(element.itertext()) * 6


def _length(texts: Iterator[str]) -> int:
    """Of the start of a text, enough to judge a block by."""
    return sum(len(clean(text)) for text in islice(texts, 500))
