"""A bound on every grouping there is, by prices on needs (Lagrangian relaxation).

Each need is given a price and may then be taken by several groups, each paying it. What the best
events earn under any prices, plus all prices, is at least what the best grouping is worth; prices
are moved until that sum is small. Least sizes and firms' caps are left out, which keeps it a bound.
A few rounds are quick and show which groups are worth a closer look; the bound that is told comes
from `plan_bound` and `plan_topics`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matchmaker.solvers.plan_universe import Universe

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals, Wholes

PATIENCE, SHORTER = 10, 0.7
MEMORY, LATELY = 0.5, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The bound with its prices; `use` is how often each group was among the best events of late."""

    bound: float
    prices: "Reals"
    use: "Reals"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Events:
    """The best events under some prices: what the sum is, copies per group, the ways taken."""

    bound: float
    copies: "Wholes"
    taken: "Wholes"


def price_needs(universe: Universe, prices: "Reals", *, aim: float, rounds: int) -> Priced:
    """Return the least bound that a fixed number of rounds finds, beginning with `prices`.

    `aim` is what the bound will hardly come below. Steps are as long as the distance to the aim
    suggests, and shorter whenever no better bound came.
    """
    import numpy as np

    best, best_prices = float("inf"), prices
    use, slope = np.zeros(len(universe.groups)), np.zeros(universe.needs)
    length, since = 1.0, 0
    for _ in range(rounds):
        found = best_events(universe, prices)
        use = (1 - LATELY) * use + LATELY * found.copies
        since += 1
        if found.bound < best:
            best, best_prices, since = found.bound, prices, 0
        if since >= PATIENCE:
            length, since, prices = SHORTER * length, 0, best_prices
            slope = np.zeros(universe.needs)
            continue
        times = np.bincount(universe.need[found.taken], minlength=universe.needs)
        slope = (1.0 - times) + MEMORY * slope
        step = length * max(1.0, found.bound - aim) / max(1.0, float(slope @ slope))
        prices = np.maximum(0.0, prices - step * slope)
    return Priced(bound=best, prices=best_prices, use=use)


def best_events(universe: Universe, prices: "Reals") -> _Events:
    """Return the events that earn most under the prices: of each copy of a group its best needs."""
    import numpy as np

    gain = universe.value - prices[universe.need]
    ways = np.flatnonzero(gain > 0)
    ways = ways[np.lexsort((-gain[ways], universe.group[ways]))]
    group = universe.group[ways]
    first = np.searchsorted(group, group)
    copy = (np.arange(len(ways)) - first) // universe.most[group]
    # a copy goes by the number of a way of its group: the first, the second, …
    event = first + copy
    earned = np.bincount(event, weights=gain[ways], minlength=1)
    chosen = np.argsort(-earned, kind="stable")[: universe.events]
    chosen = chosen[earned[chosen] > 0]
    held = np.zeros(len(earned), dtype=bool)
    held[chosen] = True
    return _Events(
        bound=float(prices.sum() + earned[chosen].sum()),
        copies=np.bincount(group[chosen], minlength=len(universe.groups)),
        taken=ways[held[event]],
    )
