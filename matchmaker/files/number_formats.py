"""Numbers of a workbook that show more than their digits: 0.62 as 62%, 50 as 50万元, 12 as 12个月.

Runs inside the child process.
"""

import re
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from matchmaker.files.book import column_number

_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
_FORMAT_ID = re.compile(rb'\bnumFmtId="(\d+)"')
_FORMAT_CODE = re.compile(rb'\bformatCode="([^"]*)"')
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_FORMAT = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
PERCENT_FORMATS = (9, 10)
# Digits, then words: 0.00"万元", #,##0元. What else a format may be (dates, colours, text) is left alone,
# and so is a comma behind the digits: 0.0,"千元" shows a thousandth of the number.
_WITH_WORDS = re.compile(r'[#0,.]*0(?:[#0,.]*[#0.])?_?\s*(?:"([^"]{1,6})"|([一-鿿]{1,4})|\\([一-鿿]))\s*')
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
    coded = {str(number).encode(): "%" for number in PERCENT_FORMATS}
    for element in _NUMBER_FORMAT.findall(content):
        number, code = _FORMAT_ID.search(element), _FORMAT_CODE.search(element)
        if number and code and (word := word_of(_unescaped(code[1]))):
            coded[number[1]] = word
    formats = _CELL_FORMATS.search(content)
    words = {}
    for at, element in enumerate(_CELL_FORMAT.findall(formats[0]) if formats else ()):
        number = _FORMAT_ID.search(element)
        if number and number[1] in coded:
            words[str(at).encode()] = coded[number[1]]
    return Formats(words=words, cells=_cells_of(words)) if words else NO_FORMATS


def _unescaped(code: bytes) -> str:
    text = code.decode("utf-8", "replace")
    for entity, mark in (("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, mark)
    return text


def word_of(code: str) -> str:
    """Return what a format shows behind a positive number, "" for dates and anything else."""
    first = code.split(";", maxsplit=1)[0]
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
    """Return a number as its cell shows it, 0.62 with % as 62%; "" for what is none."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return ""
    if not number.is_finite():
        return ""
    shown = round(number * 100, 6) if word == "%" else number
    return f"{shown.normalize():f}{word}"
