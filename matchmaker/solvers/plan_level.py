"""Where to look next for better prices, from all that topics answered before (level bundle method).

An answer tells what its topic earns at least under any other prices: the worth of the places taken,
less what these would cost then. All answers together are a model of the bound from below. The next
prices are the nearest ones at which the model is as low as the bound is hoped to get; one answer
alone would give the step of a subgradient. Method: Lemaréchal, Nemirovskii, Nesterov, "New variants
of bundle methods", 1995.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals

# Steps of the inner solution, tries for the length, and how near the aim is near enough (of the way).
STEPS, TRIES, NEAR = 400, 9, 0.03
SETTLED = 1e-7  # shares that move less have found their place
FIRST_LENGTH, LONGER = 1.0, 3.0
# How much of the way to the aim one move goes: all of it passes the best prices on hard campaigns.
BOLDNESS = 0.5
# A price is part of at most so many topics' answers, as a rule: a need fits one to three topics.
SHARED = 3.0


class Answers:
    """What topics answered: per topic the worth of places taken and how much of each price they use."""

    def __init__(self, topics: int) -> None:
        self._of: list[list[tuple[float, Reals]]] = [[] for _ in range(topics)]
        self._length = FIRST_LENGTH

    def add(self, topic: int, worth: float, used: "Reals") -> None:
        """Note that a topic earns at least `worth - used @ prices`, whatever the prices."""
        self._of[topic].append((worth, used))

    def next_prices(self, prices: "Reals", right: "Reals", *, aim: float) -> "Reals":
        """Return the nearest prices at which the model, prices times `right` included, nears `aim`.

        It comes a part of the way from the model at `prices`. They stay until every topic has answered.
        Where the model stays above, the prices are as far away as a fixed number of tries gets.
        """
        if not all(self._of):
            return prices
        model = _Model(self._of, prices, right)
        here = model.at(prices)
        aim = here - BOLDNESS * max(0.0, here - aim)
        low, high, length, found = 0.0, 0.0, self._length, prices
        for _ in range(TRIES):
            found, worth = model.least(length)
            if abs(worth - aim) < NEAR * (here - aim):
                break
            low, high = (length, high) if worth > aim else (low, length)
            length = LONGER * low if not high else high / LONGER if not low else (low * high) ** 0.5
        self._length = length
        return found


class _Model:
    """The bound as answers show it, near some prices: per topic equally many answers, repeated if need be."""

    def __init__(self, answers: "list[list[tuple[float, Reals]]]", near: "Reals", right: "Reals") -> None:
        import numpy as np
        from scipy import sparse

        most = max(map(len, answers))
        filled = [own + own[-1:] * (most - len(own)) for own in answers]
        self._near, self._right = near, right
        self._worth = np.array([[worth for worth, _ in own] for own in filled])
        used = [np.array([used for _, used in own]) for own in filled]
        self._used: Any = sparse.csr_matrix(np.concatenate(used))
        self._back: Any = self._used.T.tocsr()
        self._steep = SHARED * max(float(np.abs(own @ own.T).sum(axis=1).max()) for own in used)
        self._shares = np.full(self._worth.shape, 1.0 / most)

    def least(self, length: float) -> "tuple[Reals, float]":
        """Return the prices with the least model plus squared distance by twice `length`, and that model.

        Solved by accelerated gradients over the shares that each topic's answers have in the outcome.
        """

        shares = ahead = self._shares
        pace, step = 1.0, 1.0 / max(1.0, length * self._steep)
        for _ in range(STEPS):
            slope = self._earned(self._prices(ahead, length))
            new = _onto_shares(ahead + step * slope)
            faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
            uphill = float((slope * (new - shares)).sum()) >= 0
            settled = float(abs(new - shares).max()) < SETTLED
            ahead = new + (pace - 1) / faster * (new - shares) if uphill else new
            shares, pace = new, faster if uphill else 1.0
            if settled:
                break
        self._shares = shares
        prices = self._prices(shares, length)
        return prices, self.at(prices)

    def at(self, prices: "Reals") -> float:
        """Return the model at some prices."""
        return float(self._right @ prices + self._earned(prices).max(axis=1).sum())

    def _prices(self, shares: "Reals", length: float) -> "Reals":
        import numpy as np

        used: Reals = np.asarray(self._back @ shares.ravel(), dtype=np.float64)
        return np.maximum(0.0, self._near - length * (self._right - used))

    def _earned(self, prices: "Reals") -> "Reals":
        import numpy as np

        cost: Reals = np.asarray(self._used @ prices, dtype=np.float64)
        return self._worth - cost.reshape(self._worth.shape)


def _onto_shares(wanted: "Reals") -> "Reals":
    """Return the nearest rows that are not negative and sum to one."""
    import numpy as np

    falling = -np.sort(-wanted, axis=1)
    level = (np.cumsum(falling, axis=1) - 1) / np.arange(1, wanted.shape[1] + 1)
    last = (falling > level).sum(axis=1) - 1
    found: Reals = np.maximum(0.0, wanted - level[np.arange(len(wanted)), last][:, None])
    return found
