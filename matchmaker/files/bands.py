"""Sheets with tables side by side: each gets the sheet to itself, its cells where they were."""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from matchmaker.files.book import Cell, Sheet
from matchmaker.files.headers import RecordKind, clean_header, count_known, is_known, look_up, said_in_full

_ROWS_SEARCHED = 60
_FEWEST_HEADERS = 2
_FEWEST_LABELS = 3
_COUNTED = re.compile(r"[(（]?(?:\d{1,2}|[一二三四五六七八九十])[)）]?$")
_MOST_BESIDE = 20  # nobody lays more lists beside each other, and each is looked through over the whole width


def bands(sheet: Sheet) -> list[Sheet]:
    """Return the sheet once per table that stands beside another; as it is when there is but one.

    Two tables are side by side when an empty column parts them and the headers of both name what a table is
    about: an empty column before 联系人 and 电话 makes no second table; or when a header says the same words
    twice, as lists to be signed do. Columns of the other tables are blank, so that cells keep their
    addresses; what stands above the headers belongs to all of them.
    """
    top = _first_header_row(sheet)
    if top is None:
        return [sheet]
    for row in (top, top + 1):  # 企业需求 over a group may be a header word itself
        if grouped := _by_groups(sheet, row):
            return [_of_group(sheet, row, *part) for part in grouped]
    parted: Iterable[range] = _spans(sheet, top) if _any_gap(sheet) else [_whole(sheet)]
    headed = [span for span in parted if _has_header(sheet, top, span)]
    found = [part for span in headed for part in _repeats(sheet.rows[top], span)]
    if not 2 <= len(found) <= _MOST_BESIDE:
        return [sheet]
    return [_band(sheet, top, span) for span in found]


def beside_each_other(sheet: Sheet) -> list[Sheet]:
    """Return the sheet once per form that stands beside another: the same labels run down twice."""
    places: dict[tuple[str, ...], set[int]] = {}
    columns: dict[int, list[str]] = {}
    for row in sheet.rows[:_ROWS_SEARCHED]:
        for column, cell in enumerate(row):
            if isinstance(cell, str) and is_known(cell):
                columns.setdefault(column, []).append(clean_header(cell))
    for column, words in columns.items():
        places.setdefault(tuple(words), set()).add(column)
    starts = next((sorted(at) for words, at in places.items() if len(at) > 1 and _runs_down(words)), [])
    width = max((len(row) for row in sheet.rows), default=0)
    spans = [range(a, b) for a, b in itertools.pairwise([0, *starts[1:], width])] if starts else []
    return [_band(sheet, 0, span) for span in spans] or [sheet]


def _runs_down(words: tuple[str, ...]) -> bool:
    return len(set(words)) >= _FEWEST_LABELS


def _first_header_row(sheet: Sheet) -> int | None:
    """Return the first row with header words."""
    return next(iter(_header_rows(sheet)), None)


def _header_rows(sheet: Sheet) -> list[int]:
    top = enumerate(sheet.rows[:_ROWS_SEARCHED])
    return [row for row, cells in top if count_known(cells) >= _FEWEST_HEADERS]


def _any_gap(sheet: Sheet) -> bool:
    """Whether an empty cell parts the words of any header."""
    return any(_has_gap(sheet.rows[row]) for row in _header_rows(sheet))


def _whole(sheet: Sheet) -> range:
    return range(max(len(row) for row in sheet.rows))


