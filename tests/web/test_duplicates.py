"""Entries that may be one thing, on the organiser's pages."""

import re
from collections.abc import Callable

import pytest
from factories import People, make_need, make_organisation, make_person
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker.domain.states import Disclosure, NeedState
from matchmaker.services import duplicates
from matchmaker.store.engine import Database
from matchmaker.store.tables import KeptApart, Merge, Need

SignIn = Callable[[int], FlaskClient]


def two_needs(database: Database, people: People) -> tuple[int, int]:
    with database.writing() as session:
        first = make_need(session, organisation_id=people.huaxing, title="模具热裂纹控制", budget_text="")
        second = make_need(
            session,
            organisation_id=people.huaxing,
            title="压铸模具热裂纹控制",
            problem="请专家来看",
            budget_text="50万",
        )
        return first.id, second.id


def test_two_needs_are_merged_field_by_field_and_taken_apart(
    people: People, sign_in: SignIn, database: Database
) -> None:
    browser, (first, second) = sign_in(people.organiser), two_needs(database, people)
    page = text_of(browser.get("/duplicates?kind=need"))
    assert "一个名称是另一个的缩写" in page
    assert 'name="pick-title"' in page
    chosen = {"kind": "need", "left": first, "right": second, "keep": first, "pick-title": "right"}
    after = browser.post("/duplicates/merge", data=chosen, follow_redirects=True)
    assert "没有疑似重复的记录" in text_of(after)
    with database.reading() as session:
        kept, gone = session.get_one(Need, first), session.get_one(Need, second)
        assert (kept.title, kept.budget_text, gone.status) == (
            "压铸模具热裂纹控制",
            "50万",
            NeedState.DUPLICATE,
        )
        merge_id = session.scalars(select(Merge.id)).one()

    assert "压铸模具热裂纹控制" in text_of(browser.get("/duplicates/log"))
    gone_page = text_of(browser.get(f"/needs/{second}"))
    assert f'这条需求已并入，不再单独推荐和计数：<a href="/needs/{first}">压铸模具热裂纹控制</a>' in gone_page
    assert "撤回需求" not in gone_page
    browser.post(f"/duplicates/log/{merge_id}/undo")
    with database.reading() as session:
        kept, gone = session.get_one(Need, first), session.get_one(Need, second)
        assert (kept.title, kept.budget_text, gone.status) == ("模具热裂纹控制", "", NeedState.SUBMITTED)


def test_nothing_is_ticked_between_a_public_and_an_internal_need_and_the_log_names_what_stayed_behind(
    people: People, sign_in: SignIn, database: Database
) -> None:
    browser, (first, second) = sign_in(people.organiser), two_needs(database, people)
    with database.writing() as session:
        session.get_one(Need, first).disclosure = Disclosure.PUBLIC
        session.get_one(Need, second).disclosure = Disclosure.INTERNAL
    page = browser.get("/duplicates?kind=need").get_data(as_text=True)
    ticked = re.findall(r'name="pick-(\w+)" value="(\w+)"[^>]* checked', page)
    assert 'name="pick-disclosure"' in page
    assert ticked == []

    chosen = {"kind": "need", "left": first, "right": second, "keep": first}
    chosen |= {f"pick-{name}": side for name, side in ticked}
    told = "公开范围较窄，未转入：拟投入资金（原文）"
    assert told in text_of(browser.post("/duplicates/merge", data=chosen, follow_redirects=True))
    assert told in text_of(browser.get("/duplicates/log"))
    with database.reading() as session:
        kept = session.get_one(Need, first)
        assert (kept.budget_text, kept.disclosure) == ("", Disclosure.PUBLIC)


def test_doubles_wait_on_the_board_and_open_where_they_are(
    people: People, sign_in: SignIn, database: Database
) -> None:
    browser, (first, second) = sign_in(people.organiser), two_needs(database, people)
    entry = r'href="(/duplicates\?kind=\w+)"[^>]*>(?:(?!</a>).)*疑似重复(?:(?!</a>).)*?(\d+)<'
    found = []
    for _ in range(2):
        found += re.findall(entry, browser.get("/organiser").get_data(as_text=True), re.DOTALL)
        browser.post("/duplicates/apart", data={"kind": "need", "left": first, "right": second})

    assert found == [("/duplicates?kind=need", "1"), ("/duplicates?kind=organisation", "0")]


def test_the_page_opened_from_the_menu_shows_the_kind_that_has_doubles(
    people: People, sign_in: SignIn, database: Database
) -> None:
    browser, (first, second) = sign_in(people.organiser), two_needs(database, people)
    asked = "没有疑似重复的记录"

    assert asked not in browser.get("/duplicates").get_data(as_text=True)
    assert asked in browser.get("/duplicates?kind=organisation").get_data(as_text=True)
    browser.post("/duplicates/apart", data={"kind": "need", "left": first, "right": second})
    assert asked in browser.get("/duplicates").get_data(as_text=True)


def test_a_library_too_large_to_look_at_at_once_shows_what_the_last_look_found(
    people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_needs(database, people)
    monkeypatch.setattr(duplicates, "_LOOKED_AT_ONCE", 1)
    with database.reading() as session:
        before = duplicates.doubles_waiting(session)["need"]
    assert (duplicates.merge_certain(database), duplicates.merge_certain(database)) == (0, 0)

    with database.reading() as session:
        assert (before, duplicates.doubles_waiting(session)["need"]) == (0, 1)


def test_what_is_two_things_is_not_asked_again(people: People, sign_in: SignIn, database: Database) -> None:
    browser, (first, second) = sign_in(people.organiser), two_needs(database, people)
    told = {"kind": "need", "left": second, "right": first}
    for _ in range(2):
        browser.post("/duplicates/apart", data=told)
    assert "没有疑似重复的记录" in text_of(browser.get("/duplicates?kind=need"))
    with database.reading() as session:
        assert session.scalars(select(KeptApart.low_id)).all() == [first]


def test_contacts_stay_masked_and_strangers_outside(
    people: People, sign_in: SignIn, database: Database
) -> None:
    with database.writing() as session:
        firm = make_organisation(session)
        for phone in ("13811112222", "13833334444"):
            make_person(session, organisation_id=firm.id, name="郑一凡", phone=phone)
    page = text_of(sign_in(people.organiser).get("/duplicates?kind=person"))
    assert "同一单位的同名人员" in page
    assert "13811112222" not in page
    assert sign_in(people.enterprise_user).get("/duplicates").status_code == 403


def test_what_stays_is_one_of_the_two_that_were_looked_at(
    people: People, sign_in: SignIn, database: Database
) -> None:
    sides = {"kind": "organisation", "left": str(people.huaxing), "right": str(people.yuanhang)}

    answer = sign_in(people.organiser).post("/duplicates/merge", data={**sides, "keep": str(people.haiyuan)})

    assert "请选择保留左边还是右边的一条。" in text_of(answer)
    with database.reading() as session:
        assert session.scalar(select(Merge.id)) is None
