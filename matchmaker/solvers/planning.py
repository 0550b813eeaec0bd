"""Makes a plan in a process of its own: progress is heard, and cancelling ends it at once."""

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from matchmaker.domain.plan import PlanAnswer, PlanQuestion
from matchmaker.frames import read_frame, write_frame
from matchmaker.solvers.plan_days import LINES_OF_SEARCH
from matchmaker.solvers.plan_steps import NoPlan, Word

LISTEN_SECONDS = 1.0
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
Hear = Callable[[Word | None], bool]


class Cancelled(Exception):
    """Somebody stopped the work."""


class Died(ArithmeticError):
    """The child ended without an answer."""


def plan_in_child(question: PlanQuestion, *, hear: Hear) -> PlanAnswer:
    """Return a plan. `hear` is called with every word of progress, and once a second with None.

    Its False stops the work: Cancelled is raised and the child is gone. Raises NoPlan when the rules
    cannot be kept together, ArithmeticError when the child ended without an answer twice: the second
    time its days are searched in one line.
    """
    try:
        return _in_child(question, hear, lines=LINES_OF_SEARCH)
    except Died:
        # OR-tools 9.15 aborts on some small calendars that two lines search; one line never did
        return _in_child(question, hear, lines=1)


def _in_child(question: PlanQuestion, hear: Hear, *, lines: int) -> PlanAnswer:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "matchmaker.solvers.plan_worker"]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=_NO_WINDOW
    ) as child:
        try:
            if child.stdin is None or child.stdout is None:  # pragma: no cover -- both were asked for
                raise ArithmeticError("no pipes")
            write_frame(child.stdin, (question, lines))
            return _listen(child.stdout, hear)
        finally:
            # also when cancelled: no search outlives the question
            child.kill()
            with contextlib.suppress(OSError):
                if child.stdin is not None:
                    child.stdin.close()


def _listen(pipe: IO[bytes], hear: Hear) -> PlanAnswer:
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read_all, args=(pipe, heard), daemon=True).start()
    while True:
        try:
            frame = heard.get(timeout=LISTEN_SECONDS)
        except queue.Empty:
            frame = None
        if isinstance(frame, PlanAnswer):
            return frame
        if isinstance(frame, NoPlan):
            raise frame
        if isinstance(frame, EOFError):
            raise Died("the planning process ended without an answer")
        if not hear(frame):
            raise Cancelled


def _read_all(pipe: IO[bytes], heard: "queue.SimpleQueue[Any]") -> None:
    try:
        while True:
            heard.put(read_frame(pipe))
    except (EOFError, OSError, ValueError):
        heard.put(EOFError())
