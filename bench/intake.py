"""How long a large list takes to read and check, against a bare read of its cells.

    python bench/intake.py [need|achievement] [rows] [--rate 200]     (100,000 needs in an invented file)

Prints the seconds of both, their ratio (the goal is at most 6), the highest memory of the child
process and of this one; then the rows per second of the whole way into the library of a served demo
campaign and out again (read and judge, import, export, the list sent again with changes, undo of both),
how long others waited meanwhile for a small write of theirs, for the organiser's list of needs and, so
many times a second, for the visitors' list of achievements; the memory of the pages' process and of the
job, how many list pages one process can make at all, and what a write to disk costs here.
"""

import io
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matchmaker.settings import Settings
    from matchmaker.store.engine import Database

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.large_lists import KINDS, workbook
from bench.others import (
    Readers,
    Waits,
    a_list_page,
    a_write,
    disk_milliseconds,
    highest_memory,
    served,
    signed_in_cookie,
)
from matchmaker.garbage import collect_seldom

ROWS = 100_000
GOAL_RATIO = 6.0
RUNS = 3
RATE = 200.0  # list pages a second
ALONE_SECONDS = 8.0


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


def measure(place: Path, kind: str, rows: int, rate: float) -> int:
    """Print the figures of one file; return 1 when the goal is missed."""
    content = place.read_bytes()
    print(f"{kind} list: {rows:,} rows, {len(KINDS[kind].header)} columns, {len(content) / 1e6:.1f} MB")
    collect_seldom()  # as in the process that reads uploaded lists
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
    lost = whole_way(content, kind, rows, place.parent, rate)
    return 0 if found == rows and whole / bare <= GOAL_RATIO and not lost else 1


def whole_way(content: bytes, kind: str, rows: int, folder: Path, rate: float) -> int:
    """Take the file through upload, preview and import as the jobs do; 1 when rows are lost."""
    from sqlalchemy import func, select

    from matchmaker.settings import load_settings
    from matchmaker.store.engine import Database
    from matchmaker.store.tables import Achievement, Need

    table = {"need": Need, "achievement": Achievement}[kind]
    settings = load_settings(instance="demo", data={"folder": str(folder), "url": ""})
    with served(folder) as (address, server):
        database = Database(settings.database_url)

        def count() -> int:
            with database.reading() as session:
                return session.scalar(select(func.count()).select_from(table)) or 0

        before = count()
        way = Way(database, settings, address, rows, rate)
        first = way.bring_in(content)
        imported = count() - before
        way.pages_alone()
        way.export(kind)
        print("the list again, every tenth row changed:")
        again = way.bring_in(workbook(kind, rows, changed=10))
        way.undo(again)
        way.undo(first)
        left = count() - before
        database.close()
        print(f"highest memory: pages {highest_memory(server):.0f} MB · job {way.memory():.0f} MB")
    print(f"a write forced to disk: half within {disk_milliseconds(folder):.1f} ms")
    print(f"in the library: {imported:,} of {rows:,}; after undoing both: {left:,}")
    return 0 if (imported, left) == (rows, 0) else 1


