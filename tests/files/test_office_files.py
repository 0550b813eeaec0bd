"""Lists and forms that offices lay out in ways of their own: every value, and what is asked about."""

import io
import time
import zipfile

import pytest
from messy import saved, with_members, workbook
from office_files import OFFICE_FILES
from test_county_files import found_in, said_by

from matchmaker.files.findings import RecordKind
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records
from matchmaker.files.refusals import FileRefused


def test_a_sheet_that_goes_on_is_named() -> None:
    findings = found_in(OFFICE_FILES["sheet that goes on without a header"]()[1])

    assert findings.notices == ("工作表“续”没有表头，按“Sheet”的续表读入，请核对。",)


def disclosed(headers: list[str], *rows: list[str]) -> list[object]:
    """Return who may see the need of each row, None where its cells do not say."""
    lines = [["岚溪机械厂", f"难题{at}", *row] for at, row in enumerate(rows)]
    findings = found_in(workbook([["企业名称", "需求名称", *headers], *lines]))
    return [record.values.get("confidentiality") for record in findings.records]


def test_of_two_columns_about_disclosure_the_narrower_answer_holds() -> None:
    rows = (["否", "否"], ["否", "是"], ["是", "是"], ["", "是"], ["", ""])

    assert disclosed(["是否涉密", "是否公开"], *rows) == ["internal", "public", "rejected", "public", None]
    assert disclosed(["是否公开", "是否涉密"], *[row[::-1] for row in rows]) == [
        *("internal", "public", "rejected", "public", None)
    ]


def test_a_no_to_disclosing_one_thing_is_kept_and_no_choice_left_out() -> None:
    headers = ["是否公开（企业名称）", "是否公开（需求内容）", "是否公开（联系方式）"]

    assert disclosed(headers, ["是", "否", "否"], ["否", "否", "否"], ["是", "是", "否"]) == [
        *("internal", "internal", "public")
    ]


def test_no_secret_is_read_as_such_in_words_and_not_open_the_other_way_round() -> None:
    words = (["不涉密"], ["非涉密"], ["无"], ["√"], ["涉密"])

    assert disclosed(["是否涉密"], *words) == [None, None, None, "rejected", "rejected"]
    assert disclosed(["是否保密"], ["无需保密"], ["部分保密"]) == [None, "internal"]
    assert disclosed(["是否不公开"], ["是"], ["否"]) == ["internal", None]


def test_people_of_one_firm_beside_each_other_keep_their_firm() -> None:
    rows = [
        ["单位", "第一参会人", "", "第二参会人", ""],
        ["", "姓名", "手机", "姓名", "手机"],
        ["岚溪机械厂", "葛平", "13857490001", "邢露", "13857490002"],
        ["岚溪食品厂", "梁栋", "13857490003", "", ""],
    ]
    findings = found_in(workbook(rows, merges=["A1:A2", "B1:C1", "D1:E1"]))

    assert [(record.values["org"], record.values.get("name")) for record in findings.records] == [
        *(("岚溪机械厂", "葛平"), ("岚溪食品厂", "梁栋"), ("岚溪机械厂", "邢露"))
    ]


def test_a_number_shown_by_the_thousand_is_not_taken_for_thousands() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["企业名称", "需求名称", "拟投入（元）"])
    sheet.append(["岚溪机械厂", "槽满率", 50000])
    sheet["C2"].number_format = '#,##0,"千元"'
    (record,) = found_in(saved(book)).records

    assert record.values["budget"].low_fen == 50_000 * 100


def test_a_row_of_two_words_that_head_columns_too_is_no_new_list() -> None:
    rows = [
        ["姓名", "单位", "身份", "职务"],
        ["葛平", "岚溪机械厂", "企业", "经理"],
        ["", "高校", "专家", ""],
        ["邢露", "岚溪科技大学", "专家", "教授"],
    ]
    findings = found_in(workbook(rows))

    assert [record.values.get("name") for record in findings.records if "name" in record.values] == [
        *("葛平", "邢露")
    ]


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
    "header",
    [
        ["项目名称", "单位", "法定代表人", "电话", "备注", "联系人", "电话"],
        ["需求名称", "需求单位", "联系人", "电话", "合作单位", "姓名", "电话"],
    ],
)
def test_of_two_people_in_a_row_the_number_of_one_is_not_the_other_s(header: list[str]) -> None:
    numbers = iter(["13857490001", "13857490002"])
    row = [next(numbers) if word == "电话" else f"岚溪{word}" for word in header]
    findings = find_records(read_file(workbook([header, row]), "清单.xlsx"), kind=RecordKind.NEED)
    (record,) = findings.records

    assert said_by(record)["contact_mobile"] == [row[header.index("联系人") + 1]]
    assert record.values["contact_name"] == "岚溪联系人"
    assert len(findings.tables[0].doubts) >= 1


@pytest.mark.parametrize("numbered", [True, False])
def test_what_a_row_brings_together_is_read_as_two_lists(numbered: bool) -> None:
    rows = [
        ["序号", "企业需求", "", "", "", "高校成果", "", "", ""],
        ["", *["名称", "单位", "联系人", "电话"] * 2],
        [1, "定子槽满率", "岚溪电机厂", "葛平", "13857490001", "扁线绕组", "岚溪大学", "季布", "13905790001"],
        [2, "水饺皮开裂", "岚溪食品厂", "邢露", "13857490002", "抗冻剂", "岚溪农科院", "江淹", "13905790002"],
    ]
    merges = ["A1:A2", "B1:E1", "F1:I1"] if numbered else ["A1:D1", "E1:H1"]
    findings = found_in(workbook(rows if numbered else [row[1:] for row in rows], merges=merges))

    assert [said_by(record) for record in findings.records] == [
        {
            "kind": kind,
            "title": row[at],
            owner: row[at + 1],
            "contact_name": row[at + 2],
            "contact_mobile": [row[at + 3]],
        }
        for kind, owner, at in (("need", "enterprise_name", 1), ("achievement", "org", 5))
        for row in rows[2:]
    ]


@pytest.mark.parametrize(
    ("header", "answer", "disclosure"),
    [
        ("是否保密", "是", "internal"),
        ("是否保密", "否", None),
        ("是否涉密", "是", "rejected"),
        ("是否涉密", "否", None),
        ("是否公开", "是", "public"),
        ("是否公开", "否", "internal"),
        ("是否公开", "√", "public"),
        ("是否公开", "×", "internal"),
    ],
)
def test_yes_to_secrecy_publishes_nothing(header: str, answer: str, disclosure: str | None) -> None:
    rows = [["成果名称", "完成单位", header], ["铺丝头", "岚溪科技大学", answer]]
    (record,) = found_in(workbook(rows)).records

    assert record.values.get("disclosure") == disclosure


@pytest.mark.parametrize(
    ("words", "stage"),
    [("已小批量生产", "small_batch"), ("已批量生产", "industrial"), ("已通过中试，正在产业化", "industrial")],
)
def test_of_stages_the_latest_that_is_named_in_full_counts(words: str, stage: str) -> None:
    rows = [["成果名称", "完成单位", "成熟度"], ["铺丝头", "岚溪科技大学", words]]
    (record,) = found_in(workbook(rows)).records

    assert record.values["stage"] == stage


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
    rows = [header, ["岚溪机械厂", *[filled] * 7], ["", filled], [filled], [filled] * 2, ["（万元）", filled]]
    content = workbook(rows)
    started = time.process_time()

    found_in(content)

    assert time.process_time() - started < 3
