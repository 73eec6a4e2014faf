"""The pair that a change makes of the versions of an article: what it closed, what it opened. Pure.

The version that a change closed is the one that ends when the other begins, never the one before it
in the list. What is absent because there is none (a creation) and what is absent because it was not
read are never told alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from hub.legal.versions import ENDED, MOVED, ArticleVersion, Etat, Link, Sibling
from hub.text import format_date


class Move(StrEnum):
    """What happened to an article on a day."""

    MODIFIED = "modifie"
    CREATED = "cree"
    REPEALED = "abroge"
    TRANSFERRED = "transfere"
    UNCHANGED = "inchange"
    UNKNOWN = "inconnu"
    """Something ended or began, and what stood beside it is not known."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What a change closed and what it opened.

    `before` and `after` are the versions whose wording is known. A version that is known to exist
    and was not read is in `missing`, and its side is None: only `move` says whether there was one.
    `by` are the texts that made the change. An `UNCHANGED` pair has the same version on both sides.
    """

    move: Move
    on: date
    before: ArticleVersion | None = None
    after: ArticleVersion | None = None
    by: tuple[Link, ...] = ()
    missing: tuple[Sibling, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether both wordings that should be there are."""
        return not self.missing and self.move is not Move.UNKNOWN


def list_changes(versions: Iterable[ArticleVersion]) -> tuple[date, ...]:
    """The days on which a version that lived began or ended, in order."""
    steps = _steps(versions)
    days = {step.start for step in steps} | {step.end for step in steps if step.end}
    return tuple(sorted(days))


def pairs_by(versions: Iterable[ArticleVersion], texts: Collection[str]) -> tuple[Pair, ...]:
    """What texts so named (see `Link.names`) did to one article, in order of the days.

    A version that a text made and that never lived makes no pair.
    """
    held = list(versions)
    days: set[date] = set()
    for version in held:
        for link in version.changed_by:
            day = version.end if link.closes else version.start
            if not link.names.isdisjoint(texts) and day and version.itself.has_lived:
                days.add(day)
    pairs = (pair_of(held, day) for day in sorted(days))
    return tuple(pair for pair in pairs if pair.move is not Move.UNCHANGED)


def pair_of(versions: Iterable[ArticleVersion], on: date) -> Pair:
    """The version of an article that a change opens on that day, and the one it closed.

    On a day when nothing began or ended the pair is `UNCHANGED`, with what applied then: an old
    version that is delivered again is no news of the day of its delivery.
    """
    steps = _steps(versions)
    opened = [step for step in steps if step.start == on]
    if opened:
        return _opening(steps, max(opened, key=lambda step: step.rank), on)
    covering = [step for step in steps if step.covers(on)]
    closed = [step for step in steps if step.end == on]
    if closed and not covering:
        return _closing(steps, max(closed, key=lambda step: step.rank), on)
    sides = _Sides()
    version = sides.wording(max(covering, key=lambda step: step.rank)) if covering else None
    if not steps:
        return Pair(Move.UNKNOWN, on, notes=("Aucune version de cet article n’est datée.",))
    return Pair(Move.UNCHANGED, on, version, version, (), tuple(sides.missing), tuple(sides.notes))


# --- Making a pair -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """A version that lived, read or only listed."""

    told: Sibling
    start: date
    version: ArticleVersion | None

    @property
    def end(self) -> date | None:
        return self.told.end

    @property
    def rank(self) -> tuple[date, bool, str]:
        return self.start, self.version is not None, self.told.id

    @property
    def is_closed_somewhen(self) -> bool:
        """Whether it applies no more, since a day that is not given."""
        return self.end is None and self.told.state in ENDED and self.told.state != Etat.ABROGE_DIFF

    def covers(self, day: date) -> bool:
        is_open = self.end is None and not self.is_closed_somewhen
        return self.start <= day and (is_open or (self.end is not None and day < self.end))


@dataclass(slots=True)
class _Sides:
    """A pair being made."""

    notes: list[str] = field(default_factory=list)
    missing: list[Sibling] = field(default_factory=list)

    def wording(self, step: _Step) -> ArticleVersion | None:
        if step.version is None:
            self.missing.append(step.told)
            self.notes.append(f"La version {step.told.id}, {_span(step.told)}, n’a pas été lue.")
        return step.version


