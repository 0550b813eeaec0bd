"""Counts runs of one to three characters over whole collections, as numbers instead of strings.

A run is packed into one integer, sixteen bits a character: what `nlp.text.NOT_SCORED` leaves are characters
of the basic plane. Sorting integers is many times quicker than looking up strings, and the vocabulary of a
hundred thousand texts takes eight bytes a run.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.text import NOT_SCORED, normalise

Codes = NDArray[np.int64]
LONGEST = 3
BITS = 16
RUN_BITS = BITS * LONGEST
RUN_MASK = (1 << RUN_BITS) - 1
TEXTS_AT_ONCE = 2048  # fits above the bits of a run
MOST_COUNTED = 65_535
GAP = "\0"


class Grams:
    """The runs of characters that a collection holds, in the order of their codes; frozen once learnt."""

    def __init__(self) -> None:
        self._codes: Codes = np.zeros(0, dtype=np.int64)

    def learn(self, texts: Sequence[str]) -> Any:
        """Take in every run of the texts and return their counts (texts, runs)."""
        counted = [_counted(some) for some in _in_steps(texts)]
        self._codes = np.unique(np.concatenate([codes for codes, _, _, _ in counted] or [self._codes]))
        return self._matrix([self._placed(step) for step in counted], len(texts))

    def count(self, texts: Sequence[str]) -> Any:
        """Return the counts of known runs; unknown ones are passed over."""
        return self._matrix([self._placed(_counted(some)) for some in _in_steps(texts)], len(texts))

    def strange(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return how many different characters of each text the collection does not hold."""
        singles = set(self._codes[: np.searchsorted(self._codes, 1 << BITS)].tolist())
        letters = [{ord(letter) for letter in NOT_SCORED.sub("", normalise(text))} for text in texts]
        return np.array([len(held - singles) for held in letters], dtype=np.int64)

    def lengths(self) -> NDArray[np.int8]:
        """Return how many characters each run has."""
        longer = [(self._codes >> (BITS * shorter)) > 0 for shorter in range(1, LONGEST)]
        return np.asarray(1 + sum(part.astype(np.int8) for part in longer), dtype=np.int8)

    def _placed(self, counted: tuple[Codes, Any, Any, Any]) -> tuple[Any, Any, Any]:
        """Return rows' lengths, columns and counts of one step, known runs only."""
        codes, places, counts, lengths = counted
        columns = np.searchsorted(self._codes, codes)
        known = np.zeros(len(codes), dtype=bool)
        inside = columns < len(self._codes)
        known[inside] = self._codes[columns[inside]] == codes[inside]
        kept = known[places]
        if not kept.all():
            rows = np.repeat(np.arange(len(lengths)), lengths)[kept]
            lengths = np.bincount(rows, minlength=len(lengths))
            places, counts = places[kept], counts[kept]
        return lengths, columns.astype(np.int32)[places], counts

    def _matrix(self, steps: Sequence[tuple[Any, Any, Any]], texts: int) -> Any:
        from scipy.sparse import csr_matrix

        lengths = np.concatenate([step[0] for step in steps] or [np.zeros(0, dtype=np.int64)])
        columns = np.concatenate([step[1] for step in steps] or [np.zeros(0, dtype=np.int32)])
        counts = np.concatenate([step[2] for step in steps] or [np.zeros(0, dtype=np.uint16)])
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        matrix = csr_matrix((counts, columns, starts), shape=(texts, len(self._codes)))
        matrix.has_sorted_indices = matrix.has_canonical_format = True
        return matrix


def _in_steps(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        yield texts[start : start + TEXTS_AT_ONCE]


def _counted(texts: Sequence[str]) -> tuple[Codes, Any, Any, Any]:
    """Return the runs of some texts, each once; then text by text their places there, counts, how many."""
    found = np.sort(_runs(texts))
    first = np.flatnonzero(np.concatenate([[True], found[1:] != found[:-1]])) if len(found) else found
    counts = np.diff(np.append(first, len(found)))
    both = found[first]
    codes, places = np.unique(both & RUN_MASK, return_inverse=True)
    lengths = np.bincount(both >> RUN_BITS, minlength=len(texts))
    return codes, places.astype(np.int32), np.minimum(counts, MOST_COUNTED).astype(np.uint16), lengths


def _runs(texts: Sequence[str]) -> Codes:
    """Return every run of every text with the text's place above its bits; none reaches over punctuation."""
    bare = [NOT_SCORED.sub(GAP, normalise(text)) for text in texts]
    letters = np.frombuffer(GAP.join(bare).encode("utf-32-le"), dtype="<u4").astype(np.int64)
    rows = np.repeat(np.arange(len(bare), dtype=np.int64), [len(text) + 1 for text in bare])[: len(letters)]
    runs, unbroken, found = letters, letters > 0, []
    for length in range(1, LONGEST + 1):
        if length > 1:
            following = letters[length - 1 :]
            runs = runs[: len(following)] | (following << (BITS * (length - 1)))
            unbroken = unbroken[: len(following)] & (following > 0)
        found.append(((rows[: len(runs)] << RUN_BITS) | runs)[unbroken])
    return np.concatenate(found)
