"""A list is killed before every change that its import makes, and taken up again: nothing differs."""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import UploadState
from matchmaker.services import upload_judging, upload_steps
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.uploads import receive_upload
from matchmaker.store.engine import Database
from matchmaker.store.tables import Need, Row, Upload, UploadRow

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]
_WRITES = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE")
CHUNK = 20  # below what the pace may choose: every run has the same chunks then
ROWS = 30
LONG_ROWS = 1_200
HEADER = "企业名称,技术需求名称,需求描述,联系人,手机,是否公开企业名称\n"
# what differs between two runs of the same thing: when it was, and how often it was tried
_NOT_COMPARED = {("upload", "summary"), ("upload", "version"), ("heartbeat", "seconds")}


def a_list(rows: int) -> bytes:
    lines = (
        f"第{number % 17}轴承有限公司,第{number}号轴承的异响控制,第{number}号轴承高速运转两千小时后有异响，"
        f"需要把振动值降到{number}微米以下。,联系人{number % 23},1390000{number % 23:04d},否\n"
        for number in range(rows)
    )
    return (HEADER + "".join(lines)).encode("utf-8-sig")


def waiting(database: Database, rows: int) -> int:
    with database.writing() as session:
        return receive_upload(
            session,
            SYSTEM,
            filename="需求.csv",
            content=a_list(rows),
            reading=None,
            consent_source="企业填报时同意",
        ).id


def confirm(database: Database, upload_id: int) -> None:
    with database.writing() as session:
        confirm_upload(session, SYSTEM, upload_id=upload_id, most_rows=0)


