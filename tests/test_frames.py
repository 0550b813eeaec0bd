"""What our processes say to each other arrives whole, or the other side is known to be gone."""

import io

import pytest

from matchmaker.frames import read_frame, write_frame


def a_frame(thing: object) -> bytes:
    pipe = io.BytesIO()
    write_frame(pipe, thing)
    return pipe.getvalue()


def test_frames_come_out_as_they_went_in_one_after_the_other() -> None:
    pipe = io.BytesIO(a_frame({"行": [1, None]}) + a_frame("ready"))
    assert [read_frame(pipe), read_frame(pipe)] == [{"行": [1, None]}, "ready"]


def test_who_dies_amid_a_frame_is_gone_wherever_it_was_cut() -> None:
    frame = a_frame(list(range(100)))
    for length in range(len(frame)):
        with pytest.raises(EOFError):
            read_frame(io.BytesIO(frame[:length]))
