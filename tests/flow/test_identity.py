"""What becomes of items when their mentions are gathered again: joined, parted, asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from hub.captures import CaptureFiles, hash_body
from hub.config import Settings
from hub.desk import count, decide, list_trail
from hub.errors import ReviewError
from hub.intake import Intake, Kept, regather, resolve
from hub.model import Action, Capture, Decision, Identifier, ItemState, Mention, Scheme
from hub.publish import build_site
from hub.questions import ask
from hub.review import find_undoable
from hub.sameness.clustering import CROWD, Ruling
from hub.store import Store
from hub.store.identity import (
    MentionKeyRow,
    add_merged,
    add_rulings,
    find_where_merged,
    list_moved,
    list_open_proposals,
)
from hub.store.items import ItemRow, find_item
from hub.store.mentions import MentionRow
from tests.builders import NOW, make_item, make_mention, make_store

EDITOR = "Éditrice de test"
TITLE = "Arrêté du 10 mars 2025 fixant les modalités de tri des déchets de chantier en ville"


def nor(value: str) -> Identifier:
    return Identifier(Scheme.NOR, value)


FIRST = Mention("jorf", "1", "", TITLE, text="Article 1", published_on=date(2025, 3, 12),
                identifiers=(nor("ATDL2500001A"),))  # fmt: skip
SECOND = Mention("jorf", "2", "", TITLE, text="Article 2", published_on=date(2025, 3, 12),
                 identifiers=(nor("ATDL2500002A"),))  # fmt: skip
PAGE = Mention("aida", "p", "https://a.fr/p", TITLE, published_on=date(2025, 3, 13))
BOTH = Mention("bofip", "b", "https://b.fr/b", "Le tri change", published_on=date(2025, 3, 14))


class Desk:
    def __init__(self, store: Store, folder: Path, now: datetime) -> None:
        self.store = store
        self.files = CaptureFiles(folder / "captures")
        self.now = now

    def read(self, *mentions: Mention) -> None:
        self.now += timedelta(hours=1)
        answers = []
        for mention in mentions:
            body = f"{mention} {self.now}".encode()
            url = mention.url or f"https://s.fr/{mention.key}"
            capture = Capture(mention.source_id, url, self.now, 200, {}, body, hash_body(body))
            answers.append(Kept(capture, [mention]))
        Intake(self.store, self.files, self.now).keep_all(answers)
        resolve(self.store, self.now)

    def rule(self, left: Mention, right: Mention, *, is_same: bool) -> None:
        one, other = (left.source_id, left.key), (right.source_id, right.key)
        with self.store.write() as session:
            add_rulings(session, [Ruling(one, other, is_same)], EDITOR, self.now)
            action = Action.MERGE if is_same else Action.SPLIT
            regather(session, [one, other], Decision(action, EDITOR, self.now, "lu"))

    def approve(self) -> None:
        with self.store.write() as session:
            for slug in session.scalars(select(ItemRow.slug)).all():
                decide(session, slug, Decision(Action.APPROVE, EDITOR, self.now))

    def groups(self) -> list[list[str]]:
        found: dict[int | None, list[str]] = {}
        with self.store.read() as session:
            for row in session.scalars(select(MentionRow).order_by(MentionRow.key)):
                found.setdefault(row.item_id, []).append(row.key)
        return sorted(found.values())

    def item_of(self, mention: Mention) -> ItemRow:
        with self.store.read() as session:
            query = select(MentionRow.item_id).filter_by(key=mention.key)
            return session.get_one(ItemRow, session.scalar(query))

    def questions(self) -> list[frozenset[int]]:
        ask(self.store, self.now)
        with self.store.read() as session:
            rows = list_open_proposals(session)
            return [frozenset((row.left_item_id, row.right_item_id)) for row in rows]


@pytest.fixture
def desk(any_store: Store, tmp_path: Path, now: datetime) -> Desk:
    return Desk(any_store, tmp_path, now)


@pytest.mark.parametrize(
    "order", [(FIRST, PAGE, SECOND), (PAGE, SECOND, FIRST), (SECOND, FIRST, PAGE)]
)
def test_a_page_that_two_texts_claim_is_with_neither_whoever_came_first(
    desk: Desk, order: Sequence[Mention]
) -> None:
    for mention in order:
        desk.read(mention)
    assert desk.groups() == [["1"], ["2"], ["p"]]


def test_what_leaves_an_item_takes_its_address_along(desk: Desk) -> None:
    desk.read(FIRST)
    desk.read(PAGE)
    assert desk.groups() == [["1", "p"]]
    desk.read(SECOND)
    (place,) = desk.item_of(PAGE).addresses
    assert place.url == "https://a.fr/p"
    with desk.store.read() as session:
        trail = list_trail(session, desk.item_of(FIRST))
    assert [past.action for past in trail] == [Action.SPLIT]


def test_what_readers_know_is_not_parted(desk: Desk) -> None:
    desk.read(FIRST)
    desk.read(PAGE)
    desk.approve()
    desk.read(SECOND)
    assert desk.groups() == [["1", "p"], ["2"]]


def test_two_public_items_are_a_question_until_an_editor_answers(desk: Desk) -> None:
    desk.read(FIRST, BOTH)
    desk.approve()
    items = desk.item_of(FIRST), desk.item_of(BOTH)
    later = Mention("bofip", "b", "https://b.fr/b", TITLE, published_on=date(2025, 3, 14))
    desk.read(later)
    assert desk.groups() == [["1"], ["b", "b"]]
    assert desk.questions() == [frozenset(item.id for item in items)]
    desk.rule(FIRST, BOTH, is_same=True)
    assert desk.groups() == [["1", "b", "b"]]
    assert desk.questions() == []
    with desk.store.read() as session:
        kept = session.get_one(ItemRow, desk.item_of(FIRST).id)
        (gone,) = [item for item in items if item.id != kept.id]
        merged = session.get_one(ItemRow, gone.id)
        assert (merged.state, kept.state) == (ItemState.MERGED, ItemState.APPROVED)
        assert find_where_merged(session, gone.id) == kept.id
        assert list_moved(session) == [(gone.slug, kept.slug)]
        assert sum(count(session).by_view.values()) == 2, "the one that is left, twice"
        assert {past.action for past in list_trail(session, kept)} >= {Action.MERGE}
        last = find_undoable(list_trail(session, kept))
        assert last
        assert last.action is Action.APPROVE, "to undo a merge is to split"
    for action in (Action.UNDO, Action.APPROVE, Action.REOPEN):
        with pytest.raises(ReviewError), desk.store.write() as session:
            decide(session, gone.slug, Decision(action, EDITOR, desk.now))


def test_an_editor_who_splits_is_obeyed_by_all_that_comes_later(desk: Desk) -> None:
    desk.read(FIRST)
    desk.read(PAGE)
    desk.approve()
    slug = desk.item_of(FIRST).slug
    desk.rule(FIRST, PAGE, is_same=False)
    assert desk.groups() == [["1"], ["p"]]
    desk.read(Mention("aida", "p", "https://a.fr/p", TITLE, published_on=date(2025, 3, 15)))
    assert desk.groups() == [["1"], ["p", "p"]]
    assert desk.item_of(FIRST).slug == slug
    assert desk.questions() == []
    desk.rule(FIRST, PAGE, is_same=True)
    assert desk.groups() == [["1", "p", "p"]]


def test_a_database_from_before_there_were_keys_is_made_findable(desk: Desk) -> None:
    desk.read(FIRST)
    with desk.store.write() as session:
        session.execute(delete(MentionKeyRow))
    desk.read(PAGE)
    assert desk.groups() == [["1", "p"]]


def test_the_slug_of_what_went_leads_to_what_is_left(desk: Desk) -> None:
    desk.read(BOTH)
    desk.read(FIRST)
    slugs = desk.item_of(BOTH).slug, desk.item_of(FIRST).slug
    desk.rule(FIRST, BOTH, is_same=True)
    kept = desk.item_of(FIRST)
    assert kept.slug in slugs
    with desk.store.read() as session:
        (other,) = set(slugs) - {kept.slug}
        gone = find_item(session, other)
        assert gone
        assert find_where_merged(session, gone.id) == kept.id
        assert list_moved(session) == [], "no reader ever saw it"


def test_a_number_that_a_source_writes_everywhere_brings_nothing_together(
    store: Store, tmp_path: Path, now: datetime
) -> None:
    desk = Desk(store, tmp_path, now)
    said = [
        Mention("rude", str(n), "", f"Avis {n}", identifiers=(nor("ATDL2500001A"),))
        for n in range(CROWD + 1)
    ]
    desk.read(*said[:200])
    desk.read(*said[200:])
    desk.read(PAGE, FIRST)
    assert ["1", "p"] in desk.groups()


def test_the_page_that_readers_kept_leads_to_the_one_that_is_left(tmp_path: Path) -> None:
    store = make_store(tmp_path / "var")
    make_item(store, make_mention("Un titre"), slug="ancien")
    make_item(store, make_mention("Le même texte"), slug="garde")
    with store.write() as session:
        gone, kept = session.scalars(select(ItemRow).order_by(ItemRow.slug)).all()
        gone.state, gone.public_at = ItemState.MERGED, NOW
        add_merged(session, gone.id, kept.id, NOW)
    settings = Settings(
        data=tmp_path / "var", site=tmp_path / "site", public_url="https://hub.example.org/a"
    )
    build_site(store, settings, NOW)
    store.close()
    page = (settings.site / "changements/ancien/index.html").read_text(encoding="utf-8")
    assert 'content="0; url=https://hub.example.org/a/changements/garde/"' in page
    assert "Cette page a changé d’adresse" in page
    assert "Le même texte" in (settings.site / "changements/garde/index.html").read_text("utf-8")
    assert "ancien" not in (settings.site / "sitemap.xml").read_text("utf-8")
