"""Who is told what about pairings: a list goes out, a meeting is off, one side answers, both accept."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from matchmaker.bus.work import Work
from matchmaker.domain.messages import PairingAnswered, PairingListPublished
from matchmaker.domain.states import PairingState
from matchmaker.services.event_letters import (
    MINE,
    MeetingCalendar,
    event_words,
    meeting_words,
    reachable,
    side_recipients,
    to_organisers,
)
from matchmaker.services.links import Purpose, make_link
from matchmaker.services.notices import Plan, plan_with, still_asked
from matchmaker.services.pairing_answers import ANSWERS, Side, both_accepted, contact_of
from matchmaker.settings import Settings
from matchmaker.store.queries.pairings import PairingLine, list_before, pairing_lines
from matchmaker.store.queries.withdrawals import Withdrawn, withdrawn_now
from matchmaker.store.tables import Event

_SIDES: tuple[Side, Side] = ("need", "achievement")


def tell_pairing_list_published(work: Work, message: PairingListPublished) -> None:
    """Tell both sides of every pairing, each with its own slot; not who has accepted it there before."""
    plan_with(_pairing_list, work, message)


def _pairing_list(session: Session, settings: Settings, message: PairingListPublished) -> list[Plan]:
    event = session.get_one(Event, message.event_id)
    calendar = MeetingCalendar.of(session, settings, event)
    former = list_before(session, message.list_id)
    told = {_pair(line): _place(line) for line in pairing_lines(session, list_id=former.id)} if former else {}
    plans: list[Plan] = []
    withdrawn = withdrawn_now(session)
    for line in pairing_lines(session, list_id=message.list_id):
        if line.pairing.status in (PairingState.REJECTED, PairingState.DECLINED):
            continue
        for side in _SIDES:
            if not (_has_accepted(line, side) and told.get(_pair(line)) == _place(line)):
                plans += _pairing_plans(session, settings, calendar, line, side, withdrawn=withdrawn)
    return [*plans, *_dropped_plans(session, settings, calendar, message)]


def _pairing_plans(
    session: Session,
    settings: Settings,
    calendar: MeetingCalendar,
    line: PairingLine,
    side: Side,
    *,
    withdrawn: Withdrawn,
) -> Iterator[Plan]:
    event, place = calendar.event, _place(line)
    guests, answered = side_recipients(session, line, side), _has_accepted(line, side)
    if not answered:
        guests = still_asked(withdrawn, guests)
    if not any(reachable(guest, settings) for guest in guests):
        return
    address = _pairing_link(session, settings, line, side)
    for guest in guests:
        yield Plan(
            kind="pairing_list",
            key=f"{line.id}-{side}",
            recipient=guest,
            context=event_words(event)
            | meeting_words(event, line, side)
            | {"answer": address, "accepted": answered},
            link=MINE,
            calendar=calendar.file([calendar.meeting(line, side, guest, place=place)] if place[0] else []),
            event_id=event.id,
        )


def _pairing_link(session: Session, settings: Settings, line: PairingLine, side: Side) -> str:
    person = line.need_contact if side == "need" else line.expert
    return make_link(
        session,
        settings,
        purpose=Purpose.PAIRING,
        subject_id=line.id,
        side=side,
        person_id=person.id if person else None,
    )


def _dropped_plans(
    session: Session, settings: Settings, calendar: MeetingCalendar, message: PairingListPublished
) -> Iterator[Plan]:
    """Yield who had a meeting by the list before that the new one does not have: it is called off.

    Who said no to it knows; the other side may not.
    """
    former = list_before(session, message.list_id)
    if former is None:
        return
    kept = {_pair(line) for line in pairing_lines(session, list_id=message.list_id)}
    for line in pairing_lines(session, list_id=former.id):
        for side in _SIDES:
            if _pair(line) not in kept and getattr(line.pairing, f"{side}_answer") != "declined":
                yield from _off_plans(session, settings, calendar, line, side)


def _off_plans(
    session: Session, settings: Settings, calendar: MeetingCalendar, line: PairingLine, side: Side
) -> Iterator[Plan]:
    event, place = calendar.event, _place(line)
    for guest in side_recipients(session, line, side):
        if reachable(guest, settings):
            off = [calendar.meeting(line, side, guest, place=place, cancelled=True)] if place[0] else []
            yield Plan(
                kind="pairing_dropped",
                key=f"{line.id}-{side}",
                recipient=guest,
                context=event_words(event) | meeting_words(event, line, side),
                link=MINE,
                calendar=calendar.file(off),
                event_id=event.id,
            )


def _pair(line: PairingLine) -> tuple[int, int]:
    return line.need.id, line.achievement.id


def _place(line: PairingLine) -> tuple[int | None, int | None]:
    return line.pairing.slot, line.pairing.table_number


def _has_accepted(line: PairingLine, side: Side) -> bool:
    return bool(getattr(line.pairing, f"{side}_answer") == "accepted")


def tell_pairing_answered(work: Work, message: PairingAnswered) -> None:
    """Open the contacts once both sides have accepted; tell the organisers of everything else."""
    plan_with(_pairing_answered, work, message)


def _pairing_answered(session: Session, _settings: Settings, message: PairingAnswered) -> list[Plan]:
    line = next(iter(pairing_lines(session, ids=[message.pairing_id])), None)
    if line is None:
        return []
    event = session.get_one(Event, line.pairing.event_id)
    if message.accepted and both_accepted(line.pairing):
        return list(_accepted_plans(session, event, line))
    said = line.pairing.need_answer if message.side == "need" else line.pairing.achievement_answer
    context = event_words(event) | {
        "guest": line.enterprise.name if message.side == "need" else _who_sits(line),
        "answer": ANSWERS.get(said, said),
        "note": line.pairing.answer_note,
        "what": f"洽谈（与“{line.achievement.title if message.side == 'need' else line.need.title}”）",
    }
    key = f"pairing-{line.id}-{line.pairing.version}"
    return to_organisers(session, event, context, key=key, link=f"/events/{event.id}/pairing")


def _who_sits(line: PairingLine) -> str:
    if line.seat is None:
        return ""
    parts = (line.seat.organisation, line.seat.name)
    return " ".join(dict.fromkeys(part for part in parts if part))


def _accepted_plans(session: Session, event: Event, line: PairingLine) -> Iterator[Plan]:
    for side in _SIDES:
        other = contact_of(session, line, "achievement" if side == "need" else "need")
        words = meeting_words(event, line, side) | {"contact": other, "partner": other.organisation}
        for guest in side_recipients(session, line, side):
            yield Plan(
                kind="pairing_accepted",
                key=f"{line.id}-{side}",
                recipient=guest,
                context=event_words(event) | words,
                link=MINE,
                event_id=event.id,
            )
