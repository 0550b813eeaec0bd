"""The five sample files, compared cell by cell with what another reader finds in them."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matchmaker.domain.values import Money, Period
from matchmaker.files.findings import Findings, RecordKind, Verdict
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

WAN = 1_000_000
BUDGETS = {
    "50": Money(low_fen=50 * WAN, high_fen=50 * WAN),
    "100万元": Money(low_fen=100 * WAN, high_fen=100 * WAN),
    "30-50万": Money(low_fen=30 * WAN, high_fen=50 * WAN),
    "面议": Money(negotiable=True),
    "￥1,200,000": Money(low_fen=120 * WAN, high_fen=120 * WAN),
    "80 万": Money(low_fen=80 * WAN, high_fen=80 * WAN),
    "200万元以内": Money(high_fen=200 * WAN),
    "三十万元": Money(low_fen=30 * WAN, high_fen=30 * WAN),
    "1.5百万": Money(low_fen=150 * WAN, high_fen=150 * WAN),
    "500000": Money(low_fen=50 * WAN, high_fen=50 * WAN),
    "1,000,000.00": Money(low_fen=100 * WAN, high_fen=100 * WAN),
    "": None,
}
PERIODS = {
    "2026年1月至2027年12月": Period(start=date(2026, 1, 1), end=date(2027, 12, 31)),
    "2026.3-2027.3": Period(start=date(2026, 3, 1), end=date(2027, 3, 31)),
    "一年": Period(months=12),
    "18个月": Period(months=18),
    "2027年底前": Period(end=date(2027, 12, 31)),
    "长期": Period(open_ended=True),
    "": None,
}
MODES = {
    "合作开发": ("joint",),
    "委托开发": ("commission",),
    "技术转让": ("transfer",),
    "技术入股": ("equity",),
    "联合攻关、共建研发机构": ("joint", "cobuild"),
    "委托研发/技术服务": ("commission", "service"),
    "合作研发": ("joint",),
}
STAGES = {
    "小试": "small_trial",
    "中试": "pilot",
    "可以量产": "industrial",
    "产业化": "industrial",
    "TRL 6": "pilot",
    "4": "lab",
    "已有样品": "prototype",
    "实验室阶段": "lab",
    "": None,
}


def read(shared: Path, name: str) -> Findings:
    return find_records(read_file((shared / "samples" / name).read_bytes(), name))


def text(cell: object) -> str:
    """Return a cell as a person reads it."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) else str(cell).strip()


def numbers(value: Any) -> list[str]:
    return [phone.number for phone in value or ()]


def test_the_workbook_of_needs(shared: Path) -> None:
    import openpyxl

    name = "企业技术需求征集汇总表.xlsx"
    sheet = openpyxl.load_workbook(shared / "samples" / name)["汇总表"]
    for merge in list(sheet.merged_cells.ranges):
        if merge.min_row > 5:
            above = sheet.cell(merge.min_row, merge.min_col).value
            sheet.unmerge_cells(str(merge))
            for row in range(merge.min_row, merge.max_row + 1) if merge.max_col == merge.min_col else ():
                sheet.cell(row, merge.min_col, above)
    wanted = [row for row in sheet.iter_rows(min_row=6) if isinstance(row[0].value, int)]

    findings = read(shared, name)

    assert (findings.verdict, len(findings.records), len(wanted)) == (Verdict.ACCEPT, 120, 120)
    assert [(table.kind, table.kind_certain) for table in findings.tables] == [(RecordKind.NEED, True)]
    for record, row in zip(findings.records, wanted, strict=True):
        cells = [text(cell.value) for cell in row]
        assert record.row == row[0].row
        assert record.problems == ()
        found = record.values
        assert [found.get(key) for key in ("enterprise_name", "region", "title")] == cells[1:4]
        assert found.get("tech_field", "") == cells[5]
        assert found["problem"] == cells[6].replace("\r\n", "\n").replace("_x000D_", "")
        assert found.get("budget") == BUDGETS[cells[7]]
        assert found.get("period") == PERIODS[cells[8]]
        assert found.get("coop_mode") == MODES[cells[9]]
        assert found["contact_name"] == cells[10]
        assert numbers(found["contact_mobile"]) == cells[11].split(" / ")
        assert record.where("contact_mobile") == f"汇总表!L{row[0].row}"
    skipped = [
        (skip.reason.value, skip.text[:2]) for skip in findings.tables[0].skipped if skip.reason != "blank"
    ]
    assert [reason for reason, _ in skipped] == ["title", "title", "total", "note"]
    assert skipped[2:] == [("total", "合计"), ("note", "注：")]
    assert any("填表说明" in notice for notice in findings.notices)


