"""How forms are answered: options with cells for ticks, tables in answers, forms in parts, questions."""

import io
from collections.abc import Sequence

import pytest
from messy import document, fill, saved, workbook

from matchmaker.domain.values import Money, Phone
from matchmaker.files.findings import Findings
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

FIRM = "青禾模具有限公司"


def find(content: bytes, filename: str = "表.xlsx") -> Findings:
    return find_records(read_file(content, filename))


def values(findings: Findings) -> list[dict[str, object]]:
    return [record.values for record in findings.records]


def paragraphs(*lines: str) -> bytes:
    import docx

    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("cells", "chosen"),
    [
        (["技术转让", "", "委托开发", "√", "联合开发", "√"], ("commission", "joint")),
        (["", "技术转让", "√", "委托开发", "", "联合开发"], ("commission",)),
        (["□", "技术转让", "☑", "委托开发", "□", "联合开发"], ("commission",)),
        (["技术转让", "", "委托开发", "", "联合开发", ""], None),
        (["联合开发", "", "", "", "", ""], ("joint",)),
    ],
)
def test_of_options_in_cells_of_their_own_those_with_a_tick_are_taken(
    cells: list[str], chosen: tuple[str, ...] | None
) -> None:
    rows: list[Sequence[object]] = [
        ["企业名称", FIRM],
        ["需求名称", "耐磨涂层"],
        ["合作方式", *cells],
        ["联系人", "张三", "", "", "", "联系电话", "13800000000"],
    ]

    record = find(workbook(rows)).records[0]

    assert record.values.get("coop_mode") == chosen


@pytest.mark.parametrize("merges", [["A4:A6"], []])
def test_a_small_table_beside_its_label_is_one_answer(merges: list[str]) -> None:
    rows = [
        ["企业名称", FIRM],
        ["需求名称", "铣刀寿命"],
        ["需求描述", "加工时崩刃"],
        ["技术指标", "指标名称", "现状", "目标"],
        ["", "寿命", "30分钟", "≥60分钟"],
        ["", "粗糙度", "Ra1.6", "Ra0.8"],
        ["联系人", "张三"],
    ]

    assert values(find(workbook(rows, merges=merges))) == [
        {
            "enterprise_name": FIRM,
            "title": "铣刀寿命",
            "problem": "加工时崩刃",
            "indicators": "指标名称  现状  目标\n寿命  30分钟  ≥60分钟\n粗糙度  Ra1.6  Ra0.8",
            "contact_name": "张三",
        }
    ]


def test_of_two_people_on_a_form_the_one_to_call_is_the_contact() -> None:
    rows = [
        ["企业名称", FIRM],
        ["企业负责人", "姓名", "李四", "手机：13800000001"],
        ["技术联系人", "姓名", "张三", "手机：13800000002"],
        ["需求名称", "耐磨涂层"],
        ["需求描述", "涂层寿命不足"],
    ]

    record = find(document(rows), "表.docx").records[0]

    assert record.values["contact_name"] == "张三"
    assert [phone.number for phone in record.values["contact_mobile"]] == ["13800000002"]  # type: ignore[attr-defined]


def test_a_column_that_says_how_to_fill_in_is_no_answer() -> None:
    rows = [
        ["序号", "项目", "填写内容", "填写说明"],
        [1, "企业名称", FIRM, "填全称"],
        [2, "需求名称", "耐磨涂层", "30字以内"],
        [3, "需求描述", "涂层寿命不足", "说明现状"],
        [4, "拟投入资金", "40万元", "单位：万元"],
    ]

    assert values(find(workbook(rows))) == [
        {
            "enterprise_name": FIRM,
            "title": "耐磨涂层",
            "problem": "涂层寿命不足",
            "budget": Money(low_fen=40_000_000, high_fen=40_000_000),
        }
    ]


def test_a_form_in_two_tables_is_one_record_whose_cells_keep_their_places() -> None:
    firm = [["企业名称", FIRM], ["联系人", "张三"], ["联系电话", "13800000000"]]
    need = [["需求名称", "耐磨涂层"], ["需求描述", "涂层寿命不足"], ["拟投入资金（万元）", "30"]]

    findings = find(document(firm, need), "表.docx")

    record = findings.records[0]
    assert len(findings.records) == 1
    assert (record.values["enterprise_name"], record.values["title"]) == (FIRM, "耐磨涂层")
    assert (record.where("contact_name"), record.where("title")) == (
        "表 1 第 2 行第 2 列",
        "表 2 第 1 行第 2 列",
    )
    assert findings.notices == ("“表 1”、“表 2”是同一份表的几部分，合在一起读入，请核对。",)


