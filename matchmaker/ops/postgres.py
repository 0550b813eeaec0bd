"""Backup and restore of a PostgreSQL database, by PostgreSQL's own programs."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text

from matchmaker.errors import Refused
from matchmaker.ops.manifest import TableFacts


def dump(url: str, target: Path) -> tuple[dict[str, TableFacts], str | None]:
    """Write a dump; return the facts of every table and the schema revision, all of the same moment."""
    program = _program("pg_dump")
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        moment = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run(program, url, "--format=custom", "--no-owner", f"--snapshot={moment}", f"--file={target}")
        facts, revision = table_facts(connection), _revision(connection)
    engine.dispose()
    return facts, revision


def load(url: str, source: Path) -> dict[str, TableFacts]:
    """Put a dump in the place of what is there, all or nothing; return the facts of what is there now."""
    _run(
        _program("pg_restore"),
        url,
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        str(source),
    )
    engine = create_engine(url)
    with engine.connect() as connection:
        facts = table_facts(connection)
    engine.dispose()
    return facts


def table_facts(connection: Connection) -> dict[str, TableFacts]:
    """Return row count and content hash of every table of the public schema."""
    names = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"))
    return {name: _one_table(connection, name) for name in names.all()}


def revision(url: str) -> str | None:
    """Return the schema revision of the database, None when it is empty."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = _revision(connection)
    engine.dispose()
    return found


def others_connected(url: str) -> bool:
    """Whether anybody else is connected to the database: the service is running, or a person looks at it."""
    engine = create_engine(url)
    with engine.connect() as connection:
        count = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
    engine.dispose()
    return bool(count)


def _one_table(connection: Connection, name: str) -> TableFacts:
    everything = "coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\"), '')"
    query = f"SELECT count(*), encode(sha256(convert_to({everything}, 'UTF8')), 'hex') FROM \"{name}\" AS t"  # noqa: S608
    rows, digest = connection.execute(text(query)).one()
    return TableFacts(rows=rows, sha256=digest)


def _revision(connection: Connection) -> str | None:
    if connection.scalar(text("SELECT to_regclass('public.alembic_version')")) is None:
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise Refused(
            f"数据库在 PostgreSQL 上，备份和恢复要用它自带的 {name}，这台电脑上没有找到。"
            "请安装 PostgreSQL 客户端程序（Debian：apt install postgresql-client）后重试。"
        )
    return found


def _run(program: str, url: str, *options: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by environment, where other users cannot see it."""
    place = make_url(url).set(drivername="postgresql")
    command = [program, "--dbname", place.set(password=None).render_as_string(hide_password=False), *options]
    environment = os.environ | ({"PGPASSWORD": str(place.password)} if place.password else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"PostgreSQL 的 {Path(program).name} 没有成功：{done.stderr.strip()[-500:]}")
