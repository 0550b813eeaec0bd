"""Papers as Word files, on the bureau's own letterhead where it has put one.

A template is an ordinary .docx: its header, footer, margins and styles are kept. Where it says {{正文}},
the paper goes there; otherwise after everything else (`docx_template.py`).
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from matchmaker.domain.papers import Badge, Block, Grid, Heading, Page, Paper, Shape, Tent, Words
from matchmaker.files.docx_template import open_template, take_away
from matchmaker.files.exports import ILLEGAL
from matchmaker.files.qr import qr_png

_TWIPS = {Shape.A4: (210, 297), Shape.A4_WIDE: (297, 210), Shape.A3_WIDE: (420, 297), Shape.CARD: (210, 297)}
_MARGIN_MM = {Shape.A4: 25, Shape.A4_WIDE: 15, Shape.A3_WIDE: 15, Shape.CARD: 20}
_SANS, _FORMAL, _TITLE, _BLACK = "微软雅黑", "仿宋", "方正小标宋简体", "黑体"
_BADGE_COLUMNS = 2
_BADGE_MM, _CODE_MM = 46, 28
_LONG_NAME = 6  # more letters are set smaller
_LONG_HOME = 20


def write_docx(paper: Paper, *, template: bytes | None = None, called: str = "") -> bytes:
    """Return a paper as .docx. Raises FileRefused when the template, `called` so, cannot be used."""
    return _Writer(paper, template, called).bytes()


class _Writer:
    """Writes one paper; everything new goes before `_mark`, if the template has one."""

    def __init__(self, paper: Paper, template: bytes | None, called: str) -> None:
        self._paper = paper
        self._own = template is None
        self._document, self._mark = _started(template, called, dict(paper.facts))
        self._size = {Shape.A3_WIDE: 9.0, Shape.A4_WIDE: 10.0}.get(
            paper.shape, 16.0 if paper.formal else 10.5
        )
        self._font = _FORMAL if paper.formal else _SANS

    def bytes(self) -> bytes:
        if self._own:
            self._set_up()
        for number, page in enumerate(self._paper.pages):
            self._page(page, first=number == 0)
        if self._mark is not None:
            take_away(self._mark)
        self._document.core_properties.title = self._paper.title
        self._document.core_properties.author = ""
        target = io.BytesIO()
        self._document.save(target)
        return target.getvalue()

    def _set_up(self) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm

        section = self._document.sections[0]
        width, height = _TWIPS[self._paper.shape]
        section.page_width, section.page_height = Mm(width), Mm(height)
        section.orientation = WD_ORIENT.LANDSCAPE if width > height else WD_ORIENT.PORTRAIT
        margin = Mm(_MARGIN_MM[self._paper.shape])
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = margin

    def _page(self, page: Page, *, first: bool) -> None:
        if not first:
            self._break()
        if page.title:
            self._line(page.title, size=22 if self._paper.formal else 18, font=_TITLE, centre=True, bold=True)
        if page.sub:
            self._line(page.sub, size=10.5, centre=True)
        badges = [block for block in page.blocks if isinstance(block, Badge)]
        for block in page.blocks:
            if not isinstance(block, Badge):
                self._block(block)
        if badges:
            self._badges(badges)
        if page.foot:
            self._line(page.foot, size=9)

    def _block(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._line(block.text, size=self._size if self._paper.formal else 13, font=_BLACK, bold=True)
        elif isinstance(block, Words):
            self._line(block.text, indent=self._paper.formal and not block.plain, right=block.end)
        elif isinstance(block, Grid):
            self._grid(block)
        elif isinstance(block, Tent):
            self._tent(block)

    def _tent(self, block: Tent) -> None:
        self._line("", size=60)
        if block.number:
            self._line(block.number, size=64, centre=True, bold=True)
        if block.name:
            self._line(block.name, size=54 if len(block.name) <= 6 else 36, centre=True, bold=True)
        if block.organisation:
            self._line(block.organisation, size=24, centre=True)
        for line in block.lines:
            self._line(line, size=14, centre=True)

    def _line(
        self,
        text: str,
        *,
        size: float = 0,
        font: str = "",
        bold: bool = False,
        centre: bool = False,
        right: bool = False,
        indent: bool = False,
    ) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        size = size or self._size
        paragraph = self._paragraph()
        _say(paragraph, text, font=font or self._font, size=size, bold=bold)
        layout = paragraph.paragraph_format
        layout.space_after = Pt(size / 3)
        if centre or right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
        if indent:
            layout.first_line_indent = Pt(size * 2)

    def _paragraph(self) -> Any:
        if self._mark is None:
            return self._document.add_paragraph()
        return self._mark.insert_paragraph_before()

    def _break(self) -> None:
        from docx.enum.text import WD_BREAK

        self._paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _grid(self, block: Grid) -> None:
        table = self._table(len(block.rows) + 1, len(block.head))
        size = 8 if block.small else 10
        widths = _widths(block, self._room())
        _set_columns(table, widths)
        for place, title in enumerate(block.head):
            self._cell(table.rows[0].cells[place], title, size=size, bold=True, width=widths[place])
        _repeat(table.rows[0])
        for row, values in zip(list(table.rows)[1:], block.rows, strict=True):
            cells = row.cells
            for place, value in enumerate(values):
                self._cell(cells[place], value, size=size, width=widths[place])
            _whole(row)
            if block.tall:
                _make_tall(row)
        self._line("", size=4)

    def _badges(self, badges: Sequence[Badge]) -> None:
        """Write badges, two beside each other, each of a cell with words and one with the code."""
        from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
        from docx.shared import Mm

        rows = -(-len(badges) // _BADGE_COLUMNS)
        table = self._table(rows, 2 * _BADGE_COLUMNS)
        code_width = Mm(_CODE_MM + 8)
        width = self._room() // _BADGE_COLUMNS - code_width
        _set_columns(table, [width, code_width] * _BADGE_COLUMNS)
        for row in table.rows:
            row.height = Mm(_BADGE_MM)
            _whole(row)
        cells = [cell for row in table.rows for cell in row.cells]
        for worded, coded, badge in zip(cells[::2], cells[1::2], badges, strict=False):
            for cell, wide in ((worded, width), (coded, code_width)):
                cell.width, cell.vertical_alignment = wide, WD_CELL_VERTICAL_ALIGNMENT.CENTER
            _without_border(worded, "right")
            _without_border(coded, "left")
            words = "\n".join(part for part in (badge.organisation, badge.role, badge.number) if part)
            long, home = len(badge.name), len(badge.organisation)
            name_size = 22 if long <= _LONG_NAME else 14 if long <= 2 * _LONG_NAME else 11
            _say(worded.paragraphs[0], badge.name, font=_BLACK, size=name_size, bold=True)
            _say(worded.add_paragraph(), words, font=_SANS, size=11 if home <= _LONG_HOME else 8)
            if badge.link:
                coded.paragraphs[0].add_run().add_picture(io.BytesIO(qr_png(badge.link)), width=Mm(_CODE_MM))

    def _table(self, rows: int, columns: int) -> Any:
        table = self._document.add_table(rows=rows, cols=columns)
        if "Table Grid" in [style.name for style in self._document.styles]:
            table.style = "Table Grid"
        table.autofit = False
        if self._mark is not None:
            self._mark._element.addprevious(table._element)
        return table

    def _room(self) -> int:
        section = self._document.sections[-1]
        return int(section.page_width - section.left_margin - section.right_margin)

    def _cell(self, cell: Any, text: str, *, size: float, width: int, bold: bool = False) -> None:
        cell.width = width
        _say(cell.paragraphs[0], text, font=_SANS, size=size, bold=bold)


def _started(template: bytes | None, called: str, facts: Mapping[str, str]) -> tuple[Any, Any]:
    """Return the document to write into, and the paragraph to write before, if there is one."""
    from docx import Document

    return (Document(), None) if template is None else open_template(template, called=called, facts=facts)


def _say(paragraph: Any, text: str, *, font: str, size: float, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(ILLEGAL.sub("\ufffd", text))
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _widths(block: Grid, room: int) -> list[int]:
    shares = list(block.widths) or [1] * len(block.head)
    return [room * share // sum(shares) for share in shares]


def _set_columns(table: Any, widths: Sequence[int]) -> None:
    """Give columns their widths: Word goes by the cells, LibreOffice and WPS by the columns."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width


def _repeat(row: Any) -> None:
    """Show the header row again on every page."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _whole(row: Any) -> None:
    """Keep a row on one page."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _without_border(cell: Any, side: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders, edge = OxmlElement("w:tcBorders"), OxmlElement(f"w:{side}")
    edge.set(qn("w:val"), "nil")
    borders.append(edge)
    cell._tc.get_or_add_tcPr().append(borders)


def _make_tall(row: Any) -> None:
    from docx.shared import Mm

    row.height = Mm(11)
