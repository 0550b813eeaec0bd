"""Questions to a firm: a link to answer by, answers as a proposed change, taken or left by the organiser."""

from dataclasses import replace

import pytest
from factories import People, make_need
from sqlalchemy import select

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import EnquiryState, NeedState, Role
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.coach import Question, question
from matchmaker.services.need_enquiries import pending_enquiry
from matchmaker.services.need_questions import (
    address_to_pass_on,
    answer_questions,
    ask_firm,
    dismiss_answers,
    take_answers,
)
from matchmaker.services.needs import withdraw_need
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Message, Need, NeedChange, NeedEnquiry, StateChange

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))
ASKED = (question("indicators", "mold"), question("tried", "mold"), question("budget", "mold"))


@pytest.fixture
def need_id(database: Database, people: People) -> int:
    with database.writing() as session:
        need = make_need(
            session,
            organisation_id=people.huaxing,
            contact_id=people.huaxing_contact,
            key_points="寿命要长。",
            background="",
            budget_text="面议",
        )
        return need.id


def owner(people: People) -> Actor:
    return Actor(name="周一诺", organisation_ids=frozenset({people.huaxing}))


def ask(database: Database, settings: Settings, need_id: int, **changes: object) -> int:
    given = {"questions": ASKED, "need_id": need_id} | changes
    with database.writing() as session:
        return ask_firm(session, ORGANISER, settings, **given).id  # type: ignore[arg-type]


def answered(database: Database, settings: Settings, need_id: int, people: People) -> int:
    enquiry_id = ask(database, settings, need_id)
    with database.writing() as session:
        answer_questions(
            session,
            owner(people),
            enquiry_id=enquiry_id,
            answers={"indicators": "寿命≥9万模次", "tried": "", "budget": "30-50万"},
            channel="link",
            who="周一诺",
        )
    return enquiry_id


def test_asking_keeps_the_questions_makes_a_link_and_tells_the_firm(
    database: Database, settings: Settings, need_id: int
) -> None:
    ask(database, settings, need_id, remark="下周开会要用")

    with database.reading() as session:
        row = session.scalars(select(NeedEnquiry)).one()
        told = session.scalars(select(Message)).one()
        assert [one["text"] for one in row.questions] == [one.text for one in ASKED]
        assert (row.state, row.remark) == (EnquiryState.OPEN, "下周开会要用")
        assert (told.name, told.payload) == ("NeedQuestionsAsked", {"enquiry_id": row.id})
        assert address_to_pass_on(session, settings, row).startswith(f"{settings.public_url}/a/")


def test_an_answer_is_a_proposed_change_and_leaves_the_need_alone(
    database: Database, settings: Settings, need_id: int, people: People
) -> None:
    answered(database, settings, need_id, people)

    with database.reading() as session:
        row, need = session.scalars(select(NeedEnquiry)).one(), session.get_one(Need, need_id)
        assert row.proposal == [
            {"field": "key_points", "before": "寿命要长。", "after": "寿命要长。\n寿命≥9万模次"},
            {"field": "budget_text", "before": "面议", "after": "30-50万"},
        ]
        assert (row.state, row.answered_by, need.key_points) == (
            EnquiryState.ANSWERED,
            "周一诺",
            "寿命要长。",
        )
        assert address_to_pass_on(session, settings, row) == ""


def test_taken_answers_are_written_as_edited_with_what_they_mean_and_their_history(
    database: Database, settings: Settings, need_id: int, people: People
) -> None:
    enquiry_id = answered(database, settings, need_id, people)

    with database.writing() as session:
        texts = {"key_points": "模具寿命≥9万模次", "budget_text": "30-50万", "title": "不许改的"}
        take_answers(session, ORGANISER, enquiry_id=enquiry_id, texts=texts)

    with database.reading() as session:
        need = session.get_one(Need, need_id)
        change = session.scalars(select(NeedChange)).one()
        messages = session.scalars(select(Message.name).order_by(Message.id)).all()
    assert (need.key_points, need.budget_min_fen, need.budget_max_fen, need.text_version) == (
        "模具寿命≥9万模次",
        30_000_000,
        50_000_000,
        2,
    )
    assert need.title == "压铸模具表面抗热裂涂层技术"
    assert (change.cause, change.who) == ("answers", "周一诺")
    assert [(one["field"], one["before"]) for one in change.fields] == [
        ("key_points", "寿命要长。"),
        ("budget_text", "面议"),
    ]
    assert messages == ["NeedQuestionsAsked", "NeedQuestionsAnswered", "NeedRevised"]


