"""Organisers enter pauses and orders of meetings; timetable, papers and calendars keep to them."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from desk_cast import ORGANISER, make_hall
from event_cast import Cast, make_cast
from factories import People
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select
from werkzeug.test import TestResponse

from matchmaker import clock
from matchmaker.domain.desk import StepKind
from matchmaker.domain.states import InvitationState
from matchmaker.services.desk_repair import Mishap
from matchmaker.services.desk_walk_in import propose_walk_in
from matchmaker.services.events import clone_event
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    DeskProposal,
    Event,
    EventPause,
    Invitation,
    MeetingOrder,
    Pairing,
    PairingList,
)

Browser = Callable[[int], FlaskClient]


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    """An event from 14:00 with five slots of 20 minutes at two tables."""
    with database.writing() as session:
        return make_cast(session, people, slots=5)


@pytest.fixture
def browser(people: People, sign_in: Browser) -> FlaskClient:
    return sign_in(people.organiser)


def words(answer: TestResponse) -> str:
    """What a reader sees of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(answer)).split())


def enter(browser: FlaskClient, cast: Cast, name: str, begins: str, ends: str) -> str:
    form = {"name": name, "begins": begins, "ends": ends}
    return words(browser.post(f"/events/{cast.event}/pauses", data=form, follow_redirects=True))


def draw(browser: FlaskClient, cast: Cast, **figures: int) -> str:
    at = f"/events/{cast.event}/pairing/draw"
    return words(browser.post(at, data=figures, follow_redirects=True))


def order(browser: FlaskClient, cast: Cast, earlier: tuple[int, int], later: tuple[int, int]) -> str:
    form = {"earlier": "{}-{}".format(*earlier), "later": "{}-{}".format(*later), "list": "1"}
    return words(browser.post(f"/events/{cast.event}/orders", data=form, follow_redirects=True))


def newest(database: Database) -> tuple[int, dict[tuple[int, int], int | None]]:
    """The newest version and its pairs' slots."""
    with database.reading() as session:
        row = session.scalars(select(PairingList).order_by(PairingList.number.desc())).first()
        assert row is not None
        pairs = session.scalars(select(Pairing).where(Pairing.list_id == row.id))
        return row.id, {(one.need_id, one.achievement_id): one.slot for one in pairs}


def test_a_pause_is_shown_kept_by_the_draw_and_printed(
    browser: FlaskClient, database: Database, cast: Cast
) -> None:
    page = enter(browser, cast, " 茶  歇 ", "14:20", "14:40")
    draw(browser, cast)
    list_id, slots = newest(database)

    assert "茶 歇（14:20–14:40） 占第 2 时段" in page
    assert len(slots) == 3
    assert set(slots.values()) <= {1, 3, 4, 5}
    table = words(browser.get(f"/events/{cast.event}/pairing/{list_id}/timetable"))
    assert "14:20–14:40 茶 歇 14:40–15:00" in table
    for kind in ("agenda", "schedules", "table-cards", "handout", "plan"):
        assert "茶 歇" in words(browser.get(f"/events/{cast.event}/papers/{kind}")), kind
    agenda = words(browser.get(f"/events/{cast.event}/papers/agenda"))
    assert agenda.index("14:00–14:20 一对一洽谈") < agenda.index("14:20–14:40 茶 歇")
    assert "14:40–15:40 一对一洽谈（续）" in agenda
    import openpyxl

    for at in (f"pairing/{list_id}/handout.xlsx", "papers/agenda.xlsx", "papers/schedules.xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/events/{cast.event}/{at}").data))
        assert any("茶 歇" in str(cell) for row in book.active.values for cell in row), at
    import docx

    word = docx.Document(io.BytesIO(browser.get(f"/events/{cast.event}/papers/agenda.docx").data))
    assert any("茶 歇" in cell.text for row in word.tables[0].rows for cell in row.cells)


