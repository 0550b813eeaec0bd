"""A file as it was read: sheets of cells, and what a person must know or decide about them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

Cell = str | int | float | bool | date | datetime | time
"""What stands in one cell; an empty one is ""."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file is taken; everything beyond is refused with a sentence."""

    file_bytes: int = 50_000_000
    unpacked_bytes: int = 200_000_000
    members: int = 2_000
    rows: int = 200_000
    columns: int = 500
    cells: int = (
        6_000_000  # that hold something, all sheets together: what is read of them takes a minute at most
    )
    merged_rows: int = 1_000_000  # rows that merged ranges reach down to, all ranges together
    cell_characters: int = 32_767  # what one Excel cell can hold
    cpu_seconds: int = 8
    wall_seconds: float = 9.0
    memory_bytes: int = 512 * 1024 * 1024


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merged range; rows and columns count from 0, both ends belong to it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something unreadable met while reading: `column` None means the whole row. Counted from 0.

    `text` holds the words of a comment, where the format gives them.
    """

    row: int
    column: int | None
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to a question; `preview` shows what the file looks like with it."""

    value: str
    label: str
    preview: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person must decide before the file is imported.

    `code` is encoding or delimiter (answer it by reading the file again with the choice), hidden,
    or duplicate_header (answer it by confirming the preview or the mapping).
    """

    code: str
    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet, one Word table or one delimited file; rows[0] is row 1. Rows may differ in length.

    `hidden_rows`, `hidden_columns` and the crossed-out `struck_rows` count from 0. `ragged` says that a
    row's length means something (delimited text), `heading` is the text above a Word table.
    `labelled` says that the rows are lines of a text, each a label and its answer.
    """

    name: str
    rows: list[list[Cell]]
    merges: tuple[Merge, ...] = ()
    visible: bool = True
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    struck_rows: frozenset[int] = frozenset()
    faults: tuple[Fault, ...] = ()
    ragged: bool = False
    heading: str = ""
    place: str = "cells"
    labelled: bool = False

    def where(self, row: int, column: int | None = None) -> str:
        """Return where a cell is, in words a person can follow; row and column count from 0."""
        if self.place == "word":
            return f"{self.name} 第 {row + 1} 行" + (f"第 {column + 1} 列" if column is not None else "")
        if self.place == "text":
            return f"第 {row + 1} 行" + (f" {column_letters(column)} 列" if column is not None else "")
        return (
            f"{self.name}!{column_letters(column)}{row + 1}"
            if column is not None
            else f"{self.name} 第 {row + 1} 行"
        )


class Spot(NamedTuple):
    """Where a cell of a form stands; `sheet` None: in the sheet of its table, counted from 0."""

    row: int
    column: int
    sheet: Sheet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A file as it was read. With a question open it still holds the best guess, for the preview."""

    filename: str
    format: str
    sheets: tuple[Sheet, ...]
    notices: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def question(self) -> Question | None:
        """Return the first thing a person must choose before the text can be trusted."""
        return next(
            (question for question in self.questions if question.code in ("encoding", "delimiter")), None
        )

    def visible_sheets(self) -> Iterator[Sheet]:
        """Yield the sheets a person sees when opening the file."""
        return (sheet for sheet in self.sheets if sheet.visible)


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0: 0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the column counted from 0 of its letters: A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
