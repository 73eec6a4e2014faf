"""Data Fair: the lines of a data set. `options` name the fields, which each data set chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from hub.errors import EmptySource
from hub.model import Mention
from hub.sources import JsonApiOptions
from spiders.base import Ask, Page, Reading
from spiders.json_api.fields import (
    FACT_LIMIT,
    Dialect,
    Outcome,
    Paper,
    Record,
    and_troubles,
    count_in,
    day_at,
    key_at,
    list_in,
    load_json,
    on_same_host,
    read_each,
    say_incomplete,
    with_query,
    without_blanks,
    word,
    word_at,
)
from spiders.reading import SUMMARY_LIMIT, TITLE_LIMIT, cut, plain

OWN = "_"
"""What Data Fair adds to a line by itself (`_i`, `_rand`, `_score`) starts with this."""


class DataFair(Dialect):
    def first_asks(self) -> Iterator[Ask]:
        options = self.paper.options
        size = min(options.limit, options.max_records)
        query = {"size": str(size), "qs": options.where, "sort": options.order_by}
        yield Ask(with_query(self.paper.url, query | options.params), about=0)

    def read(self, page: Page) -> Reading:
        before = page.about if isinstance(page.about, int) else 0
        paper = self.paper
        return parse_lines(
            page.body, paper.source_id, page.url, paper.options, before, self.may_be_empty
        )


def parse_lines(
    body: bytes,
    source_id: str,
    url: str,
    options: JsonApiOptions,
    before: int = 0,
    may_be_empty: bool = False,
) -> Reading:
    """Read one page of lines. `before` were read on the pages before.

    Raises:
        ParseError: not the answer of a data set, or no line of it could be read.
        EmptySource: no line matches.
    """
    data = load_json(body)
    lines = list_in(data, "results")
    total = count_in(data, "total")
    wanted = None if total is None else min(total, options.max_records)
    read = before + len(lines)
    if not read and not wanted:
        if may_be_empty:
            return Reading(entries=0)
        raise EmptySource("no line matches")
    reading = read_each(
        lines[: options.max_records - before], read_line, Paper(source_id, url, options)
    )
    if read >= (options.max_records if wanted is None else wanted):
        return reading
    following = on_same_host(url, data.get("next")) if lines else ""
    if following and following != url:
        return replace(reading, follow=(Ask(following, about=read),))
    return and_troubles(reading, say_incomplete(read, wanted))


def read_line(record: Record, paper: Paper) -> Outcome:
    """One line. Its address is the API's answer for its key: a line has no page of its own."""
    options = paper.options
    key = key_at(record, options.key)
    title = word_at(record, options.title)
    if not key or not title:
        return None, [f"line without {options.title if key else options.key or 'a key'}"]
    day, ails = day_at(record, options.date) if options.date else (None, [])
    named = {options.key, options.title, options.date, options.summary}
    facts = {
        cut(plain(name), 60): cut(word(value), FACT_LIMIT)
        for name, value in list(record.items())[:FACT_LIMIT]
        if name not in named and not name.startswith(OWN)
    }
    mention = Mention(
        source_id=paper.source_id,
        key=key,
        url=with_query(_lines_of(paper.url), {"qs": f"{options.key}:{_quoted(key)}"}),
        title=cut(title, TITLE_LIMIT),
        summary=cut(word_at(record, options.summary), SUMMARY_LIMIT),
        published_on=day,
        extra=without_blanks(**dict(list(facts.items())[:40])),
    )
    return mention, ails


def _lines_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
