"""The needs of `hard_layouts` as filled-in forms, one need to a sheet or Word table."""

import io
from collections.abc import Callable

from hard_layouts import NEEDS, Grid, Need, below_each_other, money
from messy import fill, saved

FormMaker = Callable[[Need], Grid]


def two_pairs_a_row(need: Need) -> Grid:
    """The usual 征集表: section lines, spaced labels, values merged over the rest of the row."""
    return Grid(
        [
            ["企业技术需求征集表"],
            ["一、企业基本情况"],
            ["企 业 名 称", need.firm, "", "所在\n乡镇", need.town],
            ["联　系　人", need.contact, "", "联系电话", need.phone],
            ["二、技术需求情况"],
            ["需求名称", need.title],
            ["需求描述\n（请说明现状、难点）", need.problem],
            ["拟投入资金（万元）", money(need), "", "需求时限", "12个月"],
            ["合作方式", "□技术转让  ☑联合开发  □委托开发  □其他"],
            ["本单位承诺所填内容真实。\n                  （盖章）      年   月   日"],
        ],
        ["A1:E1", "A2:E2", "B3:C3", "B4:C4", "A5:E5", "B6:E6", "B7:E7", "B8:C8", "B9:E9", "A10:E10"],
    )


def sections_down_the_left(need: Need) -> Grid:
    """Section names stand upright in merged cells left of the labels."""
    return Grid(
        [
            ["技术需求表"],
            ["企业\n信息", "企业名称", need.firm, "所在乡镇", need.town],
            ["", "联系人", need.contact, "联系电话", need.phone],
            ["需求\n信息", "需求名称", need.title],
            ["", "需求描述", need.problem],
            ["", "拟投入资金（万元）", money(need)],
        ],
        ["A1:E1", "A2:A3", "A4:A6", "C4:E4", "C5:E5", "C6:E6"],
    )


def labels_above(need: Need) -> Grid:
    """Each row of labels has its values in the row below."""
    return Grid(
        [
            ["企业技术需求登记表"],
            ["企业名称", "所在乡镇", "联系人", "联系电话"],
            [need.firm, need.town, need.contact, need.phone],
            ["需求名称", "", "拟投入资金（万元）", ""],
            [need.title, "", money(need), ""],
            ["需求描述"],
            [need.problem],
        ],
        ["A1:D1", "A4:B4", "A5:B5", "C4:D4", "C5:D5", "A6:D6", "A7:D7"],
    )


def label_and_value_in_one_cell(need: Need) -> Grid:
    """名称：内容 in each cell, two to a row."""
    amount = "面议" if need.amount is None else f"{need.amount}万元"
    return Grid(
        [
            ["技术需求表"],
            [f"企业名称：{need.firm}", f"所在乡镇：{need.town}"],
            [f"联系人: {need.contact}", f"联系电话: {need.phone}"],
            [f"需求名称：{need.title}", f"拟投入资金：{amount}"],
            [f"需求描述：{need.problem}"],
        ]
    )


def labels_no_list_has(need: Need) -> Grid:
    """Labels in other words; they stand where labels stand, so none may be lost without a word."""
    return Grid(
        [
            ["需求征集表"],
            ["单位全称（盖章）", need.firm, "属地镇街", need.town],
            ["对接人姓名", need.contact, "对接人手机", need.phone],
            ["需求项目题目", need.title],
            ["技术难点与痛点说明", need.problem],
            ["拟投入经费（万元）", money(need)],
        ],
        ["A1:D1", "B4:D4", "B5:D5", "B6:D6"],
    )


def values_over_several_rows(need: Need) -> Grid:
    """The long value is merged over rows and columns; its label over the same rows."""
    return Grid(
        [
            ["需求表"],
            ["企业名称", need.firm, "所在乡镇", need.town],
            ["需求名称", need.title, "拟投入资金（万元）", money(need)],
            ["需求描述", need.problem],
            [],
            [],
            ["联系人", need.contact, "联系电话", need.phone],
        ],
        ["A1:D1", "A4:A6", "B4:D6"],
    )


def numbered_labels(need: Need) -> Grid:
    """A form that counts its labels in the first column."""
    pairs = [
        ("企业名称", need.firm),
        ("所在乡镇", need.town),
        ("需求名称", need.title),
        ("需求描述", need.problem),
        ("拟投入资金（万元）", money(need)),
        ("联系人", need.contact),
        ("联系电话", need.phone),
    ]
    return Grid(
        [
            ["需求表"],
            ["序号", "项目", "内容"],
            *([n, label, value] for n, (label, value) in enumerate(pairs, 1)),
        ]
    )


def with_a_gap_column(need: Need) -> Grid:
    """An empty narrow column stands between labels and values."""
    pairs = [
        ("企业名称", need.firm),
        ("所在乡镇", need.town),
        ("需求名称", need.title),
        ("需求描述", need.problem),
    ]
    more = [("拟投入资金（万元）", money(need)), ("联系人", need.contact), ("联系电话", need.phone)]
    return Grid([["需求表"], *([label, "", value] for label, value in (*pairs, *more))])


FORMS: dict[str, FormMaker] = {
    "two pairs a row, sections between": two_pairs_a_row,
    "sections down the left": sections_down_the_left,
    "labels above their values": labels_above,
    "label and value in one cell": label_and_value_in_one_cell,
    "labels that no list has": labels_no_list_has,
    "values over several rows": values_over_several_rows,
    "numbered labels under a header": numbered_labels,
    "an empty column between label and value": with_a_gap_column,
}


def stacked(make: FormMaker) -> Grid:
    """Return all needs as forms one below the other on one sheet."""
    return below_each_other(*(make(need) for need in NEEDS), gap=2)


def on_sheets(make: FormMaker) -> bytes:
    """Return a workbook with a sheet per form."""
    import openpyxl

    book = openpyxl.Workbook()
    for number, need in enumerate(NEEDS):
        grid = make(need)
        fill(book.create_sheet(f"表{number}") if number else book.active, grid.rows, merges=grid.merges)
    return saved(book)


def in_word(make: FormMaker) -> bytes:
    """Return a document with a table per form."""
    import docx
    from openpyxl.utils import range_boundaries

    document = docx.Document()
    for grid in map(make, NEEDS):
        document.add_paragraph("需求表")
        table = document.add_table(rows=len(grid.rows), cols=max(len(cells) for cells in grid.rows))
        for merge in grid.merges:
            left, top, right, bottom = range_boundaries(merge)
            table.cell(top - 1, left - 1).merge(table.cell(bottom - 1, right - 1))
        for row, cells in enumerate(grid.rows):
            for column, cell in enumerate(cells):
                if cell not in ("", None):
                    table.cell(row, column).text = str(cell)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
