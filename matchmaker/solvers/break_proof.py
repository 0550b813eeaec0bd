"""Prove the fewest breaks possible, within a time limit, in a process of its own."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from matchmaker.solvers.grid import Grid

CPU_LIMIT_SIGNAL = 24
POLL_SECONDS = 0.02


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
    known: int | None = None,
    cpu_seconds: int | None = None,
) -> BreakProof:
    """Return the timetable with the fewest breaks, or the best lower bound when the time is up.

    An answer is repeatable; whether it comes within `seconds` depends on the machine.
    The search stops early when the bound reaches `known`, the breaks of a timetable in hand.
    `cpu_seconds` limits processor time as well, for measuring on a busy machine (not on Windows).
    """
    question = {
        **_told(grid),
        "tight": tight,
        "known": known,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
    }
    with _search(question) as search:
        search.wait(time.monotonic() + seconds)
        return search.found()


def race_for_breaks(grid: Grid, *, seconds: float, known: int) -> BreakProof:
    """Search with both sets of clauses at once and return what the first to end has found.

    Which one is quicker cannot be told beforehand; on a single core both together take twice as
    long as the quicker one.
    """
    stop = time.monotonic() + seconds
    questions = [
        {**_told(grid), "tight": tight, "known": known, "seconds": seconds}
        for tight in (is_tight(grid), not is_tight(grid))
    ]
    with ExitStack() as stack:
        searches = [stack.enter_context(_search(question)) for question in questions]
        while time.monotonic() < stop and not any(search.has_ended() for search in searches):
            time.sleep(POLL_SECONDS)
        proofs = [search.found() for search in searches]
    best = next((proof for proof in proofs if proof.slots is not None), proofs[0])
    return BreakProof(slots=best.slots, bound=max(proof.bound for proof in proofs), clash=best.clash)


def _told(grid: Grid) -> dict[str, object]:
    return {
        "slot_count": grid.slot_count,
        "pairs": grid.pairs,
        "weights": grid.weights,
        "allowed": grid.allowed,
        "open": grid.open,
        "capacity": grid.capacity,
        "orders": grid.orders,
    }


class _Search:
    """One process that searches and the file it reports to."""

    def __init__(self, child: subprocess.Popen[str], reports: IO[str]) -> None:
        self.child, self.reports = child, reports

    def wait(self, stop: float) -> None:
        try:
            self.child.wait(timeout=max(0.0, stop - time.monotonic()))
        except subprocess.TimeoutExpired:
            return

    def has_ended(self) -> bool:
        return self.child.poll() is not None

    def found(self) -> BreakProof:
        # Ended by its processor limit, like by the clock: what it reported so far still holds.
        if self.child.poll() not in (None, 0, -CPU_LIMIT_SIGNAL):
            raise ArithmeticError(f"the search for breaks ended with code {self.child.returncode}")
        self.reports.seek(0)
        return _read(self.reports.read().splitlines())


@contextmanager
def _search(question: dict[str, object]) -> Iterator[_Search]:
    """Start a search and end it with the block: none outlives the question, also if that is cancelled."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "matchmaker.solvers.break_worker"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "reports"
        with (
            place.open("w", encoding="utf-8") as out,
            place.open(encoding="utf-8") as reports,
            subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=out, text=True) as child,
        ):
            try:
                assert child.stdin is not None  # noqa: S101 -- a pipe was asked for
                with child.stdin:
                    child.stdin.write(json.dumps(question))
                yield _Search(child, reports)
            finally:
                child.kill()
                child.wait()


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
