"""Texts that belong together by their vectors, and the words that tell one heap from the others."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

SEED = 7


def cluster(vectors: NDArray[np.float32], *, count: int) -> list[int]:
    """Return the heap (0 to count - 1) of each row of (n, d), by k-means on unit vectors; the same each time.

    Heaps are numbered by their first row. With no more rows than heaps every row is its own.
    """
    if count < 2 or len(vectors) <= count:
        return list(range(len(vectors))) if count > 1 else [0] * len(vectors)
    from sklearn.cluster import KMeans

    labels = KMeans(n_clusters=count, n_init=4, random_state=SEED).fit(unit(vectors)).labels_
    order: dict[int, int] = {}
    return [order.setdefault(int(label), len(order)) for label in labels]


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows with length 1; a row of zeros stays as it is."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length == 0, 1, length), dtype=np.float32)


def telling_words(
    heaps: Sequence[Sequence[Sequence[str]]],
    *,
    most: int = 3,
    least_texts: int = 1,
    among: Sequence[Collection[str]] | None = None,
) -> list[tuple[str, ...]]:
    """Return each heap's telling words: in many of its texts, and oftener there than in the others.

    A heap is a list of texts, a text a list of words. A word that contains or lies in a better one
    is left out, and so is one that fewer than `least_texts` texts of the heap say, or that is not
    `among` those given for the heap.
    """
    counts = [Counter(word for text in heap for word in set(text)) for heap in heaps]
    everywhere = sum(counts, Counter[str]())
    texts = sum(len(heap) for heap in heaps)
    found = []
    for number, (heap, count) in enumerate(zip(heaps, counts, strict=True)):
        # how much oftener here than on the whole: words that every heap says alike tell nothing
        rarity = {word: np.log(count[word] * texts / (len(heap) * everywhere[word])) for word in count}
        if len(heap) == texts:
            rarity = dict.fromkeys(count, 1.0)
        said = [word for word in count if count[word] >= least_texts and rarity[word] > 0]
        said = [word for word in said if among is None or word in among[number]]
        # squared: 制备 stands in most texts of all chemistry, 树脂 in half of those about resins
        ranked = sorted(said, key=lambda word: (-count[word] * rarity[word] ** 2 * min(len(word), 4), word))
        found.append(_apart(ranked, most=most) if heap else ())
    return found


def _apart(ranked: Sequence[str], *, most: int) -> tuple[str, ...]:
    chosen: list[str] = []
    for word in ranked:
        if len(chosen) == most:
            break
        if not any(word in other or other in word for other in chosen):
            chosen.append(word)
    return tuple(chosen)
