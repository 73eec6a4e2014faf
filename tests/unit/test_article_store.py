"""Versions of articles in the store, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.legal.pairs import Move
from hub.legal.versions import ArticleVersion, Etat, Link, Sibling, with_notes
from hub.store import Store
from hub.store.articles import (
    ArticleLinkRow,
    ArticleVersionRow,
    add_versions,
    find_version,
    list_changed_by,
    list_pairs_by,
    list_versions,
    withdraw_versions,
)

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)
DECRET, LOI = "JORFTEXT000053000001", "JORFTEXT000053000002"
OLD = Sibling("LEGIARTI000000000001", Etat.MODIFIE, date(2021, 7, 1), date(2026, 5, 1))
NEW = Sibling("LEGIARTI000000000002", Etat.VIGUEUR, date(2026, 5, 1))


def version(told: Sibling = NEW, *, by: str = DECRET, kind: str = "MODIFIE") -> ArticleVersion:
    link = Link(
        kind, by, "Décret n° 2026-200", "TREP2600001D", "2026-200", "DECRET", date(2026, 3, 2)
    )
    return with_notes(
        ArticleVersion(
            id=told.id,
            article=OLD.id,
            code="LEGITEXT000006074220",
            code_name="Code de l’environnement",
            number="R. 543-290-3",
            state=told.state,
            start=told.start,
            end=told.end,
            text=("Premier alinéa.", "a | b"),
            nota=("À savoir.",),
            changed_by=(link,),
            others=(OLD, NEW),
        )
    )


def test_a_version_comes_back_as_it_was(any_store: Store) -> None:
    with any_store.write() as session:
        assert add_versions(session, [version()], NOW) == [NEW.id]
    with any_store.read() as session:
        found = find_version(session, NEW.id)
        assert found == version()
        assert isinstance(found.state, Etat)
        assert find_version(session, OLD.id) is None


def test_what_is_told_again_touches_nothing(any_store: Store) -> None:
    with any_store.write() as session:
        add_versions(session, [version(OLD), version()], NOW)
        assert add_versions(session, [version(), version(OLD)], NOW + DAY) == []
        row = session.get_one(ArticleVersionRow, NEW.id)
        assert row.said_at == NOW + DAY


def test_a_later_delivery_wins_in_any_order(any_store: Store) -> None:
    ended = replace(version(), end=date(2027, 1, 1), text=("Autre.",), nota=())
    with any_store.write() as session:
        assert add_versions(session, [ended], NOW) == [NEW.id]
        assert add_versions(session, [version()], NOW - DAY) == [
            NEW.id
        ]  # only its nota was missing
    with any_store.write() as session:
        found = find_version(session, NEW.id)
        assert found is not None
        assert (found.end, found.text, found.nota) == (ended.end, ended.text, version().nota)
        assert session.get_one(ArticleVersionRow, NEW.id).said_at == NOW


def test_what_a_text_opened_and_closed(any_store: Store) -> None:
    with any_store.write() as session:
        add_versions(session, [version(OLD, by=LOI), version()], NOW)
    with any_store.read() as session:
        (pair,) = list_pairs_by(session, [DECRET])
        assert (pair.move, pair.on) == (Move.MODIFIED, date(2026, 5, 1))
        assert [one.id for one in list_changed_by(session, [DECRET])] == [OLD.id, NEW.id]
        assert list_changed_by(session, ["JORFTEXT000000000009"]) == []


def test_a_text_without_jorftext_is_known_by_its_nor_or_its_number(any_store: Store) -> None:
    with any_store.write() as session:
        add_versions(session, [version(OLD, by=LOI), version(by="")], NOW)
    with any_store.read() as session:
        for name in ("TREP2600001D", "decret-2026-200"):
            pairs = list_pairs_by(session, [name])
            assert [pair.on for pair in pairs] == [date(2021, 7, 1), date(2026, 5, 1)]


def test_a_link_that_is_no_more_told_is_forgotten(any_store: Store) -> None:
    with any_store.write() as session:
        add_versions(session, [version(by=LOI)], NOW)
        add_versions(session, [version()], NOW + DAY)
        names = {row.text for row in session.query(ArticleLinkRow)}
        assert DECRET in names
        assert LOI not in names


def test_the_versions_of_an_article_from_any_of_its_names(any_store: Store) -> None:
    """The API knows an article by another identity than the archives: the lists join them."""
    other = replace(version(), article="LEGIARTI000000000099")
    with any_store.write() as session:
        add_versions(session, [version(OLD), other], NOW)
        for name in (OLD.id, NEW.id, other.article):
            assert [one.id for one in list_versions(session, name)] == [OLD.id, NEW.id]
        assert list_versions(session, "LEGIARTI000000000404") == []


def test_a_version_that_is_taken_away_is_kept_and_not_shown(any_store: Store) -> None:
    with any_store.write() as session:
        add_versions(session, [version(OLD), version()], NOW)
        assert withdraw_versions(session, [OLD.id], NOW - DAY) == []  # it was told since
        assert withdraw_versions(session, [OLD.id, "LEGIARTI000000000404"], NOW + DAY) == [OLD.id]
        assert [one.id for one in list_versions(session, NEW.id)] == [NEW.id]
        assert [one.id for one in list_versions(session, NEW.id)[0].others] == [NEW.id]
        assert find_version(session, OLD.id) is not None
        assert add_versions(session, [version(OLD)], NOW + 2 * DAY) == [OLD.id]
        assert [one.id for one in list_versions(session, NEW.id)] == [OLD.id, NEW.id]


def test_two_readings_in_one_delivery_are_one_row(any_store: Store) -> None:
    blank = replace(version(), text=(), state="")
    with any_store.write() as session:
        assert add_versions(session, [version(), blank], NOW) == [NEW.id]
        assert find_version(session, NEW.id) == version()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([0, 1, 2, 3]))
def test_the_order_of_deliveries_does_not_count(store: Store, order: list[int]) -> None:
    readings = [
        replace(version(), text=(f"Lecture {n}.",), end=date(2027, 1, n + 1)) for n in range(4)
    ]
    with store.write() as session:
        session.query(ArticleLinkRow).delete()
        session.query(ArticleVersionRow).delete()
        for n in order:
            add_versions(session, [readings[n]], NOW + n * DAY)
        assert find_version(session, NEW.id) == readings[3]
