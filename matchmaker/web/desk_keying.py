"""What is typed from a desk sheet: which lines can be noted, and what is wrong with the others."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from matchmaker.domain.problems import Problem
from matchmaker.services.desk_paper import Entry, SheetLine

_FIELD = re.compile(r"(result|began|ended|note)-(\d{1,11})")
# 16:22, 16.22, 1622, 16点22分, 16时22, 下午4点 is none
_CLOCK = re.compile(r"([01]?\d|2[0-3])(?:\s*[:.点时]\s*)?([0-5]\d)\s*分?")
_LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """One meeting's line as it was typed."""

    result: str = ""
    began: str = ""
    ended: str = ""
    note: str = ""


def typed_lines(form: Mapping[str, str]) -> dict[int, TypedLine]:
    """Return what was typed by the meeting's id; lines in which nothing stands are left out."""
    typed: dict[int, dict[str, str]] = {}
    for name, value in form.items():
        found = _FIELD.fullmatch(name)
        if found and value.strip():
            typed.setdefault(int(found[2]), {})[found[1]] = value.strip()[:_LONGEST_NOTE]
    return {key: TypedLine(**words) for key, words in typed.items()}


def entry_of(pairing_id: int, line: TypedLine) -> Entry:
    """Return a line as it is noted: the times stand behind the words."""
    times = [_clock(line.began), _clock(line.ended)]
    span = f"{times[0]}–{times[1]}" if any(times) else ""
    return Entry(
        pairing_id=pairing_id,
        result=line.result,
        note="；".join(part for part in (line.note, span) if part),
    )


def faults_of(line: TypedLine, sheet_line: SheetLine | None) -> Iterator[Problem]:
    """Yield why a typed line cannot be noted as it stands."""
    if sheet_line is None:
        return  # refused as a whole by whoever notes it
    row = sheet_line.row
    where = f"{sheet_line.begins} {row.enterprise} × {row.expert_name}"

    def fault(field: str, message: str) -> Problem:
        return Problem(field=f"{field}-{row.pairing_id}", code="not_keyed", message=message, where=where)

    if not line.result:
        yield fault("result", _("写了时间或备注但没有选结果，这一场没有记，请选上结果再保存。"))
    for field, text in (("began", line.began), ("ended", line.ended)):
        if text and not _clock(text):
            message = _("时间“%(text)s”看不懂，这一场没有记，请写成 9:05 或 0905。", text=text[:20])
            yield fault(field, message)
    began, ended = _clock(line.began), _clock(line.ended)
    if began and ended and ended < began:
        yield fault("ended", _("结束（%(b)s）早于开始（%(a)s），这一场没有记，请核对。", a=began, b=ended))


def _clock(text: str) -> str:
    """Return 09:05 for a time in any way of writing it, or "" for what is none."""
    found = _CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return f"{int(found[1]):02d}:{found[2]}" if found else ""