class Way:
    """One list on its way, by the job as it runs beside a served campaign, with others at work."""

    def __init__(
        self, database: "Database", settings: "Settings", address: str, rows: int, rate: float
    ) -> None:
        self._database, self._settings, self._address = database, settings, address
        self._rows, self._rate = rows, rate

    def bring_in(self, content: bytes) -> int:
        """Read, judge, store and import a file; return the number of its upload."""
        from matchmaker.domain.permissions import SYSTEM
        from matchmaker.services.upload_import import confirm_upload
        from matchmaker.services.uploads import receive_upload

        with self._database.writing() as session:
            upload_id = receive_upload(
                session, SYSTEM, filename="汇总表.xlsx", content=content, reading=None, consent_source="试验"
            ).id
        self._step("read, judge and store")
        with self._database.writing() as session:
            confirm_upload(session, SYSTEM, upload_id=upload_id)
        self._step("import")
        return int(upload_id)

    def undo(self, upload_id: int) -> None:
        """Take an import back."""
        from matchmaker.domain.permissions import SYSTEM
        from matchmaker.services.upload_undo import undo_upload

        with self._database.writing() as session:
            undo_upload(session, SYSTEM, upload_id=upload_id)
        self._step(f"undo of upload {upload_id}")

    def export(self, kind: str) -> None:
        """Make the whole library a list again, in a process of its own: its memory is what it takes."""
        maker = multiprocessing.get_context("spawn").Process(
            target=_export, args=(self._settings.database_url, kind)
        )
        maker.start()
        maker.join()

    def pages_alone(self) -> None:
        """Say how list pages are answered while nothing is imported, and how many one process can make."""
        cookie = signed_in_cookie(self._address, self._settings.home)
        for name, rate, known in (
            ("list pages for visitors, nothing else at work", self._rate, ""),
            ("list pages for visitors, nothing else at work", 0.0, ""),
            ("list pages for an organiser, nothing else at work", 0.0, cookie),
        ):
            readers = Readers(self._address, rate=rate, cookie=known)
            time.sleep(ALONE_SECONDS)
            print(f"  {readers.report(name)}", flush=True)

    def _step(self, name: str) -> None:
        from jobs import uploads as job

        write, page = a_write(self._database), a_list_page(self._address, self._settings.home)
        readers = Readers(self._address, rate=self._rate)
        others = (Waits("small writes", write), Waits("an organiser's list pages", page))
        started, worked = time.perf_counter(), _processor_seconds()
        job.work(self._database, self._settings)
        seconds, worked = time.perf_counter() - started, _processor_seconds() - worked
        print(f"{name}: {seconds:.1f} s · {self._rows / seconds:,.0f} rows/s · {worked:.1f} s of one core")
        print("\n".join(f"  {other.report()}" for other in others))
        print(f"  {readers.report()}", flush=True)

    def memory(self) -> float:
        """Return the most memory in MB that one process of a job has held."""
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _processor_seconds() -> float:
    """Return the processor's time of what was started here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _most_held() -> float:
    """Return the most memory in MB that this program held; ru_maxrss remembers whoever started it, too."""
    try:
        held = Path("/proc/self/status").read_text("utf-8").partition("VmHWM:")[2].split()[0]
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(held) / 1024


def _export(database_url: str, kind: str) -> None:
    from matchmaker.domain.permissions import SYSTEM
    from matchmaker.services.list_export import achievements_list, needs_list
    from matchmaker.store.engine import Database

    started = time.perf_counter()
    with Database(database_url).reading() as session:
        file = (needs_list if kind == "need" else achievements_list)(session, SYSTEM, contacts=True)
    print(
        f"export: {time.perf_counter() - started:.1f} s · {time.process_time():.1f} s of one core · "
        f"{len(file.content) / 1e6:.1f} MB · at most {_most_held():.0f} MB of memory",
        flush=True,
    )


def main() -> int:
    """Make the file and measure it, each in a process of its own: memory is counted per process."""
    kind = next((word for word in sys.argv[1:] if word in KINDS), "need")
    words = sys.argv[1:]
    rate = float(words.pop(words.index("--rate") + 1)) if "--rate" in words else RATE
    rows = next((int(word) for word in words if word.isdecimal()), ROWS)
    places = [Path(word) for word in sys.argv[1:] if word.endswith(".xlsx")]
    if places:
        return measure(places[0], kind, rows, rate)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "large.xlsx"
        maker = multiprocessing.get_context("spawn").Process(target=_make, args=(place, kind, rows))
        maker.start()
        maker.join()
        command = [sys.executable, __file__, kind, str(rows), str(place), "--rate", str(rate)]
        return subprocess.run(command, check=False).returncode


def _make(place: Path, kind: str, rows: int) -> None:
    place.write_bytes(workbook(kind, rows))


if __name__ == "__main__":
    raise SystemExit(main())
