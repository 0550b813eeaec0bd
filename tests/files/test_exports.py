"""Workbooks and .csv files: texts stay texts, nothing is cut in silence."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from messy import NEED_HEADER, need, workbook

from matchmaker.files import exports
from matchmaker.files.book import LIMITS
from matchmaker.files.delimited import read_delimited
from matchmaker.files.exports import (
    CellKind,
    ColumnSpec,
    ExportRefused,
    SheetSpec,
    csv_bytes,
    problem_workbook,
)
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

NAUGHTY = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "＝1+1",
    '=HYPERLINK("http://127.0.0.1/","x")',
    "=cmd|' /C calc'!A0",
    "http://127.0.0.1/",
    "00123",
    "1e999",
    "-13800000000",
    "+8613800000000",
    "零\u200b宽\u202e",
    "𠮷野家",
    "<b>粗</b>",
]


def opened(content: bytes) -> Any:
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(content))


def one_column(texts: list[str], header: str = "内容") -> SheetSpec:
    return SheetSpec(
        name="表", columns=[ColumnSpec(key="a", header=header)], rows=[{"a": text} for text in texts]
    )


def test_a_workbook_holds_every_text_as_it_is_and_runs_none() -> None:
    sheet = opened(exports.workbook([one_column(NAUGHTY)])).active

    cells = [row[0] for row in sheet.iter_rows(min_row=2)]

    assert [cell.value for cell in cells] == NAUGHTY
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)


def test_numbers_dates_and_amounts_are_real_ones() -> None:
    columns = [
        ColumnSpec(key="title", header="名称", width=30),
        ColumnSpec(key="count", header="数量", kind=CellKind.INTEGER),
        ColumnSpec(key="fen", header="金额（元）", kind=CellKind.MONEY),
        ColumnSpec(key="fen", header="金额（万元）", kind=CellKind.WAN),
        ColumnSpec(key="day", header="日期", kind=CellKind.DATE),
        ColumnSpec(key="moment", header="时间", kind=CellKind.DATETIME),
        ColumnSpec(key="share", header="比例", kind=CellKind.PERCENT),
    ]
    row = {
        "title": "涂层",
        "count": 3,
        "fen": 123_456_700,
        "day": date(2026, 3, 9),
        "moment": datetime(2026, 3, 9, 10, 30, tzinfo=UTC),
        "share": 0.25,
    }

    sheet = opened(exports.workbook([SheetSpec(name="表", columns=columns, rows=[row])])).active

    assert [cell.value for cell in sheet[2]] == [
        "涂层",
        3,
        1_234_567,
        123.4567,
        datetime.fromisoformat("2026-03-09"),
        datetime.fromisoformat("2026-03-09T10:30"),
        0.25,
    ]


def test_title_header_notes_and_layout() -> None:
    spec = SheetSpec(
        name="需求/清单:1",
        title="2026年需求清单",
        columns=[ColumnSpec(key="a", header="名称", width=40), ColumnSpec(key="b", header="备注")],
        rows=[{"a": "涂层"}, {"a": "节能", "b": ("x", "y")}],
        notes=["注：内部资料"],
    )

    sheet = opened(exports.workbook([spec])).active

    assert sheet.title == "需求 清单 1"
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["2026年需求清单", None],
        ["名称", "备注"],
        ["涂层", None],
        ["节能", "x；y"],
        [None, None],
        ["注：内部资料", None],
    ]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A3", "A2:B4")
    assert sheet.column_dimensions["A"].width == pytest.approx(40.7, abs=0.1)


def test_sheet_names_never_collide() -> None:
    names = ["机械工程学院" * 6, "机械工程学院" * 6, "", "A", "a"]

    made = opened(exports.workbook([SheetSpec(name=name, columns=[], rows=[]) for name in names])).sheetnames

    assert len({name.casefold() for name in made}) == 5
    assert all(len(name) <= 31 for name in made)


def test_a_text_that_does_not_fit_a_cell_is_refused_aloud() -> None:
    with pytest.raises(ExportRefused, match="“表”第 2 行第 1 列有 32,768 个字"):
        exports.workbook([one_column(["字" * 32_768])])


def test_characters_xml_cannot_hold_do_not_break_the_file() -> None:
    sheet = opened(exports.workbook([one_column(["a\x00b\x1bc\ud800"])])).active

    assert sheet["A2"].value == "a�b�c�"


def test_a_csv_makes_formulas_inert_and_leaves_telephones_alone() -> None:
    texts = ["=1+1", "-1+1", "-1-1", "@x", " =1", "-13800000000", "+8613800000000", "+86 13800000000", "涂层"]
    texts += ["'=1+1", "'涂层"]

    content = csv_bytes(one_column(texts))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    assert [row[0] for row in rows[1:]] == [
        "'=1+1",
        "'-1+1",
        "'-1-1",
        "'@x",
        "' =1",
        "-13800000000",
        "+8613800000000",
        "+86 13800000000",
        "涂层",
        "''=1+1",
        "'涂层",
    ]
    read = read_delimited(content, encoding=None, delimiter=",", limits=LIMITS)
    assert [row[0] for row in read.rows[1:]] == texts


def test_a_csv_writes_amounts_exactly() -> None:
    columns = [
        ColumnSpec(key="fen", header="元", kind=CellKind.MONEY),
        ColumnSpec(key="fen", header="万元", kind=CellKind.WAN),
    ]

    content = csv_bytes(SheetSpec(name="表", columns=columns, rows=[{"fen": 1_234_567_89}]))

    row = content.decode("utf-8-sig").splitlines()[1].split(",")
    assert [Decimal(cell) for cell in row] == [Decimal("1234567.89"), Decimal("123.456789")]


def test_rows_with_problems_come_back_with_comments() -> None:
    rows = [NEED_HEADER, need(1), [2, None, "节能", "能耗高", "很多钱", "李四", "13800000000"]]
    findings = find_records(read_file(workbook(rows), "表.xlsx"))

    sheet = opened(problem_workbook(findings)).active

    assert [cell.value for cell in sheet[1]] == [*NEED_HEADER, "原文件位置", "需要修改"]
    assert sheet.max_row == 2
    assert sheet["H2"].value == "汇总表 第 3 行"
    comments = {cell.coordinate: cell.comment.text for cell in sheet[2] if cell.comment}
    assert comments == {
        "B2": "缺少企业名称，请补填。",
        "E2": "“很多钱”不能识别为金额，请写成“50万元”“30-50万元”或“面议”。",
    }


def test_numbers_come_back_with_the_problem_rows_as_they_were_typed() -> None:
    rows = [NEED_HEADER, [3, None, "节能", "能耗高", 50, "李四", 13900000013]]

    sheet = opened(problem_workbook(find_records(read_file(workbook(rows), "表.xlsx")))).active

    assert [cell.value for cell in sheet[2]][:7] == ["3", None, "节能", "能耗高", "50", "李四", "13900000013"]


def test_corrected_problem_rows_can_be_sent_again() -> None:
    rows = [NEED_HEADER, [1, None, "节能", "能耗高", "50", "李四", "13800000000"]]
    book = opened(problem_workbook(find_records(read_file(workbook(rows), "表.xlsx"))))
    book.active["B2"] = "青禾模具有限公司"
    target = io.BytesIO()
    book.save(target)

    again = find_records(read_file(target.getvalue(), "改好.xlsx"))

    assert [(record.values["enterprise_name"], record.problems) for record in again.records] == [
        ("青禾模具有限公司", ())
    ]


def test_problem_rows_keep_whose_list_it_is_and_the_unit_of_its_amounts() -> None:
    header = ["需求名称", "主要问题", "拟投入资金", "联系人", "电话"]
    rows = [
        ["填报单位：青禾模具有限公司  金额单位：千元"],
        header,
        [None, "能耗高，要降三成", "500", "李四", "13800000000"],
    ]
    book = opened(problem_workbook(find_records(read_file(workbook(rows), "表.xlsx"))))
    assert "缺少需求名称" in book.active["A3"].comment.text
    book.active["A3"] = "节能"
    target = io.BytesIO()
    book.save(target)

    (again,) = find_records(read_file(target.getvalue(), "改好.xlsx")).records

    assert (again.values["enterprise_name"], again.values["title"]) == ("青禾模具有限公司", "节能")
    assert again.values["budget"].low_fen == 50_000_000


def test_a_file_without_problems_gives_a_sheet_that_says_so() -> None:
    findings = find_records(read_file(workbook([NEED_HEADER, need(1)]), "表.xlsx"))

    assert opened(problem_workbook(findings)).active["A1"].value == "没有需要修改的行"


def test_printed_rows_are_as_high_as_their_longest_text() -> None:
    columns = [
        ColumnSpec(key="a", header="甲", width=11),
        ColumnSpec(key="b", header="乙", width=5, hidden=True),
    ]
    texts = ["短", "长" * 11, "两\n行", "字" * 5000]
    rows = [{"a": text, "b": "看不见的一格" * 9} for text in texts]

    sheet = opened(exports.workbook([SheetSpec(name="表", columns=columns, rows=rows, printed=True)])).active

    heights = [sheet.row_dimensions[number].height or 15 for number in range(2, 6)]
    assert heights == pytest.approx([15, 45, 30, 409], abs=1)  # the highest that Excel knows
