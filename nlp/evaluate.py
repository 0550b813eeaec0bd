"""Score judged pairs and rank a corpus with the very code that serves needs and achievements.

Rows are dicts as they stand in the JSON-lines files. The levels of the pairs that are scored are never
looked at, except by `folds`, which by definition learns from the other folds; shuffled or missing levels give
the same bytes.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.embedding import Encoder
from nlp.index import PARTS, Library, Passage, Query, passage_vectors, query_vectors
from nlp.ranking import Candidates, GradedRanker, Likeness, LinearRanker, fit_linear, load_linear
from nlp.scale import TextWeights
from nlp.text import Segmenter, join

Row = Mapping[str, Any]
RANKING_DEPTH = 100
LEAST_TAUGHT = 50  # with fewer graded pairs the shipped model knows more


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write a JSON-lines file; numbers are written so that equal results are equal bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(json.dumps(dict(row), ensure_ascii=False, sort_keys=True) + "\n" for row in rows)


def rank_corpus(
    queries: Sequence[Row],
    corpus: Sequence[Row],
    encoder: Encoder,
    *,
    segmenter: Segmenter,
    weights: TextWeights,
    depth: int = RANKING_DEPTH,
) -> Iterator[dict[str, Any]]:
    """Yield {"query_id", "ranking"} a query, best document first."""
    passages = [Passage(key=place, title="", text=row["text"]) for place, row in enumerate(corpus)]
    library = Library(passages, passage_vectors(encoder, passages), segmenter=segmenter, weights=weights)
    asked = [Query(title=row["query"], keywords=True) for row in queries]
    vectors = query_vectors(encoder, asked)
    for row, query, pair in zip(queries, asked, vectors, strict=True):
        found = library.best(query, pair, top=depth)
        yield {"query_id": row["query_id"], "ranking": [corpus[one.key]["doc_id"] for one in found]}


def score_pairs(
    needs: Sequence[Row],
    pairs: Sequence[Row],
    encoder: Encoder,
    *,
    segmenter: Segmenter,
    weights: TextWeights,
    train: Sequence[Row] = (),
    folds: int = 0,
    within: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield {"need_id", "achievement_id", "score", "level"} a pair, in the order of `pairs`.

    Without `train` and `folds` the shipped model ranks. `train` holds graded pairs to learn from, of these
    needs or others. `folds` cuts the pairs by need, or with `within` by achievement inside every need, and
    scores each fold by what the others' levels teach.
    """
    table = PairTable(needs, [*pairs, *train], encoder, segmenter=segmenter, weights=weights)
    asked = list(range(len(pairs)))
    taught = list(range(len(pairs), len(pairs) + len(train)))
    if not folds:
        yield from table.score(asked, taught)
        return
    numbers = [fold_of(pair, folds, within=within) for pair in pairs]
    found: dict[int, dict[str, Any]] = {}
    for number in range(folds):
        inside = [place for place in asked if numbers[place] == number]
        others = [place for place in asked if numbers[place] != number]
        found |= dict(zip(inside, table.score(inside, [*others, *taught]), strict=True))
    yield from (found[place] for place in asked)


def fold_of(pair: Row, folds: int, *, within: bool) -> int:
    """Return a pair's fold, from what it is and never from where it stands or how it was graded."""
    name = f"{pair['need_id']} {pair['achievement_title']}" if within else str(pair["need_id"])
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % folds


class PairTable:
    """Needs and achievements encoded once, and the part scores of every pair that is asked or learnt from."""

    def __init__(
        self,
        needs: Sequence[Row],
        pairs: Sequence[Row],
        encoder: Encoder,
        *,
        segmenter: Segmenter,
        weights: TextWeights,
    ) -> None:
        self._pairs = pairs
        wanted = {pair["need_id"] for pair in pairs}
        self._needs = {need["need_id"]: need for need in needs if need["need_id"] in wanted}
        queries = [Query(title=need["title"], text=need["text"]) for need in self._needs.values()]
        texts = sorted({(pair["achievement_title"], pair.get("achievement_text", "")) for pair in pairs})
        self._achievements = {both: place for place, both in enumerate(texts)}
        passages = [Passage(key=place, title=both[0], text=both[1]) for place, both in enumerate(texts)]
        vectors = passage_vectors(encoder, passages)
        background = [join(query.title, query.text) for query in queries]
        library = Library(passages, vectors, segmenter=segmenter, weights=weights, background=background)
        asked = query_vectors(encoder, queries)
        self._parts = {
            need_id: np.stack([library.score(query, pair).parts[name] for name in PARTS], axis=1)
            for need_id, query, pair in zip(self._needs, queries, asked, strict=True)
        }
        self._likeness = Likeness(
            achievements=(centred_cosines(vectors) + library.title_likeness()) / 2,
            needs=centred_cosines(asked[:, 1]),
            need_places={need_id: place for place, need_id in enumerate(self._needs)},
        )

    def score(self, asked: Sequence[int], taught: Sequence[int]) -> list[dict[str, Any]]:
        """Score the asked pairs after learning from the taught ones; few of those leave the shipped model."""
        ranker: LinearRanker | GradedRanker = load_linear()
        if len(taught) >= LEAST_TAUGHT:
            ranker = GradedRanker(self.graded(taught), self._likeness)
        rows: dict[int, dict[str, Any]] = {}
        for need_id, places in self._groups(asked):
            estimate = ranker.estimate(self._candidates(need_id, places, graded=False))
            for place, score, level in zip(places, estimate.score, estimate.level, strict=True):
                rows[place] = {
                    "need_id": need_id,
                    "achievement_id": self._pairs[place]["achievement_id"],
                    "score": round(float(score), 6),
                    "level": int(level),
                }
        return [rows[place] for place in asked]

    def linear_from(self, taught: Sequence[int]) -> LinearRanker:
        """Fit the linear model on the taught pairs, as the shipped one was."""
        return fit_linear(self.graded(taught))

    def graded(self, places: Sequence[int]) -> list[Candidates]:
        """Return the pairs at these places with their levels, need by need."""
        return [self._candidates(*group) for group in self._groups(places)]

    def _groups(self, places: Sequence[int]) -> list[tuple[str, list[int]]]:
        groups: dict[str, list[int]] = {}
        for place in places:
            groups.setdefault(self._pairs[place]["need_id"], []).append(place)
        return list(groups.items())

    def _candidates(self, need_id: str, places: list[int], *, graded: bool = True) -> Candidates:
        chosen = [self._pairs[place] for place in places]
        achievements = np.array(
            [
                self._achievements[pair["achievement_title"], pair.get("achievement_text", "")]
                for pair in chosen
            ]
        )
        return Candidates(
            need=need_id,
            parts=self._parts[need_id][achievements].astype(np.float64),
            achievements=achievements,
            levels=np.array([float(pair["level"]) for pair in chosen]) if graded else None,
        )


def centred_cosines(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return cosines after taking out what all vectors share, so that they spread from -1 to 1."""
    moved = vectors.astype(np.float64) - vectors.mean(axis=0)
    moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return np.asarray(moved @ moved.T)
