"""The imported columns of a table: cells to values, and what several columns say of one field together."""

from collections.abc import Sequence

from matchmaker.domain.parsed import guess
from matchmaker.domain.problems import Problem
from matchmaker.domain.values import Money
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import Reader, Reading, of_field
from matchmaker.files.disclosure_readers import DISCLOSURE_FIELDS, narrower
from matchmaker.files.leftovers import LONGEST_PROMPT, left_in, without_text_mark, written_across
from matchmaker.files.place_columns import joined_place

_REMEMBERED_TEXTS = 2_000


class ColumnReader:
    """One imported column. What short texts mean is remembered: lists repeat the same few words.

    `label` stands before its text when several columns fill one field (`shares`); `remembered` is what
    texts of this column were read as before.
    """

    __slots__ = ("_read", "field", "index", "label", "remembered", "shares")

    def __init__(self, *, index: int, field: str, read: Reader, label: str, shares: bool) -> None:
        self.index = index
        self.field = field
        self.label = label
        self.shares = shares
        self._read = read
        self.remembered: dict[str, Reading] = {}

    def reading(self, cell: Cell) -> Reading:
        """Return what a cell says that is not remembered."""
        if type(cell) is not str or len(cell) > LONGEST_PROMPT:
            return self._read(cell)
        leftover = left_in(cell, self.field)
        said = written_across(cell) if "\n" in cell else without_text_mark(cell)
        read: Reading = ({}, (leftover,)) if leftover else self._read(said)
        if len(self.remembered) < _REMEMBERED_TEXTS:
            self.remembered[cell] = read
        return read


def read_cells(cells: list[Cell], readers: list[ColumnReader]) -> tuple[dict[str, object], list[Problem]]:
    """Return the values of one row by field, and what is to be said about its cells."""
    values: dict[str, object] = {}
    problems: list[Problem] = []
    width = len(cells)
    for column in readers:
        cell = cells[column.index] if column.index < width else ""
        if cell == "":
            continue
        # a call for every cell would take longer than most readings
        known = column.remembered.get(cell) if type(cell) is str else None
        found, said = known or column.reading(cell)
        if said:
            problems += said
        if column.shares and (column.label or not found.keys().isdisjoint(values)):
            problems += _add_shared(values, found, column)
        else:
            values.update(found)
    return values, problems


# What a cell of names says besides: 张三教授, 李四（厂长）.
_POSITIONS = ("position", "contact_position")
_RANKS = ("leader_title",)


def _add_shared(values: dict[str, object], found: dict[str, object], column: ColumnReader) -> list[Problem]:
    """Add what a column says to what other columns of the same field have said; return what is left out."""
    problems = []
    label = column.label
    for name, value in found.items():
        if name in DISCLOSURE_FIELDS and name in values:
            values[name] = narrower(values[name], value)
            continue
        if name == "region" and name in values:
            values[name] = joined_place(str(values[name]), str(value))
            continue
        if name in _POSITIONS and name in values:
            values[name] = _both(str(values[name]), str(value), first_is_own=name != column.field)
            continue
        if name in _RANKS and values.get(name, value) != value:
            values[name] = value if name == column.field else values[name]
            message = "姓名里带的职称和“职称”列不一样，按“职称”列记入，请核对。"
            problems.append(of_field(guess(message, code="two_ranks"), name))
            continue
        labelled = f"{label}：{value}" if label and isinstance(value, str) else value
        earlier = values.get(name)
        values[name] = _joined(earlier, labelled) if name in values else labelled
        if isinstance(value, Money) and earlier == values[name] and value != earlier:
            message = "下限和上限两列合不成一个范围，只记入了前一列，请核对。"
            problems.append(of_field(guess(message, code="no_range"), name))
    return problems


def _both(earlier: str, later: str, *, first_is_own: bool) -> str:
    """Return two positions of one person as 院长、教授, that of the column of positions first."""
    if later in earlier or earlier in later:
        return max(earlier, later, key=len)
    return f"{earlier}、{later}" if first_is_own else f"{later}、{earlier}"


def _joined(earlier: object, later: object) -> object:
    """Put the values of two columns of one field together; of plain values the earlier one stays."""
    if isinstance(earlier, tuple) and isinstance(later, tuple):
        return tuple(dict.fromkeys(earlier + later))
    if isinstance(earlier, Money) and isinstance(later, Money):
        return earlier.with_other_end(later)
    if isinstance(earlier, str) and isinstance(later, str) and later not in earlier and "：" in later:
        return f"{earlier}\n{later}"
    return earlier


def without_label(text: str, labels: Sequence[str]) -> str:
    """Return a text without the header that stands before it where several columns fill one field."""
    named = next((label for label in labels if text.startswith(f"{label}：")), "")
    return text.removeprefix(f"{named}：") if named else text
