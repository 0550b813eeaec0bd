"""Answers by link about outcomes, intentions and registrations."""

import re
from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from matchmaker import wording
from matchmaker.domain.dates import parse_date
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import MeetingOutcome
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services.answers import ANSWERINGS, Answering, AnswerPage
from matchmaker.services.contracts import register_contract
from matchmaker.services.links import SPENT, Link, Purpose
from matchmaker.services.outcomes import record_news, record_outcome
from matchmaker.settings import Settings
from matchmaker.store.tables import Event, Intent, Need, Organisation, Pairing, Person, TechContract

T = TypeVar("T")
_OUTCOMES = (
    (MeetingOutcome.INTENT, "达成合作意向"),
    (MeetingOutcome.FOLLOW_UP, "有兴趣，还要继续谈"),
    (MeetingOutcome.NO_INTEREST, "谈过，暂无意向"),
    (MeetingOutcome.NO_SHOW, "没有谈成（有一方未到）"),
)


def _describe_outcome(session: Session, link: Link) -> AnswerPage:
    pairing = _found(session.get(Pairing, link.subject_id))
    need = session.get_one(Need, pairing.need_id)
    event = session.get_one(Event, pairing.event_id)
    return AnswerPage(
        heading="洽谈结果如何？",
        facts=[("活动", event.title), ("日期", f"{event.held_on:%Y-%m-%d}"), ("需求", need.title)],
        choices=[(outcome.value, words) for outcome, words in _OUTCOMES],
        note_label="补充说明（可不填）",
    )


def _reply_outcome(session: Session, _settings: Settings, link: Link, choice: str, note: str) -> str:
    record_outcome(
        session,
        _by_link(session, link),
        pairing_id=link.subject_id,
        outcome=MeetingOutcome(choice),
        note=note,
    )
    return f"已记录：{wording.label('meeting_outcome', choice)}。谢谢您的答复。"


def _describe_intent(session: Session, link: Link) -> AnswerPage:
    intent = _found(session.get(Intent, link.subject_id))
    partner = session.get_one(Organisation, intent.partner_id).name
    return AnswerPage(
        heading="合作进展如何？",
        facts=[
            ("事项", intent.matter),
            ("合作方", partner),
            ("目前", wording.label("intent_level", intent.level)),
        ],
        choices=[
            ("on", "正在推进"),
            ("help", "遇到困难，希望主办方协调"),
            ("signed", "已经签约（请在说明中写日期和名称）"),
            ("ended", "已经终止"),
        ],
        note_label="现在的进展",
    )


_NEWS = {
    "on": "正在推进",
    "help": "希望主办方协调",
    "signed": "企业称已经签约，待登记协议",
    "ended": "已经终止",
}


def _reply_intent(session: Session, _settings: Settings, link: Link, choice: str, note: str) -> str:
    words = f"{_NEWS[choice]}：{note.strip()}" if note.strip() else _NEWS[choice]
    record_news(
        session, _by_link(session, link), intent_id=link.subject_id, note=words, ended=choice == "ended"
    )
    return "已记录，谢谢您的答复。"


def _describe_registration(session: Session, link: Link) -> AnswerPage:
    contract = _found(session.get(TechContract, link.subject_id))
    return AnswerPage(
        heading="技术合同登记了吗？",
        facts=[("合同", contract.title), ("签订日期", f"{contract.signed_on:%Y-%m-%d}")],
        choices=[("done", "已登记（请在下面写登记编号和日期）"), ("not_yet", "还没有登记")],
        note_label="登记编号和日期，如：20260112345678，2026-11-02；或写明还没有登记的原因",
    )


def _reply_registration(session: Session, _settings: Settings, link: Link, choice: str, note: str) -> str:
    contract = _found(session.get(TechContract, link.subject_id))
    if choice == "not_yet":
        contract.note = "\n".join(
            part for part in (contract.note, f"尚未登记：{note.strip()}") if part.strip()
        )
        return "已记录，谢谢您的答复。登记后请告诉主办方。"
    number, day = _number_and_day(note)
    register_contract(
        session,
        _by_link(session, link),
        contract_id=contract.id,
        registration_no=number,
        registered_on=day,
        amount_tech_fen=contract.amount_tech_fen,
    )
    return "已记录登记信息，主办方会核对。谢谢您的答复。"


def _number_and_day(note: str) -> tuple[str, date]:
    number = re.search(r"\d{10,20}", note.replace(" ", ""))
    rest = note.replace(number.group(), "") if number else note
    day = next((found for part in re.split(r"[,，;；\s]+", rest) if (found := parse_date(part).value)), None)
    if number is None or day is None:
        message = "请写出登记编号（一串数字）和登记日期，中间用逗号隔开，如：20260112345678，2026-11-02。"
        raise InvalidInput([Problem(field="note", code="unread", message=message)])
    return number.group(), day


def _by_link(session: Session, link: Link) -> Actor:
    """Return the link's holder, who may record just this one thing: the link was made for it."""
    person = session.get(Person, link.person_id) if link.person_id else None
    return Actor(name=person.name if person else "答复链接", person_id=link.person_id, system=True)


def _found(row: T | None) -> T:
    if row is None:
        raise NotFound(SPENT)
    return row


ANSWERINGS[Purpose.OUTCOME] = Answering(describe=_describe_outcome, reply=_reply_outcome)
ANSWERINGS[Purpose.INTENT] = Answering(describe=_describe_intent, reply=_reply_intent)
ANSWERINGS[Purpose.REGISTRATION] = Answering(describe=_describe_registration, reply=_reply_registration)
