"""Invitations: who is asked to an event, what they answered, and who came."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import InvitationAnswered, InvitationsIssued
from matchmaker.domain.permissions import Actor, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EventState, InvitationState
from matchmaker.errors import InvalidInput, NotFound, WrongState
from matchmaker.services import links
from matchmaker.services.events import organiser_event
from matchmaker.services.firm_codes import give_codes
from matchmaker.services.moves import move
from matchmaker.services.organisations import find_or_create_person
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.queries.pairings import seats_of
from matchmaker.store.queries.withdrawals import WITHDREW, withdrawn_now
from matchmaker.store.tables import Event, EventItem, Invitation, Need, Organisation, Person

_I = InvitationState
_NOW_CLOSED = frozenset({EventState.HELD, EventState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody to be asked: an organisation, and who of it if that is known."""

    organisation_id: int
    person_id: int | None
    role: str


def plan_invitations(session: Session, actor: Actor, *, event_id: int) -> int:
    """Put the needs' contacts and the achievements' experts on the list; return how many are new.

    Who has taken the consent back is not put there.
    """
    event = organiser_event(session, actor, event_id)
    known = {
        (row.organisation_id, row.person_id)
        for row in session.scalars(select(Invitation).where(Invitation.event_id == event.id))
    }
    give_codes(session, event.id)
    new, withdrawn = 0, withdrawn_now(session)
    for guest in _guests(session, event.id):
        key = (guest.organisation_id, guest.person_id)
        if key not in known and not withdrawn.guest(**asdict(guest)):
            known.add(key)
            put_on_list(session, event, guest)
            new += 1
    return new


def _guests(session: Session, event_id: int) -> Iterator[Guest]:
    firms = session.execute(
        select(Need.organisation_id, Need.contact_id)
        .join(EventItem, (EventItem.subject_kind == "need") & (EventItem.subject_id == Need.id))
        .where(EventItem.event_id == event_id)
        .order_by(Need.organisation_id, Need.contact_id)
    )
    for organisation_id, contact_id in firms:
        yield Guest(organisation_id=organisation_id, person_id=contact_id, role="enterprise")
    achievements = session.scalars(
        select(EventItem.subject_id)
        .where(EventItem.event_id == event_id, EventItem.subject_kind == "achievement")
        .order_by(EventItem.subject_id)
    )
    for seat in seats_of(session, achievements).values():
        if seat.organisation_id is not None:
            yield Guest(organisation_id=seat.organisation_id, person_id=seat.person_id, role="expert")


def left_alone(session: Session, *, event_id: int) -> list[str]:
    """Return who would be on an event's list, had they not taken their consent back: house and name."""
    withdrawn = withdrawn_now(session)
    if not withdrawn:
        return []
    gone = {
        (guest.organisation_id, guest.person_id)
        for guest in _guests(session, event_id)
        if withdrawn.guest(**asdict(guest))
    }
    invited = select(Invitation.organisation_id, Invitation.person_id).where(Invitation.event_id == event_id)
    gone -= {(house, person) for house, person in session.execute(invited)}
    words = []
    for house, person_id in gone:
        person = session.get(Person, person_id) if person_id is not None else None
        words.append(
            " ".join([session.get_one(Organisation, house).name, *([person.name] if person else [])])
        )
    return sorted(words)


def add_guest(
    session: Session, actor: Actor, *, event_id: int, organisation_id: int, person_name: str, role: str
) -> Invitation:
    """Put somebody on the list by hand; a person of that name is found in the organisation, or added.

    Raises InvalidInput for an unknown organisation and for who has taken the consent back.
    """
    event = organiser_event(session, actor, event_id)
    if session.get(Organisation, organisation_id) is None:
        message = "没有找到这个单位，请先在“单位与人员”里新建。"
        raise InvalidInput([Problem(field="organisation", code="unknown", message=message)])
    person_id = None
    if person_name.strip():
        person_id = find_or_create_person(
            session, actor, organisation_id=organisation_id, name=person_name, source="event"
        ).id
    known = session.scalars(
        select(Invitation).where(
            Invitation.event_id == event.id,
            Invitation.organisation_id == organisation_id,
            Invitation.person_id.is_(None) if person_id is None else Invitation.person_id == person_id,
        )
    ).first()
    if known is not None:
        return known
    guest = Guest(organisation_id=organisation_id, person_id=person_id, role=role)
    if withdrawn_now(session).guest(**asdict(guest)):
        message = f"“{person_name.strip() or '这家单位'}”{WITHDREW}，不能再邀请。请换一位，或请本人重新同意。"
        raise InvalidInput([Problem(field="person", code="withdrew", message=message)])
    return put_on_list(session, event, guest)


