"""What was found in a file: tables, how their columns were understood, records and their problems."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.book import Cell, Question, Sheet, Spot
from matchmaker.files.headers import RecordKind, clean_header

__all__ = [
    "Column",
    "Findings",
    "HowMapped",
    "Mapping",
    "Record",
    "RecordKind",
    "SkipReason",
    "Skipped",
    "TableFindings",
    "Value",
    "Verdict",
    "fingerprint_of",
    "header_fingerprint",
    "layout_of",
]


class HowMapped(StrEnum):
    """Why a column was given its field."""

    SYNONYM = "synonym"
    VALUES = "values"
    SIMILAR = "similar"
    CHOSEN = "chosen"
    NONE = "none"


class SkipReason(StrEnum):
    """Why a row is not a record."""

    TITLE = "title"
    HEADER = "header"
    TOTAL = "total"
    NOTE = "note"
    BLANK = "blank"
    GROUP = "group"


class Verdict(StrEnum):
    """What became of a file that was not refused."""

    ACCEPT = "accept"
    ACCEPT_NOTHING = "accept_0"
    ASK = "ask"
    ROW_ERROR = "row_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column and the fields it fills; none when it is not imported.

    `doubt` is "" or a question for the person, whose answers to offer first are `candidates`.
    """

    index: int
    header: str
    fields: tuple[str, ...]
    how: HowMapped
    samples: tuple[str, ...] = ()
    doubt: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Which fields the columns of one header fill; stored once confirmed, replayed at the next file."""

    kind: RecordKind
    fingerprint: str
    fields: tuple[tuple[str, ...], ...]

    def to_json(self) -> str:
        """Return the mapping as text to be stored."""
        return json.dumps({"kind": self.kind, "fingerprint": self.fingerprint, "fields": self.fields})

    @classmethod
    def from_json(cls, text: str) -> "Mapping":
        """Return a stored mapping. Raises ValueError or KeyError when it is not one."""
        stored = json.loads(text)
        columns = tuple(tuple(str(name) for name in column) for column in stored["fields"])
        return cls(kind=RecordKind(stored["kind"]), fingerprint=str(stored["fingerprint"]), fields=columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A row that was read but is no record."""

    where: str
    reason: SkipReason
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One field of a record: the cell as it stood, what it means, and where it stands."""

    raw: Cell
    parsed: object
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the records of one table share, kept once."""

    sheet: Sheet
    kind: RecordKind
    columns_of: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row, read. `values` holds the parsed values by canonical field; blank ones are absent.

    `row` counts from 1, as people see it. `spots` is None for rows of a table; for a filled-in form
    it holds the place of each column's cell.
    """

    layout: Layout = field(repr=False)
    row: int
    cells: list[Cell] = field(repr=False)
    values: dict[str, object]
    problems: tuple[Problem, ...] = ()
    spots: dict[int, Spot] | None = field(default=None, repr=False)

    @property
    def kind(self) -> RecordKind:
        """Return what the record is about."""
        return self.layout.kind

    @property
    def sheet(self) -> str:
        """Return the name of its sheet; "" for delimited text."""
        return self.layout.sheet.name

    @property
    def raw(self) -> dict[str, Cell]:
        """Return the cells as they stood, by canonical field; blank ones are absent."""
        found = {name: self._cell(columns) for name, columns in self.layout.columns_of.items()}
        return {name: cell for name, cell in found.items() if cell != ""}

    def _cell(self, columns: tuple[int, ...]) -> Cell:
        cells = [self.cells[column] for column in columns if column < len(self.cells)]
        filled = [cell for cell in cells if cell != ""]
        return (
            "" if not filled else filled[0] if len(filled) == 1 else "\n".join(str(cell) for cell in filled)
        )

    def value(self, name: str) -> Value | None:
        """Return one field with its cell and place; None when the table has no such column or it is blank."""
        raw = self._cell(self.layout.columns_of.get(name, ()))
        parsed = self.values.get(name)
        return None if raw == "" and parsed is None else Value(raw=raw, parsed=parsed, where=self.where(name))

    def where(self, name: str = "") -> str:
        """Return where the record, or one field of it, stands in the file."""
        columns = self.layout.columns_of.get(name, ())
        return self.place(columns[0] if columns else None)

    def place(self, column: int | None) -> str:
        """Return where the cell of a column stands."""
        if self.spots is not None and column in self.spots:
            row, at, sheet = self.spots[column]
            return (sheet or self.layout.sheet).where(row, at)
        return self.layout.sheet.where(self.row - 1, column)

    @property
    def ok(self) -> bool:
        """Whether nothing keeps this record out."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)

    def plain(self) -> dict[str, Any]:
        """Return the parsed values as JSON values: dates as ISO text, amounts and phones as objects."""
        return {name: _plain(value) for name, value in self.values.items()}


