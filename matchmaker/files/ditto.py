"""Cells that say the same as the one above: 同上, 〃."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from matchmaker.files.book import Cell
from matchmaker.files.layout import Body

_MARKS: frozenset[Cell] = frozenset(
    {"同上", "〃", "同前", "同 上", "同上。", "（同上）", "(同上)", "同上行", "″"}
)


def written_out(rows: Iterable[Body]) -> Iterator[tuple[Body, tuple[int, ...]]]:
    """Yield each row with what stands above in place of 同上, and the columns in which it said so.

    A mark with nothing above it becomes a blank. Forms have no row above.
    """
    above: list[Cell] = []
    for body in rows:
        marked: tuple[int, ...] = ()
        if (body.spots is None or body.shares_row) and not _MARKS.isdisjoint(body.cells):
            marked = tuple(column for column, cell in enumerate(body.cells) if cell in _MARKS)
        above = _filled(body.cells, above, marked) if marked else body.cells
        yield (replace(body, cells=above) if marked else body), marked


def _filled(cells: list[Cell], above: list[Cell], marked: tuple[int, ...]) -> list[Cell]:
    filled = list(cells)
    for column in marked:
        filled[column] = above[column] if column < len(above) else ""
    return filled
