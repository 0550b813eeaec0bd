"""Gives a backup back, after proving that it is whole; nothing is touched before."""

import os
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory

from matchmaker import clock, store
from matchmaker.errors import Refused
from matchmaker.ops import postgres
from matchmaker.ops.backup import BACKUPS, files_besides_database, sqlite_path, sweep
from matchmaker.ops.manifest import (
    MANIFEST_NAME,
    POSTGRES_NAME,
    SQLITE_NAME,
    Manifest,
    file_facts,
    installation_mark,
    read_manifest,
    sqlite_damage,
    sqlite_facts,
)
from matchmaker.settings import Settings

_SIDE_FILES = ("-wal", "-shm", "-journal")
_MANIFEST_LIMIT_BYTES = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was given back, and where the data that lay there before was put (None: there was none)."""

    manifest: Manifest
    set_aside: Path | None
    needs_migration: bool

    def sentence(self) -> str:
        """Say in Chinese what is there now and what is left to do."""
        manifest = self.manifest
        parts = [f"恢复完成：{len(manifest.tables)} 张表共 {manifest.rows} 行，与备份逐行核对一致。"]
        if self.set_aside:
            parts.append(f"原来的数据移到了 {self.set_aside}，确认无误后可以删除。")
        if self.needs_migration:
            parts.append("备份来自旧版本，请再运行一次 python -m matchmaker migrate 升级数据库。")
        return "".join(parts)


def restore(settings: Settings, *, source: Path, force: bool = False) -> Restored:
    """Put the content of a backup in the place of the instance's data.

    Raises Refused, with nothing changed, when the file is damaged or not ours, the service is
    running (with `force` too), or the data there belongs to another installation or instance and
    `force` is not given. Data that is replaced is set aside, not deleted.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    sweep(settings.home, prefix=".restore-")
    with TemporaryDirectory(dir=settings.home, prefix=".restore-") as scratch:
        manifest = _unpack(source, Path(scratch))
        known = _known_revisions()
        _check_origin(settings, manifest, known=known, force=force)
        kept = _put_in_place(settings, manifest, Path(scratch))
    return Restored(manifest=manifest, set_aside=kept, needs_migration=manifest.revision != known[0])


def _known_revisions() -> list[str]:
    """Return every schema revision of this program, the newest first."""
    migrations = Path(str(store.__file__)).parent / "migrations"
    return [script.revision for script in ScriptDirectory(str(migrations)).walk_revisions()]


# ---- is the backup whole? --------------------------------------------------------------------------


def _unpack(source: Path, scratch: Path) -> Manifest:
    if not source.is_file():
        raise Refused(f"没有找到备份文件 {source}。请核对文件名和位置。")
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest_of(archive)
            for name in manifest.files:
                _unpack_one(archive, name, manifest=manifest, scratch=scratch)
    except (zipfile.BadZipFile, KeyError, EOFError, OSError) as error:
        raise Refused(f"备份文件 {source} 打不开或不完整（{error}）。请换一份备份。") from error
    _check_database(manifest, scratch)
    return manifest


def _manifest_of(archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST_NAME).file_size > _MANIFEST_LIMIT_BYTES:
        raise Refused("这个文件里的备份清单大得不正常，它不是本系统的备份。请换一份备份。")
    return read_manifest(archive.read(MANIFEST_NAME).decode("utf-8", "replace"))


def _unpack_one(archive: zipfile.ZipFile, name: str, *, manifest: Manifest, scratch: Path) -> None:
    facts = manifest.files[name]
    # A name in a foreign archive must not lead out of the folder, nor its size be another than announced.
    if (
        not re.fullmatch(r"[\w\-][\w\-.]*(/[\w\-][\w\-.]*)*", name)
        or archive.getinfo(name).file_size != facts.bytes
    ):
        raise Refused(f"备份里的文件“{name}”与清单不符，没有恢复。请换一份备份。")
    archive.extract(name, scratch)
    if file_facts(scratch / name) != facts:
        raise Refused(f"备份里的文件“{name}”已损坏（校验和不符），没有恢复。请换一份备份。")


