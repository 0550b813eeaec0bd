"""Layouts as they arrive from elsewhere, none of which the reader was made after."""

import io

import pytest
from messy import delimited, workbook

from matchmaker.domain.problems import Severity
from matchmaker.files.findings import Findings, RecordKind
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

FIRM = "青禾模具有限公司"


def found(content: bytes, filename: str) -> Findings:
    return find_records(read_file(content, filename))


def errors(findings: Findings) -> list[str]:
    return [problem.message for problem in findings.problems if problem.severity is Severity.ERROR]


def test_amounts_in_yuan_under_a_header_of_two_levels() -> None:
    rows = [
        ["临澜县2026年度企业“揭榜挂帅”技术需求申报汇总表"],
        ["单位：元", None, None, None, None, None, None],
        ["序号", "申报企业", "榜单名称", "需求内容", None, "拟投入（元）", "企业联系人", None],
        [None, None, None, "主要难题", "预期指标", None, "姓名", "手机"],
        [
            1,
            FIRM,
            "压铸模寿命提升",
            "模具两万模次龟裂",
            "寿命≥5万模次",
            500000,
            "周一诺",
            13800000001,
        ],
        [
            2,
            "白溪文具有限公司",
            "水性墨水防干",
            "开盖两小时断墨",
            "开盖≥24小时",
            "1,200,000",
            "林晓",
            "13800000002",
        ],
        ["合计", None, None, None, None, 1700000, None, None],
    ]
    merges = ["A1:H1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:F4", "G3:H3"]
    findings = found(workbook(rows, merges=merges), "申报.xlsx")

    assert errors(findings) == []
    records = findings.records
    assert [record.kind for record in records] == [RecordKind.NEED, RecordKind.NEED]
    assert [
        (
            record.values["enterprise_name"],
            record.values["title"],
            record.plain()["budget"]["low_fen"],
            record.values["contact_name"],
            record.plain()["contact_mobile"][0]["number"],
        )
        for record in records
    ] == [
        (FIRM, "压铸模寿命提升", 50_000_000, "周一诺", "13800000001"),
        ("白溪文具有限公司", "水性墨水防干", 120_000_000, "林晓", "13800000002"),
    ]


def test_two_tables_side_by_side() -> None:
    rows = [
        ["临澜县供需两张清单"],
        ["企业名称", "需求名称", "需求描述", None, "成果名称", "完成单位", "成熟度"],
        [FIRM, "压铸模寿命", "两万模次龟裂", None, "梯度涂层", "江州大学", "中试"],
        ["白溪文具有限公司", "墨水防干", "开盖断墨", None, "缓释保湿剂", "海州理工学院", "小试"],
        [None, None, None, None, "视觉检测", "江州大学", "产业化"],
    ]
    findings = found(workbook(rows), "两张.xlsx")

    assert [(table.kind, table.row_count) for table in findings.tables] == [
        (RecordKind.NEED, 2),
        (RecordKind.ACHIEVEMENT, 3),
    ]
    assert [record.where("title") for record in findings.records][2:] == [
        "汇总表!E3", "汇总表!E4", "汇总表!E5",
    ]  # fmt: skip
    assert errors(findings) == []


def test_an_empty_column_within_a_table_parts_nothing() -> None:
    rows = [
        ["企业名称", "需求名称", "需求描述", None, "联系人", "联系电话"],
        [FIRM, "压铸模寿命", "两万模次龟裂", None, "周一诺", "13800000001"],
    ]
    (record,) = found(workbook(rows), "一张.xlsx").records

    assert (record.values["title"], record.values["contact_name"]) == ("压铸模寿命", "周一诺")


def test_one_form_per_word_table() -> None:
    import docx

    document = docx.Document()
    for firm, title in ((FIRM, "压铸模寿命提升"), ("白溪文具有限公司", "水性墨水防干")):
        document.add_paragraph("企业技术需求征集表")
        table = document.add_table(rows=4, cols=4)
        cells = (
            ("企业名称", firm, "所在乡镇", "白溪乡"),
            ("需求名称", title, "拟投入资金", "50万元"),
            ("联系人", "周一诺", "联系电话", "13800000001"),
            ("需求描述", "现场情况见附件，寿命不足三个月。", "", ""),
        )
        for row, words in enumerate(cells):
            for column, word in enumerate(words):
                table.cell(row, column).text = word
        table.cell(3, 1).merge(table.cell(3, 3))
    target = io.BytesIO()
    document.save(target)
    findings = found(target.getvalue(), "征集表.docx")

    assert [
        (record.values["enterprise_name"], record.values["title"], record.plain()["budget"]["low_fen"])
        for record in findings.records
    ] == [
        (FIRM, "压铸模寿命提升", 50_000_000),
        ("白溪文具有限公司", "水性墨水防干", 50_000_000),
    ]
    assert errors(findings) == []


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_file_of_two_lines_is_read_or_asked_about_never_garbled(encoding: str) -> None:
    rows = [["企业名称", "需求名称", "联系人"], [FIRM, "压铸模寿命", "周一诺"]]
    book = read_file(delimited(rows, encoding=encoding), "两行.csv")

    shown = [choice.preview for choice in book.question.choices] if book.question else []
    assert book.sheets[0].rows == rows or any("企业名称,需求名称,联系人" in lines for lines in shown)


def test_records_side_by_side_are_known_by_their_telephones_when_no_firm_is_called_one() -> None:
    content = workbook(
        [
            ["项目", "需求一", "需求二"],
            ["企业名称", "新浦蔬菜合作社", "新浦冷库"],
            ["需求名称", "榨菜脱盐废水", "冷库除霜"],
            ["需求描述", "盐度高难生化", "除霜耗电大"],
            ["联系人", "姚青", "姚白"],
            ["手机", "13711110601", "13711110602"],
        ]
    )

    found = find_records(read_file(content, "横表.xlsx")).records

    assert [(record.values["enterprise_name"], record.values["title"]) for record in found] == [
        ("新浦蔬菜合作社", "榨菜脱盐废水"),
        ("新浦冷库", "冷库除霜"),
    ]


def test_a_need_and_an_achievement_below_each_other_are_two_lists_and_no_form() -> None:
    content = workbook(
        [
            ["一、企业技术需求"],
            ["企业名称", "需求名称", "需求描述"],
            ["象山针织厂", "色牢度", "水洗色牢度3级"],
            [],
            ["二、科技成果"],
            ["成果名称", "完成单位", "成果简介"],
            ["活性染料固色剂", "江州理工大学", "固色率提高8%"],
        ]
    )

    found = find_records(read_file(content, "综合.xlsx")).records

    assert [(record.kind, record.values) for record in found] == [
        (
            RecordKind.NEED,
            {"enterprise_name": "象山针织厂", "title": "色牢度", "problem": "水洗色牢度3级"},
        ),
        (
            RecordKind.ACHIEVEMENT,
            {"title": "活性染料固色剂", "org": "江州理工大学", "summary": "固色率提高8%"},
        ),
    ]


def test_more_lists_beside_each_other_than_anybody_lays_out_are_one_and_asked_about() -> None:
    content = delimited([["企业名称", "需求名称"] * 30, [f"{number}号厂" for number in range(60)]])

    found = find_records(read_file(content, "表.csv"))

    assert [len(table.records) for table in found.tables] == [1]
    assert [question.code for question in found.questions] == ["duplicate_header"]
