"""Plans of the campaign: asked for, stopped, compared, kept, and edited by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.plan import Venue
from matchmaker.domain.plan_change import Change, Standing, plan_changes
from matchmaker.domain.plan_settings import (
    PlanSettings,
    check_settings,
    settings_from_json,
    settings_to_json,
)
from matchmaker.domain.plan_state import STANDING, WORKED_ON, PlanMode, PlanState
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.campaigns import campaign_for_new_event
from matchmaker.services.planning_topics import Topic, topic_from_json, topic_to_json
from matchmaker.store.engine import one_at_a_time
from matchmaker.store.queries import plans as queries
from matchmaker.store.tables import Campaign, Event, Plan, PlanEvent

_USUAL_NEEDS, _FEW_NEEDS = 10, 200
_FIRST_HALL = Venue(name="县会议中心", place="", capacity=100)


def plan_of(session: Session, actor: Actor, plan_id: int) -> Plan:
    """Return a plan for somebody who organises. Raises NotAllowed, NotFound."""
    if not actor.organises:
        raise NotAllowed()
    row = session.get(Plan, plan_id)
    if row is None:
        raise NotFound()
    return row


def planned_event(session: Session, actor: Actor, plan_id: int, number: int) -> PlanEvent:
    """Return an event of a plan. Raises NotAllowed, NotFound."""
    plan_of(session, actor, plan_id)
    row = session.scalars(
        select(PlanEvent).where(PlanEvent.plan_id == plan_id, PlanEvent.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row


def usual_settings(session: Session, campaign: Campaign | None) -> PlanSettings:
    """Return what the form starts with: the newest plan's settings, else what campaign and events say."""
    latest = queries.plans_of(session, campaign.id, most=1) if campaign else []
    if latest:
        return settings_from_json(latest[0].settings)
    today = clock.today()
    first = max(today + timedelta(days=7), campaign.starts_on if campaign else today)
    last = campaign.ends_on if campaign and campaign.ends_on > first else first + timedelta(days=99)
    needs = len(queries.needs_to_plan(session))
    target = campaign.target_events if campaign else 100
    return PlanSettings(
        from_day=first,
        to_day=last,
        events=max(1, min(target or 100, -(-needs // _USUAL_NEEDS))),
        least_needs=3 if needs < _FEW_NEEDS else 6,
        venues=_halls_used(session) or (_FIRST_HALL,),
    )


def _halls_used(session: Session) -> tuple[Venue, ...]:
    rows = session.execute(
        select(Event.venue, Event.town, Event.capacity).where(Event.venue != "").order_by(Event.id.desc())
    )
    halls: dict[str, Venue] = {}
    for name, town, capacity in rows:
        halls.setdefault(name, Venue(name=name, place=town, capacity=capacity))
    return tuple(halls.values())[:20]


def ask_for_plan(
    session: Session,
    actor: Actor,
    settings: PlanSettings,
    *,
    mode: PlanMode = PlanMode.WHOLE,
    base_id: int | None = None,
    campaign_id: int | None = None,
    topics: Sequence[Topic] = (),
    split: frozenset[str] = frozenset(),
    pins: Mapping[int, date] | None = None,
    note: str = "",
) -> Plan:
    """Put a plan in line for the background. Raises InvalidInput, WrongState while another is worked on.

    It is of the campaign of its base, else of the one named, else of the newest. `split` names topics to be
    split in two, `pins` the days that events of the base must have.
    """
    if not actor.organises:
        raise NotAllowed()
    problems = check_settings(settings)
    if problems:
        raise InvalidInput(problems)
    # of a plan made before the next campaign was begun the new version is of its own campaign
    base = session.get_one(Plan, base_id) if base_id is not None else None
    if base is not None:
        campaign_id = base.campaign_id
    elif campaign_id is None:
        campaign_id = campaign_for_new_event(session).id
    one_at_a_time(session, f"plans-{campaign_id}")
    if any(plan.status in WORKED_ON for plan in queries.plans_of(session, campaign_id)):
        raise WrongState("有一份规划正在计算，请等它完成或先停止它。")
    row = Plan(
        campaign_id=campaign_id,
        number=queries.next_number(session, campaign_id),
        base_id=base_id,
        status=PlanState.WAITING,
        mode=mode,
        note=note,
        settings=settings_to_json(settings)
        | {"pins": {str(number): day.isoformat() for number, day in (pins or {}).items()}},
        topics=[topic_to_json(topic) | {"split": topic.key in split} for topic in topics],
        result={},
        progress={},
        created_by_id=actor.user_id,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()  # the page of the new plan needs its id
    return row


def replan(
    session: Session,
    actor: Actor,
    *,
    plan_id: int,
    mode: PlanMode = PlanMode.DAYS,
    settings: PlanSettings | None = None,
    pins: Mapping[int, date] | None = None,
    note: str = "",
) -> Plan:
    """Ask for a version that changes this one as little as possible (DAYS), or groups its needs anew."""
    base = plan_of(session, actor, plan_id)
    if base.status not in STANDING:
        raise WrongState("只能在已采用的规划上重排。请先采用这一版，或回到已采用的一版。")
    topics = [topic_from_json(told) for told in base.topics] if mode is not PlanMode.WHOLE else []
    wanted = settings or settings_from_json(base.settings)
    return ask_for_plan(
        session, actor, wanted, mode=mode, base_id=base.id, topics=topics, pins=pins, note=note
    )


def cancel_plan(session: Session, actor: Actor, *, plan_id: int) -> bool:
    """Stop the work on a plan; return False when it had ended already."""
    row = plan_of(session, actor, plan_id)
    if row.status not in WORKED_ON:
        return False
    row.status, row.ended_at, row.note = PlanState.CANCELLED, clock.now(), "已停止。"
    return True


def keep_plan(session: Session, actor: Actor, *, plan_id: int) -> bool:
    """Make a finished plan the proposal that stands; return False when it is already. Raises WrongState."""
    row = plan_of(session, actor, plan_id)
    if row.status in STANDING:
        return False
    if row.status is not PlanState.READY:
        raise WrongState("只有算好的规划可以采用。")
    standing = queries.standing_plan(session, row.campaign_id)
    if standing is not None and standing.id != row.base_id:
        raise WrongState("这一版是在较早的规划上重排的，那一版后来又改过。请在现在的规划上重新规划。")
    if standing is not None:
        standing.status = PlanState.REPLACED
    row.status = PlanState.KEPT
    session.flush()  # whoever applies it in the same transaction reads it again
    return True


def drop_plan(session: Session, actor: Actor, *, plan_id: int) -> bool:
    """Put a finished plan aside; return False when it is already. Raises WrongState for one that stands."""
    row = plan_of(session, actor, plan_id)
    if row.status is PlanState.DROPPED:
        return False
    if row.status not in (PlanState.READY, PlanState.FAILED, PlanState.CANCELLED):
        raise WrongState("正在计算或已采用的规划不能放弃。")
    row.status = PlanState.DROPPED
    return True


def editable_event(session: Session, actor: Actor, *, plan_id: int, number: int) -> PlanEvent:
    """Return an event of the standing plan, for a change by hand; an applied plan has to be applied again.

    Raises WrongState for another version, or when the event was opened to guests meanwhile.
    """
    plan = plan_of(session, actor, plan_id)
    row = planned_event(session, actor, plan_id, number)
    if plan.status not in STANDING:
        raise WrongState("这一版规划没有采用或已被替换，不能再改。")
    event = session.get(Event, row.event_id) if row.event_id is not None else None
    if event is not None and event.status.value != "draft":
        raise WrongState("这场活动已经发布，请在活动页修改日期，受邀的人会得到通知。")
    plan.status = PlanState.KEPT
    return row


def set_pin(session: Session, actor: Actor, *, plan_id: int, number: int, pinned: bool) -> None:
    """Hold an event on its day in every re-plan, or let it go."""
    editable_event(session, actor, plan_id=plan_id, number=number).pinned = pinned


def close_day(session: Session, actor: Actor, *, plan_id: int, number: int, day: date) -> None:
    """Say that an event may not have a day; a re-plan finds it another. Raises InvalidInput for a pin."""
    row = editable_event(session, actor, plan_id=plan_id, number=number)
    if row.pinned and row.held_on == day:
        message = "这场活动固定在这一天：请先取消固定。"
        raise InvalidInput([Problem(field="closed_day", code="pinned", message=message)])
    row.closed = sorted({*row.closed, day.isoformat()})


def open_days(session: Session, actor: Actor, *, plan_id: int, number: int) -> None:
    """Take back every day that was closed to an event."""
    editable_event(session, actor, plan_id=plan_id, number=number).closed = []


def rename_event(session: Session, actor: Actor, *, plan_id: int, number: int, title: str) -> None:
    """Give a planned event another title. Raises InvalidInput."""
    row = editable_event(session, actor, plan_id=plan_id, number=number)
    if not 1 <= len(title.strip()) <= 120:
        message = "请填写活动名称，最多 120 个字。"
        raise InvalidInput([Problem(field="title", code="missing", message=message)])
    row.title = title.strip()


def forbid_day(session: Session, actor: Actor, *, plan_id: int, day: date) -> Plan:
    """Ask for a version without events on a day, all else changed as little as possible."""
    plan = plan_of(session, actor, plan_id)
    settings = settings_from_json(plan.settings)
    closed = replace(settings, closed=settings.closed | {day}, worked=settings.worked - {day})
    note = f"{day} 不办活动"
    return replan(session, actor, plan_id=plan_id, settings=closed, note=note)


def changes_of(session: Session, plan: Plan) -> list[Change]:
    """Return what a plan changes in the version it is based on; nothing for one without."""
    if plan.base_id is None:
        return []
    return plan_changes(standing_events(session, plan.base_id), standing_events(session, plan.id))


def standing_events(session: Session, plan_id: int) -> list[Standing]:
    """Return a plan's events with the needs and experts of each."""
    needs = queries.plan_items(session, plan_id, "need")
    experts = queries.plan_items(session, plan_id, "expert")
    return [
        Standing(
            number=row.number,
            title=row.title,
            day=row.held_on,
            venue=row.venue,
            need_ids=frozenset(item.subject_id for item in needs.get(row.id, ())),
            expert_ids=frozenset(item.subject_id for item in experts.get(row.id, ())),
        )
        for row in queries.plan_events(session, plan_id)
    ]
