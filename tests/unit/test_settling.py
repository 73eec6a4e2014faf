"""What becomes of items when their mentions are gathered again."""

from __future__ import annotations

from hub.model import Mention
from hub.sameness.clustering import Bench, Ruling
from hub.sameness.reading import Trace, read_trace
from hub.sameness.settling import Holding, settle


def trace(key: str) -> Trace:
    return read_trace(Mention("source", key, "", f"Texte {key}"))


A, B, C, D = map(trace, "abcd")


def item(number: int, giver: Trace, *, public: bool = False, touched: bool = False) -> Holding:
    return Holding(number, giver, public, touched, (giver.voice[1],))


def test_what_comes_opens_an_item_or_joins_one() -> None:
    alone = settle([(A, B)], {}, {})
    assert alone.opened == ((A, B),)
    found = settle([(A, B)], {A: 1}, {1: item(1, A)})
    assert (found.joined, found.opened, found.merged) == ({B: 1}, (), {})


def test_two_free_items_become_the_oldest() -> None:
    found = settle([(A, B, C)], {A: 9, B: 2, C: 2}, {9: item(9, A), 2: item(2, B)})
    assert found.merged == {2: 9}
    assert found.joined == {B: 9, C: 9}
    assert found.asked == ()


def test_the_public_one_is_kept_whatever_its_age() -> None:
    items = {1: item(1, A), 2: item(2, B, public=True)}
    found = settle([(A, B)], {A: 1, B: 2}, items)
    assert (found.merged, found.joined) == ({1: 2}, {A: 2})


def test_two_public_ones_are_a_question() -> None:
    items = {1: item(1, A, public=True), 2: item(2, B, public=True)}
    found = settle([(A, B, C)], {A: 1, B: 2}, items)
    assert (found.merged, found.asked) == ({}, ((1, 2),))
    assert found.joined == {C: 1}


def test_an_editor_may_say_that_two_public_ones_are_one() -> None:
    items = {1: item(1, A, public=True), 2: item(2, B, public=True)}
    bench = Bench([Ruling(A.voice, B.voice, is_same=True)])
    found = settle([(A, B, C)], {A: 1, B: 2}, items, bench)
    assert (found.merged, found.joined, found.asked) == ({2: 1}, {B: 1, C: 1}, ())


def test_an_editor_may_say_that_a_public_one_is_two() -> None:
    bench = Bench([Ruling(A.voice, B.voice, is_same=False)])
    found = settle([(A,), (B,)], {A: 1, B: 1}, {1: item(1, A, public=True)}, bench)
    assert (found.opened, found.merged) == (((B,),), {})


def test_a_source_that_speaks_again_does_so_where_it_did() -> None:
    again = read_trace(Mention("source", "b", "", "Texte b, suite"))
    items = {1: item(1, A, public=True), 2: item(2, B, public=True)}
    found = settle([(A, B, again)], {A: 1, B: 2}, items)
    assert (found.joined, found.asked) == ({again: 2}, ((1, 2),))


def test_what_gives_a_public_one_its_text_stays_there_whatever_its_source_says_elsewhere() -> None:
    elsewhere = read_trace(Mention("source", "a", "", "Texte a, autrement"))
    items = {1: item(1, A, public=True), 2: item(2, B, public=True)}
    found = settle([(A, B, elsewhere)], {A: 1, B: 2, elsewhere: 2}, items)
    assert (found.joined, found.opened, found.merged) == ({}, (), {})


def test_what_an_editor_wrote_is_not_merged_away() -> None:
    items = {1: item(1, A, public=True), 2: item(2, B, touched=True)}
    assert settle([(A, B)], {A: 1, B: 2}, items).asked == ((1, 2),)


def test_a_free_item_is_split_and_keeps_what_gives_its_text() -> None:
    found = settle([(A, B), (C,)], {A: 1, B: 1, C: 1}, {1: item(1, A)})
    assert (found.joined, found.opened, found.asked) == ({}, ((C,),), ())


def test_a_public_item_is_not_split() -> None:
    found = settle([(A,), (C, D)], {A: 1, C: 1}, {1: item(1, A, public=True)})
    assert found.opened == ((D,),), "what nobody holds yet is told apart"
    taken = settle([(A,), (C, D)], {A: 1, C: 1, D: 2}, {1: item(1, A, public=True), 2: item(2, D)})
    assert (taken.joined, taken.opened, taken.asked) == ({}, (), ((1, 2),))


def test_a_second_time_changes_nothing() -> None:
    assert settle([(A, B), (C,)], {A: 1, B: 1, C: 2}, {1: item(1, A), 2: item(2, C)}) == settle(
        [], {}, {}
    )
