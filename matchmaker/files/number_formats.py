"""Numbers of a workbook that show something else: 0.62 as 62%, 50 as 50万元, a day as its month.

Runs inside the child process.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from matchmaker.domain.dates import from_serial
from matchmaker.files.book import column_number

_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
_FORMAT_ID = re.compile(rb'\bnumFmtId="(\d+)"')
_FORMAT_CODE = re.compile(rb'\bformatCode="([^"]*)"')
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_FORMAT = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_MONTH = "年月"
_BUILT_IN = dict.fromkeys((9, 10), "%") | dict.fromkeys((17, 27, 36, 50, 52, 57), _MONTH)
# Digits, then words: 0.00"万元", #,##0元. What else a format may be (dates, colours, text) is left alone,
# and so is a comma behind the digits: 0.0,"千元" shows a thousandth of the number.
_WITH_WORDS = re.compile(r'[#0,.]*0(?:[#0,.]*[#0.])?_?\s*(?:"([^"]{1,6})"|([一-鿿]{1,4})|\\([一-鿿]))\s*')
# 2026年6月 typed into Excel becomes its first day and shows as typed.
_YEAR_AND_MONTH = re.compile(
    r'(?:\[\$-[\w,]+\])*(?:yyyy(?:"年"|\\?年|\\?[-/.])m{1,2}(?:"月"|\\?月)?|mmm\\?-yy)', re.IGNORECASE
)
_PERCENT = re.compile(r"[#0,.]*0[#0,.]*_?\s*%\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """The words that a cell style shows behind its numbers, by the number of the style."""

    words: dict[bytes, str] = field(default_factory=dict)
    cells: re.Pattern[bytes] | None = None

    def shown(self, piece: bytes) -> dict[int, dict[int, str]]:
        """Return row → column → text of the cells that show words behind a number; counted from 0."""
        found: dict[int, dict[int, str]] = {}
        for cell in self.cells.finditer(piece) if self.cells else ():
            text = with_word(cell["value"].decode("ascii", "replace"), self.words[cell["style"]])
            if text:
                row, column = int(cell["row"]) - 1, column_number(cell["column"].decode())
                found.setdefault(row, {})[column] = text
        return found


NO_FORMATS = Formats()


def read_formats(archive: zipfile.ZipFile) -> Formats:
    """Return the styles of an .xlsx whose numbers show a percent sign or words."""
    content = archive.read("xl/styles.xml") if "xl/styles.xml" in archive.namelist() else b""
    codes = {}
    for element in _NUMBER_FORMAT.findall(content):
        number, code = _FORMAT_ID.search(element), _FORMAT_CODE.search(element)
        if number and code:
            codes[int(number[1])] = _unescaped(code[1])
    formats = _CELL_FORMATS.search(content)
    coded = words_of(codes, from_1904=counts_from_1904(archive))
    words = {}
    for at, element in enumerate(_CELL_FORMAT.findall(formats[0]) if formats else ()):
        number = _FORMAT_ID.search(element)
        if number and int(number[1]) in coded:
            words[str(at).encode()] = coded[int(number[1])]
    return Formats(words=words, cells=_cells_of(words)) if words else NO_FORMATS


def counts_from_1904(archive: zipfile.ZipFile) -> bool:
    """Whether an .xlsx counts its days from 1904, as old settings on Macs did."""
    workbook = archive.read("xl/workbook.xml") if "xl/workbook.xml" in archive.namelist() else b""
    return re.search(rb'date1904="(?:1|true)"', workbook) is not None


def words_of(codes: Mapping[int, str], *, from_1904: bool) -> dict[int, str]:
    """Return number of a format → what it shows; `codes` are those of the workbook's own formats."""
    words = _BUILT_IN | {number: word for number, code in codes.items() if (word := word_of(code))}
    return {number: word for number, word in words.items() if not (from_1904 and word == _MONTH)}


def _unescaped(code: bytes) -> str:
    text = code.decode("utf-8", "replace")
    for entity, mark in (("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, mark)
    return text


def word_of(code: str) -> str:
    """Return what a format shows behind a positive number, or that it shows months; "" for anything else."""
    first = code.split(";", maxsplit=1)[0]
    if _YEAR_AND_MONTH.fullmatch(first):
        return _MONTH
    if _PERCENT.fullmatch(first):
        return "%"
    found = _WITH_WORDS.fullmatch(first)
    return next((word for word in found.groups() if word), "") if found else ""


def _cells_of(words: dict[bytes, str]) -> re.Pattern[bytes]:
    styles = b"|".join(sorted(words))
    return re.compile(
        rb'<(?:\w+:)?c\b(?=[^>]*\bs="(?P<style>' + styles + rb')")(?![^>]*\bt="(?!n"))'
        rb'[^>]*\br="(?P<column>[A-Z]{1,3})(?P<row>\d+)"[^>]*>'
        rb"(?:<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>(?P<value>[^<]{1,40})</"
    )


def with_word(value: str, word: str) -> str:
    """Return a number as its cell shows it, 0.62 with % as 62%; "" for what is none and days amid a month."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return ""
    if not number.is_finite():
        return ""
    if word == _MONTH:
        day = from_serial(float(number)) if number == int(number) else None
        return f"{day.year}年{day.month}月" if day and day.day == 1 else ""
    shown = round(number * 100, 6) if word == "%" else number
    return f"{shown.normalize():f}{word}"
