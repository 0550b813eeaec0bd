"""Filled-in forms: one record to a sheet, to a Word table, to a run of labelled lines."""

import io

from messy import document, fill, saved, workbook

from matchmaker.domain.values import Money, Period
from matchmaker.files.findings import Findings, RecordKind
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

FORM = [
    ["企业技术需求征集表"],
    ["企业名称", "青禾模具有限公司", "所属行业", "专用设备制造业"],
    ["联系人", "张三", "联系电话", "13800000000"],
    ["技术需求名称", "耐磨涂层"],
    ["需求描述"],
    ["现有涂层寿命不足 3 个月"],
    ["拟投入资金（万元）", "50", "需求时限", "18个月"],
    ["填报说明：请于 3 月底前报送"],
]
MERGES = ["A1:D1", "B4:D4", "A5:D5", "A6:D6", "A8:D8"]


def find(content: bytes, filename: str) -> Findings:
    return find_records(read_file(content, filename))


def test_a_form_in_a_sheet_is_one_record() -> None:
    findings = find(workbook(FORM, merges=MERGES, name="征集表"), "表.xlsx")

    assert [(table.kind, len(table.records)) for table in findings.tables] == [(RecordKind.NEED, 1)]
    record = findings.records[0]
    assert record.values["enterprise_name"] == "青禾模具有限公司"
    assert record.values["title"] == "耐磨涂层"
    assert record.values["problem"] == "现有涂层寿命不足 3 个月"
    assert record.values["budget"] == Money(low_fen=50_000_000, high_fen=50_000_000)
    assert record.values["period"] == Period(months=18)
    assert record.where("title") == "征集表!B4"
    assert record.where("problem") == "征集表!A6"


def test_a_form_per_sheet_gives_a_record_per_sheet() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    fill(book.active, FORM, merges=MERGES, name="青禾")
    other = [list(row) for row in FORM]
    other[1][1] = "海雀文具股份有限公司"
    fill(book.create_sheet("海雀"), other, merges=MERGES)

    findings = find(saved(book), "表.xlsx")

    assert len(findings.tables) == 1
    assert [(record.sheet, record.values["enterprise_name"]) for record in findings.records] == [
        ("青禾", "青禾模具有限公司"),
        ("海雀", "海雀文具股份有限公司"),
    ]


def achievement(title: str) -> list[list[str]]:
    return [
        ["成果名称", title],
        ["完成单位", "青禾大学"],
        ["成果简介", "一种方法"],
        ["联系电话", "13800000000"],
    ]


def test_a_compilation_in_word_is_one_list() -> None:
    content = document(
        achievement("涂层制备"), achievement("视觉检测"), headings=["1. 涂层制备", "2. 视觉检测"]
    )

    findings = find(content, "汇编.docx")

    assert [(table.kind, len(table.records)) for table in findings.tables] == [(RecordKind.ACHIEVEMENT, 2)]
    assert [record.values["title"] for record in findings.records] == ["涂层制备", "视觉检测"]
    assert findings.records[1].where("title") == "表 2 第 1 行第 2 列"


def test_a_blank_answer_is_no_value_and_no_other_label() -> None:
    findings = find(document([["企业名称", ""], ["技术需求名称", "耐磨涂层"], ["联系人", "张三"]]), "表.docx")

    assert findings.records[0].values == {"title": "耐磨涂层", "contact_name": "张三"}
    assert [(problem.field, problem.code) for problem in findings.problems] == [
        ("enterprise_name", "missing")
    ]


def test_a_table_in_word_is_read_as_a_table() -> None:
    rows = [["序号", "企业名称", "难题名称"], ["1", "青禾公司", "涂层"], ["2", "海雀公司", "节能"]]

    findings = find(document(rows, headings=["2026 年技术需求"]), "表.docx")

    assert [record.values["title"] for record in findings.records] == ["涂层", "节能"]
    assert findings.records[1].where("title") == "表 1 第 3 行第 3 列"


def test_labelled_lines_without_a_table_are_read() -> None:
    import docx

    made = docx.Document()
    for number, title in enumerate(("涂层制备", "视觉检测"), 1):
        made.add_heading(f"{number}. {title}", 2)
        for line in (
            f"成果名称：{title}",
            "完成单位：青禾大学",
            "成果简介：一种方法",
            "分两步进行。",
            "联系电话：13800000000",
        ):
            made.add_paragraph(line)
    target = io.BytesIO()
    made.save(target)

    findings = find(target.getvalue(), "汇编.docx")

    assert [record.values["title"] for record in findings.records] == ["涂层制备", "视觉检测"]
    assert findings.records[0].values["summary"] == "一种方法\n分两步进行。"
