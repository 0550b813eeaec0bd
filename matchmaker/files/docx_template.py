"""The bureau's own letterhead: a .docx with marks such as {{活动名称}}, and {{正文}} where the paper goes.

Marks are found wherever Word keeps text: body, tables, text boxes, content controls, headers, footers;
also where Word has cut one into several runs. A mark that is none is refused, not printed.
"""

import difflib
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from matchmaker.files.exports import ILLEGAL
from matchmaker.files.refusals import refused

BODY = "正文"
_MARK = re.compile(r"[{｛]{2}([^{}｛｝]{0,40})[}｝]{2}")
_BODY_MARK = "{{正文}}"
# what is left of a mark once a brace is lost: {{活动名称} or 活动名称}}
_BROKEN = re.compile(r"[{｛]{2}[^{}｛｝]{0,40}[}｝]?|[{｛]?[^{}｛｝\s]{0,40}[}｝]{2}")
_SINGLE = re.compile(r"[{｛]([^{}｛｝]{1,40})[}｝]")
_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_FALLBACK = f"{_COMPATIBLE}Fallback"


def open_template(template: bytes, *, called: str, facts: Mapping[str, str]) -> tuple[Any, Any]:
    """Return a template's document with its marks filled in, and the paragraph that the paper goes before.

    The second is None where no mark says {{正文}}. Raises FileRefused for what is no .docx, for a mark
    that `facts` do not know, and for {{正文}} twice or where no paper fits.
    """
    document = _opened(template, called)
    paragraphs = [(place, one) for place, part in _parts(document) for one in _paragraphs(part)]
    bodies = _check(paragraphs, known=(*facts, BODY), called=called)
    if len(bodies) > 1:
        message = f"{_of(called)}有 {len(bodies)} 处 {_BODY_MARK}，请只留一处。"
        raise refused("body_marks", message)
    if bodies and bodies[0].getparent() is not document.element.body:
        message = f"{_of(called)}把 {_BODY_MARK} 放在了表格、文本框、页眉或页脚里，请让它在正文里单独成段。"
        raise refused("misplaced_body_mark", message)
    for _place, paragraph in paragraphs:
        _fill(paragraph, facts)
    return document, _alone(document, bodies[0]) if bodies else None


def take_away(mark: Any) -> None:
    """Remove the paragraph of {{正文}}; one that ends a section or holds a picture stays, without words."""
    element = mark._element
    if _section(element) is None and not _drawn(element):
        element.getparent().remove(element)
    else:
        _keep(element, 0, 0)


def _drawn(paragraph: Any) -> list[Any]:
    """Return what hangs on a paragraph beside its words: pictures, lines, text boxes."""
    from docx.oxml.ns import qn

    kinds = (f"{_COMPATIBLE}AlternateContent", qn("w:drawing"), qn("w:pict"), qn("w:object"))
    return [one for one in paragraph.iter(*kinds) if next(one.iterancestors(*kinds), None) is None]


