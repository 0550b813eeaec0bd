"""A list laid out by chance, every habit of offices thrown in or left out, is read as it was written."""

import random
from dataclasses import dataclass, field
from typing import Any

from effort import examples
from hard_layouts import NEEDS, as_read
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.files.book import Book, Merge, Sheet
from matchmaker.files.records import find_records

_GROUPS = (
    ("企业信息", ("firm", "town")),
    ("需求信息", ("title", "problem", "amount")),
    ("联系方式", ("contact", "phone")),
)
_WORDS = {
    "firm": "企业名称",
    "town": "所在乡镇",
    "title": "需求名称",
    "problem": "需求描述",
    "amount": "拟投入资金",
    "contact": "联系人",
    "phone": "联系电话",
}
_FIELDS = tuple(name for _, names in _GROUPS for name in names)
_WIDTH = len(_FIELDS) + 1


@dataclass(slots=True)
class _Paper:
    """Rows and merged ranges while they are being laid out."""

    rows: list[list[Any]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def add(self, *cells: Any, wide: bool = False) -> None:
        if wide:
            self.merges.append((len(self.rows), 0, len(self.rows), _WIDTH - 1))
        self.rows.append(list(cells))


def _header(paper: _Paper, *, levels: int, unit: str) -> None:
    words = {**_WORDS, **({"amount": "拟投入资金\n（万元）"} if unit == "header" else {})}
    if levels == 2:
        top, start = ["序号"], len(paper.rows)
        paper.merges.append((start, 0, start + 1, 0))
        for name, names in _GROUPS:
            paper.merges.append((start, len(top), start, len(top) + len(names) - 1))
            top += [name, *[""] * (len(names) - 1)]
        paper.add(*top)
        words |= {"contact": "姓名", "phone": "电话"}
    paper.add("" if levels == 2 else "序号", *(words[name] for name in _FIELDS))
    if unit == "row":
        paper.add("", *("（万元）" if name == "amount" else "" for name in _FIELDS))


class _Chance:
    """Throws dice, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self.levels = self._dice.choice([1, 2])
        self.unit = self._dice.choice(["header", "row", "table"])

    def lines(self, share: float, *choices: str) -> list[str]:
        """Return one of the lines, or none."""
        return [self._dice.choice(choices)] if self._dice.random() < share else []


def _laid_out(chance: _Chance) -> _Paper:
    paper = _Paper()
    for title in chance.lines(0.7, "临澜县技术需求汇总表"):
        paper.add(title, wide=True)
    if chance.unit == "table":
        paper.add(*[""] * (_WIDTH - 1), "单位：万元")
    _header(paper, levels=chance.levels, unit=chance.unit)
    for _ in chance.lines(0.2, "numbers of columns"):
        paper.add(*range(1, _WIDTH + 1))
    for number, need in enumerate(NEEDS, 1):
        _page(paper, chance, first=number == 1)
        amount = "面议" if need.amount is None else need.amount
        said = {**{name: getattr(need, name) for name in _FIELDS}, "amount": amount}
        paper.add(number, *(said[name] for name in _FIELDS))
        for total in chance.lines(0.2, "小计", "小计：1项", "本页小计"):
            paper.add(total, *[""] * (_WIDTH - 1))
    _foot(paper, chance)
    return paper


def _page(paper: _Paper, chance: _Chance, *, first: bool) -> None:
    """Maybe begin a page or a group before a row."""
    for end in [] if first else chance.lines(0.2, "第 1 页 共 2 页"):
        paper.add(end)
        _header(paper, levels=chance.levels, unit=chance.unit)
    for group in chance.lines(0.2, "一、城东片区", "（二）山区"):
        paper.add(group, wide=bool(chance.lines(0.5, "merged")))


def _foot(paper: _Paper, chance: _Chance) -> None:
    for total in chance.lines(0.3, "合计", "总　计", "共计 4 项"):
        paper.add(total, *[""] * (_WIDTH - 1))
    for note in chance.lines(0.3, "注：1.本表一式两份；", "说明：资金为自筹。"):
        paper.add()
        paper.add(note)
    for name in chance.lines(0.3, "制表人：王某"):
        paper.add(name, "", "审核：李某")


def _sheet(paper: _Paper, *, left: int) -> Sheet:
    merges = (
        Merge(first_row=a, first_column=b + left, last_row=c, last_column=d + left)
        for a, b, c, d in paper.merges
    )
    return Sheet(name="Sheet1", rows=[[""] * left + row for row in paper.rows], merges=tuple(merges))


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 2**32), left=st.sampled_from([0, 0, 1, 3]))
def test_a_list_laid_out_by_chance_is_read_cell_by_cell(seed: int, left: int) -> None:
    sheet = _sheet(_laid_out(_Chance(seed)), left=left)

    findings = find_records(Book(filename="清单.xlsx", format="xlsx", sheets=(sheet,)))

    assert [as_read(record) for record in findings.records] == list(NEEDS)
    assert [problem.message for record in findings.records for problem in record.problems] == []
