"""Who is told what about events, and what everybody is reminded of."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus.work import Work
from matchmaker.domain.messages import EventChanged, InvitationAnswered, InvitationsIssued
from matchmaker.domain.states import EventState, InvitationState, PairingState
from matchmaker.services.event_letters import (
    MINE,
    event_file,
    event_words,
    guests_of,
    meeting_words,
    reachable,
    to_organisers,
)
from matchmaker.services.links import Purpose, make_link
from matchmaker.services.notices import Plan, Recipient, plan_with, save_plan, still_asked
from matchmaker.services.pairing_answers import Side
from matchmaker.settings import Settings
from matchmaker.store.queries.pairings import PairingLine, pairing_lines, published_list
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import Event, Invitation, Notice, Organisation, Person, StateChange
from matchmaker.store.tables import Message as MessageRow

_ASKED = (InvitationState.INVITED, InvitationState.ACCEPTED)
_TOLD_OF = (EventState.OPEN, EventState.POSTPONED, EventState.CANCELLED)


def tell_invitations_issued(work: Work, message: InvitationsIssued) -> None:
    """Send each guest the invitation with a calendar file and a link to answer by."""
    plan_with(_invitations, work, message)


def _invitations(session: Session, settings: Settings, message: InvitationsIssued) -> list[Plan]:
    event = session.get_one(Event, message.event_id)
    plans = []
    rows = session.scalars(
        select(Invitation).where(
            Invitation.id.in_(message.invitation_ids), Invitation.status == InvitationState.INVITED
        )
    )
    withdrawn = withdrawn_now(session)
    for row in rows:
        guests = still_asked(withdrawn, guests_of(session, row))
        if not any(reachable(guest, settings) for guest in guests):
            continue
        address = make_link(
            session, settings, purpose=Purpose.INVITATION, subject_id=row.id, person_id=row.person_id
        )
        context = event_words(event) | {"answer": address, "description": event.description}
        plans += [
            Plan(
                kind="invitation",
                key=str(row.id),
                recipient=guest,
                context=context,
                link=MINE,
                calendar=event_file(session, settings, event, row, guest),
                event_id=event.id,
            )
            for guest in guests
        ]
    return plans


def tell_invitation_answered(work: Work, message: InvitationAnswered) -> None:
    """Tell the organisers what a guest answered (in the inbox)."""
    plan_with(_invitation_answered, work, message)


def _invitation_answered(session: Session, _settings: Settings, message: InvitationAnswered) -> list[Plan]:
    row = session.get(Invitation, message.invitation_id)
    if row is None:
        return []
    event = session.get_one(Event, row.event_id)
    house = session.get_one(Organisation, row.organisation_id).name
    person = session.get(Person, row.person_id) if row.person_id else None
    context = event_words(event) | {
        "guest": f"{house} {person.name}" if person else house,
        "answer": "确认参加" if message.accepted else "不参加",
        "note": row.answer_note,
        "what": "邀请",
    }
    return to_organisers(
        session, event, context, key=f"{row.id}-{row.version}", link=f"/events/{event.id}/people"
    )


def tell_event_changed(work: Work, message: EventChanged) -> None:
    """Tell everybody who was asked before that an event moved, was put off or called off.

    Who was asked since, as when an event is opened and its guests are invited at once, knows it as it is.
    """
    with work.writing() as session:
        event = session.get(Event, message.event_id)
        if event is None or message.to not in _TOLD_OF or event.status != message.to:
            return
        context = event_words(event) | {"state": event.status.value, "reason": _last_reason(session, event)}
        happened = session.get_one(MessageRow, work.message_id).happened_at
        before = [row for row in asked(session, event.id) if not row.invited_at or row.invited_at < happened]
        for row in before:
            for guest in guests_of(session, row):
                plan = Plan(
                    kind="event_changed",
                    key=f"{row.id}-{work.message_id}",
                    recipient=guest,
                    context=context,
                    link=MINE,
                    calendar=event_file(session, work.settings, event, row, guest),
                    event_id=event.id,
                )
                save_plan(session, work.settings, plan, message_id=work.message_id)


def _last_reason(session: Session, event: Event) -> str:
    if event.status is EventState.OPEN:
        return ""
    reason = session.scalar(
        select(StateChange.reason)
        .where(StateChange.subject_kind == "event", StateChange.subject_id == event.id)
        .order_by(StateChange.id.desc())
        .limit(1)
    )
    return reason or ""


def asked(session: Session, event_id: int) -> Sequence[Invitation]:
    """Return the invitations of an event that went out and were not turned down."""
    wanted = select(Invitation).where(Invitation.event_id == event_id, Invitation.status.in_(_ASKED))
    return session.scalars(wanted.order_by(Invitation.id)).all()


def plan_reminders(session: Session, settings: Settings) -> int:
    """Plan the reminders that are due for open events; return how many notices are new.

    The key of a reminder names event day, distance and guest, so running twice makes it once. A
    guest who was invited only after a reminder's day does not get that one.
    """
    if not settings.follow_up.reminder_days:
        return 0
    today, furthest = clock.today(), max(settings.follow_up.reminder_days)
    events = session.scalars(
        select(Event)
        .where(
            Event.status == EventState.OPEN,
            Event.held_on >= today,
            Event.held_on <= today + timedelta(days=furthest),
            Event.starts_at > clock.now(),
        )
        .order_by(Event.id)
    ).all()
    return sum(_remind(session, settings, event) for event in events)


def _remind(session: Session, settings: Settings, event: Event) -> int:
    left = (event.held_on - clock.today()).days
    days = min(distance for distance in settings.follow_up.reminder_days if left <= distance)
    due = clock.from_local(event.held_on - timedelta(days=days))
    known = set(
        session.scalars(
            select(Notice.key).where(Notice.event_id == event.id, Notice.kind == "event_reminder")
        )
    )
    new, withdrawn = 0, withdrawn_now(session)
    for row in asked(session, event.id):
        if row.invited_at is not None and row.invited_at >= due:
            continue
        guests = guests_of(session, row)
        for guest in guests if row.status is not InvitationState.INVITED else still_asked(withdrawn, guests):
            key = f"{row.id}-{event.held_on}-{days}"
            told = any(entry.startswith(f"event_reminder:{key}:{guest.key}:") for entry in known)
            if not told and reachable(guest, settings):
                new += save_plan(
                    session,
                    settings,
                    _reminder(session, settings, event, row, guest=guest, key=key, left=left),
                )
    return new


def _reminder(
    session: Session,
    settings: Settings,
    event: Event,
    row: Invitation,
    *,
    guest: Recipient,
    key: str,
    left: int,
) -> Plan:
    address = ""
    if row.status is InvitationState.INVITED:
        address = make_link(
            session, settings, purpose=Purpose.INVITATION, subject_id=row.id, person_id=row.person_id
        )
    return Plan(
        kind="event_reminder",
        key=key,
        recipient=guest,
        context=event_words(event)
        | {"left": left, "answer": address, "meetings": _meetings(session, event, row)},
        link=MINE,
        calendar=event_file(session, settings, event, row, guest),
        event_id=event.id,
    )


def _meetings(session: Session, event: Event, row: Invitation) -> list[dict[str, object]]:
    """Return the guest's own meetings of the published list, in the order of the day."""
    standing = published_list(session, event.id)
    if standing is None:
        return []
    side: Side = "need" if row.role == "enterprise" else "achievement"
    return [
        meeting_words(event, line, side)
        for line in pairing_lines(session, list_id=standing.id)
        if line.pairing.status not in (PairingState.DECLINED, PairingState.REJECTED)
        and _is_of(line, row, side)
    ]


def _is_of(line: PairingLine, row: Invitation, side: Side) -> bool:
    if side == "need":
        return line.enterprise.id == row.organisation_id
    if row.person_id is not None:
        return line.pairing.expert_id == row.person_id
    return line.achievement.organisation_id == row.organisation_id
