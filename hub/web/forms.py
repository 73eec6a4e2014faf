"""The form of an item: what an editor typed, what it means, and what is wrong with it. Pure.

Whatever is typed is kept as it is and shown again: nothing is lost on a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from hub.messages import message
from hub.model import Echeance, Niveau, Precision, Redaction, TextOfItem
from hub.text import clean, clean_paragraphs, format_date, parse_date

MAX_TITRE = 300
MAX_TEXT = 5_000
DRAFT_LENGTH = 600
_ONLY_A_DATE = re.compile(
    r"(?:(?:le|au|du|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s+)*"
    r"(?:\d{1,2}(?:er)?\s+[^\W\d_]+\.?\s+\d{4}|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EcheanceInput:
    """One line of the échéances, as typed. `sentence` is the proof found by a rule, if any."""

    date: str = ""
    label: str = ""
    precision: str = Precision.DAY.value
    sentence: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.date.strip() or self.label.strip())


@dataclass(frozen=True, slots=True)
class RedactionInput:
    """Everything typed. The name of each attribute is the name of its field."""

    titre: str = ""
    ce_qui_change: str = ""
    pour_qui: str = ""
    applicable_le: str = ""
    niveau: str = Niveau.CONSEILLE.value
    a_faire: tuple[str, ...] = ()
    echeances: tuple[EcheanceInput, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What the input means, and a sentence for each field that is wrong (`echeance-1-date`)."""

    redaction: Redaction
    errors: dict[str, str] = field(default_factory=dict)


def show_redaction(redaction: Redaction) -> RedactionInput:
    return RedactionInput(
        titre=redaction.titre,
        ce_qui_change=redaction.ce_qui_change,
        pour_qui=redaction.pour_qui,
        applicable_le=_show_date(redaction.applicable_le),
        niveau=redaction.niveau.value,
        a_faire=redaction.a_faire,
        echeances=tuple(
            EcheanceInput(_show_date(e.date), e.label, e.precision.value, e.sentence)
            for e in redaction.echeances
        ),
    )


def _show_date(day: date | None) -> str:
    return format_date(day).replace("\u00a0", " ") if day else ""


def draft_redaction(text: TextOfItem) -> Redaction:
    """What the form holds before anyone wrote: the source's own title and summary."""
    summary = clean(text.summary)
    if len(summary) > DRAFT_LENGTH:
        summary = summary[: summary.rfind(" ", 0, DRAFT_LENGTH)] + "…"
    return Redaction(titre=clean(text.title)[:MAX_TITRE], ce_qui_change=summary)


def check_redaction(typed: RedactionInput, *, is_for_publication: bool) -> Checked:
    """Read the input. A redaction to publish needs a title and what changes."""
    errors: dict[str, str] = {}
    echeances = [
        _check_echeance(line, number, errors)
        for number, line in enumerate(typed.echeances)
        if not line.is_empty
    ]
    redaction = Redaction(
        titre=clean(typed.titre),
        ce_qui_change=clean_paragraphs(typed.ce_qui_change),
        pour_qui=clean_paragraphs(typed.pour_qui),
        a_faire=tuple(line for line in map(clean, typed.a_faire) if line),
        niveau=_check_niveau(typed.niveau, errors),
        applicable_le=_check_date(typed.applicable_le, "applicable_le", errors),
        echeances=tuple(e for e in echeances if e),
    )
    _check_lengths(redaction, errors)
    if is_for_publication:
        _check_complete(redaction, errors)
    return Checked(redaction, errors)


def _check_date(typed: str, name: str, errors: dict[str, str]) -> date | None:
    text = clean(typed)
    if not text:
        return None
    day = parse_date(text) if _ONLY_A_DATE.fullmatch(text) else None
    if day is None:
        errors[name] = message("field.date", saisie=text[:60])
    return day


def _check_echeance(line: EcheanceInput, number: int, errors: dict[str, str]) -> Echeance | None:
    name = f"echeance-{number}"
    if not line.date.strip():
        errors[f"{name}-date"] = message("field.date-missing")
    if not clean(line.label):
        errors[f"{name}-label"] = message("field.label-missing")
    day = _check_date(line.date, f"{name}-date", errors)
    if day is None:
        return None
    known = [precision for precision in Precision if precision.value == line.precision]
    precision = known[0] if known else Precision.DAY
    return Echeance(day, clean(line.label), precision, clean(line.sentence))


def _check_niveau(typed: str, errors: dict[str, str]) -> Niveau:
    try:
        return Niveau(typed)
    except ValueError:
        errors["niveau"] = message("field.niveau")
        return Niveau.CONSEILLE


def _check_lengths(redaction: Redaction, errors: dict[str, str]) -> None:
    limits: Sequence[tuple[str, str, int]] = (
        ("titre", redaction.titre, MAX_TITRE),
        ("ce_qui_change", redaction.ce_qui_change, MAX_TEXT),
        ("pour_qui", redaction.pour_qui, MAX_TEXT),
        ("a_faire", "\n".join(redaction.a_faire), MAX_TEXT),
    )
    for name, text, limit in limits:
        if len(text) > limit:
            errors[name] = message("field.too-long", longueur=len(text), limite=limit)


def _check_complete(redaction: Redaction, errors: dict[str, str]) -> None:
    if not redaction.titre:
        errors["titre"] = message("field.titre-missing")
    if not redaction.ce_qui_change:
        errors["ce_qui_change"] = message("field.change-missing")


def read_redaction(
    texts: dict[str, str], a_faire: Sequence[str], lines: Sequence[Sequence[str]]
) -> RedactionInput:
    """Gather the fields of a request. `lines` are the columns of the échéances, side by side."""
    return RedactionInput(
        **texts,
        a_faire=tuple(a_faire),
        echeances=tuple(EcheanceInput(*line) for line in zip(*lines, strict=False)),
    )
