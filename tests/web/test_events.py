"""The pages about events, seen by the organiser, the guests, and strangers."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from event_cast import Cast, make_cast, make_event, make_match, make_theme
from factories import People, make_achievement, make_need, make_person
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import event as sql_event
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.states import EventState, Grade, InvitationState, NeedState, PairingState
from matchmaker.errors import WrongState
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    AchievementPerson,
    Campaign,
    Event,
    EventItem,
    Invitation,
    Need,
    Pairing,
    PairingList,
    PairingRule,
)
from matchmaker.store.tables import Message as MessageRow

Browser = Callable[[int], FlaskClient]
FORM = {
    "title": "模具产业专场对接会",
    "kind": "themed",
    "held_on": "2031-03-12",
    "start": "14:00",
    "venue": "会展中心",
    "town": "临江街道",
    "capacity": "60",
    "tables": "8",
    "slots": "6",
    "slot_minutes": "20",
    "per_enterprise": "3",
    "per_expert": "6",
}


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    with database.writing() as session:
        return make_cast(session, people)


def only_event(database: Database) -> Event:
    with database.reading() as session:
        return session.scalars(select(Event)).one()


def test_the_organiser_plans_an_event_and_fills_its_table_by_theme(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        theme = make_theme(session).id
        make_need(session, organisation_id=people.huaxing, status=NeedState.PUBLISHED, title="压铸模寿命")
        make_need(
            session,
            organisation_id=people.huaxing,
            status=NeedState.PUBLISHED,
            title="海水养殖尾水处理",
            problem="氨氮超标，模具厂旁边的池塘也受影响。",
            key_points="氨氮≤2mg/L",
        )
        make_achievement(session, organisation_id=people.jiangda, title="模具涂层")
    browser = sign_in(people.organiser)

    created = browser.post("/events/new", data=FORM | {"theme_id": str(theme)})
    event = only_event(database)
    browser.post(f"/events/{event.id}/items/collect")
    browser.post(f"/events/{event.id}/items/collect")

    assert created.location == f"/events/{event.id}/items"
    assert (event.status, clock.local(event.starts_at).hour, event.tables) == (EventState.DRAFT, 14, 8)
    with database.reading() as session:
        kinds = list(session.scalars(select(EventItem.subject_kind).order_by(EventItem.subject_kind)))
    assert kinds == ["achievement", "need"]
    page = text_of(browser.get(f"/events/{event.id}/items"))
    assert "压铸模寿命" in page
    assert "海水养殖" not in page
    assert "模具涂层" in page


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-24", []),
        ("2026-11-29", ["2026-11-29（周日）是周末，不上班"]),
        ("2026-10-01", ["2026-10-01（周四）是节假日，不上班"]),
        ("2026-10-10", []),  # a Saturday that is worked for the holiday before
    ],
)
def test_an_event_on_a_day_off_is_taken_with_a_remark(
    people: People, sign_in: Browser, day: str, said: list[str]
) -> None:
    browser = sign_in(people.organiser)

    page = text_of(browser.post("/events/new", data=FORM | {"held_on": day}, follow_redirects=True))

    assert re.findall(r"2026-\d\d-\d\d（周.）是[^，]+，不上班", page) == said


def test_a_form_with_problems_names_them_all_and_keeps_the_words(people: People, sign_in: Browser) -> None:
    response = sign_in(people.organiser).post(
        "/events/new", data=FORM | {"held_on": "哪天", "tables": "0", "title": "", "venue": "老礼堂"}
    )

    page = text_of(response)
    assert response.status_code == 422
    for words in ("请填写活动名称", "请填写举办日期", "洽谈桌数请填", "老礼堂"):
        assert words in page


def test_a_stale_form_is_refused(database: Database, people: People, cast: Cast, sign_in: Browser) -> None:
    browser = sign_in(people.organiser)
    version = str(only_event(database).version)
    assert browser.post(f"/events/{cast.event}/edit", data=FORM | {"version": version}).status_code == 303
    stale = browser.post(f"/events/{cast.event}/edit", data=FORM | {"version": version, "title": "旧"})
    assert stale.status_code == 409
    with database.reading() as session:
        told = session.scalars(select(MessageRow.name)).all()
    assert told == ["EventChanged"]


def test_an_event_is_put_off_only_with_a_reason(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    assert browser.post(f"/events/{cast.event}/state", data={"to": "postponed"}).status_code == 422
    browser.post(f"/events/{cast.event}/state", data={"to": "postponed", "note": "台风"})
    assert only_event(database).status is EventState.POSTPONED
    assert "台风" in text_of(browser.get(f"/events/{cast.event}"))
    assert browser.post(f"/events/{cast.event}/state", data={"to": "held"}).status_code == 409


def test_a_copy_starts_over(database: Database, people: People, cast: Cast, sign_in: Browser) -> None:
    sign_in(people.organiser).post(f"/events/{cast.event}/clone")
    with database.reading() as session:
        rows = session.scalars(select(Event).order_by(Event.id)).all()
    assert [row.held_on - rows[0].held_on for row in rows] == [timedelta(0), timedelta(days=7)]
    assert [(row.title, row.status, row.tables) for row in rows] == [
        ("模具产业专场对接会", EventState.OPEN, 2),
        ("模具产业专场对接会（复制）", EventState.DRAFT, 2),
    ]


def test_the_list_groups_by_week_and_filters(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    with database.writing() as session:
        day = clock.today() - timedelta(days=30)
        make_event(session, title="灯具会诊", status=EventState.HELD, held_on=day)
    browser = sign_in(people.organiser)

    assert "灯具会诊" in text_of(browser.get("/events"))
    assert "灯具会诊" not in text_of(browser.get("/events?state=open"))
    assert "灯具会诊" not in text_of(browser.get("/events?when=ahead"))
    assert "模具产业专场" not in text_of(browser.get("/events?q=灯具"))


def test_the_next_event_stands_first_and_the_past_comes_last(
    database: Database, people: People, sign_in: Browser
) -> None:
    days = {"上月": -30, "上周": -8, "今天": 0, "明天": 1, "下月": 30}
    with database.writing() as session:
        for title, ahead in days.items():
            make_event(session, title=f"{title}专场", held_on=clock.today() + timedelta(days=ahead))
    page = text_of(sign_in(people.organiser).get("/events"))

    assert sorted(days, key=lambda title: page.index(f"{title}专场")) == [
        "今天",
        "明天",
        "下月",
        "上周",
        "上月",
    ]


def test_the_board_opens_the_events_whose_guests_have_not_answered(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    with database.writing() as session:
        waiting = make_event(session, title="灯具会诊").id
        for event_id, status in (
            (waiting, InvitationState.INVITED),
            (cast.event, InvitationState.ACCEPTED),
        ):
            session.add(
                Invitation(
                    event_id=event_id, organisation_id=people.huaxing, role="enterprise", status=status
                )
            )
    browser = sign_in(people.organiser)

    assert "/events?answers=waiting" in browser.get("/organiser").text
    shown = browser.get("/events?answers=waiting")
    assert ("灯具会诊" in text_of(shown), "模具产业专场" in text_of(shown)) == (True, False)
    assert "1 人未答复" in text_of(shown)


def test_the_list_asks_the_database_as_often_for_three_events_as_for_one(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    browser.get("/events")
    asked: list[str] = []
    sql_event.listen(database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    browser.get("/events")
    once = len(asked)
    with database.writing() as session:
        make_event(session, title="二")
        make_event(session, title="三")
    asked.clear()
    browser.get("/events")
    assert len(asked) == once


def test_guests_are_planned_invited_and_checked_in(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    at = f"/events/{cast.event}/people"
    browser.post(f"{at}/plan")
    browser.post(f"{at}/plan")
    with database.reading() as session:
        rows = session.scalars(select(Invitation).order_by(Invitation.id)).all()
    assert [(row.organisation_id, row.role, row.status) for row in rows] == [
        (people.huaxing, "enterprise", InvitationState.PLANNED),
        (people.yuanhang, "enterprise", InvitationState.PLANNED),
        (people.jiangda_college, "expert", InvitationState.PLANNED),
        (people.haiyuan, "expert", InvitationState.PLANNED),
    ]

    browser.post(f"{at}/invite", data={"ids": [str(rows[0].id), str(rows[2].id)]})
    browser.post(f"{at}/{rows[0].id}/check-in")
    browser.post(f"{at}/{rows[0].id}/check-in")
    browser.post(f"{at}/drop", data={"ids": [str(row.id) for row in rows]})

    with database.reading() as session:
        states = session.execute(select(Invitation.id, Invitation.status).order_by(Invitation.id)).all()
        told = session.scalars(select(MessageRow).where(MessageRow.name == "InvitationsIssued")).all()
    assert [tuple(row) for row in states] == [
        (rows[0].id, InvitationState.CHECKED_IN),
        (rows[2].id, InvitationState.INVITED),
    ]
    assert [message.payload["invitation_ids"] for message in told] == [[rows[0].id, rows[2].id]]
    assert "周一诺" in text_of(browser.get(at))


def test_nobody_is_invited_before_the_event_is_open(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    with database.writing() as session:
        session.get_one(Event, cast.event).status = EventState.DRAFT
    browser = sign_in(people.organiser)
    browser.post(f"/events/{cast.event}/people/plan")
    assert browser.post(f"/events/{cast.event}/people/invite", data={"scope": "all"}).status_code == 409


def test_a_name_is_a_must_only_for_an_event_that_is_there(
    people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    title = re.compile(r'<input[^>]*name="title"[^>]*>')
    new, old = (title.search(browser.get(f"/events/{at}").text) for at in ("new", f"{cast.event}/edit"))
    assert new is not None
    assert old is not None
    assert ("required" in new[0], "required" in old[0]) == (False, True)  # a new one is named by its theme


@pytest.mark.parametrize("page", ["", "/items"])
def test_an_event_without_a_place_says_so_before_it_goes_out(
    database: Database, people: People, cast: Cast, sign_in: Browser, page: str
) -> None:
    browser = sign_in(people.organiser)
    with database.writing() as session:
        session.get_one(Event, cast.event).status = EventState.DRAFT
    assert "还没有填地点" not in text_of(browser.get(f"/events/{cast.event}{page}"))
    with database.writing() as session:
        row = session.get_one(Event, cast.event)
        row.venue = row.town = ""

    assert "还没有填地点，邀请里会空着" in text_of(browser.get(f"/events/{cast.event}{page}"))


def newest(database: Database) -> PairingList:
    with database.reading() as session:
        return session.scalars(select(PairingList).order_by(PairingList.id.desc())).first()  # type: ignore[return-value]


def test_drawing_shows_map_list_reasons_and_proof(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    at = f"/events/{cast.event}/pairing"
    assert "还没有配对清单" in text_of(browser.get(at))

    browser.post(f"{at}/draw", data={})
    page = text_of(browser.get(at))
    waits = "时间表里中途等候 0 处，已证明不能再少。"
    for words in ("已核验", "两份文本都谈到", "沈知行", "14:00–14:20", "heat-chosen", "号桌", waits):
        assert words in page

    browser.post(f"{at}/draw", data={"per_enterprise": "1", "per_expert": "1"})
    page = text_of(browser.get(at))
    assert "与第 1 版的差别" in page
    assert "去掉：" in page
    assert browser.get(f"{at}?v=9").status_code == 404

    browser.post(f"{at}/draw", data={"least_per_enterprise": "2"})
    page = browser.get(at).get_data(as_text=True)
    assert "（1/2 场）：可谈的专家只有 1 位，不够保底 2 场" in page
    assert re.search(r'name="least_per_enterprise"[^>]*value="2"', page)


def test_a_new_version_shows_who_is_not_invited_what_was_answered_and_another_achievement(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    at = f"/events/{cast.event}/pairing"
    browser.post(f"{at}/draw", data={})
    page = text_of(browser.get(at))
    assert "有 4 位排了洽谈，却还没有邀请" in page
    assert "其中 4 位还没有邀请，会同时发出邀请。" in page
    browser.post(f"{at}/{newest(database).id}/publish")
    assert "还没有邀请" not in text_of(browser.get(at))
    with database.reading() as session:
        first = session.scalars(select(Pairing).where(Pairing.match_id == cast.strong)).one()
    sign_in(people.enterprise_user).post(
        f"/events/mine/pairings/{first.id}", data={"answer": "another", "note": "三点以后"}
    )
    with database.writing() as session:  # a better achievement of the same expert turns up
        thing = make_achievement(
            session, organisation_id=people.jiangda_college, contact_id=cast.expert, title="新涂层"
        )
        session.add(AchievementPerson(achievement_id=thing.id, person_id=cast.expert, place=1))
        session.add(EventItem(event_id=cast.event, subject_kind="achievement", subject_id=thing.id))
        make_match(session, cast.yuanhang_need, thing.id, 0.99, Grade.STRONG)

    browser.post(f"{at}/draw", data={})

    page = text_of(browser.get(at))
    assert "第 1 版的答复" in page
    assert "企业要另约时间" in page
    assert "企业：三点以后" in page
    assert "1 场换了成果：" in page
    assert "<ins>新涂层</ins>" in page


def test_a_ban_by_hand_redraws_at_once(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    at = f"/events/{cast.event}/pairing"
    browser.post(f"{at}/draw", data={})
    pair = f"{cast.yuanhang_need}-{cast.coating}"
    browser.post(f"{at}/rule", data={"pair": pair, "kind": "ban", "reason": "已有合作或已谈过"})

    page = text_of(browser.get(at))
    assert newest(database).number == 2
    assert "没有安排洽谈的企业" in page
    assert "已有合作或已谈过" in page
    with database.reading() as session:
        rule = session.scalars(select(PairingRule)).one()
    browser.post(f"{at}/rules/{rule.id}/drop")
    browser.post(f"{at}/draw", data={})
    assert newest(database).result["unserved"] == []


def test_publishing_and_both_editions(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    import openpyxl

    browser = sign_in(people.organiser)
    at = f"/events/{cast.event}/pairing"
    browser.post(f"{at}/draw", data={})
    listed = newest(database).id

    browser.post(f"{at}/{listed}/publish")
    handout = browser.get(f"{at}/{listed}/handout.xlsx")
    internal = browser.post(f"{at}/{listed}/internal.xlsx", data={"note": "签到联系"})

    assert "已发布，不再改动" in text_of(browser.get(at))
    assert openpyxl.load_workbook(io.BytesIO(handout.data)).active["A2"].value == "序号"
    assert "用途：签到联系" in openpyxl.load_workbook(io.BytesIO(internal.data)).active["A1"].value
    assert browser.post(f"{at}/{listed}/publish").status_code == 409
    assert browser.get(f"/events/{cast.event + 1}/pairing/{listed}/handout.xlsx").status_code == 404
    assert "第 1 版" in text_of(browser.get(f"/events/{cast.event}/materials"))


def publish(browser: FlaskClient, database: Database, cast: Cast) -> list[Pairing]:
    browser.post(f"/events/{cast.event}/people/plan")
    browser.post(f"/events/{cast.event}/people/invite", data={"scope": "all"})
    browser.post(f"/events/{cast.event}/pairing/draw", data={})
    browser.post(f"/events/{cast.event}/pairing/{newest(database).id}/publish")
    with database.reading() as session:
        return list(session.scalars(select(Pairing).order_by(Pairing.need_id, Pairing.achievement_id)))


def test_guests_see_and_answer_their_own(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    rows = publish(sign_in(people.organiser), database, cast)
    theirs = next(row for row in rows if row.match_id == cast.fair)
    mine = next(row for row in rows if row.match_id == cast.strong)
    firm, university = sign_in(people.enterprise_user), sign_in(people.university_user)
    assert "多弧离子镀" in text_of(firm.get("/events/mine"))
    seen = text_of(university.get("/events/mine"))
    assert "金属表面处理" in seen
    for secret in ("华星", "远航", "周一诺", "汽配表面处理"):
        assert secret not in seen

    firm.post(f"/events/mine/pairings/{mine.id}", data={"answer": "accepted"})
    university.post(f"/events/mine/pairings/{mine.id}", data={"answer": "accepted"})
    assert firm.post(f"/events/mine/pairings/{theirs.id}", data={"answer": "accepted"}).status_code == 404

    with database.reading() as session:
        assert session.get_one(Pairing, mine.id).status is PairingState.ACCEPTED_BOTH
    assert "华星模具有限公司" in text_of(university.get("/events/mine"))
    assert "由主办方转达" in text_of(university.get("/events/mine"))


def test_what_the_sides_say_on_the_telephone_is_written_down(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    organiser = sign_in(people.organiser)
    rows = publish(organiser, database, cast)
    mine = next(row for row in rows if row.match_id == cast.strong)
    at = f"/events/{cast.event}/pairing/answers/{mine.id}"
    assert f'action="{at}"' in organiser.get(f"/events/{cast.event}/pairing").text

    refused = organiser.post(at, data={"reason": "need-declined"}, follow_redirects=True)
    assert "请写一句原因" in text_of(refused)
    assert "请选择是哪一方" in text_of(organiser.post(at, data={"reason": ""}, follow_redirects=True))
    assert sign_in(people.enterprise_user).post(at, data={"reason": "need-accepted"}).status_code == 403
    for said in ("need-accepted", "achievement-accepted"):
        assert organiser.post(at, data={"reason": said}).status_code == 303

    with database.reading() as session:
        assert session.get_one(Pairing, mine.id).status is PairingState.ACCEPTED_BOTH
    assert f'action="{at}"' not in organiser.get(f"/events/{cast.event}/pairing").text
    assert "由主办方转达" in text_of(sign_in(people.university_user).get("/events/mine"))


def test_an_invitation_is_answered_by_its_own_guest_only(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    publish(sign_in(people.organiser), database, cast)
    with database.reading() as session:
        row = session.scalars(select(Invitation).where(Invitation.organisation_id == people.huaxing)).one()
    at = f"/events/mine/invitations/{row.id}"

    for stranger in (people.other_enterprise_user, people.university_user):
        assert sign_in(stranger).post(at, data={"answer": "yes"}).status_code == 404
    sign_in(people.enterprise_user).post(at, data={"answer": "no", "note": "当天出差"})

    with database.reading() as session:
        answered = session.get_one(Invitation, row.id)
    assert (answered.status, answered.answer_note) == (InvitationState.DECLINED, "当天出差")
    assert "当天出差" in text_of(sign_in(people.organiser).get(f"/events/{cast.event}/people"))


def test_an_account_without_person_or_pairing_sees_nothing_of_others(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    publish(sign_in(people.organiser), database, cast)
    page = text_of(sign_in(people.other_university_user).get("/events/mine"))
    assert "真空压铸工艺" in page  # its own
    for others in ("沈知行", "多弧离子镀", "华星", "远航"):
        assert others not in page


@pytest.mark.parametrize("path", ["", "/items", "/people", "/pairing", "/materials", "/edit"])
def test_the_organisers_pages_are_closed_to_guests(
    people: People, cast: Cast, sign_in: Browser, path: str
) -> None:
    assert sign_in(people.organiser).get(f"/events/{cast.event}{path}").status_code == 200
    assert sign_in(people.organiser).get(f"/events/{cast.event + 9}{path}").status_code == 404
    for guest in (people.enterprise_user, people.university_user):
        assert sign_in(guest).get(f"/events/{cast.event}{path}").status_code == 403


def test_the_campaign_has_targets(database: Database, people: People, cast: Cast, sign_in: Browser) -> None:
    browser = sign_in(people.organiser)
    assert "目标场次" in text_of(browser.get("/events/campaign"))
    form = {"version": "1", "name": "百日百场", "starts_on": "2031-01-01", "ends_on": "2030-01-01"}
    assert browser.post("/events/campaign", data=form).status_code == 422
    assert browser.post("/events/campaign", data=form | {"ends_on": "2031-04-10"}).status_code == 303


def _newcomer(database: Database, people: People, cast: Cast) -> tuple[int, int]:
    """Add a professor who could answer 远航's need; return the ids of the person and the achievement."""
    with database.writing() as session:
        newcomer = make_person(session, organisation_id=people.haiyuan, name="新来的教授")
        plating = make_achievement(session, organisation_id=people.haiyuan, title="电镀新工艺")
        session.add(AchievementPerson(achievement_id=plating.id, person_id=newcomer.id, place=1))
        make_match(session, cast.yuanhang_need, plating.id, 0.8, Grade.STRONG)
        return newcomer.id, plating.id


