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
from nlp.lexical import Bm25, Coverage, Terms, Tfidf
from nlp.scale import TextWeights
from nlp.similarity import blend, cosine, top_k
from nlp.text import Segmenter, character_ngrams, join

FloatArray = NDArray[np.float32]
PARTS = (
    "word",
    "word_title",
    "char",
    "char_title",
    "char_full",
    "cover_title",
    "cover_full",
    "cover_query",
    "semantic_title",
    "semantic_full",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text that can be found; the text may be empty."""

    key: int
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for: a need or an achievement; with `keywords`, words typed into a search box."""

    title: str
    text: str = ""
    keywords: bool = False


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
        self._words, self._grams = Terms(segmenter.words), Terms(character_ngrams)
        words, grams = self._words.learn(full), self._grams.learn(full)
        lengths = self._grams.lengths()
        self._word, self._word_title = Bm25(words), Tfidf(words)
        self._char, self._char_full = Bm25(grams, kept=lengths <= 2), Tfidf(grams)
        self._pair = Coverage(grams, kept=lengths == 2)
        self._keys = tuple(passage.key for passage in passages)
        if len(set(self._keys)) != len(self._keys) or len(vectors) != len(passages):
            raise ValueError(
                f"{len(passages)} passages need as many vectors ({len(vectors)}) and distinct keys"
            )
        self._vectors = np.asarray(vectors, dtype=np.float32)
        count = len(passages)
        self._matrices = self._weigh(passages, words[:count], grams[:count])

    @property
    def keys(self) -> tuple[int, ...]:
        """Return the passages' keys in the order of every score array."""
        return self._keys

    def rarity(self, word: str) -> float:
        """Return how rare a word is in this library, for weighing reasons and key terms."""
        place = self._words.place(word)
        return float(self._word.rarity[place] if place is not None else self._word.rarity.max(initial=1.0))

    def title_likeness(self) -> NDArray[np.float64]:
        """Return the cosines of all passages' titles by their characters."""
        titles = self._matrices["char_title"]
        return np.asarray((titles @ titles.T).toarray(), dtype=np.float64)

    def add(self, passages: Sequence[Passage], vectors: FloatArray) -> None:
        """Add passages, replacing those whose key is already there; the statistics stay."""
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages but {len(vectors)} vectors")
        from scipy.sparse import vstack

        self.remove([passage.key for passage in passages])
        full = [join(passage.title, passage.text) for passage in passages]
        added = self._weigh(passages, self._words.count(full), self._grams.count(full))
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
        both = [query.title or query.text, join(query.title, query.text)]
        words, grams = self._words.count(both), self._grams.count(both)
        held = self._matrices
        parts = {
            "word": self._word.score(words[1], held["word"]),
            "word_title": self._word_title.score(words[0], held["word_title"]),
            "char": self._char.score(grams[1], held["char"]),
            "char_title": self._char_full.score(grams[0], held["char_title"]),
            "char_full": self._char_full.score(grams[1], held["char_full"]),
            "cover_title": self._pair.of_texts(grams[0], held["pair_title"]),
            "cover_full": self._pair.of_texts(grams[1], held["pair_title"]),
            "cover_query": self._pair.of_query(grams[0], held["pair_title"]),
            "semantic_title": cosine(self._vectors, title_vector),
            "semantic_full": cosine(self._vectors, full_vector),
        }
        usual = blend(parts, self._weights.parts)
        return Scores(
            keys=self._keys,
            parts=parts,
            blended=blend(parts, self._weights.keyword_parts) if query.keywords else usual,
            total=self._weights.scale.total(usual),
        )

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

    def _weigh(self, passages: Sequence[Passage], words: Any, grams: Any) -> dict[str, Any]:
        """Return the weighed counts; titles are cut anew only where a passage has a text beside its title."""
        title_words, title_grams = words, grams
        if any(passage.title and passage.text for passage in passages):
            titles = [passage.title or passage.text for passage in passages]
            title_words, title_grams = self._words.count(titles), self._grams.count(titles)
        return {
            "word": self._word.weigh(words),
            "word_title": self._word_title.weigh(title_words),
            "char": self._char.weigh(grams),
            "char_title": self._char_full.weigh(title_grams),
            "char_full": self._char_full.weigh(grams),
            "pair_title": self._pair.weigh(title_grams),
        }


def scored_at(scores: Scores, place: int) -> Scored:
    """Return one passage's scores as plain numbers."""
    return Scored(
        key=scores.keys[place],
        total=float(scores.total[place]),
        parts={name: float(values[place]) for name, values in scores.parts.items()},
    )
