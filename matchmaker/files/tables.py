"""Where the tables of a sheet are: title rows, header rows, data rows, and rows that are none of these."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from matchmaker.files.bands import bands
from matchmaker.files.book import Cell, Merge, Sheet, column_letters
from matchmaker.files.findings import Skipped, SkipReason
from matchmaker.files.headers import RETURNED_COLUMNS, SERIAL_HEADERS, clean_header, count_known, is_known

_ROWS_SEARCHED = 60
_DEEPEST_HEADER = 3
_TOTAL = re.compile(r"(?:本页|全县|全市|总)?\s*[合总小累共]\s*计\s*(?:\(.*\)|（.*）)?\s*[:：]?")
_TOTAL_WITH_COUNT = re.compile(r"(?:本页|总)?\s*[合总小累共]\s*计.{1,16}", re.DOTALL)
_NOTE = re.compile(
    r"\s*(?:[*※]?\s*(?:注|备注|说明|填表说明|填报说明|填写说明|附注|附件|温馨提示)\s*\d*\s*[:：.、]|注\d?\s|[（(]注"
    r"|(?:填表|制表|填报|审核|审批|经办)人|单位负责人|联系人[:：]|联系电话[:：]|填报(?:单位|日期)|盖章|\d{4}年\s*\d{1,2}月\s*\d{1,2}日$).*",
    re.DOTALL,
)
_EXAMPLE = re.compile(r"\s*(?:示例|样例|填写示例|例|例如|举例)\s*\d*\s*[:：]?\s*")
_REMARKABLE = re.compile(r"\s*$|.{0,4}[合总小累共]\s*计|\s*(?:示|样|填|例|举)", re.DOTALL)
_SERIAL = re.compile(r"\d{1,6}(?:\.0)?|[（(]?\d+[)）、.]?|[①-⑳]|…+|\.{3,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of one column; `parts` run from the top level of a two-level header down."""

    index: int
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the header as shown to people."""
        return "/".join(" ".join(part.split()) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One data row: its number from 0, and its cells with merged values filled down.

    `spots` is set for a filled-in form, whose cells stand anywhere: column → (row, column).
    """

    row: int
    cells: list[Cell]
    spots: dict[int, tuple[int, int]] | None = None


@dataclass(slots=True, kw_only=True)
class RawTable:
    """A table as it lies in its sheet; `place` and `title` are for people."""

    sheet: Sheet
    title: str
    place: str
    headers: tuple[Header, ...]
    first_data_row: int
    body: list[Body] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def find_tables(sheet: Sheet) -> list[RawTable]:
    """Return the tables of a sheet, from top to bottom; none when there is no header to be found.

    Rows above the header become the title, a second header further down (after a gap) starts
    another table, the same header again is skipped. Tables side by side, with an empty column
    between them, are read one after the other.
    """
    return [table for band in bands(sheet) for table in _tables_below(band)]


def _tables_below(sheet: Sheet) -> list[RawTable]:
    spans = _Spans(sheet)
    tables: list[RawTable] = []
    start = 0
    while (found := _find_header(sheet, spans, start)) is not None:
        first, last = found
        table = _open_table(sheet, spans, start, first, last)
        tables.append(table)
        start = _collect_rows(table, spans, last + 1)
        if start >= len(sheet.rows):
            break
    return tables


class _Spans:
    """The merged ranges of a sheet, by what they are asked for."""

    def __init__(self, sheet: Sheet) -> None:
        last_row = len(sheet.rows) - 1
        self.starts: dict[tuple[int, int], Merge] = {}
        self.fills: dict[int, list[tuple[int, Cell]]] = {}
        for merge in sheet.merges:
            if merge.first_row > last_row:
                continue
            self.starts[merge.first_row, merge.first_column] = merge
            row = sheet.rows[merge.first_row]
            value = row[merge.first_column] if merge.first_column < len(row) else ""
            if value != "":
                for below in range(merge.first_row + 1, min(merge.last_row, last_row) + 1):
                    self.fills.setdefault(below, []).append((merge.first_column, value))

    def width_at(self, row: int, column: int) -> int:
        """Return how many columns the cell covers."""
        merge = self.starts.get((row, column))
        return merge.last_column - merge.first_column + 1 if merge else 1

    def filled(self, row: int, cells: list[Cell]) -> list[Cell]:
        """Return a row with the values of merged cells above filled in; inside their ranges only."""
        if row not in self.fills:
            return cells
        filled = list(cells)
        for column, value in self.fills[row]:
            filled += [""] * (column + 1 - len(filled))
            if filled[column] == "":
                filled[column] = value
        return filled


def _find_header(sheet: Sheet, spans: _Spans, start: int) -> tuple[int, int] | None:
    """Return the first and last row of the next header from row `start` on."""
    window = range(start, min(start + _ROWS_SEARCHED, len(sheet.rows)))
    known = {row: count_known(sheet.rows[row]) for row in window}
    best = max(window, key=lambda row: (known[row], -row), default=None)
    if best is None:
        return None
    filled = sum(cell != "" for cell in sheet.rows[best])
    alone = known[best] == 1 == filled and _is_single_column(sheet, start)
    if (known[best] >= 2 and known[best] * 2 >= filled) or alone:
        return _levels(sheet, spans, best, start)
    return _header_by_shape(sheet, window) if start == 0 else None


