"""Organisers enter what the day asks of the timetable: pauses, and meetings that come before others.

What is entered counts from the next draw on; every version keeps the pauses and orders that it was
drawn under.
"""

from collections.abc import Iterator
from datetime import time

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import DayRules, MeetingKey, OrderKey, Pause, check_pause, circle_in
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services.pairing_lists import open_event
from matchmaker.store.engine import one_at_a_time
from matchmaker.store.queries.day_rules import day_of, firms_of, order_lines, pauses_of
from matchmaker.store.queries.pairings import Seat, seats_of
from matchmaker.store.tables import EventPause, MeetingOrder

PairKey = tuple[int, int]
"""(need id, achievement id) of a meeting, as the list names it."""


def add_pause(
    session: Session, actor: Actor, *, event_id: int, name: str, begins: time | None, ends: time | None
) -> EventPause:
    """Add a part of the day in which nobody meets. Raises InvalidInput, WrongState."""
    event = open_event(session, actor, event_id)
    one_at_a_time(session, f"day-{event_id}")
    if begins is None or ends is None:
        message = "请填写从几点到几点，如 12:00 到 13:00。"
        raise InvalidInput([Problem(field="begins", code="missing", message=message)])
    pause = Pause(
        name=" ".join(name.split()),
        begins=60 * begins.hour + begins.minute,
        ends=60 * ends.hour + ends.minute,
    )
    problems = check_pause(pause, pauses_of(session, event_id), day_of(event))
    if problems:
        raise InvalidInput(problems)
    row = EventPause(event_id=event_id, name=pause.name, begins=pause.begins, ends=pause.ends)
    session.add(row)
    session.flush()  # the page names it by its id
    return row


def drop_pause(session: Session, actor: Actor, *, event_id: int, pause_id: int) -> str:
    """Take a pause away and return its name. Raises NotFound."""
    open_event(session, actor, event_id)
    row = session.get(EventPause, pause_id)
    if row is None or row.event_id != event_id:
        raise NotFound()
    session.delete(row)
    return row.name


def add_order(
    session: Session, actor: Actor, *, event_id: int, earlier: PairKey | None, later: PairKey | None
) -> MeetingOrder:
    """Put one meeting before another; saying it twice is saying it once.

    Raises InvalidInput for a meeting before itself and for orders that go round in a circle, with the
    meetings that do; NotFound.
    """
    open_event(session, actor, event_id)
    one_at_a_time(session, f"day-{event_id}")
    if earlier is None or later is None:
        raise _refused("请选择先谈的一场和后谈的一场。")
    seats = seats_of(session, {earlier[1], later[1]})
    if not {earlier[1], later[1]} <= seats.keys():
        raise NotFound()
    key = (_meeting(earlier, seats), _meeting(later, seats))
    own_names = _names(session, key, seats)
    if key[0] == key[1]:
        raise _refused("一场洽谈不能排在它自己之前，请选两场不同的洽谈。")
    lines = order_lines(session, event_id)
    known = next((line.row for line in lines if line.key == key), None)
    if known is not None:
        return known
    circle = circle_in([*(line.key for line in lines), key])
    if circle:
        names = {line.key[0]: line.earlier for line in lines} | {line.key[1]: line.later for line in lines}
        told = "” → “".join((names | own_names)[one] for one in circle)
        raise _refused(f"先后绕成了一圈：“{told}”，没有一种顺序能满足，请先取消其中一条。")
    row = MeetingOrder(
        event_id=event_id,
        earlier_need_id=earlier[0],
        earlier_achievement_id=earlier[1],
        later_need_id=later[0],
        later_achievement_id=later[1],
        user_id=actor.user_id,
        at=clock.now(),
    )
    session.add(row)
    session.flush()  # the page names it by its id
    return row


def _refused(message: str) -> InvalidInput:
    return InvalidInput([Problem(field="order", code="order", message=message)])


def _meeting(pair: PairKey, seats: dict[int, Seat]) -> MeetingKey:
    return pair[0], seats[pair[1]].key


def _names(session: Session, key: OrderKey, seats: dict[int, Seat]) -> dict[MeetingKey, str]:
    firms = firms_of(session, {need_id for need_id, _ in key})
    people = {seat.key: seat.name for seat in seats.values()}
    if len(firms) < len({need_id for need_id, _ in key}):
        raise NotFound()
    return {(need_id, expert): f"{firms[need_id]} × {people[expert]}" for need_id, expert in key}


def drop_order(session: Session, actor: Actor, *, event_id: int, order_id: int) -> None:
    """Take an order of two meetings away. Raises NotFound."""
    open_event(session, actor, event_id)
    row = session.get(MeetingOrder, order_id)
    if row is None or row.event_id != event_id:
        raise NotFound()
    session.delete(row)


def changes_of_day(
    before: DayRules, now: DayRules, names: dict[MeetingKey, str]
) -> Iterator[tuple[bool, str]]:
    """Yield (whether it is new, what) for each pause and order that two sets of rules do not share."""
    old, new = ({pause for pause, _slots in rules.pauses} for rules in (before, now))
    yield from ((True, pause.words) for pause in sorted(new - old, key=lambda one: one.begins))
    yield from ((False, pause.words) for pause in sorted(old - new, key=lambda one: one.begins))
    for is_new, orders in (
        (True, set(now.orders) - set(before.orders)),
        (False, set(before.orders) - set(now.orders)),
    ):
        for earlier, later in sorted(orders):
            yield is_new, f"“{names.get(earlier, '?')}”先于“{names.get(later, '?')}”"
