"""A minimal .xlsb, written record by record as spreadsheet libraries write it: cells in the short form."""

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.worksheet"/>'
    '<Override PartName="/xl/workbook.bin" '
    'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="{target}" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/></Relationships>'
)


def record(number: int, body: bytes = b"") -> bytes:
    """Return one record: its number, its length in groups of seven bits, its bytes."""
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    length = len(body)
    while length >= 0x80:
        head, length = head + bytes([length & 0x7F | 0x80]), length >> 7
    return head + bytes([length]) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def binary_workbook(
    rows: Sequence[Sequence[object]],
    *,
    merges: Iterable[tuple[int, int, int, int]] = (),
    hidden_row: int | None = None,
) -> bytes:
    """Return an .xlsb; merges are first row, last row, first and last column, everything from 0."""
    cells = b""
    for number, row in enumerate(rows):
        hidden = 0x10 if number == hidden_row else 0
        cells += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, hidden, 0, 0))
        cells += b"".join(_cell(column, cell) for column, cell in enumerate(row))
    merged = b"".join(record(176, struct.pack("<4I", *merge)) for merge in merges)
    size = struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = record(129) + record(148, size) + record(145) + cells + record(146) + merged + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("汇总表"))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS.format(target="xl/workbook.bin", kind="officeDocument"))
        archive.writestr("xl/workbook.bin", book + record(144) + record(132))
        archive.writestr(
            "xl/_rels/workbook.bin.rels", _RELATIONS.format(target="worksheets/sheet1.bin", kind="worksheet")
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return target.getvalue()


def _cell(column: int, cell: object) -> bytes:
    """Return a cell: the first of a row with its column, the others in the short form."""
    short = column > 0
    head = b"" if short else struct.pack("<I", column)
    head += struct.pack("<I", 0)
    if isinstance(cell, str) and cell:
        return record(17 if short else 6, head + wide(cell))
    if isinstance(cell, (int, float)):
        return record(16 if short else 5, head + struct.pack("<d", cell))
    return record(12 if short else 1, head)
