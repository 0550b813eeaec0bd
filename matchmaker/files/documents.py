"""Word documents: every table, and lines written as 名称：内容, to frames. Runs inside the child process."""

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from matchmaker.files.book import Limits
from matchmaker.files.form_cells import asks_for_people, asks_for_text
from matchmaker.files.form_lines import is_likely, labelled_parts, tabbed_parts, written
from matchmaker.files.headers import is_known, names_title
from matchmaker.files.ooxml import refuse_entities
from matchmaker.files.refusals import refused

Frame = dict[str, Any]
_FEWEST_LABELS = 2
_TITLE_LABEL = "项目名称"
_NUMBERED = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、.．]|第[一二三四五六七八九十\d]{1,3}[项条个]|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|\d{1,3}[、.．)）](?!\d))\s*"
)
_LONGEST_HEADING = 60
_TEXT_LABEL = "主要内容"  # of a need and of an achievement alike
_COUNT_BEHIND = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,2}[)）]?$")
# A heading that names no thing but a part of the form: 一、企业基本情况.
_SECTION = re.compile(
    r"(?:情况|信息|概况|方式|简介|说明|要求|内容|部分|意见|承诺|资料)\s*(?:[（(][^）)]*[）)])?\s*[:：]?$"
)
_NO_TITLE = re.compile(
    rf"{_SECTION.pattern}|(?:公司|集团|大学|学院|研究院|研究所|中心|厂|目录|附件|表)\s*[:：]?$"
)
_QUESTION = re.compile(r"\d{1,3}[、.．)）]|.*[?？:：]$|[（(]\d{1,3}[)）]")


def document_frames(content: bytes, limits: Limits) -> Iterator[Frame]:
    """Yield a frame and its rows for each table of a .docx, in reading order, inner tables after outer ones.

    A run of paragraphs like 成果名称：… becomes a table of two columns. Text outside is not kept,
    but the paragraph above a table becomes its heading.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        refuse_entities(archive)
        body = _body(archive)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as fault:
        raise refused(
            "broken_file", "文档已损坏或不完整，读不出来；请用 Word 或 WPS 打开后“另存为”.docx 再上传。"
        ) from fault
    yield from _Reading(limits).frames(body)


# A document in the strict form of the standard names its elements otherwise, and means the same.
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
)


def _body(archive: zipfile.ZipFile) -> Any:
    """Return the body of the main part, which the relations of the archive name."""
    from docx.oxml import parse_xml

    relation = re.search(rb'<[^>]*/officeDocument"[^>]*>', archive.read("_rels/.rels"))
    target = re.search(rb'Target="/?([^"]+)"', relation[0]) if relation else None
    xml = archive.read(target[1].decode() if target else "word/document.xml")
    for strict, usual in _STRICT:
        xml = xml.replace(strict, usual)
    body = parse_xml(xml).find(_name("body"))
    if body is None:
        raise ValueError("no body")
    return body


class _Reading:
    """Numbers the tables as the reader counts them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tables = 0
        self._texts = 0
        self._rows = 0

    def frames(self, body: Any) -> Iterator[Frame]:
        heading, styled = "", False
        lines: list[list[str]] = []
        for block, following in pairwise((*_blocks(body), None)):
            if _tag(block) == "p":
                text = _text(block).strip()
                if _took(lines, block, text, following) or not text:
                    continue
                yield from self._written(lines, heading, titled=styled)
                lines, heading, styled = [], text, _is_styled(block)
            elif lines and not lines[-1][1] and _answers(block, lines[-1][0]):
                lines[-1][1] = _table_text(block)
                if len(lines) == 1:  # under a form that ended above
                    yield from self._run(lines, heading)
                    lines, heading = [], ""
            else:
                yield from self._written(lines, heading, titled=styled)
                heading = heading or (lines[-1][0] if lines and not lines[-1][1] else "")
                lines = []
                yield from self._table(block, heading)
                heading = ""
        yield from self._written(lines, heading, titled=styled)

    def _written(self, lines: list[list[str]], heading: str, *, titled: bool) -> Iterator[Frame]:
        """Yield a run of lines as a table of two columns, if the names of fields stand in it.

        A numbered heading above (二、水性墨水防干), or one `titled` so by its style, names the thing when no
        line does.
        """
        known = [label for label, _ in lines if is_known(label)]
        if len(lines) < 2 or len(known) < _FEWEST_LABELS:
            return
        named = _NUMBERED.sub("", heading, count=1).strip() if titled or _NUMBERED.match(heading) else ""
        untitled = not any(names_title(label) for label in known)
        if named and untitled and not _NO_TITLE.search(heading[-_LONGEST_HEADING:]):
            lines = [[_TITLE_LABEL, named], *lines]
        yield from self._run(lines, heading)

    def _run(self, lines: list[list[str]], heading: str) -> Iterator[Frame]:
        self._texts += 1
        yield {
            "sheet": f"第 {self._texts} 段文字",
            "visible": True,
            "merges": [],
            "place": "word",
            "heading": heading,
            "labelled": True,
        }
        yield {"rows": [[label, written(value)] for label, value in lines]}

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
    for row_number, row in enumerate(_rows(table)):
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
            inside = [inner for inner in _blocks(cell) if _tag(inner) == "tbl"]
            written_out = inside and (_as_lines(inside, cells) or _as_answer(inside, cells))
            if written_out:
                text = f"{_cell_text(cell)}\n{written_out}".strip()
            else:
                text = _cell_text(cell) if merge != "continue" else ""
                nested += inside
            cells += [text, *[""] * (width - 1)]
        rows.append(cells)
    spans = [span for span in merges.values() if span[:2] != span[2:]]
    return rows, spans, nested


