"""A library of passages that scores queries: words, characters and meaning, part by part.

One path serves everybody: proposals for a need, `matchmaker evaluate` and what is learnt from decisions all
take their numbers from `Library.score`. Vectors come from outside: whoever stores them stores the encoder's
fingerprint beside them. Statistics are frozen when the library is built; passages added later are weighed
with them and move no other score.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.embedding import Encoder
from nlp.scale import TextWeights
from nlp.shelf import PARTS, Asked, Books, FloatArray, Passage, Query, Shelf
from nlp.similarity import blend, top_k
from nlp.text import Segmenter, join

__all__ = [
    "CREDITS_UNKNOWN",
    "PARTS",
    "Library",
    "Passage",
    "Profile",
    "Query",
    "Scored",
    "Scores",
    "passage_vectors",
    "query_vectors",
]
# A passage whose vector is not there yet (a row of zeros) is credited with the usual closeness.
CREDITS_UNKNOWN = True
QUERIES_AT_ONCE = 128
MOST_LATER_SHELVES = 24
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Every passage's scores for one query, in the library's order of keys.

    `blended` is the margin on the scale of config/weights.toml: one more is e times the odds of each grade.
    """

    keys: tuple[int, ...]
    parts: Mapping[str, FloatArray]
    blended: Matrix
    total: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One passage's scores for one query."""

    key: int
    total: float
    parts: Mapping[str, float]


def passage_vectors(encoder: Encoder, passages: Sequence[Passage]) -> FloatArray:
    """Return one unit vector a passage, as `Library` expects them: of title and text together."""
    return encoder.encode([join(passage.title, passage.text) for passage in passages], kind="passage")


def query_vectors(encoder: Encoder, queries: Sequence[Query]) -> FloatArray:
    """Return an array (queries, 2, dimension): of the title, and of title and text together."""
    titles = [query.title or query.text for query in queries]
    full = [join(query.title, query.text) for query in queries]
    both = encoder.encode([*titles, *full], kind="query")
    return np.stack([both[: len(queries)], both[len(queries) :]], axis=1)


