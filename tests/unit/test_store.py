"""The store on SQLite and PostgreSQL: schema, moments, locks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError, StatementError

from hub.captures import CaptureFiles, hash_body
from hub.model import Capture, Failure, Mention
from hub.store import Base, Store
from hub.store.bulk import insert_rows, is_one_of, latest_of
from hub.store.captures import add_capture, find_validator, set_validators
from hub.store.mentions import MentionRow, add_mention, list_unresolved
from hub.store.migrate import migrate
from hub.store.robots import RobotsRow
from hub.store.runs import RunRow
from hub.store.sources import (
    end_failures,
    list_open_failures,
    list_source_states,
    record_failure,
    record_read,
)

URL = "https://www.cre.fr/actualites/toute-lactualite.html"


def capture(body: bytes, at: datetime, **headers: str) -> Capture:
    return Capture("cre", URL, at, 200, headers, body, hash_body(body))


def test_migrations_give_the_schema_of_the_models(any_store: Store) -> None:
    migrate(any_store)
    with any_store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_moments_come_back_in_utc(any_store: Store) -> None:
    paris = timezone(timedelta(hours=2))
    with any_store.write() as session:
        session.add(RunRow(started_at=datetime(2026, 9, 7, 6, 40, tzinfo=paris), report={}))
    with any_store.read() as session:
        moment = session.get_one(RunRow, 1).started_at
    assert moment == datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
    assert moment.utcoffset() == timedelta(0)


def test_a_naive_moment_is_refused(store: Store) -> None:
    naive = datetime(2026, 9, 7, 6, 40)  # noqa: DTZ001
    with pytest.raises(StatementError, match="naive datetime"), store.write() as session:
        session.add(RunRow(started_at=naive, report={}))


def test_a_mention_needs_its_capture(any_store: Store, now: datetime) -> None:
    with pytest.raises(IntegrityError), any_store.write() as session:
        add_mention(session, Mention("cre", "k", URL, "Titre"), 999, now)


def test_no_update_is_lost_between_writers(store: Store, now: datetime) -> None:
    with store.write() as session:
        session.add(RunRow(started_at=now, report={"count": 0}))

    def work() -> None:
        for _ in range(25):
            with store.write() as session:
                row = session.get_one(RunRow, 1)
                row.report = {"count": row.report["count"] + 1}

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert session.get_one(RunRow, 1).report == {"count": 100}


def test_the_same_answer_is_captured_once(any_store: Store, now: datetime) -> None:
    with any_store.write() as session:
        first, is_new = add_capture(session, capture(b"un", now))
        again, is_new_again = add_capture(session, capture(b"un", now))
        other, is_other_new = add_capture(session, capture(b"deux", now))
        back, is_back_new = add_capture(session, capture(b"un", now + timedelta(hours=1)))
    assert (is_new, is_new_again, is_other_new, is_back_new) == (True, False, True, True)
    assert first.id == again.id
    assert len({first.id, other.id, back.id}) == 3


def test_a_mention_is_kept_once_until_it_changes(any_store: Store, now: datetime) -> None:
    with any_store.write() as session:
        row, _ = add_capture(session, capture(b"un", now))
        assert add_mention(session, Mention("cre", "k", URL, "Titre"), row.id, now)
        assert add_mention(session, Mention("cre", "k", URL, "Titre"), row.id, now) is None
        row, _ = add_capture(session, capture(b"deux", now))
        assert add_mention(session, Mention("cre", "k", URL, "Autre"), row.id, now)
    with any_store.read() as session:
        assert len(list_unresolved(session)) == 2


def test_pairs_are_found_as_they_are(any_store: Store, now: datetime) -> None:
    pairs = [("cre", "é 😀"), ("cre", '"\\'), ("cre", ""), ("dila", "k")]
    rows = [{"origin": source + key, "body": key} for source, key in pairs]
    with any_store.write() as session:
        insert_rows(session, RobotsRow, [row | {"fetched_at": now} for row in rows])
        wanted = [(source + key, key) for source, key in pairs[:3]]
        found = select(RobotsRow.origin).where(
            is_one_of(session, RobotsRow.origin, RobotsRow.body, [*wanted, ("dilak", "autre")])
        )
        assert set(session.scalars(found)) == {origin for origin, _ in wanted}


def test_pairs_are_found_by_their_index(store: Store, now: datetime) -> None:
    with store.write() as session:
        row, _ = add_capture(session, capture(b"un", now))
        add_mention(session, Mention("cre", "nul\0", URL, "Titre"), row.id, now)
        assert add_mention(session, Mention("cre", "nul\0", URL, "Titre"), row.id, now) is None
        condition = latest_of(
            session, MentionRow, MentionRow.source_id, MentionRow.key, [("cre", "k"), ("dila", "k")]
        )
        query = select(MentionRow.id).where(condition).compile(session.connection())
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {query}", tuple(query.params[n] for n in query.positiontup or ())
        )
        steps = [step[3] for step in plan]
    assert not [step for step in steps if step.startswith("SCAN mention")], steps


def test_validators_are_those_of_the_last_good_answer(any_store: Store, now: datetime) -> None:
    with any_store.write() as session:
        set_validators(session, [capture(b"un", now, ETag='"1"')])
        later = capture(b"deux", now, etag='"2"', **{"Last-Modified": "lundi"})
        set_validators(session, [later])
    with any_store.read() as session:
        row = find_validator(session, "cre", URL)
    assert row is not None
    assert (row.etag, row.last_modified) == ('"2"', "lundi")


def test_a_failure_lasts_until_the_address_is_read_again(any_store: Store, now: datetime) -> None:
    later = now + timedelta(hours=1)
    with any_store.write() as session:
        record_failure(session, Failure("cre", URL, "fetch", "HTTP 503"), now)
        record_failure(session, Failure("cre", URL, "fetch", "HTTP 502"), later)
        record_read(session, "cre", later, is_good=False)
    with any_store.read() as session:
        (row,) = list_open_failures(session)
        assert (row.at, row.last_at, row.reason) == (now, later, "HTTP 502")
        assert list_source_states(session)["cre"].last_good_read is None
    with any_store.write() as session:
        end_failures(session, "cre", URL, later)
    with any_store.read() as session:
        assert list_open_failures(session) == []


def test_captures_are_content_addressed_files(tmp_path: Path) -> None:
    files = CaptureFiles(tmp_path)
    body = b"<rss/>" * 1000
    sha256 = files.write(body)
    before = files.path(sha256).stat()
    assert files.write(body) == sha256
    assert files.path(sha256).stat().st_mtime_ns == before.st_mtime_ns
    assert files.read(sha256) == body
    assert before.st_size < len(body) / 10
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [f"{sha256}.gz"]


def test_a_damaged_capture_is_not_read_as_good(tmp_path: Path) -> None:
    files = CaptureFiles(tmp_path)
    good, other = files.write(b"un"), files.write(b"deux")
    files.path(good).write_bytes(files.path(other).read_bytes())
    with pytest.raises(ValueError, match="damaged capture"):
        files.read(good)


def test_every_table_has_a_primary_key(store: Store) -> None:
    inspector = inspect(store.engine)
    tables = set(inspector.get_table_names()) - {"alembic_version"}
    assert tables == set(Base.metadata.tables)
    assert all(inspector.get_pk_constraint(table)["constrained_columns"] for table in tables)
