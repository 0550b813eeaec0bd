"""One list of four needs, laid out in every way that bureaus lay lists out; all of it is invented.

Each function returns a grid and its merged ranges; what the reader must find in any of them is
`NEEDS`, cell by cell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from matchmaker.files.book import column_letters
from matchmaker.files.findings import Record


@dataclass(frozen=True, slots=True)
class Need:
    """What one row says; `amount` in 万元, None for 面议."""

    firm: str
    town: str
    title: str
    problem: str
    amount: float | None
    contact: str
    phone: str


NEEDS = (
    Need(
        "青禾模具有限公司",
        "白溪乡",
        "压铸模寿命提升",
        "用到两万模次就龟裂，想到五万模次以上。",
        50,
        "周一诺",
        "13800000001",
    ),
    Need(
        "白溪文具有限公司",
        "山头街道",
        "水性墨水防干",
        "开盖两小时断墨，要求24小时仍可书写。",
        120,
        "林晓",
        "13800000002",
    ),
    Need(
        "海雀汽配股份有限公司",
        "长街镇",
        "灯罩注塑件翘曲控制",
        "翘曲量 0.8 mm，需降到 0.3 mm 以内。",
        8.5,
        "陈望舒",
        "13800000003",
    ),
    Need(
        "临澜老酒坊有限公司",
        "长街镇",
        "黄酒糟资源化利用",
        "每年三千吨酒糟无处可去，堆放有异味。",
        None,
        "吴桐",
        "0574-65510000",
    ),
)

Cells = list[list[object]]


@dataclass(slots=True)
class Grid:
    """Rows from A1 on, and merged ranges as in A1:B2."""

    rows: Cells
    merges: list[str] = field(default_factory=list)


def money(need: Need, *, unit: float = 1) -> object:
    """Return the amount as it stands under a header of 万元 divided by `unit`; 面议 without one."""
    return "面议" if need.amount is None else round(need.amount * unit, 6)


HEADER = ["序号", "企业名称", "所在乡镇", "需求名称", "需求描述", "拟投入资金（万元）", "联系人", "联系电话"]


def row(number: int, need: Need, *, unit: float = 1) -> list[object]:
    """Return one row under HEADER."""
    return [
        number,
        need.firm,
        need.town,
        need.title,
        need.problem,
        money(need, unit=unit),
        need.contact,
        need.phone,
    ]


def body() -> Cells:
    """Return all rows under HEADER."""
    return [row(number, need) for number, need in enumerate(NEEDS, 1)]


def as_read(record: Record) -> Need:
    """Return what was read of one row."""
    values = record.plain()
    budget = values.get("budget") or {}
    low = budget.get("low_fen")
    phones = values.get("contact_mobile") or values.get("contact_tel") or [{"number": ""}]
    return Need(
        firm=values.get("enterprise_name", ""),
        town=values.get("region", ""),
        title=values.get("title", ""),
        problem=values.get("problem", ""),
        amount=None if budget.get("negotiable") else -1 if low is None else low / 1_000_000,
        contact=values.get("contact_name", ""),
        phone=phones[0]["number"],
    )


def header_in_row_8() -> Grid:
    rows: Cells = [
        ["附件2"],
        [],
        ["临澜县2026年企业技术需求汇总表"],
        ["填报单位（盖章）：临澜县科技局", "", "", "填报日期：2026年3月5日"],
        ["联系人：王某", "", "联系电话：0574-65500000"],
        ["填表说明：每项需求填一行，金额以万元为单位。"],
        [],
        HEADER,
        *body(),
    ]
    return Grid(rows, ["A3:H3", "A6:H6"])


def from_column_d() -> Grid:
    return Grid([[], [], *([None, None, None, *cells] for cells in (["技术需求清单"], HEADER, *body()))])


def three_levels() -> Grid:
    rows: Cells = [
        ["2026年度技术需求汇总表"],
        ["序号", "企业信息", "", "", "", "需求信息", "", ""],
        ["", "企业名称", "所在乡镇", "联系方式", "", "需求名称", "内容", ""],
        ["", "", "", "联系人", "手机", "", "需求描述", "拟投入资金（万元）"],
        *(
            [n, x.firm, x.town, x.contact, x.phone, x.title, x.problem, money(x)]
            for n, x in enumerate(NEEDS, 1)
        ),
    ]
    merges = ["A1:H1", "A2:A4", "B2:E2", "F2:H2", "B3:B4", "C3:C4", "D3:E3", "F3:F4", "G3:H3"]
    return Grid(rows, merges)


def two_levels_without_merges() -> Grid:
    rows: Cells = [
        ["序号", "企业名称", "所在乡镇", "需求名称", "需求描述", "拟投入资金（万元）", "联系人", ""],
        ["", "", "", "", "", "", "姓名", "电话"],
        *body(),
    ]
    return Grid(rows)


def printed_in_pages() -> Grid:
    rows: Cells = [["技术需求汇总表"], HEADER, row(1, NEEDS[0]), row(2, NEEDS[1])]
    rows += [["本页小计", "", "", "", "", 170], ["第 1 页 共 2 页"], ["技术需求汇总表（续）"], HEADER]
    rows += [row(3, NEEDS[2]), row(4, NEEDS[3]), ["本页小计", "", "", "", "", 8.5]]
    rows += [["总　计", "", "", "4项", "", 178.5], ["第 2 页 共 2 页"]]
    return Grid(rows)


def totals_by_town() -> Grid:
    rows: Cells = [HEADER]
    for number, need in enumerate(NEEDS[:2], 1):
        rows += [row(number, need), [f"{need.town}小计", "", "", "1项", "", need.amount]]
    rows += [
        row(3, NEEDS[2]),
        row(4, NEEDS[3]),
        ["长街镇 小计：2 项", "", "", "", "", 8.5],
        ["合  计", "", "", 4, "", 178.5],
    ]
    return Grid(rows)


def notes_below() -> Grid:
    rows: Cells = [HEADER, *body(), []]
    rows += [["注：1.“拟投入资金”指企业自筹部分；"], ["    2.请于3月20日前报送。"]]
    rows += [
        ["制表人：王某", "", "审核人：李某", "", "", "日期：2026-03-05"],
        ["（盖章）"],
        ["填表人：赵某　　联系电话：65500000"],
    ]
    return Grid(rows, ["A7:H7", "A8:H8"])


def blank_rows_and_columns() -> Grid:
    spread: Cells = [[*cells[:3], None, *cells[3:6], None, None, *cells[6:]] for cells in (HEADER, *body())]
    rows: Cells = []
    for cells in spread:
        rows += [cells, [], []]
    return Grid(rows)


def towns_merged_at_the_left() -> Grid:
    rows: Cells = [
        ["所在乡镇", "序号", "企业名称", "需求名称", "需求描述", "拟投入资金（万元）", "联系人", "联系电话"]
    ]
    for number, need in enumerate(NEEDS, 1):
        town = need.town if number != 4 else None
        rows.append(
            [town, number, need.firm, need.title, need.problem, money(need), need.contact, need.phone]
        )
    return Grid(rows, ["A4:A5"])


def towns_as_lines() -> Grid:
    rows: Cells = [[cell for cell in HEADER if cell != "所在乡镇"]]
    towns: list[str] = []
    for number, need in enumerate(NEEDS, 1):
        if need.town not in towns:
            towns.append(need.town)
            rows.append([f"{'一二三'[len(towns) - 1]}、{need.town}"])
        rows.append([cell for cell in row(number, need) if cell != need.town])
    return Grid(rows)


def unit_above_the_table() -> Grid:
    plain = [cell if cell != "拟投入资金（万元）" else "拟投入资金" for cell in HEADER]
    rows: Cells = [["技术需求汇总表"], ["", "", "", "", "", "", "金额单位：元"], plain]
    return Grid([*rows, *(row(n, need, unit=10_000) for n, need in enumerate(NEEDS, 1))])


def unit_in_the_header(unit: str, factor: float) -> Callable[[], Grid]:
    def made() -> Grid:
        header = [cell if "资金" not in cell else f"拟投入资金\n{unit}" for cell in HEADER]
        return Grid([header, *(row(n, need, unit=factor) for n, need in enumerate(NEEDS, 1))])

    return made


def unit_in_its_own_row() -> Grid:
    plain = [cell if cell != "拟投入资金（万元）" else "拟投入资金" for cell in HEADER]
    units = ["", "", "", "", "", "（元）", "", ""]
    return Grid([plain, units, *(row(n, need, unit=10_000) for n, need in enumerate(NEEDS, 1))])


def column_numbers_below_the_header() -> Grid:
    return Grid([HEADER, [1, 2, 3, 4, 5, 6, 7, 8], *body()])


def column_letters_below_the_header() -> Grid:
    return Grid([HEADER, ["甲", "乙", "丙", "丁", "戊", 1, "己", "庚"], *body()])


def spaced_words() -> Grid:
    header = [
        "序\n号",
        "企 业 名 称",
        "所 在\n乡 镇",
        "★需求名称*",
        "需求描述（不少于50字，可另附页）",
        "拟投入资金\n（万元）",
        "联　系　人",
        "联系电话：",
    ]
    return Grid([header, *body()])


def unlisted_words() -> Grid:
    header = [
        "编码",
        "单位全称（盖章）",
        "属地镇街",
        "需求项目题目",
        "问题现状及难点描述",
        "拟投入经费（万元）",
        "对接人姓名",
        "对接人手机",
    ]
    return Grid([header, *body()])


def other_unlisted_words() -> Grid:
    header = [
        "#",
        "技术需求提出单位",
        "所处乡镇（街道、园区）",
        "拟攻关技术名称",
        "技术难点与痛点说明",
        "计划研发经费预算/万元",
        "项目对接联络人",
        "联络人联系手机号",
    ]
    return Grid([header, *body()])


def english_words() -> Grid:
    header = [
        "No.",
        "Company 企业名称",
        "Town 乡镇",
        "需求名称 Title",
        "需求描述 Description",
        "Budget 拟投入资金(万元)",
        "Contact 联系人",
        "Tel. 联系电话",
    ]
    return Grid([header, *body()])


def transposed() -> Grid:
    columns = [HEADER, *body()]
    return Grid([["技术需求一览"], *([column[place] for column in columns] for place in range(len(HEADER)))])


def contact_in_one_cell() -> Grid:
    rows: Cells = [[*HEADER[:6], "联系人及联系方式"]]
    seps = ("，", "\n", " ", "：")
    for number, (need, sep) in enumerate(zip(NEEDS, seps, strict=True), 1):
        rows.append([*row(number, need)[:6], f"{need.contact}{sep}{need.phone}"])
    return Grid(rows)


def an_example_row() -> Grid:
    example = ["示例", "XX有限公司", "XX镇", "XX技术", "说明要解决什么问题", 100, "张三", "13900000000"]
    return Grid([["技术需求表"], HEADER, example, *body()])


def empty_numbered_rows() -> Grid:
    return Grid([HEADER, *body(), *([number] for number in range(5, 30))])


def firms_merged_down() -> Grid:
    """The same firm with two needs is named once, its telephone and town too."""
    rows: Cells = [HEADER, *body()]
    rows.insert(2, [2, None, None, *row(2, NEEDS[1])[3:6], None, None])
    return Grid(rows, ["B2:B3", "C2:C3", "G2:G3", "H2:H3"])


def cells_merged_across() -> Grid:
    """Every wide column covers two columns of the sheet, in the header and in each row."""
    rows: Cells = []
    for cells in (HEADER, *body()):
        rows.append([*cells[:4], cells[4], None, None, *cells[5:]])
    return Grid(rows, [f"E{number}:G{number}" for number in range(1, len(rows) + 1)])


def title_in_every_column() -> Grid:
    """A title that was filled into each cell, as exports without merged cells do."""
    return Grid([["技术需求汇总表"] * 8, HEADER, *body()])


GRIDS: dict[str, Callable[[], Grid]] = {
    "the header in row 8, a form's lines above": header_in_row_8,
    "the table begins in column D": from_column_d,
    "a header of three levels": three_levels,
    "a header of two levels without merged cells": two_levels_without_merges,
    "printed in pages": printed_in_pages,
    "totals by town": totals_by_town,
    "notes and signatures below": notes_below,
    "blank rows and columns between": blank_rows_and_columns,
    "towns merged at the left": towns_merged_at_the_left,
    "the unit of money above the table": unit_above_the_table,
    "the unit of money in a row of its own": unit_in_its_own_row,
    "amounts in yuan": unit_in_the_header("（元）", 10_000),
    "amounts in ten thousands of yuan, in words": unit_in_the_header("单位：万元", 1),
    "amounts in hundreds of millions": unit_in_the_header("[亿元]", 0.0001),
    "amounts in thousands": unit_in_the_header("/千元", 10),
    "numbers of columns below the header": column_numbers_below_the_header,
    "letters of columns below the header": column_letters_below_the_header,
    "spaces, line breaks and marks in the header": spaced_words,
    "header words that no list has": unlisted_words,
    "other header words that no list has": other_unlisted_words,
    "headers in two languages": english_words,
    "records side by side, fields down": transposed,
    "person and number in one cell": contact_in_one_cell,
    "an example before the first row": an_example_row,
    "numbered rows that nobody filled in": empty_numbered_rows,
    "columns merged across": cells_merged_across,
    "the title in every column": title_in_every_column,
}


def shifted(merge: str, rows: int, columns: int) -> str:
    """Return a merged range moved down and to the right."""
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(merge)
    corners = ((left, top), (right, bottom))
    return ":".join(f"{column_letters(column - 1 + columns)}{row + rows}" for column, row in corners)


def below_each_other(*grids: Grid, gap: int = 2) -> Grid:
    """Return the grids one under the other."""
    whole = Grid([])
    for grid in grids:
        whole.merges += [shifted(merge, len(whole.rows), 0) for merge in grid.merges]
        whole.rows += [*grid.rows, *([] for _ in range(gap))]
    return whole


def side_by_side(left: Grid, right: Grid, *, gap: int = 1) -> Grid:
    """Return two grids beside each other."""
    width = max(len(cells) for cells in left.rows) + gap
    rows: Cells = []
    for place in range(max(len(left.rows), len(right.rows))):
        cells = list(left.rows[place]) if place < len(left.rows) else []
        cells += [None] * (width - len(cells))
        rows.append(cells + (list(right.rows[place]) if place < len(right.rows) else []))
    return Grid(rows, [*left.merges, *(shifted(merge, 0, width) for merge in right.merges)])


def table_of(rows: Sequence[Sequence[object]]) -> Grid:
    """Return plain rows as a grid."""
    return Grid([list(cells) for cells in rows])
