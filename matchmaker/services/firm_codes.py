"""By which code a firm goes at an event: 企业A01, for as long as the event is there."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.store.tables import EventFirm, EventItem, Need


def give_codes(session: Session, event_id: int) -> None:
    """Number the firms on an event's table that have no number yet, in the order in which they came.

    Nobody's number changes: papers with it may be printed. Twice is once.
    """
    known = set(session.scalars(select(EventFirm.organisation_id).where(EventFirm.event_id == event_id)))
    last = session.scalar(select(func.max(EventFirm.number)).where(EventFirm.event_id == event_id)) or 0
    there = session.scalars(
        select(Need.organisation_id)
        .join(EventItem, (EventItem.subject_kind == "need") & (EventItem.subject_id == Need.id))
        .where(EventItem.event_id == event_id)
        .order_by(EventItem.id)
    )
    fresh = [key for key in dict.fromkeys(there) if key not in known]
    for number, organisation_id in enumerate(fresh, last + 1):
        session.add(EventFirm(event_id=event_id, organisation_id=organisation_id, number=number))
    session.flush()  # what reads the list in this transaction names them
