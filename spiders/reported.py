"""Pages that editors report, each read once. The report itself is the first capture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.reported import Report, read_report
from hub.text import canonical_url
from spiders.base import Ask, DirectKind, Page, Reading, site_of
from spiders.page import parse_reported

PREFIX = "report:"


class ReportedKind(DirectKind):
    """The hosts it may ask are those of the pages, and only while they are waiting."""

    fails_by_page = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._reports: list[Report] = self.memory.reports()

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset(site_of(report.url) for report in self._reports)

    def fetch(self) -> Iterator[Page]:
        for report in self._reports:
            yield Page(f"{PREFIX}{report.id}", report.to_json(self.memory.now))

    def read(self, page: Page) -> Reading:
        """The report: it leads to the page itself."""
        report = read_report(page.body)
        ask = Ask(canonical_url(report.url), reader="read_page", about=report, is_conditional=False)
        return Reading(follow=(ask,))

    def read_page(self, page: Page) -> Reading:
        return parse_reported(self.source.id, page, page.about)

    def lost(self, ask: Ask) -> Reading:
        """The page gave nothing: what the editor said of it stands for it."""
        return parse_reported(self.source.id, None, ask.about)
