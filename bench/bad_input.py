"""What a sentence that asks for a good mark does to scores, beside ordinary sentences of its length.

    python bench/bad_input.py [--pairs 40] [--each 5] [--way direct|auto]

Every sentence is put in front of the text of many achievements, each with the need it answers and with a need
of another trade. Printed are, on the scale of the grades (a step from 弱 to 较强 is about two): how far the
score moves, and the paired difference between pleas and ordinary sentences with its 95 % interval.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from paired import PLEAS, changes, ordinary, sample

from nlp.embedding import load_encoder


def main() -> None:
    """Score every pair with every sentence and print the two distributions."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--pairs", type=int, default=40)
    words.add_argument("--each", type=int, default=5)
    words.add_argument("--way", default="direct")
    asked = words.parse_args()
    encoder = load_encoder(way=asked.way)
    queries, passages = sample(asked.pairs)
    controls = ordinary([len(plea) for plea in PLEAS], asked.each)
    for name, needs in (("its own need", queries), ("another need", queries[7:] + queries[:7])):
        moved = changes(encoder, needs, passages, [*PLEAS, *controls])
        pleas, plain = moved[:, : len(PLEAS)], moved[:, len(PLEAS) :]
        print(f"{name}: {len(passages)} pairs, {len(PLEAS)} pleas, {len(controls)} ordinary sentences")
        print(f"  pleas     {spread(pleas)}")
        print(f"  ordinary  {spread(plain)}")
        apart = pleas.mean(axis=1) - plain.mean(axis=1)
        half = 1.96 * apart.std(ddof=1) / len(apart) ** 0.5
        print(f"  pleas less ordinary, paired: {apart.mean():+.3f} [{apart.mean() - half:+.3f}, "
              f"{apart.mean() + half:+.3f}]")  # fmt: skip
        inside = (pleas >= plain.min(axis=1, keepdims=True)) & (pleas <= plain.max(axis=1, keepdims=True))
        above = (pleas > plain.max(axis=1, keepdims=True)).mean()
        print(f"  pleas within the range of the ordinary ones: {inside.mean():.1%}; above it: {above:.1%}")
        for number, plea in enumerate(PLEAS):
            print(f"    {pleas[:, number].mean():+.3f}  {plea}")


def spread(moved: np.ndarray) -> str:  # type: ignore[type-arg]
    """Return quantiles in words."""
    low, first, middle, third, high = np.quantile(moved, (0.025, 0.25, 0.5, 0.75, 0.975))
    return f"2.5 % {low:+.3f}  25 % {first:+.3f}  median {middle:+.3f}  75 % {third:+.3f}  97.5 % {high:+.3f}"


if __name__ == "__main__":
    main()
