"""The planner's pages: settings read and refused, the proposal shown, moves shown before they are saved."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from world import World, make_world

from matchmaker.domain.plan_state import PlanState
from matchmaker.store.engine import Database
from matchmaker.store.tables import Campaign, Event, Plan, PlanEvent
from matchmaker.web.frame import MatchmakerApp

SETTINGS = {
    "from_day": "2027-03-01",
    "to_day": "2027-04-30",
    "starts_at": "9:30",
    "closed": "2027-03-08，2027-03-09",
    "worked": "",
    "events": "5",
    "least_needs": "3",
    "most_needs": "20",
    "per_day": "2",
    "apart_days": "3",
    "per_firm": "3",
    "per_expert": "4",
    "experts_per_event": "6",
    "far_km": "300",
    "venue_name": ["会议中心", ""],
    "venue_place": ["城关镇", ""],
    "venue_capacity": ["90", ""],
    "venue_closed": ["2027-03-10", ""],
}


@pytest.fixture
def world(database: Database) -> World:
    with database.writing() as session:
        return make_world(session)


@pytest.fixture
def browser(app: MatchmakerApp, world: World, sign_in: Callable[[int], FlaskClient]) -> FlaskClient:
    return sign_in(world.people.organiser)


def test_settings_are_read_and_the_plan_waits_with_a_progress_bar(
    browser: FlaskClient, database: Database, world: World
) -> None:
    answer = browser.post("/planner/new", data=SETTINGS)

    with database.reading() as session:
        plan = session.scalars(select(Plan).order_by(Plan.id.desc())).first()
        assert plan is not None
        assert answer.headers["Location"] == f"/planner/{plan.id}"
        assert (plan.status, plan.base_id) == (PlanState.WAITING, world.ids["plan_id"])
        assert plan.settings["closed"] == ["2027-03-08", "2027-03-09"]
        assert plan.settings["starts_at"] == "09:30"
        assert plan.settings["venues"] == [
            {"name": "会议中心", "place": "城关镇", "capacity": 90, "closed": ["2027-03-10"]}
        ]
    page = browser.get(f"/planner/{plan.id}").text
    assert f"/planner/{plan.id}/progress" in page
    assert browser.get(f"/planner/{plan.id}/progress").headers.get("HX-Refresh") is None
    assert browser.post(f"/planner/{plan.id}/cancel").status_code == 303
    assert browser.get(f"/planner/{plan.id}/progress").headers["HX-Refresh"] == "true"


def test_settings_that_cannot_be_read_come_back_with_what_was_typed(browser: FlaskClient) -> None:
    typed = SETTINGS | {"from_day": "下个月", "events": "很多", "venue_capacity": ["不少", ""]}

    answer = browser.post("/planner/new", data=typed)

    assert answer.status_code == 422
    for words in (
        "请填写日期，如 2026-12-01。",
        "活动场数请填 1 到 400 之间的整数。",
        "第 1 个场地请写明名称和容纳人数",
    ):
        assert words in answer.text
    assert 'value="很多"' in answer.text


@pytest.mark.parametrize("view", ["board", "calendar", "journeys", "left", "versions"])
def test_every_view_of_the_plan_opens(browser: FlaskClient, world: World, view: str) -> None:
    answer = browser.get(f"/planner/{world.ids['plan_id']}?view={view}")

    assert answer.status_code == 200
    assert ("模具专场对接会" in answer.text or "模具" in answer.text) == (view in ("board", "calendar"))


def test_the_board_stands_by_theme_topic_town_or_city_and_nothing_else(
    browser: FlaskClient, world: World
) -> None:
    address = f"/planner/{world.ids['plan_id']}?view=board&by="

    assert [browser.get(address + by).status_code for by in ("theme", "topic", "town", "city", "x")] == [
        200,
        200,
        200,
        200,
        404,
    ]


def test_a_move_is_shown_with_what_it_breaks_and_saved_only_when_it_breaks_nothing(
    browser: FlaskClient, database: Database, world: World
) -> None:
    plan_id = world.ids["plan_id"]
    with database.reading() as session:
        row = session.scalars(select(PlanEvent)).one()
    weekend = row.held_on + timedelta(days=(5 - row.held_on.weekday()) % 7)
    monday = row.held_on + timedelta(days=7 - row.held_on.weekday())

    refused = browser.get(f"/planner/{plan_id}/events/1/move?day={weekend}")
    shown = browser.get(f"/planner/{plan_id}/events/1/move?day={monday}")
    not_saved = browser.post(f"/planner/{plan_id}/events/1/move", data={"day": weekend.isoformat()})
    saved = browser.post(f"/planner/{plan_id}/events/1/move", data={"day": monday.isoformat()})

    assert "这天不是可用的工作日" in refused.text
    assert "固定在这天，其余重排" not in refused.text  # no other event could make room on a closed day
    assert "加到“另外可以办的日期”" in refused.text
    assert "没有违反任何一条规定" in shown.text
    assert "固定在这天，其余重排" in shown.text
    assert (not_saved.status_code, saved.status_code) == (422, 303)
    assert _day_of(database, row.id) == (monday, True)


def _day_of(database: Database, key: int) -> tuple[date, bool]:
    with database.reading() as session:
        row = session.get_one(PlanEvent, key)
        return row.held_on, row.pinned


def test_writing_the_plan_into_the_calendar_twice_makes_its_events_once(
    browser: FlaskClient, database: Database, world: World
) -> None:
    first = browser.post(f"/planner/{world.ids['plan_id']}/apply", follow_redirects=True)
    second = browser.post(f"/planner/{world.ids['plan_id']}/apply", follow_redirects=True)

    with database.reading() as session:
        assert len(session.scalars(select(Event)).all()) == 2  # the world's own, and the planned one
    assert "新建草稿 1 场" in first.text
    assert "没有改动" in second.text


def test_a_topic_without_a_name_is_refused_and_another_name_reaches_the_title(
    browser: FlaskClient, database: Database, world: World
) -> None:
    address = f"/planner/{world.ids['plan_id']}/topics"

    refused = browser.post(address, data={"act": "rename", "name-mold": " "})
    browser.post(address, data={"act": "rename", "name-mold": "精密模具"})

    assert (refused.status_code, "专题名称请写 1 到 60 个字。" in refused.text) == (422, True)
    assert 'value="精密模具"' in browser.get(address).text
    with database.reading() as session:
        assert session.scalars(select(PlanEvent.title)).one() == "精密模具专场对接会"


def test_a_campaign_is_copied_from_its_page(browser: FlaskClient, database: Database) -> None:
    later = date.today() + timedelta(days=200)  # noqa: DTZ011 -- any day long after the world's campaign

    answer = browser.post("/planner/campaign-copy", data={"starts_on": later.isoformat(), "with_events": "1"})

    with database.reading() as session:
        names = session.scalars(select(Campaign.name).order_by(Campaign.id)).all()
    assert (answer.status_code, list(names)) == (303, ["百日百场", "百日百场"])


def test_without_a_plan_the_page_says_what_planning_is(
    app: MatchmakerApp, database: Database, people: object, sign_in: Callable[[int], FlaskClient]
) -> None:
    page = sign_in(people.organiser).get("/planner")  # type: ignore[attr-defined]

    assert (page.status_code, "还没有规划" in page.text) == (200, True)


def test_the_plan_comes_as_a_workbook_and_as_a_sheet_to_print(browser: FlaskClient, world: World) -> None:
    import openpyxl

    plan_id = world.ids["plan_id"]

    workbook = browser.get(f"/planner/{plan_id}/export.xlsx")
    sheet = browser.get(f"/planner/{plan_id}/sheet").get_data(as_text=True)

    book = openpyxl.load_workbook(BytesIO(workbook.data))
    rows = [[cell.value for cell in row] for row in book["活动清单"].iter_rows()]
    head = next(place for place, row in enumerate(rows) if row[0] == "序号")
    event = dict(zip(rows[head], rows[head + 1], strict=True))
    assert book.sheetnames == ["活动清单", "日历"]
    assert (event["序号"], event["需求"], event["备注"] or "") == (1, 1, event["备注"] or "")
    assert event["活动"] in sheet
    assert event["场地"] in sheet


def test_an_event_dropped_on_a_week_gets_the_first_day_that_breaks_no_rule(
    browser: FlaskClient, world: World, database: Database
) -> None:
    plan_id = world.ids["plan_id"]
    with database.reading() as session:
        row = session.scalars(select(PlanEvent).where(PlanEvent.plan_id == plan_id)).first()
        assert row is not None
        number, wanted = row.number, row.held_on + timedelta(days=7)

    page = browser.get(f"/planner/{plan_id}/events/{number}/move?week={wanted}").get_data(as_text=True)
    outside = browser.get(f"/planner/{plan_id}/events/{number}/move?week=2001-01-01").get_data(as_text=True)

    assert "没有违反任何一条规定" in page
    assert f'value="{wanted.isoformat()}"' in page
    assert "这一周没有可以办活动的日子" in outside


def test_the_plan_of_the_running_round_is_reached_and_made_anew_when_the_next_one_has_begun(
    browser: FlaskClient, database: Database, world: World
) -> None:
    plan_id = world.ids["plan_id"]
    with database.reading() as session:
        running = session.get_one(Plan, plan_id).campaign_id
    later = date.today() + timedelta(days=200)  # noqa: DTZ011 -- any day long after the world's campaign
    browser.post("/planner/campaign-copy", data={"campaign": str(running), "starts_on": later.isoformat()})

    newest = browser.get("/planner")
    own = browser.get(f"/planner?campaign={running}")
    shown = browser.get(own.headers["Location"])
    asked = browser.post("/planner/new", data=SETTINGS | {"campaign": str(running)})

    assert (newest.status_code, "还没有规划" in newest.text) == (200, True)
    assert f'href="/planner?campaign={running}"' in newest.text
    assert own.headers["Location"] == f"/planner/{plan_id}"
    assert f'href="/planner/new?campaign={running}"' in shown.text
    assert f'name="campaign" value="{running}"' in browser.get(f"/planner/new?campaign={running}").text
    with database.reading() as session:
        made = session.get_one(Plan, int(asked.headers["Location"].rsplit("/", 1)[1]))
        assert (made.campaign_id, made.base_id) == (running, plan_id)


def test_a_version_that_waits_to_be_looked_at_is_told_of_on_the_plan_that_stands(
    browser: FlaskClient, database: Database, world: World
) -> None:
    plan_id = world.ids["plan_id"]
    browser.post(f"/planner/{plan_id}/replan", data={"mode": "days"})
    with database.writing() as session:
        newer = session.scalars(select(Plan).where(Plan.base_id == plan_id)).one()
        newer.status, number, newer_id = PlanState.READY, newer.number, newer.id

    page = browser.get(browser.get("/planner").headers["Location"]).text

    assert f"第 {number} 版已经算好，等您看" in page
    assert f'href="/planner/{newer_id}"' in page
    browser.post(f"/planner/{newer_id}/drop")
    assert "等您看" not in browser.get(f"/planner/{plan_id}").text


def test_a_round_without_a_plan_gets_its_first_one_beside_the_newest_round(
    browser: FlaskClient, database: Database, world: World
) -> None:
    with database.writing() as session:
        running = session.get_one(Plan, world.ids["plan_id"]).campaign_id
        session.get_one(PlanEvent, session.scalars(select(PlanEvent.id)).one()).event_id = None
        session.get_one(Plan, world.ids["plan_id"]).status = PlanState.DROPPED
    later = date.today() + timedelta(days=200)  # noqa: DTZ011 -- any day long after the world's campaign
    browser.post("/planner/campaign-copy", data={"campaign": str(running), "starts_on": later.isoformat()})

    answer = browser.post("/planner/new", data=SETTINGS | {"campaign": str(running)})

    with database.reading() as session:
        made = session.get_one(Plan, int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert (made.campaign_id, made.base_id) == (running, None)


def test_the_badge_of_a_plan_follows_its_progress(
    browser: FlaskClient, database: Database, world: World
) -> None:
    address = browser.post("/planner/new", data=SETTINGS).headers["Location"]
    with database.writing() as session:
        session.get_one(Plan, int(address.rsplit("/", 1)[1])).status = PlanState.RUNNING

    told = browser.get(f"{address}/progress").text

    assert '<span id="plan-state" hx-swap-oob="true">' in told
    assert "正在计算" in told
    assert "hx-swap-oob" not in browser.get(address).text


def test_a_day_that_cannot_be_closed_stays_typed_with_the_reason_leading_to_it(
    browser: FlaskClient, database: Database, world: World
) -> None:
    address = f"/planner/{world.ids['plan_id']}/events/1"
    with database.writing() as session:
        row = session.scalars(select(PlanEvent)).one()
        row.pinned, day = True, row.held_on.isoformat()

    refused = browser.post(f"{address}/close", data={"day": day})

    assert refused.status_code == 422
    assert '<a href="#f-closed_day">这场活动固定在这一天：请先取消固定。</a>' in refused.text
    assert f'id="f-closed_day" name="day" value="{day}"' in refused.text
