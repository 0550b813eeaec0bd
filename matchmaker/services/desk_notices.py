"""Who is told when the desk changes the timetable: each person it concerns, once, with all of it."""

from typing import Any

from sqlalchemy.orm import Session

from matchmaker.bus.work import Work
from matchmaker.domain.desk import StepKind
from matchmaker.domain.messages import TimetableRepaired
from matchmaker.domain.timetable import Placement
from matchmaker.files.calendars import Appointment
from matchmaker.services.desk import place_words
from matchmaker.services.event_letters import (
    MINE,
    MeetingCalendar,
    event_words,
    meeting_words,
    reachable,
    side_recipients,
)
from matchmaker.services.notices import Plan, Recipient, plan_with
from matchmaker.services.pairing_answers import Side
from matchmaker.settings import Settings
from matchmaker.store.queries.pairings import PairingLine, pairing_lines
from matchmaker.store.tables import DeskStep, Event

_SIDES: tuple[Side, Side] = ("need", "achievement")


def tell_timetable_repaired(work: Work, message: TimetableRepaired) -> None:
    """Tell both sides of every meeting that a step moved, cancelled or added; nobody else."""
    plan_with(_plans, work, message)


def _plans(session: Session, settings: Settings, message: TimetableRepaired) -> list[Plan]:
    step = session.get(DeskStep, message.step_id)
    if step is None:
        return []
    event = session.get_one(Event, message.event_id)
    changes = {change["pairing"]: change for change in step.changes}
    told: dict[str, tuple[Recipient, list[dict[str, object]]]] = {}
    calendar = MeetingCalendar.of(session, settings, event)
    entries: dict[str, list[Appointment]] = {}
    for line in pairing_lines(session, ids=sorted(changes)):
        change = changes[line.id]
        place, off = change["after"] or change["before"], not change["after"]
        for side in _SIDES:
            for guest in side_recipients(session, line, side):
                if reachable(guest, settings):
                    key = f"{side}-{guest.key}"
                    told.setdefault(key, (guest, []))[1].append(_words(event, line, side, change))
                    made = [calendar.meeting(line, side, guest, place=place, cancelled=off)] if place else []
                    entries.setdefault(key, []).extend(made)
    back = step.kind is StepKind.UNDONE
    return [
        Plan(
            kind="desk_change",
            key=f"{step.id}-{key.partition('-')[0]}",
            recipient=guest,
            context=event_words(event) | {"meetings": meetings, "back": back},
            link=MINE,
            calendar=calendar.file(entries[key]),
            event_id=event.id,
        )
        for key, (guest, meetings) in told.items()
    ]


def _words(event: Event, line: PairingLine, side: Side, change: dict[str, Any]) -> dict[str, object]:
    """Return what one side is told of one meeting; the other side as it is disclosed to them."""
    own = meeting_words(event, line, side)
    return {
        "mine": own["mine"],
        "theirs": own["theirs"],
        "partner": own["partner"],
        "before": _place(event, line.id, change["before"]),
        "after": _place(event, line.id, change["after"]),
    }


def _place(event: Event, pairing_id: int, place: list[int] | None) -> str:
    if place is None:
        return ""
    return place_words(event, Placement(meeting_id=pairing_id, slot=place[0] - 1, table=place[1]))
