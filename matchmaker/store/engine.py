"""The engine and the only two ways into the database: reading and writing.

SQLite loses updates with the driver's own transactions: a SELECT starts none. So the driver's are
turned off, writes begin IMMEDIATE behind one lock per process, and reads begin plainly.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Text, cast, create_engine, event, func, make_url, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from matchmaker.store.lengths import refuse_too_long

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TRIES = 3  # of a transaction that others may overtake, before it begins by keeping them out
Result = TypeVar("Result")
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000")


class CheckedSession(Session):
    """A session for what people send: texts too long for their columns are refused."""


event.listen(CheckedSession, "before_flush", refuse_too_long)


class Database:
    """A database and its transactions; `writing()` is the only place that commits.

    `cache_mb` is how many megabytes of pages a connection to SQLite keeps at hand (2 by SQLite's own choice).
    Who brings in a large list touches pages all over the indexes and reads most of them again otherwise.
    """

    def __init__(self, url: str, *, cache_mb: int = 2) -> None:
        self.engine = _make_engine(url, cache_mb)
        self.sqlite = self.engine.dialect.name == "sqlite"
        self._writers = self.engine.execution_options(writes=True)
        self._one_writer = threading.RLock() if self.sqlite else None
        self.session_type: type[Session] = Session
        self._watching = threading.Lock()
        self._watch: sqlite3.Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session whose changes are thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session  # closing rolls back, and leaves what was loaded readable

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that is committed when the block ends, rolled back when it raises.

        One at a time per process on SQLite; never nest two in one thread.
        """
        with (
            self._one_writer or nullcontext(),
            self.session_type(self._writers, expire_on_commit=False) as session,
        ):
            yield session
            session.commit()

    def write_after_reading(self, work: Callable[[Session], Result]) -> Result:
        """Return the result of work that reads all it needs before its first change, and is then committed.

        On SQLite others may write until that first change. When one of them did, what was read may be
        out of date: nothing is kept and the work runs anew, in the end with the others kept out.
        """
        for _ in range(_TRIES if self.sqlite else 0):
            try:
                return self._commit(self.engine, work)
            except OperationalError as failure:
                if not _overtaken(failure):
                    raise
        return self._commit(self._writers, work)

    def _commit(self, engine: Engine, work: Callable[[Session], Result]) -> Result:
        with self._one_writer or nullcontext(), self.session_type(engine, expire_on_commit=False) as session:
            result = work(session)
            session.commit()
            return result

    @contextmanager
    def schema_change(self) -> Iterator[Connection]:
        """Give a connection for DDL, committed as a whole; SQLite checks no foreign keys meanwhile."""
        with self._writers.connect() as connection:
            if self.sqlite:  # outside a transaction, else SQLite ignores the pragma
                connection.connection.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
            finally:
                if self.sqlite:
                    connection.connection.execute("PRAGMA foreign_keys=ON")

    def state(self) -> Hashable:
        """Return something that stays equal as long as nobody, in any process, commits a change.

        SQLite tells a connection of the commits of all others, so one is kept that never writes.
        """
        if not self.sqlite:
            with self.engine.connect() as connection:
                return str(connection.scalar(select(cast(func.pg_current_snapshot(), Text))))
        with self._watching:
            if self._watch is None:
                place = str(self.engine.url.database)
                self._watch = sqlite3.connect(place, check_same_thread=False, isolation_level=None)
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Give every connection back."""
        with self._watching:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        self.engine.dispose()


def _overtaken(failure: OperationalError) -> bool:
    """Say whether SQLite refused a first change because of somebody else's."""
    code: int = getattr(failure.orig, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY


def one_at_a_time(session: Session, key: str) -> None:
    """Let nobody else pass this line with the same key until the transaction ends.

    On SQLite every writing transaction is alone already; on PostgreSQL an advisory lock is taken.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))


def _make_engine(url: str, cache_mb: int) -> Engine:
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        return create_engine(place, pool_pre_ping=True)
    if place.database:
        Path(place.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        place, connect_args={"check_same_thread": False, "timeout": 15}, json_serializer=_as_json
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, cache_mb=cache_mb))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _as_json(value: Any) -> str:
    """Return a value as SQLite keeps it: Chinese as it is, which is half as long as escaped."""
    text = _encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which no database takes as it is
        return json.dumps(value)
    return text


def _prepare_sqlite(connection: Any, _record: Any, *, cache_mb: int) -> None:
    connection.isolation_level = None
    for pragma in (*_PRAGMAS, f"cache_size={-1000 * cache_mb}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
