"""Who takes the first consent back is arranged for no more; what was agreed before stays."""

from collections.abc import Callable

import pytest
from event_cast import Cast, make_cast
from factories import People
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import delete, event, func, select

from matchmaker import clock
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.claims import ClaimState
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import ConsentScope, Disclosure, MatchState, NeedState, Role
from matchmaker.errors import InvalidInput, WrongState
from matchmaker.services import matches, pairing_lists
from matchmaker.services.accounts import actor_of
from matchmaker.services.claims import decide_claim
from matchmaker.services.coach import Question
from matchmaker.services.consents import agree_again, record_consents
from matchmaker.services.invitations import add_guest, invite, left_alone, plan_invitations
from matchmaker.services.need_questions import ask_firm
from matchmaker.services.own_data import change_consents
from matchmaker.services.pairing_answers import record_pairing_answer
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.plans import answering_experts, needs_to_plan
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import (
    AnswerLink,
    Debt,
    EventItem,
    Invitation,
    Need,
    NeedClaim,
    Notice,
    Pairing,
    PairingList,
    User,
)

Browser = Callable[[int], FlaskClient]
OFFICE = Actor(roles=frozenset({Role.ORGANISER}))
NEED_SIDE = "需求联系人已撤回同意，不再办理新的对接"


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    with database.writing() as session:
        session.get_one(User, people.enterprise_user).person_id = people.huaxing_contact
        return make_cast(session, people)


def withdraw(database: Database, user_id: int, *, agrees: bool = False) -> None:
    with database.writing() as session:
        change_consents(session, actor_of(session, user_id), ticks={ConsentScope.INTERNAL: agrees})


def expert_withdraws(database: Database, cast: Cast, people: People) -> None:
    with database.writing() as session:
        record_consents(
            session,
            actor_of(session, people.enterprise_user),
            subject_kind="person",
            subject_id=cast.expert,
            ticks={ConsentScope.INTERNAL: False},
            channel="my_data",
        )


def drawn(database: Database, cast: Cast) -> tuple[int, set[tuple[int, int]], dict[str, object]]:
    list_id = pairing_lists.draw(database, OFFICE, event_id=cast.event, limits={})
    with database.reading() as session:
        rows = session.scalars(select(Pairing).where(Pairing.list_id == list_id))
        pairs = {(row.need_id, row.achievement_id) for row in rows}
        return list_id, pairs, session.get_one(PairingList, list_id).result


def planned(database: Database, cast: Cast) -> tuple[set[int | None], list[str]]:
    with database.writing() as session:
        plan_invitations(session, OFFICE, event_id=cast.event)
        rows = session.scalars(select(Invitation).where(Invitation.event_id == cast.event))
        return {row.person_id for row in rows}, left_alone(session, event_id=cast.event)


def test_who_withdrew_is_not_put_on_a_list_of_guests_and_is_named_there(
    database: Database, cast: Cast, people: People, sign_in: Browser
) -> None:
    withdraw(database, people.enterprise_user)

    invited, alone = planned(database, cast)
    page = text_of(sign_in(people.organiser).get(f"/events/{cast.event}/people"))

    assert people.huaxing_contact not in invited
    assert cast.expert in invited
    assert alone == ["华星模具有限公司 周一诺"]
    assert "没有列入名单：已撤回同意" in page
    assert "不再邀请、不再安排新的洽谈：华星模具有限公司 周一诺。" in page
    with database.writing() as session, pytest.raises(InvalidInput, match="已撤回同意"):
        add_guest(
            session,
            OFFICE,
            event_id=cast.event,
            organisation_id=people.huaxing,
            person_name="周一诺",
            role="enterprise",
        )


def test_an_invitation_planned_before_is_not_sent_and_its_row_says_why(
    database: Database, cast: Cast, people: People, sign_in: Browser
) -> None:
    planned(database, cast)
    withdraw(database, people.enterprise_user)

    with database.writing() as session:
        invite(session, OFFICE, event_id=cast.event)
    page = text_of(sign_in(people.organiser).get(f"/events/{cast.event}/people"))

    with database.reading() as session:
        waiting = select(Invitation.person_id).where(Invitation.status == "planned")
        assert list(session.scalars(waiting)) == [people.huaxing_contact]
    assert "不再邀请和提问，已接受的照旧" in page
    assert "发出全部" not in page


