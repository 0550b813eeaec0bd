"""Dates and periods as people write them in forms."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from matchmaker.domain.numerals import NUMERAL_CHARACTERS, chinese_number
from matchmaker.domain.parsed import (
    BLANKS,
    LONGEST_VALUE,
    Parsed,
    guess,
    plain_text,
    unreadable,
)
from matchmaker.domain.problems import Problem

# Day 0 of Excel's 1900 calendar, shifted for the leap day that 1900 did not have.
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)  # 1954-10-03 to 2119-01-10: a number outside is no date of ours

_DATE = (
    r"(?P<{0}y>(?:19|20)\d\d)\s*(?:[年./-]\s*(?:(?P<{0}m>1[0-2]|0?[1-9])\s*"
    r"(?:[月./-]\s*(?:(?P<{0}d>3[01]|[12]\d|0?[1-9])\s*[日号]?)?)?)?)?"
)
# Three numbers that cannot be meant otherwise, however they are parted: 2026、3、1 or 2026 3 1.
_PARTED = re.compile(r"((?:19|20)\d\d)\s*[,;、，。—–·_\s\\]\s*(\d{1,2})\s*[,;、，。—–·_\s\\]\s*(\d{1,2})")
# As a Chinese Excel shows a day in its short form. From 32 on it can be no day, below 20 no year of ours.
_SHORT_YEAR = re.compile(r"([23]\d)([./-])(1[0-2]|0?[1-9])\2(3[01]|[12]\d|0?[1-9])")
_TIME_OF_DAY = re.compile(r"(?<=\d)[ T](?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?$|\s*[上下中]午$")
_BLANK_DAY = re.compile(r"(?<=[\d\s]月)[\s_＿]*日$")  # 2027年6月   日, of a printed line for a date
_WEEKDAY = re.compile(r"\s*[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?$")
_QUARTERS = {
    **{str(number): number for number in range(1, 5)},
    **dict(zip("一二三四", range(1, 5), strict=True)),
}
_PART_OF_YEAR = re.compile(
    r"((?:19|20)\d\d)\s*年?\s*(?:第?([1-4一二三四])季度|[Qq]([1-4])|(?:([上下])半年|[Hh]([12])))\s*(?:末|底|之?前|以前|完成|内)*"
)
_ONE_DATE = re.compile(
    _DATE.format("") + r"(?:(?:[ T]+|(?<=日))(?P<hour>\d{1,2})[:点时](?P<minute>\d{1,2})?.{0,8})?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
# 5-Mar-2026 and March 8, 2026, as an English Excel shows a day.
_IN_ENGLISH = re.compile(
    rf"(?:(?P<day>\d{{1,2}})[- ](?P<month>{_MONTH})[- ,]+"
    rf"|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? )"
    r"(?P<year>(?:19|20)\d\d)",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_DATE_RANGE = re.compile(
    r"自?从?\s*"
    + _DATE.format("a")
    + r"\s*起?\s*(?:至|到|—+|–|-+|~|～)\s*"
    + _DATE.format("b")
    + r"\s*(?:底|末|止|前)?"
)
_FROM_ON = re.compile(r"自?从?\s*" + _DATE.format("") + r"\s*(?:起|以后|之后|开始)")
_SAME_YEAR = re.compile(
    _DATE.format("a") + r"\s*(?:至|到|—+|–|-+|~)\s*(?P<bm>1[0-2]|0?[1-9])\s*月\s*(?P<bd>\d{1,2})?日?"
)
_DEADLINE = re.compile(
    r"(?:预计|计划|力争|争取|拟|要求|希望|最迟|最晚|务必|须|需)*(?:在|于|至|到|截至|截止|截止到|截止至)?[:：]?\s*"
    + _DATE.format("")
    + r"\s*(?:年?底|年?末|月底|月末|度|(?P<third>[上中下])旬|之?前|以前|截止|止|以内|内|完成|解决|交付|投产)*"
)
_LAST_OF_THIRD = {"上": "10", "中": "20", "下": None, None: None}
_NUMBER = rf"(?P<number>\d+(?:\.\d+)?|[{NUMERAL_CHARACTERS}]+)"
_LENGTH = re.compile(
    rf"(?:约|大约|为期|周期|预计|计划|[:：]"
    rf"|(?:自|在)?(?:合同|协议|项目)?(?:签订|签约|立项|启动|生效|开工)(?:合同|协议)?(?:之日|之后|日)?(?:起|后))*\s*(?:(?:\d+|[{NUMERAL_CHARACTERS}]+)\s*(?:-|~|至|到)\s*)?"
    rf"{_NUMBER}\s*个?(?P<unit>年|月|周|星期|工作日|日历[天日]|自然日|天|日|季度)"
    r"(?P<half>半)?\s*(?:左右|以内|之内|内|期|时间|完成)*"
)
# 6月 is as often the month as six of them
_MONTH_OR_MONTHS = re.compile(
    r"(?:预计|计划)?(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*月(?:完成|内)?"
)
_SEASONS = re.compile(
    rf"(?:约|大约|为期)?\s*{_NUMBER}\s*个?完?整?(?:生产|生长|种植|养殖|采收|采摘|收获|捕捞|育苗|繁殖|榨)季(?:节)?"
    r"(?:左右|以内|之内|内)?"
)
_BRACKETED = re.compile(r"([^()（）]*\d[^()（）]*?)\s*[（(][^()（）]*[)）]")
_OPEN = re.compile(r".*(?:长期|不限|无期限|持续|永久|随时).*")
_UNSETTLED = re.compile(r".*(?:面议|待定|协商|另议|视情况|尽快|越快越好|商定).*")
_MONTHS_PER_UNIT = {
    "年": 12.0,
    "季度": 3.0,
    "月": 1.0,
    "周": 12 / 52,
    "星期": 12 / 52,
    "天": 12 / 365,
    "日": 12 / 365,
    "日历天": 12 / 365,
    "日历日": 12 / 365,
    "自然日": 12 / 365,
    "工作日": 12 / 365 * 7 / 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time limit: from–to (either may be open), or a length in months, or open-ended for good."""

    start: date | None = None
    end: date | None = None
    months: int | None = None
    open_ended: bool = False


