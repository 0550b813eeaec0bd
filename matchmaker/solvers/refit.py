"""Re-fits the weights of the score to graded pairs, held to the shipped ones, and measures the result.

An ordinal logistic model (proportional odds, McCullagh 1980): the odds of reaching a grade are
exp(blend - cut). The shipped weights are the middle of the prior, worth `PRIOR_PAIRS` graded pairs, so
that few observations move little. No weight may be negative, because a clerk could not be told why
more in common should count less. Nothing is random: same data, same weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.learned import SIGNALS, Learned
from matchmaker.domain.matching import Cuts

Array = NDArray[np.float64]
LEVELS = (2, 3, 4)
PRIOR_PAIRS = 200.0
DAMPING = 0.02
LEAST_SPREAD = 0.005  # of a part: where all pairs are alike in it, nothing can be learnt about it
FOLDS = 5
TOP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """One graded pair: its need, its parts by name with the signals as one more, its level 1 to 4."""

    need_id: int
    parts: Mapping[str, float]
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """nDCG@10 over needs whose pairs differ in level (None without such), and the log loss of the grades."""

    ndcg10: float | None
    log_loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The shipped weights and learnt ones, the latter always on needs that their fit had not seen."""

    before: Quality
    after: Quality

    @property
    def no_worse(self) -> bool:
        """Whether neither the order nor the probabilities lose."""
        order_before, order_after = self.before.ndcg10 or 0.0, self.after.ndcg10 or 0.0
        return order_after >= order_before - 1e-6 and self.after.log_loss <= self.before.log_loss + 1e-6


def refit(shipped: Learned, graded: Sequence[Graded]) -> Learned:
    """Return the shipped weights moved towards what the grades say."""
    from scipy.optimize import minimize

    names = (*shipped.parts, SIGNALS)
    rows = _rows(names, graded)
    spread, centre = np.maximum(rows.std(axis=0), LEAST_SPREAD), rows.mean(axis=0)
    scaled = (rows - centre) / spread
    levels = np.array([pair.level for pair in graded])
    signs = np.where(np.stack([levels >= level for level in LEVELS], axis=1), -1.0, 1.0)
    start = np.concatenate([_weights(shipped) * spread, _cuts(shipped) - centre @ _weights(shipped)])
    pull = DAMPING * PRIOR_PAIRS / (PRIOR_PAIRS + len(graded))

    def loss(values: Array) -> tuple[float, Array]:
        signed = signs * ((scaled @ values[:-3])[:, None] - values[-3:])
        slope = signs / (1 + np.exp(-signed)) / signed.size
        away = values - start
        gradient = np.concatenate([scaled.T @ slope.sum(axis=1), -slope.sum(axis=0)]) + 2 * pull * away
        return float(np.logaddexp(0, signed).mean() + pull * (away**2).sum()), gradient

    bounds = [(0.0, None)] * len(names) + [(None, None)] * 3
    options = {"maxiter": 500}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    weights = found[:-3] / spread
    weak, fair, strong = (float(cut) for cut in np.maximum.accumulate(found[-3:] + centre @ weights))
    parts = {name: float(weight) for name, weight in zip(shipped.parts, weights[:-1], strict=True)}
    return Learned(parts=parts, signals=float(weights[-1]), cuts=Cuts(weak=weak, fair=fair, strong=strong))


def _rows(names: Sequence[str], graded: Sequence[Graded]) -> Array:
    return np.array([[pair.parts.get(name, 0.0) for name in names] for pair in graded], dtype=np.float64)


def _weights(learned: Learned) -> Array:
    return np.array([*learned.parts.values(), learned.signals], dtype=np.float64)


def _cuts(learned: Learned) -> Array:
    return np.array([learned.cuts.weak, learned.cuts.fair, learned.cuts.strong])


def compare(shipped: Learned, graded: Sequence[Graded]) -> Comparison:
    """Return the quality before and after, every need judged by a fit on the needs of other fifths."""
    before, after = margins_of(shipped, graded), held_back(shipped, graded)
    return Comparison(before=quality(before, graded), after=quality(after, graded))


def held_back(shipped: Learned, graded: Sequence[Graded]) -> Array:
    """Return margins, (pairs, 3), every need's by a fit on the needs of other fifths."""
    needs = sorted({pair.need_id for pair in graded})
    fold_of = {need_id: place % FOLDS for place, need_id in enumerate(needs)}
    margins = np.zeros((len(graded), 3))
    for fold in range(FOLDS):
        held = [place for place, pair in enumerate(graded) if fold_of[pair.need_id] == fold]
        taught = [pair for pair in graded if fold_of[pair.need_id] != fold]
        if held:
            learned = refit(shipped, taught) if taught else shipped
            margins[held] = margins_of(learned, [graded[place] for place in held])
    return margins


def margins_of(learned: Learned, graded: Sequence[Graded]) -> Array:
    """Return (pairs, 3): how far each blend lies above each cut."""
    blended = _rows((*learned.parts, SIGNALS), graded) @ _weights(learned)
    return np.asarray(blended[:, None] - _cuts(learned))


def quality(margins: Array, graded: Sequence[Graded]) -> Quality:
    """Return the order's and the probabilities' quality of margins over the three cuts, (pairs, 3)."""
    levels = np.array([pair.level for pair in graded])
    reached = np.stack([levels >= level for level in LEVELS], axis=1)
    loss = float(np.logaddexp(0, np.where(reached, -margins, margins)).mean())
    places: dict[int, list[int]] = {}
    for place, pair in enumerate(graded):
        places.setdefault(pair.need_id, []).append(place)
    found = [_ndcg(margins[held, 1], levels[held]) for held in places.values() if len(set(levels[held])) > 1]
    return Quality(ndcg10=round(float(np.mean(found)), 6) if found else None, log_loss=round(loss, 6))


def _ndcg(margins: Array, levels: NDArray[np.int64]) -> float:
    """Return nDCG@10 with gains 2^(level-1) - 1; among equal margins the worse comes first."""
    order = np.lexsort((levels, -margins))
    return _gain(levels[order]) / _gain(np.sort(levels)[::-1])


def _gain(levels: NDArray[np.int64]) -> float:
    return sum((2.0 ** (int(level) - 1) - 1) / log2(place + 2) for place, level in enumerate(levels[:TOP]))
