"""Answers by link: nothing happens on opening, once on sending, never again."""

import re
from collections.abc import Callable

import pytest
from event_cast import Cast, make_cast
from factories import People
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import InvitationState, PairingState, Role
from matchmaker.services.invitations import invite, plan_invitations
from matchmaker.services.links import Purpose, make_link
from matchmaker.services.pairing_lists import draw, publish_list
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import AnswerLink, Invitation, Pairing
from matchmaker.web.frame import MatchmakerApp

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))
Opener = Callable[..., str]
Browser = Callable[[int], FlaskClient]


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    with database.writing() as session:
        made = make_cast(session, people)
        plan_invitations(session, ORGANISER, event_id=made.event)
        invite(session, ORGANISER, event_id=made.event)
    return made


@pytest.fixture
def browser(app: MatchmakerApp) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def path_of(database: Database, settings: Settings) -> Opener:
    def path(purpose: Purpose, subject_id: int, side: str = "") -> str:
        with database.writing() as session:
            address = make_link(session, settings, purpose=purpose, subject_id=subject_id, side=side)
        return address.removeprefix(settings.public_url)

    return path


def guest(database: Database, organisation_id: int) -> Invitation:
    with database.reading() as session:
        wanted = select(Invitation).where(Invitation.organisation_id == organisation_id)
        return session.scalars(wanted).one()


def test_opening_changes_nothing_and_sending_answers_once(
    database: Database, people: People, cast: Cast, browser: FlaskClient, path_of: Opener
) -> None:
    row = guest(database, people.huaxing)
    path = path_of(Purpose.INVITATION, row.id)

    for _ in range(2):
        page = text_of(browser.get(path))
        assert "模具产业专场对接会" in page
        assert "确认参加" in page
    assert guest(database, people.huaxing).status is InvitationState.INVITED

    first = browser.post(path, data={"choice": "yes", "note": "两人参加"})
    second = browser.post(path, data={"choice": "no", "note": "改主意"})

    assert "已为您确认参加" in text_of(first)
    assert "这个链接已经答复过" in text_of(second)
    assert "这个链接已经答复过" in text_of(browser.get(path))
    answered = guest(database, people.huaxing)
    assert (answered.status, answered.answer_note) == (InvitationState.ACCEPTED, "两人参加")


def test_a_spent_link_says_what_was_answered_and_whom_to_turn_to(
    database: Database, people: People, cast: Cast, browser: FlaskClient, path_of: Opener
) -> None:
    path = path_of(Purpose.INVITATION, guest(database, people.huaxing).id)
    browser.post(path, data={"choice": "no", "note": "出差"})

    page = text_of(browser.get(path))

    assert "邀请您参加“模具产业专场对接会”" in page
    assert re.search(r"您的答复\s*</dt>\s*<dd[^>]*>\s*不能参加", page)
    assert "请联系主办方（百日百场对接服务）" in page
    assert 'name="choice"' not in page


def test_a_link_of_a_list_that_was_replaced_says_so(
    database: Database, cast: Cast, browser: FlaskClient, path_of: Opener
) -> None:
    row = published(database, cast)
    path = path_of(Purpose.PAIRING, row.id, "achievement")
    assert "贵方专家" in text_of(browser.get(path))
    published(database, cast)

    page = text_of(browser.get(path))

    assert "这场洽谈已由新的安排代替，请以最新的通知为准。" in page
    assert "这个链接已经答复过" not in page


def test_an_answer_without_a_choice_is_asked_again_and_the_link_stays_good(
    database: Database, people: People, cast: Cast, browser: FlaskClient, path_of: Opener
) -> None:
    path = path_of(Purpose.INVITATION, guest(database, people.huaxing).id)
    response = browser.post(path, data={"note": "写了一半"})
    assert response.status_code == 422
    assert "写了一半" in text_of(response)
    assert browser.post(path, data={"choice": "no"}).status_code == 200
    assert guest(database, people.huaxing).status is InvitationState.DECLINED


@pytest.mark.parametrize("token", ["x", "WzFd.abcdef", "1", "%E4%B8%AD"])
def test_a_forged_link_opens_nothing(cast: Cast, browser: FlaskClient, token: str) -> None:
    for response in (browser.get(f"/a/{token}"), browser.post(f"/a/{token}", data={"choice": "yes"})):
        assert response.status_code == 404
        assert "已经用过或已过期" in text_of(response)


