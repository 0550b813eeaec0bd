"""An uploaded file to a Book: admitted at the gate, parsed in a child process, put together here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from matchmaker.files import child, gate
from matchmaker.files.book import LIMITS, Book, Cell, Choice, Fault, Limits, Merge, Question, Sheet
from matchmaker.files.refusals import FileRefused, refused

Frame = dict[str, Any]


def read_file(
    content: bytes,
    filename: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits = LIMITS,
) -> Book:
    """Return what stands in an uploaded file.

    `encoding` and `delimiter` answer the questions of an earlier reading. Raises FileRefused, whose
    message is one sentence for the person, for everything that is not taken. Never raises anything
    else on account of the file, takes no more than `limits` allows, and follows no link in it.
    """
    form = gate.admit(content, filename, limits)
    parts = child.frames(content, form, limits=limits, encoding=encoding, delimiter=delimiter)
    book = _put_together(parts, filename=gate.clean_filename(filename), form=form, limits=limits)
    if not any(sheet.rows for sheet in book.sheets):
        what = (
            "文档里没有表格，也没有“企业名称：……”这样的条目，请整理成一行一条的表格后重新上传。"
            if form is gate.Format.DOCX
            else "文件里没有任何内容，请检查后重新上传。"
        )
        raise refused("no_content", what)
    return book


@dataclass(slots=True)
class _Draft:
    """A sheet whose rows are still coming."""

    about: Frame
    rows: list[list[Cell]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def _put_together(parts: Iterable[Frame], *, filename: str, form: gate.Format, limits: Limits) -> Book:
    drafts: list[_Draft] = []
    notices: list[str] = []
    text: Frame = {}
    cells = 0
    for frame in parts:
        if "sheet" in frame:
            drafts.append(_Draft(about=frame))
        elif "rows" in frame:
            drafts[-1].rows += frame["rows"]
            cells += sum(len(row) - row.count("") for row in frame["rows"])
            if cells > limits.cells:
                raise _too_many_cells(limits)
        elif "notices" in frame:
            notices += frame["notices"]
        else:
            text = frame
        for row, column, code, *words in frame.get("faults", ()):
            drafts[-1].faults.append(Fault(row=row, column=column, code=code, text="".join(words)))
    sheets = tuple(_sheet(draft, limits) for draft in drafts)
    questions = [_question(*asked) for asked in text.get("questions", ())]
    return Book(
        filename=filename,
        format=form.value,
        sheets=sheets,
        notices=(*_notices(sheets), *notices),
        questions=tuple(questions + _about_hidden(sheets)),
        encoding=text.get("encoding"),
        delimiter=text.get("delimiter"),
    )


def _too_many_cells(limits: Limits) -> FileRefused:
    return refused(
        "too_many_cells",
        f"文件里有内容的单元格超过 {limits.cells:,} 个，请只保留需要的列，或拆成几个文件后分别上传。",
    )


def _sheet(draft: _Draft, limits: Limits) -> Sheet:
    about = draft.about
    return Sheet(
        name=about["sheet"],
        rows=draft.rows,
        merges=_merges(draft, limits),
        visible=about["visible"],
        hidden_rows=frozenset(about.get("hidden_rows", ())),
        struck_rows=_struck_rows(draft),
        hidden_columns=frozenset(about.get("hidden_columns", ())),
        faults=tuple(draft.faults),
        ragged=about.get("ragged", False),
        heading=about.get("heading", ""),
        place=about.get("place", "cells"),
        labelled=about.get("labelled", False),
    )


def _merges(draft: _Draft, limits: Limits) -> tuple[Merge, ...]:
    """Return the merged ranges. Raises FileRefused when the rows below their first come to too many.

    Each of those rows is filled in, so a few thousand bytes could ask for more cells than fit anywhere.
    """
    last = len(draft.rows) - 1
    ranges = draft.about["merges"]
    if sum(max(0, min(c, last) - a) for a, _, c, _ in ranges) > limits.merged_rows:
        raise refused(
            "too_many_merges",
            f"工作表“{draft.about['sheet']}”里合并的单元格太多或太长，不像正常的名单，"
            "请取消不需要的合并后重新上传。",
        )
    return tuple(Merge(first_row=a, first_column=b, last_row=c, last_column=d) for a, b, c, d in ranges)


def _struck_rows(draft: _Draft) -> frozenset[int]:
    """Return the rows of which at least half of what stands there is crossed out."""
    return frozenset(
        row
        for row, struck in draft.about.get("struck_cells", ())
        if row < len(draft.rows) and 2 * struck >= sum(cell != "" for cell in draft.rows[row])
    )


def _question(code: str, text: str, choices: list[tuple[str, str, list[str]]]) -> Question:
    made = tuple(
        Choice(value=value, label=label, preview=tuple(preview)) for value, label, preview in choices
    )
    return Question(code=code, text=text, choices=made)


def _notices(sheets: Iterable[Sheet]) -> list[str]:
    hidden = [sheet.name for sheet in sheets if not sheet.visible and any(any(row) for row in sheet.rows)]
    if not hidden:
        return []
    names = "、".join(f"“{name}”" for name in hidden)
    return [f"工作表{names}在文件里是隐藏的，没有导入；需要的话请取消隐藏后重新上传。"]


def _about_hidden(sheets: Iterable[Sheet]) -> list[Question]:
    """Ask about rows and columns that the sender hid or crossed out: leftovers, or just filtered out."""
    places = []
    crossed_out = False
    for sheet in sheets:
        rows = [row for row in sorted(sheet.hidden_rows) if row < len(sheet.rows) and any(sheet.rows[row])]
        columns = sorted(
            sheet.hidden_columns
            & {at for row in sheet.rows[:200] for at, cell in enumerate(row) if cell != ""}
        )
        if sheet.visible and rows:
            places.append(sheet.where(rows[0]) + (f"等 {len(rows)} 行" if len(rows) > 1 else ""))
        if sheet.visible and columns:
            places.append(f"“{sheet.name}”的 {len(columns)} 列")
        struck = sorted(sheet.struck_rows) if sheet.visible else []
        if struck:
            places.append(sheet.where(struck[0]) + (f"等 {len(struck)} 行" if len(struck) > 1 else ""))
            crossed_out = True
    if not places:
        return []
    what = "隐藏的或划了删除线的" if crossed_out else "隐藏的"
    drop = "不导入这些行和列" if crossed_out else "不导入隐藏的行和列"
    choices = (Choice(value="keep", label="一并导入"), Choice(value="drop", label=drop))
    text = f"{'、'.join(places)}在文件里是{what}，请确认要不要导入。"
    return [Question(code="hidden", text=text, choices=choices)]
