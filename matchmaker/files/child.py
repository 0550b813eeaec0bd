"""Runs the parser in a child process that can be killed, so that no file takes the service down.

calamine aborts its whole process on some hostile sheets, and parsers of any kind may burn time or
memory. On POSIX the child limits its own memory and processor time; on Windows, which has no such
limits, it is watched from here and killed.
"""

import contextlib
import json
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from datetime import time as wall_time
from pathlib import Path
from typing import IO, Any

from matchmaker.files.book import Limits
from matchmaker.files.gate import Format
from matchmaker.files.refusals import FileRefused, refused

Frame = dict[str, Any]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from matchmaker.files.parser import main; main()"
_WATCH_SECONDS = 0.05
_PATIENCE = 10  # times its time, for a child that hardly gets to work
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def frames(
    content: bytes, form: Format, *, limits: Limits, encoding: str | None = None, delimiter: str | None = None
) -> Iterator[Frame]:
    """Yield the frames of a file as the child writes them.

    Raises FileRefused when the child refuses the file, dies, or uses more time or memory than the
    limits allow. The child is gone when this generator ends, however it ends.
    """
    job = {"format": form.value, "encoding": encoding, "delimiter": delimiter, "limits": asdict(limits)}
    package_root = str(Path(__file__).resolve().parents[2])
    child = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", _START, package_root],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=_NO_WINDOW,
    )
    watch = _Watch(child, limits)
    try:
        threading.Thread(target=_feed, args=(child.stdin, job, content), daemon=True).start()
        yield from _received(child.stdout, watch, limits)
    finally:
        watch.stop()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe and not pipe.closed:
                _close(pipe)


def _close(pipe: IO[bytes]) -> None:
    with contextlib.suppress(OSError):  # the child is gone with unread input: nothing to flush to
        pipe.close()


def _feed(pipe: IO[bytes] | None, job: Frame, content: bytes) -> None:
    if pipe is None:
        return
    try:
        pipe.write(json.dumps(job).encode() + b"\n")
        pipe.write(content)
        pipe.close()
    except (OSError, ValueError):
        pass  # the child died before reading everything; the missing end frame tells it


def _received(pipe: IO[bytes] | None, watch: "_Watch", limits: Limits) -> Iterator[Frame]:
    while pipe is not None:
        head = pipe.read(4)
        length = struct.unpack(">I", head)[0] if len(head) == 4 else 0
        body = pipe.read(length)
        if not body or len(body) < length:
            raise watch.verdict(limits)
        frame: Frame = json.loads(body, object_hook=revived)
        if "refused" in frame:
            code, message = frame["refused"]
            raise refused(code, message) if message else _too_big(limits)
        if "end" in frame:
            return
        yield frame


def revived(cell: dict[str, Any]) -> Any:
    """Return the date or time that `parser` wrote as a one-key object; other objects as they are."""
    if len(cell) == 1:
        if "date" in cell:
            return date.fromisoformat(cell["date"])
        if "datetime" in cell:
            return datetime.fromisoformat(cell["datetime"])
        if "time" in cell:
            return wall_time.fromisoformat(cell["time"])
    return cell


def _too_big(limits: Limits) -> FileRefused:
    size = limits.memory_bytes // 1024 // 1024
    return refused(
        "too_much_memory", f"文件展开后需要的内存超过 {size} MB，请只保留要上传的内容，或拆成几个文件。"
    )


class _Watch:
    """Kills the child when its time is up or, where the system does not limit it, its memory.

    The time is that of the clock. Only where the child got less than half of it to work in, on a
    machine busy with other things, it has much longer: waiting is not the file's fault.
    """

    def __init__(self, child: "subprocess.Popen[bytes]", limits: Limits) -> None:
        self._child = child
        self._started = time.monotonic()
        self._limits = limits
        self._watches_memory = sys.platform == "win32"
        self._stopped = threading.Event()
        self._reason = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def verdict(self, limits: Limits) -> FileRefused:
        """Return why the child ended without an end frame."""
        code = self._child.wait()
        if self._reason == "time" or code in (-24, -9):  # SIGXCPU, or SIGKILL from the hard limit
            seconds = round(limits.wall_seconds)
            return refused(
                "too_slow", f"文件过于复杂，{seconds} 秒内没有读完，请只保留要上传的内容，或拆成几个文件。"
            )
        if self._reason == "memory" or code == -6:  # SIGABRT: an allocation was refused
            return _too_big(limits)
        return refused("broken_file", "文件读取中途出错，可能已损坏；请用 Excel 或 WPS 打开并另存后再上传。")

    def _run(self) -> None:
        pause = _WATCH_SECONDS if self._watches_memory else self._limits.wall_seconds
        while not self._stopped.wait(pause):
            pause = _WATCH_SECONDS
            if self._time_is_up():
                self._kill("time")
                return
            if self._watches_memory and _memory_of(self._child.pid) > self._limits.memory_bytes:
                self._kill("memory")
                return

    def _time_is_up(self) -> bool:
        waited = time.monotonic() - self._started
        if waited < self._limits.wall_seconds:
            return False
        if waited >= _PATIENCE * self._limits.wall_seconds:
            return True
        return _processor_seconds_of(self._child.pid) >= self._limits.wall_seconds / 2

    def _kill(self, reason: str) -> None:
        self._reason = reason
        self._child.kill()


def _memory_of(process_id: int) -> int:
    import psutil

    try:
        return int(psutil.Process(process_id).memory_info().rss)
    except psutil.Error:
        return 0


def _processor_seconds_of(process_id: int) -> float:
    import psutil

    try:
        used = psutil.Process(process_id).cpu_times()
    except psutil.Error:
        return 0.0
    return float(used.user + used.system)