def test_guests_read_of_the_pause_on_their_own_page_as_their_list_has_it(
    browser: FlaskClient, database: Database, cast: Cast, people: People, sign_in: Browser
) -> None:
    guest = sign_in(people.enterprise_user)
    enter(browser, cast, "茶歇", "14:20", "14:40")
    with database.writing() as session:
        asked = {"organisation_id": people.huaxing, "role": "enterprise", "status": InvitationState.INVITED}
        session.add(Invitation(event_id=cast.event, **asked))
    invited = words(guest.get("/events/mine"))
    draw(browser, cast)
    browser.post(f"/events/{cast.event}/pairing/{newest(database)[0]}/publish")
    with database.writing() as session:
        session.delete(session.scalars(select(EventPause)).one())

    assert "其间不安排洽谈：茶歇（14:20–14:40）" in invited
    assert "其间不安排洽谈：茶歇（14:20–14:40）" in words(guest.get("/events/mine"))


def test_the_hand_out_says_by_row_which_meeting_comes_first(
    browser: FlaskClient, database: Database, cast: Cast
) -> None:
    import openpyxl

    draw(browser, cast)
    first, slots = newest(database)
    late, early = sorted(slots, key=lambda pair: slots[pair] or 0)[0::2][:2]
    order(browser, cast, early, late)
    list_id, _slots = newest(database)
    at = f"/events/{cast.event}/pairing/{list_id}/handout.xlsx"

    page = words(browser.get(f"/events/{cast.event}/papers/handout"))
    told = re.search(r"洽谈的先后次序：序号 (\d) 先于序号 (\d)。", page)
    book = openpyxl.load_workbook(io.BytesIO(browser.get(at).data))

    assert told is not None
    assert list_id != first
    rows = {str(row[0]): str(row[13]) for row in book.active.values if row[0]}
    assert rows[told[1]] < rows[told[2]]
    assert any(told[0] in str(cell) for row in book.active.values for cell in row)


@pytest.mark.parametrize(
    ("name", "begins", "ends", "said"),
    [
        ("", "14:20", "14:40", "请写明这段时间做什么，如：午餐。"),
        ("茶歇", "14:40", "14:20", "结束时间要晚于开始时间，请改正。"),
        ("茶歇", "", "14:20", "请填写从几点到几点，如 12:00 到 13:00。"),
        (
            "午餐",
            "12:00",
            "13:00",
            "午餐（12:00–13:00）不在本场洽谈时间 14:00–15:40 之内，请改时间，或在“修改”里增加时段。",
        ),
        ("讲话", "14:50", "15:10", "与茶歇（15:00–15:20）重叠，请改开时间，或先删去那一条。"),
        ("参观", "14:00", "15:00", "加上这一条，14:00–15:40 的 5 个时段就全被占满，请缩短它，或先增加时段。"),
        ("长" * 31, "14:20", "14:40", "名称最多 30 个字，请缩短。"),
    ],
)
def test_a_pause_that_cannot_be_is_refused_in_one_sentence(
    browser: FlaskClient, database: Database, cast: Cast, name: str, begins: str, ends: str, said: str
) -> None:
    with database.writing() as session:
        session.add(EventPause(event_id=cast.event, name="茶歇", begins=900, ends=920))
        session.add(EventPause(event_id=cast.event, name="合影", begins=920, ends=940))

    form = {"name": name, "begins": begins, "ends": ends}
    answer = browser.post(f"/events/{cast.event}/pauses", data=form)

    assert answer.status_code == 422
    assert said in words(answer)
    assert f'value="{ends}"' in text_of(answer)
    with database.reading() as session:
        assert len(session.scalars(select(EventPause)).all()) == 2


