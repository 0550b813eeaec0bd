"""Small messy files of our own, as bureaus and universities send them; every name and number is invented."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openpyxl
    from openpyxl.worksheet.worksheet import Worksheet

NEED_HEADER = ["序号", "企业名称", "需求名称", "需求描述", "拟投入资金（万元）", "联系人", "联系电话"]


def need(number: int, enterprise: str = "青禾模具有限公司", title: str = "") -> list[object]:
    """Return one row under NEED_HEADER."""
    return [
        number,
        enterprise,
        title or f"第{number}项耐磨涂层技术",
        "现有涂层寿命不足 3 个月，希望达到 12 个月以上",
        "50",
        "张三",
        "13800000000",
    ]


def saved(book: "openpyxl.Workbook") -> bytes:
    """Return a workbook's bytes."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def workbook(rows: Iterable[Sequence[object]], *, merges: Iterable[str] = (), name: str = "汇总表") -> bytes:
    """Return an .xlsx of one sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    fill(book.active, rows, merges=merges, name=name)
    return saved(book)


def fill(
    sheet: "Worksheet | None", rows: Iterable[Sequence[object]], *, merges: Iterable[str] = (), name: str = ""
) -> None:
    """Write rows into a sheet from A1 on, then merge."""
    assert sheet is not None
    if name:
        sheet.title = name
    for row, cells in enumerate(rows, 1):
        for column, cell in enumerate(cells, 1):
            if cell is not None:
                sheet.cell(row, column, cell)
    for merge in merges:
        sheet.merge_cells(merge)


def delimited(rows: Iterable[Sequence[object]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Return delimited text."""
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows(rows)
    return target.getvalue().encode(encoding)


def document(*tables: Sequence[Sequence[str]], headings: Sequence[str] = ()) -> bytes:
    """Return a .docx with these tables, each under its heading."""
    import docx

    made = docx.Document()
    for number, rows in enumerate(tables):
        if number < len(headings):
            made.add_heading(headings[number], 2)
        table = made.add_table(rows=0, cols=max(len(row) for row in rows))
        for row in rows:
            cells = table.add_row().cells
            for cell, text in zip(cells, row, strict=False):
                cell.text = text
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def with_members(content: bytes, **members: bytes) -> bytes:
    """Return an archive with members added or, under the same name, replaced; __ in names stands for /."""
    added = {name.replace("__", "/").replace("_DOT_", "."): body for name, body in members.items()}
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            if name not in added:
                copy.writestr(name, source.read(name))
        for name, body in added.items():
            copy.writestr(name, body)
    return target.getvalue()
