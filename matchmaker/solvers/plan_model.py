"""The grouping as rows of a whole-number programme, and HiGHS to solve it.

Columns are copies of a group (whole), ways of a need into a group (shares that come out whole once
the rest is), and visits of a firm to a group (0 or 1, only for the firms that are asked for).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from matchmaker.domain.plan import PlanNeed, PlanQuestion
from matchmaker.solvers.plan_universe import Key, most_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Real: TypeAlias = NDArray[np.float64]

# The search ends after so many branches: deterministic, where seconds would depend on the load.
BRANCHES = 10
Way = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The groups worth opening, and the ways (need, group, value) into them.

    `block` is, per group, how many needs of one firm it may get at most.
    """

    question: PlanQuestion
    groups: tuple[Key, ...]
    ways: tuple[Way, ...]
    block: tuple[int, ...]

    @property
    def needs(self) -> tuple[PlanNeed, ...]:
        """The needs that `ways` count from 0."""
        return self.question.needs


class Model:
    """The rows of a grouping. `firms` are those whose cap on events is among the rows."""

    def __init__(self, grouping: Grouping, *, firms: Iterable[int] = ()) -> None:
        import numpy as np

        self.grouping = grouping
        self.entries: list[tuple[int, int, float]] = []
        self.right: list[float] = []
        self.first_way = len(grouping.groups)
        self.first_visit = self.first_way + len(grouping.ways)
        self.visits = _visits(grouping, frozenset(firms))
        columns = self.first_visit + len(self.visits)
        self.gain = np.zeros(columns)
        self.gain[self.first_way : self.first_visit] = [value for _, _, value in grouping.ways]
        self.whole = np.ones(columns)
        self.whole[self.first_way : self.first_visit] = 0
        self.lower, self.upper = np.zeros(columns), np.ones(columns)
        self.upper[: self.first_way] = _most_copies(grouping)
        self._row(dict.fromkeys(range(self.first_way), 1.0), grouping.question.rules.events)
        self._needs()
        self._sizes()
        self._firms()

    def _row(self, terms: Mapping[int, float], right: float) -> None:
        """Add: the sum of the terms is at most `right`."""
        self.entries += [(len(self.right), column, factor) for column, factor in terms.items()]
        self.right.append(right)

    def _needs(self) -> None:
        own: dict[int, list[int]] = defaultdict(list)
        for way, (need, group, _) in enumerate(self.grouping.ways):
            own[need].append(self.first_way + way)
            self._row({self.first_way + way: 1.0, group: -1.0}, 0.0)
        for columns in own.values():
            self._row(dict.fromkeys(columns, 1.0), 1.0)

    def _sizes(self) -> None:
        least = self.grouping.question.rules.least_needs
        members: dict[int, list[int]] = defaultdict(list)
        for way, (_, group, _) in enumerate(self.grouping.ways):
            members[group].append(self.first_way + way)
        for group, columns in members.items():
            spare = self.grouping.block[group] - 1
            most = most_needs(self.grouping, group)
            taken, given = dict.fromkeys(columns, 1.0), dict.fromkeys(columns, -1.0)
            self._row(taken | {group: -float(most)}, 0.0)
            self._row(given | {group: float(least)}, 0.0)
            if spare:
                # dealing out blocks of a firm's needs leaves at most `spare` between two copies
                self._row(taken | {group: -float(most - spare)}, float(spare))
                self._row(given | {group: float(least + spare)}, float(spare))

    def _firms(self) -> None:
        ways_of: dict[tuple[int, int], list[int]] = defaultdict(list)
        for way, (need, group, _) in enumerate(self.grouping.ways):
            ways_of[self.grouping.needs[need].firm_id, group].append(self.first_way + way)
        for (_, group), columns in ways_of.items():
            if len(columns) > self.grouping.block[group]:
                # a firm's needs go to one event of the group, whose size they must not pass
                self._row(dict.fromkeys(columns, 1.0), self.grouping.block[group])
        firms: dict[int, list[int]] = defaultdict(list)
        for number, (firm, group) in enumerate(self.visits, self.first_visit):
            firms[firm].append(number)
            for way in ways_of[firm, group]:
                self._row({way: 1.0, number: -1.0}, 0.0)
        for columns in firms.values():
            self._row(dict.fromkeys(columns, 1.0), self.grouping.question.rules.per_firm)

    def solve(self, *, gap: float, branches: int = BRANCHES) -> "tuple[Real | None, float]":
        """Return the best columns found (None: none at all) and the bound that none of these ways can pass.

        The search ends by its gap or its count of branches, never by the clock: a busy machine gets
        the same answer later.
        """
        import numpy as np
        from scipy import sparse
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows, columns, factors = zip(*self.entries, strict=True)
        matrix = sparse.csr_matrix((factors, (rows, columns)), shape=(len(self.right), len(self.gain)))
        answer = milp(
            -self.gain,
            integrality=self.whole,
            bounds=Bounds(self.lower, self.upper),
            constraints=[LinearConstraint(matrix, -np.inf, np.array(self.right))],
            options={"node_limit": branches, "mip_rel_gap": gap},
        )
        if answer.status == 2:
            return None, float("-inf")
        bound = answer.mip_dual_bound
        return answer.x, float("inf") if bound is None else -float(bound)


def most_needs(grouping: Grouping, group: int) -> int:
    """Return how many needs an event of the group may have, so that firms and experts fit its hall."""
    return most_in(grouping.question, grouping.groups[group][2])


def _most_copies(grouping: Grouping) -> list[int]:
    counts = Counter(group for _, group, _ in grouping.ways)
    rules = grouping.question.rules
    return [
        min(rules.events, counts[group] // rules.least_needs)
        if most_needs(grouping, group) >= rules.least_needs
        else 0
        for group in range(len(grouping.groups))
    ]


def _visits(grouping: Grouping, firms: frozenset[int]) -> list[tuple[int, int]]:
    """Return (firm, group) of every group that these firms could come to."""
    found = {(grouping.needs[need].firm_id, group) for need, group, _ in grouping.ways}
    return sorted((firm, group) for firm, group in found if firm in firms)
