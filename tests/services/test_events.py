"""Events: letters about them, reminders, and the command that draws a list."""

import json
from datetime import timedelta

import pytest
from event_cast import Cast, make_cast, make_theme
from factories import People
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jobs.reminders import remind
from matchmaker import clock
from matchmaker.bus.deliver import deliver_due
from matchmaker.cli import main
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import Disclosure, EventState, Role
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.event_items import add_item, collect_items, remove_items, set_presented
from matchmaker.services.event_launch import launch_event
from matchmaker.services.events import move_event
from matchmaker.services.invitations import add_guest, answer_invitation, invite, plan_invitations
from matchmaker.services.pairing_lists import draw, publish_list
from matchmaker.settings import Settings, load_settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, AnswerLink, Event, EventItem, Invitation, Need, Notice

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    with database.writing() as session:
        return make_cast(session, people)


@pytest.fixture
def mailing(settings: Settings) -> Settings:
    return load_settings(
        instance="own",
        data={"folder": settings.data.folder},
        mail={"host": "127.0.0.1", "sender": "科技局 <kjj@example.com>"},
    )


def ask_everybody(database: Database, cast: Cast, *, days_ago: int = 0) -> None:
    with database.writing() as session:
        plan_invitations(session, ORGANISER, event_id=cast.event)
        invite(session, ORGANISER, event_id=cast.event)
        for row in session.scalars(select(Invitation)):
            row.invited_at = clock.now() - timedelta(days=days_ago)


def notices(database: Database, kind: str, channel: str = "mail") -> list[Notice]:
    with database.reading() as session:
        rows = session.scalars(
            select(Notice).where(Notice.kind == kind, Notice.channel == channel).order_by(Notice.id)
        ).all()
        for row in rows:
            assert row.calendar is not None or kind == "invitation_answered" or channel == "inbox"
        return list(rows)


def test_an_invitation_brings_time_place_calendar_and_a_link(
    database: Database, mailing: Settings, cast: Cast
) -> None:
    ask_everybody(database, cast)
    deliver_due(database, mailing)
    deliver_due(database, mailing)

    told = notices(database, "invitation")
    assert len(told) == 4  # two contacts, one expert, and the university without an expert by its account
    assert all(b"METHOD:REQUEST" in (notice.calendar or b"") for notice in told)
    assert all("会展中心" in notice.body and f"{mailing.public_url}/a/" in notice.body for notice in told)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnswerLink)) == 4


def test_inviting_again_invites_nobody_twice(database: Database, cast: Cast) -> None:
    ask_everybody(database, cast)
    with database.writing() as session:
        assert plan_invitations(session, ORGANISER, event_id=cast.event) == 0
        assert invite(session, ORGANISER, event_id=cast.event) == 0


@pytest.mark.parametrize(("left", "words"), [(7, "还有 7 天"), (5, "还有 5 天"), (1, "还有 1 天")])
def test_each_reminder_exists_once_however_often_the_clock_ticks(
    database: Database, mailing: Settings, cast: Cast, left: int, words: str
) -> None:
    ask_everybody(database, cast, days_ago=20)
    list_id = draw(database, ORGANISER, event_id=cast.event, limits={})
    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=list_id)
        event = session.get_one(Event, cast.event)
        event.held_on = clock.today() + timedelta(days=left)
        event.starts_at = clock.from_local(event.held_on, 14)

    for _ in range(3):
        remind(database, mailing)

    told = notices(database, "event_reminder")
    assert len(told) == 4
    assert all(words in notice.subject for notice in told)
    assert any("多弧离子镀" in notice.body and "号桌" in notice.body for notice in told)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnswerLink)) == 4


