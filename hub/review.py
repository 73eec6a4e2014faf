"""The moves of review: which action an item allows, what each changes, what undo gives back. Pure.

A trail is what was done to an item, oldest first. It only grows: undoing is itself a move, which
names the one that it undoes. What an item's text was when someone last decided is read from the
trail, so that a text that changed since comes back to the queue by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hub.errors import ReviewError
from hub.model import Action, ItemState, Niveau, Origin, Redaction, Tag, TermKind
from hub.text import comparable

RULE = "regle:"
"""What the author of a decision starts with when it is not an editor."""

TermKey = tuple[TermKind, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag as the review sees it: one that an editor took off is remembered, not forgotten."""

    tag: Tag
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """All that review can change of an item, and the version of its text."""

    state: ItemState
    version: int = 1
    reviewed_version: int = 0
    public_at: datetime | None = None
    redaction: Redaction = field(default_factory=Redaction)
    tags: Mapping[TermKey, Mark] = field(default_factory=dict)

    @property
    def has_new_text(self) -> bool:
        """The text changed since someone decided."""
        return 0 < self.reviewed_version < self.version

    @property
    def is_waiting(self) -> bool:
        """An editor should look at it: a public item stays public while its new text waits."""
        if self.state is ItemState.APPROVED:
            return self.has_new_text
        return self.state is ItemState.TO_REVIEW


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stood, kept by a move that took it elsewhere."""

    state: ItemState
    public_at: datetime | None


@dataclass(frozen=True, slots=True)
class Before:
    """What a move replaced, and nothing else: what undo puts back. None means untouched.

    `marks` are the tags that it changed; None there means that there was no such tag.
    """

    place: Place | None = None
    redaction: Redaction | None = None
    marks: Mapping[TermKey, Mark | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """One decision of the trail."""

    id: int
    action: Action
    by: str
    version: int
    before: Before | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A decision about to be made. `redaction` comes with WRITE, and may come with a verdict."""

    action: Action
    by: str
    at: datetime
    redaction: Redaction | None = None
    term: TermKey | None = None


# --- Drafts of law -----------------------------------------------------------------------------

_DRAFT_TITLE = re.compile(
    r"(?:avant )?projets? d|proposition de (?:loi|directive|reglement)"
    r"|consultation (?:publique )?(?:du public )?(?:sur|relative|portant)"
)


def is_draft(nature: str, title: str) -> bool:
    """Whether a text is not law yet: it is being consulted on, or its title says so."""
    return comparable(nature) == "consultation" or bool(_DRAFT_TITLE.match(comparable(title)))


def usual_niveau(nature: str, title: str) -> Niveau:
    """The level of a text while no editor chose one."""
    return Niveau.PROJET if is_draft(nature, title) else Redaction().niveau


# --- What is allowed ---------------------------------------------------------------------------

_S = ItemState
_ANYWHERE = frozenset(ItemState) - {_S.MERGED}

_EDITOR_FROM: Mapping[Action, frozenset[ItemState]] = {
    Action.APPROVE: _ANYWHERE - {_S.APPROVED},
    Action.REJECT: _ANYWHERE - {_S.REJECTED},
    Action.LATER: frozenset({_S.NEW, _S.NOISE, _S.TO_REVIEW}),
    Action.REOPEN: frozenset({_S.NOISE, _S.LATER, _S.APPROVED, _S.REJECTED}),
    Action.WRITE: _ANYWHERE,
    Action.ADD_TAG: _ANYWHERE,
    Action.REMOVE_TAG: _ANYWHERE,
    Action.MERGE: _ANYWHERE,
    Action.JOIN: _ANYWHERE,
    Action.SPLIT: _ANYWHERE,
}
_RULE_FROM: Mapping[Action, frozenset[ItemState]] = {
    Action.PROPOSE: frozenset({_S.NEW, _S.NOISE}),
    Action.SET_ASIDE: frozenset({_S.NEW, _S.TO_REVIEW}),
    Action.APPROVE: frozenset({_S.NEW, _S.NOISE, _S.TO_REVIEW}),
    Action.NEW_VERSION: _ANYWHERE,
    Action.MERGE: _ANYWHERE,
    Action.JOIN: _ANYWHERE - {_S.APPROVED},
    Action.SPLIT: _ANYWHERE,
}
_LEADS_TO: Mapping[Action, ItemState] = {
    Action.APPROVE: _S.APPROVED,
    Action.REJECT: _S.REJECTED,
    Action.LATER: _S.LATER,
    Action.REOPEN: _S.TO_REVIEW,
    Action.PROPOSE: _S.TO_REVIEW,
    Action.SET_ASIDE: _S.NOISE,
    Action.JOIN: _S.MERGED,
}
VERDICTS = frozenset({Action.APPROVE, Action.REJECT, Action.LATER, Action.REOPEN})
"""The moves by which someone answers for the text as it is that day."""
OF_IDENTITY = frozenset({Action.MERGE, Action.JOIN, Action.SPLIT})
"""The moves of what is said, not of the item: what undoes one is another ruling of an editor."""
_WHATEVER_WAS_DECIDED = frozenset({Action.NEW_VERSION, Action.MERGE, Action.SPLIT})


def is_rule(by: str) -> bool:
    return by.startswith(RULE)


def allows(standing: Standing, action: Action, by: str) -> bool:
    """Whether this author may do this now. UNDO depends on the trail: see `find_undoable`.

    A rule never moves an item on which an editor answered: what is rejected stays rejected.
    """
    if not is_rule(by):
        is_again = action is Action.APPROVE and standing.is_waiting
        return is_again or standing.state in _EDITOR_FROM.get(action, ())
    is_decided = standing.reviewed_version > 0 and action not in _WHATEVER_WAS_DECIDED
    return not is_decided and standing.state in _RULE_FROM.get(action, ())


