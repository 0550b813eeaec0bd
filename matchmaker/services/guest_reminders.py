"""Reminds guests who have not answered: to the invitation, or to the meetings planned for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.work import Work
from matchmaker.domain.messages import GuestsReminded
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import EventState, InvitationState
from matchmaker.errors import WrongState
from matchmaker.services.event_letters import MINE, event_words, guests_of, reachable
from matchmaker.services.events import organiser_event
from matchmaker.services.links import Purpose, make_link
from matchmaker.services.notices import Plan, Recipient, plan_with, still_asked
from matchmaker.settings import Settings
from matchmaker.store.queries.guests import WAITING, GuestState, guest_states
from matchmaker.store.queries.withdrawals import Withdrawn, withdrawn_now
from matchmaker.store.tables import Event

_AGAIN_AFTER = timedelta(hours=20)  # once a day, whatever the hour the button is pressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """How many are written to, and how many can only be telephoned."""

    sent: int
    unreachable: int


def remind_silent(
    session: Session,
    actor: Actor,
    settings: Settings,
    *,
    event_id: int,
    invitation_ids: Sequence[int] | None = None,
) -> Reminded:
    """Remind guests who owe an answer, the named ones or all.

    Who was reminded today already is left alone. Raises WrongState unless the event is open.
    """
    event = organiser_event(session, actor, event_id)
    if event.status is not EventState.OPEN:
        raise WrongState("活动不在报名答复阶段，不用再提醒。")
    due = [
        guest.line.invitation
        for guest in guest_states(session, event.id)
        if guest.silent and (invitation_ids is None or guest.id in invitation_ids) and _is_due(guest)
    ]
    there = [row for row in due if any(reachable(one, settings) for one in guests_of(session, row))]
    for row in there:
        row.reminded_at = clock.now()
    if there:
        ids = tuple(row.id for row in there)
        outbox.record(session, actor, GuestsReminded(event_id=event.id, invitation_ids=ids))
    return Reminded(sent=len(there), unreachable=len(due) - len(there))


def _is_due(guest: GuestState) -> bool:
    last = guest.line.invitation.reminded_at
    return last is None or last < clock.now() - _AGAIN_AFTER


def tell_guests_reminded(work: Work, message: GuestsReminded) -> None:
    """Write to the guests who still owe an answer when this runs."""
    plan_with(_reminders, work, message)


def _reminders(session: Session, settings: Settings, message: GuestsReminded) -> list[Plan]:
    event = session.get_one(Event, message.event_id)
    plans: list[Plan] = []
    withdrawn = withdrawn_now(session)
    for guest in guest_states(session, event.id):
        if guest.id in message.invitation_ids and guest.silent:
            plans += _plans(session, settings, event, guest, withdrawn)
    return plans


def _plans(
    session: Session, settings: Settings, event: Event, guest: GuestState, withdrawn: Withdrawn
) -> list[Plan]:
    row = guest.line.invitation
    recipients = [one for one in still_asked(withdrawn, guests_of(session, row)) if reachable(one, settings)]
    if not recipients:
        return []
    address = ""
    if row.status is InvitationState.INVITED:
        address = make_link(
            session, settings, purpose=Purpose.INVITATION, subject_id=row.id, person_id=row.person_id
        )
    context = event_words(event) | {"answer": address, "waiting": guest.said.get(WAITING, 0)}
    return [_plan(event, guest, one, context) for one in recipients]


def _plan(event: Event, guest: GuestState, recipient: Recipient, context: dict[str, object]) -> Plan:
    reminded = guest.line.invitation.reminded_at or clock.now()
    return Plan(
        kind="guest_reminder",
        key=f"{guest.id}-{reminded:%Y%m%d%H%M}",
        recipient=recipient,
        context=context,
        link=MINE,
        event_id=event.id,
    )
