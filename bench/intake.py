"""How long a large list takes to read and check, against a bare read of its cells.

    python bench/intake.py [need|achievement] [rows]     (100,000 needs; makes its own file, invented)

Prints the seconds of both, their ratio (the goal is at most 6), the highest memory of the child
process and of this one; then the rows per second of the whole way into the library of a served demo
campaign (read and judge, import), how long others waited meanwhile for a small write of theirs and for
the organiser's list of needs, the memory of the pages' process, and what a write to disk costs here.
"""

import io
import multiprocessing
import os
import re
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matchmaker.store.engine import Database

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.large_lists import KINDS, workbook

ROWS = 100_000
GOAL_RATIO = 6.0
RUNS = 3


def bare_read(content: bytes) -> None:
    """Read every cell and keep none: what the reader alone costs."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        for _ in book.get_sheet_by_name(name).iter_rows():
            pass


def read_and_check(content: bytes) -> int:
    """Do all that an upload does before anything is stored; return the number of records."""
    from matchmaker.files.reading import read_file
    from matchmaker.files.records import find_records

    return len(find_records(read_file(content, "汇总表.xlsx")).records)


def best_of(work: Callable[[], object]) -> float:
    """Return the shortest of a few runs: what the machine can do when nobody else uses it."""
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def measure(place: Path, kind: str, rows: int) -> int:
    """Print the figures of one file; return 1 when the goal is missed."""
    content = place.read_bytes()
    print(f"{kind} list: {rows:,} rows, {len(KINDS[kind].header)} columns, {len(content) / 1e6:.1f} MB")
    found = read_and_check(content)
    whole = best_of(lambda: read_and_check(content))
    memory_self = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    memory_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    bare = best_of(lambda: bare_read(content))
    print(f"records: {found:,} of {rows:,}")
    print(f"bare read: {bare:.2f} s ({rows / bare:,.0f} rows/s)")
    print(f"read and check: {whole:.2f} s ({rows / whole:,.0f} rows/s)")
    print(f"ratio: {whole / bare:.2f} (goal: at most {GOAL_RATIO})")
    print(f"highest memory: child {memory_child:.0f} MB · this process {memory_self:.0f} MB")
    lost = whole_way(content, kind, rows, place.parent)
    return 0 if found == rows and whole / bare <= GOAL_RATIO and not lost else 1


def whole_way(content: bytes, kind: str, rows: int, folder: Path) -> int:
    """Take the file through upload, preview and import as the jobs do; 1 when rows are lost."""
    from sqlalchemy import func, select

    from matchmaker.settings import load_settings
    from matchmaker.store.engine import Database
    from matchmaker.store.tables import Achievement, Need

    table = {"need": Need, "achievement": Achievement}[kind]
    settings = load_settings(instance="demo", data={"folder": str(folder), "url": ""})
    with served(folder) as (address, server):
        database = Database(settings.database_url)
        with database.reading() as session:
            before = session.scalar(select(func.count()).select_from(table)) or 0
        bring_in(database, content, rows, address, settings.home)
        with database.reading() as session:
            imported = (session.scalar(select(func.count()).select_from(table)) or 0) - before
        database.close()
        print(f"highest memory: pages {highest_memory(server):.0f} MB")
    print(f"a write forced to disk: half within {disk_milliseconds(folder):.1f} ms")
    print(f"in the library: {imported:,} of {rows:,}")
    return 0 if imported == rows else 1


def bring_in(database: "Database", content: bytes, rows: int, address: str, home: Path) -> None:
    """Do the two long steps, each with others at work beside it."""
    from matchmaker.domain.permissions import SYSTEM
    from matchmaker.services import upload_steps
    from matchmaker.services.upload_import import confirm_upload
    from matchmaker.services.uploads import receive_upload

    with database.writing() as session:
        upload_id = receive_upload(
            session, SYSTEM, filename="汇总表.xlsx", content=content, reading=None, consent_source="试验"
        ).id
    for name in ("read, judge and store", "import"):
        others = (Waits("small writes", a_write(database)), Waits("list pages", a_list_page(address, home)))
        started, worked = time.perf_counter(), time.process_time()
        upload_steps.advance(database, upload_id)
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
        print(f"{name}: {seconds:.1f} s · {rows / seconds:,.0f} rows/s · {worked:.1f} s of one core")
        print("\n".join(f"  {other.report()}" for other in others))
        with database.writing() as session:
            confirm_upload(session, SYSTEM, upload_id=upload_id)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve a demo campaign out of a folder, without its jobs; give the address and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "matchmaker", "serve", "--no-jobs", "--port", str(port)]
    root = Path(__file__).resolve().parents[1]
    environment = {**os.environ, "MATCHMAKER_DATA__FOLDER": str(folder)}
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(address)
            yield address, server
        finally:
            server.terminate()


def _wait_for(address: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{address}/accounts/sign-in", timeout=5).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def highest_memory(process: subprocess.Popen[bytes]) -> float:
    """Return the most memory in MB that a running process has held so far; NaN where nobody tells."""
    told = Path(f"/proc/{process.pid}/status")
    lines = told.read_text().splitlines() if told.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), float("nan"))


def disk_milliseconds(folder: Path) -> float:
    """Return the median time of a small write that is forced to disk: what a commit costs at least."""
    taken = []
    with (folder / "probe").open("wb") as probe:
        for _ in range(50):
            started = time.perf_counter()
            probe.write(b"x" * 4096)
            probe.flush()
            os.fsync(probe.fileno())
            taken.append(time.perf_counter() - started)
    return sorted(taken)[25] * 1000


def a_write(database: "Database") -> Callable[[], None]:
    """Return what writes a small row over a connection of its own, as another process would."""
    connection = sqlite3.connect(
        str(database.engine.url.database), timeout=15, check_same_thread=False, isolation_level=None
    )
    connection.execute("PRAGMA synchronous=FULL")

    def write() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT OR REPLACE INTO heartbeat (job, at, seconds, error, note) "
            "VALUES ('bench', '2026-01-01', 0, '', '')"
        )
        connection.execute("COMMIT")

    return write


def a_list_page(address: str, home: Path) -> Callable[[], None]:
    """Return what opens the organiser's list of needs, signed in."""
    login, password = (home / "accounts.txt").read_text(encoding="utf-8").splitlines()[0].split("\t")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = browser.open(f"{address}/accounts/sign-in", timeout=30).read().decode()
    form = {"login": login, "password": password}
    form |= dict(re.findall(r'name="(csrf_token)"[^>]*value="([^"]+)"', page))
    browser.open(f"{address}/accounts/sign-in", urllib.parse.urlencode(form).encode(), timeout=30).close()

    def open_list() -> None:
        with browser.open(f"{address}/needs", timeout=30) as answer:
            if "sign-in" in answer.geturl():
                raise RuntimeError("the organiser could not sign in")
            answer.read()

    return open_list


