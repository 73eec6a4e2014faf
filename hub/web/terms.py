"""Terms of the référentiel as screens need them: a name for each, and lists to choose from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hub.model import Evidence, TermKind
from hub.referentiel import Referentiel
from hub.web.words import KINDS


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list. `value` is `kind:term` in a mixed list, the term alone in another."""

    value: str
    label: str


def label_of(referentiel: Referentiel, kind: TermKind, term: str) -> str:
    """The name of a term; its code when the référentiel has forgotten it."""
    name = referentiel.label(kind, term) if referentiel.has(kind, term) else term
    return name[:1].upper() + name[1:]


def list_choices(referentiel: Referentiel, kind: TermKind) -> list[Choice]:
    return [Choice(term, label_of(referentiel, kind, term)) for term in referentiel.terms(kind)]


def list_groups(
    referentiel: Referentiel, without: Collection[tuple[TermKind, str]]
) -> list[tuple[str, list[Choice]]]:
    """Every term that the item does not have yet, by kind."""
    return [
        (
            name,
            [
                Choice(f"{kind.value}:{choice.value}", choice.label)
                for choice in list_choices(referentiel, kind)
                if (kind, choice.value) not in without
            ],
        )
        for kind, name in KINDS.items()
    ]


def parse_term(referentiel: Referentiel, value: str) -> tuple[TermKind, str] | None:
    """Read `kind:term`; None when it names nothing that exists."""
    kind, _, term = value.partition(":")
    if kind not in {known.value for known in TermKind}:
        return None
    return (TermKind(kind), term) if referentiel.has(TermKind(kind), term) else None


def explain_deduction(referentiel: Referentiel, evidence: Evidence) -> str:
    """Where a tag with no words of its own comes from: the name of the other tag, or the rule."""
    key = parse_term(referentiel, evidence.rule)
    return label_of(referentiel, *key) if key else evidence.rule
