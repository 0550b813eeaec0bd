"""Rows to workbooks and .csv files that a clerk opens in Excel or WPS: every text stays text.

Cells come from users. Whatever starts with = + - @ would be run as a formula by a spreadsheet
program; in a workbook it is written as a string cell, which no program evaluates, so telephone
numbers like +86 138… stay as they are. A .csv has no cell types: there such texts get an
apostrophe in front, but plain numbers and telephone numbers, which evaluate to nothing, do not.
"""

import csv
import io
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from matchmaker.domain.parsed import plain_text
from matchmaker.domain.problems import Problem
from matchmaker.errors import Refused
from matchmaker.files.cell_comments import OUR_AUTHOR
from matchmaker.files.headers import RETURNED_COLUMNS

if TYPE_CHECKING:
    from matchmaker.files.findings import Findings, Record, TableFindings

LONGEST_CELL = 32_767  # what Excel can hold; longer texts would be cut without a word
_MOST_ROWS = 1_000_000
_A3, _A4 = 8, 9  # Excel's numbers of paper sizes
_WIDEST_ON_A4 = 250  # characters; beyond that, letters shrunk to the width of A4 cannot be read
_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f']")
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_RISKY_START = re.compile(r"'*\s*[=+\-@＝＋－＠\t\r]")
_HONEST_NUMBER = re.compile(r"[+-]?\d[\d\s,.]*%?")


class CellKind(StrEnum):
    """How a value is shown. MONEY and WAN take fen, PERCENT a share of 0–1, DATETIME local time."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    WAN = "wan"
    DATE = "date"
    DATETIME = "datetime"
    PERCENT = "percent"


class ExportRefused(Refused):
    """A value that the file format cannot hold whole; the message names the cell."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """A column: `key` finds its value in each row, `width` is in characters of the default font."""

    key: str
    header: str
    width: int = 16
    kind: CellKind = CellKind.TEXT
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSpec:
    """A sheet: `title` above the header, `notes` under the rows, both optional.

    `printed`: rows are as high as their texts need. Excel sees to that by itself, LibreOffice does not.
    """

    name: str
    columns: Sequence[ColumnSpec]
    rows: Iterable[Mapping[str, object]]
    title: str = ""
    notes: Sequence[str] = field(default=())
    hidden: bool = False
    printed: bool = False


# In points: a line of the default font, and the highest row that Excel knows.
_LINE_HEIGHT, _HIGHEST_ROW = 15.0, 409.0
_NUMBER_FORMATS = {
    CellKind.TEXT: "@",
    CellKind.INTEGER: "#,##0",
    CellKind.MONEY: "#,##0.00",
    CellKind.WAN: "#,##0.00##",
    CellKind.DATE: "yyyy-mm-dd",
    CellKind.DATETIME: "yyyy-mm-dd hh:mm",
    CellKind.PERCENT: "0.0%",
}


def workbook(sheets: Sequence[SheetSpec], *, row_by_row: bool = False) -> bytes:
    """Return an .xlsx with these sheets: header frozen and filterable, column widths set, texts inert.

    `row_by_row` is for long lists: rows wait in a private temporary folder instead of in memory until the
    file is packed, and every text stands in its own cell.
    Raises ExportRefused for a text longer than a cell can hold and for more rows than a sheet can.
    Characters that XML cannot hold are written as �.
    """
    target = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        _write_workbook(target, sheets, row_by_row=row_by_row, folder=folder)
    return target.getvalue()


def _write_workbook(
    target: io.BytesIO, sheets: Sequence[SheetSpec], *, row_by_row: bool, folder: str
) -> None:
    import xlsxwriter

    # No string is ever turned into a formula, link or number: what users typed stays what they typed.
    options = {
        "in_memory": not row_by_row,
        "constant_memory": row_by_row,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    book = xlsxwriter.Workbook(target, options)
    used: set[str] = set()
    for sheet in sheets:
        _SheetWriter(book, _sheet_name(sheet.name, used)).write(sheet)
    book.close()


def csv_bytes(sheet: SheetSpec) -> bytes:
    """Return one sheet as UTF-8 .csv with byte order mark; header and rows only, formulas made inert."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([column.header for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_inert(_as_text(row.get(column.key), column.kind)) for column in sheet.columns])
    return target.getvalue().encode("utf-8-sig", "replace")


