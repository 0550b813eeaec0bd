"""Write the three small files a new user can try importing: python bench/make_demo_files.py [FOLDER].

They look the way such files arrive: a need list with a two-row header, merged cells, a totals row and
a note; an achievement list with one bad patent number and one row without a title; a booklet. Their
texts are in demo_files.json beside this script and appear nowhere else in the demo.
"""

import json
import sys
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Record = dict[str, str]

HERE = Path(__file__).resolve().parent
UPLOADS = HERE.parent / "matchmaker" / "demo" / "upload"
# Fixed, so that a file changes only when its text does.
WRITTEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

# (group, header, field, width); an empty group is a header merged over both rows.
NEED_COLUMNS = (
    ("", "序号", "no", 5),
    ("企业信息", "企业名称", "enterprise", 24),
    ("企业信息", "所属乡镇(街道)", "town", 12),
    ("企业信息", "联系人", "contact", 9),
    ("企业信息", "联系电话", "phone", 14),
    ("需求信息", "技术需求名称", "title", 26),
    ("需求信息", "需求类别", "type", 10),
    ("需求信息", "主要问题", "problem", 46),
    ("需求信息", "主要技术指标", "indicators", 40),
    ("需求信息", "预期目标", "goal", 26),
    ("合作要求", "拟投入资金\n(万元)", "budget", 12),
    ("合作要求", "合作方式", "mode", 14),
    ("合作要求", "需求时限", "period", 14),
    ("合作要求", "是否公开", "public", 12),
    ("", "备注", "note", 18),
)
ENTERPRISE_FIELDS = ("enterprise", "town", "contact", "phone")
NEED_TITLE = "临澜县企业技术需求征集汇总表"
NEED_SUBTITLE = "填报单位:各乡镇(街道)科技办      汇总:县生产力促进中心"
NEED_NOTE = "填表说明:1.同一企业多项需求请逐行填写;2.拟投入资金填数字,不确定的填“面议”;3.涉密内容不得填报。"

ACHIEVEMENT_COLUMNS = (
    ("序号", "no", 5),
    ("成果名称", "title", 32),
    ("完成单位", "org", 28),
    ("主要完成人", "people", 18),
    ("技术领域", "field", 16),
    ("成果简介", "summary", 60),
    ("成果阶段", "stage", 16),
    ("知识产权", "ip", 14),
    ("专利号", "patent", 34),
    ("完成时间", "done", 12),
    ("转让方式", "mode", 16),
    ("供方定价", "price", 12),
    ("联系人", "contact", 9),
    ("手机", "phone", 14),
)
PATENT_KINDS = {"": "1", "u": "2", "d": "3"}
# Serial numbers this high were never given out, so the sample numbers belong to nobody.
FIRST_SERIAL = 9_300_117


