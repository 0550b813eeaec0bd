"""From a blended text score to a grade with a probability: an ordinal logistic scale."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Three cut points on the blended score: between none, weak, fair and strong.

    They hold for candidates that somebody picked. In a whole library far more is unrelated, so that the same
    closeness means less: `open_library` (not above 0) says by how much.
    """

    weak_from: float
    fair_from: float
    strong_from: float
    open_library: float = 0.0

    @property
    def open_cuts(self) -> tuple[float, float, float]:
        """Return the cut points for scores of a whole library."""
        lower = self.open_library
        return self.weak_from - lower, self.fair_from - lower, self.strong_from - lower

    def reached(self, blended: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return an array (scores, 3): the probability of at least weak, at least fair, and strong."""
        cuts = np.array([self.weak_from, self.fair_from, self.strong_from])
        return np.asarray(1.0 / (1.0 + np.exp(-(np.asarray(blended)[:, None] - cuts))))

    def total(self, blended: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the expected share of the way from no relation (0) to a strong one (1)."""
        return np.asarray(self.reached(blended).mean(axis=1), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextWeights:
    """What config/weights.toml says about text: how parts are blended and where grades begin."""

    parts: Mapping[str, float]
    keyword_parts: Mapping[str, float]
    scale: Scale


def read_weights(path: Path) -> TextWeights:
    """Read the [text] part of the weights file; raises KeyError or ValueError when it is incomplete."""
    with path.open("rb") as file:
        text = tomllib.load(file)["text"]
    cuts = text["scale"]
    return TextWeights(
        parts={name: float(value) for name, value in text["parts"].items()},
        keyword_parts={name: float(value) for name, value in text["keyword_parts"].items()},
        scale=Scale(
            weak_from=float(cuts["weak_from"]),
            fair_from=float(cuts["fair_from"]),
            strong_from=float(cuts["strong_from"]),
            open_library=float(cuts["open_library"]),
        ),
    )


def median_level(reached: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the level (1 to 4) of the smallest expected error: the highest more likely reached than not."""
    return np.asarray(1 + (reached >= 0.5).sum(axis=1), dtype=np.int64)


def expected_level(reached: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean level, 1 to 4."""
    return np.asarray(1 + reached.sum(axis=1))
