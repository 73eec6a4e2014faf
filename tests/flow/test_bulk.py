"""Many answers at once: what one by one would give, in few statements, and from captures alone."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from hub.captures import CaptureFiles, hash_body
from hub.changes import Op, from_json
from hub.classify import classify_items
from hub.desk import FirstMove, decide, decide_new, list_renewed
from hub.intake import Intake, Kept, resolve
from hub.model import (
    Action,
    Capture,
    Classification,
    Decision,
    Evidence,
    Failure,
    ItemState,
    Mention,
    Origin,
    Tag,
    TermKind,
)
from hub.referentiel import load_referentiel
from hub.store import Store
from hub.store.captures import CaptureRow, find_validator
from hub.store.changes import TextChangeRow
from hub.store.decisions import DecisionRow
from hub.store.items import ItemRow, TagRow, list_items
from hub.store.mentions import MentionRow, list_known_keys
from hub.store.sources import FailureRow, list_open_failures
from hub.tagging.rules import Hints, Tagger
from hub.text import clean
from tests.builders import make_store
from tests.flow.content import database_content

PAGE = "https://www.ecologie.gouv.fr/politiques/rep-bat"
FIRST = (
    "La filière bâtiment.\n\nLe taux de réemploi est de 5 % en 2026.\n\nLes éco-organismes agréés."
)
SECOND = FIRST.replace("5 %", "7 %")
WATCHED = Mention("ecologie", PAGE, PAGE, "REP bâtiment", text=FIRST, is_watched=True)


def answer(source_id: str, url: str, at: datetime, body: bytes) -> Capture:
    return Capture(source_id, url, at, 200, {"ETag": '"1"'}, body, hash_body(body))


def feed(number: int, at: datetime, *, entries: int = 3, word: str = "") -> Kept:
    """A feed and its entries; with a `word`, each entry says something else."""
    source_id, url = f"flux-{number}", f"https://flux.fr/{number}.xml"
    mentions = [
        Mention(source_id, f"{url}#{entry}", f"https://flux.fr/{number}/{entry}",
                f"Avis {number} numéro {entry}", f"Résumé {word}".strip(),
                published_on=date(2026, 9, 1 + entry % 5))
        for entry in range(entries)
    ]  # fmt: skip
    return Kept(answer(source_id, url, at, f"{number} {word}".encode()), mentions)


class Room:
    def __init__(self, store: Store, folder: Path, now: datetime) -> None:
        self.store, self.now = store, now
        self.files = CaptureFiles(folder / "captures")
        self.intake = Intake(store, self.files, now)

    def see(self, mention: Mention, body: str, *, hours: int = 0) -> int:
        """The source answers with this body, which is read as this mention."""
        at = self.now + timedelta(hours=hours)
        capture = answer(mention.source_id, mention.url, at, body.encode())
        return self.intake.keep_all([Kept(capture, [mention])])[0]

    def resolve(self) -> tuple[int, int]:
        done = resolve(self.store, self.now)
        return done.new_items, done.new_versions

    def item(self, url: str = PAGE) -> ItemRow:
        with self.store.read() as session:
            (item,) = [item for item in list_items(session) if item.url == url]
        return item

    def changes(self) -> list[TextChangeRow]:
        with self.store.read() as session:
            return list(session.scalars(select(TextChangeRow).order_by(TextChangeRow.id)))

    def count(self, table: type[Any]) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def room(any_store: Store, tmp_path: Path, now: datetime) -> Room:
    return Room(any_store, tmp_path, now)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


# --- Together as one by one --------------------------------------------------------------------


def test_together_is_the_same_as_one_by_one(tmp_path: Path, now: datetime) -> None:
    answers = [feed(1, now), feed(2, now), feed(1, now, word="autre"), feed(2, now)]
    answers.append(replace(feed(3, now), failure=Failure("flux-3", "u", "parse", "entry 2")))
    answers.append(replace(answers[-1], is_settled=True, capture=feed(4, now).capture))
    rooms = []
    for name in ("one", "all"):
        (tmp_path / name).mkdir()
        rooms.append(Room(make_store(tmp_path / name), tmp_path / name, now))
    one, together = rooms
    counts = [count for kept in answers for count in one.intake.keep_all([kept])]
    assert together.intake.keep_all(answers) == counts
    assert database_content(together.store) == database_content(one.store)
    assert counts == [3, 3, 3, 0, 3, 0]
    for room in rooms:
        room.store.close()


def test_a_second_time_adds_nothing(room: Room) -> None:
    answers = [feed(number, room.now) for number in range(5)]
    assert room.intake.keep_all(answers) == [3] * 5
    assert room.intake.keep_all(answers) == [0] * 5
    assert (room.count(CaptureRow), room.count(MentionRow)) == (5, 15)
    assert room.intake.keep_all([]) == []


def test_validators_and_failures(room: Room) -> None:
    failure = Failure("flux-1", "https://flux.fr/1.xml", "parse", "entry 2")
    room.intake.keep_all([replace(feed(1, room.now), failure=failure)])
    with room.store.read() as session:
        assert find_validator(session, "flux-1", failure.url) is None
    settled = replace(feed(1, room.now), failure=failure, is_settled=True)
    room.intake.keep_all([settled])
    with room.store.read() as session:
        validator = find_validator(session, "flux-1", failure.url)
        assert validator is not None
        assert (validator.etag, validator.last_modified) == ('"1"', "")
        assert [row.url for row in list_open_failures(session)] == [failure.url]
    room.intake.keep_all([feed(1, room.now)])
    with room.store.read() as session:
        assert list_open_failures(session) == []
    assert room.count(FailureRow) == 2


def test_all_or_nothing(room: Room) -> None:
    broken = feed(2, room.now)
    naive = replace(broken.capture, headers={"X": object()})  # type: ignore[dict-item]
    with pytest.raises(Exception, match="serializable"):
        room.intake.keep_all([feed(1, room.now), replace(broken, capture=naive)])
    assert (room.count(CaptureRow), room.count(MentionRow)) == (0, 0)


def test_thousands_of_mentions_take_few_statements(
    store: Store, tmp_path: Path, now: datetime
) -> None:
    room = Room(store, tmp_path, now)
    answers = [feed(number, now, entries=20) for number in range(100)]
    with statements(store.engine) as seen:
        assert sum(room.intake.keep_all(answers)) == 2000
    assert len(seen) < 50
    with statements(store.engine) as seen:
        assert room.resolve() == (2000, 0)
    assert len(seen) < 100
    with statements(store.engine) as seen:
        done = classify_items(store, load_referentiel(), [], now, tagger=Mute())
    assert (done.read, done.set_aside) == (2000, 2000)
    assert len(seen) < 100


def test_a_source_that_contradicts_itself_in_one_answer_is_taken_at_its_last_word(
    room: Room,
) -> None:
    mentions = [replace(WATCHED, is_watched=False, text=text) for text in ("un", "deux")]
    capture = answer("ecologie", PAGE, room.now, b"<a/>")
    assert room.intake.keep_all([Kept(capture, mentions)]) == [1]
    assert room.intake.keep_all([Kept(capture, mentions)]) == [0]
    room.resolve()
    assert room.item().current.text == "deux"


# --- Files and journal -------------------------------------------------------------------------


def test_many_bodies_are_all_kept(tmp_path: Path) -> None:
    files = CaptureFiles(tmp_path)
    bodies = {hash_body(body): body for body in (b"%d" % n for n in range(50))}
    files.write_all(bodies)
    assert {sha256: files.read(sha256) for sha256 in bodies} == bodies
    assert [path for path in tmp_path.rglob(".*") if path.is_file()] == []


@pytest.mark.parametrize("torn", [b"", b"\x1f\x8b\x08", gzip.compress(b"autre")])
def test_a_torn_file_is_written_again(tmp_path: Path, torn: bytes) -> None:
    files = CaptureFiles(tmp_path)
    sha256 = files.write(b"<rss/>" * 100)
    files.path(sha256).write_bytes(torn)
    with pytest.raises(ValueError, match="damaged capture"):
        files.read(sha256)
    files.write(b"<rss/>" * 100)
    assert files.read(sha256) == b"<rss/>" * 100


def test_nothing_half_made_has_a_final_name(tmp_path: Path, monkeypatch: Any) -> None:
    def no_space(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="no space left"):
        CaptureFiles(tmp_path).write_all({hash_body(b): b for b in (b"un", b"deux", b"trois")})
    assert list(tmp_path.rglob("*.gz")) == []


def test_the_journal_says_what_was_recorded_once(room: Room) -> None:
    room.intake.keep_all([feed(1, room.now), feed(2, room.now)])
    room.intake.keep_all([feed(1, room.now)])
    room.intake.keep_all([feed(1, room.now + timedelta(days=40), word="autre")])
    entries = list(room.files.read_journal())
    assert [entry.source_id for entry in entries] == ["flux-1", "flux-2", "flux-1"]
    first = feed(1, room.now).capture
    assert entries[0].with_body(room.files.read(entries[0].sha256)) == first
    assert entries[0].size == len(first.body)
    names = sorted(path.name for path in room.files.root.glob("*.jsonl"))
    assert names == ["journal-2026-09.jsonl", "journal-2026-10.jsonl"]


def test_the_journal_is_written_before_the_database_knows(room: Room) -> None:
    seen: list[int] = []
    event.listen(
        room.store.engine, "commit", lambda _: seen.append(len(list(room.files.read_journal())))
    )
    room.intake.keep_all([feed(1, room.now), feed(2, room.now)])
    assert seen == [2]


def test_a_journal_cut_short_goes_on(tmp_path: Path, now: datetime) -> None:
    files = CaptureFiles(tmp_path)
    files.add_to_journal([feed(1, now).capture, feed(2, now).capture])
    (path,) = tmp_path.glob("journal-*.jsonl")
    path.write_bytes(path.read_bytes()[:-20])
    assert [entry.source_id for entry in files.read_journal()] == ["flux-1"]
    files.add_to_journal([feed(n, now).capture for n in (2, 3, 3, 1)])
    assert [entry.source_id for entry in files.read_journal()] == ["flux-1", "flux-2", "flux-3"]
    assert all(json.loads(line) for line in path.read_text().splitlines()[2:])


def test_reading_a_journal_ends_even_when_it_grows(tmp_path: Path, now: datetime) -> None:
    files = CaptureFiles(tmp_path)
    files.add_to_journal([feed(1, now).capture])
    read = []
    for entry in files.read_journal():
        read.append(entry)
        files.add_to_journal([feed(1 + len(read), now).capture])
    assert len(read) == 1


# --- Replays -----------------------------------------------------------------------------------


def story(now: datetime) -> list[Kept]:
    """A page seen three times, back where it was at the end, and a feed."""
    hour = timedelta(hours=1)
    seen = [
        Kept(answer("ecologie", PAGE, now + n * hour, text.encode()), [replace(WATCHED, text=text)])
        for n, text in enumerate((FIRST, SECOND, FIRST))
    ]
    return [*seen, feed(1, now), feed(1, now + hour, word="autre")]


def replay(room: Room, answers: Sequence[Kept], store: Store | None = None) -> list[int]:
    """Read the answers that the journal names again, as they were read the first time."""
    said = {(kept.capture.url, kept.capture.sha256): kept.mentions for kept in answers}
    intake = Intake(store or room.store, room.files, room.now + timedelta(days=9), is_replay=True)
    return [
        count
        for entry in list(room.files.read_journal())
        for count in intake.keep_all(
            [Kept(entry.with_body(room.files.read(entry.sha256)), said[entry.url, entry.sha256])]
        )
    ]


def test_the_database_can_be_made_again_from_captures_alone(tmp_path: Path, now: datetime) -> None:
    stores = []
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
        stores.append(make_store(tmp_path / name))
    room = Room(stores[0], tmp_path, now)
    for kept in story(now):
        room.intake.keep_all([kept])
    journal = list(room.files.read_journal())
    replay(room, story(now), stores[1])
    assert list(room.files.read_journal()) == journal
    for store in stores:
        resolve(store, now)
    first, again = map(database_content, stores)
    assert again == first
    assert len(first["mention"]) == 9
    assert len(first["text_change"]) == 2
    for store in stores:
        store.close()


def test_a_replay_on_the_same_database_adds_nothing(room: Room) -> None:
    for kept in story(room.now):
        room.intake.keep_all([kept])
    room.resolve()
    before = database_content(room.store)
    assert sum(replay(room, story(room.now))) == 0
    assert room.resolve() == (0, 0)
    after = database_content(room.store)
    checked = "checked_at"
    assert {t: rows for t, rows in after.items() if checked not in "".join(rows)} == {
        t: rows for t, rows in before.items() if checked not in "".join(rows)
    }


def test_a_better_parser_is_never_announced(room: Room) -> None:
    for kept in story(room.now):
        room.intake.keep_all([kept])
    room.resolve()
    changed_at, versions = room.item().changed_at, room.item().version
    better = [
        replace(
            kept,
            mentions=[replace(m, text=f"{m.text}\n\nNote de bas de page.") for m in kept.mentions],
        )
        for kept in story(room.now)
    ]
    assert replay(room, better) == [0, 0, 1, 0, 3]
    assert room.resolve() == (0, 0)
    item = room.item()
    assert (item.changed_at, item.version) == (changed_at, versions)
    assert item.current.text.endswith("Note de bas de page.")
    assert item.tagged_version < item.version
    assert [change.nature for change in room.changes()] == ["reel", "retabli", "technique"]
    assert replay(room, better) == [0] * 5


# --- What changed in a watched page ------------------------------------------------------------


def test_the_dress_of_a_watched_page_does_not_count(room: Room) -> None:
    assert room.see(WATCHED, "a") == 1
    paragraphs = FIRST.split("\n\n")
    dressed = "\n\n".join(["Mis à jour le 4 septembre 2026", *reversed(paragraphs)]).upper()
    assert room.see(replace(WATCHED, text=dressed), "b", hours=1) == 0
    assert room.changes() == []


def test_a_change_of_a_watched_page_is_kept_with_both_captures(room: Room) -> None:
    room.see(WATCHED, "a")
    room.resolve()
    assert room.see(replace(WATCHED, text=SECOND), "b", hours=1) == 1
    assert room.resolve() == (0, 1)
    (change,) = room.changes()
    assert (change.nature, change.at) == ("reel", room.now + timedelta(hours=1))
    said = {s.op: clean(s.text) for s in from_json(change.segments) if s.op is not Op.EGAL}
    assert said == {Op.RETRAIT: "5 %", Op.AJOUT: "7 %"}
    with room.store.read() as session:
        pairs = [
            (session.get_one(MentionRow, mention).capture_id, capture)
            for mention, capture in (
                (change.before_mention_id, change.before_capture_id),
                (change.after_mention_id, change.after_capture_id),
            )
        ]
    assert pairs[0][0] == pairs[0][1] != pairs[1][0] == pairs[1][1]


def test_a_text_that_comes_back_is_not_announced(room: Room) -> None:
    room.see(WATCHED, "a")
    room.resolve()
    room.see(replace(WATCHED, text=SECOND), "b", hours=1)
    assert room.resolve() == (0, 1)
    changed_at = room.item().changed_at
    assert room.see(WATCHED, "c", hours=2) == 1
    assert room.resolve() == (0, 0)
    item = room.item()
    assert [version.text for version in item.versions] == [FIRST, FIRST]
    assert (item.changed_at, item.tagged_version) == (changed_at, 0)
    assert [change.nature for change in room.changes()] == ["reel", "retabli"]
    with room.store.read() as session:
        moves = session.scalars(select(DecisionRow.action)).all()
    assert list(moves) == [Action.NEW_VERSION]


@pytest.mark.parametrize(("body", "is_technical"), [("a", False), ("b", True)])
def test_what_our_own_reading_changed_is_technical(
    room: Room, body: str, is_technical: bool
) -> None:
    room.see(WATCHED, "a")
    room.resolve()
    with room.store.write() as session:
        decide(session, room.item().slug, Decision(Action.APPROVE, "Démonstration", room.now))
    other = replace(WATCHED, title="Autre titre", text=SECOND, is_technical=is_technical)
    assert room.see(other, body, hours=1) == 1
    assert room.resolve() == (0, 0)
    item = room.item()
    assert (item.title, item.version, item.current.text) == (WATCHED.title, 1, SECOND)
    assert [change.nature for change in room.changes()] == ["technique"]


def test_a_part_never_replaces_the_whole(room: Room) -> None:
    mention = replace(WATCHED, is_watched=False)
    part = replace(mention, text="", is_partial=True)
    assert room.see(part, "a") == 1
    with room.store.read() as session:
        assert list_known_keys(session, "ecologie", [PAGE]) == set()
    assert room.see(part, "b", hours=1) == 0
    assert room.see(mention, "c", hours=2) == 1
    assert room.see(part, "d", hours=3) == 0
    assert room.see(replace(part, text="Autre"), "e", hours=4) == 0
    with room.store.read() as session:
        assert list_known_keys(session, "ecologie", [PAGE, "x"]) == {PAGE}
    room.resolve()
    assert room.item().current.text == FIRST


def test_a_whole_that_says_no_more_than_its_part_is_kept_as_whole(room: Room) -> None:
    assert room.see(replace(WATCHED, is_partial=True), "a") == 1
    assert room.see(WATCHED, "b", hours=1) == 1
    assert room.see(WATCHED, "c", hours=2) == 0
    assert room.changes() == []
    with room.store.read() as session:
        assert list_known_keys(session, "ecologie", [PAGE]) == {PAGE}


# --- The first decision on many items ----------------------------------------------------------


NO_HINTS = Hints()


class Mute(Tagger):
    """Recognises nothing."""

    def __init__(self) -> None:
        pass

    def classify(self, item: Any, hints: Hints = NO_HINTS) -> Classification:
        return Classification(())


TAG = Tag(TermKind.DISPOSITIF, "REP", Origin.RULE, 0.9, (Evidence("REP:lexique"),))


def opened(folder: Path, now: datetime) -> tuple[Store, list[int]]:
    folder.mkdir()
    store = make_store(folder)
    Intake(store, CaptureFiles(folder / "captures"), now).keep_all([feed(1, now, entries=4)])
    resolve(store, now)
    with store.read() as session:
        return store, list(session.scalars(select(ItemRow.id).order_by(ItemRow.id)))


@pytest.mark.parametrize("action", [Action.PROPOSE, Action.SET_ASIDE, Action.APPROVE])
def test_a_first_move_on_many_is_the_same_as_on_each(
    tmp_path: Path, now: datetime, action: Action
) -> None:
    decision = Decision(action, "regle:pertinent", now, "motif", {"note": 1})
    many, ids = opened(tmp_path / "many", now)
    with many.write() as session:
        assert decide_new(session, [FirstMove(id_, 1, decision) for id_ in ids]) == set(ids)
    each, ids = opened(tmp_path / "each", now)
    with each.write() as session:
        for item in session.scalars(select(ItemRow).where(ItemRow.id.in_(ids))).all():
            decide(session, item.slug, decision)
    assert database_content(many) == database_content(each)
    many.close()
    each.close()


def test_a_first_move_leaves_alone_what_moved_meanwhile(room: Room) -> None:
    room.intake.keep_all([feed(1, room.now, entries=3)])
    room.resolve()
    with room.store.read() as session:
        items = list(session.scalars(select(ItemRow).order_by(ItemRow.id)))
    decision = Decision(Action.SET_ASIDE, "regle:sans-sujet", room.now)
    with room.store.write() as session:
        decide(session, items[0].slug, Decision(Action.WRITE, "Démonstration", room.now))
        decide(session, items[0].slug, Decision(Action.UNDO, "Démonstration", room.now))
        moves = [FirstMove(items[0].id, 1, decision), FirstMove(items[1].id, 7, decision)]
        assert decide_new(session, [*moves, FirstMove(items[2].id, 1, decision)]) == {items[2].id}
    with room.store.read() as session:
        states = [item.state for item in session.scalars(select(ItemRow).order_by(ItemRow.id))]
    assert states == [ItemState.NEW, ItemState.NEW, ItemState.NOISE]


def test_items_that_arrive_together_are_tagged(room: Room) -> None:
    class Eager(Mute):
        def classify(self, item: Any, hints: Hints = NO_HINTS) -> Classification:
            return Classification((TAG,) if item.title.endswith("1") else ())

    room.intake.keep_all([feed(1, room.now, entries=3)])
    room.resolve()
    done = classify_items(room.store, load_referentiel(), [], room.now, tagger=Eager())
    assert (done.read, done.to_review, done.set_aside) == (3, 1, 2)
    assert (room.count(TagRow), room.count(DecisionRow)) == (1, 3)
    again = classify_items(
        room.store, load_referentiel(), [], room.now, tagger=Eager(), everything=True
    )
    assert (again.read, again.to_review, again.set_aside) == (3, 0, 0)
    assert (room.count(TagRow), room.count(DecisionRow)) == (1, 3)
    assert classify_items(room.store, load_referentiel(), [], room.now).read == 0


def test_a_text_that_comes_back_after_its_change_was_approved_is_news(room: Room) -> None:
    """« Suspendu » was published: that the scheme is open again is not for nobody."""
    room.see(WATCHED, "a")
    room.resolve()
    room.see(replace(WATCHED, text=SECOND), "b", hours=1)
    room.resolve()
    slug = room.item().slug
    with room.store.write() as session:
        for action in (Action.PROPOSE, Action.APPROVE):
            by = "regle:pertinent" if action is Action.PROPOSE else "Une éditrice"
            decide(session, slug, Decision(action, by, room.now + timedelta(hours=2)))
    room.see(WATCHED, "c", hours=24)
    assert room.resolve() == (0, 1)
    item = room.item()
    assert [version.text for version in item.versions] == [FIRST, SECOND, FIRST]
    assert item.state.is_public
    with room.store.read() as session:
        assert list_renewed(session) == {item.id}


def test_a_change_undone_before_anyone_answered_leaves_the_queue(room: Room) -> None:
    room.see(WATCHED, "a")
    room.resolve()
    slug = room.item().slug
    with room.store.write() as session:
        for action in (Action.PROPOSE, Action.APPROVE):
            by = "regle:pertinent" if action is Action.PROPOSE else "Une éditrice"
            decide(session, slug, Decision(action, by, room.now + timedelta(hours=1)))
    room.see(replace(WATCHED, text=SECOND), "b", hours=2)
    assert room.resolve() == (0, 1)
    with room.store.read() as session:
        assert len(list_renewed(session)) == 1
    room.see(WATCHED, "c", hours=3)
    assert room.resolve() == (0, 0)
    item = room.item()
    assert [version.text for version in item.versions] == [FIRST]
    assert item.state.is_public
    with room.store.read() as session:
        assert list_renewed(session) == frozenset()
    room.see(replace(WATCHED, text=SECOND), "d", hours=4)
    room.resolve()
    assert room.item().version == 2, "what an editor answered for has changed again"