def from_serial(serial: float) -> date | None:
    """Return the day of an Excel serial number; None outside 1954–2119, where it is some other number."""
    return _EXCEL_EPOCH + timedelta(days=int(serial)) if int(serial) in _SERIALS else None


def parse_date(raw: object) -> Parsed[date]:
    """Return the day a cell names. A month or year alone gives its first day, as a guess."""
    if isinstance(raw, datetime):
        return Parsed(value=raw.date())
    if isinstance(raw, date):
        return Parsed(value=raw)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        day = from_serial(raw) if abs(raw) < 1e8 else None
        return Parsed(value=day) if day else _date_of_number(raw)
    return _date_of_text(plain_text(raw))


def _date_of_number(number: float) -> Parsed[date]:
    found = _date_of_text(plain_text(number))
    if found.value is None or not _may_be_october(number):
        return found
    return Parsed(value=found.value, problems=(_lost_october(number),))


def parse_datetime(raw: object) -> Parsed[datetime]:
    """Return the local wall-clock moment a cell names; midnight when it names only the day."""
    if isinstance(raw, datetime):
        return Parsed(value=raw)
    day = parse_date(raw)
    if day.value is None:
        return Parsed(value=None, problems=day.problems)
    written = _ONE_DATE.fullmatch(plain_text(raw))
    hour, minute = (int(written["hour"] or 0), int(written["minute"] or 0)) if written else (0, 0)
    if hour > 23 or minute > 59:
        hour = minute = 0
    moment = datetime.combine(day.value, time(hour, minute))
    return Parsed(value=moment, problems=day.problems)


