"""Which tables are read together: forms of one layout, a Word table that goes on; and what is not read."""

import re
from collections.abc import Iterator, Sequence

from matchmaker.domain.parsed import plain_text
from matchmaker.files import evidence, form_parts, forms, tables, transposed
from matchmaker.files.book import Book, Cell, Sheet
from matchmaker.files.headers import SERIAL_HEADERS, RecordKind, clean_header, count_known, is_known, look_up
from matchmaker.files.headers import fields as fields_of
from matchmaker.files.layout import Header, RawTable
from matchmaker.files.transposed import STRICT_TYPES

_HEADER_ROWS = 3
_UNDERSTOOD_HEADERS = 2
_SHEETS_NAMED = 10
_ALIKE = 0.7
_ROWS_TRIED = 200
_MOSTLY_NUMBERS = 0.6
_REFERENCE = re.compile(
    r"目录|封面|首页|.*(?:填表|填报|填写|使用|导入)?(?:说明|须知|指南)|.*(?:字典|下拉|选项|代码表|参数|枚举|码表|数据源|基础数据)(?:表|项|值)?"
    r"|.*(?:统计|分析)(?:表|图)?|图表|透视表?|汇总统计|dict(?:ionary)?|lookups?|options?|readme|instructions?",
    re.IGNORECASE,
)

_SAMPLE = re.compile(r".{0,8}(?:示例|样例|范例|样表|例表)(?:[（(].{0,8}[)）])?")


def tables_of(book: Book) -> Iterator[list[RawTable]]:
    """Yield each table with those that go on with it; forms of one layout together, however many sheets."""
    waiting: list[RawTable] = []
    last: list[RawTable] | None = None
    for sheet in _filled_in(book):
        if last is not None and (_goes_on(sheet, last[0]) or _fits_below(sheet, last)):
            last.append(tables.continued_table(sheet, last[0]))
            continue
        if last is not None:
            yield last
            last = None
        if found := transposed.find_transposed(sheet, few=True):
            yield found
        elif found := forms.find_forms(sheet):
            waiting += found
        elif found := transposed.find_transposed(sheet):
            yield found
        elif found := tables.find_tables(sheet):
            yield from ([table] for table in found[:-1])
            last = [found[-1]]
    if last is not None:
        yield last
    for _, alike in forms.join_alike(form_parts.made_whole(waiting)):
        yield alike


def _filled_in(book: Book) -> Iterator[Sheet]:
    left_out = {sheet.name for sheet in samples_in(book)}
    sheets = (sheet for sheet in book.visible_sheets() if sheet.name not in left_out)
    return (sheet for sheet in sheets if not forms.is_blank_form(sheet))


def _goes_on(sheet: Sheet, above: RawTable) -> bool:
    """Whether a Word table without title and header goes on with the one above, whose header is understood.

    Word parts a table at a page break when somebody pasted it in pieces.
    """
    if sheet.heading or above.sheet.place != "word" or sheet.place != "word":
        return False
    width = max((len(row) for row in sheet.rows), default=0)
    understood = sum(is_known(header.parts[-1]) for header in above.headers)
    headed = any(count_known(row) for row in sheet.rows[:_HEADER_ROWS])
    return width == len(above.headers) and understood >= _UNDERSTOOD_HEADERS and not headed


def _fits_below(sheet: Sheet, parts: Sequence[RawTable]) -> bool:
    """Whether a sheet without a header goes on with the list of the sheet before: its cells are of one kind.

    At least two columns whose kind can be told (telephones, amounts, words of a list of choices) must hold it
    on every row but a few; of a sheet that counts on where the list above ended, one, or what is left to say
    is that the same columns are filled.
    """
    above = parts[0]
    if sheet.place != "cells" or above.sheet.place != "cells" or not sheet.rows:
        return False
    if any(count_known(row) for row in sheet.rows[:_HEADER_ROWS]):
        return False
    named = {header.index: header for header in above.headers if header.parts != ("",)}
    used = {column for row in sheet.rows for column, cell in enumerate(row) if cell != ""}
    if not used or not used <= set(named) or len(used) * 3 < 2 * len(named):
        return False
    fits = [
        fit
        for column in used
        if (
            fit := _fit_of(
                named[column], [row[column] for row in sheet.rows[:_ROWS_TRIED] if column < len(row)]
            )
        )
        is not None
    ]
    if fits and min(fits) < _ALIKE:
        return False
    return len(fits) >= _UNDERSTOOD_HEADERS or _counts_on(sheet, parts[-1], named)


def _counts_on(sheet: Sheet, above: RawTable, named: dict[int, Header]) -> bool:
    """Whether the first row of a sheet bears the serial number after the last one of the list above."""
    serials = [index for index, header in named.items() if clean_header(header.parts[-1]) in SERIAL_HEADERS]
    if not serials or not above.body:
        return False
    last, first = above.body[-1].cells, sheet.rows[0]
    said = [plain_text(cells[serials[0]]) if serials[0] < len(cells) else "" for cells in (last, first)]
    return all(text.isdecimal() for text in said) and int(said[1]) == int(said[0]) + 1


