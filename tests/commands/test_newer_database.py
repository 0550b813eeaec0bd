"""A database that a newer program has upgraded is left alone, and the reason is said in one sentence."""

import pytest

from matchmaker.cli import main
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def test_an_older_program_does_not_touch_a_newer_database(
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MATCHMAKER_DATA__FOLDER", str(settings.data.folder))
    monkeypatch.setenv("MATCHMAKER_DATA__URL", settings.data.url)
    with database.schema_change() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    status = main(["migrate", "--own"])

    said = capsys.readouterr()
    assert status != 0
    assert "更新版本的程序" in said.err + said.out
    assert "Traceback" not in said.err