def test_one_firm_s_part_belongs_to_every_need_after_it_and_a_contact_s_part_to_the_one_before() -> None:
    firm = [["企业名称", FIRM], ["联系人", "张三"], ["所在乡镇", "白溪乡"]]
    needs = [
        [["需求名称", title], ["需求描述", "寿命不足"], ["需求时限", "12个月"]] for title in ("涂层", "轴承")
    ]
    achievement = [["成果名称", "阀门"], ["完成单位", "青禾大学"], ["成果简介", "一种阀门"]]
    contact = [["联系人", "李四"], ["联系电话", "13800000000"], ["电子邮箱", "ls@example.cn"]]

    of_firm = find(document(firm, *needs), "表.docx")
    of_university = find(document(achievement, contact), "成果.docx")

    assert [(said["enterprise_name"], said["title"]) for said in values(of_firm)] == [
        (FIRM, "涂层"),
        (FIRM, "轴承"),
    ]
    assert [(said["title"], said["contact_name"]) for said in values(of_university)] == [("阀门", "李四")]


def test_a_person_s_form_is_no_part_of_the_achievement_after_it() -> None:
    person = [["姓名", "李四"], ["工作单位", "青禾大学"], ["研究方向", "密封"], ["职称", "教授"]]
    achievement = [["成果名称", "阀门"], ["成果简介", "一种阀门"], ["成熟度", "中试"]]

    findings = find(document(person, achievement), "表.docx")

    assert [(record.kind.value, record.values.get("org")) for record in findings.records] == [
        ("people", "青禾大学"),
        ("achievement", None),
    ]


def test_a_form_that_nobody_filled_in_is_named_and_gives_no_record() -> None:
    import openpyxl

    labels = ["企业名称", "需求名称", "需求描述", "联系人"]
    filled = [
        ["技术需求征集表"],
        *([label, value] for label, value in zip(labels, [FIRM, "涂层", "寿命不足", "张三"], strict=True)),
    ]
    blank = [
        ["技术需求征集表"],
        *([label, ""] for label in labels),
        ["合作方式", "□技术转让 □联合开发"],
        ["（盖章）"],
    ]
    book = openpyxl.Workbook()
    fill(book.active, blank, name="空表")
    fill(book.create_sheet("青禾"), filled)

    findings = find(saved(book))

    assert [said["title"] for said in values(findings)] == ["涂层"]
    assert findings.notices == ("工作表“空表”是没有填写的空表，没有导入。",)


def test_the_lines_below_a_labelled_one_belong_to_its_answer() -> None:
    text = f"企业名称：{FIRM}\n需求名称：涂层\n需求描述：寿命不足，\n目前人工补喷。\n联系人：张三\n（盖章）\n"

    assert values(find(text.encode("utf-8-sig"), "需求.txt")) == [
        {
            "enterprise_name": FIRM,
            "title": "涂层",
            "problem": "寿命不足，\n目前人工补喷。",
            "contact_name": "张三",
        }
    ]


def test_questions_in_word_are_answered_by_the_paragraphs_below_them() -> None:
    content = paragraphs(
        "企业技术需求调查问卷",
        "1. 贵企业的名称是什么？",
        FIRM,
        "2. 需求名称：",
        "耐磨涂层",
        "3. 请描述目前遇到的主要技术难题",
        "涂层寿命不足，",
        "三个月就脱落。",
        "4. 联系人及电话",
        "张三 13800000000",
    )

    said = values(find(content, "问卷.docx"))[0]

    assert (said["enterprise_name"], said["title"], said["problem"], said["contact_name"]) == (
        FIRM,
        "耐磨涂层",
        "涂层寿命不足，\n三个月就脱落。",
        "张三",
    )


def test_a_heading_over_a_part_of_a_form_names_no_need() -> None:
    content = paragraphs(
        "一、企业基本情况",
        f"企业名称：{FIRM}",
        "联系人：张三",
        "二、技术需求情况",
        "需求名称：涂层",
        "需求描述：寿命不足",
    )

    assert values(find(content, "表.docx")) == [
        {"enterprise_name": FIRM, "contact_name": "张三", "title": "涂层", "problem": "寿命不足"}
    ]


def test_a_booklet_of_headings_names_each_thing_by_the_heading_above() -> None:
    import docx

    made = docx.Document()
    for title in ("光催化涂料", "脱硝催化剂"):
        made.add_heading(title, 1)
        for label, text in (("应用领域", "家装"), ("成果简介", f"{title}效率高。"), ("完成单位", "青禾大学")):
            made.add_heading(label, 2)
            made.add_paragraph(text)
    target = io.BytesIO()
    made.save(target)

    assert values(find(target.getvalue(), "成果册.docx")) == [
        {"title": title, "apply_industry": "家装", "summary": f"{title}效率高。", "org": "青禾大学"}
        for title in ("光催化涂料", "脱硝催化剂")
    ]


def test_a_heading_that_names_a_firm_is_no_title() -> None:
    import docx

    made = docx.Document()
    made.add_heading(FIRM, 1)
    made.add_paragraph("联系人：张三")
    made.add_paragraph("需求描述：寿命不足")
    target = io.BytesIO()
    made.save(target)

    findings = find(target.getvalue(), "表.docx")

    assert all("title" not in said for said in values(findings))


def test_amounts_and_trades_that_a_form_offers_are_read_by_what_is_ticked() -> None:
    rows = [
        ["企业名称", FIRM],
        ["需求名称", "涂层"],
        ["所属行业", "☑食品 □机械 □电子"],
        ["资金投入", "□10万以下 ☑10-50万 □50-100万"],
    ]

    said = values(find(workbook(rows)))[0]

    assert (said["industry"], said["budget"]) == ("食品", Money(low_fen=10_000_000, high_fen=50_000_000))


