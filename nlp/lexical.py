"""Scores by shared words and shared characters: BM25, TF-IDF and coverage over sparse counts.

Statistics (how rare a term is, how long a text usually is) are frozen when fitted. Texts added later are
weighed with them, so a score once shown does not move because somebody else posted something. A text is
cut into terms once; every score works on the counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Analyser = Callable[[str], list[str]]
FloatArray = NDArray[np.float32]
MaskArray = NDArray[np.bool_]
Places = NDArray[np.integer[Any]]
Strange = NDArray[np.int64] | int
COUNTS_AT_ONCE = 4_000_000


class Terms:
    """The vocabulary of one way of cutting texts; it grows while `learn` runs and is frozen afterwards."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._places: dict[str, int] = {}

    def learn(self, texts: Sequence[str]) -> Any:
        """Take in every term of the texts and return their counts (texts, terms)."""
        places = self._places
        rows = [[places.setdefault(term, len(places)) for term in self._analyser(text)] for text in texts]
        return self._matrix([np.array(row, dtype=np.int32) for row in rows])

    def count(self, texts: Sequence[str]) -> Any:
        """Return the counts of known terms; unknown ones are passed over."""
        places = self._places
        rows = [[places[term] for term in self._analyser(text) if term in places] for text in texts]
        return self._matrix([np.array(row, dtype=np.int32) for row in rows])

    def place(self, term: str) -> int | None:
        """Return a term's column."""
        return self._places.get(term)

    def _matrix(self, rows: list[NDArray[np.int32]]) -> Any:
        from scipy.sparse import csr_matrix

        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
        places = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int32)
        ones = np.ones(len(places), dtype=np.float32)
        counts = csr_matrix((ones, places, starts), shape=(len(rows), len(self._places)))
        counts.sum_duplicates()
        return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """In how many texts of a collection each term stands."""

    texts: int
    by_term: NDArray[np.int32]

    @classmethod
    def of(cls, counts: Any) -> "Seen":
        """Read them off the counts, a few million at a time so that no copy of them all is made."""
        by_term = np.zeros(counts.shape[1], dtype=np.int32)
        for start in range(0, len(counts.indices), COUNTS_AT_ONCE):
            part = counts.indices[start : start + COUNTS_AT_ONCE]
            by_term += np.bincount(part, minlength=len(by_term)).astype(np.int32)
        return cls(texts=counts.shape[0], by_term=by_term)


def usual_length(counts: Any, kept: MaskArray) -> float:
    """Return how many kept terms a text has on average, repeated ones as often as they stand there."""
    total = 0.0
    for start in range(0, len(counts.indices), COUNTS_AT_ONCE):
        part = slice(start, start + COUNTS_AT_ONCE)
        total += float(counts.data[part][kept[counts.indices[part]]].sum(dtype=np.float64))
    return max(total / max(int(counts.shape[0]), 1), 1.0)


class Bm25:
    """BM25: rewards rare shared terms, damps repetition, discounts long texts; 1 is the most to reach."""

    def __init__(
        self,
        seen: Seen,
        *,
        kept: MaskArray,
        usual_length: float,
        saturation: float = 1.2,
        length_share: float = 0.75,
    ) -> None:
        """Take the statistics of a collection; only `kept` terms count."""
        self._seen, self._kept = seen, kept
        self._saturation = saturation
        self._length_share = length_share
        self._usual_length = usual_length

    def rarity(self, places: Places) -> NDArray[np.float64]:
        """Return how rare these terms are; one that is left out counts as nothing."""
        seen = self._seen.by_term[places]
        return np.asarray(np.log1p((self._seen.texts - seen + 0.5) / (seen + 0.5)) * self._kept[places])

    def weigh(self, counts: Any) -> Any:
        """Return the counts as term weights."""
        weighed = counts.astype(np.float64)
        lengths = _sums(weighed, weighed.data * self._kept[weighed.indices]) / self._usual_length
        damping = self._saturation * (1 - self._length_share + self._length_share * lengths)
        per_value = np.repeat(damping, np.diff(weighed.indptr))
        weighed.data *= (self._saturation + 1) / (weighed.data + per_value)
        weighed.data *= self.rarity(weighed.indices)
        weighed.eliminate_zeros()
        return weighed.astype(np.float32)

    def scores(self, queries: Any, weighed: Any, strange: Strange = 0) -> FloatArray:
        """Return (queries, texts): each weighed text's score, each query term counted once.

        `strange` is how many terms of each query stand in no text. Were they left out, a query of which a
        small collection knows a single term would be held to be answered in full by that one.
        """
        rarest = np.log1p((self._seen.texts + 0.5) / 0.5)
        most = (_held_by_rows(queries, self.rarity) + strange * rarest) * (self._saturation + 1)
        return _products(_once(queries), weighed) / _column(most)

    def telling(self, query: Any, kept: MaskArray) -> tuple[NDArray[np.int64], float]:
        """Return one query's kept terms and the most that a text can reach for the whole query."""
        places = np.unique(query.indices)
        most = float(self.rarity(places).sum()) * (self._saturation + 1)
        return places[kept[places]].astype(np.int64), most or 1.0