def main(folder: Path) -> None:
    """Write the three files into `folder`."""
    texts: dict[str, list[Record]] = json.loads((HERE / "demo_files.json").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    write_needs(folder / "需求征集汇总表示例.xlsx", texts["needs"])
    write_achievements(folder / "成果目录示例.xlsx", texts["achievements"])
    write_booklet(folder / "成果汇编示例.docx", texts["booklet"])


def write_needs(path: Path, needs: list[Record]) -> None:
    """Write the need list: title, subtitle, two header rows, merged enterprises, totals, note."""
    book, sheet, styles = new_sheet(path, "汇总表")
    last = len(NEED_COLUMNS) - 1
    sheet.merge_range(0, 0, 0, last, NEED_TITLE, styles["title"])
    sheet.merge_range(1, 0, 1, last, NEED_SUBTITLE, styles["plain"])
    write_need_header(sheet, styles["head"])
    row = 4
    for _, group in groupby(needs, key=lambda need: need["enterprise"]):
        row = write_enterprise(sheet, row, list(group), styles["cell"])
    sheet.merge_range(row, 0, row, 9, f"合计({len(needs)}项)", styles["head"])
    sheet.write(row, 10, "约328", styles["head"])
    sheet.merge_range(row + 1, 0, row + 1, last, NEED_NOTE, styles["plain"])
    book.close()


def write_need_header(sheet: "Worksheet", style: "Format") -> None:
    """Write the groups over their columns, and lone headers over both rows."""
    column = 0
    for group, members in groupby(NEED_COLUMNS, key=lambda entry: entry[0]):
        start = column
        for _, header, _, width in members:
            sheet.set_column(column, column, width)
            if group:
                sheet.write(3, column, header, style)
            else:
                sheet.merge_range(2, column, 3, column, header, style)
            column += 1
        if group:
            sheet.merge_range(2, start, 2, column - 1, group, style)


def write_enterprise(sheet: "Worksheet", row: int, needs: list[Record], style: "Format") -> int:
    """Write the needs of one enterprise from `row` on, its own cells merged; return the next row."""
    for offset, need in enumerate(needs):
        for column, (_, _, field, _) in enumerate(NEED_COLUMNS):
            shared = field in ENTERPRISE_FIELDS and len(needs) > 1
            if field == "no":
                sheet.write(row + offset, column, row + offset - 3, style)
            elif not shared:
                sheet.write(row + offset, column, number_or_text(need[field], field), style)
            elif offset == 0:
                sheet.merge_range(row, column, row + len(needs) - 1, column, need[field], style)
    return row + len(needs)


def number_or_text(text: str, field: str) -> str | int:
    """A bare amount is typed as a number, as people do; everything else stays text."""
    return int(text) if field == "budget" and text.isdigit() else text


def write_achievements(path: Path, achievements: list[Record]) -> None:
    """Write the achievement list under one header row."""
    book, sheet, styles = new_sheet(path, "可转化成果")
    sheet.merge_range(
        0, 0, 0, len(ACHIEVEMENT_COLUMNS) - 1, "高校院所可转化科技成果目录(示例)", styles["title"]
    )
    for column, (header, _, width) in enumerate(ACHIEVEMENT_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write(1, column, header, styles["head"])
    for number, achievement in enumerate(achievements, start=1):
        filled = achievement | {"no": str(number), "patent": patent_numbers(achievement["patent"], number)}
        for column, (_, field, _) in enumerate(ACHIEVEMENT_COLUMNS):
            sheet.write(number + 1, column, filled[field], styles["cell"])
    book.close()


def patent_numbers(text: str, row: int) -> str:
    """Turn "+2021" into an invention number of that year, "+2022u" into a utility model's; keep the rest."""
    made = []
    for offset, part in enumerate(text.split("、")):
        if not part.startswith("+"):
            return text
        year, kind = part[1:5], PATENT_KINDS[part[5:]]
        body = f"{year}{kind}{FIRST_SERIAL + 271 * row + offset}"
        made.append(f"ZL{body}.{check_digit(body)}")
    return "、".join(made)


def check_digit(body: str) -> str:
    """Return the check digit of twelve digits of a Chinese application number."""
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    rest = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def new_sheet(path: Path, name: str) -> tuple["Workbook", "Worksheet", dict[str, "Format"]]:
    """Open a workbook with one sheet and the four cell styles both lists use."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"author": "临澜县生产力促进中心", "created": WRITTEN})
    framed: dict[str, Any] = {"border": 1, "text_wrap": True, "valign": "vcenter"}
    styles = {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center"}),
        "plain": book.add_format({"text_wrap": True}),
        "head": book.add_format(framed | {"bold": True, "align": "center"}),
        "cell": book.add_format(framed),
    }
    return book, book.add_worksheet(name), styles


def write_booklet(path: Path, records: list[Record]) -> None:
    """Write the booklet: three entries as labelled paragraphs, three as two-column tables."""
    import docx

    document = docx.Document()
    document.core_properties.author = "临澜县生产力促进中心"
    document.core_properties.created = document.core_properties.modified = WRITTEN.replace(tzinfo=None)
    document.add_heading("临澜县院企对接科技成果汇编(示例)", level=0)
    document.add_paragraph("本册收录成果六项,按单位报送顺序排列,联系方式请向县生产力促进中心索取。")
    for number, record in enumerate(records, start=1):
        document.add_heading(f"{number}. {record['title']}", level=1)
        if number <= 3:
            write_paragraphs(document, record)
        else:
            write_table(document, record)
    document.save(str(path))


BOOKLET_LABELS = (
    ("成果名称", "title"),
    ("完成单位", "org"),
    ("完成人", "people"),
    ("技术领域", "field"),
    ("成果阶段", "stage"),
    ("合作方式", "mode"),
    ("完成时间", "done"),
    ("成果简介", "summary"),
)


def write_paragraphs(document: "Document", record: Record) -> None:
    for label, field in BOOKLET_LABELS:
        document.add_paragraph(f"{label}：{record[field]}")


def write_table(document: "Document", record: Record) -> None:
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for label, field in BOOKLET_LABELS:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, record[field]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else UPLOADS)
