"""For any cut of time into digests, each published item reaches each matching reader once."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.model import Niveau
from hub.newsletter.select import (
    Catalogue,
    Digest,
    News,
    Reader,
    is_new,
    select_digest,
    starting_points,
    terms_of,
)
from hub.text import paris_day
from tests.letters import (
    BAT,
    EMPRO,
    MAPRIMERENOV,
    PEMD,
    RENOVATION,
    REP,
    TRAVAUX,
    make_news,
    make_redaction,
    make_tag,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(days=400)
FOLLOWED = (TRAVAUX, RENOVATION, PEMD, REP, MAPRIMERENOV)
moments = st.integers(0, 400 * 24 - 1).map(lambda hour: START + timedelta(hours=hour))
redactions = st.none() | st.builds(
    make_redaction,
    ce_qui_change=st.sampled_from(["", "Le seuil baisse.", "La prime change."]),
    niveau=st.sampled_from(Niveau),
    applicable_le=st.none() | moments.map(paris_day),
)


@st.composite
def news_lists(draw: st.DrawFn) -> list[News]:
    count = draw(st.integers(0, 12))
    return [
        make_news(
            number,
            is_public=draw(st.booleans()),
            public_at=draw(st.none() | moments),
            published_on=draw(st.none() | moments.map(paris_day)),
            redaction=draw(redactions),
            tags=tuple(
                make_tag(term)
                for term in draw(
                    st.lists(st.sampled_from([*FOLLOWED, EMPRO, BAT]), unique=True, max_size=4)
                )
            ),
        )
        for number in range(1, count + 1)
    ]


@st.composite
def readers(draw: st.DrawFn) -> Reader:
    terms = draw(st.lists(st.sampled_from(FOLLOWED), unique=True, min_size=1))
    confirmed_at = draw(moments)
    chosen = {term: draw(moments) for term in terms if draw(st.booleans())}
    return Reader(1, starting_points(terms, confirmed_at, chosen))


def receive(reader: Reader, news: list[News], cuts: list[datetime]) -> list[int]:
    """Every announcement one reader gets, when letters are written at these moments.

    An item approved after a cut is not there yet for that letter: it may be public later.
    """
    received: list[int] = []
    for cut in sorted(cuts):
        outcome = select_digest(reader, Catalogue(news), set(received), cut, paris_day(cut))
        if isinstance(outcome, Digest):
            assert all(entry.news.is_public for entry in outcome.entries)
            assert all(entry.reasons for entry in outcome.entries)
            assert all(one.news.is_public for one in outcome.dates)
            received += ids_of(outcome)
    return received


def ids_of(digest: Digest) -> list[int]:
    return [news.id for entry in digest.entries for news in entry.items]


def expected(reader: Reader, news: list[News]) -> set[int]:
    return {
        one.id
        for one in news
        if one.is_public
        and one.public_at is not None
        and any(one.public_at > reader.since.get(term, END) for term in terms_of(one.tags))
    }


@given(readers(), news_lists(), st.lists(moments, max_size=12))
def test_each_published_item_reaches_each_matching_reader_exactly_once(
    reader: Reader, news: list[News], cuts: list[datetime]
) -> None:
    received = receive(reader, news, [*cuts, END])
    assert len(received) == len(set(received))
    assert set(received) == expected(reader, news)


@given(readers(), news_lists(), st.lists(moments, max_size=6), st.data())
def test_what_is_taken_back_and_put_back_is_not_announced_again(
    reader: Reader, news: list[News], cuts: list[datetime], data: st.DataObject
) -> None:
    """A new version returns to the queue, then is approved again; `public_at` stays the first."""
    received: list[int] = []
    for cut in sorted([*cuts, END]):
        shown = [
            replace(one, is_public=one.is_public and (cut == END or data.draw(st.booleans())))
            for one in news
        ]
        outcome = select_digest(reader, Catalogue(shown), set(received), cut, paris_day(cut))
        received += ids_of(outcome) if isinstance(outcome, Digest) else []
    assert sorted(received) == sorted(expected(reader, news))


@given(readers(), news_lists(), moments, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(
    reader: Reader, news: list[News], cut: datetime, shuffler: random.Random
) -> None:
    shuffled = list(news)
    shuffler.shuffle(shuffled)
    first = select_digest(reader, Catalogue(news), set(), cut, paris_day(cut))
    assert select_digest(reader, Catalogue(shuffled), set(), cut, paris_day(cut)) == first


@given(readers(), news_lists(), moments)
def test_what_is_new_comes_first_and_an_entry_says_nothing_false_of_any_of_its_texts(
    reader: Reader, news: list[News], cut: datetime
) -> None:
    outcome = select_digest(reader, Catalogue(news), set(), cut, paris_day(cut))
    if not isinstance(outcome, Digest):
        return
    groups = [entry.is_new for entry in outcome.entries]
    assert groups == sorted(groups, reverse=True)
    assert outcome.full + outcome.reminders + outcome.rest == outcome.entries
    for entry in outcome.entries:
        told = {
            (one.redaction and one.redaction.ce_qui_change, one.niveau, one.applicable_le)
            for one in entry.items
        }
        assert len(told) == 1
        assert {is_new(one, paris_day(cut)) for one in entry.items} == {entry.is_new}