def _opened(template: bytes, called: str) -> Any:
    from docx import Document
    from docx.exceptions import PythonDocxError

    try:
        return Document(io.BytesIO(template))
    except (PythonDocxError, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as fault:
        message = f"{_of(called)}打不开，请在 Word 里另存为 .docx 后重新放入模板文件夹，或先移走它。"
        raise refused("broken_template", message) from fault


def _of(called: str) -> str:
    return f"单位自己的 Word 模板“{called}”"


def _parts(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield (place in words, element) of everything that is printed."""
    yield "正文", document.element.body
    for relation in document.part.rels.values():
        for kind, words in (("/header", "页眉"), ("/footer", "页脚")):
            if relation.reltype.endswith(kind):
                yield words, relation.target_part.element


def _paragraphs(part: Any) -> Iterator[Any]:
    from docx.oxml.ns import qn

    yield from part.iter(qn("w:p"))


def _texts(paragraph: Any) -> list[Any]:
    """Return the pieces of text of a paragraph, without those of a text box that hangs on it."""
    from docx.oxml.ns import qn

    return [one for one in paragraph.iter(qn("w:t")) if next(one.iterancestors(qn("w:p"))) is paragraph]


def _said(paragraph: Any) -> str:
    return "".join(piece.text or "" for piece in _texts(paragraph))


def _name(mark: re.Match[str]) -> str:
    return "".join(mark[1].split())


def _check(paragraphs: list[tuple[str, Any]], *, known: Collection[str], called: str) -> list[Any]:
    """Return the paragraphs that say {{正文}}. Raises FileRefused with every mark that is none."""
    unknown: dict[tuple[str, str], None] = {}
    bodies = []
    for place, paragraph in paragraphs:
        for mark in _MARK.finditer(_said(paragraph)):
            if _name(mark) == BODY:
                bodies.append(paragraph)
            elif _name(mark) not in known:
                unknown[place, mark[0]] = None
        unknown |= dict.fromkeys((place, text) for text in _maimed(_said(paragraph), known))
    if unknown:
        listed = "；".join(f"{place}里的 {mark}{_meant(mark, known)}" for place, mark in unknown)
        every = "、".join(f"{{{{{name}}}}}" for name in known)
        raise refused(
            "unknown_marks", f"{_of(called)}有认不出的记号：{listed}。能用的是 {every}，请改好再用。"
        )
    return _once(bodies)


def _maimed(text: str, known: Collection[str]) -> Iterator[str]:
    """Yield marks that have lost a brace, or all but one on each side: they would be printed as they are."""
    rest = _MARK.sub("", text)
    yield from (found[0] for found in _BROKEN.finditer(rest))
    yield from (found[0] for found in _SINGLE.finditer(_BROKEN.sub("", rest)) if _name(found) in known)


def _once(bodies: list[Any]) -> list[Any]:
    """Leave out the copy of a text box that Word keeps for older programs."""
    return [one for one in bodies if next(one.iterancestors(_FALLBACK), None) is None]


def _meant(mark: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches("".join(mark.strip("{}｛｝").split()), list(known), n=1, cutoff=0.5)
    return f"（是不是 {{{{{near[0]}}}}}？）" if near else ""


def _fill(paragraph: Any, facts: Mapping[str, str]) -> None:
    """Put values in the place of marks; each takes the look of where its mark begins."""
    for mark in reversed(list(_MARK.finditer(_said(paragraph)))):
        if _name(mark) in facts:
            _replace(paragraph, mark.start(), mark.end(), facts[_name(mark)])


def _replace(paragraph: Any, start: int, end: int, value: str) -> None:
    at = 0
    for piece in _texts(paragraph):
        text = piece.text or ""
        first, last = max(start - at, 0), min(end - at, len(text))
        at += len(text)
        if first >= len(text) or last <= 0 or first >= last:
            continue
        said = ILLEGAL.sub("�", value)
        _write(piece, text[:first] + said + text[last:])
        value = ""


def _write(piece: Any, text: str) -> None:
    piece.text = text
    piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _alone(document: Any, paragraph: Any) -> Any:
    """Return the paragraph of {{正文}}; what stands around the mark gets paragraphs of its own."""
    from docx.text.paragraph import Paragraph

    (mark,) = (one for one in _MARK.finditer(_said(paragraph)) if _name(one) == BODY)
    length = len(_said(paragraph))
    if _said(paragraph)[: mark.start()].strip():
        before = _words_of(paragraph)
        paragraph.addprevious(before)
        _keep(before, 0, mark.start())
    if _said(paragraph)[mark.end() :].strip():
        after = _words_of(paragraph)
        if (section := _section(paragraph)) is not None:
            after.get_or_add_pPr().append(section)  # it ends with the last of them
        paragraph.addnext(after)
        _keep(after, mark.end(), length)
    return Paragraph(paragraph, document._body)


def _words_of(paragraph: Any) -> Any:
    """Return a copy that has the words and their look alone: what else there is must not be there twice."""
    copy = deepcopy(paragraph)
    for one in (*_drawn(copy), _section(copy)):
        if one is not None:
            one.getparent().remove(one)
    return copy


def _section(paragraph: Any) -> Any:
    from docx.oxml.ns import qn

    return paragraph.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")


def _keep(paragraph: Any, start: int, end: int) -> None:
    """Leave of a paragraph's text only what lies between two places."""
    at = 0
    for piece in _texts(paragraph):
        text = piece.text or ""
        _write(piece, text[max(start - at, 0) : max(end - at, 0)])
        at += len(text)
