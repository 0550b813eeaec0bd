"""Habits of lists that arrive from anywhere, each with all that its rows say."""

from collections.abc import Sequence
from typing import Any

import pytest
from messy import fill, saved, workbook
from test_county_files import found_in, said_by

from matchmaker.domain.persons import PersonParts, person_in_parts, split_org_position
from matchmaker.files.findings import HowMapped
from matchmaker.files.headers import RecordKind, look_up

_FIRMS = ("岚谷砖瓦有限公司", "禾泰米业有限公司")


def _said(rows: Sequence[Sequence[object]], **options: Any) -> list[dict[str, Any]]:
    return [said_by(record) for record in found_in(workbook(rows, **options)).records]


def test_a_row_of_three_needs_becomes_three_needs_of_one_firm() -> None:
    rows = [
        ["序号", "企业名称", "技术需求1", "技术需求2", "技术需求3", "联系人", "联系电话"],
        [1, _FIRMS[0], "免烧砖早强", "", "窑烟脱硫", "苗青", "13857010001"],
        [2, _FIRMS[1], "碎米利用", "", "", "管仲平", "同上"],
    ]
    findings = found_in(workbook(rows))

    assert [(r.values["enterprise_name"], r.values["title"], r.where("title")) for r in findings.records] == [
        (_FIRMS[0], "免烧砖早强", "汇总表!C2"),
        (_FIRMS[0], "窑烟脱硫", "汇总表!E2"),
        (_FIRMS[1], "碎米利用", "汇总表!C3"),
    ]
    assert {said_by(record)["contact_mobile"][0] for record in findings.records} == {"13857010001"}
    assert [problem.code for problem in findings.tables[0].problems] == ["row_split"]


def test_each_of_several_needs_in_a_row_has_its_own_text_and_amount() -> None:
    grouped = [
        ["企业名称", "技术需求一", None, "技术需求二", None, "联系人"],
        [None, "名称", "内容简述", "名称", "内容简述", None],
        [_FIRMS[0], "免烧砖早强", "七天强度", "陶粒轻质化", "容重六百", "苗青"],
    ]
    flat = [
        [
            "企业名称",
            "需求1名称",
            "需求1描述",
            "需求1预算（万元）",
            "需求2名称",
            "需求2描述",
            "需求2预算（万元）",
        ],
        [_FIRMS[0], "免烧砖早强", "七天强度", 30, "陶粒轻质化", "容重六百", 15],
    ]
    texts = [("免烧砖早强", "七天强度"), ("陶粒轻质化", "容重六百")]
    both = [{"kind": "need", "enterprise_name": _FIRMS[0], "title": t, "problem": p} for t, p in texts]

    assert _said(grouped, merges=["A1:A2", "B1:C1", "D1:E1", "F1:F2"]) == [
        one | {"contact_name": "苗青"} for one in both
    ]
    assert _said(flat) == [both[0] | {"budget": (30.0, 30.0)}, both[1] | {"budget": (15.0, 15.0)}]


def test_a_later_need_of_a_row_may_say_more_than_the_first() -> None:
    rows = [
        ["企业名称", "需求1名称", "需求1描述", "需求2名称", "需求2描述", "需求2预算（万元）", "需求3描述"],
        [_FIRMS[0], "免烧砖早强", "七天强度", "陶粒轻质化", "容重六百", 15, "窑烟发白"],
    ]
    findings = found_in(workbook(rows))

    assert [
        tuple(said_by(record).get(name) for name in ("title", "problem", "budget"))
        for record in findings.records
    ] == [
        ("免烧砖早强", "七天强度", None),
        ("陶粒轻质化", "容重六百", (15.0, 15.0)),
        (None, "窑烟发白", None),
    ]
    assert findings.records[1].where("budget") == "汇总表!F2"
    assert [problem.code for problem in findings.records[2].problems] == ["missing"]


def test_a_number_of_the_row_names_the_first_of_its_needs_only() -> None:
    rows = [["需求编号", "企业名称", "技术需求1", "技术需求2"], ["LG-07", _FIRMS[0], "早强", "脱硫"]]

    assert [record.get("need_no") for record in _said(rows)] == ["LG-07", None]