def put_on_list(session: Session, event: Event, guest: Guest) -> Invitation:
    """Add somebody who is not on the list yet, still to be asked."""
    row = Invitation(
        event_id=event.id,
        organisation_id=guest.organisation_id,
        person_id=guest.person_id,
        role=guest.role,
        status=InvitationState.PLANNED,
    )
    session.add(row)
    session.flush()  # callers name the row, and the next guest must find it
    return row


def invite(
    session: Session, actor: Actor, *, event_id: int, invitation_ids: Sequence[int] | None = None
) -> int:
    """Send out planned invitations, the named ones or all; return how many. The event must be open.

    Those of people who have taken their consent back stay planned.
    """
    event = organiser_event(session, actor, event_id)
    if event.status is not EventState.OPEN:
        raise WrongState("活动还没有发布，或已经结束、延期、取消，现在不能发出邀请。请先在“概况”里发布活动。")
    wanted = select(Invitation).where(
        Invitation.event_id == event.id, Invitation.status == InvitationState.PLANNED
    )
    if invitation_ids is not None:
        wanted = wanted.where(Invitation.id.in_(invitation_ids))
    withdrawn = withdrawn_now(session)
    rows = [row for row in session.scalars(wanted.order_by(Invitation.id)) if not withdrawn.invitation(row)]
    for row in rows:
        move(session, actor, "invitation", row, InvitationState.INVITED)
        row.invited_at = clock.now()
    if rows:
        issued = InvitationsIssued(event_id=event.id, invitation_ids=tuple(row.id for row in rows))
        outbox.record(session, actor, issued)
    return len(rows)


def drop_planned(session: Session, actor: Actor, *, event_id: int, invitation_ids: Sequence[int]) -> int:
    """Take people off the list who were not asked yet; return how many."""
    organiser_event(session, actor, event_id)
    rows = session.scalars(
        select(Invitation).where(
            Invitation.event_id == event_id,
            Invitation.id.in_(invitation_ids),
            Invitation.status == InvitationState.PLANNED,
        )
    ).all()
    for row in rows:
        session.delete(row)
    return len(rows)


def answer_invitation(
    session: Session, actor: Actor, *, invitation_id: int, accepted: bool, note: str = ""
) -> Invitation:
    """Record a yes or no: by the guest's own organisation, or by the organiser on the phone.

    The same answer again changes nothing. Raises NotFound for somebody else's invitation.
    """
    row = session.get(Invitation, invitation_id)
    if row is None or not (actor.organises or (_is_own(actor, row) and row.status is not _I.PLANNED)):
        raise NotFound()
    return record_answer(session, actor, row, accepted=accepted, note=note)


def _is_own(actor: Actor, row: Invitation) -> bool:
    mine = row.person_id is not None and row.person_id == actor.person_id
    return mine or owns(actor, row.organisation_id)


def record_answer(
    session: Session, actor: Actor, row: Invitation, *, accepted: bool, note: str
) -> Invitation:
    """Write an answer whose giver is known to be entitled. Raises WrongState once the event is over."""
    event = session.get_one(Event, row.event_id)
    if event.status in _NOW_CLOSED:
        raise WrongState("这场活动已经结束或取消，不用再答复。有事请联系主办方。")
    to = InvitationState.ACCEPTED if accepted else InvitationState.DECLINED
    refuse_secrets({"note": note}, {"note": "说明"})
    if row.status is to and row.answer_note == note.strip():
        return row
    if row.status is not to:
        move(session, actor, "invitation", row, to, reason=note.strip())
    row.answer_note, row.answered_at = note.strip()[:500], clock.now()
    links.revoke(session, purpose=links.Purpose.INVITATION, subject_id=row.id)
    outbox.record(session, actor, InvitationAnswered(invitation_id=row.id, accepted=accepted))
    return row


def check_in(session: Session, actor: Actor, *, event_id: int, invitation_id: int) -> Invitation:
    """Note that somebody has come. Twice is once."""
    row = _guest_of(session, actor, event_id, invitation_id)
    if row.status is not InvitationState.CHECKED_IN:
        move(session, actor, "invitation", row, InvitationState.CHECKED_IN)
        row.checked_in_at = clock.now()
    return row


def mark_absent(session: Session, actor: Actor, *, event_id: int, invitation_id: int) -> Invitation:
    """Note that somebody did not come. Twice is once."""
    row = _guest_of(session, actor, event_id, invitation_id)
    if row.status is not InvitationState.ABSENT:
        move(session, actor, "invitation", row, InvitationState.ABSENT)
        row.checked_in_at = None
    return row


def _guest_of(session: Session, actor: Actor, event_id: int, invitation_id: int) -> Invitation:
    event = organiser_event(session, actor, event_id)
    row = session.get(Invitation, invitation_id)
    if row is None or row.event_id != event.id:
        raise NotFound()
    return row
