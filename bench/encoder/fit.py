"""Fit what is learnt from graded pairs: nlp/data/ranker.json and the [text] figures of config/weights.toml.

    python bench/encoder/fit.py --needs needs.jsonl --pairs pairs.jsonl [--out nlp/data/ranker.json]

Only coefficients leave this script. The blend of config/weights.toml uses raw part scores alone, so that
adding an achievement never moves the score of another; no weight may be negative, because a clerk could not
be told why more in common should count less. Nothing random. Run it with the repository on PYTHONPATH.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.embedding import load_encoder
from nlp.evaluate import PairTable, read_rows
from nlp.index import PARTS
from nlp.ranking import save_linear
from nlp.scale import read_weights
from nlp.text import segmenter

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = (
    "Ridge regression of the grades 1 to 4 of {pairs} pairs of {needs} enterprise needs with achievement "
    "titles, graded by technology-transfer staff (CCF BDCI 2019). Coefficients only, no text of the pairs."
)


def fit_blend(
    parts: NDArray[np.float64], levels: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[float]]:
    """Return non-negative weights and three cut points of a proportional-odds model."""
    from scipy.optimize import minimize

    spread = parts.std(axis=0)
    scaled = (parts - parts.mean(axis=0)) / spread
    reached = np.stack([levels >= level for level in (2, 3, 4)], axis=1)

    def loss(values: NDArray[np.float64]) -> float:
        margin = (scaled @ values[:-3])[:, None] - values[-3:]
        odds = np.logaddexp(0, np.where(reached, -margin, margin))
        return float(odds.mean() + 0.002 * (values[:-3] ** 2).sum())

    count = parts.shape[1]
    start = np.array([0.1] * count + [0.0, 2.0, 3.0])
    found = minimize(loss, start, method="L-BFGS-B", bounds=[(0, None)] * count + [(None, None)] * 3).x
    weights = found[:-3] / spread
    shift = float(parts.mean(axis=0) @ weights)
    return weights, [float(cut) + shift for cut in found[-3:]]


def main() -> None:
    """Read the pairs, fit both, write the one and print the other."""
    parser = argparse.ArgumentParser(description="Fit the ranking coefficients.")
    parser.add_argument("--needs", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "nlp" / "data" / "ranker.json")
    options = parser.parse_args()
    pairs = read_rows(options.pairs)
    table = PairTable(
        read_rows(options.needs),
        pairs,
        load_encoder(),
        segmenter=segmenter(ROOT / "config" / "dictionary.txt", ROOT / "config" / "stopwords.txt"),
        weights=read_weights(ROOT / "config" / "weights.toml"),
    )
    graded = table.graded(range(len(pairs)))
    origin = ORIGIN.format(pairs=len(pairs), needs=len(graded))
    save_linear(table.linear_from(range(len(pairs))), options.out, parts=PARTS, origin=origin)
    parts = np.vstack([one.parts for one in graded])
    levels = np.concatenate([one.levels for one in graded if one.levels is not None])
    weights, cuts = fit_blend(parts, levels)
    for name, weight in zip(PARTS, weights, strict=True):
        print(f"{name} = {weight:.2f}")
    for name, cut in zip(("weak_from", "fair_from", "strong_from"), cuts, strict=True):
        print(f"{name} = {cut:.2f}")


if __name__ == "__main__":
    main()
