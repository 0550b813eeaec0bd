"""The linear programme over every grouping there is: a bound for all, and how far it opens each group.

The groups of one topic and city differ by their place alone, which matters to the needs of that town
only. So a need has one column for all of them together and one for the bonus of its own town, a
fifth of the columns that a way into each group would take. Copies may be shared, a firm's needs may
go to different copies: each leaves more room than a real grouping has, which keeps it a bound.
"""

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from matchmaker.domain.plan import PlanRules
from matchmaker.solvers.plan_universe import Universe

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals, Wholes

# Values are whole numbers, so the part behind the point is no room; this much of it is rounding.
ROUNDING = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """What no grouping can be worth more than, and per group how many copies the programme opens."""

    bound: float
    use: "Reals"


def relax(universe: Universe, rules: PlanRules) -> Relaxed:
    """Solve the programme. Raises ArithmeticError when HiGHS fails."""
    import numpy as np
    from scipy import sparse
    from scipy.optimize import linprog

    programme = _Programme(universe, rules)
    row, column, factor = (np.concatenate(part) for part in zip(*programme.entries, strict=True))
    right = np.concatenate(programme.right)
    matrix = sparse.csr_matrix((factor, (row, column)), shape=(len(right), len(programme.gain)))
    answer = linprog(
        -programme.gain,
        A_ub=matrix,
        b_ub=right,
        bounds=np.column_stack([np.zeros(len(programme.gain)), programme.upper]),
        method="highs-ds",
    )
    if answer.status != 0:
        raise ArithmeticError(f"HiGHS found no bound: {answer.message}")
    return Relaxed(bound=float(floor(ROUNDING - answer.fun)), use=answer.x[: len(universe.groups)])


class _Programme:
    """Columns: copies of groups and of kinds (topic and city), needs in kinds, bonuses, firms in kinds."""

    def __init__(self, universe: Universe, rules: PlanRules) -> None:
        import numpy as np

        self.entries: list[tuple[Wholes, Wholes, Reals]] = []
        self.right: list[Reals] = []
        self.rows = 0
        names = [key[:2] for key in universe.groups]
        number = {name: place for place, name in enumerate(sorted(set(names)))}
        kind, kinds = np.array([number[name] for name in names]), len(number)
        joined, way = np.unique(universe.need * kinds + kind[universe.group], return_inverse=True)
        need, inside = joined // kinds, joined % kinds
        value = np.full(len(joined), np.inf)
        np.minimum.at(value, way, universe.value)
        bonus = np.flatnonzero(universe.value > value[way])
        firms = int(universe.firm.max(initial=0)) + 1
        many = np.bincount(universe.firm, minlength=firms) > universe.per_firm
        asked = np.flatnonzero(many[universe.firm[need]])
        visits, visit = np.unique(universe.firm[need[asked]] * kinds + inside[asked], return_inverse=True)

        groups, ways = np.arange(len(universe.groups)), np.arange(len(joined))
        copies = len(groups) + np.arange(kinds)
        places = len(groups) + kinds + ways
        bonuses = places[-1] + 1 + np.arange(len(bonus))
        calls = places[-1] + 1 + len(bonus) + np.arange(len(visits))
        self.gain = np.concatenate(
            [
                np.zeros(len(groups) + kinds),
                value,
                universe.value[bonus] - value[way[bonus]],
                np.zeros(len(visits)),
            ]
        )
        self.upper = np.ones(len(self.gain))
        self.upper[: len(groups) + kinds] = rules.events

        self._at_most(1, rules.events, (np.zeros(kinds, dtype=np.int64), copies, 1.0))
        self._at_most(kinds, 0, (np.arange(kinds), copies, 1.0), (kind, groups, -1.0))
        self._at_most(kinds, 0, (np.arange(kinds), copies, -1.0), (kind, groups, 1.0))
        self._at_most(universe.needs, 1, (need, places, 1.0))
        self._at_most(len(joined), 0, (ways, places, 1.0), (ways, copies[inside], -1.0))
        self._at_most(kinds, 0, (inside, places, 1.0), (kind, groups, -universe.most.astype(float)))
        least = float(rules.least_needs)
        self._at_most(kinds, 0, (inside, places, -1.0), (np.arange(kinds), copies, least))
        each = np.arange(len(bonus))
        self._at_most(len(bonus), 0, (each, bonuses, 1.0), (each, places[way[bonus]], -1.0))
        self._at_most(len(bonus), 0, (each, bonuses, 1.0), (each, universe.group[bonus], -1.0))
        each = np.arange(len(asked))
        self._at_most(len(asked), 0, (each, places[asked], 1.0), (each, calls[visit], -1.0))
        self._at_most(firms, universe.per_firm, (visits // kinds, calls, 1.0))

    def _at_most(self, count: int, right: float, *terms: "tuple[Wholes, Wholes, Reals | float]") -> None:
        """Add rows: of each, the sum of its terms (row, column, factor) is at most `right`."""
        import numpy as np

        for row, column, factor in terms:
            self.entries.append((self.rows + row, column, np.broadcast_to(factor, np.shape(row))))
        self.right.append(np.full(count, float(right)))
        self.rows += count
