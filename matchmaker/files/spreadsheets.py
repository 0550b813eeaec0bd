"""Workbooks — .xlsx .xls .xlsb .ods — to frames of rows. Runs inside the child process."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from matchmaker.files.book import Limits
from matchmaker.files.gate import Format
from matchmaker.files.number_formats import counts_from_1904
from matchmaker.files.refusals import refused

Frame = dict[str, Any]
CHUNK_ROWS = 2_000


def workbook_frames(content: bytes, form: Format, limits: Limits) -> Iterator[Frame]:
    """Yield, for each sheet, one frame that describes it and then its rows in chunks.

    Raises FileRefused for passwords, entities, and sheets beyond the limits.
    """
    import python_calamine

    archive = None if form is Format.XLS else zipfile.ZipFile(io.BytesIO(content))
    if archive is not None:
        _refuse_entities(archive)
    workbook = _opened(content, form, archive)
    scans = _scans(archive, form, limits)
    if form is Format.XLS:
        scans = _xls_scans(content, [sheet.name for sheet in workbook.sheets_metadata], limits)
    for sheet in workbook.sheets_metadata:
        if sheet.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            cells = workbook.get_sheet_by_name(sheet.name)
        except (python_calamine.CalamineError, OSError, IndexError) as fault:
            raise _unreadable() from fault
        visible = sheet.visible is python_calamine.SheetVisibleEnum.Visible
        scan = scans.get(sheet.name)
        yield {"sheet": sheet.name, "visible": visible, **_described(cells, scan, limits)}
        yield from _row_frames(cells, getattr(scan, "missed", {}))
    if archive is not None and form is Format.XLSX and counts_from_1904(archive):
        yield {"notices": [_FROM_1904]}


_FROM_1904 = (
    "这份工作簿从 1904 年起计日期（苹果电脑上的老设置）：设成日期格式的单元格已照此读出，"
    "没有设成日期格式的数字会差 4 年零 1 天，请核对日期。"
)


def _opened(content: bytes, form: Format, archive: zipfile.ZipFile | None) -> Any:
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as fault:
        raise refused("password", "文件有打开密码，请取消密码、另存后再上传。") from fault
    except (python_calamine.CalamineError, OSError, IndexError) as fault:
        if form is not Format.ODS or archive is None:
            raise _unreadable() from fault
    from matchmaker.files.ods import without_indents

    try:  # calamine takes no .ods whose XML is indented
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(without_indents(archive)))
    except (python_calamine.CalamineError, OSError, IndexError) as fault:
        raise _unreadable() from fault


def _unreadable() -> Exception:
    return refused(
        "broken_file",
        "表格已损坏或不完整，读不出来；请用 Excel 或 WPS 打开后“另存为”.xlsx 再上传，或请对方重新发送。",
    )


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    from matchmaker.files.ooxml import refuse_entities

    try:
        refuse_entities(archive)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as fault:
        raise _unreadable() from fault


def _scans(archive: zipfile.ZipFile | None, form: Format, limits: Limits) -> dict[str, Any]:
    """Scan every sheet before its cells are loaded: a cell in the far corner must be refused first."""
    if archive is None:
        return {}
    from matchmaker.files import number_formats, ods, ooxml, strikes, xlsb

    if form is Format.ODS:
        return ods.scan_sheets(archive, limits)
    if form is Format.XLSB:
        return xlsb.scan_sheets(archive, limits)
    if form is Format.XLSX:
        members = ooxml.sheet_members(archive)
        struck, formats = strikes.read_strikes(archive), number_formats.read_formats(archive)
        return {
            name: ooxml.scan_sheet(archive, member, limits, struck, formats)
            for name, member in members.items()
        }
    return {}


def _xls_scans(content: bytes, names: list[str], limits: Limits) -> dict[str, Any]:
    from matchmaker.files import xls

    return dict(xls.scan_sheets(content, names, limits))


def _described(cells: Any, scan: Any, limits: Limits) -> Frame:
    rows, columns = (0, 0) if cells.end is None else (cells.end[0] + 1, cells.end[1] + 1)
    if rows > limits.rows:
        raise refused(
            "too_many_rows", f"工作表“{cells.name}”超过 {limits.rows:,} 行，请拆成几个文件后分别上传。"
        )
    if columns > limits.columns:
        raise refused(
            "too_many_columns", f"工作表“{cells.name}”超过 {limits.columns} 列，请只保留需要的列再上传。"
        )
    merges = [[*first, *last] for first, last in cells.merged_cell_ranges or ()]
    frame: Frame = {"merges": merges}
    if scan is not None:
        frame["hidden_rows"] = sorted(scan.hidden_rows)
        frame["hidden_columns"] = sorted(scan.hidden_columns)
        frame["struck_cells"] = sorted(getattr(scan, "struck_cells", {}).items())
        frame["faults"] = [[fault.row, fault.column, fault.code, fault.text] for fault in scan.faults]
        frame["merges"] += [list(merge) for merge in getattr(scan, "merges", ())]
    return frame


def _row_frames(cells: Any, missed: dict[int, dict[int, Any]]) -> Iterator[Frame]:
    """Yield the rows in chunks; `missed` are cells (row → column → value) that calamine does not give so."""
    # calamine gives rows from row 1 on, but columns only from the first used one.
    margin = [""] * (cells.start[1] if cells.start else 0)
    chunk: list[list[Any]] = []
    rows = (margin + row if margin else row for row in cells.iter_rows())
    for row in _completed(rows, missed) if missed else rows:
        chunk.append(row)
        if len(chunk) == CHUNK_ROWS:
            yield {"rows": chunk}
            chunk = []
    if chunk:
        yield {"rows": chunk}


def _completed(rows: Iterator[list[Any]], missed: dict[int, dict[int, Any]]) -> Iterator[list[Any]]:
    number = -1
    for number, row in enumerate(rows):
        yield _filled(row, missed.get(number, {}))
    for beyond in range(number + 1, max(missed) + 1):
        yield _filled([], missed.get(beyond, {}))


def _filled(row: list[Any], values: dict[int, Any]) -> list[Any]:
    row += [""] * (max(values, default=-1) + 1 - len(row))
    for column, value in values.items():
        row[column] = value
    return row
