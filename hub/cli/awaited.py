"""The décrets that a law awaits, as `hub law show` tells them."""

from __future__ import annotations

from hub.cli.program import Json
from hub.legal.attendus import Tick
from hub.publish.awaited import expected_words
from hub.store.awaited import Awaited
from hub.store.items import ItemRow


def to_attendu(one: Awaited) -> Json:
    """One line of the schedule, with what proves that its décret appeared."""
    line = one.suivi.attendu
    expected = line.expected
    return {
        "dossier": line.dossier,
        "article": line.article,
        "base": line.base,
        "objet": line.objet,
        "state": one.suivi.state.value,
        "is_optional": line.is_optional,
        "expected": {
            "first": expected.first.isoformat(),
            "last": expected.last.isoformat(),
            "precision": expected.precision.value,
            "words": expected.words,
        }
        if expected
        else None,
        "decrets": [
            _tick(tick, item) for tick, item in zip(one.suivi.ticks, one.items, strict=True)
        ],
    }


def _tick(tick: Tick, item: ItemRow | None) -> Json:
    evidence = tick.evidence
    return {
        "text": tick.decret,
        "item": item.slug if item else None,
        "published_on": tick.published_on.isoformat() if tick.published_on else None,
        "certainty": tick.certainty.value,
        "url": tick.url,
        "rule": evidence.rule,
        "evidence": {
            "field": evidence.field.value if evidence.field else None,
            "words": evidence.words,
            "start": evidence.start,
            "end": evidence.end,
        },
    }


def to_link(one: Awaited) -> Json:
    """The same as a link of the law: it awaits a décret, known or not."""
    line, ticks = one.suivi.attendu, one.suivi.ticks
    return {
        "kind": "attend",
        "text": ticks[0].decret if ticks else "",
        "words": " ".join(part for part in (line.article or line.base, line.objet) if part),
        "about": line.objet,
        "url": ticks[0].url if ticks else "",
        "says": expected_words(line.expected),
    }


def attendu_line(one: Json) -> str:
    """For people: `article state (expected words): objet`."""
    expected = f" ({one['expected']['words']})" if one["expected"] else ""
    found = ", ".join(tick["text"] for tick in one["decrets"])
    return (
        f"{one['state']}{expected} {one['article'] or one['base']}: {one['objet']} {found}".strip()
    )