def test_who_was_invited_before_gets_neither_letter_nor_reminder(
    database: Database, settings: Settings, cast: Cast, people: People, sign_in: Browser
) -> None:
    planned(database, cast)
    with database.writing() as session:
        invite(session, OFFICE, event_id=cast.event)
    withdraw(database, people.enterprise_user)
    while deliver_due(database, settings):
        pass
    office = sign_in(people.organiser)
    office.post(f"/events/{cast.event}/people/remind", data={"scope": "all"})
    while deliver_due(database, settings):
        pass

    with database.reading() as session:
        asking = select(Notice.kind).where(
            Notice.user_id == people.enterprise_user, Notice.kind.in_(("invitation", "guest_reminder"))
        )
        assert list(session.scalars(asking)) == []
        assert session.scalar(select(Notice.id).where(Notice.kind == "invitation")) is not None


def test_a_firm_that_withdrew_is_left_out_of_a_draw_with_the_reason(
    database: Database, cast: Cast, people: People
) -> None:
    withdraw(database, people.enterprise_user)

    _list, pairs, result = drawn(database, cast)

    assert pairs == {(cast.yuanhang_need, cast.coating)}
    assert result["left_out"] == ["华星模具有限公司（联系人已撤回同意，不再办理新的对接）"]
    withdraw(database, people.enterprise_user, agrees=True)
    assert {need for need, _ in drawn(database, cast)[1]} == {cast.huaxing_need, cast.yuanhang_need}


def test_an_expert_who_withdrew_meets_nobody_new_and_the_firm_learns_why(
    database: Database, cast: Cast, people: People
) -> None:
    expert_withdraws(database, cast, people)

    _list, pairs, result = drawn(database, cast)

    assert pairs == {(cast.huaxing_need, cast.casting)}
    unserved = result["unserved"]
    assert isinstance(unserved, list)
    assert [one["reason"] for one in unserved] == [
        "“远航汽配有限公司”的候选全部被排除（专家“沈知行”已撤回同意，不再办理新的对接），请补充候选或撤销部分排除。"
    ]


def test_what_both_sides_agreed_to_is_drawn_again(database: Database, cast: Cast, people: People) -> None:
    list_id, _pairs, _result = drawn(database, cast)
    with database.writing() as session:
        pairing_lists.publish_list(session, OFFICE, list_id=list_id)
        row = session.scalars(select(Pairing).where(Pairing.match_id == cast.strong)).one()
        for side in ("need", "achievement"):
            record_pairing_answer(session, OFFICE, row, side=side, answer="accepted", note="")
    withdraw(database, people.enterprise_user)

    again, pairs, result = drawn(database, cast)

    assert (cast.huaxing_need, cast.coating) in pairs
    assert (cast.huaxing_need, cast.casting) not in pairs
    assert result["left_out"] == []
    with database.writing() as session:
        pairing_lists.publish_list(session, OFFICE, list_id=again)


def test_a_list_drawn_before_somebody_withdrew_is_not_published(
    database: Database, cast: Cast, people: People
) -> None:
    list_id, pairs, _result = drawn(database, cast)
    own = sum(need == cast.huaxing_need for need, _ in pairs)
    withdraw(database, people.enterprise_user)

    with database.writing() as session, pytest.raises(WrongState) as refused:
        pairing_lists.publish_list(session, OFFICE, list_id=list_id)

    told = f"这一版有 {own} 对不能再发出（如需求“压铸模具涂层”：{NEED_SIDE}）。请重新配对，再发布新的一版。"
    assert refused.value.message == told


def test_who_withdrew_is_asked_nothing_and_not_chosen_for(
    database: Database, settings: Settings, cast: Cast, people: People
) -> None:
    withdraw(database, people.enterprise_user)
    question = Question(code="x", field="problem", text="问什么？", example="")

    with database.writing() as session, pytest.raises(WrongState, match="已撤回同意"):
        ask_firm(session, OFFICE, settings, need_id=cast.huaxing_need, questions=[question])
    with database.writing() as session, pytest.raises(WrongState, match=NEED_SIDE):
        matches.decide(session, OFFICE, match_id=cast.strong, to=MatchState.SHORTLISTED)

    with database.writing() as session:
        claim = NeedClaim(
            need_id=cast.huaxing_need,
            organisation_id=people.jiangda,
            plan="可以做",
            status=ClaimState.OPEN,
            created_at=clock.now(),
        )
        session.add(claim)
        session.flush()
        with pytest.raises(WrongState, match=NEED_SIDE):
            decide_claim(session, OFFICE, claim_id=claim.id, taken=True)

    with database.reading() as session:
        assert session.scalar(select(AnswerLink.id)) is None


