"""Lines between the rows of a list that say what the rows below them share: 一、电子信息领域, 二、城东镇."""

import re
from collections.abc import Collection, Iterator, Sequence

from matchmaker.domain.parsed import plain_text, short
from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.headers import RecordKind, fields
from matchmaker.files.readers import field_codes, reader_for

_NUMBERING = re.compile(
    r"^(?:[(]?[一二三四五六七八九十]{1,3}[)、.:]+|第[一二三四五六七八九十]{1,3}(?:部分|类|组)[、:]?|\d{1,2}[、.)]|[(]\d{1,2}[)])\s*"
)
_COUNT = re.compile(r"\s*(?:[(\[][^()\[\]]*[)\]]|共?\s*\d+\s*[项家个条人]|[:：])\s*$")
_OF_FIELD = re.compile(
    r"(?:技术|产业|行业)?(?:领域|类|方向|产业|行业)(?:技术)?(?:需求|难题|成果|项目|清单)*$"
)
_FIRM = re.compile(r".{2,40}(?:公司|厂|集团|合作社)")
_TOWN = re.compile(r"[一-鿿]{2,12}(?:镇|乡|街道|新区|开发区|高新区|园区|县|市)")
_OWNER = re.compile(r"[一-鿿（）()·]{3,30}(?:大学|学院|研究院|研究所|科学院|医院)")
_COLLEGE = re.compile(r"[一-鿿（）()、与]{1,20}(?:学院|系|研究院|研究所|实验室|中心|学部)")
_LONGEST = 60
_TOLD_BY: dict[RecordKind, tuple[tuple[str, re.Pattern[str]], ...]] = {
    RecordKind.NEED: (("enterprise_name", _FIRM), ("region", _TOWN)),
    RecordKind.ACHIEVEMENT: (("org", _OWNER), ("department", _COLLEGE)),
    RecordKind.PEOPLE: (("org", _OWNER), ("org", _FIRM), ("department", _COLLEGE)),
    RecordKind.CONTRACT: (),
}

Line = tuple[int, str]
Told = tuple[int, str, dict[str, object]]
"""The row of a line, the field it tells ("" for none) and the values of the rows below."""


def told_by_lines(lines: Sequence[Line], *, kind: RecordKind, taken: Collection[str]) -> list[Told]:
    """Return what each line tells of a field that no column fills (`taken`); none when no line tells any."""
    told = [(row, *_told(text, kind, taken)) for row, text in lines]
    return told if any(name for _, name, _ in told) else []


def _told(text: str, kind: RecordKind, taken: Collection[str]) -> tuple[str, dict[str, object]]:
    if len(text) > _LONGEST:
        return "", {}
    bare = _bare(text)
    for name, pattern in _TOLD_BY[kind]:
        if name not in taken and pattern.fullmatch(bare):
            return name, {name: bare}
    if kind is RecordKind.CONTRACT and "contract_type" not in taken:
        found, _ = reader_for(fields(kind)["contract_type"], header="")(re.sub("类$", "", bare))
        if found:
            return "contract_type", found
    subject = _OF_FIELD.sub("", bare)
    for word in dict.fromkeys((subject, bare)):
        if "tech_field" in fields(kind) and "tech_field" not in taken and field_codes(word):
            return "tech_field", reader_for(fields(kind)["tech_field"], header="")(word)[0]
    return "", {}


def _bare(text: str) -> str:
    """Return a line without its number before and its count behind."""
    bare = _NUMBERING.sub("", plain_text(text))
    while (shorter := _COUNT.sub("", bare)) != bare:
        bare = shorter
    return bare


class Groups:
    """What holds for the rows of a table, in their order, by the lines between them.

    A line that tells nothing ends what was told before; a line of an outer level ends the inner ones.
    """

    def __init__(self, told: Sequence[Told]) -> None:
        self._waiting = list(reversed(told))
        self._order = list(dict.fromkeys(name for _, name, _ in told if name))
        self._told: dict[str, dict[str, object]] = {}

    def values_at(self, row: int) -> dict[str, object]:
        """Return the values that hold at a row; rows must be asked for from top to bottom."""
        while self._waiting and self._waiting[-1][0] < row:
            _, name, values = self._waiting.pop()
            inner = self._order[self._order.index(name) :] if name else self._order
            self._told = {other: kept for other, kept in self._told.items() if other not in inner}
            if name:
                self._told[name] = values
        return {name: value for values in self._told.values() for name, value in values.items()}


def remarks_on(
    lines: Sequence[Line], told: Sequence[Told], *, kind: RecordKind, where: str
) -> Iterator[Problem]:
    """Yield a remark for each field that lines were read as."""
    texts = dict(lines)
    for name in dict.fromkeys(name for _, name, _ in told if name):
        rows = [row for row, other, _ in told if other == name]
        many = f"等 {len(rows)} 行小标题" if len(rows) > 1 else "这行小标题"
        message = f"“{short(texts[rows[0]])}”{many}按“{fields(kind)[name].zh}”记入其下各行，请核对。"
        yield Problem(field=name, code="group_lines", message=message, where=where, severity=Severity.GUESS)
