"""What columns say together or in part: places of two levels, dates without a year, ranks, foreign wishes."""

from collections.abc import Sequence
from typing import Any

import pytest
from messy import workbook
from test_county_files import found_in, said_by

from matchmaker.domain.ranks import rank_of
from matchmaker.files.choice_readers import choice_of
from matchmaker.files.headers import RecordKind, look_up

_FIRM = "岚谷砖瓦有限公司"


def _said(rows: Sequence[Sequence[object]]) -> list[dict[str, Any]]:
    return [said_by(record) for record in found_in(workbook(rows)).records]


@pytest.mark.parametrize(
    ("headers", "cells", "place"),
    [
        (("县", "乡镇"), ("临溪县", "岚谷镇"), "临溪县岚谷镇"),
        (("所在乡镇（街道）", "所属县（市、区）"), ("岚谷镇", "临溪县"), "临溪县岚谷镇"),
        (("市州", "区县"), ("禾州市", "禾州市北区"), "禾州市北区"),
        (("县", "乡镇"), ("临溪县", None), "临溪县"),
        (("县区", "乡镇"), ("临溪区", "临溪"), "临溪区"),
    ],
)
def test_a_place_and_its_part_in_two_columns_are_one_place(
    headers: tuple[str, str], cells: tuple[str, str | None], place: str
) -> None:
    findings = found_in(workbook([["企业名称", "需求名称", *headers], [_FIRM, "窑烟发白", *cells]]))

    assert [record.values["region"] for record in findings.records] == [place]
    assert findings.tables[0].doubts == []


def test_two_columns_of_places_of_one_level_are_asked_about() -> None:
    findings = found_in(
        workbook([["企业名称", "需求名称", "所在县", "县区"], [_FIRM, "窑烟发白", "临溪县", "禾县"]])
    )

    assert [column.header for column in findings.tables[0].doubts] == ["县区"]


def _ends(title: str, *texts: str) -> list[tuple[str | None, list[str]]]:
    rows = [[title], ["企业名称", "需求名称", "完成时限"], *([_FIRM, f"早强{text}", text] for text in texts)]
    return [
        ((record.plain().get("period") or {}).get("end"), [problem.code for problem in record.problems])
        for record in found_in(workbook(rows)).records
    ]


def test_a_date_without_a_year_is_of_the_year_that_the_list_names_and_a_guess() -> None:
    said = _ends("2026年技术需求汇总表", "6月中旬", "年底前", "明年3月", "12月31日前")

    guessed = ["year_of_list"]
    assert said == [
        ("2026-06-20", guessed),
        ("2026-12-31", guessed),
        ("2027-03-31", guessed),
        ("2026-12-31", guessed),
    ]


@pytest.mark.parametrize("header", ["完成时间", "研发周期"])
def test_a_month_alone_is_one_where_the_list_asks_when_and_a_guess_everywhere(header: str) -> None:
    rows = [["2026年技术需求汇总表"], ["企业名称", "需求名称", header], [_FIRM, "窑烟发白", "6月"]]
    (record,) = found_in(workbook(rows)).records
    (problem,) = record.problems

    read = record.plain()["period"]
    assert (read.get("end"), read.get("months"), problem.code) == (
        ("2026-06-30", None, "year_of_list") if header == "完成时间" else (None, 6, "month_or_months")
    )


def test_a_quarter_is_one_of_the_year_that_the_list_names_and_no_length() -> None:
    assert _ends("2026年技术需求汇总表", "三季度", "4季度末") == [
        ("2026-09-30", ["year_of_list"]),
        ("2026-12-31", ["year_of_list"]),
    ]
    assert _ends("技术需求汇总表", "三季度") == [(None, ["period_unreadable"])]


@pytest.mark.parametrize(
    "title", ["技术需求汇总表", "2025年需求转2026年需求汇总表", "2025-2026年技术需求汇总表"]
)
def test_a_date_without_a_year_is_asked_about_where_the_list_names_no_one_year(title: str) -> None:
    assert _ends(title, "6月中旬") == [(None, ["period_unreadable"])]


@pytest.mark.parametrize(
    ("rank", "titles"),
    [
        ("senior", "正高级农艺师 教授级高工 高级工程师（教授级） 主任医师 研究馆员"),
        ("associate", "高级农艺师 高级林业工程师 高级讲师 副主任医师 高级经济师（副高）"),
        ("middle", "农艺师 主治医师 讲师"),
        ("junior", "助理农艺师 助理林业工程师 技术员"),
        (None, "总工程师 高级技师 副总工程师"),
    ],
)
def test_titles_made_of_parts_have_the_rank_that_their_parts_say(rank: str | None, titles: str) -> None:
    assert {title: choice_of("title_level", title) for title in titles.split()} == dict.fromkeys(
        titles.split(), rank
    )