def test_a_link_runs_out(
    database: Database, people: People, cast: Cast, browser: FlaskClient, path_of: Opener
) -> None:
    path = path_of(Purpose.INVITATION, guest(database, people.huaxing).id)
    with database.writing() as session:
        for link in session.scalars(select(AnswerLink)):
            link.expires_at = clock.now()
    assert browser.get(path).status_code == 404
    assert browser.post(path, data={"choice": "yes"}).status_code == 404
    assert guest(database, people.huaxing).status is InvitationState.INVITED


def test_a_purpose_that_nobody_answers_opens_nothing(
    database: Database, people: People, cast: Cast, browser: FlaskClient, path_of: Opener
) -> None:
    assert browser.get(path_of(Purpose.NEED_QUESTIONS, cast.huaxing_need)).status_code == 404


def published(database: Database, cast: Cast) -> Pairing:
    list_id = draw(database, ORGANISER, event_id=cast.event, limits={})
    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=list_id)
    with database.reading() as session:
        wanted = select(Pairing).where(Pairing.list_id == list_id, Pairing.match_id == cast.strong)
        return session.scalars(wanted).one()


def test_both_sides_answer_a_pairing_by_their_own_links(
    database: Database, cast: Cast, browser: FlaskClient, path_of: Opener
) -> None:
    row = published(database, cast)
    firm = path_of(Purpose.PAIRING, row.id, "need")
    expert = path_of(Purpose.PAIRING, row.id, "achievement")
    assert "华星" not in text_of(browser.get(expert))

    assert "对方也接受之后" in text_of(browser.post(firm, data={"choice": "accepted"}))
    assert browser.post(expert, data={"choice": "declined"}).status_code == 422
    assert "双方都已接受" in text_of(browser.post(expert, data={"choice": "accepted"}))

    with database.reading() as session:
        assert session.get_one(Pairing, row.id).status is PairingState.ACCEPTED_BOTH


def test_an_answer_spends_the_other_links_of_its_side_only(
    database: Database, cast: Cast, browser: FlaskClient, path_of: Opener
) -> None:
    row = published(database, cast)
    first, second = (path_of(Purpose.PAIRING, row.id, "need") for _ in range(2))
    expert = path_of(Purpose.PAIRING, row.id, "achievement")
    browser.post(first, data={"choice": "accepted"})
    assert "这个链接已经答复过" in text_of(browser.get(second))
    assert "您的答复" in text_of(browser.get(expert))


def test_who_was_turned_down_by_the_other_side_is_asked_nothing_any_more(
    database: Database, people: People, cast: Cast, browser: FlaskClient, path_of: Opener, sign_in: Browser
) -> None:
    row = published(database, cast)
    firm = path_of(Purpose.PAIRING, row.id, "need")
    own = sign_in(people.enterprise_user)
    at = f"/events/mine/pairings/{row.id}"
    assert at in own.get("/events/mine").text

    expert = path_of(Purpose.PAIRING, row.id, "achievement")
    browser.post(expert, data={"choice": "declined", "note": "已独家许可"})

    for page in (browser.get(firm), browser.post(firm, data={"choice": "accepted"})):
        assert "对方婉拒了这场洽谈，您不用再答复" in text_of(page)
        assert "提交答复" not in text_of(page)
    assert at not in own.get("/events/mine").text
    assert "对方婉拒了这场洽谈，您不用再答复" in text_of(own.get("/events/mine"))
    with database.reading() as session:
        assert not session.get_one(Pairing, row.id).need_answer


def test_who_said_no_may_still_say_yes(
    database: Database, cast: Cast, people: People, sign_in: Browser
) -> None:
    row = published(database, cast)
    own = sign_in(people.enterprise_user)
    at = f"/events/mine/pairings/{row.id}"
    own.post(at, data={"answer": "declined", "note": "没有时间"})

    assert "对方婉拒" not in own.get("/events/mine").text
    assert at in own.get("/events/mine").text
    assert own.post(at, data={"answer": "accepted"}).status_code == 303
    with database.reading() as session:
        assert session.get_one(Pairing, row.id).need_answer == "accepted"
