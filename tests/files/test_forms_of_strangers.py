"""Filled-in forms as offices lay them out: sections, tabs, frames, answers below, words that are nobody's."""

import io
from typing import Any

import pytest
from messy import workbook

from matchmaker.domain.values import Money, Period
from matchmaker.files.findings import Findings
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records


def document(*parts: str | list[list[str]]) -> bytes:
    """Return a .docx of paragraphs and tables in this order."""
    import docx

    made = docx.Document()
    for part in parts:
        if isinstance(part, str):
            made.add_paragraph(part)
            continue
        table = made.add_table(rows=len(part), cols=max(map(len, part)))
        for row, texts in enumerate(part):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def found_in(content: bytes, filename: str) -> Findings:
    return find_records(read_file(content, filename))


def values_of(findings: Findings) -> list[dict[str, Any]]:
    return [
        {
            name: value[0].number if name == "contact_mobile" else value
            for name, value in record.values.items()
        }
        for record in findings.records
    ]


def test_headings_between_the_lines_of_one_form_part_no_second_form_from_it() -> None:
    content = document(
        "青禾县难题登记表",
        "一、企业基本情况",
        "企业名称：____青禾制绳有限公司____  联系人：__龚一__",
        "二、技术难题",
        "难题名称：____缆绳抗蠕变____",
        "难题描述：100小时伸长超过2.5%",
        "三、合作",
        "拟投入资金：___80___万元    完成时限：__12__个月",
    )

    assert values_of(found_in(content, "表.docx")) == [
        {
            "enterprise_name": "青禾制绳有限公司",
            "contact_name": "龚一",
            "title": "缆绳抗蠕变",
            "problem": "100小时伸长超过2.5%",
            "budget": Money(low_fen=80_000_000, high_fen=80_000_000),
            "period": Period(months=12),
        }
    ]


def test_headings_over_the_same_labels_still_begin_a_thing_each() -> None:
    content = document(
        "一、水性墨水防干",
        "完成单位：海雀大学",
        "成果简介：开盖 8 小时不干",
        "二、薄壁件脱模",
        "完成单位：海雀大学",
        "成果简介：脱模力降一半",
    )

    assert [record["title"] for record in values_of(found_in(content, "汇编.docx"))] == [
        "水性墨水防干",
        "薄壁件脱模",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["企业名称\t青禾纺机公司", "需求名称\t断头检测", "联系人\t茆一\t手机\t13800000001"],
        ["企业名称    青禾纺机公司", "需求名称    断头检测", "联系人    茆一    手机    13800000001"],
        ["【企业名称】青禾纺机公司", "【需求名称】断头检测", "【联系】茆一 13800000001"],
    ],
    ids=["tabs", "gaps", "frames"],
)
def test_lines_may_part_label_and_answer_by_tabs_gaps_or_frames(lines: list[str]) -> None:
    assert values_of(found_in(document("需求登记", *lines), "表.docx")) == [
        {
            "enterprise_name": "青禾纺机公司",
            "title": "断头检测",
            "contact_name": "茆一",
            "contact_mobile": "13800000001",
        }
    ]


def test_a_table_that_goes_on_behind_a_page_is_the_end_of_the_form_above() -> None:
    content = document(
        "攻关需求表",
        [
            ["需求名称", "裂纹识别", "企业名称", "青禾制动件公司"],
            ["问题描述", "漏检率6%"],
            ["技术指标", "≤0.5%"],
        ],
        "（续表）",
        [["计划投入", "260万元", "联系人", "费一"], ["完成时限", "12个月", "联系电话", "13800000002"]],
    )

    assert values_of(found_in(content, "表.docx")) == [
        {
            "title": "裂纹识别",
            "enterprise_name": "青禾制动件公司",
            "problem": "漏检率6%",
            "indicators": "≤0.5%",
            "budget": Money(low_fen=260_000_000, high_fen=260_000_000),
            "contact_name": "费一",
            "period": Period(months=12),
            "contact_mobile": "13800000002",
        }
    ]


