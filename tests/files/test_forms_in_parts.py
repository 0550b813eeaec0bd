"""Forms whose answers are small forms, whose labels are counted, asked or headed, or left as printed."""

import io
from collections.abc import Sequence

import pytest
from messy import fill, saved, workbook

from matchmaker.domain.values import Money
from matchmaker.files.findings import Findings, RecordKind
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

FIRM = ["企业名称", "青禾模具有限公司"]
TITLE = ["需求名称", "耐磨涂层"]
PROBLEM = ["需求描述", "现有涂层寿命不足 3 个月"]
MONEY = ["拟投入资金（万元）", "50"]
NEED = {
    "enterprise_name": "青禾模具有限公司",
    "title": "耐磨涂层",
    "problem": "现有涂层寿命不足 3 个月",
    "budget": Money(low_fen=50_000_000, high_fen=50_000_000),
}
CONTACT = {
    "contact_name": "张三",
    "contact_position": "厂长",
    "contact_mobile": ("13800000000",),
    "contact_email": "zs@example.cn",
}


def find(content: bytes, filename: str) -> Findings:
    return find_records(read_file(content, filename))


def values(findings: Findings) -> list[dict[str, object]]:
    """Return what each record says, its telephones as they are written."""
    said = [dict(record.values) for record in findings.records]
    for record in said:
        if isinstance(phones := record.get("contact_mobile"), tuple):
            record["contact_mobile"] = tuple(phone.number for phone in phones)
    return said


def form_with(label: str, *, text: str = "", inner: Sequence[Sequence[str]] = ()) -> bytes:
    """Return a form in Word that has one more label, answered by a text or by a table in its cell."""
    import docx

    made = docx.Document()
    rows = [FIRM, TITLE, PROBLEM, MONEY, [label, text]]
    table = made.add_table(rows=len(rows), cols=2)
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, value in zip(cells.cells, row, strict=True):
            cell.text = value
    if inner:
        small = table.cell(len(rows) - 1, 1).add_table(rows=len(inner), cols=len(inner[0]))
        for cells, row in zip(small.rows, inner, strict=True):
            for cell, value in zip(cells.cells, row, strict=True):
                cell.text = value
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def test_a_table_of_whom_to_call_in_a_cell_is_part_of_its_form() -> None:
    answers = [
        [["姓名", "职务", "手机", "邮箱"], ["张三", "厂长", "13800000000", "zs@example.cn"]],
        [["姓名", "张三", "职务", "厂长"], ["手机", "13800000000", "邮箱", "zs@example.cn"]],
        [["姓名", "张三"], ["职务", "厂长"], ["手机", "13800000000"], ["邮箱", "zs@example.cn"]],
    ]

    for inner in answers:
        assert values(find(form_with("联系人信息", inner=inner), "表.docx")) == [NEED | CONTACT]


def test_labels_written_into_one_answer_are_read_apart() -> None:
    below = "姓名：张三\n职务：厂长\n手机：13800000000\n邮箱：zs@example.cn"

    for label, text in (("联系人信息", below), ("联系人", below.replace("\n", "  "))):
        assert values(find(form_with(label, text=text), "表.docx")) == [NEED | CONTACT]


def test_labels_side_by_side_in_a_form_have_their_answers_below() -> None:
    rows = [
        [*FIRM, "", ""],
        [*TITLE, "", ""],
        [*PROBLEM, "", ""],
        [*MONEY, "", ""],
        ["联系人", "姓名", "职务", "手机"],
        ["", "张三", "厂长", "13800000000"],
    ]

    found = find(workbook(rows, merges=["A5:A6", *(f"B{row}:D{row}" for row in range(1, 5))]), "表.xlsx")

    assert values(found) == [NEED | {name: CONTACT[name] for name in CONTACT if name != "contact_email"}]


def test_labels_side_by_side_from_the_edge_on_have_their_answers_below() -> None:
    rows = [FIRM, TITLE, ["联系人", "职务", "手机"], ["张三", "厂长", "13800000000"], PROBLEM, MONEY]

    found = find(workbook(rows), "表.xlsx")

    assert values(found) == [NEED | {name: CONTACT[name] for name in CONTACT if name != "contact_email"}]


def test_what_stands_upright_at_the_edge_heads_the_labels_beside_it() -> None:
    rows = [
        ["企\n业\n概\n况", "名称", "青禾模具有限公司"],
        ["", "地址", "北山路 3 号"],
        ["", "主营业务", "模具"],
        ["需\n求\n情\n况", "名称", "耐磨涂层"],
        ["", "描述", "现有涂层寿命不足 3 个月"],
        ["联系", "姓名", "张三"],
    ]

    found = find(workbook(rows, merges=["A1:A3", "A4:A5"]), "表.xlsx")

    assert values(found) == [
        {
            "enterprise_name": "青禾模具有限公司",
            "address": "北山路 3 号",
            "main_products": "模具",
            "contact_name": "张三",
            "title": "耐磨涂层",
            "problem": "现有涂层寿命不足 3 个月",
        }
    ]


def test_counted_needs_of_one_form_are_one_record_each() -> None:
    rows = [FIRM, ["需求一", "耐磨涂层"], PROBLEM, ["需求二", "在线测厚"], ["需求描述", "靠手摸"]]

    found = find(workbook(rows), "表.xlsx")

    assert values(found) == [
        {"enterprise_name": "青禾模具有限公司", "title": "耐磨涂层", "problem": "现有涂层寿命不足 3 个月"},
        {"enterprise_name": "青禾模具有限公司", "title": "在线测厚", "problem": "靠手摸"},
    ]


