"""The pauses of an event and the orders of its meetings, as they are now."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import Day, DayRules, OrderKey, Pause, rules_of
from matchmaker.store.queries.pairings import seats_of, standing_list_ids
from matchmaker.store.tables import Event, EventPause, MeetingOrder, Need, Organisation, PairingList


def day_of(event: Event, *, slots: int | None = None) -> Day:
    """Return when an event's meetings may be; a version may have other slots than the event."""
    begins = clock.local(event.starts_at)
    return Day(
        begins=60 * begins.hour + begins.minute, slot_minutes=event.slot_minutes, slots=slots or event.slots
    )


def pause_rows(session: Session, event_id: int) -> list[EventPause]:
    """Return an event's pauses as stored, the earliest first."""
    rows = select(EventPause).where(EventPause.event_id == event_id).order_by(EventPause.begins)
    return list(session.scalars(rows))


def pauses_of(session: Session, event_id: int) -> list[Pause]:
    """Return an event's pauses, the earliest first."""
    return [pause for _row, pause in pauses_with_rows(session, event_id)]


def pauses_with_rows(session: Session, event_id: int) -> list[tuple[EventPause, Pause]]:
    """Return the same with the rows that hold them."""
    rows = pause_rows(session, event_id)
    return [(row, Pause(name=row.name, begins=row.begins, ends=row.ends)) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An order with what it is called: the earlier meeting and the later one in words."""

    row: MeetingOrder
    key: OrderKey
    earlier: str
    later: str


def order_lines(session: Session, event_id: int) -> list[OrderLine]:
    """Return the orders of an event's meetings; those of which nobody can come to one are left out."""
    rows = session.scalars(
        select(MeetingOrder).where(MeetingOrder.event_id == event_id).order_by(MeetingOrder.id)
    ).all()
    seats = seats_of(
        session, {key for row in rows for key in (row.earlier_achievement_id, row.later_achievement_id)}
    )
    firms = firms_of(session, {key for row in rows for key in (row.earlier_need_id, row.later_need_id)})
    return [
        OrderLine(
            row=row,
            key=((row.earlier_need_id, earlier.key), (row.later_need_id, later.key)),
            earlier=f"{firms[row.earlier_need_id]} × {earlier.name}",
            later=f"{firms[row.later_need_id]} × {later.name}",
        )
        for row in rows
        if (earlier := seats.get(row.earlier_achievement_id))
        and (later := seats.get(row.later_achievement_id))
    ]


def firms_of(session: Session, need_ids: Iterable[int]) -> dict[int, str]:
    """Return need id → the name of its firm."""
    rows = session.execute(
        select(Need.id, Organisation.name)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(Need.id.in_(sorted(set(need_ids))))
    )
    return {row.id: row.name for row in rows}


def pauses_told(session: Session, events: Iterable[Event]) -> dict[int, DayRules]:
    """Return event id → the pauses guests are told: those of the list that holds, else the event's."""
    day_by_event = {event.id: day_of(event) for event in events}
    listed = select(PairingList.event_id, PairingList.day).where(
        PairingList.id.in_(standing_list_ids(session)), PairingList.event_id.in_(day_by_event)
    )
    told = {event_id: DayRules.of_json(kept or {}) for event_id, kept in session.execute(listed)}
    rows: dict[int, list[Pause]] = {}
    for row in session.scalars(select(EventPause).where(EventPause.event_id.in_(day_by_event.keys() - told))):
        rows.setdefault(row.event_id, []).append(Pause(name=row.name, begins=row.begins, ends=row.ends))
    return {
        event_id: told.get(event_id) or rules_of(rows.get(event_id, ()), day, ())
        for event_id, day in day_by_event.items()
    }


def rules_now(session: Session, event: Event, *, slots: int | None = None) -> DayRules:
    """Return what a draw under so many slots must keep to."""
    orders = [line.key for line in order_lines(session, event.id)]
    return rules_of(pauses_of(session, event.id), day_of(event, slots=slots), orders)
