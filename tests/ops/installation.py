"""An installation in a folder of its own, with rows in every table."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Time,
)
from sqlalchemy.types import JSON

from matchmaker.settings import Settings, load_settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Row

ROWS = 3
WORDS = "晟辉精密轴承'\"\n需求—Ω"


def settings_in(folder: Path, *, instance: str = "own", **more: Any) -> Settings:
    return load_settings(instance=instance, data={"folder": str(folder), "url": ""} | more)


def fill_every_table(database: Database) -> None:
    """Put a few rows into each table, with text, bytes, JSON and moments in whichever columns take them."""
    with database.schema_change() as connection:
        if database.sqlite:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        for table in Row.metadata.sorted_tables:
            rows = [
                {column.name: value(column, number) for column in table.columns}
                for number in range(1, ROWS + 1)
            ]
            connection.execute(table.insert(), rows)


def value(column: Column[Any], number: int) -> Any:
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        return number if target.table is not column.table else None
    match column.type:
        case Enum(enum_class=members) if members is not None:
            return list(members)[number % len(members)]
        case Boolean():
            return bool(number % 2)
        case Integer():
            return number
        case Float() | Numeric():
            return number / 3
        case LargeBinary():
            return bytes(range(256)) * number
        case JSON():
            return {WORDS: [number, None, 0.5]}
        case Date():
            return date(2026, 5, number)
        case Time():
            return time(9, number)
        case String(length=length):
            return f"{number}{WORDS}"[: length or None]
    if isinstance(getattr(column.type, "impl", column.type), DateTime):
        return datetime(2026, 5, number, 8, 30, tzinfo=UTC)
    raise NotImplementedError(f"{column}: {column.type!r}")
