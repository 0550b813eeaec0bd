"""The state of every invitation at a glance, and the reminder for those who are silent."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from event_cast import Cast, make_cast
from factories import People, make_person
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import event as sql_event
from sqlalchemy import select

from matchmaker import clock
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.states import InvitationState
from matchmaker.services.event_letters import guests_of, reachable
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.guests import guest_states, guests_told
from matchmaker.store.tables import ContactAccess, Invitation, Notice, Pairing, PairingList, Person

Browser = Callable[[int], FlaskClient]


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    with database.writing() as session:
        return make_cast(session, people)


@pytest.fixture
def office(people: People, cast: Cast, sign_in: Browser) -> FlaskClient:
    """The organiser's browser; everybody is invited, nobody has answered."""
    browser = sign_in(people.organiser)
    browser.post(f"/events/{cast.event}/people/plan")
    browser.post(f"/events/{cast.event}/people/invite", data={"scope": "all"})
    return browser


def deliver(database: Database, settings: Settings) -> None:
    while deliver_due(database, settings):
        pass


def stages(database: Database, cast: Cast) -> dict[str, tuple[str, bool, dict[str, int]]]:
    with database.reading() as session:
        return {
            guest.line.organisation: (guest.stage, guest.silent, dict(guest.said))
            for guest in guest_states(session, cast.event)
        }


def test_an_invitation_goes_from_unseen_over_seen_to_answered(
    database: Database, settings: Settings, people: People, cast: Cast, office: FlaskClient, sign_in: Browser
) -> None:
    deliver(database, settings)
    assert {stage for stage, _, _ in stages(database, cast).values()} == {"unseen"}
    with database.writing() as session:
        for notice in session.scalars(select(Notice).where(Notice.user_id == people.enterprise_user)):
            notice.read_at = clock.now()

    assert stages(database, cast)["华星模具有限公司"] == ("seen", True, {})
    with database.reading() as session:
        key = session.scalars(select(Invitation.id).where(Invitation.organisation_id == people.huaxing)).one()
    sign_in(people.enterprise_user).post(f"/events/mine/invitations/{key}", data={"answer": "yes"})
    assert stages(database, cast)["华星模具有限公司"] == ("coming", False, {})


def test_the_page_counts_by_side_and_every_count_opens(
    database: Database, people: People, cast: Cast, office: FlaskClient, sign_in: Browser
) -> None:
    at = f"/events/{cast.event}"
    office.post(f"{at}/pairing/draw", data={})
    with database.reading() as session:
        listed = session.scalars(select(PairingList.id)).one()
        pair = session.scalars(select(Pairing).where(Pairing.match_id == cast.strong)).one()
    office.post(f"{at}/pairing/{listed}/publish")
    sign_in(people.enterprise_user).post(
        f"/events/mine/pairings/{pair.id}", data={"answer": "another", "note": "下午四点后"}
    )

    found = stages(database, cast)
    assert found["华星模具有限公司"] == ("seen", True, {"another": 1, "waiting": 1})
    assert found["江州大学机械工程学院"][2] == {"waiting": 2}
    page = office.get(f"{at}/people").get_data(as_text=True)
    assert f"{at}/people?role=enterprise&amp;stage=seen" in page
    assert "提醒没有回音的 2 位" in page
    assert "另约 1" in page
    another = text_of(office.get(f"{at}/people?reply=another"))
    assert "周一诺" in another
    assert "何适" not in another
    experts = text_of(office.get(f"{at}/people?role=expert&stage=untold"))
    assert "沈知行" in experts
    assert "周一诺" not in experts


def test_a_filter_that_finds_nobody_says_so_and_leads_back(cast: Cast, office: FlaskClient) -> None:
    page = text_of(office.get(f"/events/{cast.event}/people?state=absent"))

    assert "没有符合条件的人" in page
    assert "名单里还没有人" not in page
    assert f'href="/events/{cast.event}/people">看全部名单' in page


def test_an_answer_is_told_with_the_name_of_who_gave_it(
    database: Database, settings: Settings, people: People, cast: Cast, office: FlaskClient
) -> None:
    with database.reading() as session:
        key = session.scalars(select(Invitation.id).where(Invitation.organisation_id == people.huaxing)).one()
    office.post(f"/events/{cast.event}/people/{key}/yes")
    deliver(database, settings)

    with database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "invitation_answered")).all()
    assert {notice.subject for notice in told} == {"华星模具有限公司 周一诺：确认参加（模具产业专场对接会）"}
    assert "华星模具有限公司 周一诺答复“模具产业专场对接会”的邀请：确认参加。" in told[0].body


