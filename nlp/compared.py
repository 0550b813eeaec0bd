"""Needed indicators beside those that an achievement states, in units that convert."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from nlp.bounds import Relation
from nlp.indicators import Indicator
from nlp.meant import holds_elsewhere, is_per_other_time, less_will_do, more_will_do, units_in_common
from nlp.quantities import Change, Sameness, name_of, sameness
from nlp.units import Unit, in_base_units


class Outcome(StrEnum):
    """Whether an achievement states that it reaches a needed indicator."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_STATED = "not_stated"


class Doubt(StrEnum):
    """Why an indicator counts as not stated although the achievement gives a figure."""

    NONE = ""
    PARTLY = "partly"  # the stated range lies only in part within the needed one
    NAMES = "names"  # the names are alike, each with a word of its own
    UNITS = "units"  # the units do not convert: 目 and μm
    HOURS = "hours"  # per day against per hour: depends on how long it runs
    CONDITIONS = "conditions"  # asked for at -20℃ or at night, where the figure is not said to hold
    VARIED = "varied"  # the achievement gives several figures, and they disagree
    HOPED = "hoped"  # the figure is one that is expected or aimed at
    EITHER = "either"  # a bare number was asked for, and nothing tells whether more or less would do


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A needed indicator beside the stated one that speaks of the same quantity, if there is one."""

    needed: Indicator
    stated: Indicator | None
    outcome: Outcome
    doubt: Doubt = Doubt.NONE


# where somebody names such a range, all of it must be covered; elsewhere the value shall lie within
_TO_BE_COVERED = re.compile(r"工作|使用|运行|适用|适应|环境|测量|检测|调节|可调|量程|范围")
_DAY, _MONTH = 86_400.0, 2_628_000.0  # seconds
_CALENDAR_SLACK = 0.015  # a month of 30 days is that much shorter than the twelfth of a year
_ORDER = {Sameness.SAME: 0, Sameness.NEAR: 1}


def compare(
    needed: Sequence[Indicator], stated: Sequence[Indicator], *, hoped: Sequence[Indicator] = ()
) -> tuple[Comparison, ...]:
    """Return one comparison a needed indicator, in the order of need.

    A figure of the same name counts before one of a name that is only alike, and one whose unit converts
    before any other. `hoped` are figures that an achievement only expects or aims at: they meet nothing.
    """
    return tuple(_compare_one(one, stated, hoped) for one in needed)


def _compare_one(needed: Indicator, stated: Sequence[Indicator], hoped: Sequence[Indicator]) -> Comparison:
    told = _told(needed, stated)
    if told.stated is not None or not hoped:
        return told
    aimed = _told(needed, hoped).stated
    return told if aimed is None else _doubted(needed, aimed, Doubt.HOPED)


def _told(needed: Indicator, stated: Sequence[Indicator]) -> Comparison:
    ours = name_of(needed.quantity)
    found = [(sameness(ours, name_of(one.quantity)), one) for one in stated]
    for wanted in _ORDER:
        named = [one for same, one in found if same is wanted]
        told = [_one(needed, one, wanted) for one in named if _comparable(needed, one)]
        if told:
            return _together(told)
    same = [one for same, one in found if same is Sameness.SAME and one.unit and needed.unit]
    if same:
        return _doubted(needed, same[0], Doubt.UNITS)
    return Comparison(needed=needed, stated=None, outcome=Outcome.NOT_STATED)


def _one(needed: Indicator, stated: Indicator, same: Sameness) -> Comparison:
    if same is Sameness.NEAR:
        return _doubted(needed, stated, Doubt.NAMES)
    if is_per_other_time(needed, stated):
        return _doubted(needed, stated, Doubt.HOURS)
    if holds_elsewhere(needed, stated):
        return _doubted(needed, stated, Doubt.CONDITIONS)
    outcome = _outcome(needed, stated)
    if outcome is Outcome.NOT_STATED:
        return _doubted(needed, stated, Doubt.PARTLY)
    if outcome is Outcome.NOT_MET and _is_bare(needed):
        return _doubted(needed, stated, Doubt.EITHER)
    return Comparison(needed=needed, stated=stated, outcome=outcome)


def _doubted(needed: Indicator, stated: Indicator, doubt: Doubt) -> Comparison:
    return Comparison(needed=needed, stated=stated, outcome=Outcome.NOT_STATED, doubt=doubt)


def _together(told: Sequence[Comparison]) -> Comparison:
    """Return one comparison for several figures of the same name.

    What is met by one and in doubt by another is met; what one meets and another misses stays open.
    """
    by_outcome = {one.outcome: one for one in reversed(told)}
    if len({Outcome.MET, Outcome.NOT_MET} & by_outcome.keys()) == 2:
        return _doubted(told[0].needed, told[0].stated or told[0].needed, Doubt.VARIED)
    return by_outcome.get(Outcome.MET) or by_outcome.get(Outcome.NOT_MET) or told[0]


def _comparable(needed: Indicator, stated: Indicator) -> bool:
    ours, theirs = units_in_common(needed, stated)
    return ours.dimension == theirs.dimension if ours and theirs else needed.unit == stated.unit


def _outcome(needed: Indicator, stated: Indicator) -> Outcome:
    """Compare the bounds; a stated range that only overlaps the needed one leaves the question open."""
    our_unit, their_unit = units_in_common(needed, stated)
    need_low, need_high = _better_too(needed, _in_base(needed, our_unit))
    low, high = _half_grade(stated, _in_base(stated, their_unit))
    if our_unit and their_unit and _are_of_calendar(our_unit, their_unit):
        low, high = (_as_said(end, need_low, need_high) for end in (low, high))
    if stated.relation is Relation.WITHIN and math.isinf(need_low):
        return Outcome.MET if high <= need_high else Outcome.NOT_MET
    if low > need_high or high < need_low:
        return Outcome.NOT_MET
    inside = low >= need_low and high <= need_high
    if needed.relation is Relation.BETWEEN and _TO_BE_COVERED.search(needed.quantity):
        inside = False
    covers = needed.relation in (Relation.BETWEEN, Relation.EQUAL) and low <= need_low and high >= need_high
    if needed.relation is Relation.BETWEEN and not (math.isfinite(low) and math.isfinite(high)):
        covers = False  # 工作温度≥-40℃ does not say how hot it may be
    if needed.relation is Relation.WITHIN and high > need_high:
        return Outcome.NOT_MET
    return Outcome.MET if inside or covers else Outcome.NOT_STATED


def _are_of_calendar(one: Unit, other: Unit) -> bool:
    """Whether of two times one is counted in days or weeks, the other in months or years."""
    if one.dimension != "time" or other.dimension != "time":
        return False
    shorter, longer = sorted((one.factor, other.factor))
    return _DAY <= shorter < _MONTH <= longer


def _as_said(end: float, *bounds: float) -> float:
    """Return a bound for what comes close to it: nobody means by 180天 less than 6个月."""
    return next((bound for bound in bounds if math.isclose(end, bound, rel_tol=_CALENDAR_SLACK)), end)


def _better_too(needed: Indicator, bounds: tuple[float, float]) -> tuple[float, float]:
    """Return the bounds of what will do: of a bare 寿命5万次 or 能耗降低30% more will do as well."""
    if needed.relation is not Relation.EQUAL or _is_bare(needed):
        return bounds
    return (-math.inf, bounds[1]) if less_will_do(needed.quantity) else (bounds[0], math.inf)


def _is_bare(needed: Indicator) -> bool:
    """Whether a number stands without a sign, and its name does not tell which way is better."""
    moved = name_of(needed.quantity).change is not Change.NONE
    known = moved or more_will_do(needed.quantity) or less_will_do(needed.quantity)
    return needed.relation is Relation.EQUAL and not known


def _half_grade(stated: Indicator, bounds: tuple[float, float]) -> tuple[float, float]:
    """Return 3.5 for a stated 3-4级, which is one grade between the two."""
    low, high = bounds
    if stated.unit == "级" and stated.relation is Relation.BETWEEN and high - low == 1:
        return low + 0.5, low + 0.5
    return bounds


def _in_base(indicator: Indicator, unit: Unit | None) -> tuple[float, float]:
    unit = unit or Unit(dimension="", factor=1.0)
    low, high = -math.inf, math.inf
    if indicator.low is not None:
        low = in_base_units(indicator.low, unit)
    if indicator.high is not None:
        high = in_base_units(indicator.high, unit)
    return low, high


def distinct(found: Sequence[Indicator]) -> list[Indicator]:
    """Return indicators each once, in their order: 寿命≥9万次 and 模具寿命不少于90000次 are one.

    Two are one when their names are alike and they set the same bound in units that convert; a sign says
    more than a bare number. The longer name stays.
    """
    kept: list[Indicator] = []
    for one in found:
        place = next((at for at, other in enumerate(kept) if _says_the_same(one, other)), None)
        if place is None:
            kept.append(one)
            continue
        other = kept[place]
        signed = other if other.relation is not Relation.EQUAL else one
        name = max(other.quantity, one.quantity, key=len)
        kept[place] = replace(signed, quantity=name)
    return kept


def _says_the_same(one: Indicator, other: Indicator) -> bool:
    if not (one.quantity.endswith(other.quantity) or other.quantity.endswith(one.quantity)):
        return False
    if not _comparable(one, other):
        return False
    if one.relation is not other.relation and Relation.EQUAL not in (one.relation, other.relation):
        return False
    bounds = [
        [bound for bound in _in_base(each, unit) if math.isfinite(bound)]
        for each, unit in zip((one, other), units_in_common(one, other), strict=True)
    ]
    return all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(*bounds, strict=False))
