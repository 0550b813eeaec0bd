"""The child process behind `upload_judging`: judges the rows of an import that its parent asks for."""

import contextlib
from typing import IO

from matchmaker.frames import pipes_of_child, read_frame, write_frame
from matchmaker.garbage import collect_seldom
from matchmaker.services.upload_judging import judge_next
from matchmaker.store.engine import Database


def work(source: IO[bytes], sink: IO[bytes]) -> None:
    """Say that it is ready, and answer until the parent is gone. Raises EOFError then."""
    collect_seldom()
    url, actor, upload_id = read_frame(source)
    database = Database(url)
    write_frame(sink, "ready")
    while True:
        write_frame(sink, judge_next(database, actor, upload_id, read_frame(source)))


if __name__ == "__main__":
    with contextlib.suppress(EOFError, BrokenPipeError):
        work(*pipes_of_child())
