"""The child process behind `planning`: HiGHS cannot be interrupted from inside, a process can be ended.

It reads one pickled question from its parent and writes frames: four bytes of length, then a pickle.
"""

import os
import pickle
import struct
import sys
import threading
from typing import IO, Any

from matchmaker.solvers.plan_steps import NoPlan, Word, make_plan

LENGTH = struct.Struct(">I")


def write_frame(pipe: IO[bytes], thing: object) -> None:
    """Write one frame."""
    body = pickle.dumps(thing)
    pipe.write(LENGTH.pack(len(body)) + body)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> Any:
    """Return the next frame. Raises EOFError when the other side is gone."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    body = pipe.read(LENGTH.unpack(head)[0])
    return pickle.loads(body)  # noqa: S301 -- written by our own parent or child, never by a user


def work(source: IO[bytes], sink: IO[bytes]) -> None:
    """Make the plan asked for; tell of progress, then of the plan or of why there is none."""
    question = read_frame(source)
    threading.Thread(target=_end_with_parent, args=(source,), daemon=True).start()

    def tell(word: Word) -> bool:
        write_frame(sink, word)
        return True

    try:
        write_frame(sink, make_plan(question, tell=tell))
    except NoPlan as reason:
        write_frame(sink, reason)


def _end_with_parent(source: IO[bytes]) -> None:
    """End this process once the parent has closed its end, be it by dying."""
    source.read()
    os._exit(1)


if __name__ == "__main__":
    # a library that prints must not write into the frames
    frames = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    work(sys.stdin.buffer, frames)
