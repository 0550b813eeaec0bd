"""Comments that hang on cells: told of in the rows that they are about, whatever the format."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from binary_book import binary_workbook, record, wide
from messy import saved, with_members
from test_read_ods import HEADER, cell, ods, row

from matchmaker.files.exports import problem_workbook
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

ROWS = (["企业名称", "需求名称", "预算（万元）"], ["三北机床厂", "主轴", 40], ["三北刀具厂", "涂层", 30])
SAID = "有批注，批注里的话没有导入，请在原文件里看一看，需要的写进格里。"
RELATION = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments" '
    b'Target="../comments1.bin"/></Relationships>'
)


def as_xlsx() -> bytes:
    """Return the list with a comment on a header, which explains it, and one on an amount."""
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in ROWS:
        sheet.append(cells)
    sheet["A1"].comment = Comment("填全称", "张三")
    sheet["C2"].comment = Comment("张三:\n含税 & 含运费", "张三")
    return saved(book)


def as_xlsb() -> bytes:
    begins = record(635, struct.pack("<5I", 0, 1, 1, 2, 2) + bytes(16))
    return with_members(
        binary_workbook(ROWS),
        xl__worksheets___rels__sheet1_DOT_bin_DOT_rels=RELATION,
        xl__comments1_DOT_bin=record(628) + begins + record(636),
    )


def as_xls() -> bytes:
    return Path(__file__).with_name("commented.xls").read_bytes()


def warned(content: bytes, filename: str) -> list[tuple[str, str]]:
    findings = find_records(read_file(content, filename))
    return [
        (problem.where.partition("!")[2], problem.message)
        for found in findings.records
        for problem in found.problems
        if problem.code == "comment"
    ]


def quoted(words: str) -> str:
    return f"有批注“{words}”，批注没有导入，需要的请写进格里。"


@pytest.mark.parametrize(
    ("made", "filename", "place", "said"),
    [
        (as_xlsx, "表.xlsx", "C2", quoted("含税 & 含运费")),
        (as_xlsb, "表.xlsb", "C2", SAID),
        (as_xls, "表.xls", "D2", SAID),
    ],
)
def test_a_comment_on_a_row_is_told_of_and_one_on_a_header_is_not(
    made: Callable[[], bytes], filename: str, place: str, said: str
) -> None:
    assert warned(made(), filename) == [(place, said)]


def test_a_comment_in_an_ods_is_told_of() -> None:
    commented = (
        '<table:table-cell office:value-type="string"><office:annotation><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">张三</dc:creator>'
        "<text:p>可再降</text:p></office:annotation><text:p>涂层</text:p></table:table-cell>"
    )

    assert warned(ods(HEADER, row(cell("青禾公司"), commented)), "表.ods") == [("B2", quoted("可再降"))]


def test_our_own_comments_on_parked_rows_are_not_told_of_when_they_come_back() -> None:
    import openpyxl

    rows = [*ROWS[:2], ["三北刀具厂", "涂层", "很多钱"]]
    book = openpyxl.Workbook()
    assert book.active is not None
    for cells in rows:
        book.active.append(cells)
    parked = problem_workbook(find_records(read_file(saved(book), "表.xlsx")))

    assert openpyxl.load_workbook(io.BytesIO(parked)).active["C2"].comment is not None
    assert warned(parked, "待改.xlsx") == []


def test_numbers_of_an_xlsb_keep_the_words_that_their_format_shows() -> None:
    one = struct.pack("<I", 1)
    codes = record(615, one) + record(44, struct.pack("<H", 176) + wide('0"万元"')) + record(616)
    style = record(47, struct.pack("<HH", 0, 176) + bytes(12))
    content = with_members(
        binary_workbook([["企业名称", "需求名称", "预算"], ["三北机床厂", "主轴", 40]]),
        xl__styles_DOT_bin=codes + record(617, one) + style + record(618),
    )

    (found,) = find_records(read_file(content, "表.xlsb")).records

    assert (found.raw["budget"], found.problems) == ("40万元", ())
