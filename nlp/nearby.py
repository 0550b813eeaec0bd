"""Reads a pair's level off the grades that people gave for the same need to achievements like it.

Forests learn it on the graded pairs, each described by the others: one of randomised trees (Geurts et al.
2006) and one of trees grown on samples (Breiman 2001), whose errors differ. They see what no smooth spreading
of surprises does: how a need's graders use the scale, how close the nearest good and bad ones are, what the
same title got before, there and for other needs. Seeded; same grades, same forests.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]
TREES = 200  # of either kind
LEAST_IN_A_LEAF = 5
READ_AT_A_SPLIT = {"randomised": 0.5, "sampled": 0.3}  # of all features
SEED = 20261130
SHARPNESS = (4.0, 12.0)  # how much more a closer neighbour's grade counts
USUAL_LEVEL = 2.0
NEAREST = 5
NONE_ALIKE = -1.0  # as far as likeness goes
SHARPNESS_ELSEWHERE = 8.0  # of achievements, where grades of other needs are weighed
SHARPNESS_OF_NEEDS = 6.0
SHARPNESS_OF_TITLES = 12.0  # of achievements, whatever the need
SETS = 5
NOBODY = np.zeros(0, dtype=np.int64)


class Nearby:
    """Grades by need, and forests on them; `learn` once, then ask."""

    def __init__(
        self, needs: Places, achievements: Places, levels: Array, *, alike: Array, needs_alike: Array
    ) -> None:
        """Take graded pairs; the tables tell how alike all achievements, and all needs, are."""
        self._needs, self._achievements, self._levels = needs, achievements, levels
        self._alike, self._needs_alike = alike, needs_alike
        self._of_need = {int(need): np.flatnonzero(needs == need) for need in np.unique(needs)}
        self._forests: list[Any] = []
        self.sets = _sets(needs, achievements)

    def counts(self, needs: Places) -> Places:
        """Return how many grades there are for each pair's need."""
        return np.array([len(self._of_need.get(int(need), NOBODY)) for need in needs], dtype=np.int64)

    def learn(self, told: Array) -> None:
        """Learn from the graded pairs; `told` is what else is known of each without the grades of its set."""
        from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

        rows = [
            self._features(int(need), int(achievement), known[self.sets[known] != own])
            for need, achievement, own in zip(self._needs, self._achievements, self.sets, strict=True)
            for known in [self._of_need[int(need)]]
        ]
        features, levels = np.column_stack([told, rows]), self._levels.astype(int)
        kinds = {"randomised": ExtraTreesClassifier, "sampled": RandomForestClassifier}
        self._forests = [
            kind(
                TREES,
                min_samples_leaf=LEAST_IN_A_LEAF,
                max_features=READ_AT_A_SPLIT[name],
                random_state=SEED,
            ).fit(features, levels)
            for name, kind in kinds.items()
        ]

    def reached(self, needs: Places, achievements: Places, told: Array) -> Array:
        """Return (pairs, 3): the probability of at least 2, at least 3, and 4."""
        rows = [
            self._features(int(need), int(achievement), self._of_need.get(int(need), NOBODY))
            for need, achievement in zip(needs, achievements, strict=True)
        ]
        features, classes = np.column_stack([told, rows]), self._forests[0].classes_
        chances = sum(forest.predict_proba(features) for forest in self._forests) / len(self._forests)
        return np.stack([chances[:, classes >= level].sum(axis=1) for level in (2, 3, 4)], axis=1)

    def _features(self, need: int, achievement: int, others: Places) -> list[float]:
        """Describe a pair by these other grades of its need, and by the grades of all other needs."""
        levels, alike = self._levels[others], self._alike[achievement, self._achievements[others]]
        same = levels[self._achievements[others] == achievement]
        return [
            *_of_the_need(levels, alike),
            *_closest(levels, alike),
            *_of_the_title(same),
            *self._elsewhere(need, achievement),
        ]

    def _elsewhere(self, need: int, achievement: int) -> list[float]:
        """Describe a pair by what other needs' graders said of like achievements."""
        other = self._needs != need
        if not other.any():
            return [USUAL_LEVEL, 0.0, USUAL_LEVEL, *_of_the_title(self._levels[other])]
        levels, needs_alike = self._levels[other], self._needs_alike[need, self._needs[other]]
        alike = self._alike[achievement, self._achievements[other]]
        near = np.exp(SHARPNESS_ELSEWHERE * (alike - 1) + SHARPNESS_OF_NEEDS * (needs_alike - 1))
        near_titles = np.exp(SHARPNESS_OF_TITLES * (alike - 1))
        return [
            float(near @ levels / near.sum()),
            float(np.log(near.sum())),
            float(near_titles @ levels / near_titles.sum()),
            *_of_the_title(levels[self._achievements[other] == achievement]),
        ]


def _of_the_need(levels: Array, alike: Array) -> list[float]:
    """Describe how a need's graders use the scale, and what they said of the achievements most alike."""
    if not len(levels):
        return [USUAL_LEVEL, 0, 0, 0, 0, *(USUAL_LEVEL for _ in SHARPNESS), 0, USUAL_LEVEL, 0]
    nearest = int(np.argmax(alike))
    weights = [np.exp(sharpness * (alike - 1)) for sharpness in SHARPNESS]
    return [
        float(levels.mean()),
        *(float((levels == level).mean()) for level in (1, 3, 4)),
        float(levels.std()),
        *(float(weight @ levels / weight.sum()) for weight in weights),
        float(alike[nearest]),
        float(levels[nearest]),
        float(len(levels)),
    ]


def _closest(levels: Array, alike: Array) -> list[float]:
    """Describe how close the nearest good, bad, best and weak ones are, and the mean of the nearest few."""
    good, bad, best, weak = (
        float(alike[chosen].max(initial=NONE_ALIKE))
        for chosen in (levels >= 3, levels <= 1, levels == 4, levels == 2)
    )
    few = levels[np.argsort(-alike, kind="stable")[:NEAREST]]
    return [good, bad, best, weak, good - bad, float(few.mean()) if len(few) else USUAL_LEVEL]


def _of_the_title(levels: Array) -> list[float]:
    """Describe what the very same title got: its mean, none being 0, and how often."""
    return [float(levels.mean()) if len(levels) else 0.0, float(len(levels))]


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
