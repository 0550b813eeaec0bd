"""A planned event dragged to another day: what would follow is told before anything is saved."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.plan import Busy, Figures, PlanAnswer, PlanQuestion, Slot
from matchmaker.domain.plan import PlanEvent as PlannedEvent
from matchmaker.domain.plan_check import check_days
from matchmaker.domain.plan_settings import settings_from_json
from matchmaker.domain.problems import Problem
from matchmaker.domain.workdays import week_of
from matchmaker.errors import InvalidInput
from matchmaker.services.planning import editable_event, plan_of, planned_event
from matchmaker.services.planning_question import rules_of
from matchmaker.store.queries.plans import events_between, plan_events, plan_items
from matchmaker.store.tables import Need, Person, Plan, PlanEvent, PlanItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An event's day as it would be: the rules it would break, the experts who could not come.

    `shut`: no event may be on that day, whatever becomes of the others.
    """

    event: PlanEvent
    day: date
    venue: str
    broken: tuple[str, ...]
    absent: tuple[tuple[int, str], ...]
    shut: bool

    @property
    def allowed(self) -> bool:
        """Whether it can be saved as it is."""
        return not self.broken


def preview_move(session: Session, actor: Actor, *, plan_id: int, number: int, day: date) -> Move:
    """Return what moving an event to a day would mean. Changes nothing. Raises NotFound."""
    row = planned_event(session, actor, plan_id, number)
    plan = plan_of(session, actor, plan_id)
    question, answer = _as_it_stands(session, plan)
    before = {problem.message for problem in check_days(question, answer)}
    venue = _hall_on(question, answer, row, day)
    moved = tuple(
        Slot(number=number, day=day, venue=venue) if slot.number == number else slot for slot in answer.slots
    )
    events = tuple(
        replace(event, pinned_on=None) if event.number == number else event for event in answer.events
    )
    after = check_days(question, replace(answer, slots=moved, events=events))
    return Move(
        event=row,
        day=day,
        venue=venue,
        broken=tuple(problem.message for problem in after if problem.message not in before),
        absent=_absent(session, plan, row, day),
        shut=day not in question.rules.days,
    )


def preview_week(session: Session, actor: Actor, *, plan_id: int, number: int, monday: date) -> Move | None:
    """Return a move into a week: to the first day that breaks no rule, its own weekday before all others.

    Where every day breaks one, its own weekday or the first day is told of; None when no day is open.
    """
    row = planned_event(session, actor, plan_id, number)
    rules = rules_of(settings_from_json(plan_of(session, actor, plan_id).settings))
    week = sorted(
        (day for day in rules.days if week_of(day) == week_of(monday)),
        key=lambda day: (day.weekday() != row.held_on.weekday(), day),
    )
    moves = [preview_move(session, actor, plan_id=plan_id, number=number, day=day) for day in week]
    return next((move for move in moves if move.allowed), moves[0] if moves else None)


def save_move(session: Session, actor: Actor, *, plan_id: int, number: int, day: date) -> Move:
    """Move an event, pin it there, let go who cannot come. Raises InvalidInput where a rule would break."""
    row = editable_event(session, actor, plan_id=plan_id, number=number)
    move = preview_move(session, actor, plan_id=plan_id, number=number, day=day)
    if not move.allowed:
        raise InvalidInput([Problem(field="day", code="broken", message=words) for words in move.broken])
    row.held_on, row.venue, row.pinned = day, move.venue, True
    absent = {person_id for person_id, _ in move.absent}
    for item in plan_items(session, plan_id, "expert").get(row.id, ()):
        if item.subject_id in absent:
            session.delete(item)
    return move


def _as_it_stands(session: Session, plan: Plan) -> tuple[PlanQuestion, PlanAnswer]:
    settings, rows = settings_from_json(plan.settings), plan_events(session, plan.id)
    firms = _firms(session, plan.id)
    events = tuple(
        PlannedEvent(
            number=row.number,
            topic=row.topic,
            city=row.city,
            place=row.town,
            need_ids=(),
            firm_ids=firms.get(row.id, frozenset()),
            size=row.size,
            closed=frozenset(date.fromisoformat(day) for day in row.closed),
        )
        for row in rows
    )
    ours = {row.event_id for row in rows}
    busy = tuple(
        Busy(day=event.held_on, venue=event.venue)
        for event in events_between(session, settings.from_day, settings.to_day)
        if event.id not in ours
    )
    slots = tuple(Slot(number=row.number, day=row.held_on, venue=row.venue) for row in rows)
    return (
        PlanQuestion(rules=rules_of(settings), needs=(), venues=settings.venues, busy=busy),
        PlanAnswer(events=events, slots=slots, seats=(), left_out=(), figures=Figures()),
    )


def _firms(session: Session, plan_id: int) -> dict[int, frozenset[int]]:
    rows = session.execute(
        select(PlanItem.plan_event_id, Need.organisation_id)
        .join(Need, Need.id == PlanItem.subject_id)
        .where(PlanItem.plan_id == plan_id, PlanItem.subject_kind == "need")
    )
    found: dict[int, set[int]] = defaultdict(set)
    for event_id, firm in rows:
        if event_id is not None:
            found[event_id].add(firm)
    return {key: frozenset(own) for key, own in found.items()}


def _hall_on(question: PlanQuestion, answer: PlanAnswer, row: PlanEvent, day: date) -> str:
    """Return the event's own hall when it is free, else the smallest free one that fits, else its own."""
    taken = {slot.venue for slot in answer.slots if slot.day == day and slot.number != row.number}
    taken |= {busy.venue for busy in question.busy if busy.day == day}
    fits = [
        venue
        for venue in question.venues
        if venue.name not in taken
        and day not in venue.closed
        and venue.capacity >= row.size
        and row.town in ("", venue.place)
    ]
    if not fits or any(venue.name == row.venue for venue in fits):
        return row.venue
    return min(fits, key=lambda venue: (venue.capacity, venue.name)).name


def _absent(session: Session, plan: Plan, row: PlanEvent, day: date) -> tuple[tuple[int, str], ...]:
    """Return (person, name) of the event's experts who are at another event that day."""
    people = session.execute(
        select(Person.id, Person.name)
        .join(PlanItem, PlanItem.subject_id == Person.id)
        .where(PlanItem.plan_event_id == row.id, PlanItem.subject_kind == "expert")
        .order_by(Person.id)
    ).all()
    elsewhere = set(
        session.scalars(
            select(PlanItem.subject_id)
            .join(PlanEvent, PlanEvent.id == PlanItem.plan_event_id)
            .where(
                PlanItem.plan_id == plan.id,
                PlanItem.subject_kind == "expert",
                PlanEvent.held_on == day,
                PlanEvent.id != row.id,
            )
        )
    )
    return tuple((key, name) for key, name in people if key in elsewhere)
