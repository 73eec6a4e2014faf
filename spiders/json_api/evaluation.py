"""Évaluations environnementales: the projects examined near a place, newest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from hub.errors import EmptySource
from hub.model import Mention
from hub.sources import JsonApiOptions
from spiders.base import Ask, Page, Reading
from spiders.json_api.fields import (
    Dialect,
    Outcome,
    Paper,
    Record,
    and_troubles,
    count_in,
    day_at,
    lines_at,
    list_in,
    load_json,
    read_each,
    say_incomplete,
    with_query,
    without_blanks,
    word,
    word_at,
)
from spiders.reading import SUMMARY_LIMIT, TITLE_LIMIT, cut, plain

PORTAL = "https://evaluation-environnementale.developpement-durable.gouv.fr/#/public/view-document/"
"""Where people read a document. An address that only differs after its # names no page of its own
for machines: it is a fact beside the mention, whose address is the API's answer."""


class Evaluation(Dialect):
    def first_asks(self) -> Iterator[Ask]:
        yield self._ask(0)

    def read(self, page: Page) -> Reading:
        before = page.about if isinstance(page.about, int) else 0
        paper = self.paper
        reading, read = parse_documents(
            page.body, paper.source_id, page.url, paper.options, before, self.may_be_empty
        )
        return replace(reading, follow=(self._ask(read),)) if read else reading

    def _ask(self, start: int) -> Ask:
        options = self.paper.options
        length = min(options.limit, options.max_records - start)
        query = {"start": str(start), "length": str(length), "descending_order_id": "true"}
        return Ask(with_query(self.paper.url, query | options.params), about=start)


def parse_documents(
    body: bytes,
    source_id: str,
    url: str,
    options: JsonApiOptions,
    before: int = 0,
    may_be_empty: bool = False,
) -> tuple[Reading, int]:
    """Read one page; with it, where the next one starts, 0 when there is none.

    Raises:
        ParseError: not the answer of the service, or no document of it could be read.
        EmptySource: no document matches.
    """
    data = load_json(body)
    documents = list_in(data, "data")
    total = count_in(data, "totalCount")
    wanted = None if total is None else min(total, options.max_records)
    read = before + len(documents)
    if not read and not wanted:
        if may_be_empty:
            return Reading(entries=0), 0
        raise EmptySource("no document matches")
    reading = read_each(documents, read_document, Paper(source_id, url, options))
    if wanted is None or read >= wanted:
        return reading, 0
    if len(documents) < min(options.limit, options.max_records - before):
        return and_troubles(reading, say_incomplete(read, wanted)), 0
    return reading, read


def read_document(record: Record, paper: Paper) -> Outcome:
    key, project = word(record.get("documentId")), plain(record.get("projectTitle"))
    if not re.fullmatch(r"[\w-]{1,60}", key, re.ASCII) or not project:
        return None, [f"document without {'projectTitle' if not project else 'documentId'}"]
    place = word_at(record, "municipality")
    day, ails = day_at(record, "publishedDate")
    is_told = not place or place.casefold() in project.casefold()
    base = paper.url.split("?")[0].removesuffix("/Get")
    mention = Mention(
        source_id=paper.source_id,
        key=key,
        url=with_query(f"{base}/GetByDocumentId", {"documentId": key}),
        title=cut(project if is_told else f"{project} ({place})", TITLE_LIMIT),
        summary=cut(_summary(record), SUMMARY_LIMIT),
        published_on=day,
        nature="EVALUATION_ENVIRONNEMENTALE",
        rubrique=cut(word_at(record, "categoryName"), 200),
        extra=without_blanks(
            commune=place,
            departement=word_at(record, "department"),
            autorite=word_at(record, "authority"),
            page=f"{PORTAL}{key}",
        ),
    )
    return mention, ails


def _summary(record: Record) -> str:
    """What the project is, then where: `keep` may look for a département there."""
    places = (word_at(record, name) for name in ("municipality", "department"))
    where = ", ".join(place for place in places if place)
    said = f"Lieu\u00a0: {where}" if where else ""
    return "\n\n".join(part for part in (lines_at(record, "description"), said) if part)
