"""A library of passages that scores one query: words, characters and meaning, part by part.

Vectors come from outside: whoever stores them stores the encoder's fingerprint beside them. Statistics are
frozen when the library is built; passages added later are weighed with them and move no other score.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.embedding import Encoder
from nlp.lexical import Bm25, Tfidf
from nlp.scale import TextWeights
from nlp.similarity import blend, cosine, top_k
from nlp.text import Segmenter, character_ngrams, join

FloatArray = NDArray[np.float32]
PARTS = ("word", "word_title", "char_title", "char_full", "semantic_title", "semantic_full")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text that can be found; the text may be empty."""

    key: int
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for: a need, an achievement, or keywords typed into a box as the title alone."""

    title: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Every passage's scores for one query, in the library's order of keys."""

    keys: tuple[int, ...]
    parts: Mapping[str, FloatArray]
    blended: NDArray[np.float64]
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
    """Passages with their vectors and frozen statistics."""

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
        full = [join(passage.title, passage.text) for passage in passages] + list(background)
        self._weights = weights
        self._word = Bm25(segmenter.words).fit(full)
        self._word_title = Tfidf(segmenter.words).fit(full)
        self._char = Tfidf(character_ngrams).fit(full)
        self._keys: tuple[int, ...] = ()
        self._vectors: FloatArray = np.zeros((0, vectors.shape[1] if vectors.ndim == 2 else 0), np.float32)
        self._matrices: dict[str, Any] = self._weigh([])
        self.add(passages, vectors)

    @property
    def keys(self) -> tuple[int, ...]:
        """Return the passages' keys in the order of every score array."""
        return self._keys

    def rarity(self, word: str) -> float:
        """Return how rare a word is in this library, for weighing reasons and key terms."""
        return self._word.rarity(word)

    def add(self, passages: Sequence[Passage], vectors: FloatArray) -> None:
        """Add passages, replacing those whose key is already there; the statistics stay."""
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages but {len(vectors)} vectors")
        from scipy.sparse import vstack

        self.remove([passage.key for passage in passages])
        added = self._weigh(passages)
        self._matrices = {name: vstack([old, added[name]], "csr") for name, old in self._matrices.items()}
        self._vectors = np.concatenate([self._vectors, np.asarray(vectors, dtype=np.float32)])
        self._keys += tuple(passage.key for passage in passages)

    def remove(self, keys: Collection[int]) -> None:
        """Drop passages; unknown keys are ignored."""
        gone = set(keys)
        kept = [place for place, key in enumerate(self._keys) if key not in gone]
        if len(kept) == len(self._keys):
            return
        self._matrices = {name: matrix[kept] for name, matrix in self._matrices.items()}
        self._vectors = self._vectors[kept]
        self._keys = tuple(self._keys[place] for place in kept)

    def score(self, query: Query, vectors: FloatArray) -> Scores:
        """Score every passage. `vectors` is one row of `query_vectors`, or a single vector used for both."""
        title_vector, full_vector = vectors if vectors.ndim == 2 else (vectors, vectors)
        full = join(query.title, query.text)
        title = query.title or query.text
        parts = {
            "word": self._word.score(full, self._matrices["word"]),
            "word_title": self._word_title.score(title, self._matrices["word_title"]),
            "char_title": self._char.score(title, self._matrices["char_title"]),
            "char_full": self._char.score(full, self._matrices["char_full"]),
            "semantic_title": cosine(self._vectors, title_vector),
            "semantic_full": cosine(self._vectors, full_vector),
        }
        weights = self._weights.parts if query.text.strip() else self._weights.keyword_parts
        blended = blend(parts, weights)
        return Scores(keys=self._keys, parts=parts, blended=blended, total=self._weights.scale.total(blended))

    def best(
        self, query: Query, vectors: FloatArray, *, top: int, among: Collection[int] | None = None
    ) -> tuple[Scored, ...]:
        """Return the best passages, best first, equal ones by key; `among` keeps to some keys."""
        scores = self.score(query, vectors)
        if among is None:
            places = list(range(len(scores.keys)))
        else:
            allowed = set(among)
            places = [place for place, key in enumerate(scores.keys) if key in allowed]
        chosen = top_k(scores.blended[places], [scores.keys[place] for place in places], top)
        return tuple(scored_at(scores, places[place]) for place in chosen)

    def _weigh(self, passages: Sequence[Passage]) -> dict[str, Any]:
        titles = [passage.title or passage.text for passage in passages]
        full = [join(passage.title, passage.text) for passage in passages]
        return {
            "word": self._word.weigh(full),
            "word_title": self._word_title.weigh(titles),
            "char_title": self._char.weigh(titles),
            "char_full": self._char.weigh(full),
        }


def scored_at(scores: Scores, place: int) -> Scored:
    """Return one passage's scores as plain numbers."""
    return Scored(
        key=scores.keys[place],
        total=float(scores.total[place]),
        parts={name: float(values[place]) for name, values in scores.parts.items()},
    )
