"""What letters about events have in common: whom they reach, what they say, their calendar files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import pauses_in_words
from matchmaker.domain.disclosure import view_of
from matchmaker.domain.permissions import ANYONE
from matchmaker.domain.states import EventState
from matchmaker.files.calendars import Appointment, calendar_of, invitation
from matchmaker.services.events import event_end, slot_start, slot_words
from matchmaker.services.notices import (
    Plan,
    Recipient,
    organisers,
    person_recipient,
    users_of,
    with_contact,
)
from matchmaker.services.pairing_answers import Side, both_accepted
from matchmaker.services.partners import partner_of
from matchmaker.settings import Settings
from matchmaker.store.queries.day_rules import pauses_told
from matchmaker.store.queries.pairings import PairingLine
from matchmaker.store.tables import DeskStep, Event, Invitation, Organisation, PairingList

MINE = "/events/mine"


def guests_of(session: Session, row: Invitation) -> list[Recipient]:
    """Return whom an invitation reaches: its person; without one, the accounts of the organisation."""
    person = person_recipient(session, row.person_id)
    if person is not None and (person.user_id is not None or person.address):
        return [person]
    organisation = session.get_one(Organisation, row.organisation_id)
    return users_of(session, [key for key in (organisation.id, organisation.parent_id) if key is not None])


def event_words(event: Event) -> dict[str, object]:
    """Return what every letter says of an event."""
    return {
        "event": event.title,
        "starts_at": event.starts_at,
        "place": "，".join(part for part in (event.town, event.venue) if part),
    }


def told_of_day(session: Session, event: Event) -> str:
    """Return what a calendar says of an event: its description, and the pauses in which nobody meets."""
    words = pauses_in_words(pauses_told(session, [event])[event.id])
    return "\n".join(part for part in (event.description, words) if part)


def event_file(
    session: Session, settings: Settings, event: Event, row: Invitation, guest: Recipient
) -> bytes:
    """Return the calendar file of an event for one guest."""
    appointment = _appointment(
        settings,
        uid=f"event-{event.id}-invitation-{row.id}",
        event=event,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event_end(event),
        guest=guest,
        description=told_of_day(session, event),
    )
    return invitation(appointment, stamped_at=clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCalendar:
    """Writes the meetings of an event for calendars.

    `sequence` outdoes every one given before: calendars go by it, not by when a letter came.
    """

    settings: Settings
    event: Event
    sequence: int

    @classmethod
    def of(cls, session: Session, settings: Settings, event: Event) -> "MeetingCalendar":
        """Return the writer for an event's meetings as they are now."""
        return cls(settings=settings, event=event, sequence=meeting_sequence(session, event))

    def meeting(
        self,
        line: PairingLine,
        side: Side,
        guest: Recipient,
        *,
        place: Sequence[int | None],
        cancelled: bool = False,
    ) -> Appointment:
        """Return a meeting at a place (slot from 1, table) as one side's calendar has it."""
        slot, table = place
        words = meeting_words(self.event, line, side)
        return _appointment(
            self.settings,
            uid=f"event-{self.event.id}-need-{line.need.id}-achievement-{line.achievement.id}",
            event=self.event,
            title=f"一对一洽谈：{words['theirs']}",
            starts_at=slot_start(self.event, slot or 1),
            ends_at=slot_start(self.event, (slot or 1) + 1),
            guest=guest,
            description=f"{self.event.title}；对方：{words['partner']}",
            place=f"{table} 号桌" if table else "",
            sequence=self.sequence,
            cancelled=cancelled,
        )

    def file(self, meetings: Sequence[Appointment]) -> bytes | None:
        """Return them as one file: an invitation or its withdrawal, several as entries to put in."""
        if not meetings:
            return None
        stamp = clock.now()
        if len(meetings) == 1:
            return invitation(meetings[0], stamped_at=stamp)
        return calendar_of(meetings, stamped_at=stamp)


def meeting_sequence(session: Session, event: Event) -> int:
    """Return how often an event's meetings may have changed: by the event, a new list, the desk."""
    listed = session.scalar(select(func.max(PairingList.number)).where(PairingList.event_id == event.id))
    step = session.scalar(select(func.max(DeskStep.number)).where(DeskStep.event_id == event.id))
    return event.version + (listed or 0) + (step or 0)


def _appointment(
    settings: Settings,
    *,
    uid: str,
    event: Event,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    guest: Recipient,
    description: str,
    place: str = "",
    sequence: int | None = None,
    cancelled: bool = False,
) -> Appointment:
    name, address = parseaddr(settings.mail.sender)
    return Appointment(
        uid=f"{uid}@matchmaker",
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        place="，".join(part for part in (event.town, event.venue, place) if part),
        description=description,
        organiser_name=settings.site.bureau or name,
        organiser_mail=address,
        attendees=((guest.name, guest.address),) if guest.address else (),
        sequence=event.version if sequence is None else sequence,
        cancelled=cancelled or event.status in (EventState.CANCELLED, EventState.POSTPONED),
    )


def reachable(guest: Recipient, settings: Settings) -> bool:
    return guest.user_id is not None or bool(guest.address and settings.mail.host)


def side_recipients(session: Session, line: PairingLine, side: Side) -> list[Recipient]:
    """Return whom to tell on one side: accounts of the organisation, and the contact or expert."""
    if side == "need":
        contact = person_recipient(session, line.need.contact_id)
        return with_contact(users_of(session, [line.enterprise.id]), contact)
    ids = [key for key in (line.achievement.organisation_id,) if key is not None]
    home = session.get(Organisation, ids[0]) if ids else None
    if home is not None and home.parent_id is not None:
        ids.append(home.parent_id)
    return with_contact(users_of(session, ids), person_recipient(session, line.pairing.expert_id))


def meeting_words(event: Event, line: PairingLine, side: Side) -> dict[str, object]:
    """Return what one side may know of a meeting: the other as disclosed, by name once both have accepted.

    `expert` is who of the achievement's own side is meant: its institution is written to as well.
    """
    pairing = line.pairing
    shown = view_of(ANYONE, line.faces, contacts_open=both_accepted(pairing))
    if side == "need":
        mine, theirs, expert = line.need.title, line.achievement.title, ""
        partner = partner_of(line).organisation
    else:
        mine, theirs, partner = line.achievement.title, shown.title, shown.firm
        expert = line.expert.name if line.expert else ""
    return {
        "mine": mine,
        "theirs": theirs,
        "partner": partner,
        "expert": expert,
        "side": side,
        "slot": slot_words(event, pairing.slot),
        "table": pairing.table_number,
    }


def to_organisers(
    session: Session, event: Event, context: dict[str, object], *, key: str, link: str
) -> list[Plan]:
    plan = partial(
        Plan,
        kind="invitation_answered",
        key=key,
        context=context,
        link=link,
        channels=("inbox",),
        event_id=event.id,
    )
    return [plan(recipient=recipient) for recipient in organisers(session)]
