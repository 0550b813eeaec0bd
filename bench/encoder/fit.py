"""Fit the [text] figures of config/weights.toml on graded pairs, and say how well they hold back.

    python bench/encoder/fit.py --needs needs.jsonl --pairs pairs.jsonl [--write] [--diagram calibration.svg]

Only coefficients leave this script. Nothing random. `open_library` is estimated from the same pairs.
Run it with the repository on PYTHONPATH.
"""

import argparse
import re
from pathlib import Path

import numpy as np
from calibration import at_bend, bent, draw, measured, promised_above_half
from numpy.typing import NDArray

from nlp.embedding import load_encoder
from nlp.evaluate import PairTable, Tools, fold_of, read_rows
from nlp.index import PARTS
from nlp.scale import TextWeights, read_weights
from nlp.seen import mark_of, write_marks
from nlp.text import segmenter

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "config" / "weights.toml"
FOLDS = 5
SERVED = 10
Array = NDArray[np.float64]


def open_library(table: PairTable, weights: TextWeights) -> float:
    """Return by how much the margin of what a whole library puts on top says too much.

    Of the ten best of all achievements a part was picked and graded. Were the others as good as those, the
    share of good ones would be the first bound; were none of them good, the second. The shift makes the
    stated chances meet the middle of the two.
    """
    margins, levels = table.served(weights, top=SERVED)
    picked = ~np.isnan(levels)
    most = float((levels[picked] >= 3).mean())
    least = float((levels[picked] >= 3).sum() / len(levels))
    print(f"good among the {SERVED} best: between {least:.3f} and {most:.3f}")
    low, high = -5.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        stated = float((1 / (1 + np.exp(weights.scale.fair_from - margins - middle))).mean())
        low, high = (middle, high) if stated < (least + most) / 2 else (low, middle)
    return (low + high) / 2


def held_back(table: PairTable, names: list[str]) -> tuple[Array, Array]:
    """Return (pairs, 3) chances and the levels, every need judged by a fit on other needs."""
    folds = np.array([fold_of({"need_id": name}, FOLDS, within=False) for name in names])
    chances = np.zeros((len(names), 3))
    for fold in range(FOLDS):
        inside, others = np.flatnonzero(folds == fold).tolist(), np.flatnonzero(folds != fold).tolist()
        chances[inside] = table.reached(inside, [], weights=table.fitted(others))
    return chances, table.levels(range(len(names)))


def out_of_fold(names: list[str], chances: Array, good: NDArray[np.bool_]) -> Array:
    """Return held-back chances as a correction learnt on the other folds would state them."""
    folds = np.array([fold_of({"need_id": name}, FOLDS, within=False) for name in names])
    margins, mended = np.log(chances / (1 - chances)), np.zeros(len(chances))
    for fold in range(FOLDS):
        values = bent(margins[folds != fold], good[folds != fold])
        mended[folds == fold] = 1 / (1 + np.exp(-at_bend(margins[folds == fold], values)))
    return mended


def main() -> None:
    """Read the pairs, fit, print, and where asked write the figures into the weights file."""
    parser = argparse.ArgumentParser(description="Fit the ranking coefficients.")
    parser.add_argument("--needs", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--diagram", type=Path)
    options = parser.parse_args()
    config = ROOT / "config"
    tools = Tools(
        encoder=load_encoder(),
        segmenter=segmenter(config / "dictionary.txt", config / "stopwords.txt"),
        weights=read_weights(WEIGHTS),
    )
    pairs = read_rows(options.pairs)
    table = PairTable(read_rows(options.needs), pairs, tools)
    weights = table.fitted(range(len(pairs)))
    chances, levels = held_back(table, [pair["need_id"] for pair in pairs])
    good = levels >= 3
    print(
        "held back, 较强 or better:", measured(chances[:, 1], good), promised_above_half(chances[:, 1], good)
    )
    mended = out_of_fold([pair["need_id"] for pair in pairs], chances[:, 1], good)
    print("the same, bent, out of fold:", measured(mended, good), promised_above_half(mended, good))
    if options.diagram:
        options.diagram.write_text(draw(chances[:, 1], good), encoding="utf-8")
    figures = {name: weights.parts[name] for name in PARTS}
    for name in ("weak_from", "fair_from", "strong_from"):
        figures[name] = getattr(weights.scale, name)
    figures["open_library"] = min(open_library(table, weights), 0.0)
    shown = 1 / (1 + (1 / chances[:, 1] - 1) * np.exp(-figures["open_library"]))
    print("as serving states it in a whole library,", promised_above_half(shown, good))
    print("\n".join(f"{name} = {value:.2f}" for name, value in figures.items()))
    if options.write:
        write_marks("pairs", (mark_of(pair["need_id"], pair["achievement_id"]) for pair in pairs))
        WEIGHTS.write_text(written(WEIGHTS.read_text(encoding="utf-8"), figures), encoding="utf-8")


def written(text: str, figures: dict[str, float]) -> str:
    """Return the weights file with these figures in place of its own, comments kept."""
    parts, keywords, scale = re.split(r"(?=\[text\.keyword_parts\])|(?=\[text\.scale\])", text)
    for name, value in figures.items():
        parts = re.sub(rf"(?m)^{name} = \S+", f"{name} = {value:.2f}", parts)
        scale = re.sub(rf"(?m)^{name} = \S+", f"{name} = {value:.2f}", scale)
    return parts + keywords + scale


if __name__ == "__main__":
    main()
