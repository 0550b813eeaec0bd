"""What the two sides say to a pairing: yes, no, or another time; both yes opens the contacts."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import PairingAnswered
from matchmaker.domain.permissions import Actor, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ConsentScope, EventState, InvitationState, PairingState, can_move
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services import links
from matchmaker.services.consents import may_hand_over, record_consents
from matchmaker.services.moves import move
from matchmaker.services.pairing_lists import state_of_answers
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.queries.pairings import PairingLine
from matchmaker.store.tables import Achievement, Event, Invitation, Need, Pairing, PairingList, Person

Side = Literal["need", "achievement"]
ANSWERS = {"accepted": "接受", "declined": "婉拒", "another": "希望另约时间"}
_SIDES = {"need": "企业", "achievement": "院校"}
_OVER = frozenset({EventState.HELD, EventState.CANCELLED})


def answer_pairing(
    session: Session, actor: Actor, *, pairing_id: int, answer: str, note: str = "", share: bool = False
) -> Pairing:
    """Record what the actor's own side says; `share`: its contact may be passed on once both accepted.

    Raises NotFound for a pairing that is not theirs.
    """
    row = session.get(Pairing, pairing_id)
    side = side_of(session, actor, row) if row is not None else None
    if row is None or side is None:
        raise NotFound()
    return record_pairing_answer(session, actor, row, side=side, answer=answer, note=note, share=share)


def answer_by_telephone(
    session: Session,
    actor: Actor,
    *,
    event_id: int,
    pairing_id: int,
    side: str,
    answer: str,
    note: str = "",
) -> Pairing:
    """Write down what one side of a published pairing told the organiser.

    Whether contacts may be passed on is nobody's to say but their own: that stays open. Raises
    NotAllowed, NotFound, and as `record_pairing_answer`.
    """
    if not actor.organises:
        raise NotAllowed()
    row = session.get(Pairing, pairing_id)
    if row is None or row.event_id != event_id or not _is_published(session, row):
        raise NotFound()
    if side not in _SIDES:
        message = "请选择是哪一方的答复。"
        raise InvalidInput([Problem(field="side", code="unknown", message=message)])
    whose: Side = "need" if side == "need" else "achievement"
    return record_pairing_answer(session, actor, row, side=whose, answer=answer, note=note)


def _is_published(session: Session, row: Pairing) -> bool:
    return session.get_one(PairingList, row.list_id).published_at is not None


def side_of(session: Session, actor: Actor, row: Pairing) -> Side | None:
    """Return the side of a published pairing on which the actor stands, or None."""
    if not _is_published(session, row):
        return None
    if owns(actor, session.get_one(Need, row.need_id).organisation_id):
        return "need"
    if owns(actor, session.get_one(Achievement, row.achievement_id).organisation_id):
        return "achievement"
    return "achievement" if row.expert_id is not None and row.expert_id == actor.person_id else None


def record_pairing_answer(
    session: Session,
    actor: Actor,
    row: Pairing,
    *,
    side: Side,
    answer: str,
    note: str,
    share: bool = False,
) -> Pairing:
    """Write an answer whose giver is known to be entitled; the same answer again changes nothing.

    `share` is the tick that the contact may be passed on; without it nothing is taken back. Raises
    InvalidInput for another word or a no without a reason, WrongState once it is too late.
    """
    note = note.strip()[:500]
    _check(session, row, answer, note)
    refuse_secrets({"note": note}, {"note": "说明"})
    if share and answer == "accepted":
        _agree(session, actor, row, side)
    if getattr(row, f"{side}_answer") == answer:
        return row
    setattr(row, f"{side}_answer", answer)
    if note:
        row.answer_note = "\n".join(part for part in (row.answer_note, f"{_SIDES[side]}：{note}") if part)
    _follow(session, actor, row, note)
    if answer == "accepted":
        _comes(session, actor, row, side)
    for link in links.open_links(session, purpose=links.Purpose.PAIRING, subject_id=row.id):
        if link.side == side:
            link.used_at = clock.now()
    said = PairingAnswered(pairing_id=row.id, side=side, accepted=answer == "accepted")
    outbox.record(session, actor, said)
    return row


def _comes(session: Session, actor: Actor, row: Pairing, side: Side) -> None:
    """Who accepts a meeting comes to its event: an invitation that still waits is answered with it."""
    need = session.get_one(Need, row.need_id)
    whose = Invitation.person_id == (need.contact_id if side == "need" else row.expert_id)
    if side == "achievement" and row.expert_id is None:
        home = session.get_one(Achievement, row.achievement_id).organisation_id
        whose = Invitation.person_id.is_(None) & (Invitation.organisation_id == home)
    for guest in session.scalars(
        select(Invitation).where(
            Invitation.event_id == row.event_id, Invitation.status == InvitationState.INVITED, whose
        )
    ):
        move(session, actor, "invitation", guest, InvitationState.ACCEPTED, reason="接受了一场洽谈")
        guest.answered_at = clock.now()


def _agree(session: Session, actor: Actor, row: Pairing, side: Side) -> None:
    """Keep the tick under the need or achievement, and as the person's own word where they gave it."""
    yes = {ConsentScope.CONTACT_AFTER_ACCEPT: True}
    subject_id, person_id = row.achievement_id, row.expert_id
    if side == "need":
        subject_id, person_id = row.need_id, session.get_one(Need, row.need_id).contact_id
    record_consents(
        session, actor, subject_kind=side, subject_id=subject_id, ticks=yes, channel="pairing_answer"
    )
    if person_id is not None and person_id == actor.person_id:
        record_consents(
            session, actor, subject_kind="person", subject_id=person_id, ticks=yes, channel="pairing_answer"
        )


