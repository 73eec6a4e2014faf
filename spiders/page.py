"""One page that is watched: its main text is the mention, whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from hub.changes import is_same
from hub.errors import EmptySource, SourceError
from hub.legal.references import subject_identifiers
from hub.model import Mention, Source
from hub.reported import Report
from hub.sources import PageOptions
from hub.text import canonical_url, fold, parse_date
from spiders.base import Kind, Memory, Page, Reading
from spiders.maintext import main_text
from spiders.pdf import is_pdf, pdf_text
from spiders.reading import (
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    cut,
    make_soup,
    plain,
    plausible,
)

SHORTEST_TEXT = 40
"""In characters: less is a page without content."""
REPORTED = "Signalé par l’équipe"
"""The rubrique of the pages that editors report."""
_TOP = 600
"""The date of a page stands in its first characters; further down it is that of something else."""
_DATED = re.compile(
    r"\b(publie|mis a jour|mise a jour|modifie|derniere modification)e?s? (?:le|du|:)"
)
_LAST_PART = re.compile(r"(.*\S) ([|·•–—-]) (.+)")


@dataclass(frozen=True, slots=True)
class Watched:
    """How one page is read: what `page`, `sitemap` and `reported` sources share."""

    main: str | None = None
    drop: tuple[str, ...] = ()
    title: str | None = None
    nature: str = ""


class PageKind(Kind):
    def __init__(self, source: Source, memory: Memory) -> None:
        super().__init__(source, memory)
        options = PageOptions.model_validate(source.options)
        self.watched = Watched(options.main, options.drop, options.title, options.nature)

    def read(self, page: Page) -> Reading:
        mention = read_watched(page, self.source.id, self.watched)
        return Reading((mark_technical(mention, page, self.memory, self.watched),))


def read_watched(page: Page, source_id: str, watched: Watched) -> Mention:
    """The mention that a watched page is.

    Raises:
        EmptySource: a page without content.
        ParseError: a document that cannot be read.
    """
    title, text = _title_and_text(page, watched)
    if len(text) < SHORTEST_TEXT:
        raise EmptySource(f"page with {len(text)} characters of text")
    link = canonical_url(page.url)
    shown = cut(title or plain(text.partition("\n")[0]), TITLE_LIMIT)
    return Mention(
        source_id=source_id,
        key=link,
        url=link,
        title=shown,
        text=cut(text, TEXT_LIMIT),
        published_on=find_day(text),
        nature=watched.nature,
        identifiers=subject_identifiers(shown, link),
        is_watched=True,
    )


def mark_technical(mention: Mention, page: Page, memory: Memory, watched: Watched) -> Mention:
    """Tell what our own parser changed from what the site did.

    When today's parser reads the same in what the address answered before, whatever differs from
    the kept text is ours.
    """
    previous = memory.latest_body(page.url)
    if previous is None:
        return mention
    try:
        _, before = _title_and_text(replace(page, body=previous), watched)
    except Exception:  # what was kept may be anything, even what an older parser refused
        return mention
    return replace(mention, is_technical=is_same(before, mention.text))


def _title_and_text(page: Page, watched: Watched) -> tuple[str, str]:
    if is_pdf(page.body):
        text = pdf_text(page.body)
        return plain(text.partition("\n")[0])[:200], text
    title, text = main_text(page.body, page.charset, main=watched.main, drop=watched.drop)
    if watched.title:
        element = make_soup(page.body, page.charset).select_one(watched.title)
        title = plain(element.get_text(" ")) if element is not None else title
    return drop_site_name(plain(title)), text


def drop_site_name(title: str) -> str:
    """« Réduire ses déchets | Ministère de la Transition » -> « Réduire ses déchets ».

    Only what follows a last bar, and last parts that name a publisher, whatever the mark.
    """
    whole = kept = title[: 2 * TITLE_LIMIT]
    while match := _LAST_PART.fullmatch(kept):
        head, mark, last = match.groups()
        if not _names_publisher(last) and (mark != "|" or kept != whole):
            break
        kept = head
    return kept


def _names_publisher(part: str) -> bool:
    return len(part) <= 80 and bool(_PUBLISHER.match(fold(part)))


_PUBLISHER = re.compile(
    r"(?:ministere|prefecture|prefet|service-public|entreprendre|direction|agence|ademe|anah|cre|"
    r"commission de regulation|region|departement|legifrance|gouvernement|france renov|aida|"
    r"[a-z0-9-]+\.(?:gouv\.)?(?:fr|eu|org|com))\b"
)


def find_day(text: str) -> date | None:
    """The later of « Publié le … » and « Mis à jour le … » near the top of a page."""
    top = text[:_TOP]
    plain_top = fold(top)
    days = (
        plausible(parse_date(plain_top[match.end() : match.end() + 40]))
        for match in _DATED.finditer(plain_top)
    )
    return max((day for day in days if day), default=None)


# --- A page that an editor reports ---------------------------------------------------------------


def parse_reported(source_id: str, page: Page | None, report: Report) -> Reading:
    """The page, under the title that the editor gave it if any; the editor's note is its summary.

    A page that gave nothing, or nothing to read, is kept with what the editor typed.
    """
    if page is None:
        return Reading((_as_typed(source_id, report),))
    try:
        mention = read_watched(page, source_id, Watched())
    except SourceError as error:
        return Reading((_as_typed(source_id, report),), (error.reason,))
    reported = replace(
        mention,
        title=_title_of(report) or mention.title,
        summary=cut(plain(report.note), SUMMARY_LIMIT),
        rubrique=REPORTED,
        is_watched=False,
    )
    return Reading((reported,))


def _title_of(report: Report) -> str:
    """What the editor typed, or what the bookmarklet took from the browser, site and all."""
    return cut(drop_site_name(plain(report.title)), TITLE_LIMIT)


def _as_typed(source_id: str, report: Report) -> Mention:
    link = canonical_url(report.url)
    title = _title_of(report) or link
    return Mention(
        source_id=source_id,
        key=link,
        url=link,
        title=title,
        summary=cut(plain(report.note), SUMMARY_LIMIT),
        rubrique=REPORTED,
        identifiers=subject_identifiers(title, link),
        is_partial=True,
    )
