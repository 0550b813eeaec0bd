"""What people write in cells, read as values: phones and lists; with domain.dates and domain.money."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matchmaker.domain.dates import Period, parse_date, parse_datetime, parse_period
from matchmaker.domain.money import Money, currency_abroad, parse_money, unit_of_header
from matchmaker.domain.parsed import (
    BLANKS,
    Parsed,
    guess,
    plain_text,
    short,
    unreadable,
)
from matchmaker.domain.problems import Problem, Severity

__all__ = [
    "Money",
    "Parsed",
    "Period",
    "Phone",
    "currency_abroad",
    "first_clause",
    "parse_bool",
    "parse_date",
    "parse_datetime",
    "parse_money",
    "parse_period",
    "parse_phones",
    "plain_text",
    "split_list",
    "unit_of_header",
]

_SEPARATORS = re.compile(r"[;；、，,/\n\r|┋]+")
_NUMBERED = re.compile(
    r"(?:^|(?<=[\s;；。，,、]))(?:[（(]\d{1,2}[)）]|\d{1,2}[.、)）](?!\d)|[•●·▪◆]) ?|[①-⑳] ?"
)
_SPACES = re.compile(r"[^\S\n]+")


def split_list(raw: object) -> tuple[str, ...]:
    """Return the parts of a cell that lists several things: ; 、 ， / line breaks and ① (1) 1. as marks.

    Parts inside brackets stay together; empty parts are dropped, repeats kept once, order kept.
    """
    text = unicodedata.normalize("NFKC", str(raw)) if not isinstance(raw, str) else raw
    text = _NUMBERED.sub(";", _SPACES.sub(" ", text))
    parts: dict[str, None] = {}
    for part in _SEPARATORS.split(_shielded(text)):
        cleaned = " ".join(part.translate(_UNSHIELD).split()).strip("。.;；:： ")
        if cleaned and cleaned not in ("无", "-", "—"):
            parts[cleaned] = None
    return tuple(parts)


_INNER_MARKS = ";；、，,/|"
_SHIELDS = {mark: chr(0xE000 + place) for place, mark in enumerate(_INNER_MARKS)}
_UNSHIELD = {ord(shield): mark for mark, shield in _SHIELDS.items()}
_BRACKETED = re.compile(r"[（(][^（）()]{0,60}[)）]")


def _shielded(text: str) -> str:
    """Hide separators inside brackets from the split."""
    return _BRACKETED.sub(lambda found: "".join(_SHIELDS.get(mark, mark) for mark in found[0]), text)


_CLAUSE_END = re.compile(r"[。；;！？\n]")
_LONGEST_NAME = 40


def first_clause(text: str) -> str:
    """Return the beginning of a text that may stand for a name: up to a full stop, 40 characters at most."""
    begun = _NUMBERED.sub("", text.strip()[: 2 * _LONGEST_NAME]).strip()
    return (_CLAUSE_END.split(begun, maxsplit=1)[0].strip() or begun)[:_LONGEST_NAME]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One telephone number: 11 digits of a mobile, or 0574-65510000 of a line; extension "" or digits."""

    number: str
    mobile: bool
    extension: str = ""


_EXTENSION = r"(?:\s*(?:转|-|—|分机|ext\.?)\s*(?P<{0}>\d{{1,6}})(?!\d))?"
PHONE = re.compile(
    r"(?<!\d)(?:"
    r"(?:\+?86[-\s]?)?(?P<mobile>1[3-9]\d(?:[-\s]?\d){8})(?!\d)"
    r"|(?P<service>[48]00[-\s]?\d{3}[-\s]?\d{4})(?!\d)"
    r"|\(?(?P<area>(?:\+?86[-\s]?\(?0?\)?[-\s]?|0)(?:10|2\d|[3-9]\d\d))[)\-\s—]*(?P<line>[1-9]\d{2,3}[-\s]?\d{4})(?!\d)"
    + _EXTENSION.format("line_extension")
    + r"|(?P<bare_area>10|2\d|[3-9]\d\d)[-—](?P<bare_line>[1-9]\d{6,7})(?!\d)"
    + _EXTENSION.format("bare_extension")
    + r"|(?P<local>[2-9]\d{6,7})(?!\d|(?!ext)[A-Za-z]{2})"
    + _EXTENSION.format("local_extension")
    + ")",
    re.IGNORECASE,
)
_NO_DIGIT = re.compile(r"\D")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
LONGEST_CONTACT = 300
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")


def parse_phones(raw: object) -> Parsed[tuple[Phone, ...]]:
    """Return every telephone number in a cell, in order, each once."""
    text = plain_text(raw)
    if _MOBILE.fullmatch(text):
        return Parsed(value=(Phone(number=text, mobile=True),))
    return _phones_of_text(text if len(text) <= LONGEST_CONTACT else text[:LONGEST_CONTACT])


