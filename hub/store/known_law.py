"""All that is known of the law of items, put together from what was read of them and of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from hub.legal.avancement import Avancement, Step, timeline
from hub.legal.linkkind import LinkKind
from hub.legal.pairs import Pair, list_changes, pair_of
from hub.model import Scheme
from hub.store import Session
from hub.store.articles import list_pairs_by, list_versions
from hub.store.awaited import Awaited, know_awaited
from hub.store.bulk import chunks
from hub.store.items import ItemRow, list_identifiers
from hub.store.law import LawLinkRow, list_links, list_links_to, list_steps, step_from_json
from hub.store.mentions import MentionRow

ARTICLE = "ARTICLE"
"""The nature of an item that is an article of a code."""
NAMING = (Scheme.JORFTEXT, Scheme.LEGITEXT, Scheme.NOR, Scheme.NUMERO)
"""The identifiers by which an article names the text that changed it."""


@dataclass(frozen=True, slots=True)
class Acting:
    """An item whose text does something to another, and what."""

    link: LawLinkRow
    item: ItemRow


@dataclass(frozen=True, slots=True)
class LawOfItem:
    """`links` are what its text does, `acted_on` what others do to it, `pairs` the articles that it
    changed, or the last change of the article that it is, `awaited` the décrets that it calls for.
    """

    avancement: Avancement
    links: tuple[LawLinkRow, ...] = ()
    acted_on: tuple[Acting, ...] = ()
    pairs: tuple[Pair, ...] = ()
    awaited: tuple[Awaited, ...] = ()


def know_law(
    session: Session, items: Sequence[ItemRow], today: date, *, only_public: bool = False
) -> dict[int, LawOfItem]:
    """What was read of these items, in a few queries. `only_public`: as far as readers may know."""
    ids = [item.id for item in items]
    identities = {
        id_: {str(i) for i in found} for id_, found in list_identifiers(session, ids).items()
    }
    steps, links = list_steps(session, ids), list_links(session, ids)
    acting = _list_acting(session, identities, only_public=only_public)
    awaited = know_awaited(session, identities, today)
    return {
        item.id: LawOfItem(
            avancement=timeline(
                [*steps.get(item.id, ()), *_steps_of(acting.get(item.id, ()))], today
            ),
            links=tuple(row for row in links.get(item.id, ()) if row.kind != LinkKind.CITE),
            acted_on=tuple(
                one for one in acting.get(item.id, ()) if one.link.kind != LinkKind.CITE
            ),
            pairs=tuple(_pairs_of(session, item)),
            awaited=awaited.get(item.id, ()),
        )
        for item in items
    }


def _list_acting(
    session: Session, identities: Mapping[int, set[str]], *, only_public: bool
) -> dict[int, list[Acting]]:
    to = list_links_to(session, {name for names in identities.values() for name in names})
    sources = {row.item_id for rows in to.values() for row in rows}
    rows = {
        row.id: row
        for some in chunks(sorted(sources))
        for row in session.scalars(select(ItemRow).where(ItemRow.id.in_(some)))
    }
    found: dict[int, list[Acting]] = {}
    for item_id, names in identities.items():
        seen = {row.id: row for name in sorted(names) for row in to.get(name, ())}
        found[item_id] = [
            Acting(row, rows[row.item_id])
            for row in seen.values()
            if row.item_id != item_id and (rows[row.item_id].state.is_public or not only_public)
        ]
    return found


def _steps_of(acting: Iterable[Acting]) -> Iterable[Step]:
    return (step_from_json(one.link.step) for one in acting if one.link.step)


def _pairs_of(session: Session, item: ItemRow) -> list[Pair]:
    if item.nature == ARTICLE:
        return _last_change(session, item)
    names = {row.value for row in item.identifiers if row.scheme in NAMING}
    return list_pairs_by(session, names) if names else []


def _last_change(session: Session, item: ItemRow) -> list[Pair]:
    """Of an article of a code: what its current version put in place of the one before."""
    key = session.get_one(MentionRow, item.current.mention_id).key
    versions = list_versions(session, key)
    days = list_changes(versions)
    return [pair_of(versions, days[-1])] if days else []
