"""The programme topic by topic with whole events: a closer bound, and groups worth opening.

An event has one topic, so topics meet only in needs that fit several, in firms' caps and in the number
of events. These are priced (Lagrangian relaxation), and what is left of each topic is small enough to
be solved in whole events. All topics' worth, plus all prices, no grouping can pass; the linear
programme could still open halves of events within a topic.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matchmaker.domain.plan import PlanRules
from matchmaker.solvers.plan_bound import Programme, Relaxed, round_down
from matchmaker.solvers.plan_universe import Universe

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals, Wholes

# Topics with more ways of needs into kinds than this take minutes in whole events: halves are allowed.
MOST_WAYS = 900
GAP, BRANCHES = 1e-4, 50
# A need may cost anything from what its second topic would pay to what the first one does; near the
# lower end few topics take it twice and few go without: measured on made-up campaigns.
FIRST_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """A bound for every grouping there is, and the groups that the topics open by themselves."""

    bound: float
    opened: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prices:
    """What a place on the programme costs: of an event, of each need, of one of each firm's visits."""

    event: float
    needs: "Reals"
    firms: "Reals"


def solve_topics(universe: Universe, rules: PlanRules, relaxed: Relaxed) -> Topics:
    """Solve every topic by itself at prices that the linear programme suggests."""
    import numpy as np

    names = [topic for topic, _, _ in universe.groups]
    _, topic = np.unique(names, return_inverse=True)
    prices = _prices(universe, topic, relaxed)
    bound = prices.event * universe.events + prices.needs.sum() + universe.per_firm * prices.firms.sum()
    opened: list[int] = []
    for one in range(int(topic.max()) + 1):
        groups = np.flatnonzero(topic == one)
        worth, copies = _solve(_part(universe, groups), rules, prices)
        bound += worth
        opened += groups[copies > 0.5].tolist()
    return Topics(bound=min(relaxed.bound, round_down(float(bound))), opened=tuple(opened))


def _prices(universe: Universe, topic: "Wholes", relaxed: Relaxed) -> _Prices:
    """Return prices; a need of one topic costs nothing, for its topic sees to it that it is held once."""
    import numpy as np

    programme = relaxed.programme
    matrix, _ = programme.rows_at_most()
    reduced = (programme.gain - matrix.T @ relaxed.prices)[programme.places]
    first = relaxed.prices[programme.need_rows :][: universe.needs]
    asked = np.full((universe.needs, int(topic.max()) + 1), -np.inf)
    at = (programme.place_need, topic[programme.place_group])
    np.maximum.at(asked, at, first[programme.place_need] + reduced)
    several = np.isfinite(asked).sum(axis=1) > 1
    second = np.maximum(0.0, np.sort(asked, axis=1)[:, -2]) if asked.shape[1] > 1 else np.zeros(len(first))
    return _Prices(
        event=float(max(0.0, relaxed.prices[0])),
        needs=np.where(several, np.maximum(0.0, second + FIRST_SHARE * (first - second)), 0.0),
        firms=np.maximum(0.0, relaxed.prices[programme.firm_rows :]),
    )


def _part(universe: Universe, groups: "Wholes") -> Universe:
    """Return the universe of some groups alone."""
    import numpy as np

    place = np.full(len(universe.groups), -1)
    place[groups] = np.arange(len(groups))
    ways = np.flatnonzero(place[universe.group] >= 0)
    return replace(
        universe,
        groups=tuple(universe.groups[group] for group in groups),
        most=universe.most[groups],
        group=place[universe.group[ways]],
        need=universe.need[ways],
        value=universe.value[ways],
    )


def _solve(part: Universe, rules: PlanRules, prices: _Prices) -> "tuple[float, Reals]":
    """Return what one topic's events can be worth at most beyond the prices, and its copies per group."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    programme = Programme(part, rules)
    gain, whole = programme.gain.copy(), np.zeros(len(programme.gain))
    gain[: len(part.groups)] -= prices.event
    gain[programme.places] -= prices.needs[programme.place_need]
    gain[programme.calls] -= prices.firms[programme.call_firm]
    if len(programme.places) <= MOST_WAYS:
        whole[: programme.whole] = 1
    matrix, right = programme.rows_at_most()
    answer = milp(
        -gain,
        integrality=whole,
        bounds=Bounds(np.zeros(len(gain)), programme.upper),
        constraints=[LinearConstraint(matrix, -np.inf, right)],
        options={"mip_rel_gap": GAP, "node_limit": BRANCHES},
    )
    bound = answer.mip_dual_bound if whole.any() else answer.fun
    if answer.x is None or bound is None:
        raise ArithmeticError(f"HiGHS found no events of a topic: {answer.message}")
    return -float(bound), answer.x[: len(part.groups)]
