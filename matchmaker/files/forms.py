"""Filled-in forms: sheets and Word tables where a label stands beside its value, one record to a form."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from matchmaker.files.book import Cell, Merge, Sheet
from matchmaker.files.headers import clean_header, is_known
from matchmaker.files.tables import Body, Header, RawTable

_LONGEST_LABEL = 40
_FEWEST_LABELS = 3
_LABELS_TO_A_ROW = 4


@dataclass(slots=True)
class _Form:
    """The labels of one form in order, each with its value and where that stands."""

    labels: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    spots: list[tuple[int, int]] = field(default_factory=list)

    def add(self, label: str, cell: Cell, spot: tuple[int, int]) -> None:
        self.labels.append(label)
        self.cells.append(cell)
        self.spots.append(spot)


def find_forms(sheet: Sheet) -> list[RawTable]:
    """Return the forms of a sheet as one table per layout: labels as its header, one row per form.

    A sheet is read as forms when its known labels stand below each other, at most four to a row,
    rather than side by side in one header row. None when it is not laid out so.
    """
    grid = _Grid(sheet)
    if not grid.looks_like_forms():
        return []
    tables: dict[tuple[str, ...], RawTable] = {}
    for form in grid.forms():
        _file(form, sheet, tables)
    return list(tables.values())


def join_alike(tables: list[RawTable]) -> list[tuple[RawTable, list[RawTable]]]:
    """Return the form tables by layout: a compilation has one table per achievement, all alike."""
    alike: dict[tuple[tuple[str, ...], ...], tuple[RawTable, list[RawTable]]] = {}
    for table in tables:
        key = tuple(header.parts for header in table.headers)
        alike.setdefault(key, (table, []))[1].append(table)
    return list(alike.values())


def _file(form: _Form, sheet: Sheet, tables: dict[tuple[str, ...], RawTable]) -> None:
    key = tuple(form.labels)
    first_row = form.spots[0][0]
    if key not in tables:
        headers = tuple(Header(index=place, parts=(label,)) for place, label in enumerate(form.labels))
        tables[key] = RawTable(
            sheet=sheet,
            title=sheet.heading,
            place=sheet.where(*form.spots[0]),
            headers=headers,
            first_data_row=first_row,
        )
    spots = dict(enumerate(form.spots))
    tables[key].body.append(Body(row=first_row, cells=form.cells, spots=spots))


class _Grid:
    """The cells of a sheet with what its merged ranges cover."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._merges: dict[tuple[int, int], Merge] = {
            (merge.first_row, merge.first_column): merge for merge in sheet.merges
        }
        self._labels = {
            (row, column): str(cell)
            for row, cells in enumerate(sheet.rows[:2_000])
            for column, cell in enumerate(cells)
            if isinstance(cell, str) and len(cell) <= _LONGEST_LABEL and is_known(cell)
        }

    def looks_like_forms(self) -> bool:
        """Whether labels run down the sheet with values beside them."""
        rows: dict[int, int] = {}
        for row, _ in self._labels:
            rows[row] = rows.get(row, 0) + 1
        if len(rows) < _FEWEST_LABELS or max(rows.values()) > _LABELS_TO_A_ROW:
            return False
        answered = sum(self._value_of(row, column)[0] != "" for row, column in self._labels)
        filled = sum(cell != "" for cells in self._sheet.rows for cell in cells)
        return answered * 2 >= len(self._labels) and len(self._labels) * 4 >= filled

    def forms(self) -> Iterator[_Form]:
        """Yield the forms from top to bottom; a label that comes again begins the next one."""
        form = _Form()
        seen: set[str] = set()
        for row, column in sorted(self._labels):
            label = self._labels[row, column]
            word = clean_header(label)
            if word in seen and (not form.labels or word == clean_header(form.labels[0])):
                yield form
                form, seen = _Form(), set()
            seen.add(word)
            form.add(label, *self._value_of(row, column))
        if form.labels:
            yield form

    def _value_of(self, row: int, column: int) -> tuple[Cell, tuple[int, int]]:
        """Return the cell right of a label, or below it when the label covers its whole row."""
        after = self._end(row, column) + 1
        if after < self._width(row) and (row, after) not in self._labels:
            return self._cell(row, after), (row, after)
        below = self._merges[row, column].last_row + 1 if (row, column) in self._merges else row + 1
        alone = sum(cell != "" for cell in self._sheet.rows[row]) == 1
        if alone and below < len(self._sheet.rows) and (below, column) not in self._labels:
            return self._cell(below, column), (below, column)
        return "", (row, column)

    def _end(self, row: int, column: int) -> int:
        merge = self._merges.get((row, column))
        return merge.last_column if merge else column

    def _width(self, row: int) -> int:
        return len(self._sheet.rows[row])

    def _cell(self, row: int, column: int) -> Cell:
        cells = self._sheet.rows[row]
        return cells[column] if column < len(cells) else ""