def _date_of_text(text: str) -> Parsed[date]:
    return _no_date(text) if len(text) > LONGEST_VALUE else _short_date(text)


@lru_cache(maxsize=4096)
def _short_date(text: str) -> Parsed[date]:
    if text in BLANKS:
        return Parsed(value=None)
    if text[-1] == "日" and "月" in text:
        text = _BLANK_DAY.sub("", text)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and (day := from_serial(float(text))):
        remark = guess(f"“{text}”按表格日期序号理解为 {day}，请核对。", code="date_from_serial")
        return Parsed(value=day, problems=(remark,))
    if compact := _COMPACT.fullmatch(text) or _PARTED.fullmatch(text):
        return _made(text, *(int(part) for part in compact.groups()))
    if month := re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2])", text):
        return _month_alone(text, int(month[1]), int(month[2]))
    if short := _SHORT_YEAR.fullmatch(text):
        return _guessed_century(text, *(int(short[part]) for part in (1, 3, 4)))
    written = _ONE_DATE.fullmatch(_tidied(text))
    return _english_date(text) if written is None else _written_date(text, written)


def _english_date(text: str) -> Parsed[date]:
    found = _IN_ENGLISH.fullmatch(text)
    if found is None:
        return _no_date(text)
    month = _MONTHS.index((found["month"] or found["m2"])[:3].lower()) + 1
    return _made(text, int(found["year"]), month, int(found["day"] or found["d2"]))


def _tidied(text: str) -> str:
    """Return a date without the time of day, an apostrophe before it, or a full stop behind it."""
    return _western_year(_WEEKDAY.sub("", _TIME_OF_DAY.sub("", text.lstrip("'’‘").rstrip("。."))))


def _guessed_century(text: str, year: int, month: int, day: int) -> Parsed[date]:
    made = _made(text, 2000 + year, month, day)
    if made.value is None:
        return made
    remark = guess(f"“{text}”按年/月/日理解为 {made.value}，请核对。", code="date_short_year")
    return Parsed(value=made.value, problems=(remark,))


def _written_date(text: str, written: re.Match[str]) -> Parsed[date]:
    if written["d"] is None:
        return _month_alone(text, int(written["y"]), int(written["m"] or 1))
    return _made(text, int(written["y"]), int(written["m"]), int(written["d"]))


def _month_alone(text: str, year: int, month: int) -> Parsed[date]:
    first = date(year, month, 1)
    remark = guess(f"“{text}”没有写到日，按 {first} 处理。", code="date_without_day")
    return Parsed(value=first, problems=(remark,))


def _made(text: str, year: int, month: int, day: int) -> Parsed[date]:
    try:
        return Parsed(value=date(year, month, day))
    except ValueError:
        return _no_date(text)


def _no_date(text: str) -> Parsed[date]:
    problem = unreadable(text, code="date_unreadable", what="日期", wanted="“2026-03-09”或“2026年3月9日”")
    return Parsed(value=None, problems=(problem,))


def parse_period(raw: object, *, today: date | None = None) -> Parsed[Period]:
    """Return the time limit a cell names.

    A day, month or year alone is a deadline and means its last day. `today` is only needed for
    words counted from now (今年底, 明年6月底); without it they are unreadable.
    """
    if isinstance(raw, (datetime, date)):
        return Parsed(value=Period(end=raw.date() if isinstance(raw, datetime) else raw))
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _period_of_number(raw)
    text = plain_text(raw)
    if today is not None:
        for word, year in (
            ("今年", today.year),
            ("本年", today.year),
            ("明年", today.year + 1),
            ("后年", today.year + 2),
        ):
            text = text.replace(word, f"{year}年")
        text = text.replace("年年", "年")
    return _no_period(text) if len(text) > LONGEST_VALUE else _period_of_text(text)


