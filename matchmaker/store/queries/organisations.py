"""What the pages about organisations and people show."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.store.tables import Town


def town_names(session: Session) -> tuple[str, ...]:
    """Return the county's towns and streets in the bureau's order, for select fields."""
    return tuple(session.scalars(select(Town.name).order_by(Town.place, Town.id)))
