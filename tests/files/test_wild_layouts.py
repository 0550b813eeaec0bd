"""What public collections and other people's programs turned up: odd formats, odd layouts, odd habits."""

import io
import re
import zipfile
from collections.abc import Sequence

import pytest
from binary_book import binary_workbook
from hard_layouts import HEADER, NEEDS, as_read, body
from messy import delimited, document, with_members, workbook

from matchmaker.domain.problems import Severity
from matchmaker.files.findings import Findings, RecordKind
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records
from matchmaker.files.refusals import FileRefused

FIRM, OTHER = "青禾模具有限公司", "白溪文具有限公司"


def found(content: bytes, filename: str, **answers: str) -> Findings:
    return find_records(read_file(content, filename, **answers))


def paragraphs(*lines: str) -> bytes:
    import docx

    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def rewritten(content: bytes, *changes: tuple[str, str]) -> bytes:
    """Return an Office file with words of its XML replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            text = source.read(name)
            for old, new in changes if name.endswith((".xml", ".rels")) else ():
                text = text.replace(old.encode(), new.encode())
            copy.writestr(name, text)
    return target.getvalue()


def said(findings: Findings) -> list[tuple[str, Severity]]:
    return [(problem.code, problem.severity) for problem in findings.problems]


def test_a_binary_workbook_is_read_whole_with_its_merged_and_hidden_cells() -> None:
    rows = [HEADER, *body()]
    rows.insert(2, [2, "", "", *rows[2][3:6], "", ""])
    content = binary_workbook(
        rows, merges=[(1, 2, 1, 1), (1, 2, 2, 2), (1, 2, 6, 6), (1, 2, 7, 7)], hidden_row=4
    )
    findings = found(content, "表.xlsb")

    read = [as_read(record) for record in findings.records]
    assert (read[0], *read[2:]) == NEEDS
    assert (read[1].firm, read[1].title, read[1].phone) == (NEEDS[0].firm, NEEDS[1].title, NEEDS[0].phone)
    assert [(asked.code, "第 5 行" in asked.text) for asked in findings.questions] == [("hidden", True)]


STRICT = (
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
    (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    ),
    (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    ),
)


def test_files_saved_in_the_strict_form_of_the_standard_are_read() -> None:
    sheet = rewritten(workbook([HEADER, *body()]), *STRICT)
    words = rewritten(document([[str(cell) for cell in cells] for cells in [HEADER, *body()]]), *STRICT)

    for content, name in ((sheet, "表.xlsx"), (words, "表.docx")):
        assert [as_read(record) for record in found(content, name).records] == list(NEEDS)


def test_a_workbook_that_names_its_main_type_for_all_xml_is_read() -> None:
    content = workbook([HEADER, *body()])
    types = zipfile.ZipFile(io.BytesIO(content)).read("[Content_Types].xml").decode()
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    types = re.sub(rf'<Override[^>]*{re.escape(main)}"[^>]*/>', "", types)
    types = types.replace(
        'Extension="xml" ContentType="application/xml"', f'Extension="xml" ContentType="{main}"'
    )
    changed = with_members(content, **{"[Content_Types]_DOT_xml": types.encode()})

    assert [as_read(record) for record in found(changed, "表.xlsx").records] == list(NEEDS)


@pytest.mark.parametrize(
    "name",
    ["清单", "清单.fods", "清单.numbers", "清单.xml", "清单.pptx", "清单.ofd", "清单.heic", "清单.eml"],
)
def test_files_of_other_kinds_are_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(FileRefused, match=r"另存|导出|索取|整理|扩展名"):
        read_file(b"some bytes", name)


def test_one_need_written_over_several_rows_is_one_need() -> None:
    rows = [
        ["企业名称", "需求名称", "需求描述", "联系人", "联系电话"],
        [FIRM, "耐磨涂层", "1.寿命不足三个月", "张三", 13800000001],
        [None, None, "2.希望十二个月以上", "李四", 13800000002],
        [OTHER, "墨水防干", "开盖断墨", "王五", 13800000003],
    ]
    findings = found(workbook(rows, merges=["A2:A3", "B2:B3"]), "表.xlsx")

    first, second = (record.plain() for record in findings.records)
    assert (first["problem"], first["contact_name"]) == ("1.寿命不足三个月\n2.希望十二个月以上", "张三、李四")
    assert [phone["number"] for phone in first["contact_mobile"]] == ["13800000001", "13800000002"]
    assert second["title"] == "墨水防干"
    assert said(findings) == [("rows_joined", Severity.GUESS)]


def test_a_merged_title_over_two_firms_stays_two_needs() -> None:
    rows = [["需求名称", "企业名称", "需求描述"], ["耐磨涂层", FIRM, "寿命"], [None, OTHER, "寿命"]]
    records = found(workbook(rows, merges=["A2:A3"]), "表.xlsx").records

    assert [(record.values["title"], record.values["enterprise_name"]) for record in records] == [
        ("耐磨涂层", FIRM),
        ("耐磨涂层", OTHER),
    ]


def test_a_word_table_in_pieces_is_read_whole_and_said_so() -> None:
    rows = [[str(cell) for cell in cells] for cells in [HEADER, *body()]]
    findings = found(document(rows[:3], rows[3:]), "表.docx")

    assert [as_read(record) for record in findings.records] == list(NEEDS)
    assert findings.records[3].where("title") == "表 2 第 2 行第 4 列"
    assert any("“表 2”没有表头" in notice for notice in findings.notices)


def test_a_word_table_nobody_understands_is_named() -> None:
    rows = [[str(cell) for cell in cells] for cells in [HEADER, *body()]]
    findings = found(document(rows, [["1", "2"], ["3", "4"]]), "表.docx")

    assert any("“表 2”里没有找到表头，没有导入" in notice for notice in findings.notices)


def test_numbered_headings_name_what_stands_below_them() -> None:
    content = paragraphs(
        "临澜县企业技术需求汇编",
        "一、耐磨涂层技术",
        "（一）企业名称：青禾模具有限公司",
        "（二）主要问题：寿命不足三个月。",
        "现场情况复杂。",
        "（三）联系人：张三，13800000001",
        "二、水性墨水防干",
        "（一）企业名称：白溪文具有限公司",
        "（二）主要问题：断墨。",
        "（三）联系人：李四，13800000002",
    )
    read = [record.plain() for record in found(content, "汇编.docx").records]

    assert [(one["title"], one["enterprise_name"], one["problem"], one["contact_name"]) for one in read] == [
        ("耐磨涂层技术", FIRM, "寿命不足三个月。\n现场情况复杂。", "张三"),
        ("水性墨水防干", OTHER, "断墨。", "李四"),
    ]


def test_a_form_of_dotted_lines_is_read_without_the_lines() -> None:
    content = paragraphs(
        "企业技术需求征集表",
        "企业名称：青禾模具有限公司……………………",
        "联系人：张三____________ 联系电话：13800000001________",
        "技术需求名称：__耐磨涂层技术______",
        "需求描述：……………寿命不足三个月……",
        "拟投入资金：  50  万元",
    )
    (record,) = found(content, "表.docx").records

    assert {
        name: record.plain()[name] for name in ("enterprise_name", "contact_name", "title", "problem")
    } == {
        "enterprise_name": FIRM,
        "contact_name": "张三",
        "title": "耐磨涂层技术",
        "problem": "寿命不足三个月……",
    }
    assert record.plain()["contact_mobile"][0]["number"] == "13800000001"


def test_sentences_with_a_colon_are_no_form() -> None:
    content = paragraphs("1. 青禾模具有限公司：耐磨涂层技术，投入50万元。", "2. 白溪文具有限公司：墨水防干。")

    with pytest.raises(FileRefused, match="整理成一行一条的表格"):
        read_file(content, "汇编.docx")


def test_a_message_pasted_from_a_chat_is_read_without_questions() -> None:
    text = (
        "张局，我们今年的需求：\n企业名称：青禾模具有限公司\n需求名称：耐磨涂层\n需求描述：寿命不足，\n"
        "联系人：张三 13800000001\n\n"
        "企业名称：白溪文具有限公司\n需求名称：墨水防干\n联系人：李四 13800000002\n"
    )
    findings = found(text.encode(), "聊天.txt")

    assert findings.questions == ()
    assert [
        (one["enterprise_name"], one["title"], one["contact_name"], one["contact_mobile"][0]["number"])
        for one in (record.plain() for record in findings.records)
    ] == [(FIRM, "耐磨涂层", "张三", "13800000001"), (OTHER, "墨水防干", "李四", "13800000002")]


def test_columns_parted_by_blanks_are_asked_about() -> None:
    text = "\n".join("    ".join(str(cell) for cell in cells) for cells in [HEADER, *body()])
    book = read_file(text.encode(), "表.txt")

    assert book.question is not None
    assert "连续空格" in [choice.label for choice in book.question.choices]
    answered = found(text.encode(), "表.txt", delimiter="gaps")
    assert [as_read(record) for record in answered.records] == list(NEEDS)


def test_what_a_failed_formula_left_in_a_text_file_is_no_content() -> None:
    rows = [
        ["企业名称", "需求名称", "联系电话"],
        [FIRM, "#REF!", '="13800000001"'],
        [OTHER, "涂层", "########"],
    ]
    findings = found(delimited(rows), "表.csv")

    assert [record.plain().get("title") for record in findings.records] == [None, "涂层"]
    assert findings.records[0].plain()["contact_mobile"][0]["number"] == "13800000001"
    assert [code for code, _ in said(findings)] == ["error_text", "missing", "error_text"]


@pytest.mark.parametrize(
    "header",
    [
        ["企業名稱", "需求名稱", "擬投入資金（萬元）", "聯絡人", "聯絡電話"],
        ["Company", "Need title", "Budget (万元)", "Contact person", "Phone"],
        ["企\u200b业名称", "\ufeff需求名称", "拟投入资金（万元）", "联系人", "联系\xa0电话"],
    ],
    ids=["traditional", "English", "with invisible marks"],
)
def test_header_words_in_other_scripts_are_known(header: Sequence[str]) -> None:
    rows = [header, ["\u200b青禾模具有限公司\ufeff", "涂层", 50, "张\u200b三", "\u202d13800000001\u202c"]]
    (table,) = found(workbook(rows), "表.xlsx").tables
    (record,) = (record.plain() for record in table.records)

    assert (table.kind, table.doubts) == (RecordKind.NEED, [])
    assert (record["enterprise_name"], record["contact_name"]) == (FIRM, "张三")
    assert (record["budget"]["low_fen"], record["contact_mobile"][0]["number"]) == (50_000_000, "13800000001")


def test_the_unit_in_a_third_level_belongs_to_the_words_above_it() -> None:
    rows = [
        ["企业信息", None, "技术需求", None, None, "备注"],
        ["名称", "联系人", "名称", "内容", "投入", None],
        [None, None, None, None, "（万元）", None],
        [FIRM, "张三", "涂层", "寿命不足", 50, "急"],
    ]
    merges = ["A1:B1", "C1:E1", "F1:F3", "A2:A3", "B2:B3", "C2:C3", "D2:D3"]
    (table,) = found(workbook(rows, merges=merges), "需求.xlsx").tables

    assert table.columns[4].header == "技术需求/投入（万元）"
    assert table.records[0].plain()["budget"]["low_fen"] == 50_000_000


def test_a_header_below_pages_of_notes_is_found() -> None:
    rows = [[f"第 {number} 条：请认真填写"] for number in range(90)] + [HEADER, *body()]

    assert [as_read(record) for record in found(workbook(rows), "表.xlsx").records] == list(NEEDS)


def test_a_header_of_unknown_words_reaches_as_deep_as_its_merged_cells() -> None:
    rows = [
        ["Region", "Contribution", "Change", None],
        [None, None, "quarter", "baseline"],
        ["East", "7%", 1, 2],
    ]
    (table,) = found(workbook(rows, merges=["A1:A2", "B1:B2", "C1:D1"]), "a.xlsx").tables

    assert (table.first_data_row, table.row_count) == (3, 1)


def test_a_list_of_one_row_says_that_its_header_is_all_there_is() -> None:
    assert found(b"a,b,c\n\n", "a.csv").notices == ("文件里只有表头，下面没有可导入的行。",)


def test_rows_of_counting_numbers_are_data_where_no_header_word_is_known() -> None:
    (table,) = found(b"a,b,c\n1,2,3\n", "a.csv").tables

    assert table.row_count == 1


def test_a_workbook_that_counts_days_from_1904_says_so() -> None:
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    assert book.active is not None
    book.active.append(["企业名称", "需求名称"])
    book.active.append([FIRM, "涂层"])
    target = io.BytesIO()
    book.save(target)

    assert any("1904" in notice for notice in found(target.getvalue(), "表.xlsx").notices)


def test_two_people_in_one_cell_are_not_silently_one() -> None:
    rows = [["企业名称", "需求名称", "联系人及电话"], [FIRM, "涂层", "张三13800000001，李四13800000002"]]
    findings = found(workbook(rows), "表.xlsx")

    (record,) = (record.plain() for record in findings.records)
    assert (record["contact_name"], [phone["number"] for phone in record["contact_mobile"]]) == (
        "张三",
        ["13800000001", "13800000002"],
    )
    assert said(findings) == [("more_contacts", Severity.GUESS)]


def test_a_cell_merged_beyond_the_last_row_harms_nothing() -> None:
    assert found(workbook([["data"]], merges=["A1:B3"]), "a.xlsx").records == []