def test_a_firm_s_two_telephones_are_not_two_needs() -> None:
    rows = [
        ["企业名称", "技术需求", "联系电话1", "联系电话2"],
        [_FIRMS[0], "早强", "13857010001", "13857010002"],
    ]

    (record,) = _said(rows)
    assert record["contact_mobile"] == ["13857010001", "13857010002"]


@pytest.mark.parametrize(
    ("header", "cell", "who"),
    [
        ("公开程度", "完全公开", "public"),
        ("公开程度", "仅限定向推送", "targeted"),
        ("公开程度", "隐去企业名称公开", "masked"),
        ("公开情况", "只公开需求，不公开企业名称", "masked"),
        ("公开情况", "内部掌握", "internal"),
        ("保密要求", "不公开企业名称", "masked"),
        ("是否同意公开", "同意公开企业名称及需求", "public"),
        ("保密等级", "公开", "public"),
        ("保密等级", "内部", "internal"),
        ("密级", "商业秘密", "internal"),
        ("密级", "一般", None),
        ("密级", "需要保密", "internal"),
        ("保密要求", "保密三年", "internal"),
        ("保密情况", "不公开", "internal"),
        ("是否涉密", "不涉密但不公开", "internal"),
        ("是否涉密", "保密", "rejected"),
        ("是否公开", "暂不公开", "internal"),
        ("是否公开", "待定", "internal"),
        ("公开程度", "低", "internal"),
        ("公开程度", "不保密", None),
        ("是否愿意匿名发布", "不公开", "internal"),
        ("是否隐去企业名称", "无", None),
        ("是否隐去企业名称", "否", "public"),
        ("密级", "秘密", "rejected"),
        ("Confidential (Y/N)", "Y", "internal"),
        ("Confidential (Y/N)", "N", None),
    ],
)
def test_who_may_see_a_need_is_told_in_many_words(header: str, cell: str, who: str | None) -> None:
    rows = [["企业名称", "需求名称", "需求描述", header], [_FIRMS[0], "早强", "七天强度", cell]]
    (record,) = _said(rows)

    assert record.get("confidentiality") == who


def test_a_person_in_three_parts_is_taken_apart() -> None:
    rows = [
        ["企业名称", "需求名称", "姓名/职务/电话"],
        [_FIRMS[0], "早强", "苗青/总工/13857010001"],
        [_FIRMS[1], "碎米利用", "管 仲 技术部主任 0571-86010002"],
        [_FIRMS[1], "稻壳灰", "联系人：管仲平（副总经理），电话：13857010002"],
    ]
    told = [(r["contact_name"], r["contact_position"], r["contact_mobile"]) for r in _said(rows)]

    assert told == [
        ("苗青", "总工", ["13857010001"]),
        ("管仲", "技术部主任", ["0571-86010002"]),
        ("管仲平", "副总经理", ["13857010002"]),
    ]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"{_FIRMS[0]}联系人：苗青 电话：13857010001", "苗青"),
        ("科技局联系人：苗青 电话：0571-86010002", None),
        ("填报单位联系人：苗青 电话：13857010001", None),
    ],
)
def test_who_calls_for_an_office_is_not_the_contact_of_a_firm_s_list(line: str, name: str | None) -> None:
    rows = [[f"{_FIRMS[0]}技术需求表"], [line], ["企业名称", "需求名称"], [_FIRMS[0], "早强"]]
    (record,) = _said(rows)

    assert record.get("contact_name") == name


def test_of_two_people_in_one_cell_the_second_is_named_and_no_position() -> None:
    rows = [
        ["企业名称", "需求名称", "联系人/职务/电话"],
        [_FIRMS[0], "早强", "苗青 厂长 13857010001/管仲平 13857010002"],
    ]
    (record,) = found_in(workbook(rows)).records

    assert said_by(record) | {"contact_mobile": None} == {
        "kind": "need",
        "enterprise_name": _FIRMS[0],
        "title": "早强",
        "contact_name": "苗青",
        "contact_position": "厂长",
        "contact_mobile": None,
    }
    assert ["管仲平" in problem.message for problem in record.problems] == [True]


