"""What calamine does not tell about .ods: merged ranges, hidden rows, words shown behind numbers.

Runs inside the child process.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from xml.parsers import expat

from matchmaker.files import cell_comments
from matchmaker.files.book import Fault, Limits
from matchmaker.files.number_formats import with_word
from matchmaker.files.refusals import refused

_WORTH_PARSING = re.compile(
    rb'number-rows-spanned="(?:[2-9]|1\d)|number-columns-spanned="(?:[2-9]|1\d)|visibility="(?:collapse|filter)"'
    rb'|date-value="\d{4}-\d\d-01"[^>]{0,600}><text:p>\d{4}\D{1,3}\d{1,2}(?:\xe6\x9c\x88)?<'
    rb'|<office:annotation\b|value-type="percentage"|value="[\d.]{1,40}"[^>]{0,600}><text:p>[\d,.]+\s*[\xe4-\xe9]'
)
_WORD = re.compile(r"([\d,.]*\d)\s*([一-鿿]{1,6})")
_MONTH = re.compile(r"\d{4}[年/.-]\d{1,2}月?")
_OF_NUMBERS = ("percentage", "float", "currency")
_MOST_REPEATS = 1_000


@dataclass(slots=True)
class OdsScan:
    """What one table of an .ods says beside its values; all counted from 0, both ends included."""

    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    missed: dict[int, dict[int, str]] = field(default_factory=dict)


def scan_sheets(archive: zipfile.ZipFile, limits: Limits) -> dict[str, OdsScan]:
    """Return what is merged, hidden or shown with words in each table; nothing when the file has none."""
    content = archive.read("content.xml")
    if not _WORTH_PARSING.search(content):
        return {}
    reader = _Reader(limits)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as fault:
        raise refused(
            "broken_file", "表格已损坏，读不出来；请用 Excel 或 WPS 打开后“另存为”.xlsx 再上传。"
        ) from fault
    return reader.tables


_INDENT = re.compile(rb"(</?table:[^>]*>|</?office:(?:body|spreadsheet)\b[^>]*>|</text:p>)\s+(?=<)")


def without_indents(archive: zipfile.ZipFile) -> bytes:
    """Return the file again without white space between the elements of its tables."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, _INDENT.sub(rb"\1", content) if name == "content.xml" else content)
    return target.getvalue()


_ABOUT_COMMENTS = ("creator", "date", "creator-initials")


class _Reader:
    """Counts rows and columns through repetitions; spans longer than the limits cannot matter."""

    def __init__(self, limits: Limits) -> None:
        self.tables: dict[str, OdsScan] = {}
        self._scan = OdsScan()
        self._limits = limits
        self._row = self._column = self._column_declared = self._row_repeat = 0
        self._number: dict[str, str] = {}
        self._words: list[str] = []
        self._comment: list[str] | None = None
        self._about_comment = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        given = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if tag == "table":
            self._scan = self.tables.setdefault(given.get("name", ""), OdsScan())
            self._row = self._column_declared = 0
        elif tag == "table-column":
            self._declare_columns(given)
        elif tag == "table-row":
            self._start_row(given)
        elif tag in ("table-cell", "covered-table-cell"):
            self._cell(given)
        elif tag == "annotation":
            self._comment = []
        elif tag in _ABOUT_COMMENTS:
            self._about_comment = True

    def text(self, data: str) -> None:
        if self._comment is not None:  # it stands before the text of its cell
            self._comment += [] if self._about_comment else [data]
        elif self._number:
            self._words.append(data)

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "table-row":
            self._row += self._row_repeat
        elif tag == "annotation" and self._comment is not None:
            column, said = max(self._column - 1, 0), cell_comments.said_in(" ".join(self._comment))
            self._scan.faults.append(Fault(row=self._row, column=column, code=cell_comments.CODE, text=said))
            self._comment = None
        elif tag in _ABOUT_COMMENTS:
            self._about_comment = False
        elif tag == "table-cell" and self._number:
            self._show(self._number)
            self._number = {}

    def _show(self, given: dict[str, str]) -> None:
        """Keep what a number shows: 0.62 as 62%, 50 as 50万元; of the first day of a month 2026年6月."""
        text = "".join(self._words).strip()
        if given["value-type"] == "date":
            self._keep(text if _MONTH.fullmatch(text) else "", given)
            return
        found = _WORD.fullmatch(text)
        word = "%" if given["value-type"] == "percentage" else ""
        if found and _is_same(found[1], given["value"]):
            word = found[2]
        self._keep(with_word(given["value"], word) if word else "", given)

    def _keep(self, shown: str, given: dict[str, str]) -> None:
        if not shown:
            return
        repeats = min(int(given.get("number-columns-repeated", 1)), _MOST_REPEATS)
        for row in range(self._row, self._row + min(self._row_repeat, _MOST_REPEATS)):
            columns = self._scan.missed.setdefault(row, {})
            columns.update(dict.fromkeys(range(self._column - repeats, self._column), shown))

    def _declare_columns(self, given: dict[str, str]) -> None:
        count = int(given.get("number-columns-repeated", 1))
        if given.get("visibility") in ("collapse", "filter"):
            last = min(self._column_declared + count, self._limits.columns)
            self._scan.hidden_columns.update(range(self._column_declared, last))
        self._column_declared += count

    def _start_row(self, given: dict[str, str]) -> None:
        self._column = 0
        self._row_repeat = int(given.get("number-rows-repeated", 1))
        if given.get("visibility") in ("collapse", "filter"):
            self._scan.hidden_rows.update(
                range(self._row, min(self._row + self._row_repeat, self._limits.rows))
            )

    def _cell(self, given: dict[str, str]) -> None:
        down = int(given.get("number-rows-spanned", 1))
        across = int(given.get("number-columns-spanned", 1))
        if down > 1 or across > 1:
            self._scan.merges.append(
                (self._row, self._column, self._row + down - 1, self._column + across - 1)
            )
        self._column += int(given.get("number-columns-repeated", 1))
        first_day = given.get("date-value", "").endswith("-01")
        if first_day or (given.get("value-type") in _OF_NUMBERS and given.get("value")):
            self._number = given
            self._words = []


def _is_same(shown: str, value: str) -> bool:
    """Whether a cell shows its number itself, rounded perhaps: 50千元 may stand for 50000."""
    try:
        number, whole = Decimal(shown.replace(",", "")), Decimal(value)
    except InvalidOperation:
        return False
    decimals = len(shown.partition(".")[2])
    return whole.is_finite() and abs(number - whole) * 2 * 10**decimals <= 1