def test_the_silent_are_reminded_once_a_day_and_only_them(
    database: Database, settings: Settings, people: People, cast: Cast, office: FlaskClient
) -> None:
    at = f"/events/{cast.event}/people"
    with database.reading() as session:
        key = session.scalars(select(Invitation.id).where(Invitation.organisation_id == people.huaxing)).one()
    office.post(f"{at}/{key}/yes")
    deliver(database, settings)

    first = text_of(office.post(f"{at}/remind", data={"scope": "all"}, follow_redirects=True))
    second = text_of(office.post(f"{at}/remind", data={"scope": "all"}, follow_redirects=True))
    deliver(database, settings)

    assert "已提醒 1 位" in first
    assert "有 2 位没有账号也收不到邮件" in first
    assert "已提醒" not in second
    with database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "guest_reminder")).all()
    assert [(notice.user_id, notice.channel) for notice in told] == [(people.other_university_user, "inbox")]
    assert "/a/" in told[0].body
    with database.writing() as session:
        for row in session.scalars(select(Invitation).where(Invitation.reminded_at.is_not(None))):
            row.reminded_at = clock.now() - timedelta(days=1)
    again = text_of(office.post(f"{at}/remind", data={"scope": "all"}, follow_redirects=True))
    assert "已提醒 1 位" in again


def test_who_answers_before_the_letter_is_written_gets_none(
    database: Database, settings: Settings, people: People, cast: Cast, office: FlaskClient
) -> None:
    deliver(database, settings)
    office.post(f"/events/{cast.event}/people/remind", data={"scope": "all"})
    with database.writing() as session:
        for row in session.scalars(select(Invitation)):
            row.status = InvitationState.DECLINED

    deliver(database, settings)

    with database.reading() as session:
        assert session.scalars(select(Notice).where(Notice.kind == "guest_reminder")).all() == []


def test_only_the_ticked_are_reminded_and_only_while_the_event_is_open(
    database: Database, people: People, cast: Cast, office: FlaskClient
) -> None:
    at = f"/events/{cast.event}"
    with database.reading() as session:
        ids = list(session.scalars(select(Invitation.id).order_by(Invitation.id)))

    page = text_of(office.post(f"{at}/people/remind", data={"ids": [str(ids[0])]}, follow_redirects=True))
    office.post(f"{at}/state", data={"to": "postponed", "note": "台风"})

    assert "已提醒 1 位" in page
    assert office.post(f"{at}/people/remind", data={"scope": "all"}).status_code == 409


def test_the_page_asks_the_database_as_often_for_many_guests_as_for_few(
    database: Database, people: People, cast: Cast, office: FlaskClient
) -> None:
    asked: list[str] = []
    office.get(f"/events/{cast.event}/people")
    sql_event.listen(database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    office.get(f"/events/{cast.event}/people")
    once = len(asked)
    with database.writing() as session:
        for organisation in (people.bureau, people.jiangda):
            session.add(
                Invitation(
                    event_id=cast.event,
                    organisation_id=organisation,
                    role="official",
                    status=InvitationState.INVITED,
                )
            )
    asked.clear()
    office.get(f"/events/{cast.event}/people")

    assert len(asked) == once


def test_who_is_here_is_not_to_be_telephoned(
    database: Database, people: People, cast: Cast, office: FlaskClient
) -> None:
    at = f"/events/{cast.event}/people"
    before = text_of(office.get(at))
    with database.writing() as session:
        for row in session.scalars(select(Invitation).where(Invitation.event_id == cast.event)):
            row.status = InvitationState.CHECKED_IN

    assert "请打电话" in before
    assert "请打电话" not in text_of(office.get(at))


def test_who_gets_no_letter_stands_as_not_told_and_on_a_list_to_telephone(
    database: Database, settings: Settings, people: People, cast: Cast, office: FlaskClient
) -> None:
    at = f"/events/{cast.event}/people"
    with database.writing() as session:
        contact = session.scalars(select(Person).where(Person.name == "何适")).one()
        make_person(session, organisation_id=people.yuanhang, name="同事甲", phone="13900000009")
        told = guests_told(session, cast.event, by_mail=False)
        letters = {
            row.id
            for row in session.scalars(select(Invitation))
            if any(reachable(one, settings) for one in guests_of(session, row))
        }
        contact.phone = ""
    assert told == letters

    page = text_of(office.get(f"{at}?reply=to_phone"))
    refused = office.post(f"{at}/phones.xlsx", data={"note": " "})
    listed = office.post(f"{at}/phones.xlsx", data={"note": "电话邀请"})

    assert "联系不上" in page
    assert "没看</span>" not in page
    assert "电话名单（2 位）" in page
    assert refused.status_code == 422
    import openpyxl  # slow to import

    rows = list(openpyxl.load_workbook(io.BytesIO(listed.data)).active.values)
    assert "用途：电话邀请" in rows[0][0]
    assert rows[2][:6] == ("1", "远航汽配有限公司", "何适", None, None, "同事甲 13900000009")
    with database.reading() as session:
        logged = session.scalars(select(ContactAccess.action)).all()
    assert set(logged) == {"export"}
