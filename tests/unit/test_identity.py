"""The order of identity, with the look-alikes of real life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hub.identity import Known, Lookup, contradict, find_match, in_order, slug_of
from hub.model import Identifier, Mention, Scheme
from hub.text import comparable

PEMD = (
    "Décret du 25 juin 2021 relatif au diagnostic portant sur la gestion des produits, "
    "équipements, matériaux et des déchets issus de la démolition ou de la rénovation "
    "significative de bâtiments"
)
DAY = date(2021, 6, 27)


def numero(value: str) -> Identifier:
    return Identifier(Scheme.NUMERO, value)


def mention(title: str = PEMD, source: str = "cma", **facts: object) -> Mention:
    known: dict[str, object] = {"key": "k", "url": "", "published_on": DAY}
    return Mention(source_id=source, title=title, **{**known, **facts})  # type: ignore[arg-type]


def known(*identifiers: Identifier, source: str = "aida") -> Known:
    return Known(1, frozenset(identifiers), frozenset({(source, "x")}))


def lookup(item: Known, address: str = "", title: str = PEMD) -> Lookup:
    def by_title(asked: str, first: date, last: date) -> Sequence[Known]:
        return [item] if asked == comparable(title) and first <= DAY <= last else []

    return Lookup(
        by_voice=lambda source, key: item if (source, key) in item.voices else None,
        by_identifier=lambda identifier: item if identifier in item.identifiers else None,
        by_address=lambda url: item if address and url == address else None,
        by_title=by_title,
    )


def test_a_source_speaks_of_the_same_thing_under_the_same_key() -> None:
    again = mention("Un titre qui a changé", source="aida", key="x", published_on=None)
    assert find_match(again, lookup(known())) == 1
    other = mention(source="aida", key="x", identifiers=(numero("decret-2021-822"),))
    assert find_match(other, lookup(known(numero("decret-2021-821")))) is None


def test_an_official_identifier_comes_first() -> None:
    found = find_match(
        mention("Un tout autre titre", identifiers=(numero("decret-2026-822"),)),
        lookup(known(numero("decret-2026-822"))),
    )
    assert found == 1


def test_two_decrees_of_same_title_and_day_stay_two() -> None:
    item = known(numero("decret-2021-821"))
    assert find_match(mention(identifiers=(numero("decret-2021-822"),)), lookup(item)) is None


def test_another_identifier_is_stronger_than_the_same_address() -> None:
    item = known(numero("decret-2021-821"))
    url = "https://a.fr/decrets"
    other = mention(url=url, identifiers=(numero("decret-2021-822"),))
    assert find_match(other, lookup(item, url)) is None
    assert find_match(mention(url=url), lookup(item, url)) == 1


def test_a_stronger_contradiction_outweighs_a_shared_number() -> None:
    item = known(numero("decret-2026-16"), Identifier(Scheme.NOR, "ATDL2523962A"))
    wrong = (numero("decret-2026-16"), Identifier(Scheme.NOR, "TREP2129879A"))
    assert find_match(mention(identifiers=wrong), lookup(item)) is None


def test_same_long_title_told_by_another_source_is_the_same() -> None:
    assert find_match(mention(), lookup(known())) == 1


def test_same_title_twice_in_one_source_is_two() -> None:
    assert find_match(mention(source="aida"), lookup(known())) is None


def test_a_bare_title_never_joins() -> None:
    bare = "Arrêté du 25 août 2026"
    assert find_match(mention(bare), lookup(known(), title=bare)) is None


def test_same_title_far_apart_in_time_is_two() -> None:
    assert find_match(mention(published_on=date(2022, 6, 27)), lookup(known())) is None


identifiers = st.builds(Identifier, st.sampled_from(Scheme), st.sampled_from(["a", "b", "c"]))


@given(st.lists(identifiers), st.lists(identifiers))
def test_contradiction_is_symmetric_and_never_with_itself(
    left: list[Identifier], right: list[Identifier]
) -> None:
    assert contradict(left, right) == contradict(right, left)
    assert not contradict(left, left)


@given(st.lists(identifiers, unique=True), st.randoms())
def test_the_order_of_identifiers_does_not_count(found: list[Identifier], random: object) -> None:
    shuffled = sorted(found, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert in_order(found) == in_order(shuffled)
    assert slug_of(mention(identifiers=tuple(found))) == slug_of(
        mention(identifiers=tuple(shuffled))
    )
