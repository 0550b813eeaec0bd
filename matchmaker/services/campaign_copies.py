"""A campaign used again: the same targets, its events as drafts on the same working days from a new start."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EventState
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.files.workdays import china_workdays
from matchmaker.services.events import copy_pauses
from matchmaker.store.queries.plans import NOT_HELD
from matchmaker.store.tables import Campaign, Event

_COPIED = ("name", "slogan", "target_events", "target_intents", "target_contracts")
_EVENT_COPIED = (
    "theme_id", "kind", "title", "venue", "town", "capacity", "tables", "slots", "slot_minutes",
    "per_enterprise", "per_expert", "description",
)  # fmt: skip
_SPARE_DAYS = 60  # holidays in the new period may push the last events out


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCopy:
    """The new campaign and how many events were copied into it."""

    campaign_id: int
    events: int


def clone_campaign(
    session: Session, actor: Actor, *, campaign_id: int, starts_on: date | None, with_events: bool
) -> CampaignCopy:
    """Start a new campaign like an old one; new events belong to it from then on. Raises InvalidInput.

    An event on the tenth working day of the old campaign comes to the tenth of the new one, at the
    same hour. Events called off or put off are left out; guests and lists are not copied.
    """
    if not actor.organises:
        raise NotAllowed()
    old = session.get(Campaign, campaign_id)
    if old is None:
        raise NotFound()
    if starts_on is None:
        message = "请填写新一轮的开始日期，如 2027-03-01。"
        raise InvalidInput([Problem(field="starts_on", code="missing", message=message)])
    if starts_on <= old.starts_on:
        message = "新一轮要晚于这一轮的开始日期；如只是改日期，请在上面的表里改。"
        raise InvalidInput([Problem(field="starts_on", code="order", message=message)])
    fresh = Campaign(
        starts_on=starts_on,
        ends_on=starts_on + (old.ends_on - old.starts_on),
        created_at=clock.now(),
        **{name: getattr(old, name) for name in _COPIED},
    )
    session.add(fresh)
    session.flush()  # its events need the id
    return CampaignCopy(campaign_id=fresh.id, events=_copy_events(session, old, fresh) if with_events else 0)


def _copy_events(session: Session, old: Campaign, fresh: Campaign) -> int:
    rows = session.scalars(
        select(Event)
        .where(Event.campaign_id == old.id, Event.status.not_in(NOT_HELD))
        .order_by(Event.held_on, Event.id)
    ).all()
    if not rows:
        return 0
    first = min(old.starts_on, rows[0].held_on)
    before = china_workdays(first.year, rows[-1].held_on.year)
    length = (rows[-1].held_on - first).days + _SPARE_DAYS
    last = fresh.starts_on + timedelta(days=length)
    days = china_workdays(fresh.starts_on.year, last.year).workdays(fresh.starts_on, last)
    for row in rows:
        place = len(before.workdays(first, row.held_on)) - 1
        copy = _copy(row, fresh.id, days[max(0, place)])
        session.add(copy)
        session.flush()  # its pauses need the id
        copy_pauses(session, row.id, copy.id)
    return len(rows)


def _copy(row: Event, campaign_id: int, day: date) -> Event:
    began = clock.local(row.starts_at)
    return Event(
        campaign_id=campaign_id,
        status=EventState.DRAFT,
        created_at=clock.now(),
        held_on=day,
        starts_at=clock.from_local(day, began.hour, began.minute),
        **{name: getattr(row, name) for name in _EVENT_COPIED},
    )
