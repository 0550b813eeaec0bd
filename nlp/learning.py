"""Learns the weights of the parts, and where grades begin, from graded pairs.

An ordinal logistic model: the odds of reaching a grade are exp(blend - cut). No weight may be negative,
because a clerk could not be told why more in common should count less. Nothing is random.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.scale import Scale, TextWeights

Array = NDArray[np.float64]
LEVELS = (2, 3, 4)
DAMPING = 0.002
LEAST_SPREAD = 1e-6


def fit(names: Sequence[str], parts: Array, levels: Array, *, damping: float = DAMPING) -> TextWeights:
    """Return weights and cut points fitted to part scores (pairs, names) and levels (pairs,) from 1 to 4.

    Proportional odds (McCullagh 1980) with damped weights. The keyword weights are the same as the others.
    """
    from scipy.optimize import minimize

    spread, centre = np.maximum(parts.std(axis=0), LEAST_SPREAD), parts.mean(axis=0)
    scaled = (parts - centre) / spread
    signs = np.where(np.stack([levels >= level for level in LEVELS], axis=1), -1.0, 1.0)

    def loss(values: Array) -> tuple[float, Array]:
        weights = values[:-3]
        signed = signs * ((scaled @ weights)[:, None] - values[-3:])
        slope = signs / (1 + np.exp(-signed)) / signed.size
        to_weights = scaled.T @ slope.sum(axis=1) + 2 * damping * weights
        mean = np.logaddexp(0, signed).mean() + damping * (weights**2).sum()
        return float(mean), np.concatenate([to_weights, -slope.sum(axis=0)])

    start = np.array([0.05] * len(names) + [0.0, 2.0, 3.0])
    bounds = [(0.0, None)] * len(names) + [(None, None)] * 3
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}).x
    weights = found[:-3] / spread
    weak, fair, strong = np.maximum.accumulate(found[-3:] + centre @ weights).tolist()
    named = {name: float(weight) for name, weight in zip(names, weights, strict=True)}
    scale = Scale(weak_from=weak, fair_from=fair, strong_from=strong)
    return TextWeights(parts=named, keyword_parts=named, scale=scale)
