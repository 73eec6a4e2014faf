"""French typography, put in when the site is built so that nobody has to type no-break spaces."""

from __future__ import annotations

import re

from hub.text import MONTHS

_NBSP = "\u00a0"
_NARROW = "\u202f"
_MONTH = "|".join(MONTHS)
_UNIT = r"€|M€|%|m²|kWc?|MWc?|GWc?|km|tonnes?|salariés|ans?\b"

_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Marks that show nothing, or turn round all that follows them on the page.
        (r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", ""),
        (r"(?<=[^\W\d_])(?:'|&#39;)", "’"),
        (r" (?=[:»])", _NBSP),
        (r"(?<=«) ", _NBSP),
        (r" (?=[;!?])", _NARROW),
        (r"(?<=\d) (?=\d{3}(?!\d))", _NARROW),
        (rf"(?<=\d) (?=(?:{_UNIT}))", _NBSP),
        (r"(?<=\bn°) ", _NBSP),
        (r"(?<=\b[LRD]\.) (?=\d)", _NBSP),
        (rf"(?<=\d|r) (?=(?:{_MONTH})\b)", _NBSP),
        (rf"\b({_MONTH}) (?=\d{{4}}\b)", rf"\1{_NBSP}"),
    )
)
_ORDINAL = re.compile(r"\b1er\b")
_TAG = re.compile(r"(<[^>]*>)")
_LITERAL = re.compile(r"<(/?)(?:code|pre|script|style)\b")


def typeset(text: str) -> str:
    """Put the no-break spaces and curly apostrophes in plain text. Idempotent."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def typeset_html(html: str) -> str:
    """`typeset` the text of an HTML fragment, and raise « 1er ». Tags and code stay as they are."""
    parts = _TAG.split(html)
    depth = 0
    for index, part in enumerate(parts):
        if index % 2:
            if match := _LITERAL.match(part):
                depth += -1 if match[1] else 1
        elif part and depth == 0:
            parts[index] = _ORDINAL.sub("1<sup>er</sup>", typeset(part))
    return "".join(parts)
