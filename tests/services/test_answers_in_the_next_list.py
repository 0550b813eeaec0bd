"""What people answered to a published list, and what the next one makes of it."""

from collections.abc import Sequence

import pytest
from event_cast import Cast, make_cast, make_match
from factories import People, make_achievement
from sqlalchemy import delete, select

from matchmaker import clock
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import Grade, InvitationState, PairingState, Role
from matchmaker.services.pairing_answers import answer_pairing
from matchmaker.services.pairing_guests import unasked
from matchmaker.services.pairing_lists import draw, publish_list, set_rule
from matchmaker.settings import Settings, load_settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Event,
    EventItem,
    Invitation,
    Notice,
    Organisation,
    Pairing,
    PairingList,
    Person,
)

ORGANISER = Actor(user_id=None, name="李科", roles=frozenset({Role.ORGANISER}))


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    with database.writing() as session:
        return make_cast(session, people)


def firm(people: People) -> Actor:
    return Actor(
        user_id=people.enterprise_user,
        roles=frozenset({Role.ENTERPRISE}),
        organisation_id=people.huaxing,
        organisation_ids=frozenset({people.huaxing}),
    )


def university(people: People) -> Actor:
    return Actor(
        user_id=people.university_user,
        roles=frozenset({Role.UNIVERSITY}),
        organisation_id=people.jiangda,
        organisation_ids=frozenset({people.jiangda, people.jiangda_college}),
    )


def publish(database: Database, cast: Cast) -> Sequence[Pairing]:
    """Draw and publish one more version; return its pairings."""
    list_id = draw(database, ORGANISER, event_id=cast.event, limits={})
    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=list_id)
    with database.reading() as session:
        return session.scalars(select(Pairing).where(Pairing.list_id == list_id).order_by(Pairing.id)).all()


def of(rows: Sequence[Pairing], match_id: int) -> Pairing:
    return next(row for row in rows if row.match_id == match_id)


def say(database: Database, actor: Actor, row: Pairing, answer: str, note: str = "") -> None:
    with database.writing() as session:
        answer_pairing(session, actor, pairing_id=row.id, answer=answer, note=note)


def second_coating(database: Database, cast: Cast, people: People) -> int:
    """Put another achievement of the same expert on the table, that fits 华星's need as well."""
    with database.writing() as session:
        thing = make_achievement(session, organisation_id=people.jiangda_college, contact_id=cast.expert)
        session.add(AchievementPerson(achievement_id=thing.id, person_id=cast.expert, place=1))
        session.add(EventItem(event_id=cast.event, subject_kind="achievement", subject_id=thing.id))
        make_match(session, cast.huaxing_need, thing.id, 0.6, Grade.FAIR)
        return thing.id


@pytest.mark.parametrize("side", ["need", "achievement"])
def test_who_asks_for_another_time_gets_another_slot_and_is_asked_anew(
    database: Database, cast: Cast, people: People, side: str
) -> None:
    old = of(publish(database, cast), cast.strong)
    asks, other = (firm, university) if side == "need" else (university, firm)
    say(database, asks(people), old, "another", "三点以后可以")
    say(database, other(people), old, "accepted")

    new = of(publish(database, cast), cast.strong)

    assert new.slot is not None
    assert new.slot != old.slot
    assert {new.need_answer, new.achievement_answer} == {"", "accepted"}
    assert "三点以后可以" in new.answer_note
    again = of(publish(database, cast), cast.strong)  # a third version does not go back to the first slot
    assert again.slot == new.slot


def test_a_wish_for_another_time_stands_while_the_time_does(
    database: Database, cast: Cast, people: People
) -> None:
    old = of(publish(database, cast), cast.strong)
    say(database, firm(people), old, "another", "三点以后可以")
    with database.writing() as session:  # drawn and published before anybody could be given another slot
        row = PairingList(event_id=cast.event, number=9, settings={}, result={}, created_at=clock.now())
        session.add(row)
        session.flush()
        same = Pairing(
            list_id=row.id,
            event_id=cast.event,
            match_id=old.match_id,
            need_id=old.need_id,
            achievement_id=old.achievement_id,
            expert_id=old.expert_id,
            value=old.value,
            slot=old.slot,
            table_number=old.table_number,
            status=PairingState.SHORTLISTED,
        )
        session.add(same)
        session.flush()
        publish_list(session, ORGANISER, list_id=row.id)
        assert (same.need_answer, same.status) == ("another", PairingState.INVITED)


def test_who_turned_a_meeting_down_is_not_asked_again_by_another_achievement(
    database: Database, cast: Cast, people: People
) -> None:
    other = second_coating(database, cast, people)
    say(database, university(people), of(publish(database, cast), cast.strong), "declined", "方向不对口")

    pairs = {(row.need_id, row.expert_id) for row in publish(database, cast)}

    assert (cast.huaxing_need, cast.expert) not in pairs
    with database.writing() as session:  # by hand it can still be had
        set_rule(
            session,
            ORGANISER,
            event_id=cast.event,
            need_id=cast.huaxing_need,
            achievement_id=other,
            kind="pin",
            reason="已电话谈妥",
        )
    assert (cast.huaxing_need, other) in {
        (row.need_id, row.achievement_id) for row in publish(database, cast)
    }


