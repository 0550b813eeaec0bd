"""Ranking figures with bootstrap intervals: nDCG@10, P@5, 1/(1+MAE), MRR@10 and recall.

Ties are broken against us: among equal scores the worse answer comes first.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEAST_CANDIDATES = 5
USEFUL_LEVEL = 3
BOOTSTRAPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A mean over cases with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    cases: int


def figure(values: Sequence[float], *, seed: int = 0) -> Figure:
    """Return the mean of the cases and its interval; the same values give the same interval."""
    count = len(values)
    if count == 0:
        return Figure(mean=0.0, low=0.0, high=0.0, cases=0)
    chance = random.Random(seed)  # noqa: S311 - resampling, nothing secret
    means = sorted(sum(chance.choices(values, k=count)) / count for _ in range(BOOTSTRAPS))
    return Figure(mean=sum(values) / count, low=means[25], high=means[974], cases=count)


def gain(levels: Sequence[int]) -> float:
    """Return the discounted gain of the first ten levels."""
    return sum((2.0 ** (level - 1) - 1) / math.log2(place + 2) for place, level in enumerate(levels[:10]))


def ndcg(levels: Sequence[int]) -> float:
    """Return the gain of an order as a share of the best order's."""
    best = gain(sorted(levels, reverse=True))
    return gain(levels) / best if best else 0.0


def measure_pairs(
    pairs: Iterable[Mapping[str, Any]], scores: Iterable[Mapping[str, Any]]
) -> dict[str, Figure]:
    """Return nDCG@10 and P@5 over needs, and 1/(1+MAE) of the predicted levels.

    Needs count when they have five judged candidates or more, one of them at level 3 or 4. Rows with a "fold"
    were scored by different fits: a need's candidates are then compared inside each fold only.
    """
    scored = {(row["need_id"], row["achievement_id"]): row for row in scores}
    by_need: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
    errors: list[float] = []
    for pair in pairs:
        row = scored[pair["need_id"], pair["achievement_id"]]
        by_need[pair["need_id"], row.get("fold", 0)].append((row["score"], pair["level"]))
        errors.append(abs(row["level"] - pair["level"]))
    orders = [
        [level for _, level in sorted(rows, key=lambda row: (-row[0], row[1]))]
        for rows in by_need.values()
        if len(rows) >= LEAST_CANDIDATES and max(level for _, level in rows) >= USEFUL_LEVEL
    ]
    error = figure(errors)
    return {
        "ndcg10": figure([ndcg(order) for order in orders]),
        "p5": figure([sum(level >= USEFUL_LEVEL for level in order[:5]) / 5 for order in orders]),
        "one_over_1_plus_mae": Figure(
            mean=1 / (1 + error.mean), low=1 / (1 + error.high), high=1 / (1 + error.low), cases=error.cases
        ),
    }


def measure_retrieval(
    queries: Iterable[Mapping[str, Any]], rankings: Iterable[Mapping[str, Any]]
) -> dict[str, Figure]:
    """Return MRR@10, R@10 and R@100 over queries."""
    ranked = {row["query_id"]: row["ranking"] for row in rankings}
    first: list[float] = []
    within: dict[int, list[float]] = {10: [], 100: []}
    for query in queries:
        relevant, ranking = set(query["relevant"]), ranked[query["query_id"]]
        hits = [place for place, found in enumerate(ranking[:10], start=1) if found in relevant]
        first.append(1 / hits[0] if hits else 0.0)
        for depth, shares in within.items():
            shares.append(len(relevant & set(ranking[:depth])) / len(relevant))
    return {"mrr10": figure(first), "r10": figure(within[10]), "r100": figure(within[100])}
