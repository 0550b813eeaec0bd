"""Two sides: whom guests ask to meet, when they cannot come, and what the next draw makes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from event_cast import Cast, make_cast, make_match
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker import clock
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.states import (
    ConsentScope,
    Disclosure,
    EventState,
    Grade,
    MatchState,
    NeedState,
    PairingState,
)
from matchmaker.services.consents import has_consent
from matchmaker.services.links import Purpose, make_link
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    Event,
    EventItem,
    Invitation,
    Match,
    MeetingWish,
    Need,
    Notice,
    Pairing,
    PairingList,
)

Browser = Callable[[int], FlaskClient]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """An event whose guests have been invited, and its people's browsers."""

    cast: Cast
    office: FlaskClient
    firm: FlaskClient  # 华星
    other_firm: FlaskClient  # 远航
    university: FlaskClient  # 江大
    other_university: FlaskClient  # 海院
    database: Database

    def draw(self) -> dict[tuple[int, int], Pairing]:
        self.office.post(f"/events/{self.cast.event}/pairing/draw", data={})
        with self.database.reading() as session:
            newest = session.scalars(select(PairingList).order_by(PairingList.number.desc())).first()
            assert newest is not None
            rows = session.scalars(select(Pairing).where(Pairing.list_id == newest.id))
            return {(row.need_id, row.achievement_id): row for row in rows}

    def wish(self, browser: FlaskClient, side: str, own: int, *other: int, note: str = "") -> int:
        answer = browser.post(
            f"/events/mine/{self.cast.event}/wishes",
            data={"side": side, "own": str(own), "other": [str(key) for key in other], "note": note},
        )
        return answer.status_code


@pytest.fixture
def hall(database: Database, people: People, sign_in: Browser) -> Hall:
    with database.writing() as session:
        cast = make_cast(session, people)
    office = sign_in(people.organiser)
    office.post(f"/events/{cast.event}/people/plan")
    office.post(f"/events/{cast.event}/people/invite", data={"scope": "all"})
    return Hall(
        cast=cast,
        office=office,
        firm=sign_in(people.enterprise_user),
        other_firm=sign_in(people.other_enterprise_user),
        university=sign_in(people.university_user),
        other_university=sign_in(people.other_university_user),
        database=database,
    )


def test_a_wish_makes_a_pair_that_no_match_would_have_made(hall: Hall) -> None:
    pair = (hall.cast.yuanhang_need, hall.cast.casting)
    assert pair not in hall.draw()

    assert hall.wish(hall.other_firm, "need", *pair, note="听过他的报告") == 303
    assert hall.wish(hall.other_firm, "need", *pair) == 303

    drawn = hall.draw()[pair]
    assert drawn.value == 5_500
    assert drawn.reason == "企业点名想见（听过他的报告）"
    with hall.database.reading() as session:
        assert len(session.scalars(select(MeetingWish)).all()) == 1


def test_wishes_of_both_sides_weigh_more_and_never_break_a_ban(hall: Hall) -> None:
    cast = hall.cast
    fair = (cast.yuanhang_need, cast.coating)
    hall.wish(hall.other_firm, "need", *fair)
    hall.wish(hall.university, "achievement", cast.coating, cast.yuanhang_need)

    assert hall.draw()[fair].value == 6_000 + 2 * 1_500
    with hall.database.writing() as session:
        match = session.get_one(Match, cast.fair)
        match.status = MatchState.REJECTED
    assert fair not in hall.draw()


def test_what_is_offered_is_masked_and_what_is_not_shown_cannot_be_asked_for(
    hall: Hall, people: People
) -> None:
    with hall.database.writing() as session:
        shown = {"status": NeedState.PUBLISHED, "accepted_at": clock.now(), "field_text": "模具"}
        hidden = make_need(
            session, organisation_id=people.huaxing, disclosure=Disclosure.INTERNAL, title="绝密配方", **shown
        )
        masked = make_achievement(
            session, organisation_id=people.haiyuan, title="匿名工艺", disclosure=Disclosure.MASKED
        )
        for kind, row in (("need", hidden), ("achievement", masked)):
            session.add(EventItem(event_id=hall.cast.event, subject_kind=kind, subject_id=row.id))
    at = f"/events/mine/{hall.cast.event}/wishes"

    seen = text_of(hall.university.get(at))
    assert "金属表面处理" in seen
    for secret in ("华星", "远航", "汽配表面处理", "绝密配方", "周一诺"):
        assert secret not in seen
    offered = text_of(hall.firm.get(at))
    assert "匿名工艺" in offered
    assert "某高校" in offered or "某高等院校" in offered
    assert "真空压铸工艺" in offered
    assert hall.wish(hall.university, "achievement", hall.cast.coating, hidden.id) == 404
    assert hall.wish(hall.university, "need", hall.cast.huaxing_need, hall.cast.coating) == 404
    assert hall.wish(hall.firm, "need", hall.cast.yuanhang_need, hall.cast.coating) == 404


