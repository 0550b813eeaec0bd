"""How long a large list takes to read and check, against a bare read of its cells.

    python bench/intake.py [rows]          (100,000 by default; makes its own file, invented contents)

Prints the seconds of both, their ratio (the goal is at most 6), the highest memory of the child
process and of this one; then the rows per second of the whole way into the library (read and judge,
import), and how long others waited for a small write of theirs meanwhile.
"""

import io
import multiprocessing
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ROWS = 100_000
GOAL_RATIO = 6.0
RUNS = 3
HEADER = (
    "序号",
    "*企业全称（必填）",
    "所在乡镇(街道)",
    "技术需求名称",
    "需求类别",
    "技术领域",
    "需求内容及主要技术指标",
    "拟投入资金（万元）",
    "需求时限",
    "合作方式",
    "联系人",
    "手机/电话",
    "备注",
)
WORDS = (
    "高强度耐磨涂层轻量化注塑模具精准成型低温快速固化视觉检测算法在线监测节能电机控制器表面处理工艺废水回用"
)


def large_workbook(rows: int, *, seed: int = 11) -> bytes:
    """Return an .xlsx of this many needs, every text different, amounts and limits written in many ways."""
    import xlsxwriter

    chance = random.Random(seed)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": False})
    sheet = book.add_worksheet("汇总表")
    sheet.merge_range(0, 0, 0, len(HEADER) - 1, "企业技术需求汇总表")
    sheet.write_row(1, 0, HEADER)
    for number in range(1, rows + 1):
        sheet.write_row(number + 1, 0, _row(number, chance))
    book.close()
    return target.getvalue()


def _row(number: int, chance: random.Random) -> list[object]:
    def text(length: int) -> str:
        return "".join(chance.choices(WORDS, k=length))

    return [
        number,
        f"{text(4)}{number}有限公司",
        chance.choice(("桃花街道", "青山镇", "白溪乡", "沙浦镇")),
        f"{text(12)}{number}",
        chance.choice(("技术研发", "产品研发", "技术改造", "技术难题")),
        chance.choice(("新材料", "电子信息", "先进制造技术", "生物与新医药")),
        f"{text(chance.randint(40, 160))}，误差≤{number % 97}μm",
        chance.choice(
            (50, f"{number % 300 + 1}万元", f"{number % 90 + 10}-{number % 90 + 60}万", "面议", "三十万元")
        ),
        chance.choice(
            ("2026年1月至2027年12月", "18个月", "2027年底前", "长期", f"2026.{number % 12 + 1}-2027.3")
        ),
        chance.choice(("合作开发", "委托研发/技术服务", "技术转让")),
        f"{text(1)}{text(1)}",
        chance.choice(
            (13_000_000_000 + number, f"1380000{number % 10_000:04d} / 0574-6551{number % 10_000:04d}")
        ),
        "",
    ]


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


def measure(place: Path, rows: int) -> int:
    """Print the figures of one file; return 1 when the goal is missed."""
    content = place.read_bytes()
    print(f"file: {rows:,} rows, {len(HEADER)} columns, {len(content) / 1e6:.1f} MB")
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
    lost = whole_way(content, rows, place.parent)
    return 0 if found == rows and whole / bare <= GOAL_RATIO and not lost else 1


def whole_way(content: bytes, rows: int, folder: Path) -> int:
    """Take the file through upload, preview and import as the jobs do; 1 when rows are lost."""
    from sqlalchemy import func, select

    from matchmaker.domain.permissions import SYSTEM
    from matchmaker.services import upload_steps
    from matchmaker.services.upload_import import confirm_upload
    from matchmaker.services.uploads import receive_upload
    from matchmaker.store import schema
    from matchmaker.store.engine import Database
    from matchmaker.store.tables import Need

    database = Database(f"sqlite:///{folder / 'bench.db'}")
    schema.migrate(database)
    with database.writing() as session:
        upload_id = receive_upload(
            session, SYSTEM, filename="汇总表.xlsx", content=content, reading=None, consent_source="试验"
        ).id
    others = Bystander(database.engine.url.database or "")
    for name in ("read, judge and store", "import"):
        started = time.perf_counter()
        upload_steps.advance(database, upload_id)
        seconds = time.perf_counter() - started
        print(f"{name}: {seconds:.1f} s · {rows / seconds:,.0f} rows/s")
        with database.writing() as session:
            confirm_upload(session, SYSTEM, upload_id=upload_id)
    print(others.report())
    with database.reading() as session:
        imported = session.scalar(select(func.count()).select_from(Need))
    database.close()
    print(f"needs in the library: {imported:,} of {rows:,}")
    return 0 if imported == rows else 1


class Bystander:
    """Somebody else at the same database file: writes a small row ten times a second, and takes the time."""

    def __init__(self, place: str) -> None:
        import sqlite3

        self._waits: list[float] = []
        self._stopping = threading.Event()
        self._connection = sqlite3.connect(place, timeout=15, check_same_thread=False, isolation_level=None)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(0.1):
            started = time.perf_counter()
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(
                "INSERT OR REPLACE INTO heartbeat (job, at, seconds, error, note) "
                "VALUES ('bench', '2026-01-01', 0, '', '')"
            )
            self._connection.execute("COMMIT")
            self._waits.append(time.perf_counter() - started)

    def report(self) -> str:
        """End it and say how long its writes took."""
        self._stopping.set()
        self._thread.join()
        ordered = sorted(self._waits)
        middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        return (
            f"small writes of others meanwhile: {len(ordered):,}, half within {middle * 1000:.0f} ms, "
            f"99 of 100 within {high * 1000:.0f} ms"
        )


def main() -> int:
    """Make the file and measure it, each in a process of its own: memory is counted per process."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    if len(sys.argv) > 2:
        return measure(Path(sys.argv[2]), rows)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "large.xlsx"
        maker = multiprocessing.get_context("spawn").Process(target=_make, args=(place, rows))
        maker.start()
        maker.join()
        return subprocess.run([sys.executable, __file__, str(rows), str(place)], check=False).returncode


def _make(place: Path, rows: int) -> None:
    place.write_bytes(large_workbook(rows))


if __name__ == "__main__":
    raise SystemExit(main())