def test_orders_are_kept_by_a_new_version_and_shown_as_its_difference(
    browser: FlaskClient, database: Database, cast: Cast
) -> None:
    draw(browser, cast)
    first, slots = newest(database)
    late, early = sorted(slots, key=lambda pair: (slots[pair] or 0, pair))[0], (0, 0)
    early = next(pair for pair in slots if (slots[pair] or 0) >= (slots[late] or 0) and pair != late)

    page = order(browser, cast, early, late)
    again = order(browser, cast, early, late)
    second, now = newest(database)

    assert second > first
    assert (now[early] or 0) < (now[late] or 0)
    assert "先于" in page[page.index("与第 1 版的差别") :]
    assert "配对没有变化" in page
    assert re.search(r"\d 场换了时间或桌号：.* 14:\d\d–1\d:\d\d \d 号桌 → ", page)
    assert "配对、时间和桌号都没有变化。" in again
    assert "与第 2 版的差别" in again
    with database.reading() as session:
        assert len(session.scalars(select(MeetingOrder)).all()) == 1
        row = session.get_one(PairingList, second)
        assert len(row.day["orders"]) == 1
        assert session.get_one(PairingList, first).day["orders"] == []


def test_orders_that_go_round_in_a_circle_are_refused_with_the_meetings_that_do(
    browser: FlaskClient, database: Database, cast: Cast
) -> None:
    draw(browser, cast)
    one = (cast.huaxing_need, cast.coating)
    two, three = (cast.yuanhang_need, cast.coating), (cast.huaxing_need, cast.casting)
    order(browser, cast, one, two)
    order(browser, cast, two, three)
    made, _slots = newest(database)

    refused = order(browser, cast, three, one)
    itself = order(browser, cast, one, one)
    nothing = order(browser, cast, one, (0, 0))

    assert "先后绕成了一圈：" in refused
    assert refused.count("沈知行") >= 2
    assert "请先取消其中一条。" in refused
    assert "一场洽谈不能排在它自己之前" in itself
    assert "请选择先谈的一场和后谈的一场。" in nothing
    assert newest(database)[0] == made


def test_an_order_of_a_need_that_there_is_not_is_not_found(
    browser: FlaskClient, cast: Cast, database: Database
) -> None:
    draw(browser, cast)
    _, slots = newest(database)
    known = next(iter(slots))
    form = {"earlier": f"{known[0]}-{known[1]}", "later": f"999999-{known[1]}"}

    assert browser.post(f"/events/{cast.event}/orders", data=form).status_code == 404


def test_what_pauses_and_orders_leave_no_room_for_is_named(
    browser: FlaskClient, database: Database, cast: Cast
) -> None:
    draw(browser, cast)
    enter(browser, cast, "参观", "14:20", "15:40")

    draw(browser, cast)
    assert list(newest(database)[1].values()) == [1, 1]

    with database.writing() as session:
        session.delete(session.scalars(select(EventPause)).one())
    draw(browser, cast, slots=2, per_enterprise=2, per_expert=2)
    pairs = list(newest(database)[1])
    page = order(browser, cast, pairs[0], pairs[1])
    page = order(browser, cast, pairs[1], pairs[2])

    assert "不合先后要求，请取消这条先后要求或增加时段（要排在“" in page


def test_a_meeting_is_not_moved_into_a_pause_nor_out_of_order(
    browser: FlaskClient, database: Database, cast: Cast
) -> None:
    enter(browser, cast, "茶歇", "14:20", "14:40")
    draw(browser, cast)
    one, two = (cast.huaxing_need, cast.coating), (cast.yuanhang_need, cast.coating)
    order(browser, cast, one, two)
    list_id, before = newest(database)
    with database.reading() as session:
        ids = {
            (row.need_id, row.achievement_id): row.id
            for row in session.scalars(select(Pairing).where(Pairing.list_id == list_id))
        }
    at = f"/events/{cast.event}/pairing/{list_id}/timetable"

    paused = words(browser.post(at, data={"item": ids[one], "place": "0,1"}, follow_redirects=True))
    late = words(browser.post(at, data={"item": ids[one], "place": "1,4"}, follow_redirects=True))

    assert "第 2 时段是“茶歇”，不安排洽谈，没有移动。" in paused
    assert "华星模具有限公司 × 沈知行”要排在“" in late
    assert newest(database) == (list_id, before)


