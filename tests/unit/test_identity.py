"""The order of identity, with the look-alikes of real life."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hub.identity import contradict, in_order, slug_of
from hub.model import Identifier, Mention, Scheme

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


def test_two_decrees_of_same_title_and_day_oppose_each_other() -> None:
    assert contradict([numero("decret-2021-821")], [numero("decret-2021-822")])
    assert not contradict([numero("decret-2021-821")], [])


def test_a_stronger_contradiction_outweighs_a_shared_number() -> None:
    said = [numero("decret-2026-16"), Identifier(Scheme.NOR, "ATDL2523962A")]
    wrong = [numero("decret-2026-16"), Identifier(Scheme.NOR, "TREP2129879A")]
    assert contradict(said, wrong)


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
