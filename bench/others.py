"""Others at work while bench/intake.py is: a served campaign, small writes, list pages, and their waits."""

import http.client
import http.cookiejar
import multiprocessing
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matchmaker.store.engine import Database

CONNECTIONS = 16
LIST_PAGE = "/achievements"


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
    until = time.monotonic() + 600  # the demo campaign takes its time on a busy machine
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


def _signed_in(address: str, home: Path) -> tuple[urllib.request.OpenerDirector, str]:
    """Return a browser in which the organiser is signed in, and its cookie."""
    login, password = (home / "accounts.txt").read_text(encoding="utf-8").splitlines()[0].split("\t")
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{address}/accounts/sign-in", timeout=30).read().decode()
    form = {"login": login, "password": password}
    form |= dict(re.findall(r'name="(csrf_token)"[^>]*value="([^"]+)"', page))
    browser.open(f"{address}/accounts/sign-in", urllib.parse.urlencode(form).encode(), timeout=30).close()
    return browser, "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def a_list_page(address: str, home: Path) -> Callable[[], None]:
    """Return what opens the organiser's list of needs, signed in."""
    browser, _cookie = _signed_in(address, home)

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
        return told_waits(f"{self._name} of others meanwhile", self._waits)


def told_waits(name: str, waits: Sequence[float]) -> str:
    """Say how many waits there were and how long they took."""
    ordered = sorted(waits) or [float("nan")]
    middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return (
        f"{name}: {len(waits):,}, half within {middle * 1000:.0f} ms, 99 of 100 within {high * 1000:.0f} ms"
    )


class Readers:
    """Visitors who open the list of achievements so many times a second over kept-up connections.

    In a process of their own; each request has its time, and waits from then on if it cannot be sent.
    """

    def __init__(self, address: str, *, rate: float, cookie: str = "", path: str = LIST_PAGE) -> None:
        context = multiprocessing.get_context("spawn")
        self._rate, self._ours = rate, context.Pipe()
        where = urllib.parse.urlsplit(address).netloc
        self._process = context.Process(target=_read_on, args=(self._ours[1], where, path, rate, cookie))
        self._process.start()
        self._ours[0].recv()  # it is at work

    def report(self, name: str = "list pages for visitors") -> str:
        """End them and say how long they waited."""
        self._ours[0].send("enough")
        seconds, waits, failed = self._ours[0].recv()
        self._process.join()
        asked = f"{self._rate:.0f}/s asked" if self._rate else "as fast as it goes"
        failures = f", {failed} failed" if failed else ""
        return told_waits(f"{name} ({asked}, {len(waits) / seconds:.0f}/s answered{failures})", waits)


def _read_on(pipe: Any, where: str, path: str, rate: float, cookie: str) -> None:
    ended, waits, failed = threading.Event(), list[float](), list[int]()
    headers = {"Accept-Encoding": "gzip", **({"Cookie": cookie} if cookie else {})}
    began = time.perf_counter()
    connections = CONNECTIONS if rate else 4

    def one(number: int) -> None:
        connection = http.client.HTTPConnection(where, timeout=60)
        due = began + number / rate if rate else time.perf_counter()
        while not ended.wait(max(0.0, due - time.perf_counter())):
            try:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                failed.extend([answer.status] if answer.status != 200 else [])
            except (OSError, http.client.HTTPException):
                failed.append(0)
                connection.close()
            waits.append(time.perf_counter() - due)
            due = due + connections / rate if rate else time.perf_counter()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    pipe.send("at work")
    pipe.recv()
    ended.set()
    for thread in threads:
        thread.join()
    pipe.send((time.perf_counter() - began, waits, len(failed)))


def signed_in_cookie(address: str, home: Path) -> str:
    """Return the cookie of the organiser of a demo campaign."""
    return _signed_in(address, home)[1]
