"""Rows to records: kinds, columns, values, problems with their places, mappings that are replayed."""

import pytest
from messy import NEED_HEADER, delimited, fill, need, saved, workbook

from matchmaker.domain.identifiers import Patent, PatentForm, PatentType
from matchmaker.domain.problems import Severity
from matchmaker.domain.values import Money, Phone
from matchmaker.files.columns import field_choices
from matchmaker.files.findings import Findings, HowMapped, Mapping, RecordKind, Verdict, header_fingerprint
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

PHONE = (Phone(number="13800000000", mobile=True),)


def find(content: bytes, filename: str = "表.xlsx", *, kind: RecordKind | None = None) -> Findings:
    return find_records(read_file(content, filename), kind=kind)


def fields_of(findings: Findings) -> list[tuple[str, ...]]:
    return [column.fields for column in findings.tables[0].columns]


def said(findings: Findings) -> list[tuple[str, str, str]]:
    return [(problem.where, problem.field, problem.code) for problem in findings.problems]


def test_a_plain_list_of_needs() -> None:
    findings = find(workbook([NEED_HEADER, need(1)]))

    assert (findings.verdict, len(findings.tables), len(findings.records)) == (Verdict.ACCEPT, 1, 1)
    record = findings.records[0]
    assert (record.kind, record.sheet, record.row, record.ok) == (RecordKind.NEED, "汇总表", 2, True)
    assert record.values == {
        "enterprise_name": "青禾模具有限公司",
        "title": "第1项耐磨涂层技术",
        "problem": "现有涂层寿命不足 3 个月，希望达到 12 个月以上",
        "budget": Money(low_fen=50_000_000, high_fen=50_000_000),
        "contact_name": "张三",
        "contact_mobile": PHONE,
    }
    budget = record.value("budget")
    assert budget is not None
    assert (budget.raw, budget.where) == ("50", "汇总表!E2")
    assert record.plain()["contact_mobile"] == [{"number": "13800000000", "mobile": True, "extension": ""}]


def test_problems_name_their_cells() -> None:
    rows = [
        NEED_HEADER,
        [1, None, "耐磨涂层", "", "很多钱", "张三", "1.38E+10"],
        [2, "青禾公司", None, "", "", "", ""],
    ]

    findings = find(workbook(rows))

    assert findings.verdict is Verdict.ROW_ERROR
    assert said(findings) == [
        ("汇总表!E2", "budget", "money_unreadable"),
        ("汇总表!G2", "contact_mobile", "phone_truncated"),
        ("汇总表!B2", "enterprise_name", "missing"),
        ("汇总表!C3", "title", "missing"),
    ]
    assert [record.ok for record in findings.records] == [False, False]


def test_the_kind_is_told_by_the_words_of_the_header() -> None:
    lists = {
        RecordKind.NEED: ["难题名称", "企业名称", "难题描述"],
        RecordKind.ACHIEVEMENT: ["成果名称", "完成单位", "成果简介"],
        RecordKind.CONTRACT: ["合同名称", "卖方名称", "买方名称", "合同成交额（万元）", "技术交易额（万元）"],
        RecordKind.PEOPLE: ["姓名", "工作单位", "职称", "研究方向", "手机"],
    }

    found = {kind: find(workbook([header, ["甲"] * len(header)])).tables[0] for kind, header in lists.items()}

    assert {kind: (table.kind, table.kind_certain) for kind, table in found.items()} == {
        kind: (kind, True) for kind in lists
    }


def test_the_title_of_the_sheet_tells_what_shared_words_do_not() -> None:
    rows = [["项目名称", "单位名称", "负责人", "联系电话"], ["耐磨涂层", "青禾公司", "张三", "13800000000"]]

    as_needs = find(workbook(rows, name="技术需求")).tables[0]
    as_achievements = find(workbook(rows, name="可转化成果")).tables[0]

    assert (as_needs.kind, as_achievements.kind) == (RecordKind.NEED, RecordKind.ACHIEVEMENT)


