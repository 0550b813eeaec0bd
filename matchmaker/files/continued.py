"""One thing written over several rows: its name in a merged cell, the lines of its text below each other."""

from dataclasses import replace

from matchmaker.files.book import Cell
from matchmaker.files.layout import Body, RawTable, Spans, is_blank


def join_continued(
    table: RawTable, *, naming: set[int], title: int, lines: set[int], texts: set[int]
) -> tuple[list[Body], dict[int, int]]:
    """Return the rows joined, and the number of rows that each joined one has more, by its row from 0.

    A row goes on with the one above when no column of `naming` says anything of its own in it, and the
    title of both is one merged cell or there is nothing in the row but more text for the columns `texts`.
    Cells of the columns `lines` are put below each other, others beside each other, so that what cannot be
    one value is seen not to be.
    """
    own_start = _starts_by_row(table, title)
    filled = {row: {column for column, _ in cells} for row, cells in Spans(table.sheet).fills.items()}
    joined: list[Body] = []
    more: dict[int, int] = {}
    for body in table.body:
        covered = filled.get(body.row, set())
        above = joined[-1] if joined else None
        goes_on = (
            above is not None
            and body.spots is None
            and (
                own_start.get(body.row) == own_start.get(above.row, -1)
                or (
                    body.row == above.row + more.get(above.row, 0) + 1
                    and is_more_text(body.cells, naming=naming, texts=texts)
                )
            )
            and all(column in covered or _is_empty(body.cells, column) for column in naming)
        )
        if above is None or not goes_on:
            joined.append(body)
            continue
        joined[-1] = replace(above, cells=_joined(above.cells, body.cells, covered, lines))
        more[above.row] = more.get(above.row, 0) + 1
    return joined, more


def is_more_text(cells: list[Cell], *, naming: set[int], texts: set[int]) -> bool:
    """Whether a row names nothing and holds nothing but text of the columns `texts`."""
    if not all(_is_empty(cells, column) for column in naming):
        return False
    said = [column for column, cell in enumerate(cells) if not is_blank(cell)]
    return bool(said) and all(column in texts for column in said)


def _starts_by_row(table: RawTable, title: int) -> dict[int, int]:
    """Return row → first row of the merged cell that its title stands in."""
    return {
        row: merge.first_row
        for merge in table.sheet.merges
        if merge.first_column <= title <= merge.last_column and merge.last_row > merge.first_row
        for row in range(merge.first_row, min(merge.last_row, len(table.sheet.rows)) + 1)
    }


def _is_empty(cells: list[Cell], column: int) -> bool:
    return column >= len(cells) or is_blank(cells[column])


def _joined(above: list[Cell], below: list[Cell], covered: set[int], lines: set[int]) -> list[Cell]:
    cells = above + [""] * (len(below) - len(above))
    for column, cell in enumerate(below):
        if column in covered or is_blank(cell) or cell == cells[column]:
            continue
        mark = "\n" if column in lines else "、"
        cells[column] = cell if is_blank(cells[column]) else f"{_plain(cells[column])}{mark}{_plain(cell)}"
    return cells


def _plain(cell: Cell) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