def test_one_more_expert_is_offered_added_and_drawn_with_the_difference_shown(
    sign_in: Browser, people: People, database: Database, cast: Cast
) -> None:
    browser, at = sign_in(people.organiser), f"/events/{cast.event}/pairing"
    key, offered = _newcomer(database, people, cast)
    browser.post(f"{at}/draw", data={"per_expert": "1"})

    page = browser.get(at).text
    drawn = browser.post(f"{at}/expert", data={"expert": str(key)}, follow_redirects=True)

    assert "新来的教授 · 海州理工学院 — 能谈 1 家企业的 1 条需求" in page
    assert "远航汽配有限公司 × 新来的教授" in text_of(drawn)
    assert "新来的教授 · 海州理工学院 —" not in drawn.text
    with database.reading() as session:
        asked = session.scalars(select(Invitation).where(Invitation.person_id == key)).all()
        on_table = select(EventItem).where(
            EventItem.event_id == cast.event, EventItem.subject_id == offered, EventItem.added_by == "hand"
        )
        assert [row.status for row in asked] == [InvitationState.PLANNED]
        assert session.scalars(on_table).one().subject_kind == "achievement"
    again = browser.post(f"{at}/expert", data={"expert": str(key)}, follow_redirects=True)
    assert "这位专家已经加入本场，没有重复添加" in text_of(again)
    assert "远航汽配有限公司 × 新来的教授" in text_of(again)
    assert browser.post(f"{at}/expert", data={"expert": "999999"}).status_code == 404
    assert "请选择一位专家" in browser.post(f"{at}/expert", data={}, follow_redirects=True).text