def test_a_list_of_unknown_kind_is_asked_about_and_can_be_told() -> None:
    content = delimited([["代号", "手机"], ["甲", "13800000000"]])

    unknown = find(content, "a.csv")
    told = find(content, "a.csv", kind=RecordKind.PEOPLE)

    assert (unknown.tables[0].kind, unknown.records, said(unknown)) == (
        None,
        [],
        [("第 1 行", "", "unknown_kind")],
    )
    assert (told.tables[0].kind, told.records[0].values) == (RecordKind.PEOPLE, {"mobile": PHONE})


@pytest.mark.parametrize(
    ("header", "kind", "record_type"),
    [
        (["成果名称", "完成单位"], RecordKind.ACHIEVEMENT, "achievement"),
        (["专利名称", "专利权人", "专利号"], RecordKind.ACHIEVEMENT, "patent"),
        (["论文题目", "作者单位", "摘要"], RecordKind.ACHIEVEMENT, "paper"),
    ],
)
def test_the_library_is_told_by_the_word_over_the_titles(
    header: list[str], kind: RecordKind, record_type: str
) -> None:
    table = find(workbook([header, ["甲"] * len(header)])).tables[0]

    assert (table.kind, table.record_type) == (kind, record_type)


def test_the_same_header_means_other_fields_in_other_lists() -> None:
    needs = find(workbook([["项目名称", "需求单位", "技术难题"], ["a", "b", "c"]]), kind=RecordKind.NEED)
    achievements = find(
        workbook([["项目名称", "单位名称", "负责人"], ["a", "b", "c"]]), kind=RecordKind.ACHIEVEMENT
    )

    assert fields_of(needs)[1] == ("enterprise_name",)
    assert fields_of(achievements) == [("title",), ("org",), ("leader",)]


def test_values_decide_where_a_header_may_mean_two_things() -> None:
    def of(values: list[str]) -> tuple[str, ...]:
        rows = [["企业名称", "难题名称", "行业领域"], *([f"{value}公司", "涂层", value] for value in values)]
        return fields_of(find(workbook(rows)))[2]

    assert of(["新材料", "电子信息", "生物与新医药", "资源与环境"]) == ("tech_field",)
    assert of(["纺织业", "C35", "专用设备制造业", "农业"]) == ("industry",)


def test_what_values_do_not_decide_is_asked() -> None:
    rows = [["企业名称", "难题名称", "行业领域"], *([f"{word}公司", "涂层", word] for word in "甲乙丙丁")]

    column = find(workbook(rows)).tables[0].columns[2]

    assert column.doubt == "“行业领域”列是“所属行业”还是“技术领域”？现按“所属行业”处理。"
    assert column.candidates == ("industry", "tech_field")


def test_a_unit_of_measure_is_no_organisation() -> None:
    rows = [
        ["难题名称", "企业名称", "单位"],
        ["涂层", "青禾公司", "万元"],
        ["检测", "海雀公司", "套"],
        ["节能", "云岭公司", "台"],
    ]

    column = find(workbook(rows)).tables[0].columns[2]

    assert (column.fields, bool(column.doubt)) == ((), True)


def test_a_numbering_column_is_no_number_of_the_need() -> None:
    rows = [
        ["编号", "企业名称", "难题名称"],
        ["1", "甲公司", "a"],
        ["2", "乙公司", "b"],
        ["3", "丙公司", "c"],
    ]
    coded = [["编号", "企业名称", "难题名称"], ["T2026001", "甲公司", "a"], ["T2026002", "乙公司", "b"]]

    assert fields_of(find(workbook(rows)))[0] == ()
    assert fields_of(find(workbook(coded)))[0] == ("need_no",)


def test_a_person_and_a_number_in_one_column_are_taken_apart() -> None:
    rows = [["成果名称", "完成单位", "联系人及手机"], ["涂层", "青禾大学", "张三 13800000000"]]

    findings = find(workbook(rows))

    assert findings.records[0].values["contact_name"] == "张三"
    assert findings.records[0].values["contact_mobile"] == PHONE