_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _name(tag: str) -> str:
    return _W + tag


def _tag(element: Any) -> str:
    return element.tag[len(_W) :] if isinstance(element.tag, str) and element.tag.startswith(_W) else ""


# What may stand round paragraphs, tables and rows without being one: content controls, tracked changes.
_WRAPPERS = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"})


def _blocks(parent: Any) -> Iterator[Any]:
    """Yield the paragraphs and tables in an element, text boxes after the paragraph they hang on."""
    for child in parent.iterchildren():
        kind = _tag(child)
        if kind in ("p", "tbl"):
            yield child
        elif kind in _WRAPPERS and not _shows_hint(child):
            yield from _blocks(child)
        if kind == "p":
            for box in child.iter(_name("txbxContent")):
                if next(box.iterancestors(_FALLBACK), None) is None:
                    yield from _blocks(box)


def _rows(table: Any) -> Iterator[Any]:
    """Yield the rows of a table that were not deleted under tracking."""
    for child in table.iterchildren():
        kind = _tag(child)
        if kind == "tr" and child.find(f"{_W}trPr/{_W}del") is None:
            yield child
        elif kind in _WRAPPERS:
            yield from _rows(child)


def _answers(table: Any, label: str) -> bool:
    """Whether a table under a label of a long text is its answer: indicators and values, no form or list."""
    known = sum(is_known(_cell_text(cell)) for cell in table.iter(_name("tc")))
    return is_known(label) and asks_for_text(label) and known < _FEWEST_LABELS


def _as_answer(inside: list[Any], before: list[str]) -> str:
    """Return tables in a cell as text where a form's label left asks for them; "" for lists and forms."""
    if names := _names_in(inside, before):
        return names
    known = (is_known(_cell_text(cell)) for table in inside for cell in table.iter(_name("tc")))
    if not any(is_known(text) for text in before) or sum(known) >= _FEWEST_LABELS:
        return ""
    return "\n".join(map(_table_text, inside))


def _names_in(inside: list[Any], before: list[str]) -> str:
    """Return the names of a list of people in a cell, where the label left asks for people: 完成人."""
    label = next((text for text in reversed(before) if text.strip()), "")
    if not asks_for_people(label):
        return ""
    names = []
    for table in inside:
        heads, *rows = _grid(table)[0]
        at = next((at for at, head in enumerate(heads) if "姓名" in head), None)
        if at is None:
            return ""
        names += [row[at] for row in rows if at < len(row) and row[at].strip()]
    return "、".join(names)


def _as_lines(inside: list[Any], before: list[str]) -> str:
    """Return a small form in a cell as lines of 姓名：张三; "" for a list, and where it names a thing."""
    rows = [[cell for cell in row if cell] for table in inside for row in _grid(table)[0]]
    if not any(text.strip() for text in before) or not all(rows):
        return ""
    headed = len(rows) == 2 and len(rows[0]) == len(rows[1]) and all(map(is_known, rows[0]))
    cells = rows if not headed else [[said for pair in zip(*rows, strict=True) for said in pair]]
    pairs = [(label, value) for row in cells for label, value in zip(row[::2], row[1::2], strict=False)]
    labels = [label for label, _ in pairs]
    whole = all(len(row) % 2 == 0 for row in cells) and len(pairs) >= _FEWEST_LABELS
    if not whole or not all(map(is_known, labels)) or any(map(names_title, labels)):
        return ""
    return "\n".join(f"{label}：{' '.join(value.split())}" for label, value in pairs)


def _table_text(table: Any) -> str:
    """Return a small table as lines of text."""
    rows, _, _ = _grid(table)
    return "\n".join("  ".join(cell.replace("\n", " ") for cell in row if cell) for row in rows)


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
    return "\n".join(_text(block) for block in _blocks(cell) if _tag(block) == "p").strip()