class Library:
    """Passages with their vectors and frozen statistics.

    The first shelf is what the library was built from. Later ones are small, so that adding a passage costs
    the same in a library of a thousand and of a hundred thousand.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        vectors: FloatArray,
        *,
        segmenter: Segmenter,
        weights: TextWeights,
        background: Sequence[str] = (),
    ) -> None:
        """Build from passages and their vectors; `background` texts only widen the frozen statistics."""
        _check(passages, vectors)
        self._weights = weights
        self._books = Books(segmenter)
        full = [join(passage.title, passage.text) for passage in passages] + list(background)
        counts = self._books.freeze(full)
        self._shelves = [self._books.shelf(passages, vectors, counts.first(len(passages)))]
        self._where = {passage.key: (0, row) for row, passage in enumerate(passages)}

    @property
    def keys(self) -> tuple[int, ...]:
        """Return the passages' keys in the order of every score array."""
        return tuple(key for shelf in self._shelves for key in shelf.keys)

    @property
    def size(self) -> int:
        """Return how many passages there are."""
        return len(self._where)

    def holds(self, key: int) -> bool:
        """Say whether a passage is in the library."""
        return key in self._where

    def vectors_of(self, keys: Sequence[int]) -> FloatArray:
        """Return the vectors of passages, (keys, dimension); zeros where one is not there yet."""
        places = [self._where[key] for key in keys]
        return np.stack([self._shelves[number].vectors[row] for number, row in places])

    def rarity(self, word: str) -> float:
        """Return how rare a word is in this library, for weighing reasons and key terms."""
        return self._books.rarity(word)

    def add(self, passages: Sequence[Passage], vectors: FloatArray) -> None:
        """Add passages, replacing those whose key is already there; the statistics stay."""
        _check(passages, vectors)
        self.remove([passage.key for passage in passages])
        counts = self._books.count([join(passage.title, passage.text) for passage in passages])
        self._shelves.append(self._books.shelf(passages, vectors, counts))
        if len(self._shelves) > MOST_LATER_SHELVES:
            self._shelves[1:] = [Shelf.merged(self._shelves[1:])]
            self._locate(1)
        else:
            self._locate(len(self._shelves) - 1)

    def remove(self, keys: Collection[int]) -> None:
        """Drop passages; unknown keys are ignored."""
        for number in {self._where[key][0] for key in keys if key in self._where}:
            gone = {self._where[key][1] for key in keys if self._where.get(key, (-1, 0))[0] == number}
            self._shelves[number].drop(gone)
        for key in keys:
            self._where.pop(key, None)

    def know(self, keys: Sequence[int], vectors: FloatArray) -> None:
        """Give passages that waited for it their vector; unknown keys are ignored."""
        for key, vector in zip(keys, vectors, strict=True):
            if key in self._where:
                number, row = self._where[key]
                self._shelves[number].know(row, vector)

    def _locate(self, first: int) -> None:
        for number in range(first, len(self._shelves)):
            shelf = self._shelves[number]
            self._where |= {key: (number, row) for key, row in shelf.rows.items()}

    def make_ready(self) -> None:
        """Weigh now what is weighed once, so that the first query does not wait; scores stay the same."""
        nothing = np.zeros((2, self._shelves[0].vectors.shape[1]), dtype=np.float32)
        query = Query(title="预热")
        self.score(query, nothing, among=self.nearest(query, nothing, most=1))

    def score(self, query: Query, vectors: FloatArray, *, among: Collection[int] | None = None) -> Scores:
        """Score every passage, or those with the keys `among`; a passage's numbers are the same either way.

        `vectors` is one row of `query_vectors`, or a single vector used for both; zeros where there is none.
        """
        pair = vectors if vectors.ndim == 2 else np.stack([vectors, vectors])
        return next(self.score_many([query], pair[None], among=among))

    def score_many(
        self, queries: Sequence[Query], vectors: FloatArray, *, among: Collection[int] | None = None
    ) -> Iterator[Scores]:
        """Yield every query's scores; queries are taken in blocks, so that large libraries fit in memory."""
        chosen = [shelf.chosen(among) for shelf in self._shelves]
        shelves = [(shelf, rows) for shelf, rows in zip(self._shelves, chosen, strict=True) if len(rows)]
        keys = tuple(int(key) for shelf, rows in shelves for key in shelf.all_keys[rows])
        for start in range(0, len(queries), QUERIES_AT_ONCE):
            block = queries[start : start + QUERIES_AT_ONCE]
            names = self._names(block)
            asked = self._books.asked(block, vectors[start : start + len(block)])
            found = [self._books.parts(shelf, rows, asked, names=names) for shelf, rows in shelves]
            for place, query in enumerate(block):
                parts = {
                    name: np.concatenate([held[name][place] for held in found])
                    if found
                    else np.zeros(0, dtype=np.float32)
                    for name in names
                }
                yield self._scores(query, keys, parts, asked, place)

    def _names(self, queries: Sequence[Query]) -> tuple[str, ...]:
        """Return which parts to compute: all that needs show, and those that count for keywords."""
        wanted: tuple[str, ...] = () if all(query.keywords for query in queries) else PARTS
        if any(query.keywords for query in queries):
            wanted += tuple(name for name, weight in self._weights.keyword_parts.items() if weight)
        return tuple(dict.fromkeys(wanted))

    def _scores(
        self, query: Query, keys: tuple[int, ...], parts: Mapping[str, FloatArray], asked: Asked, place: int
    ) -> Scores:
        weights = self._weights.keyword_parts if query.keywords else self._weights.parts
        blended = blend(parts, {name: weight for name, weight in weights.items() if weight})
        return Scores(
            keys=keys,
            parts=parts,
            blended=blended,
            total=self._weights.scale.total(blended),
        )

    def nearest(self, query: Query, vectors: FloatArray, *, most: int) -> tuple[int, ...]:
        """Return the keys worth a closer look, best first, by two quick scores; `score` them next.

        Reads every vector once and only those pairs' lists of passages that the query holds.
        """
        pair = vectors if vectors.ndim == 2 else np.stack([vectors, vectors])
        return next(self.nearest_many([query], pair[None], most=most))

    def nearest_many(
        self, queries: Sequence[Query], vectors: FloatArray, *, most: int
    ) -> Iterator[tuple[int, ...]]:
        """Yield every query's nearest; the vectors are multiplied block by block."""
        keys = np.concatenate([shelf.all_keys for shelf in self._shelves])
        for start in range(0, len(queries), QUERIES_AT_ONCE):
            block = queries[start : start + QUERIES_AT_ONCE]
            grams = self._books.grams_of(block)
            full = np.asarray(vectors[start : start + len(block), 1], dtype=np.float32)
            rough = [self._books.rough(shelf, grams, full, self._weights) for shelf in self._shelves]
            for found in rough[0] if len(rough) == 1 else np.concatenate(rough, axis=1):
                yield _best_keys(found, keys, most)

    def best(
        self, query: Query, vectors: FloatArray, *, top: int, among: Collection[int] | None = None
    ) -> tuple[Scored, ...]:
        """Return the best passages, best first, equal ones by key; `among` keeps to some keys."""
        scores = self.score(query, vectors, among=among)
        return tuple(scored_at(scores, place) for place in top_k(scores.blended, scores.keys, top))

    def likeness(self, keys: Sequence[int], others: Sequence[int]) -> Matrix:
        """Return how alike passages are, (keys, others) from -1 to 1: half by characters, half by meaning."""
        return self.likeness_of(self.profile(keys), self.profile(others))

    def likeness_of(self, one: "Profile", other: "Profile") -> Matrix:
        """Return how alike passages with these profiles are."""
        meaning = one.meaning @ other.meaning.T
        return np.asarray((meaning + (one.grams @ other.grams.T).toarray()) / 2, dtype=np.float64)

    def profile(self, keys: Sequence[int]) -> "Profile":
        """Return what likeness is told by, in the order of the keys."""
        from scipy.sparse import vstack

        moved = self.vectors_of(keys).astype(np.float64) - self._books.usual_vector(self._shelves[0])
        moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        places = np.array([self._where[key] for key in keys], dtype=np.int64).reshape(-1, 2)
        order = np.argsort(places[:, 0], kind="stable")
        grams = vstack(
            [
                self._books.weighed(self._shelves[number], "char_title", places[places[:, 0] == number, 1])
                for number in np.unique(places[:, 0]).tolist()
            ],
            "csr",
        )
        return Profile(meaning=moved, grams=grams[np.argsort(order, kind="stable")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """By what passages are told alike: meaning less what all share, and the characters of titles."""

    meaning: Matrix
    grams: Any


def _best_keys(found: FloatArray, keys: NDArray[np.int64], most: int) -> tuple[int, ...]:
    """Return the keys of the best, best first, equal ones by key; minus infinity is left out."""
    count = min(most, len(found))
    if not count:
        return ()
    best = np.argpartition(found, len(found) - count)[len(found) - count :]
    order = best[np.lexsort((keys[best], -found[best]))]
    return tuple(keys[order[np.isfinite(found[order])]].tolist())


def _check(passages: Sequence[Passage], vectors: FloatArray) -> None:
    if len({passage.key for passage in passages}) != len(passages) or len(vectors) != len(passages):
        raise ValueError(f"{len(passages)} passages need as many vectors ({len(vectors)}) and distinct keys")


def scored_at(scores: Scores, place: int) -> Scored:
    """Return one passage's scores as plain numbers."""
    return Scored(
        key=scores.keys[place],
        total=float(scores.total[place]),
        parts={name: float(values[place]) for name, values in scores.parts.items()},
    )