def test_questions_with_their_marks_are_labels_of_a_need() -> None:
    rows = [
        ["题目", "回答"],
        ["1、您的企业名称是？", "青禾模具有限公司"],
        ["2、您的姓名", "张三"],
        ["3、您的手机号", "13800000000"],
        ["4、请描述您遇到的技术难题", "现有涂层寿命不足 3 个月"],
        ["5、您计划投入多少资金？", "50万"],
        ["6、希望达到的技术指标有哪些？", "寿命 ≥ 12 个月"],
    ]

    found = find(workbook(rows), "问卷.xlsx")

    assert found.tables[0].kind is RecordKind.NEED
    wanted = NEED | {"title": NEED["problem"]}
    assert values(found) == [
        wanted | {"indicators": "寿命 ≥ 12 个月", "contact_name": "张三", "contact_mobile": ("13800000000",)}
    ]


def test_an_example_on_a_sheet_of_its_own_is_passed_over_and_named() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    fill(book.active, [FIRM, TITLE, ["需求描述", "怎样填写"], MONEY], name="填写示例")
    fill(book.create_sheet("正式"), [FIRM, TITLE, PROBLEM, MONEY])

    found = find(saved(book), "表.xlsx")

    assert values(found) == [NEED]
    assert found.notices == ("工作表“填写示例”是填写说明、示例、选项或统计，没有导入。",)


def written(*lines: str, table: Sequence[Sequence[str]] = ()) -> bytes:
    import docx

    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    if table:
        inner = made.add_table(rows=len(table), cols=len(table[0]))
        for cells, row in zip(inner.rows, table, strict=True):
            for cell, text in zip(cells.cells, row, strict=True):
                cell.text = text
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def test_a_table_below_a_label_of_a_text_answers_it() -> None:
    table = [["项", "现状", "目标"], ["寿命", "3 个月", "≥ 12 个月"]]
    lines = ["企业名称：青禾模具有限公司", "需求名称：耐磨涂层", "主要技术指标"]

    found = find(written(*lines, table=table), "表.docx")

    assert values(found) == [
        {
            "enterprise_name": "青禾模具有限公司",
            "title": "耐磨涂层",
            "indicators": "项  现状  目标\n寿命  3 个月  ≥ 12 个月",
        }
    ]


def test_a_numbered_heading_followed_by_text_is_a_label() -> None:
    lines = [
        "企业名称：青禾模具有限公司",
        "二、技术需求名称",
        "耐磨涂层",
        "三、具体指标要求",
        "寿命 ≥ 12 个月",
    ]

    assert values(find(written(*lines), "表.docx")) == [
        {"enterprise_name": "青禾模具有限公司", "title": "耐磨涂层", "indicators": "寿命 ≥ 12 个月"}
    ]


def test_a_name_below_the_line_of_the_firm_is_the_firms() -> None:
    lines = [
        "企业信息：",
        "名称：青禾模具有限公司",
        "联系人：张三",
        "需求信息：",
        "名称：耐磨涂层",
        "需求描述：靠手摸",
    ]

    assert values(find(written(*lines), "表.docx")) == [
        {
            "enterprise_name": "青禾模具有限公司",
            "contact_name": "张三",
            "title": "耐磨涂层",
            "problem": "靠手摸",
        }
    ]


def test_lines_left_as_they_were_printed_are_no_record() -> None:
    lines = ["企业名称：________", "需求名称：________", "联系人：______ 联系电话：______", "年   月   日"]

    assert values(find(written(*lines), "表.docx")) == []


def test_a_heading_over_the_whole_form_is_no_label_without_answer() -> None:
    rows = [["技术需求"], FIRM, ["技术需求名称", "耐磨涂层"], PROBLEM, MONEY]

    found = find(workbook(rows, merges=["A1:B1"]), "表.xlsx")

    assert values(found) == [NEED]


def in_cells(*lines: Sequence[str]) -> Findings:
    return find(workbook([list(line) for line in lines]), "表.xlsx")


@pytest.mark.parametrize(
    "rows",
    [
        [["企业名称：____ 需求名称：____"], ["需求描述：____"], ["联系人：____ 联系电话：____"]],
        [["企业名称：____", "需求名称：____"], ["需求描述：____", "拟投入资金：____万元"]],
        [["企业名称：____\n需求名称：____\n需求描述：____"]],
        [["企业名称：____"], ["需求名称：____"], ["合作方式：□委托 □合作"], ["填表日期：  年  月  日"]],
    ],
)
def test_cells_left_as_they_were_printed_are_no_record(rows: list[list[str]]) -> None:
    for findings in (in_cells(*rows), in_cells(["技术需求征集表"], *rows)):
        assert (findings.tables, findings.records) == ((), [])
        assert findings.notices == ("工作表“汇总表”是没有填写的空表，没有导入。",)


def test_a_form_of_which_only_two_lines_were_filled_in_is_not_called_blank() -> None:
    findings = in_cells(
        ["企业名称：青禾模具有限公司"],
        ["需求名称：耐磨涂层"],
        ["需求描述：____"],
        ["联系人：____"],
        ["联系电话：____"],
        ["合作方式：____"],
    )

    assert values(findings) == [{"enterprise_name": "青禾模具有限公司", "title": "耐磨涂层"}]
