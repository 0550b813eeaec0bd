"""Lists and forms that offices lay out in ways of their own: every value, and what is asked about."""

import io
import time
import zipfile
from collections.abc import Callable

import pytest
from county_files import Made
from messy import with_members, workbook
from office_files import OFFICE_FILES
from test_county_files import errors, found_in, said_by

from matchmaker.files.refusals import FileRefused


@pytest.mark.parametrize("make", OFFICE_FILES.values(), ids=OFFICE_FILES.keys())
def test_every_value_is_what_stands_in_the_file(make: Callable[[], Made]) -> None:
    filename, content, wanted = make()
    findings = found_in(content, filename)

    assert [said_by(record) for record in findings.records] == wanted
    assert findings.questions == ()
    assert errors(findings) == []


def test_a_sheet_that_goes_on_is_named() -> None:
    findings = found_in(OFFICE_FILES["sheet that goes on without a header"]()[1])

    assert findings.notices == ("工作表“续”没有表头，按“Sheet”的续表读入，请核对。",)


def test_numbers_of_other_people_are_asked_about_and_join_no_contact() -> None:
    header = ["企业名称", "需求名称", "法人电话", "技术负责人", "联系人", "联系人电话", "部门电话"]
    rows = [
        [
            f"岚溪第{at}机械厂",
            f"难题{at}",
            f"1385749010{at}",
            "梁栋",
            "葛平",
            f"1385749000{at}",
            f"1385749020{at}",
        ]
        for at in range(1, 4)
    ]
    findings = found_in(workbook([header, *rows]))
    (table,) = findings.tables

    assert [
        (record.values["contact_name"], said_by(record)["contact_mobile"]) for record in findings.records
    ] == [("葛平", [f"1385749000{at}"]) for at in range(1, 4)]
    assert [column.header for column in table.doubts] == ["法人电话", "技术负责人", "部门电话"]


@pytest.mark.parametrize(
    ("header", "answer", "disclosure"),
    [
        ("是否保密", "是", "internal"),
        ("是否保密", "否", None),
        ("是否涉密", "是", "rejected"),
        ("是否涉密", "否", None),
        ("是否公开", "是", "public"),
        ("是否公开", "否", "internal"),
    ],
)
def test_yes_to_secrecy_publishes_nothing(header: str, answer: str, disclosure: str | None) -> None:
    rows = [["成果名称", "完成单位", header], ["铺丝头", "岚溪科技大学", answer]]
    (record,) = found_in(workbook(rows)).records

    assert record.values.get("disclosure") == disclosure


def test_all_forms_of_a_long_sheet_are_read() -> None:
    rows: list[list[object]] = []
    for number in range(500):
        rows += [["企业名称", f"岚溪第{number}机械厂"], ["需求名称", f"难题{number}"], ["联系人", "葛平"]]
        rows += [["联系电话", "13857490001"], []]
    records = found_in(workbook(rows)).records

    assert [record.values["title"] for record in records] == [f"难题{number}" for number in range(500)]


def test_merged_ranges_that_ask_for_more_cells_than_fit_are_refused() -> None:
    rows = [["企业名称", "需求名称"], *([f"岚溪第{number}厂", "难题"] for number in range(3_000))]
    content = workbook(rows, merges=["A2:A3"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    merges = b"".join(b'<mergeCell ref="A%d:A3001"/>' % number for number in range(2, 1_500))
    many = sheet.replace(b'<mergeCell ref="A2:A3"/>', merges)

    with pytest.raises(FileRefused, match="合并的单元格太多"):
        found_in(with_members(content, **{"xl/worksheets/sheet1.xml": many}))


@pytest.mark.parametrize("text", ["（", " ", "\u3000", "\n", "(1)", "，", "□"])
def test_no_cell_takes_long_whatever_fills_it(text: str) -> None:
    filled = (text * 32_000)[:32_000] + "厂"
    header = ["企业名称", "需求名称", "需求类型", "合作方式", "公开方式", "拟投入资金", "联系人", "联系电话"]
    rows = [header, ["岚溪机械厂", *[filled] * 7], ["", filled], [filled], [filled, filled]]
    content = workbook(rows)
    started = time.process_time()

    found_in(content)

    assert time.process_time() - started < 3
