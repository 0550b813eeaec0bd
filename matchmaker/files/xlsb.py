"""What calamine does not tell about .xlsb: merged ranges, what is hidden, errors, cells in the short form.

A part of an .xlsb is a run of records: a number of one or two bytes, a length of one to four bytes with seven
bits in each, and so many bytes ([MS-XLSB] 2.1.4). Runs inside the child process.
"""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from matchmaker.files.book import Fault, Limits
from matchmaker.files.cell_comments import commented_cells
from matchmaker.files.number_formats import with_word, words_of
from matchmaker.files.refusals import refused

_ROW, _CELLS, _SHORT_CELLS = 0, range(1, 12), range(12, 19)
_ERRORS = (3, 11, 14)
_SHARED_TEXT, _COLUMN, _END_OF_CELLS, _SHEET, _MERGE = 19, 60, 146, 156, 176
# Excel writes every cell with its column; a short cell stands right of the one before it.
_SHORT_NUMBER, _SHORT_BOOL, _SHORT_REAL, _SHORT_TEXT, _SHORT_SHARED = 13, 15, 16, 17, 18
_RICH_TEXT = 62
_PACKED, _REAL, _FORMULA_NUMBER = 2, 5, 9
_NUMBERS = (_PACKED, _REAL, _FORMULA_NUMBER, _SHORT_NUMBER, _SHORT_REAL)
_BOOK_PROPERTIES = 153
_FORMAT, _STYLE, _CELL_STYLES, _END_OF_CELL_STYLES = 44, 47, 617, 618


@dataclass(slots=True)
class XlsbScan:
    """What one sheet says beside the values calamine reads; rows and columns count from 0."""

    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    missed: dict[int, dict[int, str | float | bool]] = field(default_factory=dict)
    """Row → column → value of the cells that calamine leaves out."""


def scan_sheets(archive: zipfile.ZipFile, limits: Limits) -> dict[str, XlsbScan]:
    """Return what each sheet says. Raises FileRefused when the records make no sense or go too far."""
    try:
        texts, formats = _shared_texts(archive), _shown_words(archive)
        return {
            name: _with_comments(_scan(archive.read(member), texts, formats, limits), archive, member)
            for name, member in _members(archive).items()
        }
    except (struct.error, IndexError, KeyError, UnicodeDecodeError, ET.ParseError) as fault:
        raise refused(
            "broken_file", "表格已损坏或不完整，读不出来；请用 Excel 或 WPS 打开后“另存为”.xlsx 再上传。"
        ) from fault


def _with_comments(scan: XlsbScan, archive: zipfile.ZipFile, member: str) -> XlsbScan:
    scan.faults += commented_cells(archive, member)
    return scan


def _shown_words(archive: zipfile.ZipFile) -> dict[int, str]:
    """Return number of a cell style → the percent sign or the words that it shows behind a number."""
    if "xl/styles.bin" not in archive.namelist():
        return {}
    codes: dict[int, str] = {}
    styles: list[int] = []
    in_cells = False
    for number, body in _records(archive.read("xl/styles.bin")):
        if number == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _text(body, 2)[0]
        elif number in (_CELL_STYLES, _END_OF_CELL_STYLES):
            in_cells = number == _CELL_STYLES
        elif number == _STYLE and in_cells:
            styles.append(struct.unpack_from("<H", body, 2)[0])
    book = _records(archive.read("xl/workbook.bin"))
    from_1904 = any(number == _BOOK_PROPERTIES and body[0] & 1 for number, body in book)
    coded = words_of(codes, from_1904=from_1904)
    return {at: coded[code] for at, code in enumerate(styles) if code in coded}


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(part):
        number = part[place]
        place += 1
        if number & 0x80:
            number = number & 0x7F | (part[place] & 0x7F) << 7
            place += 1
        length = shift = 0
        while True:
            byte = part[place]
            place += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift == 28:
                break
        yield number, part[place : place + length]
        place += length


def _text(body: bytes, place: int) -> tuple[str, int]:
    """Return the text whose length stands at a place, and the place behind it."""
    (length,) = struct.unpack_from("<I", body, place)
    end = place + 4 + 2 * length
    return body[place + 4 : end].decode("utf-16-le"), end


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.bin" not in archive.namelist():
        return []
    part = archive.read("xl/sharedStrings.bin")
    return [_text(body, 1)[0] for number, body in _records(part) if number == _SHARED_TEXT]