def test_a_list_in_which_a_meeting_found_no_time_is_not_called_the_best_there_is(
    sign_in: Browser, people: People, database: Database, cast: Cast
) -> None:
    browser, at = sign_in(people.organiser), f"/events/{cast.event}/pairing"
    browser.post(f"{at}/draw", data={"per_expert": "2"})
    whole = text_of(browser.get(at))
    with database.writing() as session:
        row = session.scalars(select(PairingList).order_by(PairingList.id.desc())).first()
        assert row is not None
        timetable = {**row.result["timetable"], "unplaced": ["“远航汽配”没有共同的时段"]}
        row.result = {**row.result, "timetable": timetable}

    page = text_of(browser.get(at))

    assert "已核验：没有更好的安排" in whole
    assert "已核验：没有更好的安排" not in page
    assert "配对已核验，但没有全部排上时间" in page
    assert "能不能都排上没有证明" in page


@pytest.mark.parametrize("failure", [WrongState("桌数不够。"), RuntimeError("no memory")])
def test_when_the_draw_fails_the_page_says_that_the_expert_was_added_and_how_to_go_on(
    sign_in: Browser,
    people: People,
    database: Database,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
) -> None:
    browser, at = sign_in(people.organiser), f"/events/{cast.event}/pairing"
    key, _offered = _newcomer(database, people, cast)

    def fail(*_given: object, **_named: object) -> None:
        raise failure

    monkeypatch.setattr("matchmaker.services.pairing_lists.solve", fail)
    told = text_of(browser.post(f"{at}/expert", data={"expert": str(key)}, follow_redirects=True))
    monkeypatch.undo()
    second = text_of(browser.post(f"{at}/expert", data={"expert": str(key)}, follow_redirects=True))
    browser.post(f"{at}/draw", data={"per_expert": "1"})

    assert "已把 新来的教授 加入本场和邀请名单" in told
    assert "没有新的一版清单时，不用再添加，点“重新配对”即可" in told
    assert "已生成新的一版配对清单" not in told
    assert ("桌数不够" in told) is isinstance(failure, WrongState)
    assert ("系统出错" in told) is isinstance(failure, RuntimeError)
    assert "没有重复添加" in second
    assert "新来的教授" in text_of(browser.get(at))


