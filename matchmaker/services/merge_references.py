"""What points at an entry that is merged away: handed over to the kept one, row by row, and back."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker.errors import WrongState
from matchmaker.store.queries.matches import WORKED_ON
from matchmaker.store.tables import Achievement, Merge, Need, Organisation, Person, Row

TABLES: Mapping[str, type[Any]] = {
    "organisation": Organisation,
    "need": Need,
    "achievement": Achievement,
    "person": Person,
}
_CHAINS = frozenset({"merged_into_id"})  # followed from entry to entry, never handed over
_SET_ASIDE = frozenset(
    {"achievement_person", "achievement_patent", "need_group_member", "needs_apart", "event_firm"}
)
_BY_KIND_AND_ID = frozenset({"event_item", "event_item_removed", "evidence", "consent"})
_OPEN_MATCHES = "match"


def _references(kind: str) -> Iterator[tuple[Table, str]]:
    """Yield every column of the database that names entries of a kind."""
    target = TABLES[kind].__table__
    for table in Row.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is target for key in column.foreign_keys) and column.name not in _CHAINS:
                yield table, column.name
        if table.name in _BY_KIND_AND_ID and "subject_id" in table.columns:
            yield table, "subject_id"


def hand_over(session: Session, kind: str, *, gone_id: int, kept_id: int) -> list[dict[str, Any]]:
    """Point every row that names the one entry to the other; return which rows those were."""
    session.flush()  # the statements below pass by what the session still holds
    moved = []
    for table, column in _references(kind):
        keys, aside = [], []
        for key in _rows_naming(session, kind, table, column, gone_id):
            try:
                with session.begin_nested():
                    session.execute(update(table).where(*_at(table, key)).values({column: kept_id}))
            except IntegrityError as error:
                if table.name == _OPEN_MATCHES:
                    continue  # the kept one has a proposal of its own for the same
                if table.name not in _SET_ASIDE:
                    raise WrongState(
                        "两条记录在同一场活动、同一份名单或同一事项里都有，不能自动合并。请先在那里删去重复的一条。"
                    ) from error
                aside.append(_set_aside(session, table, key))
                continue
            keys.append([key[part] if part != column else kept_id for part in key])
        if keys or aside:
            moved.append({"table": table.name, "column": column, "keys": keys, "aside": aside})
    return moved


def _rows_naming(
    session: Session, kind: str, table: Table, column: str, gone_id: int
) -> list[dict[str, Any]]:
    query = select(*table.primary_key.columns).where(table.c[column] == gone_id)
    if column == "subject_id":
        query = query.where(table.c.subject_kind == kind)
    if table.name == _OPEN_MATCHES:
        query = query.where(WORKED_ON)
    return [dict(row) for row in session.execute(query).mappings()]


def _at(table: Table, key: Mapping[str, Any]) -> list[Any]:
    return [table.c[name] == value for name, value in key.items()]


def _set_aside(session: Session, table: Table, key: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a row that the kept entry has already, and return it whole."""
    row = session.execute(select(table).where(*_at(table, key))).mappings().one()
    session.execute(delete(table).where(*_at(table, key)))
    return {name: plain(value) for name, value in row.items()}


def hand_back(session: Session, done: Merge, gone_id: int) -> None:
    """Undo `hand_over`; rows that point elsewhere by now stay."""
    session.flush()
    for entry in done.moved:
        table, column = Row.metadata.tables[entry["table"]], entry["column"]
        names = [part.name for part in table.primary_key.columns]
        for key in entry["keys"]:
            there = dict(zip(names, key, strict=True))
            session.execute(
                update(table)
                .where(*_at(table, there), table.c[column] == done.kept_id)
                .values({column: gone_id})
            )
        for values in entry["aside"]:
            fresh = {name: _moment(name, value) for name, value in values.items()}
            session.execute(insert(table).values({**fresh, column: gone_id}))


def _moment(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name.endswith("at") and isinstance(value, str) else value


def plain(value: Any) -> Any:
    """Return a column's value as it is kept in the log."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
