"""Running the service as people get it: a copy of the files in git, a server on a free port."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 180


def copy_checkout(target: Path) -> Path:
    """Copy what a clone of the present state would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def without_virtual_environment() -> dict[str, str]:
    """The environment of a person who types the command, not of this test run."""
    return {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}


@contextmanager
def running(command: Sequence[str | Path], *, folder: Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server in a session of its own, as a terminal does; whatever is left of it is killed."""
    with log.open("wb") as words:
        process = subprocess.Popen(
            # A test run in the background ignores Ctrl-C; a terminal's foreground does not.
            ["env", "--default-signal=INT", *(str(word) for word in command)],
            cwd=folder,
            env=without_virtual_environment(),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        family = psutil.Process(process.pid)
        try:
            yield process
        finally:
            rest = [family, *family.children(recursive=True)] if family.is_running() else []
            for one in rest:
                one.kill()
            process.wait()


def wait_for_page(port: int, *, process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return the first page once the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                page: bytes = answer.read()
                return page.decode()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError(f"no page; the server said: {log.read_text(errors='replace')}")


def press_ctrl_c(process: "subprocess.Popen[bytes]") -> int:
    """Send what a terminal sends, to the whole foreground group; return the exit status."""
    os.killpg(process.pid, signal.SIGINT)
    return process.wait(timeout=60)


def processes_in(folder: Path) -> list[str]:
    """The command lines of all processes started from this folder's programs."""
    lines = (" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))
    return [line for line in lines if str(folder) in line]
