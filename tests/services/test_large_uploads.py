"""Large lists, which the background process reads, imports and takes back in many transactions."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from io import BytesIO

import pytest
from factories import People
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from jobs import uploads as job
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import NeedState, UploadState
from matchmaker.errors import WrongState
from matchmaker.services import upload_steps
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.upload_undo import cancel_upload, undo_upload
from matchmaker.services.uploads import receive_upload
from matchmaker.settings import Settings
from matchmaker.store import schema
from matchmaker.store.engine import Database
from matchmaker.store.queries.uploads import file_of
from matchmaker.store.tables import (
    AchievementPerson,
    Message,
    Need,
    Organisation,
    Person,
    Upload,
    UploadBatch,
    UploadFile,
    UploadRow,
)

SignIn = Callable[[int], FlaskClient]
ROWS = 400
HEADER = "企业名称,技术需求名称,需求描述,联系人,手机\n"
_ADVANCE = """
import sys
from matchmaker.services.upload_steps import advance
from matchmaker.store import schema
from matchmaker.store.engine import Database
from matchmaker.store.queries.uploads import file_of
advance(Database(sys.argv[1]), int(sys.argv[2]))
"""


def large_list(rows: int = ROWS) -> bytes:
    lines = (
        f"第{number % 40}模具有限公司,第{number}号工件的热裂纹控制,第{number}号工件在两万模次后出现龟裂，"
        f"需要提高表面抗热疲劳性能，寿命提高{number}小时。,联系人{number % 40},1380000{number % 40:04d}\n"
        for number in range(rows)
    )
    return (HEADER + "".join(lines)).encode("utf-8-sig")


def waiting_upload(database: Database, content: bytes) -> int:
    with database.writing() as session:
        return receive_upload(
            session,
            SYSTEM,
            filename="需求.csv",
            content=content,
            reading=None,
            consent_source="企业填报时同意",
        ).id


def confirmed_upload(database: Database) -> int:
    upload_id = waiting_upload(database, large_list())
    upload_steps.advance(database, upload_id)
    with database.writing() as session:
        assert confirm_upload(session, SYSTEM, upload_id=upload_id).begun
    return upload_id


def state(database: Database, upload_id: int) -> tuple[UploadState, int, int]:
    with database.reading() as session:
        upload = session.get_one(Upload, upload_id)
        return upload.state, upload.rows_done, upload.rows_total


def totals(database: Database) -> dict[str, int]:
    with database.reading() as session:
        tables = (Need, Organisation, Person, UploadBatch)
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }


def told(database: Database) -> list[int]:
    """Return the ids of the needs that matching was told of."""
    with database.reading() as session:
        messages = session.scalars(select(Message.payload).where(Message.name == "NeedsImported"))
        return sorted(need_id for payload in messages for need_id in payload["need_ids"])


def killed_at(database: Database, settings: Settings, upload_id: int, *, rows: int) -> None:
    """Run a step in a process of its own and kill it once this many rows are done."""
    child = subprocess.Popen([sys.executable, "-c", _ADVANCE, settings.database_url, str(upload_id)])
    deadline = time.monotonic() + 240
    while state(database, upload_id)[1] < rows:
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()


def test_a_list_that_gets_no_further_rests_and_one_that_gets_on_is_tried_again(database: Database) -> None:
    upload_id, other_id = (waiting_upload(database, large_list(rows)) for rows in (3, 4))
    for _ in range(upload_steps.MOST_TRIES):
        assert upload_steps.waiting_uploads(database) == [upload_id, other_id]
        upload_steps.note_try(database, upload_id)
    assert upload_steps.waiting_uploads(database) == [other_id]

    with database.writing() as session:
        upload = session.get_one(Upload, upload_id)
        upload.state, upload.rows_done = UploadState.IMPORTING, 2
    assert upload_steps.waiting_uploads(database) == [upload_id, other_id]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_in_the_middle_nothing_is_lost_or_doubled(database: Database, settings: Settings) -> None:
    upload_id = waiting_upload(database, large_list())
    killed_at(database, settings, upload_id, rows=200)
    assert state(database, upload_id)[0] is UploadState.WAITING
    job.work_off(settings.database_url)
    assert state(database, upload_id) == (UploadState.PREVIEWED, ROWS, ROWS)
    with database.reading() as session:
        positions = list(session.scalars(select(UploadRow.position).order_by(UploadRow.position)))
        assert positions == list(range(ROWS))

    with database.writing() as session:
        confirm_upload(session, SYSTEM, upload_id=upload_id)
    killed_at(database, settings, upload_id, rows=100)
    before, done, _ = state(database, upload_id)
    assert (before, totals(database)["need"]) == (UploadState.IMPORTING, done)
    assert done < ROWS
    job.work_off(settings.database_url)

    assert state(database, upload_id) == (UploadState.IMPORTED, ROWS, ROWS)
    with database.reading() as session:
        assert session.get_one(Upload, upload_id).summary["done"] == {
            "add": ROWS, "update": 0, "nothing": 0, "park": 0,
        }  # fmt: skip
        titles = list(session.scalars(select(Need.title)))
        assert (len(titles), len(set(titles))) == (ROWS, ROWS)
        assert told(database) == sorted(session.scalars(select(Need.id)))
    assert (totals(database)["organisation"], totals(database)["person"]) == (40, 40)


def test_makers_named_in_many_batches_are_one_person_each(database: Database) -> None:
    lines = (
        f"第{number}号涂层工艺,江州大学,顾言{number % 3}、沈知行,涂层简介{number},"
        f"顾言{number % 3},1390000000{number % 3}\n"
        for number in range(60)
    )
    content = ("成果名称,完成单位,完成人,成果简介,联系人,联系电话\n" + "".join(lines)).encode("utf-8-sig")
    upload_id = waiting_upload(database, content)
    upload_steps.advance(database, upload_id, most_rows=20)
    with database.writing() as session:
        confirm_upload(session, SYSTEM, upload_id=upload_id, most_rows=0)
    upload_steps.advance(database, upload_id, most_rows=20)

    with database.reading() as session:
        people = session.execute(select(Person.name, Person.phone, Person.role).order_by(Person.name)).all()
        assert [tuple(person) for person in people] == [
            ("沈知行", "", "expert"),
            *((f"顾言{number}", f"1390000000{number}", "expert") for number in range(3)),
        ]
        makers = session.execute(
            select(AchievementPerson.achievement_id, Person.name)
            .join(Person)
            .order_by(AchievementPerson.achievement_id, AchievementPerson.place)
        ).all()
        assert [name for _, name in makers] == [
            name for number in range(60) for name in (f"顾言{number % 3}", "沈知行")
        ]


def test_who_comes_late_to_a_reading_removes_nothing(database: Database) -> None:
    upload_id = waiting_upload(database, large_list())
    late = upload_steps._Course(
        database=database, upload_id=upload_id, actor=SYSTEM, state=UploadState.WAITING
    )
    upload_steps.advance(database, upload_id)  # another process, while the late one read the file

    assert not upload_steps._forget_rows(late, before=0, total=ROWS)
    with database.reading() as session:
        rows = select(func.count()).where(UploadRow.upload_id == upload_id)
        assert session.scalar(rows) == ROWS
    assert state(database, upload_id) == (UploadState.PREVIEWED, ROWS, ROWS)


def test_stopped_in_the_middle_everything_is_taken_back(database: Database, settings: Settings) -> None:
    upload_id = confirmed_upload(database)
    importing = threading.Thread(target=upload_steps.advance, args=(database, upload_id))
    importing.start()
    while not state(database, upload_id)[1]:
        time.sleep(0.01)
    with database.writing() as session:
        cancel_upload(session, SYSTEM, upload_id=upload_id)
    importing.join()
    assert 0 < totals(database)["need"] < ROWS
    job.work_off(settings.database_url)

    assert state(database, upload_id)[0] is UploadState.PREVIEWED
    assert totals(database) == {"need": 0, "organisation": 0, "person": 0, "upload_batch": 0}
    with database.writing() as session:  # and the preview can be imported after all
        confirm_upload(session, SYSTEM, upload_id=upload_id)
    job.work_off(settings.database_url)
    assert totals(database)["need"] == ROWS

    with database.writing() as session:
        session.scalars(select(Need).order_by(Need.id).limit(1)).one().status = NeedState.ACCEPTED
        assert undo_upload(session, SYSTEM, upload_id=upload_id).state is UploadState.UNDOING
    job.work_off(settings.database_url)
    assert totals(database) == {"need": 1, "organisation": 1, "person": 1, "upload_batch": 0}
    with database.reading() as session:
        upload = session.get_one(Upload, upload_id)
        assert (upload.state, upload.summary["kept"]) == (UploadState.UNDONE, 1)


def test_a_reading_can_be_stopped_and_a_finished_one_not(database: Database) -> None:
    upload_id = waiting_upload(database, large_list(3))
    with database.writing() as session:
        assert cancel_upload(session, SYSTEM, upload_id=upload_id).state is UploadState.CANCELLED
    upload_steps.advance(database, upload_id)
    assert state(database, upload_id)[0] is UploadState.CANCELLED
    with database.writing() as session, pytest.raises(WrongState):
        cancel_upload(session, SYSTEM, upload_id=upload_id)


def test_a_row_that_changed_since_the_preview_is_parked(database: Database, settings: Settings) -> None:
    first = waiting_upload(database, large_list())
    job.work_off(settings.database_url)
    second = waiting_upload(database, large_list(1))
    job.work_off(settings.database_url)
    for upload_id in (second, first):
        with database.writing() as session:
            confirm_upload(session, SYSTEM, upload_id=upload_id)
    job.work_off(settings.database_url)
    with database.reading() as session:
        upload = session.get_one(Upload, first)
        assert (upload.summary["outdated"], upload.summary["done"]["add"]) == (1, ROWS - 1)
        parked = session.scalars(
            select(UploadRow).where(UploadRow.upload_id == first, UploadRow.deed == "park")
        )
        assert [(row.position, row.verdict.value) for row in parked] == [(0, "same")]


def test_a_large_file_shows_how_far_it_is(
    people: People, sign_in: SignIn, database: Database, settings: Settings
) -> None:
    browser = sign_in(people.organiser)
    content = large_list(20) + b"," * 400_000
    answer = browser.post(
        "/uploads", data={"files": (BytesIO(content), "需求.csv"), "consent_source": "同意"}
    )
    page = browser.get(answer.location).get_data(as_text=True)
    assert "正在读取文件" in page
    assert "hx-get" in page
    assert "正在读取文件" in browser.get(f"{answer.location}/progress").get_data(as_text=True)
    upload_id = int(answer.location.rsplit("/", 1)[-1])
    with database.writing() as session:
        session.get_one(UploadFile, upload_id).content = large_list(20)
    job.work(database, settings)
    assert browser.get(f"{answer.location}/progress").headers["HX-Refresh"] == "true"
    assert "导入 20 行" in browser.get(answer.location).get_data(as_text=True)
    assert browser.post(f"{answer.location}/cancel").status_code == 409


def test_the_files_of_uploads_are_kept_through_an_upgrade_and_back(database: Database) -> None:
    upload_id = waiting_upload(database, large_list(3))
    schema.migrate(database, to="0009")
    with database.reading() as session:
        before = session.connection().exec_driver_sql("SELECT id, content FROM upload").all()
    schema.migrate(database)
    with database.reading() as session:
        after = file_of(session, upload_id)
    assert [(row[0], bytes(row[1])) for row in before] == [(upload_id, large_list(3))]
    assert after == large_list(3)


def test_every_step_of_the_schema_can_be_taken_back_and_comes_out_as_the_tables_declare(
    database: Database,
) -> None:
    schema.migrate(database, to="base")
    schema.migrate(database)
    assert schema.differences(database) == []


def test_who_brings_in_large_lists_keeps_more_of_the_database_at_hand(
    database: Database, settings: Settings
) -> None:
    if not database.sqlite:
        pytest.skip("a PostgreSQL server has one cache for everybody")
    kept = []
    for megabytes in (2, 64):
        own = Database(settings.database_url, cache_mb=megabytes)
        with own.reading() as session:
            kept.append(session.execute(text("PRAGMA cache_size")).scalar_one())
        own.close()

    assert kept == [-2_000, -64_000]
