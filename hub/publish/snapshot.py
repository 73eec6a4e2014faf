"""Everything the site says that comes from the database, read once, so that rendering is pure.

A snapshot has no hour: what was read at 6 h 40 and at 6 h 55 the same day makes the same site.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select

from hub.alarms import TROUBLED, Incident, Standing, list_standings
from hub.config import find_keyless
from hub.health import Health
from hub.legal.avant_apres import Comparison, compare_pair
from hub.model import (
    Criticality,
    Echeance,
    Niveau,
    Origin,
    Redaction,
    Scheme,
    Source,
    SourceKind,
    Tag,
    TermKind,
)
from hub.publish.awaited import AwaitedLine, public_awaited
from hub.publish.law import PublicLink, PublicStep, public_links, public_steps
from hub.publish.texts import is_quoted, signed_in_title
from hub.referentiel import Referentiel
from hub.store import Session, Store
from hub.store.identity import list_moved
from hub.store.items import ItemRow, list_public_items, list_tags, to_redaction
from hub.store.known_law import LawOfItem, know_law
from hub.store.mentions import MentionRow
from hub.store.sources import check_up, list_incidents
from hub.text import clean, paris_day


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the référentiel as a reader meets it. `links` only for métiers: (id, force)."""

    kind: TermKind
    id: str
    label: str
    path: str
    secteurs: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PublicTag:
    """`words` are those of the text that made a rule fire; `via` is the label of another tag."""

    kind: TermKind
    term: str
    label: str
    path: str
    origin: Origin
    words: tuple[str, ...] = ()
    via: str = ""


@dataclass(frozen=True, slots=True)
class PublicMention:
    """`is_gazette` when what the source dates is the publication itself, not news about it."""

    name: str
    publisher: str
    is_official: bool
    is_gazette: bool
    url: str
    published_on: date | None
    read_on: date


def path_of(slug: str) -> str:
    """Where the page of an item stands on the site."""
    return f"changements/{slug}/"


