"""What people install is whole: the wheel, and the parcel that needs no network."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from matchmaker.ops.bundle import Bundle, write_bundle
from tests.installed import (
    ROOT,
    free_port,
    press_ctrl_c,
    processes_in,
    running,
    wait_for_page,
    without_virtual_environment,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SHIPPED = {
    "matchmaker": "matchmaker",
    "nlp": "nlp",
    "jobs": "jobs",
    "templates": "matchmaker/_shipped/templates",
    "config": "matchmaker/_shipped/config",
}


@pytest.fixture(scope="module")
def parcel(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle(tmp_path_factory.mktemp("parcel") / "离线 安装包")


@pytest.fixture(scope="module")
def installed(parcel: Bundle) -> Path:
    """The parcel's folder after its own installer ran where every address outside is a dead end."""
    dead_end = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, parcel.folder / "install.py"],
        env=without_virtual_environment() | dead_end | {"PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "安装完成" in done.stdout, done.stdout
    assert done.returncode == 0
    return parcel.folder


def tracked(folder: str) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in filter(None, listed.split("\0")) if (ROOT / name).is_file()]


def test_the_wheel_holds_every_file_and_nothing_else(parcel: Bundle) -> None:
    (wheel,) = parcel.folder.glob("wheels/university_matchmaker-*.whl")
    expected = {
        place + name.removeprefix(source) for source, place in SHIPPED.items() for name in tracked(source)
    }

    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert (expected - held, held - expected) == (set(), set())
    assert wheel.stat().st_size < 40e6


def test_the_wheel_carries_licence_and_notice(parcel: Bundle) -> None:
    (wheel,) = parcel.folder.glob("wheels/university_matchmaker-*.whl")

    with zipfile.ZipFile(wheel) as archive:
        names = {name.rsplit("/", 1)[-1] for name in archive.namelist() if ".dist-info/licenses/" in name}

    assert {"LICENSE", "NOTICE"} <= names


def test_the_parcel_holds_no_torch(parcel: Bundle) -> None:
    facts = json.loads((parcel.folder / "bundle.json").read_text(encoding="utf-8"))

    assert sorted(facts["sha256"]) == sorted(path.name for path in parcel.folder.glob("wheels/*"))
    assert [name for name in facts["sha256"] if name.startswith(("torch", "nvidia", "triton"))] == []


def test_the_installed_service_is_its_own_and_answers(installed: Path) -> None:
    port, log = free_port(), installed.parent / "server.log"
    python = installed / "program" / "bin" / "python"
    origin = "import matchmaker, nlp, jobs; print(matchmaker.__file__, nlp.__file__, jobs.__file__)"
    found = subprocess.run([python, "-c", origin], cwd=installed, capture_output=True, text=True, check=True)
    assert found.stdout.count(str(installed / "program")) == 3

    with running(
        ["sh", installed / "demo.sh", "--port", str(port)], folder=installed.parent, log=log
    ) as server:
        page = wait_for_page(port, process=server, log=log)
        status = press_ctrl_c(server)

    assert "<html" in page
    assert status in (0, 130)
    assert processes_in(installed) == []
    assert (installed / "var" / "demo" / "matchmaker.db").is_file()


def test_a_backup_made_by_the_installed_service_is_restored_by_it(installed: Path, tmp_path: Path) -> None:
    python = installed / "program" / "bin" / "python"

    def matchmaker(*words: str) -> str:
        command = [str(python), "-m", "matchmaker", *words]
        done = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    matchmaker("migrate", "--own")
    made = json.loads(matchmaker("backup", "--own", "--json", str(tmp_path / "b.zip")))
    restored = json.loads(matchmaker("restore", "--own", "--json", made["path"]))

    assert restored["manifest"]["tables"] == made["manifest"]["tables"]
    assert json.loads(matchmaker("doctor", "--own", "--json"))["state"] in ("ok", "warn")


def test_a_spoilt_copy_of_the_parcel_is_not_installed(parcel: Bundle, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "wheels").mkdir(parents=True)
    for name in ("install.py", "bundle.json"):
        (copy / name).write_bytes((parcel.folder / name).read_bytes())

    done = subprocess.run([sys.executable, copy / "install.py"], capture_output=True, check=False)

    assert done.returncode == 1
    assert done.stdout.decode().startswith("安装包不完整：wheels 里的 ")
    assert not (copy / "program").exists()