def _period_of_number(number: float) -> Parsed[Period]:
    if day := from_serial(number):
        return Parsed(value=Period(end=day))
    if 2000 <= number < 2100:
        return _period_of_year(number)
    if 1 <= number <= 120 and number * 2 == int(number * 2):
        message = f"期限“{plain_text(number)}”没有写单位，按 {number:g} 个月处理，请核对。"
        return Parsed(
            value=Period(months=round(number)),
            problems=(guess(message, code="period_without_unit"),),
        )
    return _no_period(number)


def _period_of_year(number: float) -> Parsed[Period]:
    """Read 2026 or 2026.3 typed into a cell of numbers, where October's last digit is lost: 2026.1."""
    deadline = _deadline(plain_text(number))
    if deadline is None:
        return _no_period(number)
    problems = (_lost_october(number),) if _may_be_october(number) else ()
    return Parsed(value=deadline, problems=problems)


def _may_be_october(number: float) -> bool:
    return plain_text(number).endswith(".1")


def _lost_october(number: float) -> Problem:
    message = f"“{plain_text(number)}”是数字，原来写的也可能是 10 月，按 1 月记入，请核对。"
    return guess(message, code="october_or_january")


@lru_cache(maxsize=4096)
def _period_of_text(text: str) -> Parsed[Period]:
    if text in BLANKS or _UNSETTLED.fullmatch(text):
        return Parsed(value=None)
    text = _BLANK_DAY.sub("", text)
    if season := _SEASONS.fullmatch(text):
        return _seasons(text, season["number"])
    if _SHORT_YEAR.fullmatch(text) or _PARTED.fullmatch(text):
        day = _short_date(text)
        return Parsed(value=Period(end=day.value), problems=day.problems) if day.value else _no_period(text)
    return _written_period(text, _tidied(text))


def _written_period(raw: str, text: str) -> Parsed[Period]:
    for reader in (_written_range, _range_in_one_year, _part_of_year, _deadline, _from_on, _length):
        period = reader(text)
        if period is not None:
            return _remarked(raw, _ordered(raw, period))
    if bracketed := _BRACKETED.fullmatch(text):  # 6个月(可延长)
        return _remarked(raw, _written_period(raw, bracketed[1]))
    if _OPEN.fullmatch(text):
        return Parsed(value=Period(open_ended=True))
    if re.fullmatch(r"\d{1,5}(?:\.\d+)?", text) and not re.match(r"20\d\d", text):
        return _period_of_number(float(text))
    return _no_period(raw)


def may_name_month(text: str) -> bool:
    """Whether a text such as 6月 may be a month as well as a number of months."""
    return bool(_MONTH_OR_MONTHS.fullmatch(text))


def _remarked(raw: str, parsed: Parsed[Period]) -> Parsed[Period]:
    """Mark as a guess what was taken for the whole: months of working days, words without their brackets."""
    if parsed.value is not None and may_name_month(raw):
        taken = f"{parsed.value.months} 个月"
        message = f"“{raw}”可能是月份，也可能是 {taken}，按 {taken}处理，请核对。"
        return Parsed(value=parsed.value, problems=(guess(message, code="month_or_months"),))
    if parsed.value is None or parsed.problems or not (_BRACKETED.fullmatch(raw) or "工作日" in raw):
        return parsed
    months = parsed.value.months
    taken = f"{months} 个月" if months else "时间"
    remark = guess(f"从“{raw}”中取出期限（{taken}），请核对。", code="period_from_words")
    return Parsed(value=parsed.value, problems=(remark,))


def _ordered(text: str, period: Period) -> Parsed[Period]:
    if period.start and period.end and period.start > period.end:
        problem = unreadable(
            text,
            code="period_backwards",
            what="期限（开始晚于结束）",
            wanted="“2026年1月至2027年12月”",
        )
        return Parsed(value=None, problems=(problem,))
    return Parsed(value=period)


def _no_period(raw: object) -> Parsed[Period]:
    problem = unreadable(
        raw,
        code="period_unreadable",
        what="期限",
        wanted="“2026年1月至2027年12月”“18个月”或“长期”",
    )
    return Parsed(value=None, problems=(problem,))


