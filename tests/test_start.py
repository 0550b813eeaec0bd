"""A fresh clone starts with one command, in any folder, and says in one sentence why when it cannot."""

import ast
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.installed import (
    ROOT,
    copy_checkout,
    free_port,
    press_ctrl_c,
    processes_in,
    running,
    wait_for_page,
    without_virtual_environment,
)

START = ROOT / "start.py"


def said(command: list[str | Path], **more: str) -> tuple[int, list[str]]:
    """Return exit status and lines of a command that is expected to stop at once."""
    done = subprocess.run(
        [str(word) for word in command],
        env=without_virtual_environment() | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode().splitlines()


def acting_as(change: str, start: Path = START) -> list[str | Path]:
    """Run start.py in an interpreter with one fact about it changed."""
    run = f"runpy.run_path({str(start)!r}, None, '__main__')"
    return [sys.executable, "-c", f"import runpy, sys; {change}; sys.argv = ['start.py']; {run}"]


# ---- why it cannot start -------------------------------------------------------------------------------


def test_an_old_python_is_told_in_one_sentence() -> None:
    status, lines = said(acting_as("sys.version_info = (3, 8, 10, 'final', 0)"))

    assert status == 2
    assert lines == [
        "这里的 Python 是 3.8，需要 3.11 或更新的版本：请安装新版 Python 后再运行。"
        "[This is Python 3.8; 3.11 or newer is needed.]"
    ]


def test_even_a_very_old_python_could_read_the_file() -> None:
    tree = ast.parse(START.read_text(encoding="utf-8"))
    too_new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred, ast.AsyncFunctionDef, ast.Match)

    found = [node for node in ast.walk(tree) if isinstance(node, too_new) and not _in_a_call(node, tree)]
    annotated = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.returns]
    chained = [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.cause]

    assert (found, annotated, chained) == ([], [], [])
    assert START.read_text(encoding="utf-8").startswith("# -*- coding: utf-8 -*-")
    assert len(START.read_text(encoding="utf-8").splitlines()) <= 300


def _in_a_call(node: ast.AST, tree: ast.AST) -> bool:
    """f(*x) as the last argument has always been allowed."""
    return any(isinstance(call, ast.Call) and call.args[-1:] == [node] for call in ast.walk(tree))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with what start.py reads before it installs anything."""
    folder = tmp_path / "只有 两个文件"
    folder.mkdir()
    for name in ("start.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_a_python_without_venv_is_told_in_one_sentence(bare: Path) -> None:
    status, lines = said(acting_as("sys.executable = '/bin/false'", bare / "start.py"))

    assert (status, len(lines)) == (2, 3)
    assert lines[-1].startswith("建立 Python 虚拟环境失败：Debian/Ubuntu 请先运行 apt install python3-venv")


def mounted(folder: Path, mount: str) -> list[str | Path]:
    """Run start.py where `mount` has been done, in a mount namespace that ends with it."""
    allowed = shutil.which("unshare") and said(["unshare", "--mount", "true"])[0] == 0
    if not allowed:
        pytest.skip("mounting a file system for this test needs root")
    script = f'{mount} && exec "$1" "$0/start.py"'
    return ["unshare", "--mount", "sh", "-ec", script, folder, sys.executable]


def test_a_read_only_folder_is_told_in_one_sentence(bare: Path) -> None:
    status, lines = said(mounted(bare, 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"'))

    assert (status, len(lines)) == (2, 1)
    assert lines[0].startswith(f"文件夹“{bare}”不能写入（")


def test_a_full_disk_is_told_in_one_sentence(bare: Path) -> None:
    small = 'cp -r "$0" "$0.kept" && mount -t tmpfs -o size=8m small "$0" && cp "$0.kept"/* "$0"'

    status, lines = said(mounted(bare, small))

    assert (status, len(lines)) == (2, 2)
    assert lines[-1].startswith("磁盘剩余 0.0 GB，安装至少需要 1.2 GB")


# ---- which torch ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", START)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stand_in_wheel(folder: Path, *, name: str, version: str, needs: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    requires = f"Requires-Dist: {needs}\n" if needs else ""
    with zipfile.ZipFile(folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def only_cuda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose package index offers torch for graphics cards only."""
    stand_in_wheel(tmp_path / "index", name="torch", version="2.13.0", needs="nvidia-cudnn-cu13")
    stand_in_wheel(tmp_path / "index", name="nvidia-cudnn-cu13", version="9.20")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "nothing").as_uri())
    monkeypatch.delenv("MATCHMAKER_TORCH_INDEX", raising=False)
    return tmp_path


def test_torch_with_graphics_card_packages_is_never_taken(only_cuda: Path, start: ModuleType) -> None:
    assert start.torch_without_graphics_card(sys.executable) is None


