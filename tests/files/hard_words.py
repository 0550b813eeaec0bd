"""The needs of `hard_layouts` in Word documents whose insides are unusual."""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hard_layouts import HEADER, NEEDS, Need, body

if TYPE_CHECKING:
    from docx.document import Document

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _parsed(xml: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(xml)


def _saved(document: "Document") -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _table(document: "Document", rows: Sequence[Sequence[object]]) -> Any:
    table = document.add_table(rows=0, cols=len(rows[0]))
    for cells in rows:
        for cell, text in zip(table.add_row().cells, cells, strict=False):
            cell.text = "" if text is None else str(text)
    return table


def _run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def _replace_paragraph(cell: Any, inside: str) -> None:
    """Put this XML into the only paragraph of a cell."""
    paragraph = cell.paragraphs[0]._p
    fresh = _parsed(f"<w:p {_W}>{inside}</w:p>")
    paragraph.getparent().replace(paragraph, fresh)


def _pairs(need: Need) -> list[tuple[str, str]]:
    amount = "面议" if need.amount is None else f"{need.amount}万元"
    return [
        ("企业名称", need.firm),
        ("所在乡镇", need.town),
        ("需求名称", need.title),
        ("需求描述", need.problem),
        ("拟投入资金", amount),
        ("联系人", need.contact),
        ("联系电话", need.phone),
    ]


def _changed_under_tracking() -> bytes:
    """Deleted words and rows still stand in the file, added ones are marked."""
    import docx

    document = docx.Document()
    table = _table(
        document, [HEADER, *body(), [9, "已删去的公司", "某镇", "已删去的需求", "删", 1, "某", "1"]]
    )
    added = "<w:ins w:id='1' w:author='a'>{}</w:ins>"
    gone = "<w:del w:id='2' w:author='a'><w:r><w:delText>旧的名称</w:delText></w:r></w:del>"
    title = NEEDS[0].title
    _replace_paragraph(table.cell(1, 3), _run(title[:3]) + gone + added.format(_run(title[3:])))
    moved = "<w:moveFrom w:id='3' w:author='a'><w:r><w:t>移走的字</w:t></w:r></w:moveFrom>"
    _replace_paragraph(table.cell(2, 3), moved + _run(NEEDS[1].title))
    properties = table.rows[-1]._tr.get_or_add_trPr()
    properties.append(_parsed(f"<w:del {_W} w:id='4' w:author='a'/>"))
    return _saved(document)


def _content_controls() -> bytes:
    """Values stand in content controls; one that still shows its hint is empty."""
    import docx

    document = docx.Document()
    for need in NEEDS:
        document.add_paragraph("需求征集表")
        table = _table(document, [*_pairs(need), ("现有基础", "")])
        for row, (_, value) in enumerate(_pairs(need)):
            _replace_paragraph(
                table.cell(row, 1), f"<w:sdt><w:sdtContent>{_run(value)}</w:sdtContent></w:sdt>"
            )
        shown = f"<w:sdtContent>{_run('单击此处输入文字。')}</w:sdtContent>"
        _replace_paragraph(table.cell(7, 1), f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>{shown}</w:sdt>")
    return _saved(document)


def _rows_in_a_repeating_control() -> bytes:
    import docx

    document = docx.Document()
    table = _table(document, [HEADER, *body()])
    for row in table.rows[1:]:
        control = _parsed(f"<w:sdt {_W}><w:sdtContent/></w:sdt>")
        row._tr.addprevious(control)
        control[0].append(row._tr)
    return _saved(document)


def _whole_table_in_a_control() -> bytes:
    import docx

    document = docx.Document()
    table = _table(document, [HEADER, *body()])._tbl
    control = _parsed(f"<w:sdt {_W}><w:sdtContent/></w:sdt>")
    table.addprevious(control)
    control[0].append(table)
    return _saved(document)


def _text_boxes() -> bytes:
    """Each form is written as lines in a text box, which the file holds twice, for old programs too."""
    import docx

    document = docx.Document()
    for need in NEEDS:
        lines = "".join(f"<w:p>{_run(f'{label}：{value}')}</w:p>" for label, value in _pairs(need))
        box = f"<w:txbxContent>{lines}</w:txbxContent>"
        xml = (
            f'<w:p {_W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
            ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
            ' xmlns:v="urn:schemas-microsoft-com:vml"><w:r><mc:AlternateContent>'
            f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
            f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>"
        )
        document.add_heading("企业技术需求", 2)._p.addnext(_parsed(xml))
    return _saved(document)


def _nested_tables() -> bytes:
    """The forms stand in the cells of a table that only lays out the page."""
    import docx

    document = docx.Document()
    outer = document.add_table(rows=2, cols=2)
    for place, need in enumerate(NEEDS):
        cell = outer.cell(place // 2, place % 2)
        inner = cell.add_table(rows=0, cols=2)
        for label, value in _pairs(need):
            added = inner.add_row().cells
            added[0].text, added[1].text = label, value
    return _saved(document)


def _merged_down() -> bytes:
    """The town of the last two rows is one merged cell, as is the header over two columns."""
    import docx

    document = docx.Document()
    rows = [["联系方式" if place >= 6 else cell for place, cell in enumerate(HEADER)], HEADER, *body()]
    rows[5] = [cell if place != 2 else "" for place, cell in enumerate(rows[5])]
    table = _table(
        document, [[None if n == 0 and p == 7 else c for p, c in enumerate(r)] for n, r in enumerate(rows)]
    )
    table.cell(0, 6).merge(table.cell(0, 7))
    for column in range(6):
        table.cell(1, column).text = ""
        table.cell(0, column).merge(table.cell(1, column))
    table.cell(4, 2).merge(table.cell(5, 2))
    return _saved(document)


def _labelled_paragraphs() -> bytes:
    import docx

    document = docx.Document()
    for number, need in enumerate(NEEDS, 1):
        document.add_heading(f"{number}. 需求", 2)
        for place, (label, value) in enumerate(_pairs(need), 1):
            document.add_paragraph(f"{place}、{label}：{value}")
    return _saved(document)


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "changes under tracking": _changed_under_tracking,
    "content controls": _content_controls,
    "rows in a repeating control": _rows_in_a_repeating_control,
    "the whole table in a control": _whole_table_in_a_control,
    "text boxes": _text_boxes,
    "tables in a table": _nested_tables,
    "cells merged down": _merged_down,
    "labelled paragraphs": _labelled_paragraphs,
}
