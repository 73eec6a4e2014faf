"""The process that `spiders.pdf` starts for each PDF: bytes in, the text of each page out, as JSON.

It imports nothing of ours, so that it starts quickly, and allows itself little memory and time.
"""

from __future__ import annotations

import json
import resource
import sys

import pypdfium2  # type: ignore[import-untyped]

MAX_PAGES = 60
MAX_TEXT = 500_000
MEMORY = 768 * 1024 * 1024


def read_pages(body: bytes) -> dict[str, object]:
    """`pages`, or the `error` that is the file's fault."""
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        return {"error": _say(str(error))}
    pages: list[str] = []
    for number in range(min(len(document), MAX_PAGES)):
        pages.append(_text_of_page(document, number))
        if sum(map(len, pages)) > MAX_TEXT:
            break
    return {"pages": pages} if pages else {"error": "PDF without any page"}


def _say(reason: str) -> str:
    if "assword" in reason or "ecurity" in reason:
        return "protected PDF"
    # PDFium finds nothing wrong with a document whose list of pages is empty, nor opens it
    return "PDF without any page" if "Success" in reason else f"damaged PDF: {reason[:80]}"


def _text_of_page(document: pypdfium2.PdfDocument, number: int) -> str:
    """A page that cannot be read is blank: the others still count."""
    try:
        text: str = document[number].get_textpage().get_text_range()
    except pypdfium2.PdfiumError:
        return ""
    return text[:MAX_TEXT]


def main() -> None:
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = read_pages(sys.stdin.buffer.read())
    except MemoryError:
        answer = {"error": "PDF that asks for too much memory"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
