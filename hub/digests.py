"""By what a mention is told from the one before it: equal digests say the same thing. Pure.

They are kept in the database: a digest that is made otherwise makes everything look changed.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import NamedTuple
from unicodedata import is_normalized

from hub.changes import fingerprint
from hub.model import Mention
from hub.text import clean


class Digests(NamedTuple):
    """`of_mention`: all that people would read. `of_text`: the text of the version it gives."""

    of_mention: str
    of_text: str

    @classmethod
    def of(cls, mention: Mention) -> Digests:
        return cls(hash_mention(mention), hash_text(mention))


def hash_mention(mention: Mention) -> str:
    """A digest of what people would read: equal when nothing changed for a reader.

    Of a watched page only the meaningful text counts.
    """
    facts = [
        mention.title,
        mention.summary,
        fingerprint(mention.text) if mention.is_watched else mention.text,
        mention.published_on.isoformat() if mention.published_on else "",
        mention.nature,
        mention.rubrique,
        mention.url,
        dict(mention.extra),
        sorted(str(identifier) for identifier in mention.identifiers),
    ]
    return hashlib.sha256(
        json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    ).hexdigest()


def hash_text(mention: Mention) -> str:
    """A digest of the text of a version: spaces do not count."""
    text = "\n".join((clean(mention.title), clean(mention.summary), in_one_line(mention.text)))
    return hashlib.sha256(text.encode()).hexdigest()


def in_one_line(text: str) -> str:
    """As `clean`, but soon done where paragraphs are clean already: nearly all are."""
    line = " ".join(filter(None, text.split("\n")))
    is_plain = "  " not in line and line == line.strip(" ")
    if is_plain and is_normalized("NFC", line) and not any(odd in line for odd in _list_odd()):
        return line
    return clean(text)


@lru_cache(maxsize=1)
def _list_odd() -> tuple[str, ...]:
    """The characters that `clean` drops, or turns into a blank."""
    return tuple(c for c in (*map(chr, range(0x3001)), "\ufeff") if c not in " \n" and not clean(c))
