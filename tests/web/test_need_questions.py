"""Asking a firm about its need: the page, the link without an account, the telephone script."""

import re
from collections.abc import Callable

import pytest
from factories import People, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import ConsentScope, EnquiryState, NeedState
from matchmaker.services.consents import record_consents
from matchmaker.services.links import Purpose
from matchmaker.services.need_questions import address_to_pass_on
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import AnswerLink, ContactAccess, Need, NeedEnquiry
from matchmaker.web.frame import MatchmakerApp

Browser = Callable[[int], FlaskClient]


@pytest.fixture
def need_id(database: Database, people: People) -> int:
    with database.writing() as session:
        need = make_need(
            session,
            organisation_id=people.huaxing,
            contact_id=people.huaxing_contact,
            key_points="",
            budget_text="面议",
        )
        return need.id


@pytest.fixture
def path(database: Database, settings: Settings, people: People, sign_in: Browser, need_id: int) -> str:
    """The path of the answer link, after the organiser asked two questions."""
    asked = {"codes": ["indicators", "budget"], "words_indicators": "寿命要多少模次？", "act": "send"}
    assert sign_in(people.organiser).post(f"/needs/{need_id}/questions", data=asked).status_code == 303
    with database.reading() as session:
        row = session.scalars(select(NeedEnquiry)).one()
        return address_to_pass_on(session, settings, row).removeprefix(settings.public_url)


def _enquiry(database: Database) -> NeedEnquiry:
    with database.reading() as session:
        return session.scalars(select(NeedEnquiry)).one()


def test_an_answer_by_link_that_nobody_signed_carries_nobodys_name(
    app: MatchmakerApp, database: Database, path: str
) -> None:
    app.test_client().post(path, data={"answer_indicators": "≥9万模次"})

    kept = _enquiry(database)
    assert (kept.answered_by, kept.answered_by_id) == ("企业（链接答复，未署名）", None)


def test_a_firm_answers_by_link_without_an_account_once(
    app: MatchmakerApp, database: Database, path: str
) -> None:
    nobody = app.test_client()

    shown = text_of(nobody.get(path))
    assert "寿命要多少模次？" in shown
    assert "压铸模具表面抗热裂涂层技术" in shown
    assert _enquiry(database).state is EnquiryState.OPEN  # opening changes nothing

    thanks = nobody.post(path, data={"answer_indicators": "≥9万模次", "note": "周工"})
    assert "已收到您的补充" in text_of(thanks)
    kept = _enquiry(database)
    assert (kept.state, kept.channel, kept.answered_by) == (EnquiryState.ANSWERED, "link", "周工")
    assert kept.answers == {"indicators": "≥9万模次"}

    again = nobody.post(path, data={"answer_indicators": "改成别的"})
    assert "这个链接已经答复过" in text_of(again)
    assert _enquiry(database).answers == {"indicators": "≥9万模次"}


def test_a_refused_answer_keeps_the_words_and_the_link(
    app: MatchmakerApp, database: Database, path: str
) -> None:
    nobody = app.test_client()

    refused = nobody.post(path, data={"answer_indicators": "≥9万模次", "answer_budget": "多" * 81})

    page = text_of(refused)
    assert refused.status_code == 422
    assert "这里最多写 80 字" in page
    assert "≥9万模次" in page
    assert nobody.post(path, data={"answer_budget": "30万"}).status_code == 200
    assert _enquiry(database).answers == {"budget": "30万"}


@pytest.mark.parametrize("change", [lambda path: path[:-2] + "xx", lambda path: path.replace("/a/", "/a/x")])
def test_a_forged_link_opens_nothing(app: MatchmakerApp, path: str, change: Callable[[str], str]) -> None:
    assert app.test_client().get(change(path)).status_code == 404


def test_stopping_spends_every_link(
    app: MatchmakerApp, database: Database, people: People, sign_in: Browser, need_id: int, path: str
) -> None:
    sign_in(people.organiser).post(f"/needs/{need_id}/questions/stop")

    assert app.test_client().post(path, data={"answer_budget": "30万"}).status_code == 200
    assert _enquiry(database).state is EnquiryState.CLOSED
    with database.reading() as session:
        links = session.scalars(select(AnswerLink).where(AnswerLink.purpose == Purpose.NEED_QUESTIONS)).all()
    assert links
    assert all(link.used_at for link in links)


def test_the_organiser_sees_old_and_new_and_takes_one_of_two(
    app: MatchmakerApp, database: Database, people: People, sign_in: Browser, need_id: int, path: str
) -> None:
    app.test_client().post(path, data={"answer_indicators": "≥9万模次", "answer_budget": "30-50万"})
    organiser = sign_in(people.organiser)

    page = text_of(organiser.get(f"/needs/{need_id}/questions"))
    assert "≥9万模次" in page
    assert "面议" in page
    organiser.post(
        f"/needs/{need_id}/answers/take",
        data={"text_key_points": "模具寿命≥9万模次", "take_key_points": "1", "text_budget_text": "30-50万"},
    )

    with database.reading() as session:
        need = session.get_one(Need, need_id)
    assert (need.key_points, need.budget_text) == ("模具寿命≥9万模次", "面议")
    assert "采用企业的答复" in text_of(organiser.get(f"/needs/{need_id}"))


