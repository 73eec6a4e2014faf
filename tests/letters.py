"""What the tests of the letter share: items, tags and subscribers, as the database holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hub.model import (
    Echeance,
    Evidence,
    ItemState,
    Niveau,
    Origin,
    Redaction,
    SubscriberState,
    Tag,
    TermKind,
    TextField,
)
from hub.newsletter.select import News, Reader, Term
from hub.store import Session
from hub.store.items import ItemRow
from hub.store.subscribers import SubscriberRow
from hub.text import slugify
from tests import builders

TRAVAUX = (TermKind.METIER, "conducteur-travaux")
RENOVATION = (TermKind.METIER, "technicien-renovation-energetique")
PEMD = (TermKind.DISPOSITIF, "PEMD")
REP = (TermKind.DISPOSITIF, "REP")
EMPRO = (TermKind.FILIERE, "EMPRO")
MAPRIMERENOV = (TermKind.DISPOSITIF, "MAPRIMERENOV")
BAT = (TermKind.SECTEUR, "BAT")

APPROVED_AT = datetime.fromisoformat("2026-09-04T10:00:00+00:00")
CONFIRMED_AT = datetime.fromisoformat("2026-08-20T08:00:00+00:00")


def make_tag(term: Term, words: str = "", rule: str = "") -> Tag:
    found = Evidence(rule or "mot", words, TextField.TITLE, 0, len(words)) if words else None
    derived = Evidence(rule) if rule and not words else None
    evidence = tuple(one for one in (found, derived) if one)
    return Tag(term[0], term[1], Origin.RULE, 1.0, evidence)


def make_news(item_id: int = 1, **changes: Any) -> News:
    news = News(
        id=item_id,
        slug=f"texte-{item_id}",
        title=f"Décret n° 2026-{item_id} du 25 août 2026 relatif aux travaux",
        is_public=True,
        public_at=APPROVED_AT,
        published_on=date(2026, 8, 26),
        tags=(make_tag(TRAVAUX),),
    )
    return replace(news, **changes)


def make_reader(*terms: Term, start: datetime = CONFIRMED_AT - timedelta(days=30)) -> Reader:
    return Reader(1, dict.fromkeys(terms or (TRAVAUX,), start))


def make_redaction(**changes: Any) -> Redaction:
    return replace(
        Redaction(
            titre="L’isolation sort de l’aide « par geste »",
            ce_qui_change="Les devis signés avant restent aidés.",
            a_faire=("Revoir les devis en cours",),
            niveau=Niveau.AIDE,
            applicable_le=date(2026, 9, 1),
            echeances=(Echeance(date(2026, 9, 30), "Déposer les dossiers ouverts"),),
        ),
        **changes,
    )


def add_item(
    session: Session,
    title: str = "Décret n° 2026-822 du 25 août 2026 relatif à la prime de transition",
    *,
    terms: Sequence[Term] = (TRAVAUX,),
    public_at: datetime | None = APPROVED_AT,
    state: ItemState = ItemState.APPROVED,
    redaction: Redaction | None = None,
    published_on: date | None = date(2026, 8, 26),
    words: str = "",
) -> ItemRow:
    """An item whose slug is that of its title, read the day before letters speak of it."""
    item = builders.add_item(
        session,
        builders.make_mention(
            title, summary="Un résumé venu de la source.", published_on=published_on
        ),
        slug=slugify(title),
        state=state,
        tags=[make_tag(term, words) for term in terms],
        redaction=redaction,
        now=APPROVED_AT - timedelta(days=1),
    )
    item.public_at = public_at
    return item


def add_subscriber(
    session: Session,
    email: str = "nadia@atelier.example",
    *,
    terms: Sequence[Term] = (TRAVAUX,),
    state: SubscriberState = SubscriberState.ACTIVE,
    confirmed_at: datetime = CONFIRMED_AT,
) -> SubscriberRow:
    row = SubscriberRow(
        email=email,
        state=state,
        secret=f"secret-of-{email}",
        metiers=[term for kind, term in terms if kind is TermKind.METIER],
        dispositifs=[term for kind, term in terms if kind is TermKind.DISPOSITIF],
        requested_at=confirmed_at,
        confirmed_at=confirmed_at if state is not SubscriberState.PENDING else None,
    )
    session.add(row)
    session.flush()
    return row
