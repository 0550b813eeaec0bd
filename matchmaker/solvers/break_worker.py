"""The child process behind `break_proof`: reads a grid, reports bounds, ends with the best slots.

A SAT call cannot be interrupted from inside, so it lives in a process that can be ended from
outside. Every line written is one JSON report: {"bound": n}, {"slots": [...]} or {"clash": true}.
"""

import json
import signal
import sys
from typing import Any

from matchmaker.domain.timetable import Side
from matchmaker.solvers.break_formula import build_formula
from matchmaker.solvers.grid import Grid


def read_grid(told: dict[str, Any]) -> Grid:
    """Rebuild the grid from its JSON form; people's names play no part."""
    return Grid(
        slot_count=told["slot_count"],
        pairs=tuple((first, second) for first, second in told["pairs"]),
        weights=tuple(told["weights"]),
        allowed=tuple(told["allowed"]),
        open=tuple(told["open"]),
        people=tuple((Side.EXPERT, number) for number in range(len(told["open"]))),
        capacity=tuple(told["capacity"]),
        orders=tuple((earlier, later) for earlier, later in told["orders"]),
    )


def report(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class _Enough(Exception):
    """The bound has reached the breaks of a timetable that is already known."""


def work(told: dict[str, Any]) -> None:
    """Solve to the end, reporting each rise of the lower bound."""
    from pysat.examples.rc2 import RC2

    formula = build_formula(read_grid(told), tight=told["tight"])

    class Reporting(RC2):  # type: ignore[misc]  # the library is untyped
        def process_core(self) -> None:
            super().process_core()
            report(bound=self.cost)
            if told["known"] is not None and self.cost >= told["known"]:
                raise _Enough

    options = {"solver": "cd15", "adapt": True, "exhaust": True, "incr": False, "minz": True, "trim": 5}
    with Reporting(formula.wcnf, **options) as solver:
        try:
            model = solver.compute()
        except _Enough:
            return
        if model is None:
            report(clash=True)
            return
        true = set(model)
        report(bound=solver.cost)
        report(slots=[next(slot for slot, var in own.items() if var in true) for own in formula.places])


def limit_processor(seconds: int) -> None:
    """Let the system end this process after so many seconds of processor time."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


if __name__ == "__main__":
    question = json.load(sys.stdin)
    if hasattr(signal, "alarm"):
        # Should the asking process die first, this one must not search on for ever. The default
        # action ends it even inside a SAT call, where no Python handler would run.
        signal.alarm(int(question["seconds"]) + 2)
    if question.get("cpu_seconds"):
        limit_processor(question["cpu_seconds"])
    work(question)
