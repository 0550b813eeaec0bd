"""Many new rows at once, without an object for each: what large lists are written with."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from matchmaker.store.tables.types import Row


def next_ids(session: Session, table: type[Row], count: int) -> list[int]:
    """Return this many ids that nobody else will get; ask inside the transaction that uses them.

    On SQLite the transaction is the only one that writes, and the ids are those it would give itself.
    """
    if not count:
        return []
    if session.get_bind().dialect.name == "postgresql":
        sequence = select(func.nextval(func.pg_get_serial_sequence(table.__tablename__, "id")))
        return list(session.scalars(sequence.select_from(func.generate_series(1, count))))
    session.flush()  # what is still only in the session takes its ids first
    last: int = session.scalar(select(func.max(table.__table__.c.id))) or 0
    return list(range(last + 1, last + 1 + count))


def insert_rows(session: Session, table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert plain values by column name; what a row leaves out gets the column's default."""
    blank = _defaults(table)
    filled = [{**blank, **row} for row in rows]
    if filled:
        core: Any = table.__table__
        session.execute(insert(core), filled)


@lru_cache
def _defaults(table: type[Row]) -> dict[str, Any]:
    """Return the default of every column that has one or may be empty."""
    values: dict[str, Any] = {}
    for column in table.__table__.columns:
        default: Any = column.default
        if default is not None:
            values[column.name] = default.arg(None) if default.is_callable else default.arg
        elif column.nullable:
            values[column.name] = None
    return values


def update_rows(
    session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]], *, columns: Iterable[str]
) -> None:
    """Give rows new values in some columns; each row carries its `id` and all of them."""
    if not rows:
        return
    names = list(columns)
    core: Any = table.__table__
    statement = (
        update(core)
        .where(core.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    session.execute(
        statement, [{"row_id": row["id"]} | {f"new_{name}": row[name] for name in names} for row in rows]
    )
