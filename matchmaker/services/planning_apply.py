"""From the proposal to the calendar: planned events become drafts with all that belongs on their tables."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.plan_settings import PlanSettings, settings_from_json
from matchmaker.domain.plan_state import PlanState
from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY, Disclosure, EventState, MatchState
from matchmaker.errors import WrongState
from matchmaker.services.planning import plan_of
from matchmaker.store.queries.plans import plan_events, plan_items
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Event,
    EventItem,
    EventItemRemoved,
    Match,
    Plan,
    PlanEvent,
    StateChange,
)

MOST_TABLES = 40
PLANNED = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How many drafts were made, moved to another day or hall, given another table, and called off."""

    made: int
    moved: int
    changed: int
    gone: int


def apply_plan(session: Session, actor: Actor, *, plan_id: int) -> Applied:
    """Write the plan into the calendar; a second time it changes nothing.

    New events become drafts. Drafts that an earlier version made follow their new day and table, and
    those that are in no event any more are called off. What was put on a table by hand stays, what was
    taken off by hand stays away. Events that were opened to guests stay as they are.
    """
    plan = plan_of(session, actor, plan_id)
    session.refresh(plan, with_for_update=True)
    if plan.status is PlanState.APPLIED:
        return Applied(made=0, moved=0, changed=0, gone=0)
    if plan.status is not PlanState.KEPT:
        raise WrongState("请先采用这一版规划，再写入活动日程。")
    settings = settings_from_json(plan.settings)
    rows = plan_events(session, plan.id)
    gone = _call_off(session, actor, plan, rows)
    moved = sum(_follow(session, row, settings.starts_at) for row in rows)
    fresh = [row for row in rows if row.event_id is None]
    drafts = [row for row in rows if row.event_id is not None and _draft(session, row) is not None]
    for row in fresh:
        _make_event(session, plan, row, settings)
    session.flush()  # the items need the ids of the new events
    _fill_tables(session, plan, fresh)
    changed = _fill_tables(session, plan, drafts)
    plan.status, plan.applied_at = PlanState.APPLIED, clock.now()
    return Applied(made=len(fresh), moved=moved, changed=changed, gone=gone)


def _make_event(session: Session, plan: Plan, row: PlanEvent, settings: PlanSettings) -> None:
    halls = {venue.name: venue for venue in settings.venues}
    hall = halls.get(row.venue)
    event = Event(
        campaign_id=plan.campaign_id,
        theme_id=row.theme_id,
        kind="themed",
        title=row.title,
        status=EventState.DRAFT,
        held_on=row.held_on,
        starts_at=clock.from_local(row.held_on, settings.starts_at.hour, settings.starts_at.minute),
        venue=row.venue,
        town=row.town,
        capacity=hall.capacity if hall else row.size,
        tables=max(1, min(MOST_TABLES, settings.experts_per_event or 1)),
        created_at=clock.now(),
    )
    session.add(event)
    session.flush()  # the planned event remembers which event it became
    row.event_id = event.id


def _follow(session: Session, row: PlanEvent, starts_at: time) -> bool:
    """Bring a draft to the day, hall and title of the plan; return whether day or hall changed."""
    event = _draft(session, row)
    if event is None:
        return False
    event.title, event.theme_id = row.title, row.theme_id
    if (event.held_on, event.venue) == (row.held_on, row.venue):
        return False
    event.held_on, event.venue, event.town = row.held_on, row.venue, row.town
    event.starts_at = clock.from_local(row.held_on, starts_at.hour, starts_at.minute)
    return True


def _draft(session: Session, row: PlanEvent) -> Event | None:
    """Return the event of a planned event while it is a draft: only that follows the plan."""
    event = session.get(Event, row.event_id) if row.event_id is not None else None
    return event if event is not None and event.status is EventState.DRAFT else None


def _call_off(session: Session, actor: Actor, plan: Plan, rows: Sequence[PlanEvent]) -> int:
    """Call off drafts of earlier versions that this one has no place for."""
    kept = {row.event_id for row in rows}
    older = session.scalars(
        select(Event)
        .join(PlanEvent, PlanEvent.event_id == Event.id)
        .join(Plan, Plan.id == PlanEvent.plan_id)
        .where(Plan.campaign_id == plan.campaign_id, Event.status == EventState.DRAFT)
        .distinct()
    )
    gone = [event for event in older if event.id not in kept]
    for event in gone:
        event.status = EventState.CANCELLED
        session.add(
            StateChange(
                subject_kind="event",
                subject_id=event.id,
                from_state=EventState.DRAFT.value,
                to_state=EventState.CANCELLED.value,
                reason=f"第 {plan.number} 版规划不再安排这一场",
                user_id=actor.user_id,
                at=clock.now(),
            )
        )
    return len(gone)


def _fill_tables(session: Session, plan: Plan, rows: Sequence[PlanEvent]) -> int:
    """Bring the tables of events to their needs and to what the invited experts have for them.

    Returns how many tables that changed.
    """
    needs = plan_items(session, plan.id, "need")
    experts = plan_items(session, plan.id, "expert")
    changed = 0
    for row in rows:
        need_ids = [item.subject_id for item in needs.get(row.id, ())]
        person_ids = [item.subject_id for item in experts.get(row.id, ())]
        planned = {("need", key) for key in need_ids}
        planned |= {("achievement", key) for key in _brought(session, need_ids, person_ids)}
        changed += _bring_to(session, row, planned)
    return changed


def _brought(session: Session, need_ids: Sequence[int], person_ids: Sequence[int]) -> Sequence[int]:
    """Return the achievements that some experts have for some needs."""
    return session.scalars(
        select(Match.achievement_id)
        .join(AchievementPerson, AchievementPerson.achievement_id == Match.achievement_id)
        .join(Achievement, Achievement.id == Match.achievement_id)
        .where(
            Match.need_id.in_(need_ids),
            Match.current,
            Match.status != MatchState.REJECTED,
            AchievementPerson.person_id.in_(person_ids),
            Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY),
            Achievement.disclosure != Disclosure.INTERNAL,
        )
        .distinct()
    ).all()


def _bring_to(session: Session, row: PlanEvent, planned: AbstractSet[tuple[str, int]]) -> bool:
    """Add to a table what is planned and take off what only an earlier version had planned."""
    items = session.scalars(select(EventItem).where(EventItem.event_id == row.event_id)).all()
    there = {(item.subject_kind, item.subject_id) for item in items}
    taken_off = session.execute(
        select(EventItemRemoved.subject_kind, EventItemRemoved.subject_id).where(
            EventItemRemoved.event_id == row.event_id
        )
    )
    missing = planned - there - {(kind, key) for kind, key in taken_off}
    gone = [
        item
        for item in items
        if item.added_by == PLANNED and (item.subject_kind, item.subject_id) not in planned
    ]
    for item in gone:
        session.delete(item)
    session.add_all(
        EventItem(event_id=row.event_id, subject_kind=kind, subject_id=key, added_by=PLANNED)
        for kind, key in sorted(missing, key=lambda thing: (thing[0] != "need", thing[1]))
    )
    return bool(missing or gone)
