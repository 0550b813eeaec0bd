"""Which passages hold which pair of characters: the quick search reads the lists of a query's pairs only."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.lexical import Bm25

FloatArray = NDArray[np.float32]
Rows = NDArray[np.int64]
# A pair of characters that stands in more of the passages than this tells nothing.
COMMON_SHARE = 0.05
COMMON_FROM = 50
ROWS_AT_ONCE = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The passages that hold each pair of characters, with its weight there, one list after the other."""

    pairs: NDArray[np.int32]
    starts: Rows
    rows: NDArray[np.int32]
    values: FloatArray

    def gather(self, pairs: Rows, size: int) -> FloatArray:
        """Return each passage's sum over the lists of these pairs."""
        places = np.searchsorted(self.pairs, pairs)
        inside = places < len(self.pairs)
        places = places[inside][self.pairs[places[inside]] == pairs[inside]]
        spans = [slice(self.starts[place], self.starts[place + 1]) for place in places]
        if not spans:
            return np.zeros(size, dtype=np.float32)
        together = np.concatenate([self.rows[span] for span in spans])
        weights = np.concatenate([self.values[span] for span in spans])
        return np.bincount(together, weights=weights, minlength=size).astype(np.float32)


def lists_of(grams: Any, is_pair: NDArray[np.bool_], by_char: Bm25) -> Lists:
    """Return the weighed passages by pair of characters, without the pairs that most passages hold."""
    found = [
        _pairs_of(by_char.weigh(grams[start : start + ROWS_AT_ONCE]), is_pair, start)
        for start in range(0, max(grams.shape[0], 1), ROWS_AT_ONCE)
    ]
    pairs, rows, values = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(pairs, kind="stable")
    pairs, rows, values = pairs[order], rows[order], values[order]
    kinds, lengths = np.unique(pairs, return_counts=True)
    wanted = lengths <= max(COMMON_SHARE * grams.shape[0], COMMON_FROM)
    kept = np.repeat(wanted, lengths)
    return Lists(
        pairs=kinds[wanted],
        starts=np.concatenate([[0], np.cumsum(lengths[wanted], dtype=np.int64)]),
        rows=rows[kept],
        values=values[kept],
    )


def _pairs_of(weighed: Any, is_pair: NDArray[np.bool_], start: int) -> tuple[Any, Any, Any]:
    """Return some passages' weighed pairs: columns, the rows counted from `start`, and weights."""
    rows = np.repeat(np.arange(weighed.shape[0], dtype=np.int32) + start, np.diff(weighed.indptr))
    chosen = is_pair[weighed.indices]
    return weighed.indices[chosen], rows[chosen], weighed.data[chosen]
