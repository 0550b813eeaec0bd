"""Dates without a year in a list that names one: 6月中旬 under 2026年技术需求汇总表."""

import re

from matchmaker.domain.dates import may_name_month
from matchmaker.domain.parsed import guess, plain_text, short
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import Reader, Reading, of_field

_YEAR = re.compile(r"(?<!\d)20[2-4]\d(?=\s*(?:[-—–~～至、和及/]\s*20[2-4]\d\s*)*年)")  # 2025-2026年: two
_WITHOUT_YEAR = re.compile(
    r"(?:预计|拟|计划|争取|力争|于|在)?(?P<year>今年|本年度?|当年|明年|次年)?(?P<rest>年?[底末初内]前?"
    r"|第?[一二三四1-4]季度(?:末|完成|内)?|[上下]半年|\d{1,2}月.{0,8})"
)
_WHEN = re.compile("时间|日期|时限|节点|何时|时候|截止|date|time")
_NEXT = ("明年", "次年")
_LONGEST = 16


def year_named(title: str) -> int | None:
    """Return the one year that the words over a list name; None for none or several."""
    named = {int(found[0]) for found in _YEAR.finditer(title)}
    return named.pop() if len(named) == 1 else None


def with_year(read: Reader, *, field: str, header: str, year: int) -> Reader:
    """Return the reader of a field, which takes a date without a year for one of that year, as a guess.

    Under a header that asks when, 6月 is a month too; elsewhere it stays six of them.
    """
    asks_when = bool(_WHEN.search(header))

    def reading(cell: Cell) -> Reading:
        found, problems = read(cell)
        text = plain_text(cell)
        if len(text) > _LONGEST or (found and not (asks_when and may_name_month(text))):
            return found, problems
        said = _WITHOUT_YEAR.fullmatch(text)
        if said is None or not (said["year"] or said["rest"][0] not in "底末初内"):
            return found, problems
        whole = f"{year + (said['year'] in _NEXT)}年{said['rest'].removeprefix('年')}"
        again, _ = read(whole)
        remark = guess(f"“{short(text)}”没有写年份，按“{whole}”处理，请核对。", code="year_of_list")
        return (again, (of_field(remark, field),)) if again else (found, problems)

    return reading
