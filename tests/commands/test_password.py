"""The first start of an empty installation, and the way back in."""

import json
from pathlib import Path

import pytest
from factories import make_user
from sqlalchemy import select

from matchmaker.cli import main
from matchmaker.commands.first_steps import prepare
from matchmaker.domain.states import Role
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Token


def test_the_address_of_the_first_run_is_printed_until_there_is_an_administrator(
    database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(database, settings)
    first = capsys.readouterr().out
    prepare(database, settings)
    second = capsys.readouterr().out
    with database.writing() as session:
        make_user(session, Role.ADMIN)
    prepare(database, settings)

    assert "/accounts/first-run?token=" in first
    assert first != second
    assert capsys.readouterr().out == ""
    with database.reading() as session:
        (kept,) = session.scalars(select(Token.key_hash)).all()
    assert len(kept) == 64
    assert kept not in second


def test_a_forgotten_password_of_the_only_administrator_is_mended_at_the_machine(
    database: Database,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MATCHMAKER_DATA__FOLDER", str(Path(settings.home).parent))
    with database.writing() as session:
        make_user(session, Role.ADMIN, email="he@example.com")

    assert main(["password", "--own", "--json", "HE@example.com"]) == 0
    assert "/accounts/reset/" in json.loads(capsys.readouterr().out)["address"]
    assert main(["password", "--own", "nobody@example.com"]) == 1
    assert "没有登录邮箱为 nobody@example.com 的账号" in capsys.readouterr().err
