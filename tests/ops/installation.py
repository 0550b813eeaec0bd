"""An installation in a folder of its own, with rows in every table."""

from collections.abc import Callable
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

MADE_BY_TYPE: tuple[tuple[type, Callable[[int], Any]], ...] = (
    (Boolean, lambda number: bool(number % 2)),
    (Integer, lambda number: number),
    (Float, lambda number: number / 3),
    (Numeric, lambda number: number / 4),
    (LargeBinary, lambda number: bytes(range(256)) * number),
    (JSON, lambda number: {WORDS: [number, None, 0.5]}),
    (DateTime, lambda number: datetime(2026, 5, number, 8, 30, tzinfo=UTC)),
    (Date, lambda number: date(2026, 5, number)),
    (Time, lambda number: time(9, number)),
)


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
    """Return what row `number` has in this column: a reference, or something of the column's type."""
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        return number if target.table is not column.table else None
    if isinstance(column.type, Enum) and column.type.enum_class:
        return list(column.type.enum_class)[number % len(column.type.enum_class)]
    if isinstance(column.type, String):
        return f"{number}{WORDS}"[: column.type.length or None]
    kind = getattr(column.type, "impl_instance", column.type)
    return next(make(number) for sort, make in MADE_BY_TYPE if isinstance(kind, sort))
