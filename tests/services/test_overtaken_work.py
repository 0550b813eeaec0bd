"""Work that reads first and writes last: on SQLite it is done anew when somebody else wrote in between."""

import sqlite3

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Heartbeat


def beat(session: Session, job: str) -> None:
    session.add(Heartbeat(job=job, at=clock.now()))


def jobs(session: Session) -> list[str]:
    return list(session.scalars(select(Heartbeat.job).order_by(Heartbeat.job)))


def test_overtaken_work_begins_anew_and_sees_what_the_others_wrote(
    database: Database, settings: Settings
) -> None:
    other, seen = Database(settings.database_url), list[list[str]]()

    def work(session: Session) -> str:
        seen.append(jobs(session))
        if len(seen) == 1:
            with other.writing() as theirs:
                beat(theirs, "theirs")
        beat(session, "ours")
        return f"done at the {len(seen)}. try"

    answer = database.write_after_reading(work)
    other.close()
    with database.reading() as session:
        assert jobs(session) == ["ours", "theirs"]
    if database.sqlite:
        assert (answer, seen) == ("done at the 2. try", [[], ["theirs"]])
    else:
        assert (answer, seen) == ("done at the 1. try", [[]])


def test_work_that_is_overtaken_again_and_again_ends_with_the_others_kept_out(database: Database) -> None:
    if not database.sqlite:
        pytest.skip("PostgreSQL lets everybody write at once")
    other = sqlite3.connect(str(database.engine.url.database), timeout=0, isolation_level=None)
    seen, refused = list[int](), list[str]()

    def work(session: Session) -> None:
        seen.append(len(jobs(session)))
        try:
            other.execute(
                "INSERT INTO heartbeat (job, at, seconds, error, note) VALUES (?, '2026-01-01', 0, '', '')",
                (f"theirs {len(seen)}",),
            )
        except sqlite3.OperationalError as failure:
            refused.append(str(failure))
        beat(session, "ours")

    database.write_after_reading(work)
    other.close()
    with database.reading() as session:
        assert jobs(session) == ["ours", "theirs 1", "theirs 2", "theirs 3"]
    assert (seen, refused) == ([0, 1, 2, 3], ["database is locked"])
