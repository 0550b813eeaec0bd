"""What the front page tells anyone: the campaign, its next events, and counts."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import SUPPLY_KINDS, ApprovalState, EventState
from matchmaker.store.tables import Event, Organisation, Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingEvent:
    """An event that is open, with its theme."""

    event: Event
    theme: str


def coming_events(session: Session, *, today: date, most: int = 4) -> list[ComingEvent]:
    """Return the next events that the organiser has announced."""
    rows = session.execute(
        select(Event, func.coalesce(Theme.name, ""))
        .outerjoin(Theme, Theme.id == Event.theme_id)
        .where(Event.status == EventState.OPEN, Event.held_on >= today)
        .order_by(Event.held_on, Event.id)
        .limit(most)
    )
    return [ComingEvent(event=event, theme=theme) for event, theme in rows]


def supply_organisations(session: Session) -> int:
    """Return how many universities and institutes take part, a university's own colleges apart."""
    wanted = select(func.count()).where(
        Organisation.kind.in_(SUPPLY_KINDS),
        Organisation.parent_id.is_(None),
        Organisation.status == ApprovalState.APPROVED,
    )
    return session.scalar(wanted) or 0
