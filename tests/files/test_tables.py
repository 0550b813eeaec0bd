"""Where tables begin and end, and which rows are records."""

from messy import NEED_HEADER, delimited, need, workbook

from matchmaker.files.findings import SkipReason
from matchmaker.files.layout import RawTable
from matchmaker.files.reading import read_file
from matchmaker.files.tables import find_tables


def tables_of(content: bytes, filename: str = "表.xlsx") -> list[RawTable]:
    return [table for sheet in read_file(content, filename).visible_sheets() for table in find_tables(sheet)]


def only(content: bytes, filename: str = "表.xlsx") -> RawTable:
    found = tables_of(content, filename)
    assert len(found) == 1
    return found[0]


def skipped(table: RawTable) -> list[tuple[str, str]]:
    return [(skip.where, skip.reason.value) for skip in table.skipped]


def test_title_rows_stand_above_the_header_and_become_the_title() -> None:
    rows = [
        ["2026年企业技术需求汇总表"],
        ["填报单位：青禾镇", None, "填报日期：2026.3.9"],
        [],
        NEED_HEADER,
        need(1),
        need(2),
    ]

    table = only(workbook(rows, merges=["A1:G1", "A2:B2"]))

    assert (table.place, table.first_data_row, len(table.body)) == ("汇总表!A4:G4", 4, 2)
    assert table.title == "2026年企业技术需求汇总表 填报单位：青禾镇 填报日期：2026.3.9"
    assert skipped(table) == [
        ("汇总表 第 1 行", "title"),
        ("汇总表 第 2 行", "title"),
        ("汇总表 第 3 行", "blank"),
    ]


def test_a_header_of_two_levels_is_read_from_its_merged_cells() -> None:
    rows = [
        ["企业名称", "需求名称", "联系人信息", None, "备注"],
        [None, None, "姓 名", "手机/电话", None],
        ["青禾模具有限公司", "耐磨涂层", "张三", "13800000000", None],
    ]

    table = only(workbook(rows, merges=["A1:A2", "B1:B2", "C1:D1", "E1:E2"]))

    assert [header.text for header in table.headers] == [
        "企业名称",
        "需求名称",
        "联系人信息/姓 名",
        "联系人信息/手机/电话",
        "备注",
    ]
    assert len(table.body) == 1


def test_a_header_of_two_levels_is_read_without_merged_cells_too() -> None:
    rows = [
        ["企业名称", "需求名称", "联系人", ""],
        ["", "", "姓名", "手机"],
        ["青禾公司", "涂层", "张三", "13800000000"],
    ]

    table = only(delimited(rows), "表.csv")

    assert [header.parts for header in table.headers] == [
        ("企业名称",),
        ("需求名称",),
        ("联系人", "姓名"),
        ("联系人", "手机"),
    ]


def test_groups_over_a_header_are_no_title() -> None:
    rows = [
        ["企业技术需求汇总表"],
        ["企业信息", None, "需求信息", None],
        ["企业名称", "联系人", "需求名称", "需求描述"],
        ["青禾公司", "张三", "涂层", "寿命不足"],
    ]

    table = only(workbook(rows, merges=["A1:D1", "A2:B2", "C2:D2"]))

    assert table.place == "汇总表!A2:D3"
    assert table.headers[2].parts == ("需求信息", "需求名称")
    assert table.title == "企业技术需求汇总表"


def test_merged_cells_are_filled_down_inside_their_range_only() -> None:
    rows = [NEED_HEADER, need(1), [2, None, *need(2)[2:]], [3, None, *need(3)[2:]], [4, None, *need(4)[2:]]]

    table = only(workbook(rows, merges=["B2:B4"]))

    assert [row.cells[1] for row in table.body] == ["青禾模具有限公司"] * 3 + [""]


def test_totals_notes_blank_lines_and_groups_are_no_records() -> None:
    rows = [
        NEED_HEADER,
        ["一、机械类"],
        need(1),
        [],
        need(2),
        ["小计", None, "2项"],
        ["二、电子类"],
        need(3),
        [4],
        ["合计", None, None, None, "150"],
        ["注：1.资金单位为万元；2.请于3月15日前报送。"],
        ["填表人：李四", None, None, "联系电话：65510000"],
    ]

    table = only(workbook(rows, merges=["A2:G2", "A7:G7", "A11:G11"]))

    assert [row.row + 1 for row in table.body] == [3, 5, 8]
    assert [skip.reason for skip in table.skipped] == [
        SkipReason.GROUP,
        SkipReason.BLANK,
        SkipReason.TOTAL,
        SkipReason.GROUP,
        SkipReason.BLANK,
        SkipReason.TOTAL,
        SkipReason.NOTE,
        SkipReason.NOTE,
    ]


def test_a_repeated_header_and_a_line_of_column_numbers_are_skipped() -> None:
    rows = [NEED_HEADER, [1, 2, 3, 4, 5, 6, 7], need(1), NEED_HEADER, need(2)]

    table = only(workbook(rows))

    assert [row.cells[0] for row in table.body] == [1.0, 2.0]
    assert [skip.reason for skip in table.skipped] == [SkipReason.HEADER, SkipReason.HEADER]


def test_an_example_line_is_no_record() -> None:
    table = only(
        workbook(
            [NEED_HEADER, ["示例", "某某公司", "某某技术", "说明", "50", "某某", "13900000000"], need(1)]
        )
    )

    assert len(table.body) == 1


def test_two_tables_of_one_sheet_are_told_apart() -> None:
    rows = [
        NEED_HEADER,
        need(1),
        [],
        ["成果名称", "完成单位", "成果简介"],
        ["涂层制备方法", "青禾大学", "一种方法"],
    ]

    found = tables_of(workbook(rows))

    assert [(table.place, len(table.body)) for table in found] == [("汇总表!A1:G1", 1), ("汇总表!A4:C4", 1)]


def test_a_list_of_unknown_words_is_found_by_its_shape() -> None:
    table = only(
        delimited([["Kennzahlen 2026", "", ""], [], ["year", "city", "count"], ["2024", "X", "1"]]), "a.csv"
    )

    assert ([header.text for header in table.headers], len(table.body)) == (["year", "city", "count"], 1)


def test_a_sheet_of_numbers_has_no_table() -> None:
    assert tables_of(delimited([["1", "2", "3"], ["4", "5", "6"]]), "a.csv") == []
