"""Meetings and events to calendar files that mail programs show as invitations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import icalendar

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Something with a time and a place. Both times are aware.

    `uid` stays the same for the life of the appointment; `sequence` grows with every change, or mail
    programs keep showing the old time. `attendees` are (name, mail address).
    """

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    description: str = ""
    organiser_name: str = ""
    organiser_mail: str = ""
    attendees: tuple[tuple[str, str], ...] = ()
    sequence: int = 0
    cancelled: bool = False


def invitation(appointment: Appointment, *, stamped_at: datetime) -> bytes:
    """Return an .ics of one appointment: METHOD:REQUEST, or CANCEL when it is cancelled.

    Times are written in Asia/Shanghai with the definition of that zone, which Outlook needs.
    `stamped_at` is the moment of writing, aware; same input gives the same bytes.
    """
    calendar = _calendar("CANCEL" if appointment.cancelled else "REQUEST")
    calendar.add_component(_event(appointment, stamped_at))
    return bytes(calendar.to_ical())


def calendar_of(appointments: Sequence[Appointment], *, stamped_at: datetime) -> bytes:
    """Return an .ics of several appointments, to be put into one's own calendar (METHOD:PUBLISH)."""
    calendar = _calendar("PUBLISH")
    for appointment in appointments:
        calendar.add_component(_event(appointment, stamped_at))
    return bytes(calendar.to_ical())


def _calendar(method: str) -> "icalendar.Calendar":
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//matchmaker//zh-CN//")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(icalendar.Timezone.from_tzinfo(ZONE))
    return calendar


def _event(appointment: Appointment, stamped_at: datetime) -> "icalendar.Event":
    import icalendar

    event = icalendar.Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", stamped_at)
    event.add("dtstart", appointment.starts_at.astimezone(ZONE))
    event.add("dtend", appointment.ends_at.astimezone(ZONE))
    event.add("summary", appointment.title)
    event.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    if appointment.place:
        event.add("location", appointment.place)
    if appointment.description:
        event.add("description", appointment.description)
    if appointment.organiser_mail:
        event.add("organizer", _address(appointment.organiser_name, appointment.organiser_mail))
    for name, mail in appointment.attendees:
        attendee = _address(name, mail)
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["RSVP"] = "TRUE"
        event.add("attendee", attendee, encode=False)
    return event


def _address(name: str, mail: str) -> "icalendar.vCalAddress":
    import icalendar

    address = icalendar.vCalAddress(f"mailto:{mail}")
    if name:
        address.params["CN"] = icalendar.vText(name)
    return address