def test_a_cpu_torch_that_pip_is_set_up_to_find_is_taken(only_cuda: Path, start: ModuleType) -> None:
    stand_in_wheel(only_cuda / "index", name="torch", version="2.13.0+cpu")

    assert start.torch_without_graphics_card(sys.executable) == ["torch==2.13.0"]


def test_a_named_index_is_asked_when_the_usual_one_has_only_cuda(
    only_cuda: Path, start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in_wheel(only_cuda / "cpu" / "torch", name="torch", version="2.13.0+cpu")
    page = '<a href="torch-2.13.0%2Bcpu-py3-none-any.whl">torch-2.13.0+cpu-py3-none-any.whl</a>'
    (only_cuda / "cpu" / "torch" / "index.html").write_text(
        f"<!DOCTYPE html><html><body>{page}</body></html>"
    )
    index = (only_cuda / "cpu").as_uri()
    monkeypatch.setenv("MATCHMAKER_TORCH_INDEX", index)

    chosen = start.torch_without_graphics_card(sys.executable)

    assert chosen == ["torch==2.13.0", "--extra-index-url", index, "--retries", "0"]


def test_an_unreachable_index_leaves_us_without_torch(
    only_cuda: Path, start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHMAKER_TORCH_INDEX", f"http://127.0.0.1:{free_port()}/simple")

    assert start.torch_without_graphics_card(sys.executable) is None


# ---- a fresh clone -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in a folder with a space and Chinese characters, installed by its first start."""
    folder = copy_checkout(tmp_path_factory.mktemp("start") / "试 用 目录")
    first_start(folder)
    return folder


def first_start(folder: Path) -> None:
    port, log = free_port(), folder.parent / "first.log"
    with running(
        [sys.executable, folder / "start.py", "--no-torch", "--port", str(port)],
        folder=folder.parent,
        log=log,
    ) as server:
        assert "<html" in wait_for_page(port, process=server, log=log)
        assert press_ctrl_c(server) in (0, 130)


@pytest.mark.slow
def test_the_second_start_adds_little_to_the_bare_server(clone: Path) -> None:
    wrong: list[str | Path] = ["--port", "none"]
    bare: list[str | Path] = [
        clone / ".venv" / "bin" / "python",
        "-m",
        "matchmaker",
        "serve",
        "--demo",
        *wrong,
    ]
    started: list[str | Path] = [sys.executable, clone / "start.py", "--no-torch", *wrong]

    assert said(bare) == said(started)
    assert processor_seconds(started) - processor_seconds(bare) <= 3


def processor_seconds(command: list[str | Path]) -> float:
    """Count processor time, for the machine may be busy with other tests."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.slow
def test_ctrl_c_ends_every_process_without_a_traceback(clone: Path) -> None:
    port, log = free_port(), clone.parent / "ctrl-c.log"
    with running(
        [sys.executable, clone / "start.py", "--no-torch", "--port", str(port)], folder=clone, log=log
    ) as server:
        wait_for_page(port, process=server, log=log)
        status = press_ctrl_c(server)

    assert status in (0, 130)
    assert "Traceback" not in log.read_text()
    assert processes_in(clone) == []


@pytest.mark.slow
def test_a_port_in_use_is_told_in_one_sentence(clone: Path) -> None:
    port, log = free_port(), clone.parent / "first-of-two.log"
    command: list[str | Path] = [sys.executable, clone / "start.py", "--no-torch", "--port", str(port)]
    with running(command, folder=clone, log=log) as server:
        wait_for_page(port, process=server, log=log)
        status, lines = said(command)
        assert press_ctrl_c(server) in (0, 130)

    assert (status, len(lines)) == (1, 1)
    assert lines[0].startswith(f"端口 {port} 不能使用")


@pytest.mark.slow
def test_own_data_and_sample_lie_apart(clone: Path) -> None:
    port, log = free_port(), clone.parent / "own.log"
    command: list[str | Path] = [
        sys.executable,
        clone / "start.py",
        "--no-torch",
        "--own",
        "--port",
        str(port),
    ]
    with running(command, folder=clone, log=log) as server:
        wait_for_page(port, process=server, log=log)

    databases = sorted(str(path.relative_to(clone)) for path in clone.glob("var/*/matchmaker.db"))
    assert databases == ["var/demo/matchmaker.db", "var/own/matchmaker.db"]


@pytest.mark.slow
def test_no_torch_means_no_torch(clone: Path) -> None:
    packages = {path.name.split("-")[0] for path in clone.glob(".venv/lib/python*/site-packages/*.dist-info")}

    assert packages & {"torch", "sentence_transformers", "triton"} == set()