class Waits:
    """Somebody else at work: does one thing five times a second, and takes the time of each."""

    def __init__(self, name: str, act: Callable[[], None]) -> None:
        self._name, self._act = name, act
        self._waits: list[float] = []
        self._failure: sqlite3.Error | OSError | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stopping.wait(0.2):
                started = time.perf_counter()
                self._act()
                self._waits.append(time.perf_counter() - started)
        except (sqlite3.Error, OSError) as failure:  # told by the report: nobody hears a thread
            self._failure = failure

    def report(self) -> str:
        """End it and say how long it took. Raises what went wrong, "database is locked" for one."""
        self._stopping.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        ordered = sorted(self._waits) or [float("nan")]
        middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        return (
            f"{self._name} of others meanwhile: {len(ordered):,}, half within {middle * 1000:.0f} ms, "
            f"99 of 100 within {high * 1000:.0f} ms"
        )


def main() -> int:
    """Make the file and measure it, each in a process of its own: memory is counted per process."""
    kind = next((word for word in sys.argv[1:] if word in KINDS), "need")
    rows = next((int(word) for word in sys.argv[1:] if word.isdecimal()), ROWS)
    places = [Path(word) for word in sys.argv[1:] if word.endswith(".xlsx")]
    if places:
        return measure(places[0], kind, rows)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "large.xlsx"
        maker = multiprocessing.get_context("spawn").Process(target=_make, args=(place, kind, rows))
        maker.start()
        maker.join()
        return subprocess.run([sys.executable, __file__, kind, str(rows), str(place)], check=False).returncode


def _make(place: Path, kind: str, rows: int) -> None:
    place.write_bytes(workbook(kind, rows))


if __name__ == "__main__":
    raise SystemExit(main())
