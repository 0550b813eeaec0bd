"""Speed of matching: ratios to bare searches over the same vectors and texts, in one run.

    python bench/matching.py [--size 100000] [--needs 2000] [--encode]

First stage: `Library.nearest` against one matrix-vector product and a partial sort. All needs against all
achievements, top 50: `Library.nearest_many` against one blocked product and bm25s, where that is installed.
Adding one achievement: at 1,000 and at --size. --encode: texts a second against sentence-transformers in
single precision. Texts and vectors are made up: 220 characters in clauses, every text and its vector near
one of 500 topics. Their runs of three characters are more varied than real ones, so memory is overstated.
"""

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nlp.index import Library, Passage, Query
from nlp.scale import read_weights
from nlp.text import segmenter

CONFIG = Path(__file__).resolve().parents[1] / "config"
WIDTH = 384
TOP = 50
WORDS_A_TEXT, WORDS_A_CLAUSE = 110, 8
TOPICS, WORDS_A_TOPIC = 500, 300
SEED = 20261124
BLOCK = 200
FloatArray = NDArray[np.float32]


def main() -> None:
    """Build what is asked for and print one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--needs", type=int, default=2_000)
    parser.add_argument("--encode", action="store_true")
    options = parser.parse_args()
    if options.encode:
        encoding()
    chance = np.random.default_rng(SEED)
    world = World(chance)
    texts, vectors = world.draw(options.size)
    asked, query_vectors = world.draw(options.needs)
    before = memory_gb()
    began = time.perf_counter()
    library = library_of(texts, vectors)
    print(f"library of {options.size} texts built in {time.perf_counter() - began:.1f} s (vectors given)")
    first_stage(library, vectors, asked, query_vectors)
    adding(library, texts, vectors)
    ours = all_needs(library, asked, query_vectors)
    print(f"most memory beside vectors and texts: {memory_gb() - before:.2f} GB (at most 2)")
    compare_all(ours, vectors, texts, asked, query_vectors)


class World:
    """A made-up language with topics; its characters are common or rare as in any."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        letters = np.array([chr(0x4E00 + number) for number in range(3000)])
        drawn = np.minimum(chance.zipf(1.1, size=(30_000, 2)), len(letters)) - 1
        self._words = np.array(["".join(pair) for pair in letters[drawn]])
        self._topics = chance.integers(0, len(self._words), size=(TOPICS, WORDS_A_TOPIC))
        self._centres = chance.standard_normal((TOPICS, WIDTH), dtype=np.float32)

    def draw(self, count: int) -> tuple[list[str], FloatArray]:
        """Return texts, two fifths of their words from one topic, and unit vectors near the topic's."""
        topics = self._chance.integers(0, TOPICS, size=count)
        common = np.minimum(self._chance.zipf(1.15, size=(count, WORDS_A_TEXT)), len(self._words)) - 1
        own = self._topics[topics[:, None], self._chance.integers(0, WORDS_A_TOPIC, (count, WORDS_A_TEXT))]
        words = self._words[np.where(self._chance.random((count, WORDS_A_TEXT)) < 0.4, own, common)]
        vectors = self._chance.standard_normal((count, WIDTH), dtype=np.float32) + self._centres[topics]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return ["，".join(map("".join, clauses(row.tolist()))) for row in words], vectors


def clauses(words: list[str]) -> list[list[str]]:
    """Return the words clause by clause."""
    return [words[start : start + WORDS_A_CLAUSE] for start in range(0, len(words), WORDS_A_CLAUSE)]


