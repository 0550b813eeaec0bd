"""What an amount says of its quantity: at least, at most, between two ends, or equal."""

import re
from enum import StrEnum

from nlp.amounts import value_of


class Relation(StrEnum):
    """What an indicator says about its quantity."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    WITHIN = "within"  # a tolerance: ± high
    EQUAL = "equal"


_FARTHEST_DOWN = 3  # a range that is written from its upper end; 300-1.2 is none


def is_relative(match: re.Match[str]) -> bool:
    """Say whether a tolerance is a share of the value: 12V±10%."""
    return bool(match["spread"]) and match["unit"] == "%" and match["first_unit"] not in (None, "%")


def bounds_of(match: re.Match[str], first: float) -> tuple[Relation, float | None, float | None]:
    """Return what a matched amount, whose first number is `first`, says of its quantity, with both ends."""
    if match["tolerance"]:
        return Relation.WITHIN, -first, first
    ends = _ends(match, first)
    if ends is not None and match["second"] and (match["least"] or match["most"]):
        first = _half_grade(match, ends) or (ends[0] if match["least"] else ends[1])
    elif ends is not None and (ends[0] <= ends[1] or ends[0] <= _FARTHEST_DOWN * ends[1]):
        return Relation.BETWEEN, min(ends), max(ends)  # 85-75HA
    return bound_at(match, first)


def bound_at(match: re.Match[str], value: float) -> tuple[Relation, float | None, float | None]:
    """Return what the words around a matched amount say of its quantity when it is the one number `value`."""
    if match["least"] or match["up"]:
        return Relation.AT_LEAST, value, None
    if match["most"] or match["down"]:
        return Relation.AT_MOST, None, value
    return Relation.EQUAL, value, value


def _half_grade(match: re.Match[str], ends: tuple[float, float]) -> float | None:
    """Return 3.5 for the colour fastness 3-4级, which is one grade between two."""
    unit = match["unit"] or match["first_unit"]
    return ends[0] + 0.5 if unit == "级" and ends[1] - ends[0] == 1 else None


def _ends(match: re.Match[str], first: float) -> tuple[float, float] | None:
    """Return both ends of 10~12, 10±2 or 10+2/-1, or None for a single number."""
    if match["spread"]:
        below = above = value_of(match["spread"]) * (first / 100 if is_relative(match) else 1)
    elif match["plus"]:
        below, above = value_of(match["minus"]), value_of(match["plus"])
    else:
        return (first, value_of(match["second"])) if match["second"] else None
    return round(first - below, 9), round(first + above, 9)
