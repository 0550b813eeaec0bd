"""A guest's own calendar of an event: the day, and each meeting with its table."""

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import EventState, PairingState
from matchmaker.errors import NotFound
from matchmaker.files.calendars import Appointment, calendar_of
from matchmaker.services.event_letters import meeting_sequence, meeting_words, told_of_day
from matchmaker.services.events import event_end, slot_start
from matchmaker.services.pairing_answers import Side, side_of
from matchmaker.settings import Settings
from matchmaker.store.queries.events import own_events
from matchmaker.store.queries.pairings import PairingLine
from matchmaker.store.tables import Event

_OFF = (PairingState.REJECTED, PairingState.DECLINED)


def personal_calendar(session: Session, actor: Actor, settings: Settings, *, event_id: int) -> bytes:
    """Return the .ics of an event and of the actor's own meetings there. Raises NotFound for a stranger.

    The entries have the names (uid) that the letters use, so that a calendar holds each of them once.
    """
    own = own_events(session, actor.organisation_ids, actor.person_id, ahead_from=clock.today())
    found = next((one for one in own if one.event.id == event_id), None)
    if found is None:
        raise NotFound()
    sequence = meeting_sequence(session, found.event)
    meetings = [
        _meeting(settings, found.event, line, side, sequence=sequence)
        for line in found.pairings
        if line.pairing.slot and line.pairing.status not in _OFF
        if (side := side_of(session, actor, line.pairing))
    ]
    guests = [guest.id for guest in found.invitations]
    pauses = told_of_day(session, found.event)
    return calendar_of([*_day(settings, found.event, guests, pauses), *meetings], stamped_at=clock.now())


def _day(settings: Settings, event: Event, invitation_ids: list[int], words: str) -> list[Appointment]:
    return [
        Appointment(
            uid=f"event-{event.id}-invitation-{key}@matchmaker",
            title=event.title,
            starts_at=event.starts_at,
            ends_at=event_end(event),
            place=_place(event),
            description=words,
            organiser_name=settings.site.bureau,
            sequence=event.version,
            cancelled=_is_off(event),
        )
        for key in invitation_ids[:1]
    ]


def _meeting(
    settings: Settings, event: Event, line: PairingLine, side: Side, *, sequence: int
) -> Appointment:
    words, slot = meeting_words(event, line, side), line.pairing.slot or 1
    table = f"{line.pairing.table_number} 号桌" if line.pairing.table_number else ""
    return Appointment(
        uid=f"event-{event.id}-need-{line.need.id}-achievement-{line.achievement.id}@matchmaker",
        title=f"一对一洽谈：{words['theirs']}",
        starts_at=slot_start(event, slot),
        ends_at=slot_start(event, slot + 1),
        place="，".join(part for part in (_place(event), table) if part),
        description=f"{event.title}；对方：{words['partner']}",
        organiser_name=settings.site.bureau,
        sequence=sequence,
        cancelled=_is_off(event),
    )


def _place(event: Event) -> str:
    return "，".join(part for part in (event.town, event.venue) if part)


def _is_off(event: Event) -> bool:
    return event.status in (EventState.CANCELLED, EventState.POSTPONED)