# The number of another country, as the + before it says; 86 is ours.
_ABROAD = re.compile(r"(?:\+|00)(?!86)[1-9]\d{0,2}[-\s()]*\d(?:[-\s()]*\d){5,11}")


def _phones_of_text(text: str) -> Parsed[tuple[Phone, ...]]:
    if text in BLANKS:
        return Parsed(value=None)
    if _SCIENTIFIC.fullmatch(text):
        message = f"电话“{text}”被表格存成了科学计数，后几位已丢失，请补填完整号码。"
        return Parsed(
            value=None,
            problems=(
                Problem(
                    field="",
                    code="phone_truncated",
                    message=message,
                    severity=Severity.WARNING,
                ),
            ),
        )
    if _ABROAD.fullmatch(text):
        digits = _NO_DIGIT.sub("", text).removeprefix("00")
        return Parsed(value=(Phone(number=f"+{digits}", mobile=False),))
    matches = list(PHONE.finditer(text))
    if matches:
        mended = [_lost_zero(found[0], _phone(found).number) for found in matches if found["bare_area"]]
        mended += [_left_over(text, rest) for rest in _further_line(text, matches)]
        return Parsed(value=tuple(dict.fromkeys(map(_phone, matches))), problems=tuple(mended))
    if re.fullmatch(r"[2-9]\d{9,10}", text):
        return _line_without_zero(text)
    problem = unreadable(
        text,
        code="phone_unreadable",
        what="电话号码",
        wanted="“13800000000”或“0574-65510000”",
    )
    return Parsed(value=None, problems=(problem,))


_FURTHER_LINE = re.compile(r"\s*[/／、,]\s*(\d{1,4})(?!\d)")


def _further_line(text: str, matches: Sequence[re.Match[str]]) -> Iterator[str]:
    """Yield the 9 of 0578-2345678/9: of a further line only the end is written."""
    starts = {found.start() for found in matches}
    for found in matches:
        further = None if found["mobile"] else _FURTHER_LINE.match(text, found.end())
        if further and starts.isdisjoint(range(further.start(), further.end())):
            yield further[1]


def _left_over(text: str, rest: str) -> Problem:
    message = f"“{short(text)}”里的“{rest}”不是完整的号码，没有记入，请核对。"
    return guess(message, code="phone_left_over")


def _phone(found: re.Match[str]) -> Phone:
    if found["mobile"]:
        digits = found["mobile"]
        return Phone(number=digits if len(digits) == 11 else _NO_DIGIT.sub("", digits), mobile=True)
    if found["service"]:
        digits = _NO_DIGIT.sub("", found["service"])
        return Phone(number=f"{digits[:3]}-{digits[3:6]}-{digits[6:]}", mobile=False)
    if found["area"]:
        area = "0" + re.sub(r"\D", "", found["area"]).removeprefix("86").removeprefix("0")
        return Phone(
            number=f"{area}-{_NO_DIGIT.sub('', found['line'])}",
            mobile=False,
            extension=found["line_extension"] or "",
        )
    if found["bare_area"]:
        number = f"0{found['bare_area']}-{found['bare_line']}"
        return Phone(number=number, mobile=False, extension=found["bare_extension"] or "")
    return Phone(number=found["local"], mobile=False, extension=found["local_extension"] or "")


def _line_without_zero(text: str) -> Parsed[tuple[Phone, ...]]:
    """Read 57465510000: a line number stored as a number has lost the 0 of its area code."""
    area = "0" + text[: 2 if text[0] == "2" else 3]
    number = f"{area}-{text[len(area) - 1 :]}"
    return Parsed(value=(Phone(number=number, mobile=False),), problems=(_lost_zero(text, number),))


def _lost_zero(text: str, number: str) -> Problem:
    message = f"电话“{text}”像是丢了区号前的 0，按 {number} 处理，请核对。"
    return guess(message, code="phone_lost_zero")


_YES = frozenset({"是", "有", "√", "✓", "☑", "y", "yes", "true", "1", "同意", "愿意", "公开", "需要"})
_NO = frozenset(
    {
        "否",
        "无",
        "×",
        "✗",
        "x",
        "n",
        "no",
        "false",
        "0",
        "不同意",
        "不愿意",
        "不公开",
        "不需要",
        "没有",
    }
)


def parse_bool(raw: object) -> Parsed[bool]:
    """Return the yes or no of a cell."""
    if isinstance(raw, bool):
        return Parsed(value=raw)
    text = plain_text(raw).lower()
    if text in _YES or text in _NO:
        return Parsed(value=text in _YES)
    if text in BLANKS:
        return Parsed(value=None)
    return Parsed(
        value=None,
        problems=(unreadable(raw, code="bool_unreadable", what="“是”或“否”", wanted="“是”或“否”"),),
    )