def test_counted_labels_over_their_answers_need_not_all_be_listed() -> None:
    rows = [
        ["需求采集表", ""],
        ["企业名称：青禾渔网厂", "联系人：戴一"],
        ["一、技术需求名称", ""],
        ["送经张力控制", ""],
        ["二、需求内容", ""],
        ["断线率每班9次", ""],
        ["三、何时非解决不可", ""],
        ["入秋以前", ""],
    ]

    findings = found_in(workbook(rows, merges=[f"A{row}:B{row}" for row in (1, *range(3, 9))]), "表.xlsx")

    assert values_of(findings)[0]["title"] == "送经张力控制"
    asked = [column.header for column in findings.tables[0].columns if "入秋以前" in column.samples]
    assert asked == ["三、何时非解决不可"]


def test_a_row_that_says_what_the_columns_are_labels_nothing() -> None:
    rows = [
        ["序号", "填报项目", "填报内容", "填报说明"],
        [1, "企业名称（必填）", "青禾浆料公司", "填写营业执照全称"],
        [2, "需求名称（必填）", "方阻稳定", "不超过30字"],
        [3, "需求描述（必填）", "波动±18%", "说明现状与差距"],
    ]

    findings = found_in(workbook(rows), "表.xlsx")

    assert values_of(findings) == [
        {"enterprise_name": "青禾浆料公司", "title": "方阻稳定", "problem": "波动±18%"}
    ]


def test_the_number_beside_the_legal_representative_is_not_that_of_the_person_to_call() -> None:
    rows = [
        ["企业技术需求表", "", "", ""],
        ["企业名称", "青禾纸业公司", "所属乡镇", "云山乡"],
        ["法定代表人", "章一", "联系电话", "13800000003"],
        ["需求名称", "漂白缩时", "", ""],
        ["技术联系人", "翁二", "手机", "13800000004"],
    ]

    record = values_of(found_in(workbook(rows, merges=["A1:D1", "B4:D4"]), "表.xlsx"))[0]

    assert (record["legal_rep"], record["contact_name"], record["contact_mobile"]) == (
        "章一",
        "翁二",
        "13800000004",
    )


def test_without_another_person_the_number_of_the_legal_representative_is_the_one_to_call() -> None:
    rows = [
        ["企业名称", "青禾纸业公司", "所属乡镇", "云山乡"],
        ["法定代表人", "章一", "联系电话", "13800000003"],
        ["需求名称", "漂白缩时", "", ""],
    ]

    record = values_of(found_in(workbook(rows, merges=["B3:D3"]), "表.xlsx"))[0]

    assert record["contact_mobile"] == "13800000003"


def test_a_tick_behind_an_option_in_a_cell_of_its_own_counts() -> None:
    rows = [
        ["企业名称", "青禾光电公司", ""],
        ["需求名称", "荧光粉", ""],
        ["合作方式", "技术转让", "委托开发√"],
        ["联系人", "涂一", ""],
    ]

    record = values_of(found_in(workbook(rows, merges=["B1:C1", "B2:C2", "B4:C4"]), "表.xlsx"))[0]

    assert record["coop_mode"] == ("commission",)


def test_what_stands_in_a_form_and_answers_nothing_is_told_of() -> None:
    rows = [
        ["企业技术需求表", "", "", ""],
        ["企业名称", "青禾家具公司", "", ""],
        ["联系人", "姓名", "职务", "电话"],
        ["", "游一", "总经理", "13800000005"],
        ["", "熊二", "技术员", "13800000006"],
        ["需求名称", "竹材防霉", "", ""],
        ["需求描述", "霉变率约8%", "", ""],
        ["预期目标", "霉变率低于1%", "", ""],
    ]
    merges = ["A1:D1", "B2:D2", "A3:A5", "B6:D6", "B7:D7", "B8:D8"]

    findings = found_in(workbook(rows, merges=merges), "表.xlsx")

    told = [(problem.code, problem.where) for problem in findings.problems]
    assert told == [("not_read", "汇总表!D5")]


