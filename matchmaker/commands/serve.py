"""matchmaker serve: pages in this process, background jobs in a child of it."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import Namespace
from types import FrameType
from typing import Any

from matchmaker.app import create_app
from matchmaker.commands.arguments import Subcommands, database_of, settings_for
from matchmaker.commands.first_steps import prepare
from matchmaker.errors import Misconfigured
from matchmaker.logs import start_logging
from matchmaker.settings import Settings, load_settings
from matchmaker.store import schema

NAME = "serve"
HELP = "启动网页服务和后台任务"
log = logging.getLogger(__name__)


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("--host", help="监听地址，默认只允许本机访问（127.0.0.1）")
    parser.add_argument("--port", type=int, help="端口，默认 8000")
    parser.add_argument("--no-jobs", action="store_true", help="不带起后台任务进程")


def run(arguments: Namespace, settings: Settings) -> int:
    """Serve until Ctrl-C. Raises Misconfigured when the port is taken or the folder read-only."""
    start_logging(logging.WARNING)
    settings = _with_address(arguments, settings)
    listener = _listen(settings)
    database = database_of(settings)
    schema.migrate(database)
    prepare(database, settings)
    child = None if arguments.no_jobs else JobsProcess(settings)
    print(_start_line(settings), flush=True)
    try:
        _serve(settings, database, listener)
    finally:
        if child:
            child.stop()
        database.close()
    return 0


def _with_address(arguments: Namespace, settings: Settings) -> Settings:
    wanted = {
        key: value for key, value in (("host", arguments.host), ("port", arguments.port)) if value is not None
    }
    if not wanted:
        return settings
    return load_settings(instance=settings_for(arguments).instance, web=wanted)


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.web.host, settings.web.port
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise Misconfigured(
            f"端口 {port} 不能使用（{error.strerror}）。"
            f"请关掉占用它的程序，或用 --port 换一个端口，例如 --port {port + 1}。"
        ) from error
    return listener


def _serve(settings: Settings, database: Any, listener: socket.socket) -> None:
    from waitress.server import create_server

    app = create_app(settings, database)
    server: Any = create_server(app, sockets=[listener], threads=settings.web.threads, ident=None)

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    server.close()


def _start_line(settings: Settings) -> str:
    from nlp.embedding import available_way

    _way, words = available_way()
    which = "示例数据" if settings.demo else "本单位数据"
    return f"百日百场已启动（{which}）：{settings.public_url}\n编码器：{words}\n按 Ctrl-C 停止。"


class JobsProcess:
    """The background process, started again when it dies."""

    def __init__(self, settings: Settings) -> None:
        self._command = [sys.executable, "-m", "matchmaker", "jobs", f"--{settings.instance}"]
        self._command += ["--parent", str(os.getpid())]
        web = settings.web
        self._environment = os.environ | {
            "MATCHMAKER_WEB__HOST": web.host,
            "MATCHMAKER_WEB__PORT": str(web.port),
        }
        self._stopping = threading.Event()
        self._child = self._start()
        self._watch = threading.Thread(target=self._keep, name="jobs-watch", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Ask it to end, and insist after ten seconds."""
        self._stopping.set()
        self._child.terminate()
        try:
            self._child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._child.kill()
        self._watch.join(timeout=2)

    def _start(self) -> "subprocess.Popen[bytes]":
        # its own process group: Ctrl-C reaches only the parent, which then ends the child in order
        return subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=os.name == "posix",
        )

    def _keep(self) -> None:
        wait_seconds = 1.0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._child.wait()
            if self._stopping.is_set():
                return
            log.error("jobs process ended; starting it again", extra={"code": code})
            wait_seconds = 1.0 if time.monotonic() - started > 60 else min(wait_seconds * 2, 30.0)
            if self._stopping.wait(wait_seconds):
                return
            self._child = self._start()
