"""What is read of the law in what was collected, and how it is asked from both ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from hub.law import read_law
from hub.legal.avancement import Stage
from hub.model import Identifier, ItemState, Mention, Pace, Scheme, Source, SourceKind
from hub.store import Store
from hub.store.items import ItemRow, find_item
from hub.store.known_law import LawOfItem, know_law
from hub.store.law import LawLinkRow, LawReadingRow
from tests.builders import make_item, make_mention

TODAY = date(2026, 9, 7)
JOURNAL = Source(
    "jo",
    "Journal officiel",
    "DILA",
    SourceKind.DILA,
    "https://echanges.dila.gouv.fr/OPENDATA/JORFSIMPLE/",
    timedelta(hours=6),
    Pace(timedelta(seconds=1), timedelta(seconds=2)),
    "lo",
    "vu",
    options={"fonds": "JORFSIMPLE"},
)
OLD = "Décret n° 2021-950 du 16 juillet 2021 relatif au tri des déchets"
NEW = "Décret n° 2026-700 du 3 août 2026 modifiant le décret n° 2021-950 du 16 juillet 2021"


def make_decret(title: str, number: str, published: date, **more: Any) -> Mention:
    return make_mention(
        title,
        source_id="jo",
        key=number,
        published_on=published,
        signed_on=published - timedelta(days=1),
        text="Article 1\n\nLes déchets textiles sont triés à part.",
        identifiers=(Identifier(Scheme.NUMERO, f"decret-{number}"),),
        **more,
    )


@pytest.fixture
def both(store: Store) -> tuple[str, str]:
    """A décret and the one that modifies it."""
    old = make_item(store, make_decret(OLD, "2021-950", date(2021, 7, 18)))
    new = make_item(store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    return old, new


def known(store: Store, slug: str, *, only_public: bool = False) -> LawOfItem:
    with store.read() as session:
        item = find_item(session, slug)
        assert item is not None
        return know_law(session, [item], TODAY, only_public=only_public)[item.id]


def test_a_text_knows_what_it_modifies_and_the_other_by_what(
    store: Store, both: tuple[str, str]
) -> None:
    assert read_law(store, [JOURNAL]) == 2
    old, new = (known(store, slug) for slug in both)
    assert [(row.kind, row.norm) for row in new.links] == [
        ("modifie", "DEC:2021-950@2021-07-16"),
    ]
    assert [one.item.slug for one in old.acted_on] == [both[1]]
    assert old.avancement.current is Stage.MODIFIE
    assert new.avancement.current is Stage.EN_VIGUEUR
    assert new.acted_on == ()


def test_what_no_editor_approved_is_not_told_to_readers(store: Store) -> None:
    old = make_item(store, make_decret(OLD, "2021-950", date(2021, 7, 18)))
    waiting = make_decret(NEW, "2026-700", date(2026, 8, 4))
    make_item(store, waiting, state=ItemState.TO_REVIEW)
    read_law(store, [JOURNAL])
    assert len(known(store, old).acted_on) == 1
    told = known(store, old, only_public=True)
    assert told.acted_on == ()
    assert told.avancement.current is Stage.EN_VIGUEUR


def test_each_text_is_read_once_until_it_gains_a_mention(
    store: Store, both: tuple[str, str]
) -> None:
    assert read_law(store, [JOURNAL]) == 2
    assert read_law(store, [JOURNAL]) == 0
    with store.write() as session:
        item = find_item(session, both[0])
        assert item is not None
        session.get_one(LawReadingRow, item.id).mentions = 0
    assert read_law(store, [JOURNAL]) == 1
    with store.read() as session:
        assert session.query(LawLinkRow).filter_by(kind="modifie").count() == 1


def test_what_nobody_follows_is_read_when_it_is_asked_for(store: Store) -> None:
    slug = make_item(store, make_decret(OLD, "2021-950", date(2021, 7, 18)), state=ItemState.NOISE)
    assert read_law(store, [JOURNAL]) == 0
    with store.read() as session:
        item = find_item(session, slug)
        assert item is not None
        item_id = item.id
    assert read_law(store, [JOURNAL], [item_id]) == 1


def test_only_the_journal_dates_a_publication(store: Store) -> None:
    slug = make_item(store, make_decret(OLD, "2021-950", date(2021, 7, 18)))
    read_law(store, [])  # nobody here is the Journal officiel
    told = known(store, slug).avancement
    assert Stage.EN_VIGUEUR not in {milestone.stage for milestone in told.milestones}


def test_a_text_that_is_not_there_acts_on_nobody(store: Store, both: tuple[str, str]) -> None:
    read_law(store, [JOURNAL])
    with store.read() as session:
        item = session.query(ItemRow).filter_by(slug=both[1]).one()
        assert know_law(session, [], TODAY) == {}
        assert know_law(session, [item], TODAY)[item.id].pairs == ()
