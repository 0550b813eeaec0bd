"""What is said about a row as a whole: what could not be read in it, and what it lacks."""

from collections.abc import Iterable, Iterator, Sequence

from matchmaker.domain.parsed import short
from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.book import Fault, Sheet
from matchmaker.files.findings import Record
from matchmaker.files.headers import fields

_FAULT_MESSAGES = {
    "formula_without_value": (
        "公式没有保存计算结果，读出来是空的，请在 Excel 中打开并保存一次再上传。",
        Severity.ERROR,
    ),
    "error_value": ("公式结果出错（如 #N/A），按空白处理，请改正。", Severity.WARNING),
    "struck_text": ("有一部分划了删除线，也一并读入了，请核对。", Severity.WARNING),
    "comment": ("有批注，批注里的话没有导入，请在原文件里看一看，需要的写进格里。", Severity.WARNING),
    "cell_too_long": ("内容超过 32,767 个字，一格放不下，请精简后重新上传。", Severity.ERROR),
    "bad_character": ("含有无法保存的控制字符，请删除这一格中看不见的字符后重新上传。", Severity.ERROR),
    "mixed_encoding": (
        "文字编码与文件其他部分不同，读出来可能是乱码，请在原文件中重新录入。",
        Severity.ERROR,
    ),
    "unclosed_quote": ("引号没有配对，从这里起各列可能错位，请在原文件中补上或删去引号。", Severity.ERROR),
}

_COMMENT_SHOWN = 120


def by_row(faults: Iterable[Fault]) -> dict[int, list[Fault]]:
    """Return the faults of a sheet by their row, counted from 0."""
    rows: dict[int, list[Fault]] = {}
    for fault in faults:
        rows.setdefault(fault.row, []).append(fault)
    return rows


def of_fault(fault: Fault, where: str) -> Problem:
    """Return what a person reads about something met while reading the file."""
    message, severity = _FAULT_MESSAGES[fault.code]
    if fault.text:
        message = f"有批注“{short(fault.text, _COMMENT_SHOWN)}”，批注没有导入，需要的请写进格里。"
    return Problem(field="", code=fault.code, message=message, where=where, severity=severity)


def missing(record: Record, name: str) -> Problem:
    """Return that a row lacks the field without which it names nothing."""
    zh = fields(record.kind)[name].zh
    return Problem(field=name, code="missing", message=f"缺少{zh}，请补填。", where=record.where(name))


def of_several(headers: Sequence[str], *, where: str) -> Iterator[Problem]:
    """Yield that each row of a list held several things, which were read one by one."""
    if headers:
        message = (
            f"一行里有几项（{'、'.join(f'“{header}”' for header in headers)}），已拆成一项一条，"
            "其余各列（如资金、联系人）每条照记，请核对。"
        )
        yield Problem(field="", code="row_split", message=message, where=where, severity=Severity.GUESS)


def titled_by_text(*, where: str) -> Problem:
    """Return that the needs of a list have no names, so that the beginnings of their texts stand for them."""
    message = "没有“需求名称”这一列，每条用需求描述的第一句作名称，请核对；如另有名称列，请在列对应页指定。"
    return Problem(
        field="title", code="title_from_text", message=message, where=where, severity=Severity.GUESS
    )


def not_read(where: str, text: str) -> Problem:
    """Return that something in a form is neither a label nor the answer to one."""
    message = f"“{short(text)}”不在任何栏目的答案里，没有读入；如需要，请补到相应的栏目里。"
    return Problem(field="", code="not_read", message=message, where=where, severity=Severity.WARNING)


def _continued(record: Record, more: int) -> Problem:
    """Return that one record was written over several rows."""
    message = f"下面 {more} 行没有另写名称，并入这一条，请核对。"
    return Problem(
        field="", code="rows_joined", message=message, where=record.where(), severity=Severity.GUESS
    )


def _parted(record: Record, names: Sequence[str]) -> Problem:
    """Return that one row named several people, who were read one by one."""
    message = (
        f"这一行写了 {len(names)} 人（{short('、'.join(names))}），已拆成一人一条，电话和职务请核对是谁的。"
    )
    return Problem(
        field="name",
        code="people_parted",
        message=message,
        where=record.where("name"),
        severity=Severity.GUESS,
    )


def _same_as_above(record: Record, columns: tuple[int, ...]) -> Problem:
    """Return that cells said 同上 and were read as what stands above them."""
    said = "、".join(
        f"“{short(record.cells[column])}”" for column in columns[:3] if record.cells[column] != ""
    )
    message = (
        f"写着“同上”的格按上一行读作{said}，请核对。" if said else "写着“同上”，上一行却是空的，按空白处理。"
    )
    return Problem(
        field="",
        code="same_as_above",
        message=message,
        where=record.place(columns[0]),
        severity=Severity.GUESS,
    )


def _struck_row(record: Record) -> Problem:
    """Return that a row is crossed out in the file."""
    message = "这一行在文件里划了删除线，请确认要不要导入。"
    return Problem(
        field="", code="struck_row", message=message, where=record.where(), severity=Severity.WARNING
    )


def _hidden_row(record: Record) -> Problem:
    """Return that a row is hidden in the file."""
    message = "这一行在文件里是隐藏的，请确认要不要导入。"
    return Problem(
        field="", code="hidden_row", message=message, where=record.where(), severity=Severity.WARNING
    )


def _wrong_width(record: Record, width: int) -> list[Problem]:
    """Return that a row of delimited text has other than the header's number of cells."""
    cells = record.cells
    if len(cells) > width and any(cell != "" for cell in cells[width:]):
        message = f"这一行有 {len(cells)} 格，比表头多 {len(cells) - width} 格，各列可能错位，请核对。"
        return [Problem(field="", code="row_too_long", message=message, where=record.where())]
    if len(cells) < width:
        message = f"这一行只有 {len(cells)} 格，比表头少 {width - len(cells)} 格，缺的按空白处理。"
        severity = Severity.WARNING
        return [
            Problem(field="", code="row_too_short", message=message, where=record.where(), severity=severity)
        ]
    return []


class OfSheet:
    """What is to be said of rows because of how they lie in their sheet."""

    def __init__(
        self,
        sheet: Sheet,
        *,
        continued: dict[int, int],
        parted: dict[int, tuple[str, ...]],
        width: int,
    ) -> None:
        self._sheet = sheet
        self._continued = continued
        self._parted = parted
        self._width = width
        self._faults = by_row(sheet.faults)
        self._plain = not (
            self._faults or continued or parted or sheet.hidden_rows or sheet.struck_rows or sheet.ragged
        )

    def about(self, record: Record, same_as_above: tuple[int, ...]) -> Sequence[Problem]:
        """Return the problems of one row; `same_as_above` are the columns in which it said 同上."""
        if self._plain and not same_as_above:
            return ()
        row = record.row - 1
        said = [of_fault(fault, record.place(fault.column)) for fault in self._faults.get(row, ())]
        if same_as_above:
            said.append(_same_as_above(record, same_as_above))
        if row in self._continued:
            said.append(_continued(record, self._continued[row]))
        if row in self._parted:
            said.append(_parted(record, self._parted[row]))
        if row in self._sheet.hidden_rows:
            said.append(_hidden_row(record))
        if row in self._sheet.struck_rows:
            said.append(_struck_row(record))
        if self._sheet.ragged and len(record.cells) != self._width:
            said += _wrong_width(record, self._width)
        return said
