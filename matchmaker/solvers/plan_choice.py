"""Which groups are worth opening, out of all there are, and what no grouping can pass."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matchmaker.domain.plan import PlanQuestion
from matchmaker.solvers.plan_bound import relax
from matchmaker.solvers.plan_model import Grouping, Way
from matchmaker.solvers.plan_prices import price_needs
from matchmaker.solvers.plan_swaps import Swaps
from matchmaker.solvers.plan_topics import Topics
from matchmaker.solvers.plan_universe import Universe, universe_of

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Wholes

# A search over everything is exact and quick enough up to here; beyond, groups and ways are chosen.
EVERY_WAY = 5000
GROUPS_PER_EVENT, MORE_GROUPS = 1.3, 2
# Small campaigns choose among twice as many groups as events, as long as this is no more.
MANY_GROUPS = 80
WAYS_PER_NEED = 24
SHORT_LIST = 1000
ROUGH_ROUNDS = 150
WHOLLY = 0.999
ROUGHLY = 0.9
# Rounds of prices before groups are chosen; later ones only bring the bound closer.
EARLY_PASSES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which groups and ways to search; of several choices nobody can tell which one holds the best grouping.

    `bound` holds for every grouping, infinite where all are searched; `topics` can bring it closer.
    """

    groupings: tuple[Grouping, ...]
    bound: float
    topics: Topics | None = None


def choose_groups(question: PlanQuestion) -> Choice:
    """Return all groups when they are few; else those that the linear programme and exchanges prefer."""
    import numpy as np

    universe = universe_of(question)
    if len(universe.group) <= EVERY_WAY:
        every = np.arange(len(universe.groups))
        return Choice(groupings=(_grouping(question, universe, every, None),), bound=float("inf"))
    swaps, relaxed = _exchanged(universe), relax(universe, question.rules)
    whole = np.abs(relaxed.use - np.rint(relaxed.use)).max(initial=0.0) < 1 - WHOLLY
    topics = None if whole else Topics(universe, question.rules, relaxed)
    if topics is not None:
        topics.improve(EARLY_PASSES)
    wanted = max(int(GROUPS_PER_EVENT * universe.events) + MORE_GROUPS, min(2 * universe.events, MANY_GROUPS))
    ranked = np.argsort(-relaxed.use, kind="stable")
    wholly = ranked[relaxed.use[ranked] > WHOLLY].tolist()
    orders = [[*wholly, *swaps.groups().tolist(), *ranked.tolist()]]
    if topics is not None:
        orders.append([*wholly, *topics.opened, *orders[0]])
    chosen = {tuple(sorted(list(dict.fromkeys(order))[:wanted])): None for order in orders}
    return Choice(
        groupings=tuple(_grouping(question, universe, np.array(own), WAYS_PER_NEED) for own in chosen),
        bound=relaxed.bound,
        topics=topics,
    )


def _exchanged(universe: Universe) -> Swaps:
    """Return a good choice of groups by exchanges among those that rough prices show to be worth it."""
    import numpy as np

    best = np.zeros(universe.needs)
    np.maximum.at(best, universe.need, universe.value)
    start = ROUGHLY * best
    rough = price_needs(universe, start, aim=float(start.sum()), rounds=ROUGH_ROUNDS)
    gain = np.maximum(0.0, universe.value - rough.prices[universe.need])
    worth = np.bincount(universe.group, weights=gain, minlength=len(universe.groups))
    swaps = Swaps(universe, np.lexsort((-worth, -rough.use.round(4)))[:SHORT_LIST])
    swaps.improve()
    return swaps


def _grouping(
    question: PlanQuestion, universe: Universe, chosen: "Wholes", most_ways: int | None
) -> Grouping:
    """Return the chosen groups with each need's best ways into them."""
    import numpy as np

    place = np.full(len(universe.groups), -1)
    place[chosen] = np.arange(len(chosen))
    ways = np.flatnonzero(place[universe.group] >= 0)
    if most_ways is not None:
        ways = ways[np.lexsort((universe.group[ways], -universe.value[ways], universe.need[ways]))]
        need = universe.need[ways]
        ways = ways[np.arange(len(ways)) - np.searchsorted(need, need) < most_ways]
    told = tuple(
        (int(universe.need[way]), int(place[universe.group[way]]), int(universe.value[way])) for way in ways
    )
    return Grouping(
        question=question,
        groups=tuple(universe.groups[group] for group in chosen),
        ways=told,
        block=_blocks(question, universe.most[chosen].tolist(), told),
    )


def _blocks(question: PlanQuestion, most: list[int], ways: tuple[Way, ...]) -> tuple[int, ...]:
    """Return per group how many needs of one firm it may get at most; `most` is what an event may have."""
    sizes = Counter((group, question.needs[need].firm_id) for need, group, _ in ways)
    largest = [1] * len(most)
    for (group, _), number in sizes.items():
        largest[group] = max(largest[group], number)
    return tuple(min(pair) for pair in zip(largest, most, strict=True))