def test_who_withdrew_is_in_no_plan_of_the_campaign(database: Database, cast: Cast, people: People) -> None:
    with database.writing() as session:
        session.execute(delete(EventItem))
        for need in session.scalars(select(Need)):
            need.status, need.disclosure = NeedState.ACCEPTED, Disclosure.PUBLIC
    with database.reading() as session:
        before = {one.person_id for one in answering_experts(session, [cast.huaxing_need])}
        assert cast.huaxing_need in {need.id for need in needs_to_plan(session)}
    withdraw(database, people.enterprise_user)
    expert_withdraws(database, cast, people)

    with database.reading() as session:
        planned_for = {need.id for need in needs_to_plan(session)}
        coming = {one.person_id for one in answering_experts(session, [cast.huaxing_need])}
    assert cast.yuanhang_need in planned_for
    assert cast.huaxing_need not in planned_for
    assert before - coming == {cast.expert}


def test_what_somebody_owes_who_withdrew_is_told_to_be_the_offices_to_note(
    database: Database, cast: Cast, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        session.add(
            Debt(
                kind="outcome",
                subject_id=1,
                stage=0,
                organisation_id=people.huaxing,
                person_id=people.huaxing_contact,
                due_on=clock.today(),
                opened_at=clock.now(),
            )
        )
    office = sign_in(people.organiser)
    assert "已撤回同意" not in text_of(office.get("/tracking/debts"))

    withdraw(database, people.enterprise_user)

    assert "系统不再催问，请由主办方记录" in text_of(office.get("/tracking/debts"))


def test_the_page_of_ones_own_data_shows_the_newest_word(
    database: Database, cast: Cast, people: People, sign_in: Browser
) -> None:
    withdraw(database, people.enterprise_user)
    with database.writing() as session:  # said at the desk, written down by the office
        agree_again(
            session,
            OFFICE,
            ticks={ConsentScope.INTERNAL: True},
            channel="walk_in",
            person_id=people.huaxing_contact,
        )

    page = " ".join(text_of(sign_in(people.enterprise_user).get("/accounts/mine")).split())

    assert 'name="scopes" value="internal" checked' in page


def test_letters_of_an_invitation_ask_once_who_withdrew(
    database: Database, settings: Settings, cast: Cast, people: People
) -> None:
    planned(database, cast)
    with database.writing() as session:
        invite(session, OFFICE, event_id=cast.event)
    withdraw(database, people.other_enterprise_user)
    asked: list[str] = []
    listen = (database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    event.listen(*listen)
    while deliver_due(database, settings):
        pass
    event.remove(*listen)

    messages = sum("FROM consent" in one and "subject_kind IN" in one for one in asked)
    with database.reading() as session:
        invited = session.scalar(
            select(func.count()).select_from(Invitation).where(Invitation.status == "invited")
        )
    assert invited == 4
    assert messages == 2  # one message; two questions, as somebody withdrew


def test_the_first_tick_on_a_form_is_the_word_given_anew_and_an_old_need_does_not_tick_it(
    database: Database, cast: Cast, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        session.get_one(Need, cast.huaxing_need).status = "submitted"
        record_consents(
            session,
            OFFICE,
            subject_kind="need",
            subject_id=cast.huaxing_need,
            ticks={ConsentScope.INTERNAL: True},
            channel="web_form",
        )
    firm = sign_in(people.enterprise_user)
    ticked = 'name="consent_internal" value="1" checked'
    assert ticked in " ".join(text_of(firm.get(f"/needs/{cast.huaxing_need}/edit")).split())
    firm.post("/accounts/mine/consents", data={})
    assert ticked not in " ".join(text_of(firm.get(f"/needs/{cast.huaxing_need}/edit")).split())

    with database.writing() as session:
        assert withdrawn_now(session).people == {people.huaxing_contact}
        actor = actor_of(session, people.enterprise_user)
        agree_again(session, actor, ticks={ConsentScope.INTERNAL: True}, channel="web_form")
    with database.reading() as session:
        assert not withdrawn_now(session)


def test_a_firm_whose_only_account_withdrew_is_left_alone_but_for_who_agreed_in_their_own_name(
    database: Database, cast: Cast, people: People
) -> None:
    with database.writing() as session:
        session.get_one(User, people.enterprise_user).person_id = None
    withdraw(database, people.enterprise_user)
    assert people.huaxing_contact not in planned(database, cast)[0]

    with database.writing() as session:
        record_consents(
            session,
            OFFICE,
            subject_kind="person",
            subject_id=people.huaxing_contact,
            ticks={ConsentScope.INTERNAL: True},
            channel="walk_in",
        )
    assert people.huaxing_contact in planned(database, cast)[0]