def memory_gb() -> float:
    """Return the most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def library_of(texts: list[str], vectors: FloatArray) -> Library:
    """Return a library of texts without titles."""
    return Library(
        [Passage(key=place, title="", text=text) for place, text in enumerate(texts)],
        vectors,
        segmenter=segmenter(CONFIG / "dictionary.txt", CONFIG / "stopwords.txt"),
        weights=read_weights(CONFIG / "weights.toml"),
    )


def first_stage(library: Library, vectors: FloatArray, asked: list[str], asked_vectors: FloatArray) -> None:
    """Compare the quick search, and the close look that follows it, with the bare exact search."""
    queries = [Query(title=text[:12], text=text) for text in asked[:40]]
    pairs = [np.stack([vector, vector]) for vector in asked_vectors[:40]]
    library.nearest(queries[0], pairs[0], most=500)
    bare = timed(lambda place: bare_search(vectors, asked_vectors[place]), 40)
    quick = timed(lambda place: library.nearest(queries[place], pairs[place], most=500), 40)

    def both(place: int) -> None:
        near = library.nearest(queries[place], pairs[place], most=500)
        library.score(queries[place], pairs[place], among=near)

    both(0)
    close = timed(both, 40)
    ratio = statistics.median(quick) / statistics.median(bare)
    print(f"bare exact search: {told(bare)}")
    print(f"first stage: {told(quick)}; {ratio:.2f} times the bare search (at most 3)")
    print(f"first stage and close look at 500: {told(close)}")


def bare_search(vectors: FloatArray, vector: FloatArray) -> NDArray[np.int64]:
    """Return the places of the best by one product and a partial sort."""
    found = vectors @ vector
    return np.argpartition(-found, TOP)[:TOP]


def adding(library: Library, texts: list[str], vectors: FloatArray) -> None:
    """Compare adding one achievement to a small and to this library."""
    small = library_of(texts[:1000], vectors[:1000])
    costs = {}
    for name, held in (("1,000", small), (f"{len(texts):,}", library)):
        passage = Passage(key=10_000_000, title="新增成果", text=texts[7])
        held.add([passage], vectors[:1])
        costs[name] = statistics.median(timed(partial(add_again, held, passage, vectors[:1]), 15))
    words = ", ".join(f"at {name}: {seconds * 1e3:.2f} ms" for name, seconds in costs.items())
    print(f"adding one achievement {words}")


def add_again(library: Library, passage: Passage, vectors: FloatArray, _number: int) -> None:
    """Replace one passage by itself."""
    library.add([passage], vectors)


def all_needs(library: Library, asked: list[str], asked_vectors: FloatArray) -> float:
    """Return how long the best 50 of all needs take."""
    queries = [Query(title=text[:12], text=text) for text in asked]
    began = time.perf_counter()
    pairs = np.stack([asked_vectors] * 2, axis=1)
    found = sum(len(near) for near in library.nearest_many(queries, pairs, most=TOP))
    seconds = time.perf_counter() - began
    print(f"all {len(asked)} needs: {found} pairs in {seconds:.1f} s")
    return seconds


def compare_all(
    ours: float, vectors: FloatArray, texts: list[str], asked: list[str], asked_vectors: FloatArray
) -> None:
    """Compare all needs with all achievements with a blocked product, and bm25s where it is installed."""
    began = time.perf_counter()
    for start in range(0, len(asked), BLOCK):
        found = asked_vectors[start : start + BLOCK] @ vectors.T
        np.argpartition(-found, TOP, axis=1)[:, :TOP]
    product = time.perf_counter() - began
    other, name = words_search(texts, asked)
    print(f"  product {product:.1f} s, {name} {other:.1f} s")
    print(f"  ours takes {ours / (product + other):.2f} times both together (at most 1.5)")


def words_search(texts: list[str], asked: list[str]) -> tuple[float, str]:
    """Return how long bm25s takes to index and search the same texts, or nothing where it is missing."""
    if find_spec("bm25s") is None:
        return 0.0, "bm25s (not installed)"
    import bm25s

    began = time.perf_counter()
    searcher = bm25s.BM25()
    searcher.index([pairs_of(text) for text in texts], show_progress=False)
    searcher.retrieve([pairs_of(text) for text in asked], k=TOP, show_progress=False)
    return time.perf_counter() - began, "bm25s"


def pairs_of(text: str) -> list[str]:
    """Return a text's words as they were drawn: two characters each."""
    return [clause[start : start + 2] for clause in text.split("，") for start in range(0, len(clause), 2)]


def encoding(count: int = 96) -> None:
    """Compare the shipped encoder's ways with sentence-transformers in single precision, same weights."""
    from nlp.embedding import available_way, load_encoder

    chance = np.random.default_rng(SEED)
    texts = World(chance).draw(count)[0]
    ways = ["direct"] if available_way()[0] == "direct" else ["direct", "sentence-transformers"]
    for way in ways:
        encoder = load_encoder(way=way)  # type: ignore[arg-type]
        rate = speed(partial(encoder.encode, texts, kind="passage"), count)
        print(f"encoding, {way}: {rate:.1f} a second")
    if len(ways) > 1:
        import torch

        from nlp import sentence, weights

        sentence.has_fast_half_precision.cache_clear()
        model = sentence.build_shipped(weights.load_weights())
        torch.nn.Module.to(model, torch.float32)
        plain = speed(lambda: sentence.encode(model, texts, "passage"), count)
        print(f"encoding, sentence-transformers in fp32: {plain:.1f} a second")


def speed(act: Callable[[], object], count: int) -> float:
    """Return texts a second, after one run to warm up."""
    act()
    began = time.perf_counter()
    act()
    return count / (time.perf_counter() - began)


def timed(act: Callable[[int], object], times: int) -> list[float]:
    """Return the seconds of each call."""
    seconds = []
    for number in range(times):
        began = time.perf_counter()
        act(number)
        seconds.append(time.perf_counter() - began)
    return seconds


def told(seconds: list[float]) -> str:
    """Return median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    worst = ordered[int(len(ordered) * 0.95)]
    return f"median {statistics.median(ordered) * 1e3:.1f} ms, p95 {worst * 1e3:.1f} ms"


if __name__ == "__main__":
    main()
