"""Work that waits in a table, taken up by one process at a time: plans, and long lists that go out.

A taking is a fence like a delivery's: `attempts` grows with each, and who works on an older one finds out
at its next beat. Work that nobody has noted for `SILENT` is taken again; what dies
`MOST_ATTEMPTS` times has failed.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, or_, select

from matchmaker import clock
from matchmaker.store.engine import Database
from matchmaker.store.tables import ListExport, Plan

SILENT = timedelta(seconds=60)
MOST_ATTEMPTS = 3
Worked = TypeVar("Worked", Plan, ListExport)
"""A row that is worked off in the background."""


def take_oldest(
    database: Database,
    table: type[Worked],
    *,
    waiting: ColumnElement[bool],
    running: ColumnElement[bool],
    begin: Callable[[Worked], None],
    fail: Callable[[Worked], None],
) -> tuple[int, int] | None:
    """Return id and attempt of the oldest row that waits, or runs without a sign of life; None without one.

    `begin` puts the row at work; `fail` afterwards gives up one that was taken too often, which is
    returned as well. Commits; a look that finds nothing takes no write lock.
    """
    free = or_(waiting, running & (table.beat_at < clock.now() - SILENT))
    with database.reading() as session:
        if session.scalar(select(table.id).where(free).limit(1)) is None:
            return None
    with database.writing() as session:
        row = session.scalars(
            select(table).where(free).order_by(table.id).limit(1).with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.attempts += 1
        row.beat_at = clock.now()
        begin(row)
        if row.attempts > MOST_ATTEMPTS:
            fail(row)
        return row.id, row.attempts
