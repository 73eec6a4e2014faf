"""Many rows in few statements: one query or insert for a batch, never one for each row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Insert,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    func,
    insert,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from hub.store.base import Base, Session

MANY = 500
"""Values in one IN list: databases limit the parameters of a statement."""

T = TypeVar("T")
Column = InstrumentedAttribute[Any]


def chunks(values: Sequence[T], size: int = MANY) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def read_rows(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    """The rows of a query on columns, without the session's own work on each."""
    return session.connection().execute(query).all()


def insert_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name every column but `id`. The session's objects do not learn of them."""
    execute_many(session, insert(table_of(table)), rows)


def execute_many(
    session: Session, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Execute a statement for each row, in which every row names the same things."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(statement, rows)
        return
    # What SQLAlchemy does to each row takes longer than SQLite itself: here it is done by column.
    names = list(rows[0])
    compiled = statement.compile(connection, column_keys=names)
    columns = [
        _bind(compiled.binds[name].type, [row[name] for row in rows], connection.dialect)
        for name in compiled.positiontup or ()
    ]
    connection.exec_driver_sql(compiled.string, list(zip(*columns, strict=True)))


def _bind(type_: TypeEngine[Any], values: list[Any], dialect: Dialect) -> list[Any]:
    """Values as the driver takes them; one that comes many times in a row is made once."""
    bind = type_.dialect_impl(dialect).bind_processor(dialect)
    if bind is None:
        return values
    bound: list[Any] = []
    last: Any = bind  # no value is this one
    for value in values:
        if value is not last:
            last, made = value, bind(value)
        bound.append(made)
    return bound


def insert_numbered(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """Insert rows and give their ids, in the same order."""
    if not rows:
        return []
    into = table_of(table)
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        query = insert(into).returning(into.c.id, sort_by_parameter_order=True)
        return list(connection.scalars(query, rows))
    # SQLite cannot say which of many rows got which id; who writes is alone, so ids may be chosen.
    last = connection.scalar(select(func.max(into.c.id))) or 0
    ids = list(range(last + 1, last + 1 + len(rows)))
    insert_rows(session, table, [{**row, "id": id_} for row, id_ in zip(rows, ids, strict=True)])
    return ids


def is_in(
    session: Session, column: Column | ColumnElement[Any], values: Sequence[Any]
) -> ColumnElement[bool]:
    """A condition: the column holds one of these numbers or words.

    In SQLite they travel as one JSON value: to name each of them takes longer than to find it.
    """
    if session.get_bind().dialect.name != "sqlite" or any("\0" in str(v) for v in values):
        return column.in_(values)
    each = func.json_each(json.dumps(values)).table_valued("value")
    return column.in_(select(each.c.value))


def is_one_of(
    session: Session,
    first: Column,
    second: Column,
    pairs: Sequence[tuple[str, str]],
) -> ColumnElement[bool]:
    """A condition: the two columns hold one of these pairs. It uses their index.

    The pairs travel as one JSON value: given a list of row values, SQLite reads the whole table.
    JSON text ends at a NUL, so the rare pairs that hold one are listed all the same.
    """
    columns = tuple_(first, second)
    odd = [pair for pair in pairs if any("\0" in value for value in pair)]
    found = columns.in_(_list_pairs(session, [pair for pair in pairs if pair not in odd]))
    return or_(found, columns.in_(odd)) if odd else found


def _list_pairs(session: Session, pairs: Sequence[tuple[str, str]]) -> Select[str, str]:
    """A query that gives back these pairs."""
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(json.dumps(pairs)).table_valued("value")
        return select(
            func.json_extract(each.c.value, "$[0]"), func.json_extract(each.c.value, "$[1]")
        )
    from sqlalchemy.dialects.postgresql import JSONB  # loads every driver's part

    sent = bindparam("pairs", pairs, JSONB, unique=True)
    each = func.jsonb_array_elements(sent).table_valued("value")
    part = func.jsonb_extract_path_text
    return select(part(each.c.value, "0"), part(each.c.value, "1"))


def latest_of(
    session: Session,
    table: type[Base],
    first: Column,
    second: Column,
    pairs: Sequence[tuple[str, str]],
) -> ColumnElement[bool]:
    """A condition: the row is the last one that has its pair of values, which is one of these."""
    ids = table_of(table).c.id
    wanted = is_one_of(session, first, second, pairs)
    return ids.in_(select(func.max(ids)).where(wanted).group_by(first, second))


def table_of(table: type[Base]) -> Table:
    return cast("Table", table.__table__)
