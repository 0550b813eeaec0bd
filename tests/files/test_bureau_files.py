"""Lists of other systems and of bureaus: every value of every row is what stands in the file."""

from collections.abc import Callable

import pytest
from bureau_files import BUREAU_FILES, lines_that_name_the_fields_of_the_rows_below
from county_files import Made
from messy import workbook
from test_county_files import errors, found_in, said_by


@pytest.mark.parametrize("make", BUREAU_FILES.values(), ids=BUREAU_FILES.keys())
def test_every_value_is_what_stands_in_the_file(make: Callable[[], Made]) -> None:
    filename, content, wanted = make()
    findings = found_in(content, filename)

    assert [said_by(record) for record in findings.records] == wanted
    assert findings.questions == ()
    assert errors(findings) == []


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


def test_of_several_needs_in_a_row_those_left_out_are_named() -> None:
    rows = [
        ["企业名称", "技术需求1", "技术需求2"],
        ["澄湾硕力电机有限公司", "定子槽满率", "转子动平衡"],
    ]
    (table,) = found_in(workbook(rows)).tables

    assert [column.doubt for column in table.doubts][-1] == (
        "“技术需求2”列没有导入：一行里像有几项，现只取“技术需求1”，请拆成一行一项后再传。"
    )


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