def test_nobody_is_reminded_too_early_or_right_after_the_invitation(
    database: Database, mailing: Settings, cast: Cast
) -> None:
    ask_everybody(database, cast, days_ago=20)
    remind(database, mailing)  # ten days ahead
    with database.writing() as session:
        session.get_one(Event, cast.event).held_on = clock.today() + timedelta(days=5)
        for row in session.scalars(select(Invitation)):
            row.invited_at = clock.now()
    remind(database, mailing)
    assert notices(database, "event_reminder") == []


def test_who_is_invited_as_the_event_opens_gets_an_invitation_and_no_word_of_a_change(
    database: Database, mailing: Settings, cast: Cast
) -> None:
    with database.writing() as session:
        session.get_one(Event, cast.event).status = EventState.DRAFT
    with database.writing() as session:
        launch_event(session, ORGANISER, event_id=cast.event)
    deliver_due(database, mailing)
    deliver_due(database, mailing)
    assert (len(notices(database, "invitation")), notices(database, "event_changed")) == (4, [])

    with database.writing() as session:
        move_event(session, ORGANISER, event_id=cast.event, to=EventState.POSTPONED, reason="台风")
    deliver_due(database, mailing)
    deliver_due(database, mailing)
    assert len(notices(database, "event_changed")) == 4


def test_those_who_declined_are_left_in_peace(database: Database, mailing: Settings, cast: Cast) -> None:
    ask_everybody(database, cast)
    with database.writing() as session:
        for row in session.scalars(select(Invitation)).all()[:3]:
            answer_invitation(session, ORGANISER, invitation_id=row.id, accepted=False, note="没空")
        move_event(session, ORGANISER, event_id=cast.event, to=EventState.CANCELLED, reason="台风")
    deliver_due(database, mailing)
    deliver_due(database, mailing)

    told = notices(database, "event_changed")
    assert len(told) == 1
    assert "台风" in told[0].body
    assert b"METHOD:CANCEL" in (told[0].calendar or b"")


def test_the_organisers_learn_of_answers_in_their_inbox(
    database: Database, settings: Settings, people: People, cast: Cast
) -> None:
    ask_everybody(database, cast)
    with database.writing() as session:
        row = session.scalars(select(Invitation).where(Invitation.organisation_id == people.huaxing)).one()
        answer_invitation(session, ORGANISER, invitation_id=row.id, accepted=True, note="")
    deliver_due(database, settings)
    deliver_due(database, settings)

    told = notices(database, "invitation_answered", "inbox")
    assert [notice.user_id for notice in told] == [people.organiser, people.admin]
    assert told[0].subject == "华星模具有限公司 周一诺：确认参加（模具产业专场对接会）"


def test_a_cancelled_event_takes_no_answers(database: Database, cast: Cast) -> None:
    ask_everybody(database, cast)
    with database.writing() as session:
        move_event(session, ORGANISER, event_id=cast.event, to=EventState.CANCELLED, reason="台风")
        row = session.scalars(select(Invitation)).first()
        assert row is not None
        with pytest.raises(WrongState):
            answer_invitation(session, ORGANISER, invitation_id=row.id, accepted=True)


def test_guests_cannot_organise(database: Database, people: People, cast: Cast) -> None:
    guest = Actor(user_id=people.enterprise_user, organisation_ids=frozenset({people.huaxing}))
    with database.writing() as session, pytest.raises(NotAllowed):
        plan_invitations(session, guest, event_id=cast.event)
    with database.writing() as session, pytest.raises(NotAllowed):
        move_event(session, guest, event_id=cast.event, to=EventState.POSTPONED, reason="x")


def test_a_planned_invitation_does_not_exist_for_its_guest(
    database: Database, people: People, cast: Cast
) -> None:
    guest = Actor(user_id=people.enterprise_user, organisation_ids=frozenset({people.huaxing}))
    with database.writing() as session:
        plan_invitations(session, ORGANISER, event_id=cast.event)
        row = session.scalars(select(Invitation).where(Invitation.organisation_id == people.huaxing)).one()
        with pytest.raises(NotFound):
            answer_invitation(session, guest, invitation_id=row.id, accepted=True)


