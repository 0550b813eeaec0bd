"""Every group that needs could be put into, as arrays: topic × partner city × place, none left out.

A place that no need of a group calls its town is worth the same as any other such place, so a
partner's hall is listed for that partner only, unless it is roomier than every hall of the county.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from matchmaker.domain.plan import PlanQuestion, fit_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Reals: TypeAlias = NDArray[np.float64]
    Wholes: TypeAlias = NDArray[np.int64]

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Universe:
    """All groups and all ways of a need into a group, the ways ordered by group, then need.

    `most` is how many needs an event of the group may have, `firm` the firm of each need, counted from 0.
    """

    needs: int
    firm: "Wholes"
    per_firm: int
    events: int
    groups: tuple[Key, ...]
    most: "Wholes"
    group: "Wholes"
    need: "Wholes"
    value: "Reals"


def universe_of(question: PlanQuestion) -> Universe:
    """Return every group with enough needs for an event, and what each need is worth in it."""
    import numpy as np

    rules, halls = question.rules, _halls(question)
    keys: list[Key] = []
    rows: list[tuple[int, int, int]] = []
    for (topic, city), own in sorted(_members(question).items()):
        if len(own) < rules.least_needs:
            continue
        for place in _places(question, halls, city):
            number = len(keys)
            keys.append((topic, city, place))
            rows += [
                (number, need, fit_of(question.needs[need], topic=topic, city=city, place=place))
                for need in own
            ]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    _, firm = np.unique([need.firm_id for need in question.needs], return_inverse=True)
    return Universe(
        needs=len(question.needs),
        firm=firm.astype(np.int64),
        per_firm=rules.per_firm,
        events=rules.events,
        groups=tuple(keys),
        most=np.array([most_in(question, place) for _, _, place in keys], dtype=np.int64),
        group=columns[:, 0],
        need=columns[:, 1],
        value=columns[:, 2].astype(np.float64),
    )


def most_in(question: PlanQuestion, place: str) -> int:
    """Return how many needs an event at a place may have, so that firms and experts fit its hall."""
    rules = question.rules
    halls = [venue.capacity for venue in question.venues if place in ("", venue.place)]
    room = max(halls, default=rules.most_needs + rules.experts_per_event) - rules.experts_per_event
    return min(rules.most_needs, room)


def _members(question: PlanQuestion) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, need in enumerate(question.needs):
        for topic in need.topics:
            for city in ("", *need.cities):
                found[topic, city].append(number)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Halls:
    """Places with halls worth considering for every partner, and all of them."""

    own: frozenset[str]
    all: frozenset[str]


def _halls(question: PlanQuestion) -> _Halls:
    every = frozenset(
        place
        for place in {venue.place for venue in question.venues} or {""}
        if most_in(question, place) >= question.rules.least_needs
    )
    partners = {city for need in question.needs for city in need.cities}
    county = every - partners
    room = max((most_in(question, place) for place in county), default=0)
    roomier = {place for place in every if most_in(question, place) > room}
    return _Halls(own=frozenset(county | roomier), all=every)


def _places(question: PlanQuestion, halls: _Halls, city: str) -> list[str]:
    return sorted(halls.own | ({city} & halls.all))
