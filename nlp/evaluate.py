"""Score judged pairs and rank a corpus with the very code that serves needs and achievements.

Rows are dicts as they stand in the JSON-lines files. The levels of the pairs that are scored are never
looked at, except by `folds`, which by definition learns from the other folds; shuffled or missing levels give
the same bytes.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.embedding import Encoder
from nlp.index import PARTS, Library, Passage, Query, passage_vectors, query_vectors
from nlp.known import KnownGrades, Pairs
from nlp.learning import fit
from nlp.scale import TextWeights, expected_level, median_level
from nlp.similarity import blend, top_k
from nlp.text import Segmenter, join

Row = Mapping[str, Any]
Array = NDArray[np.float64]
Told = Callable[[str], None]
RANKING_DEPTH = 100
LEAST_TAUGHT = 50  # with fewer graded pairs the shipped weights know more
LEAST_REFITTED = 500  # from so many on the folds fit weights of their own
TEXTS_AT_ONCE = 512


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write a JSON-lines file; numbers are written so that equal results are equal bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(json.dumps(dict(row), ensure_ascii=False, sort_keys=True) + "\n" for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What scoring needs; `told` hears how far a long step has come."""

    encoder: Encoder
    segmenter: Segmenter
    weights: TextWeights
    told: Told = lambda _words: None

    def library(self, passages: Sequence[Passage], background: Sequence[str] = ()) -> Library:
        """Encode passages in steps and build a library of them."""
        steps = []
        for start in range(0, len(passages), TEXTS_AT_ONCE):
            self.told(f"编码 {start}/{len(passages)}")
            steps.append(passage_vectors(self.encoder, passages[start : start + TEXTS_AT_ONCE]))
        self.told("建立索引")
        vectors = np.concatenate(steps) if steps else np.zeros((0, self.encoder.dimension), dtype=np.float32)
        return Library(
            passages, vectors, segmenter=self.segmenter, weights=self.weights, background=background
        )


def rank_corpus(
    queries: Sequence[Row], corpus: Sequence[Row], tools: Tools, *, depth: int = RANKING_DEPTH
) -> Iterator[dict[str, Any]]:
    """Yield {"query_id", "ranking"} a query, best document first."""
    library = tools.library(
        [Passage(key=place, title="", text=row["text"]) for place, row in enumerate(corpus)]
    )
    asked = [Query(title=row["query"], keywords=True) for row in queries]
    vectors = query_vectors(tools.encoder, asked)
    for row, scores in zip(queries, library.score_many(asked, vectors), strict=True):
        places = top_k(scores.blended, scores.keys, depth)
        yield {
            "query_id": row["query_id"],
            "ranking": [corpus[scores.keys[place]]["doc_id"] for place in places],
        }


