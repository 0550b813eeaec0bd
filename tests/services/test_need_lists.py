"""需求清单: frozen editions, what differs from the last one, and what may no longer be shown."""

import pytest
from factories import People, make_need
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.editions import compare
from matchmaker.domain.permissions import ANYONE, Actor
from matchmaker.domain.states import Disclosure, NeedState, Role
from matchmaker.errors import NotAllowed, NotFound, WrongState
from matchmaker.services.need_lists import edition_page, issue_edition, scope_states
from matchmaker.store.engine import Database
from matchmaker.store.tables import Need, Theme

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))


def published(session: Session, firm: int, public_title: str, **changes: object) -> Need:
    values = {
        "status": NeedState.PUBLISHED,
        "title": f"原文{public_title}",
        "public_title": public_title,
        "public_text": "某企业需要解决这个难题。",
        "published_at": clock.now(),
        "fields": ["401"],
        "town": "临江街道",
    }
    return make_need(session, organisation_id=firm, **(values | changes))


def test_an_edition_holds_what_everybody_may_read_and_nothing_else(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        masked = published(session, people.huaxing, "模具延寿")
        named = published(session, people.yuanhang, "密封面气孔", disclosure=Disclosure.PUBLIC)
        published(session, people.yuanhang, "定向的", disclosure=Disclosure.TARGETED)
        published(session, people.yuanhang, "已签约的", status=NeedState.CONTRACTED)
        make_need(session, organisation_id=people.yuanhang, status=NeedState.ACCEPTED)

        edition = issue_edition(session, ORGANISER, scope_key="all")

    assert [(one["need_id"], one["title"], one["firm"]) for one in edition.entries] == [
        (masked.id, "模具延寿", "某企业"),
        (named.id, "密封面气孔", "远航汽配有限公司"),
    ]
    assert "原文" not in str(edition.entries)
    assert (edition.number, edition.issued_on, len(edition.differences["added"])) == (1, clock.today(), 2)


def test_the_next_edition_says_what_is_new_gone_and_changed_and_the_old_one_stays(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        kept = published(session, people.huaxing, "模具延寿")
        solved = published(session, people.huaxing, "气孔控制")
        hidden = published(session, people.huaxing, "自动抛光", code="N1")
        first = issue_edition(session, ORGANISER, scope_key="all")
        with pytest.raises(WrongState, match="完全一样"):
            issue_edition(session, ORGANISER, scope_key="all")

        kept.public_text = "改过的公开文本。"
        solved.status, hidden.disclosure = NeedState.SOLVED, Disclosure.INTERNAL
        new = published(session, people.yuanhang, "密封件")
        session.flush()
        second = issue_edition(session, ORGANISER, scope_key="all")

    assert second.number == 2
    assert list(second.differences["added"]) == [{"need_id": new.id, "title": "密封件"}]
    assert [(one["title"], one["why"]) for one in second.differences["withdrawn"]] == [
        ("气孔控制", "已解决"),
        ("需求 N1", "不再公开"),
    ]
    assert [one["fields"][0]["field"] for one in second.differences["changed"]] == ["text"]
    assert [one["text"] for one in first.entries if one["need_id"] == kept.id] == ["某企业需要解决这个难题。"]


def test_lists_are_by_theme_and_field(database: Database, people: People) -> None:
    with database.writing() as session:
        session.add(Theme(slug="mold", name="模具", words=["压铸模"], fields=["804"], place=1))
        session.add(Theme(slug="pen", name="文具", words=["笔头"], fields=[], place=2))
        published(session, people.huaxing, "模具延寿", title="压铸模延寿")
        published(session, people.huaxing, "另一个领域", title="别的", problem="别的难题", key_points="")

        states = {state.scope.key: state.listed for state in scope_states(session)}

    assert states == {"all": 2, "theme:mold": 1, "field:40": 2}


def test_a_need_of_another_field_by_now_is_not_said_to_be_published_where_it_left(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        moved = published(session, people.huaxing, "模具延寿")
        published(session, people.huaxing, "气孔控制")
        issue_edition(session, ORGANISER, scope_key="field:40")

        moved.fields = ["801"]
        session.flush()
        second = issue_edition(session, ORGANISER, scope_key="field:40")

    assert list(second.differences["withdrawn"]) == [
        {"need_id": moved.id, "title": "模具延寿", "why": "改列其他产业、领域"}
    ]


def test_readers_find_the_newest_edition_without_what_was_hidden_since(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        named = published(
            session, people.huaxing, "华星的模具延寿", disclosure=Disclosure.PUBLIC, public_text="华星求解。"
        )
        gone = published(session, people.huaxing, "气孔控制")
        first = issue_edition(session, ORGANISER, scope_key="all")
        gone.status, named.disclosure = NeedState.WITHDRAWN, Disclosure.MASKED
        named.public_title, named.public_text = "模具延寿", "某企业求解。"
        session.flush()

        page = edition_page(session, ANYONE, first.id)
        assert [(one["title"], one["text"], one["firm"]) for one in page.entries] == [
            ("模具延寿", "某企业求解。", "某企业")
        ]
        assert (page.hidden, page.latest, len(first.entries)) == (1, True, 2)

        issue_edition(session, ORGANISER, scope_key="all")
        with pytest.raises(NotFound):
            edition_page(session, ANYONE, first.id)
        assert not edition_page(session, ORGANISER, first.id).latest


def test_what_differs_from_the_last_edition_names_nobody_who_hid_since(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        solved = published(session, people.huaxing, "华星的气孔控制", disclosure=Disclosure.PUBLIC)
        closed = published(session, people.huaxing, "华星的自动抛光", disclosure=Disclosure.PUBLIC, code="N7")
        kept = published(session, people.huaxing, "华星的模具延寿", disclosure=Disclosure.PUBLIC)
        issue_edition(session, ORGANISER, scope_key="all")
        solved.status = closed.status = NeedState.SOLVED
        kept.public_text = "华星求解。"
        added = published(session, people.huaxing, "华星的密封件", disclosure=Disclosure.PUBLIC)
        session.flush()
        second = issue_edition(session, ORGANISER, scope_key="all")
        for need in (solved, kept, added):
            need.disclosure, need.public_title = Disclosure.MASKED, need.public_title.removeprefix("华星的")
        closed.disclosure = Disclosure.INTERNAL
        session.flush()

        page = edition_page(session, ANYONE, second.id)

    assert {kind: [one["title"] for one in rows] for kind, rows in page.differences.items()} == {
        "added": ["密封件"],
        "changed": ["模具延寿"],
        "withdrawn": ["气孔控制", "需求 N7"],
    }
    assert [one["why"] for one in page.differences["withdrawn"]] == ["已解决", "不再公开"]


def test_only_the_organiser_issues_and_only_what_there_is(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(NotAllowed):
            issue_edition(session, ANYONE, scope_key="all")
        with pytest.raises(NotFound):
            issue_edition(session, ORGANISER, scope_key="theme:nothing")
        with pytest.raises(WrongState, match="还没有可以公开的需求"):
            issue_edition(session, ORGANISER, scope_key="all")


def test_two_lists_are_compared_by_need() -> None:
    old = [{"need_id": 1, "title": "甲", "text": "一"}, {"need_id": 2, "title": "乙", "text": "二"}]
    new = [{"need_id": 2, "title": "乙", "text": "贰"}, {"need_id": 3, "title": "丙", "text": "三"}]

    found = compare(old, new)

    assert found.added == ({"need_id": 3, "title": "丙"},)
    assert found.withdrawn == ({"need_id": 1, "title": "甲"},)
    assert found.changed == (
        {"need_id": 2, "title": "乙", "fields": [{"field": "text", "before": "二", "after": "贰"}]},
    )
    assert not compare(old, old).any
