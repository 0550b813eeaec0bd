# -*- coding: utf-8 -*-
# ruff: noqa: B904, RUF005
# Written so that even Python 2.7 can read it, for an old Python must be able to say that it is too old.
"""Set up and start the service from a checkout, with nothing but Python.

python3 start.py [--own] [--no-torch] [--host H] [--port P]   sample campaign (or the bureau's own data)
python3 start.py test [--fast] [--no-torch]                   every check that a change must pass
"""

from __future__ import print_function, unicode_literals

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
LOG = os.path.join(VENV, "install.log")
OLDEST_PYTHON = (3, 11)
TORCH = "torch==2.13.0"
# Packages that come only with a torch for graphics cards: about 3 GB that an office PC cannot use.
GRAPHICS_CARD_PACKAGE = re.compile(r"^(nvidia|cuda|triton|pytorch-triton)", re.IGNORECASE)
PROBE_SECONDS = 180
GIB = 1024.0**3
SMALLEST_DISK_GIB = 1.2
TORCH_DISK_GIB = 3.0


class Stop(Exception):
    """One sentence that tells the person at the keyboard why nothing was started and what to do."""


def say(text):
    # Bytes, because an old Python or a Windows console may be unable to encode Chinese and would raise.
    stream = getattr(sys.stdout, "buffer", sys.stdout)
    stream.write((text + "\n").encode(sys.stdout.encoding or "utf-8", "replace"))
    stream.flush()


def main(arguments):
    try:
        check_python()
        if "-h" in arguments or "--help" in arguments:
            say(__doc__)
            return 0
        os.environ["PYTHONUTF8"] = "1"
        return test(arguments[1:]) if arguments[:1] == ["test"] else serve(arguments)
    except Stop as stop:
        say("{0}".format(stop))
        return 2
    except KeyboardInterrupt:
        say("已停止。[Stopped.]")
        return 130


def check_python():
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise Stop(
            "这里的 Python 是 {0}.{1}，需要 3.11 或更新的版本：请安装新版 Python 后再运行。"
            "[This is Python {0}.{1}; 3.11 or newer is needed.]".format(*sys.version_info[:2])
        )


# ---- starting ---------------------------------------------------------------------------------


def serve(arguments):
    data = "--own" if "--own" in arguments else "--demo"
    passed_on = [word for word in arguments if word not in ("--own", "--demo", "--no-torch")]
    python = prepare("serve", [], with_torch="--no-torch" not in arguments)
    return become([python, "-m", "matchmaker", "serve", data] + passed_on)


def test(arguments):
    python = prepare("test", ["dev"], with_torch="--no-torch" not in arguments)
    return become([python, os.path.join("tests", "every_check.py")] + arguments)


def become(command):
    """Turn into this command. Where the system cannot do that (Windows), run it and wait for its end."""
    os.chdir(HERE)
    if os.name == "posix":
        os.execv(command[0], command)
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # The console sent Ctrl-C to the server too; it is closing its files.


# ---- installing ----------------------------------------------------------------------------------