class Tfidf:
    """TF-IDF with cosine: 0 for nothing in common, 1 for the same terms in the same proportions."""

    def __init__(self, seen: Seen) -> None:
        """Take the statistics of a collection."""
        self._seen = seen

    def weigh(self, counts: Any) -> Any:
        """Return the counts as unit rows."""
        weighed = counts.astype(np.float64)
        rarity = np.log((1 + self._seen.texts) / (1 + self._seen.by_term[weighed.indices])) + 1
        weighed.data = (1 + np.log(weighed.data)) * rarity
        lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
        weighed.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(weighed.indptr))
        return weighed.astype(np.float32)

    def scores(self, queries: Any, weighed: Any) -> FloatArray:
        """Return (queries, texts): the cosine of every weighed text with each query's counts."""
        return _products(self.weigh(queries), weighed)


class Coverage:
    """How much of one text the other holds: the share of its terms, weighed by rarity, that both have."""

    def __init__(self, seen: Seen, *, kept: MaskArray) -> None:
        """Take the statistics of a collection; `kept` leaves out columns."""
        self._seen, self._kept = seen, kept

    def rarity(self, places: Places) -> NDArray[np.float64]:
        """Return how much it says that a text holds each of these terms."""
        told = np.log((1 + self._seen.texts) / (1 + self._seen.by_term[places])) + 0.1
        return np.asarray(told * self._kept[places])

    def weigh(self, counts: Any) -> Any:
        """Return one sparse row a text: the rarity of each term it holds."""
        held = counts.astype(np.float64)
        held.data = self.rarity(held.indices)
        held.eliminate_zeros()
        return held.astype(np.float32)

    def of_texts(self, queries: Any, weighed: Any) -> FloatArray:
        """Return (queries, texts): which share of every weighed text each query holds."""
        whole = np.maximum(np.asarray(weighed.sum(axis=1), dtype=np.float32).ravel(), 1e-6)
        return np.asarray(_products(_once(queries), weighed) / whole[None, :], dtype=np.float32)

    def of_queries(self, queries: Any, weighed: Any, strange: Strange = 0) -> FloatArray:
        """Return (queries, texts): which share of each query every weighed text holds; `strange` as above."""
        whole = _held_by_rows(queries, self.rarity) + strange * (np.log(1 + self._seen.texts) + 0.1)
        return _products(_once(queries), weighed) / _column(whole)


def _once(counts: Any) -> Any:
    """Return the counts with every term counted once."""
    once = counts.astype(np.float32)
    once.data[:] = 1.0
    return once


def _held_by_rows(counts: Any, rarity: Callable[[Places], NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the sum of rarities of each row's terms."""
    return _sums(counts, rarity(counts.indices))


def _sums(counts: Any, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of each row's values, of which there is one a stored count."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    return np.asarray(np.bincount(rows, weights=values, minlength=counts.shape[0]), dtype=np.float64)


def _column(values: NDArray[np.float64]) -> FloatArray:
    """Return divisors, one a row; where there is nothing to divide by, one."""
    return np.where(values > 1e-6, values, 1.0).astype(np.float32)[:, None]


def _products(queries: Any, weighed: Any) -> FloatArray:
    """Return (queries, texts), dense. A text's sums come in the order of its terms, whoever asks with it."""
    if queries.shape[0] == 1:
        return np.asarray(weighed @ queries.toarray()[0], dtype=np.float32)[None, :]
    return np.asarray((weighed @ queries.T).toarray().T, dtype=np.float32)
