"""What people said of some achievements tells something of similar ones: for the same need most of all.

Every graded pair differs by a surprise from what the texts alone led to expect. A surprise spreads to pairs
that are alike (a Gaussian process over need and achievement), so that a rejected coating pulls down its
neighbours for that need, and a little for similar needs. For needs with grades of their own a forest reads
this estimate beside the grades nearby (`nlp.nearby`). `matchmaker evaluate --train` and `--folds` use it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.nearby import Nearby

Array = NDArray[np.float64]
Places = NDArray[np.int64]
# Found on graded pairs left out one by one, and need by need: docs/notebook-matching.md.
REACH = 1.2  # how soon likeness of achievements fades
NEED_REACH = 0.576  # and of needs
PARTS_REACH = 2.0  # and of the parts of the score, in spreads squared
EXPECTED_REACH = 1.0  # and of what the texts let expect
SAME_NEED = 0.42
ANY_NEED = 2.56
SAME_PARTS = 0.3  # a need's graders weigh the parts in their own way
LIKE_EXPECTED = 0.3  # and those of similar needs are as strict or as kind
SAME_PAIR = 0.12  # the very same texts graded again
NOISE = 0.18  # the variance of a grade, in levels squared, over that of the surprises
LEAST_OF_A_NEED = 5  # with fewer grades of its own a need is a new one
FOREST_SHARE = 0.75  # of the chances; the rest comes from the process
ROWS_AT_ONCE = 512
LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Places of needs and achievements in the likeness tables, part scores (pairs, names), and levels.

    The levels (1 to 4) in `expected` are what the texts alone let expect.
    """

    needs: Places
    achievements: Places
    parts: Array
    expected: Array

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.needs)

    def some(self, places: Places | slice) -> "Pairs":
        """Return the pairs at these places."""
        return Pairs(
            needs=self.needs[places],
            achievements=self.achievements[places],
            parts=self.parts[places],
            expected=self.expected[places],
        )


