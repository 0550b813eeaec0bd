"""Groups of texts by the closeness of their vectors."""

import numpy as np
from numpy.typing import NDArray

from nlp.clusters import closeness, clusters


def vectors_of(*angles: float) -> NDArray[np.float32]:
    """Unit vectors in a plane, the same for title and whole; the cosine of two is that of their angle."""
    radians = np.radians(angles)
    flat = np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)
    return np.stack([flat, flat], axis=1)


def test_close_ones_stand_together_closest_group_first() -> None:
    found = clusters(vectors_of(0, 10, 80, 84, 170), least=0.9)

    assert [places for places, _mean in found] == [[2, 3], [0, 1]]
    assert [mean for _places, mean in found] == [0.9976, 0.9848]


def test_a_chain_of_neighbours_is_not_one_group() -> None:
    chain = vectors_of(*range(0, 181, 20))  # each close to the next, the ends opposite

    groups = [places for places, _mean in clusters(chain, least=0.9)]

    assert len(groups) > 1
    assert all(closeness(chain[places], chain[places]).mean() >= 0.9 for places in groups)


def test_pairs_apart_never_stand_together() -> None:
    three = vectors_of(0, 5, 10)

    assert clusters(three, least=0.9, apart=[(0, 2)]) == [([0, 1], 0.9962)]
    assert clusters(three, least=0.9, apart=[(0, 1), (0, 2), (1, 2)]) == []


def test_no_texts_and_texts_alone_give_no_group() -> None:
    assert clusters(vectors_of(), least=0.5) == []
    assert clusters(vectors_of(0, 90), least=0.5) == []
