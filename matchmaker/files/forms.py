"""Filled-in forms: sheets and Word tables where a label stands beside its value, one record to a form."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from matchmaker.files.book import Cell, Sheet
from matchmaker.files.form_grid import Grid, Pair, labels_above, labels_beside, labels_inside
from matchmaker.files.headers import clean_header
from matchmaker.files.layout import Body, Header, RawTable


@dataclass(slots=True)
class _Form:
    """The labels of one form in order, each with its value and where that stands."""

    labels: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    spots: list[tuple[int, int]] = field(default_factory=list)

    def add(self, pair: Pair) -> None:
        self.labels.append(pair.label)
        self.cells.append(pair.value)
        self.spots.append(pair.spot)


def find_forms(sheet: Sheet) -> list[RawTable]:
    """Return the forms of a sheet as one table per layout: labels as its header, one row per form.

    A sheet is read as forms when its known labels stand below each other, at most four to a row,
    rather than side by side in one header row; when each row of labels has one row of values below;
    or when its cells say 名称：内容. None when it is not laid out so.
    """
    grid = Grid(sheet)
    pairs = labels_inside(grid) or labels_above(grid) or labels_beside(grid)
    tables: dict[tuple[str, ...], RawTable] = {}
    for form in _forms(pairs):
        _file(form, sheet, tables)
    return list(tables.values())


def join_alike(tables: list[RawTable]) -> list[tuple[RawTable, list[RawTable]]]:
    """Return the form tables by layout: a compilation has one table per achievement, all alike."""
    alike: dict[tuple[tuple[str, ...], ...], tuple[RawTable, list[RawTable]]] = {}
    for table in tables:
        key = tuple(header.parts for header in table.headers)
        alike.setdefault(key, (table, []))[1].append(table)
    return list(alike.values())


def _forms(pairs: list[Pair]) -> Iterator[_Form]:
    """Yield the forms from top to bottom; the first label, coming again, begins the next one."""
    form = _Form()
    for pair in pairs:
        if form.labels and clean_header(pair.label) == clean_header(form.labels[0]):
            yield form
            form = _Form()
        form.add(pair)
    if form.labels:
        yield form


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
