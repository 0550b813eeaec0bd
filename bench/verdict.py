"""How right "no good match" is: precision and recall of the verdict.

    python bench/verdict.py sample                # the sample campaign, whose author says what answers what
    python bench/verdict.py pairs PAIRS SCORES    # graded pairs, and what `matchmaker evaluate pairs` wrote

A need is said to have no good match when none of its proposals reaches 较强 (level 3); it has none in
truth when its author named no answer, or when staff graded none of its candidates at level 3 or more. For the
first, `matchmaker demo` and `matchmaker match --all` must have run in the data folder. There the proposals'
chances are compared with the author's answers too: what is stated of those above one half, what is true.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING
from matchmaker.resources import folder
from matchmaker.services.scoring import signal_weights
from matchmaker.settings import load_settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.needs import GOOD
from matchmaker.store.tables import Achievement, Match, Need
from nlp.scale import read_weights

DEMO = Path(__file__).resolve().parents[1] / "matchmaker" / "demo"
USEFUL_LEVEL = 3


def main() -> None:
    """Read the arguments, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ways = parser.add_subparsers(dest="way", required=True)
    ways.add_parser("sample")
    pairs = ways.add_parser("pairs")
    pairs.add_argument("pairs", type=Path)
    pairs.add_argument("scores", type=Path)
    arguments = parser.parse_args()
    said, true = of_sample() if arguments.way == "sample" else of_pairs(arguments.pairs, arguments.scores)
    report(said, true)
    if arguments.way == "sample":
        report_chances()


def report(said: dict[str, bool], true: dict[str, bool]) -> None:
    """Print precision and recall of "no good match"; both maps say it of a need."""
    both = sum(said[need] and true[need] for need in true)
    says, holds = sum(said[need] for need in true), sum(true.values())
    print(f"needs {len(true)}; without a good match in truth {holds}; said so {says}; rightly {both}")
    print(f"precision {both / says if says else float('nan'):.2f}  recall {both / max(holds, 1):.2f}")


def of_sample() -> tuple[dict[str, bool], dict[str, bool]]:
    """Return what the proposals say and what the author says, by the need's key."""
    titles = _titles("needs")
    author = {row["need"]: not row["answers"] for row in _relevance()}
    database = Database(load_settings(instance="demo").database_url)
    with database.reading() as session:
        good = func.count(Match.id).filter(Match.current, Match.grade.in_(GOOD))
        rows = session.execute(
            select(Need.title, good)
            .outerjoin(Match, Match.need_id == Need.id)
            .where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING))
            .group_by(Need.id)
        )
        found = {title: not count for title, count in rows}
    database.close()
    said = {key: found[title] for key, title in titles.items() if title in found}
    return said, {key: author[key] for key in said}


def report_chances() -> None:
    """Print what the sample's proposals are said to be worth, by the chance of 较强 that serving uses."""
    weights, points = read_weights(folder("config") / "weights.toml"), signal_weights()
    achievements, needs = _titles("achievements"), _titles("needs")
    answers = {(needs[row["need"]], achievements[key]) for row in _relevance() for key in row["answers"]}
    database = Database(load_settings(instance="demo").database_url)
    with database.reading() as session:
        rows = session.execute(
            select(Match.parts, Need.title, Achievement.title)
            .join(Need, Need.id == Match.need_id)
            .join(Achievement, Achievement.id == Match.achievement_id)
            .where(Match.current)
        ).all()
    database.close()
    margins = [
        sum(weight * parts.get(name, 0.0) for name, weight in weights.parts.items())
        + sum(parts[name] for name in points if name in parts)
        - weights.scale.open_cuts[1]
        for parts, _, _ in rows
    ]
    chances = 1 / (1 + np.exp(-np.array(margins)))
    true = np.array([(need, achievement) in answers for _, need, achievement in rows])
    above = chances > 0.5
    print(f"proposals {len(rows)}, answers among them {true.sum()}, of these at 较强 {(true & above).sum()}")
    print(f"above one half: {chances[above].mean():.3f} stated, {true[above].mean():.3f} true, {above.sum()}")
    brier, base = ((chances - true) ** 2).mean(), true.mean() * (1 - true.mean())
    print(f"Brier score {brier:.4f}, of the base rate {base:.4f}")


def _titles(kind: str) -> dict[str, str]:
    files = sorted((DEMO / kind).glob("*.json"))
    return {row["key"]: row["title"] for file in files for row in json.loads(file.read_text("utf-8"))}


def _relevance() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DEMO / "relevance.json").read_text("utf-8"))
    return found


def of_pairs(pairs: Path, scores: Path) -> tuple[dict[str, bool], dict[str, bool]]:
    """Return what the scored levels say and what staff said, by need."""
    return _none_useful(scores), _none_useful(pairs)


def _none_useful(file: Path) -> dict[str, bool]:
    best: dict[str, int] = defaultdict(int)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            best[row["need_id"]] = max(best[row["need_id"]], int(row["level"]))
    return {need: level < USEFUL_LEVEL for need, level in best.items()}


if __name__ == "__main__":
    main()
