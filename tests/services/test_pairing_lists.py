"""Drawing, comparing, publishing and answering pairing lists."""

import io
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from event_cast import Cast, make_cast, make_event, make_list
from factories import People
from sqlalchemy import select

from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import ConsentScope, InvitationState, MatchState, PairingState, Role
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.consents import record_consents
from matchmaker.services.pairing_answers import answer_pairing
from matchmaker.services.pairing_export import handout_edition, internal_edition
from matchmaker.services.pairing_lists import draw, publish_list, set_rule
from matchmaker.services.pairing_rows import COLUMNS
from matchmaker.settings import Settings, load_settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    AnswerLink,
    ContactAccess,
    Event,
    Invitation,
    Match,
    Message,
    Notice,
    Pairing,
    PairingList,
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


def drawn(database: Database, cast: Cast, **limits: int | None) -> int:
    return draw(database, ORGANISER, event_id=cast.event, limits=limits)


def ban(database: Database, cast: Cast, *, need_id: int, achievement_id: int) -> None:
    with database.writing() as session:
        set_rule(
            session,
            ORGANISER,
            event_id=cast.event,
            need_id=need_id,
            achievement_id=achievement_id,
            kind="ban",
            reason="利益冲突",
        )


def pairs(database: Database, list_id: int) -> Sequence[Pairing]:
    with database.reading() as session:
        return session.scalars(select(Pairing).where(Pairing.list_id == list_id).order_by(Pairing.id)).all()


def keys(rows: Sequence[Pairing]) -> list[tuple[int, int]]:
    return [(row.need_id, row.achievement_id) for row in rows]


def test_a_draw_serves_everybody_proves_it_and_places_the_meetings(database: Database, cast: Cast) -> None:
    list_id = drawn(database, cast)

    rows = pairs(database, list_id)
    assert keys(rows) == [
        (cast.huaxing_need, cast.casting),
        (cast.huaxing_need, cast.coating),
        (cast.yuanhang_need, cast.coating),
    ]
    assert [row.expert_id for row in rows] == [None, cast.expert, cast.expert]
    assert {row.status for row in rows} == {PairingState.SHORTLISTED}
    assert all(row.slot in (1, 2, 3) and row.table_number in (1, 2) for row in rows)
    of_expert = [row.slot for row in rows if row.expert_id == cast.expert]
    assert len(set(of_expert)) == 2
    with database.reading() as session:
        result = session.get_one(PairingList, list_id).result
    assert (result["served"], result["enterprises"], result["meetings"]) == (2, 2, 3)
    assert result["certificate"]["checked"]
    assert result["certificate"]["faults"] == []


def test_drawing_again_gives_the_same_pairs_in_a_new_version(database: Database, cast: Cast) -> None:
    first, second = drawn(database, cast), drawn(database, cast)

    assert keys(pairs(database, first)) == keys(pairs(database, second))
    with database.reading() as session:
        assert list(session.scalars(select(PairingList.number).order_by(PairingList.id))) == [1, 2]


def test_tighter_caps_still_serve_both_and_say_what_it_costs(database: Database, cast: Cast) -> None:
    list_id = drawn(database, cast, per_expert=1, per_enterprise=1)

    assert keys(pairs(database, list_id)) == [
        (cast.huaxing_need, cast.casting),
        (cast.yuanhang_need, cast.coating),
    ]
    with database.reading() as session:
        price = session.get_one(PairingList, list_id).result["price"]
    assert price["served"] == 2


def test_promised_meetings_that_cannot_be_kept_are_named_with_the_reason(
    database: Database, cast: Cast
) -> None:
    list_id = drawn(database, cast, least_per_enterprise=2)

    with database.reading() as session:
        row = session.get_one(PairingList, list_id)
    assert row.settings["least_per_enterprise"] == 2
    assert [(one["met"], one["minimum"], one["reason"]) for one in row.result["short"]] == [
        (1, 2, "可谈的专家只有 1 位，不够保底 2 场；请补充候选或调低保底。")
    ]
    assert row.result["certificate"]["checked"]


def test_an_enterprise_meets_one_university_no_more_often_than_the_version_allows(
    database: Database, cast: Cast
) -> None:
    with database.writing() as session:  # both achievements of one house
        coating, casting = (session.get_one(Achievement, key) for key in (cast.coating, cast.casting))
        coating.organisation_id = casting.organisation_id

    freely, capped = drawn(database, cast), drawn(database, cast, per_university=1)

    of_huaxing = [
        [key for key in keys(pairs(database, one)) if key[0] == cast.huaxing_need] for one in (freely, capped)
    ]
    assert [len(met) for met in of_huaxing] == [2, 1]


