"""Everything that the page of an item shows, gathered from the database into plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.desk import list_trail, standing_of
from hub.model import (
    Action,
    ItemState,
    Redaction,
    Scheme,
    Source,
    Tag,
    TermKind,
    TextField,
    TextOfItem,
)
from hub.referentiel import Referentiel
from hub.review import Past, Standing, find_undoable, is_draft, list_allowed
from hub.store import Session
from hub.store.decisions import DecisionRow, list_decisions
from hub.store.items import ItemRow, list_tags, text_of_item, to_redaction
from hub.store.mentions import list_mentions
from hub.text import canonical_url, format_date, format_moment, paris_day
from hub.web import words
from hub.web.changes import Change, list_changes
from hub.web.diff import ShownDiff, list_diffs
from hub.web.drafting import draft_item
from hub.web.filters import read_filters, to_query
from hub.web.flash import Flash
from hub.web.forms import EcheanceInput, RedactionInput
from hub.web.item_draft import Drafting, ShownDraft, find_base, show_draft, to_letter
from hub.web.item_law import show_law
from hub.web.passages import Passage, cut, list_runs, locate, number_passages
from hub.web.terms import Choice, explain_deduction, label_of, list_groups
from hub.web.visits import Visit

MAX_QUOTES = 5
"""Different words shown beside a tag; the others are in the text all the same."""
ASIDES = ("motif", "precision", "etiquette", "droit")
"""Fields of the form that are no part of the text to publish."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What this answer shows besides the item itself. `revision` is that of the form it answers."""

    typed: RedactionInput
    errors: Mapping[str, str] = field(default_factory=dict)
    flash: Flash | None = None
    note: str = ""
    revision: int | None = None
    asides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that explain a tag, and the numbers that they bear in the text."""

    words: str
    where: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TagLine:
    value: str
    label: str
    kind: str
    confidence: str
    is_sure: bool
    quotes: list[Quote]
    hidden: int
    deduced_from: list[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    at: str
    who: str
    what: str
    reason: str
    is_undone: bool


FOUND_BY = (TermKind.DISPOSITIF, TermKind.METIER)
"""The tags that put an item on a fiche and in letters."""


def build_page(visit: Visit, session: Session, item: ItemRow, shown: Shown) -> dict[str, Any]:
    """The whole context of `item.html`."""
    trail = list_trail(session, item)
    standing = standing_of(item, trail)
    undoable = find_undoable(trail)
    decisions = list_decisions(session, item.id)
    diffs = _diffs(session, item, standing)
    query = to_query(read_filters(visit.request.query_params))
    drafted = _draft(visit, item, standing, trail, shown.typed)
    return {
        "slug": item.slug,
        "query": query,
        "here": f"/relecture/items/{item.slug}{query}",
        "revision": item.revision if shown.revision is None else shown.revision,
        "actual_revision": item.revision,
        "flash": shown.flash,
        "note": shown.note,
        "state": words.STATES[item.state],
        "is_public": item.state.is_public,
        "is_draft": is_draft(item.nature, item.current.title),
        "is_nowhere": not any(tag.kind in FOUND_BY for tag in list_tags(item)),
        "is_new_version": standing.has_new_text,
        "allowed": {action.value for action in list_allowed(standing)},
        "can_undo": words.done(undoable.action) if undoable else "",
        "journal": _journal(visit.referentiel, decisions),
        "why_aside": _why_aside(visit.referentiel, item, decisions),
        **_official(visit, session, item),
        **_texts(visit.referentiel, item, drafted),
        **_form(shown),
        "is_unsaved": shown.revision is not None,
        "draft": drafted,
        "law": show_law(session, item, paris_day(visit.now)),
        "to_letter": to_letter,
        "versions": [
            (version.number, format_moment(version.seen_at), version.title)
            for version in reversed(item.versions)
        ],
        "diffs": diffs,
        "changes": [] if diffs else _changes(item, standing),
    }


# --- The left side -----------------------------------------------------------------------------


def _official(visit: Visit, session: Session, item: ItemRow) -> dict[str, Any]:
    sources = visit.sources
    return {
        "title": item.title,
        "url": item.url if canonical_url(item.url) else "",
        "source": _name(sources, item.source_id),
        "published": format_date(item.published_on) if item.published_on else "",
        "signed": format_date(item.signed_on) if item.signed_on else "",
        "identifiers": [row.value for row in item.identifiers if row.scheme is not Scheme.NUMERO],
        "nature": words.NATURES.get(item.nature.lower(), item.nature.lower()),
        "rubrique": item.current.rubrique,
        "mentions": [
            {
                "name": _name(sources, mention.source_id),
                "title": mention.title,
                "url": mention.url if canonical_url(mention.url) else "",
                "read_at": format_moment(mention.seen_at),
                "role": _role(sources.get(mention.source_id)),
            }
            for mention in list_mentions(session, item.id)
        ],
    }


def _name(sources: Mapping[str, Source], source_id: str) -> str:
    return sources[source_id].name if source_id in sources else source_id


def _role(source: Source | None) -> str:
    if source is None:
        return "source retirée de la liste"
    return "source officielle" if source.official else "partenaire, ne fait pas foi"


def _diffs(session: Session, item: ItemRow, standing: Standing) -> list[ShownDiff]:
    """What changed in a watched text since the version that was decided on, change by change."""
    base = _base(item, standing)
    return list_diffs(session, [v.mention_id for v in item.versions if v.number > base])


def _base(item: ItemRow, standing: Standing) -> int:
    """The version that was decided on, when a later one came; else the one before the last."""
    return standing.reviewed_version if standing.has_new_text else item.version - 1


def _changes(item: ItemRow, standing: Standing) -> list[Change]:
    """What changed since the version that was decided on, or since the one before."""
    if len(item.versions) < 2:
        return []
    base = _base(item, standing)
    old = next((v for v in item.versions if v.number == base), item.versions[-2])
    new = item.current
    return list_changes(
        "\n\n".join(part for part in (old.title, old.summary, old.text) if part),
        "\n\n".join(part for part in (new.title, new.summary, new.text) if part),
    )


def _journal(referentiel: Referentiel, decisions: Sequence[DecisionRow]) -> list[Entry]:
    undone = {row.payload.get("undoes") for row in decisions}
    return [
        Entry(
            at=format_moment(row.at),
            who=_author(referentiel, row.by),
            what=words.done(row.action, _about(referentiel, row)),
            reason=row.reason,
            is_undone=row.id in undone,
        )
        for row in reversed(decisions)
    ]


def _author(referentiel: Referentiel, by: str) -> str:
    return words.author(by, {rule.id: rule.label for rule in referentiel.bruit.values()})


def _about(referentiel: Referentiel, row: DecisionRow) -> str:
    if row.action in (Action.ADD_TAG, Action.REMOVE_TAG):
        label = label_of(referentiel, TermKind(row.payload["kind"]), row.payload["term"])
        deduced = len(row.payload.get("before", {}).get("tags", ())) - 1
        more = words.plural(deduced, "déduite d’elle", "déduites d’elle")
        return f"{label} (et {more})" if deduced > 0 else label
    if row.action is Action.UNDO:
        return words.done(Action(row.payload["action"]))
    return ""


def _why_aside(referentiel: Referentiel, item: ItemRow, decisions: Sequence[DecisionRow]) -> str:
    if item.state is not ItemState.NOISE:
        return ""
    rows = [row for row in decisions if row.action is Action.SET_ASIDE]
    if not rows:
        return ""
    return " ".join(part for part in (_author(referentiel, rows[-1].by), rows[-1].reason) if part)


# --- Text, evidence and tags -------------------------------------------------------------------


def _texts(referentiel: Referentiel, item: ItemRow, drafted: ShownDraft) -> dict[str, Any]:
    tags = list_tags(item)
    text = text_of_item(item)
    passages = number_passages(text, tags)
    kinds = list(words.KINDS)
    ranked = sorted(tags, key=lambda tag: (kinds.index(tag.kind), -tag.score, tag.term))
    lines = [_tag_line(referentiel, text, tag, passages) for tag in ranked]
    return {
        "texts": [
            (name, [list_runs(part) for part in cut(text, field, passages, drafted.places)])
            for name, field in (
                ("Titre", TextField.TITLE),
                ("Résumé", TextField.SUMMARY),
                ("Texte", TextField.TEXT),
            )
            if text.field(field).strip()
        ],
        "tags": lines,
        "tag_of": _first_tag_of(lines),
        "removed_tags": [
            Choice(f"{row.kind.value}:{row.term}", label_of(referentiel, row.kind, row.term))
            for row in item.tags
            if row.removed
        ],
        "groups": list_groups(referentiel, {(row.kind, row.term) for row in item.tags}),
        "secteurs": [
            Choice(tag.term.lower(), label_of(referentiel, tag.kind, tag.term))
            for tag in ranked
            if tag.kind is TermKind.SECTEUR
        ],
    }


def _tag_line(
    referentiel: Referentiel, text: TextOfItem, tag: Tag, passages: Mapping[Passage, int]
) -> TagLine:
    quotes: dict[str, Quote] = {}
    for evidence in tag.evidence:
        if not evidence.words or evidence.field is None:
            continue
        key = evidence.words.casefold()
        before = quotes.get(key, Quote(evidence.words, words.FIELDS[evidence.field], ()))
        place = locate(text, evidence)
        numbers = {*before.numbers, passages[place]} if place else {*before.numbers}
        quotes[key] = Quote(before.words, before.where, tuple(sorted(numbers)))
    deduced = [explain_deduction(referentiel, e) for e in tag.evidence if not e.words]
    return TagLine(
        value=f"{tag.kind.value}:{tag.term}",
        label=label_of(referentiel, tag.kind, tag.term),
        kind=words.KINDS[tag.kind],
        confidence=words.confidence(tag.origin, tag.score),
        is_sure=tag.score >= words.PROBABLE,
        quotes=list(quotes.values())[:MAX_QUOTES],
        hidden=max(0, len(quotes) - MAX_QUOTES),
        deduced_from=list(dict.fromkeys(deduced)),
    )


def _first_tag_of(lines: Sequence[TagLine]) -> dict[int, int]:
    """For each number in the text, the line of the first tag that it explains."""
    found: dict[int, int] = {}
    for place, line in enumerate(lines, start=1):
        for quote in line.quotes:
            for number in quote.numbers:
                found.setdefault(number, place)
    return found


# --- The form ----------------------------------------------------------------------------------


def _draft(
    visit: Visit, item: ItemRow, standing: Standing, trail: Sequence[Past], typed: RedactionInput
) -> ShownDraft:
    """The draft beside the form: of the text as it is, and as it was when someone wrote on it."""
    base = find_base(standing, trail)
    is_renewed = 0 < base < item.version
    is_written = to_redaction(item.redaction) != Redaction()
    sources = visit.sources
    return show_draft(
        Drafting(
            drawn=draft_item(item, visit.sources),
            typed=typed,
            is_written=is_written,
            is_open=not is_written or is_renewed or item.state.is_in_queue,
            is_official=item.source_id not in sources or sources[item.source_id].official,
            before=draft_item(item, visit.sources, base) if is_renewed and is_written else None,
        )
    )


def _form(shown: Shown) -> dict[str, Any]:
    typed = shown.typed
    actions, echeances = list(typed.a_faire), list(typed.echeances)
    if not actions or actions[-1]:
        actions.append("")
    if not echeances or not echeances[-1].is_empty:
        echeances.append(EcheanceInput())
    return {
        "typed": typed,
        "a_faire": actions,
        "echeances": echeances,
        "errors": shown.errors,
        "asides": {name: shown.asides.get(name, "") for name in ASIDES},
        "error_lines": [(name, _field_name(name), text) for name, text in shown.errors.items()],
    }


_FIELD_NAMES = {
    "titre": "Titre",
    "ce_qui_change": "Ce qui change",
    "pour_qui": "Pour qui",
    "applicable_le": "À partir de quand",
    "niveau": "Niveau",
    "a_faire": "Ce que je dois faire",
    "echeances": "Échéances",
    "etiquette": "Étiquette à ajouter",
}


def _field_name(name: str) -> str:
    if name.startswith("echeance-"):
        number = int(name.split("-")[1]) + 1
        return f"Échéance {number}"
    return _FIELD_NAMES[name]
