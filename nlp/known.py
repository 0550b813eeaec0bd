"""What people said of some achievements tells something of similar ones: for the same need most of all.

Every graded pair differs by a surprise from what the texts alone led to expect. A surprise spreads to pairs
that are alike (a Gaussian process over need and achievement), so that a rejected coating pulls down its
neighbours for that need, and a little for similar needs. `matchmaker evaluate --train` uses it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]
# Found on held-back achievements of the graded pairs: docs/notebook-matching.md.
REACH = 1.2  # how soon likeness of achievements fades
NEED_REACH = 0.6  # and of needs
SAME_NEED = 0.7
ANY_NEED = 1.0
SAME_PAIR = 1.0  # the very same texts graded again: people agree with themselves about so much
NOISE = 0.5  # the variance of a grade, in levels squared, over that of the surprises


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Places of needs and achievements in the likeness tables, and what texts alone let expect (1 to 4)."""

    needs: Places
    achievements: Places
    expected: Array


class KnownGrades:
    """Learns surprises of graded pairs of many needs; where grades begin is fitted on held-out estimates."""

    def __init__(self, pairs: Pairs, levels: Array, *, achievements_alike: Array, needs_alike: Array) -> None:
        """Learn from graded pairs; the tables hold how alike all achievements, and all needs, are."""
        self._pairs, self._achievements, self._needs = pairs, achievements_alike, needs_alike
        kernel = self._kernel(pairs, pairs)
        kernel[np.diag_indices_from(kernel)] += NOISE
        inverse = np.linalg.inv(kernel)
        self._dual = inverse @ (levels - pairs.expected)
        # each pair's estimate as if it had not been graded (Rasmussen & Williams 2006, 5.12)
        held_out = levels - self._dual / np.diag(inverse)
        self._slope, self._cuts = fit_scale(held_out, levels)

    def reached(self, expected: Array) -> Array:
        """Return (pairs, 3): the probability of at least weak, at least fair, and strong."""
        return np.asarray(1 / (1 + np.exp(self._cuts - self._slope * expected[:, None])))

    def expected(self, pairs: Pairs) -> Array:
        """Return the expected level of pairs after what was learnt."""
        return np.asarray(pairs.expected + self._kernel(pairs, self._pairs) @ self._dual)

    def _kernel(self, ours: Pairs, known: Pairs) -> Array:
        alike = np.exp((self._achievements[np.ix_(ours.achievements, known.achievements)] - 1) / REACH)
        needs = np.exp((self._needs[np.ix_(ours.needs, known.needs)] - 1) / NEED_REACH)
        same = ours.needs[:, None] == known.needs[None, :]
        kernel = alike * (ANY_NEED * needs + SAME_NEED * same)
        kernel += SAME_PAIR * (same & (ours.achievements[:, None] == known.achievements[None, :]))
        return np.asarray(kernel)


def fit_scale(expected: Array, levels: Array) -> tuple[float, Array]:
    """Return a slope and three cut points: the odds of reaching a grade are exp(slope * expected - cut)."""
    from scipy.optimize import minimize

    reached = np.stack([levels >= level for level in (2, 3, 4)], axis=1)

    def loss(values: Array) -> float:
        margin = (values[0] * expected)[:, None] - values[1:]
        return float(np.logaddexp(0, np.where(reached, -margin, margin)).mean())

    found = minimize(loss, np.array([2.0, 3.0, 5.0, 7.0]), method="BFGS").x
    return float(found[0]), np.asarray(found[1:])