def test_the_firm_answers_from_its_own_account_and_others_find_nothing(
    database: Database, people: People, sign_in: Browser, need_id: int, path: str
) -> None:
    stranger = sign_in(people.other_enterprise_user)
    assert stranger.post(f"/needs/{need_id}/answers", data={"answer_budget": "1万"}).status_code == 404

    own = sign_in(people.enterprise_user)
    assert "主办方想请您补充" in text_of(own.get(f"/needs/{need_id}"))
    assert "主办方有问题，去回答" in text_of(own.get("/needs/mine"))
    own.post(f"/needs/{need_id}/answers", data={"answer_budget": "30万"})

    assert (_enquiry(database).channel, _enquiry(database).answers) == ("form", {"budget": "30万"})


def test_returning_with_questions_and_keying_in_a_call(
    database: Database, people: People, sign_in: Browser, need_id: int
) -> None:
    organiser = sign_in(people.organiser)
    organiser.post(f"/needs/{need_id}/questions", data={"codes": ["tried"], "act": "return"})
    with database.reading() as session:
        assert session.get_one(Need, need_id).status is NeedState.RETURNED

    organiser.post(f"/needs/{need_id}/answers", data={"answer_tried": "试过渗氮", "who": "周师傅"})

    kept = _enquiry(database)
    assert (kept.channel, kept.answered_by, kept.answers) == ("phone", "周师傅", {"tried": "试过渗氮"})


def test_four_questions_are_refused_with_the_reason(people: People, sign_in: Browser, need_id: int) -> None:
    four = {"codes": ["tried", "budget", "period", "title"]}

    refused = sign_in(people.organiser).post(f"/needs/{need_id}/questions", data=four)

    assert refused.status_code == 422
    assert "一次最多问 3 个问题" in text_of(refused)


def test_ticked_needs_are_asked_at_once_and_nobody_twice(
    database: Database, people: People, sign_in: Browser, need_id: int
) -> None:
    organiser = sign_in(people.organiser)
    for _again in range(2):
        organiser.post("/needs/ask", data={"ids": [str(need_id), "99999"]})

    assert [one["code"] for one in _enquiry(database).questions] == ["indicators", "tried", "conditions"]


def test_the_script_masks_the_contact_until_its_printing_is_logged(
    database: Database, people: People, sign_in: Browser, need_id: int
) -> None:
    organiser = sign_in(people.organiser)

    masked = text_of(organiser.get(f"/needs/{need_id}/script"))
    assert "周一诺" not in masked
    assert "做到什么程度算解决" in masked
    full = text_of(organiser.post("/needs/scripts", data={"ids": str(need_id)}))
    assert "周一诺" in full

    with database.reading() as session:
        seen = session.scalars(select(ContactAccess)).one()
    assert (seen.subject_id, seen.action, seen.purpose) == (people.huaxing_contact, "export", "打印电话稿")


def test_an_expired_link_is_told_and_a_new_one_made_at_a_click(
    app: MatchmakerApp, database: Database, people: People, sign_in: Browser, need_id: int, path: str
) -> None:
    organiser, at = sign_in(people.organiser), f"/needs/{need_id}/questions"
    with database.writing() as session:
        for link in session.scalars(select(AnswerLink)):
            link.expires_at = link.created_at

    assert "答复链接已经过期" in text_of(organiser.get(at))
    assert app.test_client().get(path).status_code == 404
    assert sign_in(people.enterprise_user).post(f"{at}/renew").status_code == 403
    page = text_of(organiser.post(f"{at}/renew", follow_redirects=True))
    (fresh,) = re.findall(r"(/a/[\w.-]+)", page)
    assert app.test_client().get(fresh).status_code == 200
    assert organiser.post(f"{at}/renew", follow_redirects=True).status_code == 200
    with database.reading() as session:
        assert len(session.scalars(select(AnswerLink)).all()) == 2  # one that works is not made anew


def test_a_contact_in_an_answer_is_pointed_out_to_the_organiser_before_and_after_it_is_taken(
    app: MatchmakerApp, people: People, sign_in: Browser, need_id: int, path: str
) -> None:
    said = "寿命≥9万模次，电话13905740001"
    app.test_client().post(path, data={"answer_indicators": said})
    office = sign_in(people.organiser)

    asked = text_of(office.get(f"/needs/{need_id}/questions"))
    taken = office.post(
        f"/needs/{need_id}/answers/take",
        data={"text_key_points": said, "take_key_points": "1"},
        follow_redirects=True,
    )

    assert "“13905740001”请从文字里删去" in asked
    assert "文字里写了联系方式（13905740001）" in text_of(taken)


def test_who_withdrew_is_left_out_when_many_are_asked(
    database: Database, people: People, sign_in: Browser, need_id: int
) -> None:
    with database.writing() as session:
        record_consents(
            session,
            SYSTEM,
            subject_kind="person",
            subject_id=people.huaxing_contact,
            ticks={ConsentScope.INTERNAL: False},
            channel="my_data",
        )

    told = sign_in(people.organiser).post("/needs/ask", data={"id": [need_id]}, follow_redirects=True)

    assert "已向 0 条需求的企业提问" in text_of(told)
