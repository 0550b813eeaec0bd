"""The doctor names what is wrong and how to mend it, and changes nothing."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from matchmaker import clock
from matchmaker.domain.states import DeliveryState, NoticeState
from matchmaker.ops.backup import back_up
from matchmaker.ops.doctor import State, as_json, as_text, examine, exit_code
from matchmaker.settings import Settings, load_settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Delivery, Heartbeat, Notice


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def installation(folder: Path, **sections: Any) -> Settings:
    given = {"data": {"folder": str(folder)}, "web": {"port": free_port()}} | sections
    return load_settings(instance="own", **given)


def states(settings: Settings) -> dict[str, State]:
    return {check.name: check.state for check in examine(settings)}


@contextmanager
def answering(settings: Settings, answer: dict[str, str]) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", settings.web.port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture
def well(settings: Settings, database: Database) -> Settings:
    """A service in full health: a pulse, nothing late, a fresh backup."""
    now = clock.now()
    with database.writing() as session:
        session.execute(update(Delivery).values(state=DeliveryState.DONE))
        session.execute(update(Notice).values(state=NoticeState.SENT))
        session.execute(update(Heartbeat).values(error="", at=now))
        session.add(Heartbeat(job="deliveries", at=now, note=""))
    back_up(settings)
    return installation(settings.data.folder)


def test_a_healthy_service_has_nothing_to_mend(well: Settings) -> None:
    with answering(well, {"status": "ok", "instance": "own"}):
        checks = examine(well)

    assert {check.name: check.mend for check in checks if check.state is not State.OK} == {}
    assert exit_code(checks) == 0
    assert json.loads(as_json(checks))["state"] == "ok"
    assert as_text(checks).count("[正常]") == len(checks) == 13


def test_an_empty_folder_is_no_failure_and_stays_empty(tmp_path: Path) -> None:
    settings = installation(tmp_path / "new")

    found = states(settings)

    assert {name for name, state in found.items() if state is not State.OK} == {"数据库", "网页服务", "备份"}
    assert exit_code(examine(settings)) == 0
    assert not settings.home.exists()


def test_a_damaged_database_is_a_failure(well: Settings, database: Database) -> None:
    database.close()
    file = well.home / "matchmaker.db"
    file.write_bytes(file.read_bytes()[:4096] + b"\x00" * 50_000)

    assert states(well)["数据库"] is State.FAIL
    assert exit_code(examine(well)) == 1


def test_an_old_schema_is_a_failure(well: Settings, database: Database) -> None:
    with database.writing() as session:
        session.execute(text("DELETE FROM alembic_version"))

    point = next(check for check in examine(well) if check.name == "数据库")

    assert (point.state, point.mend) == (State.FAIL, "请停止系统后运行 python -m matchmaker migrate。")


def test_what_waits_too_long_or_was_given_up_is_named(well: Settings, database: Database) -> None:
    long_ago = clock.now() - timedelta(hours=5)
    with database.writing() as session:
        session.execute(update(Heartbeat).where(Heartbeat.job == "deliveries").values(at=long_ago))
        session.execute(update(Delivery).where(Delivery.id == 1).values(state="waiting", due_at=long_ago))
        session.execute(update(Delivery).where(Delivery.id == 2).values(state="given_up"))
        session.execute(update(Notice).where(Notice.id == 1).values(state="retry", due_at=long_ago))
        session.execute(update(Notice).where(Notice.id < 4).where(Notice.id > 1).values(state="dead"))

    found = {check.name: (check.state, check.found) for check in examine(well)}

    assert found["后台任务"] == (State.WARN, "最近一次心跳在 5 小时前")
    assert found["事件处理"] == (State.WARN, "最早的一件已等待 5 小时，放弃 1 件")
    assert found["通知发送"] == (State.WARN, "最早的一件已等待 5 小时，放弃 2 件")


def test_a_job_that_failed_is_named(well: Settings, database: Database) -> None:
    with database.writing() as session:
        session.add(Heartbeat(job="reminders", at=clock.now(), error="OSError: disk full", note=""))

    assert states(well)["后台任务 reminders"] is State.WARN


def test_a_secret_that_others_can_read_is_a_failure(well: Settings) -> None:
    (well.home / "secret.key").chmod(0o644)

    assert states(well)["密钥文件"] is State.FAIL


def test_a_foreign_program_on_the_port_is_told_apart_from_ours(well: Settings) -> None:
    with answering(well, {"hello": "world"}):
        point = next(check for check in examine(well) if check.name == "网页服务")

    assert point.state is State.WARN
    assert "被别的程序占用" in point.found


def test_an_unreachable_mail_server_and_open_doors_are_warned_about(tmp_path: Path) -> None:
    settings = installation(
        tmp_path,
        mail={"host": "127.0.0.1", "port": free_port()},
        web={"host": "0.0.0.0", "port": free_port()},
    )

    found = states(settings)

    assert (found["邮件"], found["访问安全"]) == (State.WARN, State.WARN)
