"""The draft of an item in the fields of its form.

What the form holds before anyone wrote is whole sentences of the text, with French typography and
a capital at their head. A date that is not certain is never put in a field by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from hub.law import is_journal
from hub.legal.draft import Draft, DraftEcheance, draft
from hub.legal.drawn import Drawn
from hub.legal.echeances import find_echeances
from hub.legal.echeances import to_echeance as label_echeance
from hub.legal.timing import Context, Found, Role
from hub.model import Echeance, Redaction, Source, TextField, TextOfItem
from hub.store.items import ItemRow
from hub.text import clean, clean_paragraphs
from hub.web.forms import (
    MAX_LABEL,
    MAX_LINES,
    MAX_TEXT,
    MAX_TITRE,
    YEARS,
    EcheanceInput,
    RedactionInput,
    show_redaction,
)

# --- Drawing -----------------------------------------------------------------------------------


def draft_item(item: ItemRow, sources: Mapping[str, Source], version: int = 0) -> Draft:
    """The draft of one version of an item, the current one by default. Only the Journal officiel
    says when a text was published: from the day of a press release nothing is counted.
    """
    row = item.versions[version - 1] if version else item.current
    text = TextOfItem(row.title, row.summary, row.text, nature=item.nature)
    published = item.published_on if is_journal(sources.get(item.source_id)) else None
    return draft_text(text, published, item.signed_on, item.published_on)


@lru_cache(maxsize=16)  # a page asks for the same draft two or three times
def draft_text(
    text: TextOfItem,
    published_on: date | None = None,
    signed_on: date | None = None,
    told_on: date | None = None,
) -> Draft:
    """The draft of a text, with the dates that are not yet past when it is published, or told."""
    context = Context(text.nature, text.title, published_on, signed_on)
    found = [
        (field, one)
        for field in _list_read(text)
        for one in find_echeances(text.field(field), context)
        if _is_ahead(one, context.reference or told_on)
    ]
    return draft(text.title, text.summary, text.text, found, text.nature)


def _list_read(text: TextOfItem) -> list[TextField]:
    """A summary that opens the text is not read twice."""
    is_opening = text.summary and not text.text.startswith(text.summary)
    return [TextField.SUMMARY, TextField.TEXT] if is_opening else [TextField.TEXT]


def _is_ahead(found: Found, since: date | None) -> bool:
    return (since is None or found.date >= since) and found.date.year in YEARS


# --- In the form -------------------------------------------------------------------------------


def draft_redaction(title: str, drawn: Draft) -> Redaction:
    """What the form holds before anyone wrote: the title and what is certain of the draft."""
    return Redaction(
        titre=_shorten(clean(title), MAX_TITRE - 1),
        ce_qui_change=join_sentences(drawn.ce_qui_change),
        pour_qui=join_sentences(drawn.pour_qui),
        niveau=drawn.niveau,
        applicable_le=drawn.applicable_le,
        echeances=tuple(to_echeance(one) for one in list_certain(drawn)),
    )


def list_certain(drawn: Draft) -> list[DraftEcheance]:
    return [one for one in drawn.echeances if one.found.is_certain][:MAX_LINES]


def list_dates(drawn: Draft) -> list[DraftEcheance]:
    """Every date that the text offers: the certain ones, then those to check."""
    doubtful = [one for one in drawn.echeances if not one.found.is_certain]
    return [*list_certain(drawn), *doubtful[:MAX_LINES]]


def join_sentences(sentences: Sequence[Drawn]) -> str:
    """Sentences that follow each other in the text make one paragraph; too much makes nothing."""
    parts: list[str] = []
    for place, sentence in enumerate(sentences):
        before = sentences[place - 1] if place else None
        follows = before and before.field is sentence.field and sentence.start <= before.end + 1
        parts.append(f"{' ' if follows else chr(10)}{sentence.words}")
    text = clean_paragraphs(_typeset("".join(parts)))
    text = "\n\n".join(map(_capital, text.split("\n\n")))
    return text if len(text) <= MAX_TEXT else ""


def to_echeance(one: DraftEcheance) -> Echeance:
    """Its label is its sentence when that is short and says what to do by then."""
    sentence = _typeset(clean(one.drawn.words))
    echeance = label_echeance(one.found)
    is_label = one.found.role not in _NAMED and len(sentence) <= MAX_LABEL
    label = _capital(sentence) if is_label else _typeset(echeance.label)
    return replace(echeance, label=label, sentence=sentence)


_NAMED = (Role.ENTREE_EN_VIGUEUR, Role.ABROGATION)
"""The roles whose name says as much as the sentence would."""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _typeset(text: str) -> str:
    return text.replace("'", "’")


def _shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words, with French apostrophes."""
    text = _typeset(text)
    if len(text) <= limit:
        return text
    cut = text.rfind(" ", 0, limit)
    return text[: cut if cut > 0 else limit] + "…"


# --- Taking up ---------------------------------------------------------------------------------


def take_up(typed: RedactionInput, drawn: Draft, what: str) -> RedactionInput:
    """What was typed, with one thing of the draft added to it; nothing that was typed goes.

    `what` is a field, or `echeance:` and the place of a date in `list_dates`, from 1.
    """
    proposed = show_redaction(draft_redaction("", drawn))
    if what == "ce_qui_change":
        return replace(typed, ce_qui_change=_after(typed.ce_qui_change, proposed.ce_qui_change))
    if what == "pour_qui":
        return replace(typed, pour_qui=_after(typed.pour_qui, proposed.pour_qui))
    if what == "applicable_le":
        return replace(typed, applicable_le=proposed.applicable_le or typed.applicable_le)
    if what == "niveau":
        return replace(typed, niveau=proposed.niveau)
    return _with_echeance(typed, drawn, what)


def _after(typed: str, proposed: str) -> str:
    return "\n\n".join(part for part in (typed.strip(), proposed) if part)


def _with_echeance(typed: RedactionInput, drawn: Draft, what: str) -> RedactionInput:
    number = what.removeprefix("echeance:")
    chosen = [to_line(one) for n, one in enumerate(list_dates(drawn), 1) if str(n) == number]
    written = [line for line in typed.echeances if not line.is_empty]
    return replace(typed, echeances=(*written, *chosen)) if chosen else typed


def to_line(one: DraftEcheance) -> EcheanceInput:
    """The line of the form for this date."""
    return show_redaction(Redaction(echeances=(to_echeance(one),))).echeances[0]
