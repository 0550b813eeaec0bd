"""The cells of a form: what merged ranges cover, which are labels, which belong to a table in an answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.files.book import Cell, Merge, Sheet
from matchmaker.files.headers import RecordKind, clean_header, fields, is_known, look_up

_LONGEST_LABEL = 40
TOP_ROWS = 2_000
"""As many rows tell whether a sheet holds forms."""
_FEWEST_COLUMNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label with its value; `spot` is the row and column of the value, `group` what stands over several.

    Of 联系人 merged over the rows 姓名 and 手机 it is 联系人.
    """

    label: str
    group: str = ""
    value: Cell
    spot: tuple[int, int]


class Grid:
    """The cells of a sheet with what its merged ranges cover, and the cells that are listed labels.

    `tables` holds the answers that are small tables (指标, 现状, 目标 beside 技术指标) by the place of their
    label: their rows, and their first column; `inside` are the cells of all, none of them a label.
    `guides` are rows like 序号, 项目, 填写内容, 填写说明, which label nothing; `explained` are the columns
    that tell what to write.
    """

    def __init__(self, sheet: Sheet, *, top: bool = False) -> None:
        self.rows = sheet.rows[:TOP_ROWS] if top else sheet.rows
        self.merges: dict[tuple[int, int], Merge] = {
            (merge.first_row, merge.first_column): merge for merge in sheet.merges
        }
        listed = {
            (row, column): str(cell)
            for row, cells in enumerate(self.rows)
            for column, cell in enumerate(cells)
            if isinstance(cell, str) and len(cell) <= _LONGEST_LABEL and is_known(cell)
        }
        rows = {row for row, _ in listed}
        self.guides = {row for row in rows if _is_guide(self.rows[row])}
        self.explained = {column for row in self.guides for column in _explaining(self.rows[row])}
        listed = {
            place: text
            for place, text in listed.items()
            if place[0] not in self.guides and place[1] not in self.explained
        }
        self.used = {column for cells in self.rows for column, cell in enumerate(cells) if cell != ""}
        self.tables = dict(self._answer_tables(listed))
        self.inside = {
            (row, column)
            for rows, first in self.tables.values()
            for row in rows
            for column in self.filled(row)
            if column >= first
        }
        self.listed = {place: text for place, text in listed.items() if place not in self.inside}

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell, "" outside the sheet."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""

    def filled(self, row: int) -> list[int]:
        """Return the columns of a row in which something stands."""
        return [column for column, cell in enumerate(self.rows[row]) if cell != ""]

    def after(self, row: int, column: int) -> int:
        """Return the column right of a cell and what it covers, columns empty from top to bottom left out."""
        merge = self.merges.get((row, column))
        beside = (merge.last_column if merge else column) + 1
        while beside < len(self.rows[row]) and beside not in self.used and not self._is_covered(row, beside):
            beside += 1
        return beside

    def right_of(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return the place right of a cell."""
        return place[0], self.after(*place)

    def below(self, row: int, column: int) -> int:
        """Return the row under a cell and what it covers."""
        merge = self.merges.get((row, column))
        return (merge.last_row if merge else row) + 1

    def _is_covered(self, row: int, column: int) -> bool:
        return (row, column) in self.merges

    def _answer_tables(
        self, listed: dict[tuple[int, int], str]
    ) -> Iterator[tuple[tuple[int, int], tuple[range, int]]]:
        """Yield each label of a long text with the rows and the first column of a table right of it."""
        for (row, column), text in listed.items():
            people = asks_for_people(text) and self._names_people(row, column)
            if not (people or asks_for_text(text)) or any((row, left) in listed for left in range(column)):
                continue
            first = self.after(row, column)
            rows = range(row, self._last_row_beside(row, column, first, listed) + 1)
            heads = [at for at in self.filled(row) if at >= first]
            lines = [[at for at in self.filled(below) if at >= first] for below in rows[1:]]
            counted = len(heads) == 2 and all(_is_number(self.rows[line][first]) for line in rows)
            wide = (len(heads) >= _FEWEST_COLUMNS or counted) and heads[0] == first
            if wide and lines and all(len(line) >= 2 and set(line) <= set(heads) for line in lines):
                yield (row, column), (rows, first)

    def _names_people(self, row: int, column: int) -> bool:
        """Whether right of a label stand the heads of a list of people: 序号, 姓名, 职称."""
        return any(clean_header(str(self.cell(row, at))) == "姓名" for at in self.filled(row) if at > column)

    def _last_row_beside(self, row: int, column: int, first: int, listed: dict[tuple[int, int], str]) -> int:
        """Return the last row of what may be a table: as far as its label reaches down."""
        merge = self.merges.get((row, column))
        last = row
        below = row + 1
        while below < len(self.rows):
            outside = merge is not None and below > merge.last_row
            begins_anew = any(at < first or (below, at) in listed for at in self.filled(below))
            if outside or begins_anew or not self.filled(below):
                break
            last, below = below, below + 1
        return last


_GUIDE = re.compile(
    "序号?|编号|(?:填[写报表])?(?:的?(?:项目?|内容|栏目?|字段|指标项)|事项)|(?:填[写报表])?(?:说明|要求|须知|提示|规范)|备注"
    "|(?:填[写报]?)?(?:示例|样例|例子)|填写|(?:是否)?必填项?|请?在?此?(?:列|栏|处)?填[写报]"
)


def _is_guide(cells: list[Cell]) -> bool:
    """Whether a row heads the columns of a form, as 序号, 项目, 填写内容, 填写说明 do, and labels nothing."""
    said = [clean_header(str(cell)) for cell in cells if cell != ""]
    return len(said) > 1 and all(_GUIDE.fullmatch(word) for word in said)


def _is_number(cell: Cell) -> bool:
    """Whether a cell counts the lines of an answer: 1, (2), ③."""
    return bool(re.fullmatch(r"[(（]?\d{1,2}(?:\.0)?[)）、.]?|[①-⑳]", str(cell).strip()))


def _explaining(cells: list[Cell]) -> list[int]:
    """Return the columns that tell how to fill in the others."""
    return [
        column
        for column, cell in enumerate(cells)
        if re.search("说明|要求|备注|须知|提示|规范|[示样]例|例子|必填", str(cell))
    ]


def asks_for_text(label: str) -> bool:
    """Whether a label names a field of several lines, and of no other type in any kind of list."""
    return _types_of(label) == {"longtext"}


def asks_for_people(label: str) -> bool:
    """Whether a label names a field of several people: 完成人."""
    return _types_of(label) == {"person_list"}


def asks_for_a_contact(label: str) -> bool:
    """Whether a label names whom to call, and in no kind of list the head of something: 联系人."""
    names = {name for kind in RecordKind for name in look_up(kind, (label,))[:1]}
    return "contact_name" in names and names.isdisjoint({"leader", "legal_rep"})


def _types_of(label: str) -> set[str]:
    return {fields(kind)[name].type for kind in RecordKind for name in look_up(kind, (label,))[:1]}


_HEADING_TYPES = frozenset({"person", "phone", "email", "org"})


def heads_others(label: str) -> bool:
    """Whether labels may stand in a label's answer: it names somebody, or nothing that a list has."""
    return _types_of(label) <= _HEADING_TYPES