def _fit_of(header: Header, cells: Sequence[Cell]) -> float | None:
    """Return how well cells suit the strict field that a header names; None where any text would do."""
    named = [fields_of(kind)[name] for kind in RecordKind for name in look_up(kind, header.parts)[:1]]
    strict = [field for field in named if field.type in STRICT_TYPES or field.type.startswith("enum")]
    said = evidence.filled(cells)
    return (
        max(evidence.fit(field, said, header=header.text) or 0.0 for field in strict)
        if strict and said
        else None
    )


def gone_on(group: Sequence[RawTable]) -> list[str]:
    """Say which tables were read as going on with the one before."""
    first = group[0]
    if any(part.other_parts for part in group):
        sheets = [sheet for part in group for sheet in (*part.other_parts, part.sheet)]
        names = list(dict.fromkeys(sheet.name for sheet in sheets))
        return [f"{_listed(names)}是同一份表的几部分，合在一起读入，请核对。"]
    more = [part.sheet.name for part in group[1:] if not part.title and part.headers is first.headers]
    if not more:
        return []
    if first.sheet.place != "word":
        return [f"工作表{_listed(more)}没有表头，按“{first.sheet.name}”的续表读入，请核对。"]
    return [f"{_listed(more)}没有表头，列数与“{first.sheet.name}”相同，按它的续表读入，请核对。"]


def is_reference(table: RawTable, book: Book) -> bool:
    """Whether one sheet of several tells how to fill in the others, holds their words, or counts them."""
    if len(list(book.visible_sheets())) == 1:
        return False
    return bool(_REFERENCE.fullmatch(table.sheet.name.strip())) or _counts(table)


def samples_in(book: Book) -> list[Sheet]:
    """Return the sheets that show how others are filled in: 填写示例, 样表; none without others."""
    sheets = list(book.visible_sheets())
    shown = [sheet for sheet in sheets if _SAMPLE.fullmatch(sheet.name.strip())]
    others = [
        sheet for sheet in sheets if sheet not in shown and not _REFERENCE.fullmatch(sheet.name.strip())
    ]
    filled = any(sheet.rows and not forms.is_blank_form(sheet) for sheet in others) if shown else False
    return shown if filled else []


def _counts(table: RawTable) -> bool:
    """Whether most of what stands below a header are numbers: 月份, 合同数, 成交额."""
    said = [cell for row in table.body[:_ROWS_TRIED] for cell in row.cells if cell != ""]
    numbers = sum(isinstance(cell, (int, float)) for cell in said)
    return numbers >= _MOSTLY_NUMBERS * len(said) > 0


def passed_over(sheets: Sequence[Sheet]) -> list[str]:
    """Say which sheets are no lists but tell how to fill in one."""
    names = list(dict.fromkeys(sheet.name for sheet in sheets))
    return [f"工作表{_listed(names)}是填写说明、示例、选项或统计，没有导入。"] if names else []


def unread(book: Book, *, read: Sequence[Sheet], empty: Sequence[Sheet]) -> list[str]:
    """Say which sheets or Word tables gave no record because there is no header, or nothing below it."""
    names = {sheet.name for sheet in read}
    bare = list(dict.fromkeys(sheet.name for sheet in empty if sheet.name not in names))
    lost = [
        sheet.name
        for sheet in book.visible_sheets()
        if sheet.name not in names and sheet.name not in bare and _says_something(sheet)
    ]
    what = "" if book.format == "docx" else "工作表"
    said = []
    sheets = {sheet.name: sheet for sheet in book.visible_sheets()}
    unfilled = [name for name in lost if forms.is_blank_form(sheets[name])]
    lost = [name for name in lost if name not in unfilled]
    if unfilled:
        said.append(f"{what}{_listed(unfilled) if any(unfilled) else '文件'}是没有填写的空表，没有导入。")
    if bare and any(bare):
        said.append(f"{what}{_listed(bare)}里只有表头，下面没有可导入的行。")
    elif bare:
        said.append("文件里只有表头，下面没有可导入的行。")
    if lost == [""]:
        said.append("文件里没有找到表头，没有可导入的记录；请确认第一行是列名。")
    elif lost:
        said.append(f"{what}{_listed(lost)}里没有找到表头，没有导入。")
    return said


def _says_something(sheet: Sheet) -> bool:
    """Whether a sheet has more than one line, or more than one cell or label in it."""
    several = len(sheet.rows) > 1 or any(sum(cell != "" for cell in row) > 1 for row in sheet.rows)
    return several or forms.is_blank_form(sheet)


def _listed(names: Sequence[str]) -> str:
    shown = "、".join(f"“{name}”" for name in names[:_SHEETS_NAMED])
    return shown + (f"等 {len(names)} 处" if len(names) > _SHEETS_NAMED else "")
