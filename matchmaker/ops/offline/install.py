"""Install the service on a PC without network, from the wheels beside this file. Needs nothing but Python.

Run by install.bat and install.sh. Running it again repairs or upgrades; data in var/ is left alone.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHEELS = HERE / "wheels"
VENV = HERE / "program"
GIB = 1024**3


def main() -> int:
    """Install, ask the doctor, and say how to start."""
    facts = json.loads((HERE / "bundle.json").read_text(encoding="utf-8"))
    trouble = unfit(facts) or spoilt_files(facts) or failed_install(facts)
    if trouble:
        say(trouble)
        return 1
    say("安装完成。双击 start.bat（Linux 运行 ./start.sh）启动，浏览器打开 http://127.0.0.1:8000")
    return 0


def say(words: str) -> None:
    """Print Chinese whatever the console's code page is."""
    sys.stdout.buffer.write((words + os.linesep).encode(sys.stdout.encoding or "utf-8", "replace"))
    sys.stdout.flush()


def unfit(facts: "dict[str, str]") -> str:
    """Return why this PC cannot take the parcel, "" if it can."""
    here = "{}.{}".format(*sys.version_info[:2])
    if here != facts["python"]:
        return "这台电脑的 Python 是 {}，安装包需要 {}：请先安装 Python {}（64 位）。".format(
            here, facts["python"], facts["python"]
        )
    if shutil.disk_usage(HERE).free < GIB:
        return "磁盘空间不够：至少需要 1 GB，请清理后再安装。"
    return ""


def spoilt_files(facts: "dict[str, dict[str, str]]") -> str:
    """Return which wheel did not survive the way here (a USB stick, a chat program), "" if all did."""
    for name, wanted in facts["sha256"].items():
        file = WHEELS / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != wanted:
            return f"安装包不完整：wheels 里的 {name} 缺失或损坏，请重新复制整个文件夹。"
    return ""


def failed_install(facts: "dict[str, str]") -> str:
    """Make the environment and install; return what failed, "" if nothing did."""
    if not run([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        return "建立运行环境失败：请确认文件夹可以写入；Debian/Ubuntu/麒麟请先安装 python3-venv。"
    python = str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    pip = [python, "-m", "pip", "install", "--no-index", "--disable-pip-version-check", "--quiet"]
    if not run([*pip, "--find-links", str(WHEELS), facts["requirement"]]):
        return "安装失败，原因见上面的文字：多半是安装包与这台电脑的系统或处理器不符。"
    if not run([python, "-m", "matchmaker", "doctor", "--own"]):
        return "程序已装好，但自检发现故障，请按上面箭头后的话处理。"
    return ""


def run(command: "list[str]") -> bool:
    """Run one step in this folder."""
    environment = dict(os.environ, PYTHONUTF8="1")
    return subprocess.run(command, cwd=str(HERE), env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