def score_pairs(
    needs: Sequence[Row],
    pairs: Sequence[Row],
    tools: Tools,
    *,
    train: Sequence[Row] = (),
    folds: int = 0,
    within: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield {"need_id", "achievement_id", "score", "level"} a pair, in the order of `pairs`.

    Without `train` and `folds` the shipped weights rank. `train` holds graded pairs to learn from, of these
    needs or others. `folds` cuts the pairs by need, or with `within` by achievement inside every need, and
    scores each fold by what the others' levels teach; `within` folds also carry their number as "fold",
    because one need's candidates are then scored by several fits and only compare inside a fold.
    """
    table = PairTable(needs, [*pairs, *train], tools)
    asked = list(range(len(pairs)))
    taught = list(range(len(pairs), len(pairs) + len(train)))
    if not folds:
        yield from table.score(asked, taught, weights=tools.weights)
        return
    numbers = [fold_of(pair, folds, within=within) for pair in pairs]
    found: dict[int, dict[str, Any]] = {}
    for number in range(folds):
        tools.told(f"第 {number + 1}/{folds} 折")
        inside = [place for place in asked if numbers[place] == number]
        others = [*(place for place in asked if numbers[place] != number), *taught]
        weights = table.fitted(others) if len(others) >= LEAST_REFITTED else tools.weights
        for place, row in zip(inside, table.score(inside, others, weights=weights), strict=True):
            found[place] = row | {"fold": number} if within else row
    yield from (found[place] for place in asked)


def fold_of(pair: Row, folds: int, *, within: bool) -> int:
    """Return a pair's fold, from what it is and never from where it stands or how it was graded."""
    name = f"{pair['need_id']} {pair['achievement_title']}" if within else str(pair["need_id"])
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % folds


class PairTable:
    """Needs and achievements encoded once, and the part scores of every pair that is asked or learnt from."""

    def __init__(self, needs: Sequence[Row], pairs: Sequence[Row], tools: Tools) -> None:
        self._pairs = pairs
        wanted = {pair["need_id"] for pair in pairs}
        kept = [need for need in needs if need["need_id"] in wanted]
        place_of = {need["need_id"]: place for place, need in enumerate(kept)}
        queries = [Query(title=need["title"], text=need["text"]) for need in kept]
        texts = sorted({_texts(pair) for pair in pairs})
        key_of = {both: key for key, both in enumerate(texts)}
        passages = [Passage(key=key, title=both[0], text=both[1]) for key, both in enumerate(texts)]
        library = tools.library(passages, [join(query.title, query.text) for query in queries])
        asked = query_vectors(tools.encoder, queries)
        self._needs = np.array([place_of[pair["need_id"]] for pair in pairs], dtype=np.int64)
        self._achievements = np.array([key_of[_texts(pair)] for pair in pairs], dtype=np.int64)
        self._alike: Array | None = None
        self.parts = np.zeros((len(pairs), len(PARTS)))
        self._library, self._queries, self._asked = library, queries, asked
        self._score_parts()
        self._needs_alike = _centred_cosines(asked[:, 1])

    def _score_parts(self) -> None:
        for place, query in enumerate(self._queries):
            mine = np.flatnonzero(self._needs == place)
            among = self._achievements[mine].tolist()
            scores = self._library.score(query, self._asked[place], among=among)
            row_of = {key: row for row, key in enumerate(scores.keys)}
            rows = [row_of[key] for key in self._achievements[mine].tolist()]
            self.parts[mine] = np.stack([scores.parts[name][rows] for name in PARTS], axis=1)

    def served(self, weights: TextWeights, *, top: int) -> tuple[Array, Array]:
        """Return margins and levels of what every need would be shown of all achievements here.

        The level is not a number where nobody picked the achievement for the need.
        """
        margins, levels = [], []
        for place, scores in enumerate(self._library.score_many(self._queries, self._asked)):
            blended = blend({name: scores.parts[name] for name in PARTS}, weights.parts)
            graded = np.full(len(blended), np.nan)
            mine = np.flatnonzero(self._needs == place)
            graded[self._achievements[mine]] = self.levels(mine.tolist())
            shown = top_k(blended, scores.keys, top)
            margins.append(blended[shown])
            levels.append(graded[shown])
        return np.concatenate(margins), np.concatenate(levels)

    def fitted(self, places: Sequence[int]) -> TextWeights:
        """Return weights fitted to the levels of these pairs alone."""
        return fit(PARTS, self.parts[list(places)], self.levels(places))

    def levels(self, places: Sequence[int]) -> Array:
        """Return the levels people gave."""
        return np.array([float(self._pairs[place]["level"]) for place in places])

    def blended(self, places: Sequence[int], weights: TextWeights) -> Array:
        """Return the margins that serving would show."""
        chosen = list(places)
        parts = {name: self.parts[chosen, at].astype(np.float32) for at, name in enumerate(PARTS)}
        return blend(parts, weights.parts)

    def score(
        self, asked: Sequence[int], taught: Sequence[int], *, weights: TextWeights
    ) -> list[dict[str, Any]]:
        """Score the asked pairs; with enough taught pairs what was said of similar ones moves the scores."""
        reached = self.reached(asked, taught, weights=weights)
        score, level = reached.sum(axis=1), median_level(reached)
        return [
            {
                "need_id": self._pairs[place]["need_id"],
                "achievement_id": self._pairs[place]["achievement_id"],
                "score": round(float(one), 6),
                "level": int(grade),
            }
            for place, one, grade in zip(asked, score, level, strict=True)
        ]

    def reached(self, asked: Sequence[int], taught: Sequence[int], *, weights: TextWeights) -> Array:
        """Return (pairs, 3): the probability of at least weak, at least fair, and strong."""
        if len(taught) < LEAST_TAUGHT:
            return weights.scale.reached(self.blended(asked, weights))
        known = KnownGrades(
            self._as_pairs(taught, weights),
            self.levels(taught),
            achievements_alike=self._likeness(),
            needs_alike=self._needs_alike,
        )
        return known.reached(self._as_pairs(asked, weights))

    def _likeness(self) -> Array:
        """Return how alike all achievements are; told only where something is learnt, because it is large."""
        if self._alike is None:
            self._alike = self._library.likeness(self._library.keys, self._library.keys)
        return self._alike

    def _as_pairs(self, places: Sequence[int], weights: TextWeights) -> Pairs:
        chosen = list(places)
        return Pairs(
            needs=self._needs[chosen],
            achievements=self._achievements[chosen],
            parts=self.parts[chosen],
            expected=expected_level(weights.scale.reached(self.blended(places, weights))),
        )


def _texts(pair: Row) -> tuple[str, str]:
    return pair["achievement_title"], pair.get("achievement_text", "")


def _centred_cosines(vectors: NDArray[np.float32]) -> Array:
    """Return cosines after taking out what all vectors share, so that they spread from -1 to 1."""
    moved = vectors.astype(np.float64) - vectors.mean(axis=0)
    moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return np.asarray(moved @ moved.T)