def _plain(value: object) -> Any:
    if isinstance(value, str | int | float) or value is None:  # nearly all of them
        return value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    kind: Any = type(value)
    names = _parts(kind)
    return {name: _plain(getattr(value, name)) for name in names} if names else value


@lru_cache
def _parts(kind: Any) -> tuple[str, ...]:
    """Return the fields of a dataclass, none of anything else."""
    return tuple(part.name for part in fields(kind)) if is_dataclass(kind) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFindings:
    """One table of a file, or several forms of one layout.

    `kind` None means nobody could tell what the table lists: ask, then call again with the kind.
    """

    sheet: str
    title: str
    header_place: str
    first_data_row: int
    kind: RecordKind | None
    kind_certain: bool
    record_type: str
    columns: tuple[Column, ...]
    records: list[Record] = field(repr=False)
    row_count: int
    skipped: tuple[Skipped, ...] = ()
    problems: tuple[Problem, ...] = ()
    fingerprint: str = ""

    @property
    def mapping(self) -> Mapping | None:
        """Return the mapping as it was used, to be stored once confirmed; None while the kind is unknown."""
        if self.kind is None:
            return None
        return Mapping(
            kind=self.kind,
            fingerprint=self.fingerprint,
            fields=tuple(column.fields for column in self.columns),
        )

    @property
    def doubts(self) -> list[Column]:
        """Return the columns a person should look at before the import."""
        return [column for column in self.columns if column.doubt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything found in a file."""

    tables: tuple[TableFindings, ...]
    questions: tuple[Question, ...] = ()
    notices: tuple[str, ...] = ()
    stray_problems: tuple[Problem, ...] = ()

    @property
    def records(self) -> list[Record]:
        """Return the records of all tables, in file order."""
        return [record for table in self.tables for record in table.records]

    @property
    def problems(self) -> list[Problem]:
        """Return every problem with its place: of the file, of tables, of rows."""
        return [*self.stray_problems, *self._table_problems()]

    def _table_problems(self) -> Iterator[Problem]:
        for table in self.tables:
            yield from table.problems
            for record in table.records:
                yield from record.problems

    @property
    def verdict(self) -> Verdict:
        """Return what is to become of the file: an open question comes before errors in rows."""
        if self.questions:
            return Verdict.ASK
        if any(problem.severity is Severity.ERROR for problem in self.problems):
            return Verdict.ROW_ERROR
        return Verdict.ACCEPT if any(table.row_count for table in self.tables) else Verdict.ACCEPT_NOTHING


def fingerprint_of(headers: tuple[str, ...]) -> str:
    """Return the same text for the same header words in the same order, whatever their spacing and marks."""
    return hashlib.sha256("\n".join(clean_header(header) for header in headers).encode()).hexdigest()


def layout_of(table: TableFindings) -> str:
    """Return the same text for a list with the same header words in any order: what it brings may change."""
    return fingerprint_of(tuple(sorted(clean_header(column.header) for column in table.columns)))


def header_fingerprint(table: TableFindings) -> str:
    """Return the fingerprint of a table's header, under which its mapping is remembered."""
    return fingerprint_of(tuple(column.header for column in table.columns))
