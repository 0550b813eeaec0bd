"""One file that holds everything of an instance, made while people go on working."""

import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

import matchmaker
from matchmaker import clock
from matchmaker.errors import Refused
from matchmaker.ops import postgres
from matchmaker.ops.manifest import (
    MANIFEST_NAME,
    POSTGRES_NAME,
    SQLITE_NAME,
    Engine,
    Manifest,
    TableFacts,
    file_facts,
    installation_mark,
    sqlite_damage,
    sqlite_facts,
    sqlite_revision,
)
from matchmaker.settings import Settings

BACKUPS = "backups"
_FORGOTTEN_SECONDS = 24 * 3600
# Neither of these would mean anything after a restore.
_PASSING = {".lock", ".pid", ".log", ".tmp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A finished backup."""

    path: Path
    bytes: int
    manifest: Manifest

    def sentence(self) -> str:
        """Say in one Chinese sentence what was saved and where."""
        files = len(self.manifest.files) - 1
        return (
            f"备份完成：{self.path}（{self.bytes / 1e6:.1f} MB，{len(self.manifest.tables)} 张表共 "
            f"{self.manifest.rows} 行，另有 {files} 个文件）。请把它复制到另一块磁盘或 U 盘保存。"
        )


def back_up(settings: Settings, *, target: Path | None = None, keep: int | None = None) -> Backup:
    """Write a backup of the instance's database, secrets and files, one consistent moment of it.

    `target` is a file name or an existing folder; without it the file goes to the instance's own
    backups folder, where `keep` deletes all but the newest so many. The file holds personal data
    and secrets: only its owner may read it. Raises Refused when there is nothing to save, the
    database is damaged, or the target exists already.
    """
    place = _place(settings, target)
    place.parent.mkdir(parents=True, exist_ok=True)
    sweep(place.parent, prefix=".backup-")
    with TemporaryDirectory(dir=place.parent, prefix=".backup-") as scratch:
        contents = Path(scratch) / "contents"
        manifest = _collect(settings, contents)
        packed = Path(scratch) / "packed.zip"
        _pack(contents, manifest, packed)
        os.replace(packed, place)
    if keep is not None and target is None:
        _prune(place.parent, keep=keep)
    return Backup(path=place, bytes=place.stat().st_size, manifest=manifest)


def sqlite_path(settings: Settings) -> Path | None:
    """Return the file of the instance's database, None when it is on a PostgreSQL server."""
    url = make_url(settings.database_url)
    return Path(url.database or "").resolve() if url.get_backend_name() == "sqlite" else None


def sweep(folder: Path, *, prefix: str) -> None:
    """Remove what a backup or restore left that was killed over a day ago: it holds people's data."""
    for left in folder.glob(f"{prefix}*"):
        if left.is_dir() and clock.now().timestamp() - left.stat().st_mtime > _FORGOTTEN_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def files_besides_database(home: Path) -> Iterator[Path]:
    """Give what belongs to an instance besides its database, as paths relative to its folder."""
    for path in sorted(home.rglob("*")):
        inside = path.relative_to(home)
        passing = path.suffix in _PASSING or inside.parts[0].startswith((BACKUPS, ".", SQLITE_NAME))
        if path.is_file() and not passing:
            yield inside


def _place(settings: Settings, target: Path | None) -> Path:
    name = f"{settings.instance}-{clock.local(clock.now()):%Y%m%d-%H%M%S}.zip"
    place = (target or settings.home / BACKUPS).expanduser().resolve()
    if target is None or place.is_dir():
        place = place / name
    if place.exists():
        raise Refused(f"备份文件 {place} 已经存在，没有覆盖它。请换一个文件名。")
    return place


def _collect(settings: Settings, contents: Path) -> Manifest:
    contents.mkdir()
    for inside in files_besides_database(settings.home):
        (contents / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(settings.home / inside, contents / inside)
    engine, tables, revision = _snapshot(settings, contents)
    return Manifest(
        version=matchmaker.__version__,
        instance=settings.instance,
        installation=installation_mark(settings.home),
        made_at=clock.now().isoformat(timespec="seconds"),
        engine=engine,
        revision=revision,
        tables=tables,
        files={
            path.relative_to(contents).as_posix(): file_facts(path)
            for path in sorted(contents.rglob("*"))
            if path.is_file()
        },
    )


def _snapshot(settings: Settings, contents: Path) -> tuple[Engine, dict[str, TableFacts], str | None]:
    source = sqlite_path(settings)
    if source is None:
        tables, revision = postgres.dump(settings.database_url, contents / POSTGRES_NAME)
        return "postgresql", tables, revision
    copy = contents / SQLITE_NAME
    _copy_sqlite(source, copy)
    if damage := sqlite_damage(copy):
        raise Refused(f"数据库文件有损坏，没有制作备份（{damage}）。请用上一份完好的备份恢复。")
    return "sqlite", sqlite_facts(copy), sqlite_revision(copy)


def _copy_sqlite(source: Path, copy: Path) -> None:
    """Copy the committed state of one moment; writers wait for milliseconds at most.

    VACUUM INTO and not the stepwise backup: that one starts anew at every write, and it would
    carry deleted personal data along in the free pages.
    """
    if not source.is_file():
        raise Refused(f"还没有数据库（{source}），没有可以备份的内容。请先启动一次系统。")
    needed = source.stat().st_size * 2
    if (free := shutil.disk_usage(copy.parent).free) < needed:
        raise Refused(
            f"磁盘空间不够：备份约需 {needed / 1e6:.0f} MB，只剩 {free / 1e6:.0f} MB。请清理后再备份。"
        )
    try:
        with closing(sqlite3.connect(source, isolation_level=None, timeout=15)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.DatabaseError as error:
        raise Refused(f"数据库读取失败，没有制作备份（{error}）。请运行 doctor 检查。") from error


def _pack(contents: Path, manifest: Manifest, packed: Path) -> None:
    with os.fdopen(os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(MANIFEST_NAME, manifest.to_json())
            for name in manifest.files:
                archive.write(contents / name, name)
        raw.flush()
        os.fsync(raw.fileno())


def _prune(folder: Path, *, keep: int) -> None:
    made_here = sorted(folder.glob("*-????????-??????.zip"))
    for old in made_here[: max(0, len(made_here) - max(1, keep))]:
        old.unlink()
