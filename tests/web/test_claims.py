"""Claims (揭榜), from the public need to the firm that hears of a plan."""

from collections.abc import Callable

import pytest
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.claims import ClaimState
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import Disclosure, Role
from matchmaker.errors import InvalidInput, WrongState
from matchmaker.services.claims import claim_need, decide_claim
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Need, NeedClaim, Notice
from matchmaker.web.frame import MatchmakerApp

Browser = Callable[[int], FlaskClient]
PLAN = "多弧离子镀打底，复合涂层两道，先做三副模具小试，四个月交验证报告。"


@pytest.fixture
def need_id(database: Database, people: People) -> int:
    with database.writing() as session:
        need = make_need(
            session,
            organisation_id=people.huaxing,
            contact_id=people.huaxing_contact,
            status="published",
            disclosure=Disclosure.MASKED,
            public_title="模具涂层寿命短",
            public_text="压铸模具两万模次后龟裂。",
        )
        return need.id


def _told(database: Database, user_id: int) -> list[str]:
    with database.reading() as session:
        rows = session.scalars(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id))
        return [row.kind for row in rows]


def _status(database: Database) -> ClaimState:
    with database.reading() as session:
        return session.scalars(select(NeedClaim.status)).one()


def test_a_visitor_is_led_to_sign_in_and_back_to_the_form(app: MatchmakerApp, need_id: int) -> None:
    visitor = app.test_client()

    card = text_of(visitor.get(f"/needs/{need_id}/claims"))
    page = text_of(visitor.get(f"/needs/{need_id}"))
    answer = visitor.get(f"/needs/{need_id}/claim")

    assert f"/accounts/sign-in?next=/needs/{need_id}/claim" in card
    assert f"/accounts/sign-in?next=/needs/{need_id}/claim" in page  # also without JavaScript
    assert (answer.status_code, answer.location) == (302, f"/accounts/sign-in?next=/needs/{need_id}/claim")


def test_a_plan_goes_to_the_organiser_and_when_taken_up_to_the_firm(
    people: People, sign_in: Browser, database: Database, settings: Settings, need_id: int
) -> None:
    university, firm = sign_in(people.university_user), sign_in(people.enterprise_user)
    address = f"/needs/{need_id}/claim"

    hidden = f"{PLAN}电话【联系方式已隐去】"

    short = university.post(address, data={"plan": "可以做"})
    taken = university.post(address, data={"plan": f"{PLAN}电话13857000201"})
    deliver_due(database, settings)
    before = text_of(firm.get(f"/needs/{need_id}/claims"))
    claim_id = 1
    decided = sign_in(people.organiser).post(f"/claims/{claim_id}/take")
    deliver_due(database, settings)

    assert (short.status_code, taken.status_code, decided.status_code) == (422, 303, 303)
    assert "至少 20 个字" in text_of(short)
    assert PLAN not in before
    assert hidden in text_of(firm.get(f"/needs/{need_id}/claims"))
    with database.reading() as session:
        letter = session.scalars(select(Notice.body).where(Notice.kind == "claim_taken").limit(1)).one()
    assert hidden in letter
    piece = text_of(firm.get(f"/needs/{need_id}/claims", headers={"HX-Request": "true"}))
    assert hidden in piece
    assert "电话13857000201" in text_of(sign_in(people.organiser).get("/claims"))
    assert "<!doctype html>" not in piece
    assert "need_claimed" in _told(database, people.organiser)
    assert _told(database, people.university_user) == ["claim_decided"]
    assert _told(database, people.enterprise_user) == ["claim_taken"]
    assert _status(database) is ClaimState.TAKEN


def test_the_story_of_a_need_is_told_from_its_messages(
    people: People, sign_in: Browser, database: Database, settings: Settings, need_id: int
) -> None:
    sign_in(people.university_user).post(f"/needs/{need_id}/claim", data={"plan": PLAN})
    deliver_due(database, settings)
    bureau = sign_in(people.organiser)

    story = text_of(bureau.get(f"/queue/messages?need={need_id}"))
    other = text_of(bureau.get("/queue/messages?need=999"))

    assert "院校揭榜" in story
    assert "告诉主办方" in story
    assert "院校揭榜：模具涂层寿命短" in story  # the notice that went out
    assert "没有这个编号的需求" in other


def test_a_declined_plan_carries_its_reason_and_may_be_made_again(
    people: People, sign_in: Browser, database: Database, need_id: int
) -> None:
    university, bureau = sign_in(people.university_user), sign_in(people.organiser)
    university.post(f"/needs/{need_id}/claim", data={"plan": PLAN})

    without = bureau.post("/claims/1/decline", data={})
    bureau.post("/claims/1/decline", data={"reason": "方案不够具体", "note": "请补充工艺参数"})
    page = text_of(university.get("/claims"))
    university.post(f"/needs/{need_id}/claim", data={"plan": PLAN + "偏压八十伏。"})

    assert without.status_code == 422
    assert "方案不够具体；请补充工艺参数" in page
    assert "某" not in page  # nor the firm's masked name: the list speaks of the public title
    assert "华星" not in page
    assert _status(database) is ClaimState.OPEN


def test_a_claim_is_its_owners_to_withdraw_and_only_while_it_waits(
    people: People, sign_in: Browser, database: Database, need_id: int
) -> None:
    university = sign_in(people.university_user)
    university.post(f"/needs/{need_id}/claim", data={"plan": PLAN})

    stranger = sign_in(people.other_university_user).post("/claims/1/withdraw")
    own = university.post("/claims/1/withdraw")
    again = university.post("/claims/1/withdraw")

    assert (stranger.status_code, own.status_code, again.status_code) == (404, 303, 409)
    assert _status(database) is ClaimState.WITHDRAWN


def test_somebody_elses_achievement_and_a_closed_need_are_refused(
    people: People, database: Database, need_id: int
) -> None:
    actor = Actor(
        user_id=people.university_user,
        roles=frozenset({Role.UNIVERSITY}),
        organisation_id=people.jiangda,
        organisation_ids=frozenset({people.jiangda}),
    )
    with database.writing() as session:
        strange = make_achievement(session, organisation_id=people.haiyuan)
        need = session.get_one(Need, need_id)
        with pytest.raises(InvalidInput, match="本单位"):
            claim_need(session, actor, need=need, plan=PLAN, achievement_id=strange.id)
        row = claim_need(session, actor, need=need, plan=PLAN, achievement_id=None)
        organiser = Actor(user_id=people.organiser, roles=frozenset({Role.ORGANISER}))
        decide_claim(session, organiser, claim_id=row.id, taken=True)
        with pytest.raises(WrongState, match="已经采纳"):
            claim_need(session, actor, need=need, plan=PLAN, achievement_id=None)
        need.status = "solved"  # type: ignore[assignment]
        with pytest.raises(WrongState, match="不再征集"):
            claim_need(session, actor, need=need, plan=PLAN, achievement_id=None)
