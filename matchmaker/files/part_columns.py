"""One value in several columns: 签订日期 over 年, 月 and 日; 区号 before 电话."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from matchmaker.domain.parsed import plain_text
from matchmaker.files.book import Cell
from matchmaker.files.headers import clean_header, is_known
from matchmaker.files.layout import Header, RawTable

_YEAR_MONTH_DAY = ("年", "月", "日")
_END = re.compile(r"(.{2,12}?)\s*[（(/]?(起|止|开始|结束|自|至)(?:时间|日期)?[)）]?")
_SPANS = frozenset({("起", "止"), ("开始", "结束"), ("自", "至")})
_MIDNIGHT = " 00:00:00"
_AREA_CODES = frozenset({"区号", "电话区号", "座机区号", "长途区号"})
_LINE = re.compile(r"(?:电话|座机|固话|固定电话|办公电话|号码|联系电话|联系方式|电话号码|座机号码)")
_LOCAL = re.compile(r"[2-9]\d{6,7}(?:[-转]\d{1,6})?")
_AREA = re.compile(r"0?(?:10|2\d|[3-9]\d\d)")


def join_parts(table: RawTable) -> None:
    """Put such columns together into one, whose cells then hold the whole value."""
    for start in range(len(table.headers) - 1):
        if parts := _dated(table.headers[start : start + 3]):
            _join(table, range(start, start + parts), table.headers[start].parts[:-1], _day)
        elif _is_span(table.headers[start : start + 2]):
            _join(table, range(start, start + 2), _spanned(table.headers[start]), _span)
        elif _is_area(table.headers[start : start + 2]):
            _join(table, range(start, start + 2), table.headers[start + 1].parts, _number)


def _dated(headers: Sequence[Header]) -> int:
    """Return how many of the headers part one date: 年, 月 and maybe 日 below one word; 0 for none."""
    group = headers[0].parts[:-1]
    own = [clean_header(header.parts[-1]) for header in headers if header.parts[:-1] == group]
    if not group or not is_known(group[-1]):
        return 0
    return next((count for count in (3, 2) if tuple(own[:count]) == _YEAR_MONTH_DAY[:count]), 0)


def _is_span(headers: Sequence[Header]) -> bool:
    """Whether two headers name beginning and end of one time limit: 需求时限（起）, 需求时限（止）."""
    found = [_END.fullmatch("/".join(header.parts)) for header in headers]
    words = [(one[1], one[2]) if one else ("", "") for one in found]
    return words[0][0] == words[1][0] and is_known(words[0][0]) and (words[0][1], words[1][1]) in _SPANS


def _spanned(header: Header) -> tuple[str, ...]:
    found = _END.fullmatch("/".join(header.parts))
    return (found[1],) if found else header.parts


def _is_area(headers: Sequence[Header]) -> bool:
    first, second = (clean_header(header.parts[-1]) for header in headers)
    return first in _AREA_CODES and bool(_LINE.fullmatch(second))


def _join(
    table: RawTable, columns: range, parts: tuple[str, ...], whole: Callable[[Sequence[str]], str]
) -> None:
    headers = list(table.headers)
    for column in columns:
        headers[column] = Header(index=headers[column].index, parts=parts if column == columns[0] else ("",))
    table.headers = tuple(headers)
    places = [headers[column].index for column in columns]
    table.body = [replace(row, cells=_with_whole(row.cells, places, whole)) for row in table.body]


def _with_whole(
    cells: list[Cell], places: Sequence[int], whole: Callable[[Sequence[str]], str]
) -> list[Cell]:
    said = [plain_text(cells[place]) if place < len(cells) else "" for place in places]
    if not any(said):
        return cells
    joined = [*cells, *[""] * (places[-1] + 1 - len(cells))]
    for place in places:
        joined[place] = ""
    joined[places[0]] = whole(said)
    return joined


def _day(said: Sequence[str]) -> str:
    """Return 2026年3月1日 of its three parts; where one is missing, as much as stands before it."""
    text = ""
    for part, mark in zip(said, _YEAR_MONTH_DAY, strict=False):
        if not part:
            break
        text += part.removesuffix(mark) + mark
    return text or " ".join(part for part in said if part)


def _span(said: Sequence[str]) -> str:
    first, last = (part.removesuffix(_MIDNIGHT) for part in said)
    return f"{first}至{last}" if first and last else f"{first}起" if first else last


def _number(said: Sequence[str]) -> str:
    """Return an area code with the number behind it; a mobile needs none, a code alone is none."""
    area, line = said
    if not line or not (_AREA.fullmatch(area) and _LOCAL.fullmatch(line)):
        return line
    return f"{area if area.startswith('0') else f'0{area}'}-{line}"
