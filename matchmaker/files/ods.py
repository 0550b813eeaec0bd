"""What calamine does not tell about .ods: merged ranges and hidden rows. Runs inside the child process."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.parsers import expat

from matchmaker.files.book import Fault, Limits
from matchmaker.files.refusals import refused

_WORTH_PARSING = re.compile(
    rb'number-rows-spanned="(?:[2-9]|1\d)|number-columns-spanned="(?:[2-9]|1\d)|visibility="(?:collapse|filter)"'
)


@dataclass(slots=True)
class OdsScan:
    """What one table of an .ods says beside its values; all counted from 0, both ends included."""

    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def scan_sheets(archive: zipfile.ZipFile, limits: Limits) -> dict[str, OdsScan]:
    """Return what is merged or hidden in each table; nothing when the file has neither."""
    content = archive.read("content.xml")
    if not _WORTH_PARSING.search(content):
        return {}
    reader = _Reader(limits)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
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


class _Reader:
    """Counts rows and columns through repetitions; spans longer than the limits cannot matter."""

    def __init__(self, limits: Limits) -> None:
        self.tables: dict[str, OdsScan] = {}
        self._scan = OdsScan()
        self._limits = limits
        self._row = self._column = self._column_declared = self._row_repeat = 0

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

    def end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "table-row":
            self._row += self._row_repeat

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
