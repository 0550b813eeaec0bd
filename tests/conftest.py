"""What every test may use: a migrated database, the application, a signed-in browser, a clock."""

import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import effort  # noqa: F401 -- its profile must be known before a test asks for it
import postgres
import pytest
from browsers import chromium  # noqa: F401 -- a fixture
from factories import People, make_people
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from reading import CHEAP_HASH
from werkzeug.test import TestResponse

from matchmaker.app import create_app
from matchmaker.settings import Settings, load_settings
from matchmaker.store import schema
from matchmaker.store.engine import Database
from matchmaker.store.tables import User
from matchmaker.web.frame import MatchmakerApp


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test."""
    place = tmp_path_factory.mktemp("schema") / "matchmaker.db"
    database = Database(f"sqlite:///{place}")
    schema.migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return place


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the same tests run on PostgreSQL: `pytest --postgres tests/services`."""
    parser.addoption("--postgres", action="store_true", help="run on PostgreSQL instead of SQLite")


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a PostgreSQL server with a migrated template, or "" on SQLite."""
    if not request.config.getoption("--postgres"):
        yield ""
        return
    with postgres.running_server() as server:
        postgres.make_template(server)
        yield server


@pytest.fixture
def database_address(postgres_server: str) -> Iterator[str]:
    """The address of this test's own PostgreSQL database, or "" for a file of its own."""
    if not postgres_server:
        yield ""
        return
    address = postgres.fresh_database(postgres_server)
    yield address
    postgres.drop_database(postgres_server, address)


@pytest.fixture
def settings(tmp_path: Path, database_address: str) -> Settings:
    """Settings of an installation of its own; no mail, no way out."""
    data = {"folder": tmp_path, "url": database_address}
    return load_settings(instance="own", data=data, matching={"way": "direct"})


@pytest.fixture
def database(settings: Settings, empty_database: Path) -> Iterator[Database]:
    """An empty, migrated database of this test's own."""
    if not settings.data.url:
        _copy(empty_database, settings.home / "matchmaker.db")
    database = Database(settings.database_url)
    yield database
    database.close()


def _copy(original: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(original) as source, sqlite3.connect(place) as copy:
        source.backup(copy)
    source.close()
    copy.close()


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, shared by the applications of all tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, database: Database, compiled_templates: FileSystemBytecodeCache) -> MatchmakerApp:
    """The application; no CSRF token is asked for (tests/web/test_routes.py asks with it on)."""
    app = create_app(settings, database, TESTING=True, WTF_CSRF_ENABLED=False, **CHEAP_HASH)
    app.jinja_env.bytecode_cache = compiled_templates
    app.test_client_class = _TidyClient
    return app


class _TidyClient(FlaskClient):
    """Closes the temporary file in which a large form was sent: Werkzeug leaves it to the collector."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        for one in (response, *response.history):
            one.request.environ["wsgi.input"].close()
        return response


@pytest.fixture
def people(database: Database) -> People:
    """The cast: 华星 and 远航 (enterprises), 江大 and 海院 (universities), the bureau and its staff."""
    with database.writing() as session:
        return make_people(session)


@pytest.fixture
def sign_in(app: MatchmakerApp, database: Database) -> Callable[[int], FlaskClient]:
    """A function: user id → a browser signed in as that user."""

    def browser(user_id: int) -> FlaskClient:
        client = app.test_client()
        with database.reading() as session:
            uniquifier = session.get_one(User, user_id).fs_uniquifier
        with client.session_transaction() as kept:
            kept["_user_id"] = uniquifier
            kept["_fresh"] = True
        return client

    return browser


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of evidence beside the checkout; tests that need it skip where it is absent."""
    place = Path(__file__).resolve().parent.parent.parent / "shared"
    if not place.is_dir():
        pytest.skip("the folder with real data beside the checkout is not there")
    return place


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if isinstance(address, tuple) and host not in ("127.0.0.1", "localhost", "::1"):
            raise OSError(f"tests may not reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)