def prepare(purpose, extras, with_torch):
    """Return the virtual environment's Python, installing first unless the stamp says all is in place."""
    check_folder_is_writable()
    python = os.path.join(VENV, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
    stamp = os.path.join(VENV, "stamp-" + purpose)
    wanted = fingerprint(extras, with_torch)
    if os.path.exists(python) and read(stamp) == wanted:
        return python
    began = time.time()
    say("首次启动要安装运行环境，需要联网几分钟；以后启动不再安装。[Installing, once.]")
    check_disk_space()
    say("1/3 建立虚拟环境 .venv [virtual environment]")
    make_venv(python)
    forget_stamps()
    say(
        "2/3 {0}".format(
            "准备不带显卡程序的 torch [torch without CUDA]" if with_torch else "不装 torch [no torch]"
        )
    )
    torch_version = install_torch(python) if with_torch else remove_torch(python)
    say("3/3 安装其余部分 [the rest]")
    install_project(python, extras, torch_version)
    with open(stamp, "w") as file:
        file.write(wanted)
    say("安装完成，用时 {0:.0f} 秒。[Installed.]".format(time.time() - began))
    return python


def forget_stamps():
    for name in ("stamp-serve", "stamp-test"):
        if os.path.exists(os.path.join(VENV, name)):
            os.remove(os.path.join(VENV, name))


def fingerprint(extras, with_torch):
    """Change with everything that would make the installation another one, the folder's place included."""
    project = read(os.path.join(HERE, "pyproject.toml"))
    facts = [project, sys.version, HERE, extras, with_torch, TORCH, os.environ.get("MATCHMAKER_TORCH_INDEX")]
    return hashlib.sha256(json.dumps(facts).encode("utf-8")).hexdigest()


def check_folder_is_writable():
    try:
        with tempfile.TemporaryFile(dir=HERE):
            pass
    except OSError as error:
        raise Stop(
            "文件夹“{0}”不能写入（{1}）：请把整个文件夹复制到有写权限、磁盘未满的地方再启动。"
            "[This folder is not writable.]".format(HERE, error.strerror)
        )


def check_disk_space():
    if free_gib() < SMALLEST_DISK_GIB:
        raise Stop(
            "磁盘剩余 {0:.1f} GB，安装至少需要 {1} GB：请清理磁盘或换一个盘再启动。"
            "[Not enough disk space.]".format(free_gib(), SMALLEST_DISK_GIB)
        )


def free_gib():
    return shutil.disk_usage(HERE).free / GIB


def make_venv(python):
    if works([python, "-m", "pip", "--version"]):
        return
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if made.returncode != 0:
        raise Stop(
            "建立 Python 虚拟环境失败：Debian/Ubuntu 请先运行 apt install python3-venv，"
            "其他系统请重装带 venv 的 Python。"
            "[Python's venv module does not work here.]"
        )


def install_torch(python):
    """Install a torch without graphics card packages if one is to be had; return its version or None."""
    present = installed_version(python, "torch")
    if present:
        return present
    arguments = torch_without_graphics_card(python) if free_gib() >= TORCH_DISK_GIB else None
    if arguments and logged([python, "-m", "pip", "install", "--no-compile"] + arguments):
        return installed_version(python, "torch")
    say(
        "没有找到不带显卡程序的 torch，改用不需要 torch 的同一套向量；要用 torch 请设置环境变量 "
        "MATCHMAKER_TORCH_INDEX 后再启动。[No CPU torch: going on without, with the same encoder weights.]"
    )
    return None


def torch_without_graphics_card(python):
    """Return pip's arguments for a torch that brings no CUDA, or None; only metadata is asked for."""
    index = os.environ.get("MATCHMAKER_TORCH_INDEX")
    for source in [[]] + ([["--extra-index-url", index, "--retries", "0"]] if index else []):
        names = names_that_would_come(python, [TORCH] + source)
        if names and not any(GRAPHICS_CARD_PACKAGE.match(name) for name in names):
            return [TORCH] + source
    return None


def names_that_would_come(python, arguments):
    command = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    try:
        asked = subprocess.run(
            command + arguments,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PROBE_SECONDS,
        )
        return [item["metadata"]["name"] for item in json.loads(asked.stdout.decode("utf-8"))["install"]]
    except (subprocess.TimeoutExpired, ValueError):
        return []


def remove_torch(python):
    if installed_version(python, "torch"):
        logged([python, "-m", "pip", "uninstall", "--yes", "torch", "sentence-transformers"])


def installed_version(python, name):
    question = "import importlib.metadata as m; print(m.version('{0}'))".format(name)
    answer = subprocess.run(
        [python, "-c", question], check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return answer.stdout.decode("utf-8").strip() or None


def install_project(python, extras, torch_version):
    wanted = extras + (["st"] if torch_version else [])
    # The exact torch is named again, or an installer could replace it by the one with CUDA.
    what = ["-e", ".[{0}]".format(",".join(wanted)) if wanted else "."]
    what += ["torch==" + torch_version] if torch_version else []
    by_uv = [python, "-m", "uv", "pip", "install", "--python", python] + uv_sources(python) + what
    if logged([python, "-m", "pip", "install", "--retries", "1", "uv"]) and logged(by_uv):
        return
    if not logged([python, "-m", "pip", "install"] + what):
        raise Stop(
            "安装没有成功，多半是网络不通或磁盘已满（剩余 {0:.1f} GB），详情见 {1}；不能联网的电脑请用安装包"
            "（见 docs/deploy.md）。[Installing failed; the log tells why.]".format(free_gib(), LOG)
        )


def uv_sources(python):
    """Return the machine's pip settings as options for uv, which does not read them itself."""
    listed = subprocess.run([python, "-m", "pip", "config", "list"], check=False, stdout=subprocess.PIPE)
    options = {"index-url": "--default-index", "find-links": "--find-links"}
    found = []
    for line in listed.stdout.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition("=")
        option = options.get(key.rsplit(".", 1)[-1])
        found += [word for place in value.strip("'\"").split() if option for word in (option, place)]
    return found


def logged(command):
    """Run an installer with its words in the log; True if it succeeded."""
    with open(LOG, "ab") as log:
        log.write("\n$ {0}\n".format(" ".join(command)).encode("utf-8"))
        log.flush()
        return subprocess.call(command, cwd=HERE, stdin=subprocess.DEVNULL, stdout=log, stderr=log) == 0


def works(command):
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
