"""Answers by link: what a link asks, and what an answer to it does. One table, by purpose.

A module with purposes of its own is named in `_MORE`; when it is imported it adds its entries,
`ANSWERINGS[Purpose.OUTCOME] = Answering(describe=…, reply=…)`. A link with `side` says who answers.
Opening a link changes nothing; `reply` runs in the transaction that also spends the link.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import InvitationState, PairingState
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services.event_letters import event_words, meeting_words
from matchmaker.services.invitations import record_answer
from matchmaker.services.links import SPENT, Link, Purpose, mark_used
from matchmaker.services.pairing_answers import (
    ANSWERS,
    Side,
    agreed_to_share,
    both_accepted,
    other_declined,
    record_pairing_answer,
)
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.settings import Settings
from matchmaker.store.queries.pairings import PairingLine, pairing_lines
from matchmaker.store.tables import Event, Invitation, Organisation, Pairing, Person

_REPLACED = "这场洽谈已由新的安排代替，请以最新的通知为准。"
_COMING = {
    InvitationState.ACCEPTED: "确认参加",
    InvitationState.CHECKED_IN: "确认参加",
    InvitationState.DECLINED: "不能参加",
}
_WITH_CONTACT = "accepted_with_contact"
# modules that answer further purposes; imported at the first question
_MORE: tuple[str, ...] = (
    "matchmaker.services.tracking_answers",
    "matchmaker.services.question_answers",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """A question answered in words: `name` of its field, and how many characters it takes."""

    name: str
    label: str
    hint: str
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage:
    """What the page behind a link shows: facts, the possible answers, and what the note is called.

    With `questions` there are no choices: the answer is their texts. `closed`: why nothing is asked any more.
    """

    heading: str
    facts: list[tuple[str, str]]
    choices: list[tuple[str, str]]
    note_label: str
    questions: tuple[AnswerQuestion, ...] = ()
    closed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How one purpose is asked and answered: by a choice and a note, or by texts and a note.

    Both return what to say to the person.
    """

    describe: Callable[[Session, Link], AnswerPage]
    reply: Callable[[Session, Settings, Link, str, str], str] | None = None
    reply_texts: Callable[[Session, Link, Mapping[str, str], str], str] | None = None


def answering_for(purpose: Purpose) -> Answering:
    """Return how a purpose is asked and answered. Raises NotFound for one that nobody answers."""
    for name in _MORE:
        import_module(name)
    found = ANSWERINGS.get(purpose)
    if found is None:
        raise NotFound(SPENT)
    return found


def take_answer(
    session: Session,
    settings: Settings,
    link: Link,
    *,
    choice: str,
    note: str,
    texts: Mapping[str, str] | None = None,
) -> str:
    """Record an answer and spend its link, in one transaction; return what to say to the person.

    `texts` are field name → answer, where the page asks in words. Raises InvalidInput for a choice
    that was not offered, NotFound when the link was spent meanwhile.
    """
    answering = answering_for(link.purpose)
    refuse_secrets({"note": note}, {"note": "说明"})
    if answering.reply_texts is not None:
        mark_used(session, link)
        return answering.reply_texts(session, link, texts or {}, note)
    page = answering.describe(session, link)
    if answering.reply is None or choice not in dict(page.choices):
        message = page.closed or "请先选择一个答复，再提交。"
        raise InvalidInput([Problem(field="choice", code="missing", message=message)])
    mark_used(session, link)
    return answering.reply(session, settings, link, choice, note)


def answerer(session: Session, link: Link) -> Actor:
    """Return who acts by a link: nobody signed in, but a name for the log."""
    person = session.get(Person, link.person_id) if link.person_id else None
    return Actor(name=person.name if person else "答复链接", person_id=link.person_id)


def _invitation(session: Session, link: Link) -> tuple[Invitation, Event]:
    row = session.get(Invitation, link.subject_id)
    if row is None:
        raise NotFound(SPENT)
    return row, session.get_one(Event, row.event_id)


def _describe_invitation(session: Session, link: Link) -> AnswerPage:
    row, event = _invitation(session, link)
    person = session.get(Person, row.person_id) if row.person_id else None
    return AnswerPage(
        heading=f"邀请您参加“{event.title}”",
        facts=[
            ("受邀单位", session.get_one(Organisation, row.organisation_id).name),
            ("受邀人", person.name if person else ""),
            *_event_facts(event),
        ],
        choices=[("yes", "确认参加"), ("no", "不能参加")],
        note_label="想对主办方说的话（可不填；不能参加请写原因，或写明由谁代为参加）",
    )