def test_a_rank_is_read_from_a_whole_title_only() -> None:
    assert rank_of("教授、高级工程师") is None


def test_wishes_for_people_and_money_are_no_part_of_a_need() -> None:
    rows = [["企业名称", "技术需求", "人才需求", "融资需求"], [_FIRM, "窑烟发白", "窑工两名", "500万元"]]
    findings = found_in(workbook(rows))

    assert [said_by(record) for record in findings.records] == [
        {"kind": "need", "enterprise_name": _FIRM, "title": "窑烟发白"}
    ]
    assert findings.tables[0].doubts == []


@pytest.mark.parametrize(
    ("kind", "field", "headers"),
    [
        (RecordKind.NEED, "budget", "需求方投入（万元） 发榜方出资 合作预算"),
        (RecordKind.NEED, "period", "揭榜期限 起止年限 执行期"),
        (RecordKind.NEED, "", "人才需求 资金需求 用地需求 项目总投入"),
        (RecordKind.ACHIEVEMENT, "application_status", "产业化进展 推广现状"),
        (RecordKind.ACHIEVEMENT, "coop_mode", "转让/许可方式"),
        (RecordKind.PEOPLE, "name", "联络员 科技特派员姓名 技术经理人"),
        (RecordKind.PEOPLE, "", "联络员电话号 服务企业 专家数量"),
        (RecordKind.CONTRACT, "amount_total", "合作金额（万元） 交易金额"),
        (RecordKind.CONTRACT, "seller", "签约高校 承担单位"),
        (RecordKind.CONTRACT, "buyer", "企业名称 受让企业"),
        (RecordKind.NEED, "enterprise_name", "医院名称 合作社名称"),
        (RecordKind.NEED, "title", "临床需求名称"),
        (RecordKind.ACHIEVEMENT, "title", "软件名称"),
        (RecordKind.PEOPLE, "name", "进站专家"),
    ],
)
def test_words_over_columns_of_bureaus_name_their_fields(kind: RecordKind, field: str, headers: str) -> None:
    named = {header: (look_up(kind, (header,)) or ("",))[0] for header in headers.split()}

    assert named == dict.fromkeys(headers.split(), field)


_OF_ONE_FIRM = [["序号", "需求名称"], [1, "早强"], [2, "窑烟发白"]]


@pytest.mark.parametrize(
    "rows",
    [
        [
            [f"填报单位：{_FIRM}"],
            *_OF_ONE_FIRM,
            ["联系人：苗青", None, "联系电话：13857010001"],
        ],
        [
            [f"{_FIRM}技术需求"],
            ["企业联系人：苗青 手机：13857010001"],
            ["企业名称", "需求名称"],
            [_FIRM, "早强"],
        ],
    ],
)
def test_the_contact_beside_the_list_of_one_firm_is_that_of_its_needs(rows: list[list[object]]) -> None:
    findings = found_in(workbook(rows))

    assert {
        (record["enterprise_name"], record["contact_name"], *record["contact_mobile"])
        for record in map(said_by, findings.records)
    } == {(_FIRM, "苗青", "13857010001")}
    assert "contact_line" in [problem.code for problem in findings.tables[0].problems]


@pytest.mark.parametrize(
    "above",
    [
        "推荐单位：临溪县科技局 联系人：苗青 电话：13857010001",
        f"填报单位：{_FIRM} 填表人：苗青 电话：13857010001",
        "联系人：苗青 电话：13857010001",
    ],
)
def test_who_sent_a_list_is_nobody_s_contact(above: str) -> None:
    rows = [["技术需求汇总表"], [above], ["序号", "企业名称", "需求名称"], [1, _FIRM, "早强"]]

    assert [record.get("contact_name") for record in _said(rows)] == [None]


def test_where_people_are_sent_to_is_not_where_they_work() -> None:
    rows = [["姓名", "所在企业", "聘任高校", "手机"], ["苗青", _FIRM, "临溪农林大学", "13857010001"]]
    findings = found_in(workbook(rows))

    assert [said_by(record) for record in findings.records] == [
        {"kind": "people", "name": "苗青", "org": _FIRM, "mobile": ["13857010001"]}
    ]
    assert findings.tables[0].doubts == []


def test_a_list_of_software_is_one_of_achievements() -> None:
    rows = [
        ["软件名称", "登记号", "著作权人", "开发人员"],
        ["茶园虫情监测软件", "2024SR0123456", "临溪学院", "苗青"],
    ]

    (record,) = _said(rows)
    assert (record["kind"], record["title"], record["org"]) == ("achievement", "茶园虫情监测软件", "临溪学院")
