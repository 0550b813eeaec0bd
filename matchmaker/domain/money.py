"""Amounts of money as people write them in cells, in fen."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from matchmaker.domain.characters import simplified
from matchmaker.domain.numerals import NUMERAL_CHARACTERS, chinese_number, multiplier
from matchmaker.domain.parsed import BLANKS, LONGEST_VALUE, Parsed, guess, plain_text, short, unreadable
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.rounding import Rounded, exact_amount

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

    def with_other_end(self, other: "Money") -> "Money":
        """Return the range of which both amounts are one end; this one as it is where they are not."""
        ends = [(self.low_fen, other.high_fen), (other.low_fen, self.high_fen)]
        open_ended = (self.low_fen is None) != (self.high_fen is None)
        for low, high in ends if open_ended and not self.negotiable else ():
            if low is not None and high is not None and low <= high:
                return Money(low_fen=low, high_fen=high)
        return self


_FOREIGN = re.compile(
    r"美元|美金|美刀|欧元|日元|日圆|日币|港币|港元|英镑|(?:新)?台币|韩元|韩币|卢布|瑞郎|法郎|泰铢|澳门元"
    r"|(?<=[\d百千万亿(])\s*(?:澳|加|新|新加坡)(?:元|币)|(?<=[\d百千万亿])(?:美|欧|刀|镑)(?![一-鿿])"
    r"|USD|EUR|JPY|HKD|GBP|TWD|NTD?\$|KRW|RUB|CHF|SGD|AUD|[$€£₩₽]",
    re.IGNORECASE,
)


def currency_abroad(header: str) -> str:
    """Return the currency of another country that a header names, 美元 of 投入（万美元）; else ""."""
    found = _FOREIGN.search(unicodedata.normalize("NFKC", header))
    return found[0] if found else ""


_TRADITIONAL_UNITS = str.maketrans("萬億圓", "万亿元")


def unit_of_header(header: str) -> int | None:
    """Return the fen that a bare number means under a header: 万元 → 1,000,000; None if it says nothing."""
    text = "".join(unicodedata.normalize("NFKC", header).split()).translate(_TRADITIONAL_UNITS)
    if _FOREIGN.search(text):
        return None
    for unit, fen in _UNIT_FEN:
        if unit in text:
            return fen
    return (
        FEN_PER_WAN
        if re.search(r"\(万\)|单位:万|10k|10,?000(?:RMB|CNY|yuan)|(?:RMB|CNY)10,?000", text, re.IGNORECASE)
        else None
    )


_NEGOTIABLE = re.compile(
    r".*(?:面议|面谈|协商|另议|可议|可谈|议价|商谈|商议|电询|详谈|待定|不限|商定|视情况|洽谈|暂定|待商|negotia).*|-1(?:\.0+)?",
    re.IGNORECASE,
)
_AMOUNT = (
    r"(?:\d+(?:\.\d+)?\s*(?:[十百千万亿]+\s*\d+(?:\.\d+)?\s*)*[十百千万亿]*\s*"
    rf"|[{NUMERAL_CHARACTERS}点]+)"
)
_CURRENCY = r"\s*(?:元人民币|元|块钱?|圆|人民币|RMB)?\s*[整正]?"
_MONEY = re.compile(
    rf"(?P<before>(?:人民币|RMB|CNY|总?投?资?约|大概|大约|预计|[~～≈]|不超过|不高于|不多于|不到|不足|低于|少于|多于|最多|最高|小于|至多|上限|下限|不低于|不少于|不小于|至少|最少|最低|高于|大于|超过|[<>≤≥]=?|[¥￥:\s])*)"
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
    r"不超过|不高于|不多于|不到|不足|(?<!不)低于|(?<!不)少于|(?<!不)小于|最多|最高|至多|上限|<|≤|以内|之内|^\s*内|以下|封顶"
)
_AT_LEAST = re.compile(
    r"不低于|不少于|不小于|至少|最少|最低|下限|(?<!不)多于|(?<!不)高于|大于|(?<!不)超过|>|≥|以上|起|\+"
)
_YEARLY = re.compile(r"/年|每年|年$")
_HUGE_FEN = 10_000_000_000 * 10  # 10 亿元: no county need costs that much; the unit is wrong
_HUGE_BARE_FEN = (
    10_000_000_000  # 1 亿元 without a unit of its own: yuan under a header of 万元 look like this
)
_NOTHING_KNOWN = frozenset({"不详", "未知", "不清楚", "未填", "不确定", "未定", "暂不确定", "暂未确定"})
# 50w is how 50万 is typed in a chat.
_TYPED_WAN = re.compile(r"(?<=\d)\s*[wW](?![A-Za-z])")
# Prices by the piece, sums and products are no amount of their own: 1000元/吨, 15万元/年×3年.
_NO_PLAIN_NUMBER = re.compile(
    r"\d\.\d+\.\d|[×xX*]\s*\d|\^|\d[eE][+\d]|(?<=[\d元块万亿])/(?!年|项|套)[一-鿿A-Za-z㎡]|每(?!年)[一-鿿]"
    r"|\d\s*[+＋]\s*\d|\d \d"
)
# 12万5 is 125,000, as 两万五 is 25,000.
_SPOKEN_SHORT = re.compile(r"(?<=\d)([万亿千])(\d)(?=元|块|$)")
_SMALLER = {"万": "千", "亿": "千万", "千": "百"}
_BRACKETED_UNIT = re.compile(r"\(((?:百|千)?[万亿]?元)\)$")
# 100(其中自筹60): what stands in brackets is part of the amount before them.
_PART_OF_IT = re.compile(r"(?<=[\d万亿元])\s*\((?:其中|含|包含|包括|不含|未含|自筹|税)[^()]*\)$")

_IN_NUMERALS = rf"(?:人民币)?(?![百千万亿]+元)[{NUMERAL_CHARACTERS}]+元[整正]?"
_IN_DIGITS = r"(?:人民币|RMB)?[¥￥]?\s*[\d,]+(?:\.\d+)?\s*[百千]?[万亿]?元?[整正]?"
_EACH_WAY = r"(?:[大小]写|即|计|合计)?[:：]?\s*"
_NEXT_WAY = rf"\s*[(,，;；、 ]\s*{_EACH_WAY}"
# 人民币伍拾万元整(¥500,000), ¥500,000(伍拾万元整), 大写:伍拾万元整 小写:500000元
_SAID_TWICE = re.compile(
    rf"{_EACH_WAY}(?:({_IN_NUMERALS}){_NEXT_WAY}({_IN_DIGITS})|({_IN_DIGITS}){_NEXT_WAY}({_IN_NUMERALS}))\)?"
)


def parse_money(raw: object, *, unit_fen: int | None = None) -> Parsed[Money]:
    """Return the amount a cell names, in fen.

    `unit_fen` is what a bare number means (see `unit_of_header`); a unit or ￥ in the cell wins over
    it. Without either a bare number is taken as 万元 below 10,000 and as 元 from there on, as a guess.
    """
    text = plain_text(raw)
    if len(text) > LONGEST_VALUE:
        return _no_money(text, "money_unreadable", "金额")
    return _money_of_text(text, unit_fen)


def amount_words(came: object, low_fen: int | None, high_fen: int | None) -> str:
    """Return a cell's amount as it came where it says the same under a header in 万元, otherwise anew.

    What a form shows again must be read as it was understood: 600000 under 金额（元） is 60万元 there.
    """
    text = (came if isinstance(came, str) else plain_text(came)).strip()
    if (low_fen, high_fen) == (None, None):
        return text
    read = parse_money(text, unit_fen=FEN_PER_WAN).value
    same = read is not None and (read.low_fen, read.high_fen) == (low_fen, high_fen)
    return text if same else _in_wan(low_fen, high_fen)


def in_units(fen: int, unit_fen: int) -> str:
    """Write an amount exactly, as a number of units."""
    return f"{(Decimal(fen) / unit_fen).normalize():f}"


def _in_wan(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        one = in_units(low if low is not None else high or 0, FEN_PER_WAN)
        return f"{one}万元以上" if high is None else f"不超过{one}万元"
    words = [in_units(fen, FEN_PER_WAN) for fen in dict.fromkeys((low, high))]
    return f"{'-'.join(words)}万元"


@lru_cache(maxsize=8192)
def _money_of_text(text: str, unit_fen: int | None) -> Parsed[Money]:
    if text in BLANKS or text in _NOTHING_KNOWN:
        return Parsed(value=None)
    text = simplified(text.translate(_TRADITIONAL_UNITS))
    text = _BRACKETED_UNIT.sub(r"\1", _TYPED_WAN.sub("万", text))
    text = _SPOKEN_SHORT.sub(lambda found: found[1] + found[2] + _SMALLER[found[1]], text)
    if _NEGOTIABLE.fullmatch(text) and not re.search(r"[2-9]|1\d", text):
        return Parsed(value=Money(negotiable=True))
    if _FOREIGN.search(text):
        message = f"“{short(text)}”是外币，金额没有记入（原文保留），请按汇率折成人民币填写，如“150万元”。"
        problem = Problem(field="", code="foreign_currency", message=message, severity=Severity.WARNING)
        return Parsed(value=None, problems=(problem,))
    rounded = exact_amount(text)
    return _rounded(text, rounded, unit_fen) if rounded else _plain_amount(text, unit_fen)


def _plain_amount(text: str, unit_fen: int | None) -> Parsed[Money]:
    bare = _PART_OF_IT.sub("", text)
    found = _MONEY.fullmatch(_without_grouping(bare))
    if found is None:
        return _money_in_words(text)
    low, low_bare = _yuan(found["low"], found["low_yuan"], before=found["before"])
    high, high_bare = _yuan(found["high"], found["high_yuan"]) if found["high"] else (None, False)
    if low is None or (found["high"] and high is None):
        return _no_money(text, "money_unreadable", "金额")
    money = _ranged(bare, found, (low, low_bare), (high, high_bare), unit_fen)
    return money if bare == text else _with_remark(money, text, bare)


def _rounded(text: str, rounded: Rounded, unit_fen: int | None) -> Parsed[Money]:
    """Read 100余万元 as 100万元以上, 近百万 as about 100万元; either is a guess."""
    money = _money_of_text(rounded.exact, unit_fen)
    if money.value is None or money.value.low_fen is None:
        return _no_money(text, "money_unreadable", "金额")
    low, high = money.value.low_fen, money.value.high_fen
    value = Money(low_fen=low, high_fen=None if rounded.is_more and low == high else high)
    wan = _in_wan(value.low_fen, value.high_fen)
    remark = guess(f"“{short(text)}”是约数，按“{wan}”记入，请核对。", code="money_rounded")
    return Parsed(value=value, problems=(remark, *money.problems))


def _agreed(text: str, *ends: str) -> Parsed[Money]:
    """Read 伍拾万元整（￥500,000）: one amount in words and in digits, if both say the same."""
    first, second = (_money_of_text(end.strip(), FEN_PER_YUAN) for end in ends)
    same = first.value is not None and first.value == second.value
    return first if same else _no_money(text, "money_unreadable", "金额（大小写不一致）")


def _with_remark(money: Parsed[Money], text: str, taken: str) -> Parsed[Money]:
    if money.value is None:
        return money
    remark = guess(f"从“{short(text)}”中取出金额“{taken.strip()}”，请核对。", code="money_from_words")
    return Parsed(value=money.value, problems=(remark, *money.problems))


def _money_in_words(text: str) -> Parsed[Money]:
    """Read one amount in words and digits, or a sentence with exactly one that has its unit.

    What stands in brackets is left aside: 投入50万元（含设备20万）.
    """
    if twice := _SAID_TWICE.fullmatch(text):
        return _agreed(text, *filter(None, twice.groups()))
    amounts = list(_NAMED_MONEY.finditer(_without_grouping(re.sub(r"\([^()]*\)", "", text))))
    if len(amounts) != 1 or _NO_PLAIN_NUMBER.search(text):
        return _no_money(text, "money_unreadable", "金额")
    money = _money_of_text(amounts[0][0].strip(), None)
    if money.value is None:
        return _no_money(text, "money_unreadable", "金额")
    return _with_remark(money, text, amounts[0][0])


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
    elif high[1] and low[0] > high[0]:  # 200万-300
        high_unit = _shared_unit(high[0], found["low"], low[0])
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


_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?: \d{3})+(?!\d)")
_WIDEST_RANGE = 10


def _without_grouping(text: str) -> str:
    """Return a text without the marks between thousands.

    One blank alone may as well part two amounts: 50 100 stays as it is, for nobody can tell what it means;
    of 1 200 and 5 000 the parts make no range.
    """
    parted = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    return _GROUPED.sub(
        lambda found: found[0] if _may_be_two(found[0]) else found[0].replace(" ", ""), parted
    )


def _may_be_two(digits: str) -> bool:
    """Whether two numbers with a blank between them could be the ends of a range."""
    low, high, *more = digits.split(" ")
    if more or high.startswith("0"):
        return False
    return int(low) < int(high) <= _WIDEST_RANGE * int(low)


def _no_money(text: str, code: str, what: str) -> Parsed[Money]:
    problem = unreadable(text, code=code, what=what, wanted="“50万元”“30-50万元”或“面议”")
    return Parsed(value=None, problems=(problem,))
