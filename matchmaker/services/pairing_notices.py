"""Who is told what about pairings: the list goes out, one side answers, both have accepted."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.bus.work import Work
from matchmaker.domain.messages import PairingAnswered, PairingListPublished
from matchmaker.domain.states import PairingState
from matchmaker.services.event_letters import (
    MINE,
    calendar_file,
    event_words,
    meeting_sequence,
    meeting_words,
    reachable,
    side_recipients,
    to_organisers,
)
from matchmaker.services.events import slot_start
from matchmaker.services.links import Purpose, make_link
from matchmaker.services.notices import Plan, Recipient, plan_with
from matchmaker.services.pairing_answers import ANSWERS, Side, both_accepted, contact_of
from matchmaker.settings import Settings
from matchmaker.store.queries.pairings import PairingLine, pairing_lines
from matchmaker.store.tables import Event, PairingList

_SIDES: tuple[Side, Side] = ("need", "achievement")


def tell_pairing_list_published(work: Work, message: PairingListPublished) -> None:
    """Tell both sides of every pairing, each with its own slot, and those whose meeting is gone."""
    plan_with(_pairing_list, work, message)


def _pairing_list(session: Session, settings: Settings, message: PairingListPublished) -> list[Plan]:
    event = session.get_one(Event, message.event_id)
    plans: list[Plan] = []
    for line in pairing_lines(session, list_id=message.list_id):
        if line.pairing.status in (PairingState.REJECTED, PairingState.DECLINED):
            continue
        for side in _SIDES:
            plans += _pairing_plans(session, settings, event, line, side)
    return [*plans, *_dropped_plans(session, settings, event, message.list_id)]


def _dropped_plans(session: Session, settings: Settings, event: Event, list_id: int) -> Iterator[Plan]:
    """Tell both sides of what the list before had and this one has not; who had said no knows already."""
    row = session.get_one(PairingList, list_id)
    before = session.scalars(
        select(PairingList)
        .where(
            PairingList.event_id == event.id,
            PairingList.number < row.number,
            PairingList.published_at.is_not(None),
        )
        .order_by(PairingList.number.desc())
        .limit(1)
    ).first()
    if before is None:
        return
    kept = {(line.need.id, line.achievement.id) for line in pairing_lines(session, list_id=list_id)}
    for line in pairing_lines(session, list_id=before.id):
        if (line.need.id, line.achievement.id) in kept or line.pairing.status is PairingState.DECLINED:
            continue
        for side in _SIDES:
            for guest in side_recipients(session, line, side):
                if reachable(guest, settings):
                    yield Plan(
                        kind="pairing_dropped",
                        key=f"{line.id}-{side}",
                        recipient=guest,
                        context=event_words(event) | meeting_words(event, line, side),
                        link=MINE,
                        calendar=_meeting_file(
                            settings, event, line, side, guest, told_by=row, cancelled=True
                        ),
                        event_id=event.id,
                    )


def _pairing_plans(
    session: Session, settings: Settings, event: Event, line: PairingLine, side: Side
) -> Iterator[Plan]:
    guests = side_recipients(session, line, side)
    if not any(reachable(guest, settings) for guest in guests):
        return
    row = session.get_one(PairingList, line.pairing.list_id)
    answered = getattr(line.pairing, f"{side}_answer") == "accepted"
    address = "" if answered else _pairing_link(session, settings, line, side)
    for guest in guests:
        yield Plan(
            kind="pairing_list",
            key=f"{line.id}-{side}",
            recipient=guest,
            context=event_words(event) | meeting_words(event, line, side) | {"answer": address},
            link=MINE,
            calendar=_meeting_file(settings, event, line, side, guest, told_by=row),
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


def _meeting_file(
    settings: Settings,
    event: Event,
    line: PairingLine,
    side: Side,
    guest: Recipient,
    *,
    told_by: PairingList,
    cancelled: bool = False,
) -> bytes | None:
    slot = line.pairing.slot
    if slot is None:
        return None
    words = meeting_words(event, line, side)
    return calendar_file(
        settings,
        uid=f"event-{event.id}-need-{line.need.id}-achievement-{line.achievement.id}",
        event=event,
        title=f"一对一洽谈：{words['theirs']}",
        starts_at=slot_start(event, slot),
        ends_at=slot_start(event, slot + 1),
        guest=guest,
        description=f"{event.title}；对方：{words['partner']}",
        place=f"{line.pairing.table_number} 号桌",
        sequence=meeting_sequence(event, told_by),
        cancelled=cancelled,
    )


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
        "guest": line.enterprise.name if message.side == "need" else (line.seat.name if line.seat else ""),
        "answer": ANSWERS.get(said, said),
        "note": line.pairing.answer_note,
        "what": f"与“{line.achievement.title if message.side == 'need' else line.need.title}”的洽谈",
    }
    key = f"pairing-{line.id}-{line.pairing.version}"
    return to_organisers(session, event, context, key=key, link=f"/events/{event.id}/pairing")


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