def list_allowed(standing: Standing) -> list[Action]:
    """The verdicts that an editor may give now."""
    return [
        action for action in _EDITOR_FROM if action in VERDICTS and allows(standing, action, "")
    ]


# --- Moving ------------------------------------------------------------------------------------


def move(standing: Standing, wanted: Move) -> Standing:
    """Where the item stands after this move.

    Raises:
        ReviewError: the state of the item, or its tags, do not allow it.
    """
    if not allows(standing, wanted.action, wanted.by):
        raise ReviewError(
            f"move not allowed action={wanted.action} state={standing.state} by={wanted.by}"
        )
    if wanted.action is Action.NEW_VERSION:
        return _renew(standing)
    after = standing
    if wanted.action in (Action.ADD_TAG, Action.REMOVE_TAG):
        after = _mark(after, wanted)
    if wanted.redaction is not None:
        after = replace(after, redaction=wanted.redaction)
    return _settle(after, wanted)


def _renew(standing: Standing) -> Standing:
    """A changed text brings back what was rejected or put off; what is public stays public."""
    if standing.state in (ItemState.REJECTED, ItemState.LATER):
        return replace(standing, state=ItemState.TO_REVIEW)
    return standing


def _settle(standing: Standing, wanted: Move) -> Standing:
    after = replace(standing, state=_LEADS_TO.get(wanted.action, standing.state))
    if wanted.action in VERDICTS:
        after = replace(after, reviewed_version=standing.version)
    if wanted.action is Action.APPROVE and standing.public_at is None:
        after = replace(after, public_at=wanted.at)
    return after


def _mark(standing: Standing, wanted: Move) -> Standing:
    if wanted.term is None:
        raise ReviewError(f"no term given action={wanted.action}")
    found = standing.tags.get(wanted.term)
    is_there = found is not None and not found.is_removed
    if is_there is (wanted.action is Action.ADD_TAG):
        raise ReviewError(f"tag already so action={wanted.action} term={wanted.term[1]}")
    if wanted.action is Action.REMOVE_TAG:
        return replace(standing, tags=_remove(standing.tags, wanted.term))
    evidence = found.tag.evidence if found else ()
    mark = Mark(Tag(*wanted.term, Origin.EDITOR, 1.0, evidence))
    return replace(standing, tags={**standing.tags, wanted.term: mark})


def _remove(tags: Mapping[TermKey, Mark], term: TermKey) -> Mapping[TermKey, Mark]:
    """Without this tag, nor those that the rules deduced and that nothing else holds any more."""
    fallen = {term}
    while True:
        gone = fallen | {key for key, mark in tags.items() if mark.is_removed}
        names = {f"{kind}:{name}" for kind, name in gone}
        more = {key for key, mark in tags.items() if key not in gone and _rests_on(mark.tag, names)}
        if not more:
            break
        fallen |= more
    return {k: replace(m, is_removed=True) if k in fallen else m for k, m in tags.items()}


def _rests_on(tag: Tag, names: Collection[str]) -> bool:
    """Whether a rule deduced this tag from these terms alone."""
    rules = {evidence.rule for evidence in tag.evidence}
    return tag.origin is not Origin.EDITOR and bool(rules) and rules <= set(names)


# --- Undoing -----------------------------------------------------------------------------------


def remember(before: Standing, after: Standing) -> Before:
    """What the move from `before` to `after` replaced."""
    place = Place(before.state, before.public_at)
    keys = {**before.tags, **after.tags}
    return Before(
        place=place if place != Place(after.state, after.public_at) else None,
        redaction=before.redaction if before.redaction != after.redaction else None,
        marks={
            key: before.tags.get(key) for key in keys if before.tags.get(key) != after.tags.get(key)
        },
    )


def list_effective(trail: Sequence[Past]) -> list[Past]:
    """The moves that still hold: neither undone nor an undoing."""
    undone = {past.undoes for past in trail}
    return [past for past in trail if past.action is not Action.UNDO and past.id not in undone]


def find_undoable(trail: Sequence[Past]) -> Past | None:
    """The last move of an editor that still holds. What rules did is redone, not undone."""
    held = [
        past
        for past in list_effective(trail)
        if not is_rule(past.by) and past.action not in OF_IDENTITY
    ]
    return held[-1] if held else None


def undo(standing: Standing, trail: Sequence[Past]) -> tuple[Standing, Past]:
    """Put back what the last move of an editor replaced, and say which move it was.

    Raises:
        ReviewError: nothing is left to undo.
    """
    past = find_undoable(trail)
    if past is None or standing.state is ItemState.MERGED:
        raise ReviewError("nothing to undo")
    rest = [other for other in trail if other.id != past.id]
    after = replace(standing, reviewed_version=find_reviewed_version(rest))
    before = past.before or Before()
    if before.place is not None:
        after = replace(after, state=before.place.state, public_at=before.place.public_at)
    if before.redaction is not None:
        after = replace(after, redaction=before.redaction)
    tags = {**after.tags, **before.marks}
    return replace(after, tags={key: mark for key, mark in tags.items() if mark}), past


def find_reviewed_version(trail: Sequence[Past]) -> int:
    """The version of the text on which someone last answered; 0 when nobody did."""
    verdicts = [past.version for past in list_effective(trail) if past.action in VERDICTS]
    return verdicts[-1] if verdicts else 0