def test_several_columns_of_description_are_joined_under_their_headers() -> None:
    rows = [
        ["企业名称", "难题名称", "需求背景", "主要问题"],
        ["青禾公司", "涂层", "出口订单增加", "寿命不足"],
    ]

    findings = find(workbook(rows))

    assert findings.records[0].values["problem"] == "需求背景：出口订单增加\n主要问题：寿命不足"


def test_a_column_of_intellectual_property_gives_numbers_and_kinds() -> None:
    rows = [
        ["成果名称", "完成单位", "知识产权情况"],
        ["涂层", "青禾大学", "发明专利 ZL201910012345.1"],
        ["检测", "青禾大学", "已授权实用新型专利2项"],
    ]

    records = find(workbook(rows)).records

    patent = Patent(
        number="201910012345.1",
        form=PatentForm.APPLICATION,
        type=PatentType.INVENTION,
        granted=True,
        check_ok=True,
    )
    assert records[0].values["patent_no"] == (patent,)
    assert [record.values["ip_type"] for record in records] == [("invention",), ("utility",)]


@pytest.mark.parametrize(
    ("written", "stage", "level"),
    [("TRL 6", "pilot", 6), ("4", "lab", 4), ("已通过中试", "pilot", None), ("可以量产", "industrial", None)],
)
def test_maturity_is_read_from_words_and_levels(written: str, stage: str, level: int | None) -> None:
    record = find(workbook([["成果名称", "完成单位", "成熟度"], ["涂层", "青禾大学", written]])).records[0]

    assert (record.values["stage"], record.values.get("trl")) == (stage, level)


@pytest.mark.parametrize(
    ("header", "word", "disclosure"),
    [
        ("是否愿意公开企业名称", "否", "masked"),
        ("是否愿意公开企业名称", "是", "public"),
        ("隐藏企业名称", "是", "masked"),
        ("隐藏企业名称", "否", "public"),
        ("是否匿名发布", "是", "masked"),
        ("公开方式", "隐藏企业名称", "masked"),
    ],
)
def test_a_header_that_hides_the_firm_asks_the_other_way_round(
    header: str, word: str, disclosure: str
) -> None:
    findings = find(workbook([[*NEED_HEADER, header], [*need(1), word]]))

    assert findings.records[0].values["confidentiality"] == disclosure


def test_the_short_words_of_cooperation_are_known() -> None:
    findings = find(workbook([[*NEED_HEADER, "合作方式"], [*need(1), "委托、许可"]]))

    assert findings.records[0].values["coop_mode"] == ("commission", "license")


def test_a_word_outside_a_list_of_choices_is_a_warning() -> None:
    findings = find(
        workbook([["企业名称", "难题名称", "合作方式"], ["青禾公司", "涂层", "技术转让、结拜兄弟"]])
    )

    assert findings.records[0].values["coop_mode"] == ("transfer",)
    assert [(problem.code, problem.severity) for problem in findings.problems] == [
        ("unknown_choice", Severity.WARNING)
    ]
    assert "“结拜兄弟”不在合作方式的选项里" in findings.problems[0].message


def test_fields_carry_their_national_codes() -> None:
    record = find(
        workbook([["企业名称", "难题名称", "技术领域"], ["青禾公司", "涂层", "新材料、先进制造技术"]])
    ).records[0]

    assert (record.values["tech_field"], record.values["tech_field_codes"]) == (
        "新材料、先进制造技术",
        ("40", "80"),
    )


def test_a_header_that_is_only_alike_is_taken_with_a_question() -> None:
    column = (
        find(workbook([["企业名称", "技术需求名称", "拟投入研发资金数目"], ["青禾公司", "涂层", "50"]]))
        .tables[0]
        .columns[2]
    )

    assert (column.fields, column.how, bool(column.doubt)) == (("budget",), HowMapped.SIMILAR, True)


def test_two_columns_under_one_header_are_asked_about() -> None:
    findings = find(workbook([["企业名称", "难题名称", "企业名称"], ["青禾公司", "涂层", "海雀公司"]]))

    assert findings.verdict is Verdict.ASK
    assert [question.code for question in findings.questions] == ["duplicate_header"]
    assert findings.records[0].values["enterprise_name"] == "青禾公司"


