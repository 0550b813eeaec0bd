"""Reads the internal edition of a pairing list back after somebody edited it in Excel or WPS."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from matchmaker.domain.secrecy import find_secrets
from matchmaker.files.book import Book, Cell, Sheet
from matchmaker.files.reading import read_file
from matchmaker.files.refusals import refused
from matchmaker.services.pairing_export import KEY_COLUMN, LIST_SHEET, ORIGIN_SHEET
from matchmaker.services.pairing_rows import COLUMNS
from matchmaker.services.secrecy import secrecy_words

_HEADERS = {column.header: column.key for column in (*COLUMNS, KEY_COLUMN)}
_NAMES = ("firm", "need", "achievement")
# under it stand the notes below the rows
_NUMBER = "number"
# so begins a row that adds the others up
_TOTALS = ("合计", "总计", "小计", "共计")
# without these columns the rows keep what they had
_KEPT_AS_IT_WAS = ("slot", "follower", "remark")
_ORIGIN = {"清单", "生成于"}
NOT_OURS = (
    "这个文件不是从本系统导出的内部版对接清单，不能传回。"
    "请先在“材料”页导出“对接清单（内部版）”的 Excel，在那个文件里改。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedRow:
    """One row as it was sent: where it stands, and its cells by column."""

    where: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedList:
    """A workbook read back: which list it says it is, and its rows.

    `empty` rows said nothing to go by; `absent` are columns that somebody took out.
    """

    filename: str
    sha256: str
    origin: Mapping[str, str]
    rows: tuple[EditedRow, ...]
    empty: tuple[str, ...] = field(default=())
    absent: tuple[str, ...] = field(default=())


def read_edited_list(content: bytes, filename: str) -> EditedList:
    """Return an edited list. Slow: the parser is a process of its own.

    Sheets may have been renamed and columns taken out, as long as firm, need and achievement are there.
    Raises FileRefused for a file that is not ours or that lacks one of those.
    """
    book = read_file(content, filename)
    origin = _origin(book)
    sheet = _list_sheet(book)
    at, columns = _header(sheet)
    rows, empty = _rows(sheet, at, columns)
    return EditedList(
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        origin=origin,
        rows=tuple(rows),
        empty=tuple(empty),
        absent=tuple(_title(key) for key in _KEPT_AS_IT_WAS if key not in columns),
    )


def _origin(book: Book) -> dict[str, str]:
    """Return what the workbook says of where it comes from, whatever its sheet is called by now."""
    for sheet in sorted(book.sheets, key=lambda sheet: sheet.name != ORIGIN_SHEET):
        said = {text_of(row[0]): text_of(row[1]) for row in sheet.rows if len(row) > 1}
        if said.keys() >= _ORIGIN:
            return said
    raise refused("not_ours", NOT_OURS)


def _list_sheet(book: Book) -> Sheet:
    """Return the sheet with the list: the only one with the list's columns, else the one of its name.

    A copy beside it is not passed over: the changes may be in the copy.
    """
    named = [sheet for sheet in book.sheets if sheet.name == LIST_SHEET]
    alike = [sheet for sheet in book.sheets if {*_NAMES, "slot"} <= _found_header(sheet)[1].keys()]
    alike = [*named, *(sheet for sheet in alike if sheet not in named)]
    if len(alike) == 1:
        return alike[0]
    if alike:
        names = "、".join(f"“{sheet.name}”" for sheet in alike)
        raise refused(
            "several_lists", f"文件里有 {len(alike)} 张对接清单（{names}），请只留下要传回的那一张。"
        )
    raise refused("no_list", f"文件里没有“{LIST_SHEET}”这张工作表，也没有带它那些标题的工作表，请核对文件。")


def _found_header(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """Return the header's row and the column of every key; no columns when there is none."""
    found = (
        (at, {_HEADERS[text]: place for place, cell in enumerate(row) if (text := text_of(cell)) in _HEADERS})
        for at, row in enumerate(sheet.rows[:20])
    )
    return next(((at, columns) for at, columns in found if {"firm", "need"} <= columns.keys()), (0, {}))


def _header(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """Return the header's row and the column of every key. Raises FileRefused for a missing name."""
    at, columns = _found_header(sheet)
    if not columns:
        raise refused("no_header", f"“{sheet.name}”里找不到标题行，请保留原来的标题行。")
    twice = [text for text, count in Counter(map(text_of, sheet.rows[at])).items() if count > 1]
    if doubled := "、".join(f"“{text}”" for text in twice if text in _HEADERS):
        raise refused(
            "doubled_column", f"“{sheet.name}”里{doubled}列有两列，不知道以哪一列为准，请删去其中一列。"
        )
    missing = "、".join(f"“{_title(key)}”" for key in _NAMES if key not in columns)
    if missing:
        raise refused("missing_column", f"“{sheet.name}”缺少{missing}列，请保留原来的列（隐藏列也要保留）。")
    return at, columns


def _title(key: str) -> str:
    return next(header for header, known in _HEADERS.items() if known == key)


def _rows(sheet: Sheet, header: int, columns: Mapping[str, int]) -> tuple[list[EditedRow], list[str]]:
    rows, empty = [], []
    for number, row in enumerate(sheet.rows[header + 1 :], header + 1):
        cells = dict(_cells(row, columns))
        where = sheet.where(number)
        if any(cells.get(key, "").startswith(_TOTALS) for key in (_NUMBER, "firm")) and not cells.get("need"):
            continue
        if any(cells.get(key) for key in (*_NAMES, "key")):
            rows.append(EditedRow(where=where, cells=cells))
        elif any(text for key, text in cells.items() if key != _NUMBER):
            empty.append(where)
    return rows, empty


def _cells(row: Sequence[Cell], columns: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for key, place in columns.items():
        yield key, text_of(row[place]) if place < len(row) else ""


def text_of(cell: Cell) -> str:
    """Return a cell as the text a person sees in it."""
    if isinstance(cell, (datetime, time)):
        return f"{cell:%H:%M}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def may_be_shown(text: str) -> bool:
    """Say whether a cell has no classified word in it."""
    return not find_secrets(text, secrecy_words())


def without_secrets(row: EditedRow, keys: Sequence[str]) -> dict[str, str]:
    """Return these cells of a row; of one with a classified word only where it stood is kept ("secret")."""
    cells = {key: row.cells[key] for key in keys if key in row.cells}
    stopped = [key for key, words in cells.items() if not may_be_shown(words)]
    if not stopped:
        return {"where": row.where} | cells
    names = "、".join(f"“{header}”" for header, key in _HEADERS.items() if key in stopped)
    message = f"{names}里有涉密字样，这一格没有保存；请在文件里删去涉密部分后重新传回，或改走保密渠道"
    return {"where": row.where, "secret": message} | cells | dict.fromkeys(stopped, "")
