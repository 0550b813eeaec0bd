# ruff: noqa: T201
"""Every check that a change must pass, one after the other, with times: `python3 start.py test`."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEBIAN_PACKAGE = {"chromium": "chromium", "nginx": "nginx-light", "fc-list": "fontconfig"}
CHINESE_FONT_PACKAGE = "fonts-wqy-microhei"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    name: str
    passed: bool
    seconds: float


def main(arguments: list[str]) -> int:
    """Run all checks, the later ones too when one fails; 0 if all passed. `--fast` leaves out slow tests."""
    results = [timed("browser, proxy, fonts", step=install_test_programs)]
    for name, command in commands(fast="--fast" in arguments):
        results.append(timed(name, step=partial(run, command)))
    print("\n---- summary ----")
    for result in results:
        print(f"{'ok    ' if result.passed else 'FAILED'} {result.seconds:7.1f} s  {result.name}")
    print(f"total  {sum(result.seconds for result in results):7.1f} s", flush=True)
    return 0 if all(result.passed for result in results) else 1


def commands(*, fast: bool) -> Iterator[tuple[str, list[str]]]:
    module = [sys.executable, "-m"]
    yield "ruff format", [*module, "ruff", "format", "--check", "."]
    yield "ruff check", [*module, "ruff", "check", "."]
    yield "mypy", [*module, "mypy", "--strict", "matchmaker", "nlp", "jobs"]
    # not its script: scripts of an environment whose folder was moved point to the old place
    lint_imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    yield "import directions", [sys.executable, "-c", lint_imports]
    # a file stays with one worker, for its fixtures are costly
    workers = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    only_quick = ["-m", "not slow"] if fast else []
    postgres = ["tests/bus", "tests/services"]
    yield (
        "pytest on PostgreSQL",
        [*module, "pytest", "--postgres", "-n", "2", "--dist", "loadfile", *only_quick, *postgres],
    )
    yield "pytest", [*module, "pytest", "-rs", "--durations=10", *workers, *only_quick, *longest_first()]


def longest_first() -> list[str]:
    """Return everything with tests; what takes minutes begins, or one worker would end alone with it."""
    tests = Path(__file__).parent
    longest = ["test_wheel.py", "test_start.py"]
    everything = {file.relative_to(tests).parts[0] for file in tests.rglob("test_*.py")}
    return [f"tests/{name}" for name in (*longest, *sorted(everything - {*longest}))]


def run(command: list[str]) -> bool:
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0


def timed(name: str, *, step: Callable[[], bool]) -> Result:
    print(f"\n---- {name} ----", flush=True)
    began = time.monotonic()
    passed = step()
    return Result(name=name, passed=passed, seconds=time.monotonic() - began)


def install_test_programs() -> bool:
    """Have a browser, a proxy and a Chinese font, by apt where that is allowed; False if one is missing.

    Tests that need them may skip on a developer's machine, but the whole run must not then look green.
    """
    packages = missing_packages()
    if packages and shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"]
        run([*apt, "update"])
        run([*apt, "install", "--no-install-recommends", *packages])
    still_missing = missing_packages()
    print(f"missing: {' '.join(still_missing)}" if still_missing else "all there", flush=True)
    return not still_missing


def missing_packages() -> list[str]:
    programs = [package for program, package in DEBIAN_PACKAGE.items() if not shutil.which(program)]
    return programs + ([] if chinese_font_is_there() else [CHINESE_FONT_PACKAGE])


def chinese_font_is_there() -> bool:
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
