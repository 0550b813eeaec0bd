"""A good choice of groups by exchanging one at a time: sizes left out, each need in its best open group."""

from typing import TYPE_CHECKING

from matchmaker.solvers.plan_universe import Universe

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals, Wholes

TRIED = 60
MOST_SWAPS = 300
WORTH_IT = 0.5


class Swaps:
    """Groups from a short list, as many open as there are events, exchanged while that gains."""

    def __init__(self, universe: Universe, short_list: "Wholes") -> None:
        import numpy as np

        place = np.full(len(universe.groups), -1)
        place[short_list] = np.arange(len(short_list))
        ways = np.flatnonzero(place[universe.group] >= 0)
        self.worth = np.zeros((universe.needs, len(short_list)))
        self.worth[universe.need[ways], place[universe.group[ways]]] = universe.value[ways]
        self.short_list = short_list
        self.open = np.arange(min(universe.events, len(short_list)))

    def improve(self) -> None:
        """Exchange the pair that gains most until none does."""
        for _ in range(MOST_SWAPS):
            pair = self._best_pair()
            if pair is None:
                return
            self.open[pair[0]] = pair[1]

    def groups(self) -> "Wholes":
        """Return the groups open now."""
        return self.short_list[self.open]

    def best_two(self) -> "tuple[Wholes, Reals, Reals]":
        """Return per need which open group is best, what it is worth there, and in the second best."""
        import numpy as np

        worth = self.worth[:, self.open]
        rows = np.arange(len(worth))
        best = worth.argmax(axis=1)
        first = worth[rows, best]
        worth[rows, best] = 0.0
        return best, first, worth.max(axis=1)

    def _best_pair(self) -> tuple[int, int] | None:
        """Return (place among the open, group of the short list) of the best exchange that gains, or None."""
        import numpy as np

        best, first, second = self.best_two()
        comes = np.maximum(self.worth - first[:, None], 0.0).sum(axis=0)
        goes = np.bincount(best, weights=first - second, minlength=len(self.open))
        most, pair = WORTH_IT, None
        for group in np.argsort(-comes, kind="stable")[:TRIED]:
            caught = np.maximum(0.0, np.minimum(self.worth[:, group], first) - second)
            gain = comes[group] - goes + np.bincount(best, weights=caught, minlength=len(self.open))
            place = int(gain.argmax())
            if gain[place] > most:
                most, pair = float(gain[place]), (place, int(group))
        return pair
