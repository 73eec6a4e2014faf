"""Writing this week's letters: one transaction a subscriber, safe to kill and to run again.

The message is kept with the list of the items it tells, in the same transaction, under a key that
is unique for (issue, subscriber). A second run finds the key and does nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from hub.config import Settings
from hub.model import DeliveryState, ItemState, SubscriberState, TermKind
from hub.newsletter.render import Recipient, Renderer, to_wire
from hub.newsletter.select import (
    Catalogue,
    Digest,
    News,
    Reader,
    Reason,
    Skip,
    Term,
    find_reasons,
    issue_of,
    select_digest,
    starting_points,
)
from hub.newsletter.subscriptions import forget_unconfirmed, to_recipient
from hub.newsletter.wording import describe_reasons, subject_of
from hub.referentiel import Referentiel
from hub.store import Session, Store
from hub.store.items import ItemRow, list_public_items, list_tags, to_redaction
from hub.store.subscribers import (
    DeliveredItemRow,
    DeliveryRow,
    SubscriberRow,
    has_delivery,
    list_delivered_items,
    list_waiting_subscribers,
)
from hub.text import paris_day

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PreparedItem:
    """`id` is the item's slug, the last part of its public address."""

    id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A letter that is written, or would be. `subscriber` is a number, never an address."""

    subscriber: int
    issue: str
    subject: str
    items: tuple[PreparedItem, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "subscriber": self.subscriber,
            "subject": self.subject,
            "items": [{"id": item.id, "reasons": list(item.reasons)} for item in self.items],
        }


@dataclass(frozen=True, slots=True)
class _Issue:
    """What is the same for every subscriber of one run."""

    name: str
    cutoff: datetime
    now: datetime
    referentiel: Referentiel
    catalogue: Catalogue
    texts_read: int


def prepare(
    store: Store,
    settings: Settings,
    referentiel: Referentiel,
    now: datetime,
    cutoff: datetime | None = None,
) -> list[Prepared]:
    """Write the letters of the issue that `cutoff` (by default `now`) falls in, and return them.

    Nothing is sent. Subscribers who already have this issue, or for whom nothing is new, are
    counted in the log and left alone. Addresses never confirmed are forgotten on the way.
    """
    with store.write() as session:
        forget_unconfirmed(session, now)
    with store.read() as session:
        waiting = list_waiting_subscribers(session, issue_of(cutoff or now))
        if not waiting:
            return []
        issue = _open_issue(session, referentiel, now, cutoff or now)
    renderer = Renderer(settings, referentiel)
    outcomes = [_prepare_one(store, renderer, issue, subscriber) for subscriber in waiting]
    skips = Counter(str(outcome) for outcome in outcomes if isinstance(outcome, Skip))
    written = [outcome for outcome in outcomes if isinstance(outcome, Prepared)]
    facts = " ".join(f"{skip}={count}" for skip, count in sorted(skips.items()))
    log.info("letters prepared issue=%s letters=%d %s", issue.name, len(written), facts)
    return written


def plan(
    store: Store,
    settings: Settings,
    referentiel: Referentiel,
    now: datetime,
    cutoff: datetime | None = None,
) -> list[Prepared]:
    """What `prepare` would write. Nothing is written, and `settings` is not needed to say it."""
    with store.read() as session:
        issue = _open_issue(session, referentiel, now, cutoff or now)
        outcomes = [
            _select_for(session, issue, session.get_one(SubscriberRow, subscriber))
            for subscriber in list_waiting_subscribers(session, issue.name)
        ]
    return [_describe(outcome, referentiel) for outcome in outcomes if isinstance(outcome, Digest)]


def _open_issue(
    session: Session, referentiel: Referentiel, now: datetime, cutoff: datetime
) -> _Issue:
    return _Issue(
        issue_of(cutoff),
        cutoff,
        now,
        referentiel,
        Catalogue(to_news(item) for item in list_public_items(session)),
        _count_texts(session, cutoff),
    )


def _prepare_one(
    store: Store, renderer: Renderer, issue: _Issue, subscriber_id: int
) -> Prepared | Skip:
    try:
        with store.write() as session:
            return _write_letter(session, renderer, issue, subscriber_id)
    except IntegrityError:  # another process wrote this letter since we looked
        return Skip.ALREADY_SENT


def _write_letter(
    session: Session, renderer: Renderer, issue: _Issue, subscriber_id: int
) -> Prepared | Skip:
    subscriber = session.get(SubscriberRow, subscriber_id)
    if subscriber is None or subscriber.state is not SubscriberState.ACTIVE:
        return Skip.UNSUBSCRIBED
    if has_delivery(session, issue.name, subscriber_id):
        return Skip.ALREADY_SENT
    digest = _select_for(session, issue, subscriber)
    if isinstance(digest, Skip):
        return digest
    recipient = to_recipient(subscriber)
    message = renderer.letter(digest, recipient, issue.now, issue.texts_read)
    delivery = DeliveryRow(
        issue=issue.name,
        subscriber_id=subscriber_id,
        state=DeliveryState.PREPARED,
        subject=subject_of(digest),
        message=to_wire(message),
        prepared_at=issue.now,
    )
    session.add(delivery)
    session.flush()
    session.add_all(
        DeliveredItemRow(subscriber_id=subscriber_id, item_id=news.id, delivery_id=delivery.id)
        for entry in digest.entries
        for news in entry.items
    )
    return _describe(digest, issue.referentiel)


def _select_for(session: Session, issue: _Issue, subscriber: SubscriberRow) -> Digest | Skip:
    reader = to_reader(subscriber, issue.referentiel)
    delivered = list_delivered_items(session, subscriber.id)
    today = paris_day(issue.now)
    digest = select_digest(reader, issue.catalogue, delivered, issue.cutoff, today)
    if isinstance(digest, Skip) or _all_public(session, digest):
        return digest
    # An editor took something back since this run began: look again, at this very moment.
    fresh = Catalogue(to_news(item) for item in list_public_items(session))
    return select_digest(reader, fresh, delivered, issue.cutoff, today)


def _all_public(session: Session, digest: Digest) -> bool:
    shown = {news.id for entry in digest.entries for news in entry.items}
    shown |= {upcoming.news.id for upcoming in digest.dates}
    public = session.scalar(
        select(func.count())
        .select_from(ItemRow)
        .where(ItemRow.id.in_(shown), ItemRow.state == ItemState.APPROVED)
    )
    return public == len(shown)


def _describe(digest: Digest, referentiel: Referentiel) -> Prepared:
    return Prepared(
        digest.reader.id,
        digest.issue,
        subject_of(digest),
        tuple(
            PreparedItem(news.slug, describe_reasons(_why(news, digest), referentiel))
            for entry in digest.entries
            for news in entry.items
        ),
    )


def _why(news: News, digest: Digest) -> tuple[Reason, ...]:
    return find_reasons(news.tags, digest.reader.since)


def _count_texts(session: Session, cutoff: datetime) -> int:
    """How many texts, set aside or not, were published in the seven days that end at `cutoff`."""
    day = paris_day(cutoff)
    count = select(func.count()).select_from(ItemRow)
    return session.scalar(count.where(ItemRow.published_on.between(day - WEEK + DAY, day))) or 0


# --- Rows to words -----------------------------------------------------------------------------


def to_news(item: ItemRow) -> News:
    redaction = to_redaction(item.redaction)
    return News(
        id=item.id,
        slug=item.slug,
        title=item.title,
        is_public=item.state.is_public,
        public_at=item.public_at,
        published_on=item.published_on,
        summary=item.current.summary,
        redaction=redaction if redaction.is_written else None,
        tags=tuple(list_tags(item)),
    )


def to_reader(subscriber: SubscriberRow, referentiel: Referentiel) -> Reader:
    """What a subscriber follows; a term that the référentiel has retired is left out."""
    terms = [(TermKind.METIER, term) for term in subscriber.metiers]
    terms += [(TermKind.DISPOSITIF, term) for term in subscriber.dispositifs]
    known = [term for term in terms if referentiel.has(*term)]
    confirmed_at = subscriber.confirmed_at or subscriber.requested_at
    chosen_at = _read_chosen(subscriber.chosen_at)
    return Reader(subscriber.id, starting_points(known, confirmed_at, chosen_at))


def _read_chosen(chosen_at: Mapping[str, Any]) -> dict[Term, datetime]:
    found: dict[Term, datetime] = {}
    for key, moment in chosen_at.items():
        kind, _, term = key.partition(":")
        found[TermKind(kind), term] = datetime.fromisoformat(moment)
    return found


__all__ = ["Prepared", "PreparedItem", "Recipient", "plan", "prepare"]