def test_an_enterprise_that_cannot_be_served_is_named_with_the_reason(database: Database, cast: Cast) -> None:
    ban(database, cast, need_id=cast.yuanhang_need, achievement_id=cast.coating)

    list_id = drawn(database, cast)

    with database.reading() as session:
        unserved = session.get_one(PairingList, list_id).result["unserved"]
    assert [entry["name"] for entry in unserved] == ["远航汽配有限公司"]
    assert "利益冲突" in unserved[0]["reason"]


def test_a_pin_is_kept_whatever_its_value(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        set_rule(
            session,
            ORGANISER,
            event_id=cast.event,
            need_id=cast.yuanhang_need,
            achievement_id=cast.casting,
            kind="pin",
            reason="领导点名",
        )

    rows = pairs(database, drawn(database, cast))

    pinned = [row for row in rows if row.pinned]
    assert keys(pinned) == [(cast.yuanhang_need, cast.casting)]
    assert (pinned[0].value, pinned[0].reason) == (0, "指定：领导点名")


def test_a_rule_without_a_reason_is_refused(database: Database, cast: Cast) -> None:
    with database.writing() as session, pytest.raises(InvalidInput, match="写一句原因"):
        set_rule(
            session,
            ORGANISER,
            event_id=cast.event,
            need_id=cast.huaxing_need,
            achievement_id=cast.coating,
            kind="ban",
            reason=" ",
        )


@pytest.mark.parametrize("why", ["rejected", "not current", "declined invitation", "met before"])
def test_what_must_not_meet_again_is_left_out(
    database: Database, people: People, cast: Cast, why: str
) -> None:
    with database.writing() as session:
        match = session.get_one(Match, cast.fair)
        if why == "rejected":
            match.status = MatchState.REJECTED
        elif why == "not current":
            match.current = False
        elif why == "declined invitation":
            guest = Invitation(
                event_id=cast.event,
                organisation_id=people.yuanhang,
                role="enterprise",
                status=InvitationState.DECLINED,
            )
            session.add(guest)
        else:
            other = make_event(session, title="去年的专场")
            earlier = make_list(session, other.id)
            session.add(
                Pairing(
                    list_id=earlier.id,
                    event_id=other.id,
                    need_id=cast.yuanhang_need,
                    achievement_id=cast.coating,
                    expert_id=cast.expert,
                    status=PairingState.MET,
                )
            )

    rows = pairs(database, drawn(database, cast))

    assert (cast.yuanhang_need, cast.coating) not in keys(rows)


def test_an_empty_table_is_refused_with_what_to_do(database: Database, people: People) -> None:
    with database.writing() as session:
        event_id = make_event(session).id
    with pytest.raises(InvalidInput, match="本场还没有可以配对的需求"):
        draw(database, ORGANISER, event_id=event_id, limits={})


def test_only_the_organiser_draws(database: Database, people: People, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        draw(database, firm(people), event_id=cast.event, limits={})


def test_publishing_freezes_and_tells_both_sides(
    database: Database, settings: Settings, cast: Cast, people: People
) -> None:
    mailing = load_settings(instance="own", data={"folder": settings.data.folder}, mail={"host": "127.0.0.1"})
    list_id = drawn(database, cast)
    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=list_id)
    with database.writing() as session, pytest.raises(WrongState):
        publish_list(session, ORGANISER, list_id=list_id)

    deliver_due(database, mailing)
    deliver_due(database, mailing)

    assert {row.status for row in pairs(database, list_id)} == {PairingState.INVITED}
    with database.reading() as session:
        told = session.scalars(
            select(Notice).where(Notice.kind == "pairing_list", Notice.channel == "mail").order_by(Notice.id)
        ).all()
        links = session.scalars(select(AnswerLink).order_by(AnswerLink.id)).all()
        calendars = [notice.calendar for notice in told]
    # three pairings, two sides each; nobody had been asked to the event before
    assert Counter(link.purpose for link in links) == {"pairing": 6, "invitation": 4}
    assert all(calendar and b"METHOD:REQUEST" in calendar for calendar in calendars)
    to_university = [notice for notice in told if "对方需求" in notice.body]
    assert to_university
    assert all("华星" not in notice.body and "远航" not in notice.body for notice in to_university)
    assert all("/a/" in notice.body for notice in told)


def test_a_new_version_tells_those_whose_meeting_is_gone_and_calendars_follow(
    database: Database, settings: Settings, cast: Cast, people: People
) -> None:
    mailing = load_settings(instance="own", data={"folder": settings.data.folder}, mail={"host": "127.0.0.1"})
    pairing = published(database, cast)
    for _ in range(2):
        deliver_due(database, mailing)
    say(database, firm(people), pairing.id, "accepted")
    (turned_down,) = [row for row in pairs(database, pairing.list_id) if row.match_id == cast.fair]
    say(database, university(people), turned_down.id, "declined", "已独家许可")
    deliver_due(database, mailing)
    ban(database, cast, need_id=cast.huaxing_need, achievement_id=cast.coating)
    published_anew = drawn(database, cast)
    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=published_anew)

    for _ in range(2):
        deliver_due(database, mailing)

    with database.reading() as session:
        of_lists = select(Notice).where(Notice.kind.in_(("pairing_list", "pairing_dropped")))
        told = session.scalars(of_lists.order_by(Notice.id)).all()
        heard: dict[str, set[tuple[int, str]]] = {}
        for uid, sequence, status in (appointment(notice) for notice in told if notice.channel == "mail"):
            heard.setdefault(uid, set()).add((sequence, status))
        first = session.get_one(Event, cast.event).version + 1
    gone = [notice for notice in told if notice.kind == "pairing_dropped"]
    told_inside = [notice.user_id for notice in gone if notice.channel == "inbox"]
    assert sorted(key for key in told_inside if key) == [
        people.enterprise_user,
        people.other_enterprise_user,  # the university said no itself
        people.university_user,
    ]
    assert all("取消" in notice.subject and "华星" not in notice.subject for notice in gone)
    for need_id in (cast.huaxing_need, cast.yuanhang_need):
        gone_uid = f"event-{cast.event}-need-{need_id}-achievement-{cast.coating}@matchmaker"
        assert heard.pop(gone_uid) == {(first, "CONFIRMED"), (first + 1, "CANCELLED")}
    assert list(heard.values()) == [{(first, "CONFIRMED"), (first + 1, "CONFIRMED")}] * len(heard)
    assert heard


