"""Writes a folder from which the service can be installed on a PC without network."""

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matchmaker
from matchmaker.errors import Refused
from matchmaker.ops.manifest import PRODUCT

_BESIDE = Path(__file__).parent / "offline"
_README = "请先读我.txt"
_SCRIPTS = ("install.py", "install.sh", "install.bat", "start.sh", "start.bat", "demo.sh", "demo.bat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A kind of PC: its name in the README, uv's name for it, and the wheel tags pip may take."""

    words: str
    uv: str
    tags: tuple[str, ...]


def _manylinux(machine: str) -> tuple[str, ...]:
    return tuple(f"manylinux_2_{minor}_{machine}" for minor in (28, 27, 26, 24, 17, 12, 5))


TARGETS = {
    "windows": Target(words="64 位 Windows 10 或更新", uv="x86_64-pc-windows-msvc", tags=("win_amd64",)),
    "linux": Target(words="64 位 Linux（x86）", uv="x86_64-manylinux_2_28", tags=_manylinux("x86_64")),
    "linux-arm": Target(
        words="64 位 Linux（ARM，如鲲鹏、飞腾）", uv="aarch64-manylinux_2_28", tags=_manylinux("aarch64")
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A finished parcel."""

    folder: Path
    wheels: int
    bytes: int

    def sentence(self) -> str:
        """Say in Chinese what was written and what to do with it."""
        return (
            f"离线安装包已写到 {self.folder}（{self.wheels} 个程序包，{self.bytes / 1e6:.0f} MB）。"
            f"把整个文件夹复制到目标电脑，按其中的“{_README}”安装。"
        )


def write_bundle(out: Path, *, target: str | None = None, python: str | None = None) -> Bundle:
    """Fill the new or empty folder `out`. Needs a checkout and the network; what it writes needs neither.

    `target` is a key of TARGETS, None for a PC like this one; `python` the other PC's version ("3.12").
    The parcel is torch-free: the shipped encoder gives the same vectors without it.
    """
    if target is not None and target not in TARGETS:
        raise Refused(f"没有“{target}”这种目标系统，可选：{'、'.join(TARGETS)}。")
    out = out.expanduser().resolve()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(f"{out} 已经存在并且不是空文件夹，没有写入。请换一个文件夹名。")
    wheels = out / "wheels"
    wheels.mkdir(parents=True)
    python = python or "{}.{}".format(*sys.version_info[:2])
    ours = _own_wheel(wheels)
    if target is None:
        _run(["wheel", "--wheel-dir", str(wheels), str(ours)], doing="下载程序包")
    else:
        _download_for(TARGETS[target], python=python, wheels=wheels)
    _write_beside(
        out, wheels, words=TARGETS[target].words if target else sysconfig.get_platform(), python=python
    )
    files = list(wheels.iterdir())
    return Bundle(folder=out, wheels=len(files), bytes=sum(file.stat().st_size for file in files))


def _checkout() -> Path:
    root = Path(matchmaker.__file__).resolve().parents[1]
    if not (root / "pyproject.toml").is_file():
        raise Refused("制作安装包要用完整的源代码文件夹，请在里面运行 python -m matchmaker bundle。")
    return root


def _own_wheel(wheels: Path) -> Path:
    root = _checkout()
    _run(["wheel", "--no-deps", "--wheel-dir", str(wheels), str(root)], doing="打包本系统")
    return next(wheels.glob(f"{PRODUCT.replace('-', '_')}-*.whl"))


def _download_for(target: Target, *, python: str, wheels: Path) -> None:
    """Download what another kind of PC needs: uv works out the list, for pip can only judge for this PC."""
    with TemporaryDirectory() as scratch:
        packages = _resolve(target, python=python, scratch=Path(scratch))
        pins = Path(scratch) / "pins.txt"
        pins.write_text("\n".join(_pin(package) for package in packages), encoding="utf-8")
        # What is published as source only is pure Python, all of it: a wheel built here serves every PC.
        for source in (_pin(package) for package in packages if not package.get("wheels")):
            _run(["wheel", "--no-deps", "--wheel-dir", str(wheels), source], doing=f"打包 {source}")
        tags = [word for tag in (*target.tags, "any") for word in ("--platform", tag)]
        only = ["--only-binary", ":all:", "--no-deps", "--python-version", python, "--implementation", "cp"]
        there = ["--dest", str(wheels), "--find-links", str(wheels), "--requirement", str(pins)]
        _run(["download", *only, *tags, *there], doing="下载程序包")


def _resolve(target: Target, *, python: str, scratch: Path) -> list[dict[str, Any]]:
    if importlib.util.find_spec("uv") is None:
        raise Refused("为其他系统制作安装包需要 uv，请先运行 python -m pip install uv。")
    lock = scratch / "pylock.toml"
    wanted = ["--python-platform", target.uv, "--python-version", python]
    written = ["--format", "pylock.toml", "--output-file", str(lock), "--quiet"]
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *wanted, *written]
    _run_any(command, doing="计算程序包清单", folder=_checkout())
    packages: list[dict[str, Any]] = tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]
    return packages


def _pin(package: dict[str, Any]) -> str:
    return f"{package['name']}=={package['version']}"


def _write_beside(out: Path, wheels: Path, *, words: str, python: str) -> None:
    for name in _SCRIPTS:
        shutil.copyfile(_BESIDE / name, out / name)
    for script in out.glob("*.sh"):
        script.chmod(0o755)
    readme = (_BESIDE / _README).read_text(encoding="utf-8")
    readme = readme.format(platform=words, python=python, version=matchmaker.__version__)
    (out / _README).write_text(readme, encoding="utf-8-sig", newline="\r\n")
    facts = {
        "python": python,
        "requirement": f"{PRODUCT}=={matchmaker.__version__}",
        "sha256": {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(wheels.iterdir())
        },
    }
    (out / "bundle.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def _run(words: Sequence[str], *, doing: str) -> None:
    _run_any([sys.executable, "-m", "pip", "--disable-pip-version-check", *words], doing=doing)


def _run_any(command: list[str], *, doing: str, folder: Path | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode != 0:
        reason = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise Refused(f"{doing}没有成功，请检查网络后重试：\n{reason}")
