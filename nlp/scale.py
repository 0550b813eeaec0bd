"""From a blended text score to a grade with a probability: an ordinal logistic scale."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class Grade(StrEnum):
    """How strongly an achievement answers a need."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Three cut points on the blended score: between none, weak, fair and strong."""

    weak_from: float
    fair_from: float
    strong_from: float

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A grade and how probable it is that a reader would put the pair at this grade or higher."""

    grade: Grade
    probability: float


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
        ),
    )


def judge(total: float, scale: Scale) -> Judgement:
    """Return the grade of a total: the highest one that a reader would reach more often than not."""
    blended = _blended_for(total, scale)
    weak, fair, strong = (float(value) for value in scale.reached(np.array([blended]))[0])
    if strong >= 0.5:
        return Judgement(grade=Grade.STRONG, probability=strong)
    if fair >= 0.5:
        return Judgement(grade=Grade.FAIR, probability=fair)
    if weak >= 0.5:
        return Judgement(grade=Grade.WEAK, probability=weak)
    return Judgement(grade=Grade.NONE, probability=1.0 - weak)


def grade(total: float, scale: Scale) -> str:
    """Return "strong", "fair", "weak" or "none"."""
    return judge(total, scale).grade.value


def _blended_for(total: float, scale: Scale) -> float:
    """Undo `Scale.total` by halving; it rises steadily, so sixty steps are exact enough."""
    low, high = scale.weak_from - 40.0, scale.strong_from + 40.0
    for _ in range(60):
        middle = (low + high) / 2
        if float(scale.reached(np.array([middle])).mean()) < total:
            low = middle
        else:
            high = middle
    return (low + high) / 2
