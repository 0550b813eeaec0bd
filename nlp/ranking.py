"""Learning to rank over the part scores: a small shipped linear model, and one fitted on graded pairs.

The shipped model was fitted on pairs graded by technology-transfer staff; `nlp/data/ranker.json` says on
which. Where graded pairs of the bureau's own needs exist, `GradedRanker` learns from them: above all from
what was said about similar achievements for the same need. Without them the shipped model ranks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.similarity import standard

Array = NDArray[np.float64]
SHIPPED = Path(__file__).resolve().parent / "data" / "ranker.json"
NOTHING_GRADED = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """One need's candidates: their part scores (candidates, parts) and what tells them apart."""

    need: str
    parts: Array
    achievements: NDArray[np.int64]
    levels: Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike achievements are to each other and needs to each other, each from -1 to 1."""

    achievements: Array
    needs: Array
    need_places: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a model says of one need's candidates: the order by `score`, the grade by `level` (1 to 4)."""

    score: Array
    level: NDArray[np.int64]


def features(parts: Array) -> Array:
    """Return part scores raw, in standard deviations among the candidates, and as ranks from 0 to 1."""
    centred = np.stack([standard(column.astype(np.float32)) for column in parts.T], axis=1)
    ranks = np.stack([_ranks(column) for column in parts.T], axis=1)
    return np.hstack([parts, centred, ranks]).astype(np.float64)