def _event_facts(event: Event) -> list[tuple[str, str]]:
    words = event_words(event)
    return [
        ("时间", f"{clock.local(event.starts_at):%Y年%m月%d日 %H:%M}"),
        ("地点", str(words["place"])),
    ]


def _reply_invitation(session: Session, _settings: Settings, link: Link, choice: str, note: str) -> str:
    row, event = _invitation(session, link)
    record_answer(session, answerer(session, link), row, accepted=choice == "yes", note=note)
    if choice == "yes":
        return f"已为您确认参加“{event.title}”，活动前会再提醒您。"
    return "已记下您不能参加。谢谢告知，主办方会据此调整安排。"


def told_again(session: Session, link: Link) -> AnswerPage | None:
    """Return what a spent link was about and what was answered; None where that is not told."""
    try:
        if link.purpose is Purpose.INVITATION:
            row, _event = _invitation(session, link)
            return _with_answer(_describe_invitation(session, link), _COMING.get(row.status, ""))
        if link.purpose is Purpose.PAIRING:
            line, _event, side = _line(session, link)
            said = ANSWERS.get(getattr(line.pairing, f"{side}_answer"), "")
            page = _with_answer(_describe_pairing(session, link), said)
            replaced = line.pairing.status is PairingState.REJECTED
            return replace(page, closed=_REPLACED) if replaced else page
    except NotFound:
        return None
    return None


def _with_answer(page: AnswerPage, answer: str) -> AnswerPage:
    facts = [*page.facts, ("您的答复", answer)] if answer else page.facts
    return replace(page, facts=facts, choices=[], closed="")


def _line(session: Session, link: Link) -> tuple[PairingLine, Event, Side]:
    line = next(iter(pairing_lines(session, ids=[link.subject_id])), None)
    if line is None or link.side not in ("need", "achievement"):
        raise NotFound(SPENT)
    side: Side = "need" if link.side == "need" else "achievement"
    return line, session.get_one(Event, line.pairing.event_id), side


def _describe_pairing(session: Session, link: Link) -> AnswerPage:
    line, event, side = _line(session, link)
    words = meeting_words(event, line, side)
    names = ("您的需求", "推荐成果") if side == "need" else ("您的成果", "对方需求")
    place = f"{words['table']} 号桌" if words["table"] else ""
    turned_down = other_declined(line.pairing, side)
    return AnswerPage(
        heading=f"“{event.title}”为您安排了一场一对一洽谈",
        facts=[
            (names[0], str(words["mine"])),
            *([("贵方专家", str(words["expert"]))] if words["expert"] else []),
            (names[1], str(words["theirs"])),
            ("对方单位", str(words["partner"])),
            *_event_facts(event),
            ("洽谈时段", "，".join(part for part in (str(words["slot"]), place) if part)),
        ],
        choices=[] if turned_down else _pairing_choices(agreed=agreed_to_share(session, line.pairing, side)),
        note_label="说明（婉拒请写原因；另约时间请写您方便的时间）",
        closed="对方婉拒了这场洽谈，您不用再答复，主办方会另作安排。" if turned_down else "",
    )


def _pairing_choices(*, agreed: bool) -> list[tuple[str, str]]:
    """Return the answers; who has not agreed to pass the contact on says so with the yes."""
    if agreed:
        return list(ANSWERS.items())
    later = [(word, words) for word, words in ANSWERS.items() if word != "accepted"]
    return [
        (_WITH_CONTACT, "接受，并同意双方都接受后互换联系方式"),
        ("accepted", "接受，联系方式由主办方转达"),
        *later,
    ]


def _reply_pairing(session: Session, _settings: Settings, link: Link, choice: str, note: str) -> str:
    _found, _event, side = _line(session, link)
    row = session.get_one(Pairing, link.subject_id)
    share = choice == _WITH_CONTACT
    choice = "accepted" if share else choice
    record_pairing_answer(
        session, answerer(session, link), row, side=side, answer=choice, note=note, share=share
    )
    if both_accepted(row):
        return "双方都已接受。对方的联系方式会通知您；未同意公开联系方式的，由主办方转达。"
    if choice == "accepted":
        return "已记下您接受这场洽谈。对方也接受之后，会通知您对方的联系方式。"
    return "已记下您的答复。主办方会据此调整，并与您联系。"


ANSWERINGS: dict[Purpose, Answering] = {
    Purpose.INVITATION: Answering(describe=_describe_invitation, reply=_reply_invitation),
    Purpose.PAIRING: Answering(describe=_describe_pairing, reply=_reply_pairing),
}
