"""Hidden rows and columns, failed formulas, protected and very wide sheets: the same from .xlsx and .xls."""

import io
from datetime import date
from pathlib import Path

import pytest

from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records

HEADER = ("企业名称", "需求名称", "需求描述", "拟投入资金（万元）", "需求时限", "联系人", "手机", "内部备注")
ROWS = (
    ("青禾模具有限公司", "热裂纹控制", "两万模次后龟裂", "50", "2027年6月", "王一二", "13900000011", "甲"),
    ("蓝湾汽配有限公司", "气孔检测", "只能抽检", "30", "2027年6月", "李三四", "13900000012", "乙"),
    ("海阔电器有限公司", "喷涂厚度", "膜厚不均", "20", "2027年6月", "赵五六", "13900000013", "丙"),
    ("天成轴承有限公司", "磨削烧伤", "烧伤率 3%", "10", "2027年6月", "钱七八", "13900000014", "丁"),
)
FAILED = ((1, 3, "#REF!"), (2, 4, "#N/A"), (3, 0, "#DIV/0!"), (4, 6, "#VALUE!"))
FORMULAS = {"#REF!": "=#REF!", "#N/A": "=NA()", "#DIV/0!": "=1/0", "#VALUE!": '="x"+1'}


def as_xlsx() -> bytes:
    """Return the list as a protected sheet with a hidden row and column; each row has one failed formula."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("需求")
    for number, row in enumerate((HEADER, *ROWS)):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text)
    for number, column, word in FAILED:
        sheet.write_formula(number, column, FORMULAS[word], None, word)
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_column(7, 7, None, None, {"hidden": True})
    sheet.protect("secret")
    book.close()
    return target.getvalue()


def as_xls() -> bytes:
    """Return the very workbook of `as_xlsx` as an office program saved it in the old format."""
    return (Path(__file__).parent / "hidden_and_failed.xls").read_bytes()


@pytest.mark.parametrize(("made", "name"), [(as_xlsx, "清单.xlsx"), (as_xls, "清单.xls")])
def test_what_is_hidden_is_asked_about_and_what_failed_is_named(made: object, name: str) -> None:
    book = read_file(made(), name)  # type: ignore[operator]
    (table,) = find_records(book).tables

    assert [question.text for question in book.questions] == [
        "需求 第 3 行、“需求”的 1 列在文件里是隐藏的，请确认要不要导入。"
    ]
    failed = "公式结果出错（如 #N/A），按空白处理，请改正。"
    assert [
        (record.values.get("enterprise_name"), [(said.where, said.message) for said in record.problems])
        for record in table.records
    ] == [
        ("青禾模具有限公司", [("需求!D2", failed)]),
        (
            "蓝湾汽配有限公司",
            [("需求!E3", failed), ("需求 第 3 行", "这一行在文件里是隐藏的，请确认要不要导入。")],
        ),
        (None, [("需求!A4", "缺少企业名称，请补填。"), ("需求!A4", failed)]),
        ("天成轴承有限公司", [("需求!G5", failed)]),
    ]
    assert [sorted(set(HEADER_FIELDS) - set(record.values)) for record in table.records] == [
        ["budget"],
        ["period"],
        ["enterprise_name"],
        ["contact_mobile"],
    ]


HEADER_FIELDS = (
    "enterprise_name", "title", "problem", "budget", "period", "contact_name", "contact_mobile",
)  # fmt: skip


@pytest.mark.parametrize("made", [as_xlsx, as_xls])
def test_what_is_hidden_stays_out_when_the_person_says_so(made: object) -> None:
    name = "清单.xlsx" if made is as_xlsx else "清单.xls"

    (table,) = find_records(read_file(made(), name), drop_hidden=True).tables  # type: ignore[operator]

    assert [record.values["title"] for record in table.records] == ["热裂纹控制", "喷涂厚度", "磨削烧伤"]
    assert [column.header for column in table.columns if column.header] == list(HEADER[:7])


def test_a_table_far_to_the_right_of_a_very_wide_sheet_is_found() -> None:
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("宽表")
    for column in range(300):
        sheet.write_string(0, column, f"列{column}")
    for column, header in enumerate(HEADER[:7], 200):
        sheet.write_string(0, column, header)
        sheet.write_string(1, column, ROWS[0][column - 200])
    book.close()

    (table,) = find_records(read_file(target.getvalue(), "宽.xlsx")).tables

    assert [sorted(record.values) for record in table.records] == [sorted(HEADER_FIELDS)]


@pytest.mark.parametrize("cut", [600, 2_000, 4_500])
def test_a_file_whose_records_cannot_be_followed_is_read_or_refused_without_a_crash(cut: int) -> None:
    from matchmaker.files.book import LIMITS
    from matchmaker.files.xls import scan_sheets

    content = as_xls()
    broken = content[:cut] + b"\xff" * 64 + content[cut + 64 :]

    assert set(scan_sheets(broken, ["需求"], LIMITS)) <= {"需求"}
    assert scan_sheets(b"nothing at all", ["需求"], LIMITS) == {}


def test_numbers_of_the_old_format_are_read_as_their_cells_show_them() -> None:
    """The workbook holds 0.985, 0.62, 0.5 and whole and broken amounts, in short and in long records."""
    content = (Path(__file__).parent / "numbers_with_words.xls").read_bytes()

    rows = read_file(content, "难题.xls").sheets[0].rows

    assert rows == [
        ["企业名称", "难题名称", "合格率", "拟投入资金"],
        ["澄湾电子有限公司", "屏体亮斑", "98.5%", "120万元"],
        ["澄湾光电有限公司", "胶水黄变", "62%", "45.5万元"],
        ["澄湾薄膜有限公司", "薄膜翘曲", "50%", "123456.789万元"],
    ]


def _months(*, from_1904: bool = False) -> bytes:
    """Return three days as Excel keeps them: two typed as 2026年6月, one of them later set to the 15th."""
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append(["难题名称", "完成时间"])
    days = ((1, 'yyyy"年"m"月"'), (15, 'yyyy"年"m"月"'), (1, 'yyyy"年"m"月"d"日"'))
    for row, (day, form) in enumerate(days, 2):
        sheet.append(["屏体亮斑", date(2026, 6, day)])
        sheet.cell(row, 2).number_format = form
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("filename", ["months.xlsx", "months.xls"])
def test_a_day_that_shows_only_its_month_is_the_month_as_typed(filename: str) -> None:
    old = (Path(__file__).parent / "months.xls").read_bytes()
    rows = read_file(old if filename.endswith(".xls") else _months(), filename).sheets[0].rows

    assert [row[1] for row in rows[1:]] == ["2026年6月", date(2026, 6, 15), date(2026, 6, 1)]


def test_days_counted_from_1904_stay_days() -> None:
    rows = read_file(_months(from_1904=True), "months.xlsx").sheets[0].rows

    assert [row[1] for row in rows[1:]] == [date(2026, 6, 1), date(2026, 6, 15), date(2026, 6, 1)]
