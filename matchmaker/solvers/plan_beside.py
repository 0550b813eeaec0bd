"""The bound of a grouping brought closer in a process of its own, beside the search for the grouping.

A process rather than a thread, for the threads of one process share HiGHS's scheduler.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

from matchmaker.solvers.plan_choice import Choice
from matchmaker.solvers.plan_topics import Topics

PASSES = 4


@contextmanager
def bounding(choice: Choice) -> Iterator[Future[float]]:
    """Begin to work on the bound of a choice; the process ends with the block, or with this process."""
    if choice.topics is None:
        known: Future[float] = Future()
        known.set_result(choice.bound)
        yield known
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_end_with_parent) as beside:
        yield beside.submit(closer_bound, choice.topics)


def closer_bound(topics: Topics) -> float:
    """Return the bound after some more passes. Raises ArithmeticError when HiGHS fails."""
    topics.improve(PASSES)
    return topics.bound


def _end_with_parent() -> None:
    """End this process once its parent is gone, be it killed: nobody would want the answer."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