def test_the_parts_of_a_person_stand_in_any_order() -> None:
    assert person_in_parts("13857010001 苗青经理") == PersonParts(
        name="苗青", position="经理", numbers="13857010001"
    )
    assert person_in_parts("岚谷砖瓦有限公司 苗 青 mq@lg.cn") == PersonParts(
        name="苗青", org="岚谷砖瓦有限公司", email="mq@lg.cn"
    )
    assert person_in_parts("Tom Smith / CTO") == PersonParts(name="Tom Smith", position="CTO")


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("临溪农林大学 材料学院副院长", ("临溪农林大学", "材料学院副院长")),
        ("岚谷砖瓦有限公司总经理", ("岚谷砖瓦有限公司", "总经理")),
        ("东华农科院茶叶所", ("东华农科院茶叶所", "")),
        ("总工程师", ("", "总工程师")),
        ("临溪农林大学茶学院副教授", ("临溪农林大学茶学院", "副教授")),
        ("某市科技局副局长", ("某市科技局", "副局长")),
        ("临溪农林大学科研处处长", ("临溪农林大学", "科研处处长")),
        ("临溪大学江北学院院长", ("临溪大学江北学院院长", "")),
        ("École Centrale", ("École Centrale", "")),
        ("岚谷集团有限公司研发中心主任", ("岚谷集团有限公司", "研发中心主任")),
        ("东华科学院临溪材料所副所长", ("东华科学院临溪材料所副所长", "")),
        ("省化工设计院副总工程师", ("省化工设计院", "副总工程师")),
        ("岚谷镇人民政府副镇长", ("岚谷镇人民政府", "副镇长")),
        ("岚谷砖瓦（临溪）有限公司 研发总监", ("岚谷砖瓦(临溪)有限公司", "研发总监")),
        ("岚谷股份董事长", ("岚谷股份董事长", "")),
    ],
)
def test_where_somebody_works_and_as_what_are_parted(cell: str, parts: tuple[str, str]) -> None:
    assert split_org_position(cell) == parts


@pytest.mark.parametrize(
    ("kind", "header", "field"),
    [
        (RecordKind.NEED, "技术需求简述", "problem"),
        (RecordKind.NEED, "技术问题名称", "title"),
        (RecordKind.NEED, "攻关目标", "target"),
        (RecordKind.NEED, "亟需解决的关键技术难题", "problem"),
        (RecordKind.NEED, "项目资金预算", "budget"),
        (RecordKind.NEED, "希望合作的单位", "preferred_partner"),
        (RecordKind.NEED, "合作方式（可多选） □技术转让 □联合开发", "coop_mode"),
        (RecordKind.ACHIEVEMENT, "拟转让方式", "coop_mode"),
        (RecordKind.ACHIEVEMENT, "技术成熟阶段", "stage"),
        (RecordKind.CONTRACT, "技术合同签订日期", "signed_on"),
        (RecordKind.PEOPLE, "主要研究方向及专长", "research_field"),
    ],
)
def test_a_header_put_together_of_known_words_names_its_field(
    kind: RecordKind, header: str, field: str
) -> None:
    assert look_up(kind, (header,))[0] == field


@pytest.mark.parametrize("header", ["注册资金", "上年度研发投入", "年销售收入", "需求基本情况", "已投入资金"])
def test_what_a_firm_has_or_spent_is_not_what_it_would_pay(header: str) -> None:
    assert look_up(RecordKind.NEED, (header,)) == ()


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (
            RecordKind.NEED,
            "攻关类型 发布方式 发布情况 主要经济指标 合作金额 成果联系人 高校联系人 联系老师 征集单位",
        ),
        (
            RecordKind.NEED,
            "项目联系人单位 合作单位联系人 保密期限 公开日期 镇街联系人 需求描述字数 融资需求金额",
        ),
        (
            RecordKind.ACHIEVEMENT,
            "企业联系人 需求联系人电话 企业邮箱 发布情况 推广意愿 转化金额 转让金额 交易金额",
        ),
        (RecordKind.ACHIEVEMENT, "公开日期 保密期限 完成单位联系人 负责人电话 专利数量 合作企业 转化收益"),
        (RecordKind.CONTRACT, "审核日期 核定日期 实施日期 合作日期 合同履行地点 甲方联系人 到账比例"),
        (RecordKind.PEOPLE, "单位电话 嘉宾类型 特派员编号 参加人员数 紧急联系人 服务单位 毕业院校"),
    ],
)
def test_a_header_of_another_meaning_names_no_field(kind: RecordKind, headers: str) -> None:
    assert {header: look_up(kind, (header,)) for header in headers.split()} == dict.fromkeys(
        headers.split(), ()
    )


