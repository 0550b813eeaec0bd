"""What our own processes say to each other over a pipe: four bytes of length, then a pickle."""

import os
import pickle
import struct
import sys
from typing import IO, Any

LENGTH = struct.Struct(">I")


def write_frame(pipe: IO[bytes], thing: object) -> None:
    """Write one frame."""
    body = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(LENGTH.pack(len(body)) + body)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> Any:
    """Return the next frame. Raises EOFError when the other side is gone, be it amid a frame."""
    (length,) = LENGTH.unpack(_whole(pipe, LENGTH.size))
    body = _whole(pipe, length)
    return pickle.loads(body)  # noqa: S301 -- written by our own parent or child, never by a user


def _whole(pipe: IO[bytes], size: int) -> bytes:
    found = pipe.read(size)
    if len(found) < size:
        raise EOFError
    return found


def pipes_of_child() -> tuple[IO[bytes], IO[bytes]]:
    """Return where a child reads from its parent and writes to it; what a library prints goes elsewhere."""
    frames = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, frames