def agreed_to_share(session: Session, row: Pairing, side: Side) -> bool:
    """Say whether one side's contact may be passed on already, so that nobody is asked twice."""
    if side == "need":
        contact_id = session.get_one(Need, row.need_id).contact_id
        return _may_share(session, side, row.need_id, contact_id)
    return _may_share(session, side, row.achievement_id, row.expert_id)


def _may_share(session: Session, side: Side, subject_id: int, person_id: int | None) -> bool:
    return may_hand_over(session, submission=side, submission_id=subject_id, person_id=person_id)


def _check(session: Session, row: Pairing, answer: str, note: str) -> None:
    if answer not in ANSWERS:
        message = "请选择：接受、婉拒或另约时间。"
        raise InvalidInput([Problem(field="answer", code="unknown", message=message)])
    if answer != "accepted" and not note:
        message = "请写一句原因或您方便的时间，主办方好重新安排。"
        raise InvalidInput([Problem(field="note", code="missing", message=message)])
    event = session.get_one(Event, row.event_id)
    if event.status in _OVER:
        raise WrongState("这场活动已经结束或取消，不用再答复。有事请联系主办方。")
    if row.status is PairingState.REJECTED:
        raise WrongState("这次配对已由新的安排代替，请以最新通知为准。")


def _follow(session: Session, actor: Actor, row: Pairing, note: str) -> None:
    """Move the pairing to what both answers amount to; one that is in the timetable stays there on a yes."""
    to = state_of_answers(row)
    if to is None or to is row.status:
        return
    if row.status is PairingState.SCHEDULED and to is not PairingState.DECLINED:
        return
    if row.status is PairingState.DECLINED and to is PairingState.ACCEPTED_BOTH:
        move(session, actor, "pairing", row, PairingState.ACCEPTED_NEED, reason=note)
    elif not can_move(row.status, to):
        raise WrongState("这次洽谈已经有了结果，不能再改答复。有事请联系主办方。")
    move(session, actor, "pairing", row, to, reason=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenContact:
    """What one side learns of the other's contact once both said yes; not `open`: through the bureau."""

    open: bool
    organisation: str
    name: str
    phone: str
    email: str


def both_accepted(row: Pairing) -> bool:
    """Say whether both sides have said yes and neither has gone back on it."""
    return (row.need_answer, row.achievement_answer) == ("accepted", "accepted")


def other_declined(row: Pairing, side: Side) -> bool:
    """Say whether the partner of a side has said no: that side has nothing to answer then."""
    return (row.achievement_answer if side == "need" else row.need_answer) == "declined"


def contact_of(session: Session, line: PairingLine, side: Side) -> OpenContact:
    """Return the contact of one side of a pairing that both accepted, as far as consent goes."""
    if side == "need":
        person, home = line.need_contact, line.enterprise.name
        submission = ("need", line.need.id)
    else:
        person, home = line.expert, line.seat.organisation if line.seat else ""
        submission = ("achievement", line.achievement.id)
    if person is None or not _agreed(session, submission, person):
        return OpenContact(open=False, organisation=home, name="", phone="", email="")
    return OpenContact(open=True, organisation=home, name=person.name, phone=person.phone, email=person.email)


def _agreed(session: Session, submission: tuple[str, int], person: Person) -> bool:
    kind, subject_id = submission
    return may_hand_over(session, submission=kind, submission_id=subject_id, person_id=person.id)