def test_a_sheet_of_words_without_a_header_goes_on_where_the_serial_numbers_do() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    header = ["序号", "企业名称", "需求名称", "需求描述"]
    fill(book.active, [header, [1, _FIRMS[0], "早强", "七天"], [2, _FIRMS[1], "碎米", "米粉"]])
    fill(book.create_sheet(), [[3, _FIRMS[0], "脱硫", "窑烟"]])
    fill(book.create_sheet(), [[4, _FIRMS[1], "色选", "误检"]])
    fill(book.create_sheet(), [[1, "张三", "不相干", "的表"]])
    findings = found_in(saved(book))

    assert [record.values["title"] for record in findings.records] == ["早强", "碎米", "脱硫", "色选"]
    assert findings.notices == (
        "工作表“Sheet1”、“Sheet2”没有表头，按“Sheet”的续表读入，请核对。",
        "工作表“Sheet3”里没有找到表头，没有导入。",
    )


def test_a_small_list_above_a_wider_one_is_not_taken_for_its_title() -> None:
    rows = [
        ["一、技术需求"],
        ["企业名称", "需求名称", "联系电话"],
        [_FIRMS[0], "早强", "13857010001"],
        [None],
        ["二、专家"],
        ["姓名", "单位", "职称", "研究方向"],
        ["陶渊", "临溪农林大学", "教授", "膜材料"],
    ]

    assert _said(rows, merges=["A1:D1", "A5:D5"]) == [
        {
            "kind": "need",
            "enterprise_name": _FIRMS[0],
            "title": "早强",
            "contact_mobile": ["13857010001"],
        },
        {
            "kind": "people",
            "name": "陶渊",
            "org": "临溪农林大学",
            "title_level": "senior",
            "research_field": "膜材料",
        },
    ]


def test_needs_without_names_are_called_by_the_beginning_of_their_text() -> None:
    rows = [
        ["企业", "技术需求概要"],
        [_FIRMS[0], "1.烧结砖裂纹多。已试过三种配方"],
        [_FIRMS[1], "真空包装漏气"],
    ]
    findings = found_in(workbook(rows))

    assert [record.values["title"] for record in findings.records] == ["烧结砖裂纹多", "真空包装漏气"]
    assert [problem.code for problem in findings.tables[0].problems] == ["title_from_text"]


def test_of_several_kinds_in_a_cell_for_one_the_rest_is_named() -> None:
    rows = [["企业名称", "需求名称", "需求类型（①技术攻关②产品开发③人才引进）"], [_FIRMS[0], "早强", "①③"]]
    (record,) = found_in(workbook(rows)).records

    assert said_by(record)["need_type"] == "rnd"
    assert [problem.message for problem in record.problems] == [
        "这一格有几项，需求类型只记入“技术研发”，没有记入人才引进，请核对。"
    ]


def test_a_number_of_another_country_is_kept_whole() -> None:
    rows = [
        ["姓名", "单位", "手机"],
        ["Jean Dubois", "École Centrale", "+33 6 12 34 56 78"],
        ["Kurt Weber", "TU Dresden", "0049 351 463 0000"],
    ]

    assert [person["mobile"] for person in _said(rows)] == [["+33612345678"], ["+493514630000"]]


def test_a_header_of_likely_words_stays_a_question() -> None:
    rows = [["企业名称", "需求名称", "拟投入研发资金数目"], [_FIRMS[0], "早强", "30万元"]]
    column = found_in(workbook(rows)).tables[0].columns[2]

    assert (column.fields, column.how, bool(column.doubt)) == (("budget",), HowMapped.SIMILAR, True)


def test_an_amount_under_a_foreign_currency_is_no_amount_of_ours() -> None:
    rows = [["企业名称", "需求名称", "投入（万美元）"], [_FIRMS[0], "早强", 20], [_FIRMS[1], "碎米", "面议"]]
    first, second = found_in(workbook(rows)).records

    assert "budget" not in first.values
    assert [problem.code for problem in first.problems] == ["foreign_currency"]
    assert said_by(second)["budget"] == "面议"