def _took(lines: list[list[str]], block: Any, text: str, following: Any) -> bool:
    """Add a paragraph to the lines of a form, or begin them with it; False where it is none of them."""
    if labelled := labelled_parts(text) or tabbed_parts(text):
        lines += [list(pair) for pair in labelled]
    elif lines and _is_chapter(text) and _heads_more(lines, following):
        return True
    elif _asks(text, begun=bool(lines)):
        lines.append([text, ""])
    elif not lines or not text:
        return False
    elif _is_heading(block, text):
        if not _SECTION.search(text):
            return False
        if is_likely(text) and _tells(following):
            lines.append([text, ""])
    elif _tells_of_the_title_above(lines, text):
        lines.append([_TEXT_LABEL, text])
    elif len(lines) >= 2 or not lines[-1][1]:
        lines[-1][1] += "\n" + text
    else:
        return False
    return True


# What stands in a paragraph's XML but not on the page, or stands elsewhere on it.
_NOT_HERE = frozenset(_name(tag) for tag in ("moveFrom", "rt", "txbxContent", "del", "tabs")) | {_FALLBACK}
# Boxes to tick in Wingdings and its kin, by the code of the sign.
_TICKED_SIGNS = frozenset({"F0FE", "F0FD", "F052", "F053", "F054", "F0FC", "F050"})
_OPEN_SIGNS = frozenset({"F0A8", "F06F", "F0A3", "F02A", "F071", "F072"})


def _text(block: Any) -> str:
    """Return what is readable in a paragraph: text, tabs, line breaks; no deleted text, no hints."""
    return "".join(_parts(block))


def _parts(element: Any) -> Iterator[str]:
    for child in element.iterchildren():
        kind = _tag(child)
        if child.tag in _NOT_HERE or (kind == "sdt" and _shows_hint(child)):
            continue
        if kind == "t" or child.tag == _MATH_TEXT:
            yield child.text or ""
        elif kind == "tab":
            yield "\t"
        elif kind in ("br", "cr"):
            yield "\n"
        elif kind == "sym":
            yield _sign(child)
        elif kind == "checkBox":
            yield _legacy_box(child)
        else:
            yield from _parts(child)


def _shows_hint(control: Any) -> bool:
    """Whether a content control still shows 单击此处输入文字."""
    return control.find(f"{_W}sdtPr/{_W}showingPlcHdr") is not None


def _sign(element: Any) -> str:
    code = (element.get(_name("char")) or "").upper()
    return "☑" if code in _TICKED_SIGNS else "□" if code in _OPEN_SIGNS else ""


def _legacy_box(element: Any) -> str:
    """Return the tick of a form field of the older kind: its state, else its default."""
    state = element.find(_name("checked"))
    state = state if state is not None else element.find(_name("default"))
    return "☑" if state is not None and state.get(_name("val"), "1") not in ("0", "false") else "□"


def _asks(text: str, *, begun: bool) -> bool:
    """Whether a paragraph is a label or a question that the next paragraphs answer: 3. 请描述主要难题."""
    if not text or len(text) > _LONGEST_HEADING:
        return False
    return is_known(text) or (begun and bool(_QUESTION.match(text)) and is_likely(text))


def _tells(block: Any) -> bool:
    """Whether what follows a section's heading is text, and no label or question: the section's answer."""
    text = _text(block).strip() if block is not None and _tag(block) == "p" else ""
    return bool(text) and not labelled_parts(text) and not _asks(text, begun=True)


def _tells_of_the_title_above(lines: list[list[str]], text: str) -> bool:
    """Whether a text below a whole title says what it is about: 需求一：丝网老化, then what is the matter."""
    label, title = lines[-1]
    names = names_title(_COUNT_BEHIND.sub("", label.strip()))
    whole = 0 < len(title.strip()) <= _LONGEST_HEADING and not re.search(r"[。；;，,：:\n]", title.strip())
    return names and whole and bool(re.search("[。；，,;]", text))


def _heads_more(lines: list[list[str]], following: Any) -> bool:
    """Whether a heading stands over more labels of a form that named its thing: 三、合作."""
    text = _text(following).strip() if following is not None and _tag(following) == "p" else ""
    below = labelled_parts(text) or tabbed_parts(text)
    told = {label for label, _ in lines}
    named = any(map(names_title, [*told, *(label for label, _ in below)]))
    return bool(below) and named and not told & {label for label, _ in below}


def _is_styled(block: Any) -> bool:
    """Whether the style of a paragraph says that it is a heading."""
    style = block.find(f"{_W}pPr/{_W}pStyle")
    return style is not None and bool(re.match(r"(?i)heading|title|标题|\d$", style.get(_name("val")) or ""))


def _is_heading(block: Any, text: str) -> bool:
    """Whether a paragraph heads what follows: by its style, or as a short numbered line, no sentence."""
    if _is_styled(block):
        return True
    return _is_chapter(text)


def _is_chapter(text: str) -> bool:
    chapter = re.match(r"[一二三四五六七八九十]{1,3}[、.．]|第[一二三四五六七八九十\d]{1,3}[项条个部]", text)
    return bool(chapter) and len(text) <= _LONGEST_HEADING and not re.search(r"[。；;，,]$", text)
