"""Recorded decisions, subscribers and the editor's account: what people did before the play begins.

Everything here may be played again: what is there already is left alone.
"""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator
from sqlalchemy import select

from hub.accounts import add_editor
from hub.desk import decide
from hub.errors import ReviewError
from hub.model import (
    Action,
    Decision,
    Identifier,
    Niveau,
    Precision,
    Scheme,
    SubscriberState,
    TermKind,
)
from hub.store import Session, Store
from hub.store.decisions import DecisionRow
from hub.store.editors import find_editor
from hub.store.items import (
    ItemRow,
    find_item_by_address,
    find_item_by_identifier,
    redaction_from_json,
    redaction_to_json,
)
from hub.store.subscribers import SubscriberRow, find_subscriber_by_email
from hub.text import canonical_url, parse_moment
from hub.yamlfile import Strict, load_yaml

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
BY = "Démonstration"
EDITOR_EMAIL = "demo@example.org"
EDITOR_PASSWORD = "demonstration-2026"  # noqa: S105 - it opens a demonstration and nothing else

Moment = Annotated[dt.datetime, BeforeValidator(lambda value: parse_moment(str(value)))]


# --- Decisions ---------------------------------------------------------------------------------


class RecordedEcheance(Strict):
    date: dt.date
    label: str
    precision: Precision = Precision.DAY
    sentence: str = ""


class RecordedRedaction(Strict):
    """The same fields as `hub.model.Redaction`."""

    titre: str
    ce_qui_change: str
    pour_qui: str
    a_faire: tuple[str, ...] = ()
    niveau: Niveau
    applicable_le: dt.date | None = None
    echeances: tuple[RecordedEcheance, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return redaction_to_json(redaction_from_json(self.model_dump(mode="json")))


class RecordedTag(Strict):
    kind: TermKind
    term: str


class RecordedDecision(Strict):
    """One decision. `item` is an identifier (`jorftext:JORFTEXT…`) or an address."""

    item: str
    action: Action
    at: Moment
    reason: str = ""
    redaction: RecordedRedaction | None = None
    tag: RecordedTag | None = None

    def to_decision(self) -> Decision:
        payload: dict[str, Any] = self.tag.model_dump(mode="json") if self.tag else {}
        payload |= {"redaction": self.redaction.to_json()} if self.redaction else {}
        return Decision(self.action, BY, self.at, self.reason, payload)


class _Decisions(Strict):
    decisions: tuple[RecordedDecision, ...]


def load_decisions() -> tuple[RecordedDecision, ...]:
    return load_yaml(FOLDER / "decisions.yaml", _Decisions).decisions


def replay(store: Store, now: dt.datetime) -> int:
    """Make the recorded decisions whose moment has come; returns how many were made now.

    One transaction for all: a run that is killed leaves either none or all, and the next one goes
    on from there. A decision that the trail of its item holds already is never made again, even
    if someone undid it since.
    """
    with store.write() as session:
        return sum(
            _decide_once(session, recorded) for recorded in load_decisions() if recorded.at <= now
        )


def _decide_once(session: Session, recorded: RecordedDecision) -> bool:
    item = _find_item(session, recorded.item)
    if item is None:
        log.warning("recorded decision without its item item=%s", recorded.item)
        return False
    if _is_made(session, item, recorded):
        return False
    try:
        decide(session, item.slug, recorded.to_decision())
    except ReviewError as error:  # someone decided otherwise, or a rule tags so by itself
        log.info("recorded decision left out item=%s reason=%s", recorded.item, error)
        return False
    return True


def _find_item(session: Session, name: str) -> ItemRow | None:
    scheme, _, value = name.partition(":")
    if scheme in set(Scheme):
        item_id = find_item_by_identifier(session, Identifier(Scheme(scheme), value))
    else:
        item_id = find_item_by_address(session, canonical_url(name))
    return session.get(ItemRow, item_id) if item_id is not None else None


def _is_made(session: Session, item: ItemRow, recorded: RecordedDecision) -> bool:
    return (
        session.scalar(
            select(DecisionRow.id).where(
                DecisionRow.item_id == item.id,
                DecisionRow.by == BY,
                DecisionRow.action == recorded.action,
                DecisionRow.at == recorded.at,
            )
        )
        is not None
    )


# --- People ------------------------------------------------------------------------------------


class RecordedSubscriber(Strict):
    email: str
    secret: str
    requested_at: Moment
    confirmed_at: Moment
    metiers: tuple[str, ...] = ()
    dispositifs: tuple[str, ...] = ()


class _Subscribers(Strict):
    subscribers: tuple[RecordedSubscriber, ...]


def load_subscribers() -> tuple[RecordedSubscriber, ...]:
    return load_yaml(FOLDER / "subscribers.yaml", _Subscribers).subscribers


def prepare_accounts(store: Store, now: dt.datetime) -> None:
    """Open the editor's account and the subscriptions, unless they are there."""
    with store.write() as session:
        if find_editor(session, EDITOR_EMAIL) is None:
            add_editor(session, EDITOR_EMAIL, "Compte de démonstration", EDITOR_PASSWORD, now)
        for recorded in load_subscribers():
            _subscribe_once(session, recorded)


def _subscribe_once(session: Session, recorded: RecordedSubscriber) -> None:
    """By their secret too: someone who left has no address any more, and stays gone."""
    known = select(SubscriberRow.id).where(SubscriberRow.secret == recorded.secret)
    if session.scalar(known) is not None or find_subscriber_by_email(session, recorded.email):
        return
    session.add(
        SubscriberRow(
            email=recorded.email,
            state=SubscriberState.ACTIVE,
            secret=recorded.secret,
            metiers=list(recorded.metiers),
            dispositifs=list(recorded.dispositifs),
            requested_at=recorded.requested_at,
            confirmed_at=recorded.confirmed_at,
        )
    )
    session.flush()
