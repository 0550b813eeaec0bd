"""Cosine, blends of part scores, and the best few with ties broken the same way every time."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


def cosines(matrix: FloatArray, vectors: FloatArray) -> FloatArray:
    """Return (vectors, rows): the cosine of every row with every vector; a zero row scores 0."""
    lengths = np.linalg.norm(vectors, axis=1)[:, None] * np.linalg.norm(matrix, axis=1)[None, :]
    products: FloatArray = vectors @ matrix.T
    quotients: FloatArray = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return quotients


def blend(parts: Mapping[str, FloatArray], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the weighted sum of part scores, added in the order of the names so that it never varies.

    Rounded to four places: a matrix product may differ in its last bits from row to row, and equal
    texts must tie.
    """
    size = len(next(iter(parts.values())))
    total = np.zeros(size, dtype=np.float64)
    for name in sorted(weights):
        total += weights[name] * parts[name].astype(np.float64)
    return np.asarray(np.round(total, 4))


def top_k(scores: NDArray[np.floating], keys: Sequence[int], k: int) -> list[int]:
    """Return the places of the k best scores, best first, equal scores by ascending key."""
    count = min(k, len(scores))
    if count <= 0:
        return []
    rounded = np.round(scores.astype(np.float64), 6)
    worst = np.partition(rounded, len(rounded) - count)[len(rounded) - count]
    candidates = np.flatnonzero(rounded >= worst).tolist()
    return sorted(candidates, key=lambda place: (-rounded[place], keys[place]))[:count]
