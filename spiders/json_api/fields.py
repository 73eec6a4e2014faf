"""What the dialects share: JSON of any shape in, plain values out. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from hub.errors import ParseError
from hub.model import Mention
from hub.sources import JsonApiOptions
from hub.text import canonical_url, clean_paragraphs, fold, parse_date, parse_moment
from spiders.base import Ask, Memory, Page, Reading
from spiders.reading import LINK_LIMIT, cut, plain, plausible, without_repeats

Record = Mapping[str, Any]
Outcome = tuple[Mention | None, list[str]]
"""What one record gave: a mention, or None, and what ails it."""

FACT_LIMIT = 1_000
FACTS_LIMIT = 50
"""The longest value and the longest list kept beside a mention."""
KEY_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Paper:
    """Where records come from: `url` is the address asked, `today` the day in Paris."""

    source_id: str
    url: str
    options: JsonApiOptions
    today: date | None = None


class Dialect:
    """How one kind of API is asked, and how its answers are read. `memory` gives the key of the
    service, where it needs one.
    """

    def __init__(self, paper: Paper, memory: Memory, *, may_be_empty: bool = False) -> None:
        self.paper = paper
        self.memory = memory
        self.may_be_empty = may_be_empty

    def first_asks(self) -> Iterator[Ask]:
        yield Ask(with_query(self.paper.url, self.paper.options.params))

    def read(self, page: Page) -> Reading:
        raise NotImplementedError

    def read_token(self, page: Page) -> Reading:
        raise NotImplementedError

    def read_export(self, page: Page) -> Reading:
        raise NotImplementedError


# --- Answers -----------------------------------------------------------------------------------


def load_json(body: bytes) -> Any:
    """Read JSON of any shape.

    Raises:
        ParseError: it is none.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON: {type(error).__name__}") from error


def list_in(data: Any, name: str) -> list[Any]:
    """The list that an answer holds under `name`.

    Raises:
        ParseError: there is none.
    """
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise ParseError(f"JSON without the list {name!r}")
    return found


def count_in(data: Any, name: str) -> int | None:
    """The total that an answer announces, None when it does not."""
    found = data.get(name) if isinstance(data, dict) else None
    is_count = isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 10**9
    return found if is_count else None


def read_each(
    records: Sequence[Any], read: Callable[[Record, Paper], Outcome], paper: Paper
) -> Reading:
    """Read records one by one: those that can be are kept, what ails the others is told.

    Raises:
        ParseError: none could be read.
    """
    mentions: list[Mention] = []
    troubles: list[str] = []
    is_understood = not records
    for number, record in enumerate(records, start=1):
        mention, ails = (
            read(record, paper) if isinstance(record, dict) else (None, ["not an object"])
        )
        troubles += [f"record {number}: {trouble}" for trouble in ails]
        is_understood = is_understood or mention is not None or not ails
        if mention is not None and is_kept(mention, paper.options.keep):
            mentions.append(mention)
    if not is_understood:
        raise ParseError("; ".join(troubles[:3]))
    return Reading(without_repeats(mentions), tuple(troubles), entries=len(records))


def is_kept(mention: Mention, keep: str | None) -> bool:
    """Whether the pattern is found in what a reader would see first, accents and case aside."""
    return not keep or bool(re.search(keep, fold(f"{mention.title}\n{mention.summary}")))


def and_troubles(reading: Reading, *troubles: str) -> Reading:
    return replace(reading, troubles=(*reading.troubles, *(t for t in troubles if t)))


def say_incomplete(read: int, wanted: int | None) -> str:
    """The trouble of a list that stops before the end it announced; "" when it does not."""
    return f"incomplete: {read} of {wanted}" if wanted is not None and read < wanted else ""


# --- Addresses ---------------------------------------------------------------------------------


def with_query(url: str, query: Mapping[str, str]) -> str:
    """The address with those of these parameters that say something."""
    given = {name: value for name, value in query.items() if value}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(given)}" if given else url


def on_same_host(url: str, written: object) -> str:
    """The address that an answer gives, when it stays on the host that was asked; else "".

    The scheme stays as well: services behind a proxy write their next page with http.
    """
    address = plain(written)
    try:
        target = urlsplit(urljoin(url, address)) if address else None
        asked = urlsplit(url)
        if target is None or (target.hostname or "") != (asked.hostname or ""):
            return ""
    except ValueError:
        return ""
    if target.scheme not in ("http", "https") or target.username is not None:
        return ""
    moved = urlunsplit((asked.scheme, asked.netloc, target.path, target.query, ""))
    return moved if len(moved.encode()) <= LINK_LIMIT else ""


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def page_at(record: Record, name: str, host: str) -> str:
    """The address of a page of this very host, as it is written; "" for any other."""
    address = plain(record.get(name))
    if not canonical_url(address) or len(address.encode()) > LINK_LIMIT:
        return ""
    return address if urlsplit(address).netloc in (host, f"www.{host}") else ""


def link_at(record: Record, name: str) -> str:
    """The address of any web page, in its canonical form; "" when there is none."""
    link = canonical_url(plain(record.get(name)))
    return link if len(link.encode()) <= LINK_LIMIT else ""


# --- Values ------------------------------------------------------------------------------------


def word(value: object) -> str:
    """One line: text, or a number as it is written. Anything else is ""."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else ""
    if isinstance(value, float):
        return f"{value:.10g}" if abs(value) < 10**18 else ""
    return plain(value)


def word_at(record: Record, *names: str) -> str:
    """The first of these fields that says something."""
    return next((found for name in names if (found := word(record.get(name)))), "")


def label_at(record: Record, name: str) -> str:
    return cut(plain(record.get(name)), KEY_LIMIT)


def list_at(record: Record, name: str) -> list[str]:
    """What a field says, be it one value or several."""
    value = record.get(name)
    values = value[:FACTS_LIMIT] if isinstance(value, list) else [value]
    return [cut(text, FACT_LIMIT) for item in values if (text := word(item))]


def key_at(record: Record, *names: str) -> str:
    """A key that can be looked up, "" when there is none."""
    key = word_at(record, *names)
    return key if len(key.encode()) <= KEY_LIMIT else ""


def day_at(record: Record, name: str) -> tuple[date | None, list[str]]:
    """A day, and what ails it when one is written that cannot be read."""
    written = plain(record.get(name))
    day = plausible(parse_date(written))
    return day, [] if day or not written else [f"{name} that cannot be read: {cut(written, 40)!r}"]


def moment_at(record: Record, name: str) -> datetime | None:
    try:
        moment = parse_moment(plain(record.get(name)))
    except (ValueError, OverflowError):
        return None
    return moment if plausible(moment.date()) else None


def lines_at(record: Record, name: str) -> str:
    """The paragraphs of a text without markup."""
    value = record.get(name)
    lines = value.splitlines() if isinstance(value, str) else ()
    return clean_paragraphs("\n".join(map(plain, lines)))


def without_blanks(**facts: Any) -> dict[str, Any]:
    kept = {name: value for name, value in facts.items() if value and value != [""]}
    return {n: cut(v, FACT_LIMIT) if isinstance(v, str) else v for n, v in kept.items()}
