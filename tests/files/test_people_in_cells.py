"""Cells of lists that hold several people, or several things about one; and headers of strangers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from messy import workbook
from test_county_files import found_in, said_by

from matchmaker.files.headers import RecordKind, fields, look_up
from matchmaker.files.readers import reader_for

_FIRM = "岚谷砖瓦有限公司"


def _said(rows: Sequence[Sequence[object]]) -> list[dict[str, Any]]:
    return [said_by(record) for record in found_in(workbook(rows)).records]


def test_two_people_in_a_cell_are_two_with_a_number_and_a_position_each() -> None:
    rows = [
        ["参会单位", "参会人员", "职务", "手机"],
        [_FIRM, "苗青、管仲平", "厂长、研发员", "13857010001、13857010002"],
    ]
    findings = found_in(workbook(rows))

    assert [said_by(record) for record in findings.records] == [
        {"kind": "people", "org": _FIRM, "name": name, "position": position, "mobile": [phone]}
        for name, position, phone in (
            ("苗青", "厂长", "13857010001"),
            ("管仲平", "研发员", "13857010002"),
        )
    ]
    assert [problem.code for problem in findings.records[0].problems] == ["people_parted"]


def test_a_number_for_two_people_is_only_the_first_one_s() -> None:
    rows = [["姓名", "单位", "手机"], ["苗青；管仲平", _FIRM, "13857010001"]]

    assert [record.get("mobile") for record in _said(rows)] == [["13857010001"], None]


@pytest.mark.parametrize("name", ["苗青/厂长", "苗青、厂长", "苗 青", "阿依·古丽", "Jean, Paul"])
def test_one_person_stays_one(name: str) -> None:
    assert len(_said([["姓名", "单位", "手机"], [name, _FIRM, "13857010001"]])) == 1


@pytest.mark.parametrize(
    ("cell", "position", "rank"),
    [
        ("院长/教授", "院长", "senior"),
        ("副研究员", None, "associate"),
        ("总工程师", "总工程师", None),
        ("教授、系主任", "系主任", "senior"),
    ],
)
def test_position_and_rank_of_one_column_are_told_apart(
    cell: str, position: str | None, rank: str | None
) -> None:
    (record,) = _said([["姓名", "工作单位", "职务/职称"], ["苗青", "临溪农林大学", cell]])

    assert (record.get("position"), record.get("title_level")) == (position, rank)


@pytest.mark.parametrize(
    ("cell", "org", "department"),
    [
        ("临溪农林大学 茶学院", "临溪农林大学", "茶学院"),
        ("临溪农林大学茶学院", "临溪农林大学", "茶学院"),
        ("临溪农大/园艺系", "临溪农大", "园艺系"),
        ("临溪茶叶研究所", "临溪茶叶研究所", None),
    ],
)
def test_a_place_of_work_and_a_part_of_it_are_told_apart(cell: str, org: str, department: str | None) -> None:
    (record,) = _said([["姓名", "单位及部门", "手机"], ["苗青", cell, "13857010001"]])

    assert (record.get("org"), record.get("department")) == (org, department)


def test_a_need_named_by_its_text_bears_no_header_in_its_name() -> None:
    rows = [["企业名称", "技术难题描述", "现状"], [_FIRM, "窑烟发白", "每班三次"]]

    assert [record["title"] for record in _said(rows)] == ["窑烟发白"]


@pytest.mark.parametrize(
    ("cell", "who"),
    [
        ("仅公开需求，不公开企业", "masked"),
        ("不公开企业", "internal"),
        ("公开需求，不公开企业需求", "internal"),
        ("部分公开，不公开企业", "internal"),
        ("不公开需求，不公开企业", "internal"),
    ],
)
def test_only_a_need_that_is_plainly_open_is_shown_without_its_firm(cell: str, who: str) -> None:
    read = reader_for(fields(RecordKind.NEED)["confidentiality"], header="可否对外发布")

    assert read(cell)[0]["confidentiality"] == who


def test_until_a_month_or_the_end_of_a_year_is_until_its_last_day() -> None:
    read = reader_for(fields(RecordKind.NEED)["valid_until"], header="需求截止")

    assert [read(cell)[0].get("valid_until") for cell in ("2026年底", "2027-02", "2026-03-09", "不详")] == [
        date(2026, 12, 31),
        date(2027, 2, 28),
        date(2026, 3, 9),
        None,
    ]


@pytest.mark.parametrize(
    ("kind", "field", "headers"),
    [
        (RecordKind.NEED, "title", "榜单任务 需求项目 难题简称 拟攻关项目"),
        (RecordKind.NEED, "period", "希望多久解决 希望完成日期 最迟完成时间 预计周期"),
        (RecordKind.NEED, "coop_mode", "拟解决路径 解决渠道 想怎么合作"),
        (RecordKind.NEED, "indicators", "量化指标 性能要求"),
        (RecordKind.ACHIEVEMENT, "innovation", "竞争优势 特色与优势"),
        (RecordKind.CONTRACT, "title", "项目 合作项目 技术名称"),
        (RecordKind.CONTRACT, "seller", "让与人 受托人 高校方"),
        (RecordKind.PEOPLE, "need_or_ach", "拟洽谈成果或专家 对接意向 拟对接企业"),
        (RecordKind.NEED, "", "融资需求 投产日期 实际完成日期 生产周期 目标 研发负责人 已有专利 推荐院校"),
        (RecordKind.PEOPLE, "", "服务企业 推荐专家 到达时间 服务项目 陪同人员"),
    ],
)
def test_headers_in_other_words_name_what_they_say(kind: RecordKind, field: str, headers: str) -> None:
    named = {header: (look_up(kind, (header,)) or ("",))[0] for header in headers.split()}

    assert named == dict.fromkeys(headers.split(), field)


def test_numbers_with_names_beside_them_go_to_these_people() -> None:
    told = "管仲平13857010002 苗青13857010001"
    rows = [
        ["姓名", "单位", "联系电话"],
        ["苗青、管仲平", _FIRM, told],
        *([f"某{end}", _FIRM, f"1385701000{end}"] for end in "345"),
    ]

    said = {record["name"]: record["mobile"] for record in _said(rows)[:2]}
    assert said == {"苗青": ["13857010001"], "管仲平": ["13857010002"]}


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("慕容 雪飞", ["慕容雪飞"]),
        ("苗青/Miao Qing", ["苗青/Miao Qing"]),
        ("苗青、管仲平等5人", ["苗青", "管仲平"]),
    ],
)
def test_names_of_two_words_or_scripts_are_one_and_others_no_part_of_one(cell: str, names: list[str]) -> None:
    assert [record["name"] for record in _said([["姓名", "单位"], [cell, _FIRM]])] == names


@pytest.mark.parametrize("headers", [("姓名", "职务"), ("职务", "姓名")])
def test_a_position_beside_a_name_does_not_take_the_place_of_the_one_in_its_own_column(
    headers: tuple[str, str],
) -> None:
    said = {"姓名": "苗青教授", "职务": "院长"}
    (record,) = _said([[*headers, "单位"], [*(said[header] for header in headers), "临溪农林大学"]])

    assert (record["name"], record["position"]) == ("苗青", "院长、教授")


def test_of_two_ranks_the_one_in_its_own_column_counts_and_is_told_of() -> None:
    rows = [["成果名称", "完成单位", "负责人", "职称"], ["茶渣制肥", "临溪农林大学", "苗青教授", "副教授"]]
    (record,) = found_in(workbook(rows)).records

    assert (record.values["leader"], record.values["leader_title"]) == ("苗青", "associate")
    assert [problem.code for problem in record.problems] == ["two_ranks"]


@pytest.mark.parametrize(
    ("cell", "org", "department"),
    [
        ("临溪工业大学（南港）", "临溪工业大学（南港）", None),
        ("临溪石油大学（东海）石油工程学院", "临溪石油大学（东海）", "石油工程学院"),
        ("临溪农林大学（茶学院）", "临溪农林大学", "茶学院"),
        ("临溪农林大学、青禾公司", "临溪农林大学、青禾公司", None),
    ],
)
def test_a_campus_or_another_unit_is_no_department(cell: str, org: str, department: str | None) -> None:
    (record,) = _said([["姓名", "单位及部门", "手机"], ["苗青", cell, "13857010001"]])

    assert (record.get("org"), record.get("department")) == (org, department)


@pytest.mark.parametrize(
    ("cell", "org", "position"),
    [
        ("临溪工业大学（南港）教授", "临溪工业大学（南港）", "教授"),
        ("临溪工业大学（南港）", "临溪工业大学（南港）", None),
        ("青禾公司（厂长）", "青禾公司", "厂长"),
    ],
)
def test_a_campus_is_no_position(cell: str, org: str, position: str | None) -> None:
    (record,) = _said([["姓名", "单位及职务", "手机"], ["苗青", cell, "13857010001"]])

    assert (record.get("org"), record.get("position")) == (org, position)


@pytest.mark.parametrize("header", ["姓名", "联系人"])
def test_others_without_a_name_are_told_of(header: str) -> None:
    kind = ["单位", "职务", "备注"] if header == "姓名" else ["企业名称", "需求名称", "需求内容"]
    (record,) = found_in(workbook([[header, *kind], ["苗青等5人", _FIRM, "窑烟", "白"]])).records

    assert "苗青" in record.values.values()
    assert [problem.code for problem in record.problems] == ["others_left_out"]
