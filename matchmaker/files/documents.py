"""Word documents: every table, and lines written as 名称：内容, to frames. Runs inside the child process."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from matchmaker.files.book import Limits
from matchmaker.files.ooxml import refuse_entities
from matchmaker.files.refusals import refused

Frame = dict[str, Any]
_LABELLED = re.compile(
    r"\s*(?:[一二三四五六七八九十\d]{1,3}[、.．)）]\s*)?([^：:，。；\s][^：:，。；]{0,18}?)\s*[：:]\s*(.*)",
    re.DOTALL,
)


def document_frames(content: bytes, limits: Limits) -> Iterator[Frame]:
    """Yield a frame and its rows for each table of a .docx, in reading order, inner tables after outer ones.

    A run of paragraphs like 成果名称：… becomes a table of two columns. Text outside is not kept,
    but the paragraph above a table becomes its heading.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        refuse_entities(zipfile.ZipFile(io.BytesIO(content)))
        body = docx.Document(io.BytesIO(content)).element.body
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as fault:
        raise refused(
            "broken_file", "文档已损坏或不完整，读不出来；请用 Word 或 WPS 打开后“另存为”.docx 再上传。"
        ) from fault
    yield from _Reading(limits).frames(body)


class _Reading:
    """Numbers the tables as the reader counts them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tables = 0
        self._texts = 0
        self._rows = 0

    def frames(self, body: Any) -> Iterator[Frame]:
        heading = ""
        lines: list[list[str]] = []
        for block in body.iterchildren():
            kind = _tag(block)
            if kind == "p":
                text = _text(block).strip()
                labelled = _LABELLED.fullmatch(text)
                if labelled:
                    lines.append([labelled[1], labelled[2]])
                elif text and len(lines) >= 2 and not _is_heading(block):
                    lines[-1][1] += "\n" + text
                elif text:
                    yield from self._written(lines, heading)
                    lines, heading = [], text
            elif kind in ("tbl", "sdt"):
                yield from self._written(lines, heading)
                lines = []
                for table in [block] if kind == "tbl" else block.iter(_name("tbl")):
                    yield from self._table(table, heading)
                heading = ""
        yield from self._written(lines, heading)

    def _written(self, lines: list[list[str]], heading: str) -> Iterator[Frame]:
        if len(lines) >= 2:
            self._texts += 1
            yield {
                "sheet": f"第 {self._texts} 段文字",
                "visible": True,
                "merges": [],
                "place": "word",
                "heading": heading,
            }
            yield {"rows": [list(line) for line in lines]}

    def _table(self, table: Any, heading: str) -> Iterator[Frame]:
        self._tables += 1
        name = f"表 {self._tables}"
        rows, merges, nested = _grid(table)
        self._rows += len(rows)
        if self._rows > self._limits.rows:
            raise refused(
                "too_many_rows", f"文档里的表格超过 {self._limits.rows:,} 行，请拆成几个文件后分别上传。"
            )
        if any(len(row) > self._limits.columns for row in rows):
            raise refused(
                "too_many_columns", f"文档里的表格超过 {self._limits.columns} 列，请只保留需要的列再上传。"
            )
        yield {"sheet": name, "visible": True, "merges": merges, "place": "word", "heading": heading}
        yield {"rows": rows}
        for inner in nested:
            yield from self._table(inner, heading)


def _grid(table: Any) -> tuple[list[list[str]], list[list[int]], list[Any]]:
    """Return the cells by row and grid column, the merged ranges, and the tables inside cells.

    The elements are walked directly: python-docx's own cell lists take time quadratic in the rows.
    """
    rows: list[list[str]] = []
    merges: dict[tuple[int, int], list[int]] = {}
    open_merges: dict[int, tuple[int, int]] = {}
    nested: list[Any] = []
    for row_number, row in enumerate(child for child in table.iterchildren() if _tag(child) == "tr"):
        cells: list[str] = [""] * _number(row, "trPr", "gridBefore", 0)
        for cell in row.iter(_name("tc")):
            if next(cell.iterancestors(_name("tr"))) is not row:
                continue
            column, width = len(cells), _number(cell, "tcPr", "gridSpan", 1)
            merge = _vertical_merge(cell)
            if merge == "continue" and column in open_merges:
                merges[open_merges[column]][2] = row_number
            else:
                open_merges.pop(column, None)
                if merge == "restart" or width > 1:
                    merges[row_number, column] = [row_number, column, row_number, column + width - 1]
                if merge == "restart":
                    open_merges[column] = (row_number, column)
            cells += [_cell_text(cell) if merge != "continue" else "", *[""] * (width - 1)]
            nested += [inner for inner in cell.iterchildren() if _tag(inner) == "tbl"]
        rows.append(cells)
    spans = [span for span in merges.values() if span[:2] != span[2:]]
    return rows, spans, nested


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _name(tag: str) -> str:
    return _W + tag


def _tag(element: Any) -> str:
    return element.tag[len(_W) :] if isinstance(element.tag, str) and element.tag.startswith(_W) else ""


def _number(element: Any, properties: str, tag: str, default: int) -> int:
    found = element.find(f"{_W}{properties}/{_W}{tag}")
    value = found.get(_name("val")) if found is not None else None
    return min(int(value), 500) if value and value.isdigit() else default


def _vertical_merge(cell: Any) -> str:
    found = cell.find(f"{_W}tcPr/{_W}vMerge")
    if found is None:
        return ""
    return "restart" if found.get(_name("val")) == "restart" else "continue"


def _cell_text(cell: Any) -> str:
    return "\n".join(_text(block) for block in cell.iterchildren() if _tag(block) in ("p", "sdt")).strip()


def _text(block: Any) -> str:
    """Return what is readable in a paragraph: text, tabs, line breaks; no deleted text or field codes."""
    parts = []
    for element in block.iter(_name("t"), _name("tab"), _name("br"), _name("cr")):
        kind = _tag(element)
        if kind == "t":
            parts.append(element.text or "")
        elif next(element.iterancestors(_name("tabs")), None) is None:
            parts.append("\t" if kind == "tab" else "\n")
    return "".join(parts)


def _is_heading(block: Any) -> bool:
    style = block.find(f"{_W}pPr/{_W}pStyle")
    return (
        style is not None
        and re.match(r"(?i)heading|title|标题|\d$", style.get(_name("val")) or "") is not None
    )
