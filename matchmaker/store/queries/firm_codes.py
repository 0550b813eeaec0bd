"""The codes of firms at events."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import firm_code
from matchmaker.store.tables import EventFirm


def codes_of(session: Session, event_ids: Collection[int]) -> dict[tuple[int, int], str]:
    """Return (event id, organisation id) → the code by which the firm goes at that event."""
    rows = session.execute(
        select(EventFirm.event_id, EventFirm.organisation_id, EventFirm.number).where(
            EventFirm.event_id.in_(event_ids)
        )
    )
    return {(event_id, house): firm_code(number) for event_id, house, number in rows}
