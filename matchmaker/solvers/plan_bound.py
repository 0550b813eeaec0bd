"""The linear programme over every grouping there is: a bound for all, and how far it opens each group.

The groups of one topic and city differ by their place alone, which matters to the needs of that town
only. So a need has one column for all of them together and one for the bonus of its own town, a
fifth of the columns that a way into each group would take. Copies may be shared, a firm's needs may
go to different copies: each leaves more room than a real grouping has, which keeps it a bound.
"""

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any

from matchmaker.domain.plan import PlanRules
from matchmaker.solvers.plan_universe import Universe

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals, Wholes

# Values are whole numbers, so the part behind the point is no room; this much of it is rounding.
ROUNDING = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """What no grouping can be worth more than, and per group how many copies the programme opens.

    `prices` are those of the programme's rows, at which nothing that it leaves out would pay.
    """

    bound: float
    use: "Reals"
    programme: "Programme"
    prices: "Reals"


def relax(universe: Universe, rules: PlanRules) -> Relaxed:
    """Solve the programme. Raises ArithmeticError when HiGHS fails."""
    import numpy as np
    from scipy.optimize import linprog

    programme = Programme(universe, rules)
    matrix, right = programme.rows_at_most()
    answer = linprog(
        -programme.gain,
        A_ub=matrix,
        b_ub=right,
        bounds=np.column_stack([np.zeros(len(programme.gain)), programme.upper]),
        # inner points, then a corner: half the time of the simplex method here, with the same bound
        method="highs-ipm",
    )
    if answer.status != 0:
        raise ArithmeticError(f"HiGHS found no bound: {answer.message}")
    return Relaxed(
        bound=round_down(-answer.fun),
        use=answer.x[: len(universe.groups)],
        programme=programme,
        prices=-answer.ineqlin.marginals,
    )


def round_down(bound: float) -> float:
    """Return the largest whole number that a bound of whole values leaves room for."""
    return float(floor(ROUNDING + bound))


class Programme:
    """Columns: copies of groups and of kinds (topic and city), needs in kinds, bonuses, firms in kinds.

    `places` are the columns of needs in kinds, of the need in `place_need` and the topic of the group
    `place_group`; `calls` those of firms in kinds, of the firm in `call_firm`. The first row caps the
    events, those from `need_rows` and `firm_rows` hold one need and one firm each.
    """

    def __init__(self, universe: Universe, rules: PlanRules) -> None:
        import numpy as np

        self.entries: list[tuple[Wholes, Wholes, Reals]] = []
        self.right: list[Reals] = []
        self.rows = 0
        kind, kinds = kinds_of(universe)
        joined, way = np.unique(universe.need * kinds + kind[universe.group], return_inverse=True)
        need, inside = joined // kinds, joined % kinds
        value = np.full(len(joined), np.inf)
        np.minimum.at(value, way, universe.value)
        bonus = np.flatnonzero(universe.value > value[way])
        firms = int(universe.firm.max(initial=0)) + 1
        asked = _capped(universe, need, firms)
        visits, visit = np.unique(universe.firm[need[asked]] * kinds + inside[asked], return_inverse=True)

        groups, ways = np.arange(len(universe.groups)), np.arange(len(joined))
        copies = len(groups) + np.arange(kinds)
        places = len(groups) + kinds + ways
        bonuses = places[-1] + 1 + np.arange(len(bonus))
        calls = places[-1] + 1 + len(bonus) + np.arange(len(visits))
        self.whole = len(groups) + kinds
        self.places, self.place_need, self.place_group = places, need, _first_of(kind, inside)
        self.calls, self.call_firm = calls, visits // kinds
        self.gain = np.concatenate(
            [np.zeros(self.whole), value, universe.value[bonus] - value[way[bonus]], np.zeros(len(visits))]
        )
        self.upper = np.ones(len(self.gain))
        self.upper[: self.whole] = rules.events

        self._at_most(1, rules.events, (np.zeros(kinds, dtype=np.int64), copies, 1.0))
        self._at_most(kinds, 0, (np.arange(kinds), copies, 1.0), (kind, groups, -1.0))
        self._at_most(kinds, 0, (np.arange(kinds), copies, -1.0), (kind, groups, 1.0))
        self.need_rows = self.rows
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
        self.firm_rows = self.rows
        self._at_most(firms, universe.per_firm, (self.call_firm, calls, 1.0))

    def rows_at_most(self) -> "tuple[Any, Reals]":
        """Return the rows as a sparse matrix, and what each may come to at most."""
        import numpy as np
        from scipy import sparse

        row, column, factor = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        right = np.concatenate(self.right)
        return sparse.csr_matrix((factor, (row, column)), shape=(len(right), len(self.gain))), right

    def _at_most(self, count: int, right: float, *terms: "tuple[Wholes, Wholes, Reals | float]") -> None:
        """Add rows: of each, the sum of its terms (row, column, factor) is at most `right`."""
        import numpy as np

        for row, column, factor in terms:
            self.entries.append((self.rows + row, column, np.broadcast_to(factor, np.shape(row))))
        self.right.append(np.full(count, float(right)))
        self.rows += count


def kinds_of(universe: Universe) -> "tuple[Any, int]":
    """Return the kind of each group, and how many kinds there are."""
    import numpy as np

    names = [key[:2] for key in universe.groups]
    number = {name: place for place, name in enumerate(sorted(set(names)))}
    return np.array([number[name] for name in names]), len(number)


def _capped(universe: Universe, need: "Wholes", firms: int) -> "Wholes":
    """Return which places are of firms with more needs than the events that a firm may come to."""
    import numpy as np

    many = np.bincount(universe.firm, minlength=firms) > universe.per_firm
    return np.flatnonzero(many[universe.firm[need]])


def _first_of(kind: "Wholes", inside: "Wholes") -> "Wholes":
    """Return for each kind asked for the first group of that kind."""
    import numpy as np

    first = np.unique(kind, return_index=True)[1]
    return np.asarray(first[inside], dtype=np.int64)
