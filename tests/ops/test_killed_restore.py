"""A restore that is killed leaves the old data or the new, never a mixture, and can be repeated."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from matchmaker.ops.backup import back_up
from matchmaker.ops.manifest import sqlite_damage, sqlite_facts
from matchmaker.ops.restore import restore
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from tests.ops.installation import settings_in

KILLS = 40


@pytest.mark.slow
def test_every_kill_leaves_old_or_new(settings: Settings, database: Database, tmp_path: Path) -> None:
    backup = back_up(settings, target=tmp_path / "b.zip")
    database.close()

    command = [sys.executable, __file__, str(settings.data.folder), str(backup.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    old, new = map(int, done.stdout.split())
    assert old + new == KILLS
    assert min(old, new) > 0, "the kills must fall on both sides of the change"
    restore(settings, source=backup.path)
    assert sqlite_facts(settings.home / "matchmaker.db") == backup.manifest.tables


def kill_again_and_again(folder: Path, source: Path) -> None:
    """Fork a restore for each kill; in a process of its own, for forking needs one without threads."""
    settings, chance, seen = settings_in(folder), random.Random(20260525), {"old": 0, "new": 0}
    database = settings.home / "matchmaker.db"
    whole, reach = database.read_bytes(), time_of_a_restore(settings, source)
    restored = sqlite_facts(database)
    for _ in range(KILLS):
        lay_out_changed_data(settings, whole)
        changed = sqlite_facts(database)
        kill_after(chance.uniform(0, reach), settings, source)
        assert sqlite_damage(database) == "", sqlite_damage(database)
        found = sqlite_facts(database)
        assert found in (changed, restored)
        seen["new" if found == restored else "old"] += 1
        reach *= 0.85 if found == restored else 1.15  # stay around the change, however busy the machine
    sys.stdout.write(f"{seen['old']} {seen['new']}")


def time_of_a_restore(settings: Settings, source: Path) -> float:
    began = time.monotonic()
    restore(settings, source=source)
    return time.monotonic() - began


def lay_out_changed_data(settings: Settings, whole: bytes) -> None:
    """Put the old state there, with its last change still in the log as after a crash."""
    shutil.rmtree(settings.home / "backups", ignore_errors=True)
    for left in settings.home.glob(".restore-*"):
        shutil.rmtree(left)
    database = settings.home / "matchmaker.db"
    for path in settings.home.glob("matchmaker.db*"):
        path.unlink()
    database.write_bytes(whole)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE organisation SET name = name || ' (changed)'")
        connection.commit()
        log = database.with_name("matchmaker.db-wal").read_bytes()
        whole = database.read_bytes()
    database.write_bytes(whole)
    database.with_name("matchmaker.db-wal").write_bytes(log)


def kill_after(seconds: float, settings: Settings, source: Path) -> None:
    child = os.fork()
    if child == 0:
        restore(settings, source=source)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    kill_again_and_again(Path(sys.argv[1]), Path(sys.argv[2]))
