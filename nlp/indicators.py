"""Quantified indicators in a text (抗冲击韧性≥67%, 耐温180–220℃, 精度达到±0.01mm) and their comparison."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nlp.text import narrow
from nlp.units import PATTERN, Unit, find_unit, in_base_units


class Relation(StrEnum):
    """What an indicator says about its quantity."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    WITHIN = "within"  # a tolerance: ± high
    EQUAL = "equal"


class Outcome(StrEnum):
    """Whether an achievement states that it reaches a needed indicator."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One quantified statement; `span` is its place in the text it was read from."""

    quantity: str
    relation: Relation
    low: float | None
    high: float | None
    unit: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A needed indicator beside the stated one that speaks of the same quantity, if there is one."""

    needed: Indicator
    stated: Indicator | None
    outcome: Outcome


NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
LEAST = (
    "≥",
    "≧",
    ">=",
    ">",
    "不低于",
    "不小于",
    "不少于",
    "大于等于",
    "大于",
    "高于",
    "超过",
    "至少",
    "优于",
)
MOST = (
    "≤",
    "≦",
    "<=",
    "<",
    "不高于",
    "不大于",
    "不超过",
    "不多于",
    "小于等于",
    "小于",
    "低于",
    "少于",
    "至多",
)
PLAIN = ("达到", "达", "为", "约为", "约", "可达", "是", "=", "在", "至", "到", ":")
UP = ("以上", "及以上", "以上的")
DOWN = ("以下", "以内", "之内", "及以下")
INDICATOR = re.compile(
    rf"(?P<quantity>[㐀-鿿A-Za-z0-9α-ωΑ-Ω()/]{{0,14}}?[㐀-鿿A-Za-zα-ωΑ-Ω)])\s*"
    rf"(?:{'|'.join(PLAIN)})?\s*"
    rf"(?P<sign>{'|'.join(re.escape(sign) for sign in (*LEAST, *MOST))})?\s*"
    rf"(?:{'|'.join(PLAIN)})?\s*"
    rf"(?P<tolerance>±|\+/-|正负)?\s*(?<![\d.])(?P<first>-?{NUMBER})\s*(?P<first_unit>{PATTERN})?"
    rf"(?:\s*(?:~|-|–|—|－|〜|至|到)\s*(?P<second>-?{NUMBER}))?"
    rf"\s*(?P<unit>{PATTERN})?\s*(?P<after>{'|'.join((*UP, *DOWN))})?"
)
SENTENCE = re.compile(r"[^,，。;；、!！?？\n\r]+")
LEADING = re.compile(
    r"^(?:.*(?:要求|目标|使得|使其|其中|以及|并且|同时|实现|具有|能够|达到|保证|确保|的|、))(?=[㐀-鿿A-Za-z]{2})|^[\d().]+"
)
TRAILING = re.compile(
    r"(?:可以|能够|要求|需要|需|应|可|必须|已经|已|都|均|控制|保持|稳定|达|在|为|到|至|的|了|约|近|[A-Za-zα-ω]?[φΦ])+$"
)
COUNTED = ("元", "万元", "亿元", "人", "个", "台", "件", "套", "条", "户", "只")
NOT_QUANTITIES = frozenset(("其中", "以及", "小于", "大于", "超过", "大约", "完成", "共计", "目前", "其他"))
SAME_QUANTITY = 0.5


def indicators(text: str) -> list[Indicator]:
    """Return the indicators of a text in their order; numbers without a unit need a sign such as ≥."""
    folded = narrow(text)
    found: list[Indicator] = []
    for clause in SENTENCE.finditer(folded):
        for match in INDICATOR.finditer(clause.group()):
            indicator = _read(match, offset=clause.start())
            if indicator is not None:
                found.append(indicator)
    return found


def _read(match: re.Match[str], *, offset: int) -> Indicator | None:
    quantity = clean_quantity(match["quantity"])
    unit = match["unit"] or match["first_unit"] or ""
    signed = bool(match["sign"] or match["tolerance"] or match["after"])
    if (
        len(quantity) < 2
        or quantity in NOT_QUANTITIES
        or not (signed or unit)
        or _is_no_indicator(match, unit, signed=signed)
    ):
        return None
    first = float(match["first"].replace(",", ""))
    second = float(match["second"].replace(",", "")) if match["second"] else None
    relation, low, high = _bounds(match, first, second)
    start = offset + match.start("quantity") + match["quantity"].rindex(quantity)
    return Indicator(
        quantity=quantity,
        relation=relation,
        low=low,
        high=high,
        unit=unit,
        span=(start, offset + match.end()),
    )


def _is_no_indicator(match: re.Match[str], unit: str, *, signed: bool) -> bool:
    """Say whether the number is a date, a plain sum or headcount, or part of a type name such as GJB150A."""
    plain = not signed and match["second"] is None
    if plain and (unit in COUNTED or re.search(r"[A-Z]$", match["quantity"])):
        return True
    if unit not in ("年", "月", "日"):
        return False
    return not signed or (unit == "年" and re.fullmatch(r"(?:19|20)\d\d", match["first"]) is not None)


def _bounds(
    match: re.Match[str], first: float, second: float | None
) -> tuple[Relation, float | None, float | None]:
    if match["tolerance"]:
        return Relation.WITHIN, -first, first
    if second is not None and second >= first:
        return Relation.BETWEEN, first, second
    if match["sign"] in LEAST or match["after"] in UP:
        return Relation.AT_LEAST, first, None
    if match["sign"] in MOST or match["after"] in DOWN:
        return Relation.AT_MOST, None, first
    return Relation.EQUAL, first, first


def clean_quantity(words: str) -> str:
    """Return the name of what is measured, without the words that only introduce it."""
    return TRAILING.sub("", LEADING.sub("", words.rsplit("(", 1)[-1])).strip("()/")


def compare(needed: Sequence[Indicator], stated: Sequence[Indicator]) -> tuple[Comparison, ...]:
    """Return one comparison a needed indicator, in the order of need."""
    return tuple(_compare_one(one, stated) for one in needed)


def _compare_one(needed: Indicator, stated: Sequence[Indicator]) -> Comparison:
    unit = find_unit(needed.unit)
    likeness = [
        (alike(needed.quantity, other.quantity), place)
        for place, other in enumerate(stated)
        if _comparable(unit, needed.unit, other.unit)
    ]
    best, place = max(likeness, key=lambda pair: (pair[0], -pair[1]), default=(0.0, 0))
    if best < SAME_QUANTITY:
        return Comparison(needed=needed, stated=None, outcome=Outcome.NOT_STATED)
    return Comparison(needed=needed, stated=stated[place], outcome=_outcome(needed, stated[place]))


def _comparable(unit: Unit | None, needed: str, stated: str) -> bool:
    other = find_unit(stated)
    return unit.dimension == other.dimension if unit and other else needed == stated


def alike(one: str, other: str) -> float:
    """Return how alike two names are: 1 when one ends with the other, else their shared character pairs."""
    if one.endswith(other) or other.endswith(one):
        return 1.0
    ours, theirs = ({name[i : i + 2] for i in range(len(name) - 1)} for name in (one, other))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def _outcome(needed: Indicator, stated: Indicator) -> Outcome:
    """Compare the bounds; a stated range that only overlaps the needed one leaves the question open."""
    need_low, need_high = _in_base(needed)
    low, high = _in_base(stated)
    if low > need_high or high < need_low:
        return Outcome.NOT_MET
    inside = low >= need_low and high <= need_high
    covers = needed.relation in (Relation.BETWEEN, Relation.EQUAL) and low <= need_low and high >= need_high
    if needed.relation is Relation.WITHIN and high > need_high:
        return Outcome.NOT_MET
    return Outcome.MET if inside or covers else Outcome.NOT_STATED


def _in_base(indicator: Indicator) -> tuple[float, float]:
    unit = find_unit(indicator.unit) or Unit(dimension="", factor=1.0)
    low, high = float("-inf"), float("inf")
    if indicator.low is not None:
        low = in_base_units(indicator.low, unit)
    if indicator.high is not None:
        high = in_base_units(indicator.high, unit)
    return low, high
