"""Whatever editors and rules do, in any order: undo is exact, and nothing is public by accident."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ReviewError
from hub.model import Action, Evidence, ItemState, Origin, Redaction, Tag, TermKind
from hub.review import (
    Mark,
    Move,
    Past,
    Standing,
    TermKey,
    find_reviewed_version,
    is_rule,
    list_effective,
    move,
    remember,
    undo,
)

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
EDITORS = ("Éditrice", "Éditeur")
TERMS: tuple[TermKey, ...] = (
    (TermKind.METIER, "conducteur-travaux"),
    (TermKind.SECTEUR, "BAT"),
    (TermKind.DISPOSITIF, "CEE"),
)
EDITOR_ACTIONS = (
    Action.APPROVE,
    Action.REJECT,
    Action.LATER,
    Action.REOPEN,
    Action.WRITE,
    Action.ADD_TAG,
    Action.REMOVE_TAG,
)
RULE_ACTIONS = (Action.PROPOSE, Action.SET_ASIDE, Action.NEW_VERSION)

editor_moves = st.builds(
    Move,
    action=st.sampled_from(EDITOR_ACTIONS),
    by=st.sampled_from(EDITORS),
    at=st.just(NOW),
    redaction=st.none() | st.builds(Redaction, titre=st.sampled_from(["", "un", "deux"])),
    term=st.sampled_from(TERMS),
)
rule_moves = st.builds(
    Move, action=st.sampled_from(RULE_ACTIONS), by=st.just("regle:x"), at=st.just(NOW)
)
undos = st.just(Move(Action.UNDO, "Éditrice", NOW))


tags = st.dictionaries(
    st.sampled_from(TERMS),
    st.lists(st.sampled_from(["sigle:CEE", "dispositif:CEE", "secteur:BAT"]), max_size=2),
).map(
    lambda found: {
        key: Mark(Tag(*key, Origin.RULE, 0.9, tuple(map(Evidence, rules))))
        for key, rules in found.items()
    }
)


def step(standing: Standing, trail: list[Past], wanted: Move) -> Standing:
    """What the desk does with a move, without its database; a move refused changes nothing."""
    if wanted.action is Action.NEW_VERSION:
        standing = replace(standing, version=standing.version + 1)
    number = len(trail) + 1
    try:
        if wanted.action is Action.UNDO:
            after, undone = undo(standing, trail)
            undoes: int | None = undone.id
        else:
            after, undoes = move(standing, wanted), None
    except ReviewError:
        return standing
    before = remember(standing, after)
    trail.append(Past(number, wanted.action, wanted.by, after.version, before, undoes))
    return after


@given(st.sampled_from(list(ItemState)), tags, st.lists(editor_moves, max_size=12))
def test_as_many_undos_as_moves_give_back_the_start(
    state: ItemState, tags: dict[TermKey, Mark], wanted: list[Move]
) -> None:
    start = Standing(state, tags=tags)
    trail: list[Past] = []
    standing = start
    for one in wanted:
        standing = step(standing, trail, one)
    for _ in range(len(trail)):
        standing = step(standing, trail, Move(Action.UNDO, "Éditrice", NOW))
    assert standing == start


@given(tags, st.sampled_from(TERMS))
def test_nothing_stays_that_rests_on_what_was_removed(
    tags: dict[TermKey, Mark], term: TermKey
) -> None:
    after = step(
        Standing(ItemState.TO_REVIEW, tags=tags),
        [],
        Move(Action.REMOVE_TAG, "Éditrice", NOW, term=term),
    )
    gone = {f"{kind}:{name}" for (kind, name), mark in after.tags.items() if mark.is_removed}
    held = [mark.tag for mark in after.tags.values() if not mark.is_removed]
    assert not [t for t in held if t.evidence and {e.rule for e in t.evidence} <= gone]


@given(st.lists(editor_moves | rule_moves | undos, max_size=20))
def test_the_trail_only_grows(wanted: list[Move]) -> None:
    standing, trail = Standing(ItemState.NEW), list[Past]()
    for one in wanted:
        kept = list(trail)
        standing = step(standing, trail, one)
        assert trail[: len(kept)] == kept
        assert len(trail) - len(kept) in (0, 1)


@given(st.lists(editor_moves | rule_moves | undos, max_size=20))
def test_nothing_is_public_that_no_editor_approved(wanted: list[Move]) -> None:
    standing, trail = Standing(ItemState.NEW), list[Past]()
    for one in wanted:
        standing = step(standing, trail, one)
    approvals = [
        past
        for past in list_effective(trail)
        if past.action is Action.APPROVE and not is_rule(past.by)
    ]
    assert not standing.state.is_public or approvals


@given(st.lists(editor_moves | rule_moves | undos, max_size=20))
def test_the_standing_and_the_trail_agree_on_what_was_reviewed(wanted: list[Move]) -> None:
    standing, trail = Standing(ItemState.NEW), list[Past]()
    for one in wanted:
        standing = step(standing, trail, one)
        assert standing.reviewed_version == find_reviewed_version(trail)


@given(st.lists(editor_moves | rule_moves | undos, max_size=20))
def test_rules_leave_alone_what_an_editor_answered(wanted: list[Move]) -> None:
    standing, trail = Standing(ItemState.NEW), list[Past]()
    for one in wanted:
        before = standing
        standing = step(standing, trail, one)
        if is_rule(one.by) and before.reviewed_version and one.action is not Action.NEW_VERSION:
            assert standing == before
