"""The filters of the queue, as an address says them. Unknown values are as if absent."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from hub.desk import Filters, Order, View

Choice = TypeVar("Choice", bound=StrEnum)


def read_filters(query: Mapping[str, str]) -> Filters:
    return Filters(
        view=_choose(View.WAITING, query.get("etat", "")),
        secteur=query.get("secteur", ""),
        dispositif=query.get("dispositif", ""),
        filiere=query.get("filiere", ""),
        metier=query.get("metier", ""),
        source=query.get("source", ""),
        words=query.get("mots", "").strip()[:200],
        order=_choose(Order.DATE, query.get("ordre", "")),
    )


def _choose(default: Choice, value: str) -> Choice:
    try:
        return type(default)(value)
    except ValueError:
        return default


def read_number(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else default


def to_query(filters: Filters, **more: str | int) -> str:
    """The address of these filters, « ?… » included; empty when they are the usual ones."""
    values = {
        "etat": "" if filters.view is View.WAITING else filters.view.value,
        "secteur": filters.secteur,
        "dispositif": filters.dispositif,
        "filiere": filters.filiere,
        "metier": filters.metier,
        "source": filters.source,
        "mots": filters.words,
        "ordre": "" if filters.order is Order.DATE else filters.order.value,
    } | {name: str(value) for name, value in more.items()}
    given = {name: value for name, value in values.items() if value}
    return f"?{urlencode(given)}" if given else ""
