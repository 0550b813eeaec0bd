"""The achievement library and the experts, through the pages."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from factories import People, make_achievement
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from matchmaker.domain.permissions import ANYONE
from matchmaker.domain.states import AchievementState, Disclosure, RecordType
from matchmaker.store.engine import Database
from matchmaker.store.queries import achievements as queries
from matchmaker.store.queries.achievements import AchievementFilter
from matchmaker.store.tables import Achievement, AchievementPerson, Consent, Message, Person
from matchmaker.web.frame import MatchmakerApp

SignIn = Callable[[int], FlaskClient]
FORM = {
    "record_type": "achievement",
    "title": "低温等离子体除臭装置",
    "summary": "用于饲料厂废气治理，去除率达到九成五。",
    "owner_text": "江州大学、临澜环保研究院",
    "authors_text": "沈知行、顾言",
    "patent_nos": "ZL201910123456.2；CN110123456A",
    "maturity": "pilot",
    "coop_modes": ["transfer", "joint"],
    "fields": ["70"],
    "price_text": "30-50万",
    "contact_name": "顾言",
    "contact_phone": "13800000009",
    "disclosure": "public",
    "consent_internal": "1",
    "consent_public_display": "1",
}


def test_a_university_adds_one_and_the_organiser_accepts_it(
    people: People, sign_in: SignIn, database: Database
) -> None:
    place = sign_in(people.university_user).post("/achievements/new", data=FORM).headers["Location"]
    with database.reading() as session:
        row = session.scalars(select(Achievement)).one()
        assert (row.status, row.organisation_id, row.price_min_fen, row.price_max_fen) == (
            "submitted",
            people.jiangda,
            30_000_000,
            50_000_000,
        )
        makers = session.scalars(
            select(Person.name).join(AchievementPerson).order_by(AchievementPerson.place)
        ).all()
        assert makers == ["沈知行", "顾言"]
        ticks = {consent.scope.value: consent.granted for consent in session.scalars(select(Consent))}
        assert ticks == {"internal": True, "contact_after_accept": False, "public_display": True}

    assert "没有找到" in text_of(sign_in(people.enterprise_user).get(place))
    organiser = sign_in(people.organiser)
    assert "审核入库" in text_of(organiser.get("/achievements?status=submitted"))
    page = organiser.post("/achievements/accept", data={"ids": [row.id]}, follow_redirects=True)
    assert "已审核入库 1 条成果" in text_of(page)

    assert "低温等离子体除臭装置" in text_of(sign_in(people.enterprise_user).get(place))
    with database.reading() as session:
        names = session.scalars(select(Message.name).order_by(Message.id)).all()
        assert names == ["AchievementsImported", "AchievementsImported"]


def test_a_form_with_problems_comes_back_with_everything_kept(people: People, sign_in: SignIn) -> None:
    form = {**FORM, "title": "", "patent_nos": "不是号码"}

    response = sign_in(people.university_user).post("/achievements/new", data=form)

    assert response.status_code == 422
    page = text_of(response)
    assert "没有认出专利号" in page
    assert "用于饲料厂废气治理" in page


def test_what_is_published_needs_a_tick(people: People, sign_in: SignIn) -> None:
    client = sign_in(people.university_user)
    unticked = {**FORM, "consent_public_display": "", "consent_internal": ""}

    page = text_of(client.post("/achievements/new", data=unticked))

    assert "选择公开须勾选" in page
    assert "填写联系人须同意" in page
    inside = {**FORM, "consent_public_display": "", "disclosure": "internal"}
    assert client.post("/achievements/new", data=inside).status_code == 303


def test_a_stale_edit_is_refused(people: People, sign_in: SignIn, database: Database) -> None:
    with database.writing() as session:
        key = make_achievement(session, organisation_id=people.jiangda).id
    client = sign_in(people.university_user)
    assert 'name="version" value="1"' in text_of(client.get(f"/achievements/{key}/edit"))

    first = client.post(f"/achievements/{key}/edit", data={**FORM, "version": "1"})
    second = client.post(f"/achievements/{key}/edit", data={**FORM, "version": "1"})

    assert (first.status_code, second.status_code) == (303, 409)


def test_another_university_may_neither_change_nor_withdraw(
    people: People, sign_in: SignIn, database: Database
) -> None:
    with database.writing() as session:
        key = make_achievement(session, organisation_id=people.jiangda).id
    other = sign_in(people.other_university_user)

    assert other.get(f"/achievements/{key}").status_code == 200
    assert other.get(f"/achievements/{key}/edit").status_code == 404
    assert other.post(f"/achievements/{key}/withdraw").status_code == 404
    assert sign_in(people.enterprise_user).post("/achievements/accept").status_code == 403


def test_withdrawing_takes_it_off_the_pages_and_tells_matching(
    people: People, sign_in: SignIn, database: Database
) -> None:
    with database.writing() as session:
        key = make_achievement(session, organisation_id=people.jiangda).id
    client = sign_in(people.university_user)

    assert client.post(f"/achievements/{key}/withdraw", data={"note": "已转让"}).status_code == 303
    assert client.post(f"/achievements/{key}/withdraw").status_code == 409
    assert sign_in(people.enterprise_user).get(f"/achievements/{key}").status_code == 404
    assert sign_in(people.organiser).post(f"/achievements/{key}/restore").status_code == 303
    with database.reading() as session:
        assert session.get_one(Achievement, key).status is AchievementState.PUBLISHED
        assert session.scalars(select(Message.name).order_by(Message.id)).all() == [
            "AchievementsWithdrawn",
            "AchievementsImported",
        ]


@pytest.fixture
def library(people: People, database: Database) -> None:
    """Three achievements: a patent, a masked one, an internal one."""
    with database.writing() as session:
        make_achievement(
            session,
            organisation_id=people.jiangda,
            title="氮铝铬钛涂层",
            record_type=RecordType.PATENT,
            keywords=["纳米多层膜"],
            fields=["40"],
        )
        make_achievement(
            session, organisation_id=people.haiyuan, title="海水淡化膜", disclosure=Disclosure.MASKED
        )
        make_achievement(
            session, organisation_id=people.haiyuan, title="内部报告", disclosure=Disclosure.INTERNAL
        )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["海水淡化膜", "氮铝铬钛涂层"]),
        ("?q=纳米多层膜", ["氮铝铬钛涂层"]),
        ("?q=海州理工", []),
        ("?record_type=patent", ["氮铝铬钛涂层"]),
        ("?field=40", ["氮铝铬钛涂层"]),
        ("?coop_mode=license", []),
        ("?maturity=pilot&sort=title", ["氮铝铬钛涂层", "海水淡化膜"]),
    ],
)
def test_a_visitor_finds_what_is_published(
    app: MatchmakerApp, library: None, query: str, found: list[str]
) -> None:
    page = text_of(app.test_client().get(f"/achievements{query}"))

    titles = [title for title in ("海水淡化膜", "氮铝铬钛涂层", "内部报告") if f">{title}<" in page]
    assert sorted(titles) == sorted(found)
    assert "海州理工学院" not in page


def test_the_library_is_exported_as_filtered(people: People, sign_in: SignIn, library: None) -> None:
    response = sign_in(people.organiser).get("/achievements?record_type=patent&format=xlsx")

    assert response.data.startswith(b"PK")


def test_who_made_what_a_masked_owner_shows_is_in_no_list_and_no_file(
    people: People, sign_in: SignIn, library: None, database: Database
) -> None:
    with database.writing() as session:
        masked = session.scalars(select(Achievement).where(Achievement.title == "海水淡化膜")).one()
        masked.authors_text = "陆海生、顾言"
    firm, owner = sign_in(people.enterprise_user), sign_in(people.other_university_user)
    pages = {
        "firm's list": text_of(firm.get("/achievements")),
        "firm's file": words_of(firm.get("/achievements?format=xlsx")),
        "owner's list": text_of(owner.get("/achievements")),
        "owner's file": words_of(owner.get("/achievements?format=xlsx")),
    }

    assert all("海水淡化膜" in words for words in pages.values())
    assert {name: "陆海生" in words for name, words in pages.items()} == {
        "firm's list": False,
        "firm's file": False,
        "owner's list": True,
        "owner's file": True,
    }


def words_of(response: TestResponse) -> str:
    """Return everything that stands in a workbook."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(response.data))
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/achievements", "/experts"])
def test_a_list_asks_the_database_as_often_for_three_as_for_one(
    path: str, app: MatchmakerApp, people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    numbers = []
    for _ in range(2):
        with database.writing() as session:
            for _more in range(1 + len(numbers)):
                row = make_achievement(session, organisation_id=people.jiangda)
                session.add(AchievementPerson(achievement_id=row.id, person_id=people.jiangda_expert))
        client.get(path)
        with counted(app.database) as statements:  # of an address that was not kept since the change
            assert client.get(f"{path}?page=1").status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] > 0


