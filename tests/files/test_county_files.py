"""Lists as they are really sent: every value of every row is what stands in the file, and nothing else is."""

import io
from typing import Any

import pytest
from county_files import COUNTY_FILES
from messy import saved, workbook

from matchmaker.files.findings import Findings, Record
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

_FEN_PER_WAN = 1_000_000


def found_in(content: bytes, filename: str = "清单.xlsx", *, drop_hidden: bool = False) -> Findings:
    return find_records(read_file(content, filename), drop_hidden=drop_hidden)


def said_by(record: Record) -> dict[str, Any]:
    values = {name: _short(value) for name, value in record.plain().items()}
    return {"kind": record.kind.value, **values}


def _short(value: Any) -> Any:
    """Return amounts in 万元, numbers with their extension, anything else as it is."""
    if isinstance(value, dict) and "low_fen" in value:
        return (
            "面议"
            if value["negotiable"]
            else tuple(value[end] / _FEN_PER_WAN for end in ("low_fen", "high_fen"))
        )
    if isinstance(value, dict) and "extension" in value:
        return value["number"] + (f"-{value['extension']}" if value["extension"] else "")
    return [_short(part) for part in value] if isinstance(value, list) else value


def _crossed_out() -> bytes:
    import openpyxl
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles import Font

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["企业名称", "需求名称", "需求描述"],
        ["恒岳轴承有限公司", "套圈变形", "椭圆度超差"],
        ["青塘印染有限公司", "低盐染色", "已取消"],
        ["西坪竹业合作社", "笋壳粉碎", ""],
    ):
        sheet.append(row)
    for cell in sheet[3]:
        cell.font = Font(strike=True)
    sheet["C4"] = CellRichText("粒径", TextBlock(InlineFont(strike=True), "50微米"), "20微米")
    return saved(book)


def test_a_row_that_is_crossed_out_is_asked_about_and_words_that_are_warned_of() -> None:
    findings = found_in(_crossed_out())

    (question,) = findings.questions
    assert (question.code, question.text) == (
        "hidden",
        "Sheet 第 3 行在文件里是隐藏的或划了删除线的，请确认要不要导入。",
    )
    assert [(problem.code, problem.where) for problem in findings.problems] == [
        ("struck_row", "Sheet 第 3 行"),
        ("struck_text", "Sheet!C4"),
    ]
    kept = found_in(_crossed_out(), drop_hidden=True)
    assert [record.values["title"] for record in kept.records] == ["套圈变形", "笋壳粉碎"]
    assert kept.questions == ()


def test_a_number_whose_last_digits_are_lost_is_not_taken_for_a_code() -> None:
    rows = [
        ["企业名称", "统一社会信用代码", "需求名称"],
        ["恒岳轴承有限公司", 9.1330127e17, "套圈变形"],
        ["青塘印染有限公司", "9.13E+17", "低盐染色"],
    ]
    findings = found_in(workbook(rows))

    assert [record.values.get("uscc") for record in findings.records] == [None, None]
    assert [problem.code for problem in findings.problems] == ["number_cut", "number_cut"]


def test_what_same_as_above_was_read_as_is_said() -> None:
    rows = [["企业名称", "需求名称"], ["恒岳轴承有限公司", "套圈变形"], ["同上", "滚道超精"], ["", "同上"]]
    findings = found_in(workbook(rows))

    assert [record.values.get("enterprise_name") for record in findings.records] == [
        "恒岳轴承有限公司",
        "恒岳轴承有限公司",
        None,
    ]
    assert [problem.message for problem in findings.problems if problem.code == "same_as_above"] == [
        "写着“同上”的格按上一行读作“恒岳轴承有限公司”，请核对。",
        "写着“同上”的格按上一行读作“滚道超精”，请核对。",
    ]


def test_prompts_and_choices_of_a_template_are_named_and_no_rows() -> None:
    findings = found_in(COUNTY_FILES["sheet of a template"]()[1])

    assert findings.notices == ("工作表“填表说明”、“字典”是填写说明、示例、选项或统计，没有导入。",)
    assert [problem.message for problem in findings.problems] == [
        "“请填写数字”是模板里的填写提示，按空白处理，请改成实际内容。"
    ]


@pytest.mark.parametrize("wish", ["请专家帮助填写工艺参数表", "请高校提供热处理方案"])
def test_a_wish_is_no_prompt(wish: str) -> None:
    findings = found_in(
        workbook([["企业名称", "需求名称", "需求描述"], ["恒岳轴承有限公司", "套圈变形", wish]])
    )

    assert [record.values["problem"] for record in findings.records] == [wish]


def test_a_form_whose_second_column_says_what_to_write_is_one_record() -> None:
    rows = [
        ["企业名称", "恒岳轴承有限公司", "填全称"],
        ["需求名称", "套圈变形", "20字以内"],
        ["需求描述", "椭圆度超差", "200字以内"],
        ["联系人", "谷向阳", "必填"],
        ["联系电话", "13857420011", "手机"],
    ]
    findings = found_in(workbook(rows))

    assert [said_by(record) for record in findings.records] == [
        {
            "kind": "need",
            "enterprise_name": "恒岳轴承有限公司",
            "title": "套圈变形",
            "problem": "椭圆度超差",
            "contact_name": "谷向阳",
            "contact_mobile": ["13857420011"],
        }
    ]


def test_a_workbook_with_macros_is_still_refused() -> None:
    import zipfile

    from matchmaker.files.refusals import FileRefused

    plain = workbook([["企业名称", "需求名称"], ["恒岳轴承有限公司", "套圈变形"]])
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            body = source.read(name)
            copy.writestr(
                name,
                body.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                ),
            )
    with pytest.raises(FileRefused, match="宏"):
        read_file(target.getvalue(), "清单.xlsx")
