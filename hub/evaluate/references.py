"""The references that `hub.legal.citations` finds, against those people found. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.evaluate.cases import share, text_of
from hub.legal.citations import find_citations


@dataclass(frozen=True, slots=True)
class ReferencesCase:
    """A text and the normal forms of all that it cites, without order or repetition."""

    id: str
    text: str
    norms: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReferencesError:
    """A case we read otherwise than people: what we did not find, and what we should not have."""

    id: str
    missing: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferencesMeasure:
    """`precision` and `recall` are over all references of all cases; the form must be exact."""

    n: int
    precision: float
    recall: float
    errors: tuple[ReferencesError, ...]

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "errors": [
                {"id": error.id, "missing": list(error.missing), "wrong": list(error.wrong)}
                for error in self.errors
            ],
        }


def read_references(data: dict[str, Any]) -> ReferencesCase:
    """A line of the file.

    Raises:
        ValueError: it is not a case.
    """
    refs = data.get("refs")
    if not isinstance(refs, list) or not all(isinstance(ref, dict) for ref in refs):
        raise ValueError("refs: expected a list of objects")
    norms = frozenset(text_of(ref, "norm") for ref in refs)
    return ReferencesCase(text_of(data, "id"), text_of(data, "text"), norms)


def evaluate_references(cases: Sequence[ReferencesCase]) -> ReferencesMeasure:
    """Compare what `find_citations` finds, without context, with what people found."""
    found = [frozenset(c.norm for c in find_citations(case.text)) for case in cases]
    right = sum(len(case.norms & norms) for case, norms in zip(cases, found, strict=True))
    errors = [
        ReferencesError(
            case.id, tuple(sorted(case.norms - norms)), tuple(sorted(norms - case.norms))
        )
        for case, norms in zip(cases, found, strict=True)
        if case.norms != norms
    ]
    return ReferencesMeasure(
        n=len(cases),
        precision=share(right, sum(map(len, found))),
        recall=share(right, sum(len(case.norms) for case in cases)),
        errors=tuple(errors),
    )