def test_a_list_without_meetings_cannot_be_published_and_needs_that_wait_for_proposals_are_told(
    sign_in: Browser, people: People, database: Database, cast: Cast
) -> None:
    browser, at = sign_in(people.organiser), f"/events/{cast.event}/pairing"
    for achievement in (cast.coating, cast.casting):
        for need in (cast.huaxing_need, cast.yuanhang_need):
            browser.post(
                f"{at}/rule",
                data={"pair": f"{need}-{achievement}", "kind": "ban", "reason": "利益冲突"},
            )

    page = browser.get(at).text

    assert "一场也排不出来" in page
    assert "没有更好的安排" not in page
    assert "发布这一版" not in page
    assert "还有 2 条需求在等系统算推荐" in page
    with database.writing() as session:
        for need in session.scalars(select(Need)):
            need.proposed_version = need.text_version
    assert "在等系统算推荐" not in browser.get(at).text


def test_an_event_without_a_name_is_called_after_its_theme(
    sign_in: Browser, people: People, database: Database
) -> None:
    with database.writing() as session:
        theme = make_theme(session).id
    browser = sign_in(people.organiser)

    browser.post("/events/new", data=FORM | {"title": " ", "theme_id": str(theme)})

    assert only_event(database).title == "模具专场对接会"
    assert browser.post("/events/new", data=FORM | {"title": " "}).status_code == 422