def test_a_meeting_that_is_struck_does_not_come_back_by_another_achievement(
    database: Database, cast: Cast, people: People
) -> None:
    second_coating(database, cast, people)
    with database.writing() as session:
        set_rule(
            session,
            ORGANISER,
            event_id=cast.event,
            need_id=cast.huaxing_need,
            achievement_id=cast.coating,
            kind="ban",
            reason="利益冲突",
        )

    pairs = {(row.need_id, row.expert_id) for row in publish(database, cast)}

    assert (cast.huaxing_need, cast.expert) not in pairs


def test_who_accepted_is_written_to_again_only_when_time_or_table_changed(
    database: Database, settings: Settings, cast: Cast, people: People
) -> None:
    mailing = load_settings(instance="own", data={"folder": settings.data.folder}, mail={"host": "127.0.0.1"})
    old = of(publish(database, cast), cast.strong)
    for _ in range(2):
        deliver_due(database, mailing)
    say(database, firm(people), old, "accepted")
    with database.writing() as session:
        session.execute(delete(Notice))

    same = of(publish(database, cast), cast.strong)
    deliver_due(database, mailing)
    assert (same.slot, same.table_number) == (old.slot, old.table_number)
    assert letters(database, people.enterprise_user, old) == []

    say(database, university(people), same, "another", "三点以后可以")
    moved = of(publish(database, cast), cast.strong)
    deliver_due(database, mailing)
    assert moved.slot != same.slot
    (letter,) = letters(database, people.enterprise_user, old)
    assert letter.subject.startswith("洽谈时间有变")
    assert "您已接受的这场洽谈" in letter.body
    assert "/a/" in letter.body


def letters(database: Database, user_id: int, row: Pairing) -> list[Notice]:
    """Return the inbox letters to somebody about the meeting of one achievement."""
    with database.reading() as session:
        title = session.get_one(Achievement, row.achievement_id).title
        told = session.scalars(
            select(Notice).where(
                Notice.kind == "pairing_list", Notice.user_id == user_id, Notice.channel == "inbox"
            )
        ).all()
    return [notice for notice in told if title in notice.subject]


def test_who_has_a_meeting_but_was_not_asked_is_named_and_invited_with_the_list(
    database: Database, cast: Cast, people: People
) -> None:
    with database.writing() as session:
        for home, person, status in (
            (people.huaxing, people.huaxing_contact, InvitationState.INVITED),
            (people.jiangda_college, cast.expert, InvitationState.PLANNED),
        ):
            role = "enterprise" if home == people.huaxing else "expert"
            session.add(
                Invitation(
                    event_id=cast.event, organisation_id=home, person_id=person, role=role, status=status
                )
            )
    list_id = draw(database, ORGANISER, event_id=cast.event, limits={})
    with database.reading() as session:
        missing = [(one.name, one.invitation_id is not None) for one in unasked(session, list_id)]
        yuanhang, haiyuan = (
            session.get_one(Organisation, key).name for key in (people.yuanhang, people.haiyuan)
        )
    assert missing == [(yuanhang, False), ("沈知行", True), (haiyuan, False)]

    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=list_id)

    with database.reading() as session:
        guests = session.scalars(select(Invitation).where(Invitation.event_id == cast.event)).all()
        assert unasked(session, list_id) == []
    assert {(row.organisation_id, row.person_id is None) for row in guests} == {
        (people.huaxing, False),
        (people.yuanhang, False),
        (people.jiangda_college, False),
        (people.haiyuan, True),
    }
    assert {row.status for row in guests} == {InvitationState.INVITED}


def test_who_accepts_a_meeting_comes_to_the_event(database: Database, cast: Cast, people: People) -> None:
    row = of(publish(database, cast), cast.strong)

    say(database, firm(people), row, "accepted")

    with database.reading() as session:
        event = session.get_one(Event, cast.event)
        said = {
            guest.organisation_id: guest.status
            for guest in session.scalars(select(Invitation).where(Invitation.event_id == event.id))
        }
    assert said[people.huaxing] is InvitationState.ACCEPTED
    assert said[people.jiangda_college] is InvitationState.INVITED


def test_an_institution_reads_which_of_its_people_is_meant(
    database: Database, settings: Settings, cast: Cast, people: People
) -> None:
    mailing = load_settings(instance="own", data={"folder": settings.data.folder}, mail={"host": "127.0.0.1"})
    with database.writing() as session:
        session.get_one(Person, cast.expert).email = "shen@example.edu.cn"
    publish(database, cast)
    for _ in range(2):
        deliver_due(database, mailing)

    with database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "pairing_list")).all()
    ours = [notice for notice in told if "您的成果" in notice.body]
    to_clerk = [notice.body for notice in ours if notice.user_id == people.university_user]
    to_expert = [notice.body for notice in ours if notice.address == "shen@example.edu.cn"]
    assert to_clerk
    assert to_expert
    assert all("贵方专家：沈知行" in body for body in to_clerk)
    assert all("贵方专家" not in body for body in to_expert)