def test_each_answer_to_who_may_see_a_need_is_heeded() -> None:
    rows = [
        ["企业名称", "需求名称", "是否公开", "是否愿意隐名发布"],
        [_FIRMS[0], "早强", "是", "是"],
        [_FIRMS[1], "碎米", "是", "否"],
        [_FIRMS[1], "稻壳", "不可以", ""],
    ]

    assert [record["confidentiality"] for record in _said(rows)] == ["masked", "public", "internal"]


def test_needs_told_in_texts_alone_beside_each_other_are_several_needs() -> None:
    rows = [
        ["企业名称", "需求1", None, "需求2", None],
        [None, "内容", "预算（万元）", "内容", "预算（万元）"],
        [_FIRMS[0], "阻水带开裂", 10, "铜包铝偏心", 25],
    ]

    assert [(r["title"], r["budget"]) for r in _said(rows, merges=["A1:A2", "B1:C1", "D1:E1"])] == [
        ("阻水带开裂", (10.0, 10.0)),
        ("铜包铝偏心", (25.0, 25.0)),
    ]


def test_the_line_above_the_first_part_of_a_list_tells_as_much_as_those_between() -> None:
    header = ["序号", "企业名称", "需求名称", "联系电话"]
    rows = [
        ["东屏镇"],
        header,
        [1, _FIRMS[0], "釉料", "13857010001"],
        [None],
        ["西屏乡"],
        header,
        [1, _FIRMS[1], "碎米", "13857010002"],
    ]

    assert [r["region"] for r in _said(rows, merges=["A1:D1", "A5:D5"])] == ["东屏镇", "西屏乡"]


def test_days_as_an_english_excel_shows_them_are_read() -> None:
    rows = [["Contract name", "Seller", "Buyer", "Signing date"]]
    rows += [
        ["Kiln", "A University", "B Ltd.", "5-Mar-2026"],
        ["Tea", "A University", "C Ltd.", "March 8, 2026"],
    ]

    assert [r["signed_on"] for r in _said(rows)] == ["2026-03-05", "2026-03-08"]


def test_of_a_span_of_research_the_end_is_when_it_was_completed() -> None:
    rows = [["成果名称", "完成单位", "研究起止时间"], ["深水网箱", "临溪农林大学", "2022.3-2025.6"]]
    (record,) = found_in(workbook(rows)).records

    assert said_by(record)["completed_on"] == "2025-06-30"
    assert [problem.code for problem in record.problems] == ["date_of_end"]


def test_choices_that_every_value_confirms_need_no_question() -> None:
    rows = [
        ["成果名称", "完成单位", "目前的进展"],
        ["深水网箱", "临溪农林大学", "中试"],
        ["假肢", "广陵工学院", "样机"],
    ]
    (table,) = found_in(workbook(rows)).tables

    assert (table.columns[2].fields, table.doubts) == (("stage",), [])


def test_guests_with_their_offices_are_people() -> None:
    rows = [["序号", "嘉宾", "单位、职务", "联系电话"], ["1", "苏洵", "某市科技局副局长", "13857031701"]]

    assert _said(rows) == [
        {
            "kind": "people",
            "name": "苏洵",
            "org": "某市科技局",
            "position": "副局长",
            "mobile": ["13857031701"],
        }
    ]


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (
            RecordKind.NEED,
            {
                "提出的技术需求": "title",
                "用一句话概括难题": "title",
                "技术攻关题目": "title",
                "问题名称": "title",
                "碰到的技术瓶颈": "problem",
                "您最希望高校解决什么技术问题？": "problem",
                "难点说明及目标参数": "problem",
                "具体诉求": "problem",
                "诉求主题": "title",
                "打算投多少（万元）": "budget",
                "投入下限": "budget",
                "什么时候要": "period",
                "Q5_愿意出多少钱": "budget",
                "公司 Company": "enterprise_name",
                "现有工作基础": "foundation",
                "是否同意对外发布": "confidentiality",
            },
        ),
        (
            RecordKind.ACHIEVEMENT,
            {
                "拟推介成果": "title",
                "成果概要": "summary",
                "研发进度": "stage",
                "知识产权现状": "ip_type",
                "开放许可使用费": "price",
                "第一发明人": "leader",
                "校内联系人": "contact_name",
                "Short Description": "summary",
            },
        ),
    ],
)
def test_words_before_a_header_that_change_nothing_are_left_out(
    kind: RecordKind, headers: dict[str, str]
) -> None:
    assert {header: look_up(kind, (header,))[:1] for header in headers} == {
        header: (field,) for header, field in headers.items()
    }


