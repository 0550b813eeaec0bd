"""The log of what became of one thing, as a page tells it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.store.tables import StateChange, User


def history_of(session: Session, kind: str, subject_id: int) -> list[tuple[datetime, str, str, str]]:
    """Return (when, to which state, why, by whom) of every change, the last one first."""
    query = (
        select(StateChange.at, StateChange.to_state, StateChange.reason, User.name)
        .outerjoin(User, User.id == StateChange.user_id)
        .where(StateChange.subject_kind == kind, StateChange.subject_id == subject_id)
        .order_by(StateChange.id.desc())
    )
    return [(at, to, reason, who or "系统") for at, to, reason, who in session.execute(query)]
