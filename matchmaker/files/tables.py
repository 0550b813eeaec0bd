"""Where the tables of a sheet are: title rows, header rows, data rows, and rows that are none of these."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from matchmaker.files.bands import bands
from matchmaker.files.book import Cell, Sheet, column_letters
from matchmaker.files.contact_lines import line_above
from matchmaker.files.findings import Skipped, SkipReason
from matchmaker.files.headers import (
    RETURNED_COLUMNS,
    SERIAL_HEADERS,
    clean_header,
    count_known,
    is_known,
    mostly_known,
)
from matchmaker.files.layout import Body, Header, RawTable, Spans, is_blank, shown
from matchmaker.files.leftovers import tells_what_to_write
from matchmaker.files.option_columns import join_options
from matchmaker.files.part_columns import join_parts
from matchmaker.files.repeated_columns import split_repeated
from matchmaker.files.row_judge import RowJudge, begins_group, is_unit, is_unit_row
from matchmaker.files.side_notes import without_side_notes
from matchmaker.files.signatures import signature_lines

_ROWS_SEARCHED = 60
_ROWS_SEARCHED_FAR = 1_000
_SURE_HEADERS = 3
_DEEPEST_HEADER = 6
_MOST = 0.8
_FEWEST_GROUPS = 2
_GROUP = re.compile(
    "(?:企业|单位|技术|基本|联[系络]人?|合作|对接|成果|项目|需求|完成人|负责人|团队|转化|投入|资金|知识产权|专利|其他|备注)*"
    "(?:信息|情况|需求|资料|要求|意愿|意向|概况|联[系络]方式|联[系络]人|成果|备注)"
)
_LONGEST_WORD = 40


def find_tables(sheet: Sheet) -> list[RawTable]:
    """Return the tables of a sheet, from top to bottom; none when there is no header to be found.

    Rows above the header become the title, a second header further down (after a gap) starts
    another table, the same header again is skipped. Tables side by side, with an empty column
    between them, are read one after the other.
    """
    listed, advice = without_side_notes(sheet)
    tables = [table for band in bands(listed) for table in _tables_below(band)]
    if advice and tables:
        note = Skipped(where=tables[0].place, reason=SkipReason.NOTE, text=advice)
        tables[0].skipped.insert(0, note)
    return tables


def _tables_below(sheet: Sheet) -> list[RawTable]:
    spans = Spans(sheet)
    tables: list[RawTable] = []
    start = 0
    while (found := _find_header(sheet, spans, start)) is not None:
        first, last = found
        table = _open_table(sheet, spans, start, first, last)
        tables.append(table)
        above, start = start, _collect_rows(table, spans, last + 1)
        _note_group_above(table, above, first)
        table.headers = _without_covered(table, spans)
        _make_whole(table)
        if start >= len(sheet.rows):
            break
    return tables


def continued_table(sheet: Sheet, above: RawTable) -> RawTable:
    """Return a sheet without a header as rows under the header of another one."""
    table = RawTable(sheet=sheet, title="", place=sheet.where(0), headers=above.as_written, first_data_row=0)
    _collect_rows(table, Spans(sheet), 0)
    _make_whole(table)
    table.headers = above.headers
    return table


def _make_whole(table: RawTable) -> None:
    """Put together what stands in several columns, and part what stands in one row."""
    table.as_written = table.headers
    join_options(table)
    join_parts(table)
    split_repeated(table)


def _find_header(sheet: Sheet, spans: Spans, start: int) -> tuple[int, int] | None:
    """Return the first and last row of the next header from row `start` on."""
    window = range(start, min(start + _ROWS_SEARCHED, len(sheet.rows)))
    known = {row: count_known(sheet.rows[row]) for row in window}
    best = max(window, key=lambda row: (known[row], -row), default=None)
    if best is None:
        return None
    best = next((row for row in window if row < best and _is_smaller_list(sheet, known, row, best)), best)
    filled = sum(cell != "" for cell in sheet.rows[best])
    alone = known[best] == 1 == filled and _is_single_column(sheet, start)
    if (known[best] >= 2 and known[best] * 2 >= filled) or alone:
        return _levels(sheet, spans, best, start)
    if start:
        return None
    return _far_header(sheet, spans) or _header_by_shape(sheet, spans, window)


def _is_smaller_list(sheet: Sheet, known: Mapping[int, int], row: int, best: int) -> bool:
    """Whether a row above the one of most known words is the header of a list of its own, with rows below."""
    filled = sum(cell != "" for cell in sheet.rows[row])
    if known[row] < _SURE_HEADERS or known[row] < filled:
        return False
    below = [at for at in range(row + 1, best) if any(not is_blank(cell) for cell in sheet.rows[at])]
    if not below or below[0] != row + 1 or known[row + 1]:
        return False
    blank = any(all(is_blank(cell) for cell in sheet.rows[at]) for at in range(row + 2, best))
    titled = any(sum(not is_blank(cell) for cell in sheet.rows[at]) == 1 for at in below[1:])
    return (blank or titled) and sum(not is_blank(cell) for cell in sheet.rows[row + 1]) * 2 >= filled


def _far_header(sheet: Sheet, spans: Spans) -> tuple[int, int] | None:
    """Return the first header of known words below the rows usually searched: there may be pages of notes."""
    for row in range(_ROWS_SEARCHED, min(_ROWS_SEARCHED_FAR, len(sheet.rows))):
        known = count_known(sheet.rows[row])
        if known >= _SURE_HEADERS and known * 2 >= sum(cell != "" for cell in sheet.rows[row]):
            return _levels(sheet, spans, row, 0)
    return None


def _is_single_column(sheet: Sheet, start: int) -> bool:
    return all(sum(cell != "" for cell in row) <= 1 for row in sheet.rows[start : start + _ROWS_SEARCHED])


def _levels(sheet: Sheet, spans: Spans, row: int, start: int) -> tuple[int, int]:
    """Return the rows of the header around its richest row: one level or two."""
    first = row
    last = _deepest(spans, row)
    if last == row and _is_lower_level(sheet, spans, row):
        last = row + 1
    while first > start and row - first < _DEEPEST_HEADER and _belongs_above(sheet, spans, first, row):
        first -= 1
    if last + 1 < len(sheet.rows) and is_unit_row(sheet.rows[last + 1]):
        last += 1
    return first, last


def _belongs_above(sheet: Sheet, spans: Spans, first: int, row: int) -> bool:
    """Whether the row above `first` is a level of the header, too: it groups columns or reaches into it."""
    upper = sheet.rows[first - 1]
    reaches_down = any(
        cell != ""
        and (merge := spans.starts.get((first - 1, column))) is not None
        and merge.last_row >= first
        for column, cell in enumerate(upper)
    )
    return reaches_down or _is_group_level(sheet, spans, first - 1, row)


def _deepest(spans: Spans, row: int) -> int:
    """Return the last row that a merged cell of a header row reaches down to."""
    return max(
        (
            min(merge.last_row, spans.last_row)
            for (first_row, _), merge in spans.starts.items()
            if first_row == row and merge.last_row - row < _DEEPEST_HEADER
        ),
        default=row,
    )


def _is_unit(text: str) -> bool:
    """Whether the lowest level of a header only says in which unit its column is: （月）, 万元."""
    return is_unit(text) and (text[:1] in "(（" or text.endswith("元"))


def _is_lower_level(sheet: Sheet, spans: Spans, row: int) -> bool:
    """Whether the next row names parts of columns of this one: 联系人 over 姓名 and 电话."""
    if row + 1 >= len(sheet.rows):
        return False
    upper, lower = sheet.rows[row], sheet.rows[row + 1]
    named = [column for column, cell in enumerate(lower) if cell != ""]
    if not named or not all(is_known(lower[column]) for column in named):
        return False
    below_nothing = [column for column in named if column >= len(upper) or upper[column] == ""]
    left_out = [column for column, cell in enumerate(upper) if cell != "" and column not in named]
    wide = any(spans.width_at(row, column) > 1 for column, cell in enumerate(upper) if cell != "")
    return bool(left_out) and (bool(below_nothing) or wide)


def _is_group_level(sheet: Sheet, spans: Spans, upper: int, row: int) -> bool:
    """Whether the row above the header groups its columns, rather than being a title over all of them."""
    width = sum(cell != "" for cell in sheet.rows[row])
    groups = [spans.width_at(upper, column) for column, cell in enumerate(sheet.rows[upper]) if cell != ""]
    texts = [
        cell for cell in sheet.rows[upper] if cell != "" and clean_header(str(cell)) not in SERIAL_HEADERS
    ]
    if any(not isinstance(text, str) or len(text) > 20 or re.search("[:：]", text) for text in texts):
        return False
    words = [word for word in map(str, texts) if clean_header(word) not in SERIAL_HEADERS]
    if len(groups) >= _FEWEST_GROUPS and max(groups) == 1 and all(map(_GROUP.fullmatch, words)):
        return len(groups) < width  # no merged cells: each group reaches to the next one
    return len(groups) >= 2 and max(groups) > 1 and max(groups) < 0.8 * width


def _header_by_shape(sheet: Sheet, spans: Spans, window: Iterable[int]) -> tuple[int, int] | None:
    """Return the likeliest header of a table of unknown words: the first full row of short texts."""
    rows = [row for row in window if any(cell != "" for cell in sheet.rows[row])]
    if not rows:
        return None
    counts = {row: sum(cell != "" for cell in sheet.rows[row]) for row in rows}
    often = Counter(counts.values())
    usual = max(often, key=lambda count: (often[count], count))
    typical = max(usual, max(counts.values()) // 2)
    for row in rows:
        texts = [cell for cell in sheet.rows[row] if cell != ""]
        wide_enough = counts[row] >= max(1 if typical == 1 else 2, 0.6 * typical)
        if wide_enough and all(_could_be_header(cell) for cell in texts):
            return row, _deepest(spans, row)
    return None


def _could_be_header(cell: Cell) -> bool:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return 1900 <= cell <= 2100 and cell == int(cell)  # a column per year
    if not isinstance(cell, str) or len(cell) > 120:
        return False
    number = re.fullmatch(r"\s*-?[\d.,]+\s*%?\s*", cell)
    return number is None or bool(re.fullmatch(r"(?:19|20)\d\d", cell.strip()))


def _open_table(sheet: Sheet, spans: Spans, start: int, first: int, last: int) -> RawTable:
    headers = _as_sent(_headers(sheet, spans, first, last))
    used = [header.index for header in headers if header.parts != ("",)] or [0]
    above = [line_above(cells) for cells in sheet.rows[start:first]]
    table = RawTable(
        sheet=sheet,
        title=" ".join(filter(None, [sheet.heading, *above])).strip()[:200],
        place=_range_name(sheet, first, last, used),
        headers=headers,
        first_data_row=last + 1,
    )
    for row in range(start, first):
        text = shown(sheet.rows[row])
        table.skipped.append(
            Skipped(where=sheet.where(row), reason=SkipReason.TITLE if text else SkipReason.BLANK, text=text)
        )
    return table


def _note_group_above(table: RawTable, start: int, first: int) -> None:
    """Take 一、新材料领域 right above the header for what it is, and any line there if more stand below."""
    above = [row for row in range(start, first) if shown(table.sheet.rows[row])]
    texts = [str(cell).strip() for cell in table.sheet.rows[above[-1]] if not is_blank(cell)] if above else []
    if len(texts) == 1 and (table.group_lines or begins_group(texts[0])):
        table.group_lines.insert(0, (above[-1], texts[0]))


def _headers(sheet: Sheet, spans: Spans, first: int, last: int) -> tuple[Header, ...]:
    """Return the header of each column, its levels from top to bottom; units belong to the words above."""
    width = _header_width(sheet, spans, first, last)
    units = [""] * width
    if last > first and is_unit_row(sheet.rows[last]):
        units = [str(cell).strip() for cell in sheet.rows[last]] + units
        last -= 1
    levels = [
        _spread(sheet.rows[row], spans, row, width, is_last=row == last) for row in range(first, last + 1)
    ]
    headers = []
    for column in range(width):
        parts = list(dict.fromkeys(level[column] for level in levels if level[column])) or [""]
        if len(parts) > 1 and _is_unit(parts[-1]):
            parts[-2:] = [f"{parts[-2]}（{parts[-1].strip('()（） ')}）"]
        parts[-1] += units[column]
        headers.append(Header(index=column, parts=tuple(parts)))
    return tuple(headers)


def _header_width(sheet: Sheet, spans: Spans, first: int, last: int) -> int:
    """Return how many columns a header has: its last word may be merged over more than its row is long."""
    used = max(len(row) for row in sheet.rows[first : last + 1 + _ROWS_SEARCHED])
    ends = [len(row) for row in sheet.rows[first : last + 1]]
    ends += [merge.last_column + 1 for (row, _), merge in spans.starts.items() if first <= row <= last]
    return min(used, max(ends))


def _without_covered(table: RawTable, spans: Spans) -> tuple[Header, ...]:
    """Blank the headers of columns that only a merged header reaches over: no row has anything there."""
    covered = {
        column
        for (row, first), merge in spans.starts.items()
        if row == table.first_data_row - 1
        for column in range(first + 1, merge.last_column + 1)
    }
    covered -= {
        column
        for row in table.body
        for column in covered
        if column < len(row.cells) and row.cells[column] != ""
    }
    return tuple(
        Header(index=header.index, parts=("",)) if header.index in covered else header
        for header in table.headers
    )


def _as_sent(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """Leave out the two columns of a returned workbook of problem rows: its layout is that of the list."""
    last = tuple(header.parts[-1] for header in headers[-2:])
    return headers[:-2] if last == RETURNED_COLUMNS else headers


def _spread(cells: list[Cell], spans: Spans, row: int, width: int, *, is_last: bool) -> list[str]:
    """Return the texts of one header row, each repeated over the columns it covers.

    Where no merged range says how far a group reaches, it reaches to the next one.
    """
    texts = [str(cell).strip() for cell in cells] + [""] * (width - len(cells))
    merged = any(spans.width_at(row, column) > 1 for column in range(width))
    merged = merged or any(first == row for first, _ in spans.starts)
    for column in range(width):
        reach = spans.width_at(row, column)
        for covered in range(column + 1, min(column + reach, width)):
            texts[covered] = texts[column]
        if not merged and not is_last and texts[column] == "" and column:
            texts[column] = texts[column - 1]
    return texts


def _range_name(sheet: Sheet, first: int, last: int, columns: Sequence[int]) -> str:
    if sheet.place != "cells":
        return sheet.where(first)
    name = f"{sheet.name}!{column_letters(columns[0])}{first + 1}"
    return f"{name}:{column_letters(columns[-1])}{last + 1}"


def _collect_rows(table: RawTable, spans: Spans, start: int) -> int:
    """Put the rows below a header into the table; return where the search for the next one goes on."""
    sheet = table.sheet
    judge = RowJudge(table.headers, spans, sheet.rows[start : start + _ROWS_SEARCHED])
    gap = False
    end = len(sheet.rows)
    for row in range(start, end):
        cells = spans.filled(row, sheet.rows[row])
        reason = judge.reason_to_skip(row, cells)
        if reason is None and not table.body:
            reason = _above_the_first(cells)
        if reason is None and _starts_another(sheet.rows[row], share=_MOST if gap else 1.0):
            end = row
            break
        if reason is None:
            table.body.append(Body(row=row, cells=cells))
            gap = False
            continue
        gap = gap or reason in (SkipReason.BLANK, SkipReason.GROUP, SkipReason.NOTE, SkipReason.TOTAL)
        if reason is SkipReason.GROUP:
            table.group_lines.append((row, [str(cell).strip() for cell in cells if not is_blank(cell)][-1]))
        table.skipped.append(Skipped(where=sheet.where(row), reason=reason, text=shown(cells)))
    _drop_signatures(table)
    return end


def _drop_signatures(table: RawTable) -> None:
    """Take the lines that sign a list off its end: 某某局（章）, 2026年3月1日."""
    lines = signature_lines([body.cells for body in table.body])
    for body in table.body[len(table.body) - lines :]:
        where = table.sheet.where(body.row)
        table.skipped.append(Skipped(where=where, reason=SkipReason.NOTE, text=shown(body.cells)))
    del table.body[len(table.body) - lines :]


def _above_the_first(cells: list[Cell]) -> SkipReason | None:
    """Return why a row right below the header is no record: hints to fill it in, or the header in English."""
    if tells_what_to_write(cells):
        return SkipReason.NOTE
    filled = [cell for cell in cells if cell != ""]
    repeated = len(filled) >= _SURE_HEADERS and count_known(filled) >= _MOST * len(filled)
    return SkipReason.HEADER if repeated else None


def _starts_another(cells: list[Cell], *, share: float) -> bool:
    """Whether a row is the header of a different table: of its words this share at least are known."""
    filled = [cell for cell in cells if cell != ""]
    if len(filled) < (2 if share < 1 else _SURE_HEADERS) or any(
        type(cell) is not str or len(cell) > _LONGEST_WORD or cell.isdigit() for cell in filled
    ):
        return False  # as most rows are, without a look at their words
    return mostly_known(filled, share=share)
