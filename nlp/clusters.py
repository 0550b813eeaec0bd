"""Texts that say the same in different words, put together by the closeness of their vectors."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
_BLOCK = 1000


def closeness(vectors: FloatArray, others: FloatArray) -> FloatArray:
    """Return (n, m) closeness of texts whose vectors are (n, 2, d) and (m, 2, d): of title and of the whole.

    The mean of both cosines; rows of zeros are close to nothing.
    """
    titles = vectors[:, 0] @ others[:, 0].T
    wholes = vectors[:, 1] @ others[:, 1].T
    return np.asarray((titles + wholes) / 2, dtype=np.float32)


def clusters(
    vectors: FloatArray, *, least: float, apart: Collection[tuple[int, int]] = ()
) -> list[tuple[list[int], float]]:
    """Return groups of two or more places whose mean closeness is `least` or more, closest group first.

    `apart` are pairs of places that may not stand in one group. Average linkage within what is
    connected by close pairs, so that a chain of neighbours does not become one group.
    """
    found = []
    for places in _connected(_close_pairs(vectors, least)):
        close = closeness(vectors[places], vectors[places])
        for inner in _linked(close, least=least, apart=_inner(places, apart)):
            mean = float(close[np.ix_(inner, inner)][np.triu_indices(len(inner), 1)].mean())
            found.append(([places[place] for place in inner], round(mean, 4)))
    return sorted(found, key=lambda group: (-group[1], group[0]))


def _close_pairs(vectors: FloatArray, least: float) -> list[tuple[int, int]]:
    pairs = []
    for start in range(0, len(vectors), _BLOCK):
        rows, columns = np.nonzero(closeness(vectors[start : start + _BLOCK], vectors) >= least)
        rows = rows + start
        kept = rows < columns
        pairs += list(zip(rows[kept].tolist(), columns[kept].tolist(), strict=True))
    return pairs


def _connected(pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    root: dict[int, int] = {}

    def find(place: int) -> int:
        while root.setdefault(place, place) != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for one, other in pairs:
        root[find(one)] = find(other)
    groups: dict[int, list[int]] = {}
    for place in sorted(root):
        groups.setdefault(find(place), []).append(place)
    return list(groups.values())


def _inner(places: Sequence[int], apart: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    at = {place: number for number, place in enumerate(places)}
    return [(at[one], at[other]) for one, other in apart if one in at and other in at]


def _linked(close: FloatArray, *, least: float, apart: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return groups of one connected part by average linkage; pairs apart end in different groups."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distance = np.clip(1.0 - close.astype(np.float64), 0.0, None)
    for one, other in apart:
        distance[one, other] = distance[other, one] = 100.0  # no mean with it in stays below the limit
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average")
    labels = fcluster(tree, t=1.0 - least, criterion="distance").tolist()
    groups: dict[int, list[int]] = {}
    for place, label in enumerate(labels):
        groups.setdefault(label, []).append(place)
    return [group for group in groups.values() if len(group) > 1]
