"""The whole journey, top to bottom. Only the order is here: each step finds its own work and may
be killed and run again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from hub.collect import SourceReport, collect, due_sources
from hub.errors import HubError
from hub.intake import Resolved
from hub.joblock import job_lock
from hub.law import read_law
from hub.news import Hub, ReadAhead, Review, gather
from hub.newsletter.prepare import prepare
from hub.newsletter.select import weekly_cutoff
from hub.newsletter.send import Sent, send_waiting
from hub.publish import SiteReport, build_site
from hub.search import open_index
from hub.search.documents import forget_waiting, index_items
from hub.store import Store
from hub.store.runs import RunRow
from hub.watch import watch


@dataclass(frozen=True, slots=True)
class RunReport:
    collect: tuple[SourceReport, ...]
    resolved: Resolved
    site: SiteReport | None
    messages: int
    troubles: tuple[str, ...] = ()
    """Steps after collection that failed, in words; the others were still done."""

    def to_json(self) -> dict[str, Any]:
        failures = [
            {"source": f.source_id, "url": f.url, "kind": f.kind, "reason": f.reason}
            for source in self.collect
            for f in source.failures
        ] + [{"source": "", "url": "", "kind": "step", "reason": t} for t in self.troubles]
        return {
            "collect": {
                "sources": [source.to_json() for source in self.collect],
                "requests": sum(source.requests for source in self.collect),
                "not_modified": sum(source.not_modified for source in self.collect),
                "mentions": sum(source.mentions for source in self.collect),
            },
            "new_items": self.resolved.new_items,
            "new_versions": self.resolved.new_versions,
            "published": self.site.built if self.site else 0,
            "messages": self.messages,
            "failures": failures,
        }


def run(
    hub: Hub, now: datetime, *, only_due: bool = False, review: Review | None = None
) -> RunReport:
    """The journey once: collect, gather, tag, index, publish, write and send the letters.

    With `only_due` (the scheduler), letters tell what was approved before Monday morning, so that
    the first approval of a week does not leave alone; by hand, they tell everything until now.
    """
    run_id = _open_run(hub.store, now)
    enabled = [source for source in hub.sources if source.enabled]
    wanted = due_sources(hub.store, enabled, now) if only_due else enabled
    tagger = ReadAhead(hub)
    reports = collect(hub.settings, hub.store, wanted, now, meanwhile=tagger.read)
    troubles: list[str] = []
    watched = watch(hub.store, hub.settings, hub.sources, now)
    if watched.trouble:
        troubles.append(str(watched.trouble))
    resolved = gather(hub, now, tagger)
    if review is not None:
        review(hub.store, now)
    site = _attempt(troubles, lambda: publish(hub, now))
    cutoff = weekly_cutoff(now) if only_due else now
    letters = _attempt(troubles, lambda: send_letters(hub, now, cutoff, has_site=site is not None))
    if letters and letters.trouble:
        troubles.append(str(letters.trouble))
    _attempt(troubles, lambda: refresh_index(hub))
    sent = letters.sent if letters else 0
    report = RunReport(tuple(reports), resolved, site, sent, tuple(troubles))
    _close_run(hub.store, run_id, now, report)
    return report


def publish(hub: Hub, now: datetime) -> SiteReport:
    """Build the site, waiting for a build that another process has begun. The law of what is
    followed is read before.
    """
    with job_lock(hub.settings, "site", wait=300):
        read_law(hub.store, hub.sources)
        return build_site(hub.store, hub.settings, now)


def send_letters(
    hub: Hub, now: datetime, cutoff: datetime | None = None, *, has_site: bool = True
) -> Sent:
    """Write the letters of what was approved until `cutoff` (now by default); send what waits.

    Without a site that holds the pages they lead to, letters wait: only answers to people leave.
    """
    with job_lock(hub.settings, "letters", wait=60):
        if has_site:
            prepare(hub.store, hub.settings, hub.referentiel, now, cutoff=cutoff)
        return send_waiting(hub.store, hub.settings, now, only_service=not has_site)


def refresh_index(hub: Hub) -> bool:
    """Rebuild the search index beside the old one, then swap."""
    with hub.store.read() as session:
        forget_waiting(hub.settings)
        index_items(session, open_index(hub.settings))
    return True


Result = TypeVar("Result")


def _attempt(troubles: list[str], step: Callable[[], Result]) -> Result | None:
    """Expected trouble in one step does not stop the next; trouble in the store does."""
    try:
        return step()
    except (HubError, OSError) as error:
        troubles.append(str(error))
        return None


def _open_run(store: Store, now: datetime) -> int:
    with store.write() as session:
        row = RunRow(started_at=now, report={})
        session.add(row)
        session.flush()
        return row.id


def _close_run(store: Store, run_id: int, now: datetime, report: RunReport) -> None:
    with store.write() as session:
        row = session.get_one(RunRow, run_id)
        row.ended_at = now
        row.report = report.to_json()