def _check_database(manifest: Manifest, scratch: Path) -> None:
    if manifest.engine == "postgresql":
        if POSTGRES_NAME not in manifest.files:
            raise Refused("备份里没有数据库，没有恢复。请换一份备份。")
        return
    database = scratch / SQLITE_NAME
    if SQLITE_NAME not in manifest.files or sqlite_damage(database):
        raise Refused("备份里的数据库已损坏，没有恢复。请换一份备份。")
    if sqlite_facts(database) != manifest.tables:
        raise Refused("备份里的数据与清单逐行核对不一致，没有恢复。请换一份备份。")


# ---- may it take the place of what is there? ---------------------------------------------------------


def _check_origin(settings: Settings, manifest: Manifest, *, known: list[str], force: bool) -> None:
    if manifest.revision not in known:
        raise Refused("备份来自更新的程序版本，这个版本读不了。请先升级程序再恢复。")
    if (manifest.engine == "sqlite") != (sqlite_path(settings) is not None):
        raise Refused(
            "备份与当前设置的数据库种类不同（SQLite 与 PostgreSQL），不能恢复。请核对 data.url 设置。"
        )
    if manifest.engine == "postgresql" and postgres.revision(settings.database_url) not in (
        None,
        manifest.revision,
    ):
        raise Refused(
            "目标 PostgreSQL 数据库的版本与备份不同。请新建一个空数据库，把 data.url 指向它再恢复。"
        )
    if _in_use(settings):
        raise Refused("系统正在运行，现在恢复会弄坏数据。请先停止系统（在它的窗口按 Ctrl-C），再恢复。")
    same = (manifest.instance, manifest.installation) == (settings.instance, installation_mark(settings.home))
    if _has_data(settings) and not same and not force:
        raise Refused(
            "这里已有另一套数据，与备份不是同一套系统，没有覆盖。"
            "确实要替换时请加 --force（原数据会移到一边保留）。"
        )


def _in_use(settings: Settings) -> bool:
    database = sqlite_path(settings)
    if database is None:
        return postgres.others_connected(settings.database_url)
    if not database.is_file():
        return False
    try:
        with closing(sqlite3.connect(database, isolation_level=None, timeout=0)) as connection:
            # Only the last connection may leave WAL mode; it also folds the log into the file.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False  # not a database at all: nobody can be using it, and it is set aside as it is
    return False


def _has_data(settings: Settings) -> bool:
    database = sqlite_path(settings)
    if database is None:
        return postgres.revision(settings.database_url) is not None
    return database.is_file() or any(files_besides_database(settings.home))


# ---- the change itself -----------------------------------------------------------------------------


def _put_in_place(settings: Settings, manifest: Manifest, scratch: Path) -> Path | None:
    aside = settings.home / BACKUPS / f"before-restore-{clock.local(clock.now()):%Y%m%d-%H%M%S}"
    database = sqlite_path(settings)
    if database is None:
        aside.mkdir(parents=True)
        postgres.dump(settings.database_url, aside / POSTGRES_NAME)
        if postgres.load(settings.database_url, scratch / POSTGRES_NAME) != manifest.tables:
            raise Refused(f"恢复后逐行核对不一致。恢复前的数据在 {aside / POSTGRES_NAME}，请联系维护人员。")
    else:
        _replace_sqlite(database, scratch / SQLITE_NAME, aside)
    others = [name for name in manifest.files if name not in (SQLITE_NAME, POSTGRES_NAME)]
    for name in others:
        _replace_file(settings.home / name, scratch / name, aside / name)
    return aside if aside.exists() else None


def _replace_sqlite(database: Path, new: Path, aside: Path) -> None:
    """Change the database file for another one. A log of the old one must never meet the new one."""
    database.parent.mkdir(parents=True, exist_ok=True)
    if database.exists():
        aside.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(database, aside / database.name)
    for ending in _SIDE_FILES:
        if (log := database.with_name(database.name + ending)).exists():
            aside.mkdir(parents=True, exist_ok=True)
            os.replace(log, aside / log.name)
    _put_on_disk(new)
    os.replace(new, database)


def _replace_file(place: Path, new: Path, aside: Path) -> None:
    """Change a file for another one; at no moment is there none."""
    if place.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(place, aside)
    place.parent.mkdir(parents=True, exist_ok=True)
    _put_on_disk(new)
    os.replace(new, place)


def _put_on_disk(new: Path) -> None:
    """Make the content durable before the name points to it, or a power cut leaves an empty file."""
    new.chmod(0o600)
    with new.open("rb+") as file:
        os.fsync(file.fileno())
