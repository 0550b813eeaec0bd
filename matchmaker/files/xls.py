"""What calamine does not tell about .xls: hidden rows and columns, formulas that failed, shown words.

The records of the workbook's stream (BIFF, [MS-XLS] 2.4) are walked once; only their heads are looked at.
Runs inside the child process.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from matchmaker.files import cell_comments
from matchmaker.files.book import Fault, Limits
from matchmaker.files.number_formats import with_word, words_of

_BOUND_SHEET, _BEGIN, _END, _ENCRYPTED = 0x0085, 0x0809, 0x000A, 0x002F
_ROW, _COLUMNS, _TRUTH_OR_ERROR, _FORMULA = 0x0208, 0x007D, 0x0205, 0x0006
_ROW_IS_HIDDEN, _COLUMN_IS_HIDDEN = 0x0020, 0x0001
_FORMAT, _CELL_FORMAT, _NUMBER, _SHORT, _SHORTS = 0x041E, 0x00E0, 0x0203, 0x027E, 0x00BD
_NOTE, _DATE_MODE = 0x001C, 0x0022
_NO_NUMBER, _ERROR = b"\xff\xff", 2  # a formula's result that is no number, and is an error


@dataclass(slots=True)
class Scan:
    """What one sheet's records say beside its values; rows and columns count from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    missed: dict[int, dict[int, str]] = field(default_factory=dict)


def scan_sheets(content: bytes, names: list[str], limits: Limits) -> dict[str, Scan]:
    """Return sheet name → scan; `names` are all sheets in the order of the file.

    Nothing for a file whose records cannot be followed: what it holds is then read as it is.
    """
    stream = _workbook_stream(content)
    try:
        book = list(_records(stream, 0))
        starts = [
            struct.unpack_from("<I", body)[0] for kind, body in book if kind == _BOUND_SHEET and body[3:]
        ]
        if len(starts) != len(names):
            return {}
        words = _shown_words(book)
        return {name: _sheet(stream, start, limits, words) for name, start in zip(names, starts, strict=True)}
    except struct.error:
        return {}


def _workbook_stream(content: bytes) -> bytes:
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            for name in ("Workbook", "Book"):
                if container.exists(name):
                    found: bytes = container.openstream(name).read()
                    return found
    except (OSError, ValueError, IndexError):
        return b""
    return b""


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, body) of the records of one part, up to its end; parts inside it are passed over."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _ENCRYPTED:
            return
        depth += (kind == _BEGIN) - (kind == _END)
        if kind == _END and depth <= 0:
            return
        if depth == 1:
            yield kind, body


def _shown_words(book: list[tuple[int, bytes]]) -> dict[int, str]:
    """Return number of a cell format → the word or percent sign that it shows behind a number."""
    codes = {
        struct.unpack_from("<H", body)[0]: _format_code(body)
        for kind, body in book
        if kind == _FORMAT and len(body) > 5
    }
    coded = words_of(codes, from_1904=(_DATE_MODE, b"\x01\x00") in book)
    formats = [struct.unpack_from("<H", body, 2)[0] for kind, body in book if kind == _CELL_FORMAT]
    return {at: coded[number] for at, number in enumerate(formats) if number in coded}


def _format_code(body: bytes) -> str:
    """Return the code of a format as BIFF 8 writes it; that of older files reads as nothing known."""
    length, is_wide = struct.unpack_from("<HB", body, 2)
    text = body[5 : 5 + length * (2 if is_wide & 1 else 1)]
    return text.decode("utf-16-le" if is_wide & 1 else "latin-1", "replace")


def _numbers(kind: int, body: bytes) -> Iterator[tuple[int, int, int, float]]:
    """Yield (row, column, cell format, number) of the cells of one record."""
    if kind == _SHORTS:
        row, first = struct.unpack_from("<HH", body)
        for at in range((len(body) - 6) // 6):
            style, short = struct.unpack_from("<Hi", body, 4 + 6 * at)
            yield row, first + at, style, _number(short)
    elif kind in (_NUMBER, _SHORT) or (kind == _FORMULA and body[12:14] != _NO_NUMBER):
        row, column, style = struct.unpack_from("<HHH", body)
        number = (
            _number(struct.unpack_from("<i", body, 6)[0])
            if kind == _SHORT
            else struct.unpack_from("<d", body, 6)[0]
        )
        yield row, column, style, number


def _number(short: int) -> float:
    """Return a number written in four bytes: whole, or the upper half of a float; maybe a hundredfold."""
    whole: float = (
        short >> 2 if short & 2 else struct.unpack("<d", struct.pack("<iI", 0, short & 0xFFFFFFFC))[0]
    )
    return whole / 100 if short & 1 else whole


def _sheet(stream: bytes, start: int, limits: Limits, words: dict[int, str]) -> Scan:
    scan = Scan()
    for kind, body in _records(stream, start):
        if kind == _ROW and struct.unpack_from("<H", body, 12)[0] & _ROW_IS_HIDDEN:
            scan.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLUMNS and struct.unpack_from("<H", body, 8)[0] & _COLUMN_IS_HIDDEN:
            first, last = struct.unpack_from("<HH", body)
            scan.hidden_columns.update(range(first, min(last + 1, limits.columns)))
        elif kind == _NOTE and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            scan.faults.append(Fault(row=row, column=column, code=cell_comments.CODE))
        elif kind in (_TRUTH_OR_ERROR, _FORMULA) and _is_error(kind, body):
            row, column = struct.unpack_from("<HH", body)
            scan.faults.append(Fault(row=row, column=column, code="error_value"))
        if words and kind in (_NUMBER, _SHORT, _SHORTS, _FORMULA):
            _show(scan, words, kind, body)
    return scan


def _show(scan: Scan, words: dict[int, str], kind: int, body: bytes) -> None:
    for row, column, style, number in _numbers(kind, body):
        if style in words and (text := with_word(repr(number), words[style])):
            scan.missed.setdefault(row, {})[column] = text


def _is_error(kind: int, body: bytes) -> bool:
    if kind == _TRUTH_OR_ERROR:
        return body[7:8] == b"\x01"
    return body[12:14] == _NO_NUMBER and body[6:7] == bytes([_ERROR])
