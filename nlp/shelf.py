"""What a library keeps of its passages, and how a query is compared with them.

A shelf holds passages with their weighed terms and vectors. The books hold what is shared by all shelves:
vocabularies and statistics, frozen when the library was built.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.grams import Grams
from nlp.lexical import Bm25, Coverage, Seen, Terms, Tfidf, usual_length
from nlp.lists import Lists, lists_of
from nlp.scale import TextWeights
from nlp.similarity import cosines
from nlp.text import Segmenter, join

FloatArray = NDArray[np.float32]
Rows = NDArray[np.int64]
# What each part compares is said in config/weights.toml, beside its weight.
PARTS = (
    "word",
    "char",
    "char_title",
    "char_full",
    "single_title",
    "single_full",
    "pairs_held",
    "share_title",
    "share_full",
    "share_query",
    "semantic_title",
    "semantic_full",
)
# Closeness credited while a new text waits for its vector: the usual one of related texts.
USUAL_MEANING = 0.67
# Larger shelves weigh the rows that are looked at closely each time anew.
KEPT_WEIGHED = 20_000


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
class Counts:
    """How often each text holds each word and each run of one to three characters: two sparse matrices."""

    words: Any
    grams: Any

    def first(self, count: int) -> "Counts":
        """Return the counts of the first texts."""
        return Counts(words=self.words[:count], grams=self.grams[:count])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Queries made ready: counts of their titles and whole texts, and their two vectors each.

    The last two: how many different characters of each title and whole text the library does not hold.
    """

    title: Counts
    full: Counts
    vectors: FloatArray
    strange_title: NDArray[np.int64]
    strange_full: NDArray[np.int64]


class Shelf:
    """Passages with their counted terms and vectors; dropped rows stay where they are but are not chosen."""

    def __init__(self, keys: NDArray[np.int64], vectors: FloatArray, *, full: Counts, titles: Any) -> None:
        self.all_keys = keys
        self.vectors = np.asarray(vectors, dtype=np.float32)
        self.full, self.titles = full, titles
        self.weighed: dict[str, Any] = {}  # by the name of the weighing, each made when first asked for
        self.rows = {int(key): row for row, key in enumerate(keys)}
        self.known: NDArray[np.bool_] = np.asarray(self.vectors.any(axis=1))
        self._own_vectors = False
        self.lists: Lists | None = None  # passages by pair of characters, made at the first quick search

    @property
    def keys(self) -> tuple[int, ...]:
        """Return the keys that were not dropped."""
        return tuple(self.rows)

    @classmethod
    def merged(cls, shelves: Sequence["Shelf"]) -> "Shelf":
        """Return one shelf with what is left of several."""
        from scipy.sparse import vstack

        rows = [shelf.chosen(None) for shelf in shelves]
        both = list(zip(shelves, rows, strict=True))
        return cls(
            np.concatenate([shelf.all_keys[kept] for shelf, kept in both]),
            np.concatenate([shelf.vectors[kept] for shelf, kept in both]),
            full=Counts(
                words=vstack([shelf.full.words[kept] for shelf, kept in both], "csr"),
                grams=vstack([shelf.full.grams[kept] for shelf, kept in both], "csr"),
            ),
            titles=vstack([shelf.titles[kept] for shelf, kept in both], "csr"),
        )

    def drop(self, rows: Collection[int]) -> None:
        """Forget these rows."""
        for row in rows:
            self.rows.pop(int(self.all_keys[row]), None)

    def know(self, row: int, vector: FloatArray) -> None:
        """Put in the vector that a row waited for."""
        if not self._own_vectors:
            self.vectors, self._own_vectors = self.vectors.copy(), True
        self.vectors[row], self.known[row] = vector, True

    def chosen(self, among: Collection[int] | None) -> Rows:
        """Return the rows with these keys, in the shelf's order; None means all that were not dropped."""
        if among is None:
            return np.fromiter(self.rows.values(), dtype=np.int64, count=len(self.rows))
        return np.array(sorted(self.rows[key] for key in set(among) if key in self.rows), dtype=np.int64)


