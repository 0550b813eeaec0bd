"""Reads a pair's level off the grades that people gave for the same need to achievements like it.

A forest of randomised trees (Geurts et al. 2006) learns it on the graded pairs, each described by the others.
It sees what no smooth spreading of surprises does: how a need's graders use the scale, and what the very
same title got before. Seeded; same grades, same forest.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]
TREES = 300
LEAST_IN_A_LEAF = 8
READ_AT_A_SPLIT = 0.5  # of all features
SEED = 20261130
SHARPNESS = (4.0, 12.0)  # how much more a closer neighbour's grade counts
USUAL_LEVEL = 2.0
SETS = 5
NOBODY = np.zeros(0, dtype=np.int64)


class Nearby:
    """Grades by need, and a forest on them; `learn` once, then ask."""

    def __init__(self, needs: Places, achievements: Places, levels: Array, *, alike: Array) -> None:
        """Take graded pairs; `alike` tells how alike all achievements are."""
        self._needs, self._achievements, self._levels, self._alike = needs, achievements, levels, alike
        self._of_need = {int(need): np.flatnonzero(needs == need) for need in np.unique(needs)}
        self._forest: Any = None
        self.sets = _sets(needs, achievements)

    def counts(self, needs: Places) -> Places:
        """Return how many grades there are for each pair's need."""
        return np.array([len(self._of_need.get(int(need), NOBODY)) for need in needs], dtype=np.int64)

    def learn(self, told: Array) -> None:
        """Learn from the graded pairs; `told` is what else is known of each without the grades of its set."""
        from sklearn.ensemble import ExtraTreesClassifier

        rows = [
            self._features(achievement, known[self.sets[known] != own])
            for need, achievement, own in zip(self._needs, self._achievements, self.sets, strict=True)
            for known in [self._of_need[int(need)]]
        ]
        self._forest = ExtraTreesClassifier(
            TREES, min_samples_leaf=LEAST_IN_A_LEAF, max_features=READ_AT_A_SPLIT, random_state=SEED
        ).fit(np.column_stack([told, rows]), self._levels.astype(int))

    def reached(self, needs: Places, achievements: Places, told: Array) -> Array:
        """Return (pairs, 3): the probability of at least 2, at least 3, and 4."""
        rows = [
            self._features(achievement, self._of_need.get(int(need), NOBODY))
            for need, achievement in zip(needs, achievements, strict=True)
        ]
        chances = self._forest.predict_proba(np.column_stack([told, rows]))
        classes = self._forest.classes_
        return np.stack([chances[:, classes >= level].sum(axis=1) for level in (2, 3, 4)], axis=1)

    def _features(self, achievement: int, others: Places) -> list[float]:
        """Describe a pair by other grades of its need: mean, shares, nearest, and those of the same title."""
        if not len(others):
            return [USUAL_LEVEL, 0, 0, 0, *(USUAL_LEVEL for _ in SHARPNESS), 0, USUAL_LEVEL, 0, 0, 0]
        levels, alike = self._levels[others], self._alike[achievement, self._achievements[others]]
        nearest = int(np.argmax(alike))
        same = levels[self._achievements[others] == achievement]
        weights = [np.exp(sharpness * (alike - 1)) for sharpness in SHARPNESS]
        return [
            float(levels.mean()),
            *(float((levels == level).mean()) for level in (1, 3, 4)),
            *(float(weight @ levels / weight.sum()) for weight in weights),
            float(alike[nearest]),
            float(levels[nearest]),
            float(len(others)),
            float(same.mean()) if len(same) else 0.0,
            float(len(same)),
        ]


def _sets(needs: Places, achievements: Places) -> Places:
    """Cut every need's pairs into a few sets and number them all.

    A pair described by all other grades of its need would give its own away: the others' mean is lower
    where its own is high. Described by the other sets it does not.
    """
    order = np.lexsort((achievements, needs))
    sets = np.empty(len(needs), dtype=np.int64)
    _, first = np.unique(needs[order], return_index=True)
    place_in_need = np.arange(len(needs)) - np.repeat(first, np.diff(np.append(first, len(needs))))
    sets[order] = needs[order] * SETS + place_in_need % SETS
    return sets