@dataclass(frozen=True, slots=True)
class PublicItem:
    """An approved item. `niveau` is None when no editor has written about it yet.

    `published_on` is a day of the Journal officiel or of the BOAMP; when only others speak of the
    text, the day they did is `announced_on`. `added_on` is the day the hub approved it.
    """

    slug: str
    official_title: str
    url: str
    nature: str
    published_on: date | None
    announced_on: date | None
    signed_on: date | None
    added_on: date | None
    version: int
    versions: tuple[tuple[int, date], ...]
    identifiers: tuple[tuple[Scheme, str], ...]
    redaction: Redaction
    is_written: bool
    tags: tuple[PublicTag, ...]
    mentions: tuple[PublicMention, ...]
    steps: tuple[PublicStep, ...] = ()
    links: tuple[PublicLink, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    awaited: tuple[AwaitedLine, ...] = ()

    @property
    def titre(self) -> str:
        return clean(self.redaction.titre) or clean(self.official_title) or self.slug

    @property
    def path(self) -> str:
        return path_of(self.slug)

    @property
    def niveau(self) -> Niveau | None:
        return self.redaction.niveau if self.is_written else None

    @property
    def entry(self) -> PublicStep | None:
        """When the text itself is in force, when that is one known day of the whole of it."""
        found = [s for s in self.steps if s.is_entry and s.on and not s.part]
        return found[0] if len(found) == 1 else None

    @property
    def is_text(self) -> bool:
        """Whether it is an official text, and not only news: an identifier proves it."""
        return bool(self.identifiers)

    @property
    def filed_on(self) -> date | None:
        """The day that gives its place in the journal: a text is published once signed."""
        return self.published_on or self.announced_on or self.signed_on or self.added_on

    def terms(self, kind: TermKind) -> tuple[PublicTag, ...]:
        return tuple(tag for tag in self.tags if tag.kind == kind)

    def has(self, kind: TermKind, term: str) -> bool:
        return any(tag.kind is kind and tag.term == term for tag in self.tags)


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as readers see it. `usual_gap` is in whole days: how often news is expected.

    `broken_since` is the day since which it is not as it should be, `new_on` that of its last news.
    """

    name: str
    publisher: str
    url: str
    criticality: Criticality
    health: Health
    usual_gap: timedelta
    read_on: date | None
    new_on: date | None = None
    broken_since: date | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the site is made of, besides the fiches. `day` is the day it is in Paris.

    `cut_off_since` is the day since which we can read nothing, through our own fault.
    """

    day: date
    secteurs: tuple[Term, ...]
    metiers: tuple[Term, ...]
    dispositifs: tuple[Term, ...]
    items: tuple[PublicItem, ...]
    sources: tuple[SourceState, ...]
    cut_off_since: date | None = None
    moved: tuple[tuple[str, str], ...] = ()
    """Where pages stood whose item is part of another now, and where that one stands."""

    def items_of(self, kind: TermKind, term: str) -> tuple[PublicItem, ...]:
        return tuple(item for item in self.items if item.has(kind, term))

    def term(self, kind: TermKind, term: str) -> Term | None:
        known = {
            TermKind.SECTEUR: self.secteurs,
            TermKind.METIER: self.metiers,
            TermKind.DISPOSITIF: self.dispositifs,
        }.get(kind, ())
        return next((found for found in known if found.id == term), None)

    def secteurs_of(self, term: Term) -> list[Term]:
        """The secteurs of a term, its main one first."""
        by_id = {secteur.id: secteur for secteur in self.secteurs}
        return [by_id[name] for name in term.secteurs if name in by_id]

    @property
    def read_on(self) -> date | None:
        """The day of the last good reading of any source."""
        return max((s.read_on for s in self.sources if s.read_on), default=None)


def upcoming(items: Iterable[PublicItem], day: date) -> list[tuple[Echeance, PublicItem]]:
    """The dates still to come, soonest first, each with the item that sets it."""
    found = [(e, item) for item in items for e in item.redaction.echeances if e.date >= day]
    return sorted(found, key=lambda pair: (pair[0].date, pair[0].label, pair[1].slug))


def load_snapshot(
    store: Store, referentiel: Referentiel, sources: Sequence[Source], now: datetime
) -> Snapshot:
    """Read the database once, in one consistent view."""
    by_id = {source.id: source for source in sources}
    with store.read() as session:
        rows = list_public_items(session)
        mentions = _load_mentions(session, [row.id for row in rows], by_id)
        law = know_law(session, rows, paris_day(now), only_public=True)
        items = [
            _load_item(row, mentions.get(row.id, ()), law[row.id], referentiel) for row in rows
        ]
        incidents = list_incidents(session)
        states = _load_sources(session, sources, incidents, now)
        moved = list_moved(session)
    newest_first = sorted(items, key=lambda item: item.slug)
    newest_first.sort(key=lambda item: item.filed_on or date.min, reverse=True)
    return Snapshot(
        day=paris_day(now),
        secteurs=_terms(TermKind.SECTEUR, referentiel),
        metiers=_terms(TermKind.METIER, referentiel),
        dispositifs=_terms(TermKind.DISPOSITIF, referentiel),
        items=tuple(newest_first),
        sources=states,
        cut_off_since=next((paris_day(i.since) for i in incidents if i.kind.is_ours), None),
        moved=tuple((path_of(old), path_of(kept)) for old, kept in moved),
    )


def _terms(kind: TermKind, referentiel: Referentiel) -> tuple[Term, ...]:
    def term(name: str, secteurs: tuple[str, ...], links: tuple[tuple[str, str], ...] = ()) -> Term:
        label = referentiel.label(kind, name)
        return Term(kind, name, label, referentiel.path_of(kind, name), secteurs, links)

    if kind is TermKind.SECTEUR:
        return tuple(term(name, (name,)) for name in referentiel.secteurs)
    if kind is TermKind.DISPOSITIF:
        return tuple(term(d.id, tuple(d.secteurs)) for d in referentiel.dispositifs.values())
    return tuple(
        term(
            m.id,
            (m.secteur,),
            tuple((link.dispositif, link.force.value) for link in m.dispositifs),
        )
        for m in referentiel.metiers.values()
    )


def _load_item(
    row: ItemRow,
    mentions: tuple[PublicMention, ...],
    law: LawOfItem,
    referentiel: Referentiel,
) -> PublicItem:
    redaction = _without_false_quotes(to_redaction(row.redaction), row)
    published_on = _published_on(mentions)
    return PublicItem(
        slug=row.slug,
        official_title=row.title,
        url=row.url,
        nature=row.nature,
        published_on=published_on,
        announced_on=None if published_on else row.published_on,
        signed_on=row.signed_on or signed_in_title(row.title),
        added_on=paris_day(row.public_at) if row.public_at else None,
        version=row.version,
        versions=tuple((v.number, paris_day(v.seen_at)) for v in row.versions),
        identifiers=tuple(sorted((i.scheme, i.value) for i in row.identifiers)),
        redaction=redaction,
        is_written=redaction.is_written,
        tags=_public_tags(list_tags(row), referentiel),
        mentions=mentions,
        steps=public_steps(law.avancement, redaction.applicable_le),
        links=public_links(law),
        comparisons=tuple(map(compare_pair, law.pairs)),
        awaited=public_awaited(law.awaited),
    )


def _published_on(mentions: Iterable[PublicMention]) -> date | None:
    """The first day that a gazette gives."""
    days = [m.published_on for m in mentions if m.is_gazette and m.published_on]
    return min(days, default=None)


def _without_false_quotes(redaction: Redaction, row: ItemRow) -> Redaction:
    """An échéance keeps its sentence only when the current version of the text holds it."""
    current = row.current
    texts = (current.title, current.summary, current.text)
    return replace(
        redaction,
        echeances=tuple(
            echeance if is_quoted(echeance.sentence, texts) else replace(echeance, sentence="")
            for echeance in redaction.echeances
        ),
    )


_KIND_ORDER = (TermKind.DISPOSITIF, TermKind.FILIERE, TermKind.SECTEUR, TermKind.METIER)
MAX_WORDS = 4
"""Words of evidence shown for one tag: enough to see why, few enough to read."""


def _public_tags(tags: Sequence[Tag], referentiel: Referentiel) -> tuple[PublicTag, ...]:
    known = [tag for tag in tags if referentiel.has(tag.kind, tag.term)]
    known.sort(key=lambda tag: (_KIND_ORDER.index(tag.kind), -tag.score, tag.term))
    return tuple(_public_tag(tag, referentiel) for tag in known)


def _public_tag(tag: Tag, referentiel: Referentiel) -> PublicTag:
    words = dict.fromkeys(clean(e.words).strip(" ,;:.") for e in tag.evidence if e.words.strip())
    via = next((_via(e.rule, referentiel) for e in tag.evidence if e.field is None), "")
    return PublicTag(
        kind=tag.kind,
        term=tag.term,
        label=referentiel.label(tag.kind, tag.term),
        path=_path_of(tag.kind, tag.term, referentiel),
        origin=tag.origin,
        words=tuple(words)[:MAX_WORDS],
        via=via,
    )


def _path_of(kind: TermKind, term: str, referentiel: Referentiel) -> str:
    """Filières have no page of their own: their changes are on the page of the REP."""
    return "" if kind is TermKind.FILIERE else referentiel.path_of(kind, term)


def _via(rule: str, referentiel: Referentiel) -> str:
    """The label of the term a tag was deduced from, written `dispositif:REP`; "" if it is none."""
    name, _, term = rule.partition(":")
    try:
        kind = TermKind(name)
    except ValueError:
        return ""
    return referentiel.label(kind, term) if referentiel.has(kind, term) else ""


GAZETTES = (SourceKind.DILA, SourceKind.JSON_API)
"""The kinds of sources that publish in law: the Journal officiel and the BOAMP."""

BATCH = 500
"""Identifiers in one query: databases limit how many values a question may hold."""


OFFICIAL_SITES = ("gouv.fr", "europa.eu", "boamp.fr")


def own_link(source: Source | None, url: str) -> str:
    """Where a mention leads: its own address if it stays with its source or on an official site,
    else its source's. A feed may link anywhere; no editor read that address.
    """
    if source is None:
        return ""
    site = _site_of(url)
    return url if site == _site_of(source.url) or site in OFFICIAL_SITES else source.url


def _site_of(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


def _load_mentions(
    session: Session, item_ids: Sequence[int], sources: dict[str, Source]
) -> dict[int, tuple[PublicMention, ...]]:
    """One line for each page a source showed; what it said first dates the reading."""
    first: dict[int, dict[tuple[str, str], PublicMention]] = {}
    columns = (
        MentionRow.item_id,
        MentionRow.source_id,
        MentionRow.key,
        MentionRow.url,
        MentionRow.published_on,
        MentionRow.seen_at,
    )
    for start in range(0, len(item_ids), BATCH):
        batch = item_ids[start : start + BATCH]
        query = select(*columns).where(MentionRow.item_id.in_(batch)).order_by(MentionRow.id)
        for item_id, source_id, key, url, published_on, seen_at in session.execute(query):
            source = sources.get(source_id)
            first.setdefault(item_id or 0, {}).setdefault(
                (source_id, key),
                PublicMention(
                    name=source.name if source else source_id,
                    publisher=source.publisher if source else "",
                    is_official=bool(source and source.official),
                    is_gazette=bool(source and source.kind in GAZETTES),
                    url=own_link(source, url),
                    published_on=published_on,
                    read_on=paris_day(seen_at),
                ),
            )
    return {
        item_id: tuple(sorted(found.values(), key=lambda m: (not m.is_official, m.name, m.url)))
        for item_id, found in first.items()
    }


def _load_sources(
    session: Session, sources: Sequence[Source], incidents: Sequence[Incident], now: datetime
) -> tuple[SourceState, ...]:
    """In the order of `sources.yaml`, but for those that are not read, which come last."""
    checkups = check_up(session, sources, now, find_keyless(sources))
    standings = {s.source.id: s for s in list_standings(checkups, incidents, now)}
    in_order = sorted(sources, key=lambda source: not source.enabled)
    return tuple(_to_state(standings[source.id]) for source in in_order)


def _to_state(standing: Standing) -> SourceState:
    source, checkup = standing.source, standing.checkup
    is_wrong = standing.incident is not None and checkup.state in TROUBLED
    return SourceState(
        name=source.name,
        publisher=source.publisher,
        url=source.url,
        criticality=source.criticality,
        health=checkup.state,
        usual_gap=timedelta(days=round(checkup.usual_gap / timedelta(days=1))),
        read_on=paris_day(checkup.last_good) if checkup.last_good else None,
        new_on=paris_day(checkup.last_new) if checkup.last_new else None,
        broken_since=paris_day(standing.incident.since) if standing.incident and is_wrong else None,
    )
