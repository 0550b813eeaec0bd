"""The needs of `hard_layouts` as files whose insides are unusual: odd delimited text and odd workbook XML."""

import io
import re
import zipfile
from collections.abc import Callable

from hard_layouts import HEADER, body
from messy import delimited

Made = tuple[str, bytes]


def plain_rows() -> list[list[object]]:
    return [HEADER, *body()]


def written() -> bytes:
    """Return the list as .xlsx with shared strings."""
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("汇总表")
        for number, cells in enumerate(plain_rows()):
            sheet.write_row(number, 0, cells)
    return target.getvalue()


def text(**options: str) -> bytes:
    return delimited(plain_rows(), **options)


def lines(end: str = "\n", *, sep: str = ",", last: str = "") -> str:
    """Return the list as unquoted lines; its texts hold no ASCII separator."""
    return "".join(sep.join(str(cell) for cell in cells) + last + end for cells in plain_rows())


def _spaced() -> str:
    """Blanks round every separator, texts in quotes after them."""
    return "\n".join(" , ".join(f'"{cell}"' for cell in cells) for cells in plain_rows())


def _several_lines_a_cell() -> bytes:
    rows = plain_rows()
    rows[0] = [str(cell).replace("拟投入资金", "拟投入\n资金") for cell in rows[0]]
    return delimited(rows)


def _ragged() -> str:
    made = lines().splitlines()
    return "\n".join([made[0], made[1] + ",,", made[2] + ",", *made[3:]])


TEXTS: dict[str, Callable[[], Made]] = {
    "semicolons": lambda: ("表.csv", text(delimiter=";")),
    "tabs": lambda: ("表.tsv", text(delimiter="\t")),
    "bars": lambda: ("表.txt", text(delimiter="|")),
    "tabs under the name of commas": lambda: ("表.csv", text(delimiter="\t")),
    "a mark before UTF-8": lambda: ("表.csv", text(encoding="utf-8-sig")),
    "gb18030": lambda: ("表.csv", text(encoding="gb18030")),
    "gbk with tabs": lambda: ("表.txt", text(encoding="gbk", delimiter="\t")),
    "utf-16 with its mark, tabs": lambda: ("表.txt", text(encoding="utf-16", delimiter="\t")),
    "utf-16 little-endian without a mark": lambda: ("表.csv", text(encoding="utf-16-le")),
    "utf-16 big-endian without a mark": lambda: ("表.csv", text(encoding="utf-16-be")),
    "utf-32": lambda: ("表.csv", text(encoding="utf-32")),
    "line ends of a Mac": lambda: ("表.csv", lines("\r").encode()),
    "line ends of two kinds": lambda: ("表.csv", lines("\r\n").replace("\r\n", "\n", 2).encode()),
    "a delimiter at the end of each line": lambda: ("表.csv", lines(last=",").encode()),
    "many delimiters at the end of each line": lambda: ("表.csv", lines(last=",,,,,").encode()),
    "blanks and quotes round each cell": lambda: ("表.csv", _spaced().encode()),
    "line breaks within quotes": lambda: ("表.csv", _several_lines_a_cell()),
    "rows longer than the header, by blanks": lambda: ("表.csv", _ragged().encode()),
    "blank lines first and between": lambda: ("表.csv", ("\n\n" + lines("\n\n")).encode()),
    "a title line and a line of the sender": lambda: (
        "表.csv",
        ("临澜县技术需求汇总表\n填报单位：临澜县科技局,,,日期：2026-03-05\n" + lines()).encode("gb18030"),
    ),
    "a line that names the delimiter": lambda: ("表.csv", b"sep=;\r\n" + text(delimiter=";")),
    "an end of file mark": lambda: ("表.csv", lines().encode("gb18030") + b"\x1a"),
    "zero bytes at the end": lambda: ("表.csv", lines().encode() + b"\0" * 64),
}


def _edited(member: str, change: Callable[[str], str]) -> bytes:
    """Return the list as .xlsx with one member rewritten."""
    return _rewritten(written(), lambda name, xml: change(xml) if name == member else xml)


