"""Many rows at once, without an object for each: what large lists are written with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Enum, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from matchmaker.store.tables.types import Row

_UNKNOWN = object()


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
    """Insert plain values by column name; what a row leaves out gets the column's default.

    All rows carry an `id`, or none.
    """
    given = list(rows)
    if given:
        plan = _insertion(table, session.get_bind().dialect, with_ids="id" in given[0])
        session.connection().exec_driver_sql(plan.sql, plan.parameters(given))


def update_rows(
    session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]], *, columns: Iterable[str]
) -> None:
    """Give rows new values in some columns; each row carries its `id` and all of them."""
    if rows:
        plan = _change(table, session.get_bind().dialect, tuple(columns))
        session.connection().exec_driver_sql(plan.sql, plan.parameters(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One value of a statement: where it comes from, how it is written, and what stands for none."""

    name: str
    bound: str
    write: Callable[[Any], Any]
    blank: Any

    def written(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return this value of every row as the driver takes it."""
        found = (row.get(self.name, _UNKNOWN) for row in rows)
        if self.write is _as_it_is:
            return [self.blank if value is _UNKNOWN else value for value in found]
        return [self.blank if value is _UNKNOWN else self.write(value) for value in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A statement for many rows, compiled once: SQLAlchemy takes longer over a row than SQLite does."""

    sql: str
    parts: tuple[_Part, ...]
    by_place: bool

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the values of rows as the driver takes them, worked out column by column."""
        columns = [part.written(rows) for part in self.parts]
        if self.by_place:
            return list(zip(*columns, strict=True))
        bound = [part.bound for part in self.parts]
        return [dict(zip(bound, values, strict=True)) for values in zip(*columns, strict=True)]


@lru_cache
def _insertion(table: type[Row], dialect: Dialect, *, with_ids: bool) -> _Plan:
    columns = [column for column in table.__table__.columns if with_ids or column.name != "id"]
    core: Any = table.__table__
    parts = {column.name: _part(column, column.name, dialect) for column in columns}
    return _plan(insert(core).values({name: bindparam(name) for name in parts}), parts, dialect)


@lru_cache
def _change(table: type[Row], dialect: Dialect, names: tuple[str, ...]) -> _Plan:
    core: Any = table.__table__
    statement = (
        update(core)
        .where(core.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    parts = {f"new_{name}": _part(core.c[name], f"new_{name}", dialect) for name in names}
    return _plan(statement, {**parts, "row_id": _part(core.c.id, "row_id", dialect)}, dialect)


def _plan(statement: Any, parts: Mapping[str, _Part], dialect: Dialect) -> _Plan:
    compiled = statement.compile(dialect=dialect)
    order = compiled.positiontup or list(parts)
    return _Plan(
        sql=str(compiled), parts=tuple(parts[name] for name in order), by_place=bool(compiled.positiontup)
    )


def _part(column: Any, bound: str, dialect: Dialect) -> _Part:
    write = _writer(column, dialect)
    blank, default = _UNKNOWN, column.default
    if default is not None:
        blank = write(default.arg(None) if default.is_callable else default.arg)
    elif column.nullable:
        blank = write(None)
    return _Part(name=column.name, bound=bound, write=write, blank=blank)


def _writer(column: Any, dialect: Dialect) -> Callable[[Any], Any]:
    """Return what turns a value of a column into the driver's; few days and words come again and again."""
    process: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return _as_it_is
    repeated = isinstance(column.type, Enum) or issubclass(column.type.python_type, date)
    return lru_cache(maxsize=256)(process) if repeated else process


def _as_it_is(value: Any) -> Any:
    return value
