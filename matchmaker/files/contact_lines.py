"""The contact that a line above or below the list of one firm names: 联系人：苗青 联系电话：13857010001."""

import re
from collections.abc import Collection, Sequence

from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.book import Cell
from matchmaker.files.findings import Record, RecordKind
from matchmaker.files.headers import fields, is_known
from matchmaker.files.readers import reader_for

# no 科技局联系人, 填报单位联系人
_NAME = re.compile(
    r"(?<![一-鿿])(?:企业|项目|技术|需求|单位|公司)?联系人(?:姓名)?\s*[:：]\s*"
    r"([一-鿿·]{2,4}?)(?=[\s,，;；、(（]|(?:联系|移动)?(?:电话|手机|方式)|1\d{10}|$)"
)
_NUMBER = re.compile(r"(?:电话|手机|方式|号码)\s*[:：]\s*(1\d{10}|0\d{2,3}\s?-?\s?\d{7,8})(?!\d)")
_FIRM = re.compile(r".{3,40}(?:公司|厂|集团|合作社)")
_CONTACT = ("contact_name", "contact_mobile", "contact_tel")

_SENDER = re.compile(r"(?:填报|报送|推荐|征集|申报|上报)(?:单位|部门)[^:：]{0,8}[:：]\s*([^\s,，;；]{2,40})")


def give_contact(
    lines: Sequence[str], records: Sequence[Record], *, mapped: Collection[str], where: str
) -> list[Problem]:
    """Give the needs of one firm the contact of its list, where no column names any; return the remark on it.

    A list of several firms, or of an office, is sent by somebody who is nobody's contact.
    """
    if not records or records[0].kind is not RecordKind.NEED or set(_CONTACT) & set(mapped):
        return []
    if not any("联系人" in line for line in lines):
        return []
    firms = {str(record.values.get("enterprise_name", "")) for record in records}
    firm = firms.pop()
    if firms or not _FIRM.fullmatch(firm) or not _is_of(firm, lines):
        return []
    told_by = [line.replace(firm, " ") for line in lines]  # 某某公司联系人：苗青
    names = {found[1] for line in told_by for found in _NAME.finditer(line)}
    numbers = {found[1] for line in told_by if _NAME.search(line) for found in _NUMBER.finditer(line)}
    if len(names) != 1 or len(numbers) > 1:
        return []
    told: dict[str, object] = {"contact_name": names.pop()}
    for number in numbers:
        told |= reader_for(fields(RecordKind.NEED)["contact_mobile"], header="")(number)[0]
    for record in records:
        record.values.update(told)
    message = f"表外写的联系人“{told['contact_name']}”记入了这家企业的各条需求，请核对。"
    return [
        Problem(
            field="contact_name",
            code="contact_line",
            message=message,
            where=where,
            severity=Severity.GUESS,
        )
    ]


def line_above(cells: Sequence[Cell]) -> str:
    """Return the words of a row above a list; a label with its answer in the next cell as 企业名称：…"""
    line: list[str] = []
    label = ""
    for cell in cells:
        number = isinstance(cell, (int, float))
        text = f"{cell:.0f}" if number else str(cell).strip()
        if not text:
            continue
        if label and not is_known(text):
            line[-1], label = f"{label}：{text}", ""
        elif not number:
            line.append(text)
            label = text if is_known(text) and text[-1] not in "：:" else ""
    return " ".join(line)


def _is_of(firm: str, lines: Sequence[str]) -> bool:
    """Whether the lines beside a list name its firm, and no office that sent it."""
    senders = {found[1] for line in lines for found in _SENDER.finditer(line)}
    return any(firm in line for line in lines) and senders <= {firm}
