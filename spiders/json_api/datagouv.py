"""data.gouv.fr: one data set is watched, as the list of its resources."""

from __future__ import annotations

from typing import Any

from hub.errors import EmptySource, ParseError
from hub.model import Mention
from hub.sources import JsonApiOptions
from spiders.base import Page, Reading
from spiders.json_api.fields import (
    Dialect,
    day_at,
    key_at,
    lines_at,
    link_at,
    list_in,
    load_json,
    origin_of,
    without_blanks,
    word_at,
)
from spiders.reading import SUMMARY_LIMIT, TEXT_LIMIT, TITLE_LIMIT, cut, plain

RESOURCES_LIMIT = 5_000


class DataGouv(Dialect):
    def read(self, page: Page) -> Reading:
        paper = self.paper
        return parse_dataset(page.body, paper.source_id, page.url, paper.options, self.may_be_empty)


def parse_dataset(
    body: bytes, source_id: str, url: str, options: JsonApiOptions, may_be_empty: bool = False
) -> Reading:
    """Read a data set as a page. When its files were last touched is no part of it, nor is their
    order: only a file that comes, goes, moves or is renamed counts.

    Raises:
        ParseError: not a data set.
        EmptySource: it has no resource.
    """
    data = load_json(body)
    resources = list_in(data, "resources")
    key, title = key_at(data, "slug", "id"), plain(data.get("title"))
    link = link_at(data, "page") or with_path(url, key)
    if not key or not title or not link:
        raise ParseError(f"data set without {'title' if key else 'slug'}")
    found = [_line(resource) for resource in resources[:RESOURCES_LIMIT]]
    lines = sorted({line for line in found if line})
    if resources and not lines:
        raise ParseError("no resource of the data set could be read")
    if not lines and not may_be_empty:
        raise EmptySource("data set without any resource")
    mention = Mention(
        source_id=source_id,
        key=key,
        url=link,
        title=cut(title, TITLE_LIMIT),
        summary=cut(lines_at(data, "description"), SUMMARY_LIMIT),
        text=cut("\n\n".join(lines), TEXT_LIMIT),
        published_on=day_at(data, "created_at")[0],
        nature="JEU_DE_DONNEES",
        extra=without_blanks(
            licence=word_at(data, "license"), frequence=word_at(data, "frequency")
        ),
        is_watched=True,
    )
    told = [f"resource {n}: without title or url" for n, line in enumerate(found, 1) if not line]
    return Reading((mention,), tuple(told), entries=len(resources))


def with_path(url: str, slug: str) -> str:
    return f"{origin_of(url)}/datasets/{slug}/" if slug else ""


def _line(resource: Any) -> str:
    """« Title (FORMAT) : address » of one resource; "" for what is none."""
    if not isinstance(resource, dict):
        return ""
    title, form = (
        cut(plain(resource.get("title")), TITLE_LIMIT),
        word_at(resource, "format", "mime"),
    )
    address = cut(plain(resource.get("url")), 2 * TITLE_LIMIT)
    if not title and not address:
        return ""
    said = f"{title or 'Sans titre'} ({cut(form, 40)})" if form else title or "Sans titre"
    return f"{said}\u00a0: {address}" if address else said
