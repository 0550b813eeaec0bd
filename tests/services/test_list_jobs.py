"""Long lists made in the background: whole, stopped, taken over after a death, seen by nobody else."""

import csv
import io
from datetime import timedelta

import pytest
from factories import People, make_need
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.export_state import ExportState
from matchmaker.errors import NotAllowed, NotFound
from matchmaker.services import forgetting, list_jobs
from matchmaker.services.accounts import actor_of
from matchmaker.services.list_export import Format
from matchmaker.store.engine import Database
from matchmaker.store.tables import ContactAccess, ListExport, ListExportFile, Need


def needs(database: Database, people: People, number: int) -> None:
    with database.writing() as session:
        for at in range(number):
            make_need(
                session,
                organisation_id=people.huaxing if at % 2 else people.yuanhang,
                title=f"第{at}条需求",
                contact_id=people.huaxing_contact,
            )


def asked(database: Database, user_id: int, *, purpose: str = "") -> int:
    with database.writing() as session:
        actor = actor_of(session, user_id)
        export = list_jobs.ask_for_list(session, actor, kind="needs", form=Format.CSV, purpose=purpose)
        return export.id


def state_of(database: Database, export_id: int) -> tuple[ExportState, int, int]:
    with database.reading() as session:
        export = session.get_one(ListExport, export_id)
        return export.state, export.rows_done, export.rows_total


