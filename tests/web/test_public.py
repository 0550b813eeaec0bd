"""What anyone may read, where people with an account land, and the board on the wall."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import event
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.states import (
    AchievementState,
    AgreementKind,
    ContractKind,
    ContractState,
    Direction,
    Disclosure,
    EventState,
    NeedState,
)
from matchmaker.store.engine import Database
from matchmaker.store.queries.headline import Figure, headline
from matchmaker.store.queries.signings import Signing, latest_signings
from matchmaker.store.tables import Agreement, Campaign, Event, TechContract
from matchmaker.web.frame import MatchmakerApp

Browser = Callable[[int], FlaskClient]
TODAY = date(2026, 11, 20)


def _campaign(session: Session) -> Campaign:
    today = clock.today()
    campaign = Campaign(
        name="临澜百日百场",
        slogan="产研同题",
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=70),
        target_events=10,
        target_intents=25,
        target_contracts=8,
        created_at=clock.now(),
    )
    session.add(campaign)
    session.flush()
    return campaign


def _event(session: Session, campaign: Campaign, **changes: object) -> None:
    values: dict[str, object] = {
        "campaign_id": campaign.id,
        "title": "模具专场对接会",
        "status": EventState.OPEN,
        "held_on": clock.today() + timedelta(days=3),
        "starts_at": clock.now() + timedelta(days=3),
        "created_at": clock.now(),
    }
    session.add(Event(**(values | changes)))
    session.flush()


def _published(session: Session, people: People, **changes: object) -> None:
    values = {"status": NeedState.PUBLISHED, "published_at": clock.now()}
    make_need(session, organisation_id=people.huaxing, **(values | changes))


def _contract(session: Session, people: People, **changes: object) -> None:
    values: dict[str, object] = {
        "kind": ContractKind.DEVELOPMENT,
        "title": "模具涂层开发",
        "status": ContractState.REGISTERED,
        "buyer_id": people.huaxing,
        "seller_id": people.jiangda,
        "direction": Direction.IN,
        "amount_total_fen": 80_000_000,
        "amount_tech_fen": 50_000_000,
        "signed_on": TODAY,
        "created_at": clock.now(),
    }
    session.add(TechContract(**(values | changes)))
    session.flush()


def test_a_visitor_of_an_empty_installation_finds_three_doors(app: MatchmakerApp) -> None:
    page = text_of(app.test_client().get("/"))

    for words in ("我要发布需求", "上传成果清单", "我要揭榜", "近期没有已公布的专场"):
        assert words in page


def test_the_front_page_shows_the_campaign_and_its_announced_events(
    app: MatchmakerApp, database: Database
) -> None:
    with database.writing() as session:
        campaign = _campaign(session)
        _event(session, campaign, title="已公布的专场")
        _event(session, campaign, title="还没公布的专场", status=EventState.DRAFT)

    page = text_of(app.test_client().get("/"))

    for words in ("临澜百日百场", "产研同题", "已公布的专场"):
        assert words in page
    assert "还没公布的专场" not in page


def test_the_front_page_keeps_what_firms_keep(app: MatchmakerApp, database: Database, people: People) -> None:
    with database.writing() as session:
        _published(session, people, title="原题有秘密", public_title="公开的题目", budget_min_fen=123_000_000)
        _published(session, people, title="定向的题目", disclosure=Disclosure.TARGETED)
        make_need(session, organisation_id=people.huaxing, title="没发布的题目")
        make_achievement(
            session, organisation_id=people.haiyuan, title="隐名的成果", disclosure=Disclosure.MASKED
        )
        make_achievement(
            session,
            organisation_id=people.jiangda,
            title="没公开的成果",
            status=AchievementState.ACCEPTED,
        )

    page = text_of(app.test_client().get("/"))

    for words in ("公开的题目", "100–300 万元", "隐名的成果", "某高校院所"):
        assert words in page
    for secret in ("原题有秘密", "定向的题目", "没发布的题目", "华星模具", "海州理工", "没公开的成果"):
        assert secret not in page


@pytest.mark.parametrize(
    ("who", "lands"),
    [
        ("organiser", "/organiser"),
        ("admin", "/organiser"),
        ("enterprise_user", "/needs/mine"),
        ("university_user", "/matches/mine"),
    ],
)
def test_people_with_work_here_land_on_it_and_may_stay(
    people: People, sign_in: Browser, who: str, lands: str
) -> None:
    browser = sign_in(getattr(people, who))

    assert browser.get("/").location == lands
    assert browser.get("/?stay=1").status_code == 200


def test_a_door_that_would_be_refused_is_not_offered(people: People, sign_in: Browser) -> None:
    page = text_of(sign_in(people.university_user).get("/?stay=1"))

    assert "我要发布需求" not in page
    assert "上传成果清单" in page


def test_the_notice_names_the_bureau_and_its_version(app: MatchmakerApp, people: People) -> None:
    page = text_of(app.test_client().get("/privacy"))

    for words in ("临澜县科学技术局", "版本 2026-02", "您的权利"):
        assert words in page


def test_the_help_tells_the_bureau_alone_where_the_database_is(
    app: MatchmakerApp, people: People, sign_in: Browser
) -> None:
    visitor = text_of(app.test_client().get("/help"))
    organiser = text_of(sign_in(people.organiser).get("/help"))

    assert "键盘快捷键" in visitor
    assert str(app.settings.home) not in visitor
    assert str(app.settings.home) in organiser


def test_the_front_page_asks_as_much_for_six_needs_as_for_one(
    app: MatchmakerApp, database: Database, people: People, queries_of: Callable[[Callable[[], object]], int]
) -> None:
    def add_one() -> None:
        with database.writing() as session:
            _published(session, people)
            make_achievement(session, organisation_id=people.jiangda)

    browser = app.test_client()
    add_one()
    with_one = queries_of(lambda: browser.get("/"))
    for _ in range(5):
        add_one()

    assert queries_of(lambda: browser.get("/")) == with_one


@pytest.fixture
def queries_of(database: Database) -> Callable[[Callable[[], object]], int]:
    """A function: act → how many questions the database was asked."""

    def count(act: Callable[[], object]) -> int:
        asked: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            if statement.startswith("SELECT") and "web_session" not in statement:  # sessions keep themselves
                asked.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        act()
        event.remove(database.engine, "before_cursor_execute", note)
        return len(asked)

    return count


def test_the_headline_compares_the_same_days_of_two_years(database: Database, people: People) -> None:
    with database.writing() as session:
        campaign = _campaign(session)
        _event(session, campaign, status=EventState.HELD, held_on=TODAY)
        _event(session, campaign, status=EventState.HELD, held_on=TODAY, kind="training")
        for number, day in (("1", TODAY), ("2", date(2025, 3, 1)), ("3", date(2025, 12, 1))):
            _contract(session, people, registration_no=number, registered_on=day, signed_on=day)
        _contract(session, people, status=ContractState.SIGNED)

        found = headline(session, campaign, today=TODAY)

    assert found.events == Figure(now=1, before=0, target=10)
    assert found.contracts == Figure(now=1, before=1, target=8)
    assert found.turnover == Figure(now=50_000_000, before=50_000_000)
    assert (found.turnover.growth, found.events.growth, found.contracts.share) == (0.0, None, 0.125)


def test_the_headline_works_on_a_leap_day(database: Database) -> None:
    with database.writing() as session:
        assert headline(session, None, today=date(2028, 2, 29)).contracts == Figure(now=0)


def test_a_signing_names_a_firm_only_where_its_need_is_open(database: Database, people: People) -> None:
    with database.writing() as session:
        open_need = make_need(session, organisation_id=people.huaxing, disclosure=Disclosure.PUBLIC)
        masked = make_need(
            session, organisation_id=people.yuanhang, disclosure=Disclosure.MASKED, public_title="公开的题目"
        )
        _contract(session, people, need_id=open_need.id)
        _contract(session, people, buyer_id=people.yuanhang, need_id=masked.id, title="远航的合同")
        _contract(session, people, title="没有需求的合同", signed_on=TODAY - timedelta(days=1))
        _contract(session, people, title="拟定的合同", status=ContractState.DRAFT)
        session.add(
            Agreement(
                kind=AgreementKind.FRAMEWORK,
                title="框架协议",
                enterprise_id=people.huaxing,
                partner_id=people.haiyuan,
                signed_on=TODAY - timedelta(days=2),
                created_at=clock.now(),
            )
        )
        session.flush()

        found = latest_signings(session)

    contract = {"kind": "tech_contract", "contract_kind": "development"}
    assert sorted(found, key=lambda s: (-s.on.toordinal(), s.title)) == [
        Signing(on=TODAY, title="公开的题目", parties=("某企业", "江州大学"), **contract),
        Signing(on=TODAY, title="模具涂层开发", parties=("华星模具有限公司", "江州大学"), **contract),
        Signing(on=TODAY - timedelta(days=1), title="", parties=("某企业", "江州大学"), **contract),
        Signing(
            on=TODAY - timedelta(days=2),
            kind="framework",
            contract_kind="",
            title="",
            parties=("某企业", "海州理工学院"),
        ),
    ]


def test_the_wall_shows_numbers_and_no_secret(database: Database, people: People, sign_in: Browser) -> None:
    today = clock.today()
    with database.writing() as session:
        campaign = _campaign(session)
        _event(session, campaign)
        _contract(session, people, registration_no="1", registered_on=today, signed_on=today)

    page = text_of(sign_in(people.organiser).get("/board"))

    for words in (
        "临澜百日百场",
        "今年登记技术合同",
        '50<span class="stat-unit">万元',
        "目标 8",
        "模具专场对接会",
        "某企业 × 江州大学",
    ):
        assert words in page
    for secret in ("华星模具", "80 万元"):
        assert secret not in page


def test_the_wall_of_an_empty_installation_says_what_will_stand_there(
    people: People, sign_in: Browser
) -> None:
    page = text_of(sign_in(people.organiser).get("/board"))

    assert "还没有活动计划" in page
    assert "签约后列在这里" in page


def test_styles_and_scripts_are_asked_for_under_what_is_in_them(app: MatchmakerApp) -> None:
    page = app.test_client().get("/").get_data(as_text=True)

    stamps = set(re.findall(r"/static/(?:css|js)/[a-z]+\.(?:css|js)\?v=([0-9a-f]*)", page))
    assert [len(stamp) for stamp in stamps] == [10]
