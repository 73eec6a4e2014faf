"""« Signaler une page »: an editor gives an address, the next collection reads it once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select

from hub.sources import is_loopback_host, is_private_host
from hub.store import Session, Store
from hub.store.captures import find_validator
from hub.store.mentions import MentionRow, find_latest_mention
from hub.store.reported import ReportedPageRow
from hub.store.sources import end_failures
from hub.text import canonical_url, clean

MAX_URL = 2_000
MAX_TITLE = 300
MAX_NOTE = 1_000
PATIENCE = timedelta(days=3)
"""How long a page that does not answer is asked for again; then only the report stays."""
AGAIN = timedelta(hours=6)
"""How long a page that did not answer is left alone."""
READ, PARTIAL, GIVEN_UP = "lue", "en partie", "abandonnee"
_HOST = re.compile(r"\w([\w-]*\w)?(\.\w([\w-]*\w)?)+")


@dataclass(frozen=True, slots=True)
class Report:
    """What an editor said of a page. `id` is 0 until it is kept."""

    url: str
    title: str = ""
    note: str = ""
    id: int = 0

    def to_json(self, asked_at: datetime) -> bytes:
        """The report as a capture: it proves the mention when the page itself gives nothing.

        The moment makes each attempt a capture of its own, so that a replay makes them all.
        """
        facts = {
            "url": self.url,
            "title": self.title,
            "note": self.note,
            "asked_at": asked_at.isoformat(),
        }
        return json.dumps(facts, ensure_ascii=False).encode()


def read_report(body: bytes) -> Report:
    """The inverse of `Report.to_json`."""
    facts = json.loads(body)
    return Report(facts["url"], facts["title"], facts["note"])


def find_mistake(url: str, *, allow_loopback: bool = False) -> str:
    """The key of the message that says what is wrong with an address, "" when it may be read.

    `allow_loopback` lets pages be on this very machine.
    """
    address = address_of(url)
    if not address:
        return "report.address"
    if len(url) > MAX_URL:
        return "report.too-long"
    if "@" in urlsplit(url.strip()).netloc:
        return "report.secret"
    host = urlsplit(address).hostname or ""
    if allow_loopback and is_loopback_host(host):
        return ""
    if is_private_host(host):
        return "report.private"
    return "" if _HOST.fullmatch(host) else "report.address"


def address_of(url: str) -> str:
    """The canonical address, its host in the letters that machines ask for (« déchets.fr » is
    `xn--dchets-bva.fr`); "" when it is no address of a web page.
    """
    address = canonical_url(url)
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode()
        place = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        return ""
    return parts._replace(netloc=place).geturl() if host else ""


def keep_report(
    session: Session, report: Report, by: str, now: datetime
) -> tuple[ReportedPageRow, bool]:
    """Keep a report, and tell whether it is a new one: an address that waits already is not asked
    for twice.
    """
    url = address_of(report.url)
    waiting = session.scalar(
        select(ReportedPageRow).where(ReportedPageRow.url == url, ReportedPageRow.read_at.is_(None))
    )
    if waiting is not None:
        return waiting, False
    row = ReportedPageRow(
        url=url,
        title=clean(report.title)[:MAX_TITLE],
        note=report.note.strip()[:MAX_NOTE],
        by=by,
        at=now,
    )
    session.add(row)
    session.flush()
    return row, True


def list_waiting(session: Session) -> list[Report]:
    rows = session.scalars(
        select(ReportedPageRow)
        .where(ReportedPageRow.read_at.is_(None))
        .order_by(ReportedPageRow.id)
    )
    return [Report(row.url, row.title, row.note, row.id) for row in rows]


def has_work(session: Session, tried_at: datetime | None, now: datetime) -> bool:
    """Whether a page waits that was never tried, or that was left alone for long enough."""
    moments = session.scalars(
        select(ReportedPageRow.at).where(ReportedPageRow.read_at.is_(None))
    ).all()
    if tried_at is None or tried_at + AGAIN <= now:
        return bool(moments)
    return any(at > tried_at for at in moments)


def list_reports(session: Session, limit: int = 20) -> list[ReportedPageRow]:
    """The last reports, newest first."""
    query = select(ReportedPageRow).order_by(ReportedPageRow.id.desc()).limit(limit)
    return list(session.scalars(query))


def close_reports(store: Store, source_id: str, now: datetime) -> None:
    """After a collection: the pages that were read are no longer waiting. A page that gave nothing
    is asked again for a few days, though its report is in the queue already; then its failure ends
    with it.
    """
    with store.write() as session:
        for row in session.scalars(
            select(ReportedPageRow).where(ReportedPageRow.read_at.is_(None))
        ):
            mention = find_latest_mention(session, source_id, row.url)
            validator = find_validator(session, source_id, row.url)
            is_read = validator is not None and validator.checked_at >= row.at
            outcome = _outcome_of(mention, row.at, now, is_read=is_read)
            if outcome:
                row.read_at, row.outcome = now, outcome
                end_failures(session, source_id, row.url, now)


def _outcome_of(mention: MentionRow | None, at: datetime, now: datetime, *, is_read: bool) -> str:
    """`is_read`: the page was read since it was reported; it may have been known before."""
    if is_read and mention is not None and not mention.is_partial:
        return READ
    if now - at < PATIENCE:
        return ""
    return PARTIAL if mention is not None else GIVEN_UP