def test_who_is_not_asked_to_the_event_has_no_page_of_wishes(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        cast = make_cast(session, people)

    assert sign_in(people.enterprise_user).get(f"/events/mine/{cast.event}/wishes").status_code == 404
    assert sign_in(people.enterprise_user).get(f"/events/mine/{cast.event}/calendar.ics").status_code == 404


def test_at_most_five_wishes_and_at_least_one(hall: Hall, people: People) -> None:
    with hall.database.writing() as session:
        more = [
            make_achievement(session, organisation_id=people.haiyuan, title=f"工艺{number}").id
            for number in range(6)
        ]
        for key in more:
            session.add(EventItem(event_id=hall.cast.event, subject_kind="achievement", subject_id=key))

    assert hall.wish(hall.firm, "need", hall.cast.huaxing_need) == 422
    assert hall.wish(hall.firm, "need", hall.cast.huaxing_need, *more) == 422
    assert hall.wish(hall.firm, "need", hall.cast.huaxing_need, *more[:5]) == 303
    assert hall.wish(hall.firm, "need", hall.cast.huaxing_need, more[5]) == 422


def test_a_wish_is_taken_back_by_its_own_side_only(hall: Hall) -> None:
    hall.wish(hall.firm, "need", hall.cast.huaxing_need, hall.cast.casting)
    with hall.database.reading() as session:
        wish = session.scalars(select(MeetingWish)).one()

    assert hall.other_firm.post(f"/events/mine/wishes/{wish.id}/drop").status_code == 404
    assert hall.university.post(f"/events/mine/wishes/{wish.id}/drop").status_code == 404
    assert hall.firm.post(f"/events/mine/wishes/{wish.id}/drop").status_code == 303
    with hall.database.reading() as session:
        assert session.scalars(select(MeetingWish)).all() == []


def invitation_of(hall: Hall, organisation_id: int) -> int:
    with hall.database.reading() as session:
        return session.scalars(
            select(Invitation.id).where(Invitation.organisation_id == organisation_id)
        ).one()


def test_a_guest_is_not_placed_in_the_slots_that_do_not_suit(hall: Hall, people: People) -> None:
    key = invitation_of(hall, people.huaxing)
    at = f"/events/mine/invitations/{key}/away"

    assert hall.other_firm.post(at, data={"slot": ["1"]}).status_code == 404
    assert hall.firm.post(at, data={"slot": ["1", "2"]}).status_code == 303
    drawn = hall.draw()

    slots = {row.slot for pair, row in drawn.items() if pair[0] == hall.cast.huaxing_need}
    assert slots == {3}
    assert len([pair for pair in drawn if pair[0] == hall.cast.huaxing_need]) == 1
    page = text_of(hall.firm.get(f"/events/mine/{hall.cast.event}/wishes"))
    assert "14:00–14:20" in page


def test_two_who_share_no_slot_do_not_meet_and_it_is_said_why(hall: Hall, people: People) -> None:
    firm, expert = invitation_of(hall, people.yuanhang), invitation_of(hall, people.jiangda_college)
    hall.other_firm.post(f"/events/mine/invitations/{firm}/away", data={"slot": ["1"]})
    hall.university.post(f"/events/mine/invitations/{expert}/away", data={"slot": ["2", "3"]})

    assert (hall.cast.yuanhang_need, hall.cast.coating) not in hall.draw()
    with hall.database.reading() as session:
        result = session.scalars(select(PairingList).order_by(PairingList.id.desc())).first()
        assert result is not None
        unserved = result.result["unserved"]
        assert result.result["certificate"]["checked"]
    assert [one["name"] for one in unserved] == ["远航汽配有限公司"]
    assert "双方没有都方便的时段" in unserved[0]["reason"]


def test_who_can_never_come_is_told_to_say_no(hall: Hall, people: People) -> None:
    key = invitation_of(hall, people.huaxing)

    answer = hall.firm.post(
        f"/events/mine/invitations/{key}/away", data={"slot": ["1", "2", "3"]}, follow_redirects=True
    )

    assert "不能参加" in text_of(answer)
    with hall.database.reading() as session:
        assert session.get_one(Invitation, key).away_slots == []


def test_after_the_event_nothing_is_wished(hall: Hall) -> None:
    with hall.database.writing() as session:
        session.get_one(Event, hall.cast.event).status = EventState.HELD

    assert hall.wish(hall.firm, "need", hall.cast.huaxing_need, hall.cast.casting) == 409
    assert "已经结束" in text_of(hall.firm.get(f"/events/mine/{hall.cast.event}/wishes"))


def published(hall: Hall) -> dict[tuple[int, int], Pairing]:
    drawn = hall.draw()
    hall.office.post(f"/events/{hall.cast.event}/pairing/{next(iter(drawn.values())).list_id}/publish")
    return drawn


def test_contacts_open_when_both_accept_and_both_have_ticked(hall: Hall) -> None:
    mine = published(hall)[hall.cast.huaxing_need, hall.cast.coating]
    at = f"/events/mine/pairings/{mine.id}"
    assert "同意双方都接受后互换联系方式" in text_of(hall.firm.get("/events/mine"))

    hall.firm.post(at, data={"answer": "accepted", "share": "1"})
    hall.university.post(at, data={"answer": "accepted"})
    seen_by_university, seen_by_firm = (
        text_of(browser.get("/events/mine")) for browser in (hall.university, hall.firm)
    )

    assert "周一诺" in seen_by_university
    assert "由主办方转达" in seen_by_firm
    with hall.database.reading() as session:
        scope = ConsentScope.CONTACT_AFTER_ACCEPT
        assert has_consent(session, "need", hall.cast.huaxing_need, scope)
        assert not has_consent(session, "achievement", hall.cast.coating, scope)
    hall.university.post(at, data={"answer": "accepted", "share": "1"})
    assert "沈知行" in text_of(hall.firm.get("/events/mine"))


def test_letters_about_an_early_meeting_name_the_day_on_which_it_is(hall: Hall, settings: Settings) -> None:
    with hall.database.writing() as session:
        event = session.get_one(Event, hall.cast.event)
        event.starts_at = clock.from_local(event.held_on, 7)
        day = event.held_on
    published(hall)
    while deliver_due(hall.database, settings):
        pass

    with hall.database.reading() as session:
        letters = session.scalars(select(Notice.body).where(Notice.kind == "pairing_list")).all()
    assert letters
    assert all(f"{day:%Y年%m月%d日} 07:" in letter for letter in letters)


def test_a_masked_owner_is_named_to_the_firm_only_when_both_accept(hall: Hall) -> None:
    import icalendar

    with hall.database.writing() as session:
        session.get_one(Achievement, hall.cast.coating).disclosure = Disclosure.MASKED
    mine = published(hall)[hall.cast.huaxing_need, hall.cast.coating]

    def told() -> tuple[bool, bool]:
        sent = hall.firm.get(f"/events/mine/{hall.cast.event}/calendar.ics").data
        entries = icalendar.Calendar.from_ical(sent).walk("VEVENT")
        page = text_of(hall.firm.get("/events/mine"))
        assert "多弧离子镀" in page
        return "江州大学" in page, any("江州大学" in str(entry["description"]) for entry in entries[1:])

    assert told() == (False, False)
    assert [_warnings(browser) for browser in (hall.firm, hall.university)] == [2, 2]
    for browser in (hall.firm, hall.university):
        browser.post(f"/events/mine/pairings/{mine.id}", data={"answer": "accepted"})
    assert told() == (True, True)
    assert [_warnings(browser) for browser in (hall.firm, hall.university)] == [1, 1]


def test_a_masked_firm_is_named_in_the_experts_calendar_only_when_both_accept(hall: Hall) -> None:
    import icalendar

    with hall.database.writing() as session:
        session.get_one(Need, hall.cast.huaxing_need).disclosure = Disclosure.MASKED
    mine = published(hall)[hall.cast.huaxing_need, hall.cast.coating]

    def named() -> bool:
        sent = hall.university.get(f"/events/mine/{hall.cast.event}/calendar.ics").data
        entries = icalendar.Calendar.from_ical(sent).walk("VEVENT")
        return any("华星" in str(entry["description"]) for entry in entries[1:])

    assert not named()
    hall.firm.post(f"/events/mine/pairings/{mine.id}", data={"answer": "accepted"})
    assert not named()
    hall.university.post(f"/events/mine/pairings/{mine.id}", data={"answer": "accepted"})
    assert named()


def _warnings(browser: FlaskClient) -> int:
    """Count the meetings that would tell the other side whom one hides."""
    return browser.get("/events/mine").text.count("您选择了隐藏单位名称")


def test_a_proposal_behind_a_meeting_is_linked_only_where_it_opens(hall: Hall) -> None:
    with hall.database.writing() as session:
        session.get_one(Need, hall.cast.huaxing_need).disclosure = Disclosure.TARGETED
        session.get_one(Achievement, hall.cast.coating).disclosure = Disclosure.TARGETED
    published(hall)
    link = f'href="/matches/{hall.cast.strong}"'
    sides = (hall.firm, hall.university)

    assert [link in browser.get("/events/mine").text for browser in sides] == [False, False]
    hall.office.post(f"/matches/{hall.cast.strong}/shortlist")
    assert [link in browser.get("/events/mine").text for browser in sides] == [True, True]
    assert [browser.get(f"/matches/{hall.cast.strong}").status_code for browser in sides] == [200, 200]


def test_a_no_comes_with_its_reason_and_counts_in_the_next_draw(hall: Hall) -> None:
    pair = (hall.cast.huaxing_need, hall.cast.coating)
    at = f"/events/mine/pairings/{published(hall)[pair].id}"

    hall.firm.post(at, data={"answer": "declined"})
    hall.firm.post(at, data={"answer": "declined", "note": "已与他人签约"})

    with hall.database.reading() as session:
        row = session.scalars(select(Pairing).where(Pairing.status == PairingState.DECLINED)).one()
    assert row.answer_note == "企业：已与他人签约"
    assert pair not in hall.draw()


def test_ones_calendar_has_the_day_and_ones_own_meetings(hall: Hall) -> None:
    import icalendar

    published(hall)
    answer = hall.university.get(f"/events/mine/{hall.cast.event}/calendar.ics")
    entries = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")

    assert answer.mimetype == "text/calendar"
    assert str(entries[0]["summary"]) == "模具产业专场对接会"
    assert len(entries) == 3
    assert "华星" not in answer.get_data(as_text=True)
    assert all("号桌" in str(entry["location"]) for entry in entries[1:])


def test_a_weak_pair_that_was_asked_for_keeps_its_reasons(hall: Hall) -> None:
    cast = hall.cast
    with hall.database.writing() as session:
        make_match(session, cast.yuanhang_need, cast.casting, 0.2, Grade.WEAK)
    hall.wish(hall.other_firm, "need", cast.yuanhang_need, cast.casting)

    drawn = hall.draw()[cast.yuanhang_need, cast.casting]

    assert drawn.match_id is not None
    assert drawn.reason.startswith("企业点名想见；")


def test_the_link_in_a_mail_asks_for_the_tick_until_it_was_given(hall: Hall, settings: Settings) -> None:
    mine = published(hall)[hall.cast.huaxing_need, hall.cast.coating]
    with hall.database.writing() as session:
        address = make_link(session, settings, purpose=Purpose.PAIRING, subject_id=mine.id, side="need")
    first = urlsplit(address).path
    anybody = hall.office.application.test_client()

    page = text_of(anybody.get(first))
    answer = text_of(anybody.post(first, data={"choice": "accepted_with_contact"}))

    assert "接受，并同意双方都接受后互换联系方式" in page
    assert "接受，联系方式由主办方转达" in page
    assert "已记下您接受这场洽谈" in answer
    with hall.database.reading() as session:
        assert session.get_one(Pairing, mine.id).need_answer == "accepted"
        assert has_consent(session, "need", hall.cast.huaxing_need, ConsentScope.CONTACT_AFTER_ACCEPT)