def test_published_lists_keep_their_pauses_and_the_page_says_that_they_changed(
    browser: FlaskClient, database: Database, cast: Cast
) -> None:
    enter(browser, cast, "茶歇", "14:20", "14:40")
    draw(browser, cast)
    list_id, _slots = newest(database)
    browser.post(f"/events/{cast.event}/pairing/{list_id}/publish")
    with database.reading() as session:
        pause_id = session.scalars(select(EventPause.id)).one()

    before = words(browser.get(f"/events/{cast.event}/pairing"))
    browser.post(f"/events/{cast.event}/pauses/{pause_id}/remove")
    after = words(browser.get(f"/events/{cast.event}/pairing"))

    assert "休息或先后次序改过了" not in before
    assert "休息或先后次序改过了" in after
    assert "茶歇" in words(browser.get(f"/events/{cast.event}/papers/agenda"))
    assert "去掉： 茶歇（14:20–14:40）" in draw(browser, cast)


def test_an_event_is_not_moved_away_from_its_pauses_and_copies_have_them(
    browser: FlaskClient, database: Database, cast: Cast
) -> None:
    enter(browser, cast, "茶歇", "15:00", "15:20")
    with database.reading() as session:
        event = session.get_one(Event, cast.event)
        form = {
            name: getattr(event, name)
            for name in ("title", "kind", "venue", "town", "capacity", "tables", "slots", "slot_minutes")
        }
        form |= {"held_on": event.held_on, "version": event.version, "per_enterprise": 2, "per_expert": 2}

    refused = browser.post(f"/events/{cast.event}/edit", data=form | {"start": "09:00"})
    taken = browser.post(f"/events/{cast.event}/edit", data=form | {"start": "14:20"})

    assert refused.status_code == 422
    assert "茶歇（15:00–15:20）不在新的洽谈时间 09:00–10:40 之内" in words(refused)
    assert taken.status_code == 303
    with database.writing() as session:
        copy = clone_event(session, ORGANISER, event_id=cast.event)
        rows = session.scalars(select(EventPause).order_by(EventPause.id)).all()
        assert [(row.event_id, row.name, row.begins, row.ends) for row in rows] == [
            (cast.event, "茶歇", 900, 920),
            (copy.id, "茶歇", 900, 920),
        ]


def test_a_walk_in_gets_no_meeting_in_a_pause_nor_before_its_turn(database: Database, people: People) -> None:
    with database.writing() as session:
        hall = make_hall(session, starts_at=clock.now() - timedelta(minutes=5))
        listed = session.get_one(PairingList, hall.listed)
        need, expert, achievement = hall.needs[0], hall.experts[3], hall.achievements[3]
        (known,) = session.scalars(
            select(Pairing).where(Pairing.need_id == need, Pairing.achievement_id == hall.achievements[0])
        )
        known.slot, known.table_number = 4, 1
        listed.day = {
            "pauses": [{"name": "茶歇", "begins": 0, "ends": 40, "slots": [5, 6]}],
            "orders": [[[need, hall.experts[0]], [need, expert]]],
        }

    mishap = Mishap(kind=StepKind.WALK_IN, subject="need", subject_id=need, wishes=(expert,))
    proposal = propose_walk_in(database, ORGANISER, event_id=hall.event, mishap=mishap)

    with database.reading() as session:
        result = session.get_one(DeskProposal, proposal).result
    (added,) = result["added"]
    assert (added["need"], added["achievement"]) == (need, achievement)
    moved = {change["pairing"]: change["after"] for change in result["changes"]}
    assert added["after"][0] > (moved.get(known.id) or [4])[0]
    assert added["after"][0] in (7, 8)


def test_a_calendar_names_the_pauses(
    browser: FlaskClient, people: People, sign_in: Browser, cast: Cast
) -> None:
    enter(browser, cast, "茶歇", "14:20", "14:40")
    browser.post(f"/events/{cast.event}/people/plan")
    browser.post(f"/events/{cast.event}/people/invite", data={"scope": "all"})

    calendar = sign_in(people.enterprise_user).get(f"/events/mine/{cast.event}/calendar.ics")

    assert calendar.status_code == 200
    assert "茶歇（14:20–14:40）" in calendar.text.replace("\r\n ", "")
