"""Patent numbers, social credit codes and names made comparable."""

import json
from pathlib import Path

import pytest

from matchmaker.domain.identifiers import (
    Patent,
    PatentForm,
    PatentType,
    clean_org_name,
    normal_org_name,
    normal_title,
    parse_patents,
    patent_check_ok,
    uscc_problem,
)
from matchmaker.domain.problems import Severity

GRANTED = Patent(
    number="201910012345.5",
    form=PatentForm.APPLICATION,
    type=PatentType.INVENTION,
    granted=True,
    check_ok=patent_check_ok("201910012345", "5"),
)


def test_the_check_digit_is_that_of_the_patent_office() -> None:
    # 2·2+0·3+1·4+9·5+1·6+0·7+0·8+1·9+2·2+3·3+4·4+5·5 = 122 = 11·11 + 1
    assert patent_check_ok("201910012345", "1")
    assert not patent_check_ok("201910012345", "6")


@pytest.mark.parametrize(
    "raw", ["ZL 2019 1 0012345.1", "ZL201910012345.1", "ｚｌ２０１９１００１２３４５．１", "zl2019100123451"]
)
def test_spellings_of_one_number_are_one_number(raw: str) -> None:
    assert parse_patents(raw).value == (
        Patent(
            number="201910012345.1",
            form=PatentForm.APPLICATION,
            type=PatentType.INVENTION,
            granted=True,
            check_ok=True,
        ),
    )


def test_a_wrong_check_digit_warns_and_keeps_the_number() -> None:
    parsed = parse_patents("ZL201910012345.6")

    assert parsed.value is not None
    assert [(problem.code, problem.severity) for problem in parsed.problems] == [
        ("patent_check_digit", Severity.WARNING)
    ]


@pytest.mark.parametrize(
    ("raw", "number", "form"),
    [
        ("CN110123456A", "CN110123456A", PatentForm.PUBLICATION),
        ("CN 110123456 B", "CN110123456B", PatentForm.PUBLICATION),
        ("PCT/CN2019/123456", "PCT/CN2019/123456", PatentForm.INTERNATIONAL),
        ("201910012345", "201910012345", PatentForm.APPLICATION),
    ],
)
def test_other_forms(raw: str, number: str, form: PatentForm) -> None:
    parsed = parse_patents(raw)

    assert [(patent.number, patent.form) for patent in parsed.value or ()] == [(number, form)]


def test_several_numbers_in_a_cell_come_in_order_each_once() -> None:
    parsed = parse_patents("ZL201910012345.1，ZL202020654321.5；ZL201910012345.1")

    assert [patent.number for patent in parsed.value or ()] == ["201910012345.1", "202020654321.5"]


@pytest.mark.parametrize("raw", ["已授权发明专利2项", "", "无", "13800000000", "13812345678901"])
def test_words_and_other_numbers_are_no_patents(raw: str) -> None:
    assert parse_patents(raw).value is None
    assert parse_patents(raw).problems == ()


def test_the_collected_numbers_are_found(shared: Path) -> None:
    cases = json.loads((shared / "domain" / "value_parsing_cases.json").read_text(encoding="utf-8"))[
        "patent_no"
    ]

    found = [[patent.number for patent in parse_patents(raw).value or ()] for raw in cases]

    assert found == [
        ["201910123456.7"],
        ["CN110123456A"],
        ["201910123456.7"],
        ["201910123456.7"],
        ["202310000000.1"],
    ]


def _with_check(stem: str) -> str:
    characters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(characters.index(mark) * 3**place for place, mark in enumerate(stem))
    return stem + characters[(31 - total % 31) % 31]


def test_a_right_social_credit_code_is_left_alone() -> None:
    assert uscc_problem(_with_check("91330226MA0000000")) is None
    assert uscc_problem(f" {_with_check('91330226MA2AAAAA1').lower()} ") is None
    assert uscc_problem("") is None
    assert uscc_problem(f"统一社会信用代码：{_with_check('91330226MA0000000')}（三证合一）") is None


@pytest.mark.parametrize(
    ("code", "slug"),
    [
        ("91330226MA00000009", "uscc_check_digit"),
        ("9133022", "uscc_form"),
        ("91330226MI0000000X", "uscc_form"),
    ],
)
def test_a_wrong_social_credit_code_warns(code: str, slug: str) -> None:
    problem = uscc_problem(code)

    assert problem is not None
    assert (problem.code, problem.severity) == (slug, Severity.WARNING)


def test_a_stamp_is_no_part_of_a_name() -> None:
    assert clean_org_name(" 某某县 华星模具有限公司（盖章）") == "某某县华星模具有限公司"


def test_brackets_and_spaces_do_not_make_another_organisation() -> None:
    assert normal_org_name("华星模具（宁海）有限公司") == normal_org_name("华星模具 (宁海) 有限公司")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("宁波大学机械学院", "宁波大学"),
        ("浙江大学(宁波理工)", "浙江大学"),
        ("浙江大学宁波理工学院", "浙江大学"),
    ],
)
def test_a_part_of_a_university_is_not_the_university(one: str, other: str) -> None:
    assert normal_org_name(one) != normal_org_name(other)


def test_titles_are_compared_without_marks() -> None:
    assert normal_title("高效 气动“疏通”激振器（Ⅱ型）") == normal_title("高效气动疏通激振器(Ⅱ型)")