def test_the_reporting_enterprise_above_the_table_stands_for_a_missing_column() -> None:
    rows = [["填报单位（盖章）：青禾模具有限公司"], ["序号", "难题名称", "难题描述"], [1, "涂层", "寿命不足"]]

    findings = find(workbook(rows, merges=["A1:C1"]))

    assert findings.records[0].values["enterprise_name"] == "青禾模具有限公司"
    assert findings.problems == []


def test_a_missing_column_is_said_once_for_the_table() -> None:
    findings = find(workbook([["企业名称", "技术指标"], ["青禾公司", "寿命"], ["海雀公司", "成本"]]))

    assert said(findings) == [("汇总表!A1:B1", "title", "missing_column")]


def test_a_confirmed_mapping_is_replayed_on_the_same_header() -> None:
    first = find(
        workbook([["单位名", "课题", "说明"], ["青禾公司", "涂层", "寿命不足"]]), kind=RecordKind.NEED
    )
    confirmed = Mapping(
        kind=RecordKind.NEED,
        fingerprint=header_fingerprint(first.tables[0]),
        fields=(("enterprise_name",), ("title",), ("problem",)),
    )
    stored = Mapping.from_json(confirmed.to_json())
    next_quarter = workbook([["单位 名", "*课题", "说明："], ["海雀公司", "节能", "能耗高"]], name="二季度")

    again = find_records(read_file(next_quarter, "b.xlsx"), mappings=[stored])

    assert again.tables[0].mapping == confirmed
    assert [column.how for column in again.tables[0].columns] == [HowMapped.CHOSEN] * 3
    assert again.records[0].values == {"enterprise_name": "海雀公司", "title": "节能", "problem": "能耗高"}


def test_every_field_can_be_offered_for_choosing() -> None:
    for kind in RecordKind:
        choices = field_choices(kind)
        assert len(choices) == len({name for name, _ in choices}) > 5
        assert all(zh for _, zh in choices)


def test_hidden_rows_and_columns_are_asked_about_and_can_be_dropped() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    fill(book.active, [NEED_HEADER, need(1), need(2)], name="汇总表")
    fill(book.create_sheet("旧数据"), [NEED_HEADER, need(9)])
    book["汇总表"].row_dimensions[3].hidden = True
    book["汇总表"].column_dimensions["E"].hidden = True
    book["旧数据"].sheet_state = "hidden"
    read = read_file(saved(book), "表.xlsx")

    kept, dropped = find_records(read), find_records(read, drop_hidden=True)

    assert [question.text for question in kept.questions] == [
        "汇总表 第 3 行、“汇总表”的 1 列在文件里是隐藏的，请确认要不要导入。"
    ]
    assert kept.notices == ("工作表“旧数据”在文件里是隐藏的，没有导入；需要的话请取消隐藏后重新上传。",)
    assert said(kept) == [("汇总表 第 3 行", "", "hidden_row")]
    assert (len(dropped.records), dropped.questions, "budget" in dropped.records[0].values) == (1, (), False)


def test_a_formula_that_was_never_calculated_is_an_error_of_its_row() -> None:
    findings = find(workbook([NEED_HEADER, need(1), [*need(2)[:4], "=25+25", *need(2)[5:]]]))

    assert said(findings) == [("汇总表!E3", "", "formula_without_value")]
    assert [record.ok for record in findings.records] == [True, False]


def test_rows_of_delimited_text_must_be_as_wide_as_the_header() -> None:
    content = "企业名称,难题名称,联系人\n甲公司,a\n乙公司,b,张三,多的\n丙公司,c,李四,,\n".encode()

    findings = find(content, "a.csv")

    assert said(findings) == [("第 2 行", "", "row_too_short"), ("第 3 行", "", "row_too_long")]
    assert [record.ok for record in findings.records] == [True, False, True]


def test_traditional_header_words_are_known() -> None:
    content = delimited([["單位名稱", "技術需求名稱", "聯繫人"], ["青禾公司", "塗層", "張三"]])

    assert fields_of(find(content, "a.csv")) == [("enterprise_name",), ("title",), ("contact_name",)]
