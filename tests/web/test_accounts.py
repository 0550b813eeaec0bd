"""Signing in, passwords, registering, one's own data, through the pages."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from factories import People, make_need, make_person, make_user
from flask.testing import FlaskClient
from flask_security import hash_password
from reading import CHEAP_HASH, text_of
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from matchmaker import clock
from matchmaker.app import create_app
from matchmaker.domain.identifiers import normal_org_name
from matchmaker.domain.states import ApprovalState, Role
from matchmaker.services import accounts
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Message, Organisation, Person, SignInAttempt, Token, User, WebSession
from matchmaker.web.frame import MatchmakerApp
from matchmaker.wording import label

PASSWORD = "正确的马电池订书钉"
GOOD_USCC = "9133022600000001XY"
Browser = Callable[[int], FlaskClient]


@pytest.fixture
def firm_user(app: MatchmakerApp, database: Database, people: People) -> str:
    """An enterprise's account with a password; its address."""
    with app.app_context():
        kept = hash_password(PASSWORD)
    with database.writing() as session:
        make_user(
            session,
            Role.ENTERPRISE,
            email="zhou@example.com",
            phone="13800000000",
            organisation_id=people.huaxing,
            password=kept,
        )
    return "zhou@example.com"


@pytest.fixture
def asked(database: Database) -> list[str]:
    """The statements sent to the database from now on."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    return statements


def _enter(client: FlaskClient, login: str, password: str, **more: str) -> TestResponse:
    return client.post("/accounts/sign-in", data={"login": login, "password": password, **more})


def test_the_right_password_leads_in_under_a_new_session_key(app: MatchmakerApp, firm_user: str) -> None:
    client = app.test_client()
    client.get("/accounts/sign-in?lang=zh")
    before = client.get_cookie("matchmaker_own")

    response = _enter(client, " ZHOU@example.com ", PASSWORD, next="/accounts/mine")

    assert (response.status_code, response.location) == (303, "/accounts/mine")
    after = client.get_cookie("matchmaker_own")
    assert before
    assert after
    assert before.value != after.value
    assert client.get("/accounts/mine").status_code == 200


def test_a_phone_number_that_one_account_has_signs_in_too(app: MatchmakerApp, firm_user: str) -> None:
    assert _enter(app.test_client(), "138 0000 0000", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil", ""]
)
def test_next_never_leads_to_another_site(app: MatchmakerApp, firm_user: str, target: str) -> None:
    response = _enter(app.test_client(), firm_user, PASSWORD, next=target)

    assert (response.status_code, response.location) == (303, "/accounts/landing")


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(
    app: MatchmakerApp, firm_user: str
) -> None:
    wrong = _enter(app.test_client(), firm_user, "something else")
    unknown = _enter(app.test_client(), "nobody@example.com", "something else")

    def plain(page: TestResponse, login: str) -> str:
        lines = text_of(page).replace(login, "").splitlines()
        return "\n".join(line for line in lines if "csrf" not in line)

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert plain(wrong, firm_user) == plain(unknown, "nobody@example.com")


def test_an_unknown_account_costs_a_hash_too(
    app: MatchmakerApp, firm_user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def count(password: str, kept: str) -> bool:
        looked_at.append(kept[:9])
        return False

    monkeypatch.setattr("matchmaker.web.accounts.verify_password", count)
    _enter(app.test_client(), firm_user, "x")
    _enter(app.test_client(), "nobody@example.com", "x")

    assert looked_at == ["$argon2id", "$argon2id"]


def test_ten_wrong_passwords_close_the_account_and_the_address(
    app: MatchmakerApp, firm_user: str, database: Database
) -> None:
    client = app.test_client()
    answers = [_enter(client, firm_user, "wrong guess").status_code for _ in range(11)]
    right = _enter(client, firm_user, PASSWORD)
    elsewhere = client.post(
        "/accounts/sign-in",
        data={"login": firm_user, "password": PASSWORD},
        environ_base={"REMOTE_ADDR": "10.1.1.9"},
    )
    same_address = _enter(client, "other@example.com", "x")

    assert answers == [422] * 10 + [429]
    assert [right.status_code, elsewhere.status_code, same_address.status_code] == [429, 429, 429]
    assert "分钟再试" in text_of(right)
    with database.writing() as session:
        session.execute(SignInAttempt.__table__.update().values(at=clock.now() - timedelta(minutes=16)))
    assert _enter(client, firm_user, PASSWORD).status_code == 303


def test_a_success_forgives_the_account_but_not_the_address(
    app: MatchmakerApp, firm_user: str, database: Database
) -> None:
    client = app.test_client()
    for _ in range(3):
        _enter(client, firm_user, "wrong guess")
    _enter(client, firm_user, PASSWORD)

    with database.reading() as session:
        keys = session.scalars(select(SignInAttempt.key)).all()
    assert [key.split(":")[:2] for key in keys] == [["sign_in", "address"]] * 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": ApprovalState.WAITING}, "主办方正在审核"),
        ({"status": ApprovalState.REFUSED}, "没有通过审核"),
        ({"active": False}, "已被停用"),
    ],
)
def test_who_may_not_come_in_is_told_why_but_only_with_the_right_password(
    app: MatchmakerApp, firm_user: str, database: Database, changes: dict[str, object], words: str
) -> None:
    with database.writing() as session:
        user = session.scalars(select(User).where(User.email == firm_user)).one()
        for name, value in changes.items():
            setattr(user, name, value)

    assert words in text_of(_enter(app.test_client(), firm_user, PASSWORD))
    assert words not in text_of(_enter(app.test_client(), firm_user, "wrong guess"))


def test_signing_out_ends_the_session_in_the_database(
    app: MatchmakerApp, firm_user: str, database: Database
) -> None:
    client = app.test_client()
    _enter(client, firm_user, PASSWORD)
    cookie = client.get_cookie("matchmaker_own")
    assert cookie is not None

    client.post("/accounts/sign-out")

    client.set_cookie("matchmaker_own", cookie.value)
    assert client.get("/accounts/mine").status_code == 302


def test_a_changed_password_ends_all_other_sessions(
    app: MatchmakerApp, firm_user: str, database: Database
) -> None:
    here, there = app.test_client(), app.test_client()
    _enter(here, firm_user, PASSWORD)
    _enter(there, firm_user, PASSWORD)
    new = "另一个 很长 的密码"
    form = {"current": PASSWORD, "password": new, "again": new}

    refused = here.post("/accounts/password", data=form | {"current": "wrong"})
    short = here.post("/accounts/password", data=form | {"password": "abc", "again": "abc"})
    common = here.post("/accounts/password", data=form | {"password": "Woaini1314", "again": "Woaini1314"})
    done = here.post("/accounts/password", data=form)

    assert [refused.status_code, short.status_code, common.status_code] == [422, 422, 422]
    assert "现在的密码不对" in text_of(refused)
    assert "至少 8 位" in text_of(short)
    assert "太常见" in text_of(common)
    assert done.status_code == 303
    assert here.get("/accounts/mine").status_code == 200
    assert there.get("/accounts/mine").status_code == 302
    assert _enter(app.test_client(), firm_user, new).status_code == 303


def test_a_one_time_password_is_shown_once_and_must_be_changed(
    app: MatchmakerApp, people: People, sign_in: Browser, firm_user: str, database: Database
) -> None:
    with database.reading() as session:
        user_id = session.scalars(select(User.id).where(User.email == firm_user)).one()
    page = text_of(sign_in(people.organiser).post(f"/accounts/users/{user_id}/one-time-password"))
    password = page.split("<code>")[1].split("</code>")[0]

    client = app.test_client()
    assert _enter(client, firm_user, PASSWORD).status_code == 422
    assert _enter(client, firm_user, password).status_code == 303
    assert client.get("/accounts/mine").location == "/accounts/password"
    new = "自己的 新密码 九位"
    client.post("/accounts/password", data={"current": password, "password": new, "again": new})
    assert client.get("/accounts/mine").status_code == 200


def test_an_organiser_cannot_give_staff_a_password(people: People, sign_in: Browser) -> None:
    browser = sign_in(people.organiser)

    assert browser.post(f"/accounts/users/{people.admin}/one-time-password").status_code == 403
    assert browser.get(f"/accounts/users/{people.admin}").status_code == 403


def test_a_reset_link_works_once_within_two_hours(
    app: MatchmakerApp, firm_user: str, database: Database
) -> None:
    with database.writing() as session:
        user = session.scalars(select(User).where(User.email == firm_user)).one()
        old = accounts.make_reset_link(session, user.id)
        link = accounts.make_reset_link(session, user.id)
    client = app.test_client()
    new = {"password": "换成 新的 密码", "again": "换成 新的 密码"}

    assert client.get(old).status_code == 410
    assert client.get(link).status_code == 200
    assert client.post(link, data={"password": "短", "again": "短"}).status_code == 422
    assert client.post(link, data=new).location == "/accounts/sign-in"
    assert client.post(link, data=new).status_code == 410
    assert _enter(client, firm_user, new["password"]).status_code == 303
    with database.writing() as session:
        late = accounts.make_reset_link(session, user.id)
        session.flush()
        token = session.scalars(select(Token)).one()
        assert late.split("/")[-1] not in token.key_hash
        token.expires_at = clock.now()
    assert client.get(late).status_code == 410


def test_who_sends_a_form_after_the_sign_in_ran_out_signs_in_and_comes_back_to_it(
    settings: Settings, database: Database
) -> None:
    client = create_app(settings, database, TESTING=True, **CHEAP_HASH).test_client()
    client.get("/accounts/sign-in")  # leaves a cookie, as a session that ran out does

    sent = client.post("/needs/new", data={"csrf_token": "of the old session", "title": "写了一半的需求"})
    decided = client.post(
        "/needs/7/accept", data={"csrf_token": "old"}, headers={"Referer": "http://localhost/needs/review"}
    )
    stranger = client.post("/needs/new", data={"title": "没有令牌"})

    assert (sent.status_code, sent.location) == (303, "/accounts/sign-in?next=/needs/new&expired=1")
    assert decided.location == "/accounts/sign-in?next=/needs/review&expired=1"
    page = text_of(client.get(sent.location))
    assert "登录已过期，刚才的内容没有提交。" in page
    assert 'name="next" value="/needs/new"' in page
    assert stranger.status_code == 400
    assert "没有保存，请先登录" in text_of(stranger)
    # forms that need no account never ask for one
    for place in ("/a/no-such-link", "/accounts/sign-in"):
        assert client.post(place, data={"csrf_token": "old"}).status_code == 400
    back = text_of(client.post("/accounts/forgotten", data={"csrf_token": "old"}))
    assert '<a class="btn btn-primary" href="/accounts/forgotten">' in back


def test_who_sends_a_form_after_the_cookies_were_cleared_is_told_that_nothing_was_saved_and_where_to_sign_in(
    settings: Settings, database: Database
) -> None:
    app = create_app(settings, database, TESTING=True, **CHEAP_HASH)

    sent = app.test_client().post(
        "/needs/7/accept",
        data={"csrf_token": "of a cleared cookie"},
        headers={"Referer": "http://localhost/needs/review"},
    )
    elsewhere = app.test_client().post("/needs/new", headers={"Referer": "http://evil.example/needs/review"})
    by_script = app.test_client().post("/needs/7/accept", headers={"HX-Request": "true"})

    told = "您现在没有登录（登录已过期，或浏览器清除了 Cookie），刚才的内容没有保存。请登录后重新提交。"
    page = text_of(sent)
    assert sent.status_code == 400
    assert "没有保存，请先登录" in page
    assert (
        "您现在没有登录（登录已过期，或浏览器清除了 Cookie），刚才的内容没有保存。请登录后重新提交。" in page
    )
    assert 'href="/accounts/sign-in?next=/needs/review"' in page
    # nobody is led where another site wants: the form's own page stands in
    assert 'href="/accounts/sign-in?next=/needs/new"' in text_of(elsewhere)
    assert (by_script.status_code, by_script.json) == (400, {"error": "没有保存，请先登录", "message": told})


def test_asking_for_a_reset_answers_the_same_and_records_only_for_real_accounts(
    settings: Settings, database: Database, app: MatchmakerApp, firm_user: str
) -> None:
    mailing = create_app(
        settings.model_copy(update={"mail": settings.mail.model_copy(update={"host": "mail.example"})}),
        database,
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        **CHEAP_HASH,
    )
    client = mailing.test_client()

    pages = [
        client.post("/accounts/forgotten", data={"login": login})
        for login in (firm_user, "nobody@example.com")
    ]

    assert [page.status_code for page in pages] == [200, 200]
    assert all("如果这个账号存在" in text_of(page) for page in pages)
    with database.reading() as session:
        assert session.scalars(select(Message.name)).all() == ["PasswordResetAsked"]
    assert "请联系主办方" in text_of(app.test_client().get("/accounts/forgotten"))


REGISTRATION = {
    "kind": "enterprise",
    "organisation_name": "临澜晨光模具有限公司（盖章）",
    "uscc": GOOD_USCC,
    "town": "南溪镇",
    "name": "沈一帆",
    "position": "技术部长",
    "phone": "138 0000 1234",
    "email": "Shen@Example.com",
    "password": "晨光 模具 九号车间",
    "again": "晨光 模具 九号车间",
    "agrees": "1",
}


def test_a_registration_waits_and_can_sign_in_once_approved(
    app: MatchmakerApp, people: People, sign_in: Browser, database: Database
) -> None:
    client = app.test_client()
    done = client.post("/accounts/register", data=REGISTRATION)
    assert done.location == "/accounts/registered"
    waiting = _enter(client, "shen@example.com", REGISTRATION["password"])
    assert "主办方正在审核" in text_of(waiting)
    with database.reading() as session:
        user = session.scalars(select(User).where(User.email == "shen@example.com")).one()
        firm = session.get_one(Organisation, user.organisation_id)
    assert (firm.name, firm.uscc, firm.status) == (
        "临澜晨光模具有限公司",
        GOOD_USCC,
        ApprovalState.WAITING,
    )

    organiser = sign_in(people.organiser)
    assert "沈一帆" in text_of(organiser.get(f"/accounts/waiting/{user.id}"))
    organiser.post(f"/accounts/waiting/{user.id}/approve")

    assert organiser.post(f"/accounts/waiting/{user.id}/approve").status_code == 409
    assert _enter(client, "shen@example.com", REGISTRATION["password"]).status_code == 303
    assert client.get(f"/organisations/{firm.id}").status_code == 200
    with database.reading() as session:
        assert session.get_one(Organisation, firm.id).status is ApprovalState.APPROVED
        assert session.scalars(select(Message.name).order_by(Message.id)).all() == [
            "AccountRegistered",
            "AccountDecided",
        ]


def test_all_problems_of_a_registration_are_told_at_once(app: MatchmakerApp, people: People) -> None:
    page = app.test_client().post(
        "/accounts/register",
        data={
            "kind": "enterprise",
            "uscc": GOOD_USCC[:-1] + "1",
            "phone": "12",
            "email": "x",
            "password": "1",
        },
    )

    assert page.status_code == 422
    for words in ("单位全称", "校验位", "联系人姓名", "联系电话看不懂", "邮箱格式", "勾选同意", "至少 8 位"):
        assert words in text_of(page)


def test_a_likely_duplicate_is_shown_and_the_account_can_join_it(
    app: MatchmakerApp, people: People, sign_in: Browser, database: Database
) -> None:
    app.test_client().post("/accounts/register", data=REGISTRATION | {"organisation_name": "华星模具公司"})
    with database.reading() as session:
        user = session.scalars(select(User).where(User.email == "shen@example.com")).one()
    organiser = sign_in(people.organiser)
    assert "华星模具有限公司" in text_of(organiser.get(f"/accounts/waiting/{user.id}"))

    organiser.post(f"/accounts/waiting/{user.id}/approve", data={"organisation_id": people.huaxing})

    with database.reading() as session:
        joined = session.get_one(User, user.id)
        huaxing = session.get_one(Organisation, people.huaxing)
        gone = session.get_one(Organisation, user.organisation_id)
        person = session.get_one(Person, joined.person_id)
    assert (joined.status, joined.organisation_id) == (ApprovalState.APPROVED, people.huaxing)
    assert (huaxing.uscc, huaxing.town) == (GOOD_USCC, "临江街道")
    assert (gone.status, gone.merged_into_id, gone.uscc) == (ApprovalState.MERGED, people.huaxing, None)
    assert person.organisation_id == people.huaxing


def test_the_first_button_takes_an_account_to_the_organisation_of_its_name(
    app: MatchmakerApp, people: People, sign_in: Browser, database: Database
) -> None:
    with database.writing() as session:
        name = session.get_one(Organisation, people.huaxing).name
        session.get_one(Organisation, people.huaxing).normalised_name = normal_org_name(name)
    app.test_client().post("/accounts/register", data=REGISTRATION | {"organisation_name": name})
    with database.reading() as session:
        user_id = session.scalars(select(User.id).where(User.email == "shen@example.com")).one()

    page = text_of(sign_in(people.organiser).get(f"/accounts/waiting/{user_id}"))

    first = page.index("通过，归到库里的同名单位")
    assert f'name="organisation_id" value="{people.huaxing}"' in page[:first]
    assert first < page.index(f"库里已有同名单位“{name}”，新建后会有两份。确实是两家单位时才新建。")


def test_a_stranger_with_a_known_code_changes_nothing_of_that_organisation(
    app: MatchmakerApp, people: People, database: Database
) -> None:
    with database.writing() as session:
        session.get_one(Organisation, people.huaxing).uscc = GOOD_USCC

    app.test_client().post("/accounts/register", data=REGISTRATION)

    with database.reading() as session:
        user = session.scalars(select(User).where(User.email == "shen@example.com")).one()
        firm = session.get_one(Organisation, people.huaxing)
    assert user.organisation_id == people.huaxing
    assert (firm.name, firm.town) == ("华星模具有限公司", "临江街道")


def test_a_refused_registration_needs_a_reason_and_may_be_tried_again(
    app: MatchmakerApp, people: People, sign_in: Browser, database: Database
) -> None:
    client, organiser = app.test_client(), sign_in(people.organiser)
    client.post("/accounts/register", data=REGISTRATION)
    with database.reading() as session:
        user_id = session.scalars(select(User.id).where(User.email == "shen@example.com")).one()

    assert organiser.post(f"/accounts/waiting/{user_id}/refuse").status_code == 422
    organiser.post(f"/accounts/waiting/{user_id}/refuse", data={"reason": "incomplete", "note": "缺公章"})

    assert "没有通过审核" in text_of(_enter(client, "shen@example.com", REGISTRATION["password"]))
    assert client.post("/accounts/register", data=REGISTRATION).status_code == 303
    with database.reading() as session:
        assert session.get_one(User, user_id).status is ApprovalState.WAITING
        decided = session.scalars(select(Message).where(Message.name == "AccountDecided")).one()
    assert decided.payload["reason"] == "信息不完整或有误，请更正后重新注册；缺公章"


def test_the_first_administrator_is_made_once(app: MatchmakerApp, database: Database) -> None:
    with database.writing() as session:
        key = accounts.ensure_first_run_token(session)
    assert key is not None
    form = {
        "token": key,
        "bureau": "临澜县科学技术局",
        "region": "临澜县",
        "campaign": "百日百场",
        "name": "何清远",
        "phone": "0574-65550000",
        "email": "he@example.com",
        "password": "山外 青山 楼外楼",
        "again": "山外 青山 楼外楼",
    }
    client = app.test_client()

    assert client.get(f"/accounts/first-run?token={key}").status_code == 200
    assert client.post("/accounts/first-run", data=form | {"bureau": ""}).status_code == 422
    assert client.post("/accounts/first-run", data=form).location == "/settings"
    assert client.post("/accounts/first-run", data=form).status_code == 410
    settings_page = text_of(client.get("/settings"))
    assert "模具" in settings_page
    assert "百日百场" in settings_page
    with database.reading() as session:
        assert session.scalar(select(User.last_sign_in_at).where(User.email == form["email"])) is not None
    with database.writing() as session:
        assert accounts.ensure_first_run_token(session) is None


def test_ones_own_data_come_as_a_workbook_in_words(
    database: Database, people: People, sign_in: Browser
) -> None:
    import openpyxl

    with database.writing() as session:
        session.get_one(User, people.enterprise_user).person_id = people.huaxing_contact
        make_need(
            session, organisation_id=people.huaxing, contact_id=people.huaxing_contact, title="模具涂层"
        )
    firm = sign_in(people.enterprise_user)
    firm.post("/accounts/mine/consents", data={"scopes": ["public_display"]})

    answer = firm.get("/accounts/mine/workbook")

    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    sheets = {sheet.title: [row for row in sheet.iter_rows(values_only=True) if any(row)] for sheet in book}
    assert set(sheets) == {"基本信息", "同意记录", "需求"}
    assert {("姓名", "周一诺"), ("身份", "联系人"), ("单位", "华星模具有限公司")} <= {
        row[:2] for row in sheets["基本信息"]
    }
    assert {row[:2] for row in sheets["同意记录"]} == {
        ("事项", "同意"),
        ("同意主办方为对接目的使用所填信息", "否"),
        ("双方均接受对接后，向对方提供联系方式", "否"),
        ("同意在公开列表展示（按所选公开范围）", "是"),
    }
    assert [row[1:4] for row in sheets["需求"]] == [
        ("名称", "状态", "公开方式"),
        ("模具涂层", label("need_status", "submitted"), label("disclosure", "masked")),
    ]


def test_my_data_is_whole_and_without_secrets(people: People, sign_in: Browser, database: Database) -> None:
    with database.writing() as session:
        session.get_one(User, people.enterprise_user).password = "$argon2id$secret"

    answer = sign_in(people.enterprise_user).get("/accounts/mine/download")

    found = json.loads(answer.data)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert found["organisation"] == "华星模具有限公司"
    assert [row["id"] for row in found["user_account"]] == [people.enterprise_user]
    assert [row["name"] for row in found["person"]] == ["周一诺"]
    assert "argon2id" not in text_of(answer)


def test_corrections_need_the_password_only_for_a_new_address(
    app: MatchmakerApp, firm_user: str, database: Database
) -> None:
    client = app.test_client()
    _enter(client, firm_user, PASSWORD)
    form = {"name": "周一鸣", "phone": "13900000000", "email": firm_user, "position": ""}

    assert client.post("/accounts/mine/contact", data=form).status_code == 303
    moved = form | {"email": "new@example.com"}
    assert client.post("/accounts/mine/contact", data=moved).status_code == 422
    assert client.post("/accounts/mine/contact", data=moved | {"current": PASSWORD}).status_code == 303
    with database.reading() as session:
        user = session.scalars(select(User).where(User.email == "new@example.com")).one()
    assert (user.name, user.phone) == ("周一鸣", "13900000000")


def test_consents_can_be_given_and_taken_back(people: People, sign_in: Browser) -> None:
    browser = sign_in(people.enterprise_user)

    browser.post("/accounts/mine/consents", data={"scopes": ["internal", "public_display"]})
    given = text_of(browser.get("/accounts/mine"))
    browser.post("/accounts/mine/consents", data={"scopes": ["internal"]})
    taken = text_of(browser.get("/accounts/mine"))

    assert 'value="public_display" checked' in given
    assert 'value="public_display" checked' not in taken
    assert 'value="internal" checked' in taken


def test_a_disabled_account_is_out_at_once_and_the_last_admin_stays(
    people: People, sign_in: Browser, database: Database
) -> None:
    admin, firm = sign_in(people.admin), sign_in(people.enterprise_user)
    assert firm.get("/accounts/mine").status_code == 200

    admin.post(f"/accounts/users/{people.enterprise_user}/disable", data={"note": "离职"})
    assert firm.get("/accounts/mine").status_code == 302
    admin.post(f"/accounts/users/{people.enterprise_user}/enable")

    assert firm.get("/accounts/mine").status_code == 302
    assert admin.post(f"/accounts/users/{people.admin}/disable").status_code == 409
    roles = {"roles": ["organiser"], "organisation_id": people.bureau}
    assert admin.post(f"/accounts/users/{people.admin}/roles", data=roles).status_code == 409


def test_an_administrator_adds_a_colleague(people: People, sign_in: Browser, database: Database) -> None:
    form = {"name": "丁晓", "email": "ding@example.com", "phone": "", "organisation_id": people.bureau}
    admin = sign_in(people.admin)

    assert admin.post("/accounts/users/new", data=form).status_code == 422
    page = text_of(admin.post("/accounts/users/new", data=form | {"roles": ["organiser"]}))

    assert "只显示这一次" in page
    with database.reading() as session:
        user = session.scalars(select(User).where(User.email == "ding@example.com")).one()
    assert (user.role_names, user.must_change_password) == ({Role.ORGANISER}, True)


def test_the_list_of_accounts_asks_the_same_number_of_questions_for_more_rows(
    people: People, sign_in: Browser, database: Database, asked: list[str]
) -> None:
    browser = sign_in(people.admin)
    browser.get("/accounts/users")
    asked.clear()
    browser.get("/accounts/users")
    few = len(asked)
    with database.writing() as session:
        for _ in range(3):
            make_user(session, Role.ENTERPRISE, organisation_id=people.huaxing)
            make_person(session, organisation_id=people.huaxing)
    asked.clear()
    browser.get("/accounts/users")

    assert len(asked) == few
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == 1