def test_the_page_tells_how_the_search_for_a_better_timetable_goes_and_offers_what_it_found(
    sign_in: Browser, people: People, database: Database, cast: Cast
) -> None:
    browser, at = sign_in(people.organiser), f"/events/{cast.event}/pairing"
    browser.post(f"{at}/draw", data={})
    listed = newest(database).id
    search = f"{at}/{listed}/search"

    def told(**found: object) -> None:
        with database.writing() as session:
            row = session.get_one(PairingList, listed)
            row.result = row.result | {"timetable": row.result["timetable"] | {"search": found}}

    told(state="waiting")
    page, asked = browser.get(at).text, browser.get(search)
    assert "后台还在找更好的时间表" in page
    assert "HX-Refresh" not in asked.headers
    assert "已停止" in browser.post(f"{search}/stop", follow_redirects=True).text
    assert browser.get(search).headers["HX-Refresh"] == "true"

    with database.reading() as session:
        rows = session.scalars(select(Pairing).where(Pairing.list_id == listed).order_by(Pairing.id)).all()
        places = [[row.id, number + 1, 1] for number, row in enumerate(rows)]
    told(state="done", places=places, timetable={"breaks": 0, "proved": True})
    assert "已证明不能再少" in browser.get(at).text
    browser.post(f"{search}/take")
    with database.reading() as session:
        rows = session.scalars(select(Pairing).where(Pairing.list_id == listed).order_by(Pairing.id)).all()
        assert [[row.id, row.slot, row.table_number] for row in rows] == places
        assert session.get_one(PairingList, listed).result["timetable"] == {"breaks": 0, "proved": True}


