"""Lists of other systems and of bureaus: every value of every row is what stands in the file."""

import pytest
from bureau_files import lines_that_name_the_fields_of_the_rows_below
from county_files import Said
from messy import workbook
from test_county_files import found_in, said_by

from matchmaker.domain.values import Money


def test_what_lines_between_the_rows_were_read_as_is_said() -> None:
    filename, content, _ = lines_that_name_the_fields_of_the_rows_below()
    (table,) = found_in(content, filename).tables

    assert [problem.message for problem in table.problems] == [
        "“电子信息领域(2项)”这行小标题按“技术领域”记入其下各行，请核对。",
        "“(一)城东镇”等 2 行小标题按“所在地域”记入其下各行，请核对。",
    ]


def test_a_number_that_the_header_does_not_explain_is_no_level_of_readiness() -> None:
    rows = [["成果名称", "成熟度（1.小试 2.中试）"], ["声纹诊断", 7]]
    (record,) = found_in(workbook(rows)).records

    assert said_by(record) == {"kind": "achievement", "title": "声纹诊断"}
    assert [problem.message for problem in record.problems] == [
        "“7”不在表头列出的选项里（1是小试、2是中试），没有记入，请改正。"
    ]


def test_of_several_needs_in_a_row_those_that_do_not_count_on_are_named() -> None:
    rows = [
        ["企业名称", "技术需求1", "技术需求3"],
        ["澄湾硕力电机有限公司", "定子槽满率", "转子动平衡"],
    ]
    (table,) = found_in(workbook(rows)).tables

    assert [column.doubt for column in table.doubts][-1] == (
        "“技术需求3”列没有导入：一行里像有几项，现只取“技术需求1”，请拆成一行一项后再传。"
    )


def test_a_column_of_requirements_behind_one_without_a_name_stays_in_the_list() -> None:
    rows = [
        ["企业名称", "需求名称", "联系电话", "", "说明"],
        ["澄湾硕力电机有限公司", "定子槽满率", "13967110001", "加急", "须提供样机"],
    ]
    (record,) = found_in(workbook(rows)).records

    assert said_by(record)["problem"] == "须提供样机"


def test_a_firm_with_its_need_above_a_date_is_no_signature() -> None:
    rows = [
        ["企业名称", "需求名称"],
        ["澄湾硕力电机有限公司", "定子槽满率"],
        ["澄湾通恒阀门有限公司", "建设智能仓储中心"],
        ["2026年3月1日", ""],
    ]

    titles = [record.values["title"] for record in found_in(workbook(rows)).records]

    assert titles == ["定子槽满率", "建设智能仓储中心"]


def test_rows_that_are_all_counted_in_chinese_are_no_groups() -> None:
    rows = [["序号", "姓名", "工作单位"], ["一", "晏砚", "澄湾理工大学"], ["二", "晏晴", ""]]

    names = [record.values["name"] for record in found_in(workbook(rows)).records]

    assert names == ["晏砚", "晏晴"]


def test_a_firm_with_a_long_english_name_has_no_code() -> None:
    name = "International Telecommunications Co., Ltd"
    rows = [["企业名称/统一社会信用代码", "需求名称"], [name, "定子槽满率"]]
    (record,) = found_in(workbook(rows)).records

    assert record.values == {"enterprise_name": name, "title": "定子槽满率"}
    assert record.problems == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("已完成中试，由TRL4到TRL7", {"stage": "pilot"}),
        ("1（小试）", {"stage": "small_trial"}),
        ("未量产，处于小试", {"stage": "small_trial"}),
        ("已完成中试，计划明年量产", {"stage": "pilot"}),
        ("未来可量产", {"stage": "industrial"}),
        ("尚未中试", {}),
        ("待产业化", {}),
        ("TRL6（中试验证）", {"stage": "pilot", "trl": 6}),
    ],
)
def test_a_level_of_readiness_is_told_only_by_the_one_that_is_named(text: str, wanted: Said) -> None:
    (record,) = found_in(workbook([["成果名称", "成熟度"], ["声纹诊断", text]])).records

    assert said_by(record) == {"kind": "achievement", "title": "声纹诊断", **wanted}


@pytest.mark.parametrize(
    ("text", "modes"),
    [
        ("不转让，可普通许可", ("license",)),
        ("非独占许可", ("license",)),
        ("无偿转让", ("transfer",)),
        ("除转让外均可", None),
    ],
)
def test_a_choice_that_is_denied_is_not_made(text: str, modes: tuple[str, ...] | None) -> None:
    (record,) = found_in(workbook([["成果名称", "合作方式"], ["声纹诊断", text]])).records

    assert record.values.get("coop_mode") == modes


def test_a_title_beside_the_leader_of_an_achievement_is_a_rank_and_no_name() -> None:
    rows = [["成果名称", "项目负责人", "主要完成人"], ["声纹诊断", "江雪梅 教授", "江雪梅(1)、陆一鸣 副教授"]]
    (record,) = found_in(workbook(rows)).records

    assert record.values == {
        "title": "声纹诊断",
        "leader": "江雪梅",
        "leader_title": "senior",
        "completers": ("江雪梅", "陆一鸣"),
    }


