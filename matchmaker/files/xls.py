"""What calamine does not tell about .xls: hidden rows and columns, and formulas that failed.

The records of the workbook's stream (BIFF, [MS-XLS] 2.4) are walked once; only their heads are looked at.
Runs inside the child process.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from matchmaker.files.book import Fault, Limits

_BOUND_SHEET, _BEGIN, _END, _ENCRYPTED = 0x0085, 0x0809, 0x000A, 0x002F
_ROW, _COLUMNS, _TRUTH_OR_ERROR, _FORMULA = 0x0208, 0x007D, 0x0205, 0x0006
_ROW_IS_HIDDEN, _COLUMN_IS_HIDDEN = 0x0020, 0x0001
_NO_NUMBER, _ERROR = b"\xff\xff", 2  # a formula's result that is no number, and is an error


@dataclass(slots=True)
class Scan:
    """What one sheet's records say beside its values; rows and columns count from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def scan_sheets(content: bytes, names: list[str], limits: Limits) -> dict[str, Scan]:
    """Return sheet name → scan; `names` are all sheets in the order of the file.

    Nothing for a file whose records cannot be followed: what it holds is then read as it is.
    """
    stream = _workbook_stream(content)
    try:
        starts = [
            struct.unpack_from("<I", body)[0]
            for kind, body in _records(stream, 0)
            if kind == _BOUND_SHEET and len(body) >= 4
        ]
        if len(starts) != len(names):
            return {}
        return {name: _sheet(stream, start, limits) for name, start in zip(names, starts, strict=True)}
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


def _sheet(stream: bytes, start: int, limits: Limits) -> Scan:
    scan = Scan()
    for kind, body in _records(stream, start):
        if kind == _ROW and struct.unpack_from("<H", body, 12)[0] & _ROW_IS_HIDDEN:
            scan.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLUMNS and struct.unpack_from("<H", body, 8)[0] & _COLUMN_IS_HIDDEN:
            first, last = struct.unpack_from("<HH", body)
            scan.hidden_columns.update(range(first, min(last + 1, limits.columns)))
        elif kind in (_TRUTH_OR_ERROR, _FORMULA) and _is_error(kind, body):
            row, column = struct.unpack_from("<HH", body)
            scan.faults.append(Fault(row=row, column=column, code="error_value"))
    return scan


def _is_error(kind: int, body: bytes) -> bool:
    if kind == _TRUTH_OR_ERROR:
        return body[7:8] == b"\x01"
    return body[12:14] == _NO_NUMBER and body[6:7] == bytes([_ERROR])
