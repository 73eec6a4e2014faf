"""Mentions gathered in batches give what they give one by one, whatever they say."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import hub.intake
from hub.captures import CaptureFiles, hash_body
from hub.identity import Known, Lookup, authority, find_match, slug_of
from hub.intake import Intake, Kept, resolve
from hub.model import Capture, Identifier, Mention, Pace, Scheme, Source, SourceKind
from hub.store import Base, Store
from hub.store.items import ItemRow
from hub.store.mentions import MentionRow, to_mention
from hub.text import canonical_url, clean, comparable

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


# --- One by one, with nothing but lists --------------------------------------------------------


@dataclass
class Simple:
    """An item as the order of identity needs it, and what a reader would see of it."""

    id: int
    slug: str
    facts: Mention
    text_of: Mention
    said: list[Mention]
    texts: list[tuple[str, str]]
    identifiers: set[Identifier] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    def known(self) -> Known:
        voices = frozenset((m.source_id, m.key) for m in self.said)
        return Known(self.id, frozenset(self.identifiers), voices)


class Reference:
    """Reads each mention when its turn comes, and looks through every item for each question."""

    def __init__(self) -> None:
        self.items: list[Simple] = []
        self.numbers: dict[int, int] = {}
        """The order in which a mention was kept, by its `id()`."""
        self.lookup = Lookup(
            by_voice=self.by_voice,
            by_identifier=lambda found: self.first(lambda item: found in item.identifiers),
            by_address=lambda url: self.first(lambda item: url in item.addresses),
            by_title=lambda title, start, end: [
                item.known()
                for item in self.items
                if comparable(item.facts.title) == title
                and item.facts.published_on
                and start <= item.facts.published_on <= end
            ],
        )

    def first(self, wanted: Callable[[Simple], bool]) -> Known | None:
        return next((item.known() for item in self.items if wanted(item)), None)

    def by_voice(self, source_id: str, key: str) -> Known | None:
        found = [
            (self.numbers[id(mention)], item)
            for item in self.items
            for mention in item.said
            if (mention.source_id, mention.key) == (source_id, key)
        ]
        return max(found, key=lambda pair: pair[0])[1].known() if found else None

    def take(self, mention: Mention) -> None:
        found = find_match(mention, self.lookup)
        text = (clean(mention.title), clean(mention.text))
        if found is None:
            slug, number = slug_of(mention), 2
            while slug in {item.slug for item in self.items}:
                slug, number = f"{slug_of(mention)}-{number}", number + 1
            item = Simple(len(self.items), slug, mention, mention, [mention], [text])
            self.items.append(item)
        else:
            item = self.items[found]
            item.said.append(mention)
        for identifier in mention.identifiers:
            if self.lookup.by_identifier(identifier) is None:
                item.identifiers.add(identifier)
        address = canonical_url(mention.url)
        if address and self.lookup.by_address(address) is None:
            item.addresses.add(address)
        if found is not None and self.is_better(mention, item):
            item.facts = item.text_of = mention
            if text != item.texts[-1]:
                item.texts.append(text)

    @staticmethod
    def is_better(mention: Mention, item: Simple) -> bool:
        current = item.text_of
        is_same = (current.source_id, current.key) == (mention.source_id, mention.key)
        proves_more = authority(mention) > authority(current) and mention.source_id != PARTNER.id
        return (is_same or proves_more) and bool(mention.text or not item.texts[-1][1])

    def content(self) -> list[object]:
        return [
            (
                item.slug,
                (item.facts.title, item.facts.url, item.facts.published_on, item.facts.source_id),
                item.texts,
                sorted(map(str, item.identifiers)),
                sorted(item.addresses),
                sorted(self.numbers[id(mention)] for mention in item.said),
            )
            for item in self.items
        ]


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


def in_turn(rows: Sequence[MentionRow]) -> list[MentionRow]:
    return sorted(
        rows,
        key=lambda row: (
            row.seen_at,
            -len(row.identifiers),
            row.published_on or date.max,
            row.source_id,
            row.key,
            row.id,
        ),
    )


@settings(max_examples=40, deadline=None)
@given(rounds, st.sampled_from([1, 2, 500]))
def test_batches_give_what_one_by_one_gives(said: list[list[Mention]], size: int) -> None:
    reference = Reference()
    with empty_store() as (store, files), pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.intake, "BATCH", size)
        seen = 0
        for number, some in enumerate(said):
            keep(store, files, some, NOW + timedelta(hours=number))
            with store.read() as session:
                rows = session.scalars(select(MentionRow).where(MentionRow.id > seen)).all()
                for row in in_turn(rows):
                    mention = to_mention(row)
                    reference.numbers[id(mention)] = row.id
                    reference.take(mention)
                seen = max([seen, *(row.id for row in rows)])
            resolve(store, NOW, [PARTNER])
        assert content(store) == reference.content()


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
