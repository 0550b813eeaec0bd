"""Which rows below a header are records, and what the others are."""

import re
import unicodedata
from collections.abc import Sequence

from matchmaker.domain.parsed import plain_text
from matchmaker.files.book import Cell
from matchmaker.files.findings import SkipReason
from matchmaker.files.headers import SERIAL_HEADERS, clean_header, is_known
from matchmaker.files.layout import Header, Spans, is_blank
from matchmaker.files.leftovers import LONGEST_PROMPT, is_prompt

_TOTAL = re.compile(r"(?:本页|全县|全市|总)?\s*[合总小累共]\s*计\s*(?:\(.*\)|（.*）)?\s*[:：]?")
_TOTAL_WITH_COUNT = re.compile(
    r"(?:本页|总)?\s*[合总小累共]\s*计\s*[:：（(]?\s*[\d一二三四五六七八九十百两].{0,16}", re.DOTALL
)
_TOTAL_OF_WHAT = re.compile(r"(?:本页|总)?\s*[合总小累共]\s*计.{1,8}")
# 白溪乡小计, 总计：4项: what stands before is a group's name, so the rest of the row must be figures.
_TOTAL_OF_GROUP = re.compile(
    r".{0,16}[合总小累共]\s*计\s*[:：]?\s*(?:[\d,.]+\s*[项家个条人元万亿]*)?\s*", re.DOTALL
)
_FIGURE = re.compile(r"[\d,.\s]*[项家个条人次元万亿%]*\s*")
_NOTE = re.compile(
    r"\s*(?:[*※]?\s*(?:注|备注|说明|填表说明|填报说明|填写说明|附注|附件|温馨提示)\s*\d*\s*[:：.、]|注\d?\s|[（(]注"
    r"|(?:填表|制表|填报|审核|审批|经办)人|单位负责人|联系人[:：]|联系电话[:：]|填报(?:单位|日期)|盖章|\d{4}年\s*\d{1,2}月\s*\d{1,2}日$).*",
    re.DOTALL,
)
_EXAMPLE = re.compile(
    r"\s*[（(【\[]?(?:示例|样例|范例|填写示例|填写样例|例|例如|举例)\s*\d*\s*[)）】\]]?\s*[:：]?\s*"
)
# 示例：某某公司 or 某某公司（示例）, in one of the first cells of the row.
_EXAMPLE_TEXT = re.compile(
    r"\s*[（(【\[]?(?:示例|样例|范例|填写示例|填写样例|例如?|举例)\s*\d*\s*(?:[)）】\]]\s*\S|[:：]).*"
    r"|.*[（(【\[](?:示例|样例|范例|填写示例|例|仅供参考|供参考)[)）】\]]\s*",
    re.DOTALL,
)
_RULE = re.compile(r"\s*:?[-=—_*]{3,}:?\s*")  # the line under the header of a table in plain text
_MARKED_CELLS = 3
_LONGEST_TOTAL = 10
_LONGEST_BEGINNING = 100
_SIGNED = re.compile(r"\s*[（(]?[^：:\d]{2,10}[)）]?\s*[：:]", re.DOTALL)
_REMARKABLE = re.compile(
    r"\s*$|\s*:?[-=—_*]{3}|.{0,16}[合总小累共]\s*计|\s*(?:示|样|填|例|举)|.{2,12}[：:]|[甲aA]$|[(（]?[1１][)）]?$|①$",
    re.DOTALL,
)
_COLUMN_MARKS = ("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", "abcdefghijklmnopqrstuvwxyz")
_SERIAL = re.compile(r"\d{1,6}(?:\.0)?|[（(]?\d+[)）、.]?|[①-⑳]|…+|\.{3,6}")

# What numbers the groups of a list, whose rows are counted in figures: 一, （二）, 三、, Ⅳ.
_GROUP_BEGINS = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[)）])")
_LONGEST_GROUP = 60
_GROUP_NUMBER = re.compile(r"\s*[（(]?[一二三四五六七八九十]{1,3}[)）、.]?\s*|[Ⅰ-Ⅻ]")
_IN_FIGURES = re.compile(r"\d{1,6}")
_UNIT = re.compile(
    r"\s*[(（]?\s*(?:单位\s*[:：]?\s*)?(?:[百千十]?[万亿]?元|[万亿]|个?月|年|人|名|项|台|吨|%)\s*[)）]?\s*"
)
_LONGEST_UNIT = 20


def is_unit(text: str) -> bool:
    """Whether a text only names a unit: （万元）, 月."""
    return len(text) <= _LONGEST_UNIT and bool(_UNIT.fullmatch(text))


