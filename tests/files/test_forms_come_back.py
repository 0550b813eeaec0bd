"""Forms as they come back: hints left in answers, blank cells, positions beside names, parts that go on."""

import io

import pytest
from messy import document, workbook
from test_forms_in_parts import FIRM, NEED, PROBLEM, TITLE, find, values

from matchmaker.domain.values import Money


def test_a_hint_printed_before_an_answer_is_no_part_of_it() -> None:
    rows = [
        ["企业名称", "（填写营业执照全称）\n青禾模具有限公司"],
        ["需求名称", "（20字以内）耐磨涂层"],
        ["需求描述", "【请说明现状、存在的问题】\n（高温下）寿命不足 3 个月"],
    ]

    assert values(find(workbook(rows), "表.xlsx")) == [
        {"enterprise_name": FIRM[1], "title": "耐磨涂层", "problem": "（高温下）寿命不足 3 个月"}
    ]


@pytest.mark.parametrize("wish", ["（请专家来厂诊断）焊接变形大", "（请于6月前完成）改造喷房"])
def test_a_wish_in_brackets_before_an_answer_stays(wish: str) -> None:
    (said,) = values(find(workbook([FIRM, TITLE, ["需求描述", wish]]), "表.xlsx"))

    assert said["problem"] == wish


def test_a_unit_printed_before_an_amount_is_its_unit() -> None:
    found = find(workbook([FIRM, TITLE, PROBLEM, ["拟投入资金", "（元）5000"]]), "表.xlsx")

    assert values(found) == [NEED | {"budget": Money(low_fen=500_000, high_fen=500_000)}]


def test_what_a_template_left_for_a_name_is_blank_with_a_remark() -> None:
    found = find(workbook([FIRM, TITLE, ["需求描述", "XXX"], ["联系人", "××"]]), "表.xlsx")

    assert values(found) == [{"enterprise_name": FIRM[1], "title": TITLE[1]}]
    assert [(one.field, one.code) for one in found.problems if one.code == "prompt_text"] == [
        ("problem", "prompt_text"),
        ("contact_name", "prompt_text"),
    ]


def test_a_position_beside_a_contact_is_no_part_of_the_name() -> None:
    for label, answer in (
        ("联系人", "张三（技术部长）13800000000"),
        ("联系人及电话", "张三（技术部长）13800000000"),
        ("联系人", "张三 / 技术部长"),
    ):
        found = find(workbook([FIRM, TITLE, PROBLEM, [label, answer]]), "表.xlsx")
        said = values(found)[0]
        assert (said["contact_name"], said["contact_position"]) == ("张三", "技术部长"), answer


def test_an_amount_behind_a_blank_cell_answers_its_label() -> None:
    rows = [FIRM, TITLE, PROBLEM, ["拟投入资金", "", "50", "万元"], ["意向专家", "", "（盖章）"]]

    assert values(find(workbook(rows), "表.xlsx")) == [NEED]


def test_labels_upright_over_bare_names_head_them_in_every_row() -> None:
    rows = [
        ["企\n业\n信\n息", "名称", FIRM[1], "法人", "李四"],
        ["", "地址", "北山路 3 号", "邮编", "315000"],
        ["技\n术\n需\n求", "名称", TITLE[1], "", ""],
        ["", "内容", PROBLEM[1], "", ""],
    ]

    found = find(workbook(rows, merges=["A1:A2", "A3:A4", "C3:E3", "C4:E4"]), "表.xlsx")

    assert values(found) == [
        {
            "enterprise_name": FIRM[1],
            "legal_rep": "李四",
            "address": "北山路 3 号",
            "postcode": "315000",
            "title": TITLE[1],
            "problem": PROBLEM[1],
        }
    ]


def test_a_form_goes_on_in_the_next_table() -> None:
    going_on = [["拟投入资金（万元）", "50"], ["意向专家", "无"], ["联系人及电话", "张三，13800000000"]]

    found = find(document([FIRM, TITLE, PROBLEM], going_on, headings=["需求表", "（续表）"]), "表.docx")

    assert values(found) == [NEED | {"contact_name": "张三", "contact_mobile": ("13800000000",)}]


def test_a_list_of_people_in_a_cell_names_who_made_an_achievement() -> None:
    import docx

    made = docx.Document()
    rows = [["成果名称", "耐磨涂层"], ["完成单位", "青禾大学"], ["完成人", ""], ["成果简介", "两步法"]]
    table = made.add_table(rows=len(rows), cols=2)
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    people = [("序号", "姓名"), ("1", "张三"), ("2", "李四")]
    inner = table.cell(2, 1).add_table(rows=3, cols=2)
    for cells, person in zip(inner.rows, people, strict=True):
        for cell, text in zip(cells.cells, person, strict=True):
            cell.text = text
    target = io.BytesIO()
    made.save(target)

    assert values(find(target.getvalue(), "表.docx")) == [
        {"title": "耐磨涂层", "org": "青禾大学", "completers": ("张三", "李四"), "summary": "两步法"}
    ]


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        ("A.10万以下 B.10-50万√ C.50万以上", Money(low_fen=10_000_000, high_fen=50_000_000)),
        ("档次 ☑50万 □80万", Money(low_fen=50_000_000, high_fen=50_000_000)),
    ],
)
def test_lettered_options_and_headed_ones_are_read_by_their_tick(answer: str, chosen: Money) -> None:
    found = find(workbook([FIRM, TITLE, PROBLEM, ["拟投入资金", answer]]), "表.xlsx")

    assert values(found)[0]["budget"] == chosen


def test_bare_labels_beside_counted_needs_belong_to_each_of_them() -> None:
    rows = [
        [*FIRM, ""],
        ["需求一", "名称", TITLE[1]],
        ["", "描述", PROBLEM[1]],
        ["需求二", "名称", "在线测厚"],
        ["", "描述", "靠手摸"],
        ["联系人", "张三", ""],
    ]

    found = find(workbook(rows, merges=["B1:C1", "A2:A3", "A4:A5", "B6:C6"]), "表.xlsx")

    shared = {"enterprise_name": FIRM[1], "contact_name": "张三"}
    assert values(found) == [
        shared | {"title": TITLE[1], "problem": PROBLEM[1]},
        shared | {"title": "在线测厚", "problem": "靠手摸"},
    ]


def test_a_list_of_people_on_a_sheet_names_who_made_an_achievement() -> None:
    rows = [
        ["成果名称", "耐磨涂层", "", ""],
        ["完成单位", "青禾大学", "", ""],
        ["主要完成人", "序号", "姓名", "职称"],
        ["", "1", "张三", "教授"],
        ["", "2", "李四", "讲师"],
        ["成果简介", "两步法", "", ""],
    ]

    found = find(workbook(rows, merges=["B1:D1", "B2:D2", "A3:A5", "B6:D6"]), "表.xlsx")

    assert values(found) == [
        {"title": "耐磨涂层", "org": "青禾大学", "completers": ("张三", "李四"), "summary": "两步法"}
    ]


def test_numbers_and_letters_written_into_printed_brackets_are_read() -> None:
    rows = [
        FIRM,
        TITLE,
        PROBLEM,
        ["拟投入资金", "（  50  ）万元"],
        ["合作方式", "（ B ） A技术转让 B技术入股"],
    ]

    assert values(find(workbook(rows), "表.xlsx")) == [NEED | {"coop_mode": ("equity",)}]