def test_counted_lines_beside_a_label_are_one_answer() -> None:
    rows = [
        ["企业名称", FIRM],
        ["需求名称", "焊丝飞溅"],
        ["主要技术指标", "1", "飞溅率≤1%"],
        ["", "2", "强度≥550MPa"],
        ["联系人", "张三"],
    ]

    said = values(find(workbook(rows, merges=["A3:A4"])))[0]

    assert said["indicators"] == "1  飞溅率≤1%\n2  强度≥550MPa"


@pytest.mark.parametrize(
    "filling", ["." * 20_000, "…" * 20_000, "；" * 20_000, "【" + " " * 20_000, "_ " * 9_999]
)
def test_a_line_of_a_form_is_read_at_once_whatever_it_is_filled_with(filling: str) -> None:
    text = f"企业名称：{FIRM}\n需求名称：涂层\n需求描述：寿命不足{filling}目前人工补喷"

    (found,) = values(find(paragraphs(*text.splitlines()), "表.docx"))

    assert found["title"] == "涂层"
    assert str(found["problem"]).startswith("寿命不足")
    assert str(found["problem"]).endswith("目前人工补喷")


@pytest.mark.parametrize("line", [f"企业名称：{FIRM}（盖章）      填报日期：2026年6月1日"])
def test_a_line_above_a_form_that_names_the_firm_belongs_to_it(line: str) -> None:
    import docx

    made = docx.Document()
    made.add_paragraph(line)
    table = made.add_table(rows=0, cols=2)
    for label, text in (("需求名称", "涂层"), ("需求描述", "寿命不足"), ("联系人", "张三")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, text
    target = io.BytesIO()
    made.save(target)

    said = values(find(target.getvalue(), "表.docx"))

    assert [(one["enterprise_name"], one["title"]) for one in said] == [(FIRM, "涂层")]


def test_a_line_of_contacts_above_a_list_makes_no_record() -> None:
    import docx

    made = docx.Document()
    made.add_paragraph("联系人：王科长      联系电话：0574-65510000")
    rows = [["企业名称", "需求名称", "需求描述"], [FIRM, "涂层", "寿命不足"], ["海雀公司", "节能", "耗电"]]
    table = made.add_table(rows=0, cols=3)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    target = io.BytesIO()
    made.save(target)

    assert [said["title"] for said in values(find(target.getvalue(), "表.docx"))] == ["涂层", "节能"]


@pytest.mark.parametrize(
    ("cells", "chosen"),
    [
        (["□同意", "☑不同意"], "internal"),
        (["☑同意", "□不同意"], "public"),
    ],
)
def test_options_with_their_boxes_in_several_cells_are_one_answer(cells: list[str], chosen: str) -> None:
    rows: list[Sequence[object]] = [
        ["企业名称", FIRM],
        ["需求名称", "耐磨涂层"],
        ["是否同意公开", *cells],
        ["联系人", "张三"],
    ]

    assert find(workbook(rows)).records[0].values["confidentiality"] == chosen


@pytest.mark.parametrize("number", ["13800000000", 13800000000])
def test_a_number_in_the_cell_behind_a_name_is_that_persons(number: object) -> None:
    rows: list[Sequence[object]] = [
        ["企业名称", FIRM],
        ["需求名称", "耐磨涂层"],
        ["联系人", "张三", number],
        ["需求描述", "寿命不足"],
    ]

    (said,) = values(find(workbook(rows)))

    assert (said["contact_name"], said["contact_mobile"]) == (
        "张三",
        (Phone(number="13800000000", mobile=True),),
    )


def test_the_firm_and_its_contact_in_cells_above_a_list_belong_to_every_row() -> None:
    rows: list[Sequence[object]] = [
        ["企业技术需求调研表"],
        ["企业名称", FIRM],
        ["联系人", "张三", "联系电话", 13800000000],
        ["序号", "需求名称", "需求内容"],
        [1, "耐磨涂层", "寿命不足"],
        [2, "余热利用", "烟气温度高"],
    ]

    said = values(find(workbook(rows)))

    assert [(one["title"], one["enterprise_name"], one["contact_name"]) for one in said] == [
        ("耐磨涂层", FIRM, "张三"),
        ("余热利用", FIRM, "张三"),
    ]
    assert {one["contact_mobile"] for one in said} == {(Phone(number="13800000000", mobile=True),)}


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_short_list_below_the_data_of_its_firm_loses_no_row(rows: int) -> None:
    needs = [[number, f"第{number}项涂层", f"寿命不足{number}年"] for number in range(1, rows + 1)]
    head: list[Sequence[object]] = [
        ["企业名称", FIRM],
        ["联系人", "张三", "联系电话", "13800000000"],
        ["序号", "需求名称", "需求内容"],
    ]

    said = values(find(workbook([*head, *needs])))

    assert [(one["title"], one["problem"], one["enterprise_name"]) for one in said] == [
        (title, text, FIRM) for _, title, text in needs
    ]
