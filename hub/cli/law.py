"""`hub law`: what is known of a text of law or of an article of a code, and what rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from hub.cli.awaited import attendu_line, to_attendu, to_link
from hub.cli.impact import impact
from hub.cli.program import Context, Json, json_option, say
from hub.errors import HubError
from hub.law import is_journal, read_law
from hub.legal.avancement import Avancement, Milestone
from hub.legal.avant_apres import compare_pair
from hub.legal.avant_apres_shown import to_text
from hub.legal.citations import find_citations, to_identifier
from hub.legal.echeances import find_echeances, find_uncomputable
from hub.legal.linkkind import LinkKind, invert
from hub.legal.notice import read_notice
from hub.legal.pairs import Pair, list_changes, pair_of
from hub.legal.references import official_url, recognise
from hub.legal.timing import Context as Dates
from hub.legal.timing import Found, Uncomputable
from hub.legal.versions import ArticleVersion
from hub.model import Identifier, TextField, TextOfItem
from hub.news import Hub
from hub.store import Session
from hub.store.articles import find_version, list_versions
from hub.store.items import ItemRow, find_item_by_identifier, text_of_item
from hub.store.known_law import LawOfItem, know_law
from hub.store.mentions import list_mentions
from hub.text import paris_day


@click.group()
def law() -> None:
    """Read the law: what changed, from when, before and after."""


law.add_command(impact)


@law.command("show")
@click.argument("identifier")
@json_option
@click.pass_obj
def show(context: Context, identifier: str, as_json: bool) -> None:
    """What is known of a text (NOR, JORFTEXT, ELI, CELEX, decret-2025-1343, or the address of its
    official page) or of an article of a code (LEGIARTI).
    """
    today = paris_day(context.now)
    with context.hub() as hub:
        if identifier.strip().upper().startswith("LEGIARTI"):
            with hub.store.read() as session:
                report = _show_article(session, identifier.strip().upper())
        else:
            report = _show_text(hub, identifier, today)
    say(report, as_json, "\n".join(_lines(report)))


# --- A text --------------------------------------------------------------------------------------


def _show_text(hub: Hub, written: str, today: date) -> Json:
    wanted = recognise(written) or _cited(written)
    if wanted is None:
        raise click.BadParameter(
            f"no official identifier: {written} (a NOR, a JORFTEXT, an ELI, decret-2025-1343...)",
            param_hint="IDENTIFIER",
        )
    with hub.store.read() as session:
        item_id = find_item_by_identifier(session, wanted)
    if item_id is None:
        raise HubError(f"nothing that was collected is {wanted}")
    read_law(hub.store, hub.sources, [item_id])
    with hub.store.read() as session:
        item = session.get_one(ItemRow, item_id)
        known = know_law(session, [item], today)[item_id]
        return {
            "id": item.slug,
            "title": item.title,
            "state": item.state.value,
            "identifiers": [_identifier(i) for i in text_of_item(item).identifiers],
            **_of_words(text_of_item(item), _dates_of(hub, session, item)),
            "avancement": _avancement(known.avancement),
            "links": [*_links(known), *_links_in(known), *map(to_link, known.awaited)],
            "attendus": list(map(to_attendu, known.awaited)),
            "before_after": [_pair(pair) for pair in known.pairs],
        }


def _cited(written: str) -> Identifier | None:
    """« décret n° 2025-1343 », as it is written in a text."""
    return next(filter(None, map(to_identifier, find_citations(written))), None)


def _dates_of(hub: Hub, session: Session, item: ItemRow) -> Dates:
    """Only the Journal officiel says when a text was published."""
    journals = {source.id for source in hub.sources if is_journal(source)}
    days = [m.published_on for m in list_mentions(session, item.id) if m.source_id in journals]
    published = min((day for day in days if day), default=None)
    return Dates(item.nature, item.title, published, item.signed_on)


def _identifier(identifier: Identifier) -> Json:
    return {
        "scheme": identifier.scheme.value,
        "value": identifier.value,
        "url": official_url(identifier),
    }


def _of_words(text: TextOfItem, dates: Dates) -> Json:
    """What is read in the words of the text. A summary that opens it is not read twice."""
    notice = read_notice(text.text) or read_notice(text.summary)
    is_apart = text.summary and not text.text.startswith(text.summary)
    fields = [TextField.SUMMARY, TextField.TEXT] if is_apart else [TextField.TEXT]
    return {
        "notice": {part.label.value: part.words for part in notice.parts} if notice else None,
        "echeances": [
            _echeance(field, found)
            for field in fields
            for found in find_echeances(text.field(field), dates)
        ],
        "unknown": [
            _unknown(field, delay)
            for field in fields
            for delay in find_uncomputable(text.field(field), dates)
        ],
    }


def _echeance(field: TextField, found: Found) -> Json:
    return {
        "date": found.date.isoformat(),
        "precision": found.precision.value,
        "time": found.time.isoformat("minutes") if found.time else None,
        "role": found.role.value,
        "bound": found.bound.value,
        "applies_to": found.applies_to,
        "is_certain": found.is_certain,
        "computation": found.computation,
        "rule": found.rule,
        "sentence": found.sentence,
        "evidence": _place(field, found.words, found.start, found.end),
    }


def _unknown(field: TextField, delay: Uncomputable) -> Json:
    return {
        "reason": delay.reason.value,
        "sentence": delay.sentence,
        "evidence": _place(field, delay.words, delay.start, delay.end),
    }


def _place(field: TextField | None, words: str, start: int, end: int) -> Json:
    return {"field": field.value if field else None, "words": words, "start": start, "end": end}


def _avancement(found: Avancement) -> Json:
    return {
        "stage": found.current.value if found.current else None,
        "since": _iso(found.since),
        "next_day": _iso(found.next_day),
        "steps": [_milestone(milestone) for milestone in found.milestones],
        "contradictions": [
            {"doubt": one.doubt.value, "steps": [_milestone(m) for m in one.milestones]}
            for one in found.contradictions
        ],
    }


def _milestone(milestone: Milestone) -> Json:
    return {
        "stage": milestone.stage.value,
        "date": _iso(milestone.on),
        "precision": milestone.precision.value,
        "until": _iso(milestone.until),
        "part": milestone.part,
        "certainty": milestone.certainty.value,
        "told_by": [
            {
                "source": step.source_id,
                "url": step.url,
                "rule": step.evidence.rule,
                "words": step.evidence.words,
            }
            for step in milestone.steps
        ],
    }


def _links(known: LawOfItem) -> Iterator[Json]:
    for row in known.links:
        yield {
            "kind": row.kind,
            "text": row.norm,
            "words": row.words,
            "about": row.about,
            "url": row.url,
            "says": row.says,
        }


def _links_in(known: LawOfItem) -> Iterator[Json]:
    for one in known.acted_on:
        yield {
            "kind": invert(LinkKind(one.link.kind)),
            "text": one.item.slug,
            "words": one.item.title,
            "about": one.link.about,
            "url": one.item.url,
            "says": one.link.says,
        }


# --- An article ----------------------------------------------------------------------------------


def _show_article(session: Session, version_id: str) -> Json:
    """The change that this version made; what the text of the article is, is in it."""
    version = find_version(session, version_id)
    if version is None:
        raise HubError(f"no version of an article that was collected is {version_id}")
    versions = list_versions(session, version.article)
    days = [version.start] if version.start else list(list_changes(versions))[-1:]
    return {
        "id": version.id,
        "title": version.title,
        "state": str(version.state),
        "identifiers": [
            {"scheme": "legiarti", "value": version.id, "url": ""},
            {"scheme": "legitext", "value": version.code, "url": ""},
        ],
        "notice": None,
        "echeances": _of_words(TextOfItem("", text="\n\n".join(version.text)), Dates())[
            "echeances"
        ],
        "unknown": [],
        "avancement": {
            "stage": str(version.state),
            "since": _iso(version.start),
            "next_day": _iso(version.end),
            "steps": [_version_line(one) for one in versions],
            "contradictions": [],
        },
        "links": [
            {"kind": link.kind, "text": link.text or link.nor, "words": link.title, "url": ""}
            for link in version.changed_by
        ],
        "attendus": [],
        "before_after": [_pair(pair_of(versions, day)) for day in days],
        "notes": list(version.notes),
    }


def _version_line(version: ArticleVersion) -> Json:
    return {
        "id": version.id,
        "state": str(version.state),
        "date": _iso(version.start),
        "until": _iso(version.end),
    }


def _pair(pair: Pair) -> Json:
    comparison = compare_pair(pair)
    return {
        "article": comparison.title,
        "move": pair.move.value,
        "on": pair.on.isoformat(),
        "before": _wording(pair.before),
        "after": _wording(pair.after),
        "text": to_text(comparison),
        "notes": list(pair.notes),
    }


def _wording(version: ArticleVersion | None) -> Json | None:
    if version is None:
        return None
    return {**_version_line(version), "alineas": list(version.text)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- For people ----------------------------------------------------------------------------------


def _lines(report: Json) -> Iterator[str]:
    yield report["title"]
    yield from _named("identifiers", (f"{i['scheme']} {i['value']}" for i in report["identifiers"]))
    yield from _named("notice", (f"{k}: {v}" for k, v in (report["notice"] or {}).items()))
    yield from _named("echeances", map(_echeance_line, report["echeances"]))
    yield from _named("unknown", (one["sentence"] for one in report["unknown"]))
    standing = report["avancement"]
    since = f" since {standing['since']}" if standing["since"] else ""
    yield from _named("avancement", [f"{standing['stage'] or 'unknown'}{since}"])
    yield from _named("", map(_step_line, standing["steps"]))
    yield from _named("links", (f"{link['kind']} {link['words']}" for link in report["links"]))
    yield from _named("attendus", map(attendu_line, report["attendus"]))
    for pair in report["before_after"]:
        yield ""
        yield pair["text"]


def _named(name: str, values: Any) -> Iterator[str]:
    for place, value in enumerate(values):
        yield f"{'' if place else name:<14}{value}"


def _echeance_line(one: Json) -> str:
    doubt = "" if one["is_certain"] else " (to check)"
    how = f" [{one['computation']}]" if one["computation"] else ""
    return f"{one['date']} {one['precision']} {one['role']}{doubt}{how}: {one['sentence']}"


def _step_line(step: Json) -> str:
    name = step.get("stage") or f"{step['id']} {step['state']}"
    part = f" {step['part']}" if step.get("part") else ""
    doubt = _DOUBTS.get(step.get("certainty") or "", "")
    return f"{step['date'] or 'unknown':<12}{name}{part}{doubt}"


_DOUBTS = {"deduit": " (counted, not written)", "a_verifier": " (to check)"}
