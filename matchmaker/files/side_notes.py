"""Advice that stands beside a list, with an empty column between: 填表说明：1.企业名称填写全称."""

import re
from dataclasses import replace

from matchmaker.files.book import Cell, Sheet
from matchmaker.files.headers import count_known

_ROWS_SEARCHED = 60
_FEWEST_HEADERS = 2
_LABEL = re.compile(
    r"(?:填表|填报|填写|使用|操作|相关)?(?:说明|须知|要求|注意事项|提示)\s*+[:：]?|注\s*+[:：].*",
    re.DOTALL,
)


def without_side_notes(sheet: Sheet) -> tuple[Sheet, str]:
    """Return the sheet without the columns of such advice, and its first words; "" where there is none."""
    for row in range(min(_ROWS_SEARCHED, len(sheet.rows))):
        cells = sheet.rows[row]
        column = _label_at(cells)
        listed = column and count_known(cells[:column]) >= _FEWEST_HEADERS
        if listed and not count_known(cells[column + 1 :]) and _is_apart(sheet, row, column):
            rows = [*sheet.rows[:row], *(line[:column] for line in sheet.rows[row:])]
            merges = tuple(m for m in sheet.merges if m.last_row < row or m.first_column < column)
            return replace(sheet, rows=rows, merges=merges), str(cells[column]).strip()
    return sheet, ""


def _label_at(cells: list[Cell]) -> int:
    """Return the column of a label of advice behind an empty one; 0 where there is none."""
    for column in range(2, len(cells)):
        cell = cells[column]
        if cells[column - 1] == "" and type(cell) is str and cell and _LABEL.fullmatch(cell.strip()):
            return column
    return 0


def _is_apart(sheet: Sheet, row: int, column: int) -> bool:
    """Whether nothing stands in the column before, from this row on: else the list goes on beyond it."""
    before = column - 1
    covered = any(m.first_column <= before <= m.last_column and m.last_row >= row for m in sheet.merges)
    return not covered and all(line[before : before + 1] in ([], [""]) for line in sheet.rows[row:])