def test_a_guest_by_hand_is_found_or_added_once(database: Database, people: People, cast: Cast) -> None:
    with database.writing() as session:
        rows = [
            add_guest(
                session,
                ORGANISER,
                event_id=cast.event,
                organisation_id=people.bureau,
                person_name="赵一",
                role="official",
            ).id
            for _ in range(2)
        ]
        with pytest.raises(InvalidInput, match="没有找到这个单位"):
            add_guest(
                session, ORGANISER, event_id=cast.event, organisation_id=0, person_name="", role="staff"
            )
    assert rows[0] == rows[1]


def test_an_event_is_not_held_before_its_day(database: Database, cast: Cast) -> None:
    with database.writing() as session, pytest.raises(WrongState, match="还没有到"):
        move_event(session, ORGANISER, event_id=cast.event, to=EventState.HELD)


def test_what_was_removed_by_hand_stays_away_until_it_is_added_by_hand(
    database: Database, cast: Cast
) -> None:
    def needs_there(session: Session) -> set[int]:
        rows = session.scalars(select(EventItem).where(EventItem.subject_kind == "need"))
        return {row.subject_id for row in rows}

    with database.writing() as session:
        event_id, need_id = cast.event, cast.huaxing_need
        session.get_one(Event, event_id).theme_id = make_theme(session).id
        session.get_one(Need, need_id).title = "模具钢涂层剥落"
        collect_items(session, ORGANISER, event_id=event_id)
        before = needs_there(session)
        item = session.scalars(
            select(EventItem.id).where(EventItem.subject_kind == "need", EventItem.subject_id == need_id)
        ).one()

        assert remove_items(session, ORGANISER, event_id=event_id, item_ids=[item]) == 1
        collect_items(session, ORGANISER, event_id=event_id)
        assert needs_there(session) == before - {need_id}

        assert add_item(session, ORGANISER, event_id=event_id, kind="need", subject_id=need_id)
        collect_items(session, ORGANISER, event_id=event_id)
        assert needs_there(session) == before


def test_presented_is_for_achievements_and_hand_picked_things_are_checked(
    database: Database, people: People, cast: Cast
) -> None:
    with database.writing() as session:
        ids = list(session.scalars(select(EventItem.id).order_by(EventItem.id)))
        assert set_presented(session, ORGANISER, event_id=cast.event, item_ids=ids, presented=True) == 2
        assert set_presented(session, ORGANISER, event_id=cast.event, item_ids=ids, presented=True) == 0
        session.get_one(Need, cast.huaxing_need).status = "draft"  # type: ignore[assignment]
        with pytest.raises(WrongState):
            add_item(session, ORGANISER, event_id=cast.event, kind="need", subject_id=cast.huaxing_need)
        with pytest.raises(NotFound):
            add_item(session, ORGANISER, event_id=cast.event, kind="achievement", subject_id=999)
        session.get_one(Achievement, cast.casting).disclosure = Disclosure.INTERNAL
        with pytest.raises(WrongState, match="仅限主办方内部掌握"):
            add_item(session, ORGANISER, event_id=cast.event, kind="achievement", subject_id=cast.casting)


def test_the_command_draws_publishes_and_exports(
    settings: Settings, cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MATCHMAKER_DATA__FOLDER", str(settings.data.folder))
    monkeypatch.setenv("MATCHMAKER_DATA__URL", settings.data.url)
    target = settings.data.folder / "清单.xlsx"
    words = ["pairing", str(cast.event), "--own", "--per-expert", "1", "--publish", "--export", str(target)]

    status = main([*words, "--json"])

    told = json.loads(capsys.readouterr().out)
    assert status == 0
    assert (told["served"], told["meetings"], told["published"], told["settings"]["per_expert"]) == (
        2,
        2,
        True,
        1,
    )
    assert target.read_bytes().startswith(b"PK")
    assert main(["pairing", "999", "--own"]) == 1
