"""Sheets with tables side by side: each gets the sheet to itself, its cells where they were."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from matchmaker.files.book import Cell, Sheet
from matchmaker.files.headers import RecordKind, count_known, look_up

_ROWS_SEARCHED = 60
_FEWEST_HEADERS = 2


def bands(sheet: Sheet) -> list[Sheet]:
    """Return the sheet once per table that stands beside another; as it is when there is but one.

    Two tables are side by side when an empty column parts them and the headers of both name what a table is
    about: an empty column before 联系人 and 电话 makes no second table. Columns of the other tables are
    blank, so that cells keep their addresses; what stands above the headers belongs to all of them.
    """
    top = _first_header_row(sheet)
    if top is None:
        return [sheet]
    found = [span for span in _spans(sheet, top) if _has_header(sheet, top, span)]
    if len(found) < 2:
        return [sheet]
    return [_band(sheet, top, span) for span in found]


def _first_header_row(sheet: Sheet) -> int | None:
    """Return the first row with header words, if an empty cell parts any in the rows of headers."""
    rows = [
        row for row, cells in enumerate(sheet.rows[:_ROWS_SEARCHED]) if count_known(cells) >= _FEWEST_HEADERS
    ]
    return rows[0] if any(_has_gap(sheet.rows[row]) for row in rows) else None


def _has_gap(cells: Sequence[Cell]) -> bool:
    filled = [place for place, cell in enumerate(cells) if cell != ""]
    return bool(filled) and len(filled) < filled[-1] + 1


def _has_header(sheet: Sheet, top: int, span: range) -> bool:
    """Whether some row of these columns is a header that could stand alone; two headers need not be level."""
    return any(_names_something(_cut(cells, span)) for cells in sheet.rows[top : top + _ROWS_SEARCHED])


def _spans(sheet: Sheet, header: int) -> Iterator[range]:
    """Yield the stretches of columns between columns that are empty from the header down."""
    width = max(len(row) for row in sheet.rows[header:])
    covered = {
        column
        for merge in sheet.merges
        if merge.last_row >= header
        for column in range(merge.first_column, merge.last_column + 1)
    }
    start = None
    for column in range(width + 1):
        used = column < width and (column in covered or _is_used(sheet.rows[header:], column))
        if used and start is None:
            start = column
        if not used and start is not None:
            yield range(start, column)
            start = None


def _names_something(cells: list[Cell]) -> bool:
    """Whether a header alone could head a table: it has a title, or a person's name and unit."""
    words = [str(cell) for cell in cells if cell != ""]
    if count_known(words) < _FEWEST_HEADERS:
        return False
    named = {kind: {name for word in words for name in look_up(kind, (word,))} for kind in RecordKind}
    people = named.pop(RecordKind.PEOPLE)
    return {"name", "org"} <= people or any("title" in fields for fields in named.values())


def _is_used(rows: Sequence[list[Cell]], column: int) -> bool:
    return any(column < len(row) and row[column] != "" for row in rows)


def _cut(row: list[Cell], span: range) -> list[Cell]:
    """Return a row in which only the cells of these columns stand."""
    return [cell if place in span else "" for place, cell in enumerate(row[: span.stop])]


def _band(sheet: Sheet, header: int, span: range) -> Sheet:
    rows = [*sheet.rows[:header], *(_cut(row, span) for row in sheet.rows[header:])]
    merges = tuple(merge for merge in sheet.merges if merge.last_row < header or merge.first_column in span)
    faults = tuple(fault for fault in sheet.faults if fault.column is None or fault.column in span)
    return replace(sheet, rows=rows, merges=merges, faults=faults)
