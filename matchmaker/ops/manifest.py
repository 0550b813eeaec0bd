"""What a backup holds, written so that a restore can prove it gave everything back."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from matchmaker.errors import Refused

FORMAT = 1
MANIFEST_NAME = "manifest.json"
SQLITE_NAME = "matchmaker.db"
POSTGRES_NAME = "postgres.dump"
PRODUCT = "university-matchmaker"

Engine = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """How many rows a table has and a hash over all of them, in the order of their keys."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """Size and hash of one file of the backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The first page of a backup. `files` names every other file in it, the database included."""

    version: str
    instance: str
    installation: str
    made_at: str
    engine: Engine
    revision: str | None
    tables: dict[str, TableFacts]
    files: dict[str, FileFacts]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    def to_json(self) -> str:
        """Return the manifest as a person may read it."""
        return json.dumps(
            {"product": PRODUCT, "format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1
        )


def read_manifest(text: str) -> Manifest:
    """Return a backup's manifest. Raises Refused when it is not one of ours or newer than this program."""
    try:
        content: dict[str, Any] = json.loads(text)
        product, form = content.pop("product"), content.pop("format")
        tables = {name: TableFacts(**facts) for name, facts in content.pop("tables").items()}
        files = {name: FileFacts(**facts) for name, facts in content.pop("files").items()}
        manifest = Manifest(**content, tables=tables, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            "这个文件里的备份清单读不懂，它可能不是本系统的备份，或已经损坏。请换一份备份。"
        ) from error
    if product != PRODUCT or form != FORMAT:
        raise Refused("这份备份由别的程序或更新的版本制作，请用制作它的那个版本恢复。")
    return manifest


def installation_mark(home: Path) -> str:
    """Name this installation without giving its secret away; "" before its first start."""
    secret = home / "secret.key"
    return hashlib.sha256(b"installation " + secret.read_bytes()).hexdigest()[:16] if secret.is_file() else ""


def file_facts(path: Path) -> FileFacts:
    """Return size and hash of a file."""
    with path.open("rb") as file:
        return FileFacts(bytes=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _open(database: Path) -> sqlite3.Connection:
    """Open an existing file. Not read-only: after a crash SQLite must first finish or undo what was begun."""
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True, timeout=15)


def sqlite_facts(database: Path) -> dict[str, TableFacts]:
    """Return row count and content hash of every table of an SQLite file."""
    with closing(_open(database)) as connection:
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        return {name: _one_table(connection, name) for (name,) in found.fetchall()}


def _one_table(connection: sqlite3.Connection, name: str) -> TableFacts:
    keys = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (name,))
    order = ", ".join(f'"{key}"' for (key,) in keys) or "rowid"
    digest, rows = hashlib.sha256(), 0
    query = f'SELECT * FROM "{name}" ORDER BY {order}'  # noqa: S608 -- the schema's own names
    for row in connection.execute(query):
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
        rows += 1
    return TableFacts(rows=rows, sha256=digest.hexdigest())


def sqlite_revision(database: Path) -> str | None:
    """Return the schema revision an SQLite file is at, None when it was never migrated."""
    with closing(_open(database)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
        return str(row[0]) if row else None


def sqlite_damage(database: Path) -> str:
    """Return the first fault SQLite finds in the file, "" when it is sound."""
    try:
        with closing(_open(database)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    if verdict != "ok":
        return str(verdict)
    return f"{orphan[0]} 表第 {orphan[1]} 行指向不存在的记录" if orphan else ""
