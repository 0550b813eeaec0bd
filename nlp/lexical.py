"""Scores by shared words and shared characters: BM25 and TF-IDF over sparse matrices.

Statistics (how rare a term is, how long a text usually is) are frozen when fitted. Texts added later are
weighed with them, so a score once shown does not move because somebody else posted something.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Analyser = Callable[[str], list[str]]
FloatArray = NDArray[np.float32]


class Bm25:
    """BM25: rewards rare shared terms, damps repetition, discounts long texts."""

    def __init__(self, analyser: Analyser, *, saturation: float = 1.2, length_share: float = 0.75) -> None:
        self._analyser = analyser
        self._saturation = saturation
        self._length_share = length_share
        self._places: dict[str, int] = {}
        self._rarity: NDArray[np.float64] = np.zeros(0)
        self._usual_length = 1.0

    def fit(self, texts: Sequence[str]) -> "Bm25":
        """Freeze the statistics of these texts."""
        seen: dict[str, int] = {}
        total = 0
        for text in texts:
            terms = self._analyser(text)
            total += len(terms)
            for term in set(terms):
                seen[term] = seen.get(term, 0) + 1
        counts = np.array([seen[term] for term in sorted(seen)], dtype=np.float64)
        self._places = {term: place for place, term in enumerate(sorted(seen))}
        self._rarity = np.log1p((len(texts) - counts + 0.5) / (counts + 0.5))
        self._usual_length = max(total / max(len(texts), 1), 1.0)
        return self

    def weigh(self, texts: Sequence[str]) -> Any:
        """Return one sparse row of term weights a text; terms unknown to the statistics weigh nothing."""
        rows = [self._analyser(text) for text in texts]
        counts = count_matrix(rows, self._places)
        lengths = np.array([len(row) for row in rows]) / self._usual_length
        damping = self._saturation * (1 - self._length_share + self._length_share * lengths)
        per_value = np.repeat(damping, np.diff(counts.indptr))
        counts.data = counts.data * (self._saturation + 1) / (counts.data + per_value)
        counts.data *= self._rarity[counts.indices]
        return counts.astype(np.float32)

    def score(self, query: str, weighed: Any) -> FloatArray:
        """Return each weighed text's score for one query, as a share of the most a text could reach."""
        places = [self._places[term] for term in set(self._analyser(query)) if term in self._places]
        asked = np.zeros(len(self._places), dtype=np.float32)
        asked[places] = 1.0
        most = float(np.sum(self._rarity[sorted(places)])) * (self._saturation + 1)
        return np.asarray(weighed @ asked, dtype=np.float32) / np.float32(most or 1.0)

    def rarity(self, term: str) -> float:
        """Return how rare a term is; one never seen is as rare as can be."""
        place = self._places.get(term)
        return float(self._rarity[place]) if place is not None else float(self._rarity.max(initial=1.0))


class Tfidf:
    """TF-IDF with cosine: 0 for nothing in common, 1 for the same terms in the same proportions."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._places: dict[str, int] = {}
        self._rarity: NDArray[np.float64] = np.zeros(0)

    def fit(self, texts: Sequence[str]) -> "Tfidf":
        """Freeze the statistics of these texts."""
        seen: dict[str, int] = {}
        for text in texts:
            for term in set(self._analyser(text)):
                seen[term] = seen.get(term, 0) + 1
        counts = np.array([seen[term] for term in sorted(seen)], dtype=np.float64)
        self._places = {term: place for place, term in enumerate(sorted(seen))}
        self._rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
        return self

    def weigh(self, texts: Sequence[str]) -> Any:
        """Return one sparse unit row a text."""
        counts = count_matrix([self._analyser(text) for text in texts], self._places)
        counts.data = (1 + np.log(counts.data)) * self._rarity[counts.indices]
        squares = np.add.reduceat(np.append(counts.data**2, 0.0), counts.indptr[:-1]) * (
            np.diff(counts.indptr) > 0
        )
        lengths = np.sqrt(np.where(squares > 0, squares, 1.0))
        counts.data /= np.repeat(lengths, np.diff(counts.indptr))
        return counts.astype(np.float32)

    def score(self, query: str, weighed: Any) -> FloatArray:
        """Return the cosine of every weighed text with one query."""
        return np.asarray((weighed @ self.weigh([query]).T).toarray()[:, 0], dtype=np.float32)


def count_matrix(rows: Sequence[Sequence[str]], places: dict[str, int]) -> Any:
    """Return a sparse matrix (rows, terms) of how often each known term occurs in each row."""
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    counts: list[int] = []
    starts = [0]
    for row in rows:
        found: dict[int, int] = {}
        for term in row:
            place = places.get(term)
            if place is not None:
                found[place] = found.get(place, 0) + 1
        for place in sorted(found):
            indices.append(place)
            counts.append(found[place])
        starts.append(len(indices))
    values = np.asarray(counts, dtype=np.float64)
    return csr_matrix((values, np.asarray(indices), np.asarray(starts)), shape=(len(rows), len(places)))
