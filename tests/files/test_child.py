"""The child process: its limits, and that nothing of it is left."""

import sys
import time

import psutil
import pytest
from messy import NEED_HEADER, delimited, need, workbook

from matchmaker.files import child
from matchmaker.files.book import LIMITS, Limits
from matchmaker.files.gate import Format
from matchmaker.files.reading import read_file
from matchmaker.files.refusals import FileRefused

MANY = delimited([NEED_HEADER, *(need(number) for number in range(60_000))])


def refused(limits: Limits) -> str:
    with pytest.raises(FileRefused) as raised:
        list(child.frames(MANY, Format.TEXT, limits=limits))
    return raised.value.problem.code


def test_rows_come_in_chunks_and_in_order() -> None:
    frames = list(child.frames(MANY, Format.TEXT, limits=LIMITS))

    chunks = [frame["rows"] for frame in frames if "rows" in frame]
    assert [row[0] for chunk in chunks for row in chunk] == [
        "序号",
        *(str(number) for number in range(60_000)),
    ]
    assert max(len(chunk) for chunk in chunks) <= 2_000


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no limits of this kind; the child is watched instead"
)
def test_too_much_memory_is_refused() -> None:
    assert refused(Limits(memory_bytes=60_000_000)) == "too_much_memory"


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no limits of this kind; the child is watched instead"
)
def test_too_many_cells_are_refused() -> None:
    content = workbook([NEED_HEADER, need(1), need(2)])
    cells = len([cell for row in (NEED_HEADER, need(1), need(2)) for cell in row if cell])

    assert read_file(content, "表.xlsx", limits=Limits(cells=cells)).sheets[0].rows
    with pytest.raises(FileRefused, match=f"有内容的单元格超过 {cells - 1} 个，请只保留需要的列"):
        read_file(content, "表.xlsx", limits=Limits(cells=cells - 1))


def test_too_much_time_is_refused() -> None:
    started = time.perf_counter()

    assert refused(Limits(wall_seconds=0.05)) == "too_slow"

    assert time.perf_counter() - started < 5


def test_a_file_that_breaks_the_parser_is_refused_not_raised() -> None:
    content = bytearray(workbook([NEED_HEADER, need(1)]))
    middle = len(content) // 3
    content[middle : middle + 200] = bytes(200)

    with pytest.raises(FileRefused):
        read_file(bytes(content), "坏.xlsx")


def test_no_child_is_left_behind() -> None:
    frames = child.frames(MANY, Format.TEXT, limits=LIMITS)
    next(frames)
    frames.close()

    assert [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE] == []
