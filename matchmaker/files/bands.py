"""Sheets with tables side by side: each gets the sheet to itself, its cells where they were."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from matchmaker.files.book import Cell, Sheet
from matchmaker.files.headers import RecordKind, count_known, look_up

_ROWS_SEARCHED = 60
_FEWEST_HEADERS = 2


def bands(sheet: Sheet) -> list[Sheet]:
    """Return the sheet once per table that stands beside another; as it is when there is but one.

    Two tables are side by side when an empty column parts their headers and both name what a table is
    about: an empty column before 联系人 and 电话 makes no second table. Columns of the other tables are
    blank, so that cells keep their addresses; what stands above the headers belongs to all of them.
    """
    header = _header_row(sheet)
    if header is None:
        return [sheet]
    found = [span for span in _spans(sheet, header) if _names_something(_cut(sheet.rows[header], span))]
    if len(found) < 2:
        return [sheet]
    return [_band(sheet, header, span) for span in found]


def _header_row(sheet: Sheet) -> int | None:
    """Return the row with the most known header words, if an empty cell parts some of them."""
    window = range(min(_ROWS_SEARCHED, len(sheet.rows)))
    best = max(window, key=lambda row: (count_known(sheet.rows[row]), -row), default=None)
    if best is None or count_known(sheet.rows[best]) < 2 * _FEWEST_HEADERS:
        return None
    cells = sheet.rows[best]
    filled = [place for place, cell in enumerate(cells) if cell != ""]
    return best if len(filled) < filled[-1] - filled[0] + 1 else None


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
