"""The child process behind `planning`: HiGHS cannot be interrupted from inside, a process can be ended.

It reads one pickled question from its parent and writes frames: four bytes of length, then a pickle.
"""

import os
import threading
from typing import IO

from matchmaker.frames import pipes_of_child, read_frame, write_frame
from matchmaker.solvers.plan_steps import NoPlan, Word, make_plan


def work(source: IO[bytes], sink: IO[bytes]) -> None:
    """Make the plan asked for; tell of progress, then of the plan or of why there is none."""
    question, lines = read_frame(source)
    threading.Thread(target=_end_with_parent, args=(source,), daemon=True).start()

    def tell(word: Word) -> bool:
        write_frame(sink, word)
        return True

    try:
        write_frame(sink, make_plan(question, tell=tell, lines=lines))
    except NoPlan as reason:
        write_frame(sink, reason)


def _end_with_parent(source: IO[bytes]) -> None:
    """End this process once the parent has closed its end, be it by dying."""
    source.read()
    os._exit(1)


if __name__ == "__main__":
    work(*pipes_of_child())