class Books:
    """Vocabularies and statistics of one version of a library."""

    def __init__(self, segmenter: Segmenter) -> None:
        self._words, self._grams = Terms(segmenter.words), Grams()
        self._usual: NDArray[np.float64] | None = None

    def freeze(self, texts: Sequence[str]) -> Counts:
        """Learn the vocabularies and statistics from these texts and return their counts."""
        counts = Counts(words=self._words.learn(texts), grams=self._grams.learn(texts))
        words, grams = Seen.of(counts.words), Seen.of(counts.grams)
        lengths = self._grams.lengths()
        every_word = np.ones(len(words.by_term), dtype=bool)
        self._is_pair, short, single = lengths == 2, lengths <= 2, lengths == 1
        self._by_word = Bm25(words, kept=every_word, usual_length=usual_length(counts.words, every_word))
        self._by_char = Bm25(grams, kept=short, usual_length=usual_length(counts.grams, short))
        self._by_single = Bm25(grams, kept=single, usual_length=usual_length(counts.grams, single))
        self._by_gram = Tfidf(grams)
        self._pairs = Coverage(grams, kept=self._is_pair)
        self._singles = Coverage(grams, kept=single)
        self._rarest = float(self._by_word.rarity(np.arange(len(every_word))).max(initial=1.0))
        return counts

    def count(self, texts: Sequence[str]) -> Counts:
        """Return the counts of known terms."""
        return Counts(words=self._words.count(texts), grams=self._grams.count(texts))

    def grams_of(self, queries: Sequence[Query]) -> Any:
        """Return the counts of whole queries' runs of characters; no word is looked for."""
        return self._grams.count([join(query.title, query.text) for query in queries])

    def rarity(self, word: str) -> float:
        """Return how rare a word is; an unknown one is as rare as the rarest."""
        place = self._words.place(word)
        return self._rarest if place is None else float(self._by_word.rarity(np.array([place]))[0])

    def usual_vector(self, shelf: Shelf) -> NDArray[np.float64]:
        """Return what all vectors of this version share, to be taken out before likeness is told."""
        if self._usual is None:
            known = shelf.vectors[shelf.known]
            self._usual = (
                known.mean(axis=0, dtype=np.float64)
                if len(known)
                else np.zeros(shelf.vectors.shape[1], dtype=np.float64)
            )
        return self._usual

    def shelf(self, passages: Sequence[Passage], vectors: FloatArray, counts: Counts) -> Shelf:
        """Return a shelf; titles are cut anew only where a passage has a text beside its title."""
        titles = counts.grams
        if any(passage.title and passage.text for passage in passages):
            titles = self._grams.count([passage.title or passage.text for passage in passages])
        keys = np.array([passage.key for passage in passages], dtype=np.int64)
        return Shelf(keys, vectors, full=counts, titles=titles)

    def weighed(self, shelf: Shelf, name: str, rows: Rows | None = None) -> Any:
        """Return a shelf's terms under one weighing, whole or these rows.

        A small shelf keeps what was weighed once. A large one weighs the rows asked for anew: a few thousand
        take milliseconds, and all of them under every weighing would fill the memory.
        """
        if rows is not None and len(shelf.all_keys) > KEPT_WEIGHED:
            return self._weigh(name, _source(shelf, name)[rows])
        if name not in shelf.weighed:
            shelf.weighed[name] = self._weigh(name, _source(shelf, name))
        return shelf.weighed[name] if rows is None else shelf.weighed[name][rows]

    def _weigh(self, name: str, counts: Any) -> Any:
        ways: dict[str, Bm25 | Tfidf | Coverage] = {
            "word": self._by_word,
            "char": self._by_char,
            "char_full": self._by_gram,
            "char_title": self._by_gram,
            "single": self._by_single,
            "pairs_title": self._pairs,
            "singles_title": self._singles,
            "singles_full": self._singles,
        }
        return ways[name].weigh(counts)

    def asked(self, queries: Sequence[Query], vectors: FloatArray) -> Asked:
        """Make queries ready."""
        titles = [query.title or query.text for query in queries]
        whole = [join(query.title, query.text) for query in queries]
        return Asked(
            title=self.count(titles),
            full=self.count(whole),
            vectors=np.asarray(vectors, dtype=np.float32),
            strange_title=self._grams.strange(titles),
            strange_full=self._grams.strange(whole),
        )

    def parts(self, shelf: Shelf, rows: Rows, asked: Asked, *, names: Sequence[str]) -> dict[str, FloatArray]:
        """Return the named part scores, each (queries, rows)."""
        everything = len(rows) == len(shelf.all_keys)
        held = _Held(self, shelf, None if everything else rows)
        title, full = asked.title, asked.full
        ways = {
            "word": lambda: self._by_word.scores(full.words, held["word"]),
            "char": lambda: self._by_char.scores(full.grams, held["char"]),
            "char_title": lambda: self._by_gram.scores(title.grams, held["char_title"]),
            "char_full": lambda: self._by_gram.scores(full.grams, held["char_full"]),
            "single_title": lambda: self._by_single.scores(title.grams, held["single"], asked.strange_title),
            "single_full": lambda: self._by_single.scores(full.grams, held["single"], asked.strange_full),
            "pairs_held": lambda: self._pairs.of_texts(full.grams, held["pairs_title"]),
            "share_title": lambda: self._singles.of_texts(title.grams, held["singles_title"]),
            "share_full": lambda: self._singles.of_texts(full.grams, held["singles_title"]),
            "share_query": lambda: self._singles.of_queries(
                title.grams, held["singles_title"], asked.strange_title
            ),
            "share_asked": lambda: self._singles.of_queries(full.grams, held["singles_full"]),
            "semantic_title": lambda: held.meaning(asked.vectors[:, 0]),
            "semantic_full": lambda: held.meaning(asked.vectors[:, 1]),
        }
        return {name: ways[name]() for name in names}

    def rough(self, shelf: Shelf, grams: Any, vectors: FloatArray, weights: TextWeights) -> FloatArray:
        """Return (queries, rows): a quick score by meaning and by pairs of characters.

        `grams` are the counts of whole queries, `vectors` those of whole queries. Dropped rows get minus
        infinity.
        """
        parts = weights.parts
        meaning = np.float32(parts["semantic_full"] + parts["semantic_title"])
        shared = np.float32(parts["char"] + parts["char_full"] + parts["single_full"])
        found = np.asarray((vectors * meaning) @ shelf.vectors.T, dtype=np.float32)
        if not shelf.known.all():
            found[:, ~shelf.known] = USUAL_MEANING * meaning
        found[~vectors.any(axis=1)] = USUAL_MEANING * meaning
        if shelf.lists is None:
            shelf.lists = lists_of(shelf.full.grams, self._is_pair, self._by_char)
        for place in range(len(found)):
            places, most = self._by_char.telling(grams[place], self._is_pair)
            found[place] += shelf.lists.gather(places, found.shape[1]) * (shared / np.float32(most))
        if len(shelf.rows) != len(shelf.all_keys):
            gone = np.ones(len(shelf.all_keys), dtype=bool)
            gone[shelf.chosen(None)] = False
            found[:, gone] = -np.inf
        return found


class _Held:
    """A shelf's matrices, whole or only some rows of them."""

    def __init__(self, books: Books, shelf: Shelf, rows: Rows | None) -> None:
        self._books, self._shelf, self._rows = books, shelf, rows

    def __getitem__(self, name: str) -> Any:
        return self._books.weighed(self._shelf, name, self._rows)

    def meaning(self, vectors: FloatArray) -> FloatArray:
        """Return the cosines with the queries; where either has no vector, the usual closeness."""
        rows = slice(None) if self._rows is None else self._rows
        found = cosines(self._shelf.vectors[rows], vectors)
        found[:, ~self._shelf.known[rows]] = USUAL_MEANING
        found[~vectors.any(axis=1)] = USUAL_MEANING
        return found


def _source(shelf: Shelf, name: str) -> Any:
    """Return the counts that a weighing is made from."""
    if name == "word":
        return shelf.full.words
    return shelf.titles if name.endswith("_title") else shelf.full.grams
