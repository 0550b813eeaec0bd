"""Brings a database to the newest schema, in one transaction that a crash rolls back."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from matchmaker.errors import Misconfigured
from matchmaker.store.engine import Database
from matchmaker.store.tables import Row


def migrate(database: Database, *, to: str = "head") -> None:
    """Upgrade or downgrade to a revision. Killed in the middle, it leaves the database as it was.

    Raises Misconfigured for a database that a newer program has made.
    """
    _refuse_unknown(database)
    with database.schema_change() as connection:
        config = _config(connection)
        if to in ("head", "heads"):
            command.upgrade(config, to)
        else:
            command.downgrade(config, to)


def _refuse_unknown(database: Database) -> None:
    revision = current_revision(database)
    known = {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}
    if revision is not None and revision not in known:
        raise Misconfigured(
            f"数据库已被更新版本的程序升级过（版本 {revision}），现在的程序打不开它。"
            "请换回更新的程序，或用升级前的备份恢复后再启动。"
        )


def draft_revision(database: Database, *, title: str) -> None:
    """Write a new revision file from the difference between tables and database (developers only)."""
    with database.schema_change() as connection:
        command.revision(_config(connection), message=title, autogenerate=True)


def current_revision(database: Database) -> str | None:
    """Return the revision the database is at, None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """Return the revision this program wants."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def differences(database: Database) -> list[object]:
    """Return what the tables declare and the migrated database lacks, or the other way round."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Row.metadata))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