def _opening(steps: list[_Step], opened: _Step, on: date) -> Pair:
    sides = _Sides()
    after = sides.wording(opened)
    by = tuple(link for link in (after.changed_by if after else ()) if not link.closes)
    if opened.is_closed_somewhen:
        sides.notes.append("La version ne s’applique plus, depuis un jour qui n’est pas donné.")
    if sum(step.start == on for step in steps) > 1:
        sides.notes.append(f"Plusieurs versions commencent le {format_date(on)} : une est montrée.")
    closed = _closed_by(steps, on)
    if closed is None:
        move = _first_move(after, by, sides)
        return Pair(move, on, None, after, by, tuple(sides.missing), tuple(sides.notes))
    if closed.end is not None and closed.end < on and closed.told.state in ENDED:
        sides.notes.append(f"L’article avait cessé de s’appliquer le {format_date(closed.end)}.")
        return Pair(Move.CREATED, on, None, after, by, tuple(sides.missing), tuple(sides.notes))
    _tell_seam(closed, on, sides)
    before = sides.wording(closed)
    return Pair(Move.MODIFIED, on, before, after, by, tuple(sides.missing), tuple(sides.notes))


def _closed_by(steps: list[_Step], on: date) -> _Step | None:
    """The one that ends on that day, else the last that began before."""
    earlier = [step for step in steps if step.start < on]
    return max(earlier, key=lambda step: (step.end == on, *step.rank), default=None)


def _tell_seam(closed: _Step, on: date, sides: _Sides) -> None:
    if closed.end is None or closed.end == on:
        return
    if closed.end < on:
        sides.notes.append(
            f"Aucune version n’est connue du {format_date(closed.end)} au {format_date(on)}."
        )
    else:
        sides.notes.append(
            f"Les dates se chevauchent : l’ancienne version va jusqu’au {format_date(closed.end)}."
        )


def _first_move(after: ArticleVersion | None, by: tuple[Link, ...], sides: _Sides) -> Move:
    """A version that follows none is a creation when something says so, never by default."""
    kinds = {link.kind for link in by}
    if kinds & {"CREE", "CODIFIE", "DEPLACE"}:
        return Move.CREATED
    sides.notes.append("Rien ne dit s’il existait une version précédente.")
    return Move.UNKNOWN


def _closing(steps: list[_Step], closed: _Step, on: date) -> Pair:
    sides = _Sides()
    before = sides.wording(closed)
    by = tuple(link for link in (before.changed_by if before else ()) if link.closes)
    move = Move.TRANSFERRED if closed.told.state in MOVED else Move.REPEALED
    if closed.told.state not in ENDED:
        move = Move.UNKNOWN
        later = min((step.start for step in steps if step.start > on), default=None)
        until = f"jusqu’au {format_date(later)}" if later else "ensuite"
        sides.notes.append(f"Aucune version n’est connue {until}.")
    return Pair(move, on, before, None, by, tuple(sides.missing), tuple(sides.notes))


def _steps(versions: Iterable[ArticleVersion]) -> list[_Step]:
    """The versions that lived, from their own words and from each other's lists.

    A version's own file is right of its dates, unless it gives no end and a later version's list
    knows one: it was not delivered again when it ended.
    """
    held = {version.id: version for version in versions}
    told: dict[str, Sibling] = {}
    for version in sorted(held.values(), key=lambda one: (one.start or date.min, one.id)):
        stillborn = {name for name, one in told.items() if one.is_stillborn}
        told.update({one.id: one for one in version.others if one.id not in stillborn})
    steps = []
    for name in told.keys() | held.keys():
        read = held.get(name)
        one = told[name] if read is None else _reconcile(read.itself, told.get(name))
        if one.start and one.has_lived:
            steps.append(_Step(one, one.start, read))
    return sorted(steps, key=lambda step: step.rank)


def _reconcile(own: Sibling, listed: Sibling | None) -> Sibling:
    if listed is None or own.is_stillborn:
        return own
    if listed.is_stillborn:  # for good, whatever was said before
        return listed
    if own.end is None and listed.end is not None:
        return Sibling(own.id, listed.state or own.state, own.start or listed.start, listed.end)
    return Sibling(own.id, own.state or listed.state, own.start or listed.start, own.end)


def _span(told: Sibling) -> str:
    start = f"du {format_date(told.start)}" if told.start else "sans date de début"
    return f"{start} au {format_date(told.end)}" if told.end else start