def test_a_need_returned_with_questions_comes_back_when_the_answers_are_taken(
    database: Database, settings: Settings, need_id: int, people: People
) -> None:
    enquiry_id = ask(database, settings, need_id, send_back=True)
    with database.writing() as session:
        assert session.get_one(Need, need_id).status is NeedState.RETURNED
        answer_questions(
            session, owner(people), enquiry_id=enquiry_id, answers={"tried": "试过渗氮"}, channel="form"
        )
        take_answers(session, ORGANISER, enquiry_id=enquiry_id, texts={"background": "试过渗氮"})

    with database.reading() as session:
        need = session.get_one(Need, need_id)
        moves = session.scalars(select(StateChange.to_state).order_by(StateChange.id)).all()
    assert (need.status, need.background, need.return_reason) == (NeedState.SUBMITTED, "试过渗氮", "")
    assert moves == ["returned", "submitted"]


def test_left_answers_change_nothing_and_stay_readable(
    database: Database, settings: Settings, need_id: int, people: People
) -> None:
    enquiry_id = answered(database, settings, need_id, people)

    with database.writing() as session:
        row = dismiss_answers(session, ORGANISER, enquiry_id=enquiry_id)
        assert (row.state, row.answers["indicators"]) == (EnquiryState.DISMISSED, "寿命≥9万模次")
        assert session.get_one(Need, need_id).text_version == 1
        with pytest.raises(WrongState):
            take_answers(session, ORGANISER, enquiry_id=enquiry_id, texts={})


@pytest.mark.parametrize(
    "questions",
    [(), (*ASKED, question("title")), (replace(ASKED[0], text="  "),)],
    ids=["none", "four", "empty"],
)
def test_one_to_three_questions_are_asked(
    database: Database, settings: Settings, need_id: int, questions: tuple[Question, ...]
) -> None:
    with pytest.raises(InvalidInput):
        ask(database, settings, need_id, questions=questions)


def test_asking_again_ends_the_older_questions_but_waits_for_an_answer_to_be_decided(
    database: Database, settings: Settings, need_id: int, people: People
) -> None:
    first = ask(database, settings, need_id)
    answered(database, settings, need_id, people)

    with database.reading() as session:
        assert session.get_one(NeedEnquiry, first).state is EnquiryState.CLOSED
    with pytest.raises(WrongState, match="先采用或不采用"):
        ask(database, settings, need_id)


def test_strangers_and_late_comers_are_refused(
    database: Database, settings: Settings, need_id: int, people: People
) -> None:
    enquiry_id = answered(database, settings, need_id, people)
    stranger = Actor(name="甲", organisation_ids=frozenset({people.yuanhang}))

    with database.writing() as session:
        with pytest.raises(NotFound):
            answer_questions(session, stranger, enquiry_id=enquiry_id, answers={"tried": "x"}, channel="form")
        with pytest.raises(WrongState):
            answer_questions(
                session, owner(people), enquiry_id=enquiry_id, answers={"tried": "x"}, channel="form"
            )
        with pytest.raises(NotAllowed):
            take_answers(session, owner(people), enquiry_id=enquiry_id, texts={})
        with pytest.raises(Conflict):
            take_answers(session, ORGANISER, enquiry_id=enquiry_id, texts={}, version=99)


@pytest.mark.parametrize(
    ("answers", "code"),
    [({"indicators": " "}, "missing"), ({"budget": "多" * 81}, "too_long"), ({"tried": "绝密"}, "secret")],
)
def test_answers_are_refused_with_the_reason(
    database: Database, settings: Settings, need_id: int, people: People, answers: dict[str, str], code: str
) -> None:
    enquiry_id = ask(database, settings, need_id)

    with database.writing() as session, pytest.raises(InvalidInput) as refused:
        answer_questions(session, owner(people), enquiry_id=enquiry_id, answers=answers, channel="form")
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_withdrawn_need_is_not_asked_about(
    database: Database, settings: Settings, need_id: int, people: People
) -> None:
    ask(database, settings, need_id)
    with database.writing() as session:
        withdraw_need(session, owner(people), need_id=need_id)

    with database.reading() as session:
        assert pending_enquiry(session, need_id) is None
    with pytest.raises(WrongState):
        ask(database, settings, need_id)
