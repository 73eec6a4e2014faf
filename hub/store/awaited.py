"""The décrets that laws await, from the dossiers législatifs, and those of them that were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from hub.legal.attendus import Attendu, Suivi, attendus_of, tick
from hub.legal.impact import to_identifiers
from hub.legal.linkkind import LinkKind
from hub.model import Mention, Scheme
from hub.store import Session
from hub.store.bulk import chunks, read_rows
from hub.store.items import ItemRow, list_items_by_identifiers
from hub.store.law import LawLinkRow
from hub.store.mentions import MentionRow, to_mention

DOSSIER = "DOSSIER_LEGISLATIF"
"""The nature of the mentions of DOLE."""
LAW = f"{Scheme.NUMERO}:loi-"
GAZETTE = (Scheme.JORFTEXT, Scheme.NOR, Scheme.ELI)
"""What proves that a mention is of a text of the Journal officiel."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """An awaited décret as it stands. `items` are those that its ticks speak of, in their order;
    None: the schedule alone names it.
    """

    suivi: Suivi
    items: tuple[ItemRow | None, ...] = ()


def know_awaited(
    session: Session, identities: Mapping[int, set[str]], today: date
) -> dict[int, tuple[Awaited, ...]]:
    """Of the items that are laws, by their official identifiers: what their schedule awaits."""
    laws = {
        item_id: number
        for item_id, names in identities.items()
        if (number := next((n.removeprefix(LAW) for n in names if n.startswith(LAW)), ""))
    }
    if not laws:
        return {}
    dossiers = _list_dossiers(session)
    return {
        item_id: found
        for item_id, number in laws.items()
        if (found := _follow(session, dossiers, number, identities[item_id], today))
    }


def _list_dossiers(session: Session) -> Sequence[tuple[int, str]]:
    """The last mention of each dossier, and its title."""
    last = (
        select(func.max(MentionRow.id))
        .where(MentionRow.nature == DOSSIER)
        .group_by(MentionRow.source_id, MentionRow.key)
    )
    query = select(MentionRow.id, MentionRow.title).where(MentionRow.id.in_(last))
    return [(row.id, row.title) for row in read_rows(session, query.order_by(MentionRow.id))]


def _follow(
    session: Session,
    dossiers: Iterable[tuple[int, str]],
    number: str,
    names: set[str],
    today: date,
) -> tuple[Awaited, ...]:
    named = [id_ for id_, title in dossiers if number in title]
    lines: dict[tuple[str, int], Attendu] = {}
    for id_ in named:
        for line in attendus_of(to_mention(session.get_one(MentionRow, id_))):
            if f"LOI:{number}" in line.lois:
                lines.setdefault((line.dossier, line.number), line)
    if not lines:
        return ()
    texts = _list_texts(session, _list_applying(session, lines.values(), names))
    by_url = {mention.url: item for mention, item in texts}
    followed = tick(lines.values(), [mention for mention, _ in texts], today)
    return tuple(
        Awaited(suivi, tuple(by_url.get(one.url) for one in suivi.ticks)) for suivi in followed
    )


def _list_applying(session: Session, lines: Iterable[Attendu], names: set[str]) -> list[int]:
    """The items that may be an awaited décret: those that say that they apply the law or its
    article, those that the schedule names.
    """
    known = list(lines)
    norms = {norm for line in known for norm in line.bases}
    named = to_identifiers(norm for line in known for norm in line.decrets)
    found = set(list_items_by_identifiers(session, sorted(set(named.values()))).values())
    for column, values in ((LawLinkRow.identity, names), (LawLinkRow.norm, norms)):
        for some in chunks(sorted(values)):
            query = select(LawLinkRow.item_id).where(
                LawLinkRow.kind == LinkKind.APPLIQUE.value, column.in_(some)
            )
            found |= set(session.scalars(query))
    return sorted(found)


def _list_texts(session: Session, item_ids: Sequence[int]) -> list[tuple[Mention, ItemRow]]:
    """The mention that gives the text of each item, where the Journal officiel is its voice."""
    rows = [
        row
        for some in chunks(item_ids)
        for row in session.scalars(select(ItemRow).where(ItemRow.id.in_(some)))
    ]
    texts = [(to_mention(session.get_one(MentionRow, r.current.mention_id)), r) for r in rows]
    return [
        (mention, row)
        for mention, row in texts
        if any(identifier.scheme in GAZETTE for identifier in mention.identifiers)
    ]
