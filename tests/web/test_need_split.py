"""The page that splits a need."""

from collections.abc import Callable

from factories import People, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker.domain.states import NeedState
from matchmaker.store.engine import Database
from matchmaker.store.tables import Need

Browser = Callable[[int], FlaskClient]
THREE = "1、模具两万模次后龟裂；2、压铸件气孔多泄漏率高；3、脱模剂残留影响喷涂。"


def test_the_page_suggests_the_cuts_and_splits_as_edited_and_back(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing, problem=THREE, budget_text="90万").id
    organiser = sign_in(people.organiser)

    page = text_of(organiser.get(f"/needs/{need_id}/split"))
    assert "第 3 条" in page
    assert "原需求写的是“90万”" in page
    more = text_of(organiser.post(f"/needs/{need_id}/split", data={"title_1": "甲", "act": "more"}))
    assert "第 2 条" in more
    empty = {"title_1": "甲", "title_2": "", "act": "more"}
    assert "第 3 条" in text_of(organiser.post(f"/needs/{need_id}/split", data=empty))

    parts = {
        "title_1": "模具龟裂",
        "problem_1": "模具两万模次后龟裂，修补频繁。",
        "title_3": "压铸件气孔",
        "problem_3": "压铸件气孔多泄漏率高，报废多。",
    }
    assert organiser.post(f"/needs/{need_id}/split", data=parts).status_code == 303
    with database.reading() as session:
        states = {need.title: need.status for need in session.scalars(select(Need))}
    assert states == {
        "压铸模具表面抗热裂涂层技术": NeedState.SPLIT,
        "模具龟裂": NeedState.SUBMITTED,
        "压铸件气孔": NeedState.SUBMITTED,
    }
    original = organiser.get(f"/needs/{need_id}").text
    assert "已拆分为 2 条需求" in original
    assert not [words for words in ("撤回需求", "查看推荐的成果", "清晰度", "已受理<") if words in original]

    organiser.post(f"/needs/{need_id}/split/undo")
    with database.reading() as session:
        assert session.get_one(Need, need_id).status is NeedState.SUBMITTED


def test_a_part_without_its_problem_is_refused_and_every_word_kept(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing, problem=THREE).id

    refused = sign_in(people.organiser).post(
        f"/needs/{need_id}/split", data={"title_1": "留住这个名称", "title_2": "第二个名称"}
    )

    assert refused.status_code == 422
    assert "第 1 条请写清主要问题" in text_of(refused)
    assert "留住这个名称" in text_of(refused)
