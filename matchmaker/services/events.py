"""Events: planned, opened, held, put off, called off, and used again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.bus import outbox
from matchmaker.domain.day_rules import left_outside
from matchmaker.domain.messages import EventChanged
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EventState
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.campaigns import campaign_for_new_event
from matchmaker.services.moves import move
from matchmaker.store.queries.day_rules import day_of, pause_rows, pauses_of
from matchmaker.store.tables import Event, EventPause, Theme

_COPIED = ("kind", "theme_id", "venue", "town", "description")
_REASON_WANTED = frozenset({EventState.POSTPONED, EventState.CANCELLED})
_OVER = frozenset({EventState.HELD, EventState.CANCELLED})
# field → (name, least, most): the figures of the form
_FIGURES = {
    "capacity": ("可容纳人数", 1, 5000),
    "tables": ("洽谈桌数", 1, 200),
    "slots": ("时段数", 1, 40),
    "slot_minutes": ("每段分钟数", 5, 180),
    "per_enterprise": ("每家企业最多场次", 1, 40),
    "per_expert": ("每位专家最多场次", 1, 40),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """What the form says of an event; None is what could not be read. `start` is local time."""

    title: str
    kind: str
    theme_id: int | None
    held_on: date | None
    start: time | None
    venue: str
    town: str
    capacity: int | None
    tables: int | None
    slots: int | None
    slot_minutes: int | None
    per_enterprise: int | None
    per_expert: int | None
    description: str


def event_of(session: Session, event_id: int) -> Event:
    """Return an event. Raises NotFound."""
    row = session.get(Event, event_id)
    if row is None:
        raise NotFound()
    return row


def organiser_event(session: Session, actor: Actor, event_id: int) -> Event:
    """Return an event for somebody who organises. Raises NotAllowed, NotFound."""
    if not actor.organises:
        raise NotAllowed()
    return event_of(session, event_id)


def create_event(session: Session, actor: Actor, draft: EventDraft) -> Event:
    """Plan an event in the current campaign. Raises InvalidInput."""
    if not actor.organises:
        raise NotAllowed()
    _check(session, draft)
    row = Event(
        campaign_id=campaign_for_new_event(session, day=draft.held_on).id,
        status=EventState.DRAFT,
        created_at=clock.now(),
    )
    _fill(row, draft)
    session.add(row)
    session.flush()  # the page of the new event needs its id
    return row


def edit_event(session: Session, actor: Actor, draft: EventDraft, *, event_id: int, version: int) -> Event:
    """Change an event that is not over; whoever was invited is told when time or place moved.

    Raises Conflict for a stale form, WrongState for an event that is over, InvalidInput.
    """
    row = organiser_event(session, actor, event_id)
    if row.version != version:
        raise Conflict()
    if row.status in _OVER:
        raise WrongState("这场活动已经结束或取消，不能再修改。需要再办一场，请用“复制”。")
    _check(session, draft)
    before = (row.starts_at, row.venue, row.town)
    _fill(row, draft)
    with session.no_autoflush:  # what is refused is not written
        if problems := left_outside(pauses_of(session, event_id), day_of(row)):
            raise InvalidInput(problems)
    if row.status is EventState.OPEN and before != (row.starts_at, row.venue, row.town):
        outbox.record(session, actor, EventChanged(event_id=row.id, to=row.status.value))
    return row


def move_event(session: Session, actor: Actor, *, event_id: int, to: EventState, reason: str = "") -> Event:
    """Open, hold, put off or call off an event; the last two need a reason.

    Raises WrongState, InvalidInput.
    """
    row = organiser_event(session, actor, event_id)
    if to in _REASON_WANTED and not reason.strip():
        message = "请写明原因，受邀的企业和专家会看到。"
        raise InvalidInput([Problem(field="reason", code="missing", message=message)])
    if to is EventState.HELD and row.held_on > clock.today():
        raise WrongState("活动日期还没有到，不能标为已举办。请到当天或之后再办。")
    move(session, actor, "event", row, to, reason=reason.strip())
    outbox.record(session, actor, EventChanged(event_id=row.id, to=to.value))
    return row


def clone_event(session: Session, actor: Actor, *, event_id: int) -> Event:
    """Plan another event with the same venue, figures, pauses, at the same hour of the next such weekday."""
    old = organiser_event(session, actor, event_id)
    began = clock.local(old.starts_at)
    day = _next_like(old.held_on)
    row = Event(
        campaign_id=campaign_for_new_event(session, day=day).id,
        status=EventState.DRAFT,
        created_at=clock.now(),
        title=f"{old.title}（复制）"[:120],
        held_on=day,
        starts_at=clock.from_local(day, began.hour, began.minute),
        **{name: getattr(old, name) for name in (*_COPIED, *_FIGURES)},
    )
    session.add(row)
    session.flush()  # the page of the copy needs its id
    copy_pauses(session, old.id, row.id)
    return row


def copy_pauses(session: Session, from_id: int, to_id: int) -> None:
    """Give one event the pauses of another."""
    session.add_all(
        EventPause(event_id=to_id, name=row.name, begins=row.begins, ends=row.ends)
        for row in pause_rows(session, from_id)
    )


def _next_like(day: date) -> date:
    """Return the first day after today, and after `day`, that falls on the same weekday."""
    weeks = max(0, (clock.today() - day).days) // 7 + 1
    return day + timedelta(weeks=weeks)


def slot_start(event: Event, slot: int) -> datetime:
    """Return when a slot (from 1) of an event begins."""
    return event.starts_at + (slot - 1) * _length(event)


def slot_words(event: Event, slot: int | None) -> str:
    """Write a slot as wall-clock time: 14:00–14:20; "" while it has none."""
    if slot is None:
        return ""
    start = slot_start(event, slot)
    return f"{clock.local(start):%H:%M}–{clock.local(start + _length(event)):%H:%M}"


def event_end(event: Event) -> datetime:
    """Return when the last slot ends."""
    return slot_start(event, event.slots + 1)


def _length(event: Event) -> timedelta:
    return timedelta(minutes=event.slot_minutes)


def _fill(row: Event, draft: EventDraft) -> None:
    if draft.held_on is None or draft.start is None:  # pragma: no cover -- _check has seen to it
        raise ValueError("an event without day and hour")
    row.title, row.kind, row.theme_id = draft.title.strip(), draft.kind, draft.theme_id
    row.held_on = draft.held_on
    row.starts_at = clock.from_local(draft.held_on, draft.start.hour, draft.start.minute)
    row.venue, row.town, row.description = draft.venue.strip(), draft.town.strip(), draft.description.strip()
    for name in _FIGURES:
        setattr(row, name, getattr(draft, name))


def _check(session: Session, draft: EventDraft) -> None:
    problems = [*_wrong_words(session, draft), *_wrong_figures(draft)]
    if problems:
        raise InvalidInput(problems)


def _wrong_words(session: Session, draft: EventDraft) -> Iterator[Problem]:
    if not draft.title.strip():
        yield Problem(field="title", code="missing", message="请填写活动名称。")
    if len(draft.title.strip()) > 120:
        yield Problem(field="title", code="long", message="活动名称最多 120 个字，请缩短。")
    if draft.kind not in wording.labels("event_kind"):
        yield Problem(field="kind", code="unknown", message="请选择活动类型。")
    if draft.theme_id is not None and session.get(Theme, draft.theme_id) is None:
        yield Problem(field="theme_id", code="unknown", message="这个主题已不存在，请重新选择。")
    if draft.held_on is None:
        yield Problem(field="held_on", code="missing", message="请填写举办日期，如 2026-11-24。")
    if draft.start is None:
        yield Problem(field="start", code="missing", message="请填写洽谈开始时间，如 14:00。")


def _wrong_figures(draft: EventDraft) -> Iterator[Problem]:
    for name, (words, least, most) in _FIGURES.items():
        value = getattr(draft, name)
        if value is None or not least <= value <= most:
            yield Problem(field=name, code="range", message=f"{words}请填 {least} 到 {most} 之间的整数。")
