"""Mentions that arrive bit by bit give the items that all of them give at once."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import hub.intake
from hub.captures import CaptureFiles, hash_body
from hub.desk import decide
from hub.intake import Intake, Kept, resolve
from hub.model import (
    Action,
    Capture,
    Decision,
    Identifier,
    ItemState,
    Mention,
    Pace,
    Scheme,
    Source,
    SourceKind,
)
from hub.sameness.clustering import gather
from hub.sameness.reading import Trace, read_trace
from hub.store import Base, Store
from hub.store.identity import find_where_merged
from hub.store.items import ItemRow
from hub.store.mentions import MentionRow, to_mention
from hub.text import clean

NOW = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
LONG = "Arrêté relatif à la rénovation énergétique des bâtiments anciens"
PARTNER = Source(
    id="partenaire",
    name="Partenaire",
    publisher="Partenaire",
    kind=SourceKind.FEED,
    url="https://partenaire.fr/flux",
    rhythm=timedelta(hours=1),
    pace=Pace(timedelta(0), timedelta(0)),
    licence="",
    evidence="",
    official=False,
)

mentions = st.builds(
    Mention,
    source_id=st.sampled_from(["jorf", "cre", PARTNER.id]),
    key=st.sampled_from(["a", "b", "c"]),
    url=st.sampled_from(["", "https://a.fr/1", "https://a.fr/1?utm_source=x", "https://a.fr/2"]),
    title=st.sampled_from([LONG, LONG.upper(), f"{LONG} et du neuf", "Avis"]),
    text=st.sampled_from(["", "Article 1", "Article  1", "Article 2"]),
    published_on=st.sampled_from([None, date(2026, 9, 1), date(2026, 9, 4), date(2026, 9, 20)]),
    identifiers=st.lists(
        st.builds(
            Identifier, st.sampled_from([Scheme.NOR, Scheme.NUMERO]), st.sampled_from(["1", "2"])
        ),
        max_size=2,
    ).map(tuple),
)
rounds = st.lists(st.lists(mentions, min_size=1, max_size=6), min_size=1, max_size=3)


# --- In batches, through the store -------------------------------------------------------------


@cache
def empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/hub.db")
        Base.metadata.create_all(store.engine)
        store.close()
        return (Path(folder) / "hub.db").read_bytes()


@contextmanager
def empty_store() -> Iterator[tuple[Store, CaptureFiles]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hub.db").write_bytes(empty_database())
        store = Store(f"sqlite:///{folder}/hub.db")
        yield store, CaptureFiles(Path(folder) / "captures")
        store.close()


def keep(store: Store, files: CaptureFiles, said: Sequence[Mention], at: datetime) -> None:
    answers = []
    for number, mention in enumerate(said):
        body = f"{at} {number}".encode()
        capture = Capture(mention.source_id, f"u{number}", at, 200, {}, body, hash_body(body))
        answers.append(Kept(capture, [mention]))
    Intake(store, files, at).keep_all(answers)


def content(store: Store) -> list[object]:
    with store.read() as session:
        said: dict[int, list[int]] = {}
        for row in session.scalars(select(MentionRow).order_by(MentionRow.id)):
            assert row.item_id is not None
            said.setdefault(row.item_id, []).append(row.id)
        return [
            (
                item.slug,
                (item.title, item.url, item.published_on, item.source_id),
                [(clean(version.title), clean(version.text)) for version in item.versions],
                sorted(f"{row.scheme}:{row.value}" for row in item.identifiers),
                sorted(row.url for row in item.addresses),
                said[item.id],
            )
            for item in session.scalars(select(ItemRow).order_by(ItemRow.id))
        ]


def groups_of(store: Store) -> dict[int, set[Trace]]:
    """What is said of each item."""
    found: dict[int, set[Trace]] = defaultdict(set)
    with store.read() as session:
        for row in session.scalars(select(MentionRow)):
            assert row.item_id is not None
            found[row.item_id].add(read_trace(to_mention(row)))
    return found


def take_in(store: Store, files: CaptureFiles, rounds: Iterable[Sequence[Mention]]) -> None:
    for number, some in enumerate(rounds):
        keep(store, files, some, NOW + timedelta(hours=number))
        resolve(store, NOW + timedelta(hours=number), [PARTNER])


@settings(max_examples=40, deadline=None)
@given(rounds, st.sampled_from([1, 2, 500]))
def test_items_are_the_groups_of_all_that_was_said(said: list[list[Mention]], size: int) -> None:
    with empty_store() as (store, files), pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.intake, "BATCH", size)
        take_in(store, files, said)
        held = groups_of(store)
        whole = gather(trace for traces in held.values() for trace in traces)
        assert sorted(map(len, held.values())) == sorted(map(len, whole))
        assert {frozenset(traces) for traces in held.values()} == set(map(frozenset, whole))
        with store.read() as session:
            for item in session.scalars(select(ItemRow)):
                assert (item.id in held) is (item.state is not ItemState.MERGED)
                into = find_where_merged(session, item.id)
                assert into is None if item.id in held else into in held


@settings(max_examples=40, deadline=None)
@given(rounds, rounds)
def test_what_is_public_stays_what_it_is(
    before: list[list[Mention]], after: list[list[Mention]]
) -> None:
    with empty_store() as (store, files):
        take_in(store, files, before)
        with store.write() as session:
            for item in session.scalars(select(ItemRow)).all():
                if item.state is not ItemState.MERGED:
                    decide(session, item.slug, Decision(Action.APPROVE, "Léa", NOW))
            public = {
                item.id: (item.slug, item.current.mention_id)
                for item in session.scalars(select(ItemRow))
                if item.state.is_public
            }
        take_in(store, files, after)
        with store.read() as session:
            for item_id, (slug, mention_id) in public.items():
                item = session.get_one(ItemRow, item_id)
                assert (item.slug, item.state) == (slug, ItemState.APPROVED)
                assert session.get_one(MentionRow, mention_id).item_id == item_id


@settings(max_examples=40, deadline=None)
@given(
    st.lists(mentions, min_size=2, max_size=8, unique_by=lambda m: (m.source_id, m.key)), st.data()
)
def test_the_order_of_answers_does_not_count(said: list[Mention], data: st.DataObject) -> None:
    found = []
    for order in (said, data.draw(st.permutations(said))):
        with empty_store() as (store, files):
            keep(store, files, [replace(mention) for mention in order], NOW)
            resolve(store, NOW, [PARTNER])
            found.append([row[:5] for row in content(store)])  # type: ignore[index]
    assert found[0] == found[1]