def appointment(notice: Notice) -> tuple[str, int, str]:
    """Return uid, sequence and status of the meeting in a notice's calendar file."""
    import icalendar

    assert notice.calendar is not None
    entry = icalendar.Calendar.from_ical(notice.calendar).walk("VEVENT")[0]
    return str(entry["uid"]), int(entry["sequence"]), str(entry["status"])


def published(database: Database, cast: Cast) -> Pairing:
    list_id = drawn(database, cast)
    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=list_id)
    return next(row for row in pairs(database, list_id) if row.match_id == cast.strong)


def say(database: Database, actor: Actor, pairing_id: int, answer: str, note: str = "") -> None:
    with database.writing() as session:
        answer_pairing(session, actor, pairing_id=pairing_id, answer=answer, note=note)


def state_of(database: Database, pairing_id: int) -> tuple[PairingState, str]:
    with database.reading() as session:
        row = session.get_one(Pairing, pairing_id)
        return row.status, row.answer_note


def test_two_yeses_open_the_contacts_as_far_as_consent_goes(
    database: Database, settings: Settings, cast: Cast, people: People
) -> None:
    pairing = published(database, cast)
    with database.writing() as session:
        record_consents(
            session,
            firm(people),
            subject_kind="need",
            subject_id=cast.huaxing_need,
            ticks={ConsentScope.CONTACT_AFTER_ACCEPT: True},
            channel="web_form",
        )
    say(database, firm(people), pairing.id, "accepted")
    assert state_of(database, pairing.id)[0] is PairingState.ACCEPTED_NEED
    say(database, firm(people), pairing.id, "accepted")
    say(database, university(people), pairing.id, "accepted")
    assert state_of(database, pairing.id)[0] is PairingState.ACCEPTED_BOTH

    deliver_due(database, settings)

    with database.reading() as session:
        answered = session.scalars(select(Message).where(Message.name == "PairingAnswered")).all()
        told = session.scalars(select(Notice).where(Notice.kind == "pairing_accepted")).all()
    bodies = {notice.user_id: notice.body for notice in told}
    assert len(answered) == 2
    assert "周一诺" in bodies[people.university_user]
    assert "由主办方转达" in bodies[people.enterprise_user]
    assert "沈知行" not in bodies[people.enterprise_user]


def test_a_no_needs_a_reason_and_is_final_until_taken_back(
    database: Database, cast: Cast, people: People
) -> None:
    pairing = published(database, cast)
    with pytest.raises(InvalidInput, match="原因"):
        say(database, firm(people), pairing.id, "declined")
    say(database, firm(people), pairing.id, "declined", "已另找到供应商")
    assert state_of(database, pairing.id) == (PairingState.DECLINED, "企业：已另找到供应商")
    say(database, firm(people), pairing.id, "accepted")
    assert state_of(database, pairing.id)[0] is PairingState.ACCEPTED_NEED


