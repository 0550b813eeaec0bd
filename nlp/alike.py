"""What people said of some achievements, carried over to similar ones, in serving.

The model is that of `nlp.known`: every graded pair differs by a surprise from what texts and forms let
expect, and a surprise spreads to pairs that are alike. Here a fit keeps one pull per graded pair, so that the
proposals of a need are moved by one weighted sum and every move can be traced to the pairs behind it.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Found on held-back achievements of the graded pairs, for this kernel: docs/notebook-matching.md.
REACH = 1.2  # how soon likeness of achievements fades
NEED_REACH = 0.6  # and of needs
SAME_NEED = 0.7
ANY_NEED = 1.0
NOISE = 0.5  # the variance of a grade, in levels squared, over that of the surprises
FARTHEST = 1.0  # in levels: what was said of others never moves a pair by more than one grade
_STEPS = 50
_WIDEST = 12.0


def nearness(achievements_alike: Array, needs_alike: Array, *, same_need: NDArray[np.bool_]) -> Array:
    """Return how far a surprise carries, (ours, graded): from likeness of achievements and of needs."""
    alike = np.exp((achievements_alike - 1) / REACH)
    return np.asarray(alike * (ANY_NEED * np.exp((needs_alike - 1) / NEED_REACH) + SAME_NEED * same_need))


def pulls(near: Array, surprises: Array) -> tuple[Array, Array]:
    """Return every graded pair's pull, and by how much the others together would have moved it.

    `near` is (graded, graded). The second is the leave-one-out estimate (Rasmussen & Williams 2006, 5.12).
    """
    inverse = np.linalg.inv(near + NOISE * np.eye(len(near)))
    dual = inverse @ surprises
    return dual, surprises - dual / np.diag(inverse)


def expected(margins: Array) -> Array:
    """Return the mean level, 1 to 4, from the margins over the three cuts, (pairs, 3)."""
    return np.asarray(1 + (1 / (1 + np.exp(-margins))).sum(axis=1))


def moved(margins: Array, levels: Array) -> Array:
    """Return what must be added to a pair's margins for its mean level to move by so many levels."""
    aim = np.clip(expected(margins) + np.clip(levels, -FARTHEST, FARTHEST), 1.001, 3.999)
    low, high = np.full(len(aim), -_WIDEST), np.full(len(aim), _WIDEST)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        less = expected(margins + middle[:, None]) < aim
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return np.asarray((low + high) / 2)
