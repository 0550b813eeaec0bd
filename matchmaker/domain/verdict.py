"""Whether any proposal answers a need, and what to do when none does."""

from collections.abc import Iterable
from enum import StrEnum

from matchmaker.domain.states import Grade, Route

CLEAR_ENOUGH = 0.6
QUESTIONS = 2


class Finding(StrEnum):
    """What the proposals of one need come to."""

    COMPUTING = "computing"
    FOUND = "found"
    NEARLY = "nearly"  # something is near, nothing reaches 较强
    NOTHING = "nothing"


def finding(grades: Iterable[Grade], *, computed: bool) -> Finding:
    """Return what the grades of the proposals that still stand come to."""
    best = set(grades)
    if best & {Grade.STRONG, Grade.FAIR}:
        return Finding.FOUND
    if not computed:
        return Finding.COMPUTING
    return Finding.NEARLY if best - {Grade.NONE} else Finding.NOTHING


def advised(*, clarity: float, asked_before: bool, fields: Iterable[str], need_type: str) -> Route:
    """Return the route to begin with.

    An unclear need is asked about first, once. Then somebody outside may have the answer; only
    where research is wanted and nobody's field is known is it a matter for years.
    """
    if clarity < CLEAR_ENOUGH and not asked_before:
        return Route.ASK_FIRM
    if need_type == "rnd" and not list(fields):
        return Route.LONG_TERM
    return Route.LOOK_OUTSIDE
