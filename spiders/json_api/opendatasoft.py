"""Opendatasoft v2.1: pages of `records`, or the export where the window is too small."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hub.errors import EmptySource, ParseError
from hub.sources import MAX_ODS_WINDOW, JsonApiOptions
from spiders.base import ARCHIVE_SIZE, Ask, Page, Reading
from spiders.json_api.fields import (
    Dialect,
    Paper,
    and_troubles,
    count_in,
    list_in,
    load_json,
    read_each,
    say_incomplete,
    word_at,
)
from spiders.json_api.marches import EXPORT, READERS
from spiders.reading import cut

BAD_REQUEST = 400


class Opendatasoft(Dialect):
    def first_asks(self) -> Iterator[Ask]:
        options = self.paper.options
        if options.max_records > MAX_ODS_WINDOW:
            yield export_ask(self.paper.url, options)
        else:
            yield _records_ask(page_url(self.paper.url, options, 0))

    def read(self, page: Page) -> Reading:
        source_id, options = self.paper.source_id, self.paper.options
        if page.status == BAD_REQUEST:
            return self._read_refusal(page)
        left = page.headers.get("x-ratelimit-remaining", "")
        return parse_records(
            page.body,
            source_id,
            page.url,
            options,
            may_be_empty=self.may_be_empty,
            is_last_of_day=left.strip() == "0",
        )

    def read_export(self, page: Page) -> Reading:
        source_id, options = self.paper.source_id, self.paper.options
        reading = parse_export(page.body, source_id, page.url, options, self.may_be_empty)
        counted = page.about if isinstance(page.about, int) else 0
        return replace(reading, entries=max(0, (reading.entries or 0) - counted))

    def _read_refusal(self, page: Page) -> Reading:
        """The question itself is wrong, or the window is smaller than we know.

        Raises:
            ParseError: the question is wrong.
        """
        counted = _number_in(page.url, "offset")
        if not counted:
            raise ParseError(f"question refused: {_say_refusal(page.body)}")
        return Reading(follow=(export_ask(self.paper.url, self.paper.options, counted),))


def _say_refusal(body: bytes) -> str:
    with suppress(ParseError):
        answer = load_json(body)
        if isinstance(answer, dict):
            return cut(word_at(answer, "message", "error_code"), 200) or "no reason given"
    return "no reason given"


def page_url(url: str, options: JsonApiOptions, offset: int) -> str:
    """The address of one page. It holds no date, so that it is the same every day."""
    limit = min(options.limit, options.max_records - offset)
    query = {"order_by": options.order_by, "limit": str(limit), "offset": str(offset)}
    return f"{url}?{urlencode(_with_where(query, options))}"


def export_ask(url: str, options: JsonApiOptions, counted: int = 0) -> Ask:
    """The same question, asked to the export: one bare list, without any window. `counted` of its
    records were counted already.
    """
    query = {"order_by": options.order_by, "limit": str(options.max_records)}
    address = f"{url.removesuffix('/records')}{EXPORT}?{urlencode(_with_where(query, options))}"
    return Ask(address, reader="read_export", max_size=ARCHIVE_SIZE, about=counted)


def _records_ask(url: str) -> Ask:
    return Ask(url, expects=(200, BAD_REQUEST))


def _with_where(query: dict[str, str], options: JsonApiOptions) -> dict[str, str]:
    asked = {"where": options.where, **query} | options.params
    return {name: value for name, value in asked.items() if value}


def parse_records(
    body: bytes,
    source_id: str,
    url: str,
    options: JsonApiOptions,
    *,
    may_be_empty: bool = False,
    is_last_of_day: bool = False,
) -> Reading:
    """Read one page of records. `follow` holds the next one; a page that is shorter than the
    total it announces calls for is a trouble, never the end of the list.

    Raises:
        ParseError: not the JSON of the v2.1 API, or no record of it could be read.
        EmptySource: the API answered that nothing matches.
    """
    data = load_json(body)
    records = list_in(data, "results")
    offset, limit = _number_in(url, "offset"), _number_in(url, "limit") or options.limit
    total = count_in(data, "total_count")
    last = min(options.max_records, MAX_ODS_WINDOW)
    wanted = None if total is None else min(total, last)
    if not records and not offset:
        return _nothing(wanted, may_be_empty)
    reading = read_each(records, READERS[options.dialect], Paper(source_id, url, options))
    read = offset + len(records)
    if len(records) < limit:
        return and_troubles(reading, say_incomplete(read, wanted))
    if read >= (last if wanted is None else wanted):
        return reading
    if is_last_of_day:
        return and_troubles(reading, f"daily quota used up, {say_incomplete(read, wanted or last)}")
    return replace(reading, follow=(_records_ask(_url_at(url, read, min(limit, last - read))),))


def parse_export(
    body: bytes, source_id: str, url: str, options: JsonApiOptions, may_be_empty: bool = False
) -> Reading:
    """Read an export. Its records are unpacked one by one; before a cut, they are kept.

    Raises:
        ParseError: not a list, or no record of it could be read.
        EmptySource: the list is empty.
    """
    records, trouble = _records_of_export(body, options.max_records)
    if not records:
        if trouble:
            raise ParseError(trouble)
        return _nothing(0, may_be_empty)
    paper = Paper(source_id, url, options)
    return and_troubles(read_each(records, READERS[options.dialect], paper), trouble)


def _records_of_export(body: bytes, limit: int) -> tuple[list[Any], str]:
    """The first records of a bare list, and why there are no more.

    Raises:
        ParseError: not a list.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError("export that is not UTF-8") from error
    decoder, place = json.JSONDecoder(), _skip_blanks(text, 0)
    found: list[Any] = []
    if text[place : place + 1] != "[":
        raise ParseError("export that is not a list")
    place = _skip_blanks(text, place + 1)
    while len(found) < limit and text[place : place + 1] != "]":
        try:
            record, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return found, f"export cut or damaged after {len(found)} records"
        found.append(record)
        place = _skip_blanks(text, place)
        if text[place : place + 1] == ",":
            place = _skip_blanks(text, place + 1)
        elif text[place : place + 1] != "]":
            return found, f"export cut or damaged after {len(found)} records"
    return found, ""


_BLANKS = re.compile(r"[ \t\r\n]*")


def _skip_blanks(text: str, place: int) -> int:
    match = _BLANKS.match(text, place)
    return match.end() if match else place


def _nothing(wanted: int | None, may_be_empty: bool) -> Reading:
    if wanted:
        raise ParseError(say_incomplete(0, wanted))
    if not may_be_empty:
        raise EmptySource("the API answers that nothing matches")
    return Reading(entries=0)


def _number_in(url: str, name: str) -> int:
    written = dict(parse_qsl(urlsplit(url).query)).get(name, "")
    return int(written) if re.fullmatch(r"\d{1,9}", written) else 0


def _url_at(url: str, offset: int, limit: int) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query |= {"offset": str(offset), "limit": str(limit)}
    return urlunsplit(parts._replace(query=urlencode(query)))