def _is_single_column(sheet: Sheet, start: int) -> bool:
    return all(sum(cell != "" for cell in row) <= 1 for row in sheet.rows[start : start + _ROWS_SEARCHED])


def _levels(sheet: Sheet, spans: _Spans, row: int, start: int) -> tuple[int, int]:
    """Return the rows of the header around its richest row: one level or two."""
    first = last = row
    deepest = [
        merge.last_row
        for (first_row, _), merge in spans.starts.items()
        if first_row == row and merge.last_row - row < _DEEPEST_HEADER
    ]
    last = max([row, *deepest])
    if last == row and _is_lower_level(sheet, spans, row):
        last = row + 1
    if last == row and row > start and _is_group_level(sheet, spans, row - 1, row):
        first = row - 1
    return first, last


def _is_lower_level(sheet: Sheet, spans: _Spans, row: int) -> bool:
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


def _is_group_level(sheet: Sheet, spans: _Spans, upper: int, row: int) -> bool:
    """Whether the row above the header groups its columns, rather than being a title over all of them."""
    width = sum(cell != "" for cell in sheet.rows[row])
    groups = [spans.width_at(upper, column) for column, cell in enumerate(sheet.rows[upper]) if cell != ""]
    texts = [cell for cell in sheet.rows[upper] if cell != ""]
    if any(not isinstance(text, str) or len(text) > 20 or re.search("[:：]", text) for text in texts):
        return False
    return len(groups) >= 2 and max(groups) > 1 and max(groups) < 0.8 * width


