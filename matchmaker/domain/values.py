"""What people write in cells, read as values: money, phones and lists; dates are in domain.dates."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from matchmaker.domain.dates import Period, parse_date, parse_datetime, parse_period
from matchmaker.domain.numerals import NUMERAL_CHARACTERS, chinese_number, multiplier
from matchmaker.domain.parsed import (
    BLANKS,
    LONGEST_VALUE,
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


FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
_UNIT_FEN = (
    ("亿元", 10_000_000_000),
    ("百万元", 100_000_000),
    ("万元", FEN_PER_WAN),
    ("千元", 100_000),
    ("元", FEN_PER_YUAN),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount or a range of amounts in fen; both ends None and `negotiable` when it is 面议."""

    low_fen: int | None = None
    high_fen: int | None = None
    negotiable: bool = False


_TRADITIONAL_UNITS = str.maketrans("萬億圓", "万亿元")


def unit_of_header(header: str) -> int | None:
    """Return the fen that a bare number means under a header: 万元 → 1,000,000; None if it says nothing."""
    text = "".join(unicodedata.normalize("NFKC", header).split()).translate(_TRADITIONAL_UNITS)
    for unit, fen in _UNIT_FEN:
        if unit in text:
            return fen
    return (
        FEN_PER_WAN if re.search(r"\(万\)|单位:万|10k|10,?000(?:RMB|CNY|yuan)", text, re.IGNORECASE) else None
    )


_NEGOTIABLE = re.compile(
    r".*(?:面议|面谈|协商|另议|待定|不限|商定|视情况|洽谈|暂定|待商|negotia).*|-1(?:\.0+)?", re.IGNORECASE
)
_AMOUNT = (
    r"(?:\d+(?:\.\d+)?\s*(?:[十百千万亿]+\s*\d+(?:\.\d+)?\s*)*[十百千万亿]*\s*"
    rf"|[{NUMERAL_CHARACTERS}点]+)"
)
_CURRENCY = r"\s*(?:元人民币|元|块钱?|圆|人民币|RMB)?\s*[整正]?"
_MONEY = re.compile(
    rf"(?P<before>(?:人民币|RMB|CNY|总?投?资?约|大概|大约|预计|不超过|不高于|不多于|低于|少于|最多|最高|小于|至多|不低于|不少于|不小于|至少|最少|最低|高于|大于|超过|[<>≤≥]=?|[¥￥:\s])*)"
    rf"(?P<low>{_AMOUNT})(?P<low_yuan>{_CURRENCY})"
    rf"(?:\s*(?:-+|~|至|到|—+|–)\s*[¥￥]?(?P<high>{_AMOUNT})(?P<high_yuan>{_CURRENCY}))?"
    r"(?P<after>\s*(?:以内|之内|内|以下|封顶|以上|及以上|起步?|左右|上下|许|\+|/?年|每年|/项|/套|。)*)",
    re.IGNORECASE,
)
_NAMED_MONEY = re.compile(
    r"(?:不超过|不低于|至少|最多)?(?<![\d.])\d+(?:\.\d+)?\s*(?:[十百千]?[万亿])?元?\s*(?:(?:-+|~|至|到)\s*\d+(?:\.\d+)?\s*)?"
    r"(?:[十百千]?[万亿]元?|元)(?:以内|以下|以上|左右)?"
)
_AT_MOST = re.compile(
    r"不超过|不高于|不多于|(?<!不)低于|(?<!不)少于|(?<!不)小于|最多|最高|至多|<|≤|以内|之内|^\s*内|以下|封顶"
)
_AT_LEAST = re.compile(r"不低于|不少于|不小于|至少|最少|最低|(?<!不)高于|大于|(?<!不)超过|>|≥|以上|起|\+")
_FOREIGN = re.compile(r"美元|美金|欧元|日元|港币|港元|英镑|USD|EUR|JPY|HKD|GBP|[$€£]", re.IGNORECASE)
_YEARLY = re.compile(r"/年|每年|年$")
_HUGE_FEN = 10_000_000_000 * 10  # 10 亿元: no county need costs that much; the unit is wrong
_HUGE_BARE_FEN = (
    10_000_000_000  # 1 亿元 without a unit of its own: yuan under a header of 万元 look like this
)
_NOTHING_KNOWN = frozenset({"不详", "未知", "不清楚", "未填", "不确定", "未定", "暂不确定", "暂未确定"})
# 50w is how 50万 is typed in a chat.
_TYPED_WAN = re.compile(r"(?<=\d)\s*[wW](?![A-Za-z])")
_NO_PLAIN_NUMBER = re.compile(r"\d\.\d+\.\d|[×xX*]\s*10|\^|\d[eE][+\d]")
# 12万5 is 125,000, as 两万五 is 25,000.
_SPOKEN_SHORT = re.compile(r"(?<=\d)([万亿千])(\d)(?=元|块|$)")
_SMALLER = {"万": "千", "亿": "千万", "千": "百"}
_BRACKETED_UNIT = re.compile(r"\(((?:百|千)?[万亿]?元)\)$")


