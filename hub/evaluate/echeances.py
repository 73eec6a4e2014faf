"""The échéances found in sentences, against what people read in them. Pure.

Conventions of the cases: a date counts when it and its precision are those that a person wrote,
give or take `tolerance_days`; a serious error is a date given as certain that nobody wrote, or that
is known to be no échéance (`distractors`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hub.evaluate.cases import share, text_of
from hub.legal.echeances import find_echeances
from hub.legal.timing import Context, Found
from hub.model import Precision


@dataclass(frozen=True, slots=True)
class Expected:
    """A date that a person wrote: `date` is the first day of its period."""

    date: date
    precision: Precision
    role: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class EcheanceCase:
    """A sentence, what is known of its text, and the échéances that a person read in it."""

    id: str
    text: str
    context: Context
    category: str = ""
    expected: tuple[Expected, ...] = ()
    distractors: tuple[date, ...] = ()
    tolerance: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many dates were right, found and expected, over `n` sentences.

    `wrong_and_certain` counts the sentences with at least one wrong date given as certain.
    """

    n: int = 0
    right: int = 0
    found: int = 0
    expected: int = 0
    certain: int = 0
    wrong_and_certain: int = 0

    @property
    def precision(self) -> float:
        return share(self.right, self.found)

    @property
    def recall(self) -> float:
        return share(self.right, self.expected)

    @property
    def f1(self) -> float:
        """One for sentences without any date, none of which is given."""
        return share(2 * self.right, self.found + self.expected)

    @property
    def share_certain(self) -> float:
        return share(self.certain, self.found)

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "certain": self.share_certain,
            "wrong_and_certain": self.wrong_and_certain,
            "wrong_and_certain_rate": self.wrong_and_certain / self.n if self.n else 0.0,
        }


@dataclass(frozen=True, slots=True)
class EcheancesMeasure:
    """`role` and `bound` are the shares of the right dates that have the right ones."""

    total: Counts
    by_category: dict[str, Counts]
    role: float
    bound: float
    errors: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            **self.total.to_json(),
            "role": self.role,
            "bound": self.bound,
            "by_category": {name: count.to_json() for name, count in self.by_category.items()},
            "errors": [{"id": id_, "reason": reason} for id_, reason in self.errors],
        }


def read_echeance(data: dict[str, Any]) -> EcheanceCase:
    """A line of the file.

    Raises:
        ValueError: it is not a case.
    """
    context = data.get("context") or {}
    if not isinstance(context, dict):
        raise ValueError("context: expected an object or null")
    return EcheanceCase(
        id=text_of(data, "id"),
        text=text_of(data, "text"),
        context=Context(
            text_of(context, "nature", is_optional=True),
            text_of(context, "titre", is_optional=True),
            _optional_day(context, "date_publication"),
            _optional_day(context, "date_signature"),
        ),
        category=text_of(data, "category", is_optional=True),
        expected=tuple(_read_expected(one) for one in _list_of(data, "gold")),
        distractors=tuple(read_period(str(one))[0] for one in _list_of(data, "distractors")),
        tolerance=timedelta(days=int(data.get("tolerance_days") or 0)),
    )


def _list_of(data: dict[str, Any], name: str) -> list[Any]:
    value = data.get(name) or []
    if not isinstance(value, list):
        raise ValueError(f"{name}: expected a list")
    return value


def _optional_day(data: dict[str, Any], name: str) -> date | None:
    value = text_of(data, name, is_optional=True)
    return date.fromisoformat(value) if value else None


def _read_expected(data: object) -> Expected:
    if not isinstance(data, dict):
        raise ValueError("gold: expected a list of objects")
    day, precision = read_period(text_of(data, "date"))
    return Expected(
        day,
        precision,
        text_of(data, "role", is_optional=True),
        text_of(data, "bound", is_optional=True),
    )


def read_period(text: str) -> tuple[date, Precision]:
    """`2027`, `2027-Q2`, `2027-04` or `2027-04-01`: the first day, and the precision.

    Raises:
        ValueError: it is none of them.
    """
    if len(text) == 4:
        return date(int(text), 1, 1), Precision.YEAR
    if len(text) == 7 and text[5] == "Q":
        return date(int(text[:4]), 3 * int(text[6]) - 2, 1), Precision.QUARTER
    if len(text) == 7:
        return date.fromisoformat(f"{text}-01"), Precision.MONTH
    return date.fromisoformat(text), Precision.DAY


def evaluate_echeances(cases: Sequence[EcheanceCase]) -> EcheancesMeasure:
    """Compare the échéances found in each sentence with those that people read there."""
    judged = [_judge(case) for case in cases]
    totals: Counter[str] = Counter()
    by_category: dict[str, Counter[str]] = {}
    for case, judgement in zip(cases, judged, strict=True):
        totals.update(judgement.counts)
        by_category.setdefault(case.category, Counter()).update(judgement.counts)
    return EcheancesMeasure(
        total=_counts(totals),
        by_category={name: _counts(by_category[name]) for name in sorted(by_category)},
        role=share(totals["role"], totals["right"]),
        bound=share(totals["bound"], totals["right"]),
        errors=tuple(
            (case.id, reason)
            for case, judgement in zip(cases, judged, strict=True)
            for reason in judgement.errors
        ),
    )


def _counts(counted: Counter[str]) -> Counts:
    return Counts(**{name: counted[name] for name in Counts.__slots__})


@dataclass(frozen=True, slots=True)
class _Judgement:
    counts: Counter[str]
    errors: list[str] = field(default_factory=list)


def _judge(case: EcheanceCase) -> _Judgement:
    """Each expected date is met once at most; a date found twice counts once."""
    found = _distinct(find_echeances(case.text, case.context))
    left = list(case.expected)
    counts: Counter[str] = Counter(n=1, found=len(found), expected=len(left))
    errors: list[str] = []
    for one in found:
        counts["certain"] += one.is_certain
        met = next((wanted for wanted in left if _is_met(wanted, one, case.tolerance)), None)
        if met is None:
            counts["wrong_and_certain"] |= one.is_certain
            certainty = "certain" if one.is_certain else "doubtful"
            errors.append(f"wrong and {certainty}: {one.date} {one.precision} ({one.rule})")
            continue
        left.remove(met)
        counts.update(right=1, role=one.role == met.role, bound=one.bound == met.bound)
    errors += [f"missed: {wanted.date} {wanted.precision}" for wanted in left]
    return _Judgement(counts, errors)


def _distinct(found: Sequence[Found]) -> list[Found]:
    """One of each date and precision, the certain one when there is one."""
    best: dict[tuple[date, Precision], Found] = {}
    for one in sorted(found, key=lambda one: not one.is_certain):
        best.setdefault((one.date, one.precision), one)
    return list(best.values())


def _is_met(wanted: Expected, found: Found, tolerance: timedelta) -> bool:
    is_near = abs(wanted.date - found.date) <= tolerance
    return is_near and wanted.precision is found.precision