def _rewritten(content: bytes, change: Callable[[str, str], str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, change(name, source.read(name).decode()))
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def _inline() -> bytes:
    """Every text stands in its cell, in several runs, with a reading aid that is no part of it."""
    content = written()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        known = re.findall(r"<si>(.*?)</si>", archive.read("xl/sharedStrings.xml").decode(), re.DOTALL)
    texts = [re.sub(r"<[^>]+>", "", entry) for entry in known]

    def inlined(found: re.Match[str]) -> str:
        words = texts[int(found[2])]
        runs = f"<r><t xml:space='preserve'>{words[:2]}</t></r><r><rPr><b/></rPr><t>{words[2:]}</t></r>"
        return f'<c r="{found[1]}" t="inlineStr"><is>{runs}</is></c>'

    return _edited(
        SHEET, lambda xml: re.sub(r'<c r="(\w+)"(?: s="\d+")? t="s"><v>(\d+)</v></c>', inlined, xml)
    )


def _rich() -> bytes:
    """Shared strings in runs, with readings in phonetic script."""

    def rich(found: re.Match[str]) -> str:
        words = found[1]
        runs = f"<r><t>{words[:1]}</t></r><r><rPr><i/></rPr><t xml:space='preserve'>{words[1:]}</t></r>"
        return f'<si>{runs}<rPh sb="0" eb="1"><t>dú yīn</t></rPh></si>'

    return _edited(
        "xl/sharedStrings.xml",
        lambda xml: re.sub(r"<si><t(?: [^>]*)?>(.*?)</t></si>", rich, xml, flags=re.DOTALL),
    )


def _strict() -> bytes:
    """The strict kind of the format: other namespaces."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return _rewritten(
        written(),
        lambda _, xml: xml.replace(main, "http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
            relations, "http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    )


def _styled_to_the_end(xml: str) -> str:
    """Empty cells with a style, far below and to the right."""
    cells = "".join(f'<c r="{place}" s="0"/>' for place in ("A1048576", "XFD1048576"))
    rows = f'<row r="5000"><c r="A5000" s="0"/></row><row r="1048576">{cells}</row>'
    return xml.replace("</sheetData>", f"{rows}</sheetData>")


def _prefixed(name: str, xml: str) -> str:
    """Every element of the sheet bears a namespace prefix, as some exporters write it."""
    if name != SHEET:
        return xml
    xml = re.sub(r"<(/?)(?=[A-Za-z])(?!\?)", r"<\1x:", xml)
    return xml.replace('xmlns="', 'xmlns:x="', 1)


def _without_references(xml: str) -> str:
    """Rows and cells that do not say where they are."""
    return re.sub(r'<(row|c) r="\w+"', r"<\1", xml)


def _protected(xml: str) -> str:
    return xml.replace("</sheetData>", '</sheetData><sheetProtection password="CC1A" sheet="1"/>')


WORKBOOKS: dict[str, Callable[[], Made]] = {
    "a wrong dimension": lambda: (
        "表.xlsx",
        _edited(SHEET, lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:A1"', xml)),
    ),
    "a dimension of the whole sheet": lambda: (
        "表.xlsx",
        _edited(SHEET, lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', xml)),
    ),
    "no dimension": lambda: ("表.xlsx", _edited(SHEET, lambda xml: re.sub(r"<dimension [^>]*/>", "", xml))),
    "texts in their cells": lambda: ("表.xlsx", _inline()),
    "texts in runs, with readings": lambda: ("表.xlsx", _rich()),
    "the strict kind": lambda: ("表.xlsx", _strict()),
    "styled rows to the end of the sheet": lambda: ("表.xlsx", _edited(SHEET, _styled_to_the_end)),
    "prefixed elements": lambda: ("表.xlsx", _rewritten(written(), _prefixed)),
    "cells that do not say where they are": lambda: ("表.xlsx", _edited(SHEET, _without_references)),
    "a protected sheet": lambda: ("表.xlsx", _edited(SHEET, _protected)),
}