def test_the_delimited_needs(shared: Path) -> None:
    name = "难题征集_网上导出.csv"
    content = (shared / "samples" / name).read_bytes().decode("gb18030")
    wanted = list(csv.DictReader(io.StringIO(content, newline="")))

    findings = read(shared, name)

    assert (findings.verdict, len(findings.records)) == (Verdict.ACCEPT, 119)
    assert findings.tables[0].kind is RecordKind.NEED
    for record, row in zip(findings.records, wanted, strict=True):
        found = record.values
        assert record.problems == ()
        assert found["need_no"] == row["需求编号"]
        assert found["enterprise_name"] == row["单位名称"]
        assert found["title"] == row["难题名称"].strip()
        assert found.get("problem", "") == row["难题描述"].strip().replace("\r\n", "\n")
        assert found.get("period") == PERIODS[row["期望解决时间"]]
        assert found.get("budget") == BUDGETS[row["投入经费(元)"]]
        assert found["industry"] == row["所属行业"]
        assert numbers(found["contact_mobile"]) == [row["联系电话"]]
        assert found["confidentiality"] == {"是": "public", "否": "masked"}[row["是否愿意公开企业名称"]]


def test_the_workbook_of_achievements(shared: Path) -> None:
    import openpyxl

    name = "高校可转化成果目录.xlsx"
    book = openpyxl.load_workbook(shared / "samples" / name)
    wanted = [(sheet, row) for sheet in book for row in sheet.iter_rows() if isinstance(row[0].value, int)]

    findings = read(shared, name)

    assert (findings.verdict, len(findings.records), len(wanted)) == (Verdict.ACCEPT, 600, 600)
    assert {table.kind for table in findings.tables} == {RecordKind.ACHIEVEMENT}
    for record, (sheet, row) in zip(findings.records, wanted, strict=True):
        cells = [text(cell.value) for cell in row]
        found = record.values
        assert (record.sheet, record.row) == (sheet.title, row[0].row)
        assert found["title"] == cells[1]
        assert found["org"] == cells[2].replace("(", "（").replace(")", "）")
        assert found.get("leader") == cells[3] or found.get("completers") == (cells[3],)
        assert found["summary"] == cells[4].replace("\r\n", "\n").replace("_x000D_", "")
        assert found.get("stage") == STAGES[cells[5]]
        assert found.get("coop_mode") == MODES[cells[8]]
        person, _, phone = cells[9].rpartition(" ")
        assert numbers(found["contact_mobile"]) == [phone]
        assert found.get("contact_name", "") == person
        number = cells[6].removeprefix("ZL") if cells[6].startswith(("ZL", "CN")) else ""
        assert [patent.number for patent in found.get("patent_no", ())] == ([number] if number else [])  # type: ignore[attr-defined]
    assert {problem.code for problem in findings.problems} == {"patent_check_digit"}
    assert {record.raw["patent_no"] for record in findings.records if record.problems} == {"ZL201910012345.6"}


def test_the_delimited_papers(shared: Path) -> None:
    name = "论文成果库导出.csv"
    content = (shared / "samples" / name).read_bytes().decode("utf-8-sig")
    wanted = list(csv.DictReader(io.StringIO(content, newline=""), delimiter=";"))

    findings = read(shared, name)

    assert (findings.verdict, len(findings.records)) == (Verdict.ACCEPT, 1500)
    assert [table.record_type for table in findings.tables] == ["paper"]
    for record, row in zip(findings.records, wanted, strict=True):
        assert record.values["title"] == row["论文题目"].strip()
        assert record.values.get("summary", "") == row["摘要"].strip()
        assert record.raw.get("keywords", "") == row["关键词"]


def test_the_compilation_in_word(shared: Path) -> None:
    import docx

    name = "科技成果汇编.docx"
    document = docx.Document(str(shared / "samples" / name))
    wanted = [{row.cells[0].text: row.cells[1].text for row in table.rows} for table in document.tables]

    findings = read(shared, name)

    assert (findings.verdict, len(findings.records), len(findings.tables)) == (Verdict.ACCEPT, 40, 1)
    for number, (record, cells) in enumerate(zip(findings.records, wanted, strict=True), 1):
        found = record.values
        assert [found[key] for key in ("title", "org", "leader", "summary")] == [
            cells[label].strip() for label in ("成果名称", "完成单位", "负责人", "成果简介")
        ]
        assert found["stage"] == STAGES[cells["成熟度"]]
        assert found["coop_mode"] == MODES[cells["合作方式"]]
        assert numbers(found["contact_mobile"]) == [cells["联系电话"]]
        assert record.where("leader") == f"表 {number} 第 3 行第 2 列"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_the_same_list_in_another_encoding_gives_the_same_records(shared: Path, encoding: str) -> None:
    name = "难题征集_网上导出.csv"
    content = (shared / "samples" / name).read_bytes().decode("gb18030")

    again = find_records(read_file(content.encode(encoding), name))

    assert [record.values for record in again.records] == [
        record.values for record in read(shared, name).records
    ]
