"""Lists laid on their side: the names of the fields run down one column, each record fills a column."""

from collections import Counter

from matchmaker.files.book import Sheet
from matchmaker.files.findings import Skipped, SkipReason
from matchmaker.files.headers import count_known, is_known
from matchmaker.files.layout import Body, Header, RawTable, is_blank, shown

_ROWS_SEARCHED = 200
_FEWEST_FIELDS = 4
_FEWEST_RECORDS = 2


def find_transposed(sheet: Sheet) -> list[RawTable]:
    """Return the table of a sheet whose records stand side by side; none when it is not laid out so.

    Cells keep the addresses they have in the file.
    """
    rows = sheet.rows[:_ROWS_SEARCHED]
    known = Counter(column for cells in rows for column, cell in enumerate(cells) if is_known(cell))
    if not known or len(sheet.rows) > _ROWS_SEARCHED:
        return []
    at, count = known.most_common(1)[0]
    if count < _FEWEST_FIELDS:
        return []
    fields = [row for row, cells in enumerate(rows) if at < len(cells) and not is_blank(cells[at])]
    fields = [row for row in fields if any(not is_blank(cell) for cell in rows[row][at + 1 :])]
    if len(fields) < _FEWEST_FIELDS or count * 3 < 2 * len(fields) or _has_header_row(sheet, at):
        return []
    columns = _record_columns(sheet, fields, at)
    return [_table(sheet, fields, at, columns)] if len(columns) >= _FEWEST_RECORDS else []


def _has_header_row(sheet: Sheet, at: int) -> bool:
    """Whether known words stand beside each other: then fields do not run down."""
    return any(count_known(cells[at:]) >= 2 for cells in sheet.rows[:_ROWS_SEARCHED])


def _record_columns(sheet: Sheet, fields: list[int], at: int) -> list[int]:
    """Return the columns in which at least half of the fields are filled; others may hold no record."""
    width = max(len(sheet.rows[row]) for row in fields)
    counts = {
        column: sum(column < len(sheet.rows[row]) and not is_blank(sheet.rows[row][column]) for row in fields)
        for column in range(at + 1, width)
    }
    return [column for column, count in counts.items() if count] if _mostly_full(counts, fields) else []


def _mostly_full(counts: dict[int, int], fields: list[int]) -> bool:
    used = [count for count in counts.values() if count]
    return all(count * 2 >= len(fields) for count in used)


def _table(sheet: Sheet, fields: list[int], at: int, columns: list[int]) -> RawTable:
    table = RawTable(
        sheet=sheet,
        title=" ".join([sheet.heading, *(shown(sheet.rows[row]) for row in range(fields[0]))]).strip()[:200],
        place=sheet.where(fields[0], at),
        headers=tuple(
            Header(index=place, parts=(str(sheet.rows[row][at]).strip(),)) for place, row in enumerate(fields)
        ),
        first_data_row=fields[0],
    )
    for column in columns:
        cells = [sheet.rows[row][column] if column < len(sheet.rows[row]) else "" for row in fields]
        spots = {place: (row, column) for place, row in enumerate(fields)}
        table.body.append(Body(row=fields[0], cells=cells, spots=spots))
    table.skipped += [
        Skipped(where=sheet.where(row), reason=SkipReason.NOTE, text=text)
        for row in range(len(sheet.rows))
        if row not in fields and (text := shown(sheet.rows[row]))
    ]
    return table
