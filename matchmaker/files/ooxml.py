"""What calamine does not tell about .xlsx: hidden rows, formulas without a value, far cells, shown words.

The sheet's XML is scanned with patterns in pieces cut between rows, never parsed into a tree: it may
be a hundred megabytes. Runs inside the child process.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from matchmaker.files.book import Fault, Limits, column_number
from matchmaker.files.cell_comments import commented_cells
from matchmaker.files.number_formats import NO_FORMATS, Formats
from matchmaker.files.refusals import refused
from matchmaker.files.strikes import FILLED_CELL, NO_STRIKES, Strikes

_PIECE_BYTES = 4_000_000
_PROLOGUE_BYTES = 65_536
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')
_HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\b(?=[^>]*\bhidden="(?:1|true)")[^>]*>')
# A formula whose result is the empty text says t="str"; one that was never calculated does not.
_CELL_WITHOUT_VALUE = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*\br="([A-Z]+)(\d+)"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"')
_REFERENCE = re.compile(rb'\br="([A-Z]+)(\d+)"')
# Found in no list of usual size, and far quicker to look for than the cell itself.
_FAR_PLACE = re.compile(rb'r="(?:[A-Z]{3}|[A-Z]+\d{6})')
_FAR_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{3,}\d+|[A-Z]+\d{6,})"[^>]*[^/>]>')


@dataclass(slots=True)
class Scan:
    """What one sheet's XML says beside its values; rows and columns count from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    struck_cells: dict[int, int] = field(default_factory=dict)
    missed: dict[int, dict[int, str]] = field(default_factory=dict)


def refuse_entities(archive: zipfile.ZipFile) -> None:
    """Refuse an archive whose XML declares a document type: no office program writes one, only bombs do."""
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            with archive.open(name) as member:
                prologue = member.read(_PROLOGUE_BYTES)
            if b"<!DOCTYPE" in prologue or b"<!D\0O\0C" in prologue or b"<\0!\0D\0O\0C" in prologue:
                raise refused(
                    "entities",
                    "文件内部含有不该出现的实体定义，可能被动过手脚；请用 Excel 或 WPS 打开并另存后再上传。",
                )


def sheet_members(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name → archive member of an .xlsx; sheets whose member is missing are left out."""
    relations = {}
    for element in _tree(archive, "xl/_rels/workbook.xml.rels"):
        target = element.get("Target", "")
        relations[element.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    names = set(archive.namelist())
    members = {}
    for element in _tree(archive, "xl/workbook.xml").iter():
        if element.tag.endswith("}sheet"):
            relation = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
            member = relations.get(relation)
            if member in names:
                members[element.get("name", "")] = member
    return members


def _tree(archive: zipfile.ZipFile, member: str) -> ET.Element:
    return ET.fromstring(archive.read(member))  # noqa: S314 -- refuse_entities has run: no entity is declared


def scan_sheet(
    archive: zipfile.ZipFile,
    member: str,
    limits: Limits,
    strikes: Strikes = NO_STRIKES,
    formats: Formats = NO_FORMATS,
) -> Scan:
    """Return what is hidden, crossed out, without value, or shown with words behind it in one sheet.

    Raises FileRefused for cells beyond the limits.
    """
    scan = Scan()
    for piece in _pieces(archive, member):
        if b"hidden=" in piece:
            scan.hidden_rows.update(int(found[1]) - 1 for found in _HIDDEN_ROW.finditer(piece))
            _hidden_columns(piece, scan, limits)
        if b"<f" in piece or b":f>" in piece or b":f " in piece:
            scan.faults += _faults(_CELL_WITHOUT_VALUE, piece, "formula_without_value")
        if b't="e"' in piece:
            scan.faults += _faults(_ERROR_CELL, piece, "error_value")
        if strikes or b"strike" in piece:
            _crossed_out(piece, strikes, scan)
        if formats.cells:
            scan.missed.update(formats.shown(piece))
        if _FAR_PLACE.search(piece):
            for found in _FAR_CELL.finditer(piece):
                _refuse_beyond(found[1].decode(), limits)
    scan.faults += commented_cells(archive, member)
    return scan


def _pieces(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """Yield a member's bytes in pieces that end between two rows."""
    rest = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_PIECE_BYTES):
            piece = rest + chunk
            cut = max(piece.rfind(b"<row"), piece.rfind(b":row "), piece.rfind(b"<table:table-row"))
            cut = piece.rfind(b"<", 0, cut + 1) if cut > 0 else -1
            if cut <= 0:
                if len(piece) > 8 * _PIECE_BYTES:
                    raise refused("row_too_long", "表格里有一行特别长，不像正常的名单，请检查后重新上传。")
                rest = piece
                continue
            yield piece[:cut]
            rest = piece[cut:]
    yield rest


def _faults(pattern: re.Pattern[bytes], piece: bytes, code: str) -> list[Fault]:
    return [
        Fault(row=int(found[2]) - 1, column=column_number(found[1].decode()), code=code)
        for found in pattern.finditer(piece)
    ]


def _crossed_out(piece: bytes, strikes: Strikes, scan: Scan) -> None:
    """Count the cells of each row that are crossed out, and mark those that are in part."""
    for found in FILLED_CELL.finditer(piece):
        place = _REFERENCE.search(found["about"])
        if place is None:
            continue
        row, column = int(place[2]) - 1, column_number(place[1].decode())
        struck = strikes.how_much(found)
        if struck == "whole":
            scan.struck_cells[row] = scan.struck_cells.get(row, 0) + 1
        elif struck:
            scan.faults.append(Fault(row=row, column=column, code="struck_text"))


def _hidden_columns(piece: bytes, scan: Scan, limits: Limits) -> None:
    for found in _HIDDEN_COLUMN.finditer(piece):
        first, last = re.search(rb'\bmin="(\d+)"', found[0]), re.search(rb'\bmax="(\d+)"', found[0])
        if first and last:
            scan.hidden_columns.update(range(int(first[1]) - 1, min(int(last[1]), limits.columns)))


def _refuse_beyond(reference: str, limits: Limits) -> None:
    letters = reference.rstrip("0123456789")
    row, column = int(reference[len(letters) :]), column_number(letters) + 1
    if row > limits.rows:
        raise refused(
            "too_many_rows",
            f"单元格 {reference} 有内容，超过 {limits.rows:,} 行的上限，请删去多余的行，或拆成几个文件。",
        )
    if column > limits.columns:
        raise refused(
            "too_many_columns",
            f"单元格 {reference} 有内容，超过 {limits.columns} 列的上限，请删去多余的列再上传。",
        )
