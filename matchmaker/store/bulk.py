"""Many rows at once, without an object for each: what large lists are written with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Date, Dialect, Enum, bindparam, func, insert, literal_column, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from matchmaker.store.tables.types import Moment, Row

_UNKNOWN = object()


def next_ids(session: Session, table: type[Row], count: int) -> list[int]:
    """Return this many ids that nobody else will get; ask inside the transaction that uses them.

    On SQLite the transaction is the only one that writes, or is done anew when it was not, and the ids are
    those it would give itself.
    """
    if not count:
        return []
    if session.get_bind().dialect.name == "postgresql":
        sequence = select(func.nextval(func.pg_get_serial_sequence(table.__tablename__, "id")))
        return list(session.scalars(sequence.select_from(func.generate_series(1, count))))
    session.flush()  # what is still only in the session takes its ids first
    last: int = session.scalar(select(func.max(table.__table__.c.id))) or 0
    return list(range(last + 1, last + 1 + count))


class Insertions:
    """Rows of several tables, made ready before others have to wait, and inserted in this order."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ready: list[tuple[str, list[Any]]] = []

    def add(self, table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
        """Take plain values by column name; what a row leaves out gets the column's default.

        All rows carry an `id`, or none.
        """
        given = list(rows)
        if given:
            plan = _insertion(table, self._session.get_bind().dialect, with_ids="id" in given[0])
            self._ready.append((plan.sql, plan.parameters(given)))

    def write(self) -> None:
        """Insert what was taken since the last time."""
        ready, self._ready = self._ready, []
        for sql, parameters in ready:
            self._session.connection().exec_driver_sql(sql, parameters)


def insert_rows(session: Session, table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows of one table, as `Insertions.add` takes them."""
    insertions = Insertions(session)
    insertions.add(table, rows)
    insertions.write()


def update_rows(
    session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]], *, columns: Iterable[str]
) -> None:
    """Give rows new values in some columns; each row carries its `id` and all of them.

    Rows that carry a `version` must still have it, and have the next one afterwards; raises StaleDataError
    when somebody else has changed one, as the session itself would.
    """
    if not rows:
        return
    versioned = "version" in rows[0]
    plan = _change(table, session.get_bind().dialect, tuple(columns), versioned=versioned)
    changed = session.connection().exec_driver_sql(plan.sql, plan.parameters(rows))
    if versioned and changed.rowcount != len(rows):
        raise StaleDataError(f"{len(rows) - changed.rowcount} rows of {table.__tablename__} have changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One value of a statement: where it comes from, how it is written, and what stands for none."""

    name: str
    bound: str
    write: Callable[[Any], Any] | None
    blank: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A statement for many rows, compiled once: SQLAlchemy takes longer over a row than SQLite does."""

    sql: str
    parts: tuple[_Part, ...]
    by_place: bool

    def parameters(self, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
        """Return the values of rows as the driver takes them."""
        blanks = {part.name: part.blank for part in self.parts if part.blank is not _UNKNOWN}
        writers = [(part.name, part.write) for part in self.parts if part.write is not None]
        values_of = itemgetter(*(part.name for part in self.parts))
        found = []
        for row in rows:
            values = {**blanks, **row}
            for name, write in writers:
                if name in row:
                    values[name] = write(row[name])
            found.append(values_of(values))
        if self.by_place:
            return found
        bound = [part.bound for part in self.parts]
        return [dict(zip(bound, values, strict=True)) for values in found]


@lru_cache
def _insertion(table: type[Row], dialect: Dialect, *, with_ids: bool) -> _Plan:
    columns = [column for column in table.__table__.columns if with_ids or column.name != "id"]
    core: Any = table.__table__
    parts = {column.name: _part(column, column.name, dialect) for column in columns}
    return _plan(insert(core).values({name: bindparam(name) for name in parts}), parts, dialect)


@lru_cache
def _change(table: type[Row], dialect: Dialect, names: tuple[str, ...], *, versioned: bool) -> _Plan:
    core: Any = table.__table__
    where = ("id", "version") if versioned else ("id",)
    statement = (
        update(core)
        .where(*(core.c[name] == bindparam(f"old_{name}") for name in where))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    if versioned:
        statement = statement.values(version=literal_column("version + 1"))
    bound = [*((f"new_{name}", name) for name in names), *((f"old_{name}", name) for name in where)]
    return _plan(statement, {key: _part(core.c[name], key, dialect) for key, name in bound}, dialect)


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
        blank = default.arg(None) if default.is_callable else default.arg
    elif column.nullable:
        blank = None
    if write is not None and blank is not _UNKNOWN:
        blank = write(blank)
    return _Part(name=column.name, bound=bound, write=write, blank=blank)


def _writer(column: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what turns a value of a column into the driver's; few days and words come again and again."""
    process: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return None
    repeated = isinstance(column.type, Enum | Date | Moment)
    return lru_cache(maxsize=256)(process) if repeated else process