def test_the_two_ends_of_a_budget_are_joined_under_headers_that_are_only_alike() -> None:
    rows = [
        ["企业名称", "需求名称", "投入下限(万元)", "投入上限(万元)"],
        ["澄湾硕力电机有限公司", "定子槽满率", 10, 50],
        ["澄湾通恒阀门有限公司", "阀座密封", 50, 10],
    ]
    first, second = found_in(workbook(rows)).records

    assert first.values["budget"] == Money(low_fen=10_000_000, high_fen=50_000_000)
    assert second.values["budget"] == Money(low_fen=50_000_000)
    assert [problem.message for problem in second.problems] == [
        "下限和上限两列合不成一个范围，只记入了前一列，请核对。"
    ]


@pytest.mark.parametrize(
    ("text", "wanted", "asked"),
    [
        ("可以对外公开", "public", False),
        ("公开（官网）", "public", False),
        ("公开（隐去企业名称）", "masked", True),
        ("是（匿名）", "masked", True),
        ("可公开但请勿公布企业名称", "masked", True),
        ("不宜公开", "internal", True),
        ("不对外公开", "internal", True),
        ("公开（仅限主办方）", "internal", True),
        ("公开，不隐去企业名称", "internal", True),
        ("不用匿名，可以公开", "public", False),
        ("有条件公开", "internal", True),
    ],
)
def test_only_what_plainly_says_so_is_public(text: str, wanted: str, asked: bool) -> None:
    rows = [["企业名称", "需求名称", "是否公开"], ["澄湾硕力电机有限公司", "定子槽满率", text]]
    (record,) = found_in(workbook(rows)).records

    assert record.values["confidentiality"] == wanted
    assert [problem.field for problem in record.problems] == ["confidentiality"] * asked


def test_a_power_in_a_text_of_the_web_stays_one() -> None:
    text = "<p>寿命10<sup>6</sup>次</p>"
    rows = [["企业名称", "需求名称", "需求描述"], ["澄湾硕力电机有限公司", "定子槽满率", text]]
    (record,) = found_in(workbook(rows)).records

    assert record.values["problem"] == "寿命10^6次"


@pytest.mark.parametrize(
    "text",
    ["日期" + " " * 30_000 + "x", "（章）" + " " * 30_000 + "x", "说明" + " " * 30_000 + "x", "1" * 30_000],
)
def test_a_cell_of_blanks_below_a_list_is_read_at_once(text: str) -> None:
    rows = [
        ["企业名称/统一社会信用代码", "需求名称", "", text],
        [text, "", "", ""],
        ["甲" + " " * 30_000 + "乙", "定子槽满率", "", ""],
        [text, "", "", ""],
    ]

    assert len(found_in(workbook(rows)).records) == 1


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "<p>甲<img src=x></p>", "a < b 且 c > d", "<p>"]
)
def test_only_whole_paragraphs_of_a_page_lose_their_marks(text: str) -> None:
    rows = [["企业名称", "需求名称", "需求描述"], ["澄湾硕力电机有限公司", "定子槽满率", text]]
    (record,) = found_in(workbook(rows)).records

    assert record.values["problem"] == text


def test_a_position_in_brackets_of_the_header_stands_in_brackets_of_the_cells() -> None:
    rows = [
        ["企业名称", "需求名称", "联系人\n（职务）"],
        ["澄湾硕力电机有限公司", "定子槽满率", "葛平（研发总监）"],
    ]
    (record,) = found_in(workbook(rows)).records

    assert (record.values["contact_name"], record.values["contact_position"]) == ("葛平", "研发总监")


def test_of_two_addresses_the_first_is_kept_and_the_other_named() -> None:
    rows = [["姓名", "单位", "邮箱"], ["陆游", "澄湾理工大学", "ly@cw.cn；ly2@cw.cn"]]
    (record,) = found_in(workbook(rows)).records

    assert record.values["email"] == "ly@cw.cn"
    assert [problem.message for problem in record.problems] == [
        "这一格还写了ly2@cw.cn，只记入“ly@cw.cn”，请核对。"
    ]


def test_the_number_of_the_expert_joins_no_contact_of_the_firm() -> None:
    header = ["企业名称", "需求名称", "企业联系电话", "对接专家", "专家电话"]
    rows = [header, ["澄湾硕力电机有限公司", "定子槽满率", "13857490001", "陆游", "13977550012"]]
    (record,) = found_in(workbook(rows)).records

    assert [phone.number for phone in record.values["contact_mobile"]] == ["13857490001"]  # type: ignore[attr-defined]


def test_a_bare_name_is_offered_as_the_title_of_patents() -> None:
    rows = [["专利号", "名称", "专利权人"], ["ZL202010000001.X", "微反应器", "澄湾理工大学"]]
    (table,) = found_in(workbook(rows)).tables

    assert [column.doubt for column in table.doubts] == ["“名称”列按“成果名称”处理，请确认。"]


@pytest.mark.parametrize("town", ["Ω≈√∫乡", "°□°"])
def test_signs_that_look_like_boxes_stay_in_the_name_of_a_town(town: str) -> None:
    rows = [["企业名称", "需求名称", "所在乡镇"], ["澄湾硕力电机有限公司", "定子槽满率", town]]
    (record,) = found_in(workbook(rows)).records

    assert record.values["region"] == town
