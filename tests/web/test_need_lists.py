"""The pages of groups and of the lists of needs, seen by the organiser and by everybody."""

import io
from collections.abc import Callable
from typing import Any

from factories import People, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.states import Disclosure, NeedState
from matchmaker.store.engine import Database
from matchmaker.store.tables import NeedGroup, NeedListEdition
from matchmaker.web.frame import MatchmakerApp

Browser = Callable[[int], FlaskClient]


def _published(database: Database, firm: int, public_title: str, **changes: Any) -> int:
    values = {
        "status": NeedState.PUBLISHED,
        "public_title": public_title,
        "public_text": "某企业需要解决这个难题。",
        "published_at": clock.now(),
    }
    with database.writing() as session:
        return make_need(session, organisation_id=firm, **(values | changes)).id


def test_an_edition_is_issued_read_by_everybody_and_downloaded(
    app: MatchmakerApp, database: Database, people: People, sign_in: Browser
) -> None:
    _published(database, people.huaxing, "模具延寿")
    _published(database, people.yuanhang, "定向的难题", disclosure=Disclosure.TARGETED)
    organiser, nobody = sign_in(people.organiser), app.test_client()
    assert "新增 1" in text_of(organiser.get("/needs/editions"))

    assert organiser.post("/needs/editions", data={"scope": "all"}).status_code == 303
    assert organiser.post("/needs/editions", data={"scope": "all"}).status_code == 409

    with database.reading() as session:
        edition_id = session.scalars(select(NeedListEdition)).one().id
    assert "全部产业" in text_of(nobody.get("/needs/list"))
    page = text_of(nobody.get(f"/needs/editions/{edition_id}"))
    assert "模具延寿" in page
    assert "华星" not in page
    assert "定向的难题" not in page
    import openpyxl

    sent = nobody.get(f"/needs/editions/{edition_id}/export")
    # a server can send no other letters in a header, which the test client does not mind
    assert sent.headers["Content-Disposition"].encode("latin-1").startswith(b"attachment;")
    book = openpyxl.load_workbook(io.BytesIO(sent.data))
    rows = [[cell.value for cell in row] for row in book["需求清单"].iter_rows(min_row=2, max_row=3)]
    assert rows[0][2:5] == ["技术需求名称", "需求内容", "企业"]
    assert rows[1][2:5] == ["模具延寿", "某企业需要解决这个难题。", "某企业"]
    assert [cell.value for cell in book["与上一期比较"][2]][:2] == ["新增", "模具延寿"]


def test_a_group_begins_from_needs_found_one_after_the_other(
    database: Database, people: People, sign_in: Browser
) -> None:
    one = _published(database, people.huaxing, "模具延寿", title="模具延寿", problem="寿命短")
    other = _published(database, people.yuanhang, "压铸模龟裂", title="压铸模龟裂", problem="早期热裂")
    organiser = sign_in(people.organiser)

    own = {"own": "1", "act": "find"}
    first = organiser.post("/needs/groups", data=own | {"find": "延寿"}).text
    second = organiser.post("/needs/groups", data=own | {"find": "龟裂", "ids": [one]}).text
    nobody = organiser.post("/needs/groups", data=own | {"find": "没有这样的需求", "ids": [one]}).text
    kept = organiser.post("/needs/groups", data={"own": "1", "ids": [one], "name": "压铸模延寿"})
    made = organiser.post("/needs/groups", data={"own": "1", "ids": [one, other], "name": "压铸模延寿"})

    tick = 'name="ids" value="{}"{}>'
    assert (tick.format(one, "") in first, tick.format(other, "") in first) == (True, False)
    assert (tick.format(one, " checked") in second, tick.format(other, "") in second) == (True, True)
    assert tick.format(one, " checked") in nobody
    assert "没有找到还未分组的在办需求" in nobody
    assert kept.status_code == 422
    assert tick.format(one, " checked") in kept.text
    assert "2 家企业，2 条需求" in text_of(organiser.get(made.location))


def test_needs_are_grouped_by_hand_and_outsiders_see_how_many_firms(
    app: MatchmakerApp, database: Database, people: People, sign_in: Browser
) -> None:
    one = _published(database, people.huaxing, "模具延寿")
    other = _published(database, people.yuanhang, "压铸模龟裂")
    third = _published(database, people.yuanhang, "第三条", title="找得到的第三条")
    organiser = sign_in(people.organiser)

    refused = organiser.post("/needs/groups", data={"ids": [one], "name": "压铸模延寿"})
    assert refused.status_code == 422
    assert "至少要有两家企业" in text_of(refused)
    made = organiser.post("/needs/groups", data={"ids": [one, other], "name": "压铸模延寿"})
    assert made.status_code == 303
    assert "2 家企业，2 条需求，其中 2 条已入库计数" in text_of(organiser.get(made.location))
    assert "找得到的第三条" in text_of(organiser.get(f"{made.location}?find=找得到"))
    organiser.post(f"{made.location}/add", data={"ids": [third]})
    organiser.post(made.location, data={"name": "压铸模具延寿", "summary": "寿命九万模次以上"})

    assert "有 2 家企业遇到同样的难题" in text_of(app.test_client().get(f"/needs/{one}"))
    assert "压铸模具延寿" not in text_of(app.test_client().get(f"/needs/{one}"))
    assert "共性 2 家" in text_of(organiser.get("/needs/review"))
    organiser.post(f"{made.location}/remove/{third}")
    organiser.post(f"{made.location}/dissolve")
    with database.reading() as session:
        assert session.scalars(select(NeedGroup)).all() == []


def test_the_preview_shows_each_audience_what_the_form_says_and_saves_nothing(
    database: Database, people: People, sign_in: Browser
) -> None:
    need_id = _published(database, people.huaxing, "模具延寿", status=NeedState.ACCEPTED)
    organiser = sign_in(people.organiser)
    form = {"public_title": "预览的标题", "public_text": "预览的文字"}

    shown = {
        level: text_of(
            organiser.post(
                f"/needs/{need_id}/preview", data=form | {"disclosure": level}, headers={"HX-Request": "1"}
            )
        )
        for level in ("public", "masked", "targeted", "internal")
    }

    assert {level: page.count("看不到") for level, page in shown.items()} == {
        "public": 0,
        "masked": 0,
        "targeted": 2,
        "internal": 4,
    }
    assert shown["public"].count("华星模具有限公司") > shown["masked"].count("华星模具有限公司")
    assert "预览的标题" not in text_of(organiser.get(f"/needs/{need_id}"))


def test_english_pages_tell_states_in_english(database: Database, people: People, sign_in: Browser) -> None:
    need_id = _published(database, people.huaxing, "模具延寿")
    organiser = sign_in(people.organiser)

    review = text_of(organiser.get("/needs/review?lang=en"))
    detail = text_of(organiser.get(f"/needs/{need_id}?lang=en"))

    assert "Published" in review
    assert "已发布" not in review
    assert "Solved" in detail
    assert "已解决" not in detail


def test_a_firm_that_is_not_in_the_list_is_one_click_away(people: People, sign_in: Browser) -> None:
    assert 'href="/organisations/new"' in sign_in(people.organiser).get("/needs/new").text