def _inert(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; numbers and telephones stay as they are."""
    if _RISKY_START.match(text) and not _HONEST_NUMBER.fullmatch(text):
        return "'" + text
    return text


def _as_text(value: object, kind: CellKind) -> str:
    if value is None or value == "":
        return ""
    if kind in (CellKind.MONEY, CellKind.WAN) and isinstance(value, int):
        return f"{Decimal(value) / (100 if kind is CellKind.MONEY else 1_000_000):f}"
    if kind is CellKind.PERCENT and isinstance(value, (int, float)):
        return f"{value * 100:.1f}%"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return _joined(value)


def _joined(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "；".join(str(part) for part in value)
    return str(value)


def _sheet_name(name: str, used: set[str]) -> str:
    """Return a name Excel accepts: at most 31 characters, none of []:*?/\\, and no second of its kind."""
    base = _FORBIDDEN_IN_NAMES.sub(" ", name).strip()[:31] or "表"
    chosen, number = base, 2
    while chosen.casefold() in used:
        chosen = f"{base[: 28 - len(str(number))]}（{number}）"
        number += 1
    used.add(chosen.casefold())
    return chosen


class _SheetWriter:
    """Writes one sheet; knows the formats of its workbook."""

    def __init__(self, book: Any, name: str) -> None:
        self._name = name
        self._sheet = book.add_worksheet(name)
        self._title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        border = {"border": 1, "valign": "top", "text_wrap": True}
        head = {"bold": True, "border": 1, "bg_color": "#DDE7F0", "text_wrap": True, "valign": "vcenter"}
        self._header = book.add_format({**head, "align": "center"})
        self._note = book.add_format({"font_color": "#595959", "text_wrap": False})
        self._formats = {
            kind: book.add_format({**border, "num_format": form}) for kind, form in _NUMBER_FORMATS.items()
        }

    def write(self, spec: SheetSpec) -> None:
        at = 0
        if spec.title:
            shown = sum(not column.hidden for column in spec.columns)
            self._sheet.merge_range(0, 0, 0, max(shown - 1, 1), "", self._title)
            self._text(0, 0, spec.title, self._title)
            self._sheet.set_row(0, 30)
            at = 1
        for place, column in enumerate(spec.columns):
            self._sheet.set_column(place, place, column.width, None, {"hidden": column.hidden})
            self._text(at, place, column.header, self._header)
        self._sheet.freeze_panes(at + 1, 0)
        last = self._rows(spec, at + 1)
        if spec.columns:
            self._sheet.autofilter(at, 0, max(last - 1, at), len(spec.columns) - 1)
        for number, note in enumerate(spec.notes):
            self._text(last + 1 + number, 0, note, self._note)
        if spec.hidden:
            self._sheet.hide()
        self._print_setup(at, width=sum(column.width for column in spec.columns if not column.hidden))

    def _print_setup(self, header_row: int, *, width: int) -> None:
        self._sheet.set_landscape()
        self._sheet.set_paper(_A3 if width > _WIDEST_ON_A4 else _A4)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0, header_row)

    def _rows(self, spec: SheetSpec, at: int) -> int:
        for number, row in enumerate(spec.rows, at):
            if number > _MOST_ROWS:
                raise ExportRefused(
                    f"“{self._name}”超过 {_MOST_ROWS:,} 行，一张工作表放不下，请先筛选再导出。"
                )
            if spec.printed:
                self._sheet.set_row(number, _height(spec.columns, row))
            for place, column in enumerate(spec.columns):
                self.cell(number, place, row.get(column.key), column.kind)
            at = number + 1
        return at

    def cell(self, row: int, column: int, value: object, kind: CellKind) -> None:
        """Write one value as its column says; a value of another type is written as text."""
        form = self._formats[kind]
        if value is None or value == "":
            self._sheet.write_blank(row, column, None, form)
        elif kind is CellKind.TEXT or isinstance(value, (str, bool, list, tuple)):
            self._text(row, column, _as_text(value, CellKind.TEXT), form)
        elif isinstance(value, (date, datetime)):
            self._sheet.write_datetime(row, column, _wall_time(value), form)
        elif isinstance(value, (int, float, Decimal)):
            scale = {CellKind.MONEY: 100, CellKind.WAN: 1_000_000}.get(kind, 1)
            self._sheet.write_number(row, column, value / scale if scale > 1 else value, form)
        else:
            self._text(row, column, str(value), form)

    def _text(self, row: int, column: int, text: str, form: Any) -> None:
        if len(text) > LONGEST_CELL:
            place = f"“{self._name}”第 {row + 1} 行第 {column + 1} 列"
            raise ExportRefused(
                f"{place}有 {len(text):,} 个字，超过一格能放的 {LONGEST_CELL:,} 个，请先精简这段文字。"
            )
        self._sheet.write_string(row, column, ILLEGAL.sub("\ufffd", text), form)

    def comment(self, row: int, column: int, text: str) -> None:
        self._sheet.write_comment(row, column, text, {"x_scale": 2.0, "author": OUR_AUTHOR})


def _height(columns: Sequence[ColumnSpec], row: Mapping[str, object]) -> float:
    """Return the points that a row's longest text takes in its column; Chinese letters are two wide."""
    lines = 1
    for column in columns:
        if not column.hidden:
            texts = _as_text(row.get(column.key), column.kind).split("\n")
            lines = max(lines, sum(1 + (_wide(text) - 1) // max(1, column.width - 1) for text in texts))
    return min(_HIGHEST_ROW, lines * _LINE_HEIGHT)


def _wide(text: str) -> int:
    return max(1, sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text))


def _wall_time(value: date | datetime) -> date | datetime:
    """Return a moment without its zone: cells hold wall-clock time."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


Said = Mapping[tuple[str, int], Sequence[Problem]]
"""(Sheet, row counted from 1) → what is to be said about that row."""


def problem_workbook(findings: "Findings", said: Said | None = None) -> bytes:
    """Return the rows with problems, as they stood, each problem as a comment on its cell.

    One sheet per table that has any; the last columns name the place in the sent file and all
    problems of the row, so that the corrected rows can be sent again as they are. `said` names the
    rows to return and their problems; without it they are those that reading found.
    """
    import xlsxwriter

    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(target, options)
    used: set[str] = set()
    for table in findings.tables:
        rows = [(record, problems) for record in table.records if (problems := _said(record, said))]
        if rows:
            _write_problems(_SheetWriter(book, _sheet_name(table.sheet or "问题行", used)), table, rows)
    if not used:
        _SheetWriter(book, "没有问题").write(
            SheetSpec(name="没有问题", columns=(ColumnSpec(key="", header="没有需要修改的行"),), rows=())
        )
    book.close()
    return target.getvalue()


def _said(record: "Record", said: Said | None) -> Sequence[Problem]:
    return record.problems if said is None else said.get((record.sheet, record.row), ())


def _write_problems(
    writer: _SheetWriter,
    table: "TableFindings",
    records: Sequence[tuple["Record", Sequence[Problem]]],
) -> None:
    shown = [column for column in table.columns if column.header]
    specs = [ColumnSpec(key=str(column.index), header=column.header, width=18) for column in shown]
    specs += [
        ColumnSpec(key="where", header=RETURNED_COLUMNS[0]),
        ColumnSpec(key="said", header=RETURNED_COLUMNS[1], width=60),
    ]
    rows = [_problem_row(record, problems) for record, problems in records]
    # the title may say whose list it is and in which unit its amounts are
    writer.write(SheetSpec(name="", columns=specs, rows=rows, title=table.title[:LONGEST_CELL]))
    places = {column.index: place for place, column in enumerate(shown)}
    for number, (record, problems) in enumerate(records, 2 if table.title else 1):
        for column, of_cell in _by_column(record, problems).items():
            if column in places:
                writer.comment(number, places[column], "\n".join(problem.message for problem in of_cell))


def _problem_row(record: "Record", problems: Sequence[Problem]) -> dict[str, object]:
    row: dict[str, object] = {
        str(column): plain_text(cell) if isinstance(cell, float) else cell
        for column, cell in enumerate(record.cells)
    }
    row["where"] = record.where()
    row["said"] = "\n".join(problem.message for problem in problems)
    return row


def _by_column(record: "Record", problems: Sequence[Problem]) -> dict[int, list[Problem]]:
    """Return the problems of a row by the column they belong to: of their field, or of their place."""
    found: dict[int, list[Problem]] = {}
    places = {record.place(column): column for column in range(len(record.cells))}
    for problem in problems:
        columns = record.layout.columns_of.get(problem.field, ())
        column = columns[0] if columns else places.get(problem.where)
        if column is not None:
            found.setdefault(column, []).append(problem)
    return found