class KnownGrades:
    """Learns surprises of graded pairs of many needs; where grades begin is fitted on held-out estimates."""

    def __init__(self, pairs: Pairs, levels: Array, *, achievements_alike: Array, needs_alike: Array) -> None:
        """Learn from graded pairs; the tables hold how alike all achievements, and all needs, are."""
        self._achievements, self._needs = achievements_alike, needs_alike
        self._spread = np.maximum(pairs.parts.std(axis=0), LEAST_SPREAD)
        self._expected_spread = max(float(pairs.expected.std()), LEAST_SPREAD)
        self._pairs = pairs
        inverse = _inverse(self._kernel(pairs, pairs))
        self._dual = inverse @ (levels - pairs.expected)
        self._nearby = Nearby(
            pairs.needs, pairs.achievements, levels, alike=achievements_alike, needs_alike=needs_alike
        )
        held_out = levels - _missed(inverse, self._dual, self._nearby.sets)
        self._scale = fit_scale(held_out, levels)
        self._scale_of_new = fit_scale(levels - _missed(inverse, self._dual, pairs.needs), levels)
        self._nearby.learn(self._told(pairs, held_out))

    def reached(self, pairs: Pairs) -> Array:
        """Return (pairs, 3): the probability of at least weak, at least fair, and strong."""
        expected = self.expected(pairs)
        reached = _chances(expected, self._scale_of_new)
        graded = np.flatnonzero(self._nearby.counts(pairs.needs) >= LEAST_OF_A_NEED)
        if len(graded):
            mine = pairs.some(graded)
            told = self._told(mine, expected[graded])
            nearby = self._nearby.reached(mine.needs, mine.achievements, told)
            process = _chances(expected[graded], self._scale)
            reached[graded] = FOREST_SHARE * nearby + (1 - FOREST_SHARE) * process
        return reached

    def expected(self, pairs: Pairs) -> Array:
        """Return the expected level of pairs after what was learnt from the surprises."""
        found = [block @ self._dual for _, block in self._blocks(pairs, self._pairs)]
        return np.asarray(pairs.expected + (np.concatenate(found) if found else 0.0))

    def _told(self, pairs: Pairs, estimates: Array) -> Array:
        """Return what is known of a pair beside the grades nearby."""
        return np.column_stack([estimates, pairs.expected, pairs.parts])

    def _kernel(self, ours: Pairs, known: Pairs) -> Array:
        kernel = np.empty((len(ours), len(known)))
        for rows, block in self._blocks(ours, known):
            kernel[rows] = block
        return kernel

    def _blocks(self, ours: Pairs, known: Pairs) -> Iterator[tuple[slice, Array]]:
        """Yield how far surprises spread, some rows at a time: all at once would need many tables."""
        for start in range(0, len(ours), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            yield rows, self._block(ours.some(rows), known)

    def _block(self, ours: Pairs, known: Pairs) -> Array:
        alike = np.exp((self._achievements[np.ix_(ours.achievements, known.achievements)] - 1) / REACH)
        needs = np.exp((self._needs[np.ix_(ours.needs, known.needs)] - 1) / NEED_REACH)
        same = ours.needs[:, None] == known.needs[None, :]
        parts = _distances(ours.parts / self._spread, known.parts / self._spread) / ours.parts.shape[1]
        apart = ((ours.expected[:, None] - known.expected[None, :]) / self._expected_spread) ** 2
        kernel = alike * (ANY_NEED * needs + SAME_NEED * same)
        kernel += SAME_PARTS * same * np.exp(-parts / PARTS_REACH)
        kernel += LIKE_EXPECTED * needs * np.exp(-apart / EXPECTED_REACH)
        kernel += SAME_PAIR * (same & (ours.achievements[:, None] == known.achievements[None, :]))
        return np.asarray(kernel)


def _distances(ours: Array, known: Array) -> Array:
    """Return squared distances."""
    squares = (ours**2).sum(axis=1)[:, None] + (known**2).sum(axis=1)[None, :]
    return np.asarray(np.maximum(squares - 2 * ours @ known.T, 0.0))


def _inverse(kernel: Array) -> Array:
    """Return the inverse of a kernel with the noise of grades on it, by Cholesky; the kernel is used up."""
    from scipy.linalg import lapack

    kernel[np.diag_indices_from(kernel)] += NOISE
    lower, failed = lapack.dpotrf(kernel.T, lower=1, overwrite_a=1)
    if failed:
        raise ValueError("the likeness tables make no kernel")
    inverse, _ = lapack.dpotri(lower, lower=1, overwrite_c=1)
    for start in range(0, len(inverse), ROWS_AT_ONCE):  # a table of twelve thousand pairs is copied nowhere
        rows = slice(start, start + ROWS_AT_ONCE)
        square = np.tril(inverse[rows, rows])
        inverse[rows, rows] = square + np.tril(square, -1).T
        inverse[:start, rows] = inverse[rows, :start].T
    return np.asarray(inverse)


def _missed(inverse: Array, dual: Array, sets: Places) -> Array:
    """Return by how much each level differs from its estimate had no pair of its set been graded.

    Rasmussen & Williams 2006, 5.12, for several pairs at once.
    """
    missed = np.empty(len(sets))
    order = np.argsort(sets, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(sets[order])) + 1):
        missed[mine] = np.linalg.solve(inverse[np.ix_(mine, mine)], dual[mine])
    return missed


def _chances(expected: Array, scale: tuple[float, Array]) -> Array:
    """Return (pairs, 3): the probability of reaching each grade on a scale."""
    slope, cuts = scale
    return np.asarray(1 / (1 + np.exp(cuts - slope * expected[:, None])))


def fit_scale(expected: Array, levels: Array) -> tuple[float, Array]:
    """Return a slope and three cut points: the odds of reaching a grade are exp(slope * expected - cut)."""
    from scipy.optimize import minimize

    reached = np.stack([levels >= level for level in (2, 3, 4)], axis=1)

    def loss(values: Array) -> float:
        margin = (values[0] * expected)[:, None] - values[1:]
        return float(np.logaddexp(0, np.where(reached, -margin, margin)).mean())

    found = minimize(loss, np.array([2.0, 3.0, 5.0, 7.0]), method="BFGS").x
    return float(found[0]), np.asarray(found[1:])
