"""The text of a PDF.

PDFium is native code that is fed by strangers. It runs in a process of its own, with little memory
and little time, on files of bearable size, and never renders anything: a file that kills it costs
one attachment.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from hub.errors import ParseError
from hub.text import clean
from spiders.base import MIB, PAGE_SIZE

MAX_TEXT = 500_000
"""In characters."""
SECONDS = 20
CHILD = ("-m", "spiders.pdfchild")

_BULLET = re.compile(
    r"[•·▪‣–—*-]\s|\d{1,2}[.)°]\s|[a-z]\)\s|(?:Article|Art\.|Annexe|Chapitre|Titre)\b"
)
_ENDS = (".", "!", "?", ":", ";", "»", "…")
_CUT = re.compile("[\x02\u00ad\ufffe](?:\r?\n|\r)?")
"""A hyphen that cuts a word at the end of a line, as PDFium marks it."""
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\uffff\ud800-\udfff]")


def is_pdf(body: bytes) -> bool:
    start = body[:1024]
    return b"%PDF-" in start and not start.lstrip().startswith(b"<")


def pdf_text(body: bytes) -> str:
    """The paragraphs of a PDF: its first pages, cut at `MAX_TEXT`, repeated headers left out.

    Raises:
        ParseError: it is none, is too large, damaged, protected, or holds no text (scanned pages).
    """
    if not is_pdf(body):
        raise ParseError("not a PDF")
    if len(body) > PAGE_SIZE:
        raise ParseError(f"PDF of {len(body) // MIB} MiB, too large to be read")
    text = join_pages(_read_apart(body))
    if not text:
        raise ParseError("PDF without text: scanned pages")
    return text


def _read_apart(body: bytes) -> list[str]:
    """The raw text of each page, from the child process."""
    command = [sys.executable, *CHILD, str(SECONDS)]
    try:
        done = subprocess.run(
            command, input=body, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ParseError(f"PDF not read within {SECONDS} s") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise ParseError(f"PDF that kills its reader (exit {done.returncode})") from error
    if "error" in answer:
        raise ParseError(str(answer["error"]))
    return [str(page) for page in answer["pages"]]


# --- Paragraphs ----------------------------------------------------------------------------------


def join_pages(pages: Iterable[str]) -> str:
    """The paragraphs of the raw text of pages, cut at `MAX_TEXT`."""
    lines = _without_furniture([_lines_of(page) for page in pages])
    return "\n\n".join(_paragraphs_of(lines))[:MAX_TEXT].rstrip()


def _lines_of(page: str) -> list[str]:
    """The lines of a page; "" where one stands blank."""
    lines = re.split(r"\r\n|\r|\n", _CUT.sub("", page))
    return [clean(_UNSTORABLE.sub(" ", line)) for line in lines]


def _without_furniture(pages: list[list[str]]) -> list[list[str]]:
    """Without the first and last lines that stand on most pages, page numbers aside. The first
    page keeps its own: they may be the title."""
    edges = Counter(edge for page in pages for edge in {_edge(page, 0), _edge(page, -1)})
    repeated = {
        edge for edge, times in edges.items() if edge and times >= 3 and times * 2 > len(pages)
    }
    return [*pages[:1], *(_trim(page, repeated) for page in pages[1:])]


def _trim(page: list[str], repeated: set[str]) -> list[str]:
    start = 1 if _edge(page, 0) in repeated else 0
    end = len(page) - (1 if len(page) > start and _edge(page, -1) in repeated else 0)
    return page[start:end]


def _edge(page: list[str], place: int) -> str:
    return re.sub(r"\d+", "#", page[place]) if page else ""


def _paragraphs_of(pages: Iterable[list[str]]) -> Iterator[str]:
    """Lines are joined until a full stop, a short line, a blank one, or the next list item."""
    lines = [line for page in pages for line in page]
    usual = _usual_length(lines)
    paragraph = ""
    for line in lines:
        if paragraph and (not line or _BULLET.match(line)):
            yield clean(paragraph)
            paragraph = ""
        if not line:
            continue
        paragraph = _join(paragraph, line)
        if line.endswith(_ENDS) or len(line) < usual * 0.6:
            yield clean(paragraph)
            paragraph = ""
    if paragraph:
        yield clean(paragraph)


def _usual_length(lines: Iterable[str]) -> int:
    lengths = sorted(len(line) for line in lines if line)
    return lengths[len(lengths) * 3 // 4] if lengths else 0


def _join(paragraph: str, line: str) -> str:
    if paragraph.endswith("-") and line[:1].islower():
        return paragraph[:-1] + line
    return f"{paragraph} {line}".lstrip()