def titles(database: Database, user_id: int, export_id: int) -> list[str]:
    with database.reading() as session:
        content = list_jobs.file_of(session, actor_of(session, user_id), export_id)
    return [row["需求名称"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]


def test_a_list_is_made_whole_and_holds_what_its_owner_may_have(database: Database, people: People) -> None:
    needs(database, people, 6)
    all_of_them, own = asked(database, people.organiser), asked(database, people.enterprise_user)

    assert list_jobs.work_on_exports(database) == 2

    assert state_of(database, all_of_them) == (ExportState.READY, 6, 6)
    assert state_of(database, own) == (ExportState.READY, 3, 3)
    assert titles(database, people.organiser, all_of_them) == [f"第{at}条需求" for at in range(6)]
    assert titles(database, people.enterprise_user, own) == ["第1条需求", "第3条需求", "第5条需求"]
    assert list_jobs.work_on_exports(database) == 0


def test_a_list_that_names_somebody_who_asked_to_be_deleted_is_no_longer_there(
    database: Database, people: People
) -> None:
    needs(database, people, 2)
    done = asked(database, people.organiser, purpose="电话回访")
    list_jobs.work_on_exports(database)
    waiting = asked(database, people.enterprise_user)

    with database.writing() as session:
        named = forgetting.where_named(session, person_id=people.huaxing_contact)
        actor = actor_of(session, people.organiser)
        forgetting.forget_person(session, actor, person_id=people.huaxing_contact, reason="来函", named=named)

    assert list_jobs.work_on_exports(database) == 0
    assert [state_of(database, one)[0] for one in (done, waiting)] == [ExportState.STOPPED] * 2
    with pytest.raises(NotFound):
        titles(database, people.organiser, done)


def test_whose_contacts_leave_is_noted_with_the_file(database: Database, people: People) -> None:
    needs(database, people, 2)
    export_id = asked(database, people.organiser, purpose="电话回访")

    list_jobs.work_on_exports(database)

    with database.reading() as session:
        noted = session.execute(select(ContactAccess.subject_id, ContactAccess.purpose)).all()
        content = session.scalars(select(ListExportFile.content)).one()
    assert [tuple(row) for row in noted] == [(people.huaxing_contact, "导出清单：电话回访")]
    assert "手机" in content.decode("utf-8-sig")
    assert state_of(database, export_id)[0] is ExportState.READY


def test_asked_twice_while_at_work_it_is_made_once(database: Database, people: People) -> None:
    first, second = asked(database, people.organiser), asked(database, people.organiser)

    assert first == second


def test_a_stopped_list_gives_no_file(database: Database, people: People) -> None:
    needs(database, people, 2)
    export_id = asked(database, people.organiser)
    claim = list_jobs._take_up(database)
    with database.writing() as session:
        list_jobs.stop_export(session, actor_of(session, people.organiser), export_id)

    assert claim == (export_id, 1)
    list_jobs._make(database, *claim)

    assert state_of(database, export_id)[0] is ExportState.STOPPED
    with database.reading() as session, pytest.raises(NotFound):
        list_jobs.file_of(session, actor_of(session, people.organiser), export_id)


def test_a_worker_that_was_given_up_for_dead_saves_nothing(database: Database, people: People) -> None:
    needs(database, people, 3)
    export_id = asked(database, people.organiser)
    claim = list_jobs._take_up(database)
    assert claim is not None
    with database.writing() as session:
        session.get_one(ListExport, export_id).attempts = 2  # another worker has taken it over

    list_jobs._make(database, *claim)

    assert state_of(database, export_id) == (ExportState.RUNNING, 0, 3)


def test_what_a_dead_worker_left_is_made_by_the_next_and_given_up_after_the_third(
    database: Database, people: People
) -> None:
    needs(database, people, 2)
    export_id = asked(database, people.organiser)
    for _ in range(2):
        assert list_jobs._take_up(database) is not None
        with database.writing() as session:
            session.get_one(ListExport, export_id).beat_at = clock.now() - timedelta(minutes=2)

    list_jobs.work_on_exports(database)
    assert state_of(database, export_id)[0] is ExportState.READY

    with database.writing() as session:
        export = session.get_one(ListExport, export_id)
        export.state, export.beat_at = ExportState.RUNNING, clock.now() - timedelta(minutes=2)
    list_jobs.work_on_exports(database)
    assert state_of(database, export_id)[0] is ExportState.FAILED


def test_nobody_else_sees_it_and_yesterday_s_is_gone(database: Database, people: People) -> None:
    needs(database, people, 1)
    export_id = asked(database, people.enterprise_user)
    list_jobs.work_on_exports(database)
    with database.reading() as session, pytest.raises(NotFound):
        list_jobs.find_export(session, actor_of(session, people.organiser), export_id)

    with database.writing() as session:
        session.get_one(ListExport, export_id).asked_at = clock.now() - timedelta(days=2)
        session.flush()
        list_jobs.prune_exports(session)

    with database.reading() as session:
        assert session.scalars(select(ListExport.id)).all() == []
        assert session.scalars(select(ListExportFile.export_id)).all() == []


def test_a_firm_gets_no_contracts_and_no_contacts_of_others(database: Database, people: People) -> None:
    with database.writing() as session:
        actor = actor_of(session, people.enterprise_user)
        with pytest.raises(NotAllowed):
            list_jobs.ask_for_list(session, actor, kind="contracts", form=Format.CSV)
        with pytest.raises(NotAllowed):
            list_jobs.ask_for_list(session, actor, kind="needs", form=Format.CSV, purpose="看看")


def test_the_page_offers_to_make_a_long_list_and_gives_it(
    database: Database, people: People, sign_in: object
) -> None:
    with database.writing() as session:
        first = make_need(session, organisation_id=people.huaxing)
        kept = {
            column.name: getattr(first, column.name)
            for column in Need.__table__.columns
            if column.name != "id"
        }
        session.bulk_insert_mappings(Need, [kept | {"code": None} for _ in range(list_jobs.LONG)])  # type: ignore[arg-type]
    browser = sign_in(people.organiser)  # type: ignore[operator]

    offered = browser.get("/uploads/export/needs.csv")
    begun = browser.post("/exports", data={"kind": "needs", "form": "csv"})
    waiting = browser.get(begun.location).get_data(as_text=True)
    list_jobs.work_on_exports(database)
    ready = browser.get(begun.location).get_data(as_text=True)
    file = browser.get(f"{begun.location}/file")

    assert f"{list_jobs.LONG + 1} 行" in offered.get_data(as_text=True)
    assert "正在生成清单" in waiting
    assert "清单已生成" in ready
    assert file.headers["Content-Disposition"] == "attachment; filename=needs.csv"
    assert file.get_data().count(b"\r\n") == list_jobs.LONG + 2