def test_pages_read_from_the_end_are_those_read_from_the_start(people: People, database: Database) -> None:
    with database.writing() as session:
        ids = [
            make_achievement(session, organisation_id=people.jiangda, title=f"第{n}项").id for n in range(7)
        ]
    with database.reading() as session:
        total = queries.count_achievements(session, ANYONE, AchievementFilter()).total
        pages = [
            [line.id for line in queries.achievement_lines(
                session, ANYONE, AchievementFilter(), first=first, most=3, total=total
            )]
            for first in range(0, total, 3)
        ]  # fmt: skip
    assert pages == [ids[:-4:-1], ids[3:0:-1], ids[:1]]


def test_an_expert_is_shown_with_what_they_made(people: People, sign_in: SignIn, database: Database) -> None:
    with database.writing() as session:
        for kind, title in (
            ("patent", "一种涂层"),
            ("paper", "涂层热疲劳研究"),
            ("achievement", "涂层成套技术"),
        ):
            row = make_achievement(
                session, organisation_id=people.jiangda, title=title, record_type=RecordType(kind)
            )
            session.add(AchievementPerson(achievement_id=row.id, person_id=people.jiangda_expert))
        hidden = make_achievement(
            session, organisation_id=people.jiangda, title="未公开", status=AchievementState.ACCEPTED
        )
        session.add(AchievementPerson(achievement_id=hidden.id, person_id=people.jiangda_expert))
    client = sign_in(people.enterprise_user)

    assert "沈知行" in text_of(client.get("/experts?q=沈知行"))
    page = text_of(client.get(f"/experts/{people.jiangda_expert}"))
    assert [title for title in ("一种涂层", "涂层热疲劳研究", "涂层成套技术", "未公开") if title in page] == [
        "一种涂层",
        "涂层热疲劳研究",
        "涂层成套技术",
    ]
    assert client.get(f"/experts/{people.huaxing_contact}").status_code == 404