def _header_by_shape(sheet: Sheet, window: Iterable[int]) -> tuple[int, int] | None:
    """Return the likeliest header of a table of unknown words: the first full row of short texts."""
    rows = [row for row in window if any(cell != "" for cell in sheet.rows[row])]
    if not rows:
        return None
    counts = {row: sum(cell != "" for cell in sheet.rows[row]) for row in rows}
    usual = Counter(counts.values()).most_common(1)[0][0]
    typical = max(usual, max(counts.values()) // 2)
    for row in rows:
        texts = [cell for cell in sheet.rows[row] if cell != ""]
        wide_enough = counts[row] >= max(1 if typical == 1 else 2, 0.6 * typical)
        if wide_enough and all(_could_be_header(cell) for cell in texts):
            return row, row
    return None


def _could_be_header(cell: Cell) -> bool:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return 1900 <= cell <= 2100 and cell == int(cell)  # a column per year
    if not isinstance(cell, str) or len(cell) > 120:
        return False
    number = re.fullmatch(r"\s*-?[\d.,]+\s*%?\s*", cell)
    return number is None or bool(re.fullmatch(r"(?:19|20)\d\d", cell.strip()))


def _open_table(sheet: Sheet, spans: _Spans, start: int, first: int, last: int) -> RawTable:
    width = max(len(row) for row in sheet.rows[first : last + 1])
    levels = [
        _spread(sheet.rows[row], spans, row, width, is_last=row == last) for row in range(first, last + 1)
    ]
    headers = tuple(
        Header(index=column, parts=tuple(dict.fromkeys(level[column] for level in levels if level[column])))
        for column in range(width)
    )
    kept = tuple(header if header.parts else Header(index=header.index, parts=("",)) for header in headers)
    kept = _as_sent(kept)
    used = [header.index for header in kept if header.parts != ("",)] or [0]
    above = [
        cell for row in sheet.rows[start:first] for cell in row if isinstance(cell, str) and cell.strip()
    ]
    table = RawTable(
        sheet=sheet,
        title=" ".join([sheet.heading, *above]).strip()[:200],
        place=_range_name(sheet, first, last, used),
        headers=kept,
        first_data_row=last + 1,
    )
    for row in range(start, first):
        text = _shown(sheet.rows[row])
        table.skipped.append(
            Skipped(where=sheet.where(row), reason=SkipReason.TITLE if text else SkipReason.BLANK, text=text)
        )
    return table


def _as_sent(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """Leave out the two columns of a returned workbook of problem rows: its layout is that of the list."""
    last = tuple(header.parts[-1] for header in headers[-2:])
    return headers[:-2] if last == RETURNED_COLUMNS else headers


def _spread(cells: list[Cell], spans: _Spans, row: int, width: int, *, is_last: bool) -> list[str]:
    """Return the texts of one header row, each repeated over the columns it covers.

    Where no merged range says how far a group reaches, it reaches to the next one.
    """
    texts = [str(cell).strip() for cell in cells] + [""] * (width - len(cells))
    merged = any(spans.width_at(row, column) > 1 for column in range(width))
    for column in range(width):
        reach = spans.width_at(row, column)
        for covered in range(column + 1, min(column + reach, width)):
            texts[covered] = texts[column]
        if not merged and not is_last and texts[column] == "" and column and not spans.starts:
            texts[column] = texts[column - 1]
    return texts


def _range_name(sheet: Sheet, first: int, last: int, columns: Sequence[int]) -> str:
    if sheet.place != "cells":
        return sheet.where(first)
    name = f"{sheet.name}!{column_letters(columns[0])}{first + 1}"
    return f"{name}:{column_letters(columns[-1])}{last + 1}"


def _collect_rows(table: RawTable, spans: _Spans, start: int) -> int:
    """Put the rows below a header into the table; return where the search for the next one goes on."""
    sheet = table.sheet
    judge = _RowJudge(table, spans)
    gap = False
    for row in range(start, len(sheet.rows)):
        cells = spans.filled(row, sheet.rows[row])
        reason = judge.reason_to_skip(row, cells)
        if reason is None and gap and _starts_another(sheet.rows[row]):
            return row
        if reason is None:
            table.body.append(Body(row=row, cells=cells))
            gap = False
            continue
        gap = gap or reason in (SkipReason.BLANK, SkipReason.GROUP, SkipReason.NOTE, SkipReason.TOTAL)
        table.skipped.append(Skipped(where=sheet.where(row), reason=reason, text=_shown(cells)))
    return len(sheet.rows)


def _starts_another(cells: list[Cell]) -> bool:
    """Whether a row after a gap is the header of a different table."""
    filled = [cell for cell in cells if cell != ""]
    return (
        len(filled) >= 2
        and all(isinstance(cell, str) for cell in filled)
        and count_known(filled) >= 0.8 * len(filled)
    )


class _RowJudge:
    """Tells records from totals, notes, group lines, repeated headers and blank lines of one table."""

    def __init__(self, table: RawTable, spans: _Spans) -> None:
        self._spans = spans
        self._texts = {header.index: header.parts[-1] for header in table.headers}
        named = [header for header in table.headers if header.parts != ("",)]
        self._width = max(len(named), 1)
        self._serial = {header.index for header in named if clean_header(header.text) in SERIAL_HEADERS}
        self._first_words = {clean_header(part) for header in named[:3] for part in header.parts}

    def reason_to_skip(self, row: int, cells: list[Cell]) -> SkipReason | None:
        """Return why a row is no record; None when it is one."""
        count = len(cells) - cells.count("")
        if not count:
            return SkipReason.BLANK
        first = next(cell for cell in cells if cell != "")
        if count > 2 and not self._is_remarkable(first):
            return None
        filled = [column for column, cell in enumerate(cells) if not _is_blank(cell)]
        return self._judged(row, cells, filled) if filled else SkipReason.BLANK

    def _is_remarkable(self, first: Cell) -> bool:
        """Whether a row that begins so needs a closer look; nine rows of ten do not."""
        if not isinstance(first, str):
            return first == 1.0
        return len(first) <= 40 and bool(_REMARKABLE.match(first) or clean_header(first) in self._first_words)

    def _judged(self, row: int, cells: list[Cell], filled: list[int]) -> SkipReason | None:
        first = cells[filled[0]]
        if self._is_total(first, len(filled)):
            return SkipReason.TOTAL
        if self._width > 1 and self._repeats_header(cells, filled):
            return SkipReason.HEADER
        if len(filled) <= 2 < self._width and row not in self._spans.fills:
            return self._sparse(row, cells, filled)
        if isinstance(first, str) and _EXAMPLE.fullmatch(first):
            return SkipReason.NOTE
        return None

    def _is_total(self, first: Cell, count: int) -> bool:
        if not isinstance(first, str) or len(first) > 24:
            return False
        text = first.strip()
        return bool(
            _TOTAL.fullmatch(text) or (_TOTAL_WITH_COUNT.fullmatch(text) and count * 2 <= self._width)
        )

    def _repeats_header(self, cells: list[Cell], filled: list[int]) -> bool:
        first = cells[filled[0]]
        if isinstance(first, float) and first == 1.0 and len(filled) > 2:
            return all(cells[column] == float(place) for place, column in enumerate(filled, 1))
        if not isinstance(first, str) or len(first) > 40 or clean_header(first) not in self._first_words:
            return False
        same = sum(self._texts.get(column, "").strip() == str(cells[column]).strip() for column in filled)
        return same * 2 > len(filled)

    def _sparse(self, row: int, cells: list[Cell], filled: list[int]) -> SkipReason | None:
        """Judge a row with one or two cells in a wider table."""
        if set(filled) <= self._serial and all(
            _SERIAL.fullmatch(str(cells[column]).strip()) for column in filled
        ):
            return SkipReason.BLANK  # a form's numbered line that nobody filled in
        texts = [cell for column in filled if isinstance(cell := cells[column], str)]
        if texts and all(_NOTE.fullmatch(text) for text in texts):
            return SkipReason.NOTE
        if len(filled) > 1 or not texts:
            return None
        wide = self._spans.width_at(row, filled[0]) * 2 > self._width
        if _NOTE.match(texts[0]) or (filled[0] <= 1 and len(texts[0]) > 30 and self._width > 3):
            return SkipReason.NOTE
        return SkipReason.GROUP if wide or filled[0] == 0 else None


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _shown(cells: Iterable[Cell]) -> str:
    return " ".join(str(cell).strip() for cell in cells if cell != "")[:80]