def parse_money(raw: object, *, unit_fen: int | None = None) -> Parsed[Money]:
    """Return the amount a cell names, in fen.

    `unit_fen` is what a bare number means (see `unit_of_header`); a unit or ￥ in the cell wins over
    it. Without either a bare number is taken as 万元 below 10,000 and as 元 from there on, as a guess.
    """
    text = plain_text(raw)
    if len(text) > LONGEST_VALUE:
        return _no_money(text, "money_unreadable", "金额")
    return _money_of_text(text, unit_fen)


@lru_cache(maxsize=8192)
def _money_of_text(text: str, unit_fen: int | None) -> Parsed[Money]:
    if text in BLANKS or text in _NOTHING_KNOWN:
        return Parsed(value=None)
    text = text.translate(_TRADITIONAL_UNITS)
    text = _BRACKETED_UNIT.sub(r"\1", _TYPED_WAN.sub("万", text))
    text = _SPOKEN_SHORT.sub(lambda found: found[1] + found[2] + _SMALLER[found[1]], text)
    if _NEGOTIABLE.fullmatch(text) and not re.search(r"[2-9]|1\d", text):
        return Parsed(value=Money(negotiable=True))
    if _FOREIGN.search(text):
        return _no_money(text, "foreign_currency", "人民币金额")
    found = _MONEY.fullmatch(_without_grouping(text))
    if found is None:
        return _money_in_words(text)
    low, low_bare = _yuan(found["low"], found["low_yuan"], before=found["before"])
    high, high_bare = _yuan(found["high"], found["high_yuan"]) if found["high"] else (None, False)
    if low is None or (found["high"] and high is None):
        return _no_money(text, "money_unreadable", "金额")
    return _ranged(text, found, (low, low_bare), (high, high_bare), unit_fen)


def _money_in_words(text: str) -> Parsed[Money]:
    """Read a sentence with exactly one amount that has its unit, brackets aside: 投入50万元（含设备20万）."""
    amounts = list(_NAMED_MONEY.finditer(_without_grouping(re.sub(r"\([^()]*\)", "", text))))
    if len(amounts) != 1 or _NO_PLAIN_NUMBER.search(text):
        return _no_money(text, "money_unreadable", "金额")
    money = _money_of_text(amounts[0][0].strip(), None)
    if money.value is None:
        return _no_money(text, "money_unreadable", "金额")
    remark = guess(
        f"从“{short(text)}”中取出金额“{amounts[0][0].strip()}”，请核对。",
        code="money_from_words",
    )
    return Parsed(value=money.value, problems=(remark, *money.problems))


