"""The rows of uploaded lists as plain values: read, stored and written back many at a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import Verdict
from matchmaker.store.bulk import insert_rows, update_rows
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import UploadRow

JUDGED = ("problems", "verdict", "changes", "target_id")
DONE = (*JUDGED, "values", "deed")


@dataclass(slots=True, kw_only=True, eq=False)
class ListRow:
    """One record of an upload, by the columns of its table; belongs to no session.

    `id` is 0 until the row is stored. `said` keeps what was worked out of which `values`.
    """

    id: int = 0
    upload_id: int
    position: int
    sheet: str
    row_number: int
    kind: str
    values: dict[str, Any]
    problems: list[dict[str, Any]]
    verdict: Verdict
    changes: dict[str, Any]
    target_id: int | None = None
    deed: str = ""
    said: tuple[dict[str, Any], Any] | None = field(default=None, repr=False)

    def keep_only_said(self) -> None:
        """Let go of what the file says: this row is only added, and all that it needs is worked out."""
        if self.said is not None:
            self.values = {}
            self.said = (self.values, self.said[1])


_NAMES = tuple(name for name in ListRow.__slots__ if name != "said")
_STORED = _NAMES[1:]
_COLUMNS = tuple(UploadRow.__table__.c[name] for name in _NAMES)


def _read(session: Session, query: Select[Any]) -> list[ListRow]:
    return [ListRow(**dict(zip(_NAMES, row, strict=True))) for row in session.execute(query)]


def rows_of_upload(
    session: Session,
    upload_id: int,
    *,
    verdict: Verdict | None = None,
    most: int | None = None,
    offset: int = 0,
) -> list[ListRow]:
    """Return the rows of an upload in the order of its file: all of them, of one verdict, or a page."""
    query = select(*_COLUMNS).where(UploadRow.upload_id == upload_id).order_by(UploadRow.position)
    if verdict is not None:
        query = query.where(UploadRow.verdict == verdict)
    return _read(session, query.limit(most).offset(offset))


def rows_without_deed(session: Session, upload_id: int, kind: str, *, after: int, most: int) -> list[ListRow]:
    """Return the next rows of a kind, by their ids, that an import has not come to; those after one id."""
    waiting = select(*_COLUMNS).where(
        UploadRow.upload_id == upload_id,
        UploadRow.deed == "",
        UploadRow.kind == kind,
        UploadRow.id > after,
    )
    return _read(session, waiting.order_by(UploadRow.id).limit(most))


def rows_with_ids(session: Session, ids: Collection[int]) -> list[ListRow]:
    """Return these rows in the order of their ids."""
    parts = (select(*_COLUMNS).where(UploadRow.id.in_(part)) for part in chunks(ids))
    return sorted((row for query in parts for row in _read(session, query)), key=lambda row: row.id)


def rows_at(session: Session, upload_id: int, positions: Collection[int]) -> list[ListRow]:
    """Return the rows of an upload at these positions, in the order of its file."""
    query = select(*_COLUMNS).where(UploadRow.upload_id == upload_id).order_by(UploadRow.position)
    return [
        row for part in chunks(positions) for row in _read(session, query.where(UploadRow.position.in_(part)))
    ]


def store_rows(session: Session, rows: Iterable[ListRow]) -> None:
    """Add rows that are not stored yet."""
    insert_rows(session, UploadRow, [_values(row, _STORED) for row in rows])


def write_back(session: Session, rows: Sequence[ListRow], columns: Sequence[str]) -> None:
    """Write some columns of stored rows."""
    update_rows(session, UploadRow, [_values(row, ("id", *columns)) for row in rows], columns=columns)


def _values(row: ListRow, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
