"""The moves of review: what is allowed, what each changes, what undo gives back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.errors import ReviewError
from hub.model import Action, Evidence, ItemState, Niveau, Origin, Redaction, Tag, TermKind
from hub.review import (
    Mark,
    Move,
    Past,
    Standing,
    allows,
    find_reviewed_version,
    find_undoable,
    is_draft,
    list_allowed,
    move,
    remember,
    undo,
    usual_niveau,
)

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
EDITOR, RULE = "Éditrice de test", "regle:pemd"
AGEC = (TermKind.DISPOSITIF, "AGEC")


def at(state: ItemState, version: int = 1, reviewed: int = 0) -> Standing:
    return Standing(state=state, version=version, reviewed_version=reviewed)


def do(standing: Standing, action: Action, by: str = EDITOR, **facts: object) -> Standing:
    return move(standing, Move(action, by, NOW, **facts))  # type: ignore[arg-type]


def past(number: int, action: Action, before: Standing, after: Standing, by: str = EDITOR) -> Past:
    return Past(number, action, by, after.version, remember(before, after))


@pytest.mark.parametrize(
    ("nature", "title"),
    [
        ("CONSULTATION", "Moratoire sur la filière"),
        ("", "Projet d'arrêté créant de nouvelles bonifications"),
        ("", "PROJET DE DÉCRET relatif à l’étiquetage"),
        ("", "Projets d’arrêtés relatifs aux déchets"),
        ("", "Avant-projet de loi"),
        ("", "Proposition de directive sur les allégations"),
        ("", "Consultation publique sur le cahier des charges"),
    ],
)
def test_a_draft_of_law_is_a_project(nature: str, title: str) -> None:
    assert is_draft(nature, title)
    assert usual_niveau(nature, title) is Niveau.PROJET


@pytest.mark.parametrize(
    ("nature", "title"),
    [
        ("ARRETE", "Arrêté relatif au projet de décret"),
        ("", "Projet alimentaire territorial"),
        ("", "Délibération portant avis sur un projet de décret"),
        ("DECRET", "Décret n° 2026-822"),
    ],
)
def test_a_text_of_law_is_not_a_draft(nature: str, title: str) -> None:
    assert not is_draft(nature, title)
    assert usual_niveau(nature, title) is Niveau.CONSEILLE


@pytest.mark.parametrize(
    ("state", "action", "leads_to"),
    [
        (ItemState.TO_REVIEW, Action.APPROVE, ItemState.APPROVED),
        (ItemState.TO_REVIEW, Action.REJECT, ItemState.REJECTED),
        (ItemState.TO_REVIEW, Action.LATER, ItemState.LATER),
        (ItemState.LATER, Action.APPROVE, ItemState.APPROVED),
        (ItemState.NOISE, Action.REOPEN, ItemState.TO_REVIEW),
        (ItemState.REJECTED, Action.APPROVE, ItemState.APPROVED),
        (ItemState.APPROVED, Action.REJECT, ItemState.REJECTED),
        (ItemState.APPROVED, Action.REOPEN, ItemState.TO_REVIEW),
        (ItemState.APPROVED, Action.WRITE, ItemState.APPROVED),
    ],
)
def test_an_editor_moves_an_item(state: ItemState, action: Action, leads_to: ItemState) -> None:
    assert do(at(state), action).state is leads_to


@pytest.mark.parametrize(
    ("state", "action", "by"),
    [
        (ItemState.APPROVED, Action.LATER, EDITOR),
        (ItemState.REJECTED, Action.REJECT, EDITOR),
        (ItemState.TO_REVIEW, Action.REOPEN, EDITOR),
        (ItemState.NEW, Action.PROPOSE, EDITOR),
        (ItemState.NEW, Action.SET_ASIDE, EDITOR),
        (ItemState.REJECTED, Action.PROPOSE, RULE),
        (ItemState.LATER, Action.SET_ASIDE, RULE),
        (ItemState.TO_REVIEW, Action.REJECT, RULE),
        (ItemState.TO_REVIEW, Action.WRITE, RULE),
        (ItemState.REJECTED, Action.APPROVE, RULE),
    ],
)
def test_what_is_not_allowed_is_refused(state: ItemState, action: Action, by: str) -> None:
    assert not allows(at(state), action, by)
    with pytest.raises(ReviewError):
        do(at(state), action, by)


def test_a_rule_does_not_touch_what_an_editor_answered() -> None:
    reopened = do(at(ItemState.NOISE), Action.REOPEN)
    assert allows(at(ItemState.TO_REVIEW), Action.SET_ASIDE, RULE)
    assert not allows(reopened, Action.SET_ASIDE, RULE)
    assert not allows(reopened, Action.APPROVE, RULE)


def test_a_rejected_item_comes_back_only_with_a_new_text() -> None:
    rejected = at(ItemState.REJECTED, version=1, reviewed=1)
    assert not rejected.is_waiting
    renewed = do(
        Standing(ItemState.REJECTED, version=2, reviewed_version=1), Action.NEW_VERSION, RULE
    )
    assert renewed.state is ItemState.TO_REVIEW
    assert renewed.is_waiting
    assert renewed.has_new_text


def test_a_public_item_stays_public_while_its_new_text_waits() -> None:
    renewed = do(at(ItemState.APPROVED, version=2, reviewed=1), Action.NEW_VERSION, RULE)
    assert renewed.state.is_public
    assert renewed.is_waiting
    approved = do(renewed, Action.APPROVE)
    assert approved.state.is_public
    assert not approved.is_waiting
    with pytest.raises(ReviewError):
        do(approved, Action.APPROVE)


def test_the_first_approval_gives_the_public_moment_for_good() -> None:
    first = do(at(ItemState.TO_REVIEW), Action.APPROVE)
    assert first.public_at == NOW
    later = datetime(2026, 10, 1, tzinfo=UTC)
    again = move(do(first, Action.REOPEN), Move(Action.APPROVE, EDITOR, later))
    assert again.public_at == NOW


def test_the_verdicts_offered_are_those_allowed() -> None:
    assert set(list_allowed(at(ItemState.TO_REVIEW))) == {
        Action.APPROVE,
        Action.REJECT,
        Action.LATER,
    }
    assert set(list_allowed(at(ItemState.APPROVED, reviewed=1))) == {Action.REJECT, Action.REOPEN}


def test_a_tag_removed_is_remembered_with_its_evidence() -> None:
    tag = Tag(*AGEC, Origin.RULE, 0.8, (Evidence("agec"),))
    before = Standing(ItemState.TO_REVIEW, tags={AGEC: Mark(tag)})
    removed = do(before, Action.REMOVE_TAG, term=AGEC)
    assert removed.tags[AGEC] == Mark(tag, is_removed=True)
    with pytest.raises(ReviewError):
        do(removed, Action.REMOVE_TAG, term=AGEC)
    back = do(removed, Action.ADD_TAG, term=AGEC)
    assert back.tags[AGEC].tag.origin is Origin.EDITOR
    assert back.tags[AGEC].tag.evidence == tag.evidence
    with pytest.raises(ReviewError):
        do(back, Action.ADD_TAG, term=AGEC)


CEE, SECTEUR = (TermKind.DISPOSITIF, "CEE"), (TermKind.SECTEUR, "BAT")
METIER = (TermKind.METIER, "conducteur-travaux")


def tagged(*tags: Tag) -> Standing:
    marks = {(tag.kind, tag.term): Mark(tag) for tag in tags}
    return Standing(ItemState.TO_REVIEW, tags=marks)


def held(standing: Standing) -> set[tuple[TermKind, str]]:
    return {key for key, mark in standing.tags.items() if not mark.is_removed}


def rule_tag(key: tuple[TermKind, str], *rules: str) -> Tag:
    return Tag(*key, Origin.RULE, 0.9, tuple(map(Evidence, rules)))


def test_what_was_deduced_from_a_removed_tag_alone_goes_and_comes_back_with_it() -> None:
    start = tagged(
        rule_tag(CEE, "sigle:CEE"),
        rule_tag(AGEC, "sigle:AGEC"),
        rule_tag(SECTEUR, "dispositif:CEE", "dispositif:AGEC"),
        rule_tag(METIER, "dispositif:CEE"),
    )
    after = do(start, Action.REMOVE_TAG, term=CEE)
    assert held(after) == {AGEC, SECTEUR}
    trail = [past(1, Action.REMOVE_TAG, start, after)]
    assert undo(after, trail)[0] == start
    assert held(do(after, Action.REMOVE_TAG, term=AGEC)) == set()


def test_deduction_is_followed_to_the_end() -> None:
    start = tagged(
        rule_tag(CEE, "sigle:CEE"),
        rule_tag(SECTEUR, "dispositif:CEE"),
        rule_tag(METIER, "secteur:BAT"),
    )
    assert held(do(start, Action.REMOVE_TAG, term=CEE)) == set()


def test_what_has_words_of_its_own_or_an_editor_chose_stays() -> None:
    chosen = Tag(*SECTEUR, Origin.EDITOR, 1.0, (Evidence("dispositif:CEE"),))
    start = tagged(
        rule_tag(CEE, "sigle:CEE"), chosen, rule_tag(METIER, "dispositif:CEE", "nom:conducteur")
    )
    assert held(do(start, Action.REMOVE_TAG, term=CEE)) == {SECTEUR, METIER}


def test_a_tag_move_without_a_term_is_refused() -> None:
    with pytest.raises(ReviewError):
        do(at(ItemState.TO_REVIEW), Action.ADD_TAG)


def test_undo_goes_back_one_move_at_a_time() -> None:
    start = at(ItemState.TO_REVIEW)
    written = do(start, Action.WRITE, redaction=Redaction(titre="Un titre"))
    approved = do(written, Action.APPROVE)
    trail = [past(1, Action.WRITE, start, written), past(2, Action.APPROVE, written, approved)]
    back, undone = undo(approved, trail)
    assert (back, undone.id) == (written, 2)
    trail.append(Past(3, Action.UNDO, EDITOR, 1, remember(approved, back), undoes=2))
    assert undo(back, trail)[0] == start
    trail.append(Past(4, Action.UNDO, EDITOR, 1, None, undoes=1))
    assert find_undoable(trail) is None
    with pytest.raises(ReviewError):
        undo(start, trail)


def test_what_a_rule_did_is_not_undone() -> None:
    start, aside = at(ItemState.NEW), at(ItemState.NOISE)
    assert find_undoable([past(1, Action.SET_ASIDE, start, aside, RULE)]) is None


def test_undoing_an_approval_makes_the_new_text_wait_again() -> None:
    renewed = at(ItemState.APPROVED, version=2, reviewed=1)
    approved = do(renewed, Action.APPROVE)
    trail = [
        Past(1, Action.APPROVE, EDITOR, 1),
        Past(2, Action.NEW_VERSION, RULE, 2),
        past(3, Action.APPROVE, renewed, approved),
    ]
    assert find_reviewed_version(trail) == 2
    assert undo(approved, trail)[0] == renewed


# --- Items that are brought together -----------------------------------------------------------


def test_what_was_taken_in_by_another_moves_no_more() -> None:
    gone = do(at(ItemState.TO_REVIEW), Action.JOIN)
    assert gone.state is ItemState.MERGED
    assert list_allowed(gone) == []
    for action in Action:
        assert not allows(gone, action, EDITOR)
        assert not allows(gone, action, RULE)
    with pytest.raises(ReviewError):
        undo(gone, [past(1, Action.REJECT, at(ItemState.TO_REVIEW), at(ItemState.REJECTED))])


def test_no_rule_takes_away_what_an_editor_answered_for() -> None:
    assert not allows(at(ItemState.REJECTED, reviewed=1), Action.JOIN, RULE)
    assert not allows(at(ItemState.APPROVED), Action.JOIN, RULE)
    assert allows(at(ItemState.APPROVED, reviewed=1), Action.JOIN, EDITOR)


def test_taking_in_and_parting_leave_an_item_where_it_stands() -> None:
    standing = at(ItemState.APPROVED, reviewed=1)
    for action in (Action.MERGE, Action.SPLIT):
        assert do(standing, action, RULE) == do(standing, action) == standing
        trail = [past(1, Action.APPROVE, standing, standing), past(2, action, standing, standing)]
        undoable = find_undoable(trail)
        assert undoable is not None
        assert undoable.id == 1, "another ruling undoes it"
