"""Choices that a header numbers and its cells name by number: 成熟度（1.小试 2.中试）, 3 below it."""

import re
import unicodedata

from matchmaker.domain.parsed import plain_text
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import Reader, Reading
from matchmaker.files.choice_readers import not_in_legend

_ITEM = re.compile(
    r"(?:([①-⑩])|(?<![\dA-Za-z])(\d{1,2}|[A-Ha-h])\s*[.．、:：=-])\s*([一-鿿][一-鿿/A-Za-z]{1,14})"
)
_CIRCLED = re.compile("[①-⑩]")
_CODES = re.compile(r"(?:\d{1,2}|[A-H])(?:[、,;/和.\s]+(?:\d{1,2}|[A-H]))*[、,;.\s]*")


def legend_of(header: str) -> dict[str, str]:
    """Return number or letter → choice of a header that lists its choices from the first on; else nothing."""
    found = [(_bare(circled or code), word) for circled, code, word in _ITEM.findall(header)]
    counted = [str(at) for at in range(1, len(found) + 1)]
    lettered = [chr(ord("A") + at) for at in range(len(found))]
    codes = [code for code, _ in found]
    return dict(found) if len(found) > 1 and codes in (counted, lettered) else {}


def _bare(code: str) -> str:
    return unicodedata.normalize("NFKC", code).upper()


def by_legend(cell: Cell, *, legend: dict[str, str], field: str, read: Reader) -> Reading:
    """Read a cell that names its choices by their numbers; one that writes them out as any other."""
    marked = _CIRCLED.sub(lambda mark: f"{_bare(mark[0])}、", cell) if isinstance(cell, str) else cell
    text = plain_text(marked).upper()
    if not _CODES.fullmatch(text):
        return read(cell)
    codes = re.findall(r"\d{1,2}|[A-H]", text)
    if any(code not in legend for code in codes):
        return {}, (not_in_legend(text, field, legend),)
    return read("、".join(legend[code] for code in codes))
