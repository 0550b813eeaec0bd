"""A backup gives every row and every file back, or says why not and changes nothing."""

import json
import os
import shutil
import sqlite3
import stat
import threading
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from matchmaker.errors import Refused
from matchmaker.ops.backup import back_up
from matchmaker.ops.manifest import sqlite_facts
from matchmaker.ops.restore import restore
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.schema import newest_revision
from matchmaker.store.tables import Row
from tests.ops.installation import settings_in


def database_file(settings: Settings) -> Path:
    return settings.home / "matchmaker.db"


def files_of(settings: Settings) -> dict[str, bytes]:
    """Every file of an installation but backups and the database with its logs."""
    return {
        str(path.relative_to(settings.home)): path.read_bytes()
        for path in settings.home.rglob("*")
        if path.is_file() and not path.name.startswith("matchmaker.db") and "backups" not in path.parts
    }


def test_another_installation_gets_back_every_row_of_every_table_and_every_file(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    (settings.home / "附件").mkdir()
    (settings.home / "附件" / "营业执照.pdf").write_bytes(b"%PDF" + bytes(5000))
    database.close()
    before = sqlite_facts(database_file(settings))
    backup = back_up(settings, target=tmp_path / "备份.zip")
    elsewhere = settings_in(tmp_path / "另一台电脑")

    restored = restore(elsewhere, source=backup.path)

    assert sqlite_facts(database_file(elsewhere)) == before == backup.manifest.tables
    assert {name for name, facts in before.items() if facts.rows} >= set(Row.metadata.tables)
    assert files_of(elsewhere) == files_of(settings)
    assert (restored.set_aside, restored.needs_migration) == (None, False)
    assert backup.manifest.revision == newest_revision()


def test_a_backup_while_others_write_is_one_consistent_moment(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.schema_change() as connection:
        connection.execute(text("CREATE TABLE left_side (n INTEGER)"))
        connection.execute(text("CREATE TABLE right_side (n INTEGER)"))
    stop = threading.Event()
    waits: list[float] = []

    def write_pairs() -> None:
        number = 0
        while not stop.is_set():
            began, number = time.monotonic(), number + 1
            with database.writing() as session:
                session.execute(text("INSERT INTO left_side VALUES (:n)"), {"n": number})
                session.execute(text("INSERT INTO right_side VALUES (:n)"), {"n": number})
            waits.append(time.monotonic() - began)

    writer = threading.Thread(target=write_pairs)
    writer.start()
    try:
        backups = [back_up(settings, target=tmp_path / f"{number}.zip") for number in range(5)]
    finally:
        stop.set()
        writer.join()

    pairs = [(b.manifest.tables["left_side"], b.manifest.tables["right_side"]) for b in backups]
    assert all(left == right for left, right in pairs)
    assert pairs[0][0].rows < pairs[-1][0].rows <= len(waits)
    assert max(waits) < 2


def test_only_its_owner_may_read_a_backup(settings: Settings, database: Database) -> None:
    backup = back_up(settings)

    assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
    assert backup.path.parent == settings.home / "backups"
    assert [path.name for path in backup.path.parent.iterdir()] == [backup.path.name]


def test_deleted_rows_do_not_travel_in_a_backup(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.schema_change() as connection:
        connection.execute(text("CREATE TABLE passing (words TEXT)"))
        connection.execute(text("INSERT INTO passing VALUES (:words)"), {"words": "马上要删除的手机号" * 50})
    with database.writing() as session:
        session.execute(text("DELETE FROM passing"))

    backup = back_up(settings, target=tmp_path / "b.zip")

    with zipfile.ZipFile(backup.path) as archive:
        assert "马上要删除的手机号".encode() not in archive.read("matchmaker.db")


def test_keep_deletes_all_but_the_newest(settings: Settings, database: Database) -> None:
    folder = settings.home / "backups"
    folder.mkdir()
    for day in ("01", "02", "03"):
        (folder / f"own-202605{day}-030000.zip").write_bytes(b"old")
    (folder / "my own.zip").write_bytes(b"kept, not made here")

    backup = back_up(settings, keep=2)

    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["my own.zip", "own-20260503-030000.zip", backup.path.name]
    )


def test_what_a_killed_backup_left_is_swept_away_after_a_day(settings: Settings, database: Database) -> None:
    folder = settings.home / "backups"
    for name in (".backup-old", ".backup-running"):
        (folder / name).mkdir(parents=True)
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(folder / ".backup-old", (two_days_ago, two_days_ago))

    backup = back_up(settings)

    assert sorted(path.name for path in folder.iterdir()) == [".backup-running", backup.path.name]


def test_nothing_to_back_up_is_said(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="还没有数据库"):
        back_up(settings, target=tmp_path / "b.zip")

    assert not (tmp_path / "b.zip").exists()


def test_an_existing_file_is_not_overwritten(settings: Settings, database: Database, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"precious")

    with pytest.raises(Refused, match="已经存在"):
        back_up(settings, target=tmp_path / "b.zip")

    assert (tmp_path / "b.zip").read_bytes() == b"precious"


def test_a_damaged_database_is_not_saved_as_if_it_were_sound(settings: Settings, database: Database) -> None:
    database.close()
    content = bytearray(database_file(settings).read_bytes())
    content[4096 : len(content) // 2] = bytes(len(content) // 2 - 4096)
    database_file(settings).write_bytes(content)

    with pytest.raises(Refused, match=r"doctor|损坏"):
        back_up(settings)


def test_the_same_installation_goes_back_in_time_and_keeps_what_it_had(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    backup = back_up(settings, target=tmp_path / "b.zip")
    with database.writing() as session:
        session.execute(text("UPDATE organisation SET name = 'later'"))
    database.close()
    later = sqlite_facts(database_file(settings))

    restored = restore(settings, source=backup.path)

    assert sqlite_facts(database_file(settings)) == backup.manifest.tables != later
    assert restored.set_aside is not None
    assert sqlite_facts(restored.set_aside / "matchmaker.db") == later


def test_a_log_left_by_a_crash_never_meets_the_restored_file(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    backup = back_up(settings, target=tmp_path / "b.zip")
    with database.writing() as session:
        session.execute(text("UPDATE organisation SET name = 'only in the log'"))
    crashed = {path: path.read_bytes() for path in settings.home.glob("matchmaker.db*")}
    database.close()
    for path, content in crashed.items():
        path.write_bytes(content)
    database_file(settings).unlink()
    assert (settings.home / "matchmaker.db-wal").stat().st_size

    restore(settings, source=backup.path, force=True)

    assert not list(settings.home.glob("matchmaker.db-*"))
    assert sqlite_facts(database_file(settings)) == backup.manifest.tables


def test_data_of_another_installation_is_replaced_only_by_force(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    backup = back_up(settings, target=tmp_path / "b.zip")
    other = settings_in(tmp_path / "other")
    assert other.secret_key
    with closing(sqlite3.connect(database_file(other))) as connection:
        connection.execute("CREATE TABLE theirs (n INTEGER)")
    theirs = sqlite_facts(database_file(other))

    with pytest.raises(Refused, match="另一套数据"):
        restore(other, source=backup.path)
    assert sqlite_facts(database_file(other)) == theirs

    restored = restore(other, source=backup.path, force=True)
    assert sqlite_facts(database_file(other)) == backup.manifest.tables
    assert restored.set_aside is not None
    assert sqlite_facts(restored.set_aside / "matchmaker.db") == theirs


def test_the_sample_campaign_does_not_replace_the_bureaus_own_data(
    tmp_path: Path, database: Database
) -> None:
    home = tmp_path / "数据 文件夹"
    shutil.copytree(home / "own", home / "demo")
    sample = back_up(settings_in(home, instance="demo"), target=tmp_path / "sample.zip")

    database.close()
    with pytest.raises(Refused, match="另一套数据"):
        restore(settings_in(home), source=sample.path)


@pytest.mark.parametrize("force", [False, True])
def test_a_running_service_is_never_overwritten(
    settings: Settings, database: Database, tmp_path: Path, force: bool
) -> None:
    backup = back_up(settings, target=tmp_path / "b.zip")
    with database.reading() as session:
        session.execute(text("SELECT 1 FROM organisation")).all()

    with pytest.raises(Refused, match="正在运行"):
        restore(settings, source=backup.path, force=force)

    with database.writing() as session:
        assert session.execute(text("SELECT count(*) FROM organisation")).scalar() == 3


def repacked(backup: Path, target: Path, changes: dict[str, bytes | None]) -> Path:
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = changes.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def manifest_with(backup: Path, **changes: object) -> bytes:
    with zipfile.ZipFile(backup) as archive:
        return json.dumps(json.loads(archive.read("manifest.json")) | changes).encode()


def test_a_spoilt_backup_is_refused_and_changes_nothing(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    database.close()
    good = back_up(settings, target=tmp_path / "b.zip").path
    whole = good.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.zip").write_text("not a backup")
    spoilt = [
        tmp_path / "missing.zip",
        tmp_path / "cut.zip",
        tmp_path / "text.zip",
        repacked(good, tmp_path / "1.zip", {"secret.key": b"another"}),
        repacked(good, tmp_path / "2.zip", {"matchmaker.db": None}),
        repacked(good, tmp_path / "3.zip", {"manifest.json": b"[]"}),
        repacked(good, tmp_path / "4.zip", {"manifest.json": manifest_with(good, format=99)}),
        repacked(good, tmp_path / "5.zip", {"manifest.json": manifest_with(good, tables={})}),
        repacked(
            good, tmp_path / "6.zip", {"manifest.json": manifest_with(good, revision="from the future")}
        ),
        repacked(
            good,
            tmp_path / "7.zip",
            {"manifest.json": manifest_with(good, files={"../escaped": {"bytes": 1, "sha256": ""}})},
        ),
    ]
    elsewhere = settings_in(tmp_path / "elsewhere")

    for source in spoilt:
        with pytest.raises(Refused):
            restore(elsewhere, source=source)

    assert list(elsewhere.home.iterdir()) == []
    assert not (tmp_path / "escaped").exists()
