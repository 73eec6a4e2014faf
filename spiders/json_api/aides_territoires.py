"""Aides-territoires: a key is exchanged for a token of one day, then the list is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from hub.errors import EmptySource, ParseError, SourceError
from hub.model import Mention
from hub.sources import JsonApiOptions
from hub.text import parse_date
from spiders.base import Ask, Page, Reading
from spiders.json_api.fields import (
    FACT_LIMIT,
    FACTS_LIMIT,
    Dialect,
    Outcome,
    Paper,
    Record,
    and_troubles,
    count_in,
    day_at,
    key_at,
    link_at,
    list_at,
    list_in,
    load_json,
    on_same_host,
    origin_of,
    read_each,
    say_incomplete,
    with_query,
    without_blanks,
    word,
    word_at,
)
from spiders.reading import (
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    cut,
    markup_to_text,
    plain,
    plausible,
)

CONNECTION = "/api/connexion/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list is: what the pages before showed, and the token that opens the next one."""

    read: int
    token: str = field(repr=False)


class AidesTerritoires(Dialect):
    def first_asks(self) -> Iterator[Ask]:
        """
        Raises:
            SourceError: there is no key.
        """
        key = self.memory.credentials().strip()
        if not key or not key.isascii() or not key.isprintable():
            raise SourceError("no key that can be sent: set the credentials of this source")
        yield Ask(
            f"{origin_of(self.paper.url)}{CONNECTION}",
            reader="read_token",
            method="POST",
            headers={"X-AUTH-TOKEN": key},
            is_conditional=False,
            is_private=True,
        )

    def read(self, page: Page) -> Reading:
        paper = self.paper
        place = page.about if isinstance(page.about, Place) else Place(0, "")
        reading = parse_aids(
            page.body,
            paper.source_id,
            page.url,
            paper.options,
            paper.today,
            before=place.read,
            may_be_empty=self.may_be_empty,
        )
        following = tuple(_with_token(ask, place.token) for ask in reading.follow)
        return replace(reading, follow=following)

    def read_token(self, page: Page) -> Reading:
        options = self.paper.options
        size = {"itemsPerPage": str(min(options.limit, options.max_records))}
        url = with_query(self.paper.url, size | options.params)
        return Reading(follow=(_with_token(Ask(url, about=0), parse_token(page.body)),))


def _with_token(ask: Ask, token: str) -> Ask:
    headers = {"Authorization": f"Bearer {token}"}
    return replace(ask, headers=headers, about=Place(ask.about, token))


def parse_token(body: bytes) -> str:
    """The token of a connection.

    Raises:
        ParseError: the answer holds none that a header may carry.
    """
    data = load_json(body)
    token = data.get("token") if isinstance(data, dict) else None
    if not isinstance(token, str) or not re.fullmatch(r"[\w.~+/=-]{8,4000}", token, re.ASCII):
        raise ParseError("connection without a token")
    return token


def parse_aids(
    body: bytes,
    source_id: str,
    url: str,
    options: JsonApiOptions,
    today: date | None = None,
    *,
    before: int = 0,
    may_be_empty: bool = False,
) -> Reading:
    """Read one page of the list. Aids that closed before `today` are left out; `before` were read
    on the pages before.

    Raises:
        ParseError: not the list (a token that expired is answered in its place), or no aid of it
            could be read.
        EmptySource: the list is empty.
    """
    data = load_json(body)
    if isinstance(data, dict) and "results" not in data and word_at(data, "message", "detail"):
        raise ParseError(f"refused: {cut(word_at(data, 'message', 'detail'), 100)}")
    aids = list_in(data, "results")
    total = count_in(data, "count")
    wanted = None if total is None else min(total, options.max_records)
    read = before + len(aids)
    if not read and not wanted:
        if may_be_empty:
            return Reading(entries=0)
        raise EmptySource("no aid in the list")
    paper = Paper(source_id, url, options, today)
    reading = read_each(aids[: options.max_records - before], read_aid, paper)
    if read >= (options.max_records if wanted is None else wanted):
        return reading
    following = on_same_host(url, data.get("next")) if aids else ""
    if following and following != url:
        return replace(reading, follow=(Ask(following, about=read),))
    return and_troubles(reading, say_incomplete(read, wanted))


def read_aid(record: Record, paper: Paper) -> Outcome:
    """One aid. When it was last touched is left out: only what it says makes it change."""
    key, title = key_at(record, "id", "slug"), word_at(record, "name", "short_title")
    link = on_same_host(paper.url, record.get("url")) or _link_of(record, paper)
    if not key or not title or not link:
        missing = "id" if not key else "name" if not title else "url"
        return None, [f"aid without {missing}"]
    deadline = plausible(parse_date(word_at(record, "submission_deadline")))
    if deadline and paper.today and deadline < paper.today:
        return None, []
    day, ails = day_at(record, "date_created")
    description, eligibility = _text_at(record, "description"), _text_at(record, "eligibility")
    mention = Mention(
        source_id=paper.source_id,
        key=key,
        url=link,
        title=cut(title, TITLE_LIMIT),
        summary=cut(description.split("\n\n")[0], SUMMARY_LIMIT),
        text=cut("\n\n".join(filter(None, (description, eligibility))), TEXT_LIMIT),
        published_on=day,
        nature="AIDE",
        rubrique=cut(", ".join(_names_at(record, "aid_types")), 200),
        extra=without_blanks(
            financeurs=_names_at(record, "financers"),
            instructeurs=_names_at(record, "instructors"),
            programmes=_names_at(record, "programs"),
            publics=_names_at(record, "targeted_audiences"),
            categories=_names_at(record, "categories"),
            perimetre=_name_of(record.get("perimeter")),
            ouverture=_iso_at(record, "start_date"),
            deadline=deadline.isoformat() if deadline else "",
            taux_min=word(record.get("subvention_rate_lower_bound")),
            taux_max=word(record.get("subvention_rate_upper_bound")),
            recurrence=word(record.get("recurrence")),
            page_externe=link_at(record, "origin_url") or link_at(record, "application_url"),
        ),
    )
    return mention, ails


def _link_of(record: Record, paper: Paper) -> str:
    slug = word_at(record, "slug")
    return (
        f"{origin_of(paper.url)}/aides/{slug}/" if re.fullmatch(r"[\w-]{1,300}", slug, re.A) else ""
    )


def _text_at(record: Record, name: str) -> str:
    markup = record.get(name)
    return markup_to_text(markup[:TEXT_LIMIT]) if isinstance(markup, str) else ""


def _names_at(record: Record, name: str) -> list[str]:
    """Names written as text (today) or as objects with a `name` (some editions)."""
    value = record.get(name)
    if not isinstance(value, list):
        return list_at(record, name)
    return [cut(found, FACT_LIMIT) for item in value[:FACTS_LIMIT] if (found := _name_of(item))]


def _name_of(value: Any) -> str:
    return word(value.get("name")) if isinstance(value, Mapping) else word(value)


def _iso_at(record: Record, name: str) -> str:
    day = plausible(parse_date(plain(record.get(name))))
    return day.isoformat() if day else ""
