"""Answers by link to questions about a need, and who is told that questions or answers are there."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from matchmaker.bus.work import Work
from matchmaker.domain.enquiries import longest_answer
from matchmaker.domain.messages import NeedQuestionsAnswered, NeedQuestionsAsked
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import EnquiryState
from matchmaker.domain.written_contacts import contacts_in
from matchmaker.errors import NotFound
from matchmaker.services.answers import ANSWERINGS, Answering, AnswerPage, AnswerQuestion
from matchmaker.services.links import SPENT, Link, Purpose, make_link
from matchmaker.services.need_questions import answer_questions
from matchmaker.services.notices import (
    Plan,
    Recipient,
    organisers,
    person_recipient,
    plan_with,
    still_asked,
    users_of,
    with_contact,
)
from matchmaker.settings import Settings
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import Need, NeedEnquiry, Organisation

# a link is passed on: whoever does not sign is not taken for the contact it was sent to
UNSIGNED = "企业（链接答复，未署名）"


def _asked(session: Session, link: Link) -> tuple[NeedEnquiry, Need]:
    row = session.get(NeedEnquiry, link.subject_id)
    if row is None:
        raise NotFound(SPENT)
    return row, session.get_one(Need, row.need_id)


def _describe(session: Session, link: Link) -> AnswerPage:
    row, need = _asked(session, link)
    return AnswerPage(
        heading="请补充您的技术需求",
        facts=[
            ("企业", session.get_one(Organisation, need.organisation_id).name),
            ("需求", need.title),
            ("现在写的是", need.problem),
            *([("主办方的话", row.remark)] if row.remark else []),
        ],
        choices=[],
        note_label="您的姓名（可不填）",
        questions=tuple(
            AnswerQuestion(
                name=f"answer_{one['code']}",
                label=one["text"],
                hint=f"例如：{one['example']}" if one.get("example") else "",
                longest=longest_answer(one["field"]),
            )
            for one in row.questions
        ),
    )


def _reply(session: Session, link: Link, texts: Mapping[str, str], note: str) -> str:
    row, need = _asked(session, link)
    who = note.strip() or UNSIGNED
    actor = Actor(name=who, organisation_ids=frozenset({need.organisation_id}), person_id=link.person_id)
    answers = {name.removeprefix("answer_"): text for name, text in texts.items()}
    answer_questions(session, actor, enquiry_id=row.id, answers=answers, channel="link", who=who)
    thanks = "已收到您的补充。主办方核对后会写进需求，再为您寻找合适的专家。"
    held = "、".join(one for text in answers.values() for one in contacts_in(text))
    return f"{thanks}您写的联系方式（{held}）不会公开。" if held else thanks


ANSWERINGS[Purpose.NEED_QUESTIONS] = Answering(describe=_describe, reply_texts=_reply)


def tell_questions_asked(work: Work, message: NeedQuestionsAsked) -> None:
    """Tell the firm what it is asked, each person with a link by which to answer without an account."""
    plan_with(_questions_asked, work, message)


def _questions_asked(session: Session, settings: Settings, message: NeedQuestionsAsked) -> Sequence[Plan]:
    row = session.get(NeedEnquiry, message.enquiry_id)
    if row is None or row.state is not EnquiryState.OPEN:
        return []
    need = session.get_one(Need, row.need_id)
    told = with_contact(users_of(session, [need.organisation_id]), person_recipient(session, need.contact_id))
    return [
        _plan(session, settings, row, need, recipient)
        for recipient in still_asked(withdrawn_now(session), told)
    ]


def _plan(session: Session, settings: Settings, row: NeedEnquiry, need: Need, recipient: Recipient) -> Plan:
    address = make_link(
        session,
        settings,
        purpose=Purpose.NEED_QUESTIONS,
        subject_id=row.id,
        person_id=recipient.person_id,
    )
    context = {
        "title": need.title,
        "questions": [one["text"] for one in row.questions],
        "remark": row.remark,
        "address": address,
    }
    return Plan(
        kind="need_questions",
        key=str(row.id),
        recipient=recipient,
        context=context,
        link=address.removeprefix(settings.public_url),
    )


def tell_questions_answered(work: Work, message: NeedQuestionsAnswered) -> None:
    """Tell the organisers that a firm answered (in the inbox: the page is where they work)."""
    plan_with(_questions_answered, work, message)


def _questions_answered(
    session: Session, _settings: Settings, message: NeedQuestionsAnswered
) -> Sequence[Plan]:
    row = session.get(NeedEnquiry, message.enquiry_id)
    if row is None or row.state is not EnquiryState.ANSWERED:
        return []
    need = session.get_one(Need, row.need_id)
    firm = session.get_one(Organisation, need.organisation_id).name
    return [
        Plan(
            kind="need_answers",
            key=str(row.id),
            recipient=recipient,
            context={"title": need.title, "firm": firm, "who": row.answered_by},
            link=f"/needs/{need.id}/questions",
            channels=("inbox",),
        )
        for recipient in organisers(session)
    ]