def _ranks(values: Array) -> Array:
    """Return ranks from 0 for the lowest to 1 for the highest, equal values sharing theirs."""
    ordered = np.sort(values)
    below, through = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    return np.asarray((below + through - 1) / 2 / max(len(values) - 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearRanker:
    """Expected level as a weighted sum of standardised features, and the cut points between levels."""

    mean: Array
    spread: Array
    weights: Array
    intercept: float
    cuts: tuple[float, float, float]

    def estimate(self, candidates: Candidates) -> Estimate:
        """Rank and grade one need's candidates."""
        score = ((features(candidates.parts) - self.mean) / self.spread) @ self.weights + self.intercept
        return Estimate(score=score, level=levels_of(score, self.cuts))


def levels_of(score: Array, cuts: Sequence[float]) -> NDArray[np.int64]:
    """Return the level (1 to 4) of each expected level."""
    return np.asarray(np.searchsorted(np.asarray(cuts), score, side="right") + 1, dtype=np.int64)


def best_cuts(score: Array, levels: Array) -> tuple[float, float, float]:
    """Return the cut points with the smallest mean absolute error, each searched with the others held."""
    cuts = [1.5, 2.5, 3.3]
    for _ in range(3):
        for place in range(3):
            tried = np.arange(1.2, 4.0, 0.02)
            errors = [_error(score, levels, [*cuts[:place], cut, *cuts[place + 1 :]]) for cut in tried]
            cuts[place] = float(tried[int(np.argmin(errors))])
    return cuts[0], cuts[1], cuts[2]


def _error(score: Array, levels: Array, cuts: list[float]) -> float:
    if cuts != sorted(cuts):
        return float("inf")
    return float(np.abs(levels_of(score, cuts) - levels).mean())


def fit_linear(graded: Sequence[Candidates], *, damping: float = 100.0) -> LinearRanker:
    """Fit the linear model on graded candidates by ridge regression; the cut points on the same."""
    rows = np.vstack([features(one.parts) for one in graded])
    levels = np.concatenate([_levels(one) for one in graded])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = (rows - mean) / spread
    weights = np.linalg.solve(
        scaled.T @ scaled + damping * np.eye(rows.shape[1]), scaled.T @ (levels - levels.mean())
    )
    score = scaled @ weights + levels.mean()
    return LinearRanker(
        mean=mean,
        spread=spread,
        weights=weights,
        intercept=float(levels.mean()),
        cuts=best_cuts(score, levels),
    )


def _levels(candidates: Candidates) -> Array:
    if candidates.levels is None:
        raise ValueError(f"the candidates of {candidates.need} have no levels to learn from")
    return candidates.levels


def save_linear(ranker: LinearRanker, path: Path, *, parts: Sequence[str], origin: str) -> None:
    """Write the shipped model as readable numbers with a note of where they come from."""
    path.write_text(
        json.dumps(
            {
                "origin": origin,
                "parts": list(parts),
                "mean": np.round(ranker.mean, 6).tolist(),
                "spread": np.round(ranker.spread, 6).tolist(),
                "weights": np.round(ranker.weights, 6).tolist(),
                "intercept": round(ranker.intercept, 6),
                "cuts": [round(cut, 4) for cut in ranker.cuts],
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


@lru_cache(maxsize=1)
def load_linear(path: Path = SHIPPED) -> LinearRanker:
    """Read the shipped model."""
    held = json.loads(path.read_text(encoding="utf-8"))
    return LinearRanker(
        mean=np.array(held["mean"]),
        spread=np.array(held["spread"]),
        weights=np.array(held["weights"]),
        intercept=held["intercept"],
        cuts=(held["cuts"][0], held["cuts"][1], held["cuts"][2]),
    )


class GradedRanker:
    """Learns from graded pairs: forests over features and graded neighbours, and a kernel over both sides."""

    def __init__(self, graded: Sequence[Candidates], likeness: Likeness, *, seed: int = 0) -> None:
        self._likeness = likeness
        self._need = np.array([likeness.need_places[one.need] for one in graded for _ in one.achievements])
        self._achievement = np.concatenate([one.achievements for one in graded])
        self._levels = np.concatenate([_levels(one) for one in graded])
        self._mean = float(self._levels.mean())
        rows = np.vstack([features(one.parts) for one in graded])
        self._centre, self._spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
        self._rows = (rows - self._centre) / self._spread
        usual = {need: self._levels[self._need == need].mean() for need in np.unique(self._need)}
        self._relative = self._levels - np.array([usual[need] for need in self._need])
        self._fit_kernel()
        self._fit_trees(seed)

    def estimate(self, candidates: Candidates) -> Estimate:
        """Rank and grade one need's candidates, with what is known of this need's other candidates."""
        place = self._likeness.need_places[candidates.need]
        needs = np.full(len(candidates.achievements), place)
        rows = (features(candidates.parts) - self._centre) / self._spread
        everything = np.ones(len(self._levels), dtype=bool)
        near = self._neighbours(needs, candidates.achievements, everything)
        by_kernel = self._kernel(rows, needs, candidates.achievements) @ self._dual
        by_order = self._order_trees.predict(np.hstack([rows, near[:, :-2]]))
        by_level = self._level_trees.predict(np.hstack([rows, near]))
        expected = (by_kernel[:, 1] + self._mean + by_level) / 2
        cuts = KNOWN_CUTS if np.any(self._need == place) else UNKNOWN_CUTS
        return Estimate(score=by_kernel[:, 0] + by_order, level=levels_of(expected, cuts))

    def _kernel(self, rows: Array, needs: NDArray[np.int64], achievements: NDArray[np.int64]) -> Array:
        """Return how much each candidate shares with each graded pair: features, need and achievement."""
        linear = rows @ self._rows.T / rows.shape[1]
        alike = _near(self._likeness.achievements[np.ix_(achievements, self._achievement)])
        need_alike = _near(self._likeness.needs[np.ix_(needs, self._need)])
        same = needs[:, None] == self._need[None, :]
        return np.asarray(0.5 * linear + alike * (0.7 * same + 0.5 * need_alike))

    def _fit_kernel(self) -> None:
        kernel = self._kernel(self._rows, self._need, self._achievement)
        kernel[np.diag_indices_from(kernel)] += 1.0
        aims = np.stack([self._relative, self._levels - self._mean], axis=1)
        self._dual = np.linalg.solve(kernel, aims)

    def _fit_trees(self, seed: int) -> None:
        """Fit both forests; a pair's neighbours come from the other fifths, as they will for new pairs."""
        from sklearn.ensemble import ExtraTreesRegressor

        fifth = np.random.default_rng(seed).permutation(len(self._levels)) % 5
        near = np.zeros((len(self._levels), NEIGHBOUR_FEATURES))
        for part in range(5):
            held = fifth == part
            near[held] = self._neighbours(self._need[held], self._achievement[held], ~held)
        shape: dict[str, Any] = {
            "n_estimators": 250,
            "min_samples_leaf": 4,
            "max_features": 0.3,
            "random_state": seed,
        }
        self._order_trees = ExtraTreesRegressor(**shape).fit(
            np.hstack([self._rows, near[:, :-2]]), self._relative
        )
        self._level_trees = ExtraTreesRegressor(**shape).fit(np.hstack([self._rows, near]), self._levels)

    def _neighbours(
        self, needs: NDArray[np.int64], achievements: NDArray[np.int64], known: NDArray[np.bool_]
    ) -> Array:
        """Describe each pair by the grades of similar achievements for its need, and its own elsewhere."""
        return np.array(
            [
                self._neighbours_of(int(need), int(achievement), known)
                for need, achievement in zip(needs, achievements, strict=True)
            ]
        )

    def _neighbours_of(self, need: int, achievement: int, known: NDArray[np.bool_]) -> list[float]:
        here = np.flatnonzero(known & (self._need == need) & (self._achievement != achievement))
        there = np.flatnonzero(known & (self._need != need) & (self._achievement == achievement))
        return [
            *self._elsewhere(need, there),
            *self._same_need(achievement, here),
        ]

    def _elsewhere(self, need: int, there: NDArray[np.int64]) -> list[float]:
        """Return the grade this achievement got for similar needs, and how often it was graded."""
        weight = np.exp((self._likeness.needs[need, self._need[there]] - 1) / 0.2)
        mean = (weight @ self._levels[there] + 0.02 * self._mean) / (weight.sum() + 0.02)
        return [float(mean), float(len(there))]

    def _same_need(self, achievement: int, here: NDArray[np.int64]) -> list[float]:
        """Return what this need's graded achievements like this one were worth; the last two: its usual."""
        if not len(here):
            return [0.0, 0.0, NOTHING_GRADED, NOTHING_GRADED, 0.0, self._mean, 0.0]
        grades = self._levels[here]
        alike = self._likeness.achievements[achievement, self._achievement[here]]
        usual = float((grades.sum() + 5 * self._mean) / (len(here) + 5))
        narrow, wide = (np.exp((alike - 1) / reach) for reach in (0.1, 0.25))
        weighed = [
            float((weight @ grades + usual * 0.002) / (weight.sum() + 0.002)) - usual
            for weight in (narrow, wide)
        ]
        good = float(np.max(alike[grades >= 3], initial=NOTHING_GRADED))
        bad = float(np.max(alike[grades <= 1], initial=NOTHING_GRADED))
        return [*weighed, good, bad, good - bad, usual, float(len(here))]


NEIGHBOUR_FEATURES = 9
# Cut points between levels on the expected level, found on held-out folds: for needs of which some candidates
# are graded, and for new needs, where the estimate stays closer to the middle.
KNOWN_CUTS = (1.62, 2.44, 3.12)
UNKNOWN_CUTS = (1.64, 2.7, 3.36)


def _near(alike: Array) -> Array:
    """Turn a likeness from -1 to 1 into a kernel that fades smoothly."""
    return np.asarray(np.exp((alike - 1) / 0.6))
