"""Lists laid on their side: the names of the fields run down one column, each record fills a column."""

from collections import Counter
from dataclasses import replace

from matchmaker.files import evidence
from matchmaker.files.book import Sheet, Spot
from matchmaker.files.findings import Skipped, SkipReason
from matchmaker.files.headers import RecordKind, count_known, is_known, look_up
from matchmaker.files.headers import fields as fields_of
from matchmaker.files.layout import Body, Header, RawTable, is_blank, shown

_ROWS_SEARCHED = 200
_FEWEST_FIELDS = 4
_FEWEST_RECORDS = 2
STRICT_TYPES = frozenset({"phone", "email", "uscc", "money", "date", "patent_list", "int1-9", "org"})
_ALIKE = 0.6


def find_transposed(sheet: Sheet, *, few: bool = False) -> list[RawTable]:
    """Return the table of a sheet whose records stand side by side; none when it is not laid out so.

    Cells keep the addresses they have in the file. `few`: where there are so few records that the sheet
    looks like a form too, and its second column may say what to write, so the values must be alike.
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
    if len(fields) < _FEWEST_FIELDS or count * 3 < 2 * len(fields) or _has_header(sheet, fields, at):
        return []
    columns = _record_columns(sheet, fields, at)
    if len(columns) < _FEWEST_RECORDS or (few and not _values_are_alike(sheet, fields, at, columns)):
        return []
    return [_table(_spread_across(sheet, columns), fields, at, columns)]


def _spread_across(sheet: Sheet, columns: list[int]) -> Sheet:
    """Return the sheet with what is merged over several records in each of them: one firm, two needs."""
    rows = [list(row) for row in sheet.rows]
    for merge in sheet.merges:
        covered = [column for column in columns if merge.first_column <= column <= merge.last_column]
        if merge.first_column not in covered or len(covered) < _FEWEST_RECORDS:
            continue
        for at in range(merge.first_row, min(merge.last_row + 1, len(rows))):
            rows[at] += [""] * (covered[-1] + 1 - len(rows[at]))
            for column in covered:
                rows[at][column] = rows[merge.first_row][merge.first_column]
    return replace(sheet, rows=rows)


def _values_are_alike(sheet: Sheet, fields: list[int], at: int, columns: list[int]) -> bool:
    """Whether all records have values where only some will do: a telephone each, an amount each."""
    shares: list[float] = []
    of_names: list[float] = []
    for row in fields:
        cells = [sheet.rows[row][column] for column in columns if column < len(sheet.rows[row])]
        cells = evidence.filled(cells)
        label = str(sheet.rows[row][at])
        named = [fields_of(kind)[name] for kind in RecordKind for name in look_up(kind, (label,))[:1]]
        strict = [field for field in named if field.type in STRICT_TYPES]
        if strict and len(cells) >= _FEWEST_RECORDS:
            share = max(evidence.fit(field, cells, header=label) or 0.0 for field in strict)
            by_name = all(field.type == "org" for field in strict)
            (of_names if by_name else shares).append(share)
    told = shares or of_names  # not every firm is called one; a telephone is known by its digits
    return bool(told) and min(told) >= _ALIKE


def _has_header(sheet: Sheet, fields: list[int], at: int) -> bool:
    """Whether known words stand beside each other over the fields, or in several rows: then none run down."""
    rows = [row for row, cells in enumerate(sheet.rows[:_ROWS_SEARCHED]) if count_known(cells[at:]) >= 2]
    return len(rows) > 1 or any(row <= fields[0] for row in rows)


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
        spots = {place: Spot(row, column) for place, row in enumerate(fields)}
        table.body.append(Body(row=fields[0], cells=cells, spots=spots))
    table.skipped += [
        Skipped(where=sheet.where(row), reason=SkipReason.NOTE, text=text)
        for row in range(len(sheet.rows))
        if row not in fields and (text := shown(sheet.rows[row]))
    ]
    return table