def _ranged(
    text: str,
    found: re.Match[str],
    low: tuple[Decimal, bool],
    high: tuple[Decimal | None, bool],
    unit_fen: int | None,
) -> Parsed[Money]:
    """Put both ends of what was written into fen, sharing the unit that only one of them names."""
    problems: list[Problem] = []
    low_unit = high_unit = FEN_PER_YUAN
    if high[0] is None:
        if low[1]:
            low_unit = _bare_unit(text, low[0], unit_fen, problems)
    elif low[1] and high[1]:
        low_unit = high_unit = _bare_unit(text, high[0], unit_fen, problems)
    elif low[1]:
        low_unit = _shared_unit(low[0], found["high"], high[0])
    low_fen = _fen(low[0], low_unit)
    high_fen = _fen(high[0], high_unit) if high[0] is not None else low_fen
    if low_fen > high_fen:
        return _no_money(text, "money_backwards", "金额（前一个数大于后一个数）")
    bare = low[1] if high[0] is None else low[1] and high[1]
    if high_fen >= (_HUGE_BARE_FEN if bare else _HUGE_FEN):
        message = f"“{text}”合 {high_fen // 100:,} 元，数额特别大，请核对单位是元还是万元。"
        problems.append(guess(message, code="money_huge"))
    if _YEARLY.search(found["after"]):
        problems.append(guess(f"“{text}”是每年的数额，按一年的记入，请核对。", code="money_yearly"))
    return Parsed(value=_bounded(found, low_fen, high_fen), problems=tuple(problems))


def _bounded(found: re.Match[str], low_fen: int, high_fen: int) -> Money:
    if not found["high"]:
        if _AT_MOST.search(found["before"]) or _AT_MOST.search(found["after"]):
            return Money(high_fen=high_fen)
        if _AT_LEAST.search(found["before"]) or _AT_LEAST.search(found["after"]):
            return Money(low_fen=low_fen)
    return Money(low_fen=low_fen, high_fen=high_fen)


def _bare_unit(text: str, number: Decimal, unit_fen: int | None, problems: list[Problem]) -> int:
    if unit_fen is not None:
        return unit_fen
    unit, name = (FEN_PER_WAN, "万元") if number < 10_000 else (FEN_PER_YUAN, "元")
    message = f"“{text}”没有写单位，表头也没有，按{name}理解，请核对。"
    problems.append(guess(message, code="money_without_unit"))
    return unit


def _shared_unit(low: Decimal, high_text: str, high_yuan: Decimal) -> int:
    """Return the unit of the first number of 50-100万: the second's, unless that cannot be."""
    units = "".join(character for character in high_text if character in "万亿千百")
    unit = multiplier(units if high_text[0].isdigit() else units[-1:])
    in_yuan = low * unit > high_yuan and low >= 1000  # 5000-1万 is five thousand yuan, 100-50万 a slip
    return FEN_PER_YUAN if in_yuan else unit * FEN_PER_YUAN


def _yuan(amount: str, currency: str, *, before: str = "") -> tuple[Decimal | None, bool]:
    """Return the number in yuan and whether it is bare, that is without any unit of its own."""
    amount = amount.replace(" ", "")
    if not amount[0].isdigit():
        number = chinese_number(amount)
        return number, number is not None and not currency.strip() and not re.search("[万萬亿億]", amount)
    total = Decimal(0)
    for digits, units in re.findall(r"(\d+(?:\.\d+)?)([十百千万亿]*)", amount):
        total += Decimal(digits) * multiplier(units)
    named = (
        bool(re.search("[十百千万亿]", amount))
        or bool(currency.strip(" 整正"))
        or bool(re.search("[¥￥]", before))
    )
    return total, not named


def _fen(yuan_or_units: Decimal, unit_fen: int) -> int:
    return int((yuan_or_units * unit_fen).to_integral_value())


def _without_grouping(text: str) -> str:
    parted = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)", lambda found: found[0].replace(" ", ""), parted)


def _no_money(text: str, code: str, what: str) -> Parsed[Money]:
    problem = unreadable(text, code=code, what=what, wanted="“50万元”“30-50万元”或“面议”")
    return Parsed(value=None, problems=(problem,))


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
    + r"|(?P<local>[2-9]\d{6,7})(?!\d)"
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
    matches = list(PHONE.finditer(text))
    if matches:
        mended = tuple(_lost_zero(found[0], _phone(found).number) for found in matches if found["bare_area"])
        return Parsed(value=tuple(dict.fromkeys(map(_phone, matches))), problems=mended)
    if re.fullmatch(r"[2-9]\d{9,10}", text):
        return _line_without_zero(text)
    problem = unreadable(
        text,
        code="phone_unreadable",
        what="电话号码",
        wanted="“13800000000”或“0574-65510000”",
    )
    return Parsed(value=None, problems=(problem,))


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
