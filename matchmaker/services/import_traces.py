"""Which row of which list says what a need or achievement is, and whether anybody has worked with it since.

A later list takes over from the row before; when it is undone it hands back, and what was as the first
list had brought it in is so again: that list, too, can then be undone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.store.queries.list_rows import ListRow, rows_with_ids, write_back
from matchmaker.store.tables import Achievement, Need

_BEFORE, _CHANGE, _CAME_AS = "told_before", "changed", "came_as"


class Handed(NamedTuple):
    """The version of a text that only an undone list has changed: before that list, and now."""

    before: int
    now: int


class _Change(NamedTuple):
    """What a list did: when, the versions of the text before and after, and the last change before it."""

    at: str
    before: int
    after: int
    last: str


def came_as(row: ListRow) -> int:
    """Return the version of the text of what this row brought in, as long as nobody has worked with it."""
    version: int = row.values.get(_CAME_AS, 1)
    return version


def take_over(row: ListRow, thing: Need | Achievement, *, version: int, alone: bool = True) -> None:
    """Have a row say from now on what a thing is, whose text had this version before the row changed it.

    `alone`: the row does nothing that an undo leaves as it is.
    """
    before, last, moment = thing.upload_row_id, thing.updated_at, clock.now()
    thing.upload_row_id, thing.updated_at = row.id, moment
    change = _Change(moment.isoformat(), version, thing.text_version, last.isoformat()) if alone else None
    row.values = {**row.values, _BEFORE: before, _CHANGE: change}


def hand_back(row: ListRow, thing: Need | Achievement) -> Handed | None:
    """Have the row before say again what a thing is, whose old values were restored: a further version.

    Returns the versions when nobody has worked with it since the row changed it.
    """
    change = _Change(*row.values[_CHANGE]) if row.values.get(_CHANGE) else None
    as_left = (thing.updated_at, thing.text_version)
    thing.upload_row_id = row.values.get(_BEFORE)
    thing.text_version += 1
    if change is None or (datetime.fromisoformat(change.at), change.after) != as_left:
        thing.updated_at = clock.now()
        return None
    thing.updated_at = datetime.fromisoformat(change.last)
    return Handed(before=change.before, now=thing.text_version)


def note_handed_back(session: Session, handed: Mapping[int, Handed]) -> None:
    """Write down in the rows that say again what things are which version of the text is theirs."""
    rows = rows_with_ids(session, handed)
    for row in rows:
        versions = handed[row.id]
        change = _Change(*row.values[_CHANGE]) if row.values.get(_CHANGE) else None
        if change is not None and change.after == versions.before:
            row.values = {**row.values, _CHANGE: change._replace(after=versions.now)}
        elif change is None and came_as(row) == versions.before:
            row.values = {**row.values, _CAME_AS: versions.now}
    write_back(session, rows, ("values",))