def test_an_event_belongs_to_the_campaign_of_its_day_and_each_campaign_has_its_settings(
    database: Database, people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    old = only_event(database)
    browser.post("/planner/campaign-copy", data={"starts_on": "2041-03-04"})

    browser.post("/events/new", data=FORM | {"held_on": old.held_on.isoformat(), "title": "这一轮的"})
    browser.post("/events/new", data=FORM | {"held_on": "2041-03-12", "title": "下一轮的"})
    page = browser.get(f"/events/campaign?campaign={old.campaign_id}").text
    browser.post(
        "/events/campaign",
        data={
            "campaign": str(old.campaign_id),
            "version": "1",
            "name": "改了名的",
            "starts_on": old.held_on.isoformat(),
            "ends_on": (old.held_on + timedelta(days=99)).isoformat(),
        },
    )

    with database.reading() as session:
        of = {row.title: row.campaign_id for row in session.scalars(select(Event).order_by(Event.id))}
        names = {row.id: row.name for row in session.scalars(select(Campaign))}
    assert of["这一轮的"] == old.campaign_id != of["下一轮的"]
    assert "2041-03" in page
    assert (names[old.campaign_id], names[of["下一轮的"]]) == ("改了名的", "百日百场")
    assert browser.get("/events/campaign?campaign=999").status_code == 404


def test_a_meeting_is_moved_on_the_timetable_unless_somebody_would_be_in_two_places(
    sign_in: Browser, people: People, database: Database, cast: Cast
) -> None:
    browser = sign_in(people.organiser)
    browser.post(f"/events/{cast.event}/pairing/draw", data={})
    listed = newest(database)
    at = f"/events/{cast.event}/pairing/{listed.id}/timetable"

    def places() -> dict[int, tuple[int | None, int | None]]:
        with database.reading() as session:
            rows = session.scalars(select(Pairing).where(Pairing.list_id == listed.id).order_by(Pairing.id))
            return {row.id: (row.slot, row.table_number) for row in rows}

    with database.writing() as session:
        rows = session.scalars(select(Pairing).where(Pairing.list_id == listed.id).order_by(Pairing.id)).all()
        # both of the expert of the coating, one after the other, at one table
        mine = [row for row in rows if row.achievement_id == cast.coating]
        for number, row in enumerate(mine, 1):
            row.slot, row.table_number = number, 1
        for row in rows:
            if row not in mine:
                row.slot, row.table_number = 3, 2
        first, second = (row.id for row in mine)
    drag = {"HX-Request": "true"}

    refused = browser.post(at, data={"item": str(first), "place": "1,1"}, headers=drag)
    swapped = browser.post(at, data={"item": str(first), "place": "0,1"}, headers=drag)
    assert (refused.status_code, swapped.status_code) == (409, 200)
    assert "在同一时段有 2 场" in refused.get_json()["message"]
    assert (places()[first], places()[second]) == ((2, 1), (1, 1))
    assert 'data-drag-grid="' in swapped.text
    assert '<div id="waiters" hx-swap-oob="true">' in swapped.text

    browser.post(at, data={"item": str(second), "slot": "2", "table": "0"})
    page = text_of(browser.get(at))
    assert places()[second] == (3, 1)
    assert "没有人要在两场之间等候" in page
    assert newest(database).result["timetable"]["breaks"] == 0
    browser.post(f"/events/{cast.event}/pairing/{listed.id}/publish")
    assert browser.post(at, data={"item": str(first), "place": "0,0"}, headers=drag).status_code == 409
    assert "已发布，不再改动" in text_of(browser.get(at))
    assert browser.post(at, data={"item": "x"}).status_code == 422