def advance(database: Database, upload_id: int) -> None:
    upload_steps.advance(database, upload_id, most_rows=CHUNK)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that stands in the database, but for moments and counts of tries."""
    found = {}
    with database.reading() as session:
        for table in Row.metadata.sorted_tables:
            columns = [column for column in table.columns if (table.name, column.name) not in _NOT_COMPARED]
            rows = session.execute(select(*columns).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(map(_timeless, row)) for row in rows]
    return {name: rows for name, rows in found.items() if rows}


def _timeless(value: Any) -> Any:
    return "a moment" if isinstance(value, datetime) else str(value)


def rows_done(database: Database, upload_id: int) -> int:
    with database.reading() as session:
        return session.get_one(Upload, upload_id).rows_done


def killed(database: Database, upload_id: int, *, at: int, event_name: str) -> bool:
    """Advance in a process of its own that kills itself at the n-th event; say whether it came so far."""
    url = database.engine.url.render_as_string(hide_password=False)
    child = os.fork()
    if child == 0:
        try:
            own = Database(url)
            event.listen(own.engine, event_name, _killer(at))
            advance(own, upload_id)
        finally:
            os._exit(0)
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _killer(at: int) -> Callable[..., None]:
    count = 0

    def kill(*told: Any) -> None:
        nonlocal count
        # told of a statement: (connection, cursor, statement, …); what only reads changes no outcome
        count += len(told) < 3 or told[2].startswith(_WRITES)
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


@pytest.fixture
def fresh(database: Database, tmp_path: Path) -> Callable[[], Database]:
    """Make copies of the database as it is now."""
    if not database.sqlite:
        pytest.skip("a server's database outlives the process that is killed; its copies are slow")
    made: list[Database] = []

    def copy() -> Database:
        place = tmp_path / f"copy{len(made)}.db"
        with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
            connection.execute("VACUUM INTO ?", [str(place)])
        made.append(Database(f"sqlite:///{place}"))
        return made[-1]

    return copy


def killed_everywhere(
    fresh: Callable[[], Database], upload_id: int, expected: Mapping[str, Any], *, event_name: str
) -> tuple[int, list[int]]:
    """Kill copies at their first event, their second, …, and go on; return how many and which differ."""
    at, differing = 1, []
    while killed(copy := fresh(), upload_id, at=at, event_name=event_name):
        advance(copy, upload_id)
        if contents(copy) != expected:
            differing.append(at)
        copy.close()
        at += 1
    return at, differing


def test_an_import_killed_before_any_change_loses_and_doubles_nothing(
    database: Database, fresh: Callable[[], Database]
) -> None:
    upload_id = waiting(database, ROWS)
    advance(database, upload_id)
    confirm(database, upload_id)
    whole = fresh()
    advance(whole, upload_id)
    expected = contents(whole)
    assert len(expected["need"]) == ROWS

    at, differing = killed_everywhere(fresh, upload_id, expected, event_name="before_cursor_execute")
    assert (differing, at > 2 * 8) == ([], True)  # two chunks, and the end


def test_a_reading_killed_at_any_commit_stores_every_row_once(
    database: Database, fresh: Callable[[], Database]
) -> None:
    upload_id = waiting(database, ROWS)
    whole = fresh()
    advance(whole, upload_id)
    expected = contents(whole)
    assert len(expected["upload_row"]) == ROWS

    at, differing = killed_everywhere(fresh, upload_id, expected, event_name="commit")
    assert (differing, at > 5) == ([], True)


def test_an_import_of_thousands_killed_again_and_again_redoes_one_chunk_at_most(database: Database) -> None:
    upload_id = waiting(database, LONG_ROWS)
    upload_steps.advance(database, upload_id)
    confirm(database, upload_id)
    for at in (3, 6, 11):  # commits after which the process dies, in each of its lives
        before = rows_done(database, upload_id)
        assert killed(database, upload_id, at=at, event_name="commit")
        with database.reading() as session:
            needs = session.scalar(select(func.count()).select_from(Need))
            deeds = session.scalar(select(func.count()).where(UploadRow.deed != ""))
            done = session.get_one(Upload, upload_id).rows_done
        assert (needs, deeds) == (done, done)
        assert done - before >= (at - 2) * 20  # every chunk but the last stands
    advance(database, upload_id)

    with database.reading() as session:
        upload = session.get_one(Upload, upload_id)
        titles = list(session.scalars(select(Need.title)))
        positions = list(session.scalars(select(UploadRow.position).order_by(UploadRow.position)))
        targets = set(session.scalars(select(UploadRow.target_id)))
        ids = set(session.scalars(select(Need.id)))
    assert (upload.state, upload.rows_done) == (UploadState.IMPORTED, LONG_ROWS)
    assert (len(titles), len(set(titles)), positions) == (LONG_ROWS, LONG_ROWS, list(range(LONG_ROWS)))
    assert targets == ids


@pytest.fixture
def judged_ahead(monkeypatch: pytest.MonkeyPatch) -> list[upload_judging._Ahead]:
    """Have a process judge ahead however short a list is, and be asked; return those that were asked."""
    asked: list[upload_judging._Ahead] = []
    ask = upload_judging._Ahead.ask

    def ask_for_certain(ahead: upload_judging._Ahead, wanted: upload_judging.Wanted) -> bool:
        asked.append(ahead)
        assert ahead._ready.wait(60)
        return ask(ahead, wanted)

    monkeypatch.setattr(upload_judging, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(upload_judging._Ahead, "ask", ask_for_certain)
    return asked


def test_an_import_judged_ahead_writes_what_one_alone_writes_also_when_killed(
    database: Database, fresh: Callable[[], Database], request: pytest.FixtureRequest
) -> None:
    upload_id = waiting(database, 3 * ROWS)
    advance(database, upload_id)
    confirm(database, upload_id)
    whole = fresh()
    advance(whole, upload_id)
    expected = contents(whole)
    asked = request.getfixturevalue("judged_ahead")

    together, interrupted = fresh(), fresh()
    advance(together, upload_id)
    assert len(asked) == 3 * ROWS // CHUNK + 1
    assert contents(together) == expected
    assert killed(interrupted, upload_id, at=3, event_name="commit")
    assert rows_done(interrupted, upload_id) in (2 * CHUNK, 3 * CHUNK)
    advance(interrupted, upload_id)
    assert contents(interrupted) == expected


def test_when_the_process_that_judges_ahead_dies_the_import_goes_on_alone(
    database: Database, fresh: Callable[[], Database], judged_ahead: list[upload_judging._Ahead]
) -> None:
    upload_id = waiting(database, 3 * ROWS)
    advance(database, upload_id)
    confirm(database, upload_id)
    copy = fresh()

    def die(_session: Any) -> None:
        if len(judged_ahead) == 2:
            judged_ahead[0]._child.kill()

    event.listen(copy.engine, "commit", die)
    advance(copy, upload_id)
    assert len(judged_ahead) >= 2
    assert rows_done(copy, upload_id) == 3 * ROWS
    assert len(contents(copy)["need"]) == 3 * ROWS
