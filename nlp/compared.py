"""Needed indicators beside those that an achievement states, in units that convert."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from nlp.indicators import Indicator, Relation
from nlp.units import Unit, find_unit, in_base_units


class Outcome(StrEnum):
    """Whether an achievement states that it reaches a needed indicator."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A needed indicator beside the stated one that speaks of the same quantity, if there is one."""

    needed: Indicator
    stated: Indicator | None
    outcome: Outcome


SAME_QUANTITY = 0.5
# where somebody names such a range, all of it must be covered; elsewhere the value shall lie within
_TO_BE_COVERED = re.compile(r"工作|使用|运行|适用|适应|环境|测量|检测|调节|可调|量程|范围")


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
    if stated.relation is Relation.WITHIN and needed.relation is Relation.AT_MOST:
        return Outcome.MET if high <= need_high else Outcome.NOT_MET
    if low > need_high or high < need_low:
        return Outcome.NOT_MET
    inside = low >= need_low and high <= need_high
    if needed.relation is Relation.BETWEEN and _TO_BE_COVERED.search(needed.quantity):
        inside = False
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
    if not _comparable(find_unit(one.unit), one.unit, other.unit):
        return False
    if one.relation is not other.relation and Relation.EQUAL not in (one.relation, other.relation):
        return False
    bounds = [[bound for bound in _in_base(each) if math.isfinite(bound)] for each in (one, other)]
    return all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(*bounds, strict=False))
