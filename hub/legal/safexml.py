"""XML from anybody: without DTD, entity or network, within limits. Pure."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError

Element = Any
"""An lxml element: lxml ships no types."""

_OPTIONS = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_DOCTYPE = re.compile(rb"<\s*!\s*DOCTYPE", re.IGNORECASE)


def parse_xml(body: bytes, root_tag: str) -> Element:
    """Read a document whose root is `root_tag`. What comes back holds neither comment nor
    processing instruction.

    Raises:
        ParseError: not well formed, with a DTD, deeper or larger than lxml allows, or another root.
    """
    head = body[:4096]
    if _DOCTYPE.search(head.replace(b"\0", b"")):  # UTF-16 has a zero beside each letter
        raise ParseError("XML with a DTD, refused")
    try:
        root = etree.fromstring(body, etree.XMLParser(**_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        said = getattr(error, "msg", "") or str(error)
        raise ParseError(f"not well-formed XML: {said[:200]}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ParseError("XML with a DTD, refused")
    if root.tag != root_tag:
        raise ParseError(f"root element is {str(root.tag)[:80]!r}, expected {root_tag!r}")
    return root
