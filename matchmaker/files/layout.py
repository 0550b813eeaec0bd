"""A table as it lies in its sheet: its header, its rows, and the merged ranges round them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from matchmaker.files.book import Cell, Merge, Sheet, Spot
from matchmaker.files.findings import Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of one column; `parts` run from the top level of a two-level header down."""

    index: int
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the header as shown to people."""
        return "/".join(" ".join(part.split()) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One data row: its number from 0, and its cells with merged values filled down.

    `spots` is set for a filled-in form, whose cells stand anywhere, and where a row holds several things
    (`shares_row`), whose cells were moved below one header.
    """

    row: int
    cells: list[Cell]
    spots: dict[int, Spot] | None = None
    shares_row: bool = False


@dataclass(slots=True, kw_only=True)
class RawTable:
    """A table as it lies in its sheet; `place` and `title` are for people.

    `other_parts` are the sheets in which the rest of a form stands.
    `as_written` are its headers before columns were put together or parted.
    `several` are the headers of the things that each of its rows may hold: 技术需求1, 技术需求2.
    `group_lines` are the lines between its rows that name a group of them, each with its row from 0.
    `beside` is what stands in its forms and was no answer: where, and what.
    """

    sheet: Sheet
    title: str
    place: str
    headers: tuple[Header, ...]
    first_data_row: int
    body: list[Body] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    other_parts: tuple[Sheet, ...] = ()
    several: tuple[str, ...] = ()
    as_written: tuple[Header, ...] = ()
    group_lines: list[tuple[int, str]] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)


class Spans:
    """The merged ranges of a sheet, by what they are asked for."""

    def __init__(self, sheet: Sheet) -> None:
        self.last_row = last_row = len(sheet.rows) - 1
        self.starts: dict[tuple[int, int], Merge] = {}
        self.fills: dict[int, list[tuple[int, Cell]]] = {}
        for merge in sheet.merges:
            if merge.first_row > last_row:
                continue
            self.starts[merge.first_row, merge.first_column] = merge
            row = sheet.rows[merge.first_row]
            value = row[merge.first_column] if merge.first_column < len(row) else ""
            if value != "":
                for below in range(merge.first_row + 1, min(merge.last_row, last_row) + 1):
                    self.fills.setdefault(below, []).append((merge.first_column, value))

    def width_at(self, row: int, column: int) -> int:
        """Return how many columns the cell covers."""
        merge = self.starts.get((row, column))
        return merge.last_column - merge.first_column + 1 if merge else 1

    def filled(self, row: int, cells: list[Cell]) -> list[Cell]:
        """Return a row with the values of merged cells above filled in; inside their ranges only."""
        if row not in self.fills:
            return cells
        filled = list(cells)
        for column, value in self.fills[row]:
            filled += [""] * (column + 1 - len(filled))
            if filled[column] == "":
                filled[column] = value
        return filled


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing but white space."""
    return isinstance(cell, str) and not cell.strip()


def shown(cells: Iterable[Cell]) -> str:
    """Return a row in one short line, for people."""
    return " ".join(str(cell).strip() for cell in cells if cell != "")[:80]
