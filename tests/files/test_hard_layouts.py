"""One list in every layout: what is read equals what was written, cell by cell, whatever the layout."""

from collections.abc import Callable

import pytest
from hard_files import TEXTS, WORKBOOKS, Made
from hard_forms import FORMS, FormMaker, in_word, on_sheets, stacked
from hard_layouts import GRIDS, NEEDS, Grid, as_read, below_each_other, side_by_side
from hard_words import DOCUMENTS
from messy import workbook

from matchmaker.domain.problems import Severity
from matchmaker.files.findings import Findings, RecordKind
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records


def found_in(content: bytes, filename: str) -> Findings:
    return find_records(read_file(content, filename))


def assert_reads_all_needs(findings: Findings) -> None:
    assert [as_read(record) for record in findings.records] == list(NEEDS)
    assert [said.message for said in findings.problems if said.severity is Severity.ERROR] == []
    assert findings.questions == ()


def sheet_of(grid: Grid) -> bytes:
    return workbook(grid.rows, merges=grid.merges)


@pytest.mark.parametrize("make", GRIDS.values(), ids=GRIDS.keys())
def test_a_table_in_any_layout_is_read_cell_by_cell(make: Callable[[], Grid]) -> None:
    assert_reads_all_needs(found_in(sheet_of(make()), "表.xlsx"))


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS.keys())
def test_a_form_in_any_layout_is_read_cell_by_cell(make: FormMaker) -> None:
    assert_reads_all_needs(found_in(on_sheets(make), "表.xlsx"))
    assert_reads_all_needs(found_in(sheet_of(stacked(make)), "表.xlsx"))


@pytest.mark.parametrize(
    "layout", ["two pairs a row, sections between", "labels above their values", "labels that no list has"]
)
def test_a_form_in_a_word_table_is_read_cell_by_cell(layout: str) -> None:
    assert_reads_all_needs(found_in(in_word(FORMS[layout]), "表.docx"))


@pytest.mark.parametrize("make", [*TEXTS.values(), *WORKBOOKS.values()], ids=[*TEXTS, *WORKBOOKS])
def test_a_file_with_odd_insides_is_read_cell_by_cell(make: Callable[[], Made]) -> None:
    filename, content = make()
    assert_reads_all_needs(found_in(content, filename))


@pytest.mark.parametrize("make", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_document_with_odd_insides_is_read_cell_by_cell(make: Callable[[], bytes]) -> None:
    assert_reads_all_needs(found_in(make(), "表.docx"))


ACHIEVEMENTS = Grid(
    [
        ["高校可转化成果"],
        ["成果名称", "完成单位", "成果简介", "成熟度"],
        ["梯度涂层", "江州大学", "一种涂层", "中试"],
        ["缓释保湿剂", "海州理工学院", "一种助剂", "小试"],
    ],
    ["A1:D1"],
)


@pytest.mark.parametrize("join", [below_each_other, side_by_side])
def test_two_lists_on_one_sheet_are_two_lists(join: Callable[[Grid, Grid], Grid]) -> None:
    findings = found_in(sheet_of(join(GRIDS["towns merged at the left"](), ACHIEVEMENTS)), "表.xlsx")

    needs, achievements = findings.tables
    assert (needs.kind, achievements.kind) == (RecordKind.NEED, RecordKind.ACHIEVEMENT)
    assert [as_read(record) for record in needs.records] == list(NEEDS)
    assert [
        (record.values["title"], record.values["org"], record.values["summary"], record.values["stage"])
        for record in achievements.records
    ] == [
        ("梯度涂层", "江州大学", "一种涂层", "pilot"),
        ("缓释保湿剂", "海州理工学院", "一种助剂", "small_trial"),
    ]


@pytest.mark.parametrize("layout", ["header words that no list has", "other header words that no list has"])
def test_headers_made_of_known_words_need_no_question_where_the_values_say_the_same(layout: str) -> None:
    (table,) = found_in(sheet_of(GRIDS[layout]()), "表.xlsx").tables

    assert [column.fields for column in table.columns[1:]] == [
        ("enterprise_name",),
        ("region",),
        ("title",),
        ("problem",),
        ("budget",),
        ("contact_name",),
        ("contact_mobile",),
    ]
    assert table.doubts == []


def test_a_label_that_nothing_explains_is_a_column_to_be_asked_about_not_lost() -> None:
    grid = FORMS["two pairs a row, sections between"](NEEDS[0])
    grid.rows.insert(4, ["高企证书", "GR2025000001", "", "注册资本", "500万元"])
    grid.merges = []
    (table,) = found_in(sheet_of(grid), "表.xlsx").tables

    assert [
        (column.header, column.fields, column.samples)
        for column in table.columns
        if column.header in ("高企证书", "注册资本")
    ] == [("高企证书", (), ("GR2025000001",)), ("注册资本", (), ("500万元",))]


@pytest.mark.parametrize(
    ("cell", "modes"),
    [
        ("□技术转让  ☑联合开发  □委托研发", ("joint",)),
        ("技术转让□ 联合开发☑ 委托研发☑", ("joint", "commission")),
        ("（√）联合开发 （ ）技术转让", ("joint",)),
        ("[x] 联合开发 [ ] 技术转让", ("joint",)),
        ("联合开发√、委托研发", ("joint",)),
        ("□技术转让 □联合开发", None),
        ("联合开发；委托研发", ("joint", "commission")),
    ],
)
def test_of_boxes_only_what_is_ticked_was_said(cell: str, modes: tuple[str, ...] | None) -> None:
    rows = [["企业名称", "需求名称", "合作方式"], ["青禾模具有限公司", "压铸模寿命", cell]]
    (record,) = found_in(workbook(rows), "表.xlsx").records

    assert record.values.get("coop_mode") == modes
    assert record.problems == ()
