"""What is remembered of identity: keys, rulings, proposals."""

from __future__ import annotations

from datetime import datetime, timedelta

from hub.sameness.clustering import Ruling
from hub.sameness.verdict import Ground
from hub.store import Session, Store
from hub.store.identity import (
    ProposalState,
    Question,
    add_keys,
    add_merged,
    add_rulings,
    close_proposal,
    find_where_merged,
    has_keys,
    hash_key,
    is_to_ask,
    list_known_keys,
    list_mentions_by_keys,
    list_open_proposals,
    list_rulings,
    save_proposals,
)
from hub.store.migrate import migrate
from tests.builders import add_item, make_mention

NUMBER, X, Y = map(hash_key, ("number fr:2025-210", "act x", "act y"))
ONE, OTHER, THIRD = ("jorf", "1"), ("aida", "1"), ("presse", "3")


def ask(left: int, right: int, score: float = 0.5) -> Question:
    return Question(left, right, Ground.ALIKE, ("tri", "dechet"), score)


def fill(session: Session) -> list[int]:
    return [add_item(session, make_mention(f"Texte {number}")).id for number in range(3)]


def test_mentions_are_found_by_any_of_their_keys(any_store: Store) -> None:
    migrate(any_store)
    with any_store.write() as session:
        fill(session)
        assert not has_keys(session)
        add_keys(session, [(1, [NUMBER, X]), (2, [X]), (3, [Y])])
    with any_store.read() as session:
        assert has_keys(session)
        assert list_mentions_by_keys(session, [X, hash_key("unknown")]) == [1, 2]
        assert list_mentions_by_keys(session, [NUMBER, Y]) == [1, 3]
        assert list_mentions_by_keys(session, []) == []
        found = list_known_keys(session, [X, hash_key("unknown")])
        assert {key: len(set(sources)) for key, sources in found.items()} == {X: 1}


def test_what_went_leads_to_what_is_left_however_often_it_went(store: Store, now: datetime) -> None:
    with store.write() as session:
        first, second, third = fill(session)
        add_merged(session, first, second, now)
        add_merged(session, second, third, now)
        assert find_where_merged(session, first) == find_where_merged(session, second) == third
        assert find_where_merged(session, third) is None


def test_nothing_is_asked_again_when_nothing_came_in(store: Store) -> None:
    with store.write() as session:
        assert not is_to_ask(session)
        fill(session)
        assert is_to_ask(session)
        assert not is_to_ask(session)
        add_item(session, make_mention("Un autre"))
        assert is_to_ask(session)


def test_rulings_come_back_in_the_order_they_were_made(store: Store, now: datetime) -> None:
    with store.write() as session:
        add_rulings(session, [Ruling(ONE, OTHER, is_same=True)], "Léa", now)
        add_rulings(session, [Ruling(OTHER, ONE, is_same=False)], "Léa", now, "deux décrets")
        add_rulings(session, [Ruling(ONE, THIRD, is_same=True)], "Léa", now)
    with store.read() as session:
        assert [ruling.is_same for ruling in list_rulings(session, [OTHER])] == [True, False]
        assert len(list_rulings(session, [THIRD, ONE])) == 3
        assert list_rulings(session, [("jorf", "2")]) == []


def test_a_question_is_asked_once_and_lapses_when_nothing_asks_it(
    store: Store, now: datetime
) -> None:
    with store.write() as session:
        a, b, c = fill(session)
        assert save_proposals(session, [ask(a, b), ask(c, b, 0.9)], now) == 2
        assert save_proposals(session, [ask(b, a, 0.95), ask(b, c, 0.9)], now) == 0
        surest, other = list_open_proposals(session)
        assert (surest.left_item_id, surest.right_item_id, surest.score) == (a, b, 0.95)
        assert save_proposals(session, [ask(a, b)], now + timedelta(days=1)) == 0
        assert other.state is ProposalState.LAPSED
        assert save_proposals(session, [ask(a, b), ask(b, c)], now + timedelta(days=2)) == 1


def test_what_was_answered_is_not_asked_again(store: Store, now: datetime) -> None:
    with store.write() as session:
        a, b, _ = fill(session)
        save_proposals(session, [ask(a, b)], now)
        (row,) = list_open_proposals(session)
        close_proposal(row, ProposalState.REFUSED, "Léa", now)
        assert save_proposals(session, [ask(a, b, 0.99)], now) == 0
        assert list_open_proposals(session) == []
        save_proposals(session, [], now)
        assert (row.state, row.closed_by) == (ProposalState.REFUSED, "Léa")