def is_unit_row(cells: Sequence[Cell]) -> bool:
    """Whether a row below the header only says in which units its columns are: （万元）, （月）."""
    texts = [cell for cell in cells if cell != ""]
    bracketed = any(isinstance(text, str) and text.strip()[:1] in "(（" for text in texts)
    return bracketed and all(isinstance(text, str) and is_unit(text) for text in texts)


def begins_group(text: str) -> bool:
    """Whether a line numbers a group of rows in words: 一、新材料领域."""
    return len(text) <= _LONGEST_GROUP and bool(_GROUP_BEGINS.match(text))


def is_note(text: str) -> bool:
    """Whether a text explains a table or signs it: 注：…, 填表人：…"""
    return bool(_NOTE.match(_begin(text)))


class RowJudge:
    """Tells records from totals, notes, group lines, repeated headers and blank lines of one table."""

    def __init__(self, headers: Sequence[Header], spans: Spans, rows: Sequence[Sequence[Cell]]) -> None:
        """Make ready for a table; its first `rows` tell how the rows are counted."""
        self._spans = spans
        self._texts = {header.index: {part.strip() for part in header.parts} for header in headers}
        named = [header for header in headers if header.parts != ("",)]
        self._named = {header.index for header in named}
        self._width = max(len(named), 1)
        self._start = named[0].index if named else 0
        self._serial = {header.index for header in named if clean_header(header.text) in SERIAL_HEADERS}
        self._counts_in_figures = any(
            _IN_FIGURES.fullmatch(plain_text(row[column]))
            for row in rows
            for column in self._serial
            if column < len(row)
        )
        self._is_understood = any(is_known(header.parts[-1]) for header in named)
        self._first_words = {clean_header(part) for header in named[:3] for part in header.parts}

    def reason_to_skip(self, row: int, cells: list[Cell]) -> SkipReason | None:
        """Return why a row is no record; None when it is one."""
        count = len(cells) - cells.count("")
        if not count:
            return SkipReason.BLANK
        first = next(cell for cell in cells if cell != "")
        if count > 2 and not self._is_remarkable(first):
            return self._reason_inside(row, cells)
        filled = [column for column, cell in enumerate(cells) if not is_blank(cell)]
        return self._judged(row, cells, filled) if filled else SkipReason.BLANK

    def _reason_inside(self, row: int, cells: list[Cell]) -> SkipReason | None:
        """Look closer only where one of the first cells has a word for it: hardly any row has."""
        for place, cell in enumerate(cells[self._start : self._start + _MARKED_CELLS + 1], self._start):
            if type(cell) is not str:
                continue
            if "计" in cell and len(cell) <= _LONGEST_TOTAL and _TOTAL.fullmatch(cell.strip()):
                return SkipReason.TOTAL if self._adds_up(row, cells, place) else None
            if "例" in cell or "请" in cell[:3] or "供参考" in cell:
                return SkipReason.NOTE if is_of_template(cells) else None
        return None

    def _adds_up(self, row: int, cells: list[Cell], place: int) -> bool:
        """Whether 合计 at a place sums up: what stands before it is merged down, or figures stand behind."""
        merged = {column for column, _ in self._spans.fills.get(row, ())}
        own = [column for column in range(place) if column not in merged and not is_blank(cells[column])]
        behind = [column for column in range(place + 1, len(cells)) if not is_blank(cells[column])]
        return not own or (len(own) == 1 and self._are_figures(cells, behind))

    def _is_remarkable(self, first: Cell) -> bool:
        """Whether a row that begins so needs a closer look; nine rows of ten do not."""
        if not isinstance(first, str):
            return first == 1.0
        return len(first) <= 40 and bool(_REMARKABLE.match(first) or clean_header(first) in self._first_words)

    def _judged(self, row: int, cells: list[Cell], filled: list[int]) -> SkipReason | None:
        first = cells[filled[0]]
        if self._is_total(cells, filled) or self._is_group_total(cells, filled):
            return SkipReason.TOTAL
        if self._width > 1 and (self._repeats_header(cells, filled) or is_unit_row(cells)):
            return SkipReason.HEADER
        if all(_RULE.fullmatch(str(cells[column])) for column in filled):
            return SkipReason.BLANK
        if len(filled) <= 2 < self._width and row not in self._spans.fills:
            return self._sparse(row, cells, filled)
        if (isinstance(first, str) and _EXAMPLE.fullmatch(first)) or is_of_template(cells):
            return SkipReason.NOTE
        return SkipReason.NOTE if _is_signed([cells[column] for column in filled]) else None

    def _is_total(self, cells: list[Cell], filled: list[int]) -> bool:
        """Whether a row adds up: 合计, 共计 4 项, or 合计金额 with nothing but figures behind it."""
        first = cells[filled[0]]
        if not isinstance(first, str) or len(first) > 24:
            return False
        text = first.strip()
        if _TOTAL.fullmatch(text):
            return True
        counted = _TOTAL_WITH_COUNT.fullmatch(text) or (
            _TOTAL_OF_WHAT.fullmatch(text) and len(filled) > 1 and self._are_figures(cells, filled[1:])
        )
        return bool(counted) and len(filled) * 2 <= self._width

    def _are_figures(self, cells: list[Cell], columns: list[int]) -> bool:
        return all(_FIGURE.fullmatch(_begin(str(cells[column]))) for column in columns)

    def _is_group_total(self, cells: list[Cell], filled: list[int]) -> bool:
        first = cells[filled[0]]
        if (
            not isinstance(first, str)
            or len(filled) * 2 > self._width
            or not _TOTAL_OF_GROUP.fullmatch(first)
        ):
            return False
        return self._are_figures(cells, filled[1:])

    def _repeats_header(self, cells: list[Cell], filled: list[int]) -> bool:
        first = cells[filled[0]]
        if (
            len(filled) > 2
            and self._is_understood
            and _counts_columns([str(cells[column]) for column in filled])
        ):
            return True
        if not isinstance(first, str) or len(first) > 40 or clean_header(first) not in self._first_words:
            return False
        same = sum(str(cells[column]).strip() in self._texts.get(column, ()) for column in filled)
        return same * 2 > len(filled)

    def _sparse(self, row: int, cells: list[Cell], filled: list[int]) -> SkipReason | None:
        """Judge a row with one or two cells in a wider table."""
        if set(filled) <= self._serial and all(
            _SERIAL.fullmatch(str(cells[column]).strip()) for column in filled
        ):
            return SkipReason.BLANK  # a form's numbered line that nobody filled in
        texts = [cell for column in filled if isinstance(cell := cells[column], str)]
        if texts and all(_NOTE.fullmatch(_begin(text)) for text in texts):
            return SkipReason.NOTE
        if len(filled) > 1 and _is_signed([cells[column] for column in filled]):
            return SkipReason.NOTE
        if self._named.isdisjoint(filled) and len(texts) == len(filled):
            return SkipReason.NOTE  # words beside the table, below none of its headers
        if len(filled) > 1 or not texts:
            counts = self._counts_in_figures and filled[0] in self._serial and len(texts) == 2
            return SkipReason.GROUP if counts and _GROUP_NUMBER.fullmatch(texts[0]) else None
        return self._lonely(row, filled[0], texts[0])

    def _lonely(self, row: int, column: int, text: str) -> SkipReason | None:
        """Judge a text that is alone in its row."""
        wide = self._spans.width_at(row, column) * 2 > self._width
        at_the_start = column <= self._start
        if wide and len(text) <= _LONGEST_GROUP and _GROUP_BEGINS.match(text):
            return SkipReason.GROUP
        if _NOTE.match(_begin(text)) or (column <= self._start + 1 and len(text) > 30 and self._width > 3):
            return SkipReason.NOTE
        return SkipReason.GROUP if wide or at_the_start else None