def test_another_time_leaves_the_pairing_open(database: Database, cast: Cast, people: People) -> None:
    pairing = published(database, cast)
    say(database, university(people), pairing.id, "another", "下周三以后")
    assert state_of(database, pairing.id) == (PairingState.INVITED, "院校：下周三以后")


def test_strangers_and_drafts_cannot_be_answered(database: Database, cast: Cast, people: People) -> None:
    stranger = Actor(user_id=1, organisation_id=people.bureau, organisation_ids=frozenset({people.bureau}))
    draft = pairs(database, drawn(database, cast))[0]
    with pytest.raises(NotFound):
        say(database, firm(people), draft.id, "accepted")
    with pytest.raises(NotFound):
        say(database, stranger, published(database, cast).id, "accepted")


def test_a_new_version_keeps_accepted_pairs_and_carries_answers_over(
    database: Database, cast: Cast, people: People
) -> None:
    old = published(database, cast)
    say(database, firm(people), old.id, "accepted")
    say(database, university(people), old.id, "accepted")

    list_id = drawn(database, cast, per_enterprise=1, per_expert=1)
    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=list_id)

    new = {row.match_id: row for row in pairs(database, list_id)}
    assert new[cast.strong].status is PairingState.ACCEPTED_BOTH
    with database.reading() as session:
        replaced = session.scalars(
            select(Pairing.status).where(Pairing.list_id == old.list_id, Pairing.id != old.id)
        ).all()
    assert set(replaced) == {PairingState.REJECTED}


def sheet(content: bytes) -> list[list[Any]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_the_internal_edition_is_marked_and_logged(database: Database, cast: Cast) -> None:
    list_id = drawn(database, cast)
    with database.writing() as session, pytest.raises(InvalidInput, match="用途"):
        internal_edition(session, ORGANISER, list_id=list_id, purpose=" ")
    with database.writing() as session:
        rows = sheet(internal_edition(session, ORGANISER, list_id=list_id, purpose="当天签到联系"))

    assert "导出人：李科" in rows[0][0]
    assert "用途：当天签到联系" in rows[0][0]
    assert rows[1] == [*(column.header for column in COLUMNS), "行标识（勿改）"]
    text = str(rows[2:])
    assert "周一诺" in text
    assert "华星模具有限公司" in text
    with database.reading() as session:
        logged = session.scalars(select(ContactAccess)).all()
    assert {row.action for row in logged} == {"export"}
    assert len(logged) == 3


def test_the_handout_names_nobody_who_is_not_disclosed(database: Database, cast: Cast) -> None:
    list_id = drawn(database, cast)
    with database.reading() as session:
        rows = sheet(handout_edition(session, ORGANISER, list_id=list_id))

    text = str(rows)
    for secret in ("华星", "远航", "周一诺", "何适", "压铸模具涂层", "两万模次", "“涂层”"):
        assert secret not in text
    assert "金属表面处理" in text
    assert "技术领域一致：新材料" in text


def test_the_handout_lists_no_meeting_that_one_side_has_turned_down(
    database: Database, cast: Cast, people: People
) -> None:
    list_id = published(database, cast).list_id
    declined = next(row for row in pairs(database, list_id) if row.match_id == cast.weak)
    say(database, firm(people), declined.id, "declined", note="已有供应商")

    with database.writing() as session:
        rows = sheet(handout_edition(session, ORGANISER, list_id=list_id))
        inside = sheet(internal_edition(session, ORGANISER, list_id=list_id, purpose="核对"))

    assert [row[0] for row in rows[2:]] == [1, 2]
    assert "真空压铸工艺" not in str(rows)
    assert "真空压铸工艺" in str(inside)


def test_held_events_are_not_paired_any_more(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        session.get_one(Event, cast.event).status = "held"  # type: ignore[assignment]
    with pytest.raises(WrongState):
        drawn(database, cast)


def test_a_page_that_gets_ready_for_a_draw_loads_only_what_every_draw_needs() -> None:
    program = """
import sys, threading
from matchmaker.services.pairing_lists import get_ready
get_ready()
for one in threading.enumerate():
    if one is not threading.current_thread():
        one.join()
heavy = ("ortools.graph.python.min_cost_flow", "scipy.optimize", "ortools.sat.python.cp_model")
print([name in sys.modules for name in heavy])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[True, False, False]"