def _members(archive: zipfile.ZipFile) -> dict[str, str]:
    tree = ET.fromstring(archive.read("xl/_rels/workbook.bin.rels"))  # noqa: S314 -- entities are refused first
    targets = {
        element.get("Id"): element.get("Target", "").removeprefix("/xl/").removeprefix("xl/")
        for element in tree
    }
    members = {}
    for number, body in _records(archive.read("xl/workbook.bin")):
        if number == _SHEET:
            relation, place = _text(body, 8)
            members[_text(body, place)[0]] = f"xl/{targets[relation]}"
    names = set(archive.namelist())
    return {name: member for name, member in members.items() if member in names}


def _scan(part: bytes, texts: list[str], formats: dict[int, str], limits: Limits) -> XlsbScan:
    scan = XlsbScan()
    records = _records(part)
    row = column = -1
    for number, body in records:
        if number == _END_OF_CELLS:
            break
        if number == _ROW:
            row, column = struct.unpack_from("<I", body)[0], -1
            if body[11] & 0x10:
                scan.hidden_rows.add(row)
        elif number in _CELLS or number in _SHORT_CELLS or number == _RICH_TEXT:
            column = column + 1 if number in _SHORT_CELLS else struct.unpack_from("<I", body)[0]
            _note_cell(scan, (row, column), number, body, texts)
            if formats and number in _NUMBERS:
                _show(scan, (row, column), number, body, formats)
        else:
            _note_columns(scan, number, body, limits)
        _refuse_beyond(row, column, limits)
    for number, body in records:
        if number == _MERGE:
            first_row, last_row, first_column, last_column = struct.unpack_from("<4I", body)
            scan.merges.append((first_row, first_column, last_row, last_column))
    return scan


def _note_cell(scan: XlsbScan, spot: tuple[int, int], number: int, body: bytes, texts: list[str]) -> None:
    row, column = spot
    if number in _ERRORS:
        scan.faults.append(Fault(row=row, column=column, code="error_value"))
    if number > _CELLS[-1] and (value := _missed_value(number, body, texts)) != "":
        scan.missed.setdefault(row, {})[column] = value


def _show(scan: XlsbScan, spot: tuple[int, int], number: int, body: bytes, formats: dict[int, str]) -> None:
    """Keep what a number shows: 0.62 as 62%, 50 as 50万元."""
    at = 0 if number in _SHORT_CELLS else 4
    word = formats.get(int.from_bytes(body[at : at + 3], "little"))
    if word is None:
        return
    packed = number in (_PACKED, _SHORT_NUMBER)
    value = (
        _packed_number(struct.unpack_from("<I", body, at + 4)[0])
        if packed
        else struct.unpack_from("<d", body, at + 4)[0]
    )
    if text := with_word(repr(value), word):
        scan.missed.setdefault(spot[0], {})[spot[1]] = text


def _note_columns(scan: XlsbScan, number: int, body: bytes, limits: Limits) -> None:
    if number == _COLUMN and struct.unpack_from("<H", body, 16)[0] & 1:
        first, last = struct.unpack_from("<2I", body)
        scan.hidden_columns.update(range(first, min(last + 1, limits.columns)))


def _missed_value(number: int, body: bytes, texts: list[str]) -> str | float | bool:
    """Return the value behind the four bytes of style that every short cell begins with."""
    if number == _RICH_TEXT:
        return _text(body, 9)[0]
    if number == _SHORT_TEXT:
        return _text(body, 4)[0]
    if number == _SHORT_SHARED:
        return str(texts[struct.unpack_from("<I", body, 4)[0]])
    if number == _SHORT_REAL:
        return float(struct.unpack_from("<d", body, 4)[0])
    if number == _SHORT_NUMBER:
        return _packed_number(int(struct.unpack_from("<I", body, 4)[0]))
    return bool(body[4]) if number == _SHORT_BOOL else ""


def _packed_number(packed: int) -> float:
    """Return an RkNumber: 30 bits of an integer or of a float's upper half, maybe a hundredfold."""
    if packed & 2:
        value = float(packed >> 2 if packed < 1 << 31 else (packed >> 2) - (1 << 30))
    else:
        (value,) = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))
    return float(value / 100 if packed & 1 else value)


def _refuse_beyond(row: int, column: int, limits: Limits) -> None:
    if row >= limits.rows:
        raise refused("too_many_rows", f"工作表超过 {limits.rows:,} 行，请拆成几个文件后分别上传。")
    if column >= limits.columns:
        raise refused("too_many_columns", f"工作表超过 {limits.columns} 列，请只保留需要的列再上传。")
