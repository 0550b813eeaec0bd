"""Which groups are worth opening, out of all there are, and what no grouping can pass."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matchmaker.domain.plan import PlanQuestion
from matchmaker.solvers.plan_model import Grouping, Way
from matchmaker.solvers.plan_prices import price_needs
from matchmaker.solvers.plan_swaps import Swaps
from matchmaker.solvers.plan_universe import Universe, universe_of

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals, Wholes

# A search over everything is exact and quick enough up to here; beyond, groups and ways are chosen.
EVERY_WAY = 5000
GROUPS_PER_EVENT, MORE_GROUPS = 1.08, 2
WAYS_PER_NEED = 6
SHORT_LIST = 1000
ROUGH_ROUNDS, FINE_ROUNDS = 150, 400
ROUGHLY = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The groups and ways to search; `bound` holds for every grouping, infinite where all are searched."""

    grouping: Grouping
    bound: float


def choose_groups(question: PlanQuestion) -> Choice:
    """Return all groups when they are few; else those that prices and exchanges show to be the best."""
    import numpy as np

    universe = universe_of(question)
    if len(universe.group) <= EVERY_WAY:
        every = np.arange(len(universe.groups))
        return Choice(grouping=_grouping(question, universe, every, None), bound=float("inf"))
    swaps, rough = _exchanged(universe)
    _, first, _ = swaps.best_two()
    priced = price_needs(universe, rough, aim=float(first.sum()), rounds=FINE_ROUNDS)
    wanted = int(GROUPS_PER_EVENT * universe.events) + MORE_GROUPS
    ranked = np.argsort(-priced.use, kind="stable")
    chosen = list(dict.fromkeys([*swaps.groups().tolist(), *ranked.tolist()]))[:wanted]
    grouping = _grouping(question, universe, np.array(sorted(chosen)), priced.prices)
    return Choice(grouping=grouping, bound=priced.bound)


def _exchanged(universe: Universe) -> "tuple[Swaps, Reals]":
    """Return a good choice of groups by exchanges, and the prices that its short list was drawn by."""
    import numpy as np

    best = np.zeros(universe.needs)
    np.maximum.at(best, universe.need, universe.value)
    start = ROUGHLY * best
    rough = price_needs(universe, start, aim=float(start.sum()), rounds=ROUGH_ROUNDS)
    gain = np.maximum(0.0, universe.value - rough.prices[universe.need])
    worth = np.bincount(universe.group, weights=gain, minlength=len(universe.groups))
    swaps = Swaps(universe, np.lexsort((-worth, -rough.use.round(4)))[:SHORT_LIST])
    swaps.improve()
    return swaps, rough.prices


def _grouping(
    question: PlanQuestion, universe: Universe, chosen: "Wholes", prices: "Reals | None"
) -> Grouping:
    """Return the chosen groups with each need's best ways under the prices; every way without prices."""
    import numpy as np

    place = np.full(len(universe.groups), -1)
    place[chosen] = np.arange(len(chosen))
    ways = np.flatnonzero(place[universe.group] >= 0)
    if prices is not None:
        gain = universe.value - prices[universe.need]
        ways = ways[np.lexsort((universe.group[ways], -gain[ways], universe.need[ways]))]
        need = universe.need[ways]
        ways = ways[np.arange(len(ways)) - np.searchsorted(need, need) < WAYS_PER_NEED]
    told = tuple(
        (int(universe.need[way]), int(place[universe.group[way]]), int(universe.value[way])) for way in ways
    )
    return Grouping(
        question=question,
        groups=tuple(universe.groups[group] for group in chosen),
        ways=told,
        block=_blocks(question, len(chosen), told),
    )


def _blocks(question: PlanQuestion, groups: int, ways: tuple[Way, ...]) -> tuple[int, ...]:
    """Return per group how many needs of one firm it may get at most."""
    sizes = Counter((group, question.needs[need].firm_id) for need, group, _ in ways)
    largest = [1] * groups
    for (group, _), number in sizes.items():
        largest[group] = max(largest[group], number)
    return tuple(min(number, question.rules.most_needs) for number in largest)