def test_a_header_of_likely_words_needs_no_question_where_every_value_says_the_same() -> None:
    rows = [
        ["走访企业", "坐落片区", "需求名称", "校企对接联络人"],
        [_FIRMS[0], "河口镇", "早强", "苗青"],
        [_FIRMS[1], "云台街道", "碎米利用", "管仲平"],
    ]
    columns = found_in(workbook(rows)).tables[0].columns

    assert [(column.fields, column.how, column.doubt) for column in (columns[0], columns[3])] == [
        (("enterprise_name",), HowMapped.VALUES, ""),
        (("contact_name",), HowMapped.VALUES, ""),
    ]


@pytest.mark.parametrize("header", ["推荐企业", "链主企业", "拟合作企业", "服务企业"])
def test_another_firm_is_not_the_one_with_the_need(header: str) -> None:
    rows = [[header, "需求名称", "需求描述"], [_FIRMS[0], "早强", "七天"], [_FIRMS[1], "碎米", "米粉"]]
    column = found_in(workbook(rows)).tables[0].columns[0]

    assert column.fields == () or column.doubt


def test_groups_over_a_header_reach_to_the_next_one_without_merged_cells_too() -> None:
    rows = [
        ["序号", "企业信息", None, "技术需求", None, "联络信息", None],
        [None, "名称", "属地", "名称", "主要内容", "姓名", "电话"],
        [1, _FIRMS[0], "河口镇", "早强", "七天强度", "苗青", "13857010001"],
    ]

    assert _said(rows) == [
        {
            "kind": "need",
            "enterprise_name": _FIRMS[0],
            "region": "河口镇",
            "title": "早强",
            "problem": "七天强度",
            "contact_name": "苗青",
            "contact_mobile": ["13857010001"],
        }
    ]


def test_a_row_with_nothing_but_more_text_goes_on_with_the_one_above() -> None:
    rows = [
        ["序号", "企业名称", "需求名称", "需求描述", "联系人"],
        [1, _FIRMS[0], "早强", "七天强度低，", "苗青"],
        [None, None, None, "要求提高两成", None],
        [2, _FIRMS[1], "碎米利用", "制作米粉", "管仲平"],
    ]
    findings = found_in(workbook(rows))

    assert [record.values["problem"] for record in findings.records] == [
        "七天强度低，\n要求提高两成",
        "制作米粉",
    ]
    assert [problem.code for problem in findings.records[0].problems] == ["rows_joined"]


def test_the_unit_of_a_time_limit_may_stand_in_its_header() -> None:
    rows = [["企业名称", "需求名称", "实施周期（月）"], [_FIRMS[0], "早强", 18], [_FIRMS[1], "碎米", "一年"]]
    findings = found_in(workbook(rows))

    assert [said_by(record)["period"]["months"] for record in findings.records] == [18, 12]
    assert list(findings.problems) == []


def test_people_around_a_leader_are_no_part_of_the_name() -> None:
    rows = [
        ["成果名称", "完成单位", "负责人", "完成人"],
        ["早强剂", "临溪农林大学", "陶渊等5人", "陶渊团队"],
        ["色选机", "临溪农林大学", "管宁教授团队", "管宁、陆机等"],
    ]

    assert [(r["leader"], r["completers"]) for r in _said(rows)] == [
        ("陶渊", ["陶渊"]),
        ("管宁", ["管宁", "陆机"]),
    ]


def test_a_list_of_contracts_with_merged_cells_and_kinds_of_rights_is_read() -> None:
    rows = [
        ["合同名称", "卖方", "买方", "知识产权类型"],
        ["早强剂开发", "临溪农林大学", _FIRMS[0], "发明专利"],
        ["色选机开发", None, _FIRMS[1], "技术秘密"],
    ]

    assert [record["ip_type"] for record in _said(rows, merges=["B2:B3"])] == [["invention"], ["knowhow"]]