def _written_range(text: str) -> Period | None:
    found = _DATE_RANGE.fullmatch(text)
    if found is None:
        return None
    start = _first_day(found["ay"], found["am"], found["ad"])
    end = _last_day(found["by"], found["bm"], found["bd"])
    return Period(start=start, end=end) if start and end else None


def _range_in_one_year(text: str) -> Period | None:
    found = _SAME_YEAR.fullmatch(text)
    if found is None or found["am"] is None:
        return None
    start = _first_day(found["ay"], found["am"], found["ad"])
    end = _last_day(found["ay"], found["bm"], found["bd"])
    return Period(start=start, end=end) if start and end else None


def _part_of_year(text: str) -> Period | None:
    """Read 2026年第三季度 or 2026年上半年 as the time from its first to its last day."""
    found = _PART_OF_YEAR.fullmatch(text)
    if found is None:
        return None
    if half := found[4] or found[5]:
        first, last = ("1", "6") if half in "上1" else ("7", "12")
    else:
        quarter = _QUARTERS[found[2] or found[3]]
        first, last = str(3 * quarter - 2), str(3 * quarter)
    return Period(start=_first_day(found[1], first, None), end=_last_day(found[1], last, None))


def _deadline(text: str) -> Period | None:
    if compact := _COMPACT.fullmatch(text):
        end = _last_day(*compact.groups())
    elif found := _DEADLINE.fullmatch(text):
        if found["third"] and (found["d"] or not found["m"]):
            return None  # 2026年中旬 has no month
        end = _last_day(found["y"], found["m"], found["d"] or _LAST_OF_THIRD[found["third"]])
    else:
        return None
    return Period(end=end) if end else None


def _from_on(text: str) -> Period | None:
    """Read 自2026年3月起: a first day and no last one."""
    found = _FROM_ON.fullmatch(text)
    start = _first_day(found["y"], found["m"], found["d"]) if found else None
    return Period(start=start) if start else None


def _length(text: str) -> Period | None:
    found = _LENGTH.fullmatch(text)
    if found is None:
        return None
    digits = found["number"]
    number = float(digits) if digits[0].isdigit() else chinese_number(digits)
    if number is None or (found["unit"] == "季度" and "个" not in text):
        return None  # 三季度 is the third one
    number = float(number) + (0.5 if found["half"] else 0.0)
    months = round(number * _MONTHS_PER_UNIT[found["unit"]])
    return Period(months=max(months, 1)) if months <= 600 else None


def _seasons(text: str, digits: str) -> Parsed[Period]:
    """A season of growing, catching or production comes once a year; that is a guess, and says so."""
    number = float(digits) if digits[0].isdigit() else chinese_number(digits)
    if number is None or not 1 <= number <= 50:
        return _no_period(text)
    months = round(float(number) * 12)
    remark = guess(f"期限“{text}”按一季一年、共 {months} 个月处理，请核对。", code="period_in_seasons")
    return Parsed(value=Period(months=months), problems=(remark,))


def _first_day(year: str, month: str | None, day: str | None) -> date | None:
    return _day(int(year), int(month or 1), int(day or 1))


def _last_day(year: str, month: str | None, day: str | None) -> date | None:
    month_number = int(month or 12)
    return _day(int(year), month_number, int(day or monthrange(int(year), month_number)[1]))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _western_year(text: str) -> str:
    """Write 二〇二六年三月 with digits, so that one set of patterns serves both."""
    text = text.replace("○", "〇").replace("Ｏ", "〇") if text[:1] == "二" else text
    if not re.match(r"[二两][〇零0]|(?:19|20)\d\d年[一二三四五六七八九十]", text):
        return text

    def digits(found: re.Match[str]) -> str:
        number = chinese_number(found[0])
        return found[0] if number is None else str(int(number))

    return re.sub(f"[{NUMERAL_CHARACTERS}]+(?=[年月日号])", digits, text)