def _by_groups(sheet: Sheet, top: int) -> list[tuple[set[int], str]]:
    """Return the columns and names of groups that say the same words: 企业需求, 高校成果 over 名称, 单位.

    Columns before the first group are of that one, or of each where the groups are people of one 单位:
    第一参会人, 第二参会人 over 姓名, 电话.
    """
    above = sheet.rows[top - 1] if 0 < top < len(sheet.rows) else []
    ends = {m.first_column: m.last_column + 1 for m in sheet.merges if m.first_row == m.last_row == top - 1}
    starts = [column for column, cell in enumerate(above) if cell != "" and column in ends]
    words = [[clean_header(str(cell)) for cell in sheet.rows[top][at : ends[at]]] for at in starts]
    alike = len(words) > 1 and len(words[0]) >= _FEWEST_HEADERS and all(said == words[0] for said in words)
    names = [str(above[at]) for at in starts]
    if not alike or len(set(names)) < len(names):
        return []
    if count_known(above) >= _FEWEST_HEADERS and len({_COUNTED.sub("", name) for name in names}) == 1:
        return []  # 技术需求一, 技术需求二: several things of one row
    spans = itertools.pairwise([0, *starts[1:], ends[starts[-1]]])
    is_thing = any(said_in_full(name, word) != word for name in names for word in words[0])
    shared = set() if is_thing else set(range(starts[0]))
    return [({*range(a, b), *shared}, name) for (a, b), name in zip(spans, names, strict=True)]


def _of_group(sheet: Sheet, top: int, span: Collection[int], group: str) -> Sheet:
    """Return the sheet for one of such groups, its header words in full."""
    part = _band(sheet, top - 1, span)
    words = [said_in_full(group, cell) if isinstance(cell, str) and cell else cell for cell in part.rows[top]]
    return replace(part, rows=[*part.rows[:top], words, *part.rows[top + 1 :]])


def _repeats(header: Sequence[Cell], span: range) -> list[range]:
    """Return the stretches of a header that says the same words again beside: a list in two halves."""
    words = [clean_header(str(cell)) for cell in header[span.start : span.stop]]
    while words and not words[-1]:
        words.pop()
    for width in range(_FEWEST_HEADERS, len(words) // 2 + 1):
        if len(words) % width == 0 and words == words[:width] * (len(words) // width):
            starts = range(span.start, span.start + len(words), width)
            parts = [range(start, start + width) for start in starts]
            return parts if _names_something(_cut(list(header), parts[0])) else [span]
    return [span]


def _has_gap(cells: Sequence[Cell]) -> bool:
    filled = [place for place, cell in enumerate(cells) if cell != ""]
    return bool(filled) and len(filled) < filled[-1] + 1


def _has_header(sheet: Sheet, top: int, span: range) -> bool:
    """Whether some row of these columns is a header that could stand alone; two headers need not be level."""
    return any(_names_something(_cut(cells, span)) for cells in sheet.rows[top : top + _ROWS_SEARCHED])


def _spans(sheet: Sheet, header: int) -> Iterator[range]:
    """Yield the stretches of columns between columns that are empty from the header down."""
    width = max(len(row) for row in sheet.rows[header:])
    covered = {
        column
        for merge in sheet.merges
        if merge.last_row >= header
        for column in range(merge.first_column, merge.last_column + 1)
    }
    start = None
    for column in range(width + 1):
        used = column < width and (column in covered or _is_used(sheet.rows[header:], column))
        if used and start is None:
            start = column
        if not used and start is not None:
            yield range(start, column)
            start = None


def _names_something(cells: list[Cell]) -> bool:
    """Whether a header alone could head a table: it has a title, or a person's name and unit."""
    words = [str(cell) for cell in cells if cell != ""]
    if count_known(words) < _FEWEST_HEADERS:
        return False
    named = {kind: {name for word in words for name in look_up(kind, (word,))} for kind in RecordKind}
    people = named.pop(RecordKind.PEOPLE)
    return {"name", "org"} <= people or any("title" in fields for fields in named.values())


def _is_used(rows: Sequence[list[Cell]], column: int) -> bool:
    return any(column < len(row) and row[column] != "" for row in rows)


def _cut(row: list[Cell], span: Collection[int]) -> list[Cell]:
    """Return a row in which only the cells of these columns stand."""
    return [cell if place in span else "" for place, cell in enumerate(row[: max(span) + 1])]


def _band(sheet: Sheet, header: int, span: Collection[int]) -> Sheet:
    rows = [*sheet.rows[:header], *(_cut(row, span) for row in sheet.rows[header:])]
    merges = tuple(merge for merge in sheet.merges if merge.last_row < header or merge.first_column in span)
    faults = tuple(fault for fault in sheet.faults if fault.column is None or fault.column in span)
    return replace(sheet, rows=rows, merges=merges, faults=faults)
