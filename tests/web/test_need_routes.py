"""The needs that nothing answered, listed by the way on that was recorded for each."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from event_cast import make_match
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.states import Grade, NeedState, Route
from matchmaker.store.engine import Database
from matchmaker.store.tables import Need, NeedRoute

Browser = Callable[[int], FlaskClient]


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows of the workbook by header."""
    from openpyxl import load_workbook

    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    start = next(place for place, row in enumerate(rows) if "技术需求名称" in row)
    found = [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]
    return [row for row in found if row["技术需求名称"]]


@pytest.fixture
def office(database: Database, people: People, sign_in: Browser) -> FlaskClient:
    """The organiser's browser, and three needs: sought outside, long-term with a match since, ended."""
    common = {"organisation_id": people.huaxing, "accepted_at": clock.now()}
    with database.writing() as session:
        outside = make_need(
            session, title="寻超高温涂层", status=NeedState.PUBLISHED, fields=["804"], **common
        )
        long_term = make_need(session, title="长期课题之轴承", status=NeedState.ACCEPTED, **common)
        ended = make_need(session, title="已结束的阀门", status=NeedState.SOLVED, **common)
        _decide(session, outside, people, Route.ASK_FIRM, "先问", days=9)
        _decide(session, outside, people, Route.LOOK_OUTSIDE, "已致函有色院", days=3)
        _decide(session, long_term, people, Route.LONG_TERM, "报省攻关", days=2)
        _decide(session, ended, people, Route.LOOK_OUTSIDE, "", days=1)
        long_term.text_version += 1
        achievement = make_achievement(session, organisation_id=people.jiangda)
        make_match(session, long_term.id, achievement.id, 0.9, Grade.STRONG)
    return sign_in(people.organiser)


def _decide(session: Session, need: Need, people: People, route: Route, note: str, *, days: int) -> None:
    row = NeedRoute(
        need_id=need.id,
        need_version=need.text_version,
        route=route,
        questions=[],
        note=note,
        user_id=people.organiser,
        at=clock.now() - timedelta(days=days),
    )
    session.add(row)
    session.flush()


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("", ["已结束的阀门", "长期课题之轴承", "寻超高温涂层"]),
        ("?route=look_outside", ["已结束的阀门", "寻超高温涂层"]),
        ("?route=long_term", ["长期课题之轴承"]),
        ("?route=ask_firm", []),  # only the newest decision of a need holds
        ("?state=waiting", ["寻超高温涂层"]),
        ("?state=matched&state=closed", ["已结束的阀门", "长期课题之轴承"]),
        ("?q=有色院", ["寻超高温涂层"]),
        ("?route=no-such-route", []),
    ],
)
def test_the_workbook_holds_what_the_page_was_narrowed_to(
    office: FlaskClient, asked: str, titles: list[str]
) -> None:
    page = text_of(office.get(f"/matches/routes{asked}"))
    file = office.get(f"/matches/routes{asked}{'&' if asked else '?'}format=xlsx")

    assert [row["技术需求名称"] for row in rows_of(file.data)] == titles
    assert [title for title in ("已结束的阀门", "长期课题之轴承", "寻超高温涂层") if title in page] == titles


def test_a_need_is_shown_with_its_state_note_and_the_institutions_to_ask(office: FlaskClient) -> None:
    page = text_of(office.get("/matches/routes?route=look_outside&state=waiting"))
    assert "已致函有色院" in page
    assert "还没有较强的匹配" in page
    assert "/needs/1" in page
    rows = rows_of(office.get("/matches/routes?format=xlsx").data)
    found = {row["技术需求名称"]: row for row in rows}
    assert (found["长期课题之轴承"]["现状"], found["长期课题之轴承"]["说明"]) == (
        "后来有了较强的匹配（需求文本后来改过）",
        "报省攻关",
    )
    assert found["长期课题之轴承"]["可以征询的机构"] == ""
    assert found["寻超高温涂层"]["可以征询的机构"] != ""
    assert found["寻超高温涂层"]["下一步"] == "向库外院校征询"


def test_only_the_bureau_reads_the_list(office: FlaskClient, people: People, sign_in: Browser) -> None:
    assert sign_in(people.enterprise_user).get("/matches/routes").status_code == 403
    assert "/matches/routes" in text_of(office.get("/matches"))
