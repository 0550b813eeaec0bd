"""Questionnaires with a column for each choice: 合作方式(技术转让), 合作方式(联合开发), 1 or 0 below."""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from matchmaker.domain.parsed import plain_text
from matchmaker.files.book import Cell
from matchmaker.files.headers import clean_header, is_known
from matchmaker.files.layout import Header, RawTable

_CHOICE = re.compile(r"(.+?)\s*[(:]\s*([^()]{1,30}?)\s*\)?\s*")
_CHOSEN = frozenset({"1", "√", "✓", "✔", "☑", "是", "y", "yes", "true"})
# 是否公开(企业名称) asks one thing of each column: its 否 is an answer, not a choice left out.
_YES_OR_NO = re.compile("是否|可否|能否|是不是|有无|有没有")
_NOT_CHOSEN = frozenset({"", "0", "×", "□", "否", "n", "no", "false", "(空)", "(跳过)", "-3", "-2"})


def join_options(table: RawTable) -> None:
    """Put such columns together into the first of them, whose cells then name what was chosen."""
    headers = list(table.headers)
    for columns, name, choices in _questions(table.headers):
        marks = {_said(row.cells, column) for row in table.body for column in columns}
        if not marks <= _CHOSEN | _NOT_CHOSEN or marks.isdisjoint(_CHOSEN):
            continue
        for at, column in enumerate(columns):
            headers[column] = Header(index=column, parts=(name if not at else "",))
        table.body = [replace(row, cells=_joined(row.cells, columns, choices)) for row in table.body]
    table.headers = tuple(headers)


def _questions(headers: Sequence[Header]) -> Iterator[tuple[list[int], str, list[str]]]:
    """Yield the columns of each question of known words that has several, its name, and their choices."""
    parted = [(header.index, *_parted(header.parts)) for header in headers]
    for name, group in itertools.groupby(parted, key=lambda part: part[1]):
        found = list(group)
        different = len({choice for _, _, choice in found}) == len(found)
        if name and len(found) > 1 and different and not _YES_OR_NO.match(name):
            yield [index for index, _, _ in found], name, [choice for _, _, choice in found]


def _parted(parts: tuple[str, ...]) -> tuple[str, str]:
    """Return question and choice of a header: 合作方式(技术转让) in one word, or 技术转让 below 合作方式."""
    if len(parts) > 1:
        return (clean_header(parts[-2]), parts[-1].strip()) if is_known(parts[-2]) else ("", "")
    text = parts[-1]
    found = _CHOICE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return (clean_header(found[1]), found[2]) if found and is_known(found[1]) else ("", "")


def _said(cells: Sequence[Cell], column: int) -> str:
    return plain_text(cells[column]).lower() if column < len(cells) else ""


def _joined(cells: Sequence[Cell], columns: Sequence[int], choices: Sequence[str]) -> list[Cell]:
    chosen = [
        choice for column, choice in zip(columns, choices, strict=True) if _said(cells, column) in _CHOSEN
    ]
    joined = [*cells, *[""] * (columns[-1] + 1 - len(cells))]
    for column in columns:
        joined[column] = ""
    joined[columns[0]] = "；".join(chosen)
    return joined
