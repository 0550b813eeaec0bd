"""Prove the fewest breaks possible, within a time limit, in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matchmaker.solvers.grid import Grid

CPU_LIMIT_SIGNAL = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakProof:
    """`slots` is an optimal timetable or None; `bound` holds for any; `clash` means there is none."""

    slots: list[int] | None
    bound: int
    clash: bool = False


def prove_breaks(
    grid: Grid,
    *,
    seconds: float,
    tight: bool,
    precedences: Sequence[tuple[int, int]] = (),
    known: int | None = None,
    cpu_seconds: int | None = None,
) -> BreakProof:
    """Return the timetable with the fewest breaks, or the best lower bound when the time is up.

    An answer is repeatable; whether it comes within `seconds` depends on the machine.
    The search stops early when the bound reaches `known`, the breaks of a timetable in hand.
    `cpu_seconds` limits processor time as well, for measuring on a busy machine (not on Windows).
    """
    question = {
        "slot_count": grid.slot_count,
        "pairs": grid.pairs,
        "weights": grid.weights,
        "allowed": grid.allowed,
        "open": grid.open,
        "capacity": grid.capacity,
        "tight": tight,
        "precedences": list(precedences),
        "known": known,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
    }
    with tempfile.TemporaryFile("w+", encoding="utf-8") as reports:
        _run(json.dumps(question), reports, seconds=seconds)
        reports.seek(0)
        return _read(reports.read().splitlines())


def _run(question: str, reports: Any, *, seconds: float) -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "matchmaker.solvers.break_worker"]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=reports, text=True) as child:
        try:
            child.communicate(question, timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            return
        finally:
            # Also when the caller is cancelled: no search outlives the question.
            child.kill()
    # Ended by its processor limit, like by the clock: what it reported so far still holds.
    if child.returncode not in (0, -CPU_LIMIT_SIGNAL):
        raise ArithmeticError(f"the search for breaks ended with code {child.returncode}")


def _read(lines: list[str]) -> BreakProof:
    slots, bound, clash = None, 0, False
    for line in lines:
        try:
            facts = json.loads(line)
        except ValueError:
            # The last line of a process ended in mid-word.
            continue
        slots = facts.get("slots", slots)
        bound = max(bound, facts.get("bound", 0))
        clash = clash or facts.get("clash", False)
    return BreakProof(slots=slots, bound=bound, clash=clash)


# Share of seats in use from which clauses about full tables pay; between the B2B instances of
# 0.6 to 0.83, where they hurt, and those of 0.95, where they help.
TIGHT_FROM = 0.9


def is_tight(grid: Grid) -> bool:
    """Tell whether nearly every seat is needed."""
    return len(grid.pairs) >= TIGHT_FROM * sum(grid.capacity)