def test_a_prompt_printed_above_an_answer_is_no_part_of_it() -> None:
    rows = [
        ["企业名称", "青禾粮油公司"],
        ["需求名称", "茶籽油脱蜡"],
        ["技术指标", "请列出可量化指标\n0℃静置5.5小时澄清透明"],
    ]

    assert values_of(found_in(workbook(rows), "表.xlsx"))[0]["indicators"] == "0℃静置5.5小时澄清透明"


def test_a_text_below_a_whole_title_says_what_it_is_about() -> None:
    content = document(
        "企业技术需求汇总",
        "企业名称：柳疃丝网厂    联系人：姜海涛    电话：13900000912",
        "需求一：丝网抗紫外老化",
        "户外使用9个月强度只剩45%，希望18个月不低于80%。",
        "需求二：断丝自停",
        "断丝后空织3米才停机，希望0.3米以内。",
    )

    found = found_in(content, "汇总.docx").records

    assert [(one.values["title"], one.values["problem"]) for one in found] == [
        ("丝网抗紫外老化", "户外使用9个月强度只剩45%，希望18个月不低于80%。"),
        ("断丝自停", "断丝后空织3米才停机，希望0.3米以内。"),
    ]


def test_a_firm_in_two_lines_goes_with_each_of_the_needs_in_the_tables_below_it() -> None:
    content = document(
        "技术需求（两项）",
        [["企业名称", "青禾精化公司"], ["联系人/电话", "苏一 / 13800000007"]],
        "需求1",
        [["需求名称", "残液减量"], ["内容", "残液率9%"], ["经费", "45万元"]],
        "需求2",
        [["需求名称", "泄漏预警"], ["内容", "报警滞后40秒"], ["经费", "面议"]],
    )

    firm = {"enterprise_name": "青禾精化公司", "contact_name": "苏一", "contact_mobile": "13800000007"}
    assert values_of(found_in(content, "两项.docx")) == [
        {
            **firm,
            "title": "残液减量",
            "problem": "残液率9%",
            "budget": Money(low_fen=45_000_000, high_fen=45_000_000),
        },
        {**firm, "title": "泄漏预警", "problem": "报警滞后40秒", "budget": Money(negotiable=True)},
    ]


def test_labels_beside_answers_and_labels_in_one_cell_with_them_are_one_form() -> None:
    rows = [
        ["需求单位", "青禾徽墨公司", "所在县区", "云山县"],
        ["需求名称：烟料收集", "", "", ""],
        ["主要研究内容：\n（1）油烟温度；\n（2）刮烟装置。", "", "", ""],
        ["考核指标：收集率≥95%", "", "", ""],
        ["联 系 人：程一    电  话：0559-5520011", "", "", ""],
    ]
    merges = [f"A{row}:D{row}" for row in range(2, 6)]

    record = values_of(found_in(workbook(rows, merges=merges), "表.xlsx"))[0]

    wanted = ("enterprise_name", "title", "problem", "indicators", "contact_name", "contact_mobile")
    assert [record.get(name) for name in wanted] == [
        "青禾徽墨公司",
        "烟料收集",
        "（1）油烟温度；\n（2）刮烟装置。",
        "收集率≥95%",
        "程一",
        "0559-5520011",
    ]


def test_groups_down_the_edge_make_names_whole_and_lines_are_no_part_of_an_answer() -> None:
    rows = [
        ["填\n报\n单\n位", "名称", "青禾建材公司", "性质", "民营"],
        ["", "法人代表", "毕一", "联系电话", "13800000008"],
        ["", "对接人", "仇二", "对接人电话", "13800000009"],
        ["难\n题\n内\n容", "名称", "石粉制砖返碱", "预算", "____15___万元"],
        ["", "描述", "返碱面积30%", "", ""],
    ]

    record = values_of(found_in(workbook(rows, merges=["A1:A3", "A4:A5", "C5:E5"]), "表.xlsx"))[0]

    wanted = ("enterprise_name", "title", "problem", "budget", "contact_name", "contact_mobile")
    assert [record.get(name) for name in wanted] == [
        "青禾建材公司",
        "石粉制砖返碱",
        "返碱面积30%",
        Money(low_fen=15_000_000, high_fen=15_000_000),
        "仇二",
        "13800000009",
    ]