def _is_signed(cells: Sequence[Cell]) -> bool:
    """Whether all cells name somebody or something: 制表人：王某, 审核：李某."""
    return all(isinstance(cell, str) and _SIGNED.match(_begin(cell)) for cell in cells)


def _begin(text: str) -> str:
    """Return as much of a text as tells a note or a figure: with more, patterns would try for minutes."""
    return text.strip()[:_LONGEST_BEGINNING]


def is_of_template(cells: Sequence[Cell]) -> bool:
    """Whether a row is what the template shows: an example, or what to write in each cell."""
    said = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    marks = [cell for cell in said[:_MARKED_CELLS] if len(cell) <= LONGEST_PROMPT]
    if any("例" in cell or "供参考" in cell for cell in marks):
        return any(_EXAMPLE_TEXT.fullmatch(cell) for cell in marks)
    if not any("请" in cell[:3] for cell in said[: _MARKED_CELLS + 1]):
        return False
    prompts = sum(is_prompt(cell) for cell in said)
    return prompts >= 2 and all(is_prompt(cell) or _SERIAL.fullmatch(cell.strip()) for cell in said)


def _counts_columns(texts: list[str]) -> bool:
    """Whether a row only counts the columns: 1 2 3, (1) (2) (3), ① ② ③, A B C, or 甲 乙 1 2."""
    bare = [
        unicodedata.normalize("NFKC", text).strip("() 栏").casefold().removesuffix(".0") for text in texts
    ]
    if bare == [str(number) for number in range(1, len(bare) + 1)]:
        return True
    for marks in _COLUMN_MARKS:
        lettered = [mark for mark in bare if mark in marks]
        numbered = [mark for mark in bare if mark not in marks]
        counted = [str(number) for number in range(1, len(numbered) + 1)]
        if lettered and "".join(lettered) == marks[: len(lettered)] and numbered == counted:
            return True
    return False
